//! Where the image of a service comes from, and why it may not come.

use super::preflight::{Problem, problem};
use crate::values::shown::shown;

/// An image that has to be got, or cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Image {
    /// It will be built.
    Builds,
    /// It will be pulled.
    Pulls,
    /// It would be built, and this is not there.
    NoSource(String),
    /// It is nowhere, as the registry says.
    Nowhere(String),
}

/// What has to be done about an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: it is there.
    Nothing,
    /// It is built.
    Build,
    /// It is pulled, where a registry has it.
    Pull,
    /// It is not there, and nothing may be done about it.
    Absent,
}

/// What has to be done about the image of a service, by its `pull_policy`. `again` builds what can be built.
pub fn need(is_there: bool, has_build: bool, policy: Option<&str>, again: bool) -> Need {
    let policy = policy.unwrap_or("missing");
    let looks_again =
        ["always", "daily", "weekly"].contains(&policy) || policy.starts_with("every_");
    match (has_build, is_there) {
        (true, _) if again || policy == "build" => Need::Build,
        (true, false) => Need::Build,
        (false, _) if looks_again => Need::Pull,
        (_, true) => Need::Nothing,
        (false, false) if policy == "never" => Need::Absent,
        (false, false) => Need::Pull,
    }
}

/// What Docker says where a registry was not reached.
const UNREACHABLE: [&str; 6] = [
    "dial tcp",
    "no such host",
    "i/o timeout",
    "TLS handshake",
    "connection refused",
    ": EOF",
];

/// Why a registry does not have an image, from what Docker's command line said. `None` where the engine may know better:
/// it does without proof of who the registry is, or trusts a certificate of one's own; or it is not `near`, and reaches
/// what cannot be reached from here.
pub fn registry_said(text: &str, near: bool) -> Option<String> {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let other_ways = [
        "HTTP response to HTTPS client",
        "first record does not look",
        "x509",
    ];
    match has(&other_ways) || (!near && has(&UNREACHABLE)) {
        true => None,
        false => Some(refused(text)),
    }
}

fn refused(text: &str) -> String {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let host = text.split_once("https://").map(|(_, rest)| rest);
    let host = host.and_then(|rest| rest.split(['/', '"']).next());
    let registry = host.map_or_else(|| "its registry".to_owned(), |it| format!("`{it}`"));
    if has(&["no such manifest", "manifest unknown", "not found"]) {
        return "its registry has no such image".to_owned();
    }
    if has(&["denied", "unauthorized", "authentication required"]) {
        return "its registry has no such image, or shows it only after `docker login`".to_owned();
    }
    if has(&UNREACHABLE) {
        return format!("{registry} cannot be reached");
    }
    let line = text.lines().map(str::trim).rfind(|line| !line.is_empty());
    line.filter(|line| *line != "unknown:")
        .unwrap_or("its registry said nothing")
        .to_owned()
}

/// What is in the way: whose image, its name, and where it would come from.
pub fn missing((service, image, standing): &(String, String, Image)) -> Option<Problem> {
    let (service, image) = (shown(service), shown(image));
    match standing {
        Image::Builds | Image::Pulls => None,
        Image::NoSource(path) => Some(problem(
            format!(
                "the image {image} of {service} cannot be built: {} is not there",
                shown(path)
            ),
            Some("build it where its sources are, or pull it".to_owned()),
        )),
        Image::Nowhere(why) => Some(problem(
            format!("the image {image} of {service} cannot be had: {why}"),
            None,
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_depends_on_the_policy() {
        for (is_there, has_build, policy, again, expected) in [
            (true, false, None, false, Need::Nothing),
            (false, false, None, false, Need::Pull),
            (false, false, Some("never"), false, Need::Absent),
            (true, false, Some("never"), false, Need::Nothing),
            (true, false, Some("always"), false, Need::Pull),
            (true, false, Some("every_12h"), false, Need::Pull),
            (false, false, Some("if_not_present"), false, Need::Pull),
            (true, true, None, false, Need::Nothing),
            (true, true, None, true, Need::Build),
            (true, true, Some("build"), false, Need::Build),
            (true, true, Some("always"), false, Need::Nothing),
            (false, true, Some("never"), false, Need::Build),
            (true, false, None, true, Need::Nothing),
        ] {
            assert_eq!(
                need(is_there, has_build, policy, again),
                expected,
                "{is_there} {has_build} {policy:?} {again}"
            );
        }
    }

    #[test]
    fn a_registry_is_understood() {
        for (said, expected) in [
            (
                "failed to configure transport: error pinging v2 registry: Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io: no such host",
                "`registry-1.docker.io` cannot be reached",
            ),
            (
                "no such manifest: docker.io/library/x:1",
                "its registry has no such image",
            ),
            (
                "errors:\ndenied: requested access to the resource is denied\nunauthorized: authentication required\n",
                "its registry has no such image, or shows it only after `docker login`",
            ),
            ("something else\n\n", "something else"),
            ("", "its registry said nothing"),
            ("errors:\nunknown: \n", "its registry said nothing"),
        ] {
            assert_eq!(registry_said(said, true).as_deref(), Some(expected));
        }
        for said in [
            "Get \"https://127.0.0.1:5000/v2/\": http: server gave HTTP response to HTTPS client",
            "Get \"https://r.example/v2/\": x509: certificate signed by unknown authority",
        ] {
            assert_eq!(registry_said(said, true), None, "the engine may know more");
        }
        let unreached = "Get \"https://r.example/v2/\": dial tcp: lookup r.example: no such host";
        assert_eq!(
            registry_said(unreached, false),
            None,
            "it may be reached from there"
        );
        let said = registry_said("no such manifest: r.example/x:1", false);
        assert_eq!(said.as_deref(), Some("its registry has no such image"));
    }
}
