//! What people read of findings, whole.

use proptest::prelude::*;

use super::super::samples::{place_of, sources};
use super::lines::{BLUE, BOLD, GREEN, RED, YELLOW};
use super::*;
use crate::rule::Rule;

const PLAIN: Style = Style {
    color: false,
    width: 80,
};

fn text_of(findings: &[Finding], sources: &Sources<'_>, style: Style) -> String {
    let mut out = Vec::new();
    write(&mut out, findings, sources, style).expect("a vector takes all");
    String::from_utf8(out).expect("text")
}

/// The excerpt of one finding at `part`: the source line and the one with the carets.
#[track_caller]
fn excerpt_at<T: AsRef<[u8]> + ?Sized>(rule: Rule, text: &T, part: &str, width: usize) -> String {
    let sources = sources(&[text]);
    excerpt_in(rule, &sources, place_of(&sources, 0, part), width)
}

fn excerpt_in(rule: Rule, sources: &Sources<'_>, place: Place, width: usize) -> String {
    let finding = Finding::new(rule, place, "message");
    let text = text_of(
        &[finding],
        sources,
        Style {
            color: false,
            width,
        },
    );
    let lines: Vec<&str> = text.lines().collect();
    lines[3..5].join("\n")
}

#[track_caller]
fn assert_excerpt(text: &str, part: &str, expected: [&str; 2]) {
    assert_eq!(
        excerpt_at(Rule::BadPort, text, part, 80),
        expected.join("\n")
    );
}

#[test]
fn a_finding_with_all_its_parts() {
    let filler = "#\n".repeat(8);
    let text = format!(
        "services:\n  core:\n    ports: [\"8018:80\"]\n{filler}  ner-service:\n    ports: [\"8018:8018\"]\n"
    );
    let sources = sources(&[&text]);
    let message = "`ner-service` and `core` both publish the host's port 8018 in the mode `prod`";
    let mut finding = Finding::new(
        Rule::PortConflict,
        place_of(&sources, 0, "\"8018:8018\""),
        message,
    )
    .second(place_of(&sources, 0, "\"8018:80\""), "first published here")
    .help("give one of them another port\nor another mode");
    finding.way = Some("from fragment `app`, catalog/core.yaml:31".to_owned());
    finding.modes = vec!["test".to_owned(), "prod".to_owned()];
    let random =
        Finding::new(Rule::PortRandom, Place::NOWHERE, "a port has no host port").mode("prod");
    let expected = "\
error[port-conflict]: `ner-service` and `core` both publish the host's port 8018 in the mode `prod`
  --> catalog/0.yaml:13:13  services.ner-service.ports[0]
   |
13 |     ports: [\"8018:8018\"]
   |             ^^^^^^^^^^^
   |
  ::: catalog/0.yaml:3:13
   |
 3 |     ports: [\"8018:80\"]
   |             --------- first published here
   = came: from fragment `app`, catalog/core.yaml:31
   = help: give one of them another port
           or another mode
   = in the modes `test` and `prod`

warning[port-random]: a port has no host port
  = in the mode `prod`

1 error and 1 warning
";
    assert_eq!(text_of(&[finding, random], &sources, PLAIN), expected);
}

#[test]
fn colours_only_on_request() {
    let sources = sources(&["a: b\n"]);
    let finding = Finding::new(Rule::PortRandom, place_of(&sources, 0, "b"), "message")
        .second(place_of(&sources, 0, "a"), "label")
        .help("advice");
    let expected = "\
<1;33>warning[port-random]</>: <1>message</>
 <34>--></> catalog/0.yaml:1:4  a
  <34>|</>
<34>1 |</> a: b
  <34>|</>    <1;33>^</>
  <34>|</>
 <34>:::</> catalog/0.yaml:1:1
  <34>|</>
<34>1 |</> a: b
  <34>|</> <34>- label</>
  <34>=</> <32>help</>: advice

1 warning
";
    let style = Style {
        color: true,
        ..PLAIN
    };
    let mut shown = text_of(&[finding], &sources, style).replace("\u{1b}[0m", "</>");
    for code in [RED, YELLOW, BLUE, GREEN, BOLD] {
        shown = shown.replace(&format!("\u{1b}[{code}m"), &format!("<{code}>"));
    }
    assert_eq!(shown, expected);
}

#[test]
fn summaries_count_in_words() {
    let error = Finding::new(Rule::BadPort, Place::NOWHERE, "e");
    let warning = error.clone().warning();
    let all = [error.clone(), error, warning];
    assert_eq!(summary(&[]), "no findings");
    assert_eq!(summary(&all[..1]), "1 error");
    assert_eq!(summary(&all[2..]), "1 warning");
    assert_eq!(summary(&all), "2 errors and 1 warning");
}

#[test]
fn nothing_found_is_one_line() {
    assert_eq!(text_of(&[], &sources::<str>(&[]), PLAIN), "no findings\n");
}

#[test]
fn modes_are_told_unless_the_message_names_them() {
    let prod = ["prod".to_owned()];
    assert_eq!(modes(&prod, "bad in `prod`"), None);
    assert_eq!(
        modes(&prod, "bad in production").as_deref(),
        Some("in the mode `prod`")
    );
    assert_eq!(modes(&[], "bad"), None);
}

#[test]
fn carets_count_what_a_terminal_shows() {
    assert_excerpt("a: b\n", "b", ["1 | a: b", "  |    ^"]);
    assert_excerpt("a:\tb\t# c\n", "b", ["1 | a:    b    # c", "  |       ^"]);
    assert_excerpt(
        "日本: 大きい\n",
        "大きい",
        ["1 | 日本: 大きい", "  |       ^^^^^^"],
    );
    assert_excerpt(
        "e\u{301}a\u{308}: xy\n",
        "xy",
        ["1 | e\u{301}a\u{308}: xy", "  |     ^^"],
    );
    assert_excerpt(
        "a: \u{1b}[31mb\n",
        "[31m",
        ["1 | a: \\u{1b}[31mb", "  |          ^^^^"],
    );
    assert_excerpt(
        "a: \u{202e}b c\n",
        "\u{202e}",
        ["1 | a: \\u{202e}b c", "  |    ^^^^^^^^"],
    );
    assert_excerpt(
        "a: x\u{200b}y b\n",
        "b",
        ["1 | a: x\\u{200b}y b", "  |               ^"],
    );
}

#[test]
fn line_ends_and_byte_order_marks_are_not_shown() {
    assert_excerpt("\u{feff}a: b\r\nc: d\r\n", "a", ["1 | a: b", "  | ^"]);
    assert_excerpt("\u{feff}a: b\r\nc: d\r\n", "d", ["2 | c: d", "  |    ^"]);
    assert_excerpt("\u{feff}a: b\r\n", "\u{feff}", ["1 | a: b", "  | ^"]);
    assert_excerpt("a: b\r\n\r\n", "\r\n\r", ["1 | a: b", "  |     ^"]);
    assert_excerpt("a: b\rc\n", "c", ["1 | a: b\\u{d}c", "  |          ^"]);
}

#[test]
fn a_stretch_is_underlined_to_the_end_of_its_first_line() {
    assert_excerpt(
        "a:\n  b: 1\n  c: 2\n",
        "b: 1\n  c: 2",
        ["2 |   b: 1", "  |   ^^^^"],
    );
    let text = "a:\n  b: 1\n";
    let sources = sources(&[text]);
    let at = |start, len| {
        excerpt_in(
            Rule::BadPort,
            &sources,
            Place {
                file: 0,
                len,
                start,
            },
            80,
        )
    };
    assert_eq!(at(5, u16::MAX), "2 |   b: 1\n  |   ^^^^");
    assert_eq!(at(5, 0), "2 |   b: 1\n  |   ^");
    assert_eq!(at(2, 1), "1 | a:\n  |   ^");
    assert_eq!(at(10, 0), "3 |\n  | ^");
    assert_eq!(at(99, 5), "3 |\n  | ^");
}

#[test]
fn bytes_that_are_no_text_are_written_out() {
    let sources = sources(&[b"a: b\n\xc3\xa4: \xff \xe2\x82 c\n"]);
    let place = Place {
        file: 0,
        len: 1,
        start: 9,
    };
    assert_eq!(
        excerpt_in(Rule::YamlSyntax, &sources, place, 80),
        "2 | ä: \\xff \\xe2\\x82 c\n  |    ^^^^"
    );
}

#[test]
fn long_lines_are_cut_around_the_carets() {
    let digits = "0123456789".repeat(4);
    let text = format!("{digits}<here>{digits}\n");
    let at = |part: &str, width| excerpt_at(Rule::BadPort, &text, part, width);
    assert_eq!(
        at("0123", 34),
        "1 | 01234567890123456789012345678…\n  | ^^^^"
    );
    assert_eq!(
        at("<here>", 34),
        "1 | …890123456789<here>0123456789…\n  |              ^^^^^^"
    );
    assert_eq!(
        at("<here>", 0),
        "1 | …3456789<here>01234…\n  |         ^^^^^^"
    );
}

#[test]
fn a_cut_keeps_wide_characters_whole_and_wastes_no_room() {
    let text = format!("{}here\n", "日".repeat(40));
    let at = |part: &str, width| excerpt_at(Rule::BadPort, &text, part, width);
    assert_eq!(
        at("here", 24),
        "1 | …日日日日日日日here\n  |                ^^^^"
    );
    assert_eq!(
        at("日h", 24),
        "1 | …日日日日日日日here\n  |              ^^^"
    );
    let text = format!("a: {}\n", "x".repeat(100));
    let all = excerpt_at(Rule::BadPort, &text, &"x".repeat(100), 30);
    assert_eq!(
        all,
        format!("1 | a: {}…\n  |    {}", "x".repeat(22), "^".repeat(22))
    );
}

#[test]
fn very_long_lines_are_looked_at_in_part() {
    let text = format!("{}here{}\n", "x".repeat(9000), "ü".repeat(9000));
    let at = |width| excerpt_at(Rule::BadPort, &text, "here", width);
    assert_eq!(
        at(30),
        "1 | …xxxxxxxxxxxhereüüüüüüüüü…\n  |             ^^^^"
    );
    assert_eq!(
        at(usize::MAX).chars().filter(|shown| *shown == '…').count(),
        2
    );
}

#[track_caller]
fn assert_masked(text: &str, part: &str, expected: [&str; 2]) {
    assert_eq!(
        excerpt_at(Rule::SecretLiteral, text, part, 80),
        expected.join("\n")
    );
}

#[test]
fn excerpts_about_secrets_do_not_show_them() {
    let masked = ["1 | KEY: ***  # why", "  |      ^^^"];
    assert_masked("KEY: \"hidden word\"  # why\n", "\"hidden word\"", masked);
    assert_masked("KEY: \"hidden word\"  # why\n", "word", masked);
    assert_masked("KEY: hidden word  # why\n", "hidden", masked);
    assert_masked(
        "KEY: hidden word  # why\n",
        "KEY",
        ["1 | KEY: ***  # why", "  | ^^^"],
    );
    assert_masked("KEY: hidden\n", "KEY: hidden", ["1 | ***", "  | ^^^"]);
    assert_masked(
        "a: [K=hidden, L=plain]\n",
        "K=hidden",
        ["1 | a: [***, L=plain]", "  |     ^^^"],
    );
    assert_masked(
        "a: [K=日本, L=plain]\n",
        "本",
        ["1 | a: [***, L=plain]", "  |     ^^^"],
    );
    assert_masked(
        "url: http://u:hidden@h/p\n",
        "hidden",
        ["1 | url: ***", "  |      ^^^"],
    );
    assert_masked(
        "v: {secret: true, default: x}\n",
        "{secret: true, default: x}",
        ["1 | v: ***", "  |    ^^^"],
    );
    assert_masked("KEY:\n", "KEY", ["1 | KEY:", "  | ^^^"]);
}

#[test]
fn secrets_over_several_lines_are_hidden_on_each() {
    assert_masked(
        "KEY: |\n  hidden\n  words\nb: c\n",
        "words",
        ["3 | ***", "  | ^^^"],
    );
    assert_masked(
        "KEY: 'hidden\n  words' # why\nb: c\n",
        "'hidden",
        ["1 | KEY: ***", "  |      ^^^"],
    );
    assert_masked(
        "KEY: 'hidden\n  words' # why\nb: c\n",
        "words",
        ["2 | *** # why", "  | ^^^"],
    );
}

#[test]
fn a_line_of_a_file_that_cannot_be_parsed_is_hidden_whole() {
    assert_masked(
        "  KEY: hidden 'word\n b: [\n",
        "hidden",
        ["1 |   ***", "  |   ^^^"],
    );
}

#[test]
fn secrets_are_hidden_from_the_excerpts_of_other_findings() {
    let sources = sources(&[
        "K: &k hidden # note\nL: *k\nM: [*k, other]\n",
        "K: hidden\n",
    ]);
    let at = |part: &str| place_of(&sources, 0, part);
    let secret =
        Finding::new(Rule::SecretDefault, at("hidden"), "first").second(at("other"), "also here");
    let other = Finding::new(Rule::UnknownKey, at("# note"), "second").second(at("M"), "label");
    let key = Finding::new(Rule::UnknownKey, place_of(&sources, 1, "K"), "third");
    let text = text_of(&[other, key, secret], &sources, PLAIN);
    let expected = "\
error[unknown-key]: second
 --> catalog/0.yaml:1:14  K
  |
1 | K: &k *** # note
  |           ^^^^^^
  |
 ::: catalog/0.yaml:3:1
  |
3 | M: [*k, ***]
  | - label

error[unknown-key]: third
 --> catalog/1.yaml:1:1  K
  |
1 | K: hidden
  | ^

error[secret-default]: first
 --> catalog/0.yaml:1:7  K
  |
1 | K: &k *** # note
  |       ^^^
  |
 ::: catalog/0.yaml:3:9
  |
3 | M: [*k, ***]
  |         --- also here

3 errors
";
    assert_eq!(text, expected);
}

proptest! {
    #[test]
    fn no_secret_is_shown_wherever_the_finding_points(
        secret in "[a-z]{8}[ -~é日]{0,40}[a-z]{8}",
        from in 0..30_u32,
        len in 0..40_u16,
        width in 0..80_usize,
    ) {
        let escaped = secret.replace('\'', "''");
        let text = format!("KEY: '{escaped}'\n");
        let sources = sources(&[&text]);
        let place = Place { file: 0, len, start: from.min(5 + secret.len() as u32) };
        let finding = Finding::new(Rule::SecretInUrl, place, "message").second(place, "again");
        let shown = text_of(&[finding], &sources, Style { color: false, width });
        prop_assert!(!shown.contains(&secret[..8]) && !shown.contains(&secret[secret.len() - 8..]), "{}", shown);
    }
}

#[test]
fn nothing_in_words_can_move_the_cursor() {
    let finding = Finding::new(Rule::BadName, Place::NOWHERE, "a\u{1b}[2Jb").help("c\u{202e}\rd");
    let expected = "error[bad-name]: a\\u{1b}[2Jb\n  = help: c\\u{202e}\\u{d}d\n\n1 error\n";
    assert_eq!(text_of(&[finding], &sources::<str>(&[]), PLAIN), expected);
}
