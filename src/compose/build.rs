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
        /// The folder that the builder sees, from the project's folder on, such as ./api; or the address of a git repository.
        context "context": Text<'s>,
        /// The Dockerfile's path, from the context on; Dockerfile without it.
        dockerfile "dockerfile": Text<'s>,
        /// The Dockerfile's text itself, in place of a file.
        dockerfile_inline "dockerfile_inline": Text<'s>,
        /// Build arguments. They stay readable in the image: never a secret.
        args "args": Keyed<'s, EnvValue<'s>>,
        /// The stage of the Dockerfile to build, by its name; without it, the last.
        target "target": Text<'s>,
    }

    /// The keys of a build that few files use.
    rare enum RareBuild {
        /// More folders, images or addresses for the builder, by the name that COPY --from says.
        additional_contexts "additional_contexts": Keyed<'s, EnvValue<'s>>,
        /// Images or caches whose layers may be reused, such as type=registry,ref=example/app:cache.
        cache_from "cache_from": List<'s, Text<'s>>,
        /// Where layers are kept for reuse, such as type=local,dest=/tmp/cache.
        cache_to "cache_to": List<'s, Text<'s>>,
        /// What the builder may do besides, such as network.host or security.insecure.
        entitlements "entitlements": List<'s, Text<'s>>,
        /// Names with fixed addresses while building, such as "nas=192.168.1.5".
        extra_hosts "extra_hosts": Keyed<'s, HostAddress<'s>>,
        /// How containers are kept apart while building, on Windows alone.
        isolation "isolation": Text<'s>,
        /// Labels of the image, as a map or a list.
        labels "labels": Keyed<'s, EnvValue<'s>>,
        /// The network while building: host, none, or one by its name.
        network "network": Text<'s>,
        /// true: everything is built anew, and no layer is reused.
        no_cache "no_cache": Val<'s, bool>,
        /// The stages that are built anew, by name, while others are reused.
        no_cache_filter "no_cache_filter": OneOrMany<'s, Text<'s>>,
        /// The platforms to build for, such as [linux/amd64, linux/arm64].
        platforms "platforms": List<'s, Text<'s>>,
        /// true: the steps of the build may do on the host what root may.
        privileged "privileged": Val<'s, bool>,
        /// Whether an attestation of how it was made goes with the image: true, false, or mode=max.
        provenance "provenance": Loose<'s>,
        /// Whether a list of what is in it goes with the image: true, false, or a generator.
        sbom "sbom": Loose<'s>,
        /// true: newer base images are fetched even where one is there.
        pull "pull": Val<'s, bool>,
        /// Secrets of the catalog that steps of the build may read with RUN --mount=type=secret; they stay out of the image.
        secrets "secrets": ByTarget<'s, FileMount<'s>>,
        /// The size of /dev/shm while building, such as 256M.
        shm_size "shm_size": Val<'s, Memory>,
        /// SSH agents or keys that steps of the build may use, such as [default].
        ssh "ssh": Keyed<'s, EnvValue<'s>>,
        /// More names for the image, such as [example/app:latest].
        tags "tags": List<'s, Text<'s>>,
        /// Limits of the builder's processes, by name: nofile: 65536.
        ulimits "ulimits": Keyed<'s, Ulimit<'s>>,
    }
}

impl<'s> Item<'s> for Ulimit<'s> {
    const EXPECTED: &'static str = "a map";
}
