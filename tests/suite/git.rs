//! What is judged where git holds it: the index, partly staged, of a partial commit, inside of a hook; and what git
//! refuses, in words. Each test has a repository of its own.

use std::process::Command;

use crate::project::{CATALOG, Project, Said, alone, finish};

/// A repository with the catalog and what is made from it, all committed; `None` where there is no git.
pub fn repository() -> Option<Project> {
    if Command::new("git").arg("--version").output().is_err() {
        crate::skipped("git is not installed");
        return None;
    }
    let project = Project::new();
    project.git(&["init", "--quiet", "--initial-branch", "main"]);
    assert_eq!(project.run(&["build"]).code, Some(0));
    commit(&project);
    Some(project)
}

fn commit(project: &Project) {
    project.git(&["add", "."]);
    project.git(&["commit", "--quiet", "--message", "all"]);
}

/// The catalog with more memory for `web`.
fn larger() -> String {
    CATALOG.replace("limit: 128M", "limit: 256M")
}

fn failed(message: &str) -> Said {
    Said {
        out: String::new(),
        err: message.to_owned(),
        code: Some(2),
    }
}

const STAGED: &[&str] = &["check", "--staged"];

fn staged(project: &Project) -> String {
    project.run(STAGED).transcript()
}

#[test]
fn what_is_staged_is_judged_and_not_what_lies_in_the_folder() {
    let Some(project) = repository() else { return };
    assert_eq!(staged(&project), "no findings\nexit 0\n");
    project.write("catalog/catalog.yaml", "nonsense: [\n");
    project.write("generated/docker-compose.test.yml", "edited\n");
    project.write("catalog/new.yaml", "nonsense: [\n");
    assert_eq!(staged(&project), "no findings\nexit 0\n");
    project.git(&["add", "catalog/new.yaml"]);
    project.write("catalog/new.yaml", "");
    let said = staged(&project);
    assert!(said.starts_with("! error[yaml-syntax]"), "{said}");
    assert!(said.contains("--> catalog/new.yaml:1:11\n"), "{said}");
}

#[test]
fn a_catalog_that_is_staged_without_its_files_is_stale() {
    let Some(project) = repository() else { return };
    project.write("catalog/catalog.yaml", larger());
    assert_eq!(staged(&project), "no findings\nexit 0\n");
    project.git(&["add", "catalog"]);
    let said = staged(&project);
    assert!(said.contains("error[generated-stale]"), "{said}");
    assert_eq!(project.run(&["build"]).code, Some(0));
    assert_eq!(project.run(&["check"]).code, Some(0));
    assert!(staged(&project).ends_with("exit 1\n"));
    project.git(&["add", "generated"]);
    assert_eq!(staged(&project), "no findings\nexit 0\n");
    project.git(&["rm", "--quiet", "--cached", "generated/env.test"]);
    let said = staged(&project);
    assert!(said.contains("`generated/env.test` is not there"), "{said}");
}

/// The catalog with a service that is built from a folder.
fn built() -> String {
    let service = "  api:\n    role: core\n    build: api\n    memory: { limit: 64M, reservation: 32M }\n    cpus: 0.1\n    healthcheck: image\n";
    format!("{CATALOG}{service}")
}

#[test]
fn a_dockerfile_that_is_not_staged_is_missing_there() {
    let Some(project) = repository() else { return };
    project.write("catalog/catalog.yaml", built());
    project.write("api/Dockerfile", "FROM scratch\n");
    assert_eq!(project.run(&["build"]).code, Some(0));
    project.git(&["add", "catalog", "generated"]);
    let said = project.run(&["check"]).transcript();
    assert_eq!(said, "no findings\nexit 0\n");
    let said = staged(&project);
    assert!(
        said.contains("the build context `api` of `api` is not there"),
        "{said}"
    );
    project.write("api/other", "");
    project.git(&["add", "api/other"]);
    let said = staged(&project);
    assert!(
        said.contains("the Dockerfile `api/Dockerfile` of `api` is not there"),
        "{said}"
    );
    project.git(&["add", "api"]);
    assert_eq!(staged(&project), "no findings\nexit 0\n");
}

/// A hook that runs the program with these words.
fn hook(project: &Project, words: &str) {
    let program = env!("CARGO_BIN_EXE_composegen");
    project.write(
        ".git/hooks/pre-commit",
        format!("#!/bin/sh\nexec '{program}' {words}\n"),
    );
    allow_to_run(&project.path(".git/hooks/pre-commit"));
}

#[cfg(unix)]
fn allow_to_run(file: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(not(unix))]
fn allow_to_run(_: &std::path::Path) {}

/// The PATH, with the program that is tested before all others.
pub fn with_the_program() -> std::ffi::OsString {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_composegen"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folder = program.parent().unwrap().to_path_buf();
    std::env::join_paths([folder].into_iter().chain(std::env::split_paths(&path))).unwrap()
}

/// Commits what is staged; a hook finds the program in its PATH.
pub fn try_to_commit(project: &Project, folder: &str, words: &[&str]) -> Said {
    let mut command = Command::new("git");
    command
        .args(["commit", "--quiet", "--message", "more"])
        .args(words)
        .current_dir(project.path(folder))
        .env("PATH", with_the_program());
    finish({
        alone(&mut command);
        command
    })
}

#[test]
fn a_hook_sees_the_index_of_the_commit_that_is_made() {
    let Some(project) = repository() else { return };
    hook(&project, "check --staged");
    project.write("catalog/catalog.yaml", larger());
    assert_eq!(project.run(&["build"]).code, Some(0));
    project.git(&["add", "."]);
    // Everything is staged, and yet this commit takes the catalog alone.
    let said = try_to_commit(&project, ".", &["--", "catalog/catalog.yaml"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("[generated-stale]") || said.out.contains("[generated-stale]"));
    let said = try_to_commit(&project, "generated", &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
}

#[test]
fn a_project_may_lie_deep_in_a_repository_or_in_a_work_tree_of_it() {
    let Some(project) = repository() else { return };
    project.git(&["worktree", "add", "--quiet", "deep/other", "-b", "other"]);
    project.write("deep/other/stacks/home/catalog/catalog.yaml", CATALOG);
    let run = |words: &[&str], folder: &str| {
        let mut command = project.command(words);
        command.current_dir(project.path(folder));
        finish(command).transcript()
    };
    let home = "deep/other/stacks/home";
    assert!(run(&["build"], home).ends_with("exit 0\n"));
    let said = run(STAGED, home);
    assert_eq!(
        said,
        "! error: the catalog's folder `catalog` is not in the index\n!   help: add it with `git add`, or name another with `--catalog DIR`\nexit 2\n"
    );
    project.git(&["-C", home, "add", "."]);
    assert_eq!(run(STAGED, home), "no findings\nexit 0\n");
    let from_the_top = [
        "check",
        "--staged",
        "--catalog",
        "deep/other/stacks/home/catalog",
    ];
    assert_eq!(run(&from_the_top, "."), "no findings\nexit 0\n");
}

#[test]
fn what_is_no_file_in_the_index_is_refused() {
    let Some(project) = repository() else { return };
    let blob = project.git(&["hash-object", "-w", "--stdin"]);
    for (mode, path, expected) in [
        (
            "120000",
            "generated/env.test",
            "error: `generated/env.test` is a symbolic link in the index\n  help: it is not followed: a plain file or folder has to stand there\n",
        ),
        (
            "120000",
            "catalog/more.yaml",
            "error: `catalog/more.yaml` is a symbolic link in the index\n  help: it is not followed: a plain file or folder has to stand there\n",
        ),
        (
            "120000",
            "catalog",
            "error: `catalog` is a symbolic link in the index\n  help: it is not followed: a plain file or folder has to stand there\n",
        ),
    ] {
        let entry = format!("{mode},{},{path}", blob.trim());
        if path == "catalog" {
            project.git(&["rm", "-r", "--quiet", "--cached", "catalog"]);
        }
        project.git(&["update-index", "--add", "--cacheinfo", &entry]);
        assert_eq!(project.run(STAGED), failed(expected));
        project.git(&["reset", "--quiet"]);
    }
}

#[test]
fn a_conflict_is_told() {
    let Some(project) = repository() else { return };
    project.git(&["checkout", "--quiet", "-b", "other"]);
    project.write("catalog/catalog.yaml", larger());
    commit(&project);
    project.git(&["checkout", "--quiet", "main"]);
    project.write("catalog/catalog.yaml", CATALOG.replace("128M", "100M"));
    commit(&project);
    let mut merge = Command::new("git");
    merge
        .args(["merge", "--quiet", "other"])
        .current_dir(project.root());
    alone(&mut merge);
    assert_eq!(finish(merge).code, Some(1));
    let said = project.run(STAGED);
    let expected = "error: `catalog/catalog.yaml` is a file with a merge conflict in the index\n  help: solve the conflict first; `git status` shows what is left\n";
    assert_eq!(said, failed(expected));
}

#[test]
fn a_file_that_is_only_announced_is_not_in_the_commit() {
    let Some(project) = repository() else { return };
    project.write("catalog/later.yaml", "nonsense: [\n");
    project.git(&["add", "--intent-to-add", "catalog/later.yaml"]);
    assert_eq!(staged(&project), "no findings\nexit 0\n");
    project.write("catalog/empty.yaml", "");
    project.git(&["add", "catalog/empty.yaml"]);
    assert_eq!(staged(&project), "no findings\nexit 0\n");
}

#[test]
fn where_git_cannot_be_asked_it_is_said_why() {
    let Some(project) = repository() else { return };
    let outside = Project::new();
    assert_eq!(
        outside.run(STAGED),
        failed("error: `catalog` is in no git repository\n")
    );
    let mut command = project.command(STAGED);
    command.env("PATH", "");
    assert_eq!(
        finish(command),
        failed("error: git is not installed\n  help: install it: the files are asked of it\n")
    );
    assert_eq!(
        project.run(&["check", "--staged", "--catalog", "gone"]),
        failed(
            "error: the catalog's folder `gone` is not in the index\n  help: add it with `git add`, or name another with `--catalog DIR`\n"
        )
    );
    let said = project.run(&["check", "--staged", "--catalog", "."]);
    assert!(
        said.err
            .starts_with("error: `.` is the top of its git repository"),
        "{said:?}"
    );
    let elsewhere = outside.path("catalog");
    let mut command = project.command(&[
        "check",
        "--staged",
        "--catalog",
        elsewhere.to_str().unwrap(),
    ]);
    command.env("GIT_DIR", project.path(".git"));
    let expected = format!(
        "error: `{}` lies outside of the git repository `{}`\n",
        elsewhere.display(),
        project.root().canonicalize().unwrap().display()
    );
    assert_eq!(finish(command), failed(&expected));
    assert_eq!(
        project.run(&["check", "--staged", "--catalog", "gone/../gone"]),
        failed("error: `gone/../gone` is not there\n")
    );
    let mut command = project.command(STAGED);
    command.env("GIT_DIR", "nowhere");
    assert_eq!(
        finish(command),
        failed("error: `catalog` is in no git repository\n")
    );
}

#[test]
fn a_shallow_clone_says_why_it_lacks_a_revision() {
    let Some(project) = repository() else { return };
    project.write("catalog/catalog.yaml", larger());
    commit(&project);
    let said = project.run(&["diff", "--against", "HEAD~1", "--mode", "test"]);
    assert_eq!(said.code, Some(1));
    let from = format!("file://{}", project.root().display());
    project.git(&["clone", "--quiet", "--depth", "1", &from, "shallow"]);
    let mut command = project.command(&["diff", "--against", "HEAD~1"]);
    command.current_dir(project.path("shallow"));
    assert_eq!(
        finish(command),
        failed(
            "error: git knows no revision `HEAD~1` here\n  help: the clone holds the newest commits alone; fetch the others: `git fetch --unshallow`\n"
        )
    );
}

#[test]
fn a_revision_may_have_any_name_that_git_knows() {
    let Some(project) = repository() else { return };
    project.git(&["tag", "-a", "v1", "-m", "first"]);
    let object = project.git(&["rev-parse", "HEAD"]);
    for name in [
        "main",
        "v1",
        "HEAD",
        "@",
        "HEAD^{tree}",
        ":/all",
        object.trim(),
        &object[..7],
    ] {
        let said = project.run(&["diff", "--against", name]);
        assert_eq!(
            (said.out.as_str(), said.code),
            ("", Some(0)),
            "{name}: {said:?}"
        );
    }
    for name in [
        "",
        "-h",
        "--all",
        "HEAD HEAD",
        "HEAD\nHEAD",
        "HEAD:catalog/catalog.yaml",
        "main..v1",
    ] {
        let said = project.run(&["diff", &format!("--against={name}")]);
        assert_eq!(
            (said.out.as_str(), said.code),
            ("", Some(2)),
            "{name}: {said:?}"
        );
        assert!(said.err.contains("git"), "{name}: {said:?}");
    }
}

#[test]
fn a_repository_that_git_does_not_open_is_told_with_its_reason() {
    let Some(project) = repository() else { return };
    let mut command = project.command(STAGED);
    command.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    let said = finish(command);
    assert_eq!(said.code, Some(2));
    let expected = "error: git does not open the repository of `catalog`: detected dubious ownership in repository at ";
    assert!(said.err.starts_with(expected), "{said:?}");
    assert!(
        said.err
            .ends_with("`git config --global --add safe.directory PATH` trusts it\n"),
        "{said:?}"
    );
    let bare = Project::new();
    bare.git(&["init", "--quiet", "--bare", "."]);
    assert_eq!(
        bare.run(STAGED),
        failed("error: the git repository of `catalog` has no work tree\n")
    );
}

#[test]
fn a_hook_may_name_its_repository_by_a_path_from_the_current_folder() {
    let Some(project) = repository() else { return };
    let mut command = project.command(STAGED);
    command
        .env("GIT_DIR", ".git")
        .env("GIT_INDEX_FILE", ".git/index");
    command.env("GIT_LITERAL_PATHSPECS", "1");
    assert_eq!(finish(command).transcript(), "no findings\nexit 0\n");
    // Another index, as a partial commit has it: nothing is in it.
    let mut command = project.command(STAGED);
    command.env("GIT_INDEX_FILE", ".git/other-index");
    let said = finish(command);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("is not in the index"), "{said:?}");
}

#[test]
fn an_object_that_git_has_lost_is_told() {
    let Some(project) = repository() else { return };
    let object = project.git(&["rev-parse", ":catalog/catalog.yaml"]);
    let object = object.trim();
    std::fs::remove_file(project.path(&format!(".git/objects/{}/{}", &object[..2], &object[2..])))
        .unwrap();
    let expected = format!("error: git's store lacks the object {object}\n");
    assert_eq!(project.run(STAGED), failed(&expected));
}
