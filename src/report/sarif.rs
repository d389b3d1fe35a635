//! Findings as SARIF 2.1.0, for code scanning.
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>
//!
//! The root of the repository is not told: paths count from `%SRCROOT%`, and the same findings give the same bytes on
//! every machine. There is no source line in it, and so no secret.

use std::collections::HashMap;

use bumpalo::Bump;
use serde_json::{Map, Value as Json, json};

use super::base::Base;
use super::difference::Notice;
use super::facts::{Facts, Spot, Stretch, facts};
use super::locate::Trees;
use super::{human, visible_json};
use crate::finding::Finding;
use crate::outputs::seal::digest;
use crate::rule::Rule;
use crate::source::Sources;

/// Where the schema of the format lies.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Where paths start.
const ROOT: &str = "%SRCROOT%";

/// The document, with a final line end; `code` is the exit status of the run.
pub fn findings(findings: &[Finding], sources: &Sources<'_>, base: &Base, code: u8) -> String {
    with_notes(findings, sources, &[], base, code)
}

/// The same with notes that are no findings.
pub fn with_notes(
    findings: &[Finding],
    sources: &Sources<'_>,
    notes: &[Notice],
    base: &Base,
    code: u8,
) -> String {
    let arena = Bump::new();
    let trees = Trees::new(sources, &arena);
    let facts = facts(findings, sources, &trees);
    let used = rules(&facts);
    let mut descriptors: Vec<Json> = used.iter().map(|rule| descriptor(*rule)).collect();
    let mut fingerprints = Fingerprints::default();
    let mut results: Vec<Json> = facts
        .iter()
        .map(|facts| result(facts, sources.main_path(), base, &used, &mut fingerprints))
        .collect();
    for notice in notes {
        results.push(note(notice, sources.main_path(), base, used.len()));
    }
    if !notes.is_empty() {
        descriptors.push(of_notes());
    }
    let document = document(descriptors, results, &invocation(code));
    written(&document)
}

/// The log of a run that could not do its work, and says why.
pub fn failure(message: &str, help: Option<&str>, code: u8) -> String {
    let mut text = plain(message);
    if let Some(help) = help {
        text.push_str(&format!("\nhelp: {}", plain(help)));
    }
    let notification = json!({ "level": "error", "message": { "text": text } });
    let invocation = json!({
        "executionSuccessful": false,
        "exitCode": code,
        "toolExecutionNotifications": [notification],
    });
    written(&document(Vec::new(), Vec::new(), &invocation))
}

/// A run that did its work.
fn invocation(code: u8) -> Json {
    json!({ "executionSuccessful": true, "exitCode": code })
}

fn written(document: &Json) -> String {
    // Texts, numbers and lists: nothing in it can fail to be JSON.
    let mut text = visible_json(serde_json::to_string_pretty(document).unwrap_or_default());
    text.push('\n');
    text
}

fn document(rules: Vec<Json>, results: Vec<Json>, invocation: &Json) -> Json {
    let driver = json!({
        "name": "composegen",
        "version": env!("CARGO_PKG_VERSION"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": rules,
    });
    let root = json!({ "description": { "text": "The root of the repository." } });
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { ROOT: root },
            "invocations": [invocation],
            "results": results,
        }],
    })
}

/// The rules that fired, each once, in the order of the table.
fn rules(facts: &[Facts<'_>]) -> Vec<Rule> {
    let mut rules: Vec<Rule> = facts.iter().map(|facts| facts.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

fn descriptor(rule: Rule) -> Json {
    let info = rule.info();
    let (name, level, summary) = (info.name, info.level.word(), info.summary());
    // Code scanning wants both descriptions.
    json!({
        "id": name,
        "shortDescription": { "text": summary },
        "fullDescription": { "text": summary },
        "help": { "text": info.page, "markdown": info.page },
        "defaultConfiguration": { "level": level },
        "properties": { "problem.severity": level },
    })
}

fn result(
    facts: &Facts<'_>,
    main: &str,
    base: &Base,
    rules: &[Rule],
    seen: &mut Fingerprints,
) -> Json {
    let mut result = Map::new();
    let mut set = |key: &str, value: Json| result.insert(key.to_owned(), value);
    set("ruleId", Json::from(facts.rule.name()));
    let index = rules.iter().position(|rule| *rule == facts.rule);
    set("ruleIndex", json!(index));
    set("level", Json::from(facts.level.word()));
    set("message", json!({ "text": message(facts) }));
    set("locations", json!([location(facts, main, base)]));
    if let Some((spot, label)) = &facts.second {
        let place = physical(spot, base);
        let label = json!({ "text": plain(label) });
        set(
            "relatedLocations",
            json!([{ "id": 1, "physicalLocation": place, "message": label }]),
        );
    }
    set(
        "partialFingerprints",
        json!({ FINGERPRINT: seen.of(facts) }),
    );
    let mut more = json!({ "service": facts.service, "also": facts.also, "modes": facts.modes });
    if let Some(weight) = facts.weight {
        more["weight"] = Json::from(weight.word());
    }
    set("properties", more);
    Json::Object(result)
}

/// What notes have as their rule.
const NOTE: &str = "difference";

/// The rule of notes, which nobody can break.
fn of_notes() -> Json {
    let summary =
        "What a change means: by service, and for ports, volumes, containers and the budget.";
    let help = "`composegen diff --summary` tells it. It is nothing to mend.";
    json!({
        "id": NOTE,
        "shortDescription": { "text": summary },
        "fullDescription": { "text": summary },
        "help": { "text": help, "markdown": help },
        "defaultConfiguration": { "level": "none" },
        "properties": { "problem.severity": "recommendation" },
    })
}

/// What is told and is nothing to mend. It stays the same note while what changes in the mode is another.
fn note(notice: &Notice, main: &str, base: &Base, index: usize) -> Json {
    let Notice { about, title, text } = notice;
    let spot = Spot {
        file: main,
        stretch: None,
    };
    json!({
        "ruleId": NOTE,
        "ruleIndex": index,
        "kind": "informational",
        "level": "none",
        "message": { "text": plain(&format!("{title}\n{text}")) },
        "locations": [{ "physicalLocation": physical(&spot, base) }],
        "partialFingerprints": { FINGERPRINT: shortened(&[NOTE, about].join("\n")) },
    })
}

fn message(facts: &Facts<'_>) -> String {
    let mut text = plain(facts.message);
    if let Some(way) = facts.way {
        text.push_str(&format!("\ncame: {}", plain(way)));
    }
    if let Some(help) = facts.help {
        text.push_str(&format!("\nhelp: {}", plain(help)));
    }
    let notes = [
        human::also(facts.also),
        human::modes(facts.modes, facts.message),
        human::hides(facts.hides),
    ];
    for note in notes.into_iter().flatten() {
        text.push_str(&format!("\n{}", plain(&note)));
    }
    text
}

/// A text in which nothing reads as a link: `[text](target)` would be one (section 3.11.6).
fn plain(text: &str) -> String {
    match text.contains("](") {
        true => text.replace('[', "\\[").replace(']', "\\]"),
        false => text.to_owned(),
    }
}

/// What is in no file is told at the head of the catalog's main one: a viewer shows nothing that has no place.
fn location(facts: &Facts<'_>, main: &str, base: &Base) -> Json {
    let nowhere = Spot {
        file: main,
        stretch: None,
    };
    let mut location = Map::new();
    let place = physical(&facts.spot.unwrap_or(nowhere), base);
    location.insert("physicalLocation".to_owned(), place);
    if let Some(path) = &facts.path {
        let name = json!([{ "fullyQualifiedName": path }]);
        location.insert("logicalLocations".to_owned(), name);
    }
    Json::Object(location)
}

fn physical(spot: &Spot<'_>, base: &Base) -> Json {
    let artifact = match base.path(spot.file) {
        Some(path) => json!({ "uri": encoded(&path), "uriBaseId": ROOT }),
        None => json!({ "uri": outside(spot.file) }),
    };
    json!({ "artifactLocation": artifact, "region": region(spot.stretch) })
}

fn region(stretch: Option<Stretch>) -> Json {
    let Some(stretch) = stretch else {
        return json!({ "startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1 });
    };
    let Stretch {
        line,
        column,
        end_line,
        end_column,
        first_end: _,
    } = stretch;
    json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column })
}

/// A file outside of the repository.
fn outside(file: &str) -> String {
    match file.starts_with('/') {
        true => format!("file://{}", encoded(file)),
        false => encoded(file),
    }
}

/// A path as a URI: what is no unreserved character (RFC 3986, section 2.3) is percent-encoded, the slashes stay. A
/// colon is encoded too: before the first slash it would end a scheme.
fn encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// The name of the fingerprint, with the version of what goes into it.
const FINGERPRINT: &str = "composegen/v1";

/// How many findings there were of each kind and place.
#[derive(Default)]
struct Fingerprints(HashMap<String, usize>);

impl Fingerprints {
    /// What stays the same while lines move and numbers in messages change: the rule, the file, the path to the value.
    /// A second finding with all of that is the second.
    fn of(&mut self, facts: &Facts<'_>) -> String {
        let file = facts.spot.map_or("", |spot| spot.file);
        let path = facts.path.as_deref().unwrap_or_default();
        let service = facts.service.unwrap_or_default();
        let key = [facts.rule.name(), file, path, service].join("\n");
        let before = self.0.entry(key.clone()).or_default();
        let text = format!("{key}\n{before}");
        *before += 1;
        shortened(&text)
    }
}

fn shortened(text: &str) -> String {
    digest(text.as_bytes()).chars().take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples::{place_of, sources};
    use super::*;
    use crate::place::Place;

    fn results(found: &[Finding], sources: &Sources<'_>) -> Vec<Json> {
        let base = Base::new("/r/a b".into(), "/r".into());
        let text = findings(found, sources, &base, 1);
        let document: Json = serde_json::from_str(&text).expect("it is JSON");
        document["runs"][0]["results"]
            .as_array()
            .expect("results")
            .clone()
    }

    #[test]
    fn regions_count_characters_and_may_span_lines() {
        let sources = sources(&["a: 𝄞日x\nb: [1,\n 2]\n"]);
        let at = |part| Finding::new(Rule::BadPort, place_of(&sources, 0, part), "m");
        let results = results(&[at("x"), at("[1,\n 2]"), at("𝄞日x\n")], &sources);
        let region =
            |index: usize| results[index]["locations"][0]["physicalLocation"]["region"].clone();
        assert_eq!(
            region(0),
            json!({ "startLine": 1, "startColumn": 6, "endLine": 1, "endColumn": 7 })
        );
        assert_eq!(
            region(1),
            json!({ "startLine": 2, "startColumn": 4, "endLine": 3, "endColumn": 4 })
        );
        assert_eq!(
            region(2),
            json!({ "startLine": 1, "startColumn": 4, "endLine": 2, "endColumn": 1 })
        );
        let uri = &results[0]["locations"][0]["physicalLocation"]["artifactLocation"];
        assert_eq!(
            *uri,
            json!({ "uri": "a%20b/catalog/0.yaml", "uriBaseId": "%SRCROOT%" })
        );
    }

    #[test]
    fn a_fingerprint_survives_moved_lines_and_other_numbers() {
        let print = |text: &str, message: &str| {
            let sources = sources(&[text]);
            let found = Finding::new(Rule::BadPort, place_of(&sources, 0, "80"), message);
            let results = results(&[found.clone(), found], &sources);
            let of =
                |index: usize| results[index]["partialFingerprints"]["composegen/v1"].to_string();
            assert_ne!(of(0), of(1));
            of(0)
        };
        let before = print("services:\n  web: { ports: [80] }\n", "81 is too many");
        assert_eq!(
            print("# x\n\nservices:\n  web: { ports: [80] }\n", "82 is"),
            before
        );
        assert_ne!(
            print("services:\n  api: { ports: [80] }\n", "81 is too many"),
            before
        );
    }

    #[test]
    fn what_has_no_place_is_told_at_the_head_of_the_catalog() {
        let sources = sources(&["a: b\n"]);
        let found = Finding::new(Rule::PortRandom, Place::NOWHERE, "see [x](y)");
        let result = &results(&[found], &sources)[0];
        assert_eq!(result["message"]["text"], "see \\[x\\](y)");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(
            place["region"],
            json!({ "startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1 })
        );
        assert_eq!(place["artifactLocation"]["uri"], "a%20b/catalog/0.yaml");
    }
}
