//! What is to hold of `interpolation.rs`.

use super::*;

#[test]
fn replaces_what_is_known_and_keeps_what_is_not() {
    let lookup = |name: &str| match name {
        "A" => Some("a$1".to_owned()),
        "E" => Some(String::new()),
        _ => None,
    };
    for (text, expected) in [
        ("plain $ $$ 100$", "plain $ $$ 100$"),
        ("${A}/$X/$$A", "a$$1/$X/$$A"),
        ("${X:-d}${X-d}${E:-d}${E-d}", "ddd"),
        ("${X:+a}${A:+b}${E:+c}${E+c}", "bc"),
        ("${X:?why} ${E?why} ${A:?}", "${X:?why}  a$$1"),
        ("${A:-${E:?why}} ${X:-${E:?why}}", "a$$1 ${E:?why}"),
        ("${X:-${Y:-${A}}} ${X:-${Y}}", "a$$1 ${Y}"),
    ] {
        assert_eq!(expand_known(text, &lookup).unwrap(), expected, "{text}");
    }
    assert!(expand_known("${", &lookup).is_err());
    let empty = expand_known("a ${E:?why}", &lookup).unwrap_err();
    assert_eq!(empty.message, "`E` is required and not set or empty: `why`");
    let deep = "${X:-".repeat(10_000) + &"}".repeat(10_000);
    assert!(expand_known(&deep, &lookup).is_err());
}

#[test]
fn speaks_of_variables_by_their_names() {
    for (text, expected) in [
        ("a", "a"),
        ("${A:?set it: ${B}} b", "${A} b"),
        ("$A-${B:-c}", "${A}-${B}"),
        ("$$A ${", "$$A ${"),
    ] {
        assert_eq!(without_operators(text), expected, "{text}");
    }
}
use proptest::prelude::*;

fn lookup(name: &str) -> Option<String> {
    match name {
        "S" => Some("set".to_owned()),
        "E" => Some(String::new()),
        _ => None,
    }
}

fn expanded(text: &str) -> String {
    match expand(text, &lookup) {
        Ok(value) => value.into_owned(),
        Err(refusal) => format!("refused: {}", refusal.message),
    }
}

/// The right column is what `docker compose config` (2.40.3) says, with S=set, E empty, A and B unset.
#[test]
fn expands_as_compose_does() {
    for (text, expected) in [
        ("", ""),
        ("plain", "plain"),
        ("$S-bar", "set-bar"),
        ("$S_x", ""),
        ("${S}", "set"),
        ("${A}", ""),
        ("${A:-b}", "b"),
        ("${E:-b}", "b"),
        ("${E-b}", ""),
        ("${A-b}", "b"),
        ("${S:-b}", "set"),
        ("${S:?no}", "set"),
        ("${E?no}", ""),
        ("${S:+x}", "x"),
        ("${E:+x}", ""),
        ("${E+x}", "x"),
        ("${A+x}", ""),
        ("${A:+}", ""),
        ("$$S", "$S"),
        ("$${S}", "${S}"),
        ("$$$S", "$set"),
        ("$$${S}", "$set"),
        ("a $ b", "a $ b"),
        ("^x$", "^x$"),
        ("$}", "$}"),
        ("$1", "$1"),
        ("$é", "$é"),
        ("${A-$}", "$"),
        ("${A:-$ }", "$ "),
        ("${A:-x$}", "x$"),
        ("${A:-$S}", "set"),
        ("${A:-${B:-${C:-d}}}", "d"),
        ("${A:-a}-${B:-b}", "a-b"),
        ("${S}:${A+x}", "set:"),
        ("${A:-/non:-alphanumeric}", "/non:-alphanumeric"),
        ("${A-myerror?msg}", "myerror?msg"),
        ("${A:-{{.Name}}}", "{{.Name}}"),
        ("${S:-{{.Name}}}", "set}"),
        ("${A:-{\"a\":1}}", "{\"a\":1}"),
        ("${S:+{x}}", "{x}"),
        ("${S:-a{b}c}d", "setd"),
        ("{${S}}", "{set}"),
        ("a{${A:-x}b}c", "a{xb}c"),
        ("x}${S:-y}", "x}set"),
        ("${A:-{}", "{"),
        ("${A:-}}", "}"),
        ("${A:-x}}", "x}"),
        ("${A:-$${x}}z", "${x}z"),
        ("${A:-a\\}b}", "a\\b}"),
        ("{{.Name}}", "{{.Name}}"),
        ("{{ $x }}y", "{{  }}y"),
        ("${A:-b}\n${S}", "b\nset"),
    ] {
        assert_eq!(expanded(text), expected, "{text}");
    }
}

#[test]
fn refuses_what_compose_refuses() {
    let digit = "is not a variable's name; write letters, digits and `_`, and no digit first";
    let next = "write `}` or one of `:-`, `-`, `:?`, `?`, `:+`, `+`";
    for (text, expected) in [
        (
            "${",
            "`${` names no variable; write a name, such as `${NAME}`".to_owned(),
        ),
        (
            "${}",
            "`${` names no variable; write a name, such as `${NAME}`".to_owned(),
        ),
        ("${1X}", format!("`1X` {digit}")),
        ("${ foo}", format!("` foo` {digit}")),
        ("${é}", format!("`é` {digit}")),
        ("${foo }", format!("`${{foo` is followed by ` `; {next}")),
        ("${foo!}", format!("`${{foo` is followed by `!`; {next}")),
        ("${A:}", format!("`${{A` is followed by `:`; {next}")),
        ("${A:=x}", format!("`${{A` is followed by `:`; {next}")),
        ("${A/x/y}", format!("`${{A` is followed by `/`; {next}")),
        ("${A[0]}", format!("`${{A` is followed by `[`; {next}")),
        ("${A", "`${A` has no `}` on its line; close it".to_owned()),
        (
            "${A:-b",
            "`${A` has no `}` on its line; close it".to_owned(),
        ),
        (
            "${A:-${B}",
            "`${B` has no `}` on its line; close it".to_owned(),
        ),
        (
            "${A:-l1\nl2}",
            "`${A` has no `}` on its line; close it".to_owned(),
        ),
        (
            "${A:-{\n}",
            "`${A` has no `}` on its line; close it".to_owned(),
        ),
        (
            "${S:-${}}",
            "`${` names no variable; write a name, such as `${NAME}`".to_owned(),
        ),
        ("${A:?}", "`A` is required and not set or empty".to_owned()),
        (
            "${E:?why}",
            "`E` is required and not set or empty: `why`".to_owned(),
        ),
        (
            "${A?why $S}",
            "`A` is required and not set: `why set`".to_owned(),
        ),
        (
            "${S:-${A:?bad}}",
            "`A` is required and not set or empty: `bad`".to_owned(),
        ),
        (
            "${S+${A:?bad}}",
            "`A` is required and not set or empty: `bad`".to_owned(),
        ),
    ] {
        assert_eq!(expanded(text), format!("refused: {expected}"), "{text:?}");
    }
}

#[test]
fn an_unclosed_variable_does_not_show_its_default() {
    let refusal = uses("${PASSWORD:-hunter2").unwrap_err();
    assert!(!format!("{refusal:?}").contains("hunter2"));
}

#[test]
fn lists_uses_with_their_places() {
    let text = "a $B ${C:-x${D?e}} $$F";
    let all = uses(text).unwrap();
    let seen: Vec<_> = all
        .iter()
        .map(|usage| {
            (
                &text[usage.start..usage.end],
                usage.name,
                usage.word,
                usage.depth,
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("$B", "B", "", 0),
            ("${C:-x${D?e}}", "C", "x${D?e}", 0),
            ("${D?e}", "D", "e", 1),
        ]
    );
    assert_eq!(all[1].operator, Some(Operator::DefaultIfUnsetOrEmpty));
    assert_eq!(all[2].operator, Some(Operator::ErrorIfUnset));
    assert!(!all[0].braced && all[1].braced);
}

#[test]
fn tells_whether_there_is_a_variable() {
    for text in ["$A", "x${A}", "$$$A", "${"] {
        assert!(has_variable(text), "{text}");
    }
    for text in ["", "a", "$", "$$", "$$A", "$1", "a$ b", "$$$$A"] {
        assert!(!has_variable(text), "{text}");
    }
}

#[test]
fn knows_the_text_without_variables() {
    for (text, expected) in [
        ("8080", Some("8080")),
        ("${P:-8080}:80", Some("8080:80")),
        ("${P-}:80", Some(":80")),
        ("${P:-${Q:-1}}", Some("1")),
        ("${P:+x}y", Some("y")),
        ("$$P", Some("$P")),
        ("${P}", None),
        ("$P", None),
        ("${P:-8080}", Some("8080")),
        ("${P:-}", Some("")),
        ("${P:?why}", None),
        ("${P:?why}:${Q:-80}", None),
        ("${P:?${", None),
        ("${P}:${Q:-80}", None),
        ("${P:-1}:${Q}", None),
        ("${P:-${Q}}", None),
        ("${P", None),
    ] {
        assert_eq!(with_defaults(text).as_deref(), expected, "{text}");
    }
}

#[test]
fn tells_literals_from_interpolation() {
    for text in ["a", "a${B}", "${B}c", "$", "$$", "{", "${A}-${B}"] {
        assert!(has_literal(text), "{text}");
    }
    for text in [
        "",
        "$A",
        "${A}",
        "${A:-b}",
        "${A}$B",
        "{{ a.b }}",
        "${A:-{{ b }}}",
    ] {
        assert!(!has_literal(text), "{text}");
    }
}

#[test]
fn borrows_what_it_need_not_change() {
    assert!(matches!(expand("abc", &lookup), Ok(Cow::Borrowed("abc"))));
}

#[test]
fn bounds_the_nesting() {
    let nested = |depth: usize| format!("{}{}", "${A:-".repeat(depth), "}".repeat(depth));
    assert_eq!(expanded(&nested(NESTING_LIMIT)), "");
    assert_eq!(uses(&nested(NESTING_LIMIT)).unwrap().len(), NESTING_LIMIT);
    let message = "variables may stand 64 deep inside each other, and `A` is deeper";
    assert_eq!(uses(&nested(65)).unwrap_err().message, message);
    assert_eq!(expanded(&nested(100_000)), format!("refused: {message}"));
}

#[test]
fn is_fast_on_hostile_text() {
    let start = std::time::Instant::now();
    for unit in [
        "${A:-", "${", "$", "${A:-}", "{", "}", "${A:-{", "${A:-\n", "$A", "${A}",
    ] {
        for tail in ["", "}", "}}}"] {
            let text = unit.repeat(100_000) + tail;
            let _ = (uses(&text), expanded(&text), with_defaults(&text));
            let _ = (has_variable(&text), has_literal(&text));
        }
    }
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}

proptest! {
    #[test]
    fn never_panics_and_places_are_true(text in "[$${}:?+\\-A1é \n]{0,40}") {
        let _ = (expanded(&text), with_defaults(&text), has_literal(&text));
        for usage in uses(&text).unwrap_or_default() {
            let whole = &text[usage.start..usage.end];
            prop_assert!(whole.starts_with('$') && whole.contains(usage.name));
            prop_assert!(has_variable(&text));
            if let (true, Some(operator)) = (usage.braced, usage.operator) {
                prop_assert_eq!(whole, format!("${{{}{operator}{}}}", usage.name, usage.word));
            }
        }
    }

    #[test]
    fn escaped_text_comes_back(text in "\\PC{0,30}") {
        let escaped = text.replace('$', "$$");
        prop_assert_eq!(expanded(&escaped), text);
    }
}
