//! Where a variable cannot be empty: in a port, in the source of a mount, in an image. Compose lets some of that through,
//! and takes a port of the host that nobody chose, or fails at start.

use super::variables::Position;
use crate::values::interpolation::{Use, uses};

/// What tells the position of a use in a text.
pub type Positions = &'static dyn Fn(&str, &Use) -> Position;

/// Nowhere special.
pub fn any(_: &str, _: &Use) -> Position {
    Position::Any
}

/// Below a key of a service.
pub fn of_service(key: &str) -> Positions {
    match key {
        "ports" => &port,
        "volumes" => &source,
        "image" => &image,
        "init" | "privileged" | "read_only" | "stdin_open" | "tty" => &truth,
        _ => &any,
    }
}

/// Below a key of `build`.
pub fn of_build(key: &str) -> Positions {
    match key {
        "context" => &context,
        _ => &any,
    }
}

/// The colons that part a text, those inside of variables not counted.
fn colons(text: &str) -> Vec<usize> {
    let inside = uses(text).unwrap_or_default();
    let is_inside = |at: usize| inside.iter().any(|one| one.start < at && at < one.end);
    text.match_indices(':')
        .map(|(at, _)| at)
        .filter(|at| !is_inside(*at))
        .collect()
}

/// In a short port: an address, a port of the host, a port of the container.
fn port(text: &str, one: &Use) -> Position {
    let colons = colons(text);
    let before = colons.iter().filter(|at| **at < one.start).count();
    if before == 0 && colons.len() > 1 {
        return Position::Needed("0.0.0.0".to_owned());
    }
    let last = colons.last().map_or(text, |at| &text[at + 1..]);
    let last = last.split('/').next().unwrap_or(last);
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit()) && !last.is_empty();
    let value = if is_number { last } else { "8080" };
    Position::Needed(value.to_owned())
}

/// In a short mount: before its first colon.
fn source(text: &str, one: &Use) -> Position {
    match colons(text).first() {
        Some(colon) if one.start == 0 && one.end == *colon => {
            Position::Needed("/change-me".to_owned())
        }
        _ => Position::Any,
    }
}

/// In an image: its tag, or the image itself.
fn image(text: &str, one: &Use) -> Position {
    let is_tag = text[..one.start].ends_with(':');
    let value = if is_tag { "latest" } else { "change-me" };
    Position::Needed(value.to_owned())
}

/// Where true or false is wanted.
fn truth(_: &str, _: &Use) -> Position {
    Position::Needed("false".to_owned())
}

/// In the folder from which an image is built: where it is the whole of it.
fn context(text: &str, one: &Use) -> Position {
    match one.start == 0 && one.end == text.len() {
        true => Position::Needed("/change-me".to_owned()),
        false => Position::Any,
    }
}
