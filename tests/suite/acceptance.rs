//! The commands of `docs/acceptance.md` do what the page says that they show.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// Commands that end with another status than 0 in a fresh copy, with that status: the env file is not filled in yet, and
/// the file of another mode is refused.
const OTHERWISE: &[(&str, i32)] = &[
    ("composegen env check prod", 1),
    (
        "composegen validate generated/docker-compose.test.yml --mode prod",
        1,
    ),
];

/// The text between each pair of backticks that begins with the program's name.
fn commands(page: &str) -> Vec<&str> {
    let spans = page.split('`').skip(1).step_by(2);
    spans
        .filter(|span| span.starts_with("composegen "))
        .collect()
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}

#[test]
fn every_command_of_the_acceptance_page_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/acceptance.md")).unwrap();
    let folder = TempDir::new().unwrap();
    for part in ["catalog", "generated"] {
        copy(&root.join(part), &folder.path().join(part));
    }
    let mut commands = commands(&page);
    assert!(commands.len() > 20, "{commands:?}");
    // The file is made before it is looked at, whatever the order on the page.
    commands.sort_by_key(|command| !command.starts_with("composegen env init"));
    for command in commands {
        let output = Command::new(env!("CARGO_BIN_EXE_composegen"))
            .args(command.split_whitespace().skip(1))
            .current_dir(folder.path())
            .output()
            .unwrap();
        let expected = OTHERWISE.iter().find(|(other, _)| *other == command);
        let expected = expected.map_or(0, |(_, code)| *code);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(expected), "{command}: {said}");
    }
}
