//! What Compose refuses in an env file, or reads otherwise than it looks: `env-format`.

use super::{Look, OwnFile};
use crate::dotenv::{Problem, ProblemKind};
use crate::finding::Finding;
use crate::rule::Rule;
use crate::values::shown::shown;

pub(super) fn check(look: &Look) {
    for (number, own) in look.context.own.iter().enumerate() {
        let variables = look.resolved.problems.get(number + 1);
        for problem in own
            .file
            .problems
            .iter()
            .chain(variables.into_iter().flatten())
        {
            look.add(finding(look, own, problem));
        }
    }
}

fn finding(look: &Look, own: &OwnFile, problem: &Problem) -> Finding {
    let entry = problem.entry.and_then(|entry| own.file.entries.get(entry));
    let name = entry.and_then(|entry| look.name(entry));
    let of = match &name {
        Some(name) => format!("the value of {name}"),
        None => "a value".to_owned(),
    };
    let (message, help) = words(problem.kind, &of);
    let refused = match problem.refused {
        true => ", and Compose refuses the file",
        false => "",
    };
    let place = own.place(&problem.at);
    Finding::new(Rule::EnvFormat, place, format!("{message}{refused}")).help(help)
}

/// What is wrong, `of` which value, and the next step.
fn words(kind: ProblemKind, of: &str) -> (String, &'static str) {
    const SINGLE: &str = "put the value into single quotes";
    const NAMES: &str = "a name has letters, digits and `_`; if this line goes on with the value of the line before, put that value into quotes";
    match kind {
        ProblemKind::NoText => (
            "this byte is no UTF-8 text".to_owned(),
            "save the file as UTF-8",
        ),
        ProblemKind::BlankInName => ("a name has a blank in it".to_owned(), NAMES),
        ProblemKind::BadCharacter(character) => (
            format!("no name has the character {}", shown(&character.to_string())),
            NAMES,
        ),
        ProblemKind::OpenQuote => (
            format!("the quote before {of} is never closed"),
            "close it, or put the other kind of quotes around the value",
        ),
        ProblemKind::BadVariable => (
            format!("{of} has a `${{` that begins no variable"),
            "put the value into single quotes, where `$` means nothing",
        ),
        ProblemKind::MissingVariable => (
            format!("{of} needs a variable that is not set"),
            "set it on a line before, or put the value into single quotes, where `$` means nothing",
        ),
        ProblemKind::TooLarge => (
            format!("{of} grows too large by the variables in it"),
            "name fewer variables in it, or put the value into single quotes, where `$` means nothing",
        ),
        ProblemKind::UnsetVariable => (
            format!("{of} has a `$` with the name of a variable that nothing sets: Compose puts nothing there"),
            "put the value into single quotes, where `$` means nothing",
        ),
        ProblemKind::ByteOrderMark => (
            "the file begins with a byte-order mark, which some readers take as a part of the first name".to_owned(),
            "save the file as UTF-8 without a byte-order mark",
        ),
        ProblemKind::NoName => (
            "a value stands here without a name".to_owned(),
            "write `NAME=value`",
        ),
        ProblemKind::NameAtEnd => (
            "the last line has no `=`: Compose reads no name there".to_owned(),
            "write `NAME=value`",
        ),
        ProblemKind::BehindQuote => (
            format!("something stands behind the quotes of {of}: Compose reads it as the next name"),
            "put all of the value between the quotes; a quote in it is written `\\'` or `\\\"`",
        ),
        ProblemKind::HashFirst => (
            format!("{of} begins with `#`, and Compose takes it as the value, not as a comment"),
            "put the comment on a line of its own; if it is the value, put it into quotes",
        ),
        ProblemKind::HashBehindTab => (
            format!("{of} goes on behind `#`: a comment begins with a blank and `#`, not with a tab"),
            "put the comment on a line of its own; if it is the value, put it into quotes",
        ),
        ProblemKind::CarriageReturn => (
            format!("{of} has a carriage return in it: Compose reads the next line as a part of it"),
            "save the file with the line ends of Unix or of Windows",
        ),
        ProblemKind::Nul => (format!("{of} has a NUL, which no environment can hold"), "remove it"),
        ProblemKind::CurlyQuote => (
            format!("{of} begins with a quote of a word processor, which Compose takes as a part of it"),
            "write `'` or `\"`",
        ),
        ProblemKind::Blank => (
            format!("{of} has a blank and no quotes: Compose reads on to the end of the line, a shell does not"),
            SINGLE,
        ),
    }
}
