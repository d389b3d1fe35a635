//! Sums and rows with their bars: as text that needs no colour and fits the width, as far as the names leave room.

use super::{Amounts, Section, Sum};
use crate::plan::amount::Amount;
use crate::report::plural;
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;

/// The most cells of a bar.
const LONGEST_BAR: usize = 40;
/// A bar of fewer cells says nothing.
const SHORTEST_BAR: usize = 4;

/// The three sums with a bar each: its whole length is the budget.
pub(super) fn sums(section: &Section, width: usize) -> String {
    let lines = [
        ("memory", words::<Memory>(&section.memory), &section.memory),
        ("CPUs", words::<Cpus>(&section.cpus), &section.cpus),
        (
            "reserved",
            words::<Memory>(&section.reservation),
            &section.reservation,
        ),
    ];
    // What takes no bar takes no room from those of others.
    let with_bar = lines.iter().filter(|(_, _, sum)| !sum.is_unknown());
    let longest = with_bar.map(|(_, words, _)| words.len()).max().unwrap_or(0);
    // "  reserved  WORDS  BAR 100%"
    let bar_room = width.saturating_sub("  reserved  ".len() + longest + "   100%".len());
    let mut text = String::new();
    for (name, words, sum) in lines {
        let share = percent(sum);
        let line = match bar_length(bar_room, LONGEST_BAR) {
            _ if sum.is_unknown() => format!("  {name:8}  {words}"),
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
pub(super) fn words<T: Amount>(sum: &Sum) -> String {
    if sum.is_unknown() {
        let budget = T::with_noun(&T::from_units(sum.budget).number());
        return format!("no limit is known, so nothing can be said against {budget}");
    }
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
pub(super) fn percent(sum: &Sum) -> String {
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
pub(super) fn rows(section: &Section, width: usize) -> String {
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
