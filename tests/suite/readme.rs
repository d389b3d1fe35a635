//! The README tells the truth: its commands print what it shows, and the links of every document lead somewhere.
//!
//! A command is a line that begins with `$ ` in a ```` ```console ```` block; a `\` at its end continues it. The lines
//! below it, up to the next command, are its output, standard error included; `...` alone on a line stands for lines
//! left out. Commands that begin with `composegen` are run, in the order of the page, in one copy of the repository's
//! catalog; others are prose.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_commands_of_the_readme_print_what_it_shows() {
    let text = fs::read_to_string(root().join("README.md")).expect("README.md is there");
    let shown: Vec<Shown> = commands(&text)
        .into_iter()
        .filter(|shown| shown.is_ours())
        .collect();
    assert!(!shown.is_empty(), "README.md shows no composegen command");
    let folder = copy_of_the_catalog();
    let wrong: Vec<String> = shown
        .iter()
        .filter_map(|shown| difference(shown, folder.path()))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Commands between the headings of a section, without what is said behind them.
fn typed(text: &str, section: &str) -> Vec<String> {
    let (_, rest) = text
        .split_once(&format!("\n## {section}\n"))
        .expect("the section");
    let section = rest.split("\n## ").next().unwrap_or_default();
    let lines = section
        .lines()
        .filter(|line| line.starts_with("composegen "));
    lines
        .map(|line| {
            line.split(" #")
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned()
        })
        .collect()
}

#[test]
fn the_way_in_that_the_readme_shows_works() {
    let text = fs::read_to_string(root().join("README.md")).expect("README.md is there");
    let commands = typed(&text, "Your own stack");
    assert_eq!(
        commands,
        [
            "composegen validate",
            "composegen import",
            "composegen init"
        ]
    );
    for command in commands {
        let folder = tempfile::tempdir().expect("a temporary folder");
        if command != "composegen init" {
            let service = "services:\n  web: { image: \"nginx:1.27\", ports: [\"8080:80\"] }\n";
            fs::write(folder.path().join("compose.yaml"), service).expect("a file");
        }
        let lines = printed(&format!("{command} && echo fine"), folder.path());
        assert_eq!(
            lines.last().map(String::as_str),
            Some("fine"),
            "{command}: {lines:?}"
        );
    }
}

#[test]
fn the_links_of_every_document_lead_somewhere() {
    let documents = documents();
    assert!(!documents.is_empty(), "there is no document");
    let wrong: Vec<String> = documents.iter().flat_map(|path| dead_links(path)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A command and its output, as a page shows them.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    line: usize,
    command: String,
    output: Vec<String>,
}

impl Shown {
    fn is_ours(&self) -> bool {
        self.command.split_whitespace().next() == Some("composegen")
    }
}

fn commands(text: &str) -> Vec<Shown> {
    let mut commands: Vec<Shown> = Vec::new();
    let mut fence: Option<bool> = None;
    for (number, line) in text.lines().enumerate() {
        match (fence, line.trim_start().strip_prefix("```")) {
            (None, Some(word)) => fence = Some(word.trim() == "console"),
            (Some(_), Some(_)) => fence = None,
            (Some(true), None) => console_line(number + 1, line, &mut commands),
            _ => {}
        }
    }
    commands
}

fn console_line(number: usize, line: &str, commands: &mut Vec<Shown>) {
    if let Some(command) = line.strip_prefix("$ ") {
        commands.push(Shown {
            line: number,
            command: command.to_owned(),
            output: Vec::new(),
        });
    } else if let Some(last) = commands.last_mut() {
        match last.command.strip_suffix('\\') {
            Some(head) if last.output.is_empty() => {
                last.command = format!("{} {}", head.trim_end(), line.trim_start());
            }
            _ => last.output.push(line.trim_end().to_owned()),
        }
    }
}

/// What is wrong with a command's output; nothing where it is as shown.
fn difference(shown: &Shown, folder: &Path) -> Option<String> {
    let printed = printed(&shown.command, folder);
    let mut expected: &[String] = &shown.output;
    while let [head @ .., last] = expected {
        if !last.is_empty() {
            break;
        }
        expected = head;
    }
    (!fits(expected, &printed)).then(|| {
        format!(
            "README.md:{}: `{}`\nexpected:\n  {}\nprinted:\n  {}\n",
            shown.line,
            shown.command,
            expected.join("\n  "),
            printed.join("\n  ")
        )
    })
}

/// What a shell shows of a command, standard error included.
fn printed(command: &str, folder: &Path) -> Vec<String> {
    let program = Path::new(env!("CARGO_BIN_EXE_composegen"));
    let path = std::env::var("PATH").unwrap_or_default();
    let first = program.parent().expect("a folder").display();
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1\n{command}")])
        .current_dir(folder)
        .env("PATH", format!("{first}:{path}"))
        .env("NO_COLOR", "1")
        .env_remove("COLUMNS")
        .output()
        .expect("a shell");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines: Vec<String> = text
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    lines.truncate(
        lines
            .iter()
            .rposition(|line| !line.is_empty())
            .map_or(0, |at| at + 1),
    );
    lines
}

/// Whether the lines are the expected ones, `...` standing for any number of lines.
fn fits(expected: &[String], lines: &[String]) -> bool {
    match expected {
        [] => lines.is_empty(),
        [first, rest @ ..] if first.trim() == "..." => {
            (0..=lines.len()).any(|from| fits(rest, &lines[from..]))
        }
        [first, rest @ ..] => lines.first() == Some(first) && fits(rest, &lines[1..]),
    }
}

fn copy_of_the_catalog() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["catalog", "generated"] {
        copy(&root().join(name), &folder.path().join(name));
    }
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder of the repository") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).expect("a file")),
        }
    }
}

/// The Markdown files at the root and below `docs/`.
fn documents() -> Vec<PathBuf> {
    let mut documents = Vec::new();
    let is_document = |path: &Path| path.extension().is_some_and(|extension| extension == "md");
    let mut folders = vec![root().join("docs")];
    for entry in fs::read_dir(root()).expect("the repository") {
        documents.push(entry.expect("an entry").path());
    }
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => folders.push(path),
                false => documents.push(path),
            }
        }
    }
    documents.retain(|path| is_document(path));
    documents.sort();
    documents
}

fn dead_links(document: &Path) -> Vec<String> {
    let text = fs::read_to_string(document).expect("a document is text");
    let name = document.strip_prefix(root()).unwrap_or(document).display();
    links(&text)
        .into_iter()
        .filter(|(_, target)| !leads_somewhere(target, document))
        .map(|(line, target)| format!("{name}:{line}: `{target}` leads nowhere"))
        .collect()
}

/// The targets of `[text](target)` outside of code, with their lines.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    let mut code = false;
    for (number, line) in text.lines().enumerate() {
        code ^= line.trim_start().starts_with("```");
        // Every second part between backticks is code.
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        for part in prose.split("](").skip(1).filter(|_| !code) {
            let target = part.split([')', ' ']).next().unwrap_or_default();
            links.push((number + 1, target.to_owned()));
        }
    }
    links
}

fn leads_somewhere(target: &str, document: &Path) -> bool {
    if target.contains("://") || target.starts_with("mailto:") {
        return true;
    }
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let file = match path {
        "" => document.to_path_buf(),
        path => document.with_file_name("").join(path),
    };
    match heading {
        "" => file.exists(),
        heading => fs::read_to_string(file).is_ok_and(|text| has_heading(&text, heading)),
    }
}

fn has_heading(text: &str, heading: &str) -> bool {
    text.lines()
        .filter_map(|line| line.strip_prefix('#'))
        .any(|line| anchor(line.trim_start_matches('#').trim()) == heading)
}

/// The anchor that GitHub gives a heading: lower case, blanks as hyphens, punctuation left out.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

mod its_own_reading {
    use super::*;

    const PAGE: &str = "# A page\n\n[here](b.md#two) and `[not](this)`, [there](https://example.org)\n\n```console\n$ composegen \
        list \\\n    --host a\nx\n...\nz\n$ docker ps\n```\n\n```yaml\n$ no: command\n[no](link)\n```\n";

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn commands_and_links_are_found() {
        let found = commands(PAGE);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].command, "composegen list --host a");
        assert_eq!(found[0].output, ["x", "...", "z"]);
        assert!(found[0].is_ours() && !found[1].is_ours());
        let targets: Vec<String> = links(PAGE).into_iter().map(|(_, target)| target).collect();
        assert_eq!(targets, ["b.md#two", "https://example.org"]);
    }

    #[test]
    fn dots_stand_for_lines_left_out_and_for_nothing_else() {
        let expected = lines("a\n...\nc");
        assert!(fits(&expected, &lines("a\nc")) && fits(&expected, &lines("a\nb\nb\nc")));
        assert!(!fits(&expected, &lines("a\nb")) && !fits(&expected, &lines("b\nc")));
        assert!(!fits(&lines("a"), &lines("a\nb")) && !fits(&lines("a\nb"), &lines("a")));
    }

    #[test]
    fn a_link_needs_its_file_and_its_heading() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (a, b) = (folder.path().join("a.md"), folder.path().join("b.md"));
        fs::write(&a, PAGE).expect("a file");
        assert_eq!(dead_links(&a).len(), 1);
        fs::write(&b, "# One\n\n## Two\n").expect("a file");
        assert_eq!(dead_links(&a), Vec::<String>::new());
        assert!(!leads_somewhere("b.md#three", &a));
        assert_eq!(
            anchor("What it does: `build`, and more"),
            "what-it-does-build-and-more"
        );
    }
}
