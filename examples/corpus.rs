//! `make corpus CORPUS=DIR`: what `validate` says of many Compose files, beside what Docker Compose and the Compose
//! schema say of them. DIR holds `expected.csv` with the columns `file`, `compose` (accepts or refuses) and `schema`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bumpalo::Bump;
use composegen::dotenv;
use composegen::finding::Findings;
use composegen::project::{Asked, Files, Variables, load};
use composegen::rule::{Rule, Weight};
use composegen::source::project::ProjectFiles;

/// What is known of a file.
struct Row {
    file: String,
    compose: String,
    schema: String,
}

/// What is counted, by what Compose and the schema say.
#[derive(Default)]
struct Sums {
    files: usize,
    /// Files with a finding of this rule.
    rules: BTreeMap<&'static str, usize>,
    /// Files with any finding that is invalid.
    invalid: usize,
}

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: corpus DIR");
        return ExitCode::from(2);
    };
    let Ok(text) = std::fs::read_to_string(folder.join("expected.csv")) else {
        eprintln!("there is no expected.csv in {}", folder.display());
        return ExitCode::from(2);
    };
    let rows = rows(&text);
    let mut sums: BTreeMap<(String, String), Sums> = BTreeMap::new();
    let mut times = Vec::with_capacity(rows.len());
    let mut differing = Vec::new();
    for row in &rows {
        let start = Instant::now();
        let rules = validated(&folder.join(&row.file));
        times.push(start.elapsed());
        let key = (row.compose.clone(), row.schema.clone());
        let invalid = count(sums.entry(key).or_default(), &rules);
        if invalid != (row.compose == "refuses") {
            differing.push((row, invalid));
        }
    }
    print(&sums);
    print_times(times);
    for (row, invalid) in &differing {
        let ours = if *invalid { "refuses" } else { "accepts" };
        println!(
            "{}: Compose {} it, validate {ours} it",
            row.file, row.compose
        );
    }
    match differing.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(1),
    }
}

/// The rules that fire for a file.
fn validated(path: &Path) -> Vec<Rule> {
    let arena = Bump::new();
    let files = ProjectFiles::new(&arena);
    let findings = Findings::at_most(250);
    let folder = path
        .parent()
        .unwrap_or(Path::new("."))
        .display()
        .to_string();
    let beside = files.env(&format!("{folder}/.env")).ok();
    let read: Vec<_> = beside.iter().map(|file| dotenv::read(file.bytes)).collect();
    let asked = Asked {
        files: &[path.display().to_string()],
        folder: &folder,
        variables: Variables::default().with(&read),
    };
    load(asked, &files, &arena, &findings);
    let found = findings.take();
    found.iter().map(|finding| finding.rule).collect()
}

/// Adds a file, and says whether it is invalid.
fn count(sums: &mut Sums, rules: &[Rule]) -> bool {
    let mut rules = rules.to_vec();
    rules.sort_unstable();
    rules.dedup();
    let weight = |rule: &Rule| rule.info().validate.alone();
    let invalid = rules
        .iter()
        .any(|rule| weight(rule) == Some(Weight::Invalid));
    sums.files += 1;
    sums.invalid += usize::from(invalid);
    for rule in rules {
        *sums.rules.entry(rule.name()).or_default() += 1;
    }
    invalid
}

fn print(sums: &BTreeMap<(String, String), Sums>) {
    println!("| Compose | schema | rule | weight | files |");
    println!("|---|---|---|---|---|");
    for ((compose, schema), sums) in sums {
        println!("| {compose} | {schema} | | any | {} |", sums.files);
        println!(
            "| {compose} | {schema} | any | invalid | {} |",
            sums.invalid
        );
        for (name, files) in &sums.rules {
            let weight = Rule::named(name).and_then(|rule| rule.info().validate.alone());
            let weight = weight.map_or("-", Weight::word);
            println!("| {compose} | {schema} | {name} | {weight} | {files} |");
        }
    }
}

fn print_times(mut times: Vec<Duration>) {
    times.sort_unstable();
    let (Some(median), Some(most)) = (times.get(times.len() / 2), times.last()) else {
        return;
    };
    let ms = |time: &Duration| time.as_secs_f64() * 1000.0;
    println!(
        "\n{} files, {:.2} ms in the middle, {:.2} ms at most\n",
        times.len(),
        ms(median),
        ms(most)
    );
}

fn rows(text: &str) -> Vec<Row> {
    let mut lines = text.lines().map(cells);
    let head = lines.next().unwrap_or_default();
    let at = |name: &str| head.iter().position(|cell| cell == name);
    let (Some(file), Some(compose), Some(schema)) = (at("file"), at("compose"), at("schema"))
    else {
        return Vec::new();
    };
    let row = |cells: Vec<String>| {
        Some(Row {
            file: cells.get(file)?.clone(),
            compose: cells.get(compose)?.clone(),
            schema: cells.get(schema)?.clone(),
        })
    };
    lines.filter_map(row).collect()
}

/// The cells of a line; those in quotes may hold commas, and quotes twice.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                push(&mut cells, '"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => push(&mut cells, other),
        }
    }
    cells
}

fn push(cells: &mut [String], letter: char) {
    if let Some(cell) = cells.last_mut() {
        cell.push(letter);
    }
}
