//! `validate` on one mistake at a time, in each spelling that a rule knows, and on the same without it.
//!
//! `tests/validate/RULE/` holds Compose files: `fires-*.yml`, in which the rule has to find something, `silent-*.yml`, in
//! which nothing is invalid or broken and the rule finds nothing, and others that these name. `expected.txt` beside them
//! is what is found, without the policy of other rules. A first line `# composegen validate --host 8GiB,4` gives
//! options; `# Compose accepts the file.` and `# Compose refuses the file.` say where that is not as the weight has it.
//!
//! `BLESS=1 cargo test --test suite spellings` writes the expected files anew; `SPELLINGS=port` before it takes the rules
//! whose name holds that word.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use composegen::rule::{Given, Rule, Validate, Weight};
use serde_json::Value;
use tempfile::TempDir;

/// How many rules are looked at at once.
const THREADS: usize = 2;

/// A rule's folder.
struct Folder {
    rule: Rule,
    path: PathBuf,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/validate")
}

fn folders() -> Vec<Folder> {
    let wanted = std::env::var("SPELLINGS").unwrap_or_default();
    let entries = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut folders: Vec<Folder> = entries
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let rule = Rule::named(&name).unwrap_or_else(|| panic!("{name} is no rule"));
            Folder { rule, path }
        })
        .filter(|folder| folder.rule.name().contains(&wanted))
        .collect();
    folders.sort_by_key(|folder| folder.rule.name());
    folders
}

impl Folder {
    /// The cases, by name.
    fn cases(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.path)
            .unwrap()
            .map(|entry| entry.unwrap());
        let names = entries.map(|entry| entry.file_name().into_string().unwrap());
        let is_case = |name: &String| {
            name.ends_with(".yml") && (name.starts_with("fires") || name.starts_with("silent"))
        };
        let mut cases: Vec<String> = names.filter(is_case).collect();
        cases.sort();
        cases
    }

    /// A copy, in which nothing of the repository is around.
    fn copy(&self) -> TempDir {
        let copy = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(&self.path).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
        copy
    }

    /// What is found in every case, and what is wrong with that.
    fn run(&self, is_compose_there: bool) -> (String, Vec<String>) {
        let copy = self.copy();
        let (mut transcript, mut wrong) = (String::new(), Vec::new());
        for case in self.cases() {
            let text = fs::read_to_string(self.path.join(&case)).unwrap();
            let found = self.found(copy.path(), &case, &text);
            let _ = writeln!(transcript, "{case}");
            found.iter().for_each(|one| tell(one, &mut transcript));
            let name = format!("{}/{case}", self.rule.name());
            let own: Vec<&Value> = found
                .iter()
                .filter(|one| one["rule"] == self.rule.name())
                .collect();
            match (case.starts_with("fires"), own.as_slice()) {
                (true, []) => wrong.push(format!("{name}: the rule finds nothing")),
                (false, _) if !found.is_empty() => {
                    wrong.push(format!("{name}: something is found"))
                }
                (true | false, _) => {}
            }
            if is_compose_there {
                wrong.extend(
                    judged(copy.path(), &case, &text, &found).map(|why| format!("{name}: {why}")),
                );
            }
        }
        (transcript, wrong)
    }

    /// What `validate` finds, without the policy of other rules.
    fn found(&self, folder: &Path, case: &str, text: &str) -> Vec<Value> {
        let options = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# composegen validate "));
        let said = Command::new(env!("CARGO_BIN_EXE_composegen"))
            .args(["validate", case, "--policy", "--format", "json"])
            .args(options.into_iter().flat_map(str::split_whitespace))
            .current_dir(folder)
            .output()
            .unwrap();
        let said: Value = serde_json::from_slice(&said.stdout).unwrap();
        let is_told = |one: &&Value| one["rule"] == self.rule.name() || one["level"] != "policy";
        let found = said["findings"].as_array().unwrap().iter();
        found.filter(is_told).cloned().collect()
    }
}

fn tell(finding: &Value, out: &mut String) {
    let part = |key: &str| finding[key].as_str().unwrap_or_default();
    let _ = writeln!(
        out,
        "  {}:{}: {}[{}]: {}",
        finding["line"],
        finding["column"],
        part("level"),
        part("rule"),
        part("message")
    );
    for line in part("help").lines() {
        let _ = writeln!(out, "    help: {line}");
    }
}

/// Whether Compose says of a file what its findings lead to expect.
fn judged(folder: &Path, case: &str, text: &str, found: &[Value]) -> Option<String> {
    let first = text.lines().next().unwrap_or_default();
    let is_invalid = found
        .iter()
        .any(|one| one["level"] == Weight::Invalid.word());
    let is_refused = match (
        first.starts_with("# Compose accepts"),
        first.starts_with("# Compose refuses"),
    ) {
        (true, _) => false,
        (_, true) => true,
        (false, false) => is_invalid,
    };
    let said = super::as_compose::config(folder, &[case]);
    match (said.status.success(), is_refused) {
        (true, true) => Some("Compose accepts it".to_owned()),
        (false, false) => Some(format!(
            "Compose refuses it: {}",
            String::from_utf8_lossy(&said.stderr)
        )),
        (true, false) | (false, true) => None,
    }
}

#[test]
fn every_spelling_of_a_mistake_is_found_and_nothing_else() {
    let is_compose_there = super::compose_config::is_there();
    let folders = Mutex::new(folders().into_iter());
    let wrong = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let next = folders.lock().unwrap().next();
                    let Some(folder) = next else { break };
                    let report = report(&folder, is_compose_there);
                    if !report.is_empty() {
                        wrong.lock().unwrap().insert(folder.rule.name(), report);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    let wrong: Vec<String> = wrong.into_values().flatten().collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn report(folder: &Folder, is_compose_there: bool) -> Vec<String> {
    let (transcript, mut wrong) = folder.run(is_compose_there);
    let path = folder.path.join("expected.txt");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &transcript).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if expected != transcript {
        let diff = similar::TextDiff::from_lines(&expected, &transcript);
        let diff = diff.unified_diff().context_radius(2).to_string();
        wrong.push(format!("{}/expected.txt:\n{diff}", folder.rule.name()));
    }
    wrong
}

/// Whether a rule needs a catalog beside the file: its cases are golden ones, in `tests/golden/validate/`.
fn needs_catalog(rule: Rule) -> bool {
    match rule.info().validate {
        Validate::Where(Given::Mode | Given::ModeAndEnvFile, ..) => true,
        Validate::Where(Given::Host, ..) | Validate::Always(_) | Validate::Never => false,
    }
}

#[test]
fn every_rule_that_validate_knows_has_a_file_that_fires_and_one_that_is_silent() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/validate");
    let transcripts = fs::read_dir(golden)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let transcripts: String = transcripts
        .map(|path| fs::read_to_string(path.join("expected.txt")).unwrap_or_default())
        .collect();
    let mut without = Vec::new();
    for rule in Rule::ALL
        .iter()
        .filter(|rule| rule.info().validate != Validate::Never)
    {
        let name = rule.name();
        if needs_catalog(*rule) {
            if !transcripts.contains(&format!("[{name}]")) {
                without.push(format!("{name}: no golden case of validate finds it"));
            }
            continue;
        }
        let folder = Folder {
            rule: *rule,
            path: root().join(name),
        };
        let cases = if folder.path.is_dir() {
            folder.cases()
        } else {
            Vec::new()
        };
        for kind in ["fires", "silent"] {
            if !cases.iter().any(|case| case.starts_with(kind)) {
                without.push(format!("{name}: no file that is {kind}"));
            }
        }
    }
    assert!(without.is_empty(), "\n{}", without.join("\n"));
}
