//! What an expression may ask of a mode: its values, what is chosen, and the services that are in it.

use std::borrow::Cow;

use super::ModeEvaluator;
use crate::catalog::Named;
use crate::compose::scalar::Text;
use crate::compose::value::has_braces;
use crate::place::Place;
use crate::plan::expression::{Answer, Asked, Function};
use crate::plan::scope::Absence;
use crate::plan::values::Written;
use crate::values::shown::shown;
use crate::values::suggest::nearest;

const BUILT_IN: [&str; 4] = ["mode.name", "mode.class", "project", "service.name"];

impl Asked for ModeEvaluator<'_, '_> {
    fn path(&self, path: &str) -> Answer<'_> {
        if let Some(answer) = self.built_in(path) {
            return answer;
        }
        let known = self
            .values
            .path(path)
            .and_then(|path| Some((path, self.values.get(path)?)));
        match known {
            Some((path, Written::Scalar(text))) => self.value(path, text),
            Some((path, Written::Group)) => {
                let message = format!("`{path}` is a group of values, not one");
                let below = self
                    .values
                    .paths()
                    .iter()
                    .find(|other| other.starts_with(&format!("{path}.")));
                Answer::Wrong(
                    message,
                    below.map(|below| format!("write, for example, `{below}`")),
                )
            }
            Some((path, Written::List)) => {
                Answer::Wrong(format!("`{path}` is a list, which no text can hold"), None)
            }
            None => {
                let functions = Function::ALL.map(Function::name);
                let names = self.values.paths().iter().copied().chain(BUILT_IN);
                let near = nearest(path, names.chain(functions));
                let message = format!("`{path}` is not known here");
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "declare it under `values` of the mode, or of the catalog".to_owned(),
                };
                Answer::Wrong(message, Some(help))
            }
        }
    }

    fn function(&self, function: Function, service: Option<&str>) -> Answer<'_> {
        let member = match self.asked_of(function, service) {
            Ok(found) => found,
            Err(answer) => return answer,
        };
        match function {
            Function::Host => Answer::Text(Cow::Borrowed(member.name)),
            Function::Port => self.port_of(member, false),
            Function::Published => self.port_of(member, true),
            Function::Url => match self.port_of(member, false) {
                Answer::Text(port) => {
                    let address = ["http://", member.name, ":", &port].concat();
                    Answer::Text(Cow::Owned(address))
                }
                other => other,
            },
        }
    }

    fn asks_for_service(&self) {
        self.is_asked.set(true);
    }

    fn all(&self) -> Vec<(String, Answer<'_>)> {
        // All of them are there, whatever is asked for.
        let is_asked = self.is_asked.get();
        let scalars = self
            .values
            .paths()
            .iter()
            .copied()
            .filter(|path| matches!(self.values.get(path), Some(Written::Scalar(_))));
        let all = scalars.chain(BUILT_IN);
        let all = all.map(|path| (path.to_owned(), self.path(path)));
        let all = all.collect();
        self.is_asked.set(is_asked);
        all
    }
}

impl<'a, 's> ModeEvaluator<'a, 's> {
    /// The service of the plan of which a function is asked.
    fn asked_of(
        &self,
        function: Function,
        service: Option<&str>,
    ) -> Result<&'a Named<'s>, Answer<'_>> {
        let written = service.unwrap_or_else(|| self.asked());
        let call = || match service {
            Some(name) => format!("{}('{name}')", function.name()),
            None => format!("{}()", function.name()),
        };
        if written.is_empty() {
            let call = call();
            let message = format!("`{call}` stands at no service, so it needs the name of one");
            let help = format!("write, for example, `{}('NAME')`", function.name());
            return Err(Answer::Wrong(message, Some(help)));
        }
        if let Some(found) = self.member(written) {
            return Ok(found);
        }
        let call = call();
        let absence = self.scope.absence(written, self.membership);
        match absence {
            Some(Absence::Unknown) | None => {
                let near = nearest(written, self.scope.catalog.services.keys().copied());
                let message = format!("`{call}` names a service that nothing declares");
                Err(Answer::Wrong(
                    message,
                    near.map(|near| format!("did you mean `{near}`?")),
                ))
            }
            Some(absence) => {
                let (mode, host) = (self.scope.mode_name, self.scope.host_name);
                let reason = absence.reason(mode, host);
                let message =
                    format!("`{call}` has no value in the mode `{mode}` on `{host}`: {reason}");
                Err(Answer::Undefined(message))
            }
        }
    }

    fn port_of(&self, member: &Named<'s>, published: bool) -> Answer<'_> {
        let (name, facts) = (member.name, self.members.facts(member));
        // What its port asks for it asks for itself, whoever wants to know.
        let asker = self.service.replace(name);
        let port = facts.port(self, published);
        self.service.set(asker);
        match port {
            Some(port) => Answer::Text(Cow::Owned(port.to_string())),
            None if facts.port_is_refused() => Answer::Wrong(String::new(), None),
            None if published => {
                Answer::Undefined(format!("`{name}` publishes no port of the host"))
            }
            None => Answer::Undefined(format!("`{name}` states no container port")),
        }
    }

    fn value(&self, path: &'s str, text: Text<'s>) -> Answer<'_> {
        let known = self.evaluated.borrow().get(path).copied();
        if let Some(known) = known {
            // What is wrong with a value is told once, where it stands.
            return known.map_or(Answer::Wrong(String::new(), None), |text| {
                Answer::Text(Cow::Borrowed(text))
            });
        }
        let start = self.open.borrow().iter().position(|open| *open == path);
        if let Some(start) = start {
            self.circle(start, path, text.place);
            return Answer::Wrong(String::new(), None);
        }
        let result = self.evaluated_value(path, text);
        let kept = result.as_deref().map(|text| &*self.arena.alloc_str(text));
        self.evaluated.borrow_mut().insert(path, kept);
        kept.map_or(Answer::Wrong(String::new(), None), |text| {
            Answer::Text(Cow::Borrowed(text))
        })
    }

    fn evaluated_value(&self, path: &'s str, text: Text<'s>) -> Option<String> {
        if !has_braces(text.text) {
            return Some(text.text.to_owned());
        }
        self.open.borrow_mut().push(path);
        // A value belongs to no service, whoever asks for it.
        let service = self.service.replace("");
        let result = self.expressions(text.text, text.place);
        self.service.set(service);
        self.open.borrow_mut().pop();
        result
    }

    /// Values that need each other: from the one that is asked for again, in the order of asking.
    fn circle(&self, start: usize, path: &str, place: Place) {
        let open = self.open.borrow();
        let names = open[start..].iter().copied().chain([path]);
        let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
        let message = format!("values go round in a circle: {}", names.join(" -> "));
        let help = "write one of them without the others".to_owned();
        self.wrong(place, message, Some(help));
    }

    /// What is chosen of an option; `None` for a path of another kind.
    fn choice(&self, path: &str) -> Option<Answer<'_>> {
        let option = path.strip_prefix("options.")?;
        let scope = &self.scope;
        if let Some(choice) = scope.situation().choice(option) {
            return Some(Answer::Text(Cow::Borrowed(choice)));
        }
        let message = format!("there is no option {}", shown(option));
        let near = nearest(option, scope.catalog.options.keys().copied());
        let help = near.map(|near| format!("did you mean `options.{near}`?"));
        Some(Answer::Wrong(message, help))
    }

    fn built_in(&self, path: &str) -> Option<Answer<'_>> {
        if let Some(choice) = self.choice(path) {
            return Some(choice);
        }
        let scope = &self.scope;
        Some(Answer::Text(Cow::Borrowed(match path {
            "mode.name" => scope.mode_name,
            "mode.class" => scope.class.as_str(),
            "project" => scope.catalog.project_name(),
            "service.name" if self.asked().is_empty() => {
                let message = "`service.name` stands at no service".to_owned();
                let help =
                    "a value belongs to its mode; write `{{ service.name }}` at the services";
                return Some(Answer::Wrong(message, Some(help.to_owned())));
            }
            "service.name" => self.service.get(),
            _ => return None,
        })))
    }
}
