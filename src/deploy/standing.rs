//! How far the services of a release are: what is waited for, what is ready, what failed.

use std::collections::BTreeMap;

use super::facts::{Container, Health, State};
use super::release::Wanted;

/// How far a service is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not there yet, and what it does.
    Waiting(String),
    /// As it should be.
    Ready(&'static str),
    /// It will not get there, and why: words that follow the service's name.
    Failed(String),
}

/// The containers as they were before anything started: what is found of them later says nothing yet.
#[derive(Clone, Debug, Default)]
pub struct Before(BTreeMap<String, (String, u64)>);

impl Before {
    /// Of the containers that are there.
    pub fn of(containers: &[Container]) -> Self {
        let of = |it: &Container| (it.id.clone(), (it.started.clone(), it.restarts));
        Before(containers.iter().map(of).collect())
    }

    /// Whether nobody has started it since. What the engine starts again by itself, since it does not stay up, is as
    /// old as before; a start by somebody else sets its count back to 0.
    fn is_old(&self, container: &Container) -> bool {
        self.0
            .get(&container.id)
            .is_some_and(|(started, restarts)| {
                let by_the_engine = container.restarts > 0 && container.restarts >= *restarts;
                *started == container.started || by_the_engine
            })
    }

    fn restarts(&self, container: &Container) -> u64 {
        self.0
            .get(&container.id)
            .map_or(0, |(_, restarts)| *restarts)
    }
}

/// So many starts by the engine itself mean that a container does not stay up.
const TOO_MANY_RESTARTS: u64 = 2;

/// How far each service is. `all_started` once Compose has done its part: what is not there then will not come.
pub fn standings(
    wanted: &[Wanted],
    containers: &[Container],
    before: &Before,
    all_started: bool,
) -> Vec<(String, Standing)> {
    let of = |wanted: &Wanted| {
        let own = containers
            .iter()
            .filter(|it| it.service == wanted.service && !it.one_off);
        let each = own.map(|it| {
            let standing = of_one(wanted, it, before);
            settled(standing, before.is_old(it), all_started)
        });
        (
            wanted.service.clone(),
            together(each.collect(), wanted.replicas, all_started),
        )
    };
    wanted.iter().map(of).collect()
}

/// While Compose works, what was there before is not judged: it may be replaced or started in a moment.
fn settled(standing: Standing, is_old: bool, all_started: bool) -> Standing {
    match standing {
        Standing::Failed(_) if is_old && !all_started => Standing::Waiting("is old".to_owned()),
        Standing::Ready("has run") if is_old && !all_started => {
            Standing::Waiting("is old".to_owned())
        }
        other => other,
    }
}

/// Several containers of a service: one that failed says it for all, then one that is waited for.
fn together(each: Vec<Standing>, replicas: u32, all_started: bool) -> Standing {
    let failed = each.iter().find(|it| matches!(it, Standing::Failed(_)));
    let waiting = each.iter().find(|it| matches!(it, Standing::Waiting(_)));
    if let Some(standing) = failed.or(waiting) {
        return standing.clone();
    }
    let enough = each.len() >= replicas as usize;
    match (each.first(), enough) {
        (Some(standing), true) => standing.clone(),
        (None, true) => Standing::Ready("has no container, as planned"),
        (_, false) if all_started => Standing::Failed("has no container".to_owned()),
        (_, false) => Standing::Waiting("is not made yet".to_owned()),
    }
}

fn of_one(wanted: &Wanted, container: &Container, before: &Before) -> Standing {
    let restarts = container
        .restarts
        .saturating_sub(before.restarts(container));
    match (container.state, wanted.job) {
        (State::Created, _) => Standing::Waiting("waits for others".to_owned()),
        (State::Exited(0), true) => Standing::Ready("has run"),
        (State::Exited(status), _) => Standing::Failed(format!("exited with {status}")),
        (State::Running | State::Restarting, true) => Standing::Waiting("runs".to_owned()),
        (State::Running | State::Restarting, false) if restarts >= TOO_MANY_RESTARTS => {
            Standing::Failed(format!(
                "does not stay up: it was started again {restarts} times"
            ))
        }
        (State::Restarting, false) => Standing::Waiting("is started again".to_owned()),
        (State::Running, false) => of_health(container.health),
        (State::Paused, _) => Standing::Failed("is paused".to_owned()),
        (State::Removing, _) => Standing::Waiting("is removed".to_owned()),
        (State::Dead, _) => Standing::Failed("could not be ended by the engine".to_owned()),
    }
}

fn of_health(health: Health) -> Standing {
    match health {
        Health::None => Standing::Ready("runs"),
        Health::Healthy => Standing::Ready("healthy"),
        Health::Starting => Standing::Waiting("is starting".to_owned()),
        Health::Unhealthy => Standing::Failed("is unhealthy".to_owned()),
    }
}

/// The services that failed, each with why.
pub fn failed(standings: &[(String, Standing)]) -> Vec<(String, String)> {
    let of = |(service, standing): &(String, Standing)| match standing {
        Standing::Failed(why) => Some((service.clone(), why.clone())),
        Standing::Waiting(_) | Standing::Ready(_) => None,
    };
    standings.iter().filter_map(of).collect()
}

/// The services that are waited for, each with what it does.
pub fn waiting(standings: &[(String, Standing)]) -> Vec<(String, String)> {
    let of = |(service, standing): &(String, Standing)| match standing {
        Standing::Waiting(what) => Some((service.clone(), what.clone())),
        Standing::Failed(_) | Standing::Ready(_) => None,
    };
    standings.iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::super::facts::samples::container;
    use super::super::release::samples::wanted;
    use super::*;

    fn standing(container: &Container, job: bool, before: &Before, all_started: bool) -> Standing {
        let wanted = [Wanted {
            job,
            ..wanted("web")
        }];
        let containers = std::slice::from_ref(container);
        standings(&wanted, containers, before, all_started)[0]
            .1
            .clone()
    }

    fn words(state: State, health: Health, restarts: u64, job: bool) -> String {
        let container = Container {
            state,
            health,
            restarts,
            ..container("web")
        };
        match standing(&container, job, &Before::default(), true) {
            Standing::Waiting(what) => format!("? {what}"),
            Standing::Ready(what) => format!("+ {what}"),
            Standing::Failed(why) => format!("- {why}"),
        }
    }

    #[test]
    fn a_service_is_ready_when_it_is_healthy() {
        use State::*;
        for (state, health, restarts, expected) in [
            (Running, Health::Healthy, 0, "+ healthy"),
            (Running, Health::None, 0, "+ runs"),
            (Running, Health::Starting, 0, "? is starting"),
            (Running, Health::Unhealthy, 0, "- is unhealthy"),
            (
                Running,
                Health::Starting,
                2,
                "- does not stay up: it was started again 2 times",
            ),
            (Restarting, Health::Starting, 1, "? is started again"),
            (Exited(0), Health::None, 0, "- exited with 0"),
            (Exited(3), Health::None, 0, "- exited with 3"),
            (Created, Health::None, 0, "? waits for others"),
            (Paused, Health::Healthy, 0, "- is paused"),
            (Dead, Health::None, 0, "- could not be ended by the engine"),
        ] {
            assert_eq!(words(state, health, restarts, false), expected, "{state:?}");
        }
    }

    #[test]
    fn a_job_is_ready_when_it_has_run() {
        use State::*;
        for (state, expected) in [
            (Exited(0), "+ has run"),
            (Exited(1), "- exited with 1"),
            (Running, "? runs"),
        ] {
            assert_eq!(words(state, Health::None, 0, true), expected, "{state:?}");
        }
    }

    #[test]
    fn what_was_there_before_is_not_judged_while_compose_works() {
        let old = Container {
            state: State::Exited(1),
            ..container("web")
        };
        let before = Before::of(std::slice::from_ref(&old));
        assert_eq!(
            standing(&old, true, &before, false),
            Standing::Waiting("is old".to_owned())
        );
        assert_eq!(
            standing(&old, true, &before, true),
            Standing::Failed("exited with 1".to_owned())
        );
        let done = Container {
            state: State::Exited(0),
            ..old.clone()
        };
        assert_eq!(
            standing(&done, true, &before, false),
            Standing::Waiting("is old".to_owned())
        );
        // The engine counts a start of its own when the container ends, before it starts it.
        for counted in [0, 1] {
            let ended = Container {
                restarts: counted,
                ..old.clone()
            };
            let by_the_engine = Container {
                started: "2026-01-02T00:00:00Z".to_owned(),
                restarts: 1,
                ..old.clone()
            };
            assert_eq!(
                standing(&by_the_engine, false, &Before::of(&[ended]), false),
                Standing::Waiting("is old".to_owned())
            );
        }
        let again = Container {
            started: "2026-01-02T00:00:00Z".to_owned(),
            ..old
        };
        assert_eq!(
            standing(&again, true, &before, false),
            Standing::Failed("exited with 1".to_owned())
        );
    }

    #[test]
    fn a_service_without_a_container_has_failed_once_all_is_started() {
        let wanted = [wanted("web")];
        let none = |all| {
            standings(&wanted, &[], &Before::default(), all)[0]
                .1
                .clone()
        };
        assert_eq!(none(false), Standing::Waiting("is not made yet".to_owned()));
        assert_eq!(none(true), Standing::Failed("has no container".to_owned()));
    }

    #[test]
    fn what_compose_run_started_counts_for_nothing() {
        let run = Container {
            one_off: true,
            ..container("web")
        };
        assert_eq!(
            standing(&run, false, &Before::default(), true),
            Standing::Failed("has no container".to_owned())
        );
    }
}
