//! Where things appear in a container: `mount-duplicate`.

use std::borrow::Cow;

use crate::compose::list::{Either, Targeted};
use crate::compose::mounts::{FileMount, LongFileMount, Mount};
use crate::compose::scalar::Text;
use crate::compose::value::written;
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::{Basis, Plan, PlannedService};
use crate::rule::{Rule, Weight};
use crate::rules::{Context, Ready};
use crate::values::path;
use crate::values::shown::shown;

/// Something that a service mounts.
#[derive(Clone)]
struct Target<'s> {
    /// Where, as it was written; of a file that a name alone stands for, in the folder in which it appears.
    path: Cow<'s, str>,
    place: Place,
    form: Form<'s>,
    item: Item<'s>,
}

/// What is written for it.
#[derive(Clone, Copy)]
enum Item<'s> {
    Mount(&'s Mount<'s>),
    /// A secret or a config.
    File(&'s FileMount<'s>),
    /// An item of `tmpfs`.
    Folder(&'s str),
}

/// In which form it is written: by that Compose tells it from others. Of two that it cannot tell apart it keeps the last.
#[derive(Clone, Copy)]
enum Form<'s> {
    /// A mount in the short form, a secret or a config: by its path, however that is spelled.
    Short,
    /// A mount in the long form: by its path as it is written.
    Long,
    /// An item of `tmpfs`: by this.
    Tmpfs(&'s str),
}

/// Adds a finding for every target at which a service mounts a second thing.
pub fn check<'c, 's>(context: &'c Context<'_, 's>, plan: &'c Plan<'s>) -> Ready<'c, 's> {
    let mut list = Vec::new();
    Box::new(move |service: &'c PlannedService<'s>| {
        let judge = |list: &mut Vec<Target>| {
            duplicates(list, |first: &Target, second: &Target| {
                // Compose keeps one of them, and nothing is lost; a catalog has no use for the other.
                if plan.basis == Basis::Compose && are_one(first, second) {
                    return;
                }
                let finding = twice(service, first, second).mode(plan.mode);
                context.add(match plan.basis {
                    Basis::Compose if is_refused(first, second) => finding.weight(Weight::Invalid),
                    Basis::Compose | Basis::Catalog => finding,
                });
            });
            list.clear();
        };
        let compose = &service.service;
        let volumes = compose.volumes.map_or(&[][..], |all| all.items);
        let tmpfs = compose.tmpfs().map_or(&[][..], |all| all.items);
        // One thing alone is nowhere twice.
        if volumes.len() + tmpfs.len() > 1 {
            list.extend(mounts(volumes).chain(folders(tmpfs)));
            judge(&mut list);
        }
        for (of, folder) in [(compose.secrets, "/run/secrets/"), (compose.configs(), "/")] {
            if let Some(all) = of.filter(|all| all.items.len() > 1) {
                list.extend(files(all.items, folder));
                judge(&mut list);
            }
        }
    })
}

/// Whether both say the same.
fn are_one(first: &Target, second: &Target) -> bool {
    match (first.item, second.item) {
        (Item::Mount(one), Item::Mount(other)) => written(one) == written(other),
        (Item::File(one), Item::File(other)) => written(&long(one)) == written(&long(other)),
        (Item::Folder(one), Item::Folder(other)) => one == other,
        (Item::Mount(_) | Item::File(_) | Item::Folder(_), _) => false,
    }
}

/// A secret or config without its target, which is another one's, too.
fn long<'s>(file: &'s FileMount<'s>) -> LongFileMount<'s> {
    match file {
        Either::Short(text) => LongFileMount {
            source: Some(text),
            ..LongFileMount::default()
        },
        Either::Long(long) => LongFileMount {
            target: None,
            ..*long
        },
    }
}

/// Whether Compose refuses both together: one path as it reads it, of two things that it tells apart.
fn is_refused(first: &Target, second: &Target) -> bool {
    let path = |target: &Target| match target.form {
        Form::Tmpfs(_) => target.path.to_string(),
        Form::Short | Form::Long => path::normal(&target.path),
    };
    let is_one = match (first.form, second.form) {
        (Form::Tmpfs(one), Form::Tmpfs(other)) => one == other,
        (Form::Tmpfs(_), Form::Short | Form::Long) | (Form::Short | Form::Long, Form::Tmpfs(_)) => {
            false
        }
        (Form::Short | Form::Long, Form::Short | Form::Long) => told_by(first) == told_by(second),
    };
    !is_one && path(first) == path(second)
}

/// By what Compose tells a mount from another.
fn told_by<'t>(target: &'t Target<'_>) -> Cow<'t, str> {
    match target.form {
        Form::Short => Cow::Owned(path::normal(&target.path)),
        Form::Long | Form::Tmpfs(_) => Cow::Borrowed(&target.path),
    }
}

fn mounts<'s>(items: &'s [Mount<'s>]) -> impl Iterator<Item = Target<'s>> {
    items.iter().filter_map(|item| {
        Some(Target {
            path: Cow::Borrowed(item.target()?),
            place: item.place(),
            form: match item {
                Either::Short(_) => Form::Short,
                Either::Long(_) => Form::Long,
            },
            item: Item::Mount(item),
        })
    })
}

/// Secrets or configs, which appear in a folder where they do not say another one.
fn files<'s>(items: &'s [FileMount<'s>], folder: &str) -> impl Iterator<Item = Target<'s>> {
    items.iter().filter_map(move |item| {
        let path = item.target()?;
        let is_name = !path.is_empty() && !path.starts_with('/');
        Some(Target {
            path: match is_name {
                true => Cow::Owned(format!("{folder}{path}")),
                false => Cow::Borrowed(path),
            },
            place: item.place(),
            form: Form::Short,
            item: Item::File(item),
        })
    })
}

/// The folders of `tmpfs`; an item may have options behind a colon.
fn folders<'s>(items: &'s [Text<'s>]) -> impl Iterator<Item = Target<'s>> {
    let before = |text: &'s str, sign| text.split_once(sign).map_or(text, |(before, _)| before);
    items.iter().map(move |item| Target {
        path: Cow::Borrowed(before(item.text, ':')),
        place: item.place,
        form: Form::Tmpfs(before(item.text, '=')),
        item: Item::Folder(item.text),
    })
}

fn duplicates(list: &mut [Target<'_>], report: impl Fn(&Target, &Target)) {
    if list.len() < 2 {
        return;
    }
    // A stable sort: of two equal targets the one that was written first stays first.
    let is_odd = |target: &Target| target.path.contains("/.") || target.path.contains("//");
    let odd = list.iter().any(is_odd);
    match odd {
        true => list.sort_by_cached_key(|target| path::normal(&target.path)),
        false => list.sort_by(|a, b| folder(&a.path, odd).cmp(&folder(&b.path, odd))),
    }
    for pair in list.windows(2) {
        if folder(&pair[0].path, odd) == folder(&pair[1].path, odd) {
            report(&pair[0], &pair[1]);
        }
    }
}

/// The folder of a target, without the slashes at its end; however it is spelled, where one of the targets is odd.
fn folder(target: &str, odd: bool) -> Cow<'_, str> {
    if odd {
        return Cow::Owned(path::normal(target));
    }
    Cow::Borrowed(match target.trim_end_matches('/') {
        "" => target,
        trimmed => trimmed,
    })
}

fn twice(service: &PlannedService, first: &Target, second: &Target) -> Finding {
    let target = shown(&path::normal(&second.path));
    let message = format!("`{}` mounts two things at {target}", service.name);
    Finding::new(Rule::MountDuplicate, second.place, message)
        .second(first.place, "first mounted here")
        .help("give one of them another target, or remove it")
        .service(service.name)
}
