//! What holds for every budget: trying what is there already changes nothing, and every cut that is named is enough.

use std::fmt::Write;

use bumpalo::Bump;
use composegen::catalog::words::Reservation;
use composegen::finding::Findings;
use composegen::pipeline::{Loaded, load};
use composegen::plan::account::{Account, Cut, Share};
use composegen::plan::amount::Amount as Units;
use composegen::plan::build::plans;
use composegen::plan::standing::Standing;
use composegen::plan::together::Together;
use composegen::plan::totals::totals;
use composegen::plan::what_if::{Amount, Change};
use composegen::plan::{Basis, Plan};
use composegen::source::Sources;
use composegen::values::cpus::Cpus;
use composegen::values::memory::Memory;
use proptest::prelude::*;

/// A service as it is drawn: memory in MiB, thousandths of a CPU, replicas, the share that is reserved, and whether
/// the next one waits for it.
type Drawn = (u64, u32, u32, Option<u8>, bool);

fn drawn() -> impl Strategy<Value = Vec<Drawn>> {
    let service = (
        12..4096_u64,
        20..4000_u32,
        0..4_u32,
        prop::option::of(1..=100_u8),
        any::<bool>(),
    );
    prop::collection::vec(service, 1..12)
}

fn catalog(services: &[Drawn]) -> String {
    let mut text = "project: demo\nhosts: { nuc: { memory: 64GiB, cpus: 64 } }\n\
                    modes: { test: { class: test } }\nservices:\n"
        .to_owned();
    for (number, (mib, cpus, replicas, share, _)) in services.iter().enumerate() {
        let cpus = Cpus::from_thousandths(*cpus);
        let share = share.map_or(String::new(), |share| format!(", reservation: {share}%"));
        let _ = write!(
            text,
            "  s{number}: {{ role: core, image: nginx, memory: {{ limit: {mib}M{share} }}, cpus: {cpus}, \
             deploy: {{ replicas: {replicas} }}, healthcheck: image"
        );
        let waits = number > 0 && services[number - 1].4;
        let _ = match waits {
            true => writeln!(text, ", depends_on: [s{}] }}", number - 1),
            false => writeln!(text, " }}"),
        };
    }
    text
}

/// A catalog, from which a plan can be made again and again.
struct Setting<'a, 's> {
    loaded: &'a Loaded<'s>,
    arena: &'s Bump,
    /// How much of what is asked for the host has, in percent.
    percent: u64,
}

impl<'s> Setting<'_, 's> {
    fn plan(&self) -> Plan<'s> {
        let mut all = plans(&self.loaded.catalog, "nuc", self.arena, &Findings::new());
        let mut plan = all.pop().unwrap();
        let sums = totals(&plan);
        let part = |units: u64| units * self.percent / 100;
        plan.budget.memory = Memory::from_bytes(part(sums.memory.bytes()));
        plan.budget.reservations = Memory::from_bytes(part(sums.reservation.bytes()));
        plan.budget.cpus = Cpus::from_units(part(sums.cpus.units()));
        plan
    }

    /// Looks at every cut that an account names.
    fn try_cuts<T: Units>(
        &self,
        account: impl Fn(&Standing) -> Account<T>,
        amount: impl Fn(T) -> Amount,
    ) {
        let plan = self.plan();
        let standing = Standing::of(Together::one(&plan)).unwrap();
        let it = account(&standing);
        let shares = it.shares(&standing.asking);
        for cut in it.cuts(&shares, &self.loaded.catalog, &standing.asking, usize::MAX) {
            let mut plan = self.plan();
            cut_down(&mut plan, &cut, &amount);
            let after = account(&Standing::of(Together::one(&plan)).unwrap());
            assert_eq!(after.excess(), 0, "{}", cut.sentence(&it, Basis::Catalog));
        }
    }
}

fn cut_down<T: Units>(plan: &mut Plan, cut: &Cut<T>, amount: impl Fn(T) -> Amount) {
    let mut change = |share: &Share<T>, to: T| {
        let change = Change {
            service: &share.service,
            to: amount(to),
        };
        assert_eq!(change.apply(std::slice::from_mut(plan)).len(), 1);
    };
    match cut {
        Cut::Lower(share, to) => {
            assert!(*to < share.each.value);
            change(share, *to);
        }
        Cut::Halve(shares) => {
            let half = |share: &Share<T>| T::from_units(share.each.value.units() / 2);
            shares.iter().for_each(|share| change(share, half(share)));
        }
        Cut::Without(shares) => {
            let is_cut = |name: &str| shares.iter().any(|share| share.service == name);
            plan.services.retain(|service| !is_cut(service.name));
        }
    }
}

/// What is there, as `--what-if` takes it.
fn as_it_is(plan: &Plan) -> Vec<String> {
    let mut texts = Vec::new();
    for service in &plan.services {
        let (name, limits) = (service.name, &service.limits);
        texts.extend(
            limits
                .memory
                .limit
                .map(|it| format!("{name}.memory={}", it.value)),
        );
        texts.extend(
            limits
                .cpus
                .limit
                .map(|it| format!("{name}.cpus={}", it.value)),
        );
        let kept = limits.memory.reservation;
        texts.extend(kept.map(|it| format!("{name}.memory.reservation={}", it.value)));
    }
    texts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn trying_what_is_there_changes_nothing(services in drawn()) {
        let (text, arena) = (catalog(&services), Bump::new());
        let sources = Sources::of_texts(&[("catalog.yaml", &text)], &arena);
        let loaded = load(&sources, &arena);
        let mut plans = plans(&loaded.catalog, "nuc", &arena, &loaded.findings);
        prop_assert_eq!(loaded.findings.errors(), 0);
        let before = totals(&plans[0]);
        for text in as_it_is(&plans[0]) {
            let change = Change::parse(&text, |name| loaded.catalog.services.contains_key(name));
            prop_assert_eq!(change.unwrap().apply(&mut plans).len(), 1);
            prop_assert_eq!(totals(&plans[0]), before, "{}", text);
        }
    }

    #[test]
    fn every_cut_that_is_named_is_enough(services in drawn(), percent in 1..130_u64) {
        let (text, arena) = (catalog(&services), Bump::new());
        let sources = Sources::of_texts(&[("catalog.yaml", &text)], &arena);
        let loaded = load(&sources, &arena);
        let setting = Setting { loaded: &loaded, arena: &arena, percent };
        setting.try_cuts(|it| it.memory(), Amount::Memory);
        setting.try_cuts(|it| it.cpus(), Amount::Cpus);
        let exactly = |kept| Amount::Reservation(Reservation::Exactly(kept));
        setting.try_cuts(|it| it.reservations(), exactly);
    }
}
