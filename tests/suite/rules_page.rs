//! `docs/rules.md` is made from the table of rules and their pages: `BLESS=1` writes it, and a test holds it current.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use composegen::rule::{Given, Rule, RuleInfo, Validate};

/// What stands above the table.
const HEAD: &str = "\
# The rules

This page is made from the table of rules: `make bless` writes it. `composegen explain` lists the same in a terminal,
`composegen explain RULE` shows one of them.

*Catalog*: nothing is written while there is an **error**; a **warning** is told. *Waiver*: whether `waive` lifts it,
with a reason ([how](catalog.md#waivers)). *Compose file*: what it means where such a file was not made from a catalog.
**invalid**: Compose refuses it, now or at start; **broken**: it loads, and then fails or does something else;
**policy**: a matter of opinion, off unless asked for; where options stand there, they have to say what it is judged by.
The Compose files of a catalog pass all of them that no waiver lifts; other ones are judged by `composegen validate`
([how](validate.md)). Of a rule that is not sure of what it found there, that one finding is policy.

| rule | catalog | waiver | Compose file | what is wrong |
|---|---|---|---|---|
";

fn page() -> String {
    let mut text = HEAD.to_owned();
    for rule in Rule::ALL {
        text.push_str(&row(rule.info()));
    }
    for rule in Rule::ALL {
        text.push('\n');
        text.push_str(&section(rule.info()));
    }
    text
}

fn row(info: &RuleInfo) -> String {
    let waiver = match info.waivable {
        true => "with a reason",
        false => "-",
    };
    let (name, level) = (info.name, info.level.word());
    let (compose, summary) = (compose_file(info.validate), cell(&info.summary()));
    format!("| [{name}](#{name}) | {level} | {waiver} | {compose} | {summary} |\n")
}

/// A text in a table: a bar in it would begin the next cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn compose_file(validate: Validate) -> String {
    match validate {
        Validate::Never => "-".to_owned(),
        Validate::Always(weight) => weight.word().to_owned(),
        Validate::Where(given, weight, otherwise) => {
            let rest =
                otherwise.map_or(String::new(), |weight| format!(", else {}", weight.word()));
            format!("{} with {}{rest}", weight.word(), options(given))
        }
    }
}

fn options(given: Given) -> String {
    let options = given.options().iter().map(|option| format!("`{option}`"));
    options.collect::<Vec<_>>().join(" and ")
}

/// A page one heading lower; what is indented there is a block of code, and stays one.
fn section(info: &RuleInfo) -> String {
    let mut text = String::new();
    for line in info.page.lines() {
        let _ = match line.strip_prefix('#') {
            Some(_) => writeln!(text, "#{line}\n"),
            None => writeln!(text, "{line}"),
        };
    }
    text
}

#[test]
fn the_page_of_rules_is_as_kept() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let made = page();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&file, &made).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == made,
        "docs/rules.md is not what the table of rules gives: `make bless` writes it"
    );
}

#[test]
fn the_text_of_a_page_is_eighty_columns_wide_at_most() {
    for rule in Rule::ALL {
        let info = rule.info();
        let is_text = |line: &&str| !line.starts_with("    ");
        for line in info.page.lines().filter(is_text) {
            assert!(line.chars().count() <= 80, "{}: {line}", info.name);
        }
    }
}

#[test]
fn a_page_ends_with_what_the_table_says_of_waivers() {
    for rule in Rule::ALL {
        let info = rule.info();
        let last = info.page.split("## Waiver\n").nth(1).unwrap_or_default();
        let refuses = last.starts_with("Cannot be waived");
        assert_eq!(refuses, !info.waivable, "{}: {last}", info.name);
    }
}
