//! Paths of the catalog start at the folder that holds its folder; Compose starts at the folder of its file. What is
//! written is the same place seen from there, so that a file means the same from any folder.

use bumpalo::Bump;

use crate::compose::build::{Build, BuildForm, RareBuild};
use crate::compose::develop::{Develop, Watch};
use crate::compose::keyed::{EnvValue, Keyed, Slot};
use crate::compose::list::{ByTarget, Either, List, OneOrMany};
use crate::compose::mounts::Mount;
use crate::compose::rare::Few;
use crate::compose::scalar::{Loose, Text};
use crate::compose::service::{EnvFile, RareService, Service};
use crate::compose::storage::Volume;
use crate::compose::value::collect;
use crate::values::mount::ShortMount;

/// The service with its paths from `up`, the way back to the project's root.
pub fn rebased<'s>(service: &Service<'s>, up: &str, arena: &'s Bump) -> Service<'s> {
    Service {
        build: service.build.map(|build| form(build, up, arena)),
        volumes: service.volumes.map(|volumes| mounts(volumes, up, arena)),
        env_file: service.env_file.map(|files| env_files(files, up, arena)),
        rare: rebased_rare(&service.rare, up, arena),
        ..*service
    }
}

fn rebased_rare<'s>(
    rare: &Few<'s, RareService<'s>>,
    up: &str,
    arena: &'s Bump,
) -> Few<'s, RareService<'s>> {
    let has_paths =
        |key: &RareService| matches!(key, RareService::label_file(_) | RareService::develop(_));
    if !rare.all().iter().any(has_paths) {
        return *rare;
    }
    let rebased = |key: &RareService<'s>| match *key {
        RareService::label_file(files) => RareService::label_file(paths(files, up, arena)),
        RareService::develop(develop) => RareService::develop(watched(develop, up, arena)),
        other => other,
    };
    rare.with(rebased, arena)
}

/// Whether a path starts where the project does: neither absolute, nor a home, a variable or an address.
fn is_relative(path: &str) -> bool {
    !path.starts_with(['/', '~', '$']) && !path.contains("://") && !path.starts_with("git@")
}

/// A relative path from `up`.
fn from<'s>(path: &'s str, up: &str, arena: &'s Bump) -> &'s str {
    if !is_relative(path) {
        return path;
    }
    let path = path.strip_prefix("./").unwrap_or(path);
    match path {
        "" | "." => arena.alloc_str(up),
        path => joined(arena, &[up, "/", path]),
    }
}

/// Texts one behind the other.
fn joined<'s>(arena: &'s Bump, parts: &[&str]) -> &'s str {
    let len = parts.iter().map(|part| part.len()).sum();
    let mut text = bumpalo::collections::String::with_capacity_in(len, arena);
    parts.iter().for_each(|part| text.push_str(part));
    text.into_bump_str()
}

/// A file's path from `up`.
pub fn file<'s>(path: &'s Text<'s>, up: &str, arena: &'s Bump) -> &'s Text<'s> {
    arena.alloc(moved(*path, up, arena))
}

/// A volume whose device is a folder, as Compose reads `o: bind` of the driver `local`, with its path from `up`.
pub fn volume<'s>(volume: &Volume<'s>, up: &str, arena: &'s Bump) -> Volume<'s> {
    let option = |key| volume.driver_opts.and_then(|options| options.get(key));
    let is_local = volume.driver.is_some_and(|driver| driver.text == "local");
    let is_bind = option("o").is_some_and(|how| how.0.text == "bind");
    let (Some(options), true) = (volume.driver_opts, is_local && is_bind) else {
        return *volume;
    };
    let entries = options.entries.iter().map(|entry| match entry.slot {
        Slot::Is(device) if entry.key == "device" => {
            entry.with(Loose(moved(device.0, up, arena)), arena)
        }
        _ => *entry,
    });
    let options = Keyed {
        entries: collect(arena, entries),
        ..*options
    };
    Volume {
        driver_opts: Some(arena.alloc(options)),
        ..*volume
    }
}

fn moved<'s>(path: Text<'s>, up: &str, arena: &'s Bump) -> Text<'s> {
    Text {
        text: from(path.text, up, arena),
        ..path
    }
}

fn form<'s>(build: &'s BuildForm<'s>, up: &str, arena: &'s Bump) -> &'s BuildForm<'s> {
    arena.alloc(match build {
        Either::Short(context) => Either::Short(*file(context, up, arena)),
        Either::Long(build) => Either::Long(Build {
            // Without a context Compose builds where its file lies.
            context: Some(match build.context {
                Some(context) => file(context, up, arena),
                None => arena.alloc(Text::made(arena.alloc_str(up))),
            }),
            rare: rare_form(&build.rare, up, arena),
            ..*build
        }),
    })
}

fn rare_form<'s>(
    rare: &Few<'s, RareBuild<'s>>,
    up: &str,
    arena: &'s Bump,
) -> Few<'s, RareBuild<'s>> {
    let key = |key: EnvValue<'s>| EnvValue(key.0.map(|path| moved(path, up, arena)));
    let context = |context| named_context(context, up, arena);
    let rebased = |rare: &RareBuild<'s>| match *rare {
        RareBuild::additional_contexts(contexts) => {
            RareBuild::additional_contexts(by_name(contexts, context, arena))
        }
        RareBuild::ssh(keys) => RareBuild::ssh(by_name(keys, key, arena)),
        other => other,
    };
    rare.with(rebased, arena)
}

/// The same names with other values.
fn by_name<'s, V: Copy>(
    map: &Keyed<'s, V>,
    change: impl Fn(V) -> V,
    arena: &'s Bump,
) -> &'s Keyed<'s, V> {
    let changed = map.entries.iter().map(|entry| match entry.slot {
        Slot::Is(value) => entry.with(change(value), arena),
        Slot::Replaced(_) | Slot::Removed => *entry,
    });
    arena.alloc(Keyed {
        entries: collect(arena, changed),
        ..*map
    })
}

/// A context beside the main one: a path, or what another service builds.
fn named_context<'s>(context: EnvValue<'s>, up: &str, arena: &'s Bump) -> EnvValue<'s> {
    let is_path = |context: &Text| !context.text.starts_with("service:");
    match context.0.filter(is_path) {
        Some(path) => EnvValue(Some(moved(path, up, arena))),
        None => context,
    }
}

type Mounts<'s> = ByTarget<'s, Mount<'s>>;

fn mounts<'s>(volumes: &'s Mounts<'s>, up: &str, arena: &'s Bump) -> &'s Mounts<'s> {
    let relative = |mount: &Mount| {
        may_be_relative(mount)
            && mount
                .facts()
                .is_some_and(|facts| facts.bind && facts.source.is_some_and(is_relative))
    };
    if !volumes.items.iter().any(relative) {
        return volumes;
    }
    let items = volumes.items.iter().map(|mount| match relative(mount) {
        true => from_root(mount, up, arena),
        false => *mount,
    });
    arena.alloc(ByTarget {
        items: collect(arena, items),
        ..*volumes
    })
}

/// Whether a mount has to be taken apart to know. Most name a volume, which begins with a letter or digit that no colon
/// follows, as it does in a Windows drive; only a variable can make something else of it.
fn may_be_relative(mount: &Mount) -> bool {
    let Either::Short(text) = mount else {
        return true;
    };
    match text.text.as_bytes() {
        [b'/' | b'~' | b'$', ..] => false,
        [first, b':', ..] if first.is_ascii_alphabetic() => true,
        [first, ..] if first.is_ascii_alphanumeric() => text.text.bytes().any(|byte| byte == b'$'),
        _ => true,
    }
}

fn from_root<'s>(mount: &Mount<'s>, up: &str, arena: &'s Bump) -> Mount<'s> {
    match mount {
        Either::Short(text) => {
            let Some(source) = ShortMount::parse(text.text)
                .ok()
                .and_then(|short| short.source)
            else {
                return *mount;
            };
            let rest = text.text.strip_prefix(source).unwrap_or_default();
            let moved = joined(arena, &[from(source, up, arena), rest]);
            Either::Short(Text {
                text: moved,
                ..*text
            })
        }
        Either::Long(long) => {
            let mut long = *long;
            long.source = long.source.map(|source| file(source, up, arena));
            Either::Long(long)
        }
    }
}

type EnvFiles<'s> = OneOrMany<'s, Either<Text<'s>, EnvFile<'s>>>;

fn env_files<'s>(files: &'s EnvFiles<'s>, up: &str, arena: &'s Bump) -> &'s EnvFiles<'s> {
    let items = files.items.iter().map(|item| match item {
        Either::Short(path) => Either::Short(*file(path, up, arena)),
        Either::Long(long) => {
            let mut long = *long;
            long.path = long.path.map(|path| file(path, up, arena));
            Either::Long(long)
        }
    });
    arena.alloc(OneOrMany {
        items: collect(arena, items),
        ..*files
    })
}

fn paths<'s>(
    files: &'s OneOrMany<'s, Text<'s>>,
    up: &str,
    arena: &'s Bump,
) -> &'s OneOrMany<'s, Text<'s>> {
    let items = files.items.iter().map(|path| *file(path, up, arena));
    arena.alloc(OneOrMany {
        items: collect(arena, items),
        ..*files
    })
}

fn watched<'s>(develop: &'s Develop<'s>, up: &str, arena: &'s Bump) -> &'s Develop<'s> {
    let Some(watch) = develop.watch else {
        return develop;
    };
    let items = watch.items.iter().map(|watch| Watch {
        path: watch.path.map(|path| file(path, up, arena)),
        ..*watch
    });
    let watch = List {
        items: collect(arena, items),
        ..*watch
    };
    arena.alloc(Develop {
        watch: Some(arena.alloc(watch)),
        ..*develop
    })
}
