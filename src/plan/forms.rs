//! The parts of a service that have a grammar of their own inside a text: names, mounts, commands. They are judged
//! here, when no expression stands in them any more; what only a variable knows is left to Compose.

use crate::compose::command::Command;
use crate::compose::list::Either;
use crate::compose::mounts::{LongMount, Mount};
use crate::compose::scalar::{Text, no_word};
use crate::compose::service::Service;
use crate::compose::value::has_expression;
use crate::finding::{Finding, Findings};
use crate::place::Place;
use crate::rule::Rule;
use crate::values::Refusal;
use crate::values::interpolation::{with_defaults, without_operators};
use crate::values::mount::ShortMount;
use crate::values::name::ContainerName;
use crate::values::shell;

/// The kinds of a mount in the long form (Compose Specification, `volumes`).
const MOUNT_KINDS: [&str; 6] = ["volume", "bind", "tmpfs", "npipe", "cluster", "image"];

/// Judges the texts of an evaluated service.
pub fn check(name: &str, service: &Service, findings: &Findings) {
    let forms = Forms { name, findings };
    if let Some(name) = service.container_name {
        forms.judge(Rule::BadName, name, |text| {
            ContainerName::parse(text).map(drop)
        });
    }
    for mount in service.volumes.map_or(&[][..], |list| list.items) {
        forms.mount(mount);
    }
}

/// Judges the texts that Compose splits into the words of a command. No message shows them: they may hold a secret.
pub fn commands(name: &str, service: &Service, findings: &Findings) {
    let forms = Forms { name, findings };
    let own = [service.entrypoint, service.command];
    let hooks = [service.post_start(), service.pre_stop()];
    let hooks = hooks.into_iter().flatten().flat_map(|hooks| hooks.items);
    let all = own.into_iter().chain(hooks.map(|hook| hook.command));
    for command in all.flatten() {
        if let Command::Shell(text) = command {
            forms.command(text);
        }
    }
}

struct Forms<'a> {
    name: &'a str,
    findings: &'a Findings,
}

impl Forms<'_> {
    fn add(&self, finding: Finding) {
        self.findings.add(finding.service(self.name));
    }

    /// Parses a text with the defaults of its variables; one without a default is left to Compose.
    fn judge(&self, rule: Rule, text: &Text, parse: impl Fn(&str) -> Result<(), Refusal>) {
        if has_expression(text.text) {
            // It could not be evaluated, and a finding says so.
            return;
        }
        let refusal = match text.text.contains('$') {
            false => parse(text.text).err(),
            true => with_defaults(text.text).and_then(|text| parse(&text).err()),
        };
        if let Some(refusal) = refusal {
            self.add(Finding::refused(rule, text.place, refusal));
        }
    }

    /// A text as it is when no variable is set; variables without a default stay as they are.
    fn command(&self, text: &Text) {
        if has_expression(text.text) {
            return;
        }
        let full = with_defaults(text.text).unwrap_or_else(|| without_operators(text.text));
        if let Err(refusal) = shell::words(&full) {
            self.add(Finding::refused(Rule::CommandSyntax, text.place, refusal));
        } else if let Some(at) = shell::cut(&full) {
            let place = match full == text.text {
                true => text.place.part(full.len(), at, full.len()),
                false => text.place,
            };
            self.add(cut(&full[at..], place));
        }
    }

    fn missing(&self, place: Place, message: &str, help: &str) {
        self.add(Finding::new(Rule::MissingField, place, message).help(help));
    }

    fn mount(&self, mount: &Mount) {
        match mount {
            Either::Short(text) => {
                self.judge(Rule::WrongType, text, |text| {
                    ShortMount::parse(text).map(drop)
                });
            }
            Either::Long(long) => self.long_mount(long),
        }
    }

    fn long_mount(&self, mount: &LongMount) {
        match mount.kind {
            Some(kind) => self.judge(Rule::WrongType, kind, mount_kind),
            None => self.missing(
                mount.place,
                "the mount does not say its `type`",
                "write `type: volume`, `type: bind` or `type: tmpfs`",
            ),
        }
        let is_bind = mount.kind.is_some_and(|kind| kind.text == "bind");
        if is_bind && mount.source.is_none() {
            self.missing(
                mount.place,
                "the mount does not say its `source`, the path on the host",
                "write, for example, `source: ./data`",
            );
        }
        if mount.target.is_none() {
            self.missing(
                mount.place,
                "the mount does not say its `target`, the path in the container",
                "write, for example, `target: /data`",
            );
        }
    }
}

/// What Compose drops of a command begins with one of these.
const CUTS: [char; 5] = [';', '&', '|', '<', '>'];

fn cut(rest: &str, place: Place) -> Finding {
    let end = rest.find(|c| !CUTS.contains(&c)).unwrap_or(rest.len());
    let message = format!(
        "Docker Compose drops the command from the `{}` on: it runs no shell",
        &rest[..end]
    );
    Finding::new(Rule::CommandCut, place, message).help(
        "write `[sh, -c, \"...\"]` to have a shell read it, or quote what is a part of a word",
    )
}

fn mount_kind(text: &str) -> Result<(), Refusal> {
    match MOUNT_KINDS.contains(&text) {
        true => Ok(()),
        false => Err(no_word(text, "a kind of mount", &MOUNT_KINDS)),
    }
}
