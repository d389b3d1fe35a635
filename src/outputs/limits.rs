//! What a mode asks for against its budget, in one line.

use crate::plan::Plan;
use crate::plan::totals::{Totals, totals};

/// `1.5 GiB of 6 GiB memory, 2 of 4 CPUs`; where no limit is known there is nothing to hold against the budget.
pub fn against_budget(plan: &Plan) -> String {
    of_sums(&totals(plan), plan)
}

/// The same of a part of the mode.
pub fn of_sums(all: &Totals, plan: &Plan) -> String {
    let (memory, cpus) = (plan.budget.memory.human(), plan.budget.cpus);
    let least = if all.complete { "" } else { "at least " };
    let of_memory = format!("{least}{} of {memory} memory", all.memory.human());
    let of_cpus = format!("{} of {cpus} CPUs", all.cpus);
    match (all.knows_no_memory(), all.knows_no_cpus()) {
        (false, false) => format!("{of_memory}, {of_cpus}"),
        (true, false) => format!("no memory limit to hold against {memory}, {of_cpus}"),
        (false, true) => format!("{of_memory}, no CPU limit to hold against {cpus} CPUs"),
        (true, true) => format!("no limit to hold against {memory} and {cpus} CPUs"),
    }
}
