//! Values, variables and files of other modes in Compose files that somebody else wrote: `mode-leak` with
//! `validate --mode`. People write them wherever a text stands, and behind whichever operator.

mod env_files;
mod others;
mod service;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::catalog::Declared;
use crate::catalog::entries::Variable;
use crate::finding::{Finding, Findings};
use crate::place::Place;
use crate::plan::Plan;
use crate::plan::switches::Switch;
use crate::rule::Rule;
use crate::rules::mode_leak::{Foreign, Part, Source, said};
use crate::rules::of_mode::OfMode;
use crate::values::interpolation::{Operator, Use, uses};
use crate::values::prose::list_quoted;
use crate::values::shown::shown;
use crate::yaml::node::{Entry, Node};
use others::{engine_names, env_files, of_others};
use service::{Service, each_text};

/// How a value came into a text that stands in no file with it.
pub const FROM_ENV_FILE: &str = "from an env file, through a variable";

/// Adds a finding for everything in the files that belongs to another mode.
pub(super) fn check<'s>(asked: &OfMode<'_, 's>, findings: &Findings) {
    let look = Look::new(asked, findings);
    for entry in asked.tree.as_map().unwrap_or_default() {
        match entry.key {
            "name" => look.project(&entry.value),
            "services" => {
                for service in entry.value.as_map().unwrap_or_default() {
                    let service = Service {
                        look: &look,
                        name: service.key,
                        node: &service.value,
                    };
                    service.below(service.node, &mut Vec::new());
                }
            }
            // What services take of it stands in them.
            extension if extension.starts_with("x-") => {}
            _ => look.shared(entry),
        }
    }
    asked.env_files.iter().for_each(|file| look.env_file(file));
}

/// What the files are held against.
struct Look<'a, 's> {
    asked: &'a OfMode<'a, 's>,
    findings: &'a Findings,
    foreign: Foreign<'s>,
    /// The variables of other modes alone.
    variables: FxHashMap<&'s str, &'a Declared<Variable<'s>>>,
    /// The env files of services of other modes alone, and these modes.
    env_files: FxHashMap<String, &'s str>,
    /// The same of the modes' own env files, which may lie anywhere.
    env_names: FxHashMap<String, &'s str>,
    /// The networks and volumes of other modes alone, by the names that the engine knows.
    shared: FxHashMap<&'s str, &'s str>,
}

/// A text of the files.
#[derive(Clone)]
struct Written<'s> {
    /// What it is called in a message.
    name: String,
    /// With the values of its variables, as far as they are known.
    text: &'s str,
    /// The whole text in which somebody wrote it, and where it begins there.
    whole: &'s str,
    from: usize,
    /// The place of that text.
    place: Place,
    /// Whether it is one value.
    is_value: bool,
}

impl<'s> Written<'s> {
    /// It, as somebody wrote it.
    fn raw(&self) -> &'s str {
        &self.whole[self.from..]
    }

    /// Where a variable in it stands.
    fn at(&self, usage: &Use) -> Place {
        let (start, end) = (self.from + usage.start, self.from + usage.end);
        self.place.part(self.whole.len(), start, end)
    }
}

impl<'a, 's> Look<'a, 's> {
    fn new(asked: &'a OfMode<'a, 's>, findings: &'a Findings) -> Self {
        let (plan, plans) = (asked.plan, asked.plans);
        let declared = asked.catalog.variables.iter();
        let mode = asked.catalog.modes.get(plan.mode);
        let is_own =
            |variable: &Variable| mode.is_none_or(|mode| variable.is_for(plan.mode, &mode.value));
        let foreign = declared.filter(|(_, variable)| !is_own(&variable.value));
        Look {
            asked,
            findings,
            foreign: Foreign::with(plan, plans, asked.filled).with_hosts(plan, asked.filled),
            variables: foreign.map(|(name, it)| (*name, it)).collect(),
            env_files: of_others(plan, plans, env_files),
            env_names: of_others(plan, plans, |plan| {
                vec![plan.own_env_name(), plan.env_name()]
            }),
            shared: of_others(plan, plans, engine_names),
        }
    }

    fn add(&self, finding: Finding, service: Option<&str>) {
        self.findings.add(match service {
            Some(service) => finding.service(service),
            None => finding,
        });
    }

    /// The project of another mode: whoever starts the files takes over its containers.
    fn project(&self, node: &Node<'s, 's>) {
        let (plan, plans) = (self.asked.plan, self.asked.plans);
        let name = node.as_text().unwrap_or_default();
        let mut others = plans.iter().filter(|other| other.mode != plan.mode);
        let is_others = |other: &&Plan| other.project == name && name != plan.project;
        if let Some(other) = others.find(is_others) {
            let message = format!(
                "`name` makes the project {}, which is that of the mode `{}`",
                shown(name),
                other.mode
            );
            let finding = Finding::new(Rule::ModeLeak, node.place, message);
            self.add(
                finding.help(format!("write `name: {}`", plan.project)),
                None,
            );
        }
    }

    /// Networks, volumes and what else services share.
    fn shared(&self, entry: &Entry<'s, 's>) {
        if matches!(entry.key, "networks" | "volumes") {
            for one in entry.value.as_map().unwrap_or_default() {
                self.engine_name(entry.key.trim_end_matches('s'), one);
            }
        }
        each_text(&entry.value, &mut |node, text| {
            self.foreign_variables(&self.written(node, text), None);
        });
    }

    /// A text that is no value.
    fn written(&self, node: &Node<'s, 's>, text: &'s str) -> Written<'s> {
        Written {
            name: String::new(),
            text,
            whole: self.asked.written.get(&node.place).copied().unwrap_or(text),
            from: 0,
            place: node.place,
            is_value: false,
        }
    }

    fn engine_name(&self, what: &str, one: &Entry<'s, 's>) {
        let Some(node) = one.value.get("name") else {
            return;
        };
        let text = node.as_text().unwrap_or_default();
        let key = shown(one.key);
        if let Some(mode) = self.shared.get(text) {
            let message = format!(
                "the {what} {key} is {}, which belongs to the mode `{mode}` alone",
                shown(text)
            );
            let help = match self.own_name(one.key) {
                Some(own) => format!("write `name: {own}`"),
                None => format!("name one of the mode `{}`", self.asked.plan.mode),
            };
            self.add(
                Finding::new(Rule::ModeLeak, node.place, message).help(help),
                None,
            );
        }
    }

    /// What the engine calls the mode's own network or volume of a key.
    fn own_name(&self, key: &str) -> Option<&'s str> {
        let plan = self.asked.plan;
        let networks = plan.networks.iter().map(|it| (it.key, it.engine_name));
        let volumes = plan.volumes.iter().map(|it| (it.key, it.engine_name));
        let mut all = networks.chain(volumes);
        all.find(|(own, _)| *own == key).map(|(_, name)| name)
    }

    /// Adds a finding for each variable of other modes alone in a text; whether there is one.
    fn foreign_variables(&self, written: &Written<'s>, service: Option<&str>) -> bool {
        if self.variables.is_empty() || !written.raw().contains('$') {
            return false;
        }
        let mut told = FxHashSet::default();
        for usage in uses(written.raw()).unwrap_or_default() {
            if self.variables.contains_key(usage.name) && told.insert(usage.name) {
                self.foreign_variable(usage.name, written.at(&usage), service);
            }
        }
        !told.is_empty()
    }

    /// Adds a finding for a variable, where it is one of other modes alone.
    fn foreign_variable(&self, name: &str, place: Place, service: Option<&str>) {
        let Some(variable) = self.variables.get(name) else {
            return;
        };
        let modes = variable.value.modes.map_or(&[][..], |modes| modes.items);
        let modes: Vec<&str> = modes.iter().map(|mode| mode.text).collect();
        let mode = self.asked.plan.mode;
        let message = format!(
            "the variable {} is declared for {} alone, and this file is for the mode `{mode}`",
            shown(name),
            list_quoted(&modes)
        );
        let finding = Finding::new(Rule::ModeLeak, place, message);
        let finding = finding.second(variable.place, "declared here");
        self.add(finding.help(self.in_place_of(name)), service);
    }

    /// What to write in place of a variable of other modes.
    fn in_place_of(&self, name: &str) -> String {
        let plan = self.asked.plan;
        let others = self.asked.plans.iter();
        let values = others
            .filter(|other| other.mode != plan.mode)
            .flat_map(|other| other.values.iter());
        let is_it = |text: &str| {
            let uses = uses(text).unwrap_or_default();
            uses.iter().any(|usage| usage.name == name)
        };
        let mut paths = values.filter(|(_, value)| is_it(value.text));
        let own = paths.find(|(path, _)| plan.values.iter().any(|(own, _)| own == path));
        match own {
            Some((path, _)) => format!("write what `{path}` is in the mode `{}`", plan.mode),
            None => format!(
                "take it out, or add `{}` to its `modes` in the catalog",
                plan.mode
            ),
        }
    }

    /// What of a text belongs to another mode; one finding at most beside those of variables.
    fn text(&self, written: &Written<'s>, service: Option<&str>) {
        if self.foreign_variables(written, service) {
            return;
        }
        let found = self.in_operators(written).or_else(|| self.in_text(written));
        if let Some(finding) = found {
            self.add(finding, service);
        }
    }

    /// A switch that says of a service what is not so in the mode.
    fn switch(&self, switch: &Switch<'s>, written: &Written<'s>, service: &str) {
        if self.foreign_variables(written, Some(service)) {
            return;
        }
        let is_wrong = |text: &str| truth(text).is_some_and(|says| says != switch.on);
        let uses = uses(written.raw()).unwrap_or_default();
        let by_default = uses.iter().any(|usage| {
            let is_default = usage.operator.is_some_and(Operator::is_default);
            is_default && is_wrong(usage.word)
        });
        let how = match (is_wrong(written.text), by_default) {
            (true, _) => "",
            (false, true) => " by default",
            (false, false) => return,
        };
        let is_brought = !by_default && (self.asked.came_in)(written.place);
        let message = Look::contradicts(&written.name, switch, how, self.asked.plan.mode);
        let finding = Finding::new(Rule::ModeLeak, written.place, message)
            .second(switch.place, "the switch of the service")
            .help(format!("write `{}`", switch.text()));
        self.add(brought(finding, is_brought), Some(service));
    }

    fn contradicts(name: &str, switch: &Switch, how: &str, mode: &str) -> String {
        let (other, is_in) = match switch.on {
            true => (false, "is"),
            false => (true, "is not"),
        };
        let service = shown(switch.service);
        format!("{name} says `{other}`{how}, and {service} {is_in} in the mode `{mode}`")
    }

    /// What an operator brings: the text behind `:-` and `:+` counts whether or not it is taken now.
    fn in_operators(&self, written: &Written<'s>) -> Option<Finding> {
        if self.foreign.is_empty() || !written.raw().contains('$') {
            return None;
        }
        let uses = uses(written.raw()).unwrap_or_default();
        uses.iter().find_map(|usage| {
            let called = called(usage)?;
            let (part, source) = self.foreign.in_value(usage.word)?;
            let name = match shown(usage.name) {
                name if name == written.name => format!("{called} of {name}"),
                name => format!("{called} of {name} in {}", written.name),
            };
            Some(self.leak(&name, written.at(usage), part, source, false))
        })
    }

    fn in_text(&self, written: &Written<'s>) -> Option<Finding> {
        let text = written.text;
        let found = match written.is_value {
            true => self.foreign.in_value(text),
            false => self.foreign.in_addresses(text),
        };
        let (part, source) = found.or_else(|| self.foreign.in_words(text))?;
        let is_literal = || self.literal(written).is_some();
        let is_brought = (self.asked.came_in)(written.place) && !is_literal();
        Some(self.leak(&written.name, written.place, part, source, is_brought))
    }

    /// What of a text belongs to another mode as it is written: no env file has brought it.
    fn literal(&self, written: &Written<'s>) -> Option<(Part, &Source<'s>)> {
        let raw = written.raw();
        self.foreign
            .in_addresses(raw)
            .or_else(|| self.foreign.in_words(raw))
    }

    fn leak(
        &self,
        name: &str,
        place: Place,
        part: Part,
        source: &Source,
        is_brought: bool,
    ) -> Finding {
        let Source {
            mode,
            path,
            place: theirs,
        } = source;
        let plan = self.asked.plan;
        let has_own = plan.values.iter().any(|(own, _)| own == path);
        let help = match (has_own, is_brought) {
            (true, true) => format!("write there what `{path}` is in the mode `{}`", plan.mode),
            (true, false) => format!("write what `{path}` is in the mode `{}`", plan.mode),
            (false, _) => format!("take it out: `{path}` is of the mode `{mode}` alone"),
        };
        let finding = Finding::new(Rule::ModeLeak, place, said(name, part, source))
            .second(*theirs, format!("the value of `{mode}`"))
            .help(help);
        brought(finding, is_brought)
    }
}

/// The finding, which says where the value came from if an env file brought it.
pub(super) fn brought(finding: Finding, is_brought: bool) -> Finding {
    Finding {
        way: is_brought.then(|| FROM_ENV_FILE.to_owned()),
        ..finding
    }
}

/// What a text says, as services read yes and no.
fn truth(text: &str) -> Option<bool> {
    let is_one = |words: [&str; 4]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    match text {
        _ if is_one(["true", "yes", "on", "1"]) => Some(true),
        _ if is_one(["false", "no", "off", "0"]) => Some(false),
        _ => None,
    }
}

/// How what an operator brings is called; `None` where it brings nothing.
fn called(usage: &Use) -> Option<&'static str> {
    match usage.operator? {
        Operator::DefaultIfUnsetOrEmpty | Operator::DefaultIfUnset => Some("the default"),
        Operator::AlternateIfSetAndNotEmpty | Operator::AlternateIfSet => Some("the alternative"),
        Operator::ErrorIfUnsetOrEmpty | Operator::ErrorIfUnset => None,
    }
}
