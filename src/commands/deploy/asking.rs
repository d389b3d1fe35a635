//! Asking a person before something is done.

use std::io::{BufRead, IsTerminal, Write, stderr, stdin};

use crate::commands::Failure;

/// What a person says to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    /// Neither: it is asked again.
    Unclear,
    /// An empty line, or the end of the input.
    Nothing,
}

/// Goes on where a person says yes, or has said so with `--yes`. `help` is for whoever cannot be asked.
///
/// # Errors
/// They do not, or nobody is there.
pub fn agree(yes: bool, question: &str, help: &str) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !stdin().is_terminal() {
        return Err(unchanged(
            "nobody can be asked: standard input is no terminal",
            Some(help),
        ));
    }
    match ask(
        &format!("{question} [y/N] "),
        &mut stdin().lock(),
        &mut stderr(),
    ) {
        Answer::Yes => Ok(()),
        Answer::No => Err(unchanged("you said no", None)),
        Answer::Unclear | Answer::Nothing => Err(unchanged("no answer counts as no", None)),
    }
}

fn unchanged(message: &str, help: Option<&str>) -> Failure {
    Failure {
        message: format!("{message}; nothing was changed"),
        help: help.map(str::to_owned),
    }
}

/// Asks until the answer is clear.
fn ask(question: &str, input: &mut impl BufRead, output: &mut impl Write) -> Answer {
    let mut say = |text: &str| {
        // Where nobody listens nobody answers.
        let _ = output.write_all(text.as_bytes());
    };
    say(question);
    loop {
        let mut line = String::new();
        let read = input.read_line(&mut line);
        if !line.ends_with('\n') {
            // What is said next begins a line of its own.
            say("\n");
        }
        match (read, answer(&line)) {
            (Err(_) | Ok(0), _) => return Answer::Nothing,
            (Ok(_), Answer::Unclear) => say("  please answer y or n: "),
            (Ok(_), clear) => return clear,
        }
    }
}

fn answer(line: &str) -> Answer {
    match line.trim().to_lowercase().as_str() {
        "y" | "yes" => Answer::Yes,
        "n" | "no" => Answer::No,
        "" => Answer::Nothing,
        _ => Answer::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(input: &str) -> (Answer, String) {
        let mut output = Vec::new();
        let answer = ask("go on? ", &mut input.as_bytes(), &mut output);
        (answer, String::from_utf8(output).unwrap())
    }

    #[test]
    fn only_yes_is_yes() {
        for (input, expected, said) in [
            ("y\n", Answer::Yes, "go on? "),
            (" YES \n", Answer::Yes, "go on? "),
            ("no\n", Answer::No, "go on? "),
            ("\n", Answer::Nothing, "go on? "),
            ("", Answer::Nothing, "go on? \n"),
            ("y", Answer::Yes, "go on? \n"),
            ("what\ny\n", Answer::Yes, "go on?   please answer y or n: "),
            (
                "what",
                Answer::Nothing,
                "go on? \n  please answer y or n: \n",
            ),
        ] {
            assert_eq!(asked(input), (expected, said.to_owned()), "{input:?}");
        }
    }
}
