//! The process guard: a service looks at the mode it runs in before it works.
//!
//! It is the second wall before production. The first is that the production file does not hold data generators and
//! test services at all; this one stands inside an image that contains it, however the container was started.
//!
//! [`Mode`] decides, and only from what it is given: an unset or unknown mode counts as production. The functions
//! below it do the same for the environment of this process. `composegen-guard` is the program for services in other
//! languages. docs/guard.md says what neither protects from.
//!
//! ```no_run
//! use composegen::guard;
//!
//! guard::log_deployment_info("home-faker");
//! if let Err(stop) = guard::check_data_generation_allowed("home-faker") {
//!     stop.exit();
//! }
//! ```

use std::env;
use std::ffi::OsStr;
use std::fmt::{self, Write as _};
use std::io::{self, Write as _};
use std::process;

use crate::values::Refusal;
use crate::values::mode_class::ModeClass;
use crate::values::name::Identifier;
use crate::values::shown::shown;
use crate::values::suggest::nearest;

/// The variable that tells a service its mode's class, unless the catalog's `mode_variable` gives it another name.
pub const MODE_VARIABLE: &str = "DEPLOYMENT_MODE";

/// The exit status of a service that must not run in its mode.
const BLOCKED: u8 = 1;

/// The exit status of a service that is not needed in its mode.
const NOTHING_TO_DO: u8 = 0;

/// What a service is for, as far as the guard has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role<'r> {
    /// `core`: runs in every mode.
    Core,
    /// `ai`: runs in every mode.
    Ai,
    /// `external-api`: calls services that cost money or quota; runs in production only.
    ExternalApi,
    /// `datagen`: makes data up; runs in test only.
    Datagen,
    /// `test`: a stand-in or a tool for tests; runs in test only.
    Test,
    /// A role of the catalog's own, by its name: runs in every mode, as `core` does.
    Own(&'r str),
}

impl<'r> Role<'r> {
    /// Reads the name of a role. One that only looks like a role which is kept out of a mode is refused, since as a
    /// role of the catalog's own it would run everywhere.
    pub fn parse(name: &'r str) -> Result<Self, Refusal> {
        Ok(match Identifier::parse(name)?.as_str() {
            "core" => Role::Core,
            "ai" => Role::Ai,
            "external-api" => Role::ExternalApi,
            "datagen" => Role::Datagen,
            "test" => Role::Test,
            own => match meant(own) {
                Some(role) => return Err(mistyped(own, role)),
                None => Role::Own(own),
            },
        })
    }

    /// Its name, as the catalog and `--role` have it.
    pub const fn as_str(self) -> &'r str {
        match self {
            Role::Core => "core",
            Role::Ai => "ai",
            Role::ExternalApi => "external-api",
            Role::Datagen => "datagen",
            Role::Test => "test",
            Role::Own(name) => name,
        }
    }

    /// The only class of modes in which it runs; `None` where it runs in each.
    pub const fn only_in(self) -> Option<ModeClass> {
        match self {
            Role::Datagen | Role::Test => Some(ModeClass::Test),
            Role::ExternalApi => Some(ModeClass::Production),
            Role::Core | Role::Ai | Role::Own(_) => None,
        }
    }
}

/// Other words for the roles that are kept out of a mode, in lower case and without separators.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("externalapi", "external-api"),
    ("externalapis", "external-api"),
    ("external", "external-api"),
    ("datagen", "datagen"),
    ("datagenerator", "datagen"),
    ("datageneration", "datagen"),
    ("test", "test"),
    ("tests", "test"),
    ("testing", "test"),
];

/// The role with a limit that was probably meant. In a word as short as `test`, a slip of one key makes other words
/// (`rest`, `text`), so only the longer ones are looked for with a slip.
fn meant(name: &str) -> Option<&'static str> {
    let letters: String = name
        .chars()
        .filter(|c| !"-_.".contains(*c))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let is_meant = |word: &str| word == letters || (word.len() > 5 && is_one_slip(word, &letters));
    let found = OTHER_WORDS.iter().find(|(word, _)| is_meant(word));
    found.map(|(_, role)| *role)
}

/// Whether two words differ by one character: left out, added, wrong, or swapped with its neighbour.
fn is_one_slip(left: &str, right: &str) -> bool {
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    while let ([a, rest_left @ ..], [b, rest_right @ ..]) = (left, right)
        && a == b
    {
        (left, right) = (rest_left, rest_right);
    }
    while let ([rest_left @ .., a], [rest_right @ .., b]) = (left, right)
        && a == b
    {
        (left, right) = (rest_left, rest_right);
    }
    let is_swap = matches!((left, right), ([a, b], [c, d]) if a == d && b == c);
    is_swap || (left.len() <= 1 && right.len() <= 1)
}

fn mistyped(name: &str, role: &str) -> Refusal {
    let message = format!("the role `{name}` looks like `{role}`, but would run in every mode");
    Refusal::new(message).with_help(format!(
        "write `{role}`, or give your own role another name"
    ))
}

/// The mode that a process runs in, and what it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mode {
    variable: String,
    stated: Stated,
}

/// What the variable said.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stated {
    Class(ModeClass),
    Nothing,
    Other(String),
}

impl Mode {
    /// Reads the value of the variable, `None` where it is not set. Only the exact words `test` and `production` are
    /// modes: whatever else stands there counts as production.
    pub fn read(variable: &str, value: Option<&OsStr>) -> Self {
        let stated = match value.map(OsStr::to_string_lossy) {
            None => Stated::Nothing,
            Some(text) => match text.parse() {
                Ok(class) => Stated::Class(class),
                Err(_) => Stated::Other(text.into_owned()),
            },
        };
        let variable = variable.to_owned();
        Mode { variable, stated }
    }

    /// Reads the variable of this name from the environment of this process.
    pub fn of_process(variable: &str) -> Self {
        Mode::read(variable, env::var_os(variable).as_deref())
    }

    /// The class: `test` where the variable says exactly so, else production.
    pub fn class(&self) -> ModeClass {
        match &self.stated {
            Stated::Class(class) => *class,
            Stated::Nothing | Stated::Other(_) => ModeClass::Production,
        }
    }

    /// Why the mode is not known, where it counts as production: "`DEPLOYMENT_MODE` is not set".
    pub fn problem(&self) -> Option<String> {
        match &self.stated {
            Stated::Class(_) => None,
            Stated::Nothing => Some(format!("`{}` is not set", self.variable)),
            Stated::Other(text) if text.is_empty() => Some(format!("`{}` is empty", self.variable)),
            Stated::Other(text) => Some(self.neither(text)),
        }
    }

    fn neither(&self, text: &str) -> String {
        let words = ["test", "prod", "production"];
        let help = match nearest(text.trim(), words.into_iter()) {
            Some("test") => " (did you mean `test`?)",
            Some(_) => " (did you mean `production`?)",
            None => "",
        };
        let text = shown(text);
        format!(
            "`{}` is {text}, neither `test` nor `production`{help}",
            self.variable
        )
    }

    /// Whether a service of this role may work here; else why not, and with which status it ends.
    ///
    /// `datagen` and `test` are blocked outside of test, with status 1. `external-api` has nothing to do in test, with
    /// status 0: that is how it should be there.
    pub fn allows(&self, service: &str, role: Role) -> Result<(), Stop> {
        let Some(only) = role.only_in().filter(|only| *only != self.class()) else {
            return Ok(());
        };
        let (what, status) = match role {
            Role::ExternalApi => ("has nothing to do", NOTHING_TO_DO),
            _ => ("does not start", BLOCKED),
        };
        let (service, role, found) = (shown(service), role.as_str(), self.found());
        let message =
            format!("{service} {what}: the role `{role}` runs in mode `{only}` only, and {found}");
        Err(Stop { message, status })
    }

    /// The line of a start: "`web` starts in mode `test`", and why where the mode is not known.
    pub fn start(&self, service: &str) -> String {
        let mut line = format!("{} starts in mode `{}`", shown(service), self.class());
        if let Some(problem) = self.problem() {
            line.extend([", because ", &problem]);
        }
        line
    }

    /// What a health endpoint says about the mode.
    pub fn health(&self) -> Health {
        Health {
            deployment_mode: self.class(),
            is_test: self.class() == ModeClass::Test,
            is_production: self.class() == ModeClass::Production,
            problem: self.problem(),
        }
    }

    fn found(&self) -> String {
        match self.problem() {
            Some(problem) => format!("this one counts as `{}`: {problem}", self.class()),
            None => format!("`{}` is `{}`", self.variable, self.class()),
        }
    }
}

/// Why a service does not go on, and how its process ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    message: String,
    status: u8,
}

impl Stop {
    /// The exit status: 1 where the service is blocked, 0 where it has nothing to do.
    pub const fn status(&self) -> u8 {
        self.status
    }

    /// Says why on standard error, and ends the process with the status.
    pub fn exit(&self) -> ! {
        say(&self.message);
        process::exit(self.status.into())
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.message)
    }
}

impl std::error::Error for Stop {}

/// What a health endpoint says about the mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// The class that the process takes its mode for.
    pub deployment_mode: ModeClass,
    /// Whether that is test.
    pub is_test: bool,
    /// Whether that is production, or counts as it.
    pub is_production: bool,
    /// Why the mode is not known; `None` where it is.
    pub problem: Option<String>,
}

impl Health {
    /// The fields as a JSON object in one line, the service first where one is named. The problem is `null` where
    /// there is none.
    pub fn to_json(&self, service: Option<&str>) -> String {
        let mut json = String::from("{");
        if let Some(service) = service {
            json.extend(["\"service\":", &quoted(service), ","]);
        }
        json.extend(["\"deployment_mode\":\"", self.deployment_mode.as_str()]);
        json.extend(["\",\"is_test\":", truth(self.is_test)]);
        json.extend([",\"is_production\":", truth(self.is_production)]);
        let problem = self.problem.as_deref().map_or("null".to_owned(), quoted);
        json.extend([",\"problem\":", &problem, "}"]);
        json
    }
}

const fn truth(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut json = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            _ if character.is_control() => {
                // Writing to a text cannot fail.
                let _ = write!(json, "\\u{:04x}", u32::from(character));
            }
            _ => json.push(character),
        }
    }
    json.push('"');
    json
}

/// The mode of this process, from `DEPLOYMENT_MODE`.
pub fn deployment_mode() -> Mode {
    Mode::of_process(MODE_VARIABLE)
}

/// Whether a service of this role may work in this process's mode. See [`Mode::allows`].
pub fn validate_deployment_mode(service: &str, role: Role) -> Result<(), Stop> {
    deployment_mode().allows(service, role)
}

/// Whether data may be made up here: in test only.
pub fn check_data_generation_allowed(service: &str) -> Result<(), Stop> {
    validate_deployment_mode(service, Role::Datagen)
}

/// Whether a test service may run here: in test only.
pub fn check_test_service_allowed(service: &str) -> Result<(), Stop> {
    validate_deployment_mode(service, Role::Test)
}

/// Whether external services may be called here: in production only. Else a service leaves out what calls them, or
/// ends with status 0.
pub fn check_external_api_allowed(service: &str) -> Result<(), Stop> {
    validate_deployment_mode(service, Role::ExternalApi)
}

/// Says on standard error in which mode the service starts, in one line.
pub fn log_deployment_info(service: &str) {
    say(&deployment_mode().start(service));
}

/// What a health endpoint says about this process's mode.
pub fn health_info() -> Health {
    deployment_mode().health()
}

/// Writes one line on standard error, at once, so that lines of other processes do not get into it. Nobody is there
/// to be told where that fails, and a service must not end because of it.
pub fn say(line: &str) {
    let line = format!("composegen-guard: {line}\n");
    let _ = io::stderr().write_all(line.as_bytes());
}

/// The Rust lines of the page compile.
#[cfg(doctest)]
#[doc = include_str!("../docs/guard.md")]
struct Page;

#[cfg(test)]
mod tests {
    use super::{MODE_VARIABLE, Mode, Role, is_one_slip, quoted};
    use crate::values::mode_class::ModeClass;
    use proptest::prelude::*;
    use std::ffi::OsStr;

    const ROLES: [Role; 6] = [
        Role::Core,
        Role::Ai,
        Role::ExternalApi,
        Role::Datagen,
        Role::Test,
        Role::Own("batch"),
    ];

    fn mode(value: Option<&str>) -> Mode {
        Mode::read(MODE_VARIABLE, value.map(OsStr::new))
    }

    /// The statuses over `ROLES`; `+` where a role goes on.
    fn statuses(mode: &Mode) -> String {
        let status = |role| match mode.allows("web", role) {
            Ok(()) => "+".to_owned(),
            Err(stop) => stop.status().to_string(),
        };
        ROLES.map(status).concat()
    }

    #[test]
    fn every_role_in_every_mode() {
        for (value, class, expected) in [
            (Some("test"), ModeClass::Test, "++0+++"),
            (Some("production"), ModeClass::Production, "+++11+"),
            (None, ModeClass::Production, "+++11+"),
            (Some(""), ModeClass::Production, "+++11+"),
            (Some("prod"), ModeClass::Production, "+++11+"),
            (Some("TEST"), ModeClass::Production, "+++11+"),
            (Some("test "), ModeClass::Production, "+++11+"),
            (Some("test\n"), ModeClass::Production, "+++11+"),
            (Some("staging"), ModeClass::Production, "+++11+"),
        ] {
            let mode = mode(value);
            assert_eq!(mode.class(), class, "{value:?}");
            assert_eq!(statuses(&mode), expected, "{value:?}");
            let health = mode.health();
            let facts = (health.deployment_mode, health.is_test);
            assert_eq!(facts, (class, class == ModeClass::Test));
            assert_eq!(health.is_production, !health.is_test);
        }
    }

    #[test]
    fn a_mode_that_is_not_known_says_why() {
        for (value, expected) in [
            (Some("test"), None),
            (Some("production"), None),
            (None, Some("is not set")),
            (Some(""), Some("is empty")),
            (
                Some("TEST"),
                Some("is `TEST`, neither `test` nor `production` (did you mean `test`?)"),
            ),
            (
                Some(" test"),
                Some("is ` test`, neither `test` nor `production` (did you mean `test`?)"),
            ),
            (
                Some("prod"),
                Some("is `prod`, neither `test` nor `production` (did you mean `production`?)"),
            ),
            (
                Some("prood"),
                Some("is `prood`, neither `test` nor `production` (did you mean `production`?)"),
            ),
            (
                Some("staging"),
                Some("is `staging`, neither `test` nor `production`"),
            ),
            (
                Some("a\u{1b}[2J\nb"),
                Some("is `a\\u{1b}[2J\\u{a}b`, neither `test` nor `production`"),
            ),
        ] {
            let expected = expected.map(|rest| format!("`DEPLOYMENT_MODE` {rest}"));
            assert_eq!(mode(value).problem(), expected, "{value:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_no_text_count_as_production() {
        use std::os::unix::ffi::OsStrExt;
        let mode = Mode::read("M", Some(OsStr::from_bytes(b"test\xff")));
        assert_eq!(mode.class(), ModeClass::Production);
        let expected =
            "`M` is `test\u{fffd}`, neither `test` nor `production` (did you mean `test`?)";
        assert_eq!(mode.problem().as_deref(), Some(expected));
    }

    #[test]
    fn roles_are_read_by_their_names() {
        for role in ROLES {
            assert_eq!(Role::parse(role.as_str()), Ok(role));
        }
        for own in [
            "dataset", "data", "api", "rest", "text", "contest", "latest", "Core", "gateway",
        ] {
            assert_eq!(Role::parse(own), Ok(Role::Own(own)));
        }
    }

    #[test]
    fn a_name_that_looks_like_a_limited_role_is_refused() {
        for (role, names) in [
            (
                "datagen",
                &[
                    "Datagen",
                    "data-gen",
                    "DATA_GEN",
                    "datagn",
                    "datgaen",
                    "dattagen",
                    "data_generation",
                    "data-generator",
                ][..],
            ),
            (
                "external-api",
                &[
                    "external_api",
                    "externalApi",
                    "external-apis",
                    "extrenal-api",
                    "external",
                ],
            ),
            ("test", &["TEST", "Test", "tests", "testing", "te-st"]),
        ] {
            for name in names {
                let refusal = Role::parse(name).unwrap_err();
                let expected =
                    format!("the role `{name}` looks like `{role}`, but would run in every mode");
                assert_eq!(refusal.message, expected);
                let expected = format!("write `{role}`, or give your own role another name");
                assert_eq!(refusal.help, Some(expected));
            }
        }
        let expected = "an empty text is not a name; write letters, digits, `-`, `_` and `.`, the first a letter or digit";
        assert_eq!(Role::parse("").unwrap_err().message, expected);
    }

    #[test]
    fn a_slip_is_one_character() {
        for (left, right, expected) in [
            ("abcd", "abcd", true),
            ("abcd", "abdc", true),
            ("abcd", "abc", true),
            ("abcd", "abxcd", true),
            ("abcd", "axcd", true),
            ("abcd", "ab", false),
            ("abcd", "badc", false),
            ("aab", "ab", true),
            ("", "a", true),
        ] {
            assert_eq!(is_one_slip(left, right), expected, "{left} {right}");
            assert_eq!(is_one_slip(right, left), expected, "{right} {left}");
        }
    }

    proptest! {
        #[test]
        fn nothing_but_test_lets_made_up_data_and_test_services_through(value in "(?s).{0,20}|[ tTesST\n]{3,6}") {
            let is_test = value == "test";
            for role in [Role::Datagen, Role::Test] {
                prop_assert_eq!(mode(Some(&value)).allows("web", role).is_ok(), is_test);
            }
        }

        #[test]
        fn core_ai_and_own_roles_run_everywhere(value in proptest::option::of(any::<String>())) {
            for role in [Role::Core, Role::Ai, Role::Own("batch")] {
                prop_assert!(mode(value.as_deref()).allows("web", role).is_ok());
            }
        }

        #[test]
        fn every_message_is_one_line(value in any::<String>(), service in any::<String>()) {
            let mode = mode(Some(&value));
            let stop = mode.allows(&service, Role::Datagen).err().map(|stop| stop.to_string());
            for line in [stop, Some(mode.start(&service))].into_iter().flatten() {
                prop_assert!(!line.chars().any(char::is_control));
            }
        }

        #[test]
        fn health_is_json(value in any::<String>(), service in any::<String>()) {
            let mode = mode(Some(&value));
            let json: serde_json::Value = serde_json::from_str(&mode.health().to_json(Some(&service))).unwrap();
            prop_assert_eq!(&json["service"], &service);
            prop_assert_eq!(&json["deployment_mode"], mode.class().as_str());
            let problem = mode.problem();
            prop_assert_eq!(json["problem"].as_str(), problem.as_deref());
        }

        #[test]
        fn a_json_string_is_read_back(text in any::<String>()) {
            prop_assert_eq!(serde_json::from_str::<String>(&quoted(&text)).unwrap(), text);
        }
    }
}
