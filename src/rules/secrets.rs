//! Secrets that stand in the catalog: `secret-literal`, `secret-default`, `secret-build-arg`, `secret-in-url`.
//! No message ever holds a value.

use rustc_hash::FxHashMap;

use crate::catalog::Catalog;
use crate::compose::build::Build;
use crate::compose::command::Command;
use crate::compose::keyed::{EnvValue, Keyed};
use crate::compose::list::Either;
use crate::compose::scalar::{Loose, Text};
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::{Basis, Plan};
use crate::rule::Rule;
use crate::rules::Context;
use crate::rules::secret_names::{is_elsewhere, is_harmless, tells, tells_in_lines};
use crate::values::interpolation::{has_variable, uses};
use crate::values::shown::shown;
use crate::values::url::{addresses, has_mark};

/// Adds the secrets that stand in the catalog or go where others can read them.
pub fn check(context: &Context) {
    let mut names = Names {
        catalog: context.catalog,
        known: FxHashMap::default(),
    };
    match context.basis {
        Basis::Catalog => variables(context),
        Basis::Compose => defaults(context),
    }
    for plan in context.plans {
        let mut finder = Finder {
            context,
            plan,
            told: Vec::new(),
            service: "",
        };
        finder.values();
        finder.configs();
        for service in &plan.services {
            finder.service = service.name;
            finder.of_service(service, &mut names);
        }
    }
}

fn variables(context: &Context) {
    for (name, declared) in &context.catalog.variables {
        let Some(default) = declared.value.default.filter(|it| !it.0.text.is_empty()) else {
            continue;
        };
        if declared.value.is_secret() {
            let message = format!("the secret `{name}` has a default");
            let finding = Finding::new(Rule::SecretDefault, default.0.place, message);
            context.add(finding.help(
                "remove it: the value goes into each mode's env file; `optional: true` where there may be none",
            ));
        } else if has_credential(default.0.text) {
            let subject = format!("the default of `{name}`");
            context.add(in_url(&subject, default.0.place, context.basis));
        }
    }
}

/// The defaults that stand in a Compose file: nothing declares there what is a secret, so the name tells.
fn defaults(context: &Context) {
    for (name, declared) in &context.catalog.variables {
        let Some(default) = declared.value.default else {
            continue;
        };
        let (text, place) = (default.0.text, default.0.place);
        if tells(name) && is_literal(text) && !is_elsewhere(text) {
            let message = format!("the secret {} has a default", shown(name));
            let finding = Finding::new(Rule::SecretDefault, place, message);
            context.add(finding.help(format!(
                "write `${{{name}:?}}`, so that Compose asks for it; the value goes into an env file that stays out of git"
            )));
        } else if has_credential(text) {
            let subject = format!("the default of {}", shown(name));
            context.add(in_url(&subject, place, context.basis));
        }
    }
}

/// Which names are those of secrets. Names repeat from service to service, so each is looked at once.
struct Names<'a, 's> {
    catalog: &'a Catalog<'s>,
    known: FxHashMap<&'s str, Named>,
}

/// What makes a name that of a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    /// Its declaration says so.
    Declared,
    /// The name itself says so.
    Told,
    /// Nothing.
    No,
}

impl<'s> Names<'_, 's> {
    fn named(&mut self, name: &'s str) -> Named {
        let catalog = self.catalog;
        let judge = || {
            if is_declared(catalog, name) {
                Named::Declared
            } else if tells(name) {
                Named::Told
            } else {
                Named::No
            }
        };
        *self.known.entry(name).or_insert_with(judge)
    }

    /// Whether the text under a name is the value of a secret.
    fn is_value(&mut self, name: &'s str, text: &str) -> bool {
        if text.is_empty() || text.starts_with("${") {
            return false;
        }
        match self.named(name) {
            Named::Declared => is_literal(text),
            Named::Told => is_literal(text) && !is_elsewhere(text),
            Named::No => false,
        }
    }
}

fn is_declared(catalog: &Catalog, name: &str) -> bool {
    let variable = catalog.variables.get(name);
    variable.is_some_and(|declared| declared.value.is_secret())
}

struct Finder<'a, 'c, 's> {
    context: &'a Context<'c, 's>,
    plan: &'a Plan<'s>,
    /// Values of the mode that have been told: where they are used, they are no second mistake.
    told: Vec<&'s str>,
    /// The service that is looked at.
    service: &'s str,
}

impl<'s> Finder<'_, '_, 's> {
    fn add(&self, finding: Finding) {
        let finding = finding.mode(self.plan.mode);
        self.context.add(match self.service {
            "" => finding,
            name => finding.service(name),
        });
    }

    fn values(&mut self) {
        for (path, value) in &self.plan.values {
            let last = path.rsplit('.').next().unwrap_or(path);
            let finding = if is_literal(value.text) && !is_elsewhere(value.text) && tells(last) {
                let message = format!("the value `{path}` is that of a secret, written out");
                let name = path.to_ascii_uppercase().replace(['.', '-'], "_");
                Finding::new(Rule::SecretLiteral, value.place, message).help(format!(
                    "declare `{name}: {{ secret: true }}` under `variables`, and write `\"${{{name}}}\"`"
                ))
            } else if has_credential(value.text) {
                in_url(
                    &format!("the value `{path}`"),
                    value.place,
                    self.context.basis,
                )
            } else {
                continue;
            };
            self.add(finding);
            self.told.push(value.text);
        }
    }

    fn configs(&self) {
        for config in &self.plan.configs {
            let Some(content) = config.value.content else {
                continue;
            };
            let named = is_literal(content.text) && tells(config.key);
            if named || tells_in_lines(content.text) {
                let message = format!("the config `{}` holds a secret, written out", config.key);
                let finding = Finding::new(Rule::SecretLiteral, content.place, message);
                self.add(finding.help(match self.context.basis {
                    Basis::Catalog => {
                        "put a declared variable in its place: `${NAME}`, with `secret: true` under `variables`"
                    }
                    basis @ Basis::Compose => instead(basis),
                }));
            }
        }
    }

    fn of_service(&self, service: &crate::plan::PlannedService<'s>, names: &mut Names<'_, 's>) {
        let compose = &service.service;
        self.keyed(compose.environment, names, true);
        self.keyed(compose.labels, names, false);
        self.keyed(compose.annotations, names, false);
        if let Some(Either::Long(build)) = compose.build {
            self.build(build, names);
        } else if let Some(Either::Short(context)) = compose.build {
            self.address("`build`", *context);
        }
        if let Some(deploy) = compose.deploy {
            self.keyed(deploy.labels, names, false);
        }
        if let Some(options) = compose.logging.and_then(|logging| logging.options) {
            for (name, _, Loose(text)) in options.iter() {
                self.literal(name, *text, names, false);
            }
        }
        let test = compose.healthcheck.and_then(|check| check.test);
        for (key, command) in [
            ("command", compose.command),
            ("entrypoint", compose.entrypoint),
            ("healthcheck", test),
        ] {
            for word in command.into_iter().flat_map(|command| command.words()) {
                self.address(key, word);
            }
            if let Some(command) = command {
                self.options(key, command);
            }
        }
    }

    /// `--password=x`, `--password x` and `PASSWORD=x` among the words of a command.
    fn options(&self, key: &str, command: &Command<'s>) {
        let mut named = None;
        for word in command.words() {
            for part in word.text.split_whitespace() {
                let before = std::mem::take(&mut named);
                let (name, value) = match (before, part.split_once('=')) {
                    (Some(name), _) if !part.starts_with('-') => (name, part),
                    (_, Some((name, value))) => (name.trim_start_matches('-'), value),
                    _ => {
                        named = part
                            .strip_prefix('-')
                            .map(|name| name.trim_start_matches('-'));
                        continue;
                    }
                };
                if is_literal(value) && !is_elsewhere(value) && !is_run(value) && tells(name) {
                    let message = format!(
                        "{} gives the secret {} written out",
                        shown(key),
                        shown(name)
                    );
                    let finding = Finding::new(Rule::SecretLiteral, word.place, message);
                    self.add(finding.help(instead(self.context.basis)));
                }
            }
        }
    }

    fn keyed(&self, map: Option<&Keyed<'s, EnvValue<'s>>>, names: &mut Names<'_, 's>, bare: bool) {
        for (name, _, value) in map.into_iter().flat_map(|map| map.iter()) {
            if let Some(text) = value.0
                && !self.literal(name, text, names, bare)
            {
                self.address(name, text);
            }
        }
    }

    /// `secret-literal`; whether it fired. `bare`: whether the name alone is a way to write it.
    fn literal(
        &self,
        name: &'s str,
        text: Text<'s>,
        names: &mut Names<'_, 's>,
        bare: bool,
    ) -> bool {
        if !names.is_value(name, text.text) || self.told.contains(&text.text) {
            return false;
        }
        let message = format!("{} is a secret, and its value is written out", shown(name));
        let declared = is_declared(self.context.catalog, name);
        let help = match (declared, bare) {
            _ if self.context.basis == Basis::Compose => instead(Basis::Compose).to_owned(),
            (true, true) => format!("write `{name}:` without a value; the value goes into each mode's env file"),
            (true, false) => format!("write `\"${{{name}}}\"`; the value goes into each mode's env file"),
            (false, _) => "declare a variable with `secret: true`, and write `\"${NAME}\"`; one without `secret` \
                           and with a `default` if it is none"
                .to_owned(),
        };
        let place = self.origin(text);
        let finding = Finding::new(Rule::SecretLiteral, place, message).help(help);
        self.add(match place == text.place {
            true => finding,
            false => finding.second(text.place, "used here"),
        });
        true
    }

    /// Where a text was written: among the values of the mode, if it is one of them.
    fn origin(&self, text: Text<'s>) -> Place {
        let mut values = self.plan.values.iter();
        let value = values.find(|(_, value)| value.text == text.text);
        value.map_or(text.place, |(_, value)| value.place)
    }

    fn build(&self, build: &Build<'s>, names: &mut Names<'_, 's>) {
        if let Some(context) = build.context {
            self.address("build.context", *context);
        }
        self.keyed(build.labels, names, false);
        for (name, place, value) in build.args.into_iter().flat_map(|args| args.iter()) {
            let text = value.0.unwrap_or(Text { text: "", place });
            if !self.argument(name, text, names) {
                self.address(name, text);
            }
        }
    }

    /// `secret-build-arg`; whether it fired.
    fn argument(&self, name: &'s str, text: Text<'s>, names: &mut Names<'_, 's>) -> bool {
        // Nothing declares there what is a secret, so the name tells.
        let is_handed_on = match self.context.basis {
            Basis::Catalog => false,
            Basis::Compose => (text.text.is_empty() || has_variable(text.text)) && tells(name),
        };
        let literal = names.is_value(name, text.text) || is_handed_on;
        if !literal && !uses_secret(self.context.catalog, text.text) {
            return false;
        }
        let message = format!("the build argument {} holds a secret", shown(name));
        let finding = Finding::new(Rule::SecretBuildArg, text.place, message);
        self.add(finding.help(
            "give it to the build under `build.secrets`; the image's history keeps arguments",
        ));
        true
    }

    fn address(&self, subject: &str, text: Text<'s>) {
        // An address among the values of the mode is told there.
        let of_value = |told: &&str| has_mark(told) && text.text.contains(told);
        if has_credential(text.text) && !self.told.iter().any(of_value) {
            self.add(in_url(&shown(subject), text.place, self.context.basis));
        }
    }
}

fn in_url(subject: &str, place: Place, basis: Basis) -> Finding {
    let message = format!("{subject} has a URL with a password or token in it");
    let finding = Finding::new(Rule::SecretInUrl, place, message);
    finding.help(instead(basis))
}

/// What to write in place of a secret.
fn instead(basis: Basis) -> &'static str {
    match basis {
        Basis::Catalog => {
            "declare a variable with `secret: true`, and write `${NAME}` in its place"
        }
        Basis::Compose => {
            "write `${NAME}` in its place; the value goes into an env file that stays out of git"
        }
    }
}

/// Whether a shell makes the value, such as `$$(cat /run/secrets/db)`.
fn is_run(value: &str) -> bool {
    value.contains("$(") || value.contains('`')
}

/// Whether a text is all there is to a value, and not a switch or the path of a secret's file.
fn is_literal(text: &str) -> bool {
    !text.is_empty() && !has_variable(text) && !is_harmless(text)
}

fn uses_secret(catalog: &Catalog, text: &str) -> bool {
    text.contains('$')
        && uses(text).is_ok_and(|all| all.iter().any(|one| is_declared(catalog, one.name)))
}

/// Whether an address in the text holds a password. What stands inside `${NAME:-...}` is the variable's default,
/// which is told where the variable is declared.
fn has_credential(text: &str) -> bool {
    if !text.as_bytes().contains(&b'@') || !has_mark(text) {
        return false;
    }
    let variables = uses(text).unwrap_or_default();
    addresses(text).iter().any(|address| {
        let inside = |one: &crate::values::interpolation::Use| {
            one.start < address.start && address.start < one.end
        };
        address.literal_password().is_some() && !variables.iter().any(inside)
    })
}
