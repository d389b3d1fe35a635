//! Names that nothing declares, and names that go round in a circle: once for the catalog, whatever mode or host.

use rustc_hash::{FxHashMap, FxHashSet};

use super::entries::{Choice, Chosen};
use super::recent::Recent;
use super::when::Subject;
use super::words::Words;
use super::{Catalog, Declared, ServiceEntry};
use crate::compose::list::List;
use crate::compose::scalar::Text;
use crate::compose::value::{Ahead, Value};
use crate::finding::{Finding, Findings};
use crate::place::Place;
use crate::rule::Rule;
use crate::values::mode_class::ModeClass;
use crate::values::prose::list_quoted;
use crate::values::shown::shown;
use crate::values::suggest::nearest;

/// Adds what is wrong with the names of a catalog.
pub fn check<'s>(catalog: &Catalog<'s>, findings: &Findings) {
    let names = References {
        catalog,
        findings,
        recent: Recent::default(),
    };
    names.top();
    names.words(&catalog.defaults, "");
    for role in catalog.roles.values() {
        if let Some(defaults) = role.value.defaults {
            names.words(defaults, "");
        }
    }
    for fragment in catalog.fragments.values() {
        names.words(fragment.value, "");
    }
    let mut walked = FxHashSet::default();
    for (name, fragment) in &catalog.fragments {
        names.circles(name, fragment.value, &mut walked);
    }
    names.services(&mut walked);
    names.replacements();
}

/// The most names that a help lists.
const MOST_LISTED: usize = 12;

/// What there is, where it can be said in a line.
fn there_is<'n>(known: impl Iterator<Item = &'n str>) -> Option<String> {
    let names: Vec<&str> = known.take(MOST_LISTED + 1).collect();
    (1..=MOST_LISTED)
        .contains(&names.len())
        .then(|| format!("there is {}", list_quoted(&names)))
}

/// That a choice is not for a host, with the reason that the catalog gives.
pub fn not_for(option: &str, choice: &str, words: &Choice, host: &str) -> String {
    let reason = words.reason.map(|reason| format!(": {}", reason.text));
    format!(
        "the choice `{choice}` of `{option}` is not for `{host}`{}",
        reason.unwrap_or_default()
    )
}

struct References<'a, 's> {
    catalog: &'a Catalog<'s>,
    findings: &'a Findings,
    /// The services that were named last.
    recent: Recent<'s>,
}

impl<'s> References<'_, 's> {
    fn unknown(
        &self,
        rule: Rule,
        what: &str,
        name: Text,
        known: impl Iterator<Item = &'s str> + Clone,
    ) {
        let message = format!("there is no {what} {}", shown(name.text));
        let finding = Finding::new(rule, name.place, message);
        let help = match nearest(name.text, known.clone()) {
            Some(near) => Some(format!("did you mean `{near}`?")),
            None => there_is(known),
        };
        self.findings.add(finding.maybe_help(help));
    }

    fn mode(&self, name: Text) {
        if self.catalog.mode(name.text).is_none() {
            self.unknown(Rule::UnknownMode, "mode", name, self.catalog.mode_names());
        }
    }

    fn modes(&self, list: Option<&List<'s, Text<'s>>>) {
        for name in list.map_or(&[][..], |list| list.items) {
            self.mode(*name);
        }
    }

    fn host(&self, name: Text) {
        if !self.catalog.hosts.contains_key(name.text) {
            let hosts = self.catalog.hosts.keys().copied();
            self.unknown(Rule::UnknownHost, "host", name, hosts);
        }
    }

    /// `asker`: the service that names it, which does not mean itself.
    fn service_named(&self, name: Text, asker: &str) {
        if self.recent.read(name.text, self.catalog).is_none() {
            let services = self.catalog.services.keys().copied();
            let services = services.filter(|service| *service != asker);
            self.unknown(Rule::UnknownService, "service", name, services);
        }
    }

    fn role(&self, name: Text) {
        if !self.catalog.roles.contains_key(name.text) {
            let roles = self.catalog.roles.keys().copied();
            self.unknown(Rule::UnknownRole, "role", name, roles);
        }
    }

    fn top(&self) {
        if let Some(host) = self.catalog.default_host {
            self.host(host);
        }
        for mode in self.catalog.modes.values() {
            for name in mode.value.requires.map_or(&[][..], |list| list.items) {
                match name.text.strip_prefix("role:") {
                    Some(text) => self.role(Text { text, ..*name }),
                    None => self.service_named(*name, ""),
                }
            }
        }
        super::profiles::check(self.catalog, self.findings);
        self.options();
        self.each(&self.catalog.variables, |variable| variable.modes);
        self.each(&self.catalog.volumes, |volume| volume.shared);
        self.each(&self.catalog.networks, |network| network.shared);
    }

    /// Options, and what hosts choose of them.
    fn options(&self) {
        for (name, option) in &self.catalog.options {
            let choices = option.value.choices.copied().unwrap_or_default();
            for (_, _, choice) in choices.iter() {
                for host in choice.hosts.map_or(&[][..], |list| list.items) {
                    self.host(*host);
                }
            }
            if let Some(default) = option.value.default {
                self.choice(name, *default);
            }
        }
        for (host_name, host) in &self.catalog.hosts {
            let own = host.value.options.copied().unwrap_or_default();
            for (option, place, chosen) in own.iter() {
                let text = option;
                self.option(Text { text, place });
                self.choice(option, chosen.0);
            }
            for (option, choice) in self.catalog.choices(host_name) {
                self.allowed(option, choice, host_name, own.get(option));
            }
            for (text, place, _) in host.value.concurrent.into_iter().flat_map(|all| all.iter()) {
                self.mode(Text { text, place });
            }
        }
    }

    fn option(&self, name: Text) -> bool {
        let known = self.catalog.options.contains_key(name.text);
        if !known {
            let options = self.catalog.options.keys().copied();
            self.unknown(Rule::UnknownOption, "option", name, options);
        }
        known
    }

    fn choice(&self, option: &str, choice: Text) {
        let declared = self.catalog.options.get(option);
        let Some(choices) = declared.and_then(|option| option.value.choices) else {
            return;
        };
        if choices.get(choice.text).is_none() {
            let what = format!("choice of `{option}` called");
            let names = choices.entries.iter().map(|entry| entry.key);
            self.unknown(Rule::UnknownOption, &what, choice, names);
        }
    }

    /// A choice that a host chooses, or that is the default there, and that is not for it.
    fn allowed(&self, option: &str, choice: &str, host: &str, own: Option<&Chosen>) {
        let Some(words) = self
            .catalog
            .choice(option, choice)
            .filter(|it| !it.is_for(host))
        else {
            return;
        };
        let default = self
            .catalog
            .options
            .get(option)
            .and_then(|it| it.value.default);
        let place = own
            .map(|chosen| chosen.0.place)
            .or(default.map(|text| text.place));
        let message = not_for(option, choice, words, host);
        let finding = Finding::new(Rule::ChoiceRefused, place.unwrap_or_default(), message);
        let finding = finding.second(
            words.hosts.map_or(Place::NOWHERE, |hosts| hosts.place),
            "the hosts that it is for",
        );
        self.findings.add(match own {
            Some(_) => finding.help("choose another one for this host, or let the choice in"),
            None => finding.help(format!(
                "choose for the host: `options: {{ {option}: ... }}` under `hosts.{host}`"
            )),
        });
    }

    /// What a condition compares with must be there: a slip of the pen would never be true.
    fn condition(&self, service: &ServiceEntry<'s>) {
        let condition = service.words.own.when().and_then(|when| when.condition);
        let Some(condition) = condition else {
            return;
        };
        condition.comparisons(&mut |subject, words| match subject {
            Subject::Choice(option) => {
                if self.option(*option) {
                    words
                        .iter()
                        .for_each(|word| self.choice(option.text, *word));
                }
            }
            Subject::ModeName => words.iter().for_each(|word| self.mode_called(*word)),
            Subject::ModeClass => words.iter().for_each(|word| self.class(*word)),
        });
    }

    /// `mode.name` is the mode's own name, never an alias.
    fn mode_called(&self, word: Text) {
        match self.catalog.mode(word.text) {
            Some((name, _)) if name != word.text => {
                let message = format!("`mode.name` is never {}, an alias", shown(word.text));
                let finding = Finding::new(Rule::UnknownMode, word.place, message);
                self.findings.add(finding.help(format!("write `'{name}'`")));
            }
            _ => self.mode(word),
        }
    }

    fn class(&self, word: Text) {
        if word.text.parse::<ModeClass>().is_err() {
            let message = format!("`mode.class` is never {}", shown(word.text));
            let finding = Finding::new(Rule::WrongType, word.place, message);
            self.findings
                .add(finding.help("write `'test'` or `'production'`"));
        }
    }

    fn each<T>(
        &self,
        names: &super::Names<'s, T>,
        modes: impl Fn(&T) -> Option<&'s List<'s, Text<'s>>>,
    ) {
        for Declared { value, .. } in names.values() {
            self.modes(modes(value));
        }
    }

    fn services(&self, walked: &mut FxHashSet<&'s str>) {
        // In their own order: of services that share a line it is the first whose help is told.
        let services = &self.catalog.services;
        let mut ahead = Ahead::of(services.values(), services.len());
        for service in services.values() {
            ahead.next(|service| service.words.own.touch());
            self.recent.begin();
            self.service(service);
            self.circles(service.name, &service.words, walked);
        }
    }

    fn service(&self, service: &ServiceEntry<'s>) {
        let own = &service.words.own;
        if let Some(role) = own.role {
            self.role(*role);
        }
        self.modes(own.modes);
        for host in own.hosts().map_or(&[][..], |list| list.items) {
            self.host(*host);
        }
        if let Some(replaces) = own.replaces() {
            self.service_named(*replaces, service.name);
        }
        self.condition(service);
        self.words(&service.words, service.name);
    }

    /// `asker`: the service whose words they are; empty for what several share.
    fn words(&self, words: &Words<'s>, asker: &str) {
        for name in words.own.extends.map_or(&[][..], |extends| extends.items) {
            if self.catalog.layer(name.text).is_none() {
                let fragments = self.catalog.fragments.keys();
                let layers = fragments.chain(self.catalog.services.keys()).copied();
                self.unknown(Rule::UnknownFragment, "fragment or service", *name, layers);
            }
        }
        if let Some(depends_on) = words.own.depends_on {
            for (text, place, _) in depends_on.iter() {
                self.service_named(Text { text, place }, asker);
            }
        }
        for (key, place, change) in words
            .own
            .overrides
            .into_iter()
            .flat_map(|overrides| overrides.iter())
        {
            self.override_key(Text { text: key, place });
            self.words(change.0, asker);
        }
    }

    fn override_key(&self, key: Text) {
        let catalog = self.catalog;
        let known = catalog.mode(key.text).is_some()
            || catalog.hosts.contains_key(key.text)
            || catalog.has_choice(key.text);
        if !known {
            let hosts = catalog.hosts.keys().copied();
            let choices = catalog.options.values().filter_map(|it| it.value.choices);
            let choices = choices.flat_map(|all| all.entries).map(|entry| entry.key);
            let known = catalog.mode_names().chain(hosts).chain(choices);
            let what = match catalog.options.is_empty() {
                true => "mode or host",
                false => "mode, host or choice",
            };
            self.unknown(Rule::UnknownMode, what, key, known);
        }
    }

    /// Circles among `extends`, each once, from its first name.
    fn circles(&self, start: &'s str, words: &Words<'s>, done: &mut FxHashSet<&'s str>) {
        let extends = words.own.extends.map_or(&[][..], |extends| extends.items);
        // Remembered is what others extend, once one of them is walked: most services extend fragments alone, and
        // nothing extends them.
        let is_done = |name: &Text| done.contains(name.text);
        if !extends.iter().all(is_done) && !done.contains(start) {
            self.walk(start, done);
        }
    }

    /// Follows `extends` depth first, without recursion: a chain may be as long as the catalog.
    fn walk(&self, start: &'s str, done: &mut FxHashSet<&'s str>) {
        let mut path: Vec<(&'s str, Place, usize)> = vec![(start, Place::NOWHERE, 0)];
        let mut open: FxHashSet<&'s str> = FxHashSet::from_iter([start]);
        while let Some((name, _, next)) = path.last_mut() {
            let layer = self.catalog.layer(name);
            let extends = layer.and_then(|layer| layer.own.extends);
            let target = extends
                .and_then(|extends| extends.items.get(*next))
                .copied();
            *next += 1;
            match target {
                None => {
                    open.remove(name);
                    done.insert(name);
                    path.pop();
                }
                Some(target) if open.contains(target.text) => {
                    self.cycle(&path, target);
                }
                Some(target)
                    if !done.contains(target.text) && self.catalog.layer(target.text).is_some() =>
                {
                    open.insert(target.text);
                    path.push((target.text, target.place, 0));
                }
                Some(_) => {}
            }
        }
    }

    fn cycle(&self, path: &[(&str, Place, usize)], back: Text) {
        let start = path
            .iter()
            .position(|(name, ..)| *name == back.text)
            .unwrap_or(0);
        let names = path[start..]
            .iter()
            .map(|(name, ..)| *name)
            .chain([back.text]);
        let shown: Vec<String> = names.map(|name| format!("`{name}`")).collect();
        let message = format!("`extends` goes round in a circle: {}", shown.join(" -> "));
        self.findings.add(
            Finding::new(Rule::ExtendsCycle, back.place, message).help(
                "take one of the names out; what both need belongs into a fragment of its own",
            ),
        );
    }

    /// A service is replaced by one other at most in any mode, and no one replaces itself in a circle.
    fn replacements(&self) {
        let mut by: FxHashMap<&str, (&'s str, Text<'s>)> = FxHashMap::default();
        let services = self.catalog.services_by_name().iter();
        let replacing = services.filter(|service| service.replaces);
        let replacing: Vec<(&'s str, Text<'s>)> = replacing
            .filter_map(|service| Some((service.name, *service.entry.words.own.replaces()?)))
            .collect();
        for (name, target) in &replacing {
            if let Some((other, first)) = by.get(target.text).copied() {
                if self.may_meet(name, other) {
                    let message =
                        format!("`{}` is replaced by `{other}` and by `{name}`", target.text);
                    let finding = Finding::new(Rule::ReplacesCycle, target.place, message)
                        .second(first.place, "replaced here, too")
                        .help(
                            "keep the two apart by `modes` or `hosts`, or take one `replaces` out",
                        );
                    self.findings.add(finding.service(name));
                }
            } else {
                by.insert(target.text, (name, *target));
            }
        }
        self.replacement_circles(&replacing);
    }

    /// Whether two services can be in one mode on one host.
    fn may_meet(&self, a: &str, b: &str) -> bool {
        let hosts: Vec<&str> = self.catalog.hosts.keys().copied().collect();
        let (Some(a), Some(b)) = (self.catalog.services.get(a), self.catalog.services.get(b))
        else {
            return false;
        };
        hosts
            .iter()
            .any(|host| crate::catalog::meets(self.catalog, host, a, b))
    }

    fn replacement_circles(&self, replacing: &[(&'s str, Text<'s>)]) {
        let next: FxHashMap<&str, Text<'s>> = replacing.iter().copied().collect();
        let mut told: FxHashSet<&str> = FxHashSet::default();
        for (start, _) in replacing {
            let mut path = vec![*start];
            let mut name = *start;
            while let Some(target) = next.get(name).filter(|_| !told.contains(name)) {
                if let Some(at) = path.iter().position(|seen| *seen == target.text) {
                    let names = path[at..].iter().copied().chain([target.text]);
                    let list: Vec<String> = names.map(|name| format!("`{name}`")).collect();
                    let message =
                        format!("`replaces` goes round in a circle: {}", list.join(" -> "));
                    let finding = Finding::new(Rule::ReplacesCycle, target.place, message);
                    let help = "take one of these `replaces` out";
                    self.findings.add(finding.help(help));
                    break;
                }
                name = target.text;
                path.push(name);
            }
            told.extend(path);
        }
    }
}
