//! What differs, in every format.

use schemars::JsonSchema;
use serde::Serialize;

use super::super::{Exit, Run, base, terminal::Terminal};
use crate::cli::Form;
use crate::difference::Difference;
use crate::finding::Finding;
use crate::report::difference::{Notice, Summary, human, markdown, notice, summary};
use crate::report::markdown::{MOST, folded_change};
use crate::report::{github, json, plural, sarif, without_secrets};
use crate::rule::Rule;
use crate::source::Sources;

/// What differs.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Diff")]
pub struct Report<'a> {
    /// The files that `composegen build` would write or change; absent where an error was found in the catalog, and
    /// where modes or revisions are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<File>>,
    /// What the change means, mode by mode; absent unless `--summary` asks for it, or modes or revisions are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<Vec<Summary<'a>>>,
    /// What was found: in the catalog, and that files are not current.
    #[serde(flatten)]
    found: json::Document<'a>,
}

/// A file.
#[derive(Serialize, JsonSchema)]
pub struct File {
    /// Its path from the project's folder on.
    pub path: String,
    /// What would become of it.
    pub state: Becomes,
    /// The change as a unified diff. The values of secrets are not shown.
    pub diff: String,
}

/// What would become of a file.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Becomes {
    /// It is not there.
    Created,
    /// It is another.
    Changed,
}

/// What there is to tell.
pub struct Told<'s> {
    /// How the run ends.
    pub exit: Exit,
    /// The files that differ, where files are compared.
    pub files: Option<Vec<File>>,
    /// Whether people want to see their lines.
    pub lines: bool,
    /// What is said where nothing differs.
    pub same: String,
    /// What else is said to people.
    pub notes: Vec<String>,
    /// What the change means, where that is wanted.
    pub differences: Option<Vec<Difference>>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// The sources of what was found.
    pub sources: Sources<'s>,
}

/// Tells it; gives how the run ends.
pub fn tell(run: &Run, told: Told, terminal: &mut Terminal) -> Exit {
    let exit = told.exit;
    match run.form {
        Form::Human | Form::Mermaid | Form::Dot | Form::Svg => for_people(run, told, terminal),
        Form::Json => {
            let differences = told.differences.as_deref();
            terminal.json(&Report {
                files: told.files,
                summary: differences.map(|all| all.iter().map(summary).collect()),
                found: json::document(
                    &without_secrets(&told.findings, &told.sources),
                    &told.sources,
                ),
            });
        }
        Form::Sarif => {
            let notes = notes(&told);
            let (found, sources) = (&told.findings, &told.sources);
            terminal.data(&sarif::with_notes(
                &without_secrets(found, sources),
                sources,
                &notes,
                &base(),
                exit.code(),
            ));
        }
        Form::Github => {
            if !told.findings.is_empty() || exit == Exit::Fine {
                run.tell_of(&told.findings, &told.sources, exit, true, terminal);
            }
            let base = base();
            let main = told.sources.main_path();
            for Notice {
                about: _,
                title,
                text,
            } in notes(&told)
            {
                terminal.data(&github::notice(&title, Some(main), &text, &base));
            }
        }
        Form::Markdown => as_a_page(run, told, terminal),
    }
    exit
}

/// A note for each mode that differs.
fn notes(told: &Told) -> Vec<Notice> {
    told.differences.iter().flatten().flat_map(notice).collect()
}

fn for_people(run: &Run, told: Told, terminal: &mut Terminal) {
    let Told {
        exit,
        files,
        lines,
        same,
        notes,
        differences,
        findings,
        sources,
    } = told;
    if lines {
        let files = files.iter().flatten();
        files.for_each(|file| terminal.data(&file.diff));
    }
    let style = terminal.style(true);
    let told = differences.iter().flatten().filter(|_| exit != Exit::Fine);
    told.for_each(|difference| terminal.data(&human(difference, style)));
    if !lines && is_words_alone(files.as_deref(), differences.as_deref()) {
        terminal.talk("nothing differs but words: heads, comments, the guide\n");
    }
    notes
        .iter()
        .for_each(|note| terminal.talk(&format!("{note}\n")));
    let (stale, others): (Vec<_>, Vec<_>) = findings
        .into_iter()
        .partition(|finding| finding.rule == Rule::GeneratedStale);
    if !others.is_empty() {
        run.tell_of(&others, &sources, exit, false, terminal);
    }
    tell_stale(&stale, terminal);
    if exit == Exit::Fine {
        terminal.talk(&format!("{same}\n"));
    }
}

/// How many files are to be made anew, by what there is to do: mostly the same for all of them.
fn tell_stale(stale: &[Finding], terminal: &Terminal) {
    let mut told: Vec<&str> = Vec::new();
    for help in stale.iter().filter_map(|finding| finding.help.as_deref()) {
        if told.contains(&help) {
            continue;
        }
        told.push(help);
        let same = |other: &&Finding| other.help.as_deref() == Some(help);
        let count = plural(stale.iter().filter(same).count(), "file");
        terminal.talk(&format!("{count} not current: {help}\n"));
    }
}

/// Whether files differ, and nothing that they mean.
fn is_words_alone(files: Option<&[File]>, differences: Option<&[Difference]>) -> bool {
    let same = |all: &[Difference]| all.iter().all(Difference::is_empty);
    files.is_some_and(|files| !files.is_empty()) && differences.is_some_and(same)
}

/// How many bytes of a page the changes may take, and how many the findings.
const MOST_CHANGES: usize = 20_000;
const MOST_FINDINGS: usize = 15_000;

fn as_a_page(run: &Run, told: Told, terminal: &mut Terminal) {
    let Told {
        exit,
        files,
        lines: _,
        same,
        notes: _,
        differences,
        findings,
        sources,
    } = told;
    let mut page = String::new();
    if exit == Exit::Fine {
        page.push_str(&format!("### composegen diff: {same}\n"));
    }
    let told = differences.iter().flatten().filter(|_| exit != Exit::Fine);
    told.for_each(|it| page.push_str(&markdown(it, MOST_CHANGES.saturating_sub(page.len()))));
    if !findings.is_empty() {
        page.push_str(&run.page(&findings, &sources, MOST_FINDINGS));
    }
    let diff: String = files
        .iter()
        .flatten()
        .map(|file| file.diff.as_str())
        .collect();
    if !diff.is_empty() {
        let room = MOST.saturating_sub(page.len());
        page.push_str(&folded_change(&diff, room));
    }
    terminal.data(&page);
}
