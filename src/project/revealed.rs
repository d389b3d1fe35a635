//! Where values of env files came into the tree. They may be secrets, so no message repeats one of them.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::finding::Finding;
use crate::place::Place;
use crate::values::shown::shown;

/// What stands for a value.
const MASK: &str = "***";

/// A value of so many bytes is hidden wherever it is said; a shorter one only where it came in.
const TELLING: usize = 8;

/// The values of env files that came into the tree, by the places of the texts that name them.
#[derive(Default)]
pub struct Revealed {
    here: RefCell<FxHashMap<Place, Vec<Rc<str>>>>,
    anywhere: RefCell<FxHashSet<Rc<str>>>,
}

impl Revealed {
    pub(super) fn add(&self, place: Place, value: &Rc<str>) {
        if value.len() >= TELLING {
            self.anywhere.borrow_mut().insert(value.clone());
        }
        self.here
            .borrow_mut()
            .entry(place)
            .or_default()
            .push(value.clone());
    }

    /// Takes the values out of what a finding says.
    pub fn hide(&self, finding: &mut Finding) {
        let here = self.here.borrow();
        let second = finding.second.as_ref().map(|(place, _)| *place);
        let places = [Some(finding.place), second].into_iter().flatten();
        let mut values: Vec<&Rc<str>> = places
            .filter_map(|place| here.get(&place))
            .flatten()
            .collect();
        let anywhere = self.anywhere.borrow();
        values.extend(anywhere.iter());
        if values.is_empty() {
            return;
        }
        let forms: Vec<String> = values.iter().flat_map(|value| forms(value)).collect();
        finding.message = masked(&finding.message, &forms);
        finding.help = finding.help.as_deref().map(|help| masked(help, &forms));
        if let Some((_, label)) = &mut finding.second {
            *label = masked(label, &forms);
        }
    }
}

/// The forms in which a message may show a value.
fn forms(value: &str) -> [String; 3] {
    let visible = shown(value).trim_matches('`').to_owned();
    [value.to_owned(), visible, value.replace('$', "$$")]
}

/// The text with every quoted part masked that holds a value, or that one holds.
fn masked(text: &str, forms: &[String]) -> String {
    let mut parts = text.split('`');
    let mut result = parts.next().unwrap_or_default().to_owned();
    let mut quoted = true;
    for part in parts {
        result.push('`');
        let core = part.trim_end_matches('…');
        let hides = |form: &&String| {
            !form.is_empty()
                && !core.is_empty()
                && (core.contains(form.as_str()) || form.contains(core))
        };
        result.push_str(match quoted && forms.iter().any(|form| hides(&form)) {
            true => MASK,
            false => part,
        });
        quoted = !quoted;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_told_neither_whole_nor_in_parts() {
        let forms: Vec<String> = forms("user:pa$s\n").into_iter().collect();
        for (text, expected) in [
            ("`user:pa$s\\u{a}` is no port", "`***` is no port"),
            (
                "`pa$s` is no port; write `80`",
                "`***` is no port; write `80`",
            ),
            ("`x-user:pa$$s\n` pa", "`***` pa"),
            ("plain", "plain"),
        ] {
            assert_eq!(masked(text, &forms), expected);
        }
    }
}
