//! `role-forbidden` by way of YAML itself: an anchor, an alias or a merge key that carries what a fenced service runs
//! into a production service. A value keeps the place where it was written, so its place tells.

use std::cell::Cell;

use rustc_hash::FxHashSet;

use super::{Context, Ready};
use crate::catalog::entries::is_fenced;
use crate::catalog::{Catalog, ServiceEntry};
use crate::compose::command::Command;
use crate::compose::develop::Hook;
use crate::compose::list::{Either, List};
use crate::finding::Finding;
use crate::place::Place;
use crate::plan::{Plan, PlannedService};
use crate::rule::Rule;

/// Checks where a service of a production plan has from what it runs. `told` are services of which that is said already.
pub fn of_service<'c, 's>(
    context: &'c Context<'_, 's>,
    plan: &'c Plan<'s>,
    fenced: &[&'s ServiceEntry<'s>],
    told: FxHashSet<&'s str>,
) -> Ready<'c, 's> {
    let definitions = Definitions::of(context.catalog, fenced);
    Box::new(move |service: &'c PlannedService<'s>| {
        if is_fenced(service.role) || !told.is_empty() && told.contains(service.name) {
            return;
        }
        let mut words: Vec<(&str, Place)> = Vec::new();
        program(service, &mut |word, place| {
            if definitions.hold(place) {
                words.push((word, place));
            }
        });
        if let Some(finding) = finding(service, &words, &definitions) {
            context.add(finding.mode(plan.mode));
        }
    })
}

fn finding(
    service: &PlannedService,
    words: &[(&str, Place)],
    definitions: &Definitions,
) -> Option<Finding> {
    let (_, first) = words.first()?;
    let source = definitions.owner(*first)?;
    let mut names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    names.dedup();
    let names: Vec<String> = names.iter().map(|word| format!("`{word}`")).collect();
    let message = format!(
        "`{}` would run in production what is written at `{}` of the role `{}`: {}",
        service.name,
        source.name,
        source.role(),
        names.join(", ")
    );
    let finding = Finding::new(Rule::RoleForbidden, service.entry.place, message)
        .second(*first, format!("written here, at `{}`", source.name))
        .help(format!(
            "an alias or `<<` brings it here: write what `{}` runs at `{}` itself",
            service.name, service.name
        ));
    Some(finding.service(service.name))
}

/// From the first byte to behind the last one, in one file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Stretch {
    file: u16,
    start: u32,
    end: u32,
}

impl Stretch {
    const NOTHING: Self = Stretch {
        file: 0,
        start: 0,
        end: 0,
    };

    fn holds(&self, place: Place) -> bool {
        self.file == place.file && (self.start..self.end).contains(&place.start)
    }
}

/// Where fenced services are defined: by their values, because a whole service may itself be an alias.
struct Definitions<'f, 's> {
    each: Vec<(Stretch, &'f ServiceEntry<'s>)>,
    /// The same in order, joined where they overlap.
    joined: Vec<Stretch>,
    /// What stands between the two of them where it was last asked: all that a service runs is mostly written there.
    between: Cell<Stretch>,
}

impl<'f, 's> Definitions<'f, 's> {
    fn of(catalog: &Catalog, fenced: &[&'f ServiceEntry<'s>]) -> Self {
        let somewhere = |entry: &&&ServiceEntry| entry.words.own.place.is_somewhere();
        let stretch = |entry: &&'f ServiceEntry<'s>| {
            let place = entry.words.own.place;
            let end = end(catalog, place);
            let stretch = Stretch {
                file: place.file,
                start: place.start,
                end,
            };
            (stretch, *entry)
        };
        let each: Vec<_> = fenced.iter().filter(somewhere).map(stretch).collect();
        let joined = joined(each.iter().map(|(stretch, _)| *stretch).collect());
        Definitions {
            each,
            joined,
            between: Cell::new(Stretch::NOTHING),
        }
    }

    fn hold(&self, place: Place) -> bool {
        if self.between.get().holds(place) {
            return false;
        }
        let after = self
            .joined
            .partition_point(|stretch| (stretch.file, stretch.start) <= (place.file, place.start));
        let (before, behind) = self.joined.split_at(after);
        let in_file = |stretch: &&Stretch| stretch.file == place.file;
        let last = before.last().filter(in_file);
        if last.is_some_and(|stretch| stretch.holds(place)) {
            return true;
        }
        self.between.set(Stretch {
            file: place.file,
            start: last.map_or(0, |stretch| stretch.end),
            end: behind
                .first()
                .filter(in_file)
                .map_or(u32::MAX, |stretch| stretch.start),
        });
        false
    }

    /// The innermost one that holds a place.
    fn owner(&self, place: Place) -> Option<&'f ServiceEntry<'s>> {
        let around = self.each.iter().filter(|(stretch, _)| stretch.holds(place));
        around
            .max_by_key(|(stretch, _)| stretch.start)
            .map(|(_, entry)| *entry)
    }
}

fn joined(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    stretches.sort_unstable();
    stretches.dedup_by(|next, last| {
        let overlaps = next.file == last.file && next.start < last.end;
        if overlaps {
            last.end = last.end.max(next.end);
        }
        overlaps
    });
    stretches
}

/// Where a definition ends. A place counts no more than 65,535 bytes: a longer one ends where the next name stands.
fn end(catalog: &Catalog, place: Place) -> u32 {
    let counted = place.start.saturating_add(u32::from(place.len));
    if place.len < u16::MAX {
        return counted;
    }
    let services = catalog.services.values().map(|entry| entry.place);
    let fragments = catalog.fragments.values().map(|fragment| fragment.place);
    services
        .chain(fragments)
        .filter(|next| next.file == place.file && next.start >= counted)
        .map(|next| next.start)
        .min()
        .unwrap_or(u32::MAX)
}

/// Shows the places of what a service runs: its image, how that is built, its programs.
fn program(planned: &PlannedService, show: &mut impl FnMut(&'static str, Place)) {
    let service = &planned.service;
    if let Some(image) = service.image {
        show("image", image.place);
    }
    match service.build {
        Some(Either::Short(context)) => show("build", context.place),
        Some(Either::Long(build)) => {
            show("build", build.place);
            let (context, file) = (build.context, build.dockerfile);
            let texts = [context, file, build.dockerfile_inline, build.target];
            for text in texts.into_iter().flatten() {
                show("build", text.place);
            }
        }
        None => {}
    }
    command("entrypoint", service.entrypoint, show);
    command("command", service.command, show);
    if let Some(provider) = service.provider() {
        show("provider", provider.place);
        if let Some(kind) = provider.kind {
            show("provider", kind.place);
        }
    }
    hooks("post_start", service.post_start(), show);
    hooks("pre_stop", service.pre_stop(), show);
}

fn command(
    word: &'static str,
    written: Option<&Command>,
    show: &mut impl FnMut(&'static str, Place),
) {
    if let Some(written) = written {
        show(word, written.place());
        written.words().for_each(|text| show(word, text.place));
    }
}

fn hooks(
    word: &'static str,
    written: Option<&List<Hook>>,
    show: &mut impl FnMut(&'static str, Place),
) {
    for hook in written.map_or(&[][..], |hooks| hooks.items) {
        show(word, hook.place);
        command(word, hook.command, show);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(file: u16, start: u32, end: u32) -> Stretch {
        Stretch { file, start, end }
    }

    #[test]
    fn stretches_that_overlap_are_joined_and_others_stay_apart() {
        let list = vec![
            stretch(1, 5, 9),
            stretch(0, 40, 50),
            stretch(0, 12, 20),
            stretch(0, 10, 30),
        ];
        let expected = [stretch(0, 10, 30), stretch(0, 40, 50), stretch(1, 5, 9)];
        assert!(joined(list) == expected);
    }

    #[test]
    fn what_was_asked_before_changes_no_answer() {
        let definitions = Definitions {
            each: Vec::new(),
            joined: vec![stretch(0, 10, 20), stretch(0, 30, 40), stretch(2, 5, 6)],
            between: Cell::new(Stretch::NOTHING),
        };
        let place = |file, start| Place {
            file,
            len: 1,
            start,
        };
        let is_held = |file, start| {
            let in_file = definitions.joined.iter().filter(|one| one.file == file);
            let mut around = in_file.filter(|one| (one.start..one.end).contains(&start));
            around.next().is_some()
        };
        for seed in 0..4000u32 {
            let (file, start) = ((seed * 7 % 4) as u16, seed * 31 % 45);
            let held = definitions.hold(place(file, start));
            assert_eq!(held, is_held(file, start), "{file}: {start}");
        }
    }

    #[test]
    fn a_stretch_holds_its_first_byte_and_not_the_one_behind_it() {
        let at = |start| Place {
            file: 0,
            len: 1,
            start,
        };
        let ten = stretch(0, 10, 20);
        assert!(ten.holds(at(10)) && ten.holds(at(19)));
        assert!(!ten.holds(at(9)) && !ten.holds(at(20)));
    }
}
