//! What a person sees on a terminal.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::bed::Bed;
use crate::project::{Project, SECRET};
use crate::pty::Terminal;
use crate::{Row, old, row};

pub const ROWS: &[Row] = &[
    old("a prompt on a terminal: no", answered_no),
    row("a prompt on a terminal: yes", answered_yes),
    old("the progress on a narrow terminal", narrow),
    old("Ctrl-C on a terminal", interrupted),
    old("status --watch on a terminal", watched),
];

/// Starts the program on a terminal.
fn on_terminal(project: &Project, words: &[&str], size: (u16, u16)) -> Terminal {
    Terminal::start(&project.command(words), size)
}

/// Waits for the end; gives what is on the screen then. The secret never was.
fn end(terminal: Terminal) -> (ExitStatus, String) {
    let shown = terminal.shown.clone();
    let end = terminal.end();
    assert!(!String::from_utf8_lossy(&shown.lock().unwrap().bytes).contains(SECRET));
    end
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
        let mut terminal = on_terminal(&project, DEPLOY, (30, 100));
        let screen = terminal.until(QUESTION);
        assert!(screen.contains("recreate  web: another image"), "{screen}");
        terminal.types(keys);
        let (status, screen) = end(terminal);
        assert_eq!(status.code(), Some(2), "{screen}");
        let last = screen.lines().last().unwrap_or_default();
        assert_eq!(last, words, "{screen}");
    }
    let mut terminal = on_terminal(&project, DEPLOY, (30, 100));
    terminal.until(QUESTION);
    terminal.types("\x03");
    let (status, screen) = end(terminal);
    assert_eq!(status.signal(), Some(2), "{screen}");
    project
        .run(&["status", "test"])
        .expect(0, &["release 1 of"]);
    assert_eq!(before, project.expect(bed, "demo-test", "1"));
}

fn answered_yes(bed: &mut Bed) {
    let project = Project::deployed(bed);
    project.change("web:1", "web:2");
    let mut terminal = on_terminal(&project, DEPLOY, (40, 100));
    terminal.until(QUESTION);
    terminal.types("maybe\n");
    terminal.until("please answer y or n:");
    terminal.types("Yes\n");
    terminal.until("3 of 4 ready");
    let (status, screen) = end(terminal);
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
        let mut terminal = on_terminal(&project, words, (60, 30));
        let screen = terminal.until("of 4 ready");
        assert_eq!(screen.matches("of 4 ready").count(), 1, "{screen}");
        let written = terminal.shown.clone();
        let (status, screen) = end(terminal);
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
    let mut terminal = on_terminal(&project, words, (40, 80));
    terminal.until("3 of 4 ready");
    terminal.types("\x03");
    let (status, screen) = end(terminal);
    assert_eq!(status.code(), Some(1), "{screen}");
    for words in ["it was interrupted", "release 1 runs again"] {
        assert!(screen.contains(words), "{screen}");
    }
    assert_clean(&screen);
    project.expect(bed, "demo-test", "1");
}

fn watched(bed: &mut Bed) {
    let project = Project::deployed(bed);
    let mut terminal = on_terminal(&project, &["status", "--watch"], (24, 40));
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
    let (status, screen) = end(terminal);
    assert!(start.elapsed() < Duration::from_secs(2));
    assert_eq!(status.signal(), Some(2), "{screen}");
    let mut small = on_terminal(&project, &["status", "--watch"], (6, 40));
    let screen = small.until("lines more");
    assert!(
        screen.contains("Ctrl-C ends this"),
        "the top is seen: {screen}"
    );
    small.types("\x03");
    end(small);
}
