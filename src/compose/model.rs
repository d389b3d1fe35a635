//! The macro that makes a typed map: one line a key, and reading, layering, evaluating, writing and the schema
//! follow from it. A new key of the specification is a new line; nothing else can be forgotten.

use bumpalo::Bump;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value as Json};

use super::beside::Beside;
use super::habits;
use super::value::{Evaluator, Language, Reader, Sink, Value};
use crate::finding::Finding;
use crate::rule::Rule;
use crate::values::shown::shown;
use crate::values::suggest::nearest;
use crate::yaml::node::{Entry, Kind, Node};

/// What a tag of Compose's on a value asks of the layers below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tagging {
    /// Nothing: merge.
    Merge,
    /// `!reset`: the value is removed.
    Reset,
    /// `!override`: the value replaces what was there, whole.
    Override,
}

/// The tag of a node and the node behind it; a tag that Compose does not know is a finding.
pub fn untag<'t, 's>(node: &Node<'t, 's>, cx: &Reader<'_, 's>) -> (Tagging, Node<'t, 's>) {
    let Kind::Tagged(tagged) = node.kind else {
        return (Tagging::Merge, *node);
    };
    match tagged.tag {
        "!reset" => (Tagging::Reset, tagged.node),
        "!override" => (Tagging::Override, tagged.node),
        other => {
            let message = format!("the tag {} is none of Compose's", shown(other));
            let help = "Compose knows `!reset` and `!override`";
            cx.findings
                .add(Finding::new(Rule::WrongType, node.place, message).help(help));
            (Tagging::Merge, tagged.node)
        }
    }
}

/// The entries of a map. An empty value counts as an empty map where `empty` says so.
pub fn entries<'t, 's>(
    node: &Node<'t, 's>,
    cx: &Reader<'_, 's>,
    expected: &str,
) -> Option<&'t [Entry<'t, 's>]> {
    match node.kind {
        Kind::Map(entries) => Some(entries),
        _ if node.is_null() && !cx.is_strict() => Some(&[]),
        _ => {
            cx.wrong_type(node, expected);
            None
        }
    }
}

/// A key that a map does not know, with the nearest one that it does.
pub fn unknown_key(entry: &Entry, cx: &Reader, known: &[&[&'static str]]) {
    if cx.findings.is_full() {
        return cx.findings.add_untold();
    }
    let message = format!("the key {} is not known here", shown(entry.key));
    let finding = Finding::new(Rule::UnknownKey, entry.key_place, message);
    let near = || nearest(entry.key, known.iter().copied().flatten().copied());
    let help = habits::help(entry.key, known, cx.language)
        .or_else(|| near().map(|key| format!("did you mean `{key}`?")))
        .or_else(|| habits::own(entry.key))
        .or_else(|| one_of(known, cx.language));
    cx.findings.add(finding.maybe_help(help));
}

fn one_of(known: &[&[&'static str]], language: Language) -> Option<String> {
    let mut keys: Vec<&str> = known.iter().copied().flatten().copied().collect();
    keys.sort_unstable();
    match (keys.len(), language) {
        (0, _) => Some("no key is known here".to_owned()),
        (1..=12, _) => Some(format!("known here: {}", keys.join(", "))),
        (_, Language::Catalog) => Some("`composegen schema` lists what is known".to_owned()),
        (_, Language::Generated | Language::Compose) => None,
    }
}

/// Reads the value of a key and keeps it for the run.
pub fn field<'s, T: Value<'s>>(
    entry: &Entry<'_, 's>,
    key: &'static str,
    slot: &mut Option<&'s T>,
    beside: &mut Beside<'s>,
    cx: &Reader<'_, 's>,
) {
    let (tagging, node) = match entry.value.kind {
        Kind::Tagged(_) => untag(&entry.value, cx),
        _ => (Tagging::Merge, entry.value),
    };
    if tagging != Tagging::Merge {
        *beside = beside.with_reset(key, cx.arena);
    }
    if tagging != Tagging::Reset {
        *slot = T::read(&node, cx).map(|value| &*cx.arena.alloc(value));
    }
}

/// Lays a later layer's value of one key over an earlier layer's.
pub fn layered<'s, T: Value<'s>>(later: &'s T, earlier: Option<&'s T>, arena: &'s Bump) -> &'s T {
    match earlier.filter(|_| T::MERGE.is_some()) {
        Some(earlier) => arena.alloc(later.over(*earlier, arena)),
        None => later,
    }
}

/// Evaluates the value of one key, where there is anything open in it. Most keys of a map are absent: that is seen
/// where it is asked.
#[inline]
pub fn resolved<'s, T: Value<'s>>(value: Option<&'s T>, cx: &dyn Evaluator<'s>) -> Option<&'s T> {
    value.map(|value| evaluated(value, cx))
}

/// Evaluates a value, where there is anything open in it.
pub fn evaluated<'s, T: Value<'s>>(value: &'s T, cx: &dyn Evaluator<'s>) -> &'s T {
    match value.is_open() {
        true => cx.arena().alloc(value.resolve(cx)),
        false => value,
    }
}

/// Writes one key, given with its colon, with its value. Most keys are absent: to see that takes no call.
#[inline]
pub fn written<'s, T: Value<'s>>(key: &'static str, value: Option<&'s T>, out: &mut Sink) {
    if let Some(value) = value {
        write_key(key, value, out);
    }
}

/// Writes one key, given with its colon, and its value.
#[inline(never)]
pub fn write_key<'s, T: Value<'s>>(key: &'static str, value: &'s T, out: &mut Sink) {
    out.yaml.known_key(key);
    value.write(out);
}

/// The schema of a map: its properties and nothing else but `x-` keys. It has no description of its own: editors would
/// show that one in place of the description of the key before the map.
pub fn map_schema(properties: Map<String, Json>) -> Schema {
    crate::schema!({
        "type": ["object", "null"],
        "properties": properties,
        "patternProperties": { "^x-": true },
        "additionalProperties": false,
    })
}

/// The schema of one key, with what its doc comment says.
pub fn property<'s, T: Value<'s>>(generator: &mut SchemaGenerator, docs: &[&str]) -> Json {
    described(T::schema(generator), &prose(docs))
}

/// A schema with a description.
pub fn described(schema: Schema, description: &str) -> Json {
    let mut schema = beside_others(schema, &["object", "null"]);
    schema.insert("description".to_owned(), Json::from(description));
    schema.to_value()
}

/// The schema of a map, where it must be one and not nothing.
pub fn not_null(schema: Schema) -> Schema {
    beside_others(schema, &["object"])
}

/// Draft 7 ignores what stands beside a reference, so it goes into an `allOf`; the types beside that tell an editor
/// what to write behind the key.
fn beside_others(schema: Schema, types: &[&str]) -> Schema {
    match schema.get("$ref") {
        Some(_) => crate::schema!({ "type": types, "allOf": [schema] }),
        None => schema,
    }
}

/// A doc comment as one text.
pub fn prose(docs: &[&str]) -> String {
    let lines: Vec<&str> = docs.iter().map(|line| line.trim()).collect();
    lines.join(" ").trim().to_owned()
}

/// Makes a typed map of named keys. Every value stands in the arena, so a key that is absent costs eight bytes.
///
/// A map with many keys names those that few files use behind the others, `rare`: they cost eight bytes together where
/// none of them is used. Each is a key of the map like the others, which a method of its name gives, and is written
/// before the one that it names, or behind all of them.
#[macro_export]
macro_rules! model {
    // The keys that are set, each of the others before the key that it names.
    (@write $self:ident, $out:ident, [$($field:ident $key:literal,)*]) => {
        $( $crate::compose::model::written(concat!($key, ":"), $self.$field, $out); )*
    };
    (@write $self:ident, $out:ident, [$($field:ident $key:literal,)*] $Rare:ident) => {
        let rare: &[$Rare] = $self.rare.all();
        $(
            let rare = $crate::compose::rare::write_before(stringify!($field), rare, $out);
            $crate::compose::model::written(concat!($key, ":"), $self.$field, $out);
        )*
        $crate::compose::rare::write_all(rare, $out);
    };
    // The schema of every key, in the same order.
    (@describe $generator:ident, $map:ident, [$($field:ident $key:literal ($ty:ty) ($($doc:literal),*),)*]) => {
        $( $map.insert(
            $key.to_owned(),
            $crate::compose::model::property::<$ty>($generator, &[$($doc),*]),
        ); )*
    };
    (
        @describe $generator:ident, $map:ident,
        [$($field:ident $key:literal ($ty:ty) ($($doc:literal),*),)*] $Rare:ident
    ) => {
        $(
            <$Rare as $crate::compose::rare::RareKey>::describe(
                stringify!($field), $generator, &mut $map,
            );
            $map.insert(
                $key.to_owned(),
                $crate::compose::model::property::<$ty>($generator, &[$($doc),*]),
            );
        )*
        <$Rare as $crate::compose::rare::RareKey>::describe("", $generator, &mut $map);
    };
    (
        $(#[doc = $doc:literal])*
        pub struct $Name:ident<$s:lifetime> {
            $( $(#[doc = $fdoc:literal])* $field:ident $key:literal: $ty:ty, )*
        }
        $(
            $(#[doc = $rdoc:literal])*
            rare enum $Rare:ident {
                $( $(#[doc = $rfdoc:literal])* $rfield:ident $rkey:literal $(before $before:ident)?: $rty:ty, )*
            }
        )?
    ) => {
        $(
            $crate::rare_keys! {
                $(#[doc = $rdoc])*
                $Rare<$s> of $Name {
                    $( $(#[doc = $rfdoc])* $rfield $rkey $(before $before)?: $rty, )*
                }
            }
        )?

        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, Default)]
        pub struct $Name<$s> {
            $( $(#[doc = $fdoc])* pub $field: Option<&$s $ty>, )*
            $(
                /// The keys that few files use.
                pub rare: $crate::compose::rare::Few<$s, $Rare<$s>>,
            )?
            /// Keys of its own, and those that this layer removes from the ones below.
            pub beside: $crate::compose::beside::Beside<$s>,
            /// Where it was written.
            pub place: $crate::place::Place,
        }

        #[allow(dead_code)]
        impl<$s> $Name<$s> {
            /// The keys that it knows.
            pub const KEYS: &'static [&'static str] = &[$($key,)* $( $($rkey,)* )?];

            /// None of its keys.
            pub const NONE: Self = $Name {
                $( $field: None, )*
                $( rare: $crate::compose::rare::Few::<$Rare<$s>>::NONE, )?
                beside: $crate::compose::beside::Beside::NOTHING,
                place: $crate::place::Place::NOWHERE,
            };

            /// Reads one entry; `false` where the key is none of these: one that few files use is read with
            /// `Few::read_into`, and `x-` keys are read all at once, see `Beside::with_own_keys`.
            pub fn read_entry(
                &mut self,
                entry: &$crate::yaml::node::Entry<'_, $s>,
                cx: &$crate::compose::value::Reader<'_, $s>,
            ) -> bool {
                match entry.key {
                    $( $key => $crate::compose::model::field(entry, $key, &mut self.$field, &mut self.beside, cx), )*
                    _ => return false,
                }
                true
            }

            /// Whether no key is set.
            pub fn is_empty(&self) -> bool {
                true $( && self.$field.is_none() )*
                    $( && $crate::compose::rare::Few::<$Rare>::is_empty(&self.rare) )?
                    && self.beside.extensions().is_empty()
            }

            /// Lays this later layer over an earlier one, without copying either.
            pub fn laid_over(&self, earlier: &Self, arena: &$s bumpalo::Bump) -> Self {
                let mut all = *earlier;
                if self.beside.resets_any() {
                    $( if self.beside.removes($key) { all.$field = None; } )*
                }
                $( if let Some(later) = self.$field {
                    all.$field = Some($crate::compose::model::layered(later, all.$field, arena));
                } )*
                $( let rare: &$crate::compose::rare::Few<$s, $Rare<$s>> = &self.rare;
                all.rare = rare.laid_over(&earlier.rare, &self.beside, arena); )?
                all.beside = self.beside.over(&earlier.beside, arena);
                all.place = self.place;
                all
            }

            /// Writes every key that is set.
            pub fn write_keys(&self, out: &mut $crate::compose::value::Sink) {
                $crate::model!(@write self, out, [$($field $key,)*] $($Rare)?);
                for extension in self.beside.extensions() {
                    out.yaml.key(extension.key);
                    $crate::compose::value::Value::write(&extension.value, out);
                }
            }

            /// The schema of every key.
            pub fn properties(
                generator: &mut schemars::SchemaGenerator,
            ) -> serde_json::Map<String, serde_json::Value> {
                let mut map = serde_json::Map::new();
                $crate::model!(
                    @describe generator, map, [$($field $key ($ty) ($($fdoc),*),)*] $($Rare)?
                );
                map
            }
        }

        impl<$s> $crate::compose::value::Value<$s> for $Name<$s> {
            fn read(
                node: &$crate::yaml::node::Node<'_, $s>,
                cx: &$crate::compose::value::Reader<'_, $s>,
            ) -> Option<Self> {
                let entries = $crate::compose::model::entries(node, cx, "a map")?;
                let mut value = $Name { place: node.place, ..Default::default() };
                let mut has_own_keys = false;
                $( let mut rare: Vec<$Rare<$s>> = Vec::new(); )?
                for entry in entries {
                    let is_known = value.read_entry(entry, cx)
                        $( || $crate::compose::rare::Few::<$Rare>::read_into(
                            &mut rare, entry, &mut value.beside, cx,
                        ) )?;
                    if is_known {
                        continue;
                    }
                    let is_own = $crate::compose::beside::is_own_key(entry.key);
                    has_own_keys |= is_own;
                    if !is_own {
                        $crate::compose::model::unknown_key(entry, cx, &[Self::KEYS]);
                    }
                }
                if has_own_keys {
                    value.beside = value.beside.with_own_keys(entries, cx);
                }
                $( value.rare = $crate::compose::rare::Few::<$Rare<$s>>::of(&rare, cx.arena); )?
                Some(value)
            }

            const MERGE: Option<$crate::compose::value::Merge<$s, Self>> =
                Some(|later, earlier, arena| later.laid_over(&earlier, arena));

            fn touch(&self) -> u8 {
                0 $( ^ self.$field.map_or(0, $crate::compose::value::Value::touch) )*
                    $( ^ $crate::compose::rare::Few::<$Rare>::touch(&self.rare) )?
            }

            fn is_open(&self) -> bool {
                self.beside.resets_any()
                    $( || self.$field.is_some_and($crate::compose::value::Value::is_open) )*
                    $( || $crate::compose::rare::Few::<$Rare>::is_open(&self.rare) )?
            }

            fn resolve(&self, cx: &dyn $crate::compose::value::Evaluator<$s>) -> Self {
                $Name {
                    $( $field: $crate::compose::model::resolved(self.$field, cx), )*
                    $( rare: $crate::compose::rare::Few::<$Rare>::resolved(&self.rare, cx), )?
                    beside: self.beside.settled(cx.arena()),
                    place: self.place,
                }
            }

            fn write(&self, out: &mut $crate::compose::value::Sink) {
                out.yaml.begin_map();
                self.write_keys(out);
                out.yaml.end_map();
            }

            fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                generator.subschema_for::<$Name<'static>>()
            }
        }

        impl schemars::JsonSchema for $Name<'_> {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($Name).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::compose::model::map_schema($Name::properties(generator))
            }
        }
    };
}
