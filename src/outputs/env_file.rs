//! The env files of a mode: `generated/env.NAME`, which holds what is derived from the catalog and lists the mode's
//! variables; and the lines of those variables for the file that a person fills.

use minijinja::{Value, context};

use super::Setting;
use super::banner::Prose;
use super::compose_file::{DIGEST, digest};
use crate::dotenv::written;
use crate::plan::Plan;
use crate::plan::contract::{ContractVariable, PROFILES};

/// What stands for a value that a person has to fill in.
pub const PLACEHOLDER: &str = "change-me";

/// The widest line of a comment, in characters.
const WIDTH: usize = 110;

/// The generated file, whole.
pub fn text(plan: &Plan, setting: &Setting) -> String {
    let prose = Prose::get();
    let body = prose.env_variables(plan);
    let mut text = super::banner::commented(&prose.env(plan, setting));
    text.push_str(DIGEST);
    text.push_str(&digest(body.as_bytes()));
    text.push('\n');
    text.push_str(&body);
    text
}

/// The names that are derived, each with its value.
pub fn derived<'p>(plan: &'p Plan) -> Vec<(&'p str, String)> {
    let mode = plan.contract.mode_variable;
    let mut derived: Vec<(&str, String)> = Vec::new();
    derived.extend(mode.map(|name| (name, plan.class.as_str().to_owned())));
    derived.push((PROFILES, plan.profiles().join(",")));
    let switches = plan.switches.iter();
    derived.extend(switches.map(|switch| (switch.name, switch.text().to_owned())));
    derived
}

/// A variable for the file that a person fills: what it is for, as comments, and its line, which is a comment as well
/// where nothing has to be filled in.
pub fn own_lines(variable: &ContractVariable) -> Vec<String> {
    let mut lines: Vec<String> = comment(variable)
        .iter()
        .map(|it| format!("# {it}"))
        .collect();
    lines.push(match variable.is_required() {
        true => format!("{}={PLACEHOLDER}", variable.name),
        false => format!("#{}", line(variable)),
    });
    lines
}

fn line(variable: &ContractVariable) -> String {
    let default = variable.default().map(written).unwrap_or_default();
    format!("{}={default}", variable.name)
}

/// What a variable is for and whether it must be set, cut into lines.
fn comment(variable: &ContractVariable) -> Vec<String> {
    let duty = match (variable.default(), variable.is_required()) {
        (Some(_), _) => "Has a default",
        (None, true) => "Required",
        (None, false) => "Optional",
    };
    let secret = match variable.declared.is_secret() {
        true => ", a secret",
        false => "",
    };
    let mut text = variable.description().unwrap_or_default();
    if !text.is_empty() {
        let end = if text.ends_with(['.', '!', '?']) {
            " "
        } else {
            ". "
        };
        text.push_str(end);
    }
    text.push_str(&format!("{duty}{secret}."));
    wrapped(&text)
}

fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

impl Prose {
    /// What stands at the head of an env file, without comment signs.
    fn env(&self, plan: &Plan, setting: &Setting) -> String {
        let again = setting.again(plan.host);
        self.render(
            "env",
            context! {
                project => plan.project.to_owned(),
                mode => plan.mode.to_owned(),
                class => plan.class.as_str(),
                host => plan.host.to_owned(),
                catalog => setting.catalog.to_owned(),
                rebuild => format!("composegen build{again}"),
                own => plan.own_env_name(),
                init => format!("composegen env init {}{again}", plan.mode),
                check => format!("composegen env check {}{again}", plan.mode),
                compose => setting.compose(plan),
            },
        )
    }

    fn env_variables(&self, plan: &Plan) -> String {
        let derived: Vec<String> = derived(plan)
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let variable = |variable: &ContractVariable| -> Value {
            context! { comment => comment(variable), line => line(variable) }
        };
        let variables: Vec<Value> = plan.contract.variables.iter().map(variable).collect();
        self.render(
            "env_variables",
            context! { own => plan.own_env_name(), derived => derived, variables => variables },
        )
    }
}
