//! Paths as they are written in Compose files, compared by their words alone: no file system is asked, so a symbolic
//! link is not followed.

use crate::values::interpolation::Nesting;

/// Where a path starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Root {
    /// The folder of the Compose file.
    Project,
    /// `/`
    System,
    /// `~`
    Home,
}

/// A path taken apart and normalised.
struct Parsed<'s> {
    root: Root,
    /// How many `..` lead it.
    ups: usize,
    names: Vec<&'s str>,
}

/// The path without `.`, without doubled or trailing slashes, and with each `..` taking away the name before it: `b`
/// for `./a/../b`. Nothing is above `/`. A name with a variable or a `{{ }}` in it is not taken away, since it may
/// stand for several. The path of the folder itself is `.`.
pub fn normal(path: &str) -> String {
    let parsed = parse(path);
    let mut names = vec![".."; parsed.ups];
    names.extend(&parsed.names);
    let joined = names.join("/");
    match parsed.root {
        Root::System => format!("/{joined}"),
        Root::Home if joined.is_empty() => "~".to_owned(),
        Root::Home => format!("~/{joined}"),
        Root::Project if joined.is_empty() => ".".to_owned(),
        // A folder that is called `~` is not the home.
        Root::Project if parsed.names.first() == Some(&"~") && parsed.ups == 0 => {
            format!("./{joined}")
        }
        Root::Project => joined,
    }
}

/// Whether `child` is the folder `parent` or stands below it. Paths with different starts (relative, `/`, `~`) are
/// never below each other, since nobody knows where the project and the home are.
pub fn below(parent: &str, child: &str) -> bool {
    let (parent, child) = (parse(parent), parse(child));
    if parent.root != child.root {
        return false;
    }
    if parent.names.is_empty() {
        return child.ups <= parent.ups;
    }
    child.ups == parent.ups && child.names.starts_with(&parent.names)
}

/// Whether a path is that of a socket, or of a pipe of Windows.
pub fn is_socket(path: &str) -> bool {
    path.ends_with(".sock") || path.starts_with(r"\\.\pipe\") || path.starts_with("//./pipe/")
}

fn parse(path: &str) -> Parsed<'_> {
    let (root, rest) = match path.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => (Root::Home, rest),
        _ if path.starts_with('/') => (Root::System, path),
        _ => (Root::Project, path),
    };
    let mut parsed = Parsed {
        root,
        ups: 0,
        names: Vec::new(),
    };
    segments(rest, |segment| parsed.add(segment));
    parsed
}

impl<'s> Parsed<'s> {
    fn add(&mut self, segment: &'s str) {
        match segment {
            "" | "." => {}
            ".." => self.up(),
            name => self.names.push(name),
        }
    }

    fn up(&mut self) {
        match self.names.last() {
            Some(name) if is_known(name) => {
                self.names.pop();
            }
            Some(_) => self.names.push(".."),
            None if self.root == Root::System => {}
            None => self.ups += 1,
        }
    }
}

/// Whether a `..` after the name takes the name away.
fn is_known(name: &str) -> bool {
    name != ".." && !name.contains('$') && !name.contains("{{")
}

/// Calls `each` with what stands between the slashes outside of `${}` and `{{ }}`.
fn segments<'s>(path: &'s str, mut each: impl FnMut(&'s str)) {
    let bytes = path.as_bytes();
    let mut nesting = Nesting::default();
    let mut start = 0;
    for at in 0..bytes.len() {
        if !nesting.step(bytes, at) && bytes[at] == b'/' {
            each(&path[start..at]);
            start = at + 1;
        }
    }
    each(&path[start..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn normalises() {
        for (path, expected) in [
            ("", "."),
            (".", "."),
            ("./", "."),
            ("./~/", "./~"),
            ("a/../~/b", "./~/b"),
            ("../~", "../~"),
            ("./a/../b", "b"),
            ("a//b/./c/", "a/b/c"),
            ("a/../..", ".."),
            ("../a/../../b", "../../b"),
            ("/", "/"),
            ("//a/", "/a"),
            ("/a/../../b", "/b"),
            ("~", "~"),
            ("~/a/..", "~"),
            ("~/../a", "~/../a"),
            ("~user/a", "~user/a"),
            ("${A}/../b", "${A}/../b"),
            ("${A}/../../b", "${A}/../../b"),
            ("${A:-./x/../y}/b/../c", "${A:-./x/../y}/c"),
            ("{{ a / b }}/../c", "{{ a / b }}/../c"),
        ] {
            assert_eq!(normal(path), expected, "{path}");
        }
    }

    #[test]
    fn knows_what_is_below() {
        for (parent, child) in [
            ("a", "./a"),
            ("a", "a/b/../c"),
            (".", "a"),
            (".", "."),
            ("..", "a"),
            ("..", "../b"),
            ("../..", "../x"),
            ("../b", "../b/c"),
            ("/", "/a"),
            ("/a", "/a/b"),
            ("~", "~/a"),
            ("${A}", "${A}/b"),
        ] {
            assert!(below(parent, child), "{parent} {child}");
        }
        for (parent, child) in [
            ("a", "ab"),
            ("a/b", "a"),
            (".", "../a"),
            ("..", "../../a"),
            ("../b", "b"),
            ("/", "a"),
            (".", "/a"),
            ("~", "/root"),
            ("/a", "/ab"),
        ] {
            assert!(!below(parent, child), "{parent} {child}");
        }
    }

    proptest! {
        #[test]
        fn normal_is_settled(path in "[./a~${}]{0,20}") {
            let once = normal(&path);
            prop_assert_eq!(normal(&once), once.clone());
            prop_assert!(below(&path, &once) && below(&once, &path));
        }
    }
}
