//! Guesses of what a service is for, each with its reason, and in which file of the catalog it stands.

use super::report::What;
use super::value::{Map, Value};

/// A role that was guessed.
pub struct Guess {
    /// The role.
    pub role: &'static str,
    /// Why; `None` where nothing says otherwise than `core`.
    pub why: Option<String>,
}

/// Words in an image or a name that tell of a model.
const AI: &[&str] = &[
    "ollama",
    "openai",
    "llama",
    "vllm",
    "whisper",
    "stable-diffusion",
    "comfyui",
    "openvino",
    "huggingface",
    "text-generation",
    "localai",
    "litellm",
    "open-webui",
    "piper",
];

/// Words in an image that tell of a store or a queue.
const DATA: &[&str] = &[
    "postgres",
    "mysql",
    "mariadb",
    "mongo",
    "redis",
    "valkey",
    "influxdb",
    "elasticsearch",
    "opensearch",
    "kafka",
    "zookeeper",
    "rabbitmq",
    "nats",
    "minio",
    "clickhouse",
    "timescale",
    "memcached",
    "cassandra",
    "neo4j",
    "etcd",
    "mssql",
    "meilisearch",
    "typesense",
    "mosquitto",
    "qdrant",
    "weaviate",
    "couchdb",
    "pgvector",
    "dragonfly",
];

/// Words in an image that tell of watching others.
const MONITORING: &[&str] = &[
    "prometheus",
    "grafana",
    "loki",
    "promtail",
    "tempo",
    "jaeger",
    "zipkin",
    "otel",
    "opentelemetry",
    "cadvisor",
    "exporter",
    "alertmanager",
    "telegraf",
    "fluentd",
    "fluent-bit",
    "uptime-kuma",
    "netdata",
    "kibana",
    "logstash",
    "filebeat",
    "metricbeat",
];

/// Words in an image that tell of what stands before others.
const EDGE: &[&str] = &[
    "traefik",
    "nginx",
    "caddy",
    "haproxy",
    "envoy",
    "cloudflared",
    "oauth2-proxy",
    "certbot",
    "kong",
];

/// What a service is for.
pub fn guess(name: &str, service: &Map) -> Guess {
    let image = base(
        service
            .get("image")
            .and_then(Value::text)
            .unwrap_or_default(),
    );
    if let Some(word) = word_in(AI, image) {
        return guessed("ai", format!("its image is {word}'s"));
    }
    if let Some(word) = word_in(AI, name) {
        return guessed("ai", format!("its name says {word}"));
    }
    if whole_word(&["ai", "llm"], name).is_some() {
        return guessed("ai", "its name says so".to_owned());
    }
    let environment = service.get("environment").and_then(Value::map);
    let keys = environment
        .into_iter()
        .flat_map(|map| map.0.iter().map(|entry| entry.key.as_str()));
    let mut keys = keys.filter(|key| key.ends_with("_API_KEY"));
    if let (true, Some(key)) = (
        name.ends_with("-api") && service.get("image").is_none(),
        keys.next(),
    ) {
        return guessed("external-api", format!("it takes {key}"));
    }
    Guess {
        role: "core",
        why: None,
    }
}

fn guessed(role: &'static str, why: String) -> Guess {
    Guess {
        role,
        why: Some(why),
    }
}

impl Guess {
    /// What is told of it.
    pub fn told(self, service: &str) -> What {
        let service = service.to_owned();
        match self.why {
            Some(why) => What::Role {
                service,
                role: self.role,
                why,
            },
            None => What::Core(service),
        }
    }
}

/// Words that tell of data that is made up.
const MAKES_DATA: &[&str] = &[
    "datagen",
    "data-gen",
    "data-generator",
    "loadgen",
    "load-gen",
    "load-generator",
    "fixtures",
    "seed",
    "seeder",
    "simulator",
];

/// Words that tell of something that stands in for another thing, or tries it.
const TESTS: &[&str] = &[
    "test",
    "tests",
    "testing",
    "tester",
    "e2e",
    "fake",
    "mock",
    "mocks",
    "stub",
    "wiremock",
    "mailhog",
    "mailpit",
    "mailcatcher",
    "selenium",
    "cypress",
    "playwright",
    "k6",
    "locust",
    "toxiproxy",
];

/// The role of a service that only modes of class test have.
pub fn of_test(name: &str) -> &'static str {
    match whole_word(MAKES_DATA, name).or_else(|| whole_word(&["generator"], name)) {
        Some(_) => "datagen",
        None => "test",
    }
}

/// Whether a service of production may be one that belongs to tests: the role that would keep it out, and why. Nobody but
/// a person can say whether that is so.
pub fn suspicion(name: &str, service: &Map) -> Option<(&'static str, String)> {
    let image = base(
        service
            .get("image")
            .and_then(Value::text)
            .unwrap_or_default(),
    );
    let profiles = service.get("profiles").map_or(&[][..], Value::items);
    let profiles = profiles.iter().filter_map(|item| item.value.text());
    let mut hints = vec![("its name", name), ("its image", image)];
    hints.extend(profiles.map(|profile| ("its profile", profile)));
    let roles = [("datagen", MAKES_DATA), ("test", TESTS)];
    hints.iter().find_map(|(what, text)| {
        roles.iter().find_map(|(role, words)| {
            let word = whole_word(words, text)?;
            Some((*role, format!("{what} says {word}")))
        })
    })
}

/// The first of some words that stands in a name as a whole: `seed` in `db-seed`, and not in `seedbox`.
fn whole_word(words: &[&'static str], name: &str) -> Option<&'static str> {
    let letter = |c: char| match c.is_ascii_alphanumeric() {
        true => c.to_ascii_lowercase(),
        false => '-',
    };
    let name: String = name.chars().map(letter).collect();
    let name = format!("-{name}-");
    let mut words = words.iter().copied();
    words.find(|word| name.contains(&format!("-{word}-")))
}

/// The file of a service where a catalog has several.
pub fn area(role: &str, name: &str, service: &Map) -> &'static str {
    let image = base(
        service
            .get("image")
            .and_then(Value::text)
            .unwrap_or_default(),
    );
    // An image that a variable names says nothing.
    let image = if image.is_empty() { name } else { image };
    match role {
        "ai" => "ai",
        "external-api" => "external-api",
        "test" => "test",
        "datagen" => "datagen",
        _ if word_in(MONITORING, image).is_some() => "monitoring",
        _ if word_in(DATA, image).is_some() => "data",
        _ if word_in(EDGE, image).is_some() => "edge",
        _ => "app",
    }
}

/// An image without registry, tag and digest.
fn base(image: &str) -> &str {
    let image = image.split(['@', '$']).next().unwrap_or(image);
    let start = image
        .rfind('/')
        .map_or(0, |at| image[..at].rfind('/').map_or(0, |at| at + 1));
    let image = &image[start..];
    image.split(':').next().unwrap_or(image)
}

fn word_in(words: &[&'static str], text: &str) -> Option<&'static str> {
    words.iter().copied().find(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::super::value::{Entry, Item};
    use super::*;

    fn service(image: &str, profile: &str) -> Map {
        let profiles = vec![Item::made(Value::of(profile))];
        Map(vec![
            Entry::made("image", Value::of(image)),
            Entry::made("profiles", Value::List(profiles)),
        ])
    }

    #[test]
    fn what_may_belong_to_tests_is_seen_by_whole_words() {
        for (name, image, profile, expected) in [
            ("db-seed", "", "", Some(("datagen", "its name says seed"))),
            ("seedbox", "linuxserver/transmission:4", "tools", None),
            (
                "Load_Generator",
                "",
                "",
                Some(("datagen", "its name says load-generator")),
            ),
            (
                "mail",
                "mailhog/mailhog:v1.0.1",
                "",
                Some(("test", "its image says mailhog")),
            ),
            (
                "smoke",
                "example/smoke",
                "e2e",
                Some(("test", "its profile says e2e")),
            ),
            ("contest", "example/latest", "", None),
        ] {
            let found = suspicion(name, &service(image, profile));
            let expected = expected.map(|(role, why)| (role, why.to_owned()));
            assert_eq!(found, expected, "{name}");
        }
        assert_eq!(
            [of_test("data-generator"), of_test("fake-mail")],
            ["datagen", "test"]
        );
    }
}
