//! Paths as annotations want them: from the root of the repository on, wherever the program was started.

use std::path::{Component, Path, PathBuf};

/// Where paths start.
#[derive(Clone, Debug)]
pub struct Base {
    folder: PathBuf,
    root: PathBuf,
}

impl Base {
    /// Paths are given from `folder` on, the current one, and told from `root` on.
    pub fn new(folder: PathBuf, root: PathBuf) -> Self {
        Base { folder, root }
    }

    /// A path from the root on; `None` where it leads outside.
    pub fn path(&self, path: &str) -> Option<String> {
        let whole = plain(&self.folder.join(path));
        let below = whole.strip_prefix(&self.root).ok()?;
        let names: Option<Vec<&str>> = below.iter().map(|name| name.to_str()).collect();
        names.map(|names| names.join("/"))
    }
}

/// A path without `.` and `..`, as it is written: links are not asked.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => _ = plain.pop(),
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_the_root_on() {
        let base = Base::new("/repo/stacks/home".into(), "/repo".into());
        for (path, expected) in [
            ("catalog/a.yaml", Some("stacks/home/catalog/a.yaml")),
            ("./catalog/a.yaml", Some("stacks/home/catalog/a.yaml")),
            ("../../catalog/a.yaml", Some("catalog/a.yaml")),
            ("/repo/catalog/a.yaml", Some("catalog/a.yaml")),
            ("../../../elsewhere/.env", None),
            ("/etc/x", None),
        ] {
            assert_eq!(base.path(path).as_deref(), expected, "{path}");
        }
    }
}
