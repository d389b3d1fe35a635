//! What a mode asks for against its budget, in one line.

use crate::plan::Plan;
use crate::plan::totals::{Totals, totals};

/// `1.5 GiB of 6 GiB memory, 2 of 4 CPUs`; where no limit is known there is nothing to hold against the budget.
pub fn against_budget(plan: &Plan) -> String {
    let mut text = String::new();
    push_of_sums(&mut text, &totals(plan), plan);
    text
}

/// Writes the same of a part of the mode, behind a text.
pub fn push_of_sums(out: &mut String, all: &Totals, plan: &Plan) {
    let (memory, cpus) = (plan.budget.memory, plan.budget.cpus);
    match (all.knows_no_memory(), all.knows_no_cpus()) {
        (false, no_cpus) => {
            out.push_str(if all.complete { "" } else { "at least " });
            all.memory.push_human(out);
            out.push_str(" of ");
            memory.push_human(out);
            out.push_str(" memory, ");
            match no_cpus {
                false => push_cpus(out, all, plan),
                true => out.push_str(&format!("no CPU limit to hold against {cpus} CPUs")),
            }
        }
        (true, false) => {
            let memory = memory.human();
            out.push_str(&format!("no memory limit to hold against {memory}, "));
            push_cpus(out, all, plan);
        }
        (true, true) => {
            let memory = memory.human();
            out.push_str(&format!(
                "no limit to hold against {memory} and {cpus} CPUs"
            ));
        }
    }
}

fn push_cpus(out: &mut String, all: &Totals, plan: &Plan) {
    all.cpus.push_to(out);
    out.push_str(" of ");
    plan.budget.cpus.push_to(out);
    out.push_str(" CPUs");
}
