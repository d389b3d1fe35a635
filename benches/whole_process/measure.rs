//! Running a child process and asking the kernel what it used.

use std::fs::{self, File};
use std::mem::MaybeUninit;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// What one process used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// CPU time, user and system, of all its threads.
    pub cpu: Duration,
    /// Largest resident size, in bytes.
    pub peak: u64,
}

impl Usage {
    /// Two processes one after the other: their times add up, the larger peak stays.
    pub fn then(self, next: Self) -> Self {
        Self {
            cpu: self.cpu + next.cpu,
            peak: self.peak.max(next.peak),
        }
    }
}

/// Runs the command to its end, its messages kept in the file `log`.
///
/// # Errors
/// It could not be started, or ended with another code than 0; the message quotes the end of the log.
pub fn run(command: &mut Command, log: &Path) -> Result<Usage, String> {
    let messages = File::create(log).map_err(|error| format!("{}: {error}", log.display()))?;
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(messages);
    let child = command
        .spawn()
        .map_err(|error| format!("{command:?}: {error}"))?;
    let (status, usage) = wait(child.id())?;
    if status != 0 {
        return Err(format!(
            "{command:?} ended with wait status {status}:\n{}",
            last_lines(log)
        ));
    }
    Ok(usage)
}

/// Waits for one child. `wait4` is the call that reports the usage of just this one.
fn wait(id: u32) -> Result<(i32, Usage), String> {
    let id = libc::pid_t::try_from(id).map_err(|error| error.to_string())?;
    let mut status = 0;
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: both pointers are valid for writes for the length of the call, and zeroes are a valid `rusage`.
    let (ended, usage) = unsafe {
        (
            libc::wait4(id, &raw mut status, 0, usage.as_mut_ptr()),
            usage.assume_init(),
        )
    };
    if ended != id {
        return Err(format!(
            "waiting for process {id}: {}",
            std::io::Error::last_os_error()
        ));
    }
    Ok((
        status,
        Usage {
            cpu: duration(usage.ru_utime) + duration(usage.ru_stime),
            peak: bytes(usage.ru_maxrss),
        },
    ))
}

fn duration(time: libc::timeval) -> Duration {
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::from_secs(seconds)
        + Duration::from_micros(u64::try_from(time.tv_usec).unwrap_or_default())
}

/// `ru_maxrss` is in KiB on Linux and in bytes on macOS (getrusage(2) of each).
fn bytes(maxrss: libc::c_long) -> u64 {
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    u64::try_from(maxrss).unwrap_or_default() * unit
}

fn last_lines(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
