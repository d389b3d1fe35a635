//! The manual and the completions, in the programs that read them, where they are installed.

use std::process::Command;

use crate::project::{Project, Said, finish};

/// The commands that people type, as the manual calls them.
const COMMANDS: &[&str] = &[
    "build",
    "check",
    "completions",
    "diff",
    "env check",
    "env init",
    "show",
];

fn printed(words: &[&str]) -> String {
    let said = Project::empty().run(words);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    said.out
}

/// What a program says of a file with this text; `None` where it is not installed.
fn read_by(program: &[&str], text: &str) -> Option<Said> {
    if Command::new(program[0]).arg("--version").output().is_err() {
        crate::skipped(&format!(
            "{} is not installed: what it reads of ours was not seen",
            program[0]
        ));
        return None;
    }
    let project = Project::empty();
    project.write("text", text);
    let mut command = Command::new(program[0]);
    command.args(&program[1..]).current_dir(project.root());
    Some(finish(command))
}

#[test]
fn the_manual_has_every_command_with_its_options() {
    let page = printed(&["man"]);
    assert!(page.contains(".TH composegen 1"), "{page}");
    for command in COMMANDS {
        let head = format!(".SH \"COMPOSEGEN {}\"\n", command.to_uppercase());
        assert!(page.contains(&head), "{command}");
    }
    for text in [
        "\\-\\-staged",
        "\\-\\-catalog",
        "composegen build \\-\\-mode test \\-\\-stdout",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn man_reads_the_manual_without_a_warning() {
    let page = printed(&["man"]);
    let Some(said) = read_by(&["groff", "-man", "-Tutf8", "-ww", "text"], &page) else {
        return;
    };
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    // As they are typed, each on a line of its own.
    let plain = said.out.replace('\u{2010}', "-");
    assert!(
        plain
            .lines()
            .any(|line| line.ends_with("composegen show influxdb")),
        "{plain}"
    );
}

#[test]
fn bash_completes_commands_and_options() {
    let script = printed(&["completions", "bash"]);
    let complete = |words: &str, at: usize| {
        let code = format!(
            "source ./text; COMP_WORDS=({words}); COMP_CWORD={at}; \
             _composegen composegen \"${{COMP_WORDS[{at}]}}\" \"${{COMP_WORDS[{at}-1]}}\"; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        read_by(&["bash", "--norc", "-c", &code], &script).map(|said| said.out)
    };
    let Some(said) = complete("composegen bu", 1) else {
        return;
    };
    assert_eq!(said, "build\nbudget\n");
    assert_eq!(
        complete("composegen build --std", 2).as_deref(),
        Some("--stdout\n")
    );
    assert_eq!(
        complete("composegen completions z", 2).as_deref(),
        Some("zsh\n")
    );
}

#[test]
fn fish_completes_commands() {
    let script = printed(&["completions", "fish"]);
    let code = "source ./text; complete --do-complete 'composegen bu'";
    let Some(said) = read_by(&["fish", "--no-config", "-c", code], &script) else {
        return;
    };
    let words: Vec<&str> = said
        .out
        .lines()
        .filter_map(|line| line.split('\t').next())
        .collect();
    assert_eq!(words, ["budget", "build"], "{}", said.err);
}

#[test]
fn zsh_reads_the_completions() {
    let script = printed(&["completions", "zsh"]);
    assert!(script.starts_with("#compdef composegen\n"));
    let Some(said) = read_by(&["zsh", "-f", "-n", "text"], &script) else {
        return;
    };
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
}
