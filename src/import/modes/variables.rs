//! The variables of all modes, and what the env file of each sets.

use indexmap::IndexMap;

use super::InMode;
use crate::import::variables::{Declarations, Declared};

/// The variables of all modes: one default each, and the modes where not all use it.
pub fn variables(all: &[InMode]) -> Declarations {
    let mut together: Declarations = IndexMap::new();
    for one in all.iter().rev() {
        for (name, declared) in &one.declared {
            match together.get_mut(name) {
                None => {
                    together.insert(name.clone(), declared.clone());
                }
                Some(known) => agree(known, declared),
            }
        }
    }
    for (name, declared) in &mut together {
        let users = all.iter().filter(|one| one.declared.contains_key(name));
        let users: Vec<String> = users.map(|one| one.mode.name.clone()).collect();
        if users.len() < all.len() {
            declared.modes = users;
        }
    }
    together
}

fn agree(known: &mut Declared, other: &Declared) {
    let is_required = |one: &Declared| one.default.is_none() && !one.optional && !one.since_set;
    known.secret |= other.secret;
    if is_required(known) || is_required(other) {
        known.default = None;
        known.optional = false;
        known.since_set = false;
    } else if known.default.is_none() {
        // What only one mode sets may stay empty in the other one.
        known.since_set &= other.since_set;
        known.default = other.default.clone();
        known.optional = known.default.is_none() && !known.since_set;
    }
    for owner in &other.owners {
        if !known.owners.contains(owner) {
            known.owners.push(owner.clone());
        }
    }
    known.description = known.description.take().or(other.description.clone());
}

/// What the env file of a mode sets: what its files set, and what they would get by default and the catalog does not give.
pub fn values(own: &Declarations, together: &Declarations) -> Declarations {
    let value = |(name, declared): (&String, &Declared)| {
        let kept = together.get(name)?;
        let fallback = match (&declared.default, declared.optional) {
            (Some(default), _) if kept.default.as_ref() != Some(default) => {
                Some(default.replace("$$", "$"))
            }
            _ => None,
        };
        let declared = Declared {
            value: declared.value.clone().or(fallback),
            default: kept.default.clone(),
            optional: kept.optional,
            ..declared.clone()
        };
        Some((name.clone(), declared))
    };
    own.iter().filter_map(value).collect()
}
