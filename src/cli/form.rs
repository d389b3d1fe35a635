//! For whom the output is: the formats, which of them each command knows, and when there is colour.

use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::{Command, Env, Hook};

/// For whom the output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// For programs.
    Json,
}

/// What `--format` may say; see [`Command::forms`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Human,
    /// For programs.
    Json,
    /// Findings for code scanning: SARIF 2.1.0.
    Sarif,
    /// Findings as annotations of a GitHub workflow.
    Github,
    /// A page for a pull request's comment.
    Markdown,
    /// A picture as a Mermaid flowchart.
    Mermaid,
    /// A picture in Graphviz' language.
    Dot,
    /// A picture as SVG.
    Svg,
}

impl Form {
    /// For whom what is said beside a picture or findings is.
    pub fn audience(self) -> Format {
        match self {
            Form::Json => Format::Json,
            Form::Human | Form::Sarif | Form::Github | Form::Markdown => Format::Human,
            Form::Mermaid | Form::Dot | Form::Svg => Format::Human,
        }
    }

    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Form::Human => "human",
            Form::Json => "json",
            Form::Sarif => "sarif",
            Form::Github => "github",
            Form::Markdown => "markdown",
            Form::Mermaid => "mermaid",
            Form::Dot => "dot",
            Form::Svg => "svg",
        }
    }

    const ALL: [Form; 8] = [
        Form::Human,
        Form::Json,
        Form::Sarif,
        Form::Github,
        Form::Markdown,
        Form::Mermaid,
        Form::Dot,
        Form::Svg,
    ];

    fn named(name: &str) -> Form {
        let mut all = Form::ALL.into_iter();
        all.find(|form| form.word() == name).unwrap_or(Form::Human)
    }
}

impl Command {
    /// The formats that it knows, of those that `--format` takes for every command.
    pub fn forms(&self) -> &'static [Form] {
        match self {
            Command::Build(_)
            | Command::Diff(_)
            | Command::Check(_)
            | Command::Validate(_)
            | Command::Env(Env::Check(_)) => &[
                Form::Human,
                Form::Json,
                Form::Sarif,
                Form::Github,
                Form::Markdown,
            ],
            Command::Show(_)
            | Command::Import(_)
            | Command::Env(Env::Init(_))
            | Command::List(_)
            | Command::Budget(_)
            | Command::Ports(_)
            | Command::Deploy(_)
            | Command::Switch(_)
            | Command::Down(_)
            | Command::Status(_)
            | Command::Rollback(_)
            | Command::Releases(_)
            | Command::Explain { .. } => &[Form::Human, Form::Json],
            Command::Init(_) | Command::Hook(_) => &[Form::Human],
            Command::Completions { .. } | Command::Man => &[Form::Human],
            // The one writes JSON only, the other has formats of its own.
            Command::Schema { .. } | Command::Graph(_) => &Form::ALL,
        }
    }

    /// What is typed for it.
    pub fn word(&self) -> &'static str {
        match self {
            Command::Build(_) => "build",
            Command::Diff(_) => "diff",
            Command::Check(_) => "check",
            Command::Show(_) => "show",
            Command::Env(Env::Init(_)) => "env init",
            Command::Env(Env::Check(_)) => "env check",
            Command::List(_) => "list",
            Command::Graph(_) => "graph",
            Command::Budget(_) => "budget",
            Command::Ports(_) => "ports",
            Command::Deploy(_) => "deploy",
            Command::Switch(_) => "switch",
            Command::Down(_) => "down",
            Command::Status(_) => "status",
            Command::Rollback(_) => "rollback",
            Command::Releases(_) => "releases",
            Command::Validate(_) => "validate",
            Command::Init(_) => "init",
            Command::Import(_) => "import",
            Command::Hook(Hook::Install) => "hook install",
            Command::Hook(Hook::Uninstall) => "hook uninstall",
            Command::Schema { .. } => "schema",
            Command::Explain { .. } => "explain",
            Command::Completions { .. } => "completions",
            Command::Man => "man",
        }
    }
}

/// Reads one of these words.
pub(super) fn form(words: &[&'static str]) -> impl TypedValueParser<Value = Form> + use<> {
    PossibleValuesParser::new(words.to_vec()).map(|word| Form::named(&word))
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}
