//! What an editor shows of a catalog: a real YAML language server reads the schema that the first line of each file
//! names. `make editor-tools` installs the server.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use composegen::catalog::SCHEMA;
use serde_json::{Value as Json, json};

/// The first line of a catalog file.
const MODELINE: &str = "# yaml-language-server: $schema=../generated/catalog.schema.json\n";

/// What Compose's own tags look like.
const TAGS: &str = "# yaml-language-server: $schema=../generated/catalog.schema.json
services:
  one:
    role: core
    shm_size: !reset null
    memory: !reset null
    read_only: !reset null
    volumes: !reset []
    ports: !override [\"80:80\"]
";

/// Far more than the server ever takes: a test that hangs must end.
const PATIENCE: Duration = Duration::from_secs(120);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The address of a catalog file, there or not.
fn address(name: &str) -> String {
    let path = root().join("catalog").join(name);
    format!("file://{}", path.to_str().unwrap().replace(' ', "%20"))
}

/// The server, where `make editor-tools` has installed it and there is a Node.js to run it.
fn installed() -> Option<PathBuf> {
    let path =
        root().join("tests/editor/node_modules/yaml-language-server/bin/yaml-language-server");
    let node = Command::new("node").arg("--version").output();
    (path.is_file() && node.is_ok_and(|output| output.status.success())).then_some(path)
}

/// A language server with the client's side of the conversation: JSON-RPC, each message behind its length.
struct Server {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Json>,
    custom_tags: Json,
    last: u64,
    /// The last diagnostics of each file.
    diagnostics: HashMap<String, Vec<Json>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts one; says why not where there is none. `tags` is the editor's setting `yaml.customTags`.
    fn start(tags: &[&str]) -> Option<Server> {
        let Some(path) = installed() else {
            crate::skipped(
                "no YAML language server: `make editor-tools` installs it, and it needs Node.js",
            );
            return None;
        };
        let mut child = Command::new("node")
            .arg(path)
            .arg("--stdio")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut server = Server {
            child,
            input,
            messages,
            custom_tags: json!(tags),
            last: 0,
            diagnostics: HashMap::new(),
        };
        server.initialize();
        Some(server)
    }

    fn initialize(&mut self) {
        let capabilities = json!({
            "workspace": { "configuration": true },
            "textDocument": {
                "completion": { "completionItem": { "snippetSupport": true } },
                "hover": { "contentFormat": ["markdown"] },
            },
        });
        self.ask(
            "initialize",
            json!({ "processId": null, "rootUri": null, "capabilities": capabilities }),
        );
        self.send(json!({ "method": "initialized", "params": {} }));
    }

    fn send(&mut self, mut message: Json) {
        message["jsonrpc"] = json!("2.0");
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.input.flush().unwrap();
    }

    /// The answer to a request.
    fn ask(&mut self, method: &str, params: Json) -> Json {
        self.last += 1;
        let id = self.last;
        self.send(json!({ "id": id, "method": method, "params": params }));
        let answer = self.until(|message| message["id"] == id && message.get("method").is_none());
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// The next message of a kind; what the server asks in between is answered.
    fn until(&mut self, wanted: impl Fn(&Json) -> bool) -> Json {
        loop {
            let message = self.messages.recv_timeout(PATIENCE).unwrap();
            self.hear(&message);
            if wanted(&message) {
                return message;
            }
        }
    }

    fn hear(&mut self, message: &Json) {
        let params = &message["params"];
        if message["method"] == "textDocument/publishDiagnostics" {
            let list = params["diagnostics"].as_array().unwrap().clone();
            let file = params["uri"].as_str().unwrap().to_owned();
            self.diagnostics.insert(file, list);
        }
        let Some(id) = message
            .get("id")
            .filter(|_| message.get("method").is_some())
        else {
            return;
        };
        let result = match message["method"].as_str() {
            Some("workspace/configuration") => self.configuration(&params["items"]),
            _ => Json::Null,
        };
        self.send(json!({ "id": id, "result": result }));
    }

    /// The editor's settings: those of somebody who has set nothing, without the schemas of the network.
    fn configuration(&self, items: &Json) -> Json {
        let yaml = json!({
            "validate": true, "hover": true, "completion": true, "schemas": {},
            "schemaStore": { "enable": false }, "customTags": self.custom_tags,
        });
        let of = |item: &Json| match item["section"].as_str() {
            Some("yaml") => yaml.clone(),
            _ => json!({}),
        };
        items.as_array().unwrap().iter().map(of).collect()
    }

    /// Opens a catalog file; gives what is said of it, each with its line from 1.
    fn open(&mut self, name: &str, text: &str) -> Vec<String> {
        let file = address(name);
        let document = json!({ "uri": file, "languageId": "yaml", "version": 1, "text": text });
        self.send(
            json!({ "method": "textDocument/didOpen", "params": { "textDocument": document } }),
        );
        self.until(|message| {
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == file.as_str()
        });
        let said = |one: &Json| {
            let line = one["range"]["start"]["line"].as_u64().unwrap() + 1;
            format!("{line}: {}", one["message"].as_str().unwrap())
        };
        let mut all: Vec<String> = self.diagnostics[&file].iter().map(said).collect();
        all.sort();
        all
    }

    /// What is suggested at a place, by its label, with the text that explains it.
    fn completion(&mut self, at: Json) -> Vec<(String, String)> {
        let answer = self.ask("textDocument/completion", at);
        let items = answer.get("items").unwrap_or(&answer);
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        let suggestion = |item: &Json| {
            let why = &item["documentation"];
            let why = why.get("value").unwrap_or(why);
            (text(&item["label"]), text(why))
        };
        items.as_array().unwrap().iter().map(suggestion).collect()
    }

    /// What is shown under the pointer, without the line that names the schema, as it looks: the server keeps Markdown
    /// from taking a `[` or a `_` for its own.
    fn hover(&mut self, at: Json) -> String {
        let answer = self.ask("textDocument/hover", at);
        let text = answer["contents"]["value"].as_str().unwrap_or_default();
        let end = text.find("\n\nSource:").unwrap_or(text.len());
        as_it_looks(&text[..end])
    }
}

/// A Markdown text without the backslashes before its signs.
fn as_it_looks(text: &str) -> String {
    let mut letters = text.chars().peekable();
    let mut out = String::new();
    while let Some(letter) = letters.next() {
        let is_sign = letters.peek().is_some_and(char::is_ascii_punctuation);
        if letter != '\\' || !is_sign {
            out.push(letter);
        }
    }
    out
}

/// One message; `None` at the end of the conversation.
fn read(output: &mut impl BufRead) -> Option<Json> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("Content-Length") => {
                length = value.parse().ok();
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut bytes = vec![0; length?];
    output.read_exact(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// The place of the mark `|` in a text, and the text without it.
fn marked(name: &str, text: &str) -> (String, Json) {
    let before = &text[..text.find('|').unwrap()];
    let line = before.matches('\n').count();
    let character = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
    let at = json!({
        "textDocument": { "uri": address(name) },
        "position": { "line": line, "character": character },
    });
    (text.replacen('|', "", 1), at)
}

fn suggested(server: &mut Server, name: &str, text: &str) -> Vec<(String, String)> {
    let (text, at) = marked(name, &format!("{MODELINE}{text}"));
    server.open(name, &text);
    server.completion(at)
}

fn shown(server: &mut Server, name: &str, text: &str) -> String {
    let (text, at) = marked(name, &format!("{MODELINE}{text}"));
    server.open(name, &text);
    server.hover(at)
}

fn labels(suggestions: &[(String, String)]) -> Vec<&str> {
    let mut labels: Vec<&str> = suggestions
        .iter()
        .map(|(label, _)| label.as_str())
        .collect();
    labels.sort_unstable();
    labels
}

/// The description of a key in the schema.
fn description(definition: &str, key: &str) -> String {
    let schema: Json = serde_json::from_str(SCHEMA).unwrap();
    let property = &schema["definitions"][definition]["properties"][key];
    property["description"].as_str().unwrap().to_owned()
}

/// Without the line there is no schema, whatever the file is called; with it, the server reads the one it names.
fn the_first_line_alone_connects_a_file_with_its_schema(server: &mut Server) {
    let text = "services:\n  one:\n    role: core\n    memmory: 80M\n";
    assert_eq!(server.open("first-line-0.yaml", text), [""; 0]);
    let with_line = format!("{MODELINE}{text}");
    let said = server.open("first-line-1.yaml", &with_line);
    assert_eq!(said, ["5: Property memmory is not allowed."]);
    let elsewhere = with_line.replace("../generated/", "../nowhere/");
    let said = server.open("first-line-2.yaml", &elsewhere);
    assert!(
        said.iter()
            .any(|line| line.contains("nowhere/catalog.schema.json")),
        "{said:?}"
    );
}

fn the_keys_of_a_service_are_suggested(server: &mut Server) {
    let found = suggested(
        server,
        "a.yaml",
        "services:\n  one:\n    role: core\n    |\n",
    );
    let labels = labels(&found);
    for key in [
        "image",
        "memory",
        "cpus",
        "healthcheck",
        "depends_on",
        "ports",
        "overrides",
        "x-",
    ] {
        assert_eq!(labels.contains(&key), key != "x-", "{key} in {labels:?}");
    }
    // What is there already, and what a catalog writes otherwise.
    for key in ["role", "mem_limit", "mem_reservation", "version"] {
        assert!(!labels.contains(&key), "{key} in {labels:?}");
    }
    let (_, why) = found.iter().find(|(label, _)| label == "memory").unwrap();
    assert_eq!(*why, description("Service", "memory"));
}

fn the_words_of_a_key_are_suggested(server: &mut Server) {
    let mut words = |name: &str, text: &str| {
        let found = suggested(server, name, text);
        labels(&found).join(" ")
    };
    let with =
        "services:\n  one:\n    role: core\n    healthcheck:\n      http: /\n      with: |\n";
    assert_eq!(words("with.yaml", with), "curl python wget");
    let role = "services:\n  one:\n    role: |\n";
    assert_eq!(
        words("role.yaml", role),
        "ai core datagen external-api test"
    );
    let job = "services:\n  one:\n    role: core\n    job: |\n";
    assert_eq!(words("job.yaml", job), "false manual true");
    let read_only = "services:\n  one:\n    role: core\n    read_only: |\n";
    assert_eq!(words("read-only.yaml", read_only), "false true");
    let interval = "services:\n  one:\n    role: core\n    healthcheck:\n      interval: |\n";
    assert_eq!(words("interval.yaml", interval), "");
}

fn the_keys_of_a_host_and_a_mode_are_suggested(server: &mut Server) {
    let host = suggested(
        server,
        "host.yaml",
        "hosts:\n  big:\n    memory: 8GiB\n    |\n",
    );
    // `Host` stands for all that is still missing.
    assert_eq!(
        labels(&host),
        [
            "Host",
            "concurrent",
            "cpus",
            "description",
            "options",
            "overcommit",
            "reserve"
        ]
    );
    let mode = suggested(
        server,
        "mode.yaml",
        "modes:\n  prod:\n    class: production\n    |\n",
    );
    assert_eq!(
        labels(&mode),
        ["aliases", "profiles", "project", "requires", "values"]
    );
}

fn a_key_under_the_pointer_is_described(server: &mut Server) {
    let service = "services:\n  one:\n    role: core\n    ";
    let cases = [
        ("mem|ory: 80M\n", "Service", "memory"),
        ("mem|ory: { limit: 80M }\n", "Service", "memory"),
        ("memory: { lim|it: 80M }\n", "MemoryWords", "limit"),
        ("depends|_on: [two]\n", "Service", "depends_on"),
        ("dep|loy: { replicas: 2 }\n", "Service", "deploy"),
        ("por|ts: [\"80:80\"]\n", "Service", "ports"),
        ("heal|thcheck: { http: / }\n", "Service", "healthcheck"),
        ("healthcheck: { ht|tp: / }\n", "HealthcheckWords", "http"),
        (
            "healthcheck: { inter|val: 30s }\n",
            "HealthcheckWords",
            "interval",
        ),
    ];
    for (number, (text, definition, key)) in cases.into_iter().enumerate() {
        let name = format!("hover-{number}.yaml");
        let text = shown(server, &name, &format!("{service}{text}"));
        assert_eq!(text, description(definition, key), "{definition}.{key}");
    }
}

fn nothing_is_said_of_a_good_catalog(server: &mut Server) {
    let mut files = 0;
    for entry in fs::read_dir(root().join("catalog")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(
            text.starts_with(MODELINE),
            "{name} does not begin with the line that names its schema"
        );
        assert_eq!(server.open(name, &text), [""; 0], "{name}");
        files += 1;
    }
    assert!(files > 0);
}

fn a_mistake_is_named_where_it_stands(server: &mut Server) {
    let text = "services:
  one:
    role: core
    memmory: 80M
    read_only: maybe
    restart: sometimes
    shm_size: 80Q
    cpus: 0.5
    healthcheck: { with: fetch, interval: 30 }
  two:
    memory: 80M
";
    let said = server.open("mistakes.yaml", &format!("{MODELINE}{text}"));
    let expected = [
        "10: Value is not accepted. Valid values: \"curl\", \"wget\", \"python\".",
        "10: Expected a duration such as `30s` or `1m30s`.",
        "11: Missing property \"role\".",
        "5: Property memmory is not allowed.",
        "6: Expected true or false.",
        "7: Expected a restart policy such as `unless-stopped`.",
        "8: Expected a size such as `512M` or `2G`.",
    ];
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(said, expected);
}

/// A server knows no tags until the editor's settings name them: `yaml.customTags`.
fn the_tags_of_compose_are_unknown(server: &mut Server) {
    let said = server.open("tags.yaml", TAGS);
    let unknown = |tag: &str| {
        let end = format!("Unresolved tag: {tag}");
        said.iter().any(|line| line.ends_with(&end))
    };
    assert!(unknown("!reset") && unknown("!override"), "{said:?}");
}

/// One server for all steps: it takes seconds to start.
#[test]
fn an_editor_shows_what_the_schema_says() {
    let Some(mut server) = Server::start(&[]) else {
        return;
    };
    the_first_line_alone_connects_a_file_with_its_schema(&mut server);
    the_keys_of_a_service_are_suggested(&mut server);
    the_words_of_a_key_are_suggested(&mut server);
    the_keys_of_a_host_and_a_mode_are_suggested(&mut server);
    a_key_under_the_pointer_is_described(&mut server);
    nothing_is_said_of_a_good_catalog(&mut server);
    a_mistake_is_named_where_it_stands(&mut server);
    the_tags_of_compose_are_unknown(&mut server);
}

#[test]
fn the_tags_of_compose_are_known_where_the_editor_is_told() {
    let tags = ["!reset scalar", "!reset sequence", "!override sequence"];
    let Some(mut server) = Server::start(&tags) else {
        return;
    };
    assert_eq!(server.open("tags.yaml", TAGS), [""; 0]);
}
