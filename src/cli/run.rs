//! The words of commands about what runs, and about the env files that it takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::HostOnly;

/// The words of `deploy`.
#[derive(Debug, Args)]
pub struct Deploy {
    /// The mode or its alias
    pub mode: String,

    #[command(flatten)]
    pub host: HostOnly,

    /// An env file in place of .env.MODE; again for several, in the order in which Compose is given them
    #[arg(long = "env-file", value_name = "FILE")]
    pub env_files: Vec<PathBuf>,

    /// Do not ask
    #[arg(long)]
    pub yes: bool,

    /// How long everything may take to come up
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = time)]
    pub timeout: Duration,

    /// How long it must stay up before it counts as deployed
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    pub settle: Duration,

    /// Stop before anything is touched, and show what would change
    #[arg(long)]
    pub dry_run: bool,

    /// Build the generated files first, where they are not current
    #[arg(long)]
    pub build: bool,

    /// Build the images of services with `build` again, also where they are there
    #[arg(long)]
    pub rebuild: bool,
}

/// The words of `down`.
#[derive(Debug, Args)]
pub struct Down {
    /// The mode or its alias
    pub mode: String,

    #[command(flatten)]
    pub host: HostOnly,

    /// Remove the mode's own volumes as well, and with them all of its data
    #[arg(long)]
    pub remove_volumes: bool,

    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// The words of `status`.
#[derive(Debug, Args)]
pub struct Status {
    /// The mode or its alias; all where none is given
    pub mode: Option<String>,

    #[command(flatten)]
    pub host: HostOnly,

    /// Show it again every two seconds, until Ctrl-C
    #[arg(long)]
    pub watch: bool,
}

/// The words of `rollback`.
#[derive(Debug, Args)]
pub struct Rollback {
    /// The mode or its alias
    pub mode: String,

    /// The release's number; the one before the one that runs where none is given
    pub release: Option<u32>,

    #[command(flatten)]
    pub host: HostOnly,

    /// Do not ask
    #[arg(long)]
    pub yes: bool,

    /// How long everything may take to come up
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = time)]
    pub timeout: Duration,

    /// How long it must stay up before it counts
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    pub settle: Duration,
}

/// The words of `releases`.
#[derive(Debug, Args)]
pub struct Releases {
    /// The mode or its alias
    pub mode: String,

    #[command(flatten)]
    pub host: HostOnly,
}

/// A span of time, as in a catalog: `90s`, `10m`.
fn time(text: &str) -> Result<Duration, String> {
    let span = text.parse::<crate::values::duration::Duration>();
    let span = span.map_err(|refusal| refusal.message)?;
    Ok(Duration::from_micros(span.micros()))
}

/// The words of `env`.
#[derive(Debug, Subcommand)]
pub enum Env {
    /// Make a mode's env file with placeholders, or add the names that are missing
    #[command(
        long_about = "Makes the env file of a mode, .env.MODE beside the catalog's folder, for its owner alone to\n\
            read, with a placeholder for each value that must be filled in. Where the file is there\n\
            already, what stands in it stays as it is, and the names that it lacks are added at its end.",
        after_help = "Examples:\n  \
            composegen env init test\n  \
            composegen env init production --host nuc-16gb"
    )]
    Init(EnvInit),
    /// Find what is wrong with a mode's env file, before anything starts
    #[command(
        long_about = "Finds what is wrong with a mode's env file: values that are missing, still placeholders or\n\
            made up by an import, lines that Compose refuses or reads otherwise than they look, values of\n\
            another mode. No value is ever shown. Exit status 1 where there is an error.",
        after_help = "Examples:\n  \
            composegen env check test\n  \
            composegen env check prod --env-file /etc/homeiq/production.env\n  \
            composegen env check test --format json"
    )]
    Check(EnvCheck),
}

/// The words of `env init`.
#[derive(Debug, Args)]
pub struct EnvInit {
    /// The mode or its alias
    pub mode: String,

    #[command(flatten)]
    pub host: HostOnly,
}

/// The words of `env check`.
#[derive(Debug, Args)]
pub struct EnvCheck {
    /// The mode or its alias
    pub mode: String,

    #[command(flatten)]
    pub host: HostOnly,

    /// An env file in place of .env.MODE; again for several, in the order in which Compose is given them
    #[arg(long = "env-file", value_name = "FILE")]
    pub env_files: Vec<PathBuf>,
}
