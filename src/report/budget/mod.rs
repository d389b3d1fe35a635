//! What modes ask for against the budget of their host: a report for programs, and as text with bars for people. The
//! text needs no colour and fits the width, as far as the names leave room: where they leave none, there are no bars.
//!
//! | file | what for |
//! |---|---|
//! | `text.rs` | the report for people |
//! | `bars.rs` | sums and rows with their bars |

mod bars;
#[cfg(test)]
mod tests;
mod text;

use serde::Serialize;

use crate::catalog::Catalog;
use crate::plan::Basis;
use crate::plan::account::{Account, Cut, Share};
use crate::plan::amount::Amount;
use crate::plan::standing::{Group, ServiceSums, Standing};
use crate::plan::totals::{Totals, Uncounted};
pub use bars::bar;
pub use text::text;

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

impl Sum {
    /// Whether nobody says how much of it there may be, so that it is neither enough nor too much.
    fn is_unknown(&self) -> bool {
        self.asked == 0 && !self.not_counted.is_empty()
    }
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
            replicas: u32::try_from(row.containers.count).unwrap_or(u32::MAX),
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
