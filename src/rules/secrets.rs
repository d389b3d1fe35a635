//! Secrets that stand in the catalog: `secret-literal`, `secret-default`, `secret-build-arg`, `secret-in-url`.
//! No message ever holds a value.

use super::secret_names::{Names, is_declared, place, place_of, place_of_words};
use crate::catalog::Catalog;
use crate::compose::build::Build;
use crate::compose::command::Command;
use crate::compose::keyed::{Entry, EnvValue, Keyed};
use crate::compose::list::Either;
use crate::compose::scalar::{Loose, Text};
use crate::compose::service::Service;
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::{Basis, Plan, PlannedService};
use crate::rule::Rule;
use crate::rules::{Context, Ready};
use crate::secrets::{
    BY_NAME, Secret, Sign, in_lines, in_text, in_words, is_sample, makes_secret, tells, under,
};
use crate::values::interpolation::{has_variable, uses};
use crate::values::shown::shown;
use crate::values::url::has_mark;

/// Adds the secrets that stand in the catalog, and what of a plan is no service's.
pub fn check(context: &Context) {
    match context.basis {
        Basis::Catalog => variables(context),
        Basis::Compose => defaults(context),
    }
    for plan in context.plans {
        let mut finder = Finder::of(context, plan);
        for finding in finder.values() {
            finder.add(finding);
        }
        finder.configs();
        finder.volumes();
        context.seen.tell(finder.told);
    }
}

/// Adds the secrets of a service that stand in the catalog or go where others can read them; `check` comes before it.
pub fn of_service<'c, 's>(context: &'c Context<'_, 's>, plan: &'c Plan<'s>) -> Ready<'c, 's> {
    let mut names = Names::of(context, plan);
    let mut finder = Finder::of(context, plan);
    let mut plans = context.plans.iter();
    if let Some(number) = plans.position(|one| std::ptr::eq(one, plan)) {
        finder.told = context.seen.told(number);
    }
    Box::new(move |service: &'c PlannedService<'s>| {
        names.enter(service);
        finder.service = service.name;
        finder.of_service(service, &names);
        names.leave();
    })
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
        } else {
            for secret in in_text(default.0.text) {
                let subject = format!("the default of `{name}`");
                if let Some(found) = inside(&subject, &secret, context.basis) {
                    context.add(found.at(default.0.place));
                }
            }
        }
    }
}

/// The defaults that stand in a Compose file: nothing declares there what is a secret, so the name tells.
fn defaults(context: &Context) {
    for one in context
        .project
        .into_iter()
        .flat_map(|project| &project.defaults)
    {
        let (name, text, place) = (one.name, one.text.text, one.text.place);
        if makes_secret(name, text) {
            let message = format!("the secret {} has a default", shown(name));
            context.add(default_of(name, place, message));
        } else if let Some(found) = in_text(text).first().and_then(|secret| {
            inside(
                &format!("the default of {}", shown(name)),
                secret,
                context.basis,
            )
        }) {
            context.add(found.at(place));
        }
    }
}

/// A default of a variable that stands in the place of a secret.
fn default_of(name: &str, place: Place, message: String) -> Finding {
    Finding::new(Rule::SecretDefault, place, message).help(format!(
        "write `${{{name}:?}}`, so that Compose asks for it; the value goes into an env file that stays out of git"
    ))
}

/// The commands of a service, each behind its key.
fn commands<'s>(service: &Service<'s>) -> [(&'static str, Option<&'s Command<'s>>); 3] {
    let test = service.healthcheck.and_then(|check| check.test);
    [
        ("command", service.command),
        ("entrypoint", service.entrypoint),
        ("healthcheck", test),
    ]
}

/// What stands under `environment`, `labels` and their like.
type Variables<'s> = Option<&'s Keyed<'s, EnvValue<'s>>>;

struct Finder<'a, 'c, 's> {
    context: &'a Context<'c, 's>,
    plan: &'a Plan<'s>,
    /// Values of the mode that have been told: where they are used, they are no second mistake.
    told: Vec<&'s str>,
    /// The service that is looked at.
    service: &'s str,
}

impl<'a, 'c, 's> Finder<'a, 'c, 's> {
    fn of(context: &'a Context<'c, 's>, plan: &'a Plan<'s>) -> Self {
        Finder {
            context,
            plan,
            told: Vec::new(),
            service: "",
        }
    }

    fn add(&self, finding: Finding) {
        let finding = finding.mode(self.plan.mode);
        self.context.add(match self.service {
            "" => finding,
            name => finding.service(name),
        });
    }

    /// What is wrong with the values of the mode, which are told with it.
    fn values(&mut self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (path, value) in &self.plan.values {
            let last = path.rsplit('.').next().unwrap_or(path);
            let finding = if makes_secret(last, value.text) && !has_variable(value.text) {
                let message = format!("the value `{path}` is that of a secret, written out");
                let name = path.to_ascii_uppercase().replace(['.', '-'], "_");
                Finding::new(Rule::SecretLiteral, value.place, message).help(format!(
                    "declare `{name}: {{ secret: true }}` under `variables`, and write `\"${{{name}}}\"`"
                ))
            } else if let Some(found) = in_text(value.text).first().and_then(|secret| {
                inside(&format!("the value `{path}`"), secret, self.context.basis)
            }) {
                found.at(value.place)
            } else {
                continue;
            };
            findings.push(finding);
            self.told.push(value.text);
        }
        findings
    }

    fn configs(&self) {
        for config in &self.plan.configs {
            let Some(content) = config.value.content else {
                continue;
            };
            let text = self.written(content.text, content.place);
            let secrets = match makes_secret(config.key, text) && !has_variable(text) {
                true => under(config.key, text, BY_NAME),
                false => in_lines(text),
            };
            if secrets
                .iter()
                .any(|secret| !is_told_of_variable(&secret.sign))
            {
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

    /// The options of a volume's driver: `username=me,password=x`.
    fn volumes(&self) {
        for options in self
            .plan
            .volumes
            .iter()
            .filter_map(|volume| volume.value.driver_opts)
        {
            for (name, _, Loose(text)) in options.iter() {
                self.text(name, *text);
            }
        }
    }

    fn of_service(&self, service: &PlannedService<'s>, names: &Names<'_, 's>) {
        let compose = &service.service;
        let twin = names.twin().map(|twin| &twin.service);
        let twins = |key: fn(&Service<'s>) -> Variables<'s>| twin.and_then(key);
        self.besides(
            compose.environment,
            twins(|twin| twin.environment),
            names,
            true,
        );
        self.besides(compose.labels, twins(|twin| twin.labels), names, false);
        self.keyed(compose.annotations(), names, false);
        if let Some(Either::Long(build)) = compose.build {
            self.build(build, names);
        } else if let Some(Either::Short(context)) = compose.build {
            self.text("`build`", *context);
        }
        if let Some(deploy) = compose.deploy {
            self.keyed(deploy.labels(), names, false);
        }
        if let Some(options) = compose.logging.and_then(|logging| logging.options) {
            for (name, _, Loose(text)) in options.iter() {
                self.value(name, *text, names, false);
            }
        }
        let clean = twin.map(commands).unwrap_or_default();
        for ((key, command), (_, clean)) in commands(compose).into_iter().zip(clean) {
            let is_clean = clean.zip(command).is_some_and(|(a, b)| std::ptr::eq(a, b));
            match command {
                Some(Command::Shell(text)) => self.text(key, *text),
                Some(Command::Exec(list)) if !is_clean => self.words(key, list.items, names),
                Some(Command::Exec(_) | Command::Image(_)) | None => {}
            }
        }
    }

    /// A text as it is written, where variables stood in it.
    fn written(&self, text: &'s str, place: Place) -> &'s str {
        let project = self.context.project;
        let written = project.and_then(|project| project.interpolated.get(&place));
        written.copied().unwrap_or(text)
    }

    /// The secrets that the words of a command hold.
    fn words(&self, key: &str, items: &'s [Loose<'s>], names: &Names<'_, 's>) {
        let place = place_of_words(items);
        if names.is_clean(&place) {
            return;
        }
        let written = |Loose(word): &Loose<'s>| self.written(word.text, word.place);
        let secrets = in_words(&mut items.iter().map(written));
        names.remember(place, !secrets.is_empty());
        for (number, secret) in secrets {
            let text = Text {
                text: written(&items[number]),
                place: items[number].0.place,
            };
            self.part(key, text, &secret);
        }
    }

    /// The secrets that a text holds, whatever its name.
    fn text(&self, key: &str, text: Text<'s>) {
        let text = Text {
            text: self.written(text.text, text.place),
            ..text
        };
        for secret in in_text(text.text) {
            self.part(key, text, &secret);
        }
    }

    /// A secret that is a part of a text.
    fn part(&self, key: &str, text: Text<'s>, secret: &Secret<'s>) {
        if self.is_of_value(text.text) {
            return;
        }
        if let Sign::Default(name) = secret.sign {
            if !tells(name) {
                self.default(key, name, text, secret);
            }
        } else if let Some(found) =
            inside(&shown(key.trim_matches('`')), secret, self.context.basis)
        {
            self.add(found.at(text.place));
        }
    }

    /// Whether a value of the mode stands in a text that was told already, and is an address.
    fn is_of_value(&self, text: &str) -> bool {
        self.told
            .iter()
            .any(|told| (has_mark(told) || told.len() >= LONG) && text.contains(told))
    }

    /// `secret-default` of a variable whose name does not tell: it stands in the place of a secret. In a catalog an
    /// operator is no default, and refused.
    fn default(&self, key: &str, name: &str, text: Text<'s>, secret: &Secret) {
        let is_told = !in_text(&text.text[secret.at.clone()]).is_empty();
        if self.context.basis == Basis::Catalog || is_told {
            return;
        }
        // No variable stands in the default, so its own begins at the last `${` before it.
        let start = text.text[..secret.at.start].rfind("${");
        let end = text.text[secret.at.end..].find('}');
        let place = match (start, end) {
            (Some(start), Some(end)) => {
                let end = secret.at.end + end + 1;
                text.place.part(text.text.len(), start, end)
            }
            _ => text.place,
        };
        let message = format!(
            "the default of {} is a secret of {}, written out",
            shown(name),
            shown(key)
        );
        self.add(default_of(name, place, message));
    }

    fn keyed(&self, map: Variables<'s>, names: &Names<'_, 's>, bare: bool) {
        for (name, _, value) in map.into_iter().flat_map(|map| map.iter()) {
            if let Some(text) = value.0 {
                self.value(name, text, names, bare);
            }
        }
    }

    /// The same, of the entries that are not the very ones of a map in which there is nothing.
    fn besides(&self, map: Variables<'s>, clean: Variables<'s>, names: &Names<'_, 's>, bare: bool) {
        let clean = clean.map_or(&[][..], |map| map.entries);
        for (number, entry) in map.map_or(&[][..], |map| map.entries).iter().enumerate() {
            let is_same = |clean: &&Entry<'s, EnvValue<'s>>| {
                std::ptr::eq(*clean, *entry) || place_of(clean) == place_of(entry)
            };
            if clean.get(number).is_some_and(is_same) {
                continue;
            }
            if let Some(EnvValue(Some(text))) = entry.slot.get() {
                self.value(entry.key, *text, names, bare);
            }
        }
    }

    /// The secrets of a value under a name. An item of a list is written with its name: `NAME=value`.
    fn value(&self, name: &'s str, text: Text<'s>, names: &Names<'_, 's>, bare: bool) {
        if names.is_declared_variable(text.text) {
            return;
        }
        let place = place(name, text.text);
        if names.is_clean(&place) {
            return;
        }
        let whole = self.written(text.text, text.place);
        // Only what stands in a Compose file can be written otherwise.
        let is_other = self.context.project.is_some() && whole != text.text;
        let item = is_other
            .then(|| whole.strip_prefix(name)?.strip_prefix('='))
            .flatten();
        let written = item.unwrap_or(whole);
        let secrets = names.of_text(name, written);
        names.remember(place, !secrets.is_empty());
        for secret in secrets {
            match secret.sign {
                Sign::Own => self.literal(
                    name,
                    Text {
                        text: written,
                        ..text
                    },
                    bare,
                ),
                Sign::Named(_) | Sign::Option(_) | Sign::Address | Sign::Shape(_) => {
                    self.part(
                        name,
                        Text {
                            text: written,
                            ..text
                        },
                        &secret,
                    );
                }
                Sign::Default(variable) if !tells(variable) => {
                    let by = whole.len() - written.len();
                    let at = by + secret.at.start..by + secret.at.end;
                    self.default(
                        name,
                        variable,
                        Text {
                            text: whole,
                            ..text
                        },
                        &Secret { at, ..secret },
                    );
                }
                Sign::Default(_) => {}
            }
        }
    }

    /// `secret-literal` of a value that is a secret as a whole. `bare`: whether the name alone is a way to write it.
    fn literal(&self, name: &'s str, text: Text<'s>, bare: bool) {
        if self.told.contains(&text.text) {
            return;
        }
        let message = match is_sample(text.text) {
            true => format!(
                "{} is a secret, and a placeholder is its value",
                shown(name)
            ),
            false => format!("{} is a secret, and its value is written out", shown(name)),
        };
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
    }

    /// Where a text was written: among the values of the mode, if it is one of them.
    fn origin(&self, text: Text<'s>) -> Place {
        let mut values = self.plan.values.iter();
        let value = values.find(|(_, value)| value.text == text.text);
        value.map_or(text.place, |(_, value)| value.place)
    }

    fn build(&self, build: &Build<'s>, names: &Names<'_, 's>) {
        if let Some(context) = build.context {
            self.text("build.context", *context);
        }
        self.keyed(build.labels(), names, false);
        for (name, place, value) in build.args.into_iter().flat_map(|args| args.iter()) {
            let text = value.0.unwrap_or(Text { text: "", place });
            if !self.argument(name, text, names) {
                self.text(name, text);
            }
        }
    }

    /// `secret-build-arg`; whether it fired.
    fn argument(&self, name: &'s str, text: Text<'s>, names: &Names<'_, 's>) -> bool {
        // Nothing declares there what is a secret, so the name tells.
        let written = self.written(text.text, text.place);
        let is_handed_on = match self.context.basis {
            Basis::Catalog => false,
            Basis::Compose => (text.text.is_empty() || has_variable(written)) && tells(name),
        };
        let literal = names.is_value(name, written) || is_handed_on;
        if !literal && !uses_secret(self.context.catalog, text.text) {
            return false;
        }
        let message = format!("the build argument {} holds a secret", shown(name));
        let finding = Finding::new(Rule::SecretBuildArg, text.place, message).help(
            "give it to the build under `build.secrets`; the image's history keeps arguments",
        );
        self.add(match literal {
            // It stands in the catalog, and so in git: no reason lifts that.
            true => finding.firm(),
            false => finding,
        });
        true
    }
}

/// So long at least a value of the mode is that is told where it stands in a text.
const LONG: usize = 8;

/// What is told of a secret within a text; the place is still open.
struct Found {
    rule: Rule,
    message: String,
    help: &'static str,
}

impl Found {
    fn at(self, place: Place) -> Finding {
        Finding::new(self.rule, place, self.message).help(self.help)
    }
}

/// What is told of a secret within the text of `subject`; nothing of what is told of a variable.
fn inside(subject: &str, secret: &Secret, basis: Basis) -> Option<Found> {
    let (rule, message) = match secret.sign {
        Sign::Named(name) => (
            Rule::SecretLiteral,
            format!("{subject} gives the secret {} written out", shown(name)),
        ),
        Sign::Option(program) => (
            Rule::SecretLiteral,
            format!("{subject} gives `{program}` a password, written out"),
        ),
        Sign::Shape(what) => (
            Rule::SecretLiteral,
            format!("{subject} holds {what}, written out"),
        ),
        Sign::Address => (
            Rule::SecretInUrl,
            format!("{subject} has a URL with a password or token in it"),
        ),
        Sign::Own | Sign::Default(_) => return None,
    };
    Some(Found {
        rule,
        message,
        help: instead(basis),
    })
}

/// Whether a secret is the default of a variable that is told where it stands.
fn is_told_of_variable(sign: &Sign) -> bool {
    matches!(sign, Sign::Default(name) if tells(name))
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

fn uses_secret(catalog: &Catalog, text: &str) -> bool {
    text.contains('$')
        && uses(text).is_ok_and(|all| all.iter().any(|one| is_declared(catalog, one.name)))
}
