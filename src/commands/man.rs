//! `composegen man`: the manual, one page for all commands, in the language of `man`.

use std::io;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::{Exit, Failure, Result, terminal::Terminal};
use crate::cli::Arguments;

/// Prints the page.
pub fn run(terminal: &mut Terminal) -> Result {
    let page = page().map_err(|error| Failure {
        message: format!("the manual cannot be made: {error}"),
        help: None,
    })?;
    terminal.data(&page);
    Ok(Exit::Fine)
}

/// The page: the program, then each command in a section of its own.
fn page() -> io::Result<String> {
    let mut program = Arguments::command();
    program.build();
    let man = Man::new(program.clone());
    let mut page = String::new();
    page.push_str(&rendered(|out| man.render_title(out))?);
    page.push_str(&rendered(|out| man.render_name_section(out))?);
    page.push_str(&rendered(|out| man.render_synopsis_section(out))?);
    page.push_str(&rendered(|out| man.render_description_section(out))?);
    page.push_str(&rendered(|out| man.render_options_section(out))?);
    page.push_str(&examples(&rendered(|out| man.render_extra_section(out))?));
    for command in program.get_subcommands() {
        section(command, &mut page)?;
    }
    Ok(page)
}

/// A command, or the commands that it consists of.
fn section(command: &Command, page: &mut String) -> io::Result<()> {
    if command.is_hide_set() {
        return Ok(());
    }
    for inner in command.get_subcommands() {
        section(inner, page)?;
    }
    if command.has_subcommands() {
        return Ok(());
    }
    let name = command.get_bin_name().unwrap_or(command.get_name());
    let man = Man::new(command.clone());
    let body = [
        rendered(|out| man.render_synopsis_section(out))?,
        rendered(|out| man.render_description_section(out))?,
        rendered(|out| man.render_options_section(out))?,
        examples(&rendered(|out| man.render_extra_section(out))?),
    ];
    page.push_str(&format!(".SH \"{}\"\n", name.to_uppercase()));
    page.push_str(
        &body
            .concat()
            .replace("\n.SH ", "\n.SS ")
            .replacen(".SH ", ".SS ", 1),
    );
    Ok(())
}

fn rendered(render: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> io::Result<String> {
    let mut bytes = Vec::new();
    render(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Examples stand line by line, as they are typed; `man` would fill a paragraph with them.
fn examples(section: &str) -> String {
    match section.split_once(".SH EXTRA\n") {
        Some((before, body)) => format!("{before}.SH NOTES\n.nf\n{}\n.fi\n", body.trim_end()),
        None => section.to_owned(),
    }
}
