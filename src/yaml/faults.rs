//! The errors of the tokeniser in words for people.

use granit_parser::ErrorKind as Fault;

pub(super) const DEPTH_HELP: &str = "lists and maps may stand inside each other 64 times at most";

/// A message and a help for the tokeniser's error; its own words where it is rare.
pub(super) fn explain_fault(fault: &Fault) -> (String, Option<&'static str>) {
    let (message, help) = match fault {
        Fault::RecursionLimitExceeded => ("nested deeper than 64 levels", Some(DEPTH_HELP)),
        Fault::UnknownAnchor => (
            "an alias names no anchor that stands before it",
            Some("a text that starts with `*` needs quotes"),
        ),
        Fault::MissingAnchorOrAliasName => (
            "a name is missing after `&` or `*`",
            Some("a text that starts with `&` or `*` needs quotes"),
        ),
        Fault::UnclosedQuotedScalar => ("this quote is not closed", None),
        Fault::DocumentIndicatorInQuotedScalar => (
            "a `---` or `...` stands inside a text in quotes",
            Some("close the quote before it"),
        ),
        Fault::InvalidTrailingSingleQuotedScalar | Fault::InvalidTrailingDoubleQuotedScalar => (
            "something follows the closing quote",
            Some("put the whole value in quotes"),
        ),
        Fault::UnknownQuotedScalarEscape => (
            "this escape is not known in double quotes",
            Some("double the backslash, or use single quotes"),
        ),
        Fault::InvalidQuotedScalarHexEscape | Fault::InvalidUnicodeEscape => (
            "this escape does not give a character",
            Some("double the backslash, or use single quotes"),
        ),
        Fault::InvalidQuotedScalarIndent => (
            "this quote is not closed, or the next line of the text is not indented enough",
            None,
        ),
        Fault::UnclosedFlowCollection { open } => {
            return (format!("this `{open}` is not closed"), None);
        }
        Fault::MismatchedFlowCollectionEnd { open, close } => {
            return (format!("this `{open}` is closed by a `{close}`"), None);
        }
        Fault::MisplacedFlowCollectionEnd => (
            "this bracket closes nothing",
            Some("a text that starts with a bracket needs quotes"),
        ),
        Fault::UnexpectedEofFlowMapping | Fault::UnexpectedEofImplicitFlowMapping => {
            ("the file ends before this `{` is closed", None)
        }
        Fault::UnexpectedEofFlowSequence => ("the file ends before this `[` is closed", None),
        Fault::UnexpectedEof
        | Fault::UnexpectedEofBlockMapping
        | Fault::UnexpectedEofBlockSequence => ("the file ends in the middle of a value", None),
        Fault::ExpectedFlowMappingSeparator => (
            "expected `,` or `}` here",
            Some("quote the text if it has a `:`, a `,` or a bracket in it"),
        ),
        Fault::ExpectedFlowSequenceSeparator => (
            "expected `,` or `]` here",
            Some("quote the text if it has a `:`, a `,` or a bracket in it"),
        ),
        Fault::ExpectedBlockMappingKey => (
            "expected a key here",
            Some("keys of one map start in the same column"),
        ),
        Fault::ExpectedBlockSequenceEntry => (
            "expected `-` here",
            Some("items of one list start in the same column"),
        ),
        Fault::ExpectedNodeContent => ("expected a value here", None),
        Fault::SimpleKeyExpected | Fault::InvalidSimpleKey => (
            "expected `:` after this key",
            Some("a key and its `:` stand on one line"),
        ),
        Fault::MappingValueNotAllowed | Fault::InvalidColonPlacement => (
            "a `:` is not allowed here",
            Some(
                "quote the text if it has `: ` in it; else check the indentation, and the `:` of the key before",
            ),
        ),
        Fault::MappingKeyNotAllowed => ("a key is not allowed here", Some("check the indentation")),
        Fault::BlockSequenceEntryNotAllowed => (
            "a list item is not allowed here",
            Some("start the list on a line of its own below the key"),
        ),
        Fault::BlockEntryInFlowCollection => ("a `-` item is not allowed inside brackets", None),
        Fault::InvalidIndentation
        | Fault::InvalidBlockScalarIndent
        | Fault::InvalidFlowScalarIndent => {
            ("the indentation of this line fits no line before it", None)
        }
        fault if is_tab_fault(fault) => (
            "a tab is not allowed here; YAML is indented with blanks",
            Some("replace the tab with blanks"),
        ),
        Fault::UnexpectedCharacter { character } => {
            if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') {
                let code = u32::from(*character);
                return (
                    format!("a control character (U+{code:04X}) is not allowed in YAML"),
                    Some("delete it"),
                );
            }
            let shown = character;
            let help = "a text that starts with it needs quotes";
            return (format!("a value cannot start with '{shown}'"), Some(help));
        }
        Fault::CommentNotSeparated => ("a blank is missing before the `#`", None),
        Fault::CommentInterceptedScalar => ("a comment stands in the middle of a text", None),
        Fault::BomInsideDocument => (
            "a byte order mark (U+FEFF) stands inside the file",
            Some("delete it"),
        ),
        Fault::InvalidBlockScalarHeader => (
            "something follows the `|` or `>` on its line",
            Some(
                "the text starts on the next line; a text that starts with `|` or `>` needs quotes",
            ),
        ),
        Fault::InvalidMappingValueWhitespace => ("a blank is missing after the `:`", None),
        Fault::InvalidBlockEntryWhitespace => ("a blank is missing after the `-`", None),
        Fault::UndeclaredTagHandle => (
            "this tag's prefix is not declared",
            Some("a text that starts with `!` needs quotes"),
        ),
        Fault::UnsupportedYamlMajorVersion => ("only YAML 1.1 and 1.2 can be read", None),
        other => return (other.to_string(), None),
    };
    (message.to_owned(), help)
}

pub(super) fn is_tab_fault(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::TabNotAllowed
            | Fault::TabInBlockIndentation
            | Fault::TabInIndentation
            | Fault::TabInPlainScalar
            | Fault::TabAtBlockScalarStart
    )
}

pub(super) fn is_flow_fault(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::ExpectedFlowMappingSeparator
            | Fault::UnexpectedEofFlowMapping
            | Fault::ExpectedNodeContent
            | Fault::InvalidColonPlacement
            | Fault::MappingValueNotAllowed
            | Fault::SimpleKeyExpected
            | Fault::InvalidSimpleKey
    )
}
