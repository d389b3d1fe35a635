//! What a change means, told: as text, as Markdown, as short notes, and for programs.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Style, list, plural, visible};
use crate::difference::{
    Between, Change, Containers, Difference, HostPort, Kind, LeftVolume, Named, Sum,
};
use crate::outputs::guide::markdown::code;

/// What the change of a mode means.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Summary<'a> {
    /// The mode.
    mode: &'a str,
    /// The second of two modes that are compared, else `null`.
    other_mode: Option<&'a str>,
    /// Whether there is nothing to compare with: the mode, or its file, was not there before.
    is_new: bool,
    /// Whether the mode is gone.
    is_gone: bool,
    /// The name of the Compose project before; `null` where it is the same, or the mode is new.
    other_project: Option<&'a str>,
    /// The services that differ.
    services: &'a [Named],
    /// How many services do not.
    same_services: usize,
    /// Networks, volumes, secrets and configs that differ; each name begins with its kind.
    shared: &'a [Named],
    /// Variables of the generated env file that differ.
    variables: &'a [Change],
    /// Ports of the host that are published now and were not before.
    ports_opened: &'a [HostPort],
    /// Ports of the host that were published and are free now.
    ports_closed: &'a [HostPort],
    /// Volumes that nothing mounts any more; `null` between two modes, each of which has its own.
    volumes_left: Option<&'a [LeftVolume]>,
    /// What becomes of containers; `null` between two modes, each of which has its own.
    containers: Option<&'a Containers>,
    /// The limits of memory, in bytes.
    memory: Sum<u64>,
    /// The limits of CPUs, in thousandths.
    cpus: Sum<u32>,
    /// The memory that is kept, in bytes.
    reservation: Sum<u64>,
}

/// For programs.
pub fn summary(difference: &Difference) -> Summary<'_> {
    let times = difference.between == Between::Times;
    let sums = &difference.sums;
    Summary {
        mode: &difference.mode,
        other_mode: (!times).then_some(difference.other.as_str()),
        is_new: difference.is_new,
        is_gone: difference.is_gone,
        other_project: difference
            .project
            .as_ref()
            .map(|(before, _)| before.as_str()),
        services: &difference.services,
        same_services: difference.same_services,
        shared: &difference.shared,
        variables: &difference.variables,
        ports_opened: &difference.opened,
        ports_closed: &difference.closed,
        volumes_left: times.then_some(difference.left_volumes.as_slice()),
        containers: times.then_some(&difference.containers),
        memory: sums.memory.map(|it| it.bytes()),
        cpus: sums.cpus.map(|it| it.thousandths()),
        reservation: sums.reservation.map(|it| it.bytes()),
    }
}

/// The most characters of a value for people.
const LONGEST: usize = 200;

const BOLD: &str = "1";
const GREEN: &str = "32";
const RED: &str = "31";
const YELLOW: &str = "33";

/// For people: a paragraph for each mode, a blank line behind it.
pub fn human(difference: &Difference, style: Style) -> String {
    let paint = |color: &str, text: &str| match style.color {
        true => format!("\u{1b}[{color}m{text}\u{1b}[0m"),
        false => text.to_owned(),
    };
    let mut text = format!("{}\n", paint(BOLD, &visible(&heading(difference))));
    let all = difference.services.iter().chain(&difference.shared);
    for named in all {
        let color = match named.kind {
            Kind::Added => GREEN,
            Kind::Removed => RED,
            Kind::Changed => YELLOW,
        };
        let head = format!("{} {}", sign(named.kind), visible(&named.name));
        text.push_str(&format!("  {}\n", paint(color, &head)));
        for change in &named.changes {
            text.push_str(&format!("      {}\n", line(change, named.kind)));
        }
    }
    for change in &difference.variables {
        text.push_str(&format!("  {}\n", line(change, Kind::Changed)));
    }
    for note in follows(difference) {
        text.push_str(&format!("  {note}\n"));
    }
    text.push('\n');
    text
}

fn heading(difference: &Difference) -> String {
    let Difference {
        between,
        mode,
        other,
        is_new,
        is_gone,
        ..
    } = difference;
    let count = difference.services.len();
    let all = plural(count + difference.same_services, "service");
    let what = match (count, between) {
        (0, Between::Times) => format!("{all} as before"),
        (0, Between::Modes) => format!("{all}, all the same"),
        (1, _) => format!("1 of {all} differs"),
        (_, _) => format!("{count} of {all} differ"),
    };
    match between {
        Between::Modes => format!("from {mode} to {other}: {what}"),
        Between::Times if *is_new => format!("{mode} is new: {}", plural(count, "service")),
        Between::Times if *is_gone => {
            format!("{mode} is gone: it had {}", plural(count, "service"))
        }
        Between::Times => format!("{mode}: {what}"),
    }
}

fn sign(kind: Kind) -> char {
    match kind {
        Kind::Added => '+',
        Kind::Removed => '-',
        Kind::Changed => '~',
    }
}

/// A change of a thing on one line. Where the thing itself is new or gone, so is everything of it.
fn line(change: &Change, of: Kind) -> String {
    let Change {
        what,
        kind,
        before,
        after,
    } = change;
    let what = visible(&what.trim_end().replace('\n', "\\n"));
    let hidden = "another value, which is not shown";
    match (kind, before, after) {
        (Kind::Changed, Some(before), Some(after)) => {
            format!("{what} {} -> {}", value(before), value(after))
        }
        (Kind::Changed, _, _) => format!("{what} has {hidden}"),
        (_, before, after) => {
            let shown = after.as_ref().or(before.as_ref());
            let shown = shown.map_or(String::new(), |text| format!(" {}", value(text)));
            match of {
                Kind::Changed => format!("{} {what}{shown}", sign(*kind)),
                Kind::Added | Kind::Removed => format!("{what}{shown}"),
            }
        }
    }
}

fn value(text: &str) -> String {
    if text.is_empty() {
        return "nothing".to_owned();
    }
    let one_line = text.replace('\n', "\\n");
    let mut shown: String = visible(&one_line).chars().take(LONGEST).collect();
    if one_line.chars().count() > LONGEST {
        shown.push('…');
    }
    shown
}

/// What follows from the changes, a sentence each.
fn follows(difference: &Difference) -> Vec<String> {
    let mut notes = ports(difference);
    let sums = &difference.sums;
    notes.push(sum("memory", &sums.memory.map(|it| it.human())));
    notes.push(sum("CPUs", &sums.cpus.map(|it| it.to_string())));
    let kept = &sums.reservation;
    if !(kept.before.is_zero() && kept.after.is_zero()) {
        notes.push(sum("memory reserved", &kept.map(|it| it.human())));
    }
    // Each of two modes has volumes and containers of its own.
    if difference.between == Between::Times {
        notes.extend(difference.left_volumes.iter().map(left));
        notes.extend(difference.shared.iter().filter_map(made_anew));
        notes.extend(containers(difference));
    }
    notes
}

fn ports(difference: &Difference) -> Vec<String> {
    let words = match difference.between {
        Between::Times => ["opened".to_owned(), "closed".to_owned()],
        Between::Modes => {
            [&difference.other, &difference.mode].map(|mode| format!("in {mode} alone"))
        }
    };
    let mut notes = Vec::new();
    for (word, ports) in words.iter().zip([&difference.opened, &difference.closed]) {
        let named = ports
            .iter()
            .map(|it| format!("{} ({})", it.port, it.service));
        let named: Vec<String> = named.collect();
        if !named.is_empty() {
            notes.push(format!("ports {word}: {}", some(&named)));
        }
    }
    notes
}

/// How many names a sentence holds.
const MOST_NAMED: usize = 20;

/// The first of some names, and how many more there are.
fn some(names: &[String]) -> String {
    let shown = names[..names.len().min(MOST_NAMED)].join(", ");
    match names.len().saturating_sub(MOST_NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn sum(what: &str, sum: &Sum<String>) -> String {
    let Sum {
        before,
        after,
        budget_before,
        budget,
    } = sum;
    let asked = match before == after {
        true => after.clone(),
        false => format!("{before} -> {after}"),
    };
    let given = match (budget_before, budget) {
        (_, None) => String::new(),
        (Some(before), Some(after)) if before != after => {
            format!(" of {after}, before of {before}")
        }
        (_, Some(budget)) => format!(" of {budget}"),
    };
    format!("{what}: {asked}{given}")
}

fn left(volume: &LeftVolume) -> String {
    let LeftVolume { name, engine_name } = volume;
    format!(
        "nothing mounts the volume {name} any more: its data stays on the engine as {engine_name} until somebody removes it"
    )
}

/// A volume cannot be changed, only made anew.
fn made_anew(named: &Named) -> Option<String> {
    let volume = named
        .name
        .strip_prefix("volume ")
        .filter(|_| named.kind == Kind::Changed)?;
    Some(format!(
        "the volume {volume} is defined otherwise: Compose asks whether to make it anew, and its data would be lost with it"
    ))
}

fn containers(difference: &Difference) -> Vec<String> {
    let Containers {
        created,
        recreated,
        left_behind,
        untouched,
    } = &difference.containers;
    let mut parts = Vec::new();
    for (word, names) in [("created", created), ("replaced", recreated)] {
        if !names.is_empty() {
            parts.push(format!("{} {word} ({})", names.len(), some(names)));
        }
    }
    if *untouched > 0 {
        parts.push(format!("{untouched} left as they are"));
    }
    let mut notes = Vec::new();
    if !parts.is_empty() {
        notes.push(format!("containers: {}", list(&parts)));
    }
    if !left_behind.is_empty() {
        notes.push(run_on(difference, left_behind));
    }
    notes
}

/// Whose containers run on, and what takes them.
fn run_on(difference: &Difference, names: &[String]) -> String {
    let old = &difference.old_project;
    if let Some((_, new)) = &difference.project {
        return format!(
            "the project is called {new} instead of {old}: containers and volumes of {old} stay as they are, until `docker compose -p {old} down` takes the containers"
        );
    }
    if difference.is_gone {
        return format!("its containers run on until `docker compose -p {old} down` takes them");
    }
    format!(
        "still running afterwards: {}; `docker compose up --remove-orphans` takes what the file no longer has",
        some(names)
    )
}

/// As Markdown: a heading, what follows, a list of the changes in at most about so many bytes.
pub fn markdown(difference: &Difference, most: usize) -> String {
    let mut page = format!("### composegen diff: {}\n\n", visible(&heading(difference)));
    for note in follows(difference) {
        page.push_str(&format!("- {}\n", visible(&note)));
    }
    let all = difference
        .services
        .iter()
        .chain(&difference.shared)
        .map(item);
    let variables = difference.variables.iter();
    let variables = variables.map(|it| format!("- {}\n", code(&line(it, Kind::Changed))));
    let items: Vec<String> = all.chain(variables).collect();
    page.push_str(match items.is_empty() {
        true => "",
        false => "\nBy service:\n\n",
    });
    let mut left = items.len();
    for item in items {
        if page.len() + item.len() > most {
            break;
        }
        left -= 1;
        page.push_str(&item);
    }
    if left > 0 {
        page.push_str(&format!("- and {left} more\n"));
    }
    page.push('\n');
    page
}

/// A service, or something that services share, with what changes of it.
fn item(named: &Named) -> String {
    let word = match named.kind {
        Kind::Added => "added",
        Kind::Removed => "removed",
        Kind::Changed => "changed",
    };
    let mut text = format!("- **{word}** {}\n", code(&visible(&named.name)));
    for change in &named.changes {
        text.push_str(&format!("  - {}\n", code(&line(change, named.kind))));
    }
    text
}

/// The most lines of a note.
const MOST_LINES: usize = 200;

/// What changes in a mode, or between two, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The mode, or both of them, whatever changes: `test`, `test prod`.
    pub about: String,
    /// One line.
    pub title: String,
    /// More lines.
    pub text: String,
}

/// As a short note, where anything differs.
pub fn notice(difference: &Difference) -> Option<Notice> {
    if difference.is_empty() {
        return None;
    }
    let about = match difference.between {
        Between::Times => difference.mode.clone(),
        Between::Modes => format!("{} {}", difference.mode, difference.other),
    };
    let plain = Style {
        color: false,
        width: 110,
    };
    let text = human(difference, plain);
    let mut lines = text.trim_end().lines();
    let title = lines.next().unwrap_or_default().to_owned();
    let mut rest: Vec<&str> = lines.by_ref().take(MOST_LINES).collect();
    if lines.next().is_some() {
        rest.push("  ... the rest is too long to be shown here");
    }
    Some(Notice {
        about,
        title,
        text: rest.join("\n"),
    })
}
