//! `public-bind`: a database, a broker or an administrator's port that everybody in the network can reach.

use super::stated;
use crate::compose::ports::Port;
use crate::finding::Finding;
use crate::plan::PlannedService;
use crate::rule::Rule;
use crate::values::port::PortMapping;

/// Ports of containers, with what usually listens there. The rule's page lists the same; a test holds them together.
const PORTS: [(u16, &str); 44] = [
    (1433, "Microsoft SQL Server"),
    (1521, "Oracle Database"),
    (1883, "MQTT without encryption"),
    (2181, "ZooKeeper"),
    (2375, "Docker's engine without encryption"),
    (2379, "etcd"),
    (3306, "MySQL or MariaDB"),
    (4222, "NATS"),
    (5005, "a debugger for Java"),
    (5432, "PostgreSQL"),
    (5601, "Kibana"),
    (5672, "RabbitMQ"),
    (5678, "a debugger for Python"),
    (5984, "CouchDB"),
    (6333, "Qdrant"),
    (6379, "Redis or Valkey"),
    (6650, "Pulsar"),
    (7474, "Neo4j"),
    (7687, "Neo4j"),
    (8086, "InfluxDB"),
    (8161, "ActiveMQ's console"),
    (8428, "VictoriaMetrics"),
    (8500, "Consul"),
    (8529, "ArangoDB"),
    (9042, "Cassandra"),
    (9090, "Prometheus"),
    (9092, "Kafka"),
    (9093, "Alertmanager or Kafka"),
    (9200, "Elasticsearch or OpenSearch"),
    (9229, "a debugger for Node.js"),
    (9300, "Elasticsearch or OpenSearch"),
    (9443, "Portainer"),
    (11211, "Memcached"),
    (15672, "RabbitMQ's console"),
    (19530, "Milvus"),
    (19999, "Netdata"),
    (26257, "CockroachDB"),
    (27017, "MongoDB"),
    (27018, "MongoDB"),
    (27019, "MongoDB"),
    (28015, "RethinkDB"),
    (29015, "RethinkDB"),
    (33060, "MySQL"),
    (61616, "ActiveMQ"),
];

/// Judges a service.
pub fn judge(planned: &PlannedService, tell: &mut dyn FnMut(Finding)) {
    if !planned.publishes() {
        return;
    }
    for port in stated::ports(planned) {
        let public = port.mapping().filter(is_public);
        if let Some((mapping, known)) = public.and_then(|it| Some((it, known(&it)?))) {
            tell(finding(planned, port, &mapping, known));
        }
    }
}

/// Whether a port is published on every address of the host, or of one of its families. An address that only a
/// variable knows is nothing to judge by: then there is no mapping.
fn is_public(mapping: &PortMapping) -> bool {
    mapping
        .host_ip
        .is_none_or(|ip| ip.to_canonical().is_unspecified())
}

/// What usually listens at the first port of a mapping that the table knows.
fn known(mapping: &PortMapping) -> Option<(u16, &'static str)> {
    let found = PORTS
        .iter()
        .find(|(port, _)| mapping.target.contains(*port));
    found.copied()
}

fn finding(
    planned: &PlannedService,
    port: &Port,
    mapping: &PortMapping,
    (number, what): (u16, &str),
) -> Finding {
    let message = format!(
        "`{}` publishes the port of {what}, `{number}`, on every address of the host",
        planned.name
    );
    let help = match mapping.published {
        Some(published) => format!(
            "write `\"127.0.0.1:{published}:{}\"` if only the host itself needs it; other services reach it without `ports`",
            mapping.target
        ),
        None => "other services reach it without `ports`".to_owned(),
    };
    Finding::new(Rule::PublicBind, port.place(), message).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_lists_the_same_ports() {
        let page = include_str!("pages/public-bind.md");
        let table: Vec<String> = PORTS
            .iter()
            .map(|(port, what)| format!("    {port:<5}  {what}"))
            .collect();
        assert!(page.contains(&table.join("\n")), "\n{}", table.join("\n"));
        assert!(PORTS.is_sorted());
    }

    #[test]
    fn all_addresses_are_public_and_one_is_not() {
        for (text, expected) in [
            ("5432:5432", true),
            ("0.0.0.0:5432:5432", true),
            ("[::]:5432:5432", true),
            ("[::ffff:0.0.0.0]:5432:5432", true),
            ("127.0.0.1:5432:5432", false),
            ("127.1.2.3:5432:5432", false),
            ("[::1]:5432:5432", false),
            ("192.168.1.5:5432:5432", false),
        ] {
            let mapping: PortMapping = text.parse().unwrap();
            assert_eq!(is_public(&mapping), expected, "{text}");
        }
    }

    #[test]
    fn the_port_of_the_container_tells_what_it_is() {
        for (text, expected) in [
            ("15432:5432", Some(5432)),
            ("5432:80", None),
            ("9000-9100:9000-9100", Some(9042)),
            ("8080:80", None),
        ] {
            let mapping: PortMapping = text.parse().unwrap();
            assert_eq!(known(&mapping).map(|(port, _)| port), expected, "{text}");
        }
    }
}
