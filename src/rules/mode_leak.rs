//! Values of one mode in another: `mode-leak`.

use std::borrow::Cow;
use std::cell::RefCell;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::compose::keyed::{EnvValue, Keyed};
use crate::compose::list::Either;
use crate::compose::scalar::Text;
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::{Plan, PlannedService};
use crate::rule::Rule;
use crate::rules::{Context, Ready};
use crate::values::bytes::holds;
use crate::values::interpolation::with_defaults;
use crate::values::shown::shown;
use crate::values::url::{self, Address, addresses, has_mark};

/// The shortest text that says which mode it belongs to.
const SHORTEST: usize = 3;

/// Schemes whose path begins with the name of a database.
const DATABASES: &[&str] = &[
    "clickhouse",
    "mariadb",
    "mongodb",
    "mssql",
    "mysql",
    "postgres",
    "postgresql",
];

/// Adds a finding for every value of a service that belongs to another mode.
pub fn check<'c, 's>(context: &'c Context<'_, 's>, plan: &'c Plan<'s>) -> Ready<'c, 's> {
    let foreign = Foreign::of(plan, context.plans);
    Box::new(move |service: &'c PlannedService<'s>| {
        if foreign.texts.is_empty() {
            return;
        }
        let compose = &service.service;
        if let Some(environment) = compose.environment {
            look(context, plan, service, environment, &foreign);
        }
        if let Some(Either::Long(build)) = compose.build
            && let Some(args) = build.args
        {
            look(context, plan, service, args, &foreign);
        }
    })
}

fn look<'s>(
    context: &Context<'_, 's>,
    plan: &Plan,
    service: &PlannedService,
    values: &Keyed<'s, EnvValue<'s>>,
    foreign: &Foreign<'s>,
) {
    for (name, place, value) in values.iter() {
        // The mode's class is the program's own; its key stands nowhere.
        let Some(text) = value.0.filter(|_| place.is_somewhere()) else {
            continue;
        };
        if let Some((part, source)) = foreign.find(text.text) {
            context.add(leak(name, text, part, source, plan).service(service.name));
        }
    }
}

/// Where a value of another mode was found.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Whole,
    Word,
    Host,
    Database,
}

/// A scalar among the values of another mode.
#[derive(Clone, Copy)]
pub(super) struct Source<'s> {
    pub mode: &'s str,
    pub path: &'s str,
    pub place: Place,
}

/// So many texts are remembered in which nothing was found: those that repeat, of fragments and the like, are among the
/// first.
const MOST_CLEARED: usize = 512;

/// The scalars of the other modes that are none of a mode's own.
pub(super) struct Foreign<'s> {
    texts: FxHashMap<Cow<'s, str>, Source<'s>>,
    /// The hosts of the addresses among them; of files that somebody else wrote.
    hosts: FxHashMap<String, Source<'s>>,
    /// The folders among them in which something of the mode itself lies.
    shared: FxHashSet<String>,
    /// One bit for each length modulo 64: most texts are told apart by it.
    lengths: u64,
    /// Texts with a variable and a colon in which nothing was found, the first [`MOST_CLEARED`]: they repeat, and reading
    /// them takes long.
    cleared: RefCell<FxHashSet<&'s str>>,
}

impl<'s> Foreign<'s> {
    fn of(plan: &Plan<'s>, plans: &[Plan<'s>]) -> Self {
        Foreign::with(plan, plans, &|_, _| None)
    }

    /// The same, with what `filled` knows of a scalar with variables: the mode it belongs to, and its text.
    pub(super) fn with(
        plan: &Plan<'s>,
        plans: &[Plan<'s>],
        filled: &dyn Fn(&str, &str) -> Option<String>,
    ) -> Self {
        let mut own: FxHashSet<Cow<str>> = plan.values.iter().flat_map(forms).collect();
        own.extend(filled_values(plan, filled).into_iter().map(Cow::Owned));
        let mut foreign = Foreign {
            texts: FxHashMap::default(),
            hosts: FxHashMap::default(),
            shared: FxHashSet::default(),
            lengths: 0,
            cleared: RefCell::default(),
        };
        for other in plans.iter().filter(|other| other.mode != plan.mode) {
            for scalar in &other.values {
                let source = Source {
                    mode: other.mode,
                    path: scalar.0,
                    place: scalar.1.place,
                };
                // What both modes take from one variable is told apart by neither.
                let text = scalar.1.text;
                let open = text.contains('$') && !own.contains(text);
                let filled = open.then(|| filled(other.mode, text)).flatten();
                let forms = forms(scalar).chain(filled.map(Cow::Owned));
                for text in forms.filter(|text| tells(text) && !own.contains(text)) {
                    foreign.lengths |= bit(&text);
                    foreign.texts.entry(text).or_insert(source);
                }
            }
        }
        foreign
    }

    /// With the hosts of their addresses, as far as neither an address of the mode nor one of its services has them.
    pub(super) fn with_hosts(
        mut self,
        plan: &Plan,
        filled: &dyn Fn(&str, &str) -> Option<String>,
    ) -> Self {
        let mut own: FxHashSet<String> =
            plan.values.iter().flat_map(forms).flat_map(hosts).collect();
        own.extend(filled_values(plan, filled).into_iter().flat_map(hosts));
        for (text, source) in &self.texts {
            let is_foreign = |host: &String| {
                tells(host) && !own.contains(host) && !plan.index.contains_key(host.as_str())
            };
            let foreign = hosts(text.as_ref() as &str).into_iter().filter(is_foreign);
            for host in foreign.filter(|host| !host.contains('$')) {
                self.hosts.entry(host).or_insert(*source);
            }
            let below = format!("{text}/");
            if plan
                .values
                .iter()
                .any(|(_, own)| own.text.starts_with(&below))
            {
                self.shared.insert(text.to_string());
            }
        }
        self
    }

    /// Whether there is nothing to find.
    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// What of a text belongs to another mode: all of it, or the host or database of an address in it.
    fn find(&self, text: &'s str) -> Option<(Part, &Source<'s>)> {
        match (holds(text, b'$'), holds(text, b':')) {
            (false, false) => Some((Part::Whole, self.get(text)?)),
            (false, true) => self.in_text(text),
            (true, false) => self.in_default(text),
            (true, true) => self.in_open_address(text),
        }
    }

    /// The same of a text with variables and no colon, so no address: as it is written, and while nobody sets these.
    fn in_default(&self, text: &str) -> Option<(Part, &Source<'s>)> {
        let whole = self.get(text).map(|source| (Part::Whole, source));
        whole.or_else(|| self.in_text(&with_defaults(text)?))
    }

    /// The same, of one that may hold an address.
    fn in_open_address(&self, text: &'s str) -> Option<(Part, &Source<'s>)> {
        if self.cleared.borrow().contains(text) {
            return None;
        }
        let found = self
            .in_text(text)
            .or_else(|| self.in_text(&with_defaults(text)?));
        let mut cleared = self.cleared.borrow_mut();
        if found.is_none() && cleared.len() < MOST_CLEARED {
            cleared.insert(text);
        }
        found
    }

    /// The same for a text without variables.
    pub(super) fn in_text(&self, text: &str) -> Option<(Part, &Source<'s>)> {
        if let Some(source) = self.get(text) {
            return Some((Part::Whole, source));
        }
        match lone_host(text) {
            Some("") => return None,
            Some(host) => return Some((Part::Host, self.host(host)?)),
            None => {}
        }
        self.in_addresses(text)
    }

    /// The same of the addresses in a text alone.
    pub(super) fn in_addresses(&self, text: &str) -> Option<(Part, &Source<'s>)> {
        url::each(text).find_map(|address| self.in_address(&address))
    }

    /// The same of the words in a text, as far as nobody writes them by chance.
    pub(super) fn in_words(&self, text: &str) -> Option<(Part, &Source<'s>)> {
        let words = text.split(|letter: char| letter.is_whitespace() || BETWEEN.contains(letter));
        let mut telling = words.filter(|word| is_telling(word) && !self.shared.contains(*word));
        telling.find_map(|word| match self.get(word) {
            Some(source) => Some((Part::Word, source)),
            None => word.split(':').find_map(|part| self.in_host(part)),
        })
    }

    /// The same of a text that is one value, which may be a host alone.
    pub(super) fn in_value(&self, text: &str) -> Option<(Part, &Source<'s>)> {
        self.in_text(text).or_else(|| self.in_host(text))
    }

    /// The same of a host that stands alone. One without a dot may be any word.
    fn in_host(&self, text: &str) -> Option<(Part, &Source<'s>)> {
        let host = text.contains('.').then(|| self.host(text)).flatten();
        host.map(|source| (Part::Host, source))
    }

    fn in_address(&self, address: &Address) -> Option<(Part, &Source<'s>)> {
        let host = self.host(address.host).map(|source| (Part::Host, source));
        host.or_else(|| {
            let mut paths = databases(address);
            paths.find_map(|path| Some((Part::Database, self.get(path)?)))
        })
    }

    fn host(&self, host: &str) -> Option<&Source<'s>> {
        self.get(host).or_else(|| self.hosts.get(host))
    }

    fn get(&self, text: &str) -> Option<&Source<'s>> {
        match self.lengths & bit(text) {
            0 => None,
            _ => self.texts.get(text),
        }
    }
}

/// What stands between the words of a command, of options and of lists.
const BETWEEN: &str = "\"'`=,;|&()<>[]{}";

/// The shortest word of a longer text that says which mode it belongs to.
const SHORTEST_WORD: usize = 6;

/// Whether a word of a longer text says which mode it belongs to: `events` stands in many commands, and `events_test` in
/// few.
fn is_telling(word: &str) -> bool {
    word.len() >= SHORTEST_WORD
        && tells(word)
        && !word.contains('$')
        && !word.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// What a mode's values with variables are, as far as `filled` knows.
fn filled_values(plan: &Plan, filled: &dyn Fn(&str, &str) -> Option<String>) -> Vec<String> {
    let values = plan.values.iter();
    let open = values.filter(|(_, value)| value.text.contains('$'));
    open.filter_map(|(_, value)| filled(plan.mode, value.text))
        .collect()
}

/// The hosts of the addresses in a text.
fn hosts(text: impl AsRef<str>) -> Vec<String> {
    let addresses = addresses(text.as_ref());
    let hosts = addresses.iter().map(|address| address.host.to_owned());
    hosts.filter(|host| !host.is_empty()).collect()
}

/// The host of a text that is one plain `http://host...`, as most addresses are; empty where there is no address;
/// `None` where it takes a closer look.
fn lone_host(text: &str) -> Option<&str> {
    let Some(colon) = text.bytes().position(|byte| byte == b':') else {
        return Some("");
    };
    let (scheme, rest) = (&text[..colon], &text[colon + 1..]);
    let Some(rest) = rest.strip_prefix("//") else {
        return (!has_mark(rest)).then_some("");
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_/:".contains(&byte);
    if !matches!(scheme, "http" | "https") || !rest.bytes().all(plain) {
        return None;
    }
    rest.split(['/', ':'])
        .next()
        .filter(|host| !host.is_empty())
}

fn bit(text: &str) -> u64 {
    1 << (text.len() % 64)
}

/// A scalar as it is written, and as it is while nobody sets its variables.
fn forms<'s>(scalar: &(&'s str, Text<'s>)) -> impl Iterator<Item = Cow<'s, str>> + use<'s> {
    let text = scalar.1.text;
    let plain = text.contains('$').then(|| with_defaults(text)).flatten();
    [Cow::Borrowed(text)].into_iter().chain(plain)
}

/// Whether a text says to which mode it belongs: no short one, no number, no yes or no, and not the container itself.
fn tells(text: &str) -> bool {
    let is_switch = ["true", "false", "yes", "no", "on", "off"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word));
    let is_itself = matches!(text, "localhost" | "0.0.0.0" | "::1") || text.starts_with("127.");
    text.chars().count() >= SHORTEST && !is_switch && !is_itself && text.parse::<f64>().is_err()
}

/// The database that an address names: the path of a file, with and without its first slash (`sqlite:///./x.db` and
/// `sqlite:////data/x.db`), or the first name after the host of a database server.
fn databases<'s>(address: &Address<'s>) -> impl Iterator<Item = &'s str> + use<'s> {
    let path = address.path;
    let scheme = address.scheme.unwrap_or_default();
    let scheme = scheme.split('+').next().unwrap_or_default();
    let relative = path.strip_prefix('/');
    let (whole, name) = match (address.host, DATABASES.contains(&scheme)) {
        ("", _) => (Some(path), relative),
        (_, true) => (None, relative),
        _ => (None, None),
    };
    whole.into_iter().chain(name)
}

fn leak(name: &str, text: Text, part: Part, source: &Source, plan: &Plan) -> Finding {
    let message = said(&shown(name), part, source);
    let Source { mode, path, place } = source;
    let has_own = plan.values.iter().any(|(own, _)| own == path);
    let help = match has_own {
        true => format!("take it from the mode: `\"{{{{ {path} }}}}\"`"),
        false => format!(
            "give `{path}` to the `values` of `{}`, too, and write `\"{{{{ {path} }}}}\"`",
            plan.mode
        ),
    };
    Finding::new(Rule::ModeLeak, text.place, message)
        .second(*place, format!("the value of `{mode}`"))
        .help(help)
        .mode(plan.mode)
}

/// What is wrong, of what is called so.
pub(super) fn said(name: &str, part: Part, source: &Source) -> String {
    let subject = match part {
        Part::Whole => format!("{name} has the value"),
        Part::Word => format!("{name} holds the value"),
        Part::Host => format!("the address in {name} has the host"),
        Part::Database => format!("the address in {name} has the database"),
    };
    let path = shown(source.path);
    format!("{subject} that {path} has in the mode `{}`", source.mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_of_a_mode_does_not_count() {
        for text in [
            "",
            "a",
            "ab",
            "true",
            "False",
            "30",
            "1.5",
            "localhost",
            "127.0.0.1",
        ] {
            assert!(!tells(text), "{text}");
        }
        for text in ["7d", "30d", "events", "192.168.1.5", "${A:-b}"] {
            assert_eq!(tells(text), text != "7d", "{text}");
        }
    }

    #[test]
    fn a_plain_address_is_read_like_any_other() {
        for text in [
            "http://a",
            "http://a-b.c:80/x",
            "https://a/b:c",
            "http://a://b",
        ] {
            assert_eq!(lone_host(text), Some(addresses(text)[0].host), "{text}");
        }
        assert_eq!(lone_host("a:b"), Some(""));
        for text in [
            "sqlite:///x",
            "http://u@a",
            "http://a,http://b",
            "x http://a",
            "http://[::1]",
            "http://",
        ] {
            assert_eq!(lone_host(text), None, "{text}");
        }
    }

    fn names(text: &str) -> Vec<&str> {
        addresses(text).iter().flat_map(databases).collect()
    }

    #[test]
    fn finds_the_database() {
        assert_eq!(names("sqlite+aiosqlite:///./x.db"), ["/./x.db", "./x.db"]);
        assert_eq!(names("sqlite:////d/x.db"), ["//d/x.db", "/d/x.db"]);
        assert_eq!(names("postgresql+asyncpg://u@db:5432/homeiq"), ["homeiq"]);
        assert_eq!(names("http://a/homeiq"), [""; 0]);
    }
}
