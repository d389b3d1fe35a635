//! Keys that exclude each other, and texts with a grammar of their own:
//! what Compose refuses of a single service or declaration, beside the types of its values.

use super::check::{Named, Whole};
use super::{limits, platforms};
use crate::compose::command::Command;
use crate::compose::deploy::{DeviceRequest, Gpus};
use crate::compose::keyed::Keyed;
use crate::compose::list::Either;
use crate::compose::mounts::LongMount;
use crate::compose::network::{External, is_external};
use crate::compose::scalar::Text;
use crate::compose::service::Service;
use crate::finding::{Finding, Findings};
use crate::place::Place;
use crate::rule::Rule;
use crate::values::mount::ShortMount;
use crate::values::shell;
use crate::values::shown::shown;

/// Adds what excludes each other.
pub(super) fn check(whole: &Whole, findings: &Findings) {
    for service in &whole.services {
        let look = Look { service, findings };
        limits::check(service, findings);
        platforms::check(service, findings);
        look.keys();
        look.devices();
        look.watched();
        look.short_mounts();
        look.probe();
        look.commands();
    }
    let top = Top { findings };
    top.secrets(whole);
    top.configs(whole);
    top.externals(whole);
}

struct Look<'l, 's> {
    service: &'l Named<'s>,
    findings: &'l Findings,
}

impl<'s> Look<'_, 's> {
    fn add(&self, finding: Finding) {
        self.findings.add(finding.service(self.service.0));
    }

    fn it(&self) -> &'s Service<'s> {
        self.service.2
    }

    fn excludes(&self, key: &str, place: Place, other: &str, second: Place, help: &str) {
        let message = format!(
            "{} has both `{key}` and `{other}`, which exclude each other",
            shown(self.service.0)
        );
        let finding = Finding::new(Rule::KeyConflict, place, message)
            .second(second, format!("`{other}` is given here"))
            .help(help);
        self.add(finding);
    }

    fn keys(&self) {
        let service = self.it();
        if let (Some(mode), Some(networks)) = (service.network_mode(), service.networks)
            && !networks.entries.is_empty()
        {
            self.excludes(
                "network_mode",
                mode.place,
                "networks",
                networks.place,
                "keep `network_mode` to use another network stack, or `networks` to join networks",
            );
        }
        let Some(Either::Long(build)) = service.build else {
            return;
        };
        if let (Some(file), Some(inline)) = (build.dockerfile, build.dockerfile_inline) {
            self.excludes(
                "dockerfile",
                file.place,
                "dockerfile_inline",
                inline.place,
                "keep the one that holds the build",
            );
        }
    }

    fn devices(&self) {
        let service = self.it();
        let resources = service.deploy.and_then(|deploy| deploy.resources);
        let kept = resources.and_then(|resources| resources.reservations);
        let reserved = kept
            .and_then(|kept| kept.devices)
            .map_or(&[][..], |list| list.items);
        let gpus = match service.gpus() {
            Some(Gpus::Some(list)) => list.items,
            _ => &[],
        };
        for request in reserved.iter().chain(gpus) {
            self.device(request);
        }
        for request in reserved {
            if request.capabilities.is_none() {
                let message = "`capabilities` is missing under `devices`";
                let finding = Finding::new(Rule::MissingField, request.place, message);
                self.add(finding.help("write, for example, `capabilities: [gpu]`"));
            }
        }
    }

    /// What is copied has to go somewhere.
    fn watched(&self) {
        let watched = self.it().develop().and_then(|develop| develop.watch);
        for one in watched.map_or(&[][..], |list| list.items) {
            let copies = one.action.filter(|action| action.text.starts_with("sync"));
            let Some(action) = copies.filter(|_| one.target.is_none()) else {
                continue;
            };
            let message = format!(
                "{} copies what changes, and `target` does not say where to",
                shown(action.text)
            );
            let finding = Finding::new(Rule::MissingField, action.place, message);
            self.add(finding.help("write, for example, `target: /app/src`"));
        }
    }

    fn device(&self, request: &DeviceRequest<'s>) {
        if let (Some(count), Some(ids)) = (request.count, request.device_ids) {
            self.excludes(
                "count",
                count.0.place,
                "device_ids",
                ids.place,
                "say how many, or which ones",
            );
        }
    }

    fn short_mounts(&self) {
        for mount in self.it().volumes.map_or(&[][..], |volumes| volumes.items) {
            match mount {
                Either::Short(text) if !text.text.contains('$') => {
                    // What Compose takes in its own way is no ground to refuse it.
                    if let Err(refusal) = ShortMount::parse(text.text)
                        && ShortMount::is_refused(text.text)
                    {
                        self.add(Finding::refused(Rule::WrongType, text.place, refusal));
                    }
                }
                Either::Long(long) if long.target.is_none() => {
                    let message = "the mount does not say its `target`";
                    let finding = Finding::new(Rule::MissingField, long.place, message);
                    self.add(finding.help("write the path in the container: `target: /PATH`"));
                }
                Either::Long(long) if long.source.is_none() && is_bind(long) => {
                    let message = "the bind does not say its `source`";
                    let finding = Finding::new(Rule::MissingField, long.place, message);
                    self.add(finding.help("write the path on the host: `source: ./PATH`"));
                }
                Either::Short(_) | Either::Long(_) => {}
            }
        }
    }

    fn probe(&self) {
        let test = self
            .it()
            .healthcheck
            .and_then(|healthcheck| healthcheck.test);
        let Some(Command::Exec(words)) = test else {
            return;
        };
        let Some(first) = words.items.first().map(|word| word.0) else {
            return;
        };
        if first.text.contains('$') || matches!(first.text, "CMD" | "CMD-SHELL" | "NONE") {
            return;
        }
        let upper = first.text.to_ascii_uppercase();
        let message = format!(
            "the healthcheck's `test` is a list, so it starts with `CMD`, `CMD-SHELL` or `NONE`, not with {}",
            shown(first.text)
        );
        let finding = Finding::new(Rule::HealthcheckSyntax, first.place, message);
        self.add(match upper.as_str() {
            "CMD" | "CMD-SHELL" | "NONE" => finding.help(format!("write `{upper}`")),
            _ => {
                finding.help("put `CMD` first, or write one text, which the container's shell runs")
            }
        });
    }

    /// A text that is split into words by a shell's rules.
    fn commands(&self) {
        let service = self.it();
        let hooks = [service.post_start(), service.pre_stop()];
        let hooks = hooks.into_iter().flatten().flat_map(|hooks| hooks.items);
        let own = [service.command, service.entrypoint];
        let all = own.into_iter().chain(hooks.map(|hook| hook.command));
        for command in all.flatten() {
            let Command::Shell(text) = command else {
                continue;
            };
            if crate::values::interpolation::has_variable(text.text) {
                continue;
            }
            if let Err(refusal) = shell::words(&text.text.replace("$$", "$")) {
                self.add(Finding::refused(Rule::CommandSyntax, text.place, refusal));
            }
        }
    }
}

fn is_bind(mount: &LongMount) -> bool {
    mount.kind.is_some_and(|kind| kind.text == "bind")
}

struct Top<'l> {
    findings: &'l Findings,
}

/// Where a secret or config comes from, by the key that says so.
type Origins = Vec<(&'static str, Place)>;

impl Top<'_> {
    fn secrets(&self, whole: &Whole) {
        for (name, place, secret) in whole
            .document
            .secrets
            .into_iter()
            .flat_map(|all| all.iter())
        {
            let origins = [("file", secret.file), ("environment", secret.environment)];
            let free = secret.external.is_some();
            self.origins(
                "secret",
                name,
                place,
                given(&origins),
                free,
                "`file: ./PATH` or `environment: NAME`",
            );
        }
    }

    fn configs(&self, whole: &Whole) {
        for (name, place, config) in whole
            .document
            .configs
            .into_iter()
            .flat_map(|all| all.iter())
        {
            let origins = [
                ("file", config.file),
                ("environment", config.environment),
                ("content", config.content),
            ];
            let free = config.external.is_some();
            self.origins(
                "config",
                name,
                place,
                given(&origins),
                free,
                "`file: ./PATH`, `environment: NAME` or `content: TEXT`",
            );
        }
    }

    /// A secret or config comes from one place. `free`: whether it may come from none.
    fn origins(
        &self,
        what: &str,
        name: &str,
        place: Place,
        origins: Origins,
        free: bool,
        write: &str,
    ) {
        let finding = match origins.as_slice() {
            [] if !free => {
                let message = format!(
                    "the {what} {} does not say where it comes from",
                    shown(name)
                );
                Finding::new(Rule::MissingField, place, message).help(format!("write {write}"))
            }
            [(one, first), (other, second), ..] => {
                let message = format!(
                    "the {what} {} has both `{one}` and `{other}`, which exclude each other",
                    shown(name)
                );
                Finding::new(Rule::KeyConflict, *second, message)
                    .second(*first, format!("`{one}` is given here"))
                    .help("keep one of them")
            }
            _ => return,
        };
        self.findings.add(finding);
    }

    fn externals(&self, whole: &Whole) {
        for (name, _, volume) in whole
            .document
            .volumes
            .into_iter()
            .flat_map(|all| all.iter())
        {
            let others = [
                ("driver", volume.driver.map(|text| text.place)),
                ("driver_opts", volume.driver_opts.map(|map| map.place)),
                ("labels", volume.labels.map(|map| map.place)),
            ];
            self.external("volume", name, volume.external, &others);
            self.names(name, volume.name, volume.external);
        }
        for (name, _, network) in whole
            .document
            .networks
            .into_iter()
            .flat_map(|all| all.iter())
        {
            self.names(name, network.name, network.external);
        }
        self.old_names(whole.document.secrets, |secret| {
            (secret.name, secret.external)
        });
        self.old_names(whole.document.configs, |config| {
            (config.name, config.external)
        });
    }

    fn old_names<'s, V: Copy>(
        &self,
        declared: Option<&'s Keyed<'s, V>>,
        parts: impl Fn(&'s V) -> (Option<&'s Text<'s>>, Option<&'s External<'s>>),
    ) {
        for (key, _, value) in declared.into_iter().flat_map(|all| all.iter()) {
            let (name, external) = parts(value);
            self.names(key, name, external);
        }
    }

    /// What is there already is not made, so nothing can be said of how.
    fn external(
        &self,
        what: &str,
        name: &str,
        external: Option<&External>,
        others: &[(&str, Option<Place>)],
    ) {
        let Some(external) = external.filter(|external| is_external(external)) else {
            return;
        };
        let given = others
            .iter()
            .find_map(|(key, place)| Some((key, (*place)?)));
        if let Some((key, place)) = given {
            let message = format!(
                "the {what} {} is external, so that `{key}` says nothing of it",
                shown(name)
            );
            let finding = Finding::new(Rule::KeyConflict, place, message)
                .second(place_of(external), "external here")
                .help(format!("leave `{key}` out, or `external`"));
            self.findings.add(finding);
        }
    }

    /// The older way to name what is external beside the newer one.
    fn names(&self, key: &str, name: Option<&Text>, external: Option<&External>) {
        let (Some(name), Some(Either::Long(old))) = (name, external) else {
            return;
        };
        if let Some(old) = old.name.filter(|old| old.text != name.text) {
            let message = format!("{} has two names on the engine", shown(key));
            let finding = Finding::new(Rule::KeyConflict, old.place, message)
                .second(name.place, "named here")
                .help("write `external: true`, and keep `name`");
            self.findings.add(finding);
        }
    }
}

fn place_of(external: &External) -> Place {
    match external {
        Either::Short(yes) => yes.place,
        Either::Long(map) => map.place,
    }
}

fn given(origins: &[(&'static str, Option<&Text>)]) -> Origins {
    let given = origins.iter();
    given
        .filter_map(|(key, text)| Some((*key, (*text)?.place)))
        .collect()
}
