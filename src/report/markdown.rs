//! Findings as Markdown for a comment or a summary: a table to look over, the whole text folded below it.

use bumpalo::Bump;

use super::facts::{Facts, Spot, fact};
use super::groups::{Group, groups};
use super::locate::Trees;
use super::{Style, human, visible};
use crate::finding::Finding;
use crate::outputs::guide::markdown::{Table, code};
use crate::source::Sources;

/// The most bytes of a page: a comment on GitHub holds 65,536 characters.
pub const MOST: usize = 60_000;

/// The page, under a heading that begins with `what`, such as "composegen check"; in at most about so many bytes, of
/// which a third is for the table.
pub fn findings(what: &str, findings: &[Finding], sources: &Sources<'_>, most: usize) -> String {
    let mut page = format!("### {what}: {}\n", human::summary(findings));
    if findings.is_empty() {
        return page;
    }
    let (table, told) = table(findings, sources, most / 3);
    page.push_str(&format!("\n{table}\n"));
    let left = findings.len() - told;
    if left > 0 {
        page.push_str(&format!("\nand {left} more\n"));
    }
    let whole = whole(findings, sources);
    let room = most.saturating_sub(page.len());
    page.push_str(&folded("Where, and what to do", "text", &whole, room));
    page
}

/// The page of a command that could not do its work.
pub fn failure(what: &str, message: &str, help: Option<&str>) -> String {
    let help = help.map_or(String::new(), |help| format!("\n  help: {help}"));
    let text = visible(&format!("error: {message}{help}"));
    let fence = fence(&text);
    format!("### {what}: could not be done\n\n{fence}text\n{text}\n{fence}\n")
}

/// As many rows as there is room for, one at least; and how many findings these tell.
fn table(findings: &[Finding], sources: &Sources<'_>, most: usize) -> (String, usize) {
    let arena = Bump::new();
    let trees = Trees::new(sources, &arena);
    let mut text = String::new();
    let mut table = Table::new(&mut text, &["", "Rule", "Where", "What"]);
    let (mut len, mut told) = (0, 0);
    for group in groups(findings, sources) {
        let facts = fact(group.first, sources, &trees);
        let rule = code(facts.rule.name());
        let level = facts.word().to_owned();
        let row = [level, rule, place(&facts), message(&group, &facts)];
        len += row.iter().map(|cell| cell.len() + 3).sum::<usize>();
        if told > 0 && len > most {
            break;
        }
        told += group.count();
        table.row(&row.each_ref().map(String::as_str));
    }
    table.finish();
    (text, told)
}

fn place(facts: &Facts<'_>) -> String {
    let Some(Spot { file, stretch }) = facts.spot else {
        return String::new();
    };
    code(&visible(&match stretch {
        Some(stretch) => format!("{file}:{}", stretch.line),
        None => file.to_owned(),
    }))
}

fn message(group: &Group<'_>, facts: &Facts<'_>) -> String {
    let help = facts.help.into_iter().flat_map(str::lines).map(str::trim);
    let message = Some(group.message().into_owned());
    let parts = [message, group.named(), human::also(facts.also)];
    let parts = parts.into_iter().flatten().chain(help.map(str::to_owned));
    let parts = parts.chain(human::hides(facts.hides));
    let text: Vec<String> = parts.collect();
    visible(&text.join("; ")).replace('\n', " ")
}

fn whole(findings: &[Finding], sources: &Sources<'_>) -> String {
    let style = Style {
        color: false,
        width: 110,
    };
    let mut text = Vec::new();
    // Writing into memory cannot fail.
    let _ = human::write(&mut text, findings, sources, style);
    String::from_utf8_lossy(&text).into_owned()
}

/// What changes in files as a unified diff, folded; of at most so many bytes.
pub fn folded_change(diff: &str, most: usize) -> String {
    folded("The change, line by line", "diff", diff, most)
}

/// A text as it is, folded below a line; what is longer than `most` bytes is cut at a line.
fn folded(head: &str, language: &str, text: &str, most: usize) -> String {
    let fence = fence(text);
    format!(
        "\n<details>\n<summary>{head}</summary>\n\n{fence}{language}\n{}\n{fence}\n\n</details>\n",
        cut(text, most).trim_end()
    )
}

/// More backticks than the text has in a row, three at least.
fn fence(text: &str) -> String {
    let runs = text.split(|letter| letter != '`').map(str::len);
    "`".repeat(runs.max().unwrap_or(0).max(2) + 1)
}

fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let mut short = String::new();
    for line in text.split_inclusive('\n') {
        if short.len() + line.len() > most {
            break;
        }
        short.push_str(line);
    }
    short.push_str("... the rest is too long to be shown here\n");
    short
}

#[cfg(test)]
mod tests {
    use super::super::samples::{place_of, sources};
    use super::*;
    use crate::rule::Rule;

    #[test]
    fn what_would_break_the_page_is_shown_as_it_is() {
        let sources = sources(&["a: '````|x'\n"]);
        let found = Finding::new(
            Rule::BadName,
            place_of(&sources, 0, "'````|x'"),
            "`a|b` is <b>\nbad|",
        )
        .help("write `c`");
        let expected = "\
### composegen check: 1 error

|  | Rule | Where | What |
|---|---|---|---|
| error | `bad-name` | `catalog/0.yaml:1` | `a\\|b` is &lt;b> bad\\|; write `c` |

<details>
<summary>Where, and what to do</summary>

`````text
error[bad-name]: `a|b` is <b>
  bad|
 --> catalog/0.yaml:1:4  a
  |
1 | a: '````|x'
  |    ^^^^^^^^
  = help: write `c`

1 error
`````

</details>
";
        assert_eq!(
            findings("composegen check", &[found], &sources, MOST),
            expected
        );
        assert_eq!(
            findings("composegen check", &[], &sources, MOST),
            "### composegen check: no findings\n"
        );
    }

    #[test]
    fn a_page_stays_below_what_a_comment_holds() {
        let text = format!("a: {}\n", "x".repeat(3000));
        let sources = sources(&[&text]);
        for message in [200, 5_000] {
            let found = Finding::new(
                Rule::BadName,
                place_of(&sources, 0, "x"),
                "m".repeat(message),
            );
            let page = findings("composegen check", &vec![found; 1000], &sources, MOST);
            assert!(page.len() < 65_536, "{}", page.len());
            assert!(page.contains("\nand 9"), "{page}");
            assert!(
                page.ends_with("... the rest is too long to be shown here\n```\n\n</details>\n")
            );
        }
    }
}
