//! Where things appear in a container, and the options of a mount.

use super::{Look, known, tmpfs};
use crate::compose::list::Either;
use crate::compose::mounts::LongMount;
use crate::compose::scalar::Text;
use crate::values::mount::ShortMount;
use crate::values::shown::shown;

/// What may stand behind the second colon. Compose leaves all else out without a word.
const OPTIONS: [&str; 22] = [
    "O",
    "U",
    "Z",
    "cached",
    "consistent",
    "copy",
    "default",
    "delegated",
    "nocopy",
    "nodev",
    "noexec",
    "nosuid",
    "private",
    "rprivate",
    "rshared",
    "rslave",
    "ro",
    "rw",
    "shared",
    "slave",
    "volume-nocopy",
    "z",
];

pub(super) fn check(look: &Look) {
    for mount in look.service.volumes.map_or(&[][..], |mounts| mounts.items) {
        match mount {
            Either::Short(text) => short(look, text),
            Either::Long(long) => long_form(look, long),
        }
    }
    for text in look
        .service
        .tmpfs()
        .map_or(&[][..], |folders| folders.items)
    {
        if let Some(written) = known(text) {
            let (folder, options) = written.split_once(':').unwrap_or((&written, ""));
            target(look, text, folder);
            // Of a mount that was meant, what stands behind the colon is no option.
            if folder.starts_with('/') {
                tmpfs::check(look, text, options);
            }
        }
    }
}

/// In a catalog mounts are judged when they are read.
fn short(look: &Look, text: &Text) {
    let Some(written) = known(text).filter(|_| look.is_of_compose_file()) else {
        return;
    };
    match ShortMount::parse(&written) {
        // What Compose itself refuses is told when the file is read.
        Err(_) if ShortMount::is_refused(&written) || is_port(&written) => {}
        Err(refusal) => look.refuse(text.place, refusal.message, refusal.help),
        Ok(mount) => {
            root(look, text, mount.target);
            let options = mount.options.split(',').filter(|option| !option.is_empty());
            options.for_each(|option| self::option(look, text, option));
        }
    }
}

/// A port under `volumes` is told as a volume that nobody declares.
fn is_port(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b':')
}

fn option(look: &Look, text: &Text, option: &str) {
    let is_tag = option.contains('=');
    if !OPTIONS.contains(&option) && !is_tag {
        let message = format!(
            "{} is no option of a mount, and Compose leaves it out",
            shown(option)
        );
        let help = look.meant(
            option,
            &["cached", "delegated", "nocopy", "ro", "rw", "rshared", "z"],
        );
        let help = help
            .unwrap_or_else(|| "write `ro` for a mount that is only read, or nothing".to_owned());
        look.refuse(text.place, message, Some(help));
    }
}

fn long_form(look: &Look, mount: &LongMount) {
    let Some(text) = mount.target.filter(|_| look.is_of_compose_file()) else {
        return;
    };
    if let Some(path) = known(text) {
        target(look, text, &path);
    }
}

fn target(look: &Look, text: &Text, path: &str) {
    let is_windows = path.contains('\\') || path.as_bytes().get(1) == Some(&b':');
    if path.starts_with('/') {
        root(look, text, path);
    } else if !is_windows && !path.is_empty() && !path.starts_with("{{") {
        let message = format!("{} is not an absolute path in the container", shown(path));
        let help = format!("write `/{}`", path.trim_start_matches("./"));
        look.refuse(text.place, message, Some(help));
    }
}

fn root(look: &Look, text: &Text, path: &str) {
    if !path.is_empty() && path.chars().all(|letter| letter == '/') {
        let message = "nothing can be mounted at `/`, which is the image's".to_owned();
        look.refuse(
            text.place,
            message,
            Some("mount it at a folder below".to_owned()),
        );
    }
}
