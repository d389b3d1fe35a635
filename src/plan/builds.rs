//! What images are built from: the folders and Dockerfiles that plans name, and what is known of whether they are
//! there. That is asked at the edge, once for each path, and comes to the rules as a value.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::Plan;
use crate::compose::build::BuildForm;
use crate::compose::list::Either;
use crate::compose::scalar::Text;
use crate::place::Place;
use crate::values::interpolation::with_defaults;
use crate::values::path::normal;

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum There {
    /// Nothing.
    Nothing,
    /// A file.
    File,
    /// A folder.
    Folder,
}

/// Where the files of a project are: on the disk, in git's index, at a revision.
pub trait Look {
    /// What stands at a path of the project; `None` where that cannot be known.
    fn look(&self, path: &str) -> Option<There>;
}

/// What is known of paths. Without a look at them, nothing.
#[derive(Debug, Default)]
pub struct Builds(FxHashMap<String, There>);

impl Builds {
    /// Looks at what the images of plans are built from.
    pub fn of<'p, 's: 'p>(plans: impl IntoIterator<Item = &'p Plan<'s>>, look: &dyn Look) -> Self {
        let mut known = FxHashMap::default();
        let mut seen: FxHashMap<String, ()> = FxHashMap::default();
        let services = plans.into_iter().flat_map(|plan| &plan.services);
        for build in services.filter_map(|service| service.service.build) {
            for path in materials(build).into_iter().flat_map(Material::paths) {
                if seen.insert(path.clone(), ()).is_none()
                    && let Some(there) = look.look(&path)
                {
                    known.insert(path, there);
                }
            }
        }
        Builds(known)
    }

    /// What stands at a path, where that is known.
    pub fn at(&self, path: &str) -> Option<There> {
        self.0.get(path).copied()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Something that an image is built from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Material<'s> {
    /// What it is.
    pub what: What<'s>,
    /// Its path from the project's folder.
    pub path: String,
    /// Another path at which it may be as well.
    pub or: Option<String>,
    /// Where it was written.
    pub place: Place,
}

/// What of a build a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What<'s> {
    /// The folder that the builder sees.
    Context,
    /// Another folder, by its name.
    Named(&'s str),
    /// The Dockerfile.
    Dockerfile,
}

impl Material<'_> {
    fn paths(self) -> impl Iterator<Item = String> {
        [Some(self.path), self.or].into_iter().flatten()
    }
}

/// What an image is built from, as far as it lies on this machine: no address, nothing that a variable decides.
pub fn materials<'s>(build: &BuildForm<'s>) -> Vec<Material<'s>> {
    let (context, build) = match build {
        Either::Short(context) => (Some(*context), None),
        Either::Long(build) => (build.context.copied(), Some(build)),
    };
    let place = build.map_or(Place::NOWHERE, |build| build.place);
    let written = context.unwrap_or(Text { text: ".", place });
    let mut all = Vec::new();
    if let Some(folder) = local(written.text) {
        let inline = build.is_some_and(|build| build.dockerfile_inline.is_some());
        let file = build.and_then(|build| build.dockerfile.copied());
        let dockerfile = (!inline).then(|| dockerfile(&folder, file, written.place));
        all.push(material(What::Context, &folder, written.place));
        all.extend(dockerfile.flatten());
    }
    let named = build.and_then(|build| build.additional_contexts());
    for (name, _, value) in named.into_iter().flat_map(|named| named.iter()) {
        if let Some(text) = value.0
            && let Some(folder) = local(text.text)
        {
            all.push(material(What::Named(name), &folder, text.place));
        }
    }
    all
}

fn material<'s>(what: What<'s>, path: &str, place: Place) -> Material<'s> {
    Material {
        what,
        path: normal(path),
        or: None,
        place,
    }
}

/// The Dockerfile of a context. Without a name Docker takes `dockerfile` as well.
fn dockerfile<'s>(folder: &str, file: Option<Text<'s>>, place: Place) -> Option<Material<'s>> {
    let Some(file) = file else {
        let named = |name| normal(&format!("{folder}/{name}"));
        return Some(Material {
            or: Some(named("dockerfile")),
            ..material(What::Dockerfile, &named("Dockerfile"), place)
        });
    };
    let name = local(file.text)?;
    let path = match name.starts_with('/') {
        true => name.into_owned(),
        false => format!("{folder}/{name}"),
    };
    Some(material(What::Dockerfile, &path, file.place))
}

/// The path that a text is; `None` for an address of another machine or image, for what a variable decides, for a
/// person's home and for the paths of Windows.
fn local(text: &str) -> Option<Cow<'_, str>> {
    let known = with_defaults(text)?;
    let elsewhere = ["github.com/", "git@", "service:", "target:", "~"];
    let is_address =
        known.contains("://") || elsewhere.iter().any(|start| known.starts_with(start));
    let is_of_git = known
        .split_once(':')
        .is_some_and(|(host, _)| host.contains('@'));
    let is_path = !known.is_empty() && !is_address && !is_of_git && !known.contains('\\');
    is_path.then_some(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_no_path() {
        for text in [
            ".",
            "services/web",
            "../web",
            "/srv/web",
            "${A:-web}",
            "web.git",
            "a@b",
        ] {
            assert!(local(text).is_some(), "{text}");
        }
        for text in [
            "https://git.example/web.git#main",
            "git://git.example/web",
            "git@git.example:home/web.git",
            "someone@git.example:web",
            "github.com/home/web",
            "docker-image://alpine:3",
            "oci-layout://x",
            "service:base",
            "target:base",
            "${A}",
            "",
            "~/web",
            "C:\\web",
        ] {
            assert_eq!(local(text), None, "{text}");
        }
    }

    #[test]
    fn the_dockerfile_is_in_the_context_unless_it_says_otherwise() {
        let written = |text| Some(Text::made(text));
        let path = |folder: &str, file| {
            dockerfile(folder, file, Place::NOWHERE).map(|material| material.path)
        };
        assert_eq!(path(".", None).as_deref(), Some("Dockerfile"));
        assert_eq!(
            path("a", written("b/Dockerfile")).as_deref(),
            Some("a/b/Dockerfile")
        );
        assert_eq!(
            path("a", written("../Dockerfile")).as_deref(),
            Some("Dockerfile")
        );
        assert_eq!(
            path("a", written("/b/Dockerfile")).as_deref(),
            Some("/b/Dockerfile")
        );
        assert_eq!(path("a", written("https://a.example/Dockerfile")), None);
    }
}
