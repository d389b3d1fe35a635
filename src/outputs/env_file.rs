//! The env files of a mode: `generated/env.NAME`, which holds what is derived from the catalog and lists the mode's
//! variables; and the lines of those variables for the file that a person fills.

use minijinja::context;

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
    let about = comment(variable);
    let mut lines: Vec<String> = wrapped(&about).map(|line| format!("# {line}")).collect();
    lines.push(match variable.is_required() {
        true => format!("{}={PLACEHOLDER}", variable.name),
        false => {
            let mut line = "#".to_owned();
            push_line(&mut line, variable);
            line
        }
    });
    lines
}

/// Writes a variable behind a text for copying: a blank line, what it is for, and its line, all of them comments.
fn push_variable(out: &mut String, variable: &ContractVariable) {
    out.push('\n');
    for line in wrapped(&comment(variable)) {
        out.push_str("# ");
        out.push_str(line);
        out.push('\n');
    }
    out.push('#');
    push_line(out, variable);
    out.push('\n');
}

fn push_line(out: &mut String, variable: &ContractVariable) {
    out.push_str(variable.name);
    out.push('=');
    if let Some(default) = variable.default() {
        out.push_str(&written(default));
    }
}

/// What a variable is for and whether it must be set, in one line.
fn comment(variable: &ContractVariable) -> String {
    let mut text = String::new();
    variable.push_description(&mut text);
    if !text.is_empty() {
        let is_sentence = text.ends_with(['.', '!', '?']);
        text.push_str(if is_sentence { " " } else { ". " });
    }
    text.push_str(match (variable.default(), variable.is_required()) {
        (Some(_), _) => "Has a default",
        (None, true) => "Required",
        (None, false) => "Optional",
    });
    let secret = variable.declared.is_secret();
    text.push_str(if secret { ", a secret." } else { "." });
    text
}

/// A line of words, cut into lines that are not too wide.
fn wrapped(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (line, rest) = text.split_at(line_end(text));
        text = rest.strip_prefix(' ').unwrap_or(rest);
        (!line.is_empty()).then_some(line)
    })
}

/// Where the words end that fit into a line; the first one stands in it however long it is.
fn line_end(text: &str) -> usize {
    if text.len() <= WIDTH {
        return text.len();
    }
    let (mut end, mut width) = (0, 0);
    for word in text.split(' ') {
        let letters = word.chars().count();
        if end > 0 && width + letters >= WIDTH {
            break;
        }
        let blank = usize::from(end > 0);
        end += blank + word.len();
        width += blank + letters;
    }
    end
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
        let variables = &plan.contract.variables;
        let mut text = self.render(
            "env_variables",
            context! { own => plan.own_env_name(), derived => derived, variables => !variables.is_empty() },
        );
        for variable in variables {
            push_variable(&mut text, variable);
        }
        text
    }
}
