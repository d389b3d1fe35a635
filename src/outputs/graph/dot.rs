//! The graph in Graphviz' language: <https://graphviz.org/doc/info/lang.html>.

use super::{Graph, INK, Node};
use crate::catalog::words::Job;
use crate::compose::deploy::Condition;

/// A whole file for `dot`.
///
/// A service is a box, a job has round ends, those of a job that a person starts are dashed. A drawn-through arrow
/// waits until the other one is healthy, a dashed one until it has run, a dotted one until it has started; each says
/// so. The head of an optional one is hollow.
pub fn text(graph: &Graph) -> String {
    let mut out = String::from("digraph composegen {\n");
    let title = quoted(&graph.title());
    for line in [
        format!(
            "graph [rankdir=LR, labelloc=t, label={title}, fontname=\"sans-serif\", fontcolor=\"{INK}\", bgcolor=\"#ffffff\"]"
        ),
        format!(
            "node [shape=box, style=filled, fontname=\"monospace\", fontsize=11, fontcolor=\"{INK}\"]"
        ),
        format!("edge [fontname=\"sans-serif\", fontsize=9, color=\"{INK}\", fontcolor=\"{INK}\"]"),
    ] {
        out.push_str(&format!("  {line}\n"));
    }
    for (number, group) in graph.groups.iter().enumerate() {
        let (role, stroke) = (quoted(group.role), group.paint.stroke);
        out.push_str(&format!("  subgraph cluster_{number} {{\n"));
        out.push_str(&format!(
            "    graph [label={role}, style=rounded, color=\"{stroke}\"]\n"
        ));
        out.push_str(&format!(
            "    node [fillcolor=\"{}\", color=\"{stroke}\"]\n",
            group.paint.fill
        ));
        for at in group.nodes.clone() {
            out.push_str(&format!("    {}\n", node(&graph.nodes[at])));
        }
        out.push_str("  }\n");
    }
    for edge in &graph.edges {
        let [from, to] = [edge.from, edge.to].map(|at| quoted(graph.nodes[at].name));
        let style = match edge.condition {
            Condition::Healthy => "solid",
            Condition::Completed => "dashed",
            Condition::Started => "dotted",
        };
        let head = if edge.optional { "onormal" } else { "normal" };
        out.push_str(&format!(
            "  {from} -> {to} [label=\"{}\", style={style}, arrowhead={head}]\n",
            edge.label()
        ));
    }
    out.push_str("}\n");
    out
}

fn node(node: &Node) -> String {
    let mut lines = vec![node.name.to_owned()];
    lines.extend(node.note());
    let style = match node.job {
        Job::No => "",
        Job::Awaited => ", style=\"filled,rounded\"",
        Job::Manual => ", style=\"filled,rounded,dashed\"",
    };
    let label: Vec<String> = lines.iter().map(|line| escaped(line)).collect();
    format!(
        "{} [label=\"{}\"{style}]",
        quoted(node.name),
        label.join("\\n")
    )
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// A text between double quotes: there a quote ends it, and a backslash begins an escape of labels such as `\N`.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_inside_of_their_quotes() {
        assert_eq!(quoted("a-b.c"), r#""a-b.c""#);
        assert_eq!(quoted(r#"a"\N"#), r#""a\"\\N""#);
    }
}
