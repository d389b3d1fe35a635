//! Going back: a release is started again as it was, with its very images and values; or all is taken down.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use super::exchange::bring_back;
use super::lift::Fall;
use super::session::Session;
use crate::commands::Failure;
use crate::deploy::journal::{Journal, Step};
use crate::deploy::model::{Model, with_images};
use crate::deploy::release::{Release, kept_tag, to_drop};
use crate::docker::compose::Project;
use crate::docker::interrupt;
use crate::plan::Plan;
use crate::values::prose::plural;
use crate::values::shown::shown;

/// What runs when all is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ends {
    /// This release, healthy.
    Release(u32),
    /// Nothing of the project.
    Nothing,
    /// That is not known: why.
    Unknown(String),
}

/// How often an engine that does not answer is asked again, a second between two times.
const ASKED_AGAIN: u32 = 60;

impl Session<'_> {
    /// Starts this release again, or takes all down where there is none; says what runs then. The journal ends with it,
    /// unless that failed, or modes have to be brought back that were stopped for this.
    pub fn go_back(&self, journal: &mut Journal, to: Option<&Release>) -> Ends {
        // Whoever asked for an end asked for this.
        interrupt::forget();
        self.wait_for_engine();
        journal.step = Step::Rollback;
        journal.child = None;
        // Where the state cannot be written any more, going back matters more.
        let _ = self.store.write_journal(journal);
        let ends = match to {
            Some(release) => self.restore(release, journal),
            None => self.take_down(journal),
        };
        if let Ends::Unknown(_) = ends {
            return ends;
        }
        self.drop_pending(journal.release);
        let _ = self.store.set_current(to.map(|release| release.number));
        if journal.stopped.is_empty() {
            let _ = self.store.end_journal();
        }
        ends
    }

    /// Goes back, then brings the modes back that were stopped; says what runs, of those in sentences.
    pub fn go_back_with(
        &mut self,
        journal: &mut Journal,
        to: Option<&Release>,
        plans: &[Plan],
    ) -> (Ends, Vec<String>) {
        let ends = self.go_back(journal, to);
        let told = bring_back(plans, self, &journal.stopped);
        if !matches!(ends, Ends::Unknown(_)) {
            // Left behind, it says "while it went back", and going back once more changes nothing.
            let _ = self.store.end_journal();
        }
        (ends, told)
    }

    fn restore(&self, release: &Release, journal: &mut Journal) -> Ends {
        self.step(
            "rollback",
            &format!("release {} is started again", release.number),
        );
        let lifted = self.again(release).and_then(|(release, file)| {
            self.lift(&release, &file, journal)?;
            self.verify(&release)
        });
        match lifted {
            Ok(()) => {
                let count = plural(release.services.len(), "service");
                self.step(
                    "rollback",
                    &format!("release {} runs again: {count}, as before", release.number),
                );
                Ends::Release(release.number)
            }
            Err(fall) => {
                self.show_logs(&fall);
                Ends::Unknown(format!(
                    "release {} did not come up again: {}",
                    release.number,
                    fall.sentence()
                ))
            }
        }
    }

    /// The release and its file with the very images that it had: a name that means another image by now gives way to
    /// the one under which the image was kept.
    pub fn again(&self, release: &Release) -> Result<(Release, Project), Fall> {
        let names: Vec<&str> = release
            .services
            .iter()
            .map(|it| it.image.as_str())
            .collect();
        let ids = self.docker.image_ids(&names)?;
        let mut release = release.clone();
        let mut images = BTreeMap::new();
        for wanted in &mut release.services {
            let Some(id) = wanted
                .image_id
                .clone()
                .filter(|id| ids.get(&wanted.image) != Some(id))
            else {
                continue;
            };
            let kept = kept_tag(&self.project, &id);
            if self.docker.image_id(&kept)?.as_ref() != Some(&id) {
                return Err(Fall::new(format!(
                    "the image of {} is gone, and so is the one kept for it",
                    shown(&wanted.service)
                )));
            }
            images.insert(wanted.service.clone(), kept.clone());
            wanted.image = kept;
        }
        if images.is_empty() {
            let file = self.resolved(release.number);
            return Ok((release, file));
        }
        let fall = |trouble: crate::state::Trouble| Fall::new(trouble.message);
        let text = self.store.compose_text(release.number).map_err(fall)?;
        let text = with_images(&text, &images)
            .ok_or_else(|| Fall::new("the kept Compose file is damaged"))?;
        let path = self.store.write_again(&text).map_err(fall)?;
        Ok((
            release,
            Project::resolved(&self.project, &self.folder, &path),
        ))
    }

    /// Takes the containers and networks of the project down; volumes stay.
    fn take_down(&self, journal: &mut Journal) -> Ends {
        match self.sweep(journal.release, Some(journal)) {
            Ok(()) => {
                self.step("down", "nothing of the project runs; its volumes are kept");
                Ends::Nothing
            }
            Err(failure) => Ends::Unknown(failure.message),
        }
    }

    /// Takes down what the file of a release holds, then whatever else bears the project's label. The journal, where
    /// there is one, names what works on that.
    pub fn sweep(&self, release: u32, journal: Option<&mut Journal>) -> Result<(), Failure> {
        if self.store.compose_file(release).is_file() {
            let running = self.docker.down(&self.resolved(release))?;
            // What Compose leaves is taken below.
            match journal {
                Some(journal) => drop(self.noted(journal, "", running)),
                None => drop(running.wait_unless(|| false)),
            }
        }
        let containers = self.containers()?;
        let ids: Vec<&str> = containers.iter().map(|it| it.id.as_str()).collect();
        self.docker.remove_containers(&ids)?;
        for network in self.docker.of_project("network", &self.project)? {
            self.docker.remove("network", &network)?;
        }
        Ok(())
    }

    /// Forgets a release that never was good.
    pub fn drop_pending(&self, number: u32) {
        let releases = self.store.releases().value;
        if !releases
            .iter()
            .any(|release| release.number == number && release.good)
        {
            self.store.drop_release(number);
        }
    }

    fn wait_for_engine(&self) {
        for _ in 0..ASKED_AGAIN {
            match self.containers() {
                Ok(_) => return,
                Err(_) => thread::sleep(Duration::from_secs(1)),
            }
        }
    }

    /// Lets go of releases that are older than the last five, and of images that no kept release has.
    pub fn prune(&self) {
        let releases = self.store.releases().value;
        let dropped = to_drop(&releases, self.store.current());
        dropped
            .iter()
            .for_each(|number| self.store.drop_release(*number));
        let kept = releases
            .iter()
            .filter(|release| !dropped.contains(&release.number));
        let tags: Vec<String> = kept
            .flat_map(|release| &release.services)
            .filter_map(|wanted| Some(kept_tag(&self.project, wanted.image_id.as_ref()?)))
            .collect();
        // What cannot be listed is let go of next time.
        let there = self.docker.kept(&self.project).unwrap_or_default();
        there
            .iter()
            .filter(|tag| !tags.contains(tag))
            .for_each(|tag| self.docker.untag(tag));
    }

    /// Hides the values that stood in a release's secrets.
    pub fn hide(&mut self, release: &Release) {
        let text = self.store.compose_text(release.number).unwrap_or_default();
        let Ok(model) = Model::read(&text) else {
            return;
        };
        let value = |(service, name): &(String, String)| {
            let environment = model.services.get(service)?.environment();
            environment.reveal(name).map(str::to_owned)
        };
        self.docker
            .hidden
            .add(release.private.iter().filter_map(value));
    }
}
