//! The env files of a mode: `generated/env.NAME`, which holds what is derived from the catalog and lists the mode's
//! variables; and the lines of those variables for the file that a person fills.

use super::Setting;
use super::banner::{Prose, push_commented};
use super::seal::{DIGEST, digest};
use crate::dotenv::written;
use crate::plan::Plan;
use crate::plan::contract::{ContractVariable, PROFILES};

/// What stands for a value that a person has to fill in.
pub const PLACEHOLDER: &str = "change-me";

/// The widest line of a comment, in characters.
const WIDTH: usize = 110;

/// The generated file, whole.
pub fn text(plan: &Plan, setting: &Setting) -> String {
    let prose = Prose::of(plan, setting);
    let body = body(plan, &prose);
    let mut text = String::with_capacity(body.len() + 2048);
    push_commented(&mut text, &prose.env());
    text.push_str(DIGEST);
    text.push_str(&digest(body.as_bytes()));
    text.push('\n');
    text.push_str(&body);
    text
}

/// What stands below the digest.
fn body(plan: &Plan, prose: &Prose) -> String {
    let variables = &plan.contract.variables;
    let mut body = String::with_capacity(1024 + variables.len() * 192);
    body.push_str(&prose.env_variables());
    for variable in variables {
        push_variable(&mut body, variable);
    }
    body
}

/// The names that are derived, each with its value, as lines.
pub fn derived_lines(plan: &Plan) -> Vec<String> {
    let mut lines = Vec::with_capacity(2 + plan.switches.len());
    let class = plan.class.as_str();
    lines.extend(plan.contract.mode_variable.map(|name| line(name, class)));
    lines.push(line(PROFILES, &plan.profiles().join(",")));
    let switches = plan.switches.iter();
    lines.extend(switches.map(|switch| line(switch.name, switch.text())));
    lines
}

fn line(name: &str, value: &str) -> String {
    [name, "=", value].concat()
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
    let mut text = String::with_capacity(WIDTH);
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
