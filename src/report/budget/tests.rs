//! Bars and words of a budget.

use super::bars::{percent, words};
use super::*;
use crate::values::cpus::Cpus;
use crate::values::memory::Memory;

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
    let mut unknown = sum(0, gib(8));
    unknown.not_counted = vec!["`a`".to_owned()];
    assert_eq!(
        words::<Memory>(&unknown),
        "no limit is known, so nothing can be said against 8 GiB of memory"
    );
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
