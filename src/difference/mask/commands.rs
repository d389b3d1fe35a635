//! Passwords among the words of commands, behind options of one letter: `mysql -p...`, `redis-cli -a ...`,
//! `curl -u user:...`. What they mean depends on the program.

use std::ops::Range;

use super::line::Hand;
use super::names::{is_plain, is_taken};
use super::random::words;

/// Programs whose option of one letter takes a password.
const PROGRAMS: &[(&str, &str)] = &[
    ("curl", "-u"),
    ("ldapsearch", "-w"),
    ("mariadb", "-p"),
    ("mariadb-admin", "-p"),
    ("mariadb-dump", "-p"),
    ("mongo", "-p"),
    ("mongosh", "-p"),
    ("mosquitto_pub", "-P"),
    ("mosquitto_sub", "-P"),
    ("mysql", "-p"),
    ("mysqladmin", "-p"),
    ("mysqldump", "-p"),
    ("redis-cli", "-a"),
    ("sshpass", "-p"),
];

/// Options that may take one, whatever the program.
const ANY: &[&str] = &["-p", "-P", "-a", "-w"];

/// The passwords in the words of a text, which may hold a command.
pub(super) fn short_options(text: &str, hand: Hand) -> Vec<Range<usize>> {
    if !text.contains('-') {
        return Vec::new();
    }
    let all: Vec<Range<usize>> = words(text).collect();
    let words: Vec<&str> = all.iter().map(|word| &text[word.clone()]).collect();
    let hidden = passwords(&words, hand).into_iter();
    hidden
        .map(|(at, from)| all[at].start + from..all[at].end)
        .collect()
}

/// Which words hold a password, and from which byte on.
pub(super) fn passwords(words: &[&str], hand: Hand) -> Vec<(usize, usize)> {
    let mut hidden = Vec::new();
    let mut option = None;
    for (at, word) in words.iter().enumerate() {
        let program = word.rsplit('/').next().unwrap_or(word);
        if let Some((_, its)) = PROGRAMS.iter().find(|(known, _)| *known == program) {
            option = Some(*its);
        }
        let Some(letter) = word
            .get(..2)
            .filter(|start| takes_password(start, option, hand))
        else {
            continue;
        };
        let attached = &word[2..];
        let is_attached = option == Some(letter) && !attached.is_empty();
        if is_attached && !is_taken(attached) {
            hidden.push((at, 2));
        }
        if attached.is_empty() && words.get(at + 1).is_some_and(|next| is_password(next)) {
            hidden.push((at + 1, 0));
        }
    }
    hidden
}

/// Whether a word is an option that may take one.
pub(super) fn may_take_password(word: &str) -> bool {
    ANY.contains(&word)
}

fn takes_password(start: &str, option: Option<&str>, hand: Hand) -> bool {
    option == Some(start) || hand == Hand::Theirs && ANY.contains(&start)
}

fn is_password(word: &str) -> bool {
    // `user:${PASSWORD}` holds no password of its own.
    let password = word.split_once(':').map_or(word, |(_, password)| password);
    !word.starts_with(['-', '/', '.']) && !is_plain(word) && !is_taken(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(text: &str, hand: Hand) -> Vec<&str> {
        let found = short_options(text, hand);
        found.into_iter().map(|at| &text[at]).collect()
    }

    #[test]
    fn an_option_of_one_letter_means_what_its_program_says() {
        for (text, expected) in [
            ("mysql -u root -phunter2 db", "hunter2"),
            ("[\"redis-cli\", \"-a\", \"hunter2\", ping]", "hunter2"),
            ("/usr/bin/curl -fs -u me:hunter2 http://a", "me:hunter2"),
        ] {
            assert_eq!(hidden(text, Hand::Ours), [expected], "{text}");
        }
        for text in [
            "mkdir -p data",
            "pg_isready -p 5432",
            "mysql -p\"${P}\"",
            "mysqladmin -p${P} ping",
            "curl -u me:${P} http://a",
            "serve -p 80",
        ] {
            assert_eq!(hidden(text, Hand::Ours), [""; 0], "{text}");
        }
        assert_eq!(hidden("serve -p hunter2", Hand::Theirs), ["hunter2"]);
        assert_eq!(hidden("serve -p 8080 -w /x", Hand::Theirs), [""; 0]);
    }
}
