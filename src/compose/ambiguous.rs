//! `scalar-ambiguous`: a value without quotes that other readers of YAML take for something else. Found where it is
//! read: later nobody knows any more how it was written. No message holds the value, which may be a secret's.

use super::value::{Language, Reader};
use crate::finding::Finding;
use crate::rule::{Rule, Weight};
use crate::yaml::ambiguous::{Otherwise, otherwise};
use crate::yaml::node::{Kind, Node};

/// The usual way to write a value that everybody reads alike.
pub const IN_QUOTES: &str = "write it in quotes";

/// Says so of a scalar that people wrote, where it is one of a kind that matters there.
pub fn note(node: &Node, matters: fn(Otherwise) -> bool, help: &str, cx: &Reader) {
    if cx.language != Language::Generated
        && let Kind::Plain(text) = node.kind
        && let Some(kind) = otherwise(text).filter(|kind| matters(*kind))
    {
        let message = format!("without quotes {}", meaning(kind));
        let finding = Finding::new(Rule::ScalarAmbiguous, node.place, message).help(help);
        match cx.language {
            Language::Catalog | Language::Generated => cx.findings.add(finding),
            Language::Compose => {
                let weighed = weight(kind).map(|weight| finding.weight(weight));
                weighed
                    .into_iter()
                    .for_each(|finding| cx.findings.add(finding));
            }
        }
    }
}

/// What it means in a Compose file, by what Docker Compose 2.40 makes of it: what it takes as it stands is only in the
/// way of other readers, and of `True` the letters alone change. A date is no value there, which is told as that.
fn weight(kind: Otherwise) -> Option<Weight> {
    match kind {
        Otherwise::OldBoolean | Otherwise::Sixty | Otherwise::Boolean => Some(Weight::Policy),
        Otherwise::Octal
        | Otherwise::Underscores
        | Otherwise::ZerosBehind
        | Otherwise::ZerosBefore
        | Otherwise::Number => Some(Weight::Broken),
        Otherwise::Date => None,
    }
}

/// Says so of every scalar in a tree: what passes through as it is.
pub fn note_all(node: &Node, cx: &Reader) {
    match node.kind {
        Kind::Plain(_) | Kind::Quoted(_) => note(node, |_| true, IN_QUOTES, cx),
        Kind::Seq(items) => items.iter().for_each(|item| note_all(item, cx)),
        Kind::Map(entries) => entries.iter().for_each(|entry| note_all(&entry.value, cx)),
        Kind::Tagged(tagged) => note_all(&tagged.node, cx),
    }
}

fn meaning(kind: Otherwise) -> &'static str {
    match kind {
        Otherwise::OldBoolean => "this is true or false to readers of YAML 1.1",
        Otherwise::Boolean => "this is true or false, which Docker Compose writes in small letters",
        Otherwise::Sixty => "this is a number in base 60 to readers of YAML 1.1",
        Otherwise::Octal => "this is a number in base 8 to Docker Compose",
        Otherwise::Underscores => "this is a number to Docker Compose, and loses its underscores",
        Otherwise::ZerosBehind => {
            "this is a number to Docker Compose, and loses the zeros at its end"
        }
        Otherwise::ZerosBefore => {
            "this is a number to Docker Compose, and loses the zeros before it"
        }
        Otherwise::Number => "this is a number to Docker Compose, which writes it in another way",
        Otherwise::Date => "this is a date to Docker Compose, which refuses it as a value",
    }
}
