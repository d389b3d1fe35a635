//! Whether what runs is what was planned: limits, mode, images, and nothing else in the project.

use super::facts::{Container, Health, State};
use super::release::{Release, Wanted};
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;
use crate::values::shown::shown;

/// What differs between a release and the containers of its project, as sentences.
pub fn differences(release: &Release, containers: &[Container]) -> Vec<String> {
    let mut all = Vec::new();
    for container in containers.iter().filter(|it| !it.one_off) {
        match release
            .services
            .iter()
            .find(|it| it.service == container.service)
        {
            Some(wanted) => all.extend(of_one(release, wanted, container)),
            None => all.push(format!(
                "the container {} belongs to the project, and release {} has no such service",
                shown(&container.name),
                release.number
            )),
        }
    }
    all
}

fn of_one(release: &Release, wanted: &Wanted, container: &Container) -> Vec<String> {
    let mut all = by_hand(wanted, container);
    let service = shown(&wanted.service);
    if let Some(name) = &release.mode_variable
        && container.environment.reveal(name) != Some(&release.class)
    {
        all.push(format!(
            "{service} has no {} that says {}",
            shown(name),
            shown(&release.class)
        ));
    }
    if wanted.health && container.health == Health::None && container.state == State::Running {
        all.push(format!("{service} has no healthcheck, and one is planned"));
    }
    if wanted
        .image_id
        .as_ref()
        .is_some_and(|id| *id != container.image_id)
    {
        all.push(format!(
            "{service} runs another image than {} was when it was planned",
            shown(&wanted.image)
        ));
    }
    all
}

/// The limits of a container that are not those that were planned: `docker update` changes them without a trace.
pub fn by_hand(wanted: &Wanted, container: &Container) -> Vec<String> {
    let service = shown(&wanted.service);
    let mut all = Vec::new();
    if let Some(planned) = wanted.memory.filter(|planned| *planned != container.memory) {
        all.push(format!(
            "{service} may use {} memory, not {} as planned",
            amount(container.memory, |bytes| Memory::from_bytes(bytes).human()),
            Memory::from_bytes(planned).human()
        ));
    }
    if let Some(planned) = wanted
        .nano_cpus
        .filter(|planned| *planned != container.nano_cpus)
    {
        all.push(format!(
            "{service} may use {} CPUs, not {} as planned",
            amount(container.nano_cpus, |nano| cpus(nano).to_string()),
            cpus(planned)
        ));
    }
    all
}

fn amount(amount: u64, text: impl Fn(u64) -> String) -> String {
    match amount {
        0 => "all".to_owned(),
        amount => text(amount),
    }
}

fn cpus(nano: u64) -> Cpus {
    Cpus::from_thousandths(u32::try_from(nano / 1_000_000).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::super::facts::Environment;
    use super::super::facts::samples::container;
    use super::super::release::samples::release;
    use super::*;

    fn said(container: Container) -> Vec<String> {
        differences(&release(4, &["web"]), &[container])
    }

    #[test]
    fn what_is_as_planned_says_nothing() {
        assert_eq!(said(container("web")), [""; 0]);
        let run = Container {
            one_off: true,
            ..container("other")
        };
        assert_eq!(said(run), [""; 0]);
    }

    #[test]
    fn every_difference_is_told() {
        let memory = Container {
            memory: 128 << 20,
            ..container("web")
        };
        assert_eq!(
            said(memory),
            ["`web` may use 128 MiB memory, not 64 MiB as planned"]
        );
        let cpus = Container {
            nano_cpus: 0,
            ..container("web")
        };
        assert_eq!(said(cpus), ["`web` may use all CPUs, not 0.5 as planned"]);
        let mode = Environment::new([("DEPLOYMENT_MODE".to_owned(), "production".to_owned())]);
        let mode = Container {
            environment: mode,
            ..container("web")
        };
        assert_eq!(
            said(mode),
            ["`web` has no `DEPLOYMENT_MODE` that says `test`"]
        );
        let image = Container {
            image_id: "sha256:other".to_owned(),
            ..container("web")
        };
        assert_eq!(
            said(image),
            ["`web` runs another image than `demo/web:1` was when it was planned"]
        );
        let health = Container {
            health: Health::None,
            ..container("web")
        };
        assert_eq!(
            said(health),
            ["`web` has no healthcheck, and one is planned"]
        );
        assert_eq!(
            said(container("old")),
            [
                "the container `demo-test-old-1` belongs to the project, and release 4 has no such service"
            ]
        );
    }
}
