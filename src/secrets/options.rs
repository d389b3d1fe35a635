//! Passwords among the words of commands, behind options of one letter: `mysql -p...`, `redis-cli -a ...`,
//! `curl -u user:...`. What they mean depends on the program.

use std::ops::Range;

use super::line::Hand;
use super::random::words;
use super::signs::Signs;
use super::values::{is_elsewhere, is_harmless, is_plain, is_run, is_taken};

/// How an option takes its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// In the same word: `-pX`.
    Attached,
    /// In the next one: `-a X`.
    Apart,
    /// In either.
    Either,
}

/// A program's option that takes a password.
pub(super) struct Program {
    /// The program.
    pub name: &'static str,
    option: &'static str,
    form: Form,
    /// Whether the user stands before the password: `user:password`.
    has_user: bool,
}

const fn program(name: &'static str, option: &'static str, form: Form) -> Program {
    Program {
        name,
        option,
        form,
        has_user: false,
    }
}

const fn with_user(option: &'static str, form: Form) -> Program {
    Program {
        name: "curl",
        option,
        form,
        has_user: true,
    }
}

const PROGRAMS: &[Program] = &[
    program("cqlsh", "-p", Form::Apart),
    with_user("-u", Form::Either),
    with_user("--user", Form::Apart),
    with_user("--proxy-user", Form::Apart),
    program("cypher-shell", "-p", Form::Apart),
    program("ldapsearch", "-w", Form::Either),
    program("mariadb", "-p", Form::Attached),
    program("mariadb-admin", "-p", Form::Attached),
    program("mariadb-dump", "-p", Form::Attached),
    program("mongo", "-p", Form::Either),
    program("mongodump", "-p", Form::Either),
    program("mongosh", "-p", Form::Either),
    program("mosquitto_pub", "-P", Form::Apart),
    program("mosquitto_sub", "-P", Form::Apart),
    program("mysql", "-p", Form::Attached),
    program("mysqladmin", "-p", Form::Attached),
    program("mysqldump", "-p", Form::Attached),
    program("redis-benchmark", "-a", Form::Apart),
    program("redis-cli", "-a", Form::Apart),
    program("sqlcmd", "-P", Form::Either),
    program("sshpass", "-p", Form::Either),
    program("valkey-cli", "-a", Form::Apart),
];

/// The options of the program that a word starts, by its path perhaps.
fn of_program(word: &str) -> impl Iterator<Item = &'static Program> {
    let name = word.rsplit_once('/').map_or(word, |(_, name)| name);
    PROGRAMS.iter().filter(move |program| program.name == name)
}

/// The last letters of the programs, a bit for each: most words end otherwise.
const LAST: u128 = {
    let (mut all, mut at) = (0, 0);
    while at < PROGRAMS.len() {
        let name = PROGRAMS[at].name.as_bytes();
        all |= 1 << name[name.len() - 1];
        at += 1;
    }
    all
};

/// Whether a word of these signs starts a program that is known.
pub(super) fn is_program(word: &str, signs: Signs) -> bool {
    let last = word.as_bytes().last().copied().unwrap_or_default();
    last.is_ascii()
        && LAST & (1 << last) != 0
        && match signs.may_hold_path() {
            true => of_program(word).next().is_some(),
            false => PROGRAMS.iter().any(|program| program.name == word),
        }
}

/// What a word is to the programs that may read it.
pub(super) enum Reads {
    /// The program's password stands in it from this byte on.
    From(&'static Program, usize),
    /// The next word is the option's value.
    Next(&'static Program),
    /// Nothing.
    Nothing,
}

/// What a word is to a program.
pub(super) fn reads(program: &str, word: &str) -> Reads {
    for its in of_program(program) {
        let Some(rest) = word.strip_prefix(its.option) else {
            continue;
        };
        match (rest.is_empty(), its.form) {
            (true, Form::Apart | Form::Either) => return Reads::Next(its),
            (false, Form::Attached | Form::Either) if !its.option.starts_with("--") => {
                let from = word.len() - rest.len();
                return its
                    .password(rest)
                    .map_or(Reads::Nothing, |at| Reads::From(its, from + at));
            }
            (true, Form::Attached) | (false, _) => {}
        }
    }
    Reads::Nothing
}

impl Program {
    /// Where in the option's value the password begins; `None` where none is written out.
    pub fn password(&self, value: &str) -> Option<usize> {
        let at = match self.has_user {
            true => value.find(':')? + 1,
            false => 0,
        };
        let password = value[at..].trim_matches(['"', '\'']);
        let is_one = !password.is_empty()
            && !password.starts_with('$')
            && !is_taken(password)
            && !is_harmless(password)
            && !is_elsewhere(password)
            && !is_run(password);
        is_one.then_some(at)
    }
}

/// Options that may take a password, whatever the program.
const ANY: &[&str] = &["-p", "-P", "-a", "-w"];

/// Whether a word is an option that may take one.
pub(super) fn may_take_password(word: &str) -> bool {
    ANY.contains(&word)
}

/// What may be a password in the words of a text, which may hold a command of any program.
pub(super) fn guessed(text: &str) -> Vec<Range<usize>> {
    if !text.contains('-') {
        return Vec::new();
    }
    let all: Vec<Range<usize>> = words(text).collect();
    let words: Vec<&str> = all.iter().map(|word| &text[word.clone()]).collect();
    guessed_words(&words)
        .into_iter()
        .map(|at| all[at].clone())
        .collect()
}

/// Which words may be a password.
pub(super) fn guessed_words(words: &[&str]) -> Vec<usize> {
    let pairs = words.iter().zip(words.iter().skip(1)).enumerate();
    let guessed = pairs.filter(|(_, (option, next))| ANY.contains(*option) && is_password(next));
    guessed.map(|(at, _)| at + 1).collect()
}

fn is_password(word: &str) -> bool {
    // `user:${PASSWORD}` holds no password of its own.
    let password = word.split_once(':').map_or(word, |(_, password)| password);
    !word.starts_with(['-', '/', '.']) && !is_plain(word) && !is_taken(password)
}

/// The same as [`guessed`], where somebody wrote by hand.
pub(super) fn by(hand: Hand, text: &str) -> Vec<Range<usize>> {
    match hand {
        Hand::Ours => Vec::new(),
        Hand::Theirs => guessed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_begins_with_a_dash() {
        assert!(
            PROGRAMS
                .iter()
                .all(|program| program.option.starts_with('-'))
        );
    }

    #[test]
    fn any_option_of_a_letter_may_take_a_password() {
        let hidden = |text: &'static str| -> Vec<&str> {
            guessed(text).into_iter().map(|at| &text[at]).collect()
        };
        assert_eq!(hidden("serve -p hunter2"), ["hunter2"]);
        assert_eq!(hidden("serve -p 8080 -w /x"), [""; 0]);
    }
}
