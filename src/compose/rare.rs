//! The keys of a map that few files use: those that are set stand in a list, in the order in which we write them.
//! A service knows more than fifty of them and mostly has none or one.

use bumpalo::Bump;
use schemars::SchemaGenerator;
use serde_json::{Map, Value as Json};

use super::beside::Beside;
use super::value::{Evaluator, Reader, Sink, collect};
use crate::yaml::node::Entry;

/// One of the keys of a map that few files use, with its value. `model!` makes them.
pub trait RareKey<'s>: Copy + 's {
    /// The keys.
    const KEYS: &'static [&'static str];

    /// Before which key of the map each of them is written; those for which it is none are written behind all.
    const BEFORE: &'static [&'static str];

    /// Which of the keys it is.
    fn number(&self) -> usize;

    /// Reads one entry; `None` where the key is none of these, `Some(None)` where its value was refused or reset.
    fn read(
        entry: &Entry<'_, 's>,
        beside: &mut Beside<'s>,
        cx: &Reader<'_, 's>,
    ) -> Option<Option<Self>>;

    /// Lays this later layer's value over the same key's of an earlier one.
    fn over(self, earlier: Self, arena: &'s Bump) -> Self;

    /// Reads a byte of the value.
    fn touch(&self) -> u8;

    /// Whether anything in it is open.
    fn is_open(&self) -> bool;

    /// The same, evaluated.
    fn resolve(&self, cx: &dyn Evaluator<'s>) -> Self;

    /// Writes the key with its value.
    fn write(&self, out: &mut Sink);

    /// Adds the schema of every key that is written before a key of the map.
    fn describe(before: &str, generator: &mut SchemaGenerator, map: &mut Map<String, Json>);
}

/// Writes those that come before a key of the map, and gives the others. Most maps have none.
#[inline]
pub fn write_before<'k, 's, K: RareKey<'s>>(
    before: &str,
    mut keys: &'k [K],
    out: &mut Sink,
) -> &'k [K] {
    while let [first, rest @ ..] = keys
        && K::BEFORE[first.number()] == before
    {
        first.write(out);
        keys = rest;
    }
    keys
}

/// Writes those that come behind all keys of the map.
pub fn write_all<'s, K: RareKey<'s>>(keys: &[K], out: &mut Sink) {
    keys.iter().for_each(|key| key.write(out));
}

/// Those of the keys that few files use which are set. Eight bytes where it is none.
#[derive(Clone, Copy, Debug)]
pub struct Few<'s, K> {
    set: Option<&'s &'s [K]>,
}

impl<K> Default for Few<'_, K> {
    fn default() -> Self {
        Few::NONE
    }
}

impl<'s, K> Few<'s, K> {
    /// None of them.
    pub const NONE: Self = Few { set: None };

    /// Those that are set, in the order in which they are written.
    pub fn all(&self) -> &'s [K] {
        self.set.map_or(&[], |set| set)
    }

    /// Whether none is set.
    pub fn is_empty(&self) -> bool {
        self.set.is_none()
    }
}

impl<'s, K: RareKey<'s>> Few<'s, K> {
    /// Keeps keys for the run; they stand in their order.
    pub fn of(keys: &[K], arena: &'s Bump) -> Self {
        let keep = || &*arena.alloc(&*arena.alloc_slice_copy(keys));
        let set = (!keys.is_empty()).then(keep);
        Few { set }
    }

    /// Reads one entry into those that were read, where the key is one of these; `false` where it is not.
    pub fn read_into(
        keys: &mut Vec<K>,
        entry: &Entry<'_, 's>,
        beside: &mut Beside<'s>,
        cx: &Reader<'_, 's>,
    ) -> bool {
        let Some(read) = K::read(entry, beside, cx) else {
            return false;
        };
        if let Some(key) = read {
            match keys.binary_search_by_key(&key.number(), K::number) {
                Ok(at) => keys[at] = key,
                Err(at) => keys.insert(at, key),
            }
        }
        true
    }

    /// Lays these over an earlier layer's, of which the later one may remove some.
    #[must_use]
    pub fn laid_over(&self, earlier: &Self, beside: &Beside<'s>, arena: &'s Bump) -> Self {
        if earlier.is_empty() || self.is_empty() && !beside.resets_any() {
            return if self.is_empty() { *earlier } else { *self };
        }
        let mut keys = self.all().to_vec();
        for old in earlier.all() {
            match keys.binary_search_by_key(&old.number(), K::number) {
                // What this layer removes does not come back.
                _ if beside.removes(K::KEYS[old.number()]) => {}
                Ok(at) => keys[at] = keys[at].over(*old, arena),
                Err(at) => keys.insert(at, *old),
            }
        }
        Few::of(&keys, arena)
    }

    /// The same with every value evaluated.
    #[must_use]
    pub fn resolved(&self, cx: &dyn Evaluator<'s>) -> Self {
        match self.is_open() {
            true => self.with(|key| key.resolve(cx), cx.arena()),
            false => *self,
        }
    }

    /// The same keys with other values.
    #[must_use]
    pub fn with(&self, change: impl FnMut(&K) -> K, arena: &'s Bump) -> Self {
        let set = |set: &&'s [K]| &*arena.alloc(collect(arena, set.iter().map(change)));
        Few {
            set: self.set.map(set),
        }
    }

    /// Whether anything in them is open.
    pub fn is_open(&self) -> bool {
        self.all().iter().any(K::is_open)
    }

    /// Reads a byte of each value.
    pub fn touch(&self) -> u8 {
        self.all().iter().fold(0, |all, key| all ^ key.touch())
    }
}

/// Makes the keys of a map that few files use, each a variant that is called as the map's field would be.
#[macro_export]
macro_rules! rare_keys {
    (
        $(#[doc = $doc:literal])*
        $Rare:ident<$s:lifetime> of $Name:ident {
            $( $(#[doc = $fdoc:literal])* $field:ident $key:literal $(before $before:ident)?: $ty:ty, )*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug)]
        #[allow(non_camel_case_types)]
        pub enum $Rare<$s> {
            $( $(#[doc = $fdoc])* $field(&$s $ty), )*
        }

        impl<$s> $Name<$s> {
            $(
                $(#[doc = $fdoc])*
                #[inline]
                pub fn $field(&self) -> Option<&$s $ty> {
                    let value = |key: &$Rare<$s>| match key {
                        $Rare::$field(value) => Some(*value),
                        #[allow(unreachable_patterns)]
                        _ => None,
                    };
                    self.rare.all().iter().find_map(value)
                }
            )*
        }

        impl<$s> $crate::compose::rare::RareKey<$s> for $Rare<$s> {
            const KEYS: &'static [&'static str] = &[$($key,)*];

            const BEFORE: &'static [&'static str] = &[$(concat!($(stringify!($before))?),)*];

            fn number(&self) -> usize {
                #[allow(non_camel_case_types)]
                enum Number { $($field,)* }
                match self {
                    $( $Rare::$field(_) => Number::$field as usize, )*
                }
            }

            fn read(
                entry: &$crate::yaml::node::Entry<'_, $s>,
                beside: &mut $crate::compose::beside::Beside<$s>,
                cx: &$crate::compose::value::Reader<'_, $s>,
            ) -> Option<Option<Self>> {
                Some(match entry.key {
                    $( $key => {
                        let mut value = None;
                        $crate::compose::model::field(entry, $key, &mut value, beside, cx);
                        value.map($Rare::$field)
                    } )*
                    _ => return None,
                })
            }

            fn over(self, earlier: Self, arena: &$s bumpalo::Bump) -> Self {
                match (self, earlier) {
                    $( ($Rare::$field(later), $Rare::$field(earlier)) => {
                        $Rare::$field($crate::compose::model::layered(later, Some(earlier), arena))
                    } )*
                    (later, _) => later,
                }
            }

            fn touch(&self) -> u8 {
                match self {
                    $( $Rare::$field(value) => $crate::compose::value::Value::touch(*value), )*
                }
            }

            fn is_open(&self) -> bool {
                match self {
                    $( $Rare::$field(value) => $crate::compose::value::Value::is_open(*value), )*
                }
            }

            fn resolve(&self, cx: &dyn $crate::compose::value::Evaluator<$s>) -> Self {
                match self {
                    $( $Rare::$field(value) => {
                        $Rare::$field($crate::compose::model::evaluated(value, cx))
                    } )*
                }
            }

            fn write(&self, out: &mut $crate::compose::value::Sink) {
                match self {
                    $( $Rare::$field(value) => {
                        $crate::compose::model::write_key(concat!($key, ":"), *value, out);
                    } )*
                }
            }

            fn describe(
                before: &str,
                generator: &mut schemars::SchemaGenerator,
                map: &mut serde_json::Map<String, serde_json::Value>,
            ) {
                $( if concat!($(stringify!($before))?) == before {
                    map.insert(
                        $key.to_owned(),
                        $crate::compose::model::property::<$ty>(generator, &[$($fdoc),*]),
                    );
                } )*
            }
        }
    };
}

/// Whether the keys are declared in the order in which they are written between a map's keys.
#[cfg(test)]
pub fn are_in_order<'s, K: RareKey<'s>>(keys: &[&str]) -> bool {
    let place = |field: &&str| match *field {
        "" => keys.len(),
        field => keys.iter().position(|key| *key == field).unwrap(),
    };
    K::BEFORE.len() == K::KEYS.len() && K::BEFORE.iter().map(place).is_sorted()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::service::{RareService, Service};
    use crate::compose::value::{Language, Reader, Value, written};
    use crate::finding::Findings;
    use crate::yaml;

    fn service<'s>(text: &'s str, arena: &'s Bump) -> Service<'s> {
        let tree = Bump::new();
        let findings = Findings::new();
        let reader = Reader {
            arena,
            findings: &findings,
            language: Language::Catalog,
        };
        let root = yaml::read(text, 0, &tree, arena).unwrap().unwrap();
        let service = Service::read(&root, &reader).unwrap();
        assert!(findings.take().is_empty(), "{text}");
        service
    }

    #[test]
    fn each_is_written_where_it_belongs_wherever_it_stood() {
        let arena = Bump::new();
        let text =
            "{ tty: true, read_only: true, labels: { a: b }, user: app, image: nginx, init: true }";
        let service = service(text, &arena);
        assert_eq!(
            written(&service),
            "value:\n  image: nginx\n  user: app\n  init: true\n  read_only: true\n  labels:\n    a: b\n  tty: true\n"
        );
        assert_eq!(service.user().map(|user| user.0.text), Some("app"));
        assert!(service.hostname().is_none());
        assert!(Service::KEYS.contains(&"image") && !Service::KEYS.contains(&"rare"));
        assert!(Service::KEYS.contains(&"user") && Service::KEYS.contains(&"tty"));
    }

    #[test]
    fn layers_merge_reset_and_replace_them_by_name() {
        let arena = Bump::new();
        let below = service(
            "{ user: app, hostname: db, extra_hosts: { nas: 192.168.1.5 }, sysctls: { a: 1 }, tty: true }",
            &arena,
        );
        let over = |text| written(&service(text, &arena).laid_over(&below, &arena));
        assert_eq!(
            over("{ user: root, init: true, sysctls: { b: 2 } }"),
            "value:\n  user: root\n  init: true\n  hostname: db\n  extra_hosts:\n    nas: 192.168.1.5\n  \
             sysctls:\n    a: \"1\"\n    b: \"2\"\n  tty: true\n"
        );
        assert_eq!(
            over("{ hostname: !reset null, extra_hosts: !reset null, tty: !reset null }"),
            "value:\n  user: app\n  sysctls:\n    a: \"1\"\n"
        );
        assert_eq!(
            over("{ sysctls: !override { b: 2 } }"),
            "value:\n  user: app\n  hostname: db\n  extra_hosts:\n    nas: 192.168.1.5\n  sysctls:\n    b: \"2\"\n  \
             tty: true\n"
        );
        assert_eq!(over("{}"), written(&below));
    }

    #[test]
    fn they_are_declared_in_the_order_in_which_they_are_written() {
        assert!(are_in_order::<RareService>(Service::KEYS));
    }
}
