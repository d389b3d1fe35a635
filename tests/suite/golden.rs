//! The golden cases: what the program says and writes, word by word, for catalogs that are kept in `tests/golden/`.
//!
//! A case is a folder that holds `catalog` (a folder, or what stands in its place), `project` or `commands`:
//!
//! | file | what it is |
//! |---|---|
//! | `catalog/` | the catalog |
//! | `project/` | Compose files of somebody else's; their place is the project's root. Without `commands`: `composegen validate` |
//! | `commands` | one command line per line, such as `composegen diff --mode test`; without it `composegen check`, after a build that is not recorded. Between them `git`, `cp`, `mv` and `rm` may prepare what is to be seen, and `cat FILE` shows a file |
//! | `generated/` | what an earlier build has left, where a case needs that |
//! | `.env.test` and its like | env files, which only their owner may read in the copy |
//! | `elsewhere/` | files to be named in `commands`, for all to read |
//! | others | files and folders of the project, such as a `Dockerfile` |
//! | `expected.txt` | the transcript: each command, its standard output, its standard error behind `! `, its exit status |
//! | `generated.expected/` | the files that must lie in `generated/` after the last command, where the folder exists; the schema apart |
//!
//! `BLESS=1 cargo test --test suite golden` writes the transcripts and the expected files anew, for reading in the
//! diff; `GOLDEN=port-conflict` before it takes the cases alone whose path holds that word.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use composegen::rule::Rule;
use similar::TextDiff;

use crate::project::alone;

/// How many cases run at once.
const THREADS: usize = 2;

/// What stands for a file that is not there yet.
const MISSING: &str = "(this file is missing: BLESS=1 writes it)\n";

/// Rules without the two folders that every rule has, each with the reason.
const EXCEPTIONS: &[(Rule, &str)] = &[];

/// A case, by its path below `tests/golden/`.
struct Case {
    name: String,
    folder: PathBuf,
}

/// The files of a folder by their paths, each whole.
type Tree = BTreeMap<String, Vec<u8>>;

fn golden_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn is_blessing() -> bool {
    std::env::var_os("BLESS").is_some()
}

/// Every case, by name.
fn cases() -> Vec<Case> {
    let mut found = Vec::new();
    collect(&golden_root(), "", &mut found);
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn collect(folder: &Path, name: &str, found: &mut Vec<Case>) {
    if ["catalog", "project", "commands"]
        .iter()
        .any(|part| folder.join(part).exists())
    {
        found.push(Case {
            name: name.to_owned(),
            folder: folder.to_path_buf(),
        });
        return;
    }
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let part = path.file_name().unwrap().to_string_lossy();
            let name = if name.is_empty() {
                part.into_owned()
            } else {
                format!("{name}/{part}")
            };
            collect(&path, &name, found);
        }
    }
}

impl Case {
    fn is_silent(&self) -> bool {
        self.name
            .rsplit('/')
            .next()
            .is_some_and(|last| last.starts_with("silent"))
    }

    /// The command lines, each without the program's name.
    fn commands(&self) -> Option<Vec<String>> {
        let text = fs::read_to_string(self.folder.join("commands")).ok()?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        Some(
            lines
                .map(|line| line.strip_prefix("composegen ").unwrap_or(line).to_owned())
                .collect(),
        )
    }

    /// Runs the case in a copy of its own; gives the transcript, and the files of `generated/` afterwards.
    fn run(&self) -> (String, Tree) {
        let project = tempfile::tempdir().unwrap();
        self.copy_files(project.path());
        let others = self.folder.join("project");
        for entry in fs::read_dir(&others).into_iter().flatten() {
            let name = entry.unwrap().file_name();
            copy(&others.join(&name), &project.path().join(&name));
        }
        self.copy_env_files(project.path());
        let commands = self.commands().unwrap_or_else(|| {
            if others.is_dir() {
                return vec!["validate".to_owned()];
            }
            if !self.folder.join("generated").exists() {
                run_command(project.path(), "build");
            }
            vec!["check".to_owned()]
        });
        let mut transcript = String::new();
        for command in &commands {
            if is_preparation(command) {
                prepare(project.path(), command);
                let _ = writeln!(transcript, "$ {command}");
                continue;
            }
            if let Some(file) = command.strip_prefix("cat ") {
                let _ = writeln!(transcript, "$ {command}");
                let text = fs::read_to_string(project.path().join(file));
                transcript.push_str(&text.unwrap_or_else(|_| "(no such file)\n".to_owned()));
                continue;
            }
            record(
                command,
                &run_command(project.path(), command),
                &mut transcript,
            );
        }
        (transcript, tree(&project.path().join("generated")))
    }

    /// Copies what is a part of the project.
    fn copy_files(&self, project: &Path) {
        let own = ["commands", "expected.txt", "generated.expected", "project"];
        for entry in fs::read_dir(&self.folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if !own.contains(&name.as_str()) && !name.starts_with(".env") {
                copy(&self.folder.join(&name), &project.join(&name));
            }
        }
    }

    /// Copies the env files. Git keeps no permissions, so they are given here.
    fn copy_env_files(&self, project: &Path) {
        for entry in fs::read_dir(&self.folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.starts_with(".env") {
                let copied = project.join(&name);
                copy(&self.folder.join(name), &copied);
                allow(&copied, 0o600);
            }
        }
        for entry in fs::read_dir(project.join("elsewhere"))
            .into_iter()
            .flatten()
        {
            allow(&entry.unwrap().path(), 0o644);
        }
    }

    /// What differs from what is expected; nothing where nothing does.
    fn differences(&self) -> String {
        let (transcript, written) = self.run();
        if is_blessing() {
            self.bless(&transcript, &written);
        }
        let mut report = String::new();
        let expected = fs::read_to_string(self.folder.join("expected.txt"))
            .unwrap_or_else(|_| MISSING.to_owned());
        difference(
            &format!("{}/expected.txt", self.name),
            &expected,
            &transcript,
            &mut report,
        );
        let folder = self.folder.join("generated.expected");
        if folder.is_dir() {
            self.compare_files(&tree(&folder), &written, &mut report);
        }
        if self.is_silent() && !says_nothing(&transcript) {
            let _ = writeln!(
                report,
                "{}: a silent case finds something:\n{transcript}",
                self.name
            );
        }
        report
    }

    fn compare_files(&self, expected: &Tree, written: &Tree, report: &mut String) {
        let paths: std::collections::BTreeSet<&String> =
            expected.keys().chain(written.keys()).collect();
        for path in paths {
            let text = |tree: &Tree| {
                tree.get(path).map_or_else(
                    || "(no such file)\n".to_owned(),
                    |bytes| String::from_utf8_lossy(bytes).into_owned(),
                )
            };
            let name = format!("{}/generated/{path}", self.name);
            difference(&name, &text(expected), &text(written), report);
        }
    }

    fn bless(&self, transcript: &str, written: &Tree) {
        fs::write(self.folder.join("expected.txt"), transcript).unwrap();
        let folder = self.folder.join("generated.expected");
        if !folder.is_dir() {
            return;
        }
        fs::remove_dir_all(&folder).unwrap();
        fs::create_dir(&folder).unwrap();
        for (path, bytes) in written {
            let file = folder.join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, bytes).unwrap();
        }
    }
}

/// Whether the last command of a transcript ended well and found nothing.
fn says_nothing(transcript: &str) -> bool {
    transcript.ends_with("exit 0\n") && transcript.lines().any(|line| line == "no findings")
}

/// Whether a line prepares what another one shows: it has to work, and its output is of no interest.
fn is_preparation(command: &str) -> bool {
    let program = command.split_whitespace().next().unwrap_or_default();
    matches!(program, "git" | "cp" | "mv" | "rm")
}

fn prepare(project: &Path, command: &str) {
    let mut words = command.split_whitespace();
    let mut prepared = Command::new(words.next().unwrap());
    prepared.args(words).current_dir(project);
    let output = alone(&mut prepared).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {said}");
}

fn run_command(project: &Path, command: &str) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_composegen"));
    program
        .args(command.split_whitespace())
        .current_dir(project)
        .env_remove("NO_COLOR")
        .env_remove("COLUMNS");
    alone(&mut program).output().unwrap()
}

fn record(command: &str, output: &Output, transcript: &mut String) {
    let _ = writeln!(transcript, "$ composegen {command}");
    let out = String::from_utf8_lossy(&output.stdout);
    transcript.push_str(&out);
    if !out.is_empty() && !out.ends_with('\n') {
        transcript.push_str("(no newline)\n");
    }
    for line in String::from_utf8_lossy(&output.stderr).lines() {
        let _ = writeln!(transcript, "! {line}");
    }
    let code = output
        .status
        .code()
        .map_or_else(|| output.status.to_string(), |code| code.to_string());
    let _ = writeln!(transcript, "exit {code}");
}

fn difference(name: &str, expected: &str, actual: &str, report: &mut String) {
    if expected != actual {
        let diff = TextDiff::from_lines(expected, actual);
        let _ = writeln!(report, "{}", diff.unified_diff().header(name, "now"));
    }
}

/// Compares a text with a file below `tests/golden/`, or writes it there.
pub fn snapshot(path: &str, text: &str) {
    let file = golden_root().join(path);
    if is_blessing() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap_or_else(|_| MISSING.to_owned());
    let mut report = String::new();
    difference(path, &expected, text, &mut report);
    assert!(report.is_empty(), "\n{report}");
}

fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to).unwrap();
    }
    if from.is_dir() {
        fs::create_dir(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    }
}

#[cfg(unix)]
fn allow(file: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    if file.is_file() {
        fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
    }
}

#[cfg(not(unix))]
fn allow(_: &Path, _: u32) {}

fn tree(folder: &Path) -> Tree {
    let mut tree = Tree::new();
    add_files(folder, "", &mut tree);
    tree
}

fn add_files(folder: &Path, prefix: &str, tree: &mut Tree) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        // The schema is the same for every catalog, and long: it has its own test.
        if path == "catalog.schema.json" {
            continue;
        }
        match entry.path().is_dir() {
            true => add_files(&entry.path(), &format!("{path}/"), tree),
            false => _ = tree.insert(path, fs::read(entry.path()).unwrap()),
        }
    }
}

/// What differs in any of the cases, in their order.
fn differences(cases: &[Case]) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(BTreeMap::new());
    let work = || {
        while let Some((number, case)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|n| Some((n, cases.get(n)?)))
        {
            let report = case.differences();
            if !report.is_empty() {
                found.lock().unwrap().insert(number, report);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(work);
        }
    });
    found.into_inner().unwrap().into_values().collect()
}

#[test]
fn every_case_says_and_writes_what_is_expected() {
    let part = std::env::var("GOLDEN").unwrap_or_default();
    let mut cases = cases();
    cases.retain(|case| case.name.contains(&part));
    assert!(!cases.is_empty(), "there are no cases below tests/golden/");
    let found = differences(&cases);
    let (differing, all) = (found.len(), cases.len());
    assert!(
        found.is_empty(),
        "{differing} of {all} cases differ\n\n{}",
        found.join("\n")
    );
}

/// Every transcript, together.
fn transcripts() -> String {
    let read =
        |case: Case| fs::read_to_string(case.folder.join("expected.txt")).unwrap_or_default();
    cases().into_iter().map(read).collect()
}

/// What the env files of the cases have in place of values that nobody may see.
const HIDDEN: &str = "hidden";

#[test]
fn no_case_shows_a_value_of_an_env_file() {
    let transcripts = transcripts();
    let line = transcripts.lines().find(|line| line.contains(HIDDEN));
    assert_eq!(line, None);
}

#[test]
fn every_rule_has_a_case_that_fires_and_one_that_is_silent() {
    let transcripts = transcripts();
    let rules = golden_root().join("rules");
    let mut missing = String::new();
    for rule in Rule::ALL {
        if EXCEPTIONS.iter().any(|(exception, _)| exception == rule) {
            continue;
        }
        let name = rule.name();
        if !transcripts.contains(&format!("[{name}]")) {
            let _ = writeln!(missing, "{name}: fires in no case");
        }
        let silent = rules.join(name).join("silent");
        if !["catalog", "project"]
            .iter()
            .any(|part| silent.join(part).exists())
        {
            let _ = writeln!(
                missing,
                "{name}: tests/golden/rules/{name}/silent is missing"
            );
        }
    }
    assert!(missing.is_empty(), "\n{missing}");
}
