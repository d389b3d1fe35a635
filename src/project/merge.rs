//! A later tree over an earlier one, as Docker Compose merges files and what a service extends: maps by key, lists
//! one behind the other, and what has a rule of its own by that.

use std::cell::{Cell, RefCell};

use bumpalo::Bump;
use rustc_hash::{FxHashMap, FxHashSet};

use super::forms::{self, Identity};
use super::tree::{Branch, Tree, branch, branches, is_reset, map, tag, with_value};
use crate::compose::value::collect;
use crate::finding::{Finding, Findings};
use crate::place::Place;
use crate::rule::Rule;
use crate::yaml::node::{Entry, Kind, Node};

/// What merging needs.
pub(super) struct Merge<'a, 's> {
    pub arena: &'s Bump,
    pub findings: &'a Findings,
    /// How many entries and items may still be made.
    pub left: &'a Cell<usize>,
    /// Where what a later file replaces is noted, for those who ask what stood around it.
    pub replaced: Option<&'a RefCell<Vec<Replaced<'s>>>>,
}

/// An entry or an item of an earlier file that a later one has, too.
#[derive(Clone, Copy, Debug)]
pub struct Replaced<'s> {
    /// Where the later one stands.
    pub by: Place,
    /// The earlier one.
    pub earlier: Earlier<'s>,
}

/// What stood in an earlier file.
#[derive(Clone, Copy, Debug)]
pub enum Earlier<'s> {
    /// An entry of a map.
    Entry(Branch<'s>),
    /// An item of a list.
    Item(Tree<'s>),
}

/// How the values of a key merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// Maps by key, lists one behind the other, all else replaces.
    Plain,
    /// The later one replaces.
    Replace,
    /// By name, in a map or a list of `NAME=value`.
    Pairs,
    /// By name, in a map or a list of names.
    Names,
    /// The same, where a name alone means `service_started`.
    Dependencies,
    /// A context alone, or a map.
    Build,
    /// `name=address`, all of them.
    Hosts,
    /// By key where both have the same driver.
    Logging,
    /// By key where both are maps; else the later one replaces.
    Ulimit,
    /// One behind the other; an item takes the place of an earlier one that is the same in this.
    List(Identity),
}

/// How the values at a path merge, its names and numbers told by their kind: services, networks and volumes by `*`.
fn how(path: &[&str]) -> How {
    match path {
        ["services", _, rest @ ..] => of_service(rest),
        ["networks" | "volumes" | "secrets" | "configs", _, "labels"] => How::Pairs,
        ["networks", _, "ipam", "config"] => How::List(Identity::Subnet),
        _ => How::Plain,
    }
}

fn of_service(path: &[&str]) -> How {
    match path {
        ["command" | "entrypoint"] | ["healthcheck", "test"] => How::Replace,
        ["environment" | "labels" | "annotations" | "sysctls"]
        | ["build", "args" | "labels" | "additional_contexts" | "ssh"]
        | ["deploy", "labels"] => How::Pairs,
        ["networks" | "models"] => How::Names,
        ["depends_on"] => How::Dependencies,
        ["build"] => How::Build,
        ["extra_hosts"] | ["build", "extra_hosts"] => How::Hosts,
        ["logging"] => How::Logging,
        ["ulimits", _] | ["build", "ulimits", _] => How::Ulimit,
        ["volumes"] => How::List(Identity::Mount),
        ["secrets"] | ["build", "secrets"] => How::List(Identity::Secret),
        ["configs"] => How::List(Identity::Config),
        ["devices"] => How::List(Identity::Device),
        ["ports"] => How::List(Identity::Port),
        ["env_file"] => How::List(Identity::EnvFile),
        [
            "expose" | "dns" | "dns_opt" | "dns_search" | "tmpfs" | "label_file" | "profiles"
            | "links" | "cap_add" | "cap_drop",
        ]
        | ["build", "tags" | "platforms"]
        | ["networks", _, "aliases" | "link_local_ips"] => How::List(Identity::Text),
        _ => How::Plain,
    }
}

impl<'s> Merge<'_, 's> {
    /// A whole file over another.
    pub fn files(&self, earlier: Tree<'s>, later: Tree<'s>) -> Tree<'s> {
        self.merged(&earlier, &later, &mut Vec::new())
    }

    /// A service over the one that it extends.
    pub fn services(&self, earlier: Tree<'s>, later: Tree<'s>) -> Tree<'s> {
        // The one that is extended is still there, with what stands around it.
        let alone = Merge {
            replaced: None,
            ..*self
        };
        alone.merged(&earlier, &later, &mut vec!["services", "*"])
    }

    /// The file with each port once, as Compose takes them. (Of two mounts on one path it takes one, too, but nobody
    /// writes the other for nothing: a rule says so.)
    pub fn ports_once(&self, root: Tree<'s>) -> Tree<'s> {
        let services = branch(&root, "services").map_or(&[][..], |entry| branches(&entry.value));
        if !services
            .iter()
            .any(|service| has_double_port(&service.value))
        {
            return root;
        }
        let once = services.iter().map(|service| Entry {
            value: self.service_ports_once(&service.value),
            ..*service
        });
        let services = map(&root, collect(self.arena, once));
        with_value(&root, "services", services, self.arena)
    }

    fn service_ports_once(&self, service: &Tree<'s>) -> Tree<'s> {
        let none = &[][..];
        let once = self.list(none, ports_of(service), Identity::Port);
        match branch(service, "ports") {
            Some(entry) if once.len() < ports_of(service).len() => {
                let kind = Kind::Seq(once);
                let ports = Node {
                    kind,
                    ..entry.value
                };
                with_value(service, "ports", ports, self.arena)
            }
            _ => *service,
        }
    }

    fn merged(&self, earlier: &Tree<'s>, later: &Tree<'s>, path: &mut Vec<&'s str>) -> Tree<'s> {
        if tag(later).is_some() {
            return self.tagged(earlier, later, path);
        }
        let how = how(path);
        // Nothing says nothing, but of what is replaced whole, and behind a name of `NAME=value`.
        if later.is_null() && how != How::Replace && !is_value_of_pair(path) {
            return *earlier;
        }
        match how {
            How::Plain => self.plain(earlier, later, path),
            How::Replace => *later,
            How::Pairs => self.by_name(earlier, later, path, forms::pairs),
            How::Names => self.by_name(earlier, later, path, forms::names),
            How::Dependencies => self.by_name(earlier, later, path, forms::dependencies),
            How::Build => {
                let [earlier, later] = [earlier, later].map(|node| forms::build(node, self.arena));
                self.plain(&earlier, &later, path)
            }
            How::Hosts => self.lists(earlier, later, Identity::Text, forms::hosts),
            How::Logging => match same_driver(earlier, later) {
                true => self.plain(earlier, later, path),
                false => *later,
            },
            How::Ulimit => match (earlier.kind, later.kind) {
                (Kind::Map(_), Kind::Map(_)) => self.plain(earlier, later, path),
                _ => *later,
            },
            How::List(identity) => self.lists(earlier, later, identity, forms::list),
        }
    }

    /// What has a tag: `!override` replaces, `!reset` removes (which the map around it does), others say nothing.
    fn tagged(&self, earlier: &Tree<'s>, later: &Tree<'s>, path: &mut Vec<&'s str>) -> Tree<'s> {
        let Kind::Tagged(tagged) = later.kind else {
            return *later;
        };
        match tagged.tag {
            "!override" => tagged.node,
            "!reset" => *later,
            _ => self.merged(earlier, &tagged.node, path),
        }
    }

    fn plain(&self, earlier: &Tree<'s>, later: &Tree<'s>, path: &mut Vec<&'s str>) -> Tree<'s> {
        match (earlier.kind, later.kind) {
            (Kind::Tagged(tagged), _) => self.merged(&tagged.node, later, path),
            (Kind::Map(old), Kind::Map(new)) => map(later, self.maps(old, new, path)),
            (Kind::Seq(_), Kind::Seq(_)) => self.lists(earlier, later, Identity::None, forms::list),
            (Kind::Map(_) | Kind::Seq(_), _) => self.cannot(earlier, later),
            (Kind::Plain(_) | Kind::Quoted(_), _) => *later,
        }
    }

    fn by_name(
        &self,
        earlier: &Tree<'s>,
        later: &Tree<'s>,
        path: &mut Vec<&'s str>,
        form: impl Fn(&Tree<'s>, &'s Bump) -> Option<&'s [Branch<'s>]>,
    ) -> Tree<'s> {
        let [old, new] = [earlier, later].map(|node| form(node, self.arena));
        match (old, new) {
            (Some(old), Some(new)) => map(later, self.maps(old, new, path)),
            // What is neither form is refused when it is read.
            (Some(_), None) => *later,
            (None, _) => *earlier,
        }
    }

    fn maps(
        &self,
        old: &'s [Branch<'s>],
        new: &'s [Branch<'s>],
        path: &mut Vec<&'s str>,
    ) -> &'s [Branch<'s>] {
        if !self.pays(old.len() + new.len()) {
            return old;
        }
        let mut by_key: FxHashMap<&str, &Branch<'s>> =
            new.iter().map(|entry| (entry.key, entry)).collect();
        let mut all =
            bumpalo::collections::Vec::with_capacity_in(old.len() + new.len(), self.arena);
        for entry in old {
            let Some(later) = by_key.remove(entry.key) else {
                all.push(*entry);
                continue;
            };
            if is_reset(&later.value) {
                continue;
            }
            path.push(entry.key);
            let value = self.merged(&entry.value, &later.value, path);
            path.pop();
            self.note(later.key_place, Earlier::Entry(*entry));
            all.push(Entry { value, ..*later });
        }
        all.extend(new.iter().filter(|entry| by_key.contains_key(entry.key)));
        all.into_bump_slice()
    }

    fn lists(
        &self,
        earlier: &Tree<'s>,
        later: &Tree<'s>,
        identity: Identity,
        form: impl Fn(&Tree<'s>, &'s Bump) -> Option<&'s [Tree<'s>]>,
    ) -> Tree<'s> {
        let [old, new] = [earlier, later].map(|node| form(node, self.arena));
        let (Some(old), Some(new)) = (old, new) else {
            return self.cannot(earlier, later);
        };
        if !self.pays(old.len() + new.len()) {
            return *earlier;
        }
        let kind = Kind::Seq(self.list(old, new, identity));
        Node { kind, ..*later }
    }

    /// One list behind the other; an item that is the same as one before takes its place.
    fn list(&self, old: &[Tree<'s>], new: &[Tree<'s>], identity: Identity) -> &'s [Tree<'s>] {
        let mut all =
            bumpalo::collections::Vec::with_capacity_in(old.len() + new.len(), self.arena);
        let mut places = FxHashMap::default();
        for item in old {
            if let Some(same) = identity.of(item) {
                places.insert(same, all.len());
            }
            all.push(*item);
        }
        for item in new {
            let same = identity.of(item);
            match same.as_ref().and_then(|same| places.get(same)) {
                Some(at) => {
                    self.note(item.place, Earlier::Item(all[*at]));
                    all[*at] = *item;
                }
                None => {
                    // Of two mounts in one list a rule tells.
                    if let Some(port) = same.filter(|_| identity == Identity::Port) {
                        places.insert(port, all.len());
                    }
                    all.push(*item);
                }
            }
        }
        all.into_bump_slice()
    }

    fn note(&self, by: Place, earlier: Earlier<'s>) {
        if let Some(replaced) = self.replaced {
            replaced.borrow_mut().push(Replaced { by, earlier });
        }
    }

    /// Compose merges no list with a map, and no text with either.
    fn cannot(&self, earlier: &Tree<'s>, later: &Tree<'s>) -> Tree<'s> {
        let (expected, found) = (earlier.kind_word(), later.kind_word());
        let message = format!("expected {expected}, as this is added to {expected}, not {found}");
        let finding = Finding::new(Rule::WrongType, later.place, message);
        self.findings
            .add(finding.second(earlier.place, format!("{expected} is given here")));
        *earlier
    }

    /// Takes from what may still be made.
    fn pays(&self, entries: usize) -> bool {
        let left = self.left.get().checked_sub(entries);
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }
}

fn ports_of<'s>(service: &Tree<'s>) -> &'s [Tree<'s>] {
    branch(service, "ports")
        .and_then(|entry| entry.value.as_seq())
        .unwrap_or_default()
}

fn has_double_port(service: &Tree) -> bool {
    let ports = ports_of(service);
    let mut seen = FxHashSet::default();
    ports.len() > 1
        && !ports
            .iter()
            .filter_map(|item| Identity::Port.of(item))
            .all(|port| seen.insert(port))
}

fn is_value_of_pair(path: &[&str]) -> bool {
    matches!(path.split_last(), Some((_, map)) if how(map) == How::Pairs)
}

fn same_driver(earlier: &Tree, later: &Tree) -> bool {
    let driver = |node: &Tree| {
        branch(node, "driver").and_then(|entry| entry.value.as_text().map(str::to_owned))
    };
    match (driver(earlier), driver(later)) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}
