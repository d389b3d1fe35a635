//! What modes ask for that run at the same time on one host: the plans whose sums and ports are judged together.

use crate::catalog::Catalog;
use crate::plan::{Basis, Plan, PlannedService};
use crate::values::prose::list_quoted;
use crate::values::shown::shown;

/// One plan, or several that run at the same time.
pub struct Together<'p, 's> {
    plans: Vec<&'p Plan<'s>>,
}

impl<'p, 's> Together<'p, 's> {
    /// One plan alone.
    pub fn one(plan: &'p Plan<'s>) -> Self {
        Together { plans: vec![plan] }
    }

    /// The plans of a host that run at once; `None` where no two do.
    pub fn all(plans: &'p [Plan<'s>]) -> Option<Self> {
        let at_once = plans.iter().filter(|plan| plan.concurrent.is_some());
        let plans: Vec<&Plan> = at_once.collect();
        (plans.len() > 1).then_some(Together { plans })
    }

    /// The plans.
    pub fn plans(&self) -> &[&'p Plan<'s>] {
        &self.plans
    }

    /// The first plan: the host and its budget are the same for all.
    pub fn first(&self) -> Option<&'p Plan<'s>> {
        self.plans.first().copied()
    }

    /// Every service with its plan.
    pub fn services(&self) -> impl Iterator<Item = (&'p Plan<'s>, &'p PlannedService<'s>)> + '_ {
        let plans = self.plans.iter().copied();
        plans.flat_map(|plan| plan.services.iter().map(move |service| (plan, service)))
    }

    /// Who asks: "the mode `test`", "the modes `prod` and `test` together"; of Compose files "the project", or "the
    /// project with the profile `debug`".
    pub fn subject(&self) -> String {
        match self.plans.as_slice() {
            [plan] if plan.basis == Basis::Compose => match plan.mode {
                "" => "the project".to_owned(),
                profile => format!("the project with the profile {}", shown(profile)),
            },
            [plan] => format!("the mode {}", shown(plan.mode)),
            plans => {
                let names: Vec<&str> = plans.iter().map(|plan| plan.mode).collect();
                format!("the modes {} together", list_quoted(&names))
            }
        }
    }

    /// "asks for" of one mode is "ask for" of several.
    pub fn verb(&self, of_one: &'static str, of_several: &'static str) -> &'static str {
        match self.plans.len() {
            1 => of_one,
            _ => of_several,
        }
    }

    /// A service as messages name it: with its mode, where there are several.
    pub fn label(&self, plan: &Plan, name: &str) -> String {
        match self.plans.len() {
            1 => shown(name),
            _ => format!("{} of {}", shown(name), shown(plan.mode)),
        }
    }

    /// The names of the modes.
    pub fn modes(&self) -> Vec<String> {
        self.plans.iter().map(|plan| plan.mode.to_owned()).collect()
    }

    /// Whether a mode requires a service or its role.
    pub fn requires(catalog: &Catalog<'s>, plan: &Plan<'s>, service: &PlannedService) -> bool {
        let mode = catalog.modes.get(plan.mode);
        let requires = mode.and_then(|mode| mode.value.requires);
        let names = requires.map_or(&[][..], |requires| requires.items);
        names
            .iter()
            .any(|name| match name.text.strip_prefix("role:") {
                Some(role) => service.role == role.trim(),
                None => plan
                    .service(name.text)
                    .is_some_and(|it| it.name == service.name),
            })
    }
}
