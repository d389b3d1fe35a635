//! What stands behind the closing quotation mark of a secret's value by mistake, `PASSWORD: "one" two`, and belongs to it.

use super::line::is_of_name;

/// Whether an item of a list begins with the quotation mark that stands before its name.
pub(super) fn is_item(before: &str) -> bool {
    let before = before.trim_end_matches(['"', '\'']).trim_end();
    before.is_empty() || before.ends_with(['-', '[', ','])
}

/// Where a quoted value ends with what stands behind its closing quotation mark by mistake: at a comment, at the end of
/// the list or the map, or where the next key begins, in a list the next item.
pub(super) fn with_rest(text: &str, end: usize, in_map: bool) -> usize {
    let rest = &text[end..];
    if rest
        .trim_start()
        .starts_with(['#', '|', ';', ':', '<', '>', '&', ')'])
    {
        return end;
    }
    let (mut at, mut last) = (end, end);
    for (number, part) in rest.split(',').enumerate() {
        if number > 0 && (!in_map || begins_key(part)) {
            break;
        }
        let closes = [part.find(['}', ']']), part.find(" #")];
        let close = closes.into_iter().flatten().min();
        let own = part[..close.unwrap_or(part.len())].trim_end();
        if !own.is_empty() {
            last = at + own.len();
        }
        if close.is_some() {
            break;
        }
        at += part.len() + 1;
    }
    last
}

/// Whether a key begins here, with its `:`, or a name with its `=`.
fn begins_key(part: &str) -> bool {
    let quotes = ['"', '\'', '\\', ' '];
    let name = part.trim_start_matches(quotes);
    let behind = name.trim_start_matches(is_of_name);
    behind.len() < name.len() && behind.trim_start_matches(quotes).starts_with([':', '='])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_belongs_to_the_value_up_to_the_next_key() {
        for (behind, in_map, expected) in [
            ("", true, ""),
            (" two", true, " two"),
            (" two, three, KEY: four }", true, " two, three"),
            (",two, \"key\": four", true, ",two"),
            (", KEY: two", true, ""),
            (" two } # three", true, " two"),
            (" # two", true, ""),
            (" two, three]", false, " two"),
        ] {
            assert_eq!(
                &behind[..with_rest(behind, 0, in_map)],
                expected,
                "{behind}"
            );
        }
    }

    #[test]
    fn an_item_begins_with_its_quotation_mark() {
        for (before, expected) in [("- \"", true), ("[a, '", true), ("curl -H \"", false)] {
            assert_eq!(is_item(before), expected, "{before}");
        }
    }
}
