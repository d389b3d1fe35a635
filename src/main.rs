//! The program: what was typed is done, and the exit status says how it ended.

mod large_pages;

use std::process::ExitCode;

use composegen::cli::{When, as_typed, read};
use composegen::commands::terminal::Terminal;
use composegen::commands::{Exit, run};
use composegen::report::visible;
use large_pages::LargePages;

#[global_allocator]
static MEMORY: LargePages = LargePages;

fn main() -> ExitCode {
    large_pages::begin();
    let arguments = match read(&as_typed(std::env::args_os())) {
        Ok(arguments) => arguments,
        Err(answer) => return answered(&answer),
    };
    let mut terminal = Terminal::new(arguments.common.color);
    let exit = run(&arguments, &mut terminal);
    let exit = if terminal.is_broken() {
        Exit::Failed
    } else {
        exit
    };
    ExitCode::from(exit.code())
}

/// A help page, the version, or what is wrong with what was typed.
fn answered(answer: &clap::Error) -> ExitCode {
    let mut terminal = Terminal::new(When::Auto);
    let text = visible(&answer.render().to_string());
    match answer.use_stderr() {
        true => terminal.talk(&text),
        false => terminal.data(&text),
    }
    let failed = terminal.is_broken() || answer.use_stderr();
    let exit = if failed { Exit::Failed } else { Exit::Fine };
    ExitCode::from(exit.code())
}
