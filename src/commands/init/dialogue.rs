//! Asking a person on a terminal. What is asked goes to standard error, so that standard output stays data.

use std::io::{BufRead, IsTerminal, Stderr, StdinLock, Write, stderr, stdin};

/// The two ends of a terminal.
pub struct Dialogue<I, O> {
    input: I,
    output: O,
}

impl Dialogue<StdinLock<'static>, Stderr> {
    /// With whoever sits at the terminal; `None` where nobody does, or nothing is to be asked.
    pub fn on_terminal(yes: bool) -> Option<Self> {
        let is_there = stdin().is_terminal() && stderr().is_terminal();
        (is_there && !yes).then(|| Dialogue {
            input: stdin().lock(),
            output: stderr(),
        })
    }
}

/// Somebody who can be asked.
pub trait Ask {
    /// Says something.
    fn say(&mut self, text: &str);

    /// The next line that is typed; `None` at the end of the input.
    fn line(&mut self) -> Option<String>;
}

impl<I: BufRead, O: Write> Ask for Dialogue<I, O> {
    fn say(&mut self, text: &str) {
        // Where nobody listens nobody answers.
        let _ = self.output.write_all(text.as_bytes());
        let _ = self.output.flush();
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.input.read_line(&mut line);
        if !line.ends_with('\n') {
            // What is said next begins a line of its own.
            self.say("\n");
        }
        match read {
            Ok(1..) => Some(line.trim().to_owned()),
            // The end, or bytes that are no text.
            Ok(0) | Err(_) => None,
        }
    }
}

/// Asks until an answer can be read; an empty one takes what is offered. `None` at the end of the input.
pub fn ask<T>(
    whom: &mut impl Ask,
    question: &str,
    offered: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Option<T> {
    loop {
        whom.say(&format!("{question} [{offered}]: "));
        let line = whom.line()?;
        let answer = if line.is_empty() { offered } else { &line };
        match read(answer) {
            Ok(answer) => return Some(answer),
            Err(why) => whom.say(&format!("  {}\n", crate::report::visible(&why))),
        }
    }
}

/// Asks for a yes or a no; an empty answer is a yes. `None` at the end of the input.
pub fn agree(whom: &mut impl Ask, question: &str) -> Option<bool> {
    whom.say(&format!("{question} [Y/n] "));
    loop {
        match whom.line()?.to_lowercase().as_str() {
            "" | "y" | "yes" => return Some(true),
            "n" | "no" => return Some(false),
            _ => whom.say("  please answer y or n: "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<T>(input: &str, talk: impl FnOnce(&mut Dialogue<&[u8], Vec<u8>>) -> T) -> (T, String) {
        let mut dialogue = Dialogue {
            input: input.as_bytes(),
            output: Vec::new(),
        };
        let answer = talk(&mut dialogue);
        (answer, String::from_utf8(dialogue.output).unwrap())
    }

    fn number(text: &str) -> Result<u8, String> {
        text.parse().map_err(|_| format!("{text} is no number"))
    }

    #[test]
    fn it_is_asked_until_the_answer_can_be_read() {
        for (input, answer, said) in [
            ("\n", Some(7), "how many [7]: "),
            (" 3 \n", Some(3), "how many [7]: "),
            (
                "x\n4\n",
                Some(4),
                "how many [7]:   x is no number\nhow many [7]: ",
            ),
            (
                "\u{1b}\n\n",
                Some(7),
                "how many [7]:   \\u{1b} is no number\nhow many [7]: ",
            ),
            ("", None, "how many [7]: \n"),
            (
                "x\n",
                None,
                "how many [7]:   x is no number\nhow many [7]: \n",
            ),
        ] {
            let said = (answer, said.to_owned());
            assert_eq!(
                with(input, |it| ask(it, "how many", "7", number)),
                said,
                "{input:?}"
            );
        }
        let refused = with("", |it| it.line());
        assert_eq!(refused.0, None);
    }

    #[test]
    fn only_no_is_no() {
        for (input, answer, said) in [
            ("\n", Some(true), "so? [Y/n] "),
            ("Yes\n", Some(true), "so? [Y/n] "),
            ("n\n", Some(false), "so? [Y/n] "),
            (
                "what\nno\n",
                Some(false),
                "so? [Y/n]   please answer y or n: ",
            ),
            ("", None, "so? [Y/n] \n"),
        ] {
            let said = (answer, said.to_owned());
            assert_eq!(with(input, |it| agree(it, "so?")), said, "{input:?}");
        }
    }
}
