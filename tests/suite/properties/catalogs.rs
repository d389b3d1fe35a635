//! What holds for every catalog, from its texts to the files that are made of it.

use std::collections::{BTreeMap, BTreeSet};

use bumpalo::Bump;
use composegen::compose::document::Document;
use composegen::compose::list::Either;
use composegen::compose::value::{Reader, Sink, Value as _};
use composegen::finding::{Finding, Findings};
use composegen::plan::{Plan, PlannedService};
use composegen::report::{Style, human, json};
use composegen::rule::{Level, Rule};
use composegen::source::Sources;
use composegen::values::mode_class::ModeClass;
use composegen::yaml::write::Writer;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;
use serde_yaml::Value;

use super::drawn::{Drawn, FILES, catalog};
use super::hostile;
use crate::in_memory::{Made, make, make_from};

fn borrowed<'t>(texts: &'t [(&'static str, String)]) -> Vec<(&'t str, &'t str)> {
    texts
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect()
}

/// All files of all hosts; a host that is refused has none.
fn files(made: &Made) -> BTreeMap<String, Vec<u8>> {
    let files = made.hosts.iter().filter_map(|host| host.files.as_ref());
    let files = files.flat_map(|files| files.iter());
    files
        .map(|(path, bytes)| (path.to_owned(), bytes.to_vec()))
        .collect()
}

/// Findings as they are compared: the rule, and the words of its sentence.
type Told = BTreeSet<(Rule, Vec<String>)>;

/// The findings without their places, which tell the order of files. Of two services that meet, the one that is written
/// later is told, so the words of a sentence count, and not their order.
fn told(made: &Made) -> Told {
    let told = |finding: &Finding| {
        let mut words: Vec<String> = finding
            .message
            .split([' ', ','])
            .map(str::to_owned)
            .collect();
        words.sort_unstable();
        (finding.rule, words)
    };
    made.findings().map(told).collect()
}

/// Files and findings of a drawn catalog.
fn outcome(drawn: &Drawn) -> (BTreeMap<String, Vec<u8>>, Told) {
    let texts = drawn.texts();
    let arena = Bump::new();
    let made = make(&borrowed(&texts), &arena);
    (files(&made), told(&made))
}

fn is_budget(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::MemoryBudget | Rule::CpuBudget | Rule::ReservationBudget | Rule::ServiceOverHost
    )
}

/// The budgets that do not hold: host, mode, rule and, for a single service, its name.
fn over_budget(drawn: &Drawn) -> BTreeSet<String> {
    let texts = drawn.texts();
    let arena = Bump::new();
    let made = make(&borrowed(&texts), &arena);
    let mut over = BTreeSet::new();
    for host in &made.hosts {
        let name = host.plans.first().map_or("", |plan| plan.host);
        for finding in host
            .findings
            .iter()
            .filter(|finding| is_budget(finding.rule))
        {
            let service = finding
                .service
                .as_deref()
                .filter(|_| finding.rule == Rule::ServiceOverHost);
            over.extend(finding.modes.iter().map(|mode| {
                format!(
                    "{name} {mode} {} {}",
                    finding.rule.name(),
                    service.unwrap_or_default()
                )
            }));
        }
    }
    over
}

/// Whether a sum that is too large was not told before, since a service of the mode alone was larger than the host: one
/// mistake is told once.
fn is_hidden(over: &str, before: &BTreeSet<String>) -> bool {
    let place = |over: &str| {
        let words: Vec<&str> = over.split(' ').take(2).collect();
        words.join(" ")
    };
    let alone = format!("{} {} ", place(over), Rule::ServiceOverHost.name());
    before.iter().any(|over| over.starts_with(&alone))
}

/// Lowers the limit of a word that a layer has, and the reservation with it where that is an amount.
fn lower(drawn: &mut Drawn, which: &Index, word: &str, least: &str) -> bool {
    let mut layers: Vec<&mut serde_json::Value> = drawn
        .entries
        .iter_mut()
        .filter(|entry| entry.section == "services" || entry.section == "fragments")
        .map(|entry| &mut entry.body)
        .filter(|body| !body[word].is_null())
        .collect();
    if layers.is_empty() {
        return false;
    }
    let at = which.index(layers.len());
    let value = &mut layers[at][word];
    match value.get_mut("limit") {
        Some(limit) => *limit = json!(least),
        None => *value = json!(least),
    }
    true
}

/// What an independent reader sees in a file, against what its plan says.
fn check_file(plan: &Plan, text: &str) -> Result<(), TestCaseError> {
    let read: Value = serde_yaml::from_str(text)
        .map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
    prop_assert_eq!(read["name"].as_str(), Some(plan.project));
    let services = read["services"].as_mapping();
    let names: BTreeSet<&str> = services
        .into_iter()
        .flatten()
        .filter_map(|(name, _)| name.as_str())
        .collect();
    let planned: BTreeSet<&str> = plan.services.iter().map(|service| service.name).collect();
    prop_assert_eq!(names, planned);
    for service in &plan.services {
        check_service(service, &read["services"][service.name])?;
    }
    let ours = read_by_us(text)?;
    prop_assert_eq!(&ours, &read, "{}", text);
    Ok(())
}

fn check_service(planned: &PlannedService, read: &Value) -> Result<(), TestCaseError> {
    let service = &planned.service;
    let image = service.image.map(|image| {
        image
            .get()
            .map_or("?".to_owned(), |image| image.to_string())
    });
    prop_assert_eq!(read["image"].as_str().map(str::to_owned), image);
    let environment = service
        .environment
        .into_iter()
        .flat_map(|environment| environment.iter());
    let environment: BTreeMap<&str, Option<&str>> = environment
        .map(|(key, _, value)| (key, value.0.map(|text| text.text)))
        .collect();
    let written = read["environment"].as_mapping().into_iter().flatten();
    let written: BTreeMap<&str, Option<&str>> = written
        .filter_map(|(key, value)| Some((key.as_str()?, value.as_str())))
        .collect();
    prop_assert_eq!(written, environment);
    let ports: Vec<Option<String>> = service
        .ports
        .into_iter()
        .flat_map(|ports| ports.items)
        .map(|port| match port {
            Either::Short(port) => port.get().map(|mapping| mapping.to_string()),
            Either::Long(_) => None,
        })
        .collect();
    let written: Vec<Option<String>> = read["ports"]
        .as_sequence()
        .into_iter()
        .flatten()
        .map(|port| match port {
            Value::Number(port) => Some(port.to_string()),
            port => port.as_str().map(str::to_owned),
        })
        .collect();
    prop_assert_eq!(written, ports);
    check_limits(planned, &read["deploy"]["resources"])
}

fn check_limits(planned: &PlannedService, read: &Value) -> Result<(), TestCaseError> {
    let bytes = |value: &Value| {
        value
            .as_str()
            .and_then(|text| text.parse::<composegen::values::memory::Memory>().ok())
    };
    let count = |value: &Value| value.as_f64().map(|cpus| (cpus * 1000.0).round() as u32);
    let (memory, cpus) = (&planned.limits.memory, &planned.limits.cpus);
    prop_assert_eq!(
        bytes(&read["limits"]["memory"]),
        memory.limit.map(|at| at.value)
    );
    prop_assert_eq!(
        bytes(&read["reservations"]["memory"]),
        memory.reservation.map(|at| at.value)
    );
    prop_assert_eq!(
        count(&read["limits"]["cpus"]),
        cpus.limit.map(|at| at.value.thousandths())
    );
    prop_assert_eq!(
        count(&read["reservations"]["cpus"]),
        cpus.reservation.map(|at| at.value.thousandths())
    );
    Ok(())
}

/// The file as our own reader types it, written once more: typed reading loses and changes nothing.
fn read_by_us(text: &str) -> Result<Value, TestCaseError> {
    let arena = Bump::new();
    let findings = Findings::new();
    let node = composegen::yaml::read(text, 0, &arena, &arena)
        .map_err(|errors| TestCaseError::fail(format!("{errors:?}\n{text}")))?;
    let reader = Reader {
        arena: &arena,
        findings: &findings,
        language: composegen::compose::value::Language::Generated,
    };
    let document = node.and_then(|node| Document::read(&node, &reader));
    let found = findings.take();
    prop_assert!(found.is_empty(), "{:?}\n{}", found, text);
    let mut sink = Sink::new(Writer::new());
    document
        .ok_or_else(|| TestCaseError::fail("no document"))?
        .write(&mut sink);
    serde_yaml::from_str(&sink.finish().0).map_err(|error| TestCaseError::fail(error.to_string()))
}

/// Runs everything that a command runs; whatever the texts are, there is an answer, and it can be told.
fn survives(texts: &[(&str, &str)]) {
    let arena = Bump::new();
    let sources = Sources::of_texts(texts, &arena);
    let made = make_from(&sources, &arena);
    let findings: Vec<Finding> = made.findings().cloned().collect();
    let style = Style {
        color: false,
        width: 100,
    };
    let mut page = Vec::new();
    human::write(&mut page, &findings, &sources, style).expect("memory takes every byte");
    let json = json::findings(&findings, &sources, None);
    assert!(
        serde_json::from_str::<serde_json::Value>(&json).is_ok(),
        "{json}"
    );
    for host in &made.hosts {
        let refused = host
            .findings
            .iter()
            .any(|finding| finding.level == Level::Error);
        assert_eq!(
            host.files.is_none(),
            refused,
            "written if and only if nothing is wrong"
        );
    }
}

/// Whether an answer lets a fenced service into production: in a plan that is not refused, or in a file.
fn fence_holds(made: &Made) -> Result<(), TestCaseError> {
    for host in &made.hosts {
        for plan in host
            .plans
            .iter()
            .filter(|plan| plan.class == ModeClass::Production)
        {
            let inside = plan
                .services
                .iter()
                .find(|service| matches!(service.role, "datagen" | "test"));
            prop_assert!(
                inside.is_none(),
                "`{}` is in `{}`",
                inside.map_or("", |service| service.name),
                plan.mode
            );
            let file = host
                .files
                .as_ref()
                .and_then(|files| files.get(&host.setting().path(plan)));
            let text = String::from_utf8_lossy(file.unwrap_or_default());
            prop_assert!(
                !text.contains(hostile::MARKER),
                "the marker is in `{}`:\n{}",
                plan.mode,
                text
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_same_catalog_gives_the_same_bytes(drawn in catalog()) {
        prop_assert_eq!(outcome(&drawn), outcome(&drawn));
    }

    #[test]
    fn the_order_of_files_and_names_changes_nothing(
        drawn in catalog(),
        order in prop::collection::vec(any::<Index>(), 7),
        places in prop::collection::vec(0..FILES.len(), 1..9),
    ) {
        let (files, told) = outcome(&drawn);
        let (other_files, other_told) = outcome(&drawn.shuffled(&order, &places));
        prop_assert_eq!(told, other_told);
        prop_assert_eq!(files, other_files);
    }

    /// Their order is one that people choose, so which of two modes a message names may follow it.
    #[test]
    fn the_order_of_hosts_and_modes_changes_no_file(drawn in catalog(), order in prop::collection::vec(any::<Index>(), 7)) {
        let (files, told) = outcome(&drawn);
        let (other_files, other_told) = outcome(&drawn.turned(&order));
        let rules = |told: Told| told.into_iter().map(|(rule, _)| rule).collect::<BTreeSet<_>>();
        prop_assert_eq!(rules(told), rules(other_told));
        prop_assert_eq!(files, other_files);
    }

    #[test]
    fn what_is_written_is_what_was_planned(drawn in catalog()) {
        let texts = drawn.texts();
        let arena = Bump::new();
        let made = make(&borrowed(&texts), &arena);
        for host in &made.hosts {
            for plan in host.plans.iter().filter(|_| host.files.is_some()) {
                let path = host.setting().path(plan);
                let bytes = host.files.as_ref().and_then(|files| files.get(&path));
                let text = std::str::from_utf8(bytes.unwrap_or_default());
                check_file(plan, text.map_err(|error| TestCaseError::fail(error.to_string()))?)?;
            }
        }
    }

    #[test]
    fn a_lower_limit_breaks_no_budget(drawn in catalog(), which: Index, memory: bool) {
        let mut lower_one = drawn.clone();
        let (word, least) = if memory { ("memory", "6m") } else { ("cpus", "0.01") };
        if lower(&mut lower_one, &which, word, least) {
            let (before, after) = (over_budget(&drawn), over_budget(&lower_one));
            let mut new = after.difference(&before);
            prop_assert!(new.all(|over| is_hidden(over, &before)), "{:?}", after.difference(&before));
        }
    }

    #[test]
    fn every_text_gets_an_answer(name in prop::sample::select(FILES), text in ".{0,200}", main: bool) {
        survives(&[(name, &text)]);
        if main {
            survives(&[(FILES[0], "project: p\nhosts: { a: { memory: 1g, cpus: 1 } }\nmodes: { t: { class: test } }\n"), (FILES[1], &text)]);
        }
    }

    #[test]
    fn a_catalog_with_mistakes_gets_an_answer(
        drawn in catalog(),
        cuts in prop::collection::vec((any::<Index>(), 0_usize..12, "[-?:,\\[\\]{}#&*!|>'\"%@$` \n\ta-c0-9<~é\u{feff}]{0,6}"), 1..4),
    ) {
        let mut texts = drawn.texts();
        for (which, (index, len, insert)) in cuts.iter().enumerate() {
            let count = texts.len();
            let text = &mut texts[which % count].1;
            let mut characters: Vec<char> = text.chars().collect();
            let at = index.index(characters.len() + 1);
            let end = (at + len).min(characters.len());
            characters.splice(at..end, insert.chars());
            *text = characters.into_iter().collect();
        }
        survives(&borrowed(&texts));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_catalog_lets_a_fenced_role_into_production(text in hostile::catalog()) {
        let arena = Bump::new();
        let made = make(&[(FILES[0], &text)], &arena);
        fence_holds(&made)?;
    }
}

/// Properties over catalogs that are all refused would say little.
#[test]
fn most_drawn_catalogs_are_built_and_some_are_refused() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut count = |mut is_built: Box<
        dyn FnMut(&mut proptest::test_runner::TestRunner) -> bool,
    >| { (0..48).filter(|_| is_built(&mut runner)).count() };
    let drawn = count(Box::new(|runner| {
        let drawn = catalog().new_tree(runner).expect("a catalog").current();
        !outcome(&drawn).0.is_empty()
    }));
    let hostile = count(Box::new(|runner| {
        let text = hostile::catalog()
            .new_tree(runner)
            .expect("a catalog")
            .current();
        let arena = Bump::new();
        !files(&make(&[(FILES[0], &text)], &arena)).is_empty()
    }));
    assert!(
        (20..=48).contains(&drawn),
        "{drawn} of 48 drawn catalogs are built"
    );
    assert!(
        (4..=44).contains(&hostile),
        "{hostile} of 48 hostile catalogs are built"
    );
}
