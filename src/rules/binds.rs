//! Folders and files of the host that two modes mount: `shared-bind`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound;

use rustc_hash::FxHashMap;

use crate::compose::mounts::Mount;
use crate::compose::value::{Ahead, Value};
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::{Plan, PlannedService};
use crate::rule::Rule;
use crate::rules::Context;
use crate::values::interpolation::with_defaults;
use crate::values::path::{below, is_socket, normal};
use crate::values::shown::shown;

/// A bind mount of a mode.
#[derive(Clone, Copy)]
struct Bind<'a, 's> {
    plan: &'a Plan<'s>,
    service: &'a PlannedService<'s>,
    source: &'s str,
    writes: bool,
    place: Place,
}

/// Adds a finding for every writable bind that another mode mounts too, as a whole or in part.
pub fn check(context: &Context) {
    if context.plans.len() < 2 || !may_meet(context.plans) {
        return;
    }
    let tree = Tree::of(context.plans);
    for bind in binds(context.plans).filter(|bind| bind.writes) {
        let Some(path) = path(bind.source) else {
            continue;
        };
        if let Some((other_path, other)) = tree.meeting(&path, bind.plan.mode) {
            context.add(shared(&bind, &path, other, other_path));
        }
    }
}

/// Which modes mount a path, one bit each, and whether any of them writes.
#[derive(Clone, Copy, Default)]
struct Sight {
    modes: u64,
    writes: bool,
}

impl Sight {
    fn and(self, other: Sight) -> Sight {
        Sight {
            modes: self.modes | other.modes,
            writes: self.writes || other.writes,
        }
    }

    fn is_shared(self) -> bool {
        self.writes && self.modes.count_ones() > 1
    }
}

/// Whether a closer look may find anything: a quick no for the many catalogs that are in order.
fn may_meet(plans: &[Plan]) -> bool {
    let mut seen: FxHashMap<Cow<str>, Sight> = FxHashMap::default();
    let mut roots = plans.len() > 64;
    for (number, plan) in plans.iter().enumerate() {
        let mut ahead = Ahead::of(plan.services.iter(), plan.services.len());
        let services = plan.services.iter().inspect(|_| {
            ahead.next(|service| service.service.volumes.map_or(0, Value::touch));
        });
        for bind in services.flat_map(|service| of_service(plan, service)) {
            let Some(path) = path(bind.source) else {
                continue;
            };
            roots |= is_root(&path);
            let sight = seen.entry(path).or_default();
            *sight = sight.and(Sight {
                modes: 1 << (number % 64),
                writes: bind.writes,
            });
        }
    }
    let meets_above = |path: &str, sight: &Sight| {
        let mut above = path.match_indices('/').map(|(slash, _)| &path[..slash]);
        above.any(|above| {
            seen.get(above)
                .is_some_and(|other| other.and(*sight).is_shared())
        })
    };
    let meets = |(path, sight): (&Cow<str>, &Sight)| sight.is_shared() || meets_above(path, sight);
    roots || seen.iter().any(meets)
}

fn binds<'a, 's>(plans: &'a [Plan<'s>]) -> impl Iterator<Item = Bind<'a, 's>> {
    plans.iter().flat_map(|plan| {
        let services = plan.services.iter();
        services.flat_map(move |service| of_service(plan, service))
    })
}

fn of_service<'a, 's>(
    plan: &'a Plan<'s>,
    service: &'a PlannedService<'s>,
) -> impl Iterator<Item = Bind<'a, 's>> {
    let mounts = service.service.volumes.map_or(&[][..], |list| list.items);
    let mounts = mounts.iter().filter(|mount| may_be_bind(mount));
    let facts = mounts.filter_map(|mount| mount.facts());
    facts.filter(|facts| facts.bind).filter_map(move |facts| {
        // A socket holds no data; who may speak to it is another rule's matter.
        let source = facts.source.filter(|source| !holds_no_data(source))?;
        Some(Bind {
            plan,
            service,
            source,
            writes: !facts.read_only,
            place: facts.place,
        })
    })
}

fn holds_no_data(source: &str) -> bool {
    match source.contains('$') {
        true => with_defaults(source).is_some_and(|source| is_socket(&source)),
        false => is_socket(source),
    }
}

/// Whether a mount is worth reading: one that begins with a word and no drive letter is a volume's.
pub fn may_be_bind(mount: &Mount) -> bool {
    let Mount::Short(text) = mount else {
        return true;
    };
    match text.text.as_bytes() {
        [first, second, ..] => !first.is_ascii_alphanumeric() || *second == b':',
        _ => true,
    }
}

/// The path as both modes would have it; `None` where a variable decides, which each mode sets for itself.
fn path(source: &str) -> Option<Cow<'_, str>> {
    let simple = source.strip_prefix("./").unwrap_or(source);
    let odd = |pair: &[u8]| pair[0] == b'$' || matches!(pair, b"//" | b"./");
    if simple.as_bytes().windows(2).any(odd) || simple.is_empty() || simple.ends_with(['/', '.']) {
        return Some(Cow::Owned(normal(&with_defaults(source)?)));
    }
    Some(Cow::Borrowed(simple))
}

/// Who mounts a path: the first, and the first of another mode.
type Mounters<'a, 's> = (Bind<'a, 's>, Option<Bind<'a, 's>>);

/// The mounted paths. What is below a path follows it in the order of the texts; what may be above it without being a
/// beginning of its text (`.`, `..`, `/`, `~`) is kept apart, and there are few of them.
struct Tree<'a, 's> {
    paths: BTreeMap<Cow<'s, str>, Mounters<'a, 's>>,
    roots: Vec<Cow<'s, str>>,
}

impl<'a, 's> Tree<'a, 's> {
    fn of(plans: &'a [Plan<'s>]) -> Self {
        let mut paths: BTreeMap<Cow<str>, Mounters> = BTreeMap::new();
        for bind in binds(plans) {
            let Some(path) = path(bind.source) else {
                continue;
            };
            let (first, second) = paths.entry(path).or_insert((bind, None));
            if first.plan.mode != bind.plan.mode && second.is_none() {
                *second = Some(bind);
            }
        }
        let roots = paths.keys().filter(|path| is_root(path)).cloned().collect();
        Tree { paths, roots }
    }

    /// A mount of another mode at the path, above it or below it.
    fn meeting(&self, path: &str, mode: &str) -> Option<(&str, &Bind<'a, 's>)> {
        let at = |path: &str| self.of_another(path, mode);
        let above = path.match_indices('/').map(|(slash, _)| &path[..slash]);
        at(path)
            .or_else(|| above.filter(|above| !above.is_empty()).find_map(at))
            .or_else(|| {
                let roots = self.roots.iter().filter(|root| below(root, path));
                roots.map(AsRef::as_ref).find_map(at)
            })
            .or_else(|| self.below(path, mode))
    }

    fn of_another(&self, path: &str, mode: &str) -> Option<(&str, &Bind<'a, 's>)> {
        let (path, mounters) = self.paths.get_key_value(path)?;
        Some((path, another(mounters, mode)?))
    }

    fn below(&self, path: &str, mode: &str) -> Option<(&str, &Bind<'a, 's>)> {
        let held = |(path, mounters)| Some((path as &Cow<str>, another(mounters, mode)?));
        let found = if is_root(path) {
            let mut all = self.paths.iter();
            all.find_map(|(other, mounters)| {
                let meets = other != path && below(path, other);
                meets.then(|| held((other, mounters))).flatten()
            })
        } else {
            let (from, to) = (format!("{path}/"), format!("{path}0"));
            let range = (Bound::Excluded(from.as_str()), Bound::Excluded(to.as_str()));
            // `0` is the character after `/`: between the two stands what begins with the path and a slash.
            self.paths.range::<str, _>(range).find_map(held)
        };
        found.map(|(path, bind)| (path.as_ref(), bind))
    }
}

fn another<'m, 'a, 's>(mounters: &'m Mounters<'a, 's>, mode: &str) -> Option<&'m Bind<'a, 's>> {
    let (first, second) = mounters;
    match first.plan.mode == mode {
        true => second.as_ref(),
        false => Some(first),
    }
}

/// Whether a path is above others without being a beginning of their texts.
fn is_root(path: &str) -> bool {
    matches!(path, "." | "/" | "~") || path.split('/').all(|name| name == "..")
}

fn shared(bind: &Bind, path: &str, other: &Bind, other_path: &str) -> Finding {
    let mine = name(bind, path);
    let message = match path == other_path {
        true => format!("{mine} of the host can be written here, and another mode mounts it, too"),
        false => format!(
            "{mine} of the host can be written here, and another mode mounts {}",
            name(other, other_path)
        ),
    };
    let finding = Finding::new(Rule::SharedBind, bind.place, message)
        .help(
            "give each mode its folder, such as `./data/{{ mode.name }}`, or mount it `:ro` in both",
        )
        .service(bind.service.name)
        .mode(bind.plan.mode);
    match bind.place == other.place {
        true => finding,
        false => finding.second(other.place, "mounted here, too"),
    }
}

/// The path as it was written, unless a variable's default makes it.
fn name(bind: &Bind, path: &str) -> String {
    match bind.source.contains('$') {
        true => shown(path),
        false => shown(bind.source),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_root, path};
    use crate::values::path::normal;

    #[test]
    fn a_simple_path_is_its_own_normal_form() {
        for text in [
            "./a", "a/b", "/a/b", "~/a", "../a", "./a/../b", "a/", ".", "./", "a.b", "a/..", "/",
            "././a",
        ] {
            assert_eq!(path(text).as_deref(), Some(normal(text).as_str()), "{text}");
        }
        assert_eq!(path("${A:-./b}/c").as_deref(), Some("b/c"));
        assert_eq!(path("${A}/c"), None);
    }

    #[test]
    fn knows_what_is_above_all() {
        for path in [".", "/", "~", "..", "../.."] {
            assert!(is_root(path), "{path}");
        }
        for path in ["a", "/a", "~/a", "../a", "..a", "~a"] {
            assert!(!is_root(path), "{path}");
        }
    }
}
