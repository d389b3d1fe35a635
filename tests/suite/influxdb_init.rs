//! HomeIQ's InfluxDB job, `catalog/influxdb/init.py`, run with the machine's `python3` against a small fake of InfluxDB:
//! first and later starts, killed anywhere, answered badly, and with everything that people get wrong.

mod fake;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::time::Duration;

use crate::project::{Project, Said, finish, wait};
use crate::skipped;
use fake::{Authorization, Fake, Fault, OPERATOR, PASSWORD};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/catalog/influxdb/init.py");
const BUCKET: &str = "home_assistant_events_test";
const DESCRIPTION: &str = "homeiq test: its services";

/// What the fake holds after a start in test; production was there before.
const IN_ORDER: &str = "\
org homeiq
org homeiq-test
bucket homeiq/home_assistant_events 2592000
bucket homeiq-test/home_assistant_events_test 604800
authorization homeiq-test/homeiq test: its services (active): read home_assistant_events_test, write home_assistant_events_test";

const MADE: &str = "\
! influxdb-init: made the organisation `homeiq-test`
! influxdb-init: made the bucket `home_assistant_events_test`, which keeps 7d
! influxdb-init: made the authorization `homeiq test: its services`: it reads and writes `home_assistant_events_test` alone
! influxdb-init: stored the token for the services
";
const STORED: &str = "! influxdb-init: stored the token for the services\n";
const AGAIN: &str = "! influxdb-init: this start gave the services another token or none; run the same command again\nexit 1\n";
const READY: &str = "! influxdb-init: `homeiq-test` is ready\nexit 0\n";

/// What a start asks that finds everything in order.
const QUESTIONS: [&str; 5] = [
    "GET /health",
    "GET /api/v2/setup",
    "GET /api/v2/orgs",
    "GET /api/v2/buckets",
    "GET /api/v2/authorizations",
];

/// How many requests a first start makes: the five questions, and three times something made.
const FIRST_START: usize = 8;

/// The interpreter itself, since `python3` may be a script that looks for it, and takes longer than the job.
fn python() -> Option<&'static str> {
    static PYTHON: OnceLock<Option<String>> = OnceLock::new();
    let find = || {
        let words = ["-c", "import sys; print(sys.executable)"];
        let output = Command::new("python3").args(words).output().ok()?;
        let path = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| path.trim_end().to_owned())
    };
    PYTHON.get_or_init(find).as_deref()
}

/// A place where the job runs as Compose would run it, with a fake beside it.
struct Place {
    fake: Fake,
    project: Project,
    environment: BTreeMap<&'static str, String>,
}

impl Place {
    /// One for the mode test; `None`, with a line, where there is no Python.
    fn new(fake: Fake) -> Option<Self> {
        if python().is_none() {
            skipped("`python3` is not installed, so nobody runs the InfluxDB job");
            return None;
        }
        let project = Project::empty();
        fs::create_dir(project.path("secrets")).unwrap();
        let file = project.path("secrets/influxdb.env").display().to_string();
        let environment = BTreeMap::from([
            ("INFLUXDB_URL", format!("http://{}", fake.address)),
            ("INFLUXDB_USERNAME", "admin".to_owned()),
            ("INFLUXDB_PASSWORD", PASSWORD.to_owned()),
            ("INFLUXDB_ADMIN_TOKEN", OPERATOR.to_owned()),
            ("INIT_ORG", "homeiq-test".to_owned()),
            ("INIT_BUCKETS", format!("{BUCKET}=7d")),
            ("INIT_DESCRIPTION", DESCRIPTION.to_owned()),
            ("INIT_FILE", file),
            ("INIT_WAIT", "30".to_owned()),
        ]);
        Some(Place {
            fake,
            project,
            environment,
        })
    }

    /// The job, about to run: its environment is all that it gets, with the token that Compose would read now.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(python().unwrap());
        command.arg("-B").arg(SCRIPT).args(arguments).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(&self.environment).stdin(Stdio::null());
        if let Some(token) = self
            .stored()
            .and_then(|text| text.strip_prefix("INFLUXDB_TOKEN=").map(str::to_owned))
        {
            command.env("INFLUXDB_TOKEN", token.trim_end());
        }
        command
    }

    /// Runs the job to its end. Whatever it says holds no secret.
    fn run(&self, arguments: &[&str]) -> String {
        self.shown(finish(self.command(arguments)))
    }

    fn shown(&self, said: Said) -> String {
        let state = self.fake.state();
        let tokens = state.authorizations.iter().map(|one| one.token.as_str());
        for secret in tokens.chain([OPERATOR, PASSWORD]) {
            assert!(
                !said.err.contains(secret) && !said.out.contains(secret),
                "{said:?}"
            );
        }
        said.transcript()
    }

    /// A start, as `up -d` does it.
    fn start(&self) -> String {
        self.run(&[])
    }

    fn stored(&self) -> Option<String> {
        fs::read_to_string(self.project.path("secrets/influxdb.env")).ok()
    }

    /// Everything is as it should be: the fake, the file's bytes and mode, and nothing beside it.
    fn assert_in_order(&self, context: &str) {
        assert_eq!(self.fake.state().summary(), IN_ORDER, "{context}");
        self.assert_stored(context);
    }

    /// The file holds the one token, for its owner alone.
    fn assert_stored(&self, context: &str) {
        let token = self.authorization().token;
        let expected = format!("INFLUXDB_TOKEN={token}\n").into_bytes();
        let files = self.project.files();
        assert_eq!(
            files,
            [("secrets/influxdb.env".to_owned(), expected)],
            "{context}"
        );
        let file = fs::symlink_metadata(self.project.path("secrets/influxdb.env")).unwrap();
        assert_eq!(file.mode() & 0o7777, 0o600, "{context}");
    }

    fn authorization(&self) -> Authorization {
        let state = self.fake.state();
        assert_eq!(state.authorizations.len(), 1, "{}", state.summary());
        state.authorizations[0].clone()
    }

    /// The id of the test bucket.
    fn bucket(&self) -> String {
        let state = self.fake.state();
        let of_test = state.buckets.iter().find(|one| one.name == BUCKET);
        of_test.unwrap().id.clone()
    }

    /// One that was started twice, and is in order.
    fn in_order() -> Option<Self> {
        let place = Place::new(Fake::new())?;
        place.start();
        assert_eq!(place.start(), READY);
        place.fake.requests();
        Some(place)
    }
}

#[test]
fn the_first_start_stores_the_token_and_every_later_one_passes() {
    let Some(place) = Place::new(Fake::new()) else {
        return;
    };
    assert_eq!(place.start(), format!("{MADE}{AGAIN}"));
    place.assert_in_order("the first start");
    assert_eq!(place.fake.requests().len(), FIRST_START);
    let file = fs::metadata(place.project.path("secrets/influxdb.env")).unwrap();
    for time in ["second", "third"] {
        assert_eq!(place.start(), READY, "{time}");
        assert_eq!(place.fake.requests(), QUESTIONS, "{time}");
        place.assert_in_order(time);
    }
    let now = fs::metadata(place.project.path("secrets/influxdb.env")).unwrap();
    assert_eq!(
        (file.ino(), file.mtime_nsec()),
        (now.ino(), now.mtime_nsec()),
        "not written again"
    );
}

#[test]
fn store_ends_well_so_that_the_first_start_after_it_passes() {
    let Some(place) = Place::new(Fake::new()) else {
        return;
    };
    assert_eq!(place.run(&["store"]), format!("{MADE}{READY}"));
    assert_eq!(place.run(&["store"]), READY);
    assert_eq!(place.start(), READY);
    place.assert_in_order("after store");
}

#[test]
fn an_empty_influxdb_is_set_up() {
    let Some(place) = Place::new(Fake::empty()) else {
        return;
    };
    let expected = "\
! influxdb-init: InfluxDB was empty: set it up
! influxdb-init: made the authorization `homeiq test: its services`: it reads and writes `home_assistant_events_test` alone
! influxdb-init: stored the token for the services
";
    assert_eq!(place.start(), format!("{expected}{AGAIN}"));
    assert_eq!(place.start(), READY);
    let summary = place.fake.state().summary();
    let without_production: Vec<&str> = IN_ORDER
        .lines()
        .filter(|line| {
            !line.starts_with("org homeiq\n") && !line.contains("homeiq/") && *line != "org homeiq"
        })
        .collect();
    assert_eq!(summary, without_production.join("\n"));
    place.assert_stored("an empty InfluxDB");
}

#[test]
fn production_has_both_its_buckets_under_one_authorization() {
    let Some(mut place) = Place::new(Fake::new()) else {
        return;
    };
    place.environment.insert("INIT_ORG", "homeiq".to_owned());
    place.environment.insert(
        "INIT_BUCKETS",
        "home_assistant_events=30d weather_data=180d".to_owned(),
    );
    place
        .environment
        .insert("INIT_DESCRIPTION", "homeiq prod: its services".to_owned());
    place.fake.state().empty_lists = true;
    place.start();
    assert_eq!(
        place.start(),
        "! influxdb-init: `homeiq` is ready\nexit 0\n"
    );
    let expected = "\
org homeiq
bucket homeiq/home_assistant_events 2592000
bucket homeiq/weather_data 15552000
authorization homeiq/homeiq prod: its services (active): read home_assistant_events, write home_assistant_events, read weather_data, write weather_data";
    assert_eq!(place.fake.state().summary(), expected);
    place.assert_stored("production");
}

/// Runs the job until the fake says that it is to be killed, or to its end.
fn run_until_killed(place: &Place) -> bool {
    let mut command = place.command(&[]);
    let mut child: Child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    loop {
        match place.fake.kill.recv_timeout(Duration::from_millis(2)) {
            Ok(()) => {
                child.kill().unwrap();
                child.wait().unwrap();
                place.fake.killed.send(()).unwrap();
                return true;
            }
            Err(RecvTimeoutError::Timeout) if child.try_wait().unwrap().is_some() => return false,
            Err(_) => {}
        }
    }
}

#[test]
fn a_kill_at_any_request_leaves_nothing_that_the_next_start_does_not_mend() {
    for fault in [Fault::KilledBefore, Fault::KilledAfter] {
        for number in 1..=FIRST_START {
            let Some(place) = Place::new(Fake::new()) else {
                return;
            };
            let context = format!("{fault:?} at request {number}");
            place.fake.state().faults.insert(number, fault);
            assert!(run_until_killed(&place), "{context}: it was not killed");
            assert_eq!(place.stored(), None, "{context}");
            place.fake.state().faults.clear();
            assert!(place.start().ends_with(AGAIN), "{context}");
            assert_eq!(place.start(), READY, "{context}");
            place.assert_in_order(&context);
        }
    }
}

#[test]
fn a_fault_at_any_request_is_tried_again() {
    let refusals = [
        Fault::Status(503),
        Fault::Garbage,
        Fault::Status(429),
        Fault::Stranger,
    ];
    for number in 1..=FIRST_START {
        // One that did nothing, a different one each time, and one that did it and lost the answer.
        for fault in [refusals[number % refusals.len()], Fault::Broken] {
            let Some(place) = Place::new(Fake::new()) else {
                return;
            };
            let context = format!("{fault:?} at request {number}");
            place.fake.state().faults.insert(number, fault);
            let said = place.start();
            let waited = said.contains("! influxdb-init: waiting for InfluxDB: ");
            assert!(waited, "{context}: {said}");
            assert!(said.ends_with(AGAIN), "{context}: {said}");
            place.assert_in_order(&context);
        }
    }
}

#[test]
fn an_influxdb_that_comes_up_slowly_is_waited_for() {
    let Some(place) = Place::new(Fake::new()) else {
        return;
    };
    for number in 1..=4 {
        place.fake.state().faults.insert(number, Fault::Status(503));
    }
    let waiting = "! influxdb-init: waiting for InfluxDB: GET /health: answered 503\n";
    assert_eq!(
        place.start(),
        format!("{waiting}{MADE}{AGAIN}"),
        "said once, not four times"
    );
    place.assert_in_order("slowly");
}

#[test]
fn what_never_works_is_given_up_in_time_with_its_reason() {
    let faults = [
        (Fault::Status(500), "answered 500"),
        (Fault::Garbage, "answered something that is not InfluxDB's"),
        (Fault::Broken, "the connection broke off"),
        (Fault::Silent, "no answer in time"),
    ];
    for (fault, told) in faults {
        let Some(mut place) = Place::new(Fake::new()) else {
            return;
        };
        place.environment.insert("INIT_WAIT", "1".to_owned());
        place.fake.state().always = Some(fault);
        let url = place.environment["INFLUXDB_URL"].clone();
        let said = place.start();
        let last =
            format!("! influxdb-init: gave up after 1 s, at {url}: GET /health: {told}\nexit 2\n");
        assert!(said.ends_with(&last), "{fault:?}: {said}");
        assert!(said.lines().count() <= 3, "{fault:?}: {said}");
        assert_eq!(place.project.files(), [], "{fault:?}");
    }
}

#[test]
fn nobody_who_listens_is_said_so() {
    let Some(mut place) = Place::new(Fake::new()) else {
        return;
    };
    // Looking up a name takes a moment on a busy machine: the last attempt has more than a second for it.
    place.environment.insert("INIT_WAIT", "3".to_owned());
    for (url, told) in [
        ("http://127.0.0.1:1", "nobody listens there"),
        ("http://no-such-name.invalid:8086", "the name is not known"),
    ] {
        place.environment.insert("INFLUXDB_URL", url.to_owned());
        let expected =
            format!("! influxdb-init: gave up after 3 s, at {url}: GET /health: {told}\nexit 2\n");
        let said = place.start();
        assert!(said.ends_with(&expected), "{said}");
    }
}

#[test]
fn a_wrong_operator_token_changes_nothing() {
    let Some(mut place) = Place::new(Fake::new()) else {
        return;
    };
    let before = place.fake.state().summary();
    place
        .environment
        .insert("INFLUXDB_ADMIN_TOKEN", "not-the-one-4712".to_owned());
    let expected = "\
! influxdb-init: InfluxDB refuses the token in `INFLUXDB_ADMIN_TOKEN` (401: unauthorized access). It must be the operator token with which this InfluxDB was set up, in every mode the same
exit 2
";
    for arguments in [&[][..], &["store"]] {
        assert_eq!(place.run(arguments), expected);
    }
    assert_eq!(place.fake.state().summary(), before);
    assert_eq!(place.project.files(), []);
}

#[test]
fn what_is_missing_or_mistyped_is_named_before_anything_is_asked() {
    let Some(mut place) = Place::new(Fake::new()) else {
        return;
    };
    let odd = "`INIT_BUCKETS` must be like `events=7d weather=180d`, not";
    let url = "`INFLUXDB_URL` must be http://HOST:PORT and nothing more";
    let cases = [
        ("INFLUXDB_URL", "", "`INFLUXDB_URL` is not set"),
        (
            "INFLUXDB_ADMIN_TOKEN",
            "",
            "`INFLUXDB_ADMIN_TOKEN` is not set",
        ),
        ("INIT_ORG", "", "`INIT_ORG` is not set"),
        ("INIT_BUCKETS", "", "`INIT_BUCKETS` is not set"),
        ("INIT_DESCRIPTION", "", "`INIT_DESCRIPTION` is not set"),
        ("INIT_FILE", "", "`INIT_FILE` is not set"),
        ("INFLUXDB_URL", "influxdb:8086", url),
        ("INFLUXDB_URL", "http://influxdb:port", url),
        (
            "INFLUXDB_URL",
            "http://me:pass-0815-word@influxdb:8086",
            url,
        ),
        ("INFLUXDB_URL", "http://[::1", url),
        ("INFLUXDB_URL", "ftp://influxdb", url),
        (
            "INFLUXDB_ADMIN_TOKEN",
            "two words",
            "`INFLUXDB_ADMIN_TOKEN` holds a blank or another character that no header can carry",
        ),
        (
            "INFLUXDB_ADMIN_TOKEN",
            "t\u{f6}ken",
            "`INFLUXDB_ADMIN_TOKEN` holds a blank or another character that no header can carry",
        ),
        ("INIT_BUCKETS", "  ", "`INIT_BUCKETS` names no bucket"),
        ("INIT_BUCKETS", "events", &format!("{odd} `events`")),
        (
            "INIT_BUCKETS",
            "events=soon",
            &format!("{odd} `events=soon`"),
        ),
        ("INIT_BUCKETS", "=7d", &format!("{odd} `=7d`")),
        (
            "INIT_WAIT",
            "a while",
            "`INIT_WAIT` must be a number of seconds, not `a while`",
        ),
        (
            "INIT_FILE",
            "/no/such/folder/influxdb.env",
            "the folder `/no/such/folder` cannot be used: No such file or directory",
        ),
    ];
    for (name, value, told) in cases {
        let kept = place.environment.insert(name, value.to_owned()).unwrap();
        let expected = format!("! influxdb-init: {told}\nexit 2\n");
        assert_eq!(place.start(), expected, "{name}={value}");
        place.environment.insert(name, kept);
    }
    let expected =
        "! influxdb-init: `stor` is not known; usage: init.py [store] [--shorten]\nexit 2\n";
    assert_eq!(place.run(&["stor"]), expected);
    assert_eq!(place.fake.requests(), [""; 0]);
    assert_eq!(place.project.files(), []);
}

#[test]
fn the_password_is_needed_for_the_first_setup_alone() {
    let Some(mut place) = Place::new(Fake::empty()) else {
        return;
    };
    let password = place.environment.remove("INFLUXDB_PASSWORD").unwrap();
    assert_eq!(
        place.start(),
        "! influxdb-init: `INFLUXDB_PASSWORD` is not set\nexit 2\n"
    );
    place.environment.insert("INFLUXDB_PASSWORD", password);
    place.start();
    place.environment.remove("INFLUXDB_PASSWORD");
    assert_eq!(place.start(), READY);
}

#[test]
fn a_file_that_was_lost_or_edited_is_written_again() {
    let Some(place) = Place::in_order() else {
        return;
    };
    let path = place.project.path("secrets/influxdb.env");
    let right = place.stored().unwrap();
    let edits = [
        String::new(),
        "INFLUXDB_TOKEN=\n".to_owned(),
        "INFLUXDB_TOKEN=another-4711\n".to_owned(),
        format!("INFLUXDB_TOKEN={OPERATOR}\n"),
        "INFLUXDB_TOKEN=t\u{f6}ken with blanks\n".to_owned(),
        "# nothing here\n".to_owned(),
        right.replace("INFLUXDB_TOKEN", "INFLUX_TOKEN"),
        format!("{right}INFLUXDB_TOKEN=another-4711\n"),
    ];
    for edit in edits {
        fs::write(&path, &edit).unwrap();
        let said = place.run(&["store"]);
        assert_eq!(said, format!("{STORED}{READY}"), "{edit:?}");
        place.assert_in_order(&edit);
    }
    fs::write(&path, "INFLUXDB_TOKEN=another-4711\n").unwrap();
    assert_eq!(place.start(), format!("{STORED}{AGAIN}"), "edited");
    assert_eq!(place.start(), READY);
    fs::remove_file(&path).unwrap();
    assert_eq!(place.start(), format!("{STORED}{AGAIN}"), "lost");
    assert_eq!(place.start(), READY);
    place.assert_in_order("lost");
}

#[test]
fn the_files_mode_is_mended_and_a_link_is_replaced() {
    let Some(place) = Place::in_order() else {
        return;
    };
    let path = place.project.path("secrets/influxdb.env");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(place.start(), format!("{STORED}{READY}"), "readable by all");
    place.assert_in_order("readable by all");
    fs::rename(&path, place.project.path("elsewhere.env")).unwrap();
    symlink(place.project.path("elsewhere.env"), &path).unwrap();
    assert_eq!(place.start(), format!("{STORED}{READY}"), "a link");
    fs::remove_file(place.project.path("elsewhere.env")).unwrap();
    place.assert_in_order("a link");
}

#[test]
fn the_file_belongs_to_whoever_owns_the_folder() {
    let Some(place) = Place::in_order() else {
        return;
    };
    let folder = place.project.path("secrets");
    if fs::metadata(&folder).unwrap().uid() != 0 {
        skipped("this is not root, so nobody can give the InfluxDB job's file away");
        return;
    }
    let owner = || {
        let file = fs::metadata(folder.join("influxdb.env")).unwrap();
        (file.uid(), file.gid())
    };
    let script = fs::metadata(SCRIPT).unwrap();
    let by_docker = "a folder of root's, so that of the script's owner";
    assert_eq!(owner(), (script.uid(), script.gid()), "{by_docker}");
    chown(&folder, Some(4711), Some(4712)).unwrap();
    assert_eq!(place.start(), format!("{STORED}{READY}"));
    assert_eq!(owner(), (4711, 4712));
    assert_eq!(place.start(), READY);
    place.assert_in_order("another owner");
}

#[test]
fn what_a_killed_write_leaves_behind_goes_away() {
    let Some(place) = Place::new(Fake::new()) else {
        return;
    };
    place
        .project
        .write("secrets/.influxdb.env.new", "INFLUXDB_TOK");
    assert_eq!(place.start(), format!("{MADE}{AGAIN}"));
    place.assert_in_order("half a file");
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let Some(place) = Place::new(Fake::new()) else {
        return;
    };
    let path = place.project.path("secrets/influxdb.env");
    fs::create_dir(&path).unwrap();
    let told = format!(
        "! influxdb-init: `{}` cannot be written: Is a directory\nexit 2\n",
        path.display()
    );
    assert!(place.start().ends_with(&told));
    fs::remove_dir(&path).unwrap();
    assert_eq!(
        place.start(),
        format!("{STORED}{AGAIN}"),
        "no second authorization"
    );
    place.assert_in_order("after a folder stood there");
}

#[test]
fn an_authorization_that_was_removed_or_switched_off_is_replaced() {
    let Some(place) = Place::in_order() else {
        return;
    };
    let made = "! influxdb-init: made the authorization `homeiq test: its services`: it reads and writes `home_assistant_events_test` alone\n";
    place.fake.state().authorizations.clear();
    assert_eq!(place.start(), format!("{made}{STORED}{AGAIN}"));
    assert_eq!(place.start(), READY);
    place.assert_in_order("removed");
    place.fake.state().authorizations[0].status = "inactive".to_owned();
    assert_eq!(place.start(), format!("{made}{STORED}{AGAIN}"));
    assert_eq!(place.start(), READY);
    assert_eq!(
        place.fake.state().authorizations.len(),
        2,
        "the one that somebody switched off stays"
    );
    place.fake.state().authorizations.remove(0);
    place.assert_in_order("switched off");
}

#[test]
fn one_that_may_more_or_less_is_not_used_and_goes_once_nobody_needs_it() {
    for allowed in [vec!["read"], vec!["read", "write", "all"]] {
        let Some(place) = Place::in_order() else {
            return;
        };
        let bucket = place.bucket();
        place.fake.state().authorizations[0].permissions = allowed
            .iter()
            .map(|action| match *action {
                "all" => ("read".to_owned(), "all".to_owned()),
                action => (action.to_owned(), bucket.clone()),
            })
            .collect();
        let old = place.fake.state().authorizations[0].id.clone();
        assert!(
            place.start().ends_with(&format!("{STORED}{AGAIN}")),
            "{allowed:?}"
        );
        assert_eq!(
            place.fake.state().authorizations.len(),
            2,
            "running services still use the old one"
        );
        let removed =
            format!("! influxdb-init: removed the older authorization {old} of this job\n");
        assert_eq!(place.start(), format!("{removed}{READY}"));
        place.assert_in_order("replaced");
    }
}

#[test]
fn authorizations_of_others_are_never_touched() {
    let Some(place) = Place::in_order() else {
        return;
    };
    let bucket = place.bucket();
    let both = ["read", "write"].map(|action| (action.to_owned(), bucket.clone()));
    place.fake.state().add("made by hand", both.to_vec());
    place.fake.state().add(DESCRIPTION, both.to_vec());
    let of_test = place.fake.state().authorizations[0].org.clone();
    let mut state = place.fake.state();
    state.authorizations[1].org.clone_from(&of_test);
    drop(state);
    assert_eq!(place.start(), READY);
    assert_eq!(
        place.fake.state().authorizations.len(),
        3,
        "another's, and one of another organisation"
    );
}

#[test]
fn a_longer_retention_is_set_and_a_shorter_one_only_when_asked_for() {
    let Some(mut place) = Place::in_order() else {
        return;
    };
    let keeps = |place: &Place| place.fake.state().buckets[1].keeps;
    place.fake.state().buckets[1].keeps = 86_400;
    let longer =
        "! influxdb-init: the bucket `home_assistant_events_test` kept 1d; it keeps 7d now\n";
    assert_eq!(place.start(), format!("{longer}{READY}"));
    for (now, text) in [
        (2_592_000, "30d"),
        (0, "everything for ever"),
        (612_000, "170h"),
    ] {
        place.fake.state().buckets[1].keeps = now;
        let left = format!(
            "! influxdb-init: the bucket `home_assistant_events_test` keeps {text}, and the catalog says 7d: left as it is, \
             since shortening deletes what is older; to do it, run this job with `store --shorten`\n"
        );
        assert_eq!(place.start(), format!("{left}{READY}"));
        assert_eq!(keeps(&place), now);
        let done = format!(
            "! influxdb-init: the bucket `home_assistant_events_test` kept {text}; it keeps 7d now\n"
        );
        assert_eq!(place.run(&["store", "--shorten"]), format!("{done}{READY}"));
        assert_eq!(keeps(&place), 604_800);
    }
    place
        .environment
        .insert("INIT_BUCKETS", format!("{BUCKET}=2h"));
    place.run(&["--shorten"]);
    assert_eq!(
        (keeps(&place), place.fake.state().buckets[1].shard),
        (7_200, 3_600),
        "smaller shard groups too"
    );
    place
        .environment
        .insert("INIT_BUCKETS", format!("{BUCKET}=0"));
    place.start();
    assert_eq!(keeps(&place), 0, "for ever");
    place
        .environment
        .insert("INIT_BUCKETS", format!("{BUCKET}=5m"));
    let refused = place.run(&["--shorten"]);
    assert!(
        refused.contains("InfluxDB answered 422: ") && refused.ends_with("exit 2\n"),
        "{refused}"
    );
}

#[test]
fn another_bucket_gets_the_services_another_token() {
    let Some(mut place) = Place::in_order() else {
        return;
    };
    place
        .environment
        .insert("INIT_BUCKETS", format!("{BUCKET}=7d weather_test=7d"));
    assert!(place.start().ends_with(&format!("{STORED}{AGAIN}")));
    assert!(place.start().ends_with(READY));
    let summary = place.fake.state().summary();
    let expected = "authorization homeiq-test/homeiq test: its services (active): read home_assistant_events_test, write home_assistant_events_test, read weather_test, write weather_test";
    assert_eq!(summary.lines().last(), Some(expected));
    place.assert_stored("another bucket");
}

#[test]
fn an_influxdb_that_keeps_hashes_alone_is_asked_whether_the_token_works() {
    let Some(place) = Place::in_order() else {
        return;
    };
    place.fake.state().hashed = true;
    assert_eq!(place.start(), READY);
    place.assert_in_order("hashed");
    let path = place.project.path("secrets/influxdb.env");
    for edit in [None, Some(format!("INFLUXDB_TOKEN={OPERATOR}\n"))] {
        let old = place.authorization().id;
        match &edit {
            None => fs::remove_file(&path).unwrap(),
            Some(text) => fs::write(&path, text).unwrap(),
        }
        let said = place.start();
        let removed =
            format!("! influxdb-init: removed the older authorization {old} of this job\n");
        assert!(
            said.contains(&removed) && said.ends_with(AGAIN),
            "{edit:?}: {said}"
        );
        assert_eq!(place.start(), READY, "{edit:?}");
        place.assert_in_order("a new one in place of one that nobody knows");
    }
}

#[test]
fn two_runs_at_once_make_one_authorization() {
    let Some(place) = Place::new(Fake::new()) else {
        return;
    };
    let said = thread::scope(|scope| {
        let commands = [(); 3].map(|()| place.command(&["store"]));
        let runs = commands.map(|command| scope.spawn(|| finish(command)));
        runs.map(|run| run.join().unwrap())
    });
    for said in said {
        assert_eq!(said.code, Some(0), "{said:?}");
    }
    place.assert_in_order("three at once");
}

#[test]
fn docker_stop_ends_it_at_once() {
    let Some(place) = Place::new(Fake::new()) else {
        return;
    };
    place.fake.state().always = Some(Fault::Silent);
    let mut child = place.command(&[]).stderr(Stdio::null()).spawn().unwrap();
    while place.fake.state().requests.is_empty() {
        thread::sleep(Duration::from_millis(2));
    }
    let stopped = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(stopped.unwrap().success());
    assert_eq!(wait(&mut child), Some(143));
}

/// The services of a generated file with their lines.
fn blocks(file: &str) -> BTreeMap<String, String> {
    let mut blocks: BTreeMap<String, String> = BTreeMap::new();
    let mut name = String::new();
    for line in file.lines() {
        let heading = line
            .strip_prefix("  ")
            .and_then(|line| line.strip_suffix(':'));
        if let Some(heading) = heading.filter(|heading| !heading.starts_with(' ')) {
            heading.clone_into(&mut name);
        }
        let block = blocks.entry(name.clone()).or_default();
        block.push_str(line.trim());
        block.push('\n');
    }
    blocks
}

#[test]
fn the_catalog_gives_the_job_what_it_needs_and_the_token_to_those_who_write() {
    let from = concat!(env!("CARGO_MANIFEST_DIR"), "/generated");
    for (file, mode) in [
        ("docker-compose.test.yml", "test"),
        ("docker-compose.prod.yml", "prod"),
    ] {
        let text = fs::read_to_string(format!("{from}/{file}")).unwrap();
        let services = blocks(&text);
        let init = &services["influxdb-init"];
        for name in ["URL", "ADMIN_TOKEN", "USERNAME", "PASSWORD"] {
            assert!(
                init.contains(&format!("\nINFLUXDB_{name}: ")),
                "{file}: {name}: {init}"
            );
        }
        for name in ["INIT_ORG", "INIT_BUCKETS", "INIT_DESCRIPTION"] {
            assert!(
                init.contains(&format!("\n{name}: ")),
                "{file}: {name}: {init}"
            );
        }
        assert!(
            init.contains("\nINIT_FILE: /secrets/influxdb.env\n"),
            "{init}"
        );
        assert!(
            init.contains(&format!("\n- ../.secrets/{mode}:/secrets\n")),
            "{init}"
        );
        assert!(
            !text.contains("INFLUXDB_TOKEN"),
            "{file}: it comes from the file alone"
        );
        let token =
            format!("\nenv_file:\n- path: ../.secrets/{mode}/influxdb.env\nrequired: false\n");
        for (name, service) in &services {
            let writes = service.contains("\nINFLUXDB_URL: ");
            assert_eq!(service.contains(&token), writes, "{file}: {name}");
        }
    }
}
