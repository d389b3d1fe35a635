//! A release: what was started, with all that is needed to start it again as it was.

use serde::{Deserialize, Serialize};

use super::model::Model;
use crate::catalog::words::Job;
use crate::plan::{Health, Plan, PlannedService};

/// The form in which releases and journals are written. One with another number is not read.
pub const VERSION: u32 = 1;

/// A release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The form of the file.
    pub version: u32,
    /// Its number within the project, from 1.
    pub number: u32,
    /// The mode.
    pub mode: String,
    /// Its class, which is what the mode variable says.
    pub class: String,
    /// The variable that tells services their mode.
    pub mode_variable: Option<String>,
    /// The host of the catalog that it was planned for.
    pub host: String,
    /// The Compose project.
    pub project: String,
    /// When it was begun, in seconds since 1970.
    pub at: u64,
    /// The version of the program.
    pub program: String,
    /// Whether it came up as planned. Only such a release is gone back to.
    pub good: bool,
    /// Its services, by name.
    pub services: Vec<Wanted>,
    /// Which variables of which services hold values that no message may show.
    pub private: Vec<(String, String)>,
}

/// What a service of a release must look like on the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Its name.
    pub service: String,
    /// Whether it runs once and ends.
    pub job: bool,
    /// How many containers.
    pub replicas: u32,
    /// The image by its name.
    pub image: String,
    /// The image by its id; `None` while it is not there yet.
    pub image_id: Option<String>,
    /// The memory limit in bytes, where the plan knows it.
    pub memory: Option<u64>,
    /// The CPU limit in billionths of a CPU, where the plan knows it.
    pub nano_cpus: Option<u64>,
    /// Whether it has a healthcheck that must be green.
    pub health: bool,
}

/// Billionths in a thousandth of a CPU.
const NANO: u64 = 1_000_000;

/// The services that the resolved file starts, as the plan wants them.
pub fn wanted(plan: &Plan, model: &Model) -> Vec<Wanted> {
    let planned = plan.services.iter();
    planned
        .filter_map(|service| {
            let resolved = model.services.get(service.name)?;
            let image = resolved.image(plan.project, service.name);
            Some(of(service, image))
        })
        .collect()
}

fn of(service: &PlannedService, image: String) -> Wanted {
    let limits = &service.limits;
    Wanted {
        service: service.name.to_owned(),
        job: service.job != Job::No,
        replicas: u32::try_from(service.replicas).unwrap_or(u32::MAX),
        image,
        image_id: None,
        memory: limits.memory.limit.map(|limit| limit.value.bytes()),
        nano_cpus: limits
            .cpus
            .limit
            .map(|limit| u64::from(limit.value.thousandths()) * NANO),
        health: service.health == Health::Probe,
    }
}

/// The tag that keeps an image for a project: `composegen-kept:homeiq-test.0123456789ab`.
pub fn kept_tag(project: &str, image_id: &str) -> String {
    let id = image_id.strip_prefix("sha256:").unwrap_or(image_id);
    let id: String = id.chars().take(12).collect();
    // A tag has 128 characters at most.
    let project: String = project.chars().take(100).collect();
    format!("composegen-kept:{project}.{id}")
}

/// How many releases are kept.
pub const KEPT: usize = 5;

/// The numbers that no longer have to be kept: all but the last five good ones, and never the one that runs.
pub fn to_drop(releases: &[Release], runs: Option<u32>) -> Vec<u32> {
    let mut good: Vec<u32> = releases
        .iter()
        .filter(|it| it.good)
        .map(|it| it.number)
        .collect();
    good.sort_unstable_by_key(|number| std::cmp::Reverse(*number));
    let kept: Vec<u32> = good.into_iter().take(KEPT).chain(runs).collect();
    let mut dropped: Vec<u32> = releases
        .iter()
        .map(|release| release.number)
        .filter(|number| !kept.contains(number))
        .collect();
    dropped.sort_unstable();
    dropped
}

#[cfg(test)]
pub mod samples {
    use super::*;

    /// What fits `facts::samples::container`.
    pub fn wanted(service: &str) -> Wanted {
        Wanted {
            service: service.to_owned(),
            job: false,
            replicas: 1,
            image: format!("demo/{service}:1"),
            image_id: Some(format!("sha256:{service}")),
            memory: Some(64 << 20),
            nano_cpus: Some(500_000_000),
            health: true,
        }
    }

    /// A good release of some services.
    pub fn release(number: u32, services: &[&str]) -> Release {
        Release {
            version: VERSION,
            number,
            mode: "test".to_owned(),
            class: "test".to_owned(),
            mode_variable: Some("DEPLOYMENT_MODE".to_owned()),
            host: "nuc".to_owned(),
            project: "demo-test".to_owned(),
            at: 0,
            program: "0.1.0".to_owned(),
            good: true,
            services: services.iter().map(|service| wanted(service)).collect(),
            private: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_five_good_ones_are_kept_and_the_one_that_runs() {
        let mut releases: Vec<Release> = (1..=8)
            .map(|number| samples::release(number, &[]))
            .collect();
        releases[6].good = false;
        assert_eq!(to_drop(&releases, Some(8)), [1, 2, 7]);
        assert_eq!(to_drop(&releases, Some(1)), [2, 7]);
        assert_eq!(to_drop(&releases[..3], None), [0; 0]);
    }

    #[test]
    fn a_kept_tag_is_one_that_docker_takes() {
        let tag = kept_tag("homeiq-test", "sha256:0123456789abcdef");
        assert_eq!(tag, "composegen-kept:homeiq-test.0123456789ab");
        assert!(kept_tag(&"x".repeat(300), "sha256:0123456789abcdef").len() < 144);
    }
}
