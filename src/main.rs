//! The program: what was typed is done, and the exit status says how it ended.

mod large_pages;

use std::ffi::OsString;
use std::mem::ManuallyDrop;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use composegen::cli::{Arguments, When, as_typed};
use composegen::commands::terminal::Terminal;
use composegen::commands::{Exit, run};
use composegen::report::visible;
use large_pages::LargePages;

#[global_allocator]
static MEMORY: LargePages = LargePages;

fn main() -> ExitCode {
    large_pages::begin();
    let arguments = match read(as_typed(std::env::args_os())) {
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

/// What was typed. The description of the command line stays until the process ends: to take it apart took as long as to
/// read what was typed.
fn read(typed: impl IntoIterator<Item = OsString>) -> Result<Arguments, clap::Error> {
    let mut command = ManuallyDrop::new(Arguments::command());
    let mut matches = command.try_get_matches_from_mut(typed)?;
    let arguments = Arguments::from_arg_matches_mut(&mut matches);
    arguments.map_err(|error| error.format(&mut command))
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
