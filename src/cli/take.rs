//! The words of commands that come to a catalog, from Compose files or from nothing.

use std::path::PathBuf;

use clap::Args;

use crate::values::memory::Memory;
use crate::values::name::{Identifier, ProjectName};

/// The words of `validate`.
#[derive(Debug, Args)]
pub struct Validate {
    /// The Compose files, each laid over those before it; - for standard input
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// An env file in place of .env; again for several, a later one wins
    #[arg(long = "env-file", value_name = "FILE")]
    pub env_files: Vec<PathBuf>,

    /// Judge the files as those of this mode of the catalog, by its name or alias
    #[arg(long, value_name = "MODE")]
    pub mode: Option<String>,

    /// Hold the limits against a host of the catalog, or a machine of so much memory and so many CPUs, such as 8GiB,4
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,

    /// Tell what is a matter of opinion, too, and count it
    #[arg(long)]
    pub policy: bool,
}

/// The words of `import`.
#[derive(Debug, Args)]
pub struct Import {
    /// The Compose files, each laid over those before it
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// What a mode has besides: FILE is laid over the others in this mode alone; again for more modes and files
    #[arg(long = "mode", value_name = "MODE=FILE", value_parser = mode_file)]
    pub modes: Vec<(String, PathBuf)>,

    /// The folder that gets catalog/ and the env files, in place of this one; it is made where it is missing
    #[arg(long, value_name = "DIR")]
    pub into: Option<PathBuf>,

    /// An env file in place of .env; again for several, a later one wins
    #[arg(long = "env-file", value_name = "FILE")]
    pub env_files: Vec<PathBuf>,
}

/// `MODE=FILE`.
fn mode_file(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((mode, file)) if !file.is_empty() => match Identifier::parse(mode) {
            Ok(_) => Ok((mode.to_owned(), PathBuf::from(file))),
            Err(refusal) => Err(refusal.message),
        },
        _ => Err("write MODE=FILE, such as test=compose.test.yaml".to_owned()),
    }
}

/// The words of `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// The name of the project; that of the folder where none is given
    #[arg(long, value_name = "NAME", value_parser = project_name)]
    pub project: Option<String>,

    /// The memory of the machine, such as 8GiB; that of this one where none is given
    #[arg(long, value_name = "SIZE", value_parser = machine_memory)]
    pub memory: Option<Memory>,

    /// The number of CPUs of the machine; that of this one where none is given
    #[arg(long, value_name = "COUNT", value_parser = machine_cpus)]
    pub cpus: Option<u64>,

    /// Make the catalog of the Compose files that Docker Compose takes here, without a question
    #[arg(long, conflicts_with = "example")]
    pub import: bool,

    /// Make the example, also where there are Compose files
    #[arg(long)]
    pub example: bool,

    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// The name of a project.
pub fn project_name(text: &str) -> Result<String, String> {
    let name = ProjectName::parse(text).map_err(|refusal| refusal.message)?;
    Ok(name.as_str().to_owned())
}

/// The least memory of a machine: with less, nothing of use fits.
pub const LEAST_MEMORY: Memory = Memory::from_mib(512);

/// The memory of a machine.
pub fn machine_memory(text: &str) -> Result<Memory, String> {
    match text.parse::<Memory>() {
        Ok(memory) if memory < LEAST_MEMORY => {
            Err(format!("it takes {} at least", LEAST_MEMORY.spelled()))
        }
        Ok(memory) => Ok(memory),
        Err(refusal) => Err(refusal.message),
    }
}

/// No machine has more CPUs.
const MOST_CPUS: u64 = 4096;

/// The number of CPUs of a machine.
pub fn machine_cpus(text: &str) -> Result<u64, String> {
    match text.parse::<u64>() {
        Ok(count @ 1..=MOST_CPUS) => Ok(count),
        Ok(_) | Err(_) => Err(format!("write a whole number from 1 to {MOST_CPUS}")),
    }
}
