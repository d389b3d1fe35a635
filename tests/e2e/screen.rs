//! What a person sees on a terminal: a pseudo-terminal, and what a terminal would show of what is written to it.

use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZero;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::bed::Bed;
use crate::project::{Project, SECRET};
use crate::{Row, old, row};

pub const ROWS: &[Row] = &[
    old("a prompt on a terminal: no", answered_no),
    row("a prompt on a terminal: yes", answered_yes),
    old("the progress on a narrow terminal", narrow),
    old("Ctrl-C on a terminal", interrupted),
    old("status --watch on a terminal", watched),
];

/// A run on a terminal.
struct Terminal {
    master: File,
    child: Child,
    shown: Arc<Mutex<Shown>>,
}

struct Shown {
    parser: vt100::Parser,
    bytes: Vec<u8>,
}

impl Terminal {
    fn start(project: &Project, words: &[&str], (rows, columns): (u16, u16)) -> Terminal {
        let master =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let size = Winsize {
            ws_row: rows,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&master, size).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let slave = File::options().read(true).write(true).open(name).unwrap();
        let end = || slave.try_clone().unwrap();
        let plain = project.command(words);
        let mut command = Command::new("setsid");
        // A shell that starts this in the background lets it ignore Ctrl-C.
        command
            .args(["--ctty", "--wait", "env", "--default-signal=INT"])
            .arg(plain.get_program())
            .args(plain.get_args())
            .current_dir(plain.get_current_dir().unwrap())
            .env("TERM", "xterm-256color")
            .stdin(end())
            .stdout(end())
            .stderr(end());
        for (name, value) in plain.get_envs() {
            command.env(name, value.unwrap());
        }
        let child = command.spawn().unwrap();
        let master = File::from(master);
        let shown = Arc::new(Mutex::new(Shown {
            parser: vt100::Parser::new(
                NonZero::new(rows).unwrap(),
                NonZero::new(columns).unwrap(),
                0,
            ),
            bytes: Vec::new(),
        }));
        let (mut from, to) = (master.try_clone().unwrap(), shown.clone());
        spawn(move || {
            let mut part = [0; 4096];
            while let Ok(count @ 1..) = from.read(&mut part) {
                let mut to = to.lock().unwrap();
                to.parser.process(&part[..count]);
                to.bytes.extend(&part[..count]);
            }
        });
        Terminal {
            master,
            child,
            shown,
        }
    }

    /// What is on the screen now.
    fn screen(&self) -> String {
        let shown = self.shown.lock().unwrap();
        shown.parser.screen().contents()
    }

    /// What was written.
    fn written(&self) -> String {
        let shown = self.shown.lock().unwrap();
        String::from_utf8_lossy(&shown.bytes).into_owned()
    }

    /// Waits until the screen shows this.
    fn until(&mut self, word: &str) -> String {
        let start = Instant::now();
        loop {
            let screen = self.screen();
            if screen.contains(word) {
                return screen;
            }
            let ended = self.child.try_wait().unwrap();
            assert!(
                start.elapsed() < Duration::from_secs(120) && ended.is_none(),
                "`{word}` is not on the screen, {ended:?}:\n{screen}"
            );
            sleep(Duration::from_millis(20));
        }
    }

    fn types(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits for the end; gives what is on the screen then. The cursor is to be seen, and the secret is not.
    fn end(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        // What it wrote last is read in a moment.
        sleep(Duration::from_millis(100));
        let shown = self.shown.lock().unwrap();
        let screen = shown.parser.screen();
        assert!(!screen.hide_cursor() && !screen.alternate_screen());
        assert!(!String::from_utf8_lossy(&shown.bytes).contains(SECRET));
        (status, screen.contents())
    }
}

/// Nothing of what was drawn while containers came up is left.
fn assert_clean(screen: &str) {
    for word in ["of 4 ready", "is starting", "is not made yet"] {
        assert!(!screen.contains(word), "`{word}` is left:\n{screen}");
    }
}

const DEPLOY: &[&str] = &["deploy", "test", "--settle", "1s"];
const QUESTION: &str = "go on? [y/N]";

fn answered_no(bed: &mut Bed) {
    let project = Project::deployed(bed);
    let before = project.expect(bed, "demo-test", "1");
    project.change("web:1", "web:2");
    for (keys, words) in [
        ("n\n", "error: you said no; nothing was changed"),
        ("\n", "error: no answer counts as no; nothing was changed"),
        // The end of the input.
        ("\x04", "error: no answer counts as no; nothing was changed"),
    ] {
        let mut terminal = Terminal::start(&project, DEPLOY, (30, 100));
        let screen = terminal.until(QUESTION);
        assert!(screen.contains("recreate  web: another image"), "{screen}");
        terminal.types(keys);
        let (status, screen) = terminal.end();
        assert_eq!(status.code(), Some(2), "{screen}");
        let last = screen.lines().last().unwrap_or_default();
        assert_eq!(last, words, "{screen}");
    }
    let mut terminal = Terminal::start(&project, DEPLOY, (30, 100));
    terminal.until(QUESTION);
    terminal.types("\x03");
    let (status, screen) = terminal.end();
    assert_eq!(status.signal(), Some(2), "{screen}");
    project
        .run(&["status", "test"])
        .expect(0, &["release 1 of"]);
    assert_eq!(before, project.expect(bed, "demo-test", "1"));
}

fn answered_yes(bed: &mut Bed) {
    let project = Project::deployed(bed);
    project.change("web:1", "web:2");
    let mut terminal = Terminal::start(&project, DEPLOY, (40, 100));
    terminal.until(QUESTION);
    terminal.types("maybe\n");
    terminal.until("please answer y or n:");
    terminal.types("Yes\n");
    terminal.until("3 of 4 ready");
    let (status, screen) = terminal.end();
    assert_eq!(status.code(), Some(0), "{screen}");
    assert!(screen.contains("release 2 runs: 4 services"), "{screen}");
    assert_clean(&screen);
    project.expect(bed, "demo-test", "2");
}

fn narrow(bed: &mut Bed) {
    let project = Project::deployed(bed);
    project.change("web:1", "web:exits");
    for (color, is_red) in [("auto", true), ("never", false)] {
        let words = &[
            "--color", color, "deploy", "test", "--yes", "--settle", "1s",
        ];
        let mut terminal = Terminal::start(&project, words, (60, 30));
        let screen = terminal.until("of 4 ready");
        assert_eq!(screen.matches("of 4 ready").count(), 1, "{screen}");
        let written = terminal.shown.clone();
        let (status, screen) = terminal.end();
        assert_eq!(status.code(), Some(1), "{screen}");
        assert!(screen.contains("release 1 runs again"), "{screen}");
        assert_clean(&screen);
        let written = String::from_utf8_lossy(&written.lock().unwrap().bytes).into_owned();
        assert_eq!(written.contains("\x1b[1;31merror"), is_red, "{written}");
    }
    project.expect(bed, "demo-test", "1");
}

fn interrupted(bed: &mut Bed) {
    let project = Project::deployed(bed);
    project.change("web:1", "web:slow");
    let words = &["deploy", "test", "--yes", "--settle", "1s"];
    let mut terminal = Terminal::start(&project, words, (40, 80));
    terminal.until("3 of 4 ready");
    terminal.types("\x03");
    let (status, screen) = terminal.end();
    assert_eq!(status.code(), Some(1), "{screen}");
    for words in ["it was interrupted", "release 1 runs again"] {
        assert!(screen.contains(words), "{screen}");
    }
    assert_clean(&screen);
    project.expect(bed, "demo-test", "1");
}

fn watched(bed: &mut Bed) {
    let project = Project::deployed(bed);
    let mut terminal = Terminal::start(&project, &["status", "--watch"], (24, 40));
    let first = terminal.until("healthy");
    assert!(first.contains("Ctrl-C ends this"), "{first}");
    // Shown twice at least.
    while terminal.written().matches("Ctrl-C ends this").count() < 3 {
        sleep(Duration::from_millis(50));
    }
    let screen = terminal.screen();
    assert_eq!(screen.matches("release 1 of").count(), 1, "{screen}");
    assert_eq!(screen.matches("db ").count(), 1, "{screen}");
    terminal.types("\x03");
    let start = Instant::now();
    let (status, screen) = terminal.end();
    assert!(start.elapsed() < Duration::from_secs(2));
    assert_eq!(status.signal(), Some(2), "{screen}");
    let mut small = Terminal::start(&project, &["status", "--watch"], (6, 40));
    let screen = small.until("lines more");
    assert!(
        screen.contains("Ctrl-C ends this"),
        "the top is seen: {screen}"
    );
    small.types("\x03");
    small.end();
}
