//! What a person sees on a terminal: a pseudo-terminal, and what a terminal would show of what is written to it.

use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZero;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// A run on a terminal.
pub struct Terminal {
    master: File,
    child: Child,
    reader: JoinHandle<()>,
    /// What it shows.
    pub shown: Arc<Mutex<Shown>>,
}

/// What a terminal shows.
pub struct Shown {
    /// The screen.
    pub parser: vt100::Parser,
    /// What was written.
    pub bytes: Vec<u8>,
}

impl Terminal {
    /// Runs a command on a screen of so many rows and columns.
    pub fn start(plain: &Command, (rows, columns): (u16, u16)) -> Terminal {
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
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
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
        let reader = spawn(move || {
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
            reader,
            shown,
        }
    }

    /// What is on the screen now.
    pub fn screen(&self) -> String {
        let shown = self.shown.lock().unwrap();
        shown.parser.screen().contents()
    }

    /// What was written.
    #[allow(dead_code, reason = "not every binary that shares this file asks")]
    pub fn written(&self) -> String {
        let shown = self.shown.lock().unwrap();
        String::from_utf8_lossy(&shown.bytes).into_owned()
    }

    /// Waits until the screen shows this.
    pub fn until(&mut self, word: &str) -> String {
        let start = Instant::now();
        loop {
            // Asked first: what was written before the end is on the screen then.
            let is_over = self.reader.is_finished();
            let screen = self.screen();
            if screen.contains(word) {
                return screen;
            }
            assert!(
                start.elapsed() < Duration::from_secs(120) && !is_over,
                "`{word}` is not on the screen, {:?}:\n{screen}",
                self.child.try_wait().unwrap()
            );
            sleep(Duration::from_millis(20));
        }
    }

    /// Types.
    pub fn types(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits for the end; gives what is on the screen then. The cursor is to be seen.
    pub fn end(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        // What it wrote last is read up to the end, unless somebody else keeps the terminal open.
        let start = Instant::now();
        while !self.reader.is_finished() && start.elapsed() < Duration::from_secs(5) {
            sleep(Duration::from_millis(5));
        }
        let shown = self.shown.lock().unwrap();
        let screen = shown.parser.screen();
        assert!(!screen.hide_cursor() && !screen.alternate_screen());
        (status, screen.contents())
    }
}
