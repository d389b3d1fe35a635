//! What is wrong, where, and what to do about it. Findings are collected, sorted and printed once;
//! nothing here prints.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::place::Place;
use crate::rule::{Beside, Level, Rule, Weight};
use crate::values::Refusal;
use crate::values::suggest::nearest;

/// One mistake: the rule it breaks, the line to change, and enough words to change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that fired.
    pub rule: Rule,
    /// The weight; the rule's own unless the catalog asks for less (`limits: optional`).
    pub level: Level,
    /// What it means where it is about a Compose file that was not made from a catalog.
    pub weight: Option<Weight>,
    /// The line that a person has to change.
    pub place: Place,
    /// One sentence, the thing named first, without a final full stop.
    pub message: String,
    /// The other place of the two, and what stands there ("first published here").
    pub second: Option<(Place, String)>,
    /// How the value came to where it hurts ("from fragment `app`, used by `data-api`").
    pub way: Option<String>,
    /// The next step, where there is a real one.
    pub help: Option<String>,
    /// The service it is about, for waivers.
    pub service: Option<String>,
    /// Other services that the same line hurts in the same way.
    pub also: BTreeSet<String>,
    /// The modes in which it shows; empty where modes do not matter.
    pub modes: Vec<String>,
    /// Whether no waiver lifts it, whatever its rule allows.
    pub firm: bool,
    /// How many findings follow from it, and are not told for that.
    pub hides: usize,
}

impl Finding {
    /// A finding with the rule's own level.
    pub fn new(rule: Rule, place: Place, message: impl Into<String>) -> Self {
        Finding {
            rule,
            level: rule.info().level,
            weight: None,
            place,
            message: message.into(),
            second: None,
            way: None,
            help: None,
            service: None,
            also: BTreeSet::new(),
            modes: Vec::new(),
            firm: false,
            hides: 0,
        }
    }

    /// What a value type refused, as a finding.
    pub fn refused(rule: Rule, place: Place, refusal: Refusal) -> Self {
        Finding {
            help: refusal.help,
            ..Finding::new(rule, place, refusal.message)
        }
    }

    /// The word that says how much it weighs.
    pub fn word(&self) -> &'static str {
        match self.weight {
            Some(weight) => weight.word(),
            None => self.level.word(),
        }
    }

    /// With the next step.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With the next step, where there is one.
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    /// With the second of two places.
    pub fn second(mut self, place: Place, label: impl Into<String>) -> Self {
        if place.is_somewhere() {
            self.second = Some((place, label.into()));
        }
        self
    }

    /// With the service it is about.
    pub fn service(mut self, service: &str) -> Self {
        self.service = Some(service.to_owned());
        self
    }

    /// With the mode in which it shows.
    pub fn mode(mut self, mode: &str) -> Self {
        self.modes = vec![mode.to_owned()];
        self
    }

    /// Beyond any waiver, whatever its rule allows.
    pub fn firm(mut self) -> Self {
        self.firm = true;
        self
    }

    /// With what it means for a Compose file that was not made from a catalog, where that is not what its rule says.
    pub fn weight(mut self, weight: Weight) -> Self {
        self.weight = Some(weight);
        self
    }

    /// As a warning, whatever the rule's own level.
    pub fn warning(mut self) -> Self {
        self.level = Level::Warning;
        self
    }
}

/// How findings about Compose files are weighed that somebody else wrote.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// What is said beside the files.
    pub beside: Beside,
    /// Whether what is invalid was told already, when the files were read: some rules over plans find it once more.
    pub invalid_is_told: bool,
}

impl Scale {
    /// Says what a finding means; `false` where it is none of such a file, or told already.
    fn weigh(self, finding: &mut Finding) -> bool {
        let info = finding.rule.info();
        let Some(weight) = finding.weight.or(info.validate.weight(self.beside)) else {
            return false;
        };
        // Who says itself that it is so knows that nobody has told it.
        let is_of_rule = finding.weight.is_none();
        if weight == Weight::Invalid && is_of_rule && self.invalid_is_told {
            return false;
        }
        // What a rule is not sure of is nothing to refuse a file for.
        let is_softened = info.level == Level::Error && finding.level == Level::Warning;
        let weight = match weight {
            Weight::Broken if is_softened => Weight::Policy,
            weight => weight,
        };
        finding.weight = Some(weight);
        // Of no mode, or of the one that was asked for.
        finding.modes.clear();
        finding.level = match weight {
            Weight::Invalid | Weight::Broken => Level::Error,
            Weight::Policy => Level::Warning,
        };
        true
    }
}

/// The findings of a run while they are collected. Shared by reference: whoever finds something adds it.
#[derive(Debug, Default)]
pub struct Findings {
    list: RefCell<Vec<Finding>>,
    errors: Cell<usize>,
    /// How they are weighed, where they are about Compose files that somebody else wrote.
    scale: Option<Scale>,
    /// How many may still come; `None` for any number.
    room: Cell<Option<usize>>,
    /// The same of what is a matter of opinion: it takes no room from what is wrong.
    opinions: Cell<Option<usize>>,
    /// How many came when there was no room.
    untold: Cell<usize>,
    /// How many matters of opinion came when there was no room.
    untold_opinions: Cell<usize>,
    /// With how many names misspelt ones were compared.
    compared: Cell<usize>,
}

/// With how many names the misspelt ones of Compose files are compared in all: then findings come without a suggestion.
const MOST_COMPARED: usize = 500_000;

impl Findings {
    /// None yet.
    pub fn new() -> Self {
        Findings::default()
    }

    /// None yet, and never more than so many: those that come later are only counted.
    pub fn at_most(number: usize) -> Self {
        let findings = Findings::default();
        findings.room.set(Some(number));
        findings
    }

    /// None yet, about Compose files that somebody else wrote: each is weighed as it comes, and of neither what is
    /// wrong nor of what is a matter of opinion are more than so many kept.
    pub fn weighed(scale: Scale, number: usize) -> Self {
        Findings {
            scale: Some(scale),
            room: Cell::new(Some(number)),
            opinions: Cell::new(Some(number)),
            ..Findings::default()
        }
    }

    /// Whether no more are kept, so that there is no need to find words for one.
    pub fn is_full(&self) -> bool {
        self.room.get() == Some(0)
    }

    /// Counts one for which there is no room.
    pub fn add_untold(&self) {
        self.untold.set(self.untold.get() + 1);
    }

    /// Whether something is told at this very place already.
    pub fn tells_at(&self, place: Place) -> bool {
        self.list.borrow().iter().any(|told| told.place == place)
    }

    /// The name that was probably meant by a word. Nothing once looking for such names has taken long enough: thousands
    /// of slips among thousands of names are nobody's typing.
    pub fn near<'n>(
        &self,
        word: &str,
        names: impl Iterator<Item = &'n str> + Clone,
    ) -> Option<&'n str> {
        let compared = self.compared.get() + names.clone().count();
        if compared > MOST_COMPARED {
            return None;
        }
        self.compared.set(compared);
        nearest(word, names)
    }

    /// How many came when there was no room.
    pub fn untold(&self) -> usize {
        self.untold.get()
    }

    /// How many matters of opinion came when there was no room.
    pub fn untold_opinions(&self) -> usize {
        self.untold_opinions.get()
    }

    /// Adds one.
    pub fn add(&self, mut finding: Finding) {
        if let Some(scale) = self.scale
            && !scale.weigh(&mut finding)
        {
            return;
        }
        let (room, untold) = match finding.weight {
            Some(Weight::Policy) => (&self.opinions, &self.untold_opinions),
            _ => (&self.room, &self.untold),
        };
        match room.get() {
            None => {}
            Some(0) => return untold.set(untold.get() + 1),
            Some(left) => room.set(Some(left - 1)),
        }
        if finding.level == Level::Error {
            self.errors.set(self.errors.get() + 1);
        }
        self.list.borrow_mut().push(finding);
    }

    /// How many are kept so far; a caller compares two counts to learn whether a step found anything. Where there is room
    /// for so many only, or they are weighed, a step may have found what is not kept.
    pub fn count(&self) -> usize {
        self.list.borrow().len()
    }

    /// How many errors there are so far; a caller compares two counts to learn whether a step had any.
    pub fn errors(&self) -> usize {
        self.errors.get()
    }

    /// Takes all of them, as they were found.
    pub fn take_all(&self) -> Vec<Finding> {
        self.errors.set(0);
        self.list.take()
    }

    /// Takes all of them, in order, as `merged` gives them.
    pub fn take(&self) -> Vec<Finding> {
        merged(self.take_all())
    }
}

/// The findings in the order of files and lines, the same mistake once. Findings that differ in nothing but the mode
/// become one that names the modes; those of one rule about one line, which hurts several services, one that names
/// the services. What is waived has to be gone by then.
pub fn merged(mut all: Vec<Finding>) -> Vec<Finding> {
    all.sort_by(|a, b| order(a).cmp(&order(b)));
    let mut merged: Vec<Finding> = Vec::with_capacity(all.len());
    let mut group = Group::default();
    for finding in all {
        let of_group = |last: &Finding| last.rule == finding.rule && last.place == finding.place;
        if !merged.last().is_some_and(of_group) {
            group = Group {
                from: merged.len(),
                ..Group::default()
            };
        }
        match group.mistake(&merged, &finding) {
            Some(at) => {
                group.messages.insert(finding.message.clone(), at);
                add(&mut merged[at], finding);
            }
            None => {
                group.messages.insert(finding.message.clone(), merged.len());
                merged.push(finding);
            }
        }
    }
    merged
}

/// The findings of one rule about one line, as far as they are told.
#[derive(Default)]
struct Group {
    /// Where they begin among all that are told.
    from: usize,
    /// Which one tells what, also of those that went into another one.
    messages: FxHashMap<String, usize>,
}

impl Group {
    /// The mistake that a finding is about, if it has been told.
    fn mistake(&self, told: &[Finding], finding: &Finding) -> Option<usize> {
        let find = |is_same: &dyn Fn(&Finding) -> bool| {
            let at = told[self.from..].iter().position(is_same);
            at.map(|at| self.from + at)
        };
        if !finding.place.is_somewhere() {
            return find(&|other| other == finding);
        }
        let known = self.messages.get(&finding.message).copied();
        known
            .or_else(|| find(&|other| has_service(other) && unnamed(other) == unnamed(finding)))
            .or_else(|| find(&|other| is_of_another(other, finding)))
    }
}

type Order<'a> = (Place, Rule, &'a str, &'a Option<String>, &'a [String]);

fn order(finding: &Finding) -> Order<'_> {
    (
        finding.place,
        finding.rule,
        &finding.message,
        &finding.service,
        &finding.modes,
    )
}

fn has_service(finding: &Finding) -> bool {
    finding.service.is_some()
}

/// Whether two findings are about services, and the second one's is none of the first one's.
fn is_of_another(told: &Finding, finding: &Finding) -> bool {
    match (&told.service, &finding.service) {
        (Some(one), Some(other)) => one != other && !told.also.contains(other),
        _ => false,
    }
}

/// The message without the name of the service.
fn unnamed(finding: &Finding) -> String {
    let name = finding.service.as_deref().unwrap_or_default();
    finding.message.replace(&format!("`{name}`"), "``")
}

/// Adds the modes and services of a finding to the one that told the mistake first.
fn add(told: &mut Finding, finding: Finding) {
    told.hides += finding.hides;
    for mode in finding.modes {
        if !told.modes.contains(&mode) {
            told.modes.push(mode);
        }
    }
    for service in finding.service.into_iter().chain(finding.also) {
        if told.service.as_ref().is_some_and(|first| *first != service) {
            told.also.insert(service);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: u32) -> Place {
        Place {
            file: 0,
            len: 1,
            start,
        }
    }

    #[test]
    fn the_same_mistake_in_two_modes_is_one_finding_that_names_both() {
        let findings = Findings::new();
        findings.add(Finding::new(Rule::PortRandom, at(9), "b"));
        findings.add(Finding::new(Rule::BadPort, at(5), "a").mode("test"));
        findings.add(Finding::new(Rule::BadPort, at(5), "a").mode("prod"));
        assert_eq!(findings.errors(), 2);
        let all = findings.take();
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].modes, ["prod", "test"]);
        assert_eq!(all[1].message, "b");
    }

    #[test]
    fn a_line_that_hurts_several_services_is_one_finding_that_names_them() {
        let found = |message: &str, service: &str| {
            Finding::new(Rule::BadPort, at(5), message).service(service)
        };
        let all = merged(vec![
            found("`c` is over", "c"),
            found("`a` is over", "a"),
            found("`a` is under", "a"),
            found("`b` is over", "b"),
            found("`b` is under", "b"),
            found("`b` is over", "b"),
            found("`d` is elsewhere", "d"),
            found("`d` is elsewhere", "d").mode("test"),
            Finding::new(Rule::BadPort, at(6), "`b` is over").service("b"),
        ]);
        let told: Vec<_> = all
            .iter()
            .map(|finding| {
                (
                    finding.message.as_str(),
                    finding.also.iter().map(String::as_str).collect::<Vec<_>>(),
                )
            })
            .collect();
        let expected = [
            ("`a` is over", vec!["b", "c", "d"]),
            ("`a` is under", vec!["b"]),
            ("`b` is over", vec![]),
        ];
        assert_eq!(told, expected);
        assert_eq!(merged(all.clone()), all);
    }
}
