//! `composegen import`: a catalog from Compose files that somebody else wrote.

mod env_files;
mod told;
mod tracked;

use std::path::Path;

use bumpalo::Bump;

use super::new::{Site, catalog_files, ignoring, judge, write};
use super::validate::{Plain, Wanted, asked, of_compose, plain};
use super::{Exit, Failure, Result, terminal::Terminal};
use crate::cli::{Common, Import as Words, Validate};
use crate::files::Making;
use crate::finding::{Finding, merged};
use crate::import::{Asked as ToImport, Import, Known, Mode, import};
use crate::project::{Written as AsWritten, load_as_written, way};
use crate::report::{visible, without_secrets};
use crate::rule::Weight;
use crate::source::project::ProjectFiles;
use crate::source::{FileKind, Sources};
use crate::values::mode_class::ModeClass;
use crate::values::name::ProjectName;
pub use told::{EDIT, Report, Told, env_files, refused};

/// Imports.
pub fn run(words: &Words, common: &Common, terminal: &mut Terminal) -> Result {
    let arena = Bump::new();
    let elsewhere = "`--into DIR` makes the catalog in another folder";
    let catalog = match &words.into {
        Some(into) => into.join("catalog"),
        None => common.catalog.clone(),
    };
    let site = Site::of(&catalog, elsewhere)?;
    let read = read(words, &site, None, &arena)?;
    let Some(made) = &read.made else {
        refused(&read, common.format, terminal);
        if let Some(base) = left_out(words) {
            terminal.talk(&base);
        }
        return Ok(Exit::Findings);
    };
    let verdict = judge(&made.files, &site, &read.found, terminal.style(true));
    let written = write(&site, &makings(&site, made, &verdict.modes)?)?;
    let told = Told {
        site: &site,
        made,
        read: &read,
        verdict: &verdict,
        written: &written,
    };
    told.tell(common.format, terminal);
    Ok(Exit::Fine)
}

/// What is said where modes alone were named, and a Compose file is there that they may belong to.
fn left_out(words: &Words) -> Option<String> {
    let is_named = |name: &str| words.modes.iter().any(|(_, file)| file == Path::new(name));
    let base = of_compose(Path::new(".")).filter(|base| !is_named(base))?;
    let modes = words.modes.iter();
    let modes = modes.map(|(mode, file)| format!(" --mode {mode}={}", file.display()));
    let modes: String = modes.collect();
    let alone = words.files.is_empty() && !words.modes.is_empty();
    alone.then(|| {
        format!(
            "`{base}` was not read: where these files are laid over it, it is `composegen import {base}{}`\n",
            visible(&modes)
        )
    })
}

/// The Compose files, and what becomes of them.
pub struct Read<'s> {
    /// The catalog; `None` where Compose refuses the files.
    pub made: Option<Import>,
    /// What is wrong with the files.
    pub found: Vec<Finding>,
    /// What is not told of them: in one mode, where there are several.
    pub rest: String,
    /// The files.
    pub sources: Sources<'s>,
}

impl Read<'_> {
    /// The Compose files that the catalog takes the place of: none where they are those of another folder.
    pub fn old_files(&self) -> Vec<String> {
        let files = self.sources.files.iter();
        let compose = files.filter(|file| file.kind == FileKind::Compose);
        let paths: Vec<String> = compose.map(|file| file.path.clone()).collect();
        match paths.iter().any(|path| is_elsewhere(path)) {
            true => Vec::new(),
            false => paths,
        }
    }
}

/// Whether a path leads out of the current folder.
fn is_elsewhere(path: &str) -> bool {
    Path::new(path).is_absolute() || Path::new(path).starts_with("..")
}

/// Reads Compose files, and makes a catalog of them in memory; on a machine that may be known.
///
/// # Errors
/// A file is not there or cannot be read, or none was named and none is found.
pub fn read<'s>(
    words: &Words,
    site: &Site,
    machine: Option<Known>,
    arena: &'s Bump,
) -> std::result::Result<Read<'s>, Failure> {
    let files = ProjectFiles::new(arena);
    let wanted = wanted(words, &files)?;
    let mut all = Plain::default();
    for (_, judging, wanted) in &wanted {
        let Plain {
            findings,
            untold,
            opinions,
        } = plain(judging, wanted, &files, arena)?;
        all.findings.extend(findings);
        // Most of it is in every mode.
        all.untold = all.untold.max(untold);
        all.opinions = all.opinions.max(opinions);
    }
    let rest = rest(&all);
    let found = merged(all.findings);
    let is_refused = found.iter().any(|one| one.weight == Some(Weight::Invalid));
    let folder = wanted
        .first()
        .map_or(".", |(_, _, wanted)| wanted.folder.as_str());
    let made = match is_refused {
        true => None,
        false => made(&wanted, folder, &files, site, machine, arena)?,
    };
    if made.as_ref().is_some_and(|made| made.services == 0) {
        return Err(no_service());
    }
    let sources = files.into_sources(Path::new(folder));
    let made = made.map(|mut made| {
        let missing = env_files::missing(&made.needed, site);
        made.notes
            .splice(0..0, tracked::notes(&sources).into_iter().chain(missing));
        made
    });
    Ok(Read {
        made,
        found: without_secrets(&found, &sources),
        rest,
        sources,
    })
}

/// What is said of files in which nothing runs.
fn no_service() -> Failure {
    Failure {
        message: "no service is in these files: there is nothing to import; nothing was written"
            .to_owned(),
        help: Some("`composegen init --example` makes a small catalog to begin with".to_owned()),
    }
}

/// What is not told, a line each.
fn rest(plain: &Plain) -> String {
    let mut text = String::new();
    if plain.untold > 0 {
        let more = match plain.untold {
            1 => "1 more finding is".to_owned(),
            count => format!("{count} more findings are"),
        };
        text.push_str(&format!("  {more} not shown until these are mended\n"));
    }
    if plain.opinions > 0 {
        let matters = match plain.opinions {
            1 => "1 matter of policy is".to_owned(),
            count => format!("{count} matters of policy are"),
        };
        text.push_str(&format!(
            "  {matters} not shown here: `composegen validate --policy` tells them\n"
        ));
    }
    text
}

/// The same failure, where the next step is to name a file.
fn as_import(failure: Failure) -> Failure {
    let renamed = |help: String| match help.contains("composegen validate FILE") {
        true => format!(
            "{}; without one, `composegen init` makes a small catalog to begin with",
            help.replace("composegen validate", "composegen import")
        ),
        false => help.replace("composegen validate", "composegen import"),
    };
    Failure {
        help: failure.help.map(renamed),
        ..failure
    }
}

/// A mode, how its files are judged, and which they are.
type OfMode = (Mode, Validate, Wanted);

/// The files of every mode; of production alone where none is named.
fn wanted(words: &Words, files: &ProjectFiles) -> std::result::Result<Vec<OfMode>, Failure> {
    let mut names: Vec<&str> = words.modes.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    // `Prod` and `prod` are one mode to a person; no folder of env files tells them apart everywhere.
    names.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
    // What production has is what the catalog says where nothing else is said.
    let mut modes: Vec<Mode> = names.iter().map(|name| Mode::named(name)).collect();
    modes.sort_by_key(|mode| mode.class == ModeClass::Production);
    if modes.is_empty() {
        modes.push(Mode::production());
    }
    let of_mode = |mode: Mode| {
        let own = words
            .modes
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case(&mode.name));
        let own = own.map(|(_, file)| file.clone());
        let judging = Validate {
            files: words.files.iter().cloned().chain(own).collect(),
            env_files: words.env_files.clone(),
            mode: None,
            host: None,
            policy: false,
        };
        let wanted = asked(&judging, files).map_err(as_import)?;
        Ok((mode, judging, wanted))
    };
    modes.into_iter().map(of_mode).collect()
}

fn made<'s>(
    wanted: &[OfMode],
    folder: &str,
    files: &ProjectFiles<'s>,
    site: &Site,
    machine: Option<Known>,
    arena: &'s Bump,
) -> std::result::Result<Option<Import>, Failure> {
    let written = |(mode, _, wanted): &OfMode| {
        let written = load_as_written(wanted.project(), files, arena)?;
        Some((mode.clone(), written))
    };
    let Some(written) = wanted
        .iter()
        .map(written)
        .collect::<Option<Vec<(Mode, AsWritten)>>>()
    else {
        return Ok(None);
    };
    let asked = ToImport {
        modes: written
            .iter()
            .map(|(mode, written)| (mode.clone(), written))
            .collect(),
        texts: files.texts(),
        paths: files.paths(),
        way: &way_to(site, folder)?,
        project: &project_name(folder),
        machine,
    };
    Ok(Some(import(&asked, arena)))
}

/// The name that Compose gives a project by its folder.
pub fn project_name(folder: &str) -> String {
    let folder = Path::new(folder).canonicalize().unwrap_or_default();
    let name = folder
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    ProjectName::normalized(name)
}

/// The way from the folder that gets the catalog to the project's.
fn way_to(site: &Site, folder: &str) -> std::result::Result<String, Failure> {
    let from = site.real_root()?.display().to_string();
    let to = Path::new(folder).canonicalize().map_err(|error| Failure {
        message: format!(
            "`{folder}` cannot be used as a folder: {}",
            crate::files::why(&error)
        ),
        help: None,
    })?;
    let to = to.display().to_string();
    Ok(way(&from, &to).unwrap_or(to))
}

/// The files to be made: env files and `.gitignore` first, so that no catalog is there without them. The env files of all
/// modes are kept out of git, since each may come to hold secrets.
///
/// # Errors
/// `.gitignore` cannot be read, or an env file is there already.
pub fn makings(
    site: &Site,
    made: &Import,
    modes: &[String],
) -> std::result::Result<Vec<Making>, Failure> {
    let names: Vec<String> = modes.iter().map(|mode| env_file(mode)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    if let Some(failure) = in_the_way(site, made) {
        return Err(failure);
    }
    let secret = |(name, text): &(String, String)| Making {
        private: true,
        ..Making::new(name.as_str(), text.as_bytes())
    };
    let mut makings: Vec<Making> = ignoring(site, &names)?.into_iter().collect();
    makings.extend(made.env.iter().map(secret));
    makings.extend(catalog_files(site, &made.files));
    Ok(makings)
}

/// What is said of an env file that is there already: its values may be wanted, and can be taken over.
fn in_the_way(site: &Site, made: &Import) -> Option<Failure> {
    let is_other = |(name, text): &&(String, String)| {
        let there = std::fs::read(site.root.join(name));
        there.is_ok_and(|there| there != text.as_bytes())
    };
    let (name, _) = made.env.iter().find(is_other)?;
    Some(Failure {
        message: format!("`{name}` is there already; nothing was written"),
        help: Some(
            "move it, as to `old.env`, and try again; where its values are needed, `composegen import --env-file old.env` \
             takes over those that the files use"
                .to_owned(),
        ),
    })
}

/// The env file of a mode, which a person fills.
pub fn env_file(mode: &str) -> String {
    format!(".env.{}", Mode::named(mode).env_name())
}

#[cfg(test)]
mod tests {
    use super::is_elsewhere;

    #[test]
    fn only_what_lies_here_is_called_old() {
        for (path, expected) in [
            ("compose.yaml", false),
            ("stack/compose.yaml", false),
            ("..compose.yaml", false),
            ("../compose.yaml", true),
            ("/srv/shop/compose.yaml", true),
        ] {
            assert_eq!(is_elsewhere(path), expected, "{path}");
        }
    }
}
