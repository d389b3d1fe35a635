//! What is mounted into a container: volumes, binds, secrets, configs.

use super::list::{Either, Targeted};
use super::scalar::{Loose, Number, Text, Val};
use crate::model;
use crate::place::Place;
use crate::values::memory::Memory;
use crate::values::mount::ShortMount;

/// A mount, in the short or the long form.
pub type Mount<'s> = Either<Text<'s>, LongMount<'s>>;

model! {
    /// A mount in the long form.
    pub struct LongMount<'s> {
        /// `volume`, `bind`, `tmpfs`, `npipe`, `cluster` or `image`.
        kind "type": Text<'s>,
        /// The volume's name, or the path on the host.
        source "source": Text<'s>,
        /// The path in the container.
        target "target": Text<'s>,
        /// Whether the container may only read.
        read_only "read_only": Val<'s, bool>,
        /// `consistent`, `cached` or `delegated`.
        consistency "consistency": Text<'s>,
        /// What a bind needs besides.
        bind "bind": BindOptions<'s>,
        /// What a volume needs besides.
        volume "volume": VolumeOptions<'s>,
        /// What a tmpfs needs besides.
        tmpfs "tmpfs": TmpfsOptions<'s>,
        /// What an image mount needs besides.
        image "image": ImageOptions<'s>,
    }
}

model! {
    /// What a bind needs besides.
    pub struct BindOptions<'s> {
        /// How mounts below it are shared.
        propagation "propagation": Text<'s>,
        /// Whether to make the folder where it is not there.
        create_host_path "create_host_path": Val<'s, bool>,
        /// SELinux: `z` or `Z`.
        selinux "selinux": Text<'s>,
        /// What happens to mounts below it.
        recursive "recursive": Text<'s>,
    }
}

model! {
    /// What a volume needs besides.
    pub struct VolumeOptions<'s> {
        /// Whether not to copy what the image has at the path.
        nocopy "nocopy": Val<'s, bool>,
        /// A path within the volume.
        subpath "subpath": Text<'s>,
        /// Labels of the volume.
        labels "labels": super::keyed::Keyed<'s, super::keyed::EnvValue<'s>>,
    }
}

model! {
    /// What a tmpfs needs besides.
    pub struct TmpfsOptions<'s> {
        /// Its size.
        size "size": Val<'s, Memory>,
        /// Its mode, in octal.
        mode "mode": Val<'s, Number<'s>>,
    }
}

model! {
    /// What an image mount needs besides.
    pub struct ImageOptions<'s> {
        /// A path within the image.
        subpath "subpath": Text<'s>,
    }
}

/// What both forms of a mount say.
#[derive(Clone, Copy, Debug)]
pub struct MountFacts<'s> {
    /// The volume's name, or the path on the host.
    pub source: Option<&'s str>,
    /// The path in the container.
    pub target: &'s str,
    /// Whether the source is a path on the host.
    pub bind: bool,
    /// Whether the container may only read.
    pub read_only: bool,
    /// Where it was written.
    pub place: Place,
    /// Where its source was written.
    pub source_place: Place,
}

impl<'s> Mount<'s> {
    /// What it says, in either form; `None` where it is no mount.
    pub fn facts(&self) -> Option<MountFacts<'s>> {
        match self {
            Either::Short(text) => short_facts(text),
            Either::Long(long) => long.facts(),
        }
    }
}

fn short_facts<'s>(text: &Text<'s>) -> Option<MountFacts<'s>> {
    let short = ShortMount::parse(text.text).ok()?;
    Some(MountFacts {
        source: short.source,
        target: short.target,
        bind: short.is_bind(),
        read_only: short.read_only(),
        place: text.place,
        source_place: start_of(text, short.source.unwrap_or_default()),
    })
}

impl<'s> LongMount<'s> {
    fn facts(&self) -> Option<MountFacts<'s>> {
        Some(MountFacts {
            // The source of an image mount is an image, and a tmpfs has none.
            source: self
                .source
                .filter(|_| !self.is_a(&["image", "tmpfs"]))
                .map(|source| source.text),
            target: self.target?.text,
            bind: self.is_a(&["bind", "npipe"]),
            read_only: self.read_only.and_then(|value| value.get()) == Some(true),
            place: self.place,
            source_place: self.source.map_or(self.place, |source| source.place),
        })
    }

    fn is_a(&self, kinds: &[&str]) -> bool {
        self.kind.is_some_and(|kind| kinds.contains(&kind.text))
    }
}

/// The place of what a text begins with; the whole text's where it was changed on its way here.
fn start_of(text: &Text, part: &str) -> Place {
    let quotes = match usize::from(text.place.len).checked_sub(text.text.len()) {
        Some(0) => 0,
        Some(2) => 1,
        _ => return text.place,
    };
    Place {
        start: text.place.start + quotes,
        len: part.len() as u16,
        ..text.place
    }
}

impl Targeted for Mount<'_> {
    fn target(&self) -> Option<&str> {
        match self {
            Either::Short(text) => ShortMount::parse(text.text).ok().map(|short| short.target),
            Either::Long(long) => long.target.map(|target| target.text),
        }
    }

    fn place(&self) -> Place {
        match self {
            Either::Short(text) => text.place,
            Either::Long(long) => long.place,
        }
    }
}

/// A secret or config that a service reads, in the short or the long form.
pub type FileMount<'s> = Either<Text<'s>, LongFileMount<'s>>;

model! {
    /// A secret or config that a service reads, in the long form.
    pub struct LongFileMount<'s> {
        /// The name under which it is declared.
        source "source": Text<'s>,
        /// The path or name in the container.
        target "target": Text<'s>,
        /// The user that owns the file.
        uid "uid": Loose<'s>,
        /// The group that owns the file.
        gid "gid": Loose<'s>,
        /// The file's mode, in octal.
        mode "mode": Val<'s, Number<'s>>,
    }
}

impl<'s> FileMount<'s> {
    /// The name under which it is declared.
    pub fn source(&self) -> Option<Text<'s>> {
        match self {
            Either::Short(text) => Some(*text),
            Either::Long(long) => long.source.copied(),
        }
    }
}

impl Targeted for FileMount<'_> {
    fn target(&self) -> Option<&str> {
        match self {
            Either::Short(text) => Some(text.text),
            Either::Long(long) => long.target.or(long.source).map(|text| text.text),
        }
    }

    fn place(&self) -> Place {
        match self {
            Either::Short(text) => text.place,
            Either::Long(long) => long.place,
        }
    }
}
