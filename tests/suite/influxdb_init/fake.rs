//! A small InfluxDB 2: setup, organisations, buckets and authorizations over HTTP, with the rules that matter to the
//! init job (who may see and do what, what is there already, what no retention may be), and with faults on demand.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use serde_json::{Value, json};

/// The operator token of every fake that is set up.
pub const OPERATOR: &str = "operator-4711-Zx_yA==";
/// The password with which the job may set up an empty one.
pub const PASSWORD: &str = "pass-0815-word";

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// An answer with this status, and nothing done.
    Status(u16),
    /// Nothing done, and a text that is not JSON.
    Garbage,
    /// Nothing done, and JSON that is something else.
    Stranger,
    /// Done, and the connection closed in the middle of the answer.
    Broken,
    /// Done, and nothing answered while the connection stays open.
    Silent,
    /// The caller is killed before anything is done.
    KilledBefore,
    /// The caller is killed after it was done, and before the answer.
    KilledAfter,
}

/// An authorization as InfluxDB keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct Authorization {
    pub id: String,
    pub token: String,
    pub org: String,
    pub description: String,
    pub status: String,
    /// Action and bucket id.
    pub permissions: Vec<(String, String)>,
}

/// A bucket as InfluxDB keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct Bucket {
    pub id: String,
    pub org: String,
    pub name: String,
    /// Seconds; 0 is for ever.
    pub keeps: u64,
    /// Seconds of a shard group.
    pub shard: u64,
}

/// What is in the fake.
#[derive(Default)]
pub struct State {
    pub set_up: bool,
    pub orgs: Vec<(String, String)>,
    pub buckets: Vec<Bucket>,
    pub authorizations: Vec<Authorization>,
    /// Method and path of every request since the last look.
    pub requests: Vec<String>,
    /// What happens to the request of this number, counted from 1.
    pub faults: BTreeMap<usize, Fault>,
    /// What happens to every request.
    pub always: Option<Fault>,
    /// Tokens are shown to nobody after they were made.
    pub hashed: bool,
    /// What is not found is an empty list, not a 404.
    pub empty_lists: bool,
    next: u64,
}

impl State {
    fn id(&mut self) -> String {
        self.next += 1;
        format!("{:016x}", 0xa0 + self.next)
    }

    /// Everything in it in lines, without tokens.
    pub fn summary(&self) -> String {
        let mut lines = Vec::new();
        lines.extend(self.orgs.iter().map(|(_, name)| format!("org {name}")));
        for bucket in &self.buckets {
            let org = self.name(&bucket.org);
            lines.push(format!("bucket {org}/{} {}", bucket.name, bucket.keeps));
        }
        for one in &self.authorizations {
            let allowed: Vec<String> = one
                .permissions
                .iter()
                .map(|(action, id)| format!("{action} {}", self.name(id)))
                .collect();
            let (org, text, state) = (self.name(&one.org), &one.description, &one.status);
            lines.push(format!(
                "authorization {org}/{text} ({state}): {}",
                allowed.join(", ")
            ));
        }
        lines.join("\n")
    }

    fn name(&self, id: &str) -> &str {
        let orgs = self.orgs.iter().map(|(id, name)| (id, name));
        let buckets = self.buckets.iter().map(|bucket| (&bucket.id, &bucket.name));
        orgs.chain(buckets)
            .find(|(known, _)| *known == id)
            .map_or("(gone)", |(_, name)| name)
    }

    /// Makes an authorization as somebody else would.
    pub fn add(&mut self, description: &str, permissions: Vec<(String, String)>) -> String {
        let id = self.id();
        let token = format!("token-{id}_-chosenByInfluxDB==");
        self.authorizations.push(Authorization {
            id,
            token: token.clone(),
            org: self.orgs[0].0.clone(),
            description: description.to_owned(),
            status: "active".to_owned(),
            permissions,
        });
        token
    }
}

/// A running fake; it ends with the test.
pub struct Fake {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
    /// Says that the caller is to be killed, and hears that it was.
    pub kill: Receiver<()>,
    pub killed: Sender<()>,
}

struct Server {
    state: Arc<Mutex<State>>,
    kill: Sender<()>,
    killed: Receiver<()>,
    open: Vec<TcpStream>,
}

impl Fake {
    /// An InfluxDB that its image has set up for another mode.
    pub fn new() -> Self {
        let fake = Fake::empty();
        let mut state = fake.state();
        state.set_up = true;
        let org = state.id();
        state.orgs.push((org.clone(), "homeiq".to_owned()));
        let id = state.id();
        state.buckets.push(Bucket {
            id,
            org,
            name: "home_assistant_events".to_owned(),
            keeps: 2_592_000,
            shard: 86_400,
        });
        drop(state);
        fake
    }

    /// An InfluxDB that nobody has set up.
    pub fn empty() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let (kill, to_kill) = channel();
        let (killed, was_killed) = channel();
        let mut server = Server {
            state: Arc::clone(&state),
            kill,
            killed: was_killed,
            open: Vec::new(),
        };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A caller that was killed leaves half a conversation behind.
                let _ = server.serve(stream);
            }
        });
        Fake {
            address,
            state,
            kill: to_kill,
            killed,
        }
    }

    /// What is in it, to look at and to change.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The requests since the last look.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state().requests)
    }
}

/// A request, read.
struct Request {
    method: String,
    path: String,
    query: BTreeMap<String, String>,
    token: String,
    body: Value,
}

type Answer = (u16, Value);

impl Server {
    fn serve(&mut self, mut stream: TcpStream) -> std::io::Result<()> {
        let Some(request) = read(&stream)? else {
            return Ok(());
        };
        let fault = self.note(&request);
        match fault {
            Some(Fault::Status(status)) => return write(&mut stream, status, "{}", 2),
            Some(Fault::Garbage) => return write(&mut stream, 200, "<html>hello", 11),
            Some(Fault::Stranger) => return write(&mut stream, 200, "[{\"orgs\": 1}]", 13),
            Some(Fault::KilledBefore) => {
                self.wait_for_kill();
                return Ok(());
            }
            _ => {}
        }
        let (status, value) = self.state.lock().unwrap().answer(&request);
        let text = value.to_string();
        match fault {
            Some(Fault::KilledAfter) => self.wait_for_kill(),
            Some(Fault::Silent) => self.open.push(stream),
            Some(Fault::Broken) => {
                write(&mut stream, status, &text[..text.len() / 2], text.len())?;
            }
            _ if status == 204 => write(&mut stream, status, "", 0)?,
            _ => write(&mut stream, status, &text, text.len())?,
        }
        Ok(())
    }

    /// Writes a request down; gives what is to go wrong with it.
    fn note(&self, request: &Request) -> Option<Fault> {
        let mut state = self.state.lock().unwrap();
        let line = format!("{} {}", request.method, request.path);
        state.requests.push(line);
        let number = state.requests.len();
        state.always.or(state.faults.get(&number).copied())
    }

    fn wait_for_kill(&self) {
        self.kill.send(()).unwrap();
        self.killed.recv().unwrap();
    }
}

fn read(stream: &TcpStream) -> std::io::Result<Option<Request>> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let words: Vec<&str> = line.split(' ').collect();
    let (path, query) = words[1].split_once('?').unwrap_or((words[1], ""));
    let mut request = Request {
        method: words[0].to_owned(),
        path: path.to_owned(),
        query: query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        token: String::new(),
        body: Value::Null,
    };
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "authorization" => request.token = value.replacen("Token ", "", 1),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    request.body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    Ok(Some(request))
}

fn write(stream: &mut TcpStream, status: u16, text: &str, length: usize) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{text}"
    )?;
    stream.flush()
}

fn refusal(status: u16, code: &str, message: &str) -> Answer {
    (status, json!({ "code": code, "message": message }))
}

impl State {
    fn answer(&mut self, request: &Request) -> Answer {
        let path: Vec<&str> = request
            .path
            .trim_start_matches("/api/v2/")
            .split('/')
            .collect();
        match (request.method.as_str(), path.as_slice()) {
            ("GET", ["", "health"]) => {
                return (200, json!({ "name": "influxdb", "status": "pass" }));
            }
            ("GET", ["setup"]) => return (200, json!({ "allowed": !self.set_up })),
            ("POST", ["setup"]) => return self.first_setup(&request.body),
            _ => {}
        }
        let operator = self.set_up && request.token == OPERATOR;
        match (request.method.as_str(), path.as_slice()) {
            ("GET", ["buckets"]) => self.buckets(request, operator),
            _ if !operator => refusal(401, "unauthorized", "unauthorized access"),
            ("GET", ["orgs"]) => self.organisations(&request.query["org"]),
            ("POST", ["orgs"]) => self.make_organisation(text(&request.body, "name")),
            ("POST", ["buckets"]) => self.make_bucket(&request.body),
            ("PATCH", ["buckets", id]) => self.change_bucket(id, &request.body),
            ("GET", ["authorizations"]) => self.listed(&request.query["orgID"]),
            ("POST", ["authorizations"]) => self.authorize(&request.body),
            ("DELETE", ["authorizations", id]) => self.remove(id),
            _ => refusal(404, "not found", "path not found"),
        }
    }

    fn first_setup(&mut self, body: &Value) -> Answer {
        if self.set_up {
            return refusal(422, "conflict", "onboarding has already been completed");
        }
        if text(body, "password") != PASSWORD || text(body, "token") != OPERATOR {
            return refusal(400, "invalid", "not what the test gave");
        }
        self.set_up = true;
        let (_, org) = self.make_organisation(text(body, "org"));
        let keeps = body["retentionPeriodSeconds"].as_u64().unwrap();
        self.make_bucket(&json!({
            "orgID": org["id"],
            "name": body["bucket"],
            "retentionRules": [{ "type": "expire", "everySeconds": keeps }],
        }));
        (201, json!({ "auth": { "token": OPERATOR } }))
    }

    fn organisations(&self, name: &str) -> Answer {
        let found: Vec<Value> = self
            .orgs
            .iter()
            .filter(|(_, known)| known == name)
            .map(|(id, name)| json!({ "id": id, "name": name }))
            .collect();
        match found.is_empty() && !self.empty_lists {
            true => refusal(404, "not found", "organization name not found"),
            false => (200, json!({ "orgs": found })),
        }
    }

    fn make_organisation(&mut self, name: &str) -> Answer {
        if self.orgs.iter().any(|(_, known)| known == name) {
            return refusal(422, "conflict", "organization already exists");
        }
        let id = self.id();
        self.orgs.push((id.clone(), name.to_owned()));
        (201, json!({ "id": id, "name": name }))
    }

    /// The buckets that the token may read.
    fn buckets(&self, request: &Request, operator: bool) -> Answer {
        let own = self
            .authorizations
            .iter()
            .find(|one| one.token == request.token && one.status == "active");
        if own.is_none() && !operator {
            return refusal(401, "unauthorized", "unauthorized access");
        }
        let may = |id: &String| {
            let read = ("read".to_owned(), id.clone());
            operator || own.is_some_and(|own| own.permissions.contains(&read))
        };
        let is = |key: &str, value: &String| request.query.get(key).is_none_or(|q| q == value);
        let found: Vec<Value> = self
            .buckets
            .iter()
            .filter(|one| may(&one.id) && is("orgID", &one.org) && is("name", &one.name))
            .map(|one| {
                let rule = json!([{ "type": "expire", "everySeconds": one.keeps, "shardGroupDurationSeconds": one.shard }]);
                json!({ "id": one.id, "orgID": one.org, "name": one.name, "retentionRules": rule })
            })
            .collect();
        match found.is_empty() && request.query.contains_key("name") && !self.empty_lists {
            true => refusal(404, "not found", "bucket not found"),
            false => (200, json!({ "buckets": found })),
        }
    }

    fn make_bucket(&mut self, body: &Value) -> Answer {
        let (org, name) = (text(body, "orgID"), text(body, "name"));
        if !self.orgs.iter().any(|(id, _)| id == org) {
            return refusal(404, "not found", "organization not found");
        }
        let same = |bucket: &Bucket| bucket.org == org && bucket.name == name;
        if self.buckets.iter().any(same) {
            return refusal(422, "conflict", "bucket already exists");
        }
        let keeps = keeps(body);
        if (1..3600).contains(&keeps) {
            return refusal(
                422,
                "unprocessable entity",
                "retention must be at least an hour",
            );
        }
        let bucket = Bucket {
            id: self.id(),
            org: org.to_owned(),
            name: name.to_owned(),
            keeps,
            shard: if (1..172_800).contains(&keeps) {
                3600
            } else {
                86_400
            },
        };
        let made = json!({ "id": bucket.id, "name": bucket.name });
        self.buckets.push(bucket);
        (201, made)
    }

    fn change_bucket(&mut self, id: &str, body: &Value) -> Answer {
        let Some(bucket) = self.buckets.iter_mut().find(|bucket| bucket.id == id) else {
            return refusal(404, "not found", "bucket not found");
        };
        let shard = &body["retentionRules"][0]["shardGroupDurationSeconds"];
        let shard = shard.as_u64().unwrap_or(bucket.shard);
        if keeps(body) != 0 && shard > keeps(body) {
            return refusal(
                422,
                "unprocessable entity",
                "shard group longer than retention",
            );
        }
        (bucket.keeps, bucket.shard) = (keeps(body), shard);
        (200, json!({ "id": id }))
    }

    fn listed(&self, org: &str) -> Answer {
        let own = self.authorizations.iter().filter(|one| one.org == org);
        let found: Vec<Value> = own.map(|one| self.shown(one, !self.hashed)).collect();
        (200, json!({ "authorizations": found }))
    }

    fn shown(&self, one: &Authorization, token: bool) -> Value {
        let permissions: Vec<Value> = one
            .permissions
            .iter()
            .map(|(action, id)| {
                let kind = if id == "all" {
                    json!({ "type": "orgs" })
                } else {
                    json!({ "type": "buckets", "id": id, "orgID": one.org, "name": self.name(id) })
                };
                json!({ "action": action, "resource": kind })
            })
            .collect();
        json!({
            "id": one.id, "token": if token { &one.token } else { "" }, "status": one.status,
            "description": one.description, "orgID": one.org, "permissions": permissions, "createdAt": one.id,
        })
    }

    fn authorize(&mut self, body: &Value) -> Answer {
        let wanted: Vec<(String, String)> = body["permissions"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| {
                let resource = &one["resource"];
                assert_eq!(resource["type"], "buckets");
                assert_eq!(resource["orgID"], body["orgID"]);
                (
                    text(one, "action").to_owned(),
                    text(resource, "id").to_owned(),
                )
            })
            .collect();
        let known = |id: &String| self.buckets.iter().any(|bucket| &bucket.id == id);
        if wanted.is_empty() || !wanted.iter().all(|(_, id)| known(id)) {
            return refusal(400, "invalid", "authorization must include permissions");
        }
        self.add(text(body, "description"), wanted);
        let made = self.authorizations.last_mut().unwrap();
        made.org = text(body, "orgID").to_owned();
        let made = made.clone();
        (201, self.shown(&made, true))
    }

    fn remove(&mut self, id: &str) -> Answer {
        let before = self.authorizations.len();
        self.authorizations.retain(|one| one.id != id);
        match self.authorizations.len() < before {
            true => (204, Value::Null),
            false => refusal(404, "not found", "authorization not found"),
        }
    }
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

fn keeps(body: &Value) -> u64 {
    body["retentionRules"][0]["everySeconds"]
        .as_u64()
        .unwrap_or(0)
}
