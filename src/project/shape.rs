//! What Compose asks of a tree beside the types of the model, which read some values more loosely: where a text must
//! be one, where only some words are known, which keys must be there.

use super::asked::{Ask, asked, has_free_names, in_place_of_nothing, is_set, may_be_pairs, needed};
use super::forms;
use super::items::{self, Item};
use super::scalar::{self, Wrong};
use super::tree::{self, Branch, Tree, branch, branches};
use crate::compose::habits;
use crate::compose::value::Reader;
use crate::finding::Finding;
use crate::rule::Rule;
use crate::values::Refusal;
use crate::values::interpolation::has_variable;
use crate::values::shown::shown;
use crate::yaml::ambiguous::{Otherwise, otherwise};
use crate::yaml::node::{Entry, Kind, Node};
use crate::yaml::number;

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
                match asked(path) {
                    _ if is_date(node) => self.date(node, path),
                    Some(ask) if !has_variable(text) => {
                        self.scalar(node, text, ask);
                        // It is told, and would be told again, as what only the engine refuses.
                        let is_number = text.starts_with('-') || word(node) == "a number";
                        return match is_number && matches!(ask, Ask::SizeInWords) {
                            true => Some(self.meant_size(node, text)),
                            false => self.in_digits(node, ask),
                        };
                    }
                    _ => {}
                }
                None
            }
            Kind::Seq(items) if may_be_pairs(path) => {
                self.set(items);
                self.variables(items, path);
                let others = items.iter().filter(|item| !is_text(item));
                others.for_each(|item| self.reader.wrong_type(item, "a text"));
                let pairs = forms::pairs(node, self.reader.arena)?;
                let map = tree::map(node, pairs);
                Some(self.visit(&map, path).unwrap_or(map))
            }
            Kind::Seq(items) => {
                if is_set(path) {
                    self.set(items);
                }
                self.variables(items, path);
                let items = self.each(items, path, |_| "[]", |item| *item, |_, value| value)?;
                let kind = Kind::Seq(items);
                Some(Node { kind, ..*node })
            }
            Kind::Map([entry]) if items::is_text(entry, path) => {
                Some(self.text_as_map(node, entry, path))
            }
            Kind::Map(entries) => {
                if matches!(path.as_slice(), ["services", _, "env_file"]) {
                    self.alone(node);
                }
                self.needs(node, path);
                entries.iter().for_each(|entry| self.key(entry, path));
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

    /// A blank behind the name of a variable in a list: `NAME = value`.
    fn variables(&self, items: &[Tree<'s>], path: &[&str]) {
        if !matches!(path, [.., "environment"] | [.., "build", "args"]) {
            return;
        }
        for item in items {
            let (Kind::Plain(text) | Kind::Quoted(text)) = item.kind else {
                continue;
            };
            let name = text.split('=').next().unwrap_or(text);
            let short = name.trim_end();
            if short.len() < name.len() && !short.is_empty() {
                let message = format!("a blank stands behind the variable's name {}", shown(short));
                let finding = Finding::new(Rule::BadName, item.place, message);
                // The value may be a secret.
                self.add(finding.help(match text.contains('=') {
                    true => format!("write `{short}=...`, without it"),
                    false => format!("write `{short}`, without it"),
                }));
            }
        }
    }

    fn scalar(&self, node: &Tree<'s>, text: &str, ask: Ask) {
        match scalar::wrong(ask, word(node), text) {
            None => {}
            Some(Wrong::Kind(expected)) => self.reader.wrong_type(node, expected),
            Some(Wrong::Value(rule, refusal)) => self.refuse(node, rule, refusal),
        }
    }

    /// A number alone in the place of a size, as what was meant by it.
    fn meant_size(&self, node: &Tree<'s>, text: &'s str) -> Tree<'s> {
        let meant = match scalar::meant_size(text) {
            Some(meant) => self.reader.arena.alloc_str(&meant),
            None => "0",
        };
        let kind = Kind::Quoted(meant);
        Node { kind, ..*node }
    }

    /// A number in another spelling, which the model takes for a text, in digits.
    fn in_digits(&self, node: &Tree<'s>, ask: Ask) -> Option<Tree<'s>> {
        let Kind::Plain(text) = node.kind else {
            return None;
        };
        let digits =
            number::in_decimal(text).filter(|digits| takes_numbers(ask, text) && digits != text)?;
        let kind = Kind::Plain(self.reader.arena.alloc_str(&digits));
        Some(Node { kind, ..*node })
    }

    /// Dates: Compose has no value that is one.
    fn date(&self, node: &Tree<'s>, path: &[&str]) {
        if !path.iter().any(|name| name.starts_with("x-")) {
            let refusal =
                Refusal::new("expected a text, not a date").with_help("write it in quotes");
            self.refuse(node, Rule::WrongType, refusal);
        }
    }

    /// The long form of an env file stands in a list.
    fn alone(&self, node: &Tree<'s>) {
        let refusal = Refusal::new("expected a path or a list, not a map");
        let refusal = refusal.with_help("write it as an item: `- path: PATH`");
        self.refuse(node, Rule::WrongType, refusal);
    }

    /// `- 9000: 80` or `- data: /data`, which is no text but a map; read as what was meant.
    fn text_as_map(&self, node: &Tree<'s>, entry: &Branch<'s>, path: &[&str]) -> Tree<'s> {
        let item = Item::of(entry, path);
        self.refuse(node, Rule::WrongType, item.refusal());
        let kind = Kind::Quoted(self.reader.arena.alloc_str(&item.read()));
        Node { kind, ..*node }
    }

    /// Keys are texts, whatever they stand for.
    fn key(&self, entry: &Branch<'s>, path: &[&str]) {
        let node = Node {
            kind: Kind::Plain(entry.key),
            place: entry.key_place,
        };
        let is_quoted = usize::from(entry.key_place.len) != entry.key.len();
        if entry.key.is_empty() && has_free_names(path) {
            let refusal = Refusal::new("expected a name before the colon, not an empty text");
            self.refuse(&node, Rule::WrongType, refusal);
        } else if !is_quoted && !entry.key.is_empty() && !is_text(&node) && !is_list_key(path) {
            let word = if is_date(&node) {
                "a date"
            } else {
                word(&node)
            };
            let refusal = Refusal::new(format!(
                "a name is a text, and {} is {word} here",
                shown(entry.key)
            ));
            let refusal = refusal.with_help(format!("write it in quotes: `\"{}\"`", entry.key));
            self.refuse(&node, Rule::WrongType, refusal);
        }
    }

    fn refuse(&self, node: &Tree<'s>, rule: Rule, refusal: Refusal) {
        self.add(Finding::refused(rule, node.place, refusal));
    }

    fn needs(&self, node: &Tree<'s>, path: &[&'s str]) {
        for key in needed(path) {
            let entries = branches(node);
            let may_mean = |entry: &Branch<'s>| habits::may_mean(entry.key, key);
            if branch(node, key).is_none() && !entries.iter().any(may_mean) {
                let what = path.iter().rev().find(|name| **name != "[]").unwrap_or(&"");
                let place = branches(node)
                    .first()
                    .map_or(node.place, |entry| entry.key_place);
                let message = format!("`{key}` is missing under {}", shown(what));
                self.add(
                    Finding::new(Rule::MissingField, place, message).maybe_help(write(what, key)),
                );
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
            if let Some(first) = seen.insert((text, word(item)), item.place) {
                let message = format!("{} stands in this list twice", shown(text));
                let finding = Finding::new(Rule::DuplicateKey, item.place, message);
                self.add(finding.second(first, "first given here"));
            }
        }
    }
}

/// Whether a number is asked where the model takes any scalar: there every spelling of one is as good.
fn takes_numbers(ask: Ask, text: &str) -> bool {
    match ask {
        // What other readers take for another number is told.
        Ask::Exposed | Ask::ShortPort => {
            let is_alike = matches!(
                otherwise(text),
                Some(Otherwise::Number | Otherwise::ZerosBefore)
            );
            is_alike && number::is_integer(text)
        }
        Ask::Whole | Ask::Number | Ask::Count | Ask::Port | Ask::Published | Ask::Size => true,
        Ask::Text
        | Ask::TextOrBool
        | Ask::TextOrNumber
        | Ask::TextOrWhole
        | Ask::Duration
        | Ask::SizeInWords
        | Ask::WholeSize
        | Ask::Swap
        | Ask::PlainNumber
        | Ask::PlainWhole(_)
        | Ask::Within(..)
        | Ask::WholeWithin(..)
        | Ask::CpuCount
        | Ask::Cpus
        | Ask::Ulimit
        | Ask::Mode
        | Ask::Ip
        | Ask::SshKey
        | Ask::Bool
        | Ask::Words(_)
        | Ask::ContainerName
        | Ask::PullPolicy
        | Ask::Pair
        | Ask::Filled => false,
    }
}

/// Whether a map is refused here anyway, which is told.
fn is_list_key(path: &[&str]) -> bool {
    matches!(path, ["services", _, "ports" | "expose"])
}

/// What to write for a key that is missing.
fn write(what: &str, key: &str) -> Option<String> {
    let example = match key {
        "type" if what == "provider" => "type: PROGRAM",
        "condition" => "condition: service_started",
        "type" => "type: bind",
        "action" => "action: sync",
        "target" => "target: 80",
        _ => return None,
    };
    Some(format!("write, for example, `{example}`"))
}

/// What a scalar is to Compose, which knows more spellings of numbers than YAML 1.2.
fn word(node: &Tree) -> &'static str {
    match node.kind {
        Kind::Plain(text) if number::is_number(text) => "a number",
        _ => node.kind_word(),
    }
}

fn is_text(node: &Tree) -> bool {
    word(node) == "a text" && !is_date(node)
}

fn is_date(node: &Tree) -> bool {
    matches!(node.kind, Kind::Plain(text) if number::is_date(text))
}
