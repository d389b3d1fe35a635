//! The hooks of `.pre-commit-hooks.yaml`, run by the real pre-commit before real commits. `make hook-tools` installs it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::git::{repository, with_the_program};
use crate::project::{CATALOG, Project, Said, alone, finish};

const MANIFEST: &str = ".pre-commit-hooks.yaml";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn installed() -> Option<PathBuf> {
    let program = root().join("target/hook-tools/bin/pre-commit");
    if program.is_file() {
        return Some(program);
    }
    crate::skipped("pre-commit is not there: `make hook-tools` installs it, and it needs Python");
    None
}

/// A repository whose commits go through hooks of the manifest, and what belongs to it.
struct Guarded {
    project: Project,
    /// The repository that holds the manifest, as ours does.
    hooks: Project,
    /// Where pre-commit keeps its clones.
    home: Project,
    program: PathBuf,
}

impl Guarded {
    fn with(hooks: &str) -> Option<Self> {
        let program = installed()?;
        let guarded = Guarded {
            project: repository()?,
            hooks: Project::empty(),
            home: Project::empty(),
            program,
        };
        let manifest = std::fs::read(root().join(MANIFEST)).unwrap();
        guarded.hooks.write(MANIFEST, manifest);
        guarded.hooks.git(&["init", "--quiet"]);
        guarded.hooks.git(&["add", "."]);
        guarded
            .hooks
            .git(&["commit", "--quiet", "--message", "hooks"]);
        guarded.configure(hooks);
        let said = guarded.pre_commit(&["install"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        Some(guarded)
    }

    /// Names the hooks, and commits that without them.
    fn configure(&self, hooks: &str) {
        let revision = self.hooks.git(&["rev-parse", "HEAD"]);
        let (folder, revision) = (self.hooks.root().display(), revision.trim());
        let text = format!("repos:\n- repo: {folder}\n  rev: {revision}\n  hooks:\n{hooks}");
        self.project.write(".pre-commit-config.yaml", text);
        self.project.git(&["add", "."]);
        let words = ["commit", "--quiet", "--no-verify", "--message", "hooks"];
        self.project.git(&words);
    }

    fn pre_commit(&self, words: &[&str]) -> Said {
        let mut command = Command::new(&self.program);
        command.args(words);
        self.finish(command)
    }

    /// Commits what is staged.
    fn commit(&self) -> Said {
        let mut command = Command::new("git");
        command.args(["commit", "--message", "more"]);
        self.finish(command)
    }

    fn finish(&self, mut command: Command) -> Said {
        command
            .current_dir(self.project.root())
            .env("PATH", with_the_program())
            .env("PRE_COMMIT_HOME", self.home.root())
            .env("PRE_COMMIT_COLOR", "never");
        alone(&mut command);
        finish(command)
    }

    fn add(&self, path: &str) {
        self.project.git(&["add", path]);
    }

    fn build(&self) {
        assert_eq!(self.project.run(&["build"]).code, Some(0));
    }

    fn passes(&self, what: &str) {
        let said = self.commit();
        assert_eq!(said.code, Some(0), "{what}: {said:?}");
        assert!(said.err.contains("Passed"), "{what}: {said:?}");
    }

    /// What the refusal says; the work tree stays as it was.
    fn refused(&self, what: &str) -> String {
        let before = self.work_tree();
        let said = self.commit();
        assert_eq!(said.code, Some(1), "{what}: {said:?}");
        assert_eq!(self.work_tree(), before, "{what}");
        said.err
    }

    fn work_tree(&self) -> Vec<(String, Vec<u8>)> {
        let mut files = self.project.files();
        files.retain(|(path, _)| !path.starts_with(".git/"));
        files
    }

    fn reset(&self) {
        self.project.git(&["reset", "--quiet", "--hard"]);
        self.project.git(&["clean", "--quiet", "--force", "-d"]);
    }
}

const CHECK: &str = "  - id: composegen-check-system\n";
const BUILD: &str = "  - id: composegen-build-system\n";

fn of_memory(limit: &str) -> String {
    CATALOG.replace("limit: 128M", &format!("limit: {limit}"))
}

#[test]
fn check_lets_pass_what_is_right_and_current() {
    let Some(guarded) = Guarded::with(CHECK) else {
        return;
    };
    guarded
        .project
        .write("catalog/catalog.yaml", of_memory("256M"));
    guarded.build();
    guarded.add(".");
    guarded.passes("a good commit");
    guarded.project.write("README", "words\n");
    guarded.add(".");
    let said = guarded.commit();
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("Skipped"), "{said:?}");
    // What git does not know is not in the commit, and pre-commit does not put it aside.
    guarded
        .project
        .write("catalog/catalog.yaml", of_memory("300M"));
    guarded.build();
    guarded.add(".");
    guarded.project.write("catalog/new.yaml", "nonsense: [\n");
    guarded.passes("with a broken file that is not added");
    let said = guarded.pre_commit(&["run", "--all-files"]);
    assert_eq!(said.code, Some(0), "{said:?}");
}

#[test]
fn check_refuses_what_is_broken_stale_or_edited_and_shows_it() {
    let Some(guarded) = Guarded::with(CHECK) else {
        return;
    };
    guarded
        .project
        .write("catalog/catalog.yaml", of_memory("256M"));
    guarded.add(".");
    let said = guarded.refused("stale");
    for line in [
        "-          memory: 128M\n",
        "+          memory: 256M\n",
        "error[generated-stale]: `generated/DEPLOYMENT.md` is not what the catalog gives (first of 3)\n",
        "= also: `generated/docker-compose.prod.yml`, `generated/docker-compose.test.yml`\n",
        "= help: run `composegen build --staged`, then `git add generated`\n",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    guarded.reset();
    guarded
        .project
        .write("catalog/catalog.yaml", "services: [\n");
    guarded.add(".");
    assert!(guarded.refused("broken").contains("error[yaml-syntax]"));
    guarded.reset();
    let path = "generated/docker-compose.prod.yml";
    let edited = guarded.project.text(path).replace("128M", "512M");
    guarded.project.write(path, edited);
    guarded.add(".");
    let said = guarded.refused("edited");
    assert!(said.contains("error[generated-edited]"), "{said}");
    assert!(said.contains("-          memory: 512M\n"), "{said}");
}

#[test]
fn of_a_partly_staged_catalog_the_staged_part_is_judged() {
    let Some(guarded) = Guarded::with(CHECK) else {
        return;
    };
    guarded
        .project
        .write("catalog/catalog.yaml", of_memory("6G"));
    guarded.add(".");
    guarded
        .project
        .write("catalog/catalog.yaml", of_memory("256M"));
    let said = guarded.refused("staged is wrong, the work tree is right");
    assert!(said.contains("error[service-over-host]"), "{said}");
    guarded.project.git(&["reset", "--quiet", "--hard"]);
    guarded
        .project
        .write("catalog/catalog.yaml", of_memory("256M"));
    guarded.build();
    guarded.add(".");
    guarded
        .project
        .write("catalog/catalog.yaml", "services: [\n");
    guarded.passes("staged is right, the work tree is wrong");
    assert_eq!(
        guarded.project.text("catalog/catalog.yaml"),
        "services: [\n"
    );
}

#[test]
fn build_writes_anew_and_refuses_until_that_is_added() {
    let Some(guarded) = Guarded::with(&format!("{BUILD}{CHECK}")) else {
        return;
    };
    let more = of_memory("256M").replace("modes:\n", "modes:\n  dev: { class: test }\n");
    guarded.project.write("catalog/catalog.yaml", more);
    guarded.add(".");
    let said = guarded.commit();
    assert_eq!(said.code, Some(1), "{said:?}");
    let unstaged = "not staged yet: 5 files; `git add generated`\n";
    assert!(said.err.contains(unstaged), "{said:?}");
    assert_eq!(guarded.project.run(&["diff"]).code, Some(0));
    // Not added, and so not in the commit.
    let said = guarded.refused("not added");
    assert!(said.contains(unstaged), "{said}");
    guarded.add("generated");
    guarded.passes("added");
}

/// A new file is no change for git's diff, by which pre-commit sees what a hook has written.
#[test]
fn build_refuses_where_a_new_file_alone_is_to_be_added() {
    let Some(guarded) = Guarded::with(BUILD) else {
        return;
    };
    guarded
        .project
        .git(&["rm", "--quiet", "--cached", "generated/env.test"]);
    guarded.project.write("catalog/more.yaml", "");
    guarded.add("catalog");
    let said = guarded.refused("a file that is not added");
    let unstaged = "not staged yet: 1 file; `git add generated`\n";
    assert!(said.contains(unstaged), "{said}");
    guarded.add("generated");
    guarded.passes("added");
}

/// pre-commit does not show its hooks the files that a commit takes away; `always_run` lets them look nevertheless.
#[test]
fn a_commit_that_only_takes_files_away_is_seen_with_always_run() {
    let Some(guarded) = Guarded::with(CHECK) else {
        return;
    };
    let remove = || {
        guarded
            .project
            .git(&["rm", "--quiet", "generated/env.test"])
    };
    remove();
    let said = guarded.commit();
    assert!(said.err.contains("Skipped"), "{said:?}");
    guarded
        .project
        .git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    guarded.configure(&format!("{CHECK}    always_run: true\n"));
    remove();
    let said = guarded.refused("a file is taken away");
    assert!(said.contains("`generated/env.test` is not there"), "{said}");
}

#[test]
fn another_folder_is_named_with_two_lines() {
    let words = "    args: [--catalog, stacks/home/services]\n    files: ^stacks/home/(services|generated)/\n";
    let Some(guarded) = Guarded::with(&format!("{CHECK}{words}")) else {
        return;
    };
    guarded
        .project
        .write("stacks/home/services/catalog.yaml", CATALOG);
    guarded
        .project
        .write("catalog/catalog.yaml", "services: [\n");
    guarded.add(".");
    let said = guarded.refused("not built");
    let first = "`generated/DEPLOYMENT.md` is not there (first of 6)";
    assert!(
        said.contains(first) && said.contains("`generated/env.test`"),
        "{said}"
    );
    let words = ["build", "--catalog", "stacks/home/services"];
    assert_eq!(guarded.project.run(&words).code, Some(0));
    guarded.add(".");
    guarded.passes("built");
}

#[test]
fn the_manifest_is_right_and_its_pairs_differ_in_the_language_alone() {
    let text = std::fs::read_to_string(root().join(MANIFEST)).unwrap();
    let hooks: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
    let hooks = hooks.as_sequence().unwrap();
    let find = |id: &str| hooks.iter().find(|hook| hook["id"] == *id).unwrap().clone();
    for id in ["composegen-check", "composegen-build"] {
        let mut system = find(&format!("{id}-system"));
        let compiled = find(id);
        assert_eq!(compiled["language"], "rust");
        assert_eq!(system["language"], "system");
        system["id"] = compiled["id"].clone();
        system["language"] = compiled["language"].clone();
        assert_eq!(system, compiled);
        assert!(
            compiled["entry"]
                .as_str()
                .unwrap()
                .starts_with("composegen ")
        );
    }
    assert_eq!(hooks.len(), 4);
    let Some(program) = installed() else { return };
    let mut command = Command::new(program);
    command.arg("validate-manifest").arg(root().join(MANIFEST));
    let said = finish(command);
    assert_eq!((said.out.as_str(), said.code), ("", Some(0)), "{said:?}");
}
