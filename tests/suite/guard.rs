//! The process guard as a container sees it: what it lets through, what it says, how it ends, and what becomes of the
//! command behind it. And the lines of Python that stand in docs/guard.md for images without it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::project::{Said, finish};

/// The guard, about to be run in a mode; `None` where the variable is not set.
fn guard(mode: Option<&str>, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_composegen-guard"));
    command.args(arguments).stdin(Stdio::null());
    command.env_remove("DEPLOYMENT_MODE");
    command.envs(mode.map(|mode| ("DEPLOYMENT_MODE", mode)));
    command
}

fn said(mode: Option<&str>, arguments: &[&str]) -> Said {
    finish(guard(mode, arguments))
}

/// A run with one line on standard error, or none.
fn line(out: &str, err: &str, code: i32) -> Said {
    let err = match err {
        "" => String::new(),
        err => format!("composegen-guard: {err}\n"),
    };
    let (out, code) = (out.to_owned(), Some(code));
    Said { out, err, code }
}

#[test]
fn each_role_in_each_mode() {
    let cases = [
        ("core", Some("test"), "starts in mode `test`", 7),
        ("ai", Some("production"), "starts in mode `production`", 7),
        (
            "batch",
            Some("production"),
            "starts in mode `production`",
            7,
        ),
        ("datagen", Some("test"), "starts in mode `test`", 7),
        ("test", Some("test"), "starts in mode `test`", 7),
        (
            "external-api",
            Some("production"),
            "starts in mode `production`",
            7,
        ),
        (
            "core",
            None,
            "starts in mode `production`, because `DEPLOYMENT_MODE` is not set",
            7,
        ),
        (
            "external-api",
            Some(""),
            "starts in mode `production`, because `DEPLOYMENT_MODE` is empty",
            7,
        ),
        (
            "ai",
            Some("prood"),
            "starts in mode `production`, because `DEPLOYMENT_MODE` is `prood`, neither `test` nor `production` (did you mean `production`?)",
            7,
        ),
        (
            "external-api",
            Some("test"),
            "has nothing to do: the role `external-api` runs in mode `production` only, and `DEPLOYMENT_MODE` is `test`",
            0,
        ),
        (
            "datagen",
            Some("production"),
            "does not start: the role `datagen` runs in mode `test` only, and `DEPLOYMENT_MODE` is `production`",
            1,
        ),
        (
            "test",
            Some("production"),
            "does not start: the role `test` runs in mode `test` only, and `DEPLOYMENT_MODE` is `production`",
            1,
        ),
        (
            "datagen",
            None,
            "does not start: the role `datagen` runs in mode `test` only, and this one counts as `production`: `DEPLOYMENT_MODE` is not set",
            1,
        ),
        (
            "datagen",
            Some(""),
            "does not start: the role `datagen` runs in mode `test` only, and this one counts as `production`: `DEPLOYMENT_MODE` is empty",
            1,
        ),
        (
            "test",
            Some("TEST"),
            "does not start: the role `test` runs in mode `test` only, and this one counts as `production`: `DEPLOYMENT_MODE` is `TEST`, neither `test` nor `production` (did you mean `test`?)",
            1,
        ),
        (
            "datagen",
            Some("prod"),
            "does not start: the role `datagen` runs in mode `test` only, and this one counts as `production`: `DEPLOYMENT_MODE` is `prod`, neither `test` nor `production` (did you mean `production`?)",
            1,
        ),
        (
            "datagen",
            Some("staging"),
            "does not start: the role `datagen` runs in mode `test` only, and this one counts as `production`: `DEPLOYMENT_MODE` is `staging`, neither `test` nor `production`",
            1,
        ),
    ];
    for (role, mode, rest, code) in cases {
        let head = ["--service", "home-faker", "--role", role, "--"];
        let said = said(
            mode,
            &[&head[..], &["sh", "-c", "echo works; exit 7"]].concat(),
        );
        let out = if code == 7 { "works\n" } else { "" };
        let expected = line(out, &format!("`home-faker` {rest}"), code);
        assert_eq!(said, expected, "{role} in {mode:?}");
    }
}

#[test]
fn mistakes_in_the_arguments_end_with_2_whatever_the_mode() {
    let usage = "; `composegen-guard --help` shows how it is used";
    let no_args = format!("no arguments{usage}");
    let no_command = format!("no command: write it behind `--`{usage}");
    let cases: &[(&[&str], &str)] = &[
        (&[], &no_args),
        (&["--service", "a", "--role", "core"], &no_command),
        (
            &["--service", "a", "--role", "core", "--"],
            "no command behind `--`: the image has no CMD, or the service no `command`",
        ),
        (
            &["--role", "core", "--", "true"],
            "`--service NAME` is missing",
        ),
        (
            &["--service", "a", "--", "true"],
            "`--role ROLE` is missing",
        ),
        (
            &["--service", "a", "--role", "core", "python", "main.py"],
            "`python` is not an option: the command stands behind `--`",
        ),
        (
            &["--rol", "core"],
            "`--rol` is not an option; did you mean `--role`?",
        ),
        (
            &["-x"],
            "`-x` is not an option; `composegen-guard --help` lists the options",
        ),
        (
            &["--role", "core", "--role=core"],
            "`--role` is given twice",
        ),
        (
            &["--service"],
            "`--service` needs a value: `--service NAME`",
        ),
        (
            &["--service", "--role", "core", "--", "true"],
            "`--service` needs a value: `--service NAME`",
        ),
        (
            &["--service", "a", "--role", "--", "true"],
            "`--role` needs a value: `--role NAME`",
        ),
        (
            &["--service=", "--role", "core", "--", "true"],
            "`--service` needs a value: `--service NAME`",
        ),
        (
            &["--service", "a b", "--role", "core", "--", "true"],
            "`a b` is not a service name; write letters, digits, `-`, `_` and `.`; was `a-b` meant?",
        ),
        (
            &["--service", "a", "--role", "data-gen", "--", "true"],
            "the role `data-gen` looks like `datagen`, but would run in every mode; write `datagen`, or give your own role another name",
        ),
        (
            &["--service", "a", "--role", "external_api", "--", "true"],
            "the role `external_api` looks like `external-api`, but would run in every mode; write `external-api`, or give your own role another name",
        ),
        (
            &["--service", "a", "--role", "", "--", "true"],
            "`--role` needs a value: `--role NAME`",
        ),
        (
            &[
                "--service",
                "a",
                "--role",
                "core",
                "--variable",
                "1A",
                "--",
                "true",
            ],
            "`1A` is not a variable name; write letters, digits and `_`, the first no digit",
        ),
        (&["health", "--role", "core"], "`health` takes no `--role`"),
        (&["health", "--", "true"], "`health` takes no command"),
        (
            &["--service", "a", "health"],
            "`health` is not an option: the command stands behind `--`",
        ),
    ];
    for mode in [Some("test"), Some("production"), None] {
        for (arguments, expected) in cases {
            assert_eq!(
                said(mode, arguments),
                line("", expected, 2),
                "{arguments:?}"
            );
        }
    }
}

#[test]
fn the_mode_may_stand_in_another_variable() {
    let arguments = [
        "--service=a",
        "--role=datagen",
        "--variable=STAGE",
        "--",
        "true",
    ];
    let mut command = guard(Some("production"), &arguments);
    command.env("STAGE", "test");
    assert_eq!(finish(command), line("", "`a` starts in mode `test`", 0));
    let expected = "`a` does not start: the role `datagen` runs in mode `test` only, and this one counts as `production`: `STAGE` is not set";
    assert_eq!(said(Some("test"), &arguments), line("", expected, 1));
}

#[test]
fn health_is_one_json_object() {
    for (mode, class, problem) in [
        (Some("test"), "test", None),
        (Some("production"), "production", None),
        (None, "production", Some("`DEPLOYMENT_MODE` is not set")),
        (
            Some("a\"\\\n"),
            "production",
            Some("`DEPLOYMENT_MODE` is `a\"\\\\u{a}`, neither `test` nor `production`"),
        ),
    ] {
        let expected = serde_json::json!({
            "service": "web", "deployment_mode": class, "is_test": class == "test",
            "is_production": class == "production", "problem": problem,
        });
        let said = said(mode, &["health", "--service", "web"]);
        assert_eq!((said.err.as_str(), said.code), ("", Some(0)));
        let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(json, expected);
    }
    let expected = "{\"deployment_mode\":\"test\",\"is_test\":true,\"is_production\":false,\"problem\":null}\n";
    assert_eq!(said(Some("test"), &["health"]), line(expected, "", 0));
}

#[test]
fn help_and_version_are_data() {
    let version = format!("composegen-guard {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(said(None, &["--version"]), line(&version, "", 0));
    let help = said(None, &["health", "--help"]);
    assert_eq!((help.err.as_str(), help.code), ("", Some(0)));
    for word in [
        "--service NAME",
        "--role ROLE",
        "--variable NAME",
        "health",
        "counts as\nproduction",
        "126",
        "127",
    ] {
        assert!(help.out.contains(word), "{word}");
    }
    assert_eq!(help, said(None, &["-h"]));
    let behind = [
        "--service=a",
        "--role=core",
        "--",
        "printf",
        "%s\\n",
        "--help",
    ];
    let expected = line("--help\n", "`a` starts in mode `test`", 0);
    assert_eq!(said(Some("test"), &behind), expected);
}

/// What only Unix has: one process becoming another, signals, modes of files.
#[cfg(unix)]
mod becoming {
    use super::*;
    use std::ffi::OsStr;
    use std::io::{BufRead, BufReader};
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::ExitStatusExt;

    const HEAD: [&str; 5] = ["--service", "web", "--role", "core", "--"];

    fn before(command: &[&str]) -> Command {
        guard(Some("test"), &[&HEAD[..], command].concat())
    }

    #[test]
    fn the_command_is_the_same_process_and_gets_its_signals() {
        let mut command = before(&["sh", "-c", "echo $$; exec sleep 60"]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut pid = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut pid)
            .unwrap();
        assert_eq!(pid.trim(), child.id().to_string());
        let sent = Command::new("kill").args(["-TERM", pid.trim()]).status();
        assert!(sent.unwrap().success());
        assert_eq!(child.wait().unwrap().signal(), Some(15));
    }

    #[test]
    fn arguments_and_environment_arrive_unchanged() {
        let print = "printf '%s|' \"$@\"; printf %s \"$ODD\"";
        let mut command = before(&[
            "sh", "-c", print, "sh", "a  b", "", "--", "--role", "*", "$X",
        ]);
        let (argument, value) = (
            OsStr::from_bytes(b"\xff\xfe\n"),
            OsStr::from_bytes(b"\xfd="),
        );
        let output = command.arg(argument).env("ODD", value).output().unwrap();
        assert_eq!(output.stdout, b"a  b||--|--role|*|$X|\xff\xfe\n|\xfd=");
        assert_eq!(output.status.code(), Some(0));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn no_signal_is_left_ignored_or_blocked() {
        let signals = |mut command: Command| {
            let said = finish({
                command.stdin(Stdio::null());
                command
            });
            // `SigQ` counts what is queued for the user, whatever the process.
            let of_process = |line: &&str| line.starts_with("Sig") && !line.starts_with("SigQ");
            let lines = said.out.lines().filter(of_process);
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        let mut plain = Command::new("cat");
        plain.arg("/proc/self/status");
        let guarded = signals(before(&["cat", "/proc/self/status"]));
        assert_eq!(guarded.len(), 4, "{guarded:?}");
        assert_eq!(guarded, signals(plain));
    }

    #[test]
    fn a_command_that_cannot_run_ends_as_in_a_shell() {
        let folder = tempfile::tempdir().unwrap();
        let script = |name: &str, text: &str, mode: u32| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let missing = folder.path().join("missing");
        for (command, rest, code) in [
            (
                "no-such-program-here".to_owned(),
                "is not there: no folder of `PATH` holds it",
                127,
            ),
            (missing.to_str().unwrap().to_owned(), "is not there", 127),
            (
                script("lost", "#!/no/such/interpreter\n", 0o755),
                "is there, but not the interpreter or loader that it names: is it made for this image?",
                127,
            ),
            (
                script("plain", "#!/bin/sh\n", 0o644),
                "cannot be run: permission denied",
                126,
            ),
            ("/".to_owned(), "cannot be run: permission denied", 126),
        ] {
            let said = finish(before(&[&command]));
            let err = format!(
                "composegen-guard: `web` starts in mode `test`\ncomposegen-guard: `{command}` {rest}\n"
            );
            let (out, code) = (String::new(), Some(code));
            assert_eq!(said, Said { out, err, code });
        }
    }

    #[test]
    fn what_is_no_text_is_refused_before_the_command() {
        let mut command = guard(Some("test"), &["--service"]);
        command.arg(OsStr::from_bytes(b"a\xff"));
        command.args(["--role", "core", "--", "true"]);
        assert_eq!(finish(command), line("", "`a\u{fffd}` is no UTF-8", 2));
        let mut command = guard(
            Some("production"),
            &["--service=a", "--role=test", "--", "true"],
        );
        command.env("DEPLOYMENT_MODE", OsStr::from_bytes(b"test\xff"));
        let expected = "`a` does not start: the role `test` runs in mode `test` only, and this one counts as `production`: `DEPLOYMENT_MODE` is `test\u{fffd}`, neither `test` nor `production` (did you mean `test`?)";
        assert_eq!(finish(command), line("", expected, 1));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn output_that_cannot_be_written_is_told() {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let mut command = guard(Some("test"), &["health"]);
        let output = command.stdout(full).output().unwrap();
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            "composegen-guard: standard output cannot be written: no storage space\n"
        );
        assert_eq!(output.status.code(), Some(2));
    }
}

/// The block of a language in docs/guard.md.
fn block(language: &str) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guard.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

#[test]
fn the_python_of_the_page_decides_as_the_guard_does() {
    let python = Command::new("python3").arg("--version").output();
    if !python.is_ok_and(|output| output.status.success()) {
        crate::skipped("`python3` is not installed, so the Python in docs/guard.md is not run");
        return;
    }
    let unknown = |was: &str| format!("DEPLOYMENT_MODE is {was}: counts as production\n");
    let refused =
        "home-faker does not start: it runs in mode test only, and this one is production\n";
    for (mode, err, starts) in [
        (Some("test"), String::new(), true),
        (Some("production"), refused.to_owned(), false),
        (None, unknown("None") + refused, false),
        (Some(""), unknown("''") + refused, false),
        (Some("TEST"), unknown("'TEST'") + refused, false),
    ] {
        let script = block("python") + "\nonly_in_test(\"home-faker\")\nprint(mode)\n";
        let mut command = Command::new("python3");
        command.args(["-c", &script]).env_remove("DEPLOYMENT_MODE");
        command.envs(mode.map(|mode| ("DEPLOYMENT_MODE", mode)));
        let (out, code) = if starts { ("test\n", 0) } else { ("", 1) };
        let (out, code) = (out.to_owned(), Some(code));
        assert_eq!(finish(command), Said { out, err, code }, "{mode:?}");
        let guard = said(mode, &["--service=a", "--role=datagen", "--", "true"]);
        assert_eq!(guard.code, code, "{mode:?}");
    }
}
