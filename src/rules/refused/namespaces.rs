//! Namespaces that a container shares with the host or with another container.

use super::{Look, known};
use crate::compose::scalar::Text;
use crate::values::prose::list_quoted;
use crate::values::shown::shown;

pub(super) fn check(look: &Look) {
    let service = look.service;
    namespace(look, service.ipc(), &IPC);
    namespace(look, service.pid(), &PID);
    namespace(look, service.uts(), &UTS);
    user_namespace(look);
    network(look);
}

/// A key for a namespace, with the words for it, and how that of another container is named.
struct Namespace {
    key: &'static str,
    words: &'static [&'static str],
    others: &'static [&'static str],
}

const OF_ANOTHER: &[&str] = &["service:NAME", "container:NAME"];

const IPC: Namespace = Namespace {
    key: "ipc",
    words: &["host", "none", "private", "shareable"],
    others: OF_ANOTHER,
};

const PID: Namespace = Namespace {
    key: "pid",
    words: &["host"],
    others: OF_ANOTHER,
};

const USERNS: Namespace = Namespace {
    key: "userns_mode",
    words: &["host"],
    others: &[],
};

/// How words for `userns_mode` begin that Podman knows, and the engine does not.
const OF_PODMAN: [&str; 5] = ["auto", "container:", "keep-id", "nomap", "ns:"];

const UTS: Namespace = Namespace {
    key: "uts",
    words: &["host"],
    others: &[],
};

impl Namespace {
    fn takes(&self, word: &str) -> bool {
        let is_of = |other: &&str| {
            let name = word.strip_prefix(other.trim_end_matches("NAME"));
            name.is_some_and(|name| !name.is_empty())
        };
        self.words.contains(&word) || self.others.iter().any(is_of)
    }

    fn all(&self) -> String {
        let all: Vec<&str> = self.words.iter().chain(self.others).copied().collect();
        match all.as_slice() {
            [one] => format!("write `{one}`, or leave it out"),
            _ => format!("write one of {}, or leave it out", list_quoted(&all)),
        }
    }
}

fn namespace(look: &Look, text: Option<&Text>, namespace: &Namespace) {
    let Some((text, word)) = text.and_then(|text| Some((text, known(text)?))) else {
        return;
    };
    // That is told as a service that is not there.
    if namespace.takes(&word) || word == "service:" {
        return;
    }
    let message = format!("`{}` cannot be {}", namespace.key, shown(&word));
    let help = match namespace.others {
        [] => None,
        _ => of_another(look, &word),
    };
    let help = help
        .or_else(|| look.meant(&word, namespace.words))
        .unwrap_or_else(|| namespace.all());
    look.refuse(text.place, message, Some(help));
}

fn user_namespace(look: &Look) {
    let text = look.service.userns_mode();
    let is_of_podman = |text: &Text| OF_PODMAN.iter().any(|start| text.text.starts_with(start));
    namespace(look, text.filter(|text| !is_of_podman(text)), &USERNS);
}

/// The network of another container. Every other word may be a network that exists.
fn network(look: &Look) {
    let mode = look.service.network_mode();
    let Some((text, word)) = mode.and_then(|text| Some((text, known(text)?))) else {
        return;
    };
    let help = match word.as_ref() {
        "container:" => Some("write the container's name behind it".to_owned()),
        word => of_another(look, word),
    };
    if let Some(help) = help {
        let message = format!("`network_mode` cannot be {}", shown(&word));
        look.refuse(text.place, message, Some(help));
    }
}

/// What was meant by `services:web`.
fn of_another(look: &Look, word: &str) -> Option<String> {
    let (kind, name) = word.split_once(':').filter(|(_, name)| !name.is_empty())?;
    let kinds = ["service", "container"];
    let near = look.findings.near(kind, kinds.into_iter())?;
    (kind != near).then(|| format!("did you mean {}?", shown(&format!("{near}:{name}"))))
}
