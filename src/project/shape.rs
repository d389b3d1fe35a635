//! What Compose asks of a tree beside the types of the model, which read some values more loosely: where a text must
//! be one, where only some words are known, which keys must be there. Compared with the schema and the loader of Docker
//! Compose 2.40.

use super::forms;
use super::tree::{self, Branch, Tree, branch, branches};
use crate::compose::scalar::no_word;
use crate::compose::value::Reader;
use crate::finding::Finding;
use crate::rule::Rule;
use crate::values::Refusal;
use crate::values::interpolation::has_variable;
use crate::values::memory::Memory;
use crate::values::name::ContainerName;
use crate::values::port::PortRange;
use crate::values::shown::shown;
use crate::yaml::node::{Entry, Kind, Node};

/// What a scalar must be.
#[derive(Clone, Copy)]
enum Ask {
    /// A text: a number or a boolean needs quotes.
    Text,
    /// A text, or true or false.
    TextOrBool,
    /// A text or a number.
    TextOrNumber,
    /// A number, or the text of a whole one.
    Whole,
    /// A number, or the text of one.
    Number,
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
fn asked(path: &[&str]) -> Option<Ask> {
    match path {
        ["services", _, rest @ ..] => of_service(rest),
        ["networks", _, "ipam", "options", _] => Some(Ask::Text),
        ["networks", _, "ipam", "config", "[]", "aux_addresses", _] => Some(Ask::Text),
        ["networks" | "volumes" | "secrets", _, "driver_opts", _] => Some(Ask::TextOrNumber),
        _ => None,
    }
}

fn of_service(path: &[&str]) -> Option<Ask> {
    Some(match path {
        ["user" | "image" | "stop_grace_period"]
        | ["command" | "entrypoint"]
        | ["command" | "entrypoint", "[]"]
        | [
            "healthcheck",
            "test" | "interval" | "timeout" | "start_period" | "start_interval",
        ]
        | ["healthcheck", "test", "[]"]
        | ["secrets" | "configs", "[]", "uid" | "gid"]
        | ["build", "secrets", "[]", "uid" | "gid"]
        | ["post_start" | "pre_stop", "[]", "command"]
        | ["post_start" | "pre_stop", "[]", "command", "[]"]
        | ["develop", "watch", "[]", "exec", "command"]
        | ["develop", "watch", "[]", "exec", "command", "[]"]
        | ["deploy", "resources", "limits" | "reservations", "memory"]
        | ["deploy", "restart_policy", "delay" | "window"]
        | [
            "deploy",
            "update_config" | "rollback_config",
            "delay" | "monitor",
        ] => Ask::Text,
        ["build", "provenance" | "sbom"] => Ask::TextOrBool,
        ["group_add" | "expose", "[]"]
        | ["logging", "options", _]
        | ["networks", _, "driver_opts", _] => Ask::TextOrNumber,
        [
            "deploy",
            "update_config" | "rollback_config",
            "max_failure_ratio",
        ] => Ask::Number,
        ["use_api_socket"] | ["develop", "watch", "[]", "initial_sync"] => Ask::Bool,
        ["ports", "[]", "target"] => Ask::Port,
        ["env_file", "[]", "format"] => Ask::Words(&["raw"]),
        [
            "cpu_quota" | "cpu_period" | "cpu_rt_period" | "cpu_rt_runtime" | "cpu_count"
            | "cpu_shares",
        ] => Ask::Whole,
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
        _ => return None,
    })
}

/// The keys that a map must have.
fn needed(path: &[&str]) -> &'static [&'static str] {
    match path {
        ["models", _] => &["model"],
        ["services", _, rest @ ..] => match rest {
            ["depends_on", _] => &["condition"],
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
fn in_place_of_nothing<'s>(path: &[&str]) -> Option<Kind<'s, 's>> {
    match path {
        ["networks" | "volumes", _]
        | ["services", _, "deploy" | "develop"]
        | ["services", _, "networks" | "models", _] => Some(Kind::Map(&[])),
        ["services", _, "logging", "options", _]
        | ["services", _, "storage_opt", _]
        | ["services", _, "gpus", "[]", "options", _]
        | [
            "services",
            _,
            "deploy",
            "resources",
            "reservations",
            "devices",
            "[]",
            "options",
            _,
        ] => Some(Kind::Quoted("")),
        _ => None,
    }
}

/// Whether a list of `NAME=value` is as good as a map here; the model knows the map alone.
fn may_be_pairs(path: &[&str]) -> bool {
    matches!(
        path,
        ["services", _, "gpus", "[]", "options"]
            | [
                "services",
                _,
                "deploy",
                "resources",
                "reservations",
                "devices",
                "[]",
                "options"
            ]
    )
}

/// Whether Compose refuses a list here that holds an item twice.
fn is_set(path: &[&str]) -> bool {
    matches!(
        path,
        [
            "services",
            _,
            "security_opt"
                | "external_links"
                | "volumes_from"
                | "group_add"
                | "device_cgroup_rules"
        ] | [
            "services",
            _,
            "deploy",
            "resources",
            "reservations",
            "devices",
            "[]",
            "capabilities" | "device_ids"
        ] | ["services", _, "gpus", "[]", "capabilities" | "device_ids"]
            | [
                "services",
                _,
                "post_start" | "pre_stop",
                "[]",
                "environment"
            ]
            | [
                "services",
                _,
                "develop",
                "watch",
                "[]",
                "ignore" | "include"
            ]
            | [
                "services",
                _,
                "develop",
                "watch",
                "[]",
                "exec",
                "environment"
            ]
            | ["services", _, "build", "ssh"]
            | ["volumes", _, "labels"]
    )
}

/// The tree as the model reads it: an empty map where Compose takes nothing for one. What Compose refuses beside the
/// types is told.
pub(super) fn check<'s>(root: Tree<'s>, reader: &Reader<'_, 's>) -> Tree<'s> {
    let shape = Shape { reader };
    shape.visit(&root, &mut Vec::new()).unwrap_or(root)
}

struct Shape<'r, 'a, 's> {
    reader: &'r Reader<'a, 's>,
}

impl<'s> Shape<'_, '_, 's> {
    fn add(&self, finding: Finding) {
        self.reader.findings.add(finding);
    }

    /// Judges a value; gives what to read in its place, where that is another one.
    fn visit(&self, node: &Tree<'s>, path: &mut Vec<&'s str>) -> Option<Tree<'s>> {
        match node.kind {
            _ if node.is_null() => {
                if matches!(path.as_slice(), ["services", _, "healthcheck", "test"]) {
                    self.reader.wrong_type(node, "a text or a list of words");
                }
                let kind = in_place_of_nothing(path)?;
                Some(Node { kind, ..*node })
            }
            Kind::Plain(text) | Kind::Quoted(text) => {
                if let Some(ask) = asked(path)
                    && !has_variable(text)
                {
                    self.scalar(node, text, ask);
                }
                None
            }
            Kind::Seq(_) if may_be_pairs(path) => {
                let pairs = forms::pairs(node, self.reader.arena)?;
                let map = tree::map(node, pairs);
                Some(self.visit(&map, path).unwrap_or(map))
            }
            Kind::Seq(items) => {
                if is_set(path) {
                    self.set(items);
                }
                let items = self.each(items, path, |_| "[]", |item| *item, |_, value| value)?;
                let kind = Kind::Seq(items);
                Some(Node { kind, ..*node })
            }
            Kind::Map(entries) => {
                self.needs(node, path);
                let with = |entry: &Branch<'s>, value| Entry { value, ..*entry };
                let entries =
                    self.each(entries, path, |entry| entry.key, |entry| entry.value, with)?;
                let kind = Kind::Map(entries);
                Some(Node { kind, ..*node })
            }
            Kind::Tagged(_) => None,
        }
    }

    /// Visits what a list or map holds; `None` where nothing in it changes.
    fn each<T: Copy>(
        &self,
        list: &[T],
        path: &mut Vec<&'s str>,
        key: impl Fn(&T) -> &'s str,
        value: impl Fn(&T) -> Tree<'s>,
        with: impl Fn(&T, Tree<'s>) -> T,
    ) -> Option<&'s [T]> {
        let mut changed: Option<&'s mut [T]> = None;
        for (at, one) in list.iter().enumerate() {
            path.push(key(one));
            if let Some(new) = self.visit(&value(one), path) {
                let copy = changed.get_or_insert_with(|| self.reader.arena.alloc_slice_copy(list));
                copy[at] = with(one, new);
            }
            path.pop();
        }
        changed.map(|list| &*list)
    }

    fn scalar(&self, node: &Tree<'s>, text: &str, ask: Ask) {
        let word = node.kind_word();
        match ask {
            Ask::Text if word != "a text" => self.reader.wrong_type(node, "a text"),
            Ask::TextOrBool if word == "a number" => {
                self.reader.wrong_type(node, "a text, or true or false");
            }
            Ask::TextOrNumber if word == "true or false" => {
                self.reader.wrong_type(node, "a text or a number");
            }
            Ask::Whole if word != "a number" && text.parse::<i64>().is_err() => {
                self.refuse(node, Rule::WrongType, not_whole(text));
            }
            Ask::Number if !text.parse::<f64>().is_ok_and(f64::is_finite) => {
                let refusal = Refusal::new(format!("expected a number, not {}", shown(text)));
                self.refuse(node, Rule::WrongType, refusal);
            }
            Ask::Bool if word != "true or false" => self.reader.wrong_type(node, "true or false"),
            Ask::Port => self.judge(node, Rule::BadPort, PortRange::parse(text)),
            Ask::Size => self.judge(node, Rule::BadSize, text.parse::<Memory>()),
            Ask::Words(words) if !words.contains(&text) => {
                self.refuse(
                    node,
                    Rule::WrongType,
                    no_word(text, "one of some words", words),
                );
            }
            Ask::ContainerName => self.judge(node, Rule::BadName, ContainerName::parse(text)),
            Ask::PullPolicy if !is_pull_policy(text) => {
                let refusal = Refusal::new(format!("{} does not say when to fetch the image", shown(text)))
                    .with_help("write `always`, `never`, `missing`, `build`, `daily`, `weekly` or, for example, `every_12h`");
                self.refuse(node, Rule::WrongType, refusal);
            }
            Ask::Pair if !text.contains('=') => {
                let refusal = Refusal::new(format!("expected `NAME=value`, not {}", shown(text)));
                self.refuse(node, Rule::WrongType, refusal);
            }
            Ask::Filled if text.is_empty() => {
                self.refuse(
                    node,
                    Rule::WrongType,
                    Refusal::new("expected a path, not an empty text"),
                );
            }
            Ask::Text
            | Ask::TextOrBool
            | Ask::TextOrNumber
            | Ask::Whole
            | Ask::Number
            | Ask::Bool
            | Ask::Words(_)
            | Ask::PullPolicy
            | Ask::Pair
            | Ask::Filled => {}
        }
    }

    fn judge<T>(&self, node: &Tree<'s>, rule: Rule, read: Result<T, Refusal>) {
        if let Err(refusal) = read {
            self.refuse(node, rule, refusal);
        }
    }

    fn refuse(&self, node: &Tree<'s>, rule: Rule, refusal: Refusal) {
        self.add(Finding::refused(rule, node.place, refusal));
    }

    fn needs(&self, node: &Tree<'s>, path: &[&'s str]) {
        for key in needed(path) {
            if branch(node, key).is_none() {
                let what = path.iter().rev().find(|name| **name != "[]").unwrap_or(&"");
                let place = branches(node)
                    .first()
                    .map_or(node.place, |entry| entry.key_place);
                let message = format!("`{key}` is missing under {}", shown(what));
                self.add(Finding::new(Rule::MissingField, place, message).maybe_help(write(key)));
            }
        }
    }

    /// Items that stand in a list twice, where Compose minds.
    fn set(&self, items: &[Tree<'s>]) {
        let mut seen = rustc_hash::FxHashMap::default();
        for item in items {
            let Some(text) = item.as_text() else {
                continue;
            };
            if let Some(first) = seen.insert(text, item.place) {
                let message = format!("{} stands in this list twice", shown(text));
                let finding = Finding::new(Rule::DuplicateKey, item.place, message);
                self.add(finding.second(first, "first given here"));
            }
        }
    }
}

/// What to write for a key that is missing.
fn write(key: &str) -> Option<String> {
    let example = match key {
        "condition" => "condition: service_started",
        "type" => "type: bind",
        "action" => "action: sync",
        "target" => "target: 80",
        _ => return None,
    };
    Some(format!("write, for example, `{example}`"))
}

fn not_whole(text: &str) -> Refusal {
    Refusal::new(format!("expected a whole number, not {}", shown(text)))
}

/// Compose asks only that one of these stands somewhere in the text.
fn is_pull_policy(text: &str) -> bool {
    const WORDS: [&str; 8] = [
        "always",
        "never",
        "build",
        "if_not_present",
        "missing",
        "refresh",
        "daily",
        "weekly",
    ];
    let is_every = |rest: &str| {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        digits > 0 && rest[digits..].starts_with(['w', 'd', 'h', 'm', 's'])
    };
    WORDS.iter().any(|word| text.contains(word)) || text.split("every_").skip(1).any(is_every)
}
