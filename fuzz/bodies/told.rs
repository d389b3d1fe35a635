//! Findings as they are told: whatever they are, every format takes them.

use std::path::PathBuf;

use composegen::finding::Finding;
use composegen::report::base::Base;
use composegen::report::{Style, github, human, json, markdown, sarif};
use composegen::rule::Level;
use composegen::source::Sources;
use serde_json::Value;

/// Terminals as wide as people have them, and as narrow as one may be.
const STYLES: &[Style] = &[
    Style {
        color: false,
        width: 110,
    },
    Style {
        color: true,
        width: 40,
    },
];

/// Tells findings in every format.
pub fn tell(findings: &[Finding], sources: &Sources) {
    for style in STYLES {
        let mut page = Vec::new();
        human::write(&mut page, findings, sources, *style).expect("memory takes every byte");
        assert!(std::str::from_utf8(&page).is_ok(), "the findings are text");
    }
    let base = Base::new(PathBuf::from("."), PathBuf::from("."));
    let text = sarif::findings(findings, sources, &base, 1);
    let log: Value = serde_json::from_str(&text).expect("SARIF is JSON");
    let count = log["runs"][0]["results"].as_array().map(Vec::len);
    assert_eq!(count, Some(findings.len()), "{text}");
    let text = github::findings(findings, sources, &base);
    assert!(text.lines().all(|line| line.starts_with("::")), "{text}");
    let text = markdown::findings("composegen check", findings, sources, 65_000);
    assert!(!text.is_empty());
    let text = json::findings(findings, sources, None);
    let read: Value = serde_json::from_str(&text).expect("the findings are JSON");
    let count = read["findings"].as_array().map(Vec::len);
    assert_eq!(count, Some(findings.len()), "{text}");
}

/// Whether any of them is an error.
pub fn any_error(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.level == Level::Error)
}
