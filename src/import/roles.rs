//! Guesses of what a service is for, each with its reason, and in which file of the catalog it stands.

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

/// Words in a name that tell of data that is made up.
const MAKES_DATA: &[&str] = &[
    "datagen",
    "data-generator",
    "load-gen",
    "loadgen",
    "fixtures",
    "seed",
    "fake",
    "mock",
];

/// Whether a name says that the service makes data up.
pub fn makes_data(name: &str) -> bool {
    word_in(MAKES_DATA, name).is_some()
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
