//! What is asked of services in production alone: one pass over them, for rules that each look at a few keys.

use super::fence::production;
use super::{Context, host_mounts, privileges, public_bind, unpinned};

/// Judges every service of the modes of class production.
pub fn check(context: &Context) {
    let built = unpinned::Built::of(context);
    for plan in production(context) {
        let volumes = host_mounts::Volumes::of(plan);
        for service in &plan.services {
            let mut tell = |finding: crate::finding::Finding| {
                context.add(finding.service(service.name).mode(plan.mode));
            };
            unpinned::judge(service, &built, &mut tell);
            privileges::judge(service, &mut tell);
            host_mounts::judge(service, &volumes, &mut tell);
            public_bind::judge(service, &mut tell);
        }
    }
}
