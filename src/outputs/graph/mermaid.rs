//! The graph as a Mermaid flowchart, in the plain syntax that GitHub renders:
//! <https://mermaid.js.org/syntax/flowchart.html>.

use std::collections::BTreeSet;

use super::{Graph, INK, Node};
use crate::catalog::words::Job;
use crate::compose::deploy::Condition;

/// The flowchart, without the fence of a Markdown block.
///
/// A service is a box, a job has round ends, a job that a person starts has a double border at its sides. A thin arrow
/// waits until the other one is healthy, a thick one until it has run, a dotted one until it has started; each says so.
pub fn text(graph: &Graph) -> String {
    let roles = ids("r_", graph.groups.iter().map(|group| group.role));
    let services = ids("s_", graph.nodes.iter().map(|node| node.name));
    let mut out = String::from("flowchart LR\n");
    for (group, role) in graph.groups.iter().zip(&roles) {
        out.push_str(&format!("  subgraph {role}[\"{}\"]\n", escaped(group.role)));
        for at in group.nodes.clone() {
            out.push_str(&format!("    {}\n", node(&services[at], &graph.nodes[at])));
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
        out.push_str(&format!("  {from} {arrow}|{}| {to}\n", edge.label()));
    }
    colours(graph, &roles, &services, &mut out);
    out
}

/// Classes for the boxes; the frames stay clear, so that their titles stand on the page's own background.
fn colours(graph: &Graph, roles: &[String], services: &[String], out: &mut String) {
    for (group, role) in graph.groups.iter().zip(roles) {
        let (fill, stroke) = (group.paint.fill, group.paint.stroke);
        out.push_str(&format!(
            "  classDef c_{role} fill:{fill},stroke:{stroke},color:{INK}\n"
        ));
        out.push_str(&format!(
            "  class {} c_{role}\n",
            services[group.nodes.clone()].join(",")
        ));
        out.push_str(&format!(
            "  style {role} fill:transparent,stroke:{stroke}\n"
        ));
    }
}

fn node(id: &str, node: &Node) -> String {
    let mut label = escaped(node.name);
    if let Some(note) = node.note() {
        label.push_str("<br/>");
        label.push_str(&escaped(&note));
    }
    match node.job {
        Job::No => format!("{id}[\"{label}\"]"),
        Job::Awaited => format!("{id}([\"{label}\"])"),
        Job::Manual => format!("{id}[[\"{label}\"]]"),
    }
}

/// A name for each, of letters, digits and `_`, no two the same. With the prefix none is a word of Mermaid's, such as `end`.
fn ids<'n>(prefix: &str, names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    names
        .map(|name| {
            let slug: String = name.chars().map(plain).collect();
            let base = format!("{prefix}{slug}");
            let numbered = (2..).map(|number| format!("{base}_{number}"));
            let mut all = std::iter::once(base.clone()).chain(numbered);
            let id = all.find(|id| !taken.contains(id)).unwrap_or_default();
            taken.insert(id.clone());
            id
        })
        .collect()
}

/// A text between quotes: whatever Mermaid, Markdown or HTML would take for more than a letter becomes its number. A
/// sign between two letters or digits is none of that.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let inside = word(before) && word(rest.peek().copied());
        match c {
            _ if c.is_alphanumeric() => out.push(c),
            ' ' | ',' | ':' | '/' => out.push(c),
            '-' | '_' | '.' if inside => out.push(c),
            _ => out.push_str(&format!("#{};", u32::from(c))),
        }
        before = Some(c);
    }
    out
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
            assert_eq!(escaped(text), expected);
        }
    }
}
