//! `make corpus CORPUS=DIR`: every Compose file that Docker Compose accepts becomes a catalog, the catalog is built, and
//! what Compose says of both is compared. Where a file leaves a value open that has to be there, the same once more with an
//! env file that sets what the first import made up. DIR holds `expected.csv` with the columns `file`, `compose` (accepts or refuses)
//! and `needs`: files that somebody who starts the project makes first. A word behind DIR: only files whose path holds it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use bumpalo::Bump;
use composegen::dotenv;
use composegen::import::{Asked as ToImport, Import, Mode, Subject, import};
use composegen::outputs::{self, Setting};
use composegen::pipeline;
use composegen::plan::surroundings::Surroundings;
use composegen::project::{Asked, Files, Variables, load_as_written};
use composegen::rule::Level;
use composegen::secrets::is_placeholder;
use composegen::source::Sources;
use composegen::source::project::ProjectFiles;
use composegen::values::interpolation::with_defaults;
use serde_json::{Map, Value};

/// A file to import.
struct Row {
    file: String,
    needs: Vec<String>,
}

/// What became of a file.
struct Outcome {
    file: String,
    /// Why it is not equal.
    difference: Option<String>,
    /// The same once every value is given that the file leaves open; `None` where it leaves none open.
    given: Option<Option<String>>,
    /// Lines of the original that are neither empty nor comments, and of the catalog.
    lines: (usize, usize),
    /// Notes of what a catalog cannot say.
    lost: usize,
}

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: corpus_import DIR [WORD]");
        return ExitCode::from(2);
    };
    let word = std::env::args().nth(2).unwrap_or_default();
    let Ok(text) = fs::read_to_string(folder.join("expected.csv")) else {
        eprintln!("there is no expected.csv in {}", folder.display());
        return ExitCode::from(2);
    };
    let Ok(copy) = tempfile::tempdir() else {
        eprintln!("there is no folder for temporary files");
        return ExitCode::from(2);
    };
    let kept = std::env::var_os("KEEP").map(PathBuf::from);
    let root = kept.unwrap_or_else(|| copy.path().to_path_buf());
    copy_all(&folder.join("files"), &root.join("files"));
    let rows: Vec<Row> = rows(&text)
        .into_iter()
        .filter(|row| row.file.contains(&word))
        .collect();
    let outcomes = all(&rows, &root);
    print(&outcomes);
    let is_equal = |one: &Outcome| one.difference.is_none() && !matches!(one.given, Some(Some(_)));
    match outcomes.iter().all(is_equal) {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(1),
    }
}

/// Two at a time: most of the time goes to Docker Compose.
fn all(rows: &[Row], root: &Path) -> Vec<Outcome> {
    for row in rows {
        let path = root.join(&row.file);
        for need in &row.needs {
            provide(path.parent().unwrap_or(root), need);
        }
    }
    let (next, outcomes) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let at = next.load(Ordering::Relaxed);
                    let outcome = one(row, root, at);
                    if let Ok(mut all) = outcomes.lock() {
                        all.push(outcome);
                    }
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().unwrap_or_default();
    outcomes.sort_by(|a, b| a.file.cmp(&b.file));
    outcomes
}

/// Makes an empty file that a project needs, where it is missing.
fn provide(folder: &Path, need: &str) {
    let Some((_, path)) = need.split_once(':') else {
        return;
    };
    let Some(path) = with_defaults(path) else {
        return;
    };
    let path = folder.join(&*path);
    if path.exists() {
        return;
    }
    let _ = path.parent().map(fs::create_dir_all);
    let text = if need.starts_with("include:") {
        "services: {}\n"
    } else {
        ""
    };
    let _ = fs::write(path, text);
}

fn one(row: &Row, root: &Path, number: usize) -> Outcome {
    let path = root.join(&row.file);
    let folder = path.parent().unwrap_or(root);
    let into = |what: &str| folder.join(format!(".{what}-{number}-{}", std::process::id()));
    let text = fs::read_to_string(&path).unwrap_or_default();
    let (made, difference) = round(&path, &into("into"), "");
    let made = made.as_ref();
    let given = made.and_then(given_values);
    let lost = |made: &Import| {
        let lost = made.notes.iter();
        lost.filter(|note| note.subject == Subject::Lost).count()
    };
    let lines = |made: &Import| made.files.iter().map(|(_, text)| said_lines(text)).sum();
    Outcome {
        file: row.file.clone(),
        difference,
        given: given.map(|values| round(&path, &into("given"), &values).1),
        lines: (said_lines(&text), made.map_or(0, lines)),
        lost: made.map_or(0, lost),
    }
}

/// Imports, builds and compares, below `into`. `given` is the text of an env file besides the project's own. The second is
/// why what came back is not equal.
fn round(path: &Path, into: &Path, given: &str) -> (Option<Import>, Option<String>) {
    let made = match imported(path, into, given) {
        Ok(made) => made,
        Err(why) => return (None, Some(why)),
    };
    let equal = built(&made, into).and_then(|()| compared(path, into, !made.env.is_empty()));
    (Some(made), equal.err())
}

/// What an import wrote into the env file, as somebody has it who set all of it before; `None` where nothing was open.
fn given_values(made: &Import) -> Option<String> {
    let text: String = made.env.iter().map(|(_, text)| text.as_str()).collect();
    let is_open = |entry: &dotenv::Entry| entry.made_up || is_placeholder(entry.value.reveal());
    let is_any = dotenv::read(text.as_bytes()).entries.iter().any(is_open);
    is_any.then(|| text.replace(dotenv::MADE_UP, ""))
}

fn said_lines(text: &str) -> usize {
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .count()
}

/// The catalog, written below `into`.
fn imported(path: &Path, into: &Path, given: &str) -> Result<Import, String> {
    let arena = Bump::new();
    let files = ProjectFiles::new(&arena);
    let folder = path.parent().unwrap_or(path).display().to_string();
    let beside = files.env(&format!("{folder}/.env")).ok();
    let beside = beside.iter().map(|file| file.bytes);
    let read: Vec<_> = beside.chain([given.as_bytes()]).map(dotenv::read).collect();
    let asked = Asked {
        files: &[path.display().to_string()],
        folder: &folder,
        variables: Variables::default().with(&read),
    };
    let written = load_as_written(asked, &files, &arena).ok_or("it could not be read")?;
    let name = Path::new(&folder)
        .file_name()
        .and_then(|name| name.to_str());
    let project = name.unwrap_or_default().to_lowercase();
    let project: String = project
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect();
    let asked = ToImport {
        modes: vec![(Mode::production(), &written)],
        texts: files.texts(),
        paths: files.paths(),
        way: "..",
        project: project.trim_start_matches(['-', '_']),
        machine: None,
    };
    let made = import(&asked, &arena);
    let _ = fs::create_dir_all(into.join("catalog"));
    for (name, text) in &made.files {
        fs::write(into.join("catalog").join(name), text).map_err(|error| error.to_string())?;
    }
    for (name, text) in &made.env {
        fs::write(into.join(name), text).map_err(|error| error.to_string())?;
    }
    Ok(made)
}

/// What is built from the catalog, written below `into`.
fn built(made: &Import, into: &Path) -> Result<(), String> {
    let arena = Bump::new();
    let texts: Vec<(&str, &str)> = made
        .files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let sources = Sources::of_texts(&texts, &arena);
    let loaded = pipeline::load(&sources, &arena);
    let host = loaded
        .catalog
        .hosts
        .keys()
        .next()
        .copied()
        .unwrap_or_default();
    let around = Surroundings::of(&loaded.catalog, host);
    let hosts = vec![loaded.plans(host, &arena)];
    let judged = loaded.judge(
        &hosts,
        &composegen::files::Tree::Disk(into.to_path_buf()),
        &arena,
    );
    let Some(Some(checked)) = judged.outcomes.first() else {
        let errors = judged
            .findings
            .iter()
            .filter(|one| one.level == Level::Error);
        let told: Vec<String> = errors
            .take(3)
            .map(|one| {
                format!(
                    "{} {}: {}",
                    one.rule.name(),
                    sources.file_line(one.place),
                    one.message
                )
            })
            .collect();
        return Err(format!("build refuses: {}", told.join(" | ")));
    };
    let setting = Setting {
        project: loaded.catalog.project_name(),
        catalog: "catalog",
        default_host: true,
        set: &[],
        around: &around,
    };
    let set = outputs::files(checked, &[], &setting);
    let written = composegen::files::write(into, &set);
    written.map(drop).map_err(|trouble| trouble.message)
}

fn compared(path: &Path, into: &Path, has_env: bool) -> Result<(), String> {
    let folder = path.parent().unwrap_or(path);
    let own = [
        "--env-file".to_owned(),
        into.join(".env.production").display().to_string(),
    ];
    let own = if has_env { &own[..] } else { &[] };
    let file = ["-f".to_owned(), path.display().to_string()];
    let original = config(folder, &[own, &file].concat())?;
    let mut words = vec![
        "--env-file".to_owned(),
        into.join("generated/env.production").display().to_string(),
    ];
    if has_env {
        words.extend([
            "--env-file".to_owned(),
            into.join(".env.production").display().to_string(),
        ]);
    }
    words.extend([
        "-f".to_owned(),
        into.join("generated/docker-compose.prod.yml")
            .display()
            .to_string(),
    ]);
    let built = config(folder, &words).map_err(|why| format!("the built file: {why}"))?;
    let differences = differences(normal(original), normal(built));
    match differences.is_empty() {
        true => Ok(()),
        false => Err(differences.join("; ")),
    }
}

/// What Docker Compose makes of some files, all profiles on, nothing of the caller's environment.
fn config(folder: &Path, words: &[String]) -> Result<Value, String> {
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("docker")
        .args(["compose"])
        .args(words)
        .args(["--profile", "*", "config", "--format", "json"])
        .current_dir(folder)
        .env_clear()
        .env("PATH", path)
        .env("HOME", std::env::var_os("HOME").unwrap_or_default())
        .output()
        .map_err(|error| format!("docker compose cannot be run: {error}"))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let last = text
            .lines()
            .rev()
            .find(|line| !line.contains("level=warning"));
        return Err(last.unwrap_or_default().to_owned());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
}

/// The parts that are compared: the project's name left out, limits in one place.
fn normal(mut config: Value) -> Map<String, Value> {
    let mut parts = Map::new();
    for section in [
        "services", "networks", "volumes", "secrets", "configs", "models",
    ] {
        let part = config.get_mut(section).map(Value::take);
        let part = part
            .filter(|part| !part.is_null())
            .unwrap_or_else(|| Value::Object(Map::new()));
        parts.insert(section.to_owned(), part);
    }
    if let Some(services) = parts.get_mut("services").and_then(Value::as_object_mut) {
        services
            .values_mut()
            .filter_map(Value::as_object_mut)
            .for_each(one_place);
    }
    parts
}

/// Limits in the short keys, moved to `deploy`.
fn one_place(service: &mut Map<String, Value>) {
    let moves = [
        ("mem_limit", "limits", "memory"),
        ("cpus", "limits", "cpus"),
        ("mem_reservation", "reservations", "memory"),
        ("pids_limit", "limits", "pids"),
    ];
    for (short, part, key) in moves {
        let Some(value) = service
            .remove(short)
            .filter(|value| *value != 0 && *value != "0" && *value != 0.0)
        else {
            continue;
        };
        let deploy = service
            .entry("deploy")
            .or_insert_with(|| Value::Object(Map::new()));
        let resources = deploy.as_object_mut().map(|deploy| {
            deploy
                .entry("resources")
                .or_insert_with(|| Value::Object(Map::new()))
        });
        let part = resources.and_then(Value::as_object_mut).map(|resources| {
            resources
                .entry(part)
                .or_insert_with(|| Value::Object(Map::new()))
        });
        if let Some(part) = part.and_then(Value::as_object_mut) {
            part.entry(key).or_insert(value);
        }
    }
    // Compose shows an empty placement wherever anything of `deploy` is said.
    if let Some(deploy) = service.get_mut("deploy").and_then(Value::as_object_mut) {
        deploy.retain(|_, value| value.as_object().is_none_or(|map| !map.is_empty()));
    }
    for part in ["limits", "reservations"] {
        let pointer = format!("/deploy/resources/{part}/cpus");
        let mut deploy = service.remove("deploy");
        if let Some(cpus) = deploy
            .as_mut()
            .and_then(|deploy| deploy.pointer_mut(pointer.trim_start_matches("/deploy")))
        {
            let text = cpus
                .as_str()
                .map_or_else(|| cpus.to_string(), str::to_owned);
            *cpus = text.parse::<f64>().map_or(Value::from(text), Value::from);
        }
        service.extend(deploy.map(|deploy| ("deploy".to_owned(), deploy)));
    }
}

fn differences(original: Map<String, Value>, mut built: Map<String, Value>) -> Vec<String> {
    let services = original.get("services").and_then(Value::as_object);
    let names: Vec<String> = services
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .collect();
    for name in names {
        let only_builds =
            |service: &Value| service.get("build").is_some() && service.get("image").is_none();
        if original
            .get("services")
            .and_then(|all| all.get(&name))
            .is_some_and(only_builds)
            && let Some(service) = built.get_mut("services").and_then(|all| all.get_mut(&name))
            && let Some(service) = service.as_object_mut()
        {
            service.remove("image");
        }
    }
    let mut found = Vec::new();
    for (section, value) in &original {
        // What no service uses makes no difference to any.
        compare(
            section,
            value,
            built.get(section).unwrap_or(&Value::Null),
            &mut found,
        );
    }
    found
}

fn compare(path: &str, one: &Value, other: &Value, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            for (key, value) in a {
                compare(
                    &format!("{path}.{key}"),
                    value,
                    b.get(key).unwrap_or(&Value::Null),
                    found,
                );
            }
            for (key, value) in b
                .iter()
                .filter(|(key, value)| !a.contains_key(*key) && !value.is_null())
            {
                found.push(format!("{path}.{key} is new: {}", short(value)));
            }
        }
        _ if one == other => {}
        // What no service uses is not written, and Compose leaves it out where it starts something.
        (_, Value::Null) if path.matches('.').count() == 1 && !path.starts_with("services.") => {}
        _ => found.push(format!("{path}: {} is {}", short(one), short(other))),
    }
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(70).collect()
}

fn print(outcomes: &[Outcome]) {
    let first: Vec<(&str, Option<&str>)> = outcomes
        .iter()
        .map(|one| (one.file.as_str(), one.difference.as_deref()))
        .collect();
    tell(&first, "files are equal");
    let lines = outcomes.iter().fold((0, 0), |sum, one| {
        (sum.0 + one.lines.0, sum.1 + one.lines.1)
    });
    let lost = outcomes.iter().filter(|one| one.lost > 0).count();
    println!("{} lines became {} lines of catalogs", lines.0, lines.1);
    println!("{lost} files hold something that a catalog cannot say");
    let given: Vec<(&str, Option<&str>)> = outcomes
        .iter()
        .filter_map(|one| Some((one.file.as_str(), one.given.as_ref()?.as_deref())))
        .collect();
    tell(
        &given,
        "files that leave values open are equal with an env file that sets them",
    );
}

/// The files that differ, how many do not, and what comes most often.
fn tell(all: &[(&str, Option<&str>)], what: &str) {
    let differing = || all.iter().filter_map(|(file, why)| Some((file, (*why)?)));
    differing().for_each(|(file, why)| println!("{file}: {why}"));
    let equal = all.len() - differing().count();
    println!(
        "\n{equal} of {} {what} ({:.1} %)",
        all.len(),
        100.0 * equal as f64 / all.len().max(1) as f64
    );
    let mut causes: BTreeMap<String, usize> = BTreeMap::new();
    for (_, text) in differing() {
        *causes.entry(cause(text)).or_default() += 1;
    }
    for (cause, files) in causes {
        println!("{files:4}  {cause}");
    }
}

fn cause(text: &str) -> String {
    match text.starts_with("build refuses") {
        true => text
            .split_whitespace()
            .take(3)
            .collect::<Vec<_>>()
            .join(" "),
        false => text.split(['.', ':']).take(3).collect::<Vec<_>>().join("."),
    }
}

fn copy_all(from: &Path, to: &Path) {
    let _ = fs::create_dir_all(to);
    for entry in fs::read_dir(from).into_iter().flatten().flatten() {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy_all(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target)),
        }
    }
}

fn rows(text: &str) -> Vec<Row> {
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().unwrap_or_default();
    let at = |name: &str| head.iter().position(|cell| *cell == name);
    let (Some(file), Some(compose), Some(needs)) = (at("file"), at("compose"), at("needs")) else {
        return Vec::new();
    };
    let row = |cells: Vec<&str>| {
        let accepts = cells.get(compose) == Some(&"accepts");
        accepts.then(|| Row {
            file: cells.get(file).copied().unwrap_or_default().to_owned(),
            needs: cells.get(needs).map_or(Vec::new(), |all| {
                all.split(';').map(str::to_owned).collect()
            }),
        })
    };
    lines.filter_map(row).collect()
}
