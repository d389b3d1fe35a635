//! What Compose asks of the values of some keys beside the types of the model, as tables by path: names stand for
//! themselves, items of lists are `[]`. Compared with the schema and the loader of Docker Compose 2.40.

use crate::yaml::node::Kind;

/// What a scalar must be.
#[derive(Clone, Copy)]
pub(super) enum Ask {
    /// A text: a number or a boolean needs quotes.
    Text,
    /// A text, or true or false.
    TextOrBool,
    /// A text or a number.
    TextOrNumber,
    /// A text, or a whole number.
    TextOrWhole,
    /// A text, or a whole number, of which every spelling is as good.
    Exposed,
    /// A port in the short form.
    ShortPort,
    /// A duration, 0 without a unit not among them.
    Duration,
    /// A size; a number alone needs quotes.
    SizeInWords,
    /// A size; without a unit, a whole number.
    WholeSize,
    /// A size, or -1 without quotes.
    Swap,
    /// A number, or the text of a whole one.
    Whole,
    /// A number, or the text of one.
    Number,
    /// A number without quotes.
    PlainNumber,
    /// A whole number without quotes, which is this or more.
    PlainWhole(i64),
    /// Where it is a whole number, one from these to those.
    Within(i64, i64),
    /// A whole number from one to another, in quotes with a point or an exponent too.
    WholeWithin(i64, i64),
    /// How many CPUs: a whole number, or the text of one.
    CpuCount,
    /// How much of the CPUs' time: a number, or the text of one.
    Cpus,
    /// How many devices: `all`, or a whole number.
    Count,
    /// A number, without quotes only a whole one.
    Ulimit,
    /// A port of the host, or a range of them; nothing and 0 let the engine pick one.
    Published,
    /// Who may do what with a file: a whole number, or the text of one in base 8.
    Mode,
    /// An address.
    Ip,
    /// `default`, or `NAME=value`.
    SshKey,
    /// True or false, without quotes.
    Bool,
    /// A port of a container.
    Port,
    /// A number of bytes, or a size.
    Size,
    /// One of some words.
    Words(&'static [&'static str]),
    /// A name for a container.
    ContainerName,
    /// When to fetch an image.
    PullPolicy,
    /// `NAME=value`.
    Pair,
    /// A text with something in it.
    Filled,
}

const ORDER: Ask = Ask::Words(&["start-first", "stop-first"]);

/// What is asked of the scalar at a path. Names stand for themselves, items of lists are `[]`.
pub(super) fn asked(path: &[&str]) -> Option<Ask> {
    match path {
        ["services", _, rest @ ..] => of_service(rest),
        ["networks", _, "ipam", "options", _] => Some(Ask::Text),
        ["networks", _, "ipam", "config", "[]", "aux_addresses", _] => Some(Ask::Text),
        ["networks" | "volumes", _, "driver_opts", _] => Some(Ask::TextOrNumber),
        ["secrets", _, "driver_opts", _] => Some(Ask::TextOrWhole),
        ["models", _, "context_size"] => Some(Ask::PlainWhole(i64::MIN)),
        _ => None,
    }
}

fn of_service(path: &[&str]) -> Option<Ask> {
    Some(match path {
        ["stop_grace_period"]
        | [
            "healthcheck",
            "interval" | "timeout" | "start_period" | "start_interval",
        ]
        | ["deploy", "restart_policy", "delay" | "window"]
        | [
            "deploy",
            "update_config" | "rollback_config",
            "delay" | "monitor",
        ] => Ask::Duration,
        ["deploy", "resources", "limits" | "reservations", "memory"] => Ask::SizeInWords,
        ["user" | "image"]
        | ["command" | "entrypoint"]
        | ["command" | "entrypoint", "[]"]
        | ["healthcheck", "test"]
        | ["healthcheck", "test", "[]"]
        | ["secrets" | "configs", "[]", "uid" | "gid"]
        | ["build", "secrets", "[]", "uid" | "gid"]
        | ["post_start" | "pre_stop", "[]", "command"]
        | ["post_start" | "pre_stop", "[]", "command", "[]"]
        | ["develop", "watch", "[]", "exec", "command"]
        | ["develop", "watch", "[]", "exec", "command", "[]"] => Ask::Text,
        ["build", "provenance" | "sbom"] => Ask::TextOrBool,
        ["group_add", "[]"] | ["storage_opt", _] => Ask::TextOrWhole,
        ["expose", "[]"] => Ask::Exposed,
        ["ports", "[]"] => Ask::ShortPort,
        ["ports", "[]", "published"] => Ask::Published,
        ["mem_reservation"] | ["build", "shm_size"] | ["volumes", "[]", "tmpfs", "size"] => {
            Ask::WholeSize
        }
        ["memswap_limit" | "mem_swappiness"] => Ask::Swap,
        ["cpus"] => Ask::Cpus,
        ["ulimits", _] => Ask::Ulimit,
        path if of_device(path) == Some(&["count"]) => Ask::Count,
        ["logging", "options", _] | ["networks", _, "driver_opts", _] => Ask::TextOrNumber,
        [
            "deploy",
            "update_config" | "rollback_config",
            "max_failure_ratio",
        ] => Ask::Number,
        ["use_api_socket"]
        | ["depends_on", _, "required"]
        | ["develop", "watch", "[]", "initial_sync"] => Ask::Bool,
        ["ports", "[]", "target"] => Ask::Port,
        ["cpu_quota" | "cpu_period" | "cpu_rt_period" | "cpu_rt_runtime" | "cpu_shares"]
        | [
            "deploy",
            "resources",
            "reservations",
            "generic_resources",
            "[]",
            "discrete_resource_spec",
            "value",
        ] => Ask::Whole,
        ["cpu_count"] => Ask::CpuCount,
        ["cpu_percent"] => Ask::WholeWithin(0, 100),
        ["scale"]
        | ["healthcheck", "retries"]
        | ["deploy", "replicas"]
        | ["deploy", "restart_policy", "max_attempts"]
        | ["deploy", "placement", "max_replicas_per_node"]
        | ["deploy", "update_config" | "rollback_config", "parallelism"] => {
            Ask::Within(0, i64::MAX)
        }
        ["oom_score_adj"] => Ask::Within(-1000, 1000),
        ["networks", _, "priority" | "gw_priority"] => Ask::PlainNumber,
        ["volumes", "[]", "tmpfs", "mode"]
        | ["blkio_config", "weight"]
        | ["blkio_config", "weight_device", "[]", "weight"] => Ask::PlainWhole(0),
        ["build", "ulimits", _] | ["build", "ulimits", _, "soft" | "hard"] => {
            Ask::PlainWhole(i64::MIN)
        }
        ["secrets" | "configs", "[]", "mode"] | ["build", "secrets", "[]", "mode"] => Ask::Mode,
        ["build", "ssh", "[]"] => Ask::SshKey,
        ["ports", "[]", "host_ip"] => Ask::Ip,
        [
            "blkio_config",
            "device_read_bps" | "device_read_iops" | "device_write_bps" | "device_write_iops",
            "[]",
            "rate",
        ] => Ask::Size,
        ["cgroup"] => Ask::Words(&["host", "private"]),
        ["volumes", "[]", "type"] => {
            Ask::Words(&["bind", "volume", "tmpfs", "cluster", "npipe", "image"])
        }
        ["volumes", "[]", "bind", "recursive"] => {
            Ask::Words(&["enabled", "disabled", "writable", "readonly"])
        }
        ["volumes", "[]", "bind", "selinux"] => Ask::Words(&["z", "Z"]),
        ["develop", "watch", "[]", "action"] => {
            Ask::Words(&["rebuild", "sync", "restart", "sync+restart", "sync+exec"])
        }
        ["develop", "watch", "[]", "path"] => Ask::Filled,
        ["deploy", "update_config" | "rollback_config", "order"] => ORDER,
        ["container_name"] => Ask::ContainerName,
        ["pull_policy"] => Ask::PullPolicy,
        ["build", "additional_contexts", "[]"] => Ask::Pair,
        ["build", "additional_contexts", _] => Ask::Text,
        _ => return None,
    })
}

/// The keys that a map must have.
pub(super) fn needed(path: &[&str]) -> &'static [&'static str] {
    match path {
        ["models", _] => &["model"],
        ["services", _, rest @ ..] => match rest {
            ["depends_on", name] if *name != "[]" => &["condition"],
            ["extends"] => &["service"],
            ["provider"] => &["type"],
            ["env_file", "[]"] => &["path"],
            ["devices", "[]"] => &["source", "target"],
            ["volumes", "[]"] => &["type"],
            ["secrets" | "configs", "[]"] | ["build", "secrets", "[]"] => &["source"],
            ["ports", "[]"] => &["target"],
            ["develop", "watch", "[]"] => &["path", "action"],
            ["post_start" | "pre_stop", "[]"] | ["develop", "watch", "[]", "exec"] => &["command"],
            ["ulimits", _] | ["build", "ulimits", _] => &["soft", "hard"],
            _ => &[],
        },
        _ => &[],
    }
}

/// What nothing is as good as here: an empty map, or an empty text.
pub(super) fn in_place_of_nothing<'s>(path: &[&str]) -> Option<Kind<'s, 's>> {
    match path {
        ["networks" | "volumes", _]
        | ["services", _, "deploy" | "develop"]
        | ["services", _, "networks" | "models", _] => Some(Kind::Map(&[])),
        ["services", _, "logging", "options", _] | ["services", _, "storage_opt", _] => {
            Some(Kind::Quoted(""))
        }
        ["services", _, rest @ ..] if matches!(of_device(rest), Some(["options", _])) => {
            Some(Kind::Quoted(""))
        }
        _ => None,
    }
}

/// Whether a list of `NAME=value` is as good as a map here; the model knows the map alone.
pub(super) fn may_be_pairs(path: &[&str]) -> bool {
    matches!(path, ["services", _, rest @ ..] if of_device(rest) == Some(&["options"]))
}

/// The path below a device that is asked for, within a service.
fn of_device<'p, 'n>(path: &'p [&'n str]) -> Option<&'p [&'n str]> {
    match path {
        ["gpus", "[]", rest @ ..]
        | [
            "deploy",
            "resources",
            "reservations",
            "devices",
            "[]",
            rest @ ..,
        ] => Some(rest),
        _ => None,
    }
}

/// Whether the names in a map are free to choose, so that no other check looks at them.
pub(super) fn has_free_names(path: &[&str]) -> bool {
    const WORDS: [&str; 8] = [
        "environment",
        "labels",
        "annotations",
        "args",
        "sysctls",
        "additional_contexts",
        "ssh",
        "extra_hosts",
    ];
    path.len() > 2 && path.last().is_some_and(|last| WORDS.contains(last))
}

/// Whether Compose refuses a list here that holds an item twice.
pub(super) fn is_set(path: &[&str]) -> bool {
    let of_device = match path {
        ["services", _, rest @ ..] => of_device(rest),
        _ => None,
    };
    let is_of_device = matches!(of_device, Some(["capabilities" | "device_ids" | "options"]));
    is_of_device
        || matches!(
            path,
            [
                "services",
                _,
                "security_opt"
                    | "external_links"
                    | "volumes_from"
                    | "group_add"
                    | "device_cgroup_rules"
                    | "depends_on"
                    | "networks"
            ] | [
                "services",
                _,
                "post_start" | "pre_stop",
                "[]",
                "environment"
            ] | [
                "services",
                _,
                "develop",
                "watch",
                "[]",
                "ignore" | "include"
            ] | [
                "services",
                _,
                "develop",
                "watch",
                "[]",
                "exec",
                "environment"
            ] | ["services", _, "build", "ssh"]
                | ["services", _, "volumes", "[]", "volume", "labels"]
                | ["volumes" | "secrets" | "configs", _, "labels"]
        )
}
