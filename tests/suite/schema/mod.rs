//! The JSON schema of a catalog file and the reader say the same of every catalog; and every key of Compose is read and
//! written in all its forms.
//!
//! `good.yaml` holds every key in every form. The schema and the reader take it; and what Docker Compose makes of our
//! file is what it makes of the same services in a file of its own. `bad.txt` holds mistakes, one a line.

mod forms;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use composegen::catalog::SCHEMA;
use composegen::catalog::words::OwnWords;
use composegen::compose::service::Service;
use forms::Forms;
use jsonschema::Validator;
use serde_json::{Map, Value as Json, json};
use serde_yaml::Value as Yaml;
use tempfile::TempDir;

/// Every key of a service in all its forms.
const GOOD: &str = include_str!("good.yaml");
/// Mistakes.
const BAD: &str = include_str!("bad.txt");

/// Compose's keys that a catalog writes otherwise; `bad.txt` holds them.
const WRITTEN_OTHERWISE: &[&str] = &["mem_limit", "mem_reservation"];

/// Keys in whose place a catalog has a word of its own, which the services `own-...` of `good.yaml` hold.
const OUR_OWN: &[&str] = &["cpus", "extends"];

/// Forms of the newest specification that Docker Compose 2.40 does not take yet. They are read and written; that alone
/// is seen here.
const TOO_NEW: &[&str] = &["Build.no_cache_filter"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn schema() -> Json {
    serde_json::from_str(SCHEMA).unwrap()
}

fn validator() -> Validator {
    jsonschema::draft7::new(&schema()).unwrap()
}

/// What a JSON schema sees of a YAML text. What `!reset` removes is not there; other tags leave the value.
fn json(text: &str) -> Json {
    let mut value: Yaml = serde_yaml::from_str(text).unwrap();
    value.apply_merge().unwrap();
    converted(value).unwrap_or_default()
}

fn converted(value: Yaml) -> Option<Json> {
    Some(match value {
        Yaml::Null => Json::Null,
        Yaml::Bool(value) => json!(value),
        Yaml::Number(number) => serde_json::to_value(number).unwrap(),
        Yaml::String(text) => json!(text),
        Yaml::Sequence(items) => items.into_iter().filter_map(converted).collect(),
        Yaml::Mapping(map) => {
            let entry = |(key, value)| Some((name(key), converted(value)?));
            Json::Object(map.into_iter().filter_map(entry).collect())
        }
        Yaml::Tagged(tagged) if tagged.tag == "reset" => return None,
        Yaml::Tagged(tagged) => return converted(tagged.value),
    })
}

/// A key as a text, whatever YAML takes it for.
fn name(key: Yaml) -> String {
    match key {
        Yaml::String(text) => text,
        other => serde_yaml::to_string(&other).unwrap().trim().to_owned(),
    }
}

/// What the schema says of a catalog, one line a finding.
fn refusals(validator: &Validator, catalog: &Json) -> Vec<String> {
    let line = |error: jsonschema::ValidationError| format!("{}: {error}", error.instance_path());
    validator.iter_errors(catalog).map(line).collect()
}

/// A folder with a catalog of one file, and the files that `good.yaml` names.
fn project(catalog: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("catalog/catalog.yaml", catalog);
    write("one.env", "ONE=1\n");
    write("two.env", "TWO=2\n");
    write("labels", "one=1\n");
    write("more-labels", "two=2\n");
    folder
}

fn composegen(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_composegen"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

#[test]
fn the_kept_schema_is_the_one_that_the_types_give() {
    let path = root().join("src/catalog/catalog.schema.json");
    let text = composegen::catalog::schema::text();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let kept = fs::read_to_string(path).unwrap();
    assert!(
        kept == text,
        "src/catalog/catalog.schema.json is not current: run `make bless`"
    );
}

#[test]
fn the_schema_of_this_repository_is_current() {
    let kept = fs::read_to_string(root().join("generated/catalog.schema.json")).unwrap();
    assert!(
        kept == SCHEMA,
        "generated/catalog.schema.json is not current: run `make build`"
    );
}

#[test]
fn the_schema_is_one_of_draft_7() {
    assert_eq!(
        schema()["$schema"],
        "http://json-schema.org/draft-07/schema#"
    );
    if let Err(error) = jsonschema::draft7::meta::validate(&schema()) {
        panic!("{error}");
    }
}

/// Calls `see` with every property of a schema and its path.
fn properties(path: &str, schema: &Json, see: &mut impl FnMut(&str, &Json)) {
    match schema {
        Json::Object(map) => {
            for (key, value) in map {
                let path = format!("{path}/{key}");
                if key == "properties" {
                    for (name, property) in value.as_object().unwrap() {
                        see(&format!("{path}/{name}"), property);
                    }
                }
                properties(&path, value, see);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| properties(path, item, see)),
        _ => {}
    }
}

#[test]
fn every_property_has_a_description_and_no_other_below_it() {
    let mut wrong = Vec::new();
    properties("", &schema(), &mut |path, property| {
        let text = property["description"].as_str().unwrap_or_default();
        if text.len() < 4 || !text.ends_with(['.', '?']) {
            wrong.push(format!("{path}: {text:?}"));
        }
        let alternatives = ["anyOf", "allOf"].map(|key| property[key].as_array());
        for part in alternatives.into_iter().flatten().flatten() {
            if part.get("description").is_some() {
                wrong.push(format!("{path}: two descriptions"));
            }
        }
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The words of a text in small letters, without those that every sentence has.
fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    let empty = [
        "", "a", "an", "the", "its", "it", "of", "is", "in", "for", "or", "and", "true", "false",
    ];
    words
        .filter(|word| !empty.contains(word))
        .map(str::to_owned)
        .collect()
}

/// What is wrong with a description for somebody who sees it over the key.
fn is_no_help(name: &str, property: &Json) -> Option<&'static str> {
    let text = property["description"].as_str().unwrap_or_default();
    let of_name = words(name);
    let says = |word: &String| {
        let near =
            |other: &String| word.starts_with(other.as_str()) || other.starts_with(word.as_str());
        !of_name.iter().any(near)
    };
    if words(text).into_iter().filter(says).count() < 3 {
        return Some("says hardly more than the name");
    }
    let expected = property["patternErrorMessage"].as_str().unwrap_or_default();
    let has_unit = expected.contains("a duration") || expected.contains("a size");
    if has_unit && !text.contains(|letter: char| letter.is_ascii_digit()) {
        return Some("has a unit and no example");
    }
    None
}

#[test]
fn every_description_says_more_than_the_name_of_its_key() {
    let mut wrong = Vec::new();
    properties("", &schema(), &mut |path, property| {
        let (_, name) = path.rsplit_once('/').unwrap();
        if let Some(why) = is_no_help(name, property) {
            wrong.push(format!("{path}: {} ({why})", property["description"]));
        }
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
    let hardly =
        |name: &str, text: &str| is_no_help(name, &serde_json::json!({ "description": text }));
    assert!(hardly("cpu_period", "The period.").is_some());
    assert!(hardly("labels", "Labels.").is_some());
    assert!(
        hardly(
            "working_dir",
            "The folder in the container in which it starts."
        )
        .is_none()
    );
}

fn catalog_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            catalog_files(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            found.push(path);
        }
    }
}

#[test]
fn every_catalog_that_the_reader_takes_is_valid() {
    let mut files = Vec::new();
    catalog_files(&root().join("catalog"), &mut files);
    assert!(!files.is_empty());
    catalog_files(&root().join("tests/golden"), &mut files);
    let silent = |path: &PathBuf| {
        let below = path.strip_prefix(root()).unwrap().to_str().unwrap();
        below.starts_with("catalog") || below.contains("/silent") && below.contains("/catalog/")
    };
    let validator = validator();
    let mut wrong = Vec::new();
    for path in files.iter().filter(|path| silent(path)) {
        let catalog = json(&fs::read_to_string(path).unwrap());
        // An empty file is a catalog without anything.
        if !catalog.is_null() {
            let said = refusals(&validator, &catalog);
            wrong.extend(
                said.iter()
                    .map(|line| format!("{}: {line}", path.display())),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// One line of `bad.txt`: the rule, and the whole catalog.
struct Bad {
    line: &'static str,
    rule: &'static str,
    catalog: String,
}

const BASE: &[(&str, &str)] = &[
    ("project", "project: forms"),
    ("hosts", "hosts: { big: { memory: 8GiB, cpus: 4 } }"),
    ("modes", "modes: { prod: { class: production } }"),
    ("networks", "networks: { front: }"),
    ("volumes", "volumes: { data: }"),
];

fn bad() -> impl Iterator<Item = Bad> {
    let (words, sections) = BAD.split_once("---\n").unwrap();
    let words = words.lines().filter(|line| !line.starts_with('#'));
    let words = words.map(|line| Bad::new(line, with_service));
    words.chain(sections.lines().map(|line| Bad::new(line, with_section)))
}

impl Bad {
    fn new(line: &'static str, within: fn(&str) -> String) -> Self {
        let (rule, piece) = line.split_once(' ').unwrap();
        let catalog = within(piece.trim());
        Bad {
            line,
            rule,
            catalog,
        }
    }
}

fn key(piece: &str) -> &str {
    piece.split(':').next().unwrap()
}

/// The catalog with one more word of its service.
fn with_service(piece: &str) -> String {
    let words = [
        "role: core",
        "image: busybox:1.36",
        "memory: 8M",
        "cpus: 0.1",
        "healthcheck: image",
    ];
    let kept = words.iter().filter(|word| key(word) != key(piece)).copied();
    let mut service = String::new();
    for word in kept.chain([piece]) {
        service.push_str(&format!("\n    {word}"));
    }
    let peer =
        "peer: { role: core, image: busybox:1.36, memory: 8M, cpus: 0.1, healthcheck: image }";
    with_section(&format!("services:\n  {peer}\n  app:{service}"))
}

/// The catalog with another section in place of its own.
fn with_section(piece: &str) -> String {
    let kept = BASE.iter().filter(|(name, _)| *name != key(piece));
    let mut text = String::new();
    for section in kept.map(|(_, section)| *section).chain([piece]) {
        text.push_str(section);
        text.push('\n');
    }
    text
}

/// The errors that `check` finds, by rule.
fn errors(folder: &Path) -> Vec<String> {
    let output = composegen(folder, &["check", "--format", "json"]);
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let errors = findings
        .iter()
        .filter(|finding| finding["level"] == "error");
    errors
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect()
}

/// Else the mistakes below would be refused for the catalog around them.
#[test]
fn the_catalog_around_the_mistakes_is_good() {
    let catalog = with_service("tty: true");
    assert_eq!(refusals(&validator(), &json(&catalog)), [""; 0]);
    let folder = project(&catalog);
    assert!(composegen(folder.path(), &["build"]).status.success());
    assert_eq!(errors(folder.path()), [""; 0]);
}

#[test]
fn every_mistake_is_refused_by_schema_and_reader() {
    let validator = validator();
    let mut wrong = Vec::new();
    for case in bad() {
        if validator.is_valid(&json(&case.catalog)) {
            wrong.push(format!("the schema takes it: {}", case.line));
        }
        let found = errors(project(&case.catalog).path());
        if !found.iter().any(|rule| rule == case.rule) {
            wrong.push(format!("{found:?} found: {}", case.line));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_form_is_valid() {
    assert_eq!(refusals(&validator(), &json(GOOD)), [""; 0]);
}

#[test]
fn every_key_in_every_form_is_in_the_good_catalog() {
    let (schema, catalog) = (schema(), json(GOOD));
    let forms = Forms::new(&schema);
    let seen = forms.of(&catalog);
    let missing = forms.all().into_iter().filter(|form| {
        let too_new = TOO_NEW.iter().any(|key| form.starts_with(key));
        !too_new && !seen.contains(form)
    });
    let missing: Vec<String> = missing.collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The names of Compose's services in `good.yaml`, and all keys that services of a kind hold.
fn keys(own: bool) -> Vec<String> {
    let catalog = json(GOOD);
    let services = catalog["services"].as_object().unwrap();
    let chosen = services
        .iter()
        .filter(|(name, _)| name.starts_with("own-") == own);
    chosen
        .flat_map(|(_, service)| service.as_object().unwrap().keys().cloned())
        .collect()
}

#[test]
fn every_service_key_is_compared_with_what_compose_reads() {
    let (compose, own) = (keys(false), keys(true));
    for key in Service::KEYS {
        let written = match () {
            () if WRITTEN_OTHERWISE.contains(key) => BAD.contains(&format!(" {key}: ")),
            () if OUR_OWN.contains(key) => own.iter().any(|other| other == key),
            () => compose.iter().any(|other| other == key),
        };
        assert!(written, "`{key}` stands in no service");
    }
    for key in OwnWords::KEYS {
        assert!(
            own.iter().any(|other| other == key),
            "`{key}` stands in no service `own-...`"
        );
    }
}

/// The services and what they share as a Compose file: without our words and the services that need them.
fn as_compose() -> String {
    let start = GOOD.find("\nnetworks:").unwrap();
    let end = GOOD.find("  own-memory:").unwrap();
    let mut text = "name: forms\nmodels: { llm: { model: ai/smollm2 } }\n".to_owned();
    for line in GOOD[start..end].lines() {
        let line = match line.find(", shared: ") {
            Some(at) => format!("{} }}", &line[..at]),
            None => line.to_owned(),
        };
        let image = "image: \"busybox:1.36\"";
        let line = line.replace("role: core, image:", "image:");
        text.push_str(&line.replace("role: core", image));
        text.push('\n');
    }
    text
}

/// What Docker Compose makes of a file: every path absolute, every form the long one.
fn as_compose_reads(folder: &Path, file: &str) -> Json {
    let output = Command::new("docker")
        .args(["compose", "-f", file, "--profile", "*", "config"])
        .current_dir(folder)
        .env("TOKEN", "token")
        .env("PLAIN", "5")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{file}: {said}");
    json(&String::from_utf8(output.stdout).unwrap())
}

/// The same without what we add to every service (limits) and without the difference of nothing and an empty map.
fn comparable(mut service: Json) -> Json {
    let limits = service.pointer_mut("/deploy/resources/limits");
    if let Some(limits) = limits.and_then(Json::as_object_mut) {
        limits.retain(|key, _| key == "pids");
    }
    without_nothing(service)
}

fn without_nothing(value: Json) -> Json {
    match value {
        Json::Object(map) => {
            let kept = map
                .into_iter()
                .map(|(key, value)| (key, without_nothing(value)));
            let kept: Map<String, Json> = kept
                .filter(|(key, value)| {
                    !value.is_null() || !matches!(key.as_str(), "deploy" | "resources" | "limits")
                })
                .collect();
            match kept.is_empty() {
                true => Json::Null,
                false => Json::Object(kept),
            }
        }
        Json::Array(items) => items.into_iter().map(without_nothing).collect(),
        other => other,
    }
}

/// What differs between what Compose reads in a file of its own and in ours.
fn differences(own: &Json, built: &Json) -> Vec<String> {
    let mut found = Vec::new();
    for section in ["networks", "volumes", "secrets", "configs", "models"] {
        if own[section] != built[section] {
            found.push(format!(
                "{section}: {} in a file of its own\n{} in ours",
                own[section], built[section]
            ));
        }
    }
    for (name, service) in own["services"].as_object().unwrap() {
        let mut written = built["services"][name].clone();
        // Ours has limits, and beside them Compose repeats there what `scale` and `pids_limit` say.
        if service.get("deploy").is_none() {
            written.as_object_mut().unwrap().remove("deploy");
        }
        let (expected, written) = (comparable(service.clone()), comparable(written));
        if expected != written {
            found.push(format!(
                "{name}: {expected} in a file of its own\n{written} in ours"
            ));
        }
    }
    found
}

#[test]
fn every_form_is_written_as_compose_reads_it() {
    let folder = project(GOOD);
    let built = composegen(folder.path(), &["build"]);
    let said = String::from_utf8_lossy(&built.stderr).into_owned();
    assert!(built.status.success(), "{said}");
    if !has_compose() {
        crate::skipped(
            "Docker Compose is not installed: what it makes of our file is not compared",
        );
        return;
    }
    fs::write(folder.path().join("compose.yml"), as_compose()).unwrap();
    let own = as_compose_reads(folder.path(), "compose.yml");
    let ours = as_compose_reads(folder.path(), "generated/docker-compose.prod.yml");
    let found = differences(&own, &ours);
    assert!(found.is_empty(), "{}", found.join("\n\n"));
}

fn has_compose() -> bool {
    let version = Command::new("docker").args(["compose", "version"]).output();
    version.is_ok_and(|output| output.status.success())
}

#[test]
fn what_compose_does_not_take_yet_is_written() {
    let catalog = with_service("build: { context: ., no_cache_filter: [one, two] }");
    let output = composegen(project(&catalog).path(), &["build", "--stdout"]);
    let built = json(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(
        built["services"]["app"]["build"],
        json!({ "context": "..", "no_cache_filter": ["one", "two"] })
    );
}
