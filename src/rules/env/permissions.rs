//! A file of secrets that others may read: `env-permissions`.

use super::Look;
use crate::finding::Finding;
use crate::place::Place;
use crate::rule::Rule;
use crate::values::shown::shown;

pub(super) fn check(look: &Look) {
    for own in look.context.own {
        let Some(bits) = own.open_to_others else {
            continue;
        };
        let path = shown(own.path);
        let message = format!("{path} is open to others than its owner: its mode is {bits:04o}");
        let finding = Finding::new(Rule::EnvPermissions, Place::NOWHERE, message);
        look.add(finding.help(format!("run `chmod 600 {}`", own.path)));
    }
}
