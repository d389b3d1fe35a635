//! `image-unpinned`: an image whose name stands for something else tomorrow.

use std::cell::OnceCell;

use rustc_hash::FxHashSet;

use crate::compose::scalar::{Is, Val};
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::PlannedService;
use crate::rule::Rule;
use crate::rules::Context;
use crate::values::image::ImageRef;
use crate::values::interpolation::{uses, with_defaults};
use crate::values::shown::shown;

/// The images that services build: they come from no registry. Looked for where one is unpinned, and then once.
pub struct Built<'c, 's> {
    context: &'c Context<'c, 's>,
    images: OnceCell<FxHashSet<ImageRef<'s>>>,
}

impl<'c, 's> Built<'c, 's> {
    /// Of all plans.
    pub fn of(context: &'c Context<'c, 's>) -> Self {
        let images = OnceCell::new();
        Built { context, images }
    }

    fn contains(&self, image: &ImageRef<'_>) -> bool {
        let all = || {
            let services = self.context.plans.iter().flat_map(|plan| &plan.services);
            let built = services.filter(|service| service.service.build.is_some());
            built
                .filter_map(|service| service.service.image?.get())
                .collect()
        };
        self.images.get_or_init(all).contains(image)
    }
}

/// Judges a service. With a `build` beside it, `image` is only the name of what is built.
pub fn judge(planned: &PlannedService, built: &Built, tell: &mut dyn FnMut(Finding)) {
    let service = &planned.service;
    let Some(image) = service.image.filter(|_| service.build.is_none()) else {
        return;
    };
    match image.is {
        Is::Known(known) => {
            if let Some(why) = why(&known).filter(|_| !built.contains(&known)) {
                tell(finding(planned, why, known.repository(), image.place));
            }
        }
        Is::Open(text) => open(planned, text, image, built, tell),
        Is::Bad => {}
    }
}

/// An image with variables: their defaults make it.
fn open(
    planned: &PlannedService,
    text: &str,
    image: &Val<ImageRef>,
    built: &Built,
    tell: &mut dyn FnMut(Finding),
) {
    let Some(full) = with_defaults(text) else {
        return;
    };
    let Ok(known) = ImageRef::parse(&full) else {
        return;
    };
    if let Some(why) = why(&known).filter(|_| !built.contains(&known)) {
        let finding = |place| finding(planned, why, known.repository(), place);
        tell(match default_of(text, &known, built.context) {
            Some(place) => finding(place).second(image.place, "used here"),
            None => finding(image.place),
        });
    }
}

/// Where the default was declared that says which tag it is.
fn default_of(text: &str, image: &ImageRef, context: &Context) -> Option<Place> {
    let tag = image.tag().unwrap_or_default();
    let uses = uses(text).ok()?;
    uses.iter().rev().find_map(|usage| {
        let default = context.catalog.variables.get(usage.name)?.value.default?.0;
        let says = default.text == tag || default.text.ends_with(&format!(":{tag}"));
        (says || image.tag().is_none()).then_some(default.place)
    })
}

fn finding(planned: &PlannedService, why: Why, repository: &str, place: Place) -> Finding {
    let (name, repository) = (planned.name, shown(repository));
    let message = match why {
        Why::NoTag => format!(
            "`{name}` runs {repository} without a tag, which is whatever `latest` is that day"
        ),
        Why::Moves(tag) => format!(
            "`{name}` runs {repository} with the tag `{tag}`, which is another image tomorrow"
        ),
        Why::NoVersion(tag) => {
            format!("`{name}` runs {repository} with the tag `{tag}`, which names no version")
        }
    };
    Finding::new(Rule::ImageUnpinned, place, message)
        .help("name a version, or the digest that `docker image inspect` shows under `RepoDigests`")
}

/// What is wrong with a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why<'s> {
    NoTag,
    Moves(&'s str),
    NoVersion(&'s str),
}

/// Tags that move by their meaning, alone or before the name of a flavour (`latest-alpine3.19`): the newest, a channel, a
/// branch.
const MOVING: [&str; 24] = [
    "latest", "newest", "current", "stable", "unstable", "testing", "edge", "nightly", "daily",
    "weekly", "canary", "beta", "alpha", "rc", "preview", "snapshot", "rolling", "lts", "mainline",
    "main", "master", "dev", "develop", "trunk",
];

/// Releases of Debian and Ubuntu, whose names are versions.
const RELEASES: [&str; 9] = [
    "buster", "bullseye", "bookworm", "trixie", "forky", "bionic", "focal", "jammy", "noble",
];

fn why<'s>(image: &ImageRef<'s>) -> Option<Why<'s>> {
    if image.digest().is_some() {
        return None;
    }
    let Some(tag) = image.tag() else {
        return Some(Why::NoTag);
    };
    let mut words = tag.split(['-', '_']);
    let first = words.next().unwrap_or_default();
    if MOVING.contains(&first.to_ascii_lowercase().as_str()) {
        return (!words.any(is_version)).then_some(Why::Moves(tag));
    }
    let is_release = tag.split(['-', '_']).any(|word| RELEASES.contains(&word));
    let has_number = tag.bytes().any(|byte| byte.is_ascii_digit());
    (!has_number && !is_release).then_some(Why::NoVersion(tag))
}

/// Whether a word behind a channel pins it after all: a number, a date, a commit.
fn is_version(word: &str) -> bool {
    let number = word.strip_prefix('v').unwrap_or(word);
    let is_commit = word.len() >= 7 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    number.starts_with(|c: char| c.is_ascii_digit()) || is_commit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str) -> Option<Why<'_>> {
        super::why(&ImageRef::parse(text).unwrap())
    }

    #[test]
    fn a_version_pins_and_a_channel_does_not() {
        assert_eq!(why("redis"), Some(Why::NoTag));
        assert_eq!(why("ghcr.io:443/a/b"), Some(Why::NoTag));
        for tag in [
            "latest",
            "LATEST",
            "latest-alpine3.19",
            "stable",
            "stable-alpine",
            "main",
            "master",
            "edge",
            "nightly",
            "lts-slim",
            "dev_amd64",
        ] {
            let text = format!("redis:{tag}");
            assert_eq!(why(&text), Some(Why::Moves(tag)), "{tag}");
        }
        for tag in ["alpine", "slim", "production", "feature-x"] {
            let text = format!("redis:{tag}");
            assert_eq!(why(&text), Some(Why::NoVersion(tag)), "{tag}");
        }
        for tag in [
            "7",
            "2.7",
            "7-alpine",
            "v1.2.3",
            "2025.11",
            "nightly-20240101",
            "dev-v3",
            "main-1a2b3c4d",
            "sha-1a2b3c4",
            "bookworm-slim",
            "12",
            "RELEASE.2024-01-01T00-00-00Z",
        ] {
            let text = format!("redis:{tag}");
            assert_eq!(why(&text), None, "{tag}");
        }
        let digest = "0123456789abcdef".repeat(4);
        let text = format!("redis:latest@sha256:{digest}");
        assert_eq!(why(&text), None);
    }
}
