//! Catalogs that try to bring a data generator into production, by every word and every way of writing it.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// The image that services of the roles `datagen` and `test` have, and nobody else.
pub const MARKER: &str = "marker.example/fenced";

/// Ways to write a role.
const FENCED: &[&str] = &[
    "datagen",
    "test",
    "\"datagen\"",
    "'test'",
    "\"data\\u0067en\"",
    "&role datagen",
    "!!str datagen",
    "&t 'datagen'",
];

/// Words that might lift the fence, at the service.
const LIFTS: &[&str] = &[
    "modes: [prod]",
    "modes: [production, live]",
    "modes: [prod, test, live, stage]",
    "replaces: web",
    "replaces: db",
    "extends: web",
    "extends: [worker, shared]",
    "overrides: { prod: { memory: 32M } }",
    "overrides: { prod: { role: core } }",
    "overrides: { live: { modes: [live] } }",
    "overrides: { production: { role: core, labels: { role: core } } }",
    "waive: [{ rule: role-forbidden, reason: we want it }]",
    "waive: [{ rule: twin-without-replaces, reason: we want it }]",
    "compose: { role: core }",
    "compose: { x-role: core, classes: [production] }",
    "profiles: [production]",
    "hosts: [big]",
    "job: true",
    "job: manual",
    "environment: { ROLE: core }",
    "labels: { role: core }",
    "container_name: web",
    "<<: *core",
    "<<: [*core, *layer]",
];

/// Words of the roles.
const CLASSES: &[&str] = &[
    "datagen: { classes: [production] }",
    "datagen: { classes: [test, production] }",
    "test: { classes: [production], defaults: { labels: { a: b } } }",
    "datagen: { profile: production }",
    "test: {}",
    "datagen: { defaults: { extends: worker } }",
    "ui: { classes: [production] }",
    "ui: { defaults: { extends: gen } }",
    "core: { defaults: { extends: gen } }",
    "core: { classes: [production, test] }",
];

/// Modes besides `prod` and `test`.
const MODES: &[&str] = &[
    "live: { class: production }",
    "live: { class: production, aliases: [datagen] }",
    "live: { class: \"production\", requires: [gen] }",
    "live: { class: production, requires: [\"role:datagen\"] }",
    "live: { class: test, aliases: [production-like] }",
    "live: { class: test, aliases: [prod2], project: hostile }",
    "live: { class: 'pro' }",
    "live: { class: \"{{ 'test' }}\" }",
    "live: { class: ${CLASS} }",
    "live: {}",
    "prod2: { class: production }",
];

/// Words of a service of another role that reach for the generator.
const REACHES: &[&str] = &[
    "extends: gen",
    "extends: [gen, shared]",
    "extends: worker",
    "replaces: gen",
    "depends_on: [gen]",
    "depends_on: { gen: { required: false } }",
    "environment: { URL: \"{{ url('gen') | default('') }}\" }",
    "overrides: { prod: { extends: gen } }",
    "overrides: { prod: { image: nginx } }",
    "<<: *generator",
    "<<: [*core, *generator]",
    "image: *marker",
    "image: \"{{ picture }}\"",
    "labels: { a: b }",
    "compose: { x-a: b }",
];

/// The top level.
const TOPS: &[&str] = &[
    "compose: { services: { smuggled: { image: some } } }",
    "compose: { x-a: 1 }",
    "mode_variable: none",
    "limits: optional",
    "values: { picture: nginx }",
    "default_host: big",
    "mode: prod",
    "x-y: 1",
];

fn lines(words: &[&str], indent: &str) -> String {
    words
        .iter()
        .map(|word| format!("{indent}{word}\n"))
        .collect()
}

/// Words with different keys: a second one would be refused by the reader, and nothing else looked at.
fn unlike(words: Vec<&'static str>) -> Vec<&'static str> {
    let key = |word: &str| word.split(':').next().unwrap_or_default().to_owned();
    let mut kept: Vec<&'static str> = Vec::new();
    for word in words {
        if kept.iter().all(|other| key(other) != key(word)) {
            kept.push(word);
        }
    }
    kept
}

fn of(list: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<&'static str>> {
    vec(select(list), 0..=most).prop_map(unlike)
}

/// A catalog whose data generator wants into production.
pub fn catalog() -> impl Strategy<Value = String> {
    let role = || select(FENCED);
    (
        (role(), role()),
        (of(LIFTS, 3), of(LIFTS, 2)),
        of(CLASSES, 2),
        of(MODES, 1),
        (of(REACHES, 1), of(REACHES, 1)),
        of(TOPS, 2),
    )
        .prop_map(|((gen_role, twin_role), (lifts, twin_lifts), classes, modes, (web, worker), tops)| {
            let mut text = String::from(
                "project: hostile\nhosts: { big: { memory: 64GiB, cpus: 32 }, other: { memory: 64GiB, cpus: 32 } }\n",
            );
            text.push_str(&lines(&tops, ""));
            text.push_str("modes:\n  prod: { class: production, aliases: [production] }\n  test: { class: test }\n");
            text.push_str(&lines(&modes, "  "));
            text.push_str("roles:\n  spare: {}\n");
            text.push_str(&lines(&classes, "  "));
            text.push_str("defaults: { memory: 32M, cpus: 0.05 }\nfragments:\n  shared: &layer { labels: { c: d } }\nservices:\n");
            text.push_str("  db: &core { role: core, image: busybox }\n");
            text.push_str(&format!("  gen: &generator\n    role: {gen_role}\n    image: &marker {MARKER}:1\n"));
            text.push_str(&lines(&lifts, "    "));
            text.push_str(&format!("  twin:\n    role: {}\n    image: {MARKER}:2\n", twin_role.replace('&', "&a")));
            text.push_str(&lines(&twin_lifts, "    "));
            let image = |words: &[&str]| {
                let own = words.iter().any(|word| ["extends", "image", "<<"].iter().any(|key| word.starts_with(key)));
                if own { "" } else { "    image: nginx\n" }
            };
            text.push_str(&format!("  web:\n    role: core\n{}{}", image(&web), lines(&web, "    ")));
            text.push_str(&format!("  worker:\n    role: ui\n{}{}", image(&worker), lines(&worker, "    ")));
            if !classes.iter().any(|class| class.starts_with("ui:")) {
                text = text.replace("role: ui", "role: spare");
            }
            text
        })
}
