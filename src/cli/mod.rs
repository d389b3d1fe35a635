//! What may be typed, and the help that says so. Nothing is done here.
//!
//! | file | what for |
//! |---|---|
//! | `form.rs` | formats, and which command knows which; colour |
//! | `made.rs` | the words of commands on a catalog: `build`, `check`, `diff`, `show`, `budget` and their like |
//! | `take.rs` | those of `validate`, `import` and `init` |
//! | `run.rs` | those of `deploy`, `down`, `status`, `rollback`, `releases` and `env` |
//! | `read.rs` | what was typed, read: the short way for one command, the whole description for everything else |

mod form;
mod made;
mod read;
mod run;
mod take;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use form::form;
pub use form::{Form, Format, When};
pub use made::{Budget, Build, Check, Diff, Graph, Hook, Ports, SchemaOf, Shell, Show};
pub use read::read;
pub use run::{Deploy, Down, Env, EnvCheck, EnvInit, Releases, Rollback, Status};
pub use take::{Import, Init, LEAST_MEMORY, Validate, machine_cpus, machine_memory, project_name};

/// The folder of the catalog where nobody names another.
pub const CATALOG: &str = "catalog";

/// What was typed.
#[derive(Debug, Parser)]
#[command(
    name = "composegen",
    version,
    about = "Compiles a service catalog to Docker Compose files that fit the machine",
    long_about = "Compiles a service catalog to Docker Compose files that fit the machine.\n\n\
        The catalog is a folder of YAML files, catalog/, that says once what every service needs: role,\n\
        image, ports, limits, health, dependencies. From it come generated/docker-compose.test.yml and\n\
        generated/docker-compose.prod.yml. What would hurt is refused: a data generator in production,\n\
        limits that sum to more than the machine has, two services on one port.",
    after_help = "Exit status: 0 fine; 1 errors, or a file that is not current; 2 the work could not be done.\n\
        Colour: --color, or NO_COLOR in the environment.\n\n\
        A first look:\n  \
          composegen validate  what is wrong in the Compose files that you have\n  \
          composegen init      a catalog of them, or a small one to begin with\n  \
          composegen check     what is wrong with it, if anything\n  \
          composegen build     write the Compose files\n  \
          composegen show web  what the service `web` resolves to, and which line says so",
    disable_help_subcommand = true,
    propagate_version = false
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    #[command(flatten)]
    pub common: Common,
}

/// What was typed, where `help` and a command stand for the command's own help, as elsewhere.
pub fn as_typed(words: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut words: Vec<OsString> = words.collect();
    if words.get(1).is_some_and(|word| word == "help") {
        words.remove(1);
        words.push("--help".into());
    }
    words
}

/// What every command takes.
#[derive(Debug, Args)]
pub struct Common {
    /// The folder of the catalog
    #[arg(long, global = true, value_name = "DIR", default_value = CATALOG)]
    pub catalog: PathBuf,

    /// human or json; where findings are told, also sarif, github or markdown
    #[arg(long, global = true, value_name = "FORMAT", default_value = "human", hide_possible_values = true, value_parser = form(&["human", "json", "sarif", "github", "markdown"]))]
    pub format: Form,

    /// Choose what the catalog leaves open, such as influxdb=separate-instance; several are possible
    #[arg(long, global = true, value_name = "OPTION=CHOICE", value_parser = choice)]
    pub set: Vec<(String, String)>,

    /// Colour: auto, always or never
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = When::Auto, hide_possible_values = true)]
    pub color: When,
}

/// `OPTION=CHOICE`.
fn choice(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((option, choice)) if !option.is_empty() && !choice.is_empty() => {
            Ok((option.to_owned(), choice.to_owned()))
        }
        _ => Err("write OPTION=CHOICE, such as influxdb=separate-instance".to_owned()),
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a small working catalog here, or one of the Compose files that are here
    #[command(
        long_about = "Makes catalog/ in the current folder, checks it, and builds the Compose files from it. Where Docker\n\
            Compose finds Compose files here, the catalog is made of them, as `composegen import` does; else it\n\
            is a small example, two services in the modes test and prod, for the machine that it is made on.\n\
            .gitignore and .gitattributes get the lines that belong to it.\n\n\
            On a terminal it asks; in a pipe, or with --yes, what is not given is as the defaults say, and a\n\
            Compose file of a folder above wants --import or --example. It is all written or nothing is, and\n\
            nothing that is there is ever overwritten. Exit status 1: the catalog is there, and has errors to\n\
            mend before it builds; or Compose refuses the files, and nothing is written.",
        after_help = "Examples:\n  \
            composegen init\n  \
            composegen init --yes\n  \
            composegen init --example --project shop --memory 16GiB --cpus 4\n  \
            composegen --catalog stacks/shop/catalog init"
    )]
    Init(Init),
    /// Write the Compose files
    #[command(
        long_about = "Writes the Compose and env files of every mode for the default host into generated/, or for another\n\
            host into generated/HOST/. All or nothing: with an error in the catalog nothing is written, and a\n\
            file that is current already is not touched. --staged takes the catalog as it is staged in git, and\n\
            exits with 1 as long as a file that belongs to it is not staged.",
        after_help = "Examples:\n  \
            composegen build\n  \
            composegen build --staged\n  \
            composegen build --mode test --stdout\n  \
            composegen build --host nuc-16gb"
    )]
    Build(Build),
    /// Show what build would change, or what a change means
    #[command(
        long_about = "Shows what `composegen build` would change, as a unified diff on standard output, and writes\n\
            nothing. --summary tells in words what the change means: services, limits, ports, volumes, the\n\
            budget, and which containers would be replaced. So do two modes, and --against a revision: their\n\
            sides are made in memory. Exit status 1 where there is a difference.",
        after_help = "Examples:\n  \
            composegen diff\n  \
            composegen diff --summary --mode prod\n  \
            composegen diff test prod\n  \
            composegen diff --against main\n  \
            composegen diff --host nuc-16gb",
        override_usage = "composegen diff [OPTIONS] [MODE MODE]"
    )]
    Diff(Diff),
    /// Find everything that is wrong with the catalog and the files made from it
    #[command(
        long_about = "Finds everything that is wrong: in the catalog, for every mode on every host, and whether the\n\
            files that were made from it are current. Each finding says the line to change; what is the same of\n\
            three services or more is told once, with all of its places. `composegen explain RULE` says more.",
        after_help = "Examples:\n  \
            composegen check\n  \
            composegen check --format json\n  \
            composegen check --staged\n  \
            composegen check --diff\n  \
            composegen --catalog stacks/home/catalog check"
    )]
    Check(Check),
    /// Show what a service resolves to, and where each value was written
    #[command(
        long_about = "Shows a service as it will stand in the Compose file of each mode, with the file and line behind\n\
            every value, or the reason why it is not there.",
        after_help = "Examples:\n  \
            composegen show influxdb\n  \
            composegen show weather-api --mode test\n  \
            composegen show openvino-service --host nuc-16gb"
    )]
    Show(Show),
    /// Make and check the env file of a mode, which holds its secrets
    #[command(
        subcommand,
        long_about = "A mode has two env files. `composegen build` makes generated/env.MODE: what follows from the\n\
            catalog. The other, .env.MODE, is yours: secrets and own choices. It stays out of git.\n\
            Compose takes both, as the first lines of the generated files show.",
        after_help = "Examples:\n  \
            composegen env init test\n  \
            composegen env check test"
    )]
    Env(Env),
    /// List the services, the modes they are in, their limits and ports
    #[command(
        after_help = "Examples:\n  composegen list\n  composegen list --host nuc-16gb --format json"
    )]
    List(HostOnly),
    /// Draw who waits for whom in a mode, by role
    #[command(
        long_about = "Draws the services of a mode by role, with an arrow from each to what it waits for: until it is\n\
            healthy, until it has run, until it has started. The picture goes to standard output.",
        after_help = "Examples:\n  \
            composegen graph --mode test                           Mermaid, for a Markdown page\n  \
            composegen graph --mode prod --format svg > prod.svg   a picture, for a browser\n  \
            composegen graph --mode prod --format dot              for Graphviz"
    )]
    Graph(Graph),
    /// Show what every mode asks for, against what the host gives
    #[command(
        long_about = "Shows what every mode asks for, by role and by service, against the budget of the host: memory and\n\
            CPUs as bars, what is reserved, what is left, and how it would be on the other hosts. Where it does\n\
            not fit, the smallest set of cuts. --what-if tries other limits and writes nothing.\n\n\
            It works where a mode asks for too much, too, and exits with 1 then; with --what-if the exit status\n\
            is about what is tried.",
        after_help = "Examples:\n  \
            composegen budget\n  \
            composegen budget --mode test --what-if influxdb.memory=1G\n  \
            composegen budget --what-if web.cpus=0.5 --what-if web.memory.reservation=50%\n  \
            composegen budget --host nuc-16gb --format json"
    )]
    Budget(Budget),
    /// List the ports of the host that are published, and find one that is free
    #[command(
        long_about = "Lists the ports of the host that are published, in which modes and on which hosts, sorted by\n\
            port. Two services on one port are told as `composegen check` tells them, with exit status 1.\n\n\
            --next prints one number: the first port from FROM on that no service publishes, with any\n\
            protocol, on any address, in any mode on any host; nor where an offset of modes that run at once\n\
            would move it. --host and --mode keep both to some hosts and modes.",
        after_help = "Examples:\n  \
            composegen ports\n  \
            composegen ports --host nuc-16gb --mode test\n  \
            composegen ports --next 8000"
    )]
    Ports(Ports),
    /// Deploy a mode: look at everything first, start it, and go back if it does not come up
    #[command(
        long_about = "Deploys a mode on the Docker engine of this machine, or of DOCKER_HOST. Everything is looked at\n\
            before anything is touched: generated files, env files, memory, CPUs, ports, images. Then it is\n\
            started and waited for, and what the engine says is held against the plan. Where anything fails,\n\
            the release that ran before is started again with its very images and values; after a first\n\
            deployment everything is taken down. Volumes are never removed.\n\n\
            What a shell has set does not count: all values come from the env files. Exit status 0: it runs;\n\
            1: refused, or gone back; 2: the work could not be done, and nothing was changed.",
        after_help = "Examples:\n  \
            composegen deploy test\n  \
            composegen deploy test --dry-run\n  \
            composegen deploy production --host nuc-16gb --yes --timeout 15m"
    )]
    Deploy(Deploy),
    /// Stop the other mode, deploy this one, and bring the other back if that fails
    #[command(
        long_about = "Deploys a mode in place of the one that runs, on a host that is not for both at once. Everything\n\
            is looked at before the other mode is stopped. If this one does not come up, the other is started\n\
            again as it was; if it does, the other one's containers are removed. No volume is ever removed.",
        after_help = "Examples:\n  \
            composegen switch production\n  \
            composegen switch test --dry-run"
    )]
    Switch(Deploy),
    /// Take a mode's containers down; its volumes stay
    #[command(
        long_about = "Takes down the containers and networks of a mode, and of no other. Its volumes stay, unless\n\
            --remove-volumes says otherwise; what modes share stays even then.",
        after_help = "Examples:\n  \
            composegen down test\n  \
            composegen down test --remove-volumes"
    )]
    Down(Down),
    /// Show what runs: health, time, memory, release
    #[command(
        long_about = "Shows what runs of a mode, or of all modes: every service with its health, how long it has been up,\n\
            the memory that it uses of its limit, how often it was started again; which release it is, and what\n\
            was interrupted. Changes nothing. Exit status 1 where something is not as it should be.",
        after_help = "Examples:\n  \
            composegen status\n  \
            composegen status production --watch\n  \
            composegen status test --format json"
    )]
    Status(Status),
    /// Start an earlier release of a mode again
    #[command(
        long_about = "Starts the release before the one that runs again, or the one with this number, with the very\n\
            images and values that it had. The data in its volumes stays as it is now. After a deployment\n\
            that was interrupted it undoes that one.",
        after_help = "Examples:\n  \
            composegen releases test\n  \
            composegen rollback test\n  \
            composegen rollback test 3"
    )]
    Rollback(Rollback),
    /// List the releases of a mode to which `rollback` can go back
    #[command(after_help = "Examples:\n  composegen releases test")]
    Releases(Releases),
    /// Find what is wrong with any Compose file, without Docker and without a catalog
    #[command(
        long_about = "Finds what is wrong with Compose files that were not made from a catalog: all that Docker Compose\n\
            would refuse (invalid), and what loads, and then fails or does something else (broken), in the\n\
            files, in what they include and extend, and in services behind a profile, each with its line.\n\
            Matters of opinion (policy) are told with --policy. Docker is not needed, and nothing is started\n\
            or written.\n\n\
            Several files are laid over each other as Compose does it; `-` is standard input. Without FILE it\n\
            takes those that Compose takes, and says which: compose.yaml or docker-compose.yml with its\n\
            override, here or in a folder above, or what COMPOSE_FILE in .env names. Variables have the\n\
            values of the .env beside the first file, or of the files given with --env-file, and not those of\n\
            the environment. What no file sets and no default gives is not judged. With --host the sums of\n\
            the limits are judged, too.\n\n\
            With --mode, in a project that has a catalog, the files are judged as those of that mode: services\n\
            that do not belong there or are not known, what the mode requires, values and variables of other\n\
            modes, files that were made from the catalog and edited since, and the env files that are given.\n\n\
            Exit status: 1 where something is invalid or broken, or with --policy anything is found.",
        after_help = "Examples:\n  \
            composegen validate\n  \
            composegen validate compose.yaml compose.prod.yaml --env-file prod.env\n  \
            composegen validate docker-compose.yml --policy --host 8GiB,4\n  \
            composegen validate generated/docker-compose.prod.yml --mode prod --env-file .env.production\n  \
            composegen build --stdout --mode prod | composegen validate - --mode prod\n  \
            composegen validate docker-compose.yml --format json"
    )]
    Validate(Validate),
    /// Make a catalog of the Compose files that you have
    #[command(
        long_about = "Makes a catalog of Compose files that were not made from one, so that `composegen build` gives back\n\
            the same services, networks and volumes: catalog/ in the current folder, or in the folder given with\n\
            --into. What the env files set, and secrets that stood in the files, go into .env.production, which\n\
            stays out of git; what has to be set and is not is made up there, and marked. Files and variables\n\
            are found as `composegen validate` finds them.\n\n\
            --mode test=FILE --mode prod=FILE makes one catalog of two modes: what both have stands once, what\n\
            one has in an override. Services of the profiles test and production become modes as well.\n\n\
            It tells what was found wrong in the files, what was guessed, what the catalog says otherwise, what\n\
            goes through as it is, and what could not be carried over; then what comes next. Nothing is ever\n\
            overwritten. Exit status: 0 where a catalog was written, whatever was found; 1 where Compose refuses\n\
            a file, and nothing is written.",
        after_help = "Examples:\n  \
            composegen import\n  \
            composegen import docker-compose.yml docker-compose.prod.yml --env-file prod.env\n  \
            composegen import compose.yaml --mode test=compose.test.yaml --mode prod=compose.prod.yaml\n  \
            composegen import ../shop/compose.yaml --into shop"
    )]
    Import(Import),
    /// Let git check what is staged before each commit
    #[command(
        subcommand,
        long_about = "A git hook that runs `composegen check --staged` before a commit that changes the catalog or what is\n\
            made from it, for those who do not use pre-commit (for those who do: docs/hooks.md).",
        after_help = "Examples:\n  \
            composegen hook install\n  \
            composegen --catalog stacks/home/catalog hook install\n  \
            composegen hook uninstall"
    )]
    Hook(Hook),
    /// Print the JSON schema of a catalog file, for editors, or of what `--format json` writes
    #[command(
        after_help = "An editor with a YAML language server finds the catalog's through the first line of a catalog file:\n  \
            # yaml-language-server: $schema=../generated/catalog.schema.json\n\n\
            Examples:\n  \
            composegen schema > catalog.schema.json\n  \
            composegen schema findings"
    )]
    Schema {
        /// catalog, or what a command writes: findings (`check`, `env check`, `validate`), build, diff, import, or error (all of them)
        #[arg(
            default_value = "catalog",
            hide_default_value = true,
            hide_possible_values = true
        )]
        of: SchemaOf,
    },
    /// Explain a rule, or list all rules
    #[command(after_help = "Examples:\n  composegen explain\n  composegen explain port-conflict")]
    Explain {
        /// The rule, as a finding names it: error[port-conflict]
        rule: Option<String>,
    },
    /// Print what a shell needs to complete commands and options
    #[command(after_help = "Examples:\n  \
            composegen completions bash > ~/.local/share/bash-completion/completions/composegen\n  \
            composegen completions fish > ~/.config/fish/completions/composegen.fish\n  \
            composegen completions zsh > ~/.zfunc/_composegen")]
    Completions {
        /// The shell: bash, fish or zsh
        #[arg(value_enum, hide_possible_values = true)]
        shell: Shell,
    },
    /// Print the manual, one page for all commands
    #[command(
        after_help = "Examples:\n  composegen man | man -l -\n  composegen man > composegen.1"
    )]
    Man,
}

/// Which modes, which host.
#[derive(Debug, Args)]
pub struct Selection {
    /// A mode or its alias; again for several; all where none is given
    #[arg(long = "mode", value_name = "MODE")]
    pub modes: Vec<String>,

    /// The host; the catalog's default host where none is given
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
}

/// Which host.
#[derive(Debug, Args)]
pub struct HostOnly {
    /// The host; the catalog's default host where none is given
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
}

/// Which state of the files.
#[derive(Debug, Args)]
pub struct State {
    /// Look at what is staged in git, the catalog and the files made from it, instead of what lies in the folder
    #[arg(long)]
    pub staged: bool,
}
