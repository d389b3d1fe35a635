//! Texts with `{{ }}` and `${ }`, for one mode: the first are evaluated, the second get the operator that the
//! variable's declaration asks for.

mod answers;

use std::cell::{Cell, RefCell};

use bumpalo::Bump;
use rustc_hash::FxHashMap;

use super::environment::{Evaluated, class_entry};
use super::expression::{Answer, evaluate};
use super::members::Members;
use super::scope::{Membership, Scope};
use super::switches::Switch;
use super::usage::Marks;
use super::values::{Values, Written};
use crate::catalog::entries::Variable;
use crate::catalog::{Declared, Named};
use crate::compose::keyed::{Entry, EnvValue};
use crate::compose::scalar::Text;
use crate::compose::value::{Evaluator, has_braces};
use crate::finding::{Finding, Findings};
use crate::place::Place;
use crate::rule::Rule;
use crate::values::bytes::holds;
use crate::values::interpolation::{expand, has_variable, uses};
use crate::values::shown::shown;
use crate::values::suggest::nearest;

/// So many texts are remembered: those of fragments and the like are among the first, and a table of all of a large
/// catalog would be asked for longer than a text is evaluated.
const MOST_TEXTS: usize = 512;

/// Evaluates the texts of one mode.
pub struct ModeEvaluator<'a, 's> {
    /// Which mode, which host.
    pub scope: Scope<'a, 's>,
    /// Who is in it.
    pub membership: &'a Membership<'a, 's>,
    /// What is known of each member before anything is evaluated.
    pub members: &'a Members<'a, 's>,
    values: Values<'s>,
    switches: &'a [Switch<'s>],
    arena: &'s Bump,
    findings: &'a Findings,
    /// The mode's class in the environment of every service.
    class: Option<&'s Entry<'s, EnvValue<'s>>>,
    /// Where a text is put together.
    scratch: Cell<String>,
    /// What of the environment many services have in common.
    pub(super) entries: Evaluated<'s>,
    /// The service whose words are evaluated; empty for what belongs to none.
    service: Cell<&'s str>,
    /// Whether somebody has asked which one that is.
    is_asked: Cell<bool>,
    depth: Cell<u8>,
    /// Values that are evaluated already; `None` for one that cannot be.
    evaluated: RefCell<FxHashMap<&'s str, Option<&'s str>>>,
    /// Values that are under way, each asked for by the one before it.
    open: RefCell<Vec<&'s str>>,
    /// Texts that are evaluated already, of those that are the same for every service.
    texts: RefCell<FxHashMap<&'s str, &'s str>>,
    /// `${NAME}` with its operator, by the variable's number; nothing before it is first asked for, and of one that is for
    /// other modes.
    written: RefCell<Vec<Option<&'s str>>>,
    /// The variables that were used.
    used: RefCell<Marks>,
}

impl<'a, 's> ModeEvaluator<'a, 's> {
    /// An evaluator for a mode.
    pub fn new(
        scope: Scope<'a, 's>,
        membership: &'a Membership<'a, 's>,
        members: &'a Members<'a, 's>,
        values: Values<'s>,
        switches: &'a [Switch<'s>],
        arena: &'s Bump,
        findings: &'a Findings,
    ) -> Self {
        ModeEvaluator {
            scope,
            membership,
            members,
            values,
            switches,
            arena,
            findings,
            class: class_entry(&scope, arena),
            scratch: Cell::default(),
            entries: Evaluated::new(),
            service: Cell::new(""),
            is_asked: Cell::new(false),
            depth: Cell::new(0),
            evaluated: RefCell::default(),
            open: RefCell::default(),
            texts: RefCell::default(),
            written: RefCell::new(vec![None; scope.catalog.variables.len()]),
            used: RefCell::new(Marks::none_of(&scope.catalog.variables)),
        }
    }

    /// What follows belongs to this service; to none for an empty name.
    pub fn enter(&self, service: &'s str) {
        self.service.set(service);
    }

    /// The mode's class, as every service has it in its environment, unless the catalog says otherwise.
    pub fn class_entry(&self) -> Option<&'s Entry<'s, EnvValue<'s>>> {
        self.class
    }

    /// The service whose words are evaluated.
    pub fn service_name(&self) -> &'s str {
        self.service.get()
    }

    /// The service whose words are evaluated, for what these come to.
    fn asked(&self) -> &'s str {
        self.is_asked.set(true);
        self.service.get()
    }

    /// What `make` makes, and whether it may be something else for another service: `port()` is each service's own,
    /// and `service.name`, however they are written.
    pub(super) fn watched<T>(&self, make: impl FnOnce() -> T) -> (T, bool) {
        let before = self.is_asked.replace(false);
        let made = make();
        let is_asked = self.is_asked.get();
        self.is_asked.set(before || is_asked);
        (made, is_asked)
    }

    /// The text of a port with its expressions evaluated and the defaults of its variables. A port that asks for
    /// itself has none.
    pub fn port_text(&self, text: &'s str, place: Place) -> Option<String> {
        let depth = self.depth.get();
        if depth > 8 {
            return None;
        }
        self.depth.set(depth + 1);
        let result = self.expressions(text, place);
        self.depth.set(depth);
        let variables = &self.scope.catalog.variables;
        let default = |name: &str| Some(variables.get(name)?.value.default?.0.text.to_owned());
        Some(expand(&result?, &default).ok()?.into_owned())
    }

    /// The variables that were used and have neither a default nor leave to be empty.
    pub fn required(&self) -> Vec<&'s str> {
        let used = self.used.borrow();
        let must = |variable: &Variable| variable.default.is_none() && !variable.is_optional();
        let used = used.of(self.scope.catalog.variables.iter());
        let required = used.filter(|(_, declared)| must(&declared.value));
        let mut names: Vec<&'s str> = required.map(|(name, _)| *name).collect();
        names.sort_unstable();
        names
    }

    /// Takes the variables that were used.
    pub fn used(&self) -> Marks {
        self.used.take()
    }

    /// The mode's scalar values, evaluated, by path.
    pub fn all_values(&self) -> Vec<(&'s str, Text<'s>)> {
        self.enter("");
        let scalar = |path: &&'s str| match self.values.get(path)? {
            Written::Scalar(text) => Some((*path, text)),
            Written::Group | Written::List => None,
        };
        let scalars: Vec<_> = self.values.paths().iter().filter_map(scalar).collect();
        scalars
            .into_iter()
            .filter_map(|(path, written)| {
                let text = self.text(written.text, written.place)?;
                Some((path, Text { text, ..written }))
            })
            .collect()
    }

    /// A bare name under `environment`: the variable of that name as it is declared.
    pub fn bare(&self, name: &'s str, place: Place) -> &'s str {
        self.variable(name, place)
            .unwrap_or_else(|| self.arena.alloc_str(&format!("${{{name}}}")))
    }

    fn wrong(&self, place: Place, message: String, help: Option<String>) {
        let finding = Finding::new(Rule::BadExpression, place, message).maybe_help(help);
        let service = self.service.get();
        self.findings.add(if service.is_empty() {
            finding.mode(self.scope.mode_name)
        } else {
            finding.mode(self.scope.mode_name).service(service)
        });
    }

    /// The text with every `{{ }}` evaluated.
    fn expressions(&self, text: &str, place: Place) -> Option<String> {
        let mut result = String::with_capacity(text.len() + 32);
        self.push_expressions(text, place, &mut result)?;
        Some(result)
    }

    /// The same, written behind a text.
    fn push_expressions(&self, text: &str, place: Place, result: &mut String) -> Option<()> {
        if holds(text, b'%') && pair(text, b"{%").is_some() {
            let help = "write a value for each mode under `values`, or an override";
            let message = "`{% %}` is not for a catalog: only `{{ }}` is";
            self.wrong(place, message.to_owned(), Some(help.to_owned()));
            return None;
        }
        let mut rest = text;
        while let Some(at) = pair(rest, b"{{") {
            let (before, after) = rest.split_at(at);
            result.push_str(before);
            let inner = &after[2..];
            let Some(end) = pair(inner, b"}}") else {
                let message = format!("`{{{{` is not closed in {}", shown(text));
                self.wrong(
                    place,
                    message,
                    Some("write `}}` behind the expression".to_owned()),
                );
                return None;
            };
            if inner.starts_with('.') {
                // Docker's own Go template stays as it is.
                result.push_str(&after[..end + 4]);
            } else {
                let start = text.len() - rest.len() + at;
                let place = place.part(text.len(), start, start + end + 4);
                self.expression(&inner[..end], place, result)?;
            }
            rest = &inner[end + 2..];
        }
        result.push_str(rest);
        Some(())
    }

    fn expression(&self, expression: &str, place: Place, result: &mut String) -> Option<()> {
        if expression.trim_start().is_empty() {
            let help = "write a name or a function, such as `{{ url('influxdb') }}`";
            let message = "`{{ }}` has nothing in it".to_owned();
            self.wrong(place, message, Some(help.to_owned()));
            return None;
        }
        match evaluate(expression, self) {
            Answer::Text(text) => {
                result.push_str(&text);
                Some(())
            }
            Answer::Undefined(reason) => {
                let help = "where the service can do without it, write `| default('')`";
                self.wrong(place, reason, Some(help.to_owned()));
                None
            }
            Answer::Wrong(message, help) => {
                // What was wrong inside a value is told where the value stands.
                if !message.is_empty() {
                    self.wrong(place, message, help);
                }
                None
            }
        }
    }

    /// The text with every `{{ }}` evaluated, from memory where no service of its own stands in it.
    fn evaluated_text(&self, text: &'s str, place: Place) -> Option<&'s str> {
        if let Some(known) = self.texts.borrow().get(text) {
            return Some(known);
        }
        let mut scratch = self.scratch.take();
        scratch.clear();
        let push = || self.push_expressions(text, place, &mut scratch);
        let (pushed, is_of_service) = self.watched(push);
        let result = pushed.map(|()| &*self.arena.alloc_str(&scratch));
        self.scratch.set(scratch);
        let result = result?;
        let mut texts = self.texts.borrow_mut();
        if !is_of_service && texts.len() < MOST_TEXTS {
            texts.insert(text, result);
        }
        Some(result)
    }

    /// The text with the operator of its declaration at every variable.
    fn variables(&self, text: &'s str, place: Place) -> &'s str {
        if let Some(name) = lone_variable(text) {
            let place = place.part(text.len(), 0, text.len());
            return self.variable(name, place).unwrap_or(text);
        }
        let list = match uses(text) {
            Ok(list) => list,
            Err(refusal) => {
                let finding = Finding::refused(Rule::VariableOperator, place, refusal);
                self.findings.add(finding);
                return text;
            }
        };
        let mut result = String::with_capacity(text.len() + 32);
        let mut end = 0;
        for usage in list.iter().filter(|usage| usage.depth == 0) {
            let at = place.part(text.len(), usage.start, usage.end);
            let written = match usage.operator {
                Some(_) => {
                    self.operator(usage.name, at);
                    None
                }
                None => self.variable(usage.name, at),
            };
            if let Some(written) = written {
                if usage.start == 0 && usage.end == text.len() {
                    return written;
                }
                result.push_str(&text[end..usage.start]);
                result.push_str(written);
                end = usage.end;
            }
        }
        if end == 0 {
            return text;
        }
        result.push_str(&text[end..]);
        self.arena.alloc_str(&result)
    }

    fn operator(&self, name: &str, place: Place) {
        let declared = self.mark(name);
        let message = format!("the variable {} is used with an operator", shown(name));
        let finding = Finding::new(Rule::VariableOperator, place, message).help(format!(
            "write `${{{name}}}`; its declaration under `variables` says `default` or `optional`"
        ));
        self.findings.add(match declared {
            Some(declared) => finding.second(declared.place, "declared here"),
            None => finding,
        });
    }

    /// Notes that a variable is used; its declaration, or `None` where there is none.
    pub fn mark(&self, name: &str) -> Option<&'a Declared<Variable<'s>>> {
        let number = self.number(name)?;
        self.used.borrow_mut().mark(number);
        let (_, declared) = self.scope.catalog.variables.get_index(number)?;
        Some(declared)
    }

    /// The number of a variable among those that are declared.
    fn number(&self, name: &str) -> Option<usize> {
        let variables = &self.scope.catalog.variables;
        self.members.recents.variables.declared(name, variables)
    }

    /// `${NAME}` as its declaration asks; `None` for a name that nothing declares.
    fn variable(&self, name: &str, place: Place) -> Option<&'s str> {
        let Some(number) = self.number(name) else {
            // A switch follows from the plan: its value is written out, and no shell can say otherwise.
            let switch = self.switches.iter().find(|switch| switch.name == name);
            if switch.is_none() {
                self.undeclared(name, place);
            }
            return switch.map(Switch::text);
        };
        if let Some(written) = self.written.borrow()[number] {
            return Some(written);
        }
        self.used.borrow_mut().mark(number);
        let (_, declared) = self.scope.catalog.variables.get_index(number)?;
        let (mode_name, mode) = (self.scope.mode_name, &self.scope.mode.value);
        let written = &*self.arena.alloc_str(&with_operator(name, declared));
        match declared.value.is_for(mode_name, mode) {
            true => self.written.borrow_mut()[number] = Some(written),
            false => self.other_mode(name, declared, place),
        }
        Some(written)
    }

    fn undeclared(&self, name: &str, place: Place) {
        let message = format!("the variable {} is not declared", shown(name));
        let finding = Finding::new(Rule::VariableUndeclared, place, message);
        let switches = self.switches.iter().map(|switch| switch.name);
        let names = self.scope.catalog.variables.keys().copied().chain(switches);
        self.findings.add(match nearest(name, names) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help(format!(
                "declare it: `variables: {{ {name}: {{ description: \"...\" }} }}`"
            )),
        });
    }

    fn other_mode(&self, name: &str, declared: &Declared<Variable>, place: Place) {
        let mode = self.scope.mode_name;
        let message = format!("the variable `{name}` is not declared for the mode `{mode}`");
        let finding = Finding::new(Rule::VariableUndeclared, place, message)
            .second(declared.place, "declared here, for other modes")
            .help(format!(
                "use it in an override of its own modes only, or add `{mode}` to its `modes`"
            ));
        let service = self.service.get();
        self.findings.add(finding.mode(mode).service(service));
    }

    /// The member of a name, or the one that stands in for it: who is replaced is none itself, and few are.
    pub fn member(&self, name: &str) -> Option<&'a Named<'s>> {
        let stands_in = || self.members.get(self.membership.replaced.get(name)?);
        self.members.get(name).or_else(stands_in)
    }
}

impl<'s> Evaluator<'s> for ModeEvaluator<'_, 's> {
    fn arena(&self) -> &'s Bump {
        self.arena
    }

    fn findings(&self) -> &Findings {
        self.findings
    }

    fn text(&self, text: &'s str, place: Place) -> Option<&'s str> {
        let evaluated = match has_braces(text) {
            true => self.evaluated_text(text, place)?,
            false => text,
        };
        Some(match has_variable(evaluated) {
            true => self.variables(evaluated, place),
            false => evaluated,
        })
    }
}

/// Where two bytes stand in a text. Most texts are short: a plain loop beats a searcher that is set up.
fn pair(text: &str, [first, second]: &[u8; 2]) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut start = 0;
    while let Some(at) = bytes[start..].iter().position(|byte| byte == first) {
        start += at + 1;
        if bytes.get(start) == Some(second) {
            return Some(start - 1);
        }
    }
    None
}

/// The name in a text that is one `${NAME}` and nothing else, as most are.
fn lone_variable(text: &str) -> Option<&str> {
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    let mut bytes = name.bytes();
    let starts = bytes
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    (starts && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')).then_some(name)
}

/// `${NAME}` with the operator that its declaration asks for.
fn with_operator(name: &str, declared: &Declared<Variable>) -> String {
    let variable = &declared.value;
    // The default of a secret is a mistake, and would show its value.
    match variable.default.filter(|_| !variable.is_secret()) {
        Some(default) => ["${", name, ":-", default.0.text, "}"].concat(),
        None if variable.is_optional() => ["${", name, ":-}"].concat(),
        None => match variable.description {
            Some(text) => ["${", name, ":?", &sentence(text.text), "}"].concat(),
            None => ["${", name, ":?is not set}"].concat(),
        },
    }
}

/// A description as Compose can show it: one line, nothing that it would read as more than text.
fn sentence(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace(['{', '}', '$'], "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::load;
    use crate::plan::build::plans;
    use crate::source::Sources;

    #[test]
    fn more_texts_than_are_remembered_have_their_values() {
        let mut text = String::from(
            "project: demo\nhosts: { nuc: { memory: 4GiB, cpus: 4 } }\nmodes: { test: { class: test } }\nservices:\n",
        );
        let count = MOST_TEXTS + 100;
        for number in 0..count {
            text.push_str(&format!(
                "  s-{number:04}: {{ role: core, image: demo, environment: {{ A: \"{{{{ project }}}}-{number}\", \
                 B: \"{{{{ mode.name }}}}\" }} }}\n"
            ));
        }
        let arena = Bump::new();
        let sources = Sources::of_texts(&[("catalog.yaml", &text)], &arena);
        let loaded = load(&sources, &arena);
        let plans = plans(&loaded.catalog, "nuc", &arena, &loaded.findings);
        let services = &plans[0].services;
        assert_eq!(services.len(), count);
        for (number, service) in services.iter().enumerate() {
            let environment = service.service.environment.unwrap();
            let value = |key| environment.get(key).unwrap().0.unwrap().text;
            assert_eq!(value("A"), format!("demo-{number}"));
            assert_eq!(value("B"), "test");
        }
    }
}
