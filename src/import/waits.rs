//! For what services wait of each other, and what that makes of them.

use super::value::{Entry, Item, Map, Value};

/// What others ask of a service.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts {
    /// Whether it has a probe of its own.
    pub probe: bool,
    /// Whether it says anything of its health.
    pub says_health: bool,
    /// Whether it is never started again, in words.
    pub restarts_never: bool,
    /// Whether it runs once, and others wait for that.
    pub job: bool,
    /// Whether others wait for its health, and it says nothing of it.
    pub lacks_probe: bool,
    /// Whether its image is one that is known to bring a probe.
    pub has_probing_image: bool,
    /// Whether others wait for its health, and its image brings the probe.
    pub by_image: bool,
}

/// Images that bring a probe, by the ends of their names without the tag.
const PROBING: &[&str] = &[
    "clamav/clamav",
    "gethomepage/homepage",
    "gitlab/gitlab-ce",
    "gitlab/gitlab-ee",
    "immich-app/immich-machine-learning",
    "immich-app/immich-server",
    "itzg/minecraft-server",
    "jellyfin/jellyfin",
    "louislam/uptime-kuma",
    "mysql/mysql-server",
    "netdata/netdata",
    "paperless-ngx/paperless-ngx",
    "pihole/pihole",
    "plexinc/pms-docker",
    "prodrigestivill/postgres-backup-local",
    "qmcgaw/gluetun",
    "vaultwarden/server",
];

fn brings_probe(service: &Map) -> bool {
    let image = service
        .get("image")
        .and_then(Value::text)
        .unwrap_or_default();
    let image = image.split('@').next().unwrap_or(image);
    let slash = image.rfind('/').map_or(0, |at| at + 1);
    let tag = image[slash..]
        .find(':')
        .map_or(image.len(), |at| slash + at);
    let name = &image[..tag];
    PROBING.iter().any(|known| {
        let before = name.strip_suffix(known);
        before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
    })
}

impl Facts {
    /// What a service says of itself.
    pub fn of(service: &Map) -> Self {
        let health = service.get("healthcheck").and_then(Value::map);
        let test = health.and_then(|map| map.get("test"));
        let first = test
            .and_then(|test| test.items().first())
            .and_then(|item| item.value.text());
        let is_none = first == Some("NONE") || test.and_then(Value::text) == Some("NONE");
        let is_off = health
            .and_then(|map| map.get("disable"))
            .and_then(Value::text)
            == Some("true");
        let policy = below_of(service, &["deploy", "restart_policy"]).is_some();
        Facts {
            probe: test.is_some() && !is_none && !is_off,
            says_health: service.get("healthcheck").is_some(),
            restarts_never: service.get("restart").and_then(Value::text) == Some("no") && !policy,
            job: false,
            lacks_probe: false,
            has_probing_image: brings_probe(service),
            by_image: false,
        }
    }

    /// The condition that a catalog takes where a list names the service.
    fn condition(self) -> &'static str {
        match (self.job, self.probe || self.by_image) {
            (true, _) => "service_completed_successfully",
            (false, true) => "service_healthy",
            (false, false) => "service_started",
        }
    }
}

fn below_of<'m>(map: &'m Map, path: &[&str]) -> Option<&'m Value> {
    let (key, rest) = path.split_first()?;
    let value = map.get(key)?;
    match rest {
        [] => Some(value),
        _ => below_of(value.map()?, rest),
    }
}

/// The services that a service waits for, each with the condition, as Compose takes it.
pub fn waits(service: &Map) -> Vec<(&str, &str)> {
    match service.get("depends_on") {
        Some(Value::List(items)) => {
            let names = items.iter().filter_map(|item| item.value.text());
            names.map(|name| (name, "service_started")).collect()
        }
        Some(Value::Map(map)) => {
            let condition = |entry: &Entry| {
                let map = entry.value.map()?;
                map.get("condition")?.text().map(str::to_owned)
            };
            let of = |entry| match condition(entry).as_deref() {
                Some("service_healthy") => "service_healthy",
                Some("service_completed_successfully") => "service_completed_successfully",
                _ => "service_started",
            };
            map.0
                .iter()
                .map(|entry| (entry.key.as_str(), of(entry)))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Writes `depends_on` as short as what is known of the others allows.
pub fn shorten_depends_on(service: &mut Map, facts: &dyn Fn(&str) -> Facts) {
    let Some(value) = service.get_mut("depends_on") else {
        return;
    };
    let entries = match std::mem::replace(value, Value::Nothing) {
        Value::List(items) => items.into_iter().filter_map(started).collect(),
        Value::Map(map) => map.0,
        other => {
            *value = other;
            return;
        }
    };
    let mut map = Map::default();
    for entry in entries {
        map.put(entry);
    }
    for entry in &mut map.0 {
        leave_out_defaults(entry, facts(&entry.key).condition());
    }
    let says_more = |entry: &Entry| entry.value != Value::Nothing;
    *value = match map.0.iter().any(says_more) {
        false => Value::List(map.0.into_iter().map(name_of).collect()),
        true => Value::Map(map),
    };
}

/// Leaves out what a catalog takes by itself. Compose takes nothing by itself, so that a condition is always said.
fn leave_out_defaults(entry: &mut Entry, condition: &str) {
    let Value::Map(words) = &mut entry.value else {
        return;
    };
    if words.get("condition").is_none() {
        return;
    }
    words
        .0
        .retain(|word| match (word.key.as_str(), word.value.text()) {
            ("condition", Some(said)) => said != condition || !word.remarks.is_silent(),
            ("required", Some("true")) | ("restart", Some("false")) => !word.remarks.is_silent(),
            _ => true,
        });
    if words.0.is_empty() {
        entry.value = Value::Nothing;
    }
}

fn started(item: Item) -> Option<Entry> {
    let condition = Entry::made("condition", Value::of("service_started"));
    Some(Entry {
        key: item.value.text()?.to_owned(),
        value: Value::Map(Map(vec![condition])),
        remarks: item.remarks,
        place: item.place,
    })
}

fn name_of(entry: Entry) -> Item {
    Item {
        value: Value::Text(entry.key),
        remarks: entry.remarks,
        place: entry.place,
    }
}
