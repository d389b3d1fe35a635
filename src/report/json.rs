//! Findings as one JSON document for programs: editors, CI, a review's comments.
//!
//! Lines and columns count from 1, columns in characters. There is no source line in it, and so no secret.

use std::collections::BTreeSet;

use bumpalo::Bump;
use serde::Serialize;

use super::counts;
use super::locate::Trees;
use crate::finding::Finding;
use crate::place::Place;
use crate::source::Sources;

/// The document.
#[derive(Serialize)]
struct Document<'a> {
    findings: Vec<Row<'a>>,
    errors: usize,
    warnings: usize,
}

/// A finding. What is not known is `null`; the fields are always all there.
#[derive(Serialize)]
struct Row<'a> {
    rule: &'static str,
    level: &'static str,
    message: &'a str,
    file: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
    /// The column behind the last one, on the same line; the same as `column` for an empty stretch.
    end_column: Option<usize>,
    path: Option<String>,
    service: Option<&'a str>,
    also: &'a BTreeSet<String>,
    modes: &'a [String],
    second: Option<Second<'a>>,
    way: Option<&'a str>,
    help: Option<&'a str>,
}

/// The other place of two.
#[derive(Serialize)]
struct Second<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    message: &'a str,
}

/// The findings as they stand, as pretty-printed JSON with a final line end.
pub fn findings(findings: &[Finding], sources: &Sources<'_>) -> String {
    let arena = Bump::new();
    let trees = Trees::new(sources, &arena);
    let (errors, warnings) = counts(findings);
    let document = Document {
        findings: findings
            .iter()
            .map(|finding| row(finding, sources, &trees))
            .collect(),
        errors,
        warnings,
    };
    // Texts, numbers and lists: nothing in it can fail to be JSON.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn row<'a>(finding: &'a Finding, sources: &'a Sources<'a>, trees: &Trees<'_>) -> Row<'a> {
    let Finding {
        rule,
        level,
        place,
        message,
        second,
        way,
        help,
        service,
        also,
        modes,
        firm: _,
    } = finding;
    let file = sources.file(*place).map(|file| file.path.as_str());
    let start = file.map(|_| sources.line_column(*place));
    Row {
        rule: rule.name(),
        level: level.word(),
        message,
        file,
        line: start.map(|(line, _)| line),
        column: start.map(|(_, column)| column),
        end_column: start.map(|(_, column)| column + first_line_len(*place, sources)),
        path: trees.path_of(finding),
        service: service.as_deref(),
        also,
        modes,
        second: second
            .as_ref()
            .and_then(|(place, message)| other(*place, message, sources)),
        way: way.as_deref(),
        help: help.as_deref(),
    }
}

fn other<'a>(place: Place, message: &'a str, sources: &'a Sources<'a>) -> Option<Second<'a>> {
    let file = &sources.file(place)?.path;
    let (line, column) = sources.line_column(place);
    Some(Second {
        file,
        line,
        column,
        message,
    })
}

/// The characters of a place on its first line, the line end not counted.
fn first_line_len(place: Place, sources: &Sources<'_>) -> usize {
    let bytes = sources.file(place).map_or(&[][..], |file| file.bytes);
    let start = (place.start as usize).min(bytes.len());
    let end = start
        .saturating_add(usize::from(place.len))
        .min(bytes.len());
    let stretch = String::from_utf8_lossy(&bytes[start..end]);
    let stretch = stretch.strip_prefix('\u{feff}').unwrap_or(&stretch);
    let line = stretch.split('\n').next().unwrap_or_default();
    line.strip_suffix('\r').unwrap_or(line).chars().count()
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
      "help": "remove it"
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
      "help": null
    }
  ],
  "errors": 1,
  "warnings": 1
}
"#;
        assert_eq!(super::findings(&[secret, bare], &sources), expected);
    }

    #[test]
    fn no_findings_are_a_document_too() {
        let expected = "{\n  \"findings\": [],\n  \"errors\": 0,\n  \"warnings\": 0\n}\n";
        assert_eq!(super::findings(&[], &sources::<str>(&[])), expected);
    }
}
