//! `composegen explain`: the page of a rule, or all rules.

use serde::Serialize;

use super::{Exit, Result, terminal::Terminal, unknown};
use crate::cli::Format;
use crate::rule::{Rule, RuleInfo};

#[derive(Serialize)]
struct Row {
    rule: &'static str,
    level: &'static str,
    waivable: bool,
    summary: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<&'static str>,
}

fn row(info: &RuleInfo, with_page: bool) -> Row {
    Row {
        rule: info.name,
        level: info.level.word(),
        waivable: info.waivable,
        summary: info.summary(),
        page: with_page.then_some(info.page),
    }
}

/// Explains.
pub fn run(rule: Option<&str>, format: Format, terminal: &mut Terminal) -> Result {
    let Some(name) = rule else {
        all(format, terminal);
        return Ok(Exit::Fine);
    };
    let Some(rule) = Rule::named(name) else {
        let names = Rule::ALL.iter().map(|rule| rule.name());
        let mut failure = unknown("rule", name, names);
        let list = || "`composegen explain` lists all rules".to_owned();
        failure.help = failure.help.or_else(|| Some(list()));
        return Err(failure);
    };
    match format {
        Format::Human => terminal.data(rule.info().page),
        Format::Json => terminal.json(&row(rule.info(), true)),
    }
    Ok(Exit::Fine)
}

fn all(format: Format, terminal: &mut Terminal) {
    if format == Format::Json {
        let rows: Vec<Row> = Rule::ALL
            .iter()
            .map(|rule| row(rule.info(), false))
            .collect();
        return terminal.json(&rows);
    }
    let width = Rule::ALL
        .iter()
        .map(|rule| rule.name().len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for rule in Rule::ALL {
        let info = rule.info();
        text.push_str(&format!(
            "{:width$}  {:7}  {}\n",
            info.name,
            info.level.word(),
            info.summary()
        ));
    }
    terminal.data(&text);
}
