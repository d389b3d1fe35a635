//! What `deploy` and its like say before an engine is needed, and where there is none. What they do with one is in
//! `tests/e2e/`.

use std::fs;

use crate::project::{Project, Said, finish};

/// A built project with a filled-in env file.
fn built() -> Project {
    let project = Project::new();
    assert_eq!(project.run(&["build"]).code, Some(0));
    project.write(".env.test", "");
    private(&project, ".env.test");
    project
}

#[cfg(unix)]
fn private(project: &Project, path: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(project.path(path), fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn private(_: &Project, _: &str) {}

/// A run where no Docker can be found.
fn without_docker(project: &Project, words: &[&str]) -> Said {
    let mut command = project.command(words);
    command
        .env("PATH", project.path("no-programs"))
        .env("XDG_STATE_HOME", project.path("state"));
    let said = finish(command);
    assert!(!project.path("state").exists(), "state was written");
    said
}

#[test]
fn without_docker_nothing_is_done() {
    let project = built();
    let missing = "error: Docker is not installed: there is no `docker` in PATH\n  \
        help: https://docs.docker.com/engine/install/ says how\n";
    for words in [["down", "test"], ["status", "test"], ["releases", "test"]] {
        let said = without_docker(&project, &words);
        assert_eq!(
            (said.err.as_str(), said.code),
            (missing, Some(2)),
            "{words:?}"
        );
    }
    let said = without_docker(&project, &["deploy", "test"]);
    let head = "deploy test: class test, project demo-test, host nuc\n  \
        current    4 files as the catalog gives them\n  \
        env        .env.test has what the mode needs\n";
    assert_eq!((said.err, said.code), (format!("{head}{missing}"), Some(2)));
}

#[test]
fn files_that_are_not_current_are_refused() {
    let project = built();
    fs::remove_file(project.path("generated/env.test")).unwrap();
    let said = without_docker(&project, &["deploy", "test"]);
    let expected = "deploy test: class test, project demo-test, host nuc\n\
        error: `generated/env.test` is not what the catalog gives; nothing was changed\n  \
        help: `composegen diff` shows the difference; `composegen build` or `--build` makes them current\n";
    assert_eq!((said.err.as_str(), said.code), (expected, Some(1)));
    let said = without_docker(&project, &["switch", "test", "--build", "--dry-run"]);
    assert!(
        said.err.contains(
            "error: `generated/env.test` would be written first, and `--dry-run` writes nothing"
        ),
        "{said:?}"
    );
    assert!(!project.path("generated/env.test").exists());
}

#[test]
fn an_env_file_that_is_missing_is_told() {
    let project = built();
    fs::remove_file(project.path(".env.test")).unwrap();
    let said = without_docker(&project, &["deploy", "test"]);
    let expected = "error: `.env.test` is not there; nothing was changed\n  help: make it with `composegen env init test`\n";
    assert!(said.err.ends_with(expected), "{said:?}");
    assert_eq!(said.code, Some(2));
}

#[test]
fn a_catalog_with_errors_is_not_deployed() {
    let project = built();
    project.write(
        "catalog/catalog.yaml",
        crate::project::CATALOG.replace("memory: 64M", "memory: 64X"),
    );
    let said = without_docker(&project, &["deploy", "test"]);
    assert!(
        said.err
            .ends_with("nothing was deployed: the catalog has errors\n"),
        "{said:?}"
    );
    assert_eq!(said.code, Some(1));
}

#[test]
fn what_is_typed_wrong_is_told() {
    let project = built();
    let said = without_docker(&project, &["rollback", "tset"]);
    assert_eq!(
        said.err,
        "error: there is no mode `tset`\n  help: did you mean `test`?\n"
    );
    let said = without_docker(&project, &["deploy", "test", "--timeout", "soon"]);
    assert!(said.err.contains("`soon` is not a duration"), "{said:?}");
    assert_eq!(said.code, Some(2));
}
