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
        /// What is mounted: volume, bind (a path of the host), tmpfs (memory), image, npipe or cluster.
        kind "type": Text<'s>,
        /// What is mounted: the volume's name, or a path on the host such as ./conf.
        source "source": Text<'s>,
        /// The path in the container at which it is mounted, such as /etc/app.
        target "target": Text<'s>,
        /// true: the container may read it and not write.
        read_only "read_only": Val<'s, bool>,
        /// For Docker Desktop of old: consistent, cached or delegated. Engines of today take no notice.
        consistency "consistency": Text<'s>,
        /// Options of a bind: what is done where the path is missing, SELinux, mounts below it.
        bind "bind": BindOptions<'s>,
        /// Options of a volume: a path within it, and whether it begins with what the image has.
        volume "volume": VolumeOptions<'s>,
        /// Options of a folder in memory: its size and mode.
        tmpfs "tmpfs": TmpfsOptions<'s>,
        /// Options of a mounted image: a path within it.
        image "image": ImageOptions<'s>,
    }
}

model! {
    /// What a bind needs besides.
    pub struct BindOptions<'s> {
        /// Whether mounts below it are seen on both sides: rprivate (the default), private, rshared, shared, rslave or slave.
        propagation "propagation": Text<'s>,
        /// false: it is an error where the path is missing on the host. true, the default: an empty folder is made there.
        create_host_path "create_host_path": Val<'s, bool>,
        /// The SELinux label: z for content that containers share, Z for this one's alone.
        selinux "selinux": Text<'s>,
        /// What happens to mounts below it: enabled (the default), disabled, writable or readonly.
        recursive "recursive": Text<'s>,
    }
}

model! {
    /// What a volume needs besides.
    pub struct VolumeOptions<'s> {
        /// true: a new volume starts empty and not with what the image has at the path.
        nocopy "nocopy": Val<'s, bool>,
        /// The path within the volume to mount; without it, all of it.
        subpath "subpath": Text<'s>,
        /// Labels that the volume gets where it is made anew.
        labels "labels": super::keyed::Keyed<'s, super::keyed::EnvValue<'s>>,
    }
}

model! {
    /// What a tmpfs needs besides.
    pub struct TmpfsOptions<'s> {
        /// The most that it may hold, such as 64M; it counts against the memory limit.
        size "size": Val<'s, Memory>,
        /// Who may do what in the folder, in octal, such as 01777.
        mode "mode": Val<'s, Number<'s>>,
    }
}

model! {
    /// What an image mount needs besides.
    pub struct ImageOptions<'s> {
        /// The path within the image to mount; without it, all of it.
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
            // The source of an image mount is an image, that of a cluster's volume the cluster's, and a tmpfs has none.
            source: self
                .source
                .filter(|_| !self.is_a(&["image", "cluster", "tmpfs"]))
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
        /// The path of the file in the container, or its name below /run/secrets/; without it, the source's name.
        target "target": Text<'s>,
        /// The number of the user that owns the file, such as "1000"; root without it.
        uid "uid": Loose<'s>,
        /// The number of the group that owns the file, such as "1000"; root's without it.
        gid "gid": Loose<'s>,
        /// Who may do what with the file, in octal, such as 0440; 0444 without it.
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
