//! The env file that takes over what the project's own env files set, and the secrets that stood in its files.

use super::Mode;
use super::variables::{Declarations, Declared};
use crate::dotenv::{MADE_UP, written};
use crate::outputs::env_file::PLACEHOLDER;

/// The file's text. It is there even where nothing is to be set: what starts the mode names it.
pub fn text(declared: &Declarations, mode: &Mode) -> String {
    let lines: Vec<String> = declared
        .iter()
        .filter_map(|(name, one)| line(name, one))
        .collect();
    let head = format!(
        "# Secrets and own choices of the mode {}. This file is yours: it stays out of git, and nothing overwrites it.\n",
        mode.name
    );
    match lines.is_empty() {
        true => head,
        false => format!("{head}\n{}", lines.concat()),
    }
}

fn line(name: &str, declared: &Declared) -> Option<String> {
    let is_required = declared.default.is_none() && !declared.optional;
    match &declared.value {
        Some(value) => {
            let mark = match declared.made_up {
                true => format!("{MADE_UP}\n"),
                false => String::new(),
            };
            Some(format!("{mark}{name}={}\n", written(value)))
        }
        None if is_required => Some(format!("{name}={PLACEHOLDER}\n")),
        None => None,
    }
}
