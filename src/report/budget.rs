//! What modes ask for against the budget of their host: a report for programs, and as text with bars for people. The
//! text needs no colour and fits the width, as far as the names leave room: where they leave none, there are no bars.

use serde::Serialize;

use super::{list, plural};
use crate::catalog::Catalog;
use crate::plan::Basis;
use crate::plan::account::{Account, Cut, Share};
use crate::plan::amount::Amount;
use crate::plan::standing::{Group, ServiceSums, Standing};
use crate::plan::totals::{Totals, Uncounted};
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;
use crate::values::shown::shown;

/// Everything that is told. Memory is in bytes, CPUs are in thousandths.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The host.
    pub host: String,
    /// Whether all of `standings` fit.
    pub fits: bool,
    /// What is tried.
    pub what_if: Vec<Tried>,
    /// Each mode alone, and last those that run at the same time.
    pub standings: Vec<Section>,
    /// The same on the other hosts.
    pub other_hosts: Vec<Elsewhere>,
}

/// Another amount for a service.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Tried {
    /// The service.
    pub service: String,
    /// `memory`, `cpus` or `memory.reservation`.
    pub key: &'static str,
    /// What it is in the catalog, of one container; nothing where no number is known.
    pub before: Option<u64>,
    /// What is tried.
    pub after: Option<u64>,
    /// In which modes of the host; none where the service is in none.
    pub modes: Vec<String>,
}

/// The sums of a mode, or of several that run at the same time.
#[derive(Debug, Serialize)]
pub struct Section {
    /// The modes.
    pub modes: Vec<String>,
    /// How many services they have.
    pub services: usize,
    /// Whether everything fits.
    pub fits: bool,
    /// Memory limits.
    pub memory: Sum,
    /// CPU limits.
    pub cpus: Sum,
    /// Memory reservations.
    pub reservation: Sum,
    /// Limits of single services that cannot be.
    pub troubles: Vec<String>,
    /// Who asks: by role for one mode, by mode for several.
    pub groups: Vec<Rows>,
}

/// A sum against its budget.
#[derive(Debug, Serialize)]
pub struct Sum {
    /// What is asked for; at least so much where `not_counted` names any.
    pub asked: u64,
    /// What the catalog asks for, where something else is tried.
    pub before: Option<u64>,
    /// What the host gives.
    pub budget: u64,
    /// What is left.
    pub free: u64,
    /// What is too much.
    pub over: u64,
    /// The services of which no number is known.
    pub not_counted: Vec<String>,
    /// What would make it fit: each of these alone.
    pub cuts: Vec<Proposal>,
}

/// A set of cuts.
#[derive(Debug, Serialize)]
pub struct Proposal {
    /// `lower`, `halve` or `leave-out`.
    pub how: &'static str,
    /// Whom.
    pub services: Vec<Whom>,
    /// For `lower`: to how much, of one container.
    pub to: Option<u64>,
    /// All of it as a sentence.
    pub text: String,
}

/// A service of a mode.
#[derive(Debug, Serialize)]
pub struct Whom {
    /// The mode.
    pub mode: String,
    /// The service.
    pub service: String,
}

/// The services of a role or of a mode.
#[derive(Debug, Serialize)]
pub struct Rows {
    /// The role or the mode.
    pub name: String,
    /// How many services it has.
    pub count: usize,
    /// Their sums.
    #[serde(flatten)]
    pub amounts: Amounts,
    /// Each, the largest first; none where the sections of the modes show them.
    pub services: Vec<Row>,
}

/// A service.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Its name.
    pub service: String,
    /// How many containers run at once.
    pub replicas: u32,
    /// All of them together.
    #[serde(flatten)]
    pub amounts: Amounts,
}

/// What somebody asks for; nothing where no number is known.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Amounts {
    /// Memory limits.
    pub memory: Option<u64>,
    /// CPU limits.
    pub cpus: Option<u64>,
    /// Memory reservations.
    pub reservation: Option<u64>,
    /// Whether it is less than what may be used: some number is not known.
    #[serde(skip)]
    at_least: [bool; 3],
}

/// How the modes stand on another host.
#[derive(Debug, Serialize)]
pub struct Elsewhere {
    /// The host.
    pub host: String,
    /// Whether the catalog has errors there: then it is not known how the modes stand.
    pub errors: bool,
    /// The modes, without rows.
    pub standings: Vec<Section>,
}

impl Section {
    /// How plans stand, with their rows; before something was tried, they asked for `before`.
    pub fn of<'s>(
        standing: &Standing<'_, 's>,
        catalog: &Catalog<'s>,
        before: Option<&Totals>,
    ) -> Self {
        let several = standing.asking.plans().len() > 1;
        let groups = match several {
            true => standing.by_mode(),
            false => standing.by_role(catalog),
        };
        let groups = groups.iter().map(|group| Rows::of(group, !several));
        Section {
            groups: groups.collect(),
            ..Section::without_rows(standing, catalog, before)
        }
    }

    /// How plans stand in sum.
    pub fn without_rows<'s>(
        standing: &Standing<'_, 's>,
        catalog: &Catalog<'s>,
        before: Option<&Totals>,
    ) -> Self {
        let sums = Sums { standing, catalog };
        let (memory, cpus) = (standing.memory(), standing.cpus());
        let reservations = standing.reservations();
        Section {
            modes: standing.asking.modes(),
            services: standing.services(),
            fits: standing.fits(),
            memory: sums.of(&memory, before.map(|sums| sums.memory)),
            cpus: sums.of(&cpus, before.map(|sums| sums.cpus)),
            reservation: sums.of(&reservations, before.map(|sums| sums.reservation)),
            troubles: standing.troubles(),
            groups: Vec::new(),
        }
    }
}

struct Sums<'a, 'p, 's> {
    standing: &'a Standing<'p, 's>,
    catalog: &'a Catalog<'s>,
}

impl Sums<'_, '_, '_> {
    fn of<T: Amount>(&self, account: &Account<T>, before: Option<T>) -> Sum {
        let asking = &self.standing.asking;
        let cuts = match account.excess() {
            0 => Vec::new(),
            _ => account.cuts(&account.shares(asking), self.catalog, asking, usize::MAX),
        };
        Sum {
            asked: account.asked.units(),
            before: before.map(T::units),
            budget: account.budget.units(),
            free: account.free(),
            over: account.excess(),
            not_counted: account.not_counted(asking),
            cuts: cuts.iter().map(|cut| proposal(cut, account)).collect(),
        }
    }
}

fn proposal<T: Amount>(cut: &Cut<T>, account: &Account<T>) -> Proposal {
    let whom = |share: &Share<T>| Whom {
        mode: share.mode.clone(),
        service: share.service.clone(),
    };
    let (how, services, to) = match cut {
        Cut::Lower(share, to) => ("lower", vec![whom(share)], Some(to.units())),
        Cut::Halve(shares) => ("halve", shares.iter().map(whom).collect(), None),
        Cut::Without(shares) => ("leave-out", shares.iter().map(whom).collect(), None),
    };
    Proposal {
        how,
        services,
        to,
        text: cut.sentence(account, Basis::Catalog),
    }
}

impl Rows {
    fn of(group: &Group, with_services: bool) -> Self {
        let services = group.services.iter().filter(|_| with_services);
        Rows {
            name: group.name.to_owned(),
            count: group.services.len(),
            amounts: Amounts::of(&group.sums, group.services.len()),
            services: services.map(Row::of).collect(),
        }
    }
}

impl Row {
    fn of(row: &ServiceSums) -> Self {
        Row {
            service: row.service.name.to_owned(),
            replicas: row.containers.count,
            amounts: Amounts::of(&row.sums, 1),
        }
    }
}

impl Amounts {
    /// The sums of so many services: where none of them counts, no number is known.
    fn of(sums: &Totals, services: usize) -> Self {
        let Uncounted {
            memory,
            cpus,
            reservation,
        } = sums.uncounted;
        let known = |units: u64, missing: usize| (units > 0 || missing < services).then_some(units);
        Amounts {
            memory: known(sums.memory.bytes(), memory),
            cpus: known(u64::from(sums.cpus.thousandths()), cpus),
            reservation: known(sums.reservation.bytes(), reservation),
            at_least: [memory > 0, cpus > 0, reservation > 0],
        }
    }
}

/// The report for people.
pub fn text(report: &Report, width: usize) -> String {
    let mut text = String::new();
    if !report.what_if.is_empty() {
        text.push_str("what if\n");
        for tried in &report.what_if {
            text.push_str(&tried_line(tried, report));
        }
        text.push('\n');
    }
    for (number, section) in report.standings.iter().enumerate() {
        if number > 0 {
            text.push('\n');
        }
        text.push_str(&section_text(section, &report.host, width));
    }
    if !report.other_hosts.is_empty() {
        text.push_str("\non other hosts\n");
        text.push_str(&elsewhere(&report.other_hosts));
    }
    text
}

fn tried_line(tried: &Tried, report: &Report) -> String {
    let number = |units: Option<u64>| match (units, tried.key) {
        (None, _) => "none".to_owned(),
        (Some(units), "cpus") => Cpus::from_units(units).number(),
        (Some(units), _) => Memory::from_bytes(units).human(),
    };
    let (name, key) = (&tried.service, tried.key);
    if tried.modes.is_empty() {
        let there = nowhere(report);
        return format!("  {name} is {there}: {name}.{key} changes nothing here\n");
    }
    let (before, after) = (number(tried.before), number(tried.after));
    let modes = list(&tried.modes);
    format!("  {name}: {key} {before} -> {after}, in {modes}\n")
}

/// Where a service is not: "not in prod on nuc", "in none of test and prod on nuc".
fn nowhere(report: &Report) -> String {
    let mut modes: Vec<&str> = Vec::new();
    for mode in report.standings.iter().flat_map(|section| &section.modes) {
        if !modes.contains(&mode.as_str()) {
            modes.push(mode);
        }
    }
    let word = if modes.len() == 1 {
        "not in"
    } else {
        "in none of"
    };
    format!("{word} {} on {}", list(&modes), report.host)
}

fn section_text(section: &Section, host: &str, width: usize) -> String {
    let together = if section.modes.len() > 1 {
        " together"
    } else {
        ""
    };
    let verdict = if section.fits { "fits" } else { "does not fit" };
    let mut text = format!(
        "{}{together} on {host}: {}, {verdict}\n\n",
        list(&section.modes),
        plural(section.services, "service"),
    );
    text.push_str(&sums(section, width));
    text.push_str(&notes(section, host));
    if !section.groups.is_empty() {
        text.push('\n');
        text.push_str(&rows(section, width));
    }
    text
}

/// The most cells of a bar.
const LONGEST_BAR: usize = 40;
/// A bar of fewer cells says nothing.
const SHORTEST_BAR: usize = 4;

/// The three sums with a bar each: its whole length is the budget.
fn sums(section: &Section, width: usize) -> String {
    let lines = [
        ("memory", words::<Memory>(&section.memory), &section.memory),
        ("CPUs", words::<Cpus>(&section.cpus), &section.cpus),
        (
            "reserved",
            words::<Memory>(&section.reservation),
            &section.reservation,
        ),
    ];
    let longest = lines
        .iter()
        .map(|(_, words, _)| words.len())
        .max()
        .unwrap_or(0);
    // "  reserved  WORDS  BAR 100%"
    let bar_room = width.saturating_sub("  reserved  ".len() + longest + "   100%".len());
    let mut text = String::new();
    for (name, words, sum) in lines {
        let share = percent(sum);
        let line = match bar_length(bar_room, LONGEST_BAR) {
            0 => format!("  {name:8}  {words:longest$}  {share:>4}"),
            cells => {
                let bar = bar(sum.asked, sum.budget, cells, '░');
                format!("  {name:8}  {words:longest$}  {bar} {share:>4}")
            }
        };
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn bar_length(room: usize, longest: usize) -> usize {
    match room.min(longest) {
        cells if cells < SHORTEST_BAR => 0,
        cells => cells,
    }
}

/// `5.48 GiB of 6 GiB, 532 MiB free`
fn words<T: Amount>(sum: &Sum) -> String {
    let [asked, budget] = [sum.asked, sum.budget].map(T::from_units);
    let (asked_words, budget_words) = match asked == budget {
        true => (asked.number(), budget.number()),
        false => asked.numbers(budget),
    };
    let is_open = !sum.not_counted.is_empty();
    let (least, most) = match is_open {
        true => ("at least ", "at most "),
        false => ("", ""),
    };
    let asked_words = match sum.before.filter(|before| *before != sum.asked) {
        Some(before) => {
            let (before, after) = T::from_units(before).numbers(asked);
            format!("{before} -> {after}")
        }
        None => asked_words,
    };
    let rest = match sum.over {
        0 => format!("{most}{} free", T::from_units(sum.free).number()),
        over => format!("{least}{} over", T::from_units(over).number()),
    };
    format!("{least}{asked_words} of {budget_words}, {rest}")
}

/// The share of the budget: what fits is never over 100%, and what is over never reads so.
fn percent(sum: &Sum) -> String {
    let (asked, budget) = (u128::from(sum.asked), u128::from(sum.budget));
    match (budget, sum.over) {
        (0, 0) => "-".to_owned(),
        (0, _) => "over".to_owned(),
        (_, 0) => format!("{}%", asked * 100 / budget),
        _ => format!("{}%", (asked * 100).div_ceil(budget)),
    }
}

const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// A bar of so many cells, which are the whole; what is over ends with `>`. What there is shows, however little.
pub fn bar(amount: u64, whole: u64, cells: usize, rest: char) -> String {
    if amount > whole {
        return format!("{}>", "█".repeat(cells.saturating_sub(1)));
    }
    let steps = cells as u128 * 8;
    let filled = (u128::from(amount) * steps).checked_div(u128::from(whole));
    let filled = filled.unwrap_or(0).max(u128::from(amount > 0)) as usize;
    let mut bar = "█".repeat(filled / 8);
    if !filled.is_multiple_of(8) {
        bar.push(EIGHTHS[filled % 8]);
    }
    let empty = cells.saturating_sub(filled.div_ceil(8));
    bar.extend(std::iter::repeat_n(rest, empty));
    bar
}

/// What is not counted, and what would make it fit.
fn notes(section: &Section, host: &str) -> String {
    let mut notes = Vec::new();
    for (name, sum) in named(section) {
        if !sum.not_counted.is_empty() {
            notes.push(format!(
                "{name} not fully counted, since no number is known: {}",
                list(&sum.not_counted)
            ));
        }
    }
    notes.extend(section.troubles.iter().cloned());
    for (name, sum) in named(section) {
        if sum.over > 0 {
            notes.push(format!("{name}: {} over", over(name, sum)));
            notes.extend(cuts(sum, host).into_iter().map(|cut| format!("  {cut}")));
        }
    }
    let lines: String = notes.iter().map(|note| format!("  {note}\n")).collect();
    match lines.is_empty() {
        true => lines,
        false => format!("\n{lines}"),
    }
}

fn named(section: &Section) -> [(&'static str, &Sum); 3] {
    [
        ("memory", &section.memory),
        ("CPUs", &section.cpus),
        ("reservations", &section.reservation),
    ]
}

fn over(name: &str, sum: &Sum) -> String {
    match name {
        "CPUs" => Cpus::from_units(sum.over).number(),
        _ => Memory::from_bytes(sum.over).human(),
    }
}

fn cuts(sum: &Sum, host: &str) -> Vec<String> {
    let host = shown(host);
    if sum.budget == 0 {
        return vec![format!(
            "nothing of {host} is left for services: see its amount and its `reserve`"
        )];
    }
    match sum.cuts.is_empty() {
        true => vec![format!(
            "neither halving all of it nor leaving out what nothing else needs is enough: {host} is too small"
        )],
        false => sum.cuts.iter().map(|cut| cut.text.clone()).collect(),
    }
}

/// A line of the table with bars.
struct Line {
    name: String,
    cells: [String; 3],
    memory: u64,
    cpus: u64,
}

impl Line {
    fn of(name: String, amounts: &Amounts) -> Self {
        let memory = |units: Option<u64>| units.map(|units| Memory::from_bytes(units).human());
        let cpus = amounts.cpus.map(|units| Cpus::from_units(units).number());
        let reserved = memory(amounts.reservation.filter(|kept| *kept > 0));
        let numbers = [memory(amounts.memory), cpus, reserved];
        let mut at_least = amounts.at_least.iter();
        let cells = numbers.map(|number| {
            let plus = if at_least.next() == Some(&true) {
                "+"
            } else {
                ""
            };
            number.map_or("-".to_owned(), |number| format!("{number}{plus}"))
        });
        Line {
            name,
            cells,
            memory: amounts.memory.unwrap_or(0),
            cpus: amounts.cpus.unwrap_or(0),
        }
    }
}

fn lines(section: &Section) -> Vec<Line> {
    let mut lines = Vec::new();
    for group in &section.groups {
        let name = format!("  {}, {}", group.name, plural(group.count, "service"));
        lines.push(Line::of(name, &group.amounts));
        for row in &group.services {
            let name = match row.replicas {
                1 => format!("    {}", row.service),
                count => format!("    {}, {count} times", row.service),
            };
            lines.push(Line::of(name, &row.amounts));
        }
    }
    lines
}

/// Roles and services, with what each asks for: the length of each column of bars is the budget.
fn rows(section: &Section, width: usize) -> String {
    let lines = lines(section);
    let heads = ["memory", "CPUs", "reserved"];
    let name = lines.iter().map(|line| line.name.chars().count()).max();
    let name = name.unwrap_or(0);
    let widths: [usize; 3] = std::array::from_fn(|at| {
        let cells = lines.iter().map(|line| line.cells[at].len());
        cells.max().unwrap_or(0).max(heads[at].len())
    });
    // Two blanks before each column, one before each bar.
    let taken = name + widths.iter().map(|width| width + 2).sum::<usize>() + 2;
    let cells = bar_length(width.saturating_sub(taken) / 2, LONGEST_BAR / 2);
    let line = |name_text: &str, texts: [&str; 3], bars: [String; 2]| {
        let [memory, cpus, reserved] = texts;
        let [w0, w1, w2] = widths;
        let [first, second] = bars.map(|bar| match cells {
            0 => String::new(),
            cells => format!(" {bar:cells$}"),
        });
        let line = format!(
            "{name_text:name$}  {memory:>w0$}{first}  {cpus:>w1$}{second}  {reserved:>w2$}"
        );
        format!("{}\n", line.trim_end())
    };
    let mut text = line("", heads, Default::default());
    for row in &lines {
        let bars = [
            bar(row.memory, section.memory.budget, cells, ' '),
            bar(row.cpus, section.cpus.budget, cells, ' '),
        ];
        let [memory, cpus, reserved] = &row.cells;
        text.push_str(&line(&row.name, [memory, cpus, reserved], bars));
    }
    text
}

/// One line for each host and mode: what would be left there.
fn elsewhere(hosts: &[Elsewhere]) -> String {
    let mut rows: Vec<[String; 5]> = Vec::new();
    for host in hosts {
        if host.errors {
            let told = "not known: the catalog has errors there, see `composegen check`";
            rows.push([&host.host, told, "", "", ""].map(str::to_owned));
        }
        for section in &host.standings {
            rows.push([
                host.host.clone(),
                list(&section.modes),
                left::<Memory>(&section.memory),
                left::<Cpus>(&section.cpus),
                verdict(section),
            ]);
        }
    }
    aligned(&rows)
}

/// `1.5 GiB of memory free`, `at least 1 CPU over`
fn left<T: Amount>(sum: &Sum) -> String {
    let is_open = !sum.not_counted.is_empty();
    let (word, units, bound) = match sum.over {
        0 => ("free", sum.free, "at most "),
        over => ("over", over, "at least "),
    };
    let bound = if is_open { bound } else { "" };
    let amount = T::with_noun(&T::from_units(units).number());
    format!("{bound}{amount} {word}")
}

fn verdict(section: &Section) -> String {
    match (section.fits, section.reservation.over) {
        (true, _) => "fits".to_owned(),
        (false, 0) => "does not fit".to_owned(),
        (false, over) => format!(
            "does not fit, reserves {} too much",
            Memory::from_bytes(over).human()
        ),
    }
}

fn aligned(rows: &[[String; 5]]) -> String {
    // What is said of a host as a whole is no column.
    let columns = rows.iter().filter(|row| !row[2].is_empty());
    let widths: [usize; 5] = std::array::from_fn(|at| {
        let cells = columns.clone().map(|row| row[at].chars().count());
        cells.max().unwrap_or(0)
    });
    let hosts = rows.iter().map(|row| row[0].chars().count()).max();
    let mut text = String::new();
    for [host, modes, memory, cpus, verdict] in rows {
        let host_width = hosts.unwrap_or(0);
        let [_, modes_width, memory_width, cpus_width, _] = widths;
        let line = format!(
            "  {host:host_width$}  {modes:modes_width$}  {memory:memory_width$}  {cpus:cpus_width$}  {verdict}"
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(asked: u64, budget: u64) -> Sum {
        Sum {
            asked,
            before: None,
            budget,
            free: budget.saturating_sub(asked),
            over: asked.saturating_sub(budget),
            not_counted: Vec::new(),
            cuts: Vec::new(),
        }
    }

    fn report() -> Report {
        let amounts = Amounts {
            memory: Some(1 << 30),
            cpus: Some(500),
            reservation: Some(0),
            at_least: [false; 3],
        };
        let row = Row {
            service: "a-page".to_owned(),
            replicas: 1,
            amounts,
        };
        let rows = Rows {
            name: "core".to_owned(),
            count: 1,
            amounts,
            services: vec![row],
        };
        let section = Section {
            modes: vec!["test".to_owned()],
            services: 1,
            fits: true,
            memory: sum(1 << 30, 4 << 30),
            cpus: sum(500, 1000),
            reservation: sum(0, 4 << 30),
            troubles: Vec::new(),
            groups: vec![rows],
        };
        Report {
            host: "nuc".to_owned(),
            fits: true,
            what_if: Vec::new(),
            standings: vec![section],
            other_hosts: Vec::new(),
        }
    }

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        for (amount, whole, expected) in [
            (0, 8, "░░░░"),
            (1, 800, "▏░░░"),
            (1, 8, "▌░░░"),
            (4, 8, "██░░"),
            (7, 8, "███▌"),
            (8, 8, "████"),
            (9, 8, "███>"),
            (0, 0, "░░░░"),
            (1, 0, "███>"),
            (u64::MAX, u64::MAX, "████"),
        ] {
            assert_eq!(bar(amount, whole, 4, '░'), expected, "{amount} of {whole}");
        }
        assert_eq!(bar(1, 0, 0, ' '), ">");
    }

    #[test]
    fn a_percentage_says_whether_it_fits() {
        for (asked, budget, expected) in [
            (0, 0, "-"),
            (1, 0, "over"),
            (999, 1000, "99%"),
            (1000, 1000, "100%"),
            (1001, 1000, "101%"),
            (u64::MAX, 1, "1844674407370955161500%"),
        ] {
            assert_eq!(percent(&sum(asked, budget)), expected);
        }
    }

    #[test]
    fn words_say_what_is_known() {
        let gib = |count: u64| count << 30;
        let mut it = sum(gib(1), gib(4));
        assert_eq!(words::<Memory>(&it), "1 GiB of 4 GiB, 3 GiB free");
        it.before = Some(gib(1));
        assert_eq!(words::<Memory>(&it), "1 GiB of 4 GiB, 3 GiB free");
        it.before = Some(gib(1) + 1);
        assert_eq!(
            words::<Memory>(&it),
            "1073741825 bytes -> 1073741824 bytes of 4 GiB, 3 GiB free"
        );
        it.before = Some(gib(2));
        it.not_counted = vec!["`a`".to_owned()];
        assert_eq!(
            words::<Memory>(&it),
            "at least 2 GiB -> 1 GiB of 4 GiB, at most 3 GiB free"
        );
        assert_eq!(
            words::<Memory>(&sum(gib(4) + 1, gib(4))),
            "4294967297 bytes of 4294967296 bytes, 1 byte over"
        );
        assert_eq!(
            words::<Memory>(&sum(gib(4), gib(4))),
            "4 GiB of 4 GiB, 0 bytes free"
        );
        assert_eq!(words::<Cpus>(&sum(2500, 1500)), "2.5 of 1.5, 1 over");
    }

    #[test]
    fn bars_are_as_long_as_the_width_allows() {
        for width in [0, 1, 20, 40, 60, 80, 100, 200, 400] {
            let text = text(&report(), width);
            let longest = text.lines().map(|line| line.chars().count()).max();
            // Without bars the longest line has 51 columns.
            assert!(longest <= Some(width.max(51)), "{width}:\n{text}");
            assert_eq!(text.contains('█'), width >= 60, "{width}:\n{text}");
            assert!(text.contains("a-page"), "{width}:\n{text}");
        }
    }
}
