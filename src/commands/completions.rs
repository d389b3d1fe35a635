//! `composegen completions`: what a shell needs to complete commands and options.

use clap::CommandFactory;
use clap_complete::generate;

use super::{Exit, Result, terminal::Terminal};
use crate::cli::{Arguments, Shell};

/// Prints the script of a shell.
pub fn run(shell: Shell, terminal: &mut Terminal) -> Result {
    let generator = match shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Fish => clap_complete::Shell::Fish,
        Shell::Zsh => clap_complete::Shell::Zsh,
    };
    let mut script = Vec::new();
    generate(
        generator,
        &mut Arguments::command(),
        "composegen",
        &mut script,
    );
    terminal.data(&String::from_utf8_lossy(&script));
    Ok(Exit::Fine)
}
