//! A name that nothing uses: `env-unknown`.

use super::{At, Known, Look, unset};
use crate::finding::Finding;
use crate::rule::Rule;
use crate::values::suggest::nearest;

pub(super) fn check(look: &Look) {
    let meant = unset::meant(look);
    for at in look.entries() {
        if matches!(look.known(at), Known::Unknown) && !meant.contains(&at.entry.name) {
            look.add(unknown(look, at));
        }
    }
}

fn unknown(look: &Look, at: At) -> Finding {
    let Some(name) = look.name(at.entry) else {
        let message = "this line sets no variable of the catalog".to_owned();
        let help = "if it goes on with the value of the line before, put that value into quotes";
        return look.finding(Rule::EnvUnknown, at, message).help(help);
    };
    let own = look
        .context
        .plan
        .contract
        .variables
        .iter()
        .map(|it| it.name);
    let all = look.context.catalog.variables.keys().copied();
    let near = nearest(at.entry.name, own).or_else(|| nearest(at.entry.name, all));
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "declare it under `variables` in the catalog, or remove the line".to_owned(),
    };
    let message = format!("{name} is no variable of the catalog: nothing uses it");
    look.finding(Rule::EnvUnknown, at, message).help(help)
}
