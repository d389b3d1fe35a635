//! Logging drivers, their options, and how much is kept.

use super::{Look, known};
use crate::compose::scalar::Loose;
use crate::compose::service::Logging;
use crate::values::memory::Memory;
use crate::values::shown::shown;

/// The logging drivers that come with the engine; others are plugins.
const LOG_DRIVERS: [&str; 11] = [
    "awslogs",
    "etwlogs",
    "fluentd",
    "gcplogs",
    "gelf",
    "journald",
    "json-file",
    "local",
    "none",
    "splunk",
    "syslog",
];

/// What `json-file` and `local` take, those among them that every driver takes.
const LOG_OPTIONS: [&str; 14] = [
    "cache-compress",
    "cache-disabled",
    "cache-max-file",
    "cache-max-size",
    "compress",
    "env",
    "env-regex",
    "labels",
    "labels-regex",
    "max-buffer-size",
    "max-file",
    "max-size",
    "mode",
    "tag",
];

/// How most services log stands in a fragment: what is right at one of them, `right`, is so at the next.
pub(super) fn check<'s>(look: &Look<'_, 's>, right: &mut Option<&'s Logging<'s>>) {
    let Some(logging) = look.service.logging else {
        return;
    };
    let is_same = right.is_some_and(|right| std::ptr::eq(right, logging));
    if !is_same && is_right(look, logging) {
        *right = Some(logging);
    }
}

/// Whether there was nothing to tell.
fn is_right(look: &Look, logging: &Logging) -> bool {
    let driver = logging.driver;
    let Some((place, driver)) = driver.and_then(|text| Some((text.place, known(text)?))) else {
        return true;
    };
    let mut is_right = true;
    if !LOG_DRIVERS.contains(&driver.as_ref())
        && let Some(help) = look.meant(&driver, &LOG_DRIVERS)
    {
        let message = format!("{} is no logging driver of the engine", shown(&driver));
        look.refuse(place, message, Some(help));
        is_right = false;
    }
    if matches!(driver.as_ref(), "json-file" | "local") {
        is_right &= log_options(look, &driver, logging);
        is_right &= amounts(look, &driver, logging);
    }
    is_right
}

fn log_options(look: &Look, driver: &str, logging: &Logging) -> bool {
    let mut is_right = true;
    let options = logging.options.into_iter().flat_map(|all| all.iter());
    for (name, place, Loose(_)) in options.filter(|(name, ..)| !LOG_OPTIONS.contains(name)) {
        let (driver, option) = (shown(driver), shown(name));
        let message = format!("the logging driver {driver} has no option {option}");
        look.refuse(place, message, look.meant(name, &LOG_OPTIONS));
        is_right = false;
    }
    is_right
}

/// How large a file may get, and how many are kept. `local` takes 0 for both, `json-file` does not.
fn amounts(look: &Look, driver: &str, logging: &Logging) -> bool {
    let mut is_right = true;
    let options = logging.options.into_iter().flat_map(|all| all.iter());
    for (name, _, Loose(text)) in options {
        let (read, example): (fn(&str) -> Option<bool>, _) = match name {
            "max-size" => (size_is_zero, "10m"),
            "max-file" => (count_is_zero, "3"),
            _ => continue,
        };
        let fits = |written: &str| read(written).is_some_and(|zero| !zero || driver == "local");
        if let Some(written) = known(text).filter(|written| !fits(written)) {
            let message = format!("`{name}` of the log cannot be {}", shown(&written));
            let help = format!("write, for example, `{name}: \"{example}\"`");
            look.refuse(text.place, message, Some(help));
            is_right = false;
        }
    }
    is_right
}

fn size_is_zero(text: &str) -> Option<bool> {
    Some(Memory::loosely(text).ok()?.is_zero())
}

fn count_is_zero(text: &str) -> Option<bool> {
    Some(text.parse::<u32>().ok()? == 0)
}
