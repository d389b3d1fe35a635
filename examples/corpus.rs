//! `make corpus CORPUS=DIR`: what `validate` says of many Compose files, beside what Docker Compose and the Compose
//! schema say of them. DIR holds `expected.csv` with the columns `file`, `compose` (accepts or refuses) and `schema`.
//! Tables by weight and rule, the time for a file, every finding that is broken in a file which Compose accepts, and the
//! files of which `validate` and Compose do not say the same.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bumpalo::Bump;
use composegen::catalog::entries::Host;
use composegen::dotenv;
use composegen::finding::{Finding, Findings, Scale, merged};
use composegen::plan::project::{self, ProjectPlan};
use composegen::project::{Asked, Files, Variables, load};
use composegen::rule::{Beside, Rule, Weight};
use composegen::rules::check_project;
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
    /// Files with a finding of this weight.
    weights: BTreeMap<&'static str, usize>,
    /// Files with a finding of this weight and rule, and how many findings.
    rules: BTreeMap<(&'static str, Rule), (usize, usize)>,
}

/// A finding, as it is counted and listed.
struct Told {
    weight: Weight,
    rule: Rule,
    /// `file:line`
    at: String,
    message: String,
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
    let (mut differing, mut broken) = (Vec::new(), Vec::new());
    for row in &rows {
        let start = Instant::now();
        let told = validated(&folder.join(&row.file));
        times.push(start.elapsed());
        let key = (row.compose.clone(), row.schema.clone());
        count(sums.entry(key).or_default(), &told);
        let has = |weight| told.iter().any(|one| one.weight == weight);
        let refuses = row.compose == "refuses";
        if has(Weight::Invalid) != refuses {
            differing.push((row, has(Weight::Invalid)));
        }
        let is_broken = |one: &Told| one.weight == Weight::Broken && !refuses;
        broken.extend(told.into_iter().filter(is_broken));
    }
    print(&sums);
    print_times(times);
    println!("broken, in files that Compose accepts:\n");
    for one in &broken {
        let at = one.at.strip_prefix(&format!("{}/", folder.display()));
        let at = at.unwrap_or(&one.at);
        println!("{at}: {}: {}", one.rule.name(), one.message);
    }
    println!("\nwhere Compose says something else:\n");
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

/// What is told of a file, with `--policy` and nothing else.
fn validated(path: &Path) -> Vec<Told> {
    let arena = Bump::new();
    let files = ProjectFiles::new(&arena);
    let folder = path.parent().unwrap_or(Path::new("."));
    let folder = folder.display().to_string();
    let found = findings(path, &folder, &files, &arena);
    let sources = files.into_sources(Path::new(&folder));
    let told = |finding: Finding| {
        Some(Told {
            weight: finding.weight?,
            rule: finding.rule,
            at: sources.file_line(finding.place),
            message: finding.message,
        })
    };
    found.into_iter().filter_map(told).collect()
}

fn findings<'s>(
    path: &Path,
    folder: &str,
    files: &ProjectFiles<'s>,
    arena: &'s Bump,
) -> Vec<Finding> {
    let weighed = |invalid_is_told| {
        let beside = Beside::default();
        let scale = Scale {
            beside,
            invalid_is_told,
        };
        Findings::weighed(scale, 250)
    };
    let (read, judged) = (weighed(false), weighed(true));
    let beside = files.env(&format!("{folder}/.env")).ok();
    let env: Vec<_> = beside.iter().map(|file| dotenv::read(file.bytes)).collect();
    let asked = Asked {
        files: &[path.display().to_string()],
        folder,
        variables: Variables::default().with(&env),
    };
    let project = load(asked, files, arena, &read);
    let Some(document) = &project.document else {
        return read.take();
    };
    let asked = project::Asked {
        document,
        defaults: &project.defaults,
        interpolated: &project.interpolated,
        profiles: &project.profiles,
        host: ("", Host::default()),
    };
    let plan = ProjectPlan::new(&asked, arena, &judged);
    merged(check_project(&plan, read.take_all(), &judged))
}

/// Adds a file.
fn count(sums: &mut Sums, told: &[Told]) {
    sums.files += 1;
    for weight in [Weight::Invalid, Weight::Broken, Weight::Policy] {
        let has = told.iter().any(|one| one.weight == weight);
        *sums.weights.entry(weight.word()).or_default() += usize::from(has);
    }
    let mut rules: BTreeMap<(&str, Rule), usize> = BTreeMap::new();
    for one in told {
        *rules.entry((one.weight.word(), one.rule)).or_default() += 1;
    }
    for (key, number) in rules {
        let sum = sums.rules.entry(key).or_default();
        *sum = (sum.0 + 1, sum.1 + number);
    }
}

fn print(sums: &BTreeMap<(String, String), Sums>) {
    println!("| Compose | schema | weight | rule | files | findings |");
    println!("|---|---|---|---|---|---|");
    for ((compose, schema), sums) in sums {
        println!("| {compose} | {schema} | any | | {} | |", sums.files);
        for (weight, files) in &sums.weights {
            println!("| {compose} | {schema} | {weight} | any | {files} | |");
        }
        for ((weight, rule), (files, number)) in &sums.rules {
            let name = rule.name();
            println!("| {compose} | {schema} | {weight} | {name} | {files} | {number} |");
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
