//! What other modes have and a mode has not.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::compose::list::Either;
use crate::plan::Plan;

/// What other modes have and a mode has not, each with the first mode that has it.
pub(super) fn of_others<'s, K: std::hash::Hash + Eq>(
    plan: &Plan<'s>,
    plans: &[Plan<'s>],
    names: impl Fn(&Plan<'s>) -> Vec<K>,
) -> FxHashMap<K, &'s str> {
    let own: FxHashSet<K> = names(plan).into_iter().collect();
    let mut others = FxHashMap::default();
    for other in plans.iter().filter(|other| other.mode != plan.mode) {
        for name in names(other).into_iter().filter(|name| !own.contains(name)) {
            others.entry(name).or_insert(other.mode);
        }
    }
    others
}

/// The env files of a mode's services.
pub(super) fn env_files(plan: &Plan) -> Vec<String> {
    let services = plan.services.iter();
    let lists = services.filter_map(|service| service.service.env_file);
    let paths = lists
        .flat_map(|files| files.items)
        .filter_map(|file| match file {
            Either::Short(path) => Some(path.text),
            Either::Long(long) => long.path.map(|path| path.text),
        });
    paths.map(|path| below_root(path).to_owned()).collect()
}

/// A path without the way up to the project's folder: Compose files may lie in a folder below it.
pub(super) fn below_root(path: &str) -> &str {
    let mut rest = path;
    while let Some(shorter) = rest.strip_prefix("./").or(rest.strip_prefix("../")) {
        rest = shorter;
    }
    rest
}

/// The names that the engine knows of a mode's networks and volumes, as far as they are its own.
pub(super) fn engine_names<'s>(plan: &Plan<'s>) -> Vec<&'s str> {
    let networks = plan.networks.iter().map(|it| (it.key, it.engine_name));
    let volumes = plan.volumes.iter().map(|it| (it.key, it.engine_name));
    let named = networks.chain(volumes).filter(|(key, name)| key != name);
    named.map(|(_, name)| name).collect()
}
