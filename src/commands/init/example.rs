//! The example: two services that everybody knows, with comments that teach the language.

use super::dialogue::{Ask, ask};
use super::machine;
use super::{no_answer, say, write_all};
use crate::cli::{Init, machine_cpus, machine_memory, project_name as named};
use crate::commands::import::env_file;
use crate::commands::new::{Next, Site, catalog_files, ignoring, judge};
use crate::commands::terminal::Terminal;
use crate::commands::{Exit, Failure, Result};
use crate::import::Machine;
use crate::values::memory::Memory;
use crate::values::name::ProjectName;
use crate::yaml::write::push_scalar;

/// What a person decides.
struct Answers {
    project: String,
    machine: Machine,
}

/// The most that is kept free for the system.
const MOST_RESERVED: Memory = Memory::from_mib(4 << 10);

/// Makes it.
pub fn run(
    words: &Init,
    site: &Site,
    whom: Option<&mut impl Ask>,
    terminal: &mut Terminal,
) -> Result {
    let answers = answers(words, site, whom)?;
    let texts = texts(&answers);
    let verdict = judge(&texts, site, &[], terminal.style(true));
    if verdict.built.is_none() {
        terminal.data(&verdict.new);
        terminal.talk("nothing was written\n");
        return Ok(Exit::Findings);
    }
    let names: Vec<String> = verdict.modes.iter().map(|mode| env_file(mode)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut makings: Vec<_> = ignoring(site, &names)?.into_iter().collect();
    makings.extend(catalog_files(site, &texts));
    let written = write_all(site, makings, &verdict)?;
    say(site, &written, verdict.built.as_ref(), terminal);
    let next = Next {
        site,
        errors: 0,
        warnings: verdict.warnings,
        built: true,
        edit: (
            "services.yaml",
            "put your services in the place of `web` and `cache`",
        ),
        modes: &verdict.modes,
        env: None,
        old: &[],
    };
    next.say(terminal);
    Ok(Exit::Fine)
}

/// What was given, and what a person says to the rest; the defaults where nobody can be asked.
fn answers(
    words: &Init,
    site: &Site,
    whom: Option<&mut impl Ask>,
) -> std::result::Result<Answers, Failure> {
    let this = machine::this();
    let here = site.real_root()?;
    let folder = here.file_name().and_then(|name| name.to_str());
    let name = ProjectName::normalized(folder.unwrap_or_default());
    let Some(whom) = whom else {
        return Ok(Answers {
            project: words.project.clone().unwrap_or(name),
            machine: Machine {
                memory: words.memory.unwrap_or(this.memory),
                cpus: words.cpus.unwrap_or(this.cpus),
            },
        });
    };
    asked(words, &name, this, site, whom).ok_or_else(no_answer)
}

/// `None` at the end of the input.
fn asked(
    words: &Init,
    name: &str,
    this: Machine,
    site: &Site,
    whom: &mut impl Ask,
) -> Option<Answers> {
    let is_all_given = words.project.is_some() && words.memory.is_some() && words.cpus.is_some();
    if !is_all_given {
        whom.say(&format!(
            "A new catalog in {}/, with two services as an example. Enter takes what stands in [ ].\n",
            site.shown(&site.name)
        ));
    }
    let project = match &words.project {
        Some(project) => project.clone(),
        None => ask(whom, "name of the project", name, named)?,
    };
    let memory = match words.memory {
        Some(memory) => memory,
        None => ask(
            whom,
            "memory of the machine",
            &this.memory.spelled(),
            machine_memory,
        )?,
    };
    let cpus = match words.cpus {
        Some(cpus) => cpus,
        None => ask(
            whom,
            "CPUs of the machine",
            &this.cpus.to_string(),
            machine_cpus,
        )?,
    };
    Some(Answers {
        project,
        machine: Machine { memory, cpus },
    })
}

/// The files of the catalog.
fn texts(answers: &Answers) -> Vec<(String, String)> {
    let Answers {
        project,
        machine: Machine { memory, cpus },
    } = answers;
    let mut name = String::new();
    push_scalar(&mut name, project, false);
    let reserve = Memory::from_mib((memory.bytes() / 4) >> 20).min(MOST_RESERVED);
    let catalog = include_str!("../../../templates/init/catalog.yaml")
        .replace("@PROJECT@", &name)
        .replace("@MEMORY@", &memory.spelled())
        .replace("@CPUS@", &cpus.to_string())
        .replace("@RESERVE@", &reserve.spelled());
    let services = include_str!("../../../templates/init/services.yaml");
    vec![
        ("catalog.yaml".to_owned(), catalog),
        ("services.yaml".to_owned(), services.to_owned()),
    ]
}
