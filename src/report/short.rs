//! Findings for people in a line each, with the next step below: where they are one part of a longer text. There is no
//! source line in it, and so no secret.

use bumpalo::Bump;

use super::groups::{Group, groups};
use super::locate::Trees;
use super::places::places;
use super::{Style, visible};
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Level;
use crate::source::Sources;
use crate::values::prose::list_quoted;

/// What stands before the other places of a group.
const OTHERS: &str = "    also: ";

/// The findings as they stand, those that say the same of several things as one, indented by two blanks.
pub fn short(findings: &[Finding], sources: &Sources<'_>, style: Style) -> String {
    let arena = Bump::new();
    let trees = Trees::new(sources, &arena);
    groups(findings, sources)
        .iter()
        .map(|group| one(group, sources, &trees, style))
        .collect()
}

fn one(group: &Group<'_>, sources: &Sources<'_>, trees: &Trees<'_>, style: Style) -> String {
    let finding = group.first;
    let name = format!("{}[{}]", finding.word(), finding.rule.name());
    let name = match (style.color, finding.level) {
        (false, _) => name,
        (true, Level::Error) => format!("\u{1b}[1;31m{name}\u{1b}[0m"),
        (true, Level::Warning) => format!("\u{1b}[1;33m{name}\u{1b}[0m"),
    };
    let at = place(finding.place, sources).map_or(String::new(), |place| format!("{place}: "));
    let second = finding.second.as_ref();
    let second =
        second.and_then(|(at, label)| Some(format!("; {label}: {}", place(*at, sources)?)));
    let also: Vec<&String> = finding.also.iter().collect();
    let also = match also.is_empty() {
        true => String::new(),
        false => format!("; the same goes for {}", list_quoted(&also)),
    };
    let message = line(&group.message());
    let mut text = format!(
        "  {at}{name}: {message}{}{also}\n",
        second.unwrap_or_default()
    );
    if let Some(help) = &finding.help {
        text.push_str(&format!("    help: {}\n", line(help)));
    }
    if !group.others.is_empty() {
        let room = style.width.saturating_sub(OTHERS.len());
        let others = places(group, sources, trees, room);
        let hang = " ".repeat(OTHERS.len());
        text.push_str(&format!(
            "{OTHERS}{}\n",
            others.replace('\n', &format!("\n{hang}"))
        ));
    }
    text
}

/// A file and its line.
fn place(at: Place, sources: &Sources<'_>) -> Option<String> {
    let file = sources.file(at)?;
    let path = visible(&file.path).replace('\n', "\\u{a}");
    Some(format!("{path}:{}", sources.line_column(at).0))
}

/// A text on one line.
fn line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    visible(&lines.collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{place_of, sources};
    use super::*;
    use crate::rule::Rule;

    #[test]
    fn a_finding_is_a_line_with_its_next_step_below() {
        let sources = sources(&["a: 1\nb: 2\n"]);
        let mut two = Finding::new(
            Rule::PortConflict,
            place_of(&sources, 0, "2"),
            "`b` publishes it,\n  too\u{1b}",
        )
        .second(place_of(&sources, 0, "1"), "first published here")
        .help("give it another");
        two.also.insert("c".to_owned());
        let bare = Finding::new(Rule::PortRandom, Place::NOWHERE, "nowhere");
        let style = Style {
            color: false,
            width: 80,
        };
        assert_eq!(
            short(&[two, bare], &sources, style),
            "  catalog/0.yaml:2: error[port-conflict]: `b` publishes it,; too\\u{1b}; first published here: \
             catalog/0.yaml:1; the same goes for `c`\n    help: give it another\n  warning[port-random]: nowhere\n"
        );
    }
}
