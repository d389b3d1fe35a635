//! A name that stands in one file twice: `env-duplicate`.

use rustc_hash::FxHashMap;

use super::{At, Known, Look};
use crate::rule::Rule;

pub(super) fn check(look: &Look) {
    let mut first: FxHashMap<(usize, &str), At> = FxHashMap::default();
    for at in look.entries() {
        let Some(earlier) = first.get(&(at.file, at.entry.name)) else {
            first.insert((at.file, at.entry.name), at);
            continue;
        };
        // That these must not be set at all is said already.
        if matches!(look.known(at), Known::Derived | Known::Override) {
            continue;
        }
        let name = look.name(at.entry).unwrap_or("a name".to_owned());
        let message = format!("{name} is set twice, and Compose takes the last one");
        let finding = look
            .finding(Rule::EnvDuplicate, at, message)
            .second(earlier.own.place(&earlier.entry.name_at), "first set here")
            .help("keep one of the two lines");
        look.add(finding);
    }
}
