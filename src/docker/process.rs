//! One child process: its output is read beside it, and it is ended politely, then for good.

use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often a child is looked at.
const PULSE: Duration = Duration::from_millis(10);

/// How long a child may take to end when it is asked to.
const PATIENCE: Duration = Duration::from_secs(20);

/// A child that runs.
pub struct Running {
    child: Child,
    out: JoinHandle<Vec<u8>>,
    err: JoinHandle<Vec<u8>>,
}

/// A child that has ended.
#[derive(Debug)]
pub struct Ended {
    /// Whether it ended with 0.
    pub success: bool,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

impl Running {
    /// Starts it, in a process group of its own: Ctrl-C reaches the program alone, which decides. `input` is all that it
    /// has to read.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(command: &mut Command, input: Option<String>) -> io::Result<Running> {
        own_group(command);
        let mut child = command
            .stdin(input.as_ref().map_or_else(Stdio::null, |_| Stdio::piped()))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
            // A child that ends before it has read all says why.
            thread::spawn(move || stdin.write_all(input.as_bytes()));
        }
        let (out, err) = (child.stdout.take(), child.stderr.take());
        Ok(Running {
            child,
            out: thread::spawn(move || whole(out)),
            err: thread::spawn(move || whole(err)),
        })
    }

    /// Its number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        // Where its state cannot be read it is as good as gone.
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for its end, at most so long; ended where it takes longer, and `None` then.
    pub fn wait(self, most: Duration) -> Option<Ended> {
        let start = Instant::now();
        self.wait_unless(|| start.elapsed() > most)
    }

    /// Waits for its end, for as long as it takes, unless it is to be given up: ended then, and `None`.
    pub fn wait_unless(mut self, is_given_up: impl Fn() -> bool) -> Option<Ended> {
        while !self.has_ended() {
            if is_given_up() {
                self.stop();
                return None;
            }
            thread::sleep(PULSE);
        }
        Some(self.end())
    }

    /// What it said, once it has ended.
    pub fn end(mut self) -> Ended {
        let success = self
            .child
            .wait()
            .is_ok_and(|status: ExitStatus| status.success());
        let text = |thread: JoinHandle<Vec<u8>>| {
            let bytes = thread.join().unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Ended {
            success,
            out: text(self.out),
            err: text(self.err),
        }
    }

    /// Ends it: it is asked to, and made to where it does not.
    pub fn stop(mut self) -> Ended {
        ask(self.pid());
        let start = Instant::now();
        while !self.has_ended() {
            if start.elapsed() > PATIENCE {
                // It may have ended just now.
                let _ = self.child.kill();
                break;
            }
            thread::sleep(PULSE);
        }
        self.end()
    }
}

fn whole(stream: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        // What was read until a failure is all there is.
        let _ = stream.read_to_end(&mut bytes);
    }
    bytes
}

#[cfg(unix)]
fn own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
fn own_group(_: &mut Command) {}

/// Asks a process and its children to end.
#[cfg(unix)]
pub fn ask(pid: u32) {
    let pid = i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid {
        // It may have ended already.
        let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::TERM);
    }
}

/// Asks a process and its children to end.
#[cfg(not(unix))]
pub fn ask(_: u32) {}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_child_says_how_it_ended() {
        let mut command = Command::new("sh");
        let running = Running::start(
            command.args(["-c", "cat; echo err >&2; exit 3"]),
            Some("out\n".to_owned()),
        )
        .unwrap();
        let ended = running.wait(Duration::from_secs(60)).unwrap();
        assert_eq!(
            (ended.success, ended.out.as_str(), ended.err.as_str()),
            (false, "out\n", "err\n")
        );
    }

    #[test]
    fn a_child_that_takes_too_long_is_ended_with_its_children() {
        let mut command = Command::new("sh");
        let running =
            Running::start(command.args(["-c", "sleep 100 & sleep 100; wait"]), None).unwrap();
        let start = Instant::now();
        assert!(running.wait(Duration::from_millis(20)).is_none());
        assert!(start.elapsed() < PATIENCE);
    }
}
