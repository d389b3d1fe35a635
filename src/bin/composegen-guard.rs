//! composegen-guard: stands before a service's own command, and replaces itself by it where the mode allows that.
//!
//! It goes into images, so it is small, static and quick to start: the command line is read by hand, and nothing of
//! the compiler is in it but the guard itself. See docs/guard.md.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, ExitCode};

use composegen::guard::{MODE_VARIABLE, Mode, Role, say};
use composegen::values::Refusal;
use composegen::values::name::{EnvName, ServiceName};
use composegen::values::shown::shown;
use composegen::values::suggest::nearest;

const HELP: &str = "\
Starts a service's command where the mode allows it.

Usage: composegen-guard --service NAME --role ROLE [--variable NAME] -- COMMAND [ARGUMENT...]
       composegen-guard health [--service NAME] [--variable NAME]

It reads the mode from `DEPLOYMENT_MODE`: `test` or `production`. What is not set, or is another word, counts as
production. Where the service may run, it says so in one line on standard error and becomes COMMAND: same process,
same arguments, same environment. Else it says why not, and ends.

  --service NAME   the service, for the messages
  --role ROLE      datagen, test: in test only. external-api: in production only. core, ai: in both.
                   Any other name is a role of your own: in both
  --variable NAME  read the mode from another variable
  -h, --help       print this page
  -V, --version    print the version

  health           print what a health endpoint says about the mode, as JSON

Exit status: that of COMMAND where it runs; 0 for external-api in test, where there is nothing to do; 1 where the mode
does not allow it; 2 for a mistake in these arguments; 126 where COMMAND cannot be run, 127 where it is not there.

Example: composegen-guard --service home-faker --role datagen -- python -m home_faker
";

/// The exit status for a mistake in the arguments, or output that cannot be written.
const FAILED: u8 = 2;

/// The exit statuses of a shell for a command that cannot be run, and for one that is not there.
const CANNOT_RUN: u8 = 126;
const NOT_THERE: u8 = 127;

fn main() -> ExitCode {
    let status = match Asked::parse(env::args_os().skip(1)) {
        Ok(Asked::Help) => print(HELP),
        Ok(Asked::Version) => print(concat!(
            "composegen-guard ",
            env!("CARGO_PKG_VERSION"),
            "\n"
        )),
        Ok(Asked::Health(options)) => health(&options),
        Ok(Asked::Start(options, command)) => start(&options, &command),
        Err(wrong) => Err(wrong),
    };
    ExitCode::from(status.unwrap_or_else(|wrong| {
        say(&wrong);
        FAILED
    }))
}

/// What was typed.
enum Asked {
    Help,
    Version,
    Health(Options),
    Start(Options, Vec<OsString>),
}

/// The options as they were typed.
#[derive(Default)]
struct Options {
    service: Option<String>,
    role: Option<String>,
    variable: Option<String>,
}

const OPTIONS: [&str; 5] = ["--service", "--role", "--variable", "--help", "--version"];

impl Asked {
    fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut arguments = arguments.peekable();
        let health = arguments.next_if(|first| first == "health").is_some();
        let mut options = Options::default();
        while let Some(argument) = arguments.next() {
            match argument.to_str() {
                Some("-h" | "--help") => return Ok(Asked::Help),
                Some("-V" | "--version") => return Ok(Asked::Version),
                Some("--") if health => return Err("`health` takes no command".to_owned()),
                Some("--") => return options.start(arguments.collect()),
                _ => options.take(&argument, &mut arguments)?,
            }
        }
        match health {
            true => options.health(),
            false => Err(options.without_command()),
        }
    }
}

impl Options {
    /// Takes an option with its value, which is the next argument or stands behind a `=`.
    fn take(
        &mut self,
        argument: &OsStr,
        rest: &mut impl Iterator<Item = OsString>,
    ) -> Result<(), String> {
        let argument = text(argument.to_owned())?;
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (argument.as_str(), None),
        };
        let slot = self.slot(name)?;
        if slot.is_some() {
            return Err(format!("`{name}` is given twice"));
        }
        let value = match value {
            Some(value) => value,
            None => rest.next().map(text).transpose()?.unwrap_or_default(),
        };
        if value.is_empty() || value.starts_with('-') {
            return Err(format!("`{name}` needs a value: `{name} NAME`"));
        }
        *slot = Some(value);
        Ok(())
    }

    fn slot(&mut self, name: &str) -> Result<&mut Option<String>, String> {
        match name {
            "--service" => Ok(&mut self.service),
            "--role" => Ok(&mut self.role),
            "--variable" => Ok(&mut self.variable),
            _ if name.starts_with('-') => Err(unknown(name)),
            _ => Err(format!(
                "{} is not an option: the command stands behind `--`",
                shown(name)
            )),
        }
    }

    fn start(self, command: Vec<OsString>) -> Result<Asked, String> {
        if command.is_empty() {
            let why = "no command behind `--`: the image has no CMD, or the service no `command`";
            return Err(why.to_owned());
        }
        Ok(Asked::Start(self, command))
    }

    fn health(self) -> Result<Asked, String> {
        match self.role {
            Some(_) => Err("`health` takes no `--role`".to_owned()),
            None => Ok(Asked::Health(self)),
        }
    }

    fn without_command(&self) -> String {
        let nothing = self.service.is_none() && self.role.is_none() && self.variable.is_none();
        let what = match nothing {
            true => "no arguments",
            false => "no command: write it behind `--`",
        };
        format!("{what}; `composegen-guard --help` shows how it is used")
    }

    fn service(&self) -> Result<Option<&str>, String> {
        let name = self.service.as_deref();
        let parsed = name.map(ServiceName::parse).transpose();
        Ok(parsed.map_err(told)?.map(ServiceName::as_str))
    }

    fn role(&self) -> Result<Role<'_>, String> {
        let name = self.role.as_deref().ok_or("`--role ROLE` is missing")?;
        Role::parse(name).map_err(told)
    }

    /// The mode of this process, from the variable that was asked for.
    fn mode(&self) -> Result<Mode, String> {
        let name = self.variable.as_deref().unwrap_or(MODE_VARIABLE);
        Ok(Mode::of_process(
            EnvName::parse(name).map_err(told)?.as_str(),
        ))
    }
}

fn text(argument: OsString) -> Result<String, String> {
    argument
        .into_string()
        .map_err(|bytes| format!("{} is no UTF-8", shown(&bytes.to_string_lossy())))
}

fn unknown(name: &str) -> String {
    let help = match nearest(name, OPTIONS.into_iter()) {
        Some(option) => format!("did you mean `{option}`?"),
        None => "`composegen-guard --help` lists the options".to_owned(),
    };
    format!("{} is not an option; {help}", shown(name))
}

fn told(refusal: Refusal) -> String {
    match refusal.help {
        Some(help) => format!("{}; {help}", refusal.message),
        None => refusal.message,
    }
}

fn health(options: &Options) -> Result<u8, String> {
    let json = options.mode()?.health().to_json(options.service()?);
    print(&format!("{json}\n"))
}

/// Becomes the command where the mode allows it; else the status to end with.
fn start(options: &Options, command: &[OsString]) -> Result<u8, String> {
    let service = options.service()?.ok_or("`--service NAME` is missing")?;
    let role = options.role()?;
    let mode = options.mode()?;
    if let Err(stop) = mode.allows(service, role) {
        stop.exit();
    }
    say(&mode.start(service));
    let Some((program, arguments)) = command.split_first() else {
        return Err("no command".to_owned());
    };
    Ok(become_command(program, arguments))
}

fn become_command(program: &OsStr, arguments: &[OsString]) -> u8 {
    let mut command = Command::new(program);
    command.args(arguments);
    let error = match replace(command) {
        Ok(status) => return status,
        Err(error) => error,
    };
    let status = match error.kind() {
        io::ErrorKind::NotFound => NOT_THERE,
        _ => CANNOT_RUN,
    };
    say(&not_run(program, &error));
    status
}

/// Replaces this process by the command; comes back only where that failed.
#[cfg(unix)]
fn replace(mut command: Command) -> io::Result<u8> {
    use std::os::unix::process::CommandExt;
    Err(command.exec())
}

/// Runs the command and takes over its status, where no process can be replaced.
#[cfg(not(unix))]
fn replace(mut command: Command) -> io::Result<u8> {
    let code = command.status()?.code();
    Ok(code
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(CANNOT_RUN))
}

/// Why the command was not run. A path that is there and yet is not found lacks what shall read it: the interpreter
/// in its first line, or the loader of a program that is not static.
fn not_run(program: &OsStr, error: &io::Error) -> String {
    let name = shown(&program.to_string_lossy());
    let is_path = program.as_encoded_bytes().contains(&b'/');
    match error.kind() {
        io::ErrorKind::NotFound if is_path && Path::new(program).exists() => format!(
            "{name} is there, but not the interpreter or loader that it names: is it made for this image?"
        ),
        io::ErrorKind::NotFound if is_path => format!("{name} is not there"),
        io::ErrorKind::NotFound => format!("{name} is not there: no folder of `PATH` holds it"),
        kind => format!("{name} cannot be run: {kind}"),
    }
}

/// Writes data. A reader that went away is no error.
fn print(text: &str) -> Result<u8, String> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(format!(
            "standard output cannot be written: {}",
            error.kind()
        )),
        _ => Ok(0),
    }
}
