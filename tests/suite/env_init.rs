//! `composegen env init`: the file it makes, what it adds to one that is there, and what it refuses to touch.

use std::fs;

use crate::project::{Project, Said};

const CATALOG: &str = "\
project: demo
hosts: { nuc: { memory: 4GiB, cpus: 4 } }
modes:
  test: { class: test }
  prod: { class: production, aliases: [production] }
variables:
  LOG_LEVEL: { default: it's INFO, description: Log level of every service }
  DB_PASSWORD: { secret: true, description: \"Password of the database, which the database takes on its first start and never again; 20 letters at least\" }
  CAMERA_URL: { optional: true }
services:
  web:
    role: core
    image: nginx:1.27
    memory: { limit: 128M, reservation: 64M }
    cpus: 0.5
    healthcheck: image
    environment: { DB_PASSWORD: , LOG_LEVEL: , CAMERA_URL: }
";

const NEW: &str = "\
# Secrets and own choices of the mode test. This file is yours: it stays out of git, and nothing overwrites it.
# Fill in what says change-me, take the # away where you want another value than the default, then run
#   composegen env check test

# Password of the database, which the database takes on its first start and never again; 20 letters at least.
# Required, a secret.
DB_PASSWORD=change-me

# Optional.
#CAMERA_URL=

# Log level of every service. Has a default.
#LOG_LEVEL=\"it's INFO\"
";

fn project() -> Project {
    Project::with(CATALOG)
}

/// A project in which `.env.test` is there already.
fn with(bytes: impl AsRef<[u8]>) -> Project {
    let project = project();
    project.write(".env.test", bytes);
    project
}

fn init(project: &Project) -> Said {
    let said = project.run(&["env", "init", "test"]);
    assert_eq!(said.out, "");
    said
}

#[track_caller]
fn assert_refused(project: &Project, expected: &str) {
    let before = project.files();
    let said = init(project);
    assert_eq!((said.err.as_str(), said.code), (expected, Some(2)));
    assert_eq!(project.files(), before);
}

#[test]
fn a_new_file_has_every_variable_and_what_to_fill_in_first() {
    let project = project();
    let said = init(&project);
    assert_eq!(
        said.err,
        "created .env.test, for its owner alone to read\n\
         to fill in: `DB_PASSWORD`\n\
         then: composegen env check test\n"
    );
    assert_eq!(said.code, Some(0));
    assert_eq!(project.text(".env.test"), NEW);
}

#[test]
fn the_name_of_the_file_is_that_of_the_class_where_an_alias_says_so() {
    let project = project();
    for mode in ["prod", "production"] {
        project.run(&["env", "init", mode]);
        assert!(project.path(".env.production").is_file());
    }
    assert!(!project.path(".env.prod").exists());
}

#[test]
fn it_lies_beside_the_catalogs_folder() {
    let project = Project::empty();
    project.write("stacks/home/catalog/catalog.yaml", CATALOG);
    let said = project.run(&["env", "init", "test", "--catalog", "stacks/home/catalog"]);
    assert!(
        said.err.starts_with("created stacks/home/.env.test,"),
        "{}",
        said.err
    );
    assert_eq!(project.text("stacks/home/.env.test"), NEW);
}

#[test]
fn a_second_time_changes_nothing() {
    let project = project();
    init(&project);
    let said = init(&project);
    assert_eq!(
        said.err,
        "nothing changed: .env.test has every variable of the mode\n"
    );
    assert_eq!(project.text(".env.test"), NEW);
}

#[test]
fn what_is_there_stays_and_what_is_missing_comes_to_the_end() {
    const ADDED: &str = "\n# Optional.\n#CAMERA_URL=\n";
    let marked = "\u{feff}DB_PASSWORD=x\r\n# LOG_LEVEL=y\r\n";
    let windows = ADDED.replace('\n', "\r\n");
    for (old, added) in [
        ("DB_PASSWORD=x\n#LOG_LEVEL=y\n", ADDED.to_owned()),
        ("DB_PASSWORD=x\nLOG_LEVEL='a\nb'", format!("\n{ADDED}")),
        (
            "export DB_PASSWORD=$x # y\nLOG_LEVEL\nOTHER=1\n\n",
            ADDED.to_owned(),
        ),
        (marked, windows),
    ] {
        let project = with(old);
        let said = init(&project);
        assert_eq!(project.text(".env.test"), format!("{old}{added}"));
        assert_eq!(
            said.err,
            "added to the end of .env.test: `CAMERA_URL`\nthen: composegen env check test\n"
        );
    }
}

#[test]
fn an_empty_file_gets_all_of_them() {
    let project = with("");
    let said = init(&project);
    assert!(
        said.err
            .contains("`DB_PASSWORD`, `CAMERA_URL` and `LOG_LEVEL`"),
        "{}",
        said.err
    );
    assert!(
        project
            .text(".env.test")
            .starts_with("# Password of the database")
    );
}

#[test]
fn nothing_is_added_where_it_would_not_be_read() {
    assert_refused(
        &with("A=1\nB='2\n"),
        "error: `.env.test:2` has a quote that is never closed: what is added behind it would become a part of the value; nothing was written\n  \
         help: mend it first; `composegen env check` shows all that is wrong\n",
    );
    assert_refused(
        &with(b"A=\xff\n"),
        "error: `.env.test` is no UTF-8 text; nothing was written\n  \
         help: mend it first; `composegen env check` shows all that is wrong\n",
    );
}

#[test]
fn a_folder_is_refused() {
    let project = project();
    fs::create_dir(project.path(".env.test")).unwrap();
    assert_refused(
        &project,
        "error: `.env.test` is a folder where a file is to be\n  help: move it away and try again\n",
    );
    let said = project.run(&["env", "check", "test"]);
    assert_eq!(said.err, "error: `.env.test` is not a regular file\n");
    assert_eq!(said.code, Some(2));
}

#[cfg(unix)]
mod on_unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(project: &Project) -> u32 {
        let metadata = fs::metadata(project.path(".env.test")).unwrap();
        metadata.permissions().mode() & 0o7777
    }

    #[test]
    fn only_its_owner_may_read_a_new_file() {
        let project = project();
        init(&project);
        assert_eq!(mode(&project), 0o600);
    }

    #[test]
    fn an_old_file_keeps_its_permissions() {
        let project = with("A=1\n");
        let allowed = fs::Permissions::from_mode(0o640);
        fs::set_permissions(project.path(".env.test"), allowed).unwrap();
        init(&project);
        assert_eq!(mode(&project), 0o640);
    }

    #[test]
    fn a_link_is_not_followed() {
        let project = project();
        project.write("elsewhere", "A=1\n");
        symlink("elsewhere", project.path(".env.test")).unwrap();
        assert_refused(
            &project,
            "error: `.env.test` is a symbolic link; it is not followed\n  help: move it away and try again\n",
        );
    }

    #[test]
    fn a_pipe_is_refused_and_not_opened() {
        let project = project();
        let pipe = project.path(".env.test");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let said = init(&project);
        assert_eq!(
            said.err,
            "error: `.env.test` is a pipe, a socket or a device where a file is to be\n  help: move it away and try again\n"
        );
        let said = project.run(&["env", "check", "test"]);
        assert_eq!(said.err, "error: `.env.test` is not a regular file\n");
    }
}
