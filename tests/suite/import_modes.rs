//! Two Compose files that become two modes of one catalog: what is built of each means to Docker Compose what the files
//! of the mode mean, laid over each other.

use std::process::Command;

use serde_json::{Map, Value};

use crate::compose_config::is_there;
use crate::project::Project;

const BASE: &str = r#"
name: shop
x-app: &app
  image: "example/app:${VERSION:-3}"
  environment: { DB: db, LEVEL: "${LEVEL:-info}" }
services:
  web:
    <<: *app
    ports: ["8080:80"]
    command: >
      serve --port 80
      --workers 4
    depends_on: { api: { condition: service_started } }
    networks: [front]
  api:
    <<: *app
    expose: ["8000"]
    volumes: ["data:/data", "./conf:/conf:ro"]
    healthcheck: { test: [CMD, check], interval: 10s }
    networks: { front: { aliases: [backend] } }
    labels: [a=1, b=2]
  worker:
    <<: *app
    deploy: { resources: { limits: { memory: 128m } } }
volumes: { data: }
networks: { front: }
"#;

const PROD: &str = r#"
services:
  web: { restart: always, ports: ["8443:443"], environment: { TRACE: "0" } }
  api:
    restart: always
    healthcheck: { interval: 30s, retries: 5 }
    labels: { b: "3", c: "4" }
    volumes: ["./data:/data"]
  worker:
    deploy: { resources: { limits: { memory: 512m, cpus: "1.5" } } }
    command: [work, --fast]
  backup: { image: "example/backup:2", volumes: ["data:/data:ro"] }
"#;

const TEST: &str = r#"
services:
  web: { ports: !override ["18080:80"], environment: { TRACE: "1", LEVEL: debug } }
  api: { depends_on: [fake-mail], networks: { front: { aliases: [other] } } }
  worker: { command: [work], environment: { LEVEL: !reset null } }
  fake-mail: { image: "example/fake-mail:3" }
"#;

#[test]
fn each_mode_means_what_its_files_mean() {
    if !is_there() {
        return;
    }
    let project = Project::empty();
    for (name, text) in [
        ("compose.yaml", BASE),
        ("prod.yaml", PROD),
        ("test.yaml", TEST),
    ] {
        project.write(name, text);
    }
    let modes = ["--mode", "test=test.yaml", "--mode", "prod=prod.yaml"];
    let said = project.run(&[&["import", "compose.yaml"][..], &modes].concat());
    assert_eq!(said.code, Some(0), "{said:?}");
    let said = project.run(&["build"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for (mode, env) in [("test", "test"), ("prod", "production")] {
        let files = config(&project, &format!("-f compose.yaml -f {mode}.yaml"));
        let env = format!("--env-file generated/env.{env} --env-file .env.{env}");
        let built = config(
            &project,
            &format!("{env} -f generated/docker-compose.{mode}.yml"),
        );
        assert_eq!(services(files), services(built), "{mode}");
    }
}

/// What Docker Compose makes of files, all profiles on.
fn config(project: &Project, files: &str) -> Value {
    let words = format!("compose {files} --profile * config --format json");
    let kept = ["PATH", "HOME"].map(|name| (name, std::env::var_os(name).unwrap_or_default()));
    let output = Command::new("docker")
        .args(words.split(' '))
        .current_dir(project.path("."))
        .env_clear()
        .envs(kept)
        .output()
        .expect("docker compose runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{files}: {said}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The services, by name; the order of a list of mounts says nothing.
fn services(mut config: Value) -> Map<String, Value> {
    let Some(Value::Object(mut services)) = config.get_mut("services").map(Value::take) else {
        panic!("no services");
    };
    for service in services.values_mut().filter_map(Value::as_object_mut) {
        if let Some(Value::Array(mounts)) = service.get_mut("volumes") {
            mounts.sort_by_key(Value::to_string);
        }
        // Compose shows an empty placement wherever anything of `deploy` is said.
        if let Some(Value::Object(deploy)) = service.get_mut("deploy") {
            deploy.remove("placement");
        }
    }
    services
}

const OPEN: &str = r#"
name: open
services:
  web:
    image: "nginx:${TAG}"
    ports: ["${WEB_PORT}", "${ADMIN_PORT}:81"]
    volumes: ["${DATA}/pg:/data"]
    environment: { DB_PASSWORD: "${DB_PASSWORD}", PROXY: "${PROXY}", NOTHING: "${NOTHING}" }
"#;

const OPEN_PROD: &str = r#"
services:
  web:
    environment: { LEVEL: "${LEVEL:-info}", OWNER: "${OWNER:?who looks after it}", REGION: "${REGION}" }
"#;

const OPEN_TEST: &str = r#"
services:
  web: { environment: { LEVEL: "${LEVEL}", OWNER: "${OWNER}", ZONE: "${REGION:-}" } }
"#;

const OPEN_ENV: &str = "TAG=1.27\nWEB_PORT=8080\nADMIN_PORT=8081\nDATA=/srv\nDB_PASSWORD=of-this-case\nNOTHING=\n\
                        LEVEL=debug\nOWNER=ops\nREGION=north\n";

#[test]
fn what_an_env_file_sets_has_to_be_set_and_means_the_same_in_each_mode() {
    let project = Project::empty();
    for (name, text) in [
        ("compose.yaml", OPEN),
        ("prod.yaml", OPEN_PROD),
        ("test.yaml", OPEN_TEST),
        (".env", OPEN_ENV),
    ] {
        project.write(name, text);
    }
    let modes = ["--mode", "test=test.yaml", "--mode", "prod=prod.yaml"];
    let said = project.run(&[&["import", "compose.yaml"][..], &modes].concat());
    assert_eq!(said.code, Some(0), "{said:?}");
    let catalog = project.text("catalog/catalog.yaml");
    for line in [
        "  WEB_PORT:\n",
        "  DATA:\n",
        "  DB_PASSWORD: { secret: true }\n",
        "  NOTHING: { optional: true }\n",
        "  PROXY: { optional: true }\n",
        "  LEVEL: { default: info }\n",
        "  OWNER: { description: who looks after it }\n",
        "  REGION: { optional: true }\n",
    ] {
        assert!(catalog.contains(line), "{line}{catalog}");
    }
    let said = project.run(&["build"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(!said.err.contains("port-random"), "{said:?}");
    if is_there() {
        for (mode, env) in [("test", "test"), ("prod", "production")] {
            let files = config(&project, &format!("-f compose.yaml -f {mode}.yaml"));
            let env = format!("--env-file generated/env.{env} --env-file .env.{env}");
            let built = format!("{env} -f generated/docker-compose.{mode}.yml");
            assert_eq!(
                services(files),
                services(config(&project, &built)),
                "{mode}"
            );
        }
    }
    let env = project.text(".env.production");
    project.write(
        ".env.production",
        env.replace("DB_PASSWORD=of-this-case\n", ""),
    );
    let said = project.run(&["env", "check", "prod"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    let told = format!("{}{}", said.out, said.err);
    assert!(told.contains("`DB_PASSWORD` is not set"), "{told}");
}

#[test]
fn a_folder_that_both_modes_write_may_begin_with_a_variable() {
    let compose = r#"
services:
  db: { image: "postgres:16", volumes: ["${PREFIX}/pg:/var/lib/postgresql/data"] }
  fake: { image: "example/fake:1", profiles: [test] }
  backup: { image: "example/backup:1", profiles: [production] }
"#;
    for env in ["", "PREFIX=\n", "PREFIX=/srv\n"] {
        let project = Project::empty();
        project.write("compose.yaml", compose);
        project.write(".env", env);
        let said = project.run(&["import"]);
        assert_eq!(said.code, Some(0), "{env}{said:?}");
        let said = project.run(&["build"]);
        assert_eq!(said.code, Some(0), "{env}{said:?}");
        let is_waived = project
            .text("catalog/catalog.yaml")
            .contains("rule: shared-bind");
        assert_eq!(is_waived, !env.contains("/srv"), "{env}");
    }
}
