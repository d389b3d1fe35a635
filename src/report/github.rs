//! Findings as GitHub's workflow commands: each becomes an annotation at its line.
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use bumpalo::Bump;

use super::base::Base;
use super::facts::{Facts, Spot, facts};
use super::locate::Trees;
use super::{human, visible};
use crate::finding::Finding;
use crate::source::Sources;

/// One command a line.
pub fn findings(findings: &[Finding], sources: &Sources<'_>, base: &Base) -> String {
    let arena = Bump::new();
    let trees = Trees::new(sources, &arena);
    let facts = facts(findings, sources, &trees);
    let main = sources.main_path();
    facts.iter().map(|it| line(it, main, base)).collect()
}

/// What is only told: `::notice file=...,title=...::message`.
pub fn notice(title: &str, file: Option<&str>, message: &str, base: &Base) -> String {
    let mut properties = Properties::default();
    if let Some(file) = file {
        properties.add("file", &told(file, base));
    }
    properties.add("title", title);
    command("notice", &properties, message)
}

/// Why a command could not do its work: `::error title=...::message`.
pub fn failure(title: &str, message: &str, help: Option<&str>) -> String {
    let mut properties = Properties::default();
    properties.add("title", title);
    let help = help.map_or(String::new(), |help| format!("\nhelp: {help}"));
    command("error", &properties, &format!("{message}{help}"))
}

fn line(facts: &Facts<'_>, main: &str, base: &Base) -> String {
    let mut properties = Properties::default();
    // An annotation without a file stands nowhere in a review.
    let Spot { file, stretch } = facts.spot.unwrap_or(Spot {
        file: main,
        stretch: None,
    });
    properties.add("file", &told(file, base));
    if let Some(stretch) = stretch {
        properties.add("line", &stretch.line.to_string());
        properties.add("endLine", &stretch.end_line.to_string());
        // Columns are taken on a single line only.
        if stretch.line == stretch.end_line {
            properties.add("col", &stretch.column.to_string());
            properties.add("endColumn", &stretch.end_column.to_string());
        }
    }
    let title = match facts.weight {
        Some(weight) => format!("{} ({})", facts.rule.name(), weight.word()),
        None => facts.rule.name().to_owned(),
    };
    properties.add("title", &title);
    command(facts.level.word(), &properties, &message(facts))
}

fn told(file: &str, base: &Base) -> String {
    base.path(file).unwrap_or_else(|| file.to_owned())
}

fn message(facts: &Facts<'_>) -> String {
    let mut text = facts.message.to_owned();
    if let Some((Spot { file, stretch }, label)) = &facts.second {
        let line = stretch.map_or(1, |stretch| stretch.line);
        text.push_str(&format!("\n{file}:{line}: {label}"));
    }
    if let Some(way) = facts.way {
        text.push_str(&format!("\ncame: {way}"));
    }
    if let Some(help) = facts.help {
        text.push_str(&format!("\nhelp: {help}"));
    }
    let notes = [
        human::also(facts.also),
        human::modes(facts.modes, facts.message),
        human::hides(facts.hides),
    ];
    for note in notes.into_iter().flatten() {
        text.push_str(&format!("\n{note}"));
    }
    text
}

#[derive(Default)]
struct Properties(String);

impl Properties {
    fn add(&mut self, name: &str, value: &str) {
        let before = if self.0.is_empty() { " " } else { "," };
        let value = escaped(value).replace(':', "%3A").replace(',', "%2C");
        self.0.extend([before, name, "=", &value]);
    }
}

fn command(name: &str, properties: &Properties, message: &str) -> String {
    format!("::{name}{}::{}\n", properties.0, escaped(message))
}

/// A text that stays one line and says the same when the runner has read it.
fn escaped(text: &str) -> String {
    visible(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::super::samples::{place_of, sources};
    use super::*;
    use crate::place::Place;
    use crate::rule::Rule;

    #[test]
    fn a_command_stays_one_line_whatever_it_tells() {
        let sources = sources(&["a: ä日\nb: [1,\n 2]\n"]);
        let base = Base::new("/r/x,y".into(), "/r".into());
        let found = [
            Finding::new(
                Rule::BadPort,
                place_of(&sources, 0, "日"),
                "100% wrong\r\nhere: a, b",
            )
            .second(place_of(&sources, 0, "b"), "and here")
            .help("mend it")
            .mode("prod"),
            Finding::new(
                Rule::PortRandom,
                place_of(&sources, 0, "[1,\n 2]"),
                "two lines",
            ),
            Finding::new(Rule::PortRandom, Place::NOWHERE, "nowhere"),
        ];
        let expected = "\
::error file=x%2Cy/catalog/0.yaml,line=1,endLine=1,col=5,endColumn=6,title=bad-port::100%25 wrong\\u{d}%0Ahere: a, b%0Acatalog/0.yaml:2: and here%0Ahelp: mend it%0Ain the mode `prod`
::warning file=x%2Cy/catalog/0.yaml,line=2,endLine=3,title=port-random::two lines
::warning file=x%2Cy/catalog/0.yaml,title=port-random::nowhere
";
        assert_eq!(findings(&found, &sources, &base), expected);
    }
}
