//! The catalog: the bytes of its files, through the whole pipeline.

use std::path::PathBuf;

use bumpalo::Bump;
use composegen::dotenv;
use composegen::finding::Finding;
use composegen::outputs::graph::{Graph, dot, mermaid, svg};
use composegen::outputs::{FileSet, Setting, drift, files};
use composegen::pipeline::{HostPlans, Loaded, hint_commas, load};
use composegen::plan::Plan;
use composegen::plan::builds::{Look, There};
use composegen::plan::standing::standings;
use composegen::plan::surroundings::Surroundings;
use composegen::report::budget::{self, Section};
use composegen::rule::Rule;
use composegen::rules::Checked;
use composegen::source::{FileKind, SourceFile, Sources};

use super::reads_back::reads_back;
use super::told::{any_error, tell};

/// The line before each file but the first: a comment, so that it also means nothing where it is moved.
const NEXT: &[u8] = b"#--\n";

/// Names of the files, in the order of the bytes. What comes after the last one belongs to it.
const NAMES: &[&str] = &["catalog.yaml", "core.yaml", "ai.yaml", "test.yaml"];

/// The largest picture that is drawn: the layout is another project's, and slow where many arrows cross.
const MOST_DRAWN: usize = 8;

/// A project whose files are not known.
struct Nowhere;

impl Look for Nowhere {
    fn look(&self, _: &str) -> Option<There> {
        None
    }
}

/// Plans every host, applies the rules, makes the files, and reads them back.
pub fn run(bytes: &[u8]) {
    let arena = Bump::new();
    let sources = sources(bytes);
    let loaded = load(&sources, &arena);
    if !loaded.parsed {
        return refused(loaded.findings.take(), &sources);
    }
    let names: Vec<&str> = loaded.catalog.hosts.keys().copied().collect();
    let hosts: Vec<HostPlans> = names
        .iter()
        .map(|host| loaded.plans(host, &arena))
        .collect();
    let mut judged = loaded.judge(&hosts, &Nowhere, &arena);
    hint_commas(&mut judged.findings, &sources);
    tell(&judged.findings, &sources);
    let refusing = judged.outcomes.iter().any(Option::is_none);
    assert!(
        !refusing || any_error(&judged.findings),
        "refused without a word"
    );
    for checked in judged.outcomes.iter().flatten() {
        make(checked, &loaded);
    }
    hosts.iter().for_each(|plans| sums(plans, &loaded));
}

fn refused(mut findings: Vec<Finding>, sources: &Sources) {
    hint_commas(&mut findings, sources);
    tell(&findings, sources);
    assert!(any_error(&findings), "refused without a word");
}

/// The files that stand one behind the other in the bytes.
pub fn sources(bytes: &[u8]) -> Sources<'_> {
    let mut rest = bytes;
    let mut files = Vec::new();
    for (number, name) in NAMES.iter().enumerate() {
        let end = next(rest).filter(|_| number + 1 < NAMES.len());
        let (file, behind) = rest.split_at(end.unwrap_or(rest.len()));
        files.push(SourceFile {
            name,
            path: format!("catalog/{name}"),
            bytes: file,
            kind: FileKind::Catalog,
        });
        let Some(behind) = behind.get(NEXT.len()..) else {
            break;
        };
        rest = behind;
    }
    files.sort_unstable_by_key(|file| file.name);
    Sources {
        files,
        folder: PathBuf::from("catalog"),
        root: PathBuf::from("."),
    }
}

/// Where a line that ends a file begins.
fn next(bytes: &[u8]) -> Option<usize> {
    let mut all = bytes.windows(NEXT.len()).enumerate();
    let begins = |at: usize| at == 0 || bytes[at - 1] == b'\n';
    all.find_map(|(at, window)| (window == NEXT && begins(at)).then_some(at))
}

/// Everything that is made of the plans of one host.
fn make(checked: &Checked, loaded: &Loaded) {
    let Some(host) = checked.plans().first().map(|plan| plan.host) else {
        return;
    };
    let catalog = &loaded.catalog;
    let around = Surroundings::of(catalog, host);
    for default_host in [true, false] {
        let setting = Setting {
            project: catalog.project_name(),
            catalog: "catalog",
            default_host,
            set: &[],
            around: &around,
        };
        let made = files(checked, &[], &setting);
        for plan in checked.plans() {
            look(plan, &made, &setting);
        }
    }
    checked.plans().iter().for_each(draw);
}

/// The files of one plan are what was planned.
fn look(plan: &Plan, made: &FileSet, setting: &Setting) {
    let compose = made.get(&setting.path(plan)).expect("a Compose file");
    assert_eq!(
        drift::judge(compose),
        Rule::GeneratedStale,
        "its digest is its own"
    );
    let compose = std::str::from_utf8(compose).expect("a Compose file is text");
    let read = reads_back(compose);
    if !read.is_null() {
        is_planned(plan, &read, compose);
    }
    let env = made.get(&setting.env_path(plan)).expect("an env file");
    assert_eq!(
        drift::judge(env),
        Rule::GeneratedStale,
        "its digest is its own"
    );
    let problems = dotenv::read(env).problems;
    assert!(
        problems.is_empty(),
        "{problems:?}\n{}",
        String::from_utf8_lossy(env)
    );
}

/// What another reader sees has the name and the services of the plan.
fn is_planned(plan: &Plan, read: &serde_yaml::Value, compose: &str) {
    assert_eq!(read["name"].as_str(), Some(plan.project), "{compose}");
    let names = read["services"].as_mapping().into_iter().flatten();
    let mut names: Vec<&str> = names.filter_map(|(name, _)| name.as_str()).collect();
    let mut planned: Vec<&str> = plan.services.iter().map(|service| service.name).collect();
    names.sort_unstable();
    planned.sort_unstable();
    assert_eq!(names, planned, "{compose}");
}

fn draw(plan: &Plan) {
    let graph = Graph::of(plan);
    assert!(!mermaid::text(&graph).is_empty() && !dot::text(&graph).is_empty());
    if graph.nodes.len() <= MOST_DRAWN {
        let _ = svg::text(&graph);
    }
}

/// Sums and cuts are told of every plan, the refused ones included.
fn sums(plans: &HostPlans, loaded: &Loaded) {
    let standings = standings(plans, &[]);
    let sections = standings
        .iter()
        .map(|standing| Section::of(standing, &loaded.catalog, None));
    let report = budget::Report {
        host: plans.first().map_or("", |plan| plan.host).to_owned(),
        fits: true,
        what_if: Vec::new(),
        standings: sections.collect(),
        other_hosts: Vec::new(),
    };
    assert!(!budget::text(&report, 80).contains('\0'));
}
