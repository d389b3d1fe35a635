//! What was typed becomes `Arguments`.

use std::ffi::OsString;
use std::mem::ManuallyDrop;

use clap::{ArgMatches, Args, CommandFactory, FromArgMatches};

use super::{Arguments, Command, Common};

/// What was typed, the program's name first.
///
/// # Errors
/// It cannot be understood; or what was asked for is a help page or the version, which stand in the error too.
pub fn read(typed: &[OsString]) -> Result<Arguments, clap::Error> {
    alone(typed).map_or_else(|| among_all(typed), Ok)
}

/// Read by the description of the whole command line, with all commands and all of their help. It stays until the process
/// ends: to take it apart took as long as to read what was typed.
fn among_all(typed: &[OsString]) -> Result<Arguments, clap::Error> {
    let mut command = ManuallyDrop::new(Arguments::command());
    let mut matches = command.try_get_matches_from_mut(typed)?;
    let arguments = Arguments::from_arg_matches_mut(&mut matches);
    arguments.map_err(|error| error.format(&mut command))
}

/// Read by the description of the one command that was typed first, without help: to describe all of them takes longer
/// than to judge a small catalog. Nothing where another word comes first or anything is not as it should be; what to say
/// then, the description of all knows. Left out are `graph`, which has a `--format` of its own, and what is typed seldom.
fn alone(typed: &[OsString]) -> Option<Arguments> {
    match typed.get(1)?.to_str()? {
        "init" => only(typed, Command::Init),
        "build" => only(typed, Command::Build),
        "diff" => only(typed, Command::Diff),
        "check" => only(typed, Command::Check),
        "show" => only(typed, Command::Show),
        "list" => only(typed, Command::List),
        "budget" => only(typed, Command::Budget),
        "ports" => only(typed, Command::Ports),
        "deploy" => only(typed, Command::Deploy),
        "switch" => only(typed, Command::Switch),
        "down" => only(typed, Command::Down),
        "status" => only(typed, Command::Status),
        "rollback" => only(typed, Command::Rollback),
        "releases" => only(typed, Command::Releases),
        "validate" => only(typed, Command::Validate),
        "import" => only(typed, Command::Import),
        _ => None,
    }
}

/// Read by the description of what this command and every command takes, the command's name left out.
fn only<A: Args>(typed: &[OsString], command: fn(A) -> Command) -> Option<Arguments> {
    let described = A::augment_args(Common::augment_args(clap::Command::new("composegen")));
    let mut matches = matches(typed, described)?;
    let common = Common::from_arg_matches_mut(&mut matches).ok()?;
    let command = command(A::from_arg_matches_mut(&mut matches).ok()?);
    Some(Arguments { command, common })
}

/// What was typed behind a command's name, by this description; nothing where it does not fit.
fn matches(typed: &[OsString], described: clap::Command) -> Option<ArgMatches> {
    let words = typed.iter().take(1).chain(typed.iter().skip(2));
    ManuallyDrop::new(described)
        .try_get_matches_from_mut(words)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn one_command_alone_is_read_as_among_all() {
        for line in [
            "composegen init --yes --project shop --memory 16GiB --cpus 4",
            "composegen build",
            "composegen build --catalog c --mode test --mode prod --host nuc",
            "composegen build --mode=test --stdout --format json --color never",
            "composegen build --set influxdb=separate-instance --set a=b",
            "composegen diff test prod --summary",
            "composegen diff --against main --set a=b",
            "composegen check --staged --format sarif",
            "composegen show influxdb --mode test",
            "composegen list --host nuc",
            "composegen budget",
            "composegen ports --next 8000",
            "composegen deploy test",
            "composegen switch test",
            "composegen down test",
            "composegen status",
            "composegen rollback prod",
            "composegen releases prod",
            "composegen validate a.yml b.yml",
            "composegen import a.yml",
        ] {
            let typed = words(line);
            let alone = alone(&typed).map(|arguments| format!("{arguments:?}"));
            let among_all = among_all(&typed).map(|arguments| format!("{arguments:?}"));
            assert_eq!(alone, among_all.ok(), "{line}");
            assert!(alone.is_some(), "{line}");
        }
    }

    #[test]
    fn what_one_command_alone_does_not_know_is_told_by_all() {
        for line in [
            "composegen",
            "composegen biuld",
            "composegen --catalog c build",
            "composegen build --help",
            "composegen build -h",
            "composegen build --version",
            "composegen build --mdoe test",
            "composegen build --color green",
            "composegen build --format xml",
            "composegen build --set nothing",
            "composegen build web",
            "composegen build --host",
            "composegen build help",
            "composegen diff one",
            "composegen show",
            "composegen graph --mode prod --format svg",
            "composegen man",
            "composegen hook install",
        ] {
            assert!(alone(&words(line)).is_none(), "{line}");
        }
    }
}
