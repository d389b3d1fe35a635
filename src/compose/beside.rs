//! What a map may hold beside its keys: keys of its own (`x-...`), and which keys it removes from the layers below.
//! Most maps hold none of it, and the model has many maps: it stands behind one reference.

use bumpalo::Bump;
use rustc_hash::FxHashSet;

use super::raw::Raw;
use super::value::{Reader, Value, collect};
use crate::place::Place;
use crate::yaml::node::Entry;

/// A key of its own (`x-...`) with what stands behind it.
#[derive(Clone, Copy, Debug)]
pub struct Extension<'s> {
    /// The key.
    pub key: &'s str,
    /// Where the key was written.
    pub place: Place,
    /// The value, untouched.
    pub value: Raw<'s>,
}

/// What a map holds beside its keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'s> {
    held: Option<&'s Held<'s>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Held<'s> {
    extensions: &'s [Extension<'s>],
    /// The keys that `!reset` removes or `!override` replaces, each one of the map's own.
    resets: &'s [&'static str],
}

impl<'s> Beside<'s> {
    /// Nothing.
    pub const NOTHING: Self = Beside { held: None };

    /// Keys of its own, and nothing is removed.
    fn of(extensions: &'s [Extension<'s>], arena: &'s Bump) -> Self {
        Beside::keep(extensions, &[], arena)
    }

    fn keep(extensions: &'s [Extension<'s>], resets: &'s [&'static str], arena: &'s Bump) -> Self {
        let is_some = !extensions.is_empty() || !resets.is_empty();
        let held = Held { extensions, resets };
        Beside {
            held: is_some.then(|| &*arena.alloc(held)),
        }
    }

    /// Keys of its own, `x-...`.
    pub fn extensions(&self) -> &'s [Extension<'s>] {
        self.held.map_or(&[], |held| held.extensions)
    }

    fn resets(&self) -> &'s [&'static str] {
        self.held.map_or(&[], |held| held.resets)
    }

    /// Whether it removes any key from the layers below.
    pub fn resets_any(&self) -> bool {
        !self.resets().is_empty()
    }

    /// Whether it removes this key from the layers below.
    pub fn removes(&self, key: &str) -> bool {
        self.resets().contains(&key)
    }

    /// The same, and it removes one key more.
    pub fn with_reset(&self, key: &'static str, arena: &'s Bump) -> Self {
        let resets = self.resets().iter().copied().chain([key]);
        Beside::keep(self.extensions(), collect(arena, resets), arena)
    }

    /// The same when every layer is merged: nothing is removed any more.
    pub fn settled(&self, arena: &'s Bump) -> Self {
        match self.resets_any() {
            true => Beside::of(self.extensions(), arena),
            false => *self,
        }
    }

    /// The same with the `x-` keys of the map, read in one pass: a map may have thousands.
    pub fn with_own_keys(&self, entries: &[Entry<'_, 's>], cx: &Reader<'_, 's>) -> Self {
        let own = entries.iter().filter(|entry| is_own_key(entry.key));
        let read = own.filter_map(|entry| {
            let value = Raw::read(&entry.value, cx)?;
            let (key, place) = (entry.key, entry.key_place);
            Some(Extension { key, place, value })
        });
        Beside::keep(cx.slice(read), self.resets(), cx.arena)
    }

    /// This later layer's over an earlier one's: what both remove, and of two equal keys the later one.
    pub fn over(&self, earlier: &Self, arena: &'s Bump) -> Self {
        match (self.held, earlier.held) {
            (None, _) => *earlier,
            (_, None) => *self,
            (Some(later), Some(earlier)) => Beside::keep(
                extensions(later.extensions, earlier.extensions, arena),
                both(later.resets, earlier.resets, arena),
                arena,
            ),
        }
    }
}

fn both<'s>(
    later: &'s [&'static str],
    earlier: &'s [&'static str],
    arena: &'s Bump,
) -> &'s [&'static str] {
    match (later.is_empty(), earlier.is_empty()) {
        (true, _) => earlier,
        (_, true) => later,
        _ => collect(arena, earlier.iter().chain(later).copied()),
    }
}

fn extensions<'s>(
    later: &'s [Extension<'s>],
    earlier: &'s [Extension<'s>],
    arena: &'s Bump,
) -> &'s [Extension<'s>] {
    if later.is_empty() {
        return earlier;
    }
    let replaced: FxHashSet<&str> = later.iter().map(|new| new.key).collect();
    let kept = earlier.iter().filter(|old| !replaced.contains(old.key));
    collect(arena, kept.chain(later).copied())
}

/// Whether a key is one that belongs to whoever wrote it.
pub fn is_own_key(key: &str) -> bool {
    key.starts_with("x-")
}
