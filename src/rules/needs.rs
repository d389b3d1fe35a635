//! What a service needs besides `depends_on`: Compose makes a dependency of every `service:NAME` that shares a
//! namespace, of `links` and of `volumes_from`. None of them can be optional.
//! See `inferImplicitDependencies` in `loader/normalize.go` of github.com/compose-spec/compose-go.

use crate::compose::list::Either;
use crate::compose::scalar::Text;
use crate::plan::PlannedService;

/// A service that another one names in passing.
#[derive(Clone, Copy, Debug)]
pub struct Need<'s> {
    /// The key that names it.
    pub word: &'static str,
    /// Its name, and where that was written.
    pub target: Text<'s>,
    /// Whether the container needs the other's container, and not only the build its image.
    pub at_start: bool,
}

/// Shows what a service needs besides `depends_on`.
pub fn each<'s>(planned: &PlannedService<'s>, mut show: impl FnMut(Need<'s>)) {
    let service = &planned.service;
    let shared = [
        ("network_mode", service.network_mode()),
        ("ipc", service.ipc()),
        ("pid", service.pid()),
        ("uts", service.uts()),
        ("cgroup", service.cgroup()),
    ];
    let mut add = |word, text: &Text<'s>, name: Option<&'s str>, at_start| {
        let name = name.filter(|name| !name.is_empty() && !name.contains('$'));
        if let Some(name) = name {
            let target = Text {
                text: name,
                ..*text
            };
            show(Need {
                word,
                target,
                at_start,
            });
        }
    };
    for (word, text) in shared {
        if let Some(text) = text {
            add(word, text, text.text.strip_prefix("service:"), true);
        }
    }
    for text in service.links().map_or(&[][..], |links| links.items) {
        add("links", text, text.text.split(':').next(), true);
    }
    for text in service.volumes_from().map_or(&[][..], |list| list.items) {
        let name = text.text.split(':').next();
        add(
            "volumes_from",
            text,
            name.filter(|name| *name != "container"),
            true,
        );
    }
    let Some(Either::Long(build)) = service.build else {
        return;
    };
    for (_, _, context) in build
        .additional_contexts()
        .into_iter()
        .flat_map(|all| all.iter())
    {
        if let Some(text) = &context.0 {
            let name = text.text.strip_prefix("service:");
            add("additional_contexts", text, name, false);
        }
    }
}
