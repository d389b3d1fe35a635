//! The words of commands that make something of a catalog, look at it, or draw it.

use clap::{Args, Subcommand, ValueEnum};

use super::form::form;
use super::{Form, Selection, State};
use crate::values::port::PortRange;

/// The words of `check`.
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    pub state: State,

    /// Show of each file that is not current what `composegen build` would change, as `diff` does
    #[arg(long)]
    pub diff: bool,
}

/// The words of `diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// Two modes or aliases, to see how they differ; names that differ on purpose are left out
    #[arg(value_name = "MODE MODE", requires = "after", conflicts_with_all = ["modes", "against"])]
    pub before: Option<String>,

    /// The second one
    #[arg(value_name = "MODE", hide = true, conflicts_with_all = ["modes", "against"])]
    pub after: Option<String>,

    /// Tell in words what the change means, instead of its lines
    #[arg(long)]
    pub summary: bool,

    /// Compare with the catalog at a git revision, in words
    #[arg(long, value_name = "REVISION")]
    pub against: Option<String>,

    /// Compare the containers of a mode that run with the plan; needs Docker
    #[arg(long, value_name = "MODE", conflicts_with_all = ["before", "against", "summary", "modes", "staged"])]
    pub live: Option<String>,

    #[command(flatten)]
    pub selection: Selection,

    #[command(flatten)]
    pub state: State,
}

/// The words of `build`.
#[derive(Debug, Args)]
pub struct Build {
    #[command(flatten)]
    pub selection: Selection,

    /// Build from the catalog as it is staged in git; exit status 1 where a file is then to be staged
    #[arg(long, conflicts_with = "stdout")]
    pub staged: bool,

    /// Print the Compose files on standard output instead of writing anything
    #[arg(long)]
    pub stdout: bool,
}

/// The words of `show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The service
    pub service: String,

    #[command(flatten)]
    pub selection: Selection,
}

/// The words of `graph`.
#[derive(Debug, Args)]
pub struct Graph {
    /// The mode or its alias; may be left out where there is only one
    #[arg(long, value_name = "MODE")]
    pub mode: Option<String>,

    /// The host; the catalog's default host where none is given
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,

    // The same name as the one of every command, with more words: this one takes its place here.
    /// The picture: mermaid, dot or svg; or json for programs
    #[arg(long, value_name = "FORMAT", default_value = "mermaid", hide_possible_values = true, value_parser = form(&["mermaid", "dot", "svg", "json"]))]
    pub format: Form,
}

/// Which schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// Of a catalog file.
    Catalog,
    /// Of what `check`, `validate` and `env check` write.
    Findings,
    /// Of what `build` writes.
    Build,
    /// Of what `diff` writes.
    Diff,
    /// Of what `import` writes.
    Import,
    /// Of what every command writes where it could not do its work, exit status 2.
    Error,
}

/// The words of `budget`.
#[derive(Debug, Args)]
pub struct Budget {
    #[command(flatten)]
    pub selection: Selection,

    /// Try another limit: SERVICE.memory=512M, SERVICE.cpus=0.5 or SERVICE.memory.reservation=50%; several are possible
    #[arg(long, value_name = "SERVICE.LIMIT=AMOUNT")]
    pub what_if: Vec<String>,
}

/// The words of `ports`.
#[derive(Debug, Args)]
pub struct Ports {
    /// The host; all of them where none is given
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,

    /// A mode or its alias; again for several; all where none is given
    #[arg(long = "mode", value_name = "MODE")]
    pub modes: Vec<String>,

    /// Print the next free port alone, from FROM on; without FROM, from the lowest that is published
    #[arg(long, value_name = "FROM", value_parser = port)]
    pub next: Option<Option<u16>>,
}

/// A port of the host.
fn port(text: &str) -> Result<u16, String> {
    match PortRange::parse(text) {
        Ok(range) if range.count() == 1 => Ok(range.first),
        Ok(range) => Err(format!("write one port, such as {}", range.first)),
        Err(refusal) => Err(refusal.message),
    }
}

/// A shell whose completions are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// Bash.
    Bash,
    /// Fish.
    Fish,
    /// Zsh.
    Zsh,
}

/// The words of `hook`.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum Hook {
    /// Write the hook; one that is there already stays as it is
    #[command(
        long_about = "Writes the hook `pre-commit` where git looks for hooks, never over one that is there. It looks at\n\
            commits that change the catalog or what is made from it, and at nothing else. --catalog and --set\n\
            are taken along.",
        after_help = "Examples:\n  \
            composegen hook install\n  \
            composegen --catalog stacks/home/catalog hook install"
    )]
    Install,
    /// Remove the hook, where it is the one that `hook install` wrote
    #[command(after_help = "Example:\n  composegen hook uninstall")]
    Uninstall,
}
