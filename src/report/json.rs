//! Findings as one JSON document for programs: editors, CI, a review's comments. Its schema follows from the types.
//!
//! Lines and columns count from 1, columns in characters. There is no source line in it, and so no secret.

use std::collections::BTreeSet;

use bumpalo::Bump;
use schemars::JsonSchema;
use serde::Serialize;

use super::facts::{Facts, Spot, Stretch, facts};
use super::locate::Trees;
use super::{counts, visible_json};
use crate::finding::Finding;
use crate::rule::{Level, Weight};
use crate::source::Sources;

/// What every command writes in place of its own document where it could not do its work: exit status 2.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NotDone")]
pub struct NotDone<'a> {
    /// Why.
    pub error: Error<'a>,
}

/// Why the work could not be done.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Error<'a> {
    /// A sentence.
    pub message: &'a str,
    /// The next step; `null` where none is known.
    pub help: Option<&'a str>,
}

/// What was found.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Findings")]
pub struct Document<'a> {
    /// The findings, by file and line. Those without a place come last.
    findings: Vec<Row<'a>>,
    /// How many of them are errors.
    errors: usize,
    /// How many of them are warnings.
    warnings: usize,
    /// How many have which weight; only of Compose files that were not made from a catalog.
    #[serde(skip_serializing_if = "Option::is_none")]
    weights: Option<Weights>,
    /// How many findings there are besides; only of `validate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_shown: Option<NotShown>,
}

/// How many findings are not among those that are told.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct NotShown {
    /// Matters of opinion: without `--policy` all of them.
    pub policy: usize,
    /// What follows from another finding, which says so in `hides`.
    pub following: usize,
    /// What is invalid or broken beyond the first 250.
    pub beyond: usize,
}

/// How many findings have which weight.
#[derive(Debug, Serialize, JsonSchema)]
struct Weights {
    /// Compose refuses the file.
    invalid: usize,
    /// The file loads, and then fails or does something else.
    broken: usize,
    /// A matter of opinion.
    policy: usize,
}

impl Weights {
    fn of(findings: &[Finding]) -> Option<Self> {
        let of = |weight| {
            findings
                .iter()
                .filter(|one| one.weight == Some(weight))
                .count()
        };
        findings
            .iter()
            .any(|one| one.weight.is_some())
            .then(|| Weights {
                invalid: of(Weight::Invalid),
                broken: of(Weight::Broken),
                policy: of(Weight::Policy),
            })
    }
}

/// One finding. What is not known is `null`; the fields are always all there.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
struct Row<'a> {
    /// The rule that fired, such as `port-conflict`; `composegen explain RULE` says more.
    rule: &'static str,
    /// An error stops the work, a warning is only told. Of Compose files that were not made from a catalog: what Compose
    /// refuses is invalid; what loads, and then fails or does something else, is broken; policy is a matter of opinion.
    level: Word,
    /// What is wrong, in one sentence.
    message: &'a str,
    /// The file to change, from the current folder on; `REVISION:FILE` where it was read from git at a revision.
    file: Option<&'a str>,
    /// Its line, from 1; `null` for the file as a whole.
    line: Option<usize>,
    /// The column in characters, from 1.
    column: Option<usize>,
    /// The column behind the last one, on the same line; the same as `column` for an empty stretch.
    end_column: Option<usize>,
    /// The path from the file's root to the value, such as `services.web.ports[0]`.
    path: Option<String>,
    /// The service that it is about.
    service: Option<&'a str>,
    /// The other services that the same line hurts.
    also: &'a BTreeSet<String>,
    /// The modes in which it shows; none where modes do not matter.
    modes: &'a [String],
    /// The other place of two.
    second: Option<Second<'a>>,
    /// How the value came to where it hurts.
    way: Option<&'a str>,
    /// The next step.
    help: Option<&'a str>,
    /// How many findings follow from this one, and are not told for that.
    hides: usize,
}

/// How much a finding weighs.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Level")]
enum Word {
    Error,
    Warning,
    Invalid,
    Broken,
    Policy,
}

/// The other place of two.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SecondPlace")]
struct Second<'a> {
    /// The file, from the current folder on.
    file: &'a str,
    /// Its line, from 1.
    line: usize,
    /// The column in characters, from 1.
    column: usize,
    /// What stands there.
    message: &'a str,
}

/// The findings as they stand, as pretty-printed JSON with a final line end, and how many there are besides, where that
/// is known.
pub fn findings(
    findings: &[Finding],
    sources: &Sources<'_>,
    not_shown: Option<NotShown>,
) -> String {
    let document = Document {
        not_shown,
        ..document(findings, sources)
    };
    // Texts, numbers and lists: nothing in it can fail to be JSON.
    let mut text = visible_json(serde_json::to_string_pretty(&document).unwrap_or_default());
    text.push('\n');
    text
}

/// The same as a part of a larger document.
pub fn document<'a>(findings: &'a [Finding], sources: &'a Sources<'a>) -> Document<'a> {
    let arena = Bump::new();
    let trees = Trees::new(sources, &arena);
    let (errors, warnings) = counts(findings);
    let rows = facts(findings, sources, &trees).into_iter().map(row);
    Document {
        findings: rows.collect(),
        errors,
        warnings,
        weights: Weights::of(findings),
        not_shown: None,
    }
}

fn row(facts: Facts<'_>) -> Row<'_> {
    let Facts {
        rule,
        level,
        weight,
        message,
        spot,
        path,
        service,
        also,
        modes,
        second,
        way,
        help,
        hides,
    } = facts;
    let stretch = spot.and_then(|spot| spot.stretch);
    Row {
        rule: rule.name(),
        level: match (weight, level) {
            (Some(Weight::Invalid), _) => Word::Invalid,
            (Some(Weight::Broken), _) => Word::Broken,
            (Some(Weight::Policy), _) => Word::Policy,
            (None, Level::Error) => Word::Error,
            (None, Level::Warning) => Word::Warning,
        },
        message,
        file: spot.map(|spot| spot.file),
        line: stretch.map(|it| it.line),
        column: stretch.map(|it| it.column),
        end_column: stretch.map(|it| it.first_end),
        path,
        service,
        also,
        modes,
        second: second.map(|(spot, message)| other(spot, message)),
        way,
        help,
        hides,
    }
}

fn other<'a>(spot: Spot<'a>, message: &'a str) -> Second<'a> {
    let Spot { file, stretch } = spot;
    let (line, column) = stretch.map_or((1, 1), |Stretch { line, column, .. }| (line, column));
    Second {
        file,
        line,
        column,
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{place_of, sources};
    use crate::finding::Finding;
    use crate::place::Place;
    use crate::rule::Rule;

    #[test]
    fn a_document_with_all_fields_and_one_with_none() {
        let sources = sources(&["\u{feff}ä: hidden\r\nb:\n  c: [1, 2]\n"]);
        let mut secret = Finding::new(
            Rule::SecretLiteral,
            place_of(&sources, 0, "hidden\r\nb"),
            "a secret",
        )
        .second(place_of(&sources, 0, "2]"), "also here")
        .service("api")
        .mode("prod")
        .help("remove it");
        secret.way = Some("from fragment `app`".to_owned());
        let bare = Finding::new(Rule::PortRandom, Place::NOWHERE, "nowhere");
        let expected = r#"{
  "findings": [
    {
      "rule": "secret-literal",
      "level": "error",
      "message": "a secret",
      "file": "catalog/0.yaml",
      "line": 1,
      "column": 4,
      "end_column": 10,
      "path": "\"ä\"",
      "service": "api",
      "also": [],
      "modes": [
        "prod"
      ],
      "second": {
        "file": "catalog/0.yaml",
        "line": 3,
        "column": 10,
        "message": "also here"
      },
      "way": "from fragment `app`",
      "help": "remove it",
      "hides": 0
    },
    {
      "rule": "port-random",
      "level": "warning",
      "message": "nowhere",
      "file": null,
      "line": null,
      "column": null,
      "end_column": null,
      "path": null,
      "service": null,
      "also": [],
      "modes": [],
      "second": null,
      "way": null,
      "help": null,
      "hides": 0
    }
  ],
  "errors": 1,
  "warnings": 1
}
"#;
        assert_eq!(super::findings(&[secret, bare], &sources, None), expected);
    }

    #[test]
    fn no_findings_are_a_document_too() {
        let expected = "{\n  \"findings\": [],\n  \"errors\": 0,\n  \"warnings\": 0\n}\n";
        assert_eq!(super::findings(&[], &sources::<str>(&[]), None), expected);
    }
}
