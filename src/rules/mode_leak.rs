//! Values of one mode in another: `mode-leak`.

use std::borrow::Cow;
use std::cell::RefCell;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::compose::keyed::{EnvValue, Keyed};
use crate::compose::list::Either;
use crate::compose::scalar::Text;
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::{Basis, Plan, PlannedService};
use crate::rule::Rule;
use crate::rules::Context;
use crate::values::interpolation::with_defaults;
use crate::values::shown::shown;
use crate::values::url::{Address, addresses, has_mark};

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
pub fn check(context: &Context) {
    for plan in context.plans {
        check_plan(context, plan);
    }
}

/// The same for one plan, whose values are told from those of the context's other modes.
pub(super) fn check_plan<'s>(context: &Context<'_, 's>, plan: &Plan<'s>) {
    let foreign = Foreign::of(plan, context.plans);
    if foreign.texts.is_empty() {
        return;
    }
    for service in &plan.services {
        let compose = &service.service;
        if let Some(environment) = compose.environment {
            look(context, plan, service, environment, &foreign);
        }
        if let Some(Either::Long(build)) = compose.build
            && let Some(args) = build.args
        {
            look(context, plan, service, args, &foreign);
        }
    }
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

/// The scalars of the other modes that are none of a mode's own.
pub(super) struct Foreign<'s> {
    texts: FxHashMap<Cow<'s, str>, Source<'s>>,
    /// One bit for each length modulo 64: most texts are told apart by it.
    lengths: u64,
    /// Texts with a variable in which nothing was found: they repeat, and reading them takes long.
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
        let own: FxHashSet<Cow<str>> = plan.values.iter().flat_map(forms).collect();
        let mut foreign = Foreign {
            texts: FxHashMap::default(),
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

    /// What of a text belongs to another mode: all of it, or the host or database of an address in it.
    fn find(&self, text: &'s str) -> Option<(Part, &Source<'s>)> {
        if !text.contains('$') {
            return self.in_text(text);
        }
        if self.cleared.borrow().contains(text) {
            return None;
        }
        let plain = with_defaults(text);
        let found = self
            .in_text(text)
            .or_else(|| plain.as_deref().and_then(|plain| self.in_text(plain)));
        if found.is_none() {
            self.cleared.borrow_mut().insert(text);
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
            Some(host) => return Some((Part::Host, self.get(host)?)),
            None => {}
        }
        addresses(text)
            .iter()
            .find_map(|address| self.in_address(address))
    }

    fn in_address(&self, address: &Address) -> Option<(Part, &Source<'s>)> {
        let host = self.get(address.host).map(|source| (Part::Host, source));
        host.or_else(|| {
            let mut paths = databases(address);
            paths.find_map(|path| Some((Part::Database, self.get(path)?)))
        })
    }

    fn get(&self, text: &str) -> Option<&Source<'s>> {
        match self.lengths & bit(text) {
            0 => None,
            _ => self.texts.get(text),
        }
    }
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
    let name = shown(name);
    let subject = match part {
        Part::Whole => format!("{name} has the value"),
        Part::Host => format!("the address in {name} has the host"),
        Part::Database => format!("the address in {name} has the database"),
    };
    let Source { mode, path, place } = source;
    let message = format!("{subject} that `{path}` has in the mode `{mode}`");
    let has_own = plan.values.iter().any(|(own, _)| own == path);
    let help = match has_own {
        _ if plan.basis == Basis::Compose => match has_own {
            true => format!("write what `{path}` is in the mode `{}`", plan.mode),
            false => format!("take it out: `{path}` is of the mode `{mode}` alone"),
        },
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
