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
        /// How many containers of the service run at once; 1 without it. Budgets count each.
        replicas "replicas": Val<'s, i64>,
        /// Limits and reservations in Compose's words; a catalog says memory and cpus at the service instead.
        resources "resources": Resources<'s>,
    }

    /// The keys of `deploy` that few files use.
    rare enum RareDeploy {
        /// replicated (so many containers, the default), global (one on each machine), replicated-job or global-job.
        mode "mode" before replicas: Text<'s>,
        /// How a swarm reaches its containers: vip by one address, dnsrr by the addresses of all.
        endpoint_mode "endpoint_mode" before resources: Text<'s>,
        /// When and how often a container is started again; restart says it for one machine.
        restart_policy "restart_policy": RestartPolicy<'s>,
        /// On which machines of a swarm its containers run.
        placement "placement": Placement<'s>,
        /// How a swarm replaces its containers: how many at a time, in which order, what where it fails.
        update_config "update_config": UpdateConfig<'s>,
        /// How a swarm goes back to the earlier containers where an update failed.
        rollback_config "rollback_config": UpdateConfig<'s>,
        /// Labels of the service in a swarm, not of its containers.
        labels "labels": Keyed<'s, EnvValue<'s>>,
    }
}

model! {
    /// What a container may use at most, and what is kept for it.
    pub struct Resources<'s> {
        /// The most that a container may use.
        limits "limits": Limits<'s>,
        /// What is kept for a container.
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
        /// The most processes and threads of a container, such as 200.
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
        /// Resources of other kinds that a machine of a swarm declares, with how many are kept.
        generic_resources "generic_resources": List<'s, GenericResource<'s>>,
        /// Devices such as GPUs that are kept for it, each with capabilities and a count.
        devices "devices": List<'s, DeviceRequest<'s>>,
    }
}

model! {
    /// A resource that a machine declares.
    pub struct GenericResource<'s> {
        /// A resource that is counted: its kind and how many.
        discrete_resource_spec "discrete_resource_spec": DiscreteResource<'s>,
    }
}

model! {
    /// So many of a kind.
    pub struct DiscreteResource<'s> {
        /// The kind of the resource as the machine declares it, such as gpu.
        kind "kind": Text<'s>,
        /// How many of the kind are kept.
        value "value": Loose<'s>,
    }
}

model! {
    /// A request for devices of the machine, such as GPUs.
    pub struct DeviceRequest<'s> {
        /// What the device can do, such as [gpu]; needed.
        capabilities "capabilities": List<'s, Text<'s>>,
        /// The driver of the device, such as nvidia.
        driver "driver": Text<'s>,
        /// How many devices, or all, which is the default.
        count "count": Loose<'s>,
        /// Which devices, by the driver's numbers or ids, such as ["0"]; in place of count.
        device_ids "device_ids": List<'s, Text<'s>>,
        /// Options of the device's driver, by name.
        options "options": Keyed<'s, Loose<'s>>,
    }
}

model! {
    /// When and how often a container is started again.
    pub struct RestartPolicy<'s> {
        /// When a container that ended is started again: none, on-failure or any, the default.
        condition "condition": Text<'s>,
        /// Time between two attempts, such as 5s.
        delay "delay": Val<'s, Duration>,
        /// How many attempts before it is given up; without it, any number.
        max_attempts "max_attempts": Val<'s, i64>,
        /// How long a container must run to count as started, such as 120s.
        window "window": Val<'s, Duration>,
    }
}

model! {
    /// On which machines of a swarm.
    pub struct Placement<'s> {
        /// Conditions that a machine must meet, such as node.role == worker.
        constraints "constraints": List<'s, Text<'s>>,
        /// How containers are spread over machines, by labels.
        preferences "preferences": List<'s, Preference<'s>>,
        /// The most containers of the service on one machine; 0 for any number.
        max_replicas_per_node "max_replicas_per_node": Val<'s, i64>,
    }
}

model! {
    /// How to spread over machines.
    pub struct Preference<'s> {
        /// The label of the machines over whose values containers are spread, such as node.labels.zone.
        spread "spread": Text<'s>,
    }
}

model! {
    /// How an update goes about it.
    pub struct UpdateConfig<'s> {
        /// How many containers are replaced at a time; 0 for all at once.
        parallelism "parallelism": Val<'s, i64>,
        /// Time between two groups of containers, such as 10s; none without it.
        delay "delay": Val<'s, Duration>,
        /// What happens where it fails: continue, pause (the default) or rollback.
        failure_action "failure_action": Text<'s>,
        /// How long a new container is watched for a failure, such as 30s.
        monitor "monitor": Val<'s, Duration>,
        /// What share of containers may fail, from 0 to 1, such as 0.1; 0 without it.
        max_failure_ratio "max_failure_ratio": Loose<'s>,
        /// stop-first (the default): the old container stops before the new one starts. start-first: after it.
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
        /// true: the service starts anew when Compose starts the target anew.
        restart "restart": Val<'s, bool>,
        /// false: where the target is not there, the service starts without it.
        required "required": Val<'s, bool>,
    }
}

impl<'s> Item<'s> for Dependency<'s> {
    const EXPECTED: &'static str = "a list of services, or a map";
    const HAS_LIST: bool = true;

    /// `- NAME: { condition: ... }`, in a list that is one of names.
    fn in_place_of(node: &Node) -> Option<String> {
        let [entry] = node.as_map()? else {
            return None;
        };
        let name = entry.key;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        name.chars().all(is_plain).then(|| format!(
            "write `{name}` alone, or all of them as a map: `depends_on: {{ {name}: {{ condition: service_started }} }}`"
        ))
    }

    fn in_place_of_scalar(node: &Node) -> Option<String> {
        let text = node.as_text()?;
        let condition = match Condition::WORDS.contains(&text) {
            true => text,
            false => Condition::Started.word(),
        };
        Some(format!("write `{{ condition: {condition} }}`"))
    }

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
