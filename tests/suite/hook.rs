//! `composegen hook`: the plain git hook, written, run by real commits, removed; and every hook that it leaves alone.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Command;

use crate::git::{repository, try_to_commit};
use crate::golden::snapshot;
use crate::project::{CATALOG, Project, Said, alone, finish};

const INSTALL: &[&str] = &["hook", "install"];
const UNINSTALL: &[&str] = &["hook", "uninstall"];
const HOOK: &str = ".git/hooks/pre-commit";

fn said(err: impl Into<String>, code: i32) -> Said {
    Said {
        out: String::new(),
        err: err.into(),
        code: Some(code),
    }
}

fn created(shown: &str, command: &str) -> Said {
    let when = "before each commit that changes the catalog or what is made from it";
    said(format!("created {shown}: `{command}` {when}\n"), 0)
}

fn installed() -> Option<Project> {
    let project = repository()?;
    let expected = created(HOOK, "composegen check --staged");
    assert_eq!(project.run(INSTALL), expected);
    Some(project)
}

/// Commits what is staged, with the program in the PATH of the hook.
fn committed(project: &Project) -> Said {
    try_to_commit(project, ".", &[])
}

#[test]
fn the_hook_is_a_program_in_plain_words_that_can_be_removed_again() {
    let Some(project) = installed() else { return };
    snapshot("hook/pre-commit.sh", &project.text(HOOK));
    let mode = fs::metadata(project.path(HOOK)).unwrap().permissions();
    assert_eq!(mode.mode() & 0o777, 0o755);
    let current = format!("nothing changed: {HOOK} is current\n");
    assert_eq!(project.run(INSTALL), said(current, 0));
    // Git runs none that may not be run.
    fs::set_permissions(project.path(HOOK), fs::Permissions::from_mode(0o644)).unwrap();
    let changed = format!("changed {HOOK}: git may run it now\n");
    assert_eq!(project.run(INSTALL), said(changed, 0));
    let mode = fs::metadata(project.path(HOOK)).unwrap().permissions();
    assert_eq!(mode.mode() & 0o777, 0o755);
    assert_eq!(project.run(UNINSTALL), said(format!("removed {HOOK}\n"), 0));
    assert!(!project.path(HOOK).exists());
    let nothing = format!("nothing to remove: there is no {HOOK}\n");
    assert_eq!(project.run(UNINSTALL), said(nothing, 0));
}

/// Somebody installs the hook in a clone, breaks the catalog in five ways, and each commit is refused with what to do.
#[test]
fn five_broken_catalogs_are_refused_with_what_to_do() {
    let Some(origin) = repository() else { return };
    let clone = Project::empty();
    let from = origin.root().to_str().unwrap().to_owned();
    clone.git(&["clone", "--quiet", &from, "."]);
    assert_eq!(clone.run(INSTALL).code, Some(0));
    let edited = clone
        .text("generated/docker-compose.prod.yml")
        .replace("128M", "512M");
    let five = [
        (
            "a tab instead of blanks",
            "catalog/catalog.yaml",
            CATALOG.replace("    role: core\n", "\trole: core\n"),
        ),
        (
            "a service that is not there",
            "catalog/catalog.yaml",
            CATALOG.replace("    cpus: 0.5\n", "    cpus: 0.5\n    depends_on: [wbe]\n"),
        ),
        (
            "more memory than the machine has",
            "catalog/catalog.yaml",
            CATALOG.replace("limit: 128M", "limit: 6G"),
        ),
        (
            "a change without a build",
            "catalog/catalog.yaml",
            CATALOG.replace("limit: 128M", "limit: 256M"),
        ),
        (
            "an edited generated file",
            "generated/docker-compose.prod.yml",
            edited,
        ),
    ];
    let mut transcript = String::new();
    for (what, path, text) in five {
        clone.write(path, text);
        clone.git(&["add", "."]);
        let said = committed(&clone);
        assert_eq!(said.code, Some(1), "{what}: {said:?}");
        assert!(
            format!("{}{}", said.out, said.err).contains("= help: "),
            "{what}"
        );
        transcript.push_str(&format!("# {what}\n$ git commit\n{}\n", said.transcript()));
        clone.git(&["reset", "--quiet", "--hard"]);
    }
    snapshot("hook/five-refusals.txt", &transcript);
    assert_eq!(clone.git(&["log", "--oneline"]).lines().count(), 1);
}

#[test]
fn a_good_commit_passes_and_one_about_something_else_is_not_looked_at() {
    let Some(project) = installed() else { return };
    project.write("catalog/catalog.yaml", CATALOG.replace("128M", "256M"));
    assert_eq!(project.run(&["build"]).code, Some(0));
    project.git(&["add", "."]);
    assert_eq!(committed(&project).code, Some(0));
    // What is broken already is in nobody's way who changes something else, and without the program nothing is missed.
    project.write("catalog/catalog.yaml", "nonsense: [\n");
    project.git(&["add", "."]);
    project.git(&["commit", "--quiet", "--no-verify", "--message", "broken"]);
    project.write("README", "words\n");
    project.git(&["add", "README"]);
    let mut command = commit(&project, ".");
    command.env("PATH", without_the_program());
    assert_eq!(finish(command).code, Some(0));
    // Files that are taken away count too.
    project.git(&["rm", "--quiet", "--cached", "generated/env.test"]);
    assert_eq!(committed(&project).code, Some(1));
}

fn commit(project: &Project, folder: &str) -> Command {
    let mut command = Command::new("git");
    command
        .args(["commit", "--quiet", "--message", "more"])
        .current_dir(project.path(folder));
    alone(&mut command);
    command
}

/// The PATH, but for folders that hold the program.
fn without_the_program() -> std::ffi::OsString {
    let has_none = |folder: &PathBuf| !folder.join("composegen").exists();
    let path = std::env::var_os("PATH").unwrap();
    std::env::join_paths(std::env::split_paths(&path).filter(has_none)).unwrap()
}

#[test]
fn where_the_program_is_missing_the_commit_is_refused_with_what_to_do() {
    let Some(project) = installed() else { return };
    project.write("catalog/catalog.yaml", CATALOG.replace("128M", "256M"));
    project.git(&["add", "."]);
    let mut command = commit(&project, ".");
    command.env("PATH", without_the_program());
    let expected = "error: composegen is not in the PATH, and this commit changes what it checks\n  help: install it, or add its folder to the PATH; `git commit --no-verify` commits without the check\n";
    assert_eq!(finish(command), said(expected, 1));
}

#[test]
fn a_catalog_may_lie_deep_in_folders_with_blanks() {
    let Some(project) = repository() else { return };
    project.write("my stacks/it's home/the catalog/catalog.yaml", CATALOG);
    let catalog = "my stacks/it's home/the catalog";
    let command = r"composegen check --staged --catalog='my stacks/it'\''s home/the catalog'";
    let run = ["--catalog", catalog, "hook", "install"];
    assert_eq!(project.run(&run), created(HOOK, command));
    assert_eq!(project.run(&["--catalog", catalog, "build"]).code, Some(0));
    project.git(&["add", "my stacks/it's home/the catalog"]);
    let refused = committed(&project);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    project.git(&["add", "."]);
    assert_eq!(try_to_commit(&project, "my stacks", &[]).code, Some(0));
    // The other catalog is none of its business.
    project.write("catalog/catalog.yaml", "nonsense: [\n");
    project.git(&["add", "."]);
    assert_eq!(committed(&project).code, Some(0));
    let other = format!(
        "error: `{HOOK}` is composegen's, made for another catalog, other choices or by another version\n  help: `composegen hook uninstall` removes it; to have both, add this line to it: `composegen check --staged || exit 1`\n"
    );
    assert_eq!(project.run(INSTALL), said(other, 2));
    assert_eq!(project.run(UNINSTALL).code, Some(0));
}

#[test]
fn choices_are_taken_along() {
    let Some(project) = repository() else { return };
    let options = "options:\n  store:\n    description: Where it goes\n    default: one\n    choices:\n      one: { description: One }\n      the other: { description: The other }\n";
    project.write("catalog/catalog.yaml", format!("{CATALOG}{options}"));
    let run = project.run(&["hook", "install", "--set", "store=the other"]);
    let command = "composegen check --staged --set='store=the other'";
    assert_eq!(run, created(HOOK, command));
    let wrong = project.run(&["hook", "install", "--set", "store=nowhere"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
}

#[test]
fn a_hook_that_is_there_stays_as_it_is() {
    let Some(project) = repository() else { return };
    let line = "add this line to it: `composegen check --staged || exit 1`";
    let cases = [
        (
            "#!/bin/sh\nexit 0\n",
            format!(
                "error: `{HOOK}` is there already, and not composegen's\n  help: to check what is staged, {line}\n"
            ),
            format!(
                "error: `{HOOK}` is not composegen's; it was left as it is\n  help: a line that was added by hand is taken out by hand\n"
            ),
        ),
        (
            "",
            format!(
                "error: `{HOOK}` is there already, and not composegen's\n  help: to check what is staged, {line}\n"
            ),
            format!(
                "error: `{HOOK}` is not composegen's; it was left as it is\n  help: a line that was added by hand is taken out by hand\n"
            ),
        ),
        (
            "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n",
            format!(
                "error: `{HOOK}` is the hook of the program pre-commit\n  help: name composegen's hooks in `.pre-commit-config.yaml`: docs/hooks.md says how\n"
            ),
            format!(
                "error: `{HOOK}` is the hook of the program pre-commit; it was left as it is\n  help: `pre-commit uninstall` removes it\n"
            ),
        ),
    ];
    for (text, install, uninstall) in cases {
        project.write(HOOK, text);
        assert_eq!(project.run(INSTALL), said(install, 2));
        assert_eq!(project.run(UNINSTALL), said(uninstall, 2));
        assert_eq!(project.text(HOOK), text);
    }
    fs::remove_file(project.path(HOOK)).unwrap();
    assert_eq!(project.run(INSTALL).code, Some(0));
    let changed = format!("{}echo done\n", project.text(HOOK));
    project.write(HOOK, &changed);
    let install = format!(
        "error: `{HOOK}` was made by composegen and changed since\n  help: it stays as it is; the line that checks what is staged: `composegen check --staged || exit 1`\n"
    );
    let uninstall = format!(
        "error: `{HOOK}` was changed since composegen made it; it was left as it is\n  help: take out by hand what is composegen's, or remove the file\n"
    );
    assert_eq!(project.run(INSTALL), said(install, 2));
    assert_eq!(project.run(UNINSTALL), said(uninstall, 2));
    assert_eq!(project.text(HOOK), changed);
}

#[test]
fn what_is_no_file_in_the_hooks_place_is_told() {
    let Some(project) = repository() else { return };
    fs::create_dir_all(project.path(".git/hooks")).unwrap();
    let line = "  help: to check what is staged, add this line to it: `composegen check --staged || exit 1`\n";
    symlink("nowhere", project.path(HOOK)).unwrap();
    let message = format!("error: `{HOOK}` is a symbolic link, and not composegen's\n");
    assert_eq!(project.run(INSTALL), said(format!("{message}{line}"), 2));
    assert_eq!(project.run(UNINSTALL), said(message, 2));
    assert!(project.path(HOOK).is_symlink());
    fs::remove_file(project.path(HOOK)).unwrap();
    fs::create_dir(project.path(HOOK)).unwrap();
    let message = format!("error: `{HOOK}` is a folder, and not composegen's\n");
    assert_eq!(project.run(INSTALL), said(message.clone(), 2));
    assert_eq!(project.run(UNINSTALL), said(message, 2));
    fs::remove_dir(project.path(HOOK)).unwrap();
    fs::remove_dir_all(project.path(".git/hooks")).unwrap();
    project.write(".git/hooks", "");
    let said = project.run(INSTALL);
    assert_eq!((said.out.as_str(), said.code), ("", Some(2)), "{said:?}");
    assert!(said.err.contains(HOOK), "{said:?}");
}

#[test]
fn the_folder_of_the_hooks_is_where_git_looks_for_them() {
    let Some(project) = repository() else { return };
    let run = |folder: &str, words: &[&str]| {
        let mut command = project.command(words);
        command.current_dir(project.path(folder));
        finish(command)
    };
    // A missing one is made.
    fs::remove_dir_all(project.path(".git/hooks")).unwrap();
    assert_eq!(project.run(INSTALL).code, Some(0));
    assert_eq!(project.run(UNINSTALL).code, Some(0));
    // A setting counts from the top, wherever it is asked from.
    project.git(&["config", "core.hooksPath", "tools/hooks"]);
    let words = ["hook", "install", "--catalog", "../catalog"];
    let said = run("generated", &words);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(project.path("tools/hooks/pre-commit").is_file());
    project.git(&["config", "--unset", "core.hooksPath"]);
    // All work trees share theirs.
    project.git(&["worktree", "add", "--quiet", "other", "-b", "other"]);
    let said = run("other", INSTALL);
    let shown = project.path(HOOK).canonicalize().unwrap();
    let expected = created(&shown.display().to_string(), "composegen check --staged");
    assert_eq!(said, expected);
    project.write("other/catalog/catalog.yaml", "nonsense: [\n");
    project.git(&["-C", "other", "add", "."]);
    assert_eq!(try_to_commit(&project, "other", &[]).code, Some(1));
    assert_eq!(run("other", UNINSTALL).code, Some(0));
}

#[test]
fn a_folder_of_hooks_for_all_repositories_is_left_alone_unless_it_is_meant() {
    let Some(project) = repository() else { return };
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = elsewhere.path().canonicalize().unwrap();
    let config = format!("[core]\n\thooksPath = {}\n", folder.display());
    project.write("of-the-person", config);
    let run = || {
        let mut command = project.command(INSTALL);
        command.env("GIT_CONFIG_GLOBAL", project.path("of-the-person"));
        finish(command)
    };
    let expected = format!(
        "error: git looks for hooks in `{}`, outside of this repository: a hook there runs in other ones too\n  help: `git config core.hooksPath FOLDER` gives this repository a folder of its own, or says that this one is meant; or add this line to a hook there: `composegen check --staged || exit 1`\n",
        folder.display()
    );
    assert_eq!(run(), said(expected, 2));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    project.git(&["config", "core.hooksPath", folder.to_str().unwrap()]);
    assert_eq!(run().code, Some(0));
    assert!(folder.join("pre-commit").is_file());
}

#[test]
fn without_a_repository_or_a_catalog_it_is_said_why() {
    let outside = Project::new();
    let no_repository = "error: `catalog` is in no git repository\n";
    assert_eq!(outside.run(INSTALL), said(no_repository, 2));
    assert_eq!(outside.run(UNINSTALL), said(no_repository, 2));
    let Some(project) = repository() else { return };
    let said = project.run(&["hook", "install", "--catalog", "gone"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(
        said.err.starts_with("error: the catalog's folder `gone`"),
        "{said:?}"
    );
    let said = project.run(&["hook", "install", "--format", "json"]);
    let expected =
        "error: `composegen hook install` has no format `json`\n  help: it writes `human`\n";
    assert_eq!((said.err.as_str(), said.code), (expected, Some(2)));
    assert!(!project.path(HOOK).exists());
}

/// The hook is a script for every shell of POSIX: whoever has one reads it.
#[test]
fn the_hook_needs_no_more_than_a_plain_shell() {
    let Some(project) = installed() else { return };
    for shell in ["dash", "bash", "busybox"] {
        let mut command = Command::new(shell);
        if shell == "busybox" {
            command.arg("sh");
        }
        command.arg("-n").arg(project.path(HOOK));
        if let Ok(output) = command.output() {
            assert!(output.status.success(), "{shell}: {output:?}");
        }
    }
}
