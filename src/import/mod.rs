//! From a project that somebody else wrote to a catalog that builds the same, as texts; and what has to be told of it.
//!
//! | file | what stands there |
//! |---|---|
//! | `value.rs`, `comments.rs`, `comment_lines.rs`, `layout.rs`, `folded.rs` | the document under way, with its comments; its text |
//! | `parts.rs` | what stands at the top of a project, apart |
//! | `letters.rs` | volumes with names of one letter |
//! | `scalars.rs` | numbers and booleans as Compose reads them |
//! | `service.rs`, `limits.rs` | a service in the forms that a catalog takes |
//! | `waits.rs`, `words.rs` | what services wait for, and the catalog's own words at them |
//! | `modes.rs` | two projects as two modes of one catalog |
//! | `secrets.rs`, `hide.rs`, `hide_told.rs` | secrets that stand in the files and the variables in their place; those in comments |
//! | `same.rs` | whether a value in two places is one secret |
//! | `positions.rs` | where a variable cannot be empty |
//! | `expose.rs` | ports that others ask for and nothing states |
//! | `used.rs`, `variables.rs` | the variables of a project; `${NAME:-default}` as a declared variable |
//! | `reach.rs` | addresses that tests share with production |
//! | `roles.rs` | guesses of what a service is for |
//! | `urls.rs` | addresses of other services as the catalog makes them |
//! | `shared/` | what several services say alike: defaults and fragments |
//! | `host.rs` | a machine that the project fits |
//! | `chapters.rs`, `headings.rs` | the headings and files by which people grouped their services |
//! | `files.rs` | which file of the catalog holds what |
//! | `build_args.rs` | secrets that are given to a build |
//! | `own_env.rs` | the env files that services name |
//! | `env.rs` | the env file |
//! | `report.rs`, `what.rs`, `told.rs` | what has to be told, its sentences, and what of it is about the whole |

mod build_args;
mod chapters;
mod comment_lines;
mod comments;
mod env;
mod expose;
mod files;
mod folded;
mod headings;
mod hide;
mod hide_told;
mod host;
mod layout;
mod letters;
mod limits;
mod modes;
mod own_env;
mod parts;
mod positions;
mod reach;
mod report;
mod roles;
mod same;
mod scalars;
mod secrets;
mod service;
mod shared;
mod told;
mod urls;
mod used;
mod value;
mod variables;
mod waits;
mod what;
mod words;

use bumpalo::Bump;

use crate::place::Place;
use crate::project::Written;
use crate::values::mode_class::ModeClass;
use chapters::Chapters;
use comments::Comments;
use hide::hide_in_comments;
use host::Need;
pub use host::{Known, Machine, Named};
use modes::{InMode, ModeWords};
pub use own_env::EnvFileOf;
use parts::Parts;
use report::Notes;
pub use report::{Line, Note, Subject, What, lines};
use service::Absent;
use value::Value;
use variables::Declarations;

/// What is to be imported.
pub struct Asked<'a, 's> {
    /// The project as each mode has it, its variables as written; the last mode is what the catalog says where nothing
    /// else is said.
    pub modes: Vec<(Mode, &'a Written<'s>)>,
    /// The texts of its files, by their numbers.
    pub texts: Vec<&'s str>,
    /// Their paths.
    pub paths: Vec<String>,
    /// The way from the folder that gets the catalog to the project's folder.
    pub way: &'a str,
    /// The name that the project has where it does not say one itself.
    pub project: &'a str,
    /// The machine that it runs on, where that is known.
    pub machine: Option<Known>,
}

/// A mode of the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Its name.
    pub name: String,
    /// Its class.
    pub class: ModeClass,
    /// Its other name.
    pub alias: Option<&'static str>,
}

impl Mode {
    /// The mode of a project that knows no modes.
    pub fn production() -> Self {
        Mode::named("prod")
    }

    /// A mode that somebody named: of class production where the name says so.
    pub fn named(name: &str) -> Self {
        let (class, alias) = match name.to_ascii_lowercase().as_str() {
            "prod" => (ModeClass::Production, Some("production")),
            "production" => (ModeClass::Production, Some("prod")),
            name if name.contains("prod") => (ModeClass::Production, None),
            _ => (ModeClass::Test, None),
        };
        Mode {
            name: name.to_owned(),
            class,
            alias,
        }
    }

    /// What stands behind the dot of its env file's name: the word of its class, where that is one of its names.
    pub fn env_name(&self) -> &str {
        let alias = self.alias.filter(|alias| *alias == self.class.as_str());
        alias.unwrap_or(&self.name)
    }
}

/// A catalog in memory.
pub struct Import {
    /// Its files: names within the folder, and texts.
    pub files: Vec<(String, String)>,
    /// The env files: names and texts. The texts belong into no message.
    pub env: Vec<(String, String)>,
    /// The project's name.
    pub project: String,
    /// How many services it has.
    pub services: usize,
    /// The env files without which its services do not start.
    pub needed: Vec<EnvFileOf>,
    /// What has to be told.
    pub notes: Vec<Note>,
}

/// Makes a catalog of a project.
pub fn import<'s>(asked: &Asked<'_, 's>, arena: &'s Bump) -> Import {
    let mut notes = Notes::default();
    let replaced = asked
        .modes
        .iter()
        .flat_map(|(_, written)| &written.replaced);
    let comments = Comments::new(asked.texts.clone()).with_replaced(replaced);
    // The last mode first: a comment is found once, and belongs to what stands at the service itself.
    let modes = asked.modes.iter().rev();
    let mut read: Vec<(Mode, Parts, &Written)> = modes
        .map(|(mode, written)| {
            let parts = Parts::of(written, asked, &comments, arena, &mut notes);
            (mode.clone(), parts, *written)
        })
        .collect();
    read.reverse();
    modes::by_profiles(&mut read, &mut notes);
    let all = read.into_iter().map(|(mode, parts, written)| {
        let (parts, declared) = in_words(parts, written, &mut notes);
        InMode {
            mode,
            parts,
            declared,
        }
    });
    let mut all: Vec<InMode> = all.collect();
    modes::name_projects(&mut all, &mut notes);
    let facts = modes::settle(&mut all, &mut notes);
    let env = |together: &Declarations, one: &InMode| {
        let text = env::text(&modes::values(&one.declared, together), &one.mode);
        (format!(".env.{}", one.mode.env_name()), text)
    };
    let together = modes::variables(&all);
    let env = all.iter().map(|one| env(&together, one)).collect();
    let modes = all.iter().map(ModeWords::of).collect();
    let need = |one: &InMode| Need::of(&one.mode.name, &one.parts.services, &one.declared);
    let needs: Vec<Need> = all.iter().map(need).collect();
    reach::tell(&all, &mut notes);
    let mut parts = modes::together(all, &together, &mut notes);
    told::tell_services(&parts.services, &mut notes);
    let secrets = build_args::secrets(&parts.services, &together);
    build_args::tell(&secrets, &mut notes);
    let needed = own_env::of_services(&parts.services);
    let sizes = files::Sizes::of(&parts, host::choose(&needs, asked.machine));
    notes.add(Subject::Guessed, Place::NOWHERE, sizes.told());
    parts.shared = shared::share(&mut parts.services, &facts, &parts.authored);
    build_args::waive(&mut parts.services, &secrets);
    told::tell_apart(&parts, &mut notes);
    parts.keep_heads_of_blocks();
    let chapters = match parts.services.0.len() > files::FEW {
        true => Chapters::of(&mut parts, &asked.paths),
        false => Chapters::default(),
    };
    parts.name_heads(&asked.paths);
    Import {
        services: parts.services.0.len(),
        project: parts.project.clone(),
        files: files::files(parts, &together, &sizes, modes, &chapters),
        env,
        needed,
        notes: notes.sorted(),
    }
}

/// A project in the words of a catalog, apart from what depends on its other modes; and its variables.
fn in_words(mut parts: Parts, written: &Written, notes: &mut Notes) -> (Parts, Declarations) {
    let known = &written.variables;
    let is_set = |name: &str| known.reveal(name).is_some();
    let mut absent = Absent::default();
    for entry in &mut parts.services.0 {
        if let Value::Map(service) = &mut entry.value {
            service::settle(&entry.key, service, known, notes);
            service::name_bare(&entry.key, service, &is_set, &mut absent);
        }
    }
    let mut decided = used::variables(&mut parts, written, notes);
    set_to_nothing(&absent, &mut decided.declared, notes);
    used::rewrite(&mut parts, &decided);
    expose::state(&mut parts.services, &decided.declared, notes);
    hide_in_comments(&mut parts, &decided.declared);
    letters::rename(&mut parts, notes);
    (parts, decided.declared)
}

/// Bare names that nothing sets are empty in a catalog. Those that need a value have one by now, or a default.
fn set_to_nothing(absent: &Absent, declared: &mut Declarations, notes: &mut Notes) {
    for (name, (service, place)) in absent {
        let Some(declared) = declared.get_mut(name).filter(|one| one.optional) else {
            continue;
        };
        // So that the catalog's empty value is seen where it can be changed.
        declared.value.get_or_insert_default();
        let what = What::Unset {
            name: name.clone(),
            service: service.clone(),
        };
        notes.add(Subject::Lost, *place, what);
    }
}
