//! `deploy`: replicas, limits and reservations, and what a swarm would do with them.

use schemars::{Schema, SchemaGenerator};

use super::keyed::{EnvValue, Item, Keyed};
use super::list::List;
use super::scalar::{Loose, Text, Val, or_open};
use super::value::{Evaluator, Reader, Sink, Value};
use crate::finding::Finding;
use crate::rule::Rule;
use crate::values::cpus::Cpus;
use crate::values::duration::Duration;
use crate::values::memory::Memory;
use crate::values::shown::shown;
use crate::yaml::node::Node;
use crate::{model, schema, words};

model! {
    /// How the service is deployed.
    pub struct Deploy<'s> {
        /// `replicated`, `global`, `replicated-job` or `global-job`.
        mode "mode": Text<'s>,
        /// How many containers of the service run at once.
        replicas "replicas": Val<'s, i64>,
        /// `vip` or `dnsrr`.
        endpoint_mode "endpoint_mode": Text<'s>,
        /// Limits and reservations.
        resources "resources": Resources<'s>,
        /// When and how often a container is started again.
        restart_policy "restart_policy": RestartPolicy<'s>,
        /// On which machines of a swarm.
        placement "placement": Placement<'s>,
        /// How an update goes about it.
        update_config "update_config": UpdateConfig<'s>,
        /// How going back goes about it.
        rollback_config "rollback_config": UpdateConfig<'s>,
        /// Labels of the service, not of its containers.
        labels "labels": Keyed<'s, EnvValue<'s>>,
    }
}

model! {
    /// What a container may use at most, and what is kept for it.
    pub struct Resources<'s> {
        /// At most.
        limits "limits": Limits<'s>,
        /// At least.
        reservations "reservations": Reservations<'s>,
    }
}

model! {
    /// What a container may use at most.
    pub struct Limits<'s> {
        /// CPUs, such as 0.5.
        cpus "cpus": Val<'s, Cpus>,
        /// Memory, such as 512M.
        memory "memory": Val<'s, Memory>,
        /// How many processes.
        pids "pids": Val<'s, i64>,
    }
}

model! {
    /// What is kept for a container.
    pub struct Reservations<'s> {
        /// CPUs, such as 0.25.
        cpus "cpus": Val<'s, Cpus>,
        /// Memory, such as 256M.
        memory "memory": Val<'s, Memory>,
        /// Resources of other kinds.
        generic_resources "generic_resources": List<'s, GenericResource<'s>>,
        /// Devices such as GPUs.
        devices "devices": List<'s, DeviceRequest<'s>>,
    }
}

model! {
    /// A resource that a machine declares.
    pub struct GenericResource<'s> {
        /// So many of a kind.
        discrete_resource_spec "discrete_resource_spec": DiscreteResource<'s>,
    }
}

model! {
    /// So many of a kind.
    pub struct DiscreteResource<'s> {
        /// The kind.
        kind "kind": Text<'s>,
        /// How many.
        value "value": Loose<'s>,
    }
}

model! {
    /// A request for devices of the machine, such as GPUs.
    pub struct DeviceRequest<'s> {
        /// What the device can do, such as gpu.
        capabilities "capabilities": List<'s, Text<'s>>,
        /// Whose driver.
        driver "driver": Text<'s>,
        /// How many, or all.
        count "count": Loose<'s>,
        /// Which ones.
        device_ids "device_ids": List<'s, Text<'s>>,
        /// Options of the driver.
        options "options": Keyed<'s, Loose<'s>>,
    }
}

model! {
    /// When and how often a container is started again.
    pub struct RestartPolicy<'s> {
        /// `none`, `on-failure` or `any`.
        condition "condition": Text<'s>,
        /// Time between two attempts.
        delay "delay": Val<'s, Duration>,
        /// How many attempts.
        max_attempts "max_attempts": Val<'s, i64>,
        /// How long a container must run to count as started.
        window "window": Val<'s, Duration>,
    }
}

model! {
    /// On which machines of a swarm.
    pub struct Placement<'s> {
        /// Conditions that a machine must meet.
        constraints "constraints": List<'s, Text<'s>>,
        /// How to spread.
        preferences "preferences": List<'s, Preference<'s>>,
        /// At most so many on one machine.
        max_replicas_per_node "max_replicas_per_node": Val<'s, i64>,
    }
}

model! {
    /// How to spread over machines.
    pub struct Preference<'s> {
        /// The label whose values are spread over.
        spread "spread": Text<'s>,
    }
}

model! {
    /// How an update goes about it.
    pub struct UpdateConfig<'s> {
        /// How many containers at a time.
        parallelism "parallelism": Val<'s, i64>,
        /// Time between two groups.
        delay "delay": Val<'s, Duration>,
        /// `continue`, `pause` or `rollback`.
        failure_action "failure_action": Text<'s>,
        /// How long to watch.
        monitor "monitor": Val<'s, Duration>,
        /// What share may fail.
        max_failure_ratio "max_failure_ratio": Loose<'s>,
        /// `start-first` or `stop-first`.
        order "order": Text<'s>,
    }
}

words! {
    /// What a service waits for before it starts.
    Condition, "a condition",
    /// The container runs.
    Started => "service_started",
    /// Its healthcheck succeeds.
    Healthy => "service_healthy",
    /// It has run and exited with 0.
    Completed => "service_completed_successfully",
}

model! {
    /// What a service waits for.
    pub struct Dependency<'s> {
        /// service_started, service_healthy or service_completed_successfully; without it, what the target can tell.
        condition "condition": Val<'s, Condition>,
        /// Whether the service starts anew when the target does.
        restart "restart": Val<'s, bool>,
        /// false: where the target is not there, the service starts without it.
        required "required": Val<'s, bool>,
    }
}

impl<'s> Item<'s> for Dependency<'s> {
    const EXPECTED: &'static str = "a list of services, or a map";

    fn item(
        text: &'s str,
        place: crate::place::Place,
        _: &Reader<'_, 's>,
    ) -> Option<(&'s str, Self)> {
        let dependency = Dependency {
            place,
            ..Default::default()
        };
        Some((text, dependency))
    }

    fn list_schema() -> Option<Schema> {
        super::keyed::name_item()
    }
}

/// `gpus`: all of them, or requests one by one.
#[derive(Clone, Copy, Debug)]
pub enum Gpus<'s> {
    /// The word `all`.
    All(Text<'s>),
    /// Requests.
    Some(List<'s, DeviceRequest<'s>>),
}

impl<'s> Value<'s> for Gpus<'s> {
    fn read(node: &Node<'_, 's>, cx: &Reader<'_, 's>) -> Option<Self> {
        match node.as_text() {
            Some(text) if text == "all" || cx.is_open(text) => Text::read(node, cx).map(Gpus::All),
            Some(text) => {
                let message = format!("expected `all`, or a list of requests, not {}", shown(text));
                cx.findings
                    .add(Finding::new(Rule::WrongType, node.place, message));
                None
            }
            None => List::read(node, cx).map(Gpus::Some),
        }
    }

    fn is_open(&self) -> bool {
        match self {
            Gpus::All(text) => text.is_open(),
            Gpus::Some(list) => list.is_open(),
        }
    }

    fn resolve(&self, cx: &dyn Evaluator<'s>) -> Self {
        match self {
            Gpus::All(text) => Gpus::All(text.resolve(cx)),
            Gpus::Some(list) => Gpus::Some(list.resolve(cx)),
        }
    }

    fn write(&self, out: &mut Sink) {
        match self {
            Gpus::All(text) => text.write(out),
            Gpus::Some(list) => list.write(out),
        }
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let list = List::<DeviceRequest>::schema(generator);
        let all = or_open(schema!({ "enum": ["all"] }));
        schema!({ "anyOf": [all, list] })
    }
}
