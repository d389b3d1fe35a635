//! What is asked of services in production alone: one pass over them, for rules that each look at a few keys.

use super::fence::production;
use super::{Context, Ready, host_mounts, privileges, public_bind, unpinned};
use crate::plan::{Plan, PlannedService};

/// Judges every service of the modes of class production.
pub fn check<'c, 's>(context: &'c Context<'_, 's>, plan: &'c Plan<'s>) -> Ready<'c, 's> {
    if !production(context).any(|one| one.mode == plan.mode) {
        return Box::new(|_: &'c PlannedService<'s>| {});
    }
    let built = unpinned::Built::of(context);
    let volumes = host_mounts::Volumes::of(plan);
    Box::new(move |service: &'c PlannedService<'s>| {
        let mut tell = |finding: crate::finding::Finding| {
            context.add(finding.service(service.name).mode(plan.mode));
        };
        unpinned::judge(service, &built, &mut tell);
        privileges::judge(service, &mut tell);
        host_mounts::judge(service, &volumes, &mut tell);
        public_bind::judge(service, &mut tell);
    })
}
