//! `build`: how an image is made.

use super::keyed::{EnvValue, Item, Keyed};
use super::list::{ByTarget, Either, List, OneOrMany};
use super::mounts::FileMount;
use super::network::HostAddress;
use super::scalar::{Loose, Text, Val};
use super::service::Ulimit;
use crate::model;
use crate::values::memory::Memory;

/// A context alone, or how an image is made in full.
pub type BuildForm<'s> = Either<Text<'s>, Build<'s>>;

model! {
    /// How the image of the service is made.
    pub struct Build<'s> {
        /// The folder (or address) that the builder sees.
        context "context": Text<'s>,
        /// The Dockerfile, from the context.
        dockerfile "dockerfile": Text<'s>,
        /// The Dockerfile's text itself.
        dockerfile_inline "dockerfile_inline": Text<'s>,
        /// Build arguments. They stay readable in the image: never a secret.
        args "args": Keyed<'s, EnvValue<'s>>,
        /// The stage to build.
        target "target": Text<'s>,
        /// Contexts beside the main one, by name.
        additional_contexts "additional_contexts": Keyed<'s, EnvValue<'s>>,
        /// Images whose layers may be reused.
        cache_from "cache_from": List<'s, Text<'s>>,
        /// Where layers are kept for reuse.
        cache_to "cache_to": List<'s, Text<'s>>,
        /// More privileges for the builder.
        entitlements "entitlements": List<'s, Text<'s>>,
        /// Names with fixed addresses while building.
        extra_hosts "extra_hosts": Keyed<'s, HostAddress<'s>>,
        /// How containers are kept apart while building.
        isolation "isolation": Text<'s>,
        /// Labels of the image.
        labels "labels": Keyed<'s, EnvValue<'s>>,
        /// The network while building.
        network "network": Text<'s>,
        /// Whether to build everything anew.
        no_cache "no_cache": Val<'s, bool>,
        /// Stages to build anew.
        no_cache_filter "no_cache_filter": OneOrMany<'s, Text<'s>>,
        /// Platforms to build for.
        platforms "platforms": List<'s, Text<'s>>,
        /// Whether builders run privileged.
        privileged "privileged": Val<'s, bool>,
        /// Attestation of how it was made.
        provenance "provenance": Loose<'s>,
        /// Attestation of what is in it.
        sbom "sbom": Loose<'s>,
        /// Whether to fetch newer base images.
        pull "pull": Val<'s, bool>,
        /// Secrets that the builder may read.
        secrets "secrets": ByTarget<'s, FileMount<'s>>,
        /// Size of /dev/shm while building.
        shm_size "shm_size": Val<'s, Memory>,
        /// SSH agents or keys for the builder.
        ssh "ssh": Keyed<'s, EnvValue<'s>>,
        /// More names for the image.
        tags "tags": List<'s, Text<'s>>,
        /// Limits of the builder's processes.
        ulimits "ulimits": Keyed<'s, Ulimit<'s>>,
    }
}

impl<'s> Item<'s> for Ulimit<'s> {
    const EXPECTED: &'static str = "a map";
}
