//! The program: what was typed is done, and the exit status says how it ended.

use std::process::ExitCode;

use clap::Parser;
use composegen::cli::Arguments;
use composegen::commands::terminal::Terminal;
use composegen::commands::{Exit, run};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut terminal = Terminal::new(arguments.common.color);
    let exit = run(&arguments, &mut terminal);
    let exit = if terminal.is_broken() {
        Exit::Failed
    } else {
        exit
    };
    ExitCode::from(exit.code())
}
