//! `composegen init`: a small working catalog, or one of the Compose files that are there, with all that is built from it.

mod dialogue;
mod example;
mod found;
mod machine;

use super::new::{Built, Site, Verdict, attributing, generated_files, say_written, write};
use super::{Failure, Result, terminal::Terminal};
use crate::cli::{Common, Init};
use crate::files::{Making, Written};
use dialogue::Dialogue;
use found::Source;

/// Makes a catalog.
pub fn run(words: &Init, common: &Common, terminal: &mut Terminal) -> Result {
    let elsewhere = "`composegen check` looks at it; `--catalog DIR/catalog` makes another one in another folder";
    let site = Site::of(&common.catalog, elsewhere)?;
    let mut dialogue = Dialogue::on_terminal(words.yes);
    match found::source(words, dialogue.as_mut())? {
        Source::Example => example::run(words, &site, dialogue.as_mut(), terminal),
        Source::Found(found) => found::run(words, &site, &found, terminal),
    }
}

/// Writes a catalog and what is built from it, where it has no error; the catalog last, so that it is not there without
/// the others.
fn write_all(
    site: &Site,
    catalog: Vec<Making>,
    verdict: &Verdict,
) -> std::result::Result<Vec<Written>, Failure> {
    let mut makings: Vec<Making> = attributing(site)?.into_iter().collect();
    makings.extend(verdict.built.iter().flat_map(generated_files));
    makings.extend(catalog);
    write(site, &makings)
}

/// Says what was written, and what the modes ask for.
fn say(site: &Site, written: &[Written], built: Option<&Built>, terminal: &Terminal) {
    say_written(site, written, terminal);
    if let Some(built) = built {
        terminal.talk(&built.budgets);
    }
}

/// The end of the input in place of an answer.
fn no_answer() -> Failure {
    Failure {
        message: "there was no answer; nothing was written".to_owned(),
        help: None,
    }
}
