//! The graph as a Mermaid flowchart, in the plain syntax that GitHub renders:
//! <https://mermaid.js.org/syntax/flowchart.html>.

use rustc_hash::FxHashSet;

use super::{Graph, INK, Node};
use crate::catalog::words::Job;
use crate::compose::deploy::Condition;

/// The flowchart, without the fence of a Markdown block.
///
/// A service is a box, a job has round ends, a job that a person starts has a double border at its sides. A thin arrow
/// waits until the other one is healthy, a thick one until it has run, a dotted one until it has started; each says so.
pub fn text(graph: &Graph) -> String {
    let mut out = String::new();
    push(&mut out, graph);
    out
}

/// Writes the flowchart behind a text.
pub fn push(out: &mut String, graph: &Graph) {
    let roles = ids("r_", graph.groups.iter().map(|group| group.role));
    let services = ids("s_", graph.nodes.iter().map(|node| node.name));
    let mut note = String::new();
    out.push_str("flowchart LR\n");
    for (group, role) in graph.groups.iter().zip(&roles) {
        push_all(out, &["  subgraph ", role, "[\""]);
        push_escaped(out, group.role);
        out.push_str("\"]\n");
        for at in group.nodes.clone() {
            push_node(out, &services[at], &graph.nodes[at], &mut note);
        }
        out.push_str("  end\n");
    }
    for edge in &graph.edges {
        let arrow = match edge.condition {
            Condition::Healthy => "-->",
            Condition::Completed => "==>",
            Condition::Started => "-.->",
        };
        let (from, to) = (&services[edge.from], &services[edge.to]);
        push_all(
            out,
            &["  ", from, " ", arrow, "|", edge.label(), "| ", to, "\n"],
        );
    }
    colours(graph, &roles, &services, out);
}

#[inline(never)]
fn push_all(out: &mut String, parts: &[&str]) {
    parts.iter().for_each(|part| out.push_str(part));
}

/// Classes for the boxes; the frames stay clear, so that their titles stand on the page's own background.
fn colours(graph: &Graph, roles: &[String], services: &[String], out: &mut String) {
    for (group, role) in graph.groups.iter().zip(roles) {
        let (fill, stroke) = (group.paint.fill, group.paint.stroke);
        push_all(
            out,
            &[
                "  classDef c_",
                role,
                " fill:",
                fill,
                ",stroke:",
                stroke,
                ",color:",
                INK,
                "\n",
            ],
        );
        out.push_str("  class ");
        for (at, service) in services[group.nodes.clone()].iter().enumerate() {
            push_all(out, &[if at > 0 { "," } else { "" }, service]);
        }
        push_all(out, &[" c_", role, "\n"]);
        push_all(
            out,
            &["  style ", role, " fill:transparent,stroke:", stroke, "\n"],
        );
    }
}

fn push_node(out: &mut String, id: &str, node: &Node, note: &mut String) {
    let (open, close) = match node.job {
        Job::No => ("[\"", "\"]\n"),
        Job::Awaited => ("([\"", "\"])\n"),
        Job::Manual => ("[[\"", "\"]]\n"),
    };
    push_all(out, &["    ", id, open]);
    push_escaped(out, node.name);
    note.clear();
    node.push_note(note);
    if !note.is_empty() {
        out.push_str("<br/>");
        push_escaped(out, note);
    }
    out.push_str(close);
}

/// A name for each, of letters, digits and `_`, no two the same. With the prefix none is a word of Mermaid's, such as `end`.
fn ids<'n>(prefix: &str, names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let mut ids: Vec<String> = names.map(|name| plain_id(prefix, name)).collect();
    let mut taken: FxHashSet<&str> = FxHashSet::default();
    if !ids.iter().all(|id| taken.insert(id)) {
        number_twins(&mut ids);
    }
    ids
}

fn plain_id(prefix: &str, name: &str) -> String {
    let mut id = String::with_capacity(prefix.len() + name.len());
    id.push_str(prefix);
    for (at, part) in name.split(|c: char| !c.is_ascii_alphanumeric()).enumerate() {
        id.push_str(if at > 0 { "_" } else { "" });
        id.push_str(part);
    }
    id
}

/// Gives every name that was taken before the next number that makes it one of its own.
fn number_twins(ids: &mut [String]) {
    let mut taken = FxHashSet::default();
    for id in ids {
        if taken.contains(id) {
            let mut numbered = (2..).map(|number| format!("{id}_{number}"));
            *id = numbered.find(|id| !taken.contains(id)).unwrap_or_default();
        }
        taken.insert(id.clone());
    }
}

/// Writes a text between quotes: whatever Mermaid, Markdown or HTML would take for more than a letter becomes its
/// number. A sign between two letters or digits is none of that.
fn push_escaped(out: &mut String, text: &str) {
    let bytes = text.as_bytes();
    let is_word = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let mut from = 0;
    for (at, c) in text.char_indices() {
        let is_plain = match c {
            ' ' | ',' | ':' | '/' => true,
            '-' | '_' | '.' => at > 0 && is_word(at - 1) && is_word(at + 1),
            _ => c.is_alphanumeric(),
        };
        if !is_plain {
            push_all(out, &[&text[from..at], "#", &u32::from(c).to_string(), ";"]);
            from = at + c.len_utf8();
        }
    }
    out.push_str(&text[from..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_plain_and_no_two_are_the_same() {
        let names = ["end", "a-b", "a.b", "a_b", "a-b-2", "o", "1"];
        assert_eq!(
            ids("s_", names.into_iter()),
            [
                "s_end",
                "s_a_b",
                "s_a_b_2",
                "s_a_b_3",
                "s_a_b_2_2",
                "s_o",
                "s_1"
            ]
        );
    }

    #[test]
    fn signs_are_numbers_unless_they_stand_in_a_word() {
        for (text, expected) in [
            ("weather-api", "weather-api"),
            ("smart_meter.v2", "smart_meter.v2"),
            ("__a__", "#95;#95;a#95;#95;"),
            ("1.", "1#46;"),
            ("-", "#45;"),
            ("a\"]<b>&`", "a#34;#93;#60;b#62;#38;#96;"),
            ("[::1]:80:80", "#91;::1#93;:80:80"),
        ] {
            let mut out = String::new();
            push_escaped(&mut out, text);
            assert_eq!(out, expected);
        }
    }
}
