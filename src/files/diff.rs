//! Shows how a file would change, line by line, like `diff -u`. Made to be read on a terminal: what could steer
//! the terminal is shown escaped.

use std::fmt::Write;
use std::ops::Range;

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};

/// Equal lines shown around a change.
const CONTEXT: usize = 3;

/// Above this many lines between first and last change, they are shown as one block, removed and added. The
/// search for the best alignment grows faster than its input; no generated file comes near.
const MOST_LINES: usize = 100_000;

/// How many bytes are compared at once where two files begin or end alike.
const CHUNK: usize = 4096;

/// The change from `old` to `new` as a unified diff with three lines of context; empty where nothing changes.
///
/// `old` is what is on the disk, `None` where the file is missing. Bytes that are no UTF-8 are shown as `U+FFFD`,
/// control characters other than the tab escaped. With `color`, lines carry ANSI colours.
pub fn unified(path: &str, old: Option<&[u8]>, new: &[u8], color: bool) -> String {
    unified_shown(path, old.map(|old| (old, old)), (new, new), color)
}

/// A change that is one of line ends alone: every line would be shown twice, and nobody could see why.
pub fn unified_line_ends(path: &str, color: bool) -> String {
    let paint = Paint { color };
    let mut text = String::new();
    let path = escaped(path.as_bytes(), true);
    paint.line(&mut text, BOLD, &format!("--- a/{path}"));
    paint.line(&mut text, BOLD, &format!("+++ b/{path}"));
    text.push_str("\\ Nothing but line ends: CRLF becomes LF\n");
    text
}

/// The same where lines are shown otherwise than they stand in a file: each comes with its bytes, and with as many lines
/// to show in their place.
pub fn unified_shown(
    path: &str,
    old: Option<(&[u8], &[u8])>,
    (new, shown_new): (&[u8], &[u8]),
    color: bool,
) -> String {
    let (old, shown) = (old.map(|(old, _)| old), old.map(|(_, shown)| shown));
    if old == Some(new) {
        return String::new();
    }
    let paint = Paint { color };
    let mut text = String::new();
    let path = escaped(path.as_bytes(), true);
    match old {
        Some(_) => paint.line(&mut text, BOLD, &format!("--- a/{path}")),
        None => paint.line(&mut text, BOLD, "--- /dev/null"),
    }
    paint.line(&mut text, BOLD, &format!("+++ b/{path}"));
    let shown = [lines(shown.unwrap_or_default()), lines(shown_new)];
    Middle::of(old.unwrap_or_default(), new, &shown).show(&paint, &mut text);
    text
}

const BOLD: &str = "1";
const RED: &str = "31";
const GREEN: &str = "32";
const CYAN: &str = "36";
const PLAIN: &str = "";

struct Paint {
    color: bool,
}

impl Paint {
    fn line(&self, text: &mut String, code: &str, line: &str) {
        if self.color && !code.is_empty() {
            text.extend(["\u{1b}[", code, "m", line, "\u{1b}[0m\n"]);
        } else {
            text.extend([line, "\n"]);
        }
    }

    fn content(&self, text: &mut String, code: &str, sign: char, line: &[u8]) {
        let body = line.strip_suffix(b"\n").unwrap_or(line);
        let mut shown = String::from(sign);
        shown.push_str(&escaped(body, false));
        self.line(text, code, &shown);
        if body.len() == line.len() {
            text.push_str("\\ No newline at end of file\n");
        }
    }
}

/// Both files without what they share at either end, up to the lines of context.
struct Middle<'b> {
    old: Vec<&'b [u8]>,
    new: Vec<&'b [u8]>,
    /// Lines that were left out before it.
    before: usize,
    /// What is shown for the lines of the old file and of the new one, all of them.
    shown: &'b [Vec<&'b [u8]>; 2],
}

impl<'b> Middle<'b> {
    fn of(old: &'b [u8], new: &'b [u8], shown: &'b [Vec<&'b [u8]>; 2]) -> Self {
        let head = shared_head(old, new);
        let tail = shared_tail(&old[head..], &new[head..]);
        Middle {
            old: lines(&old[head..old.len() - tail]),
            new: lines(&new[head..new.len() - tail]),
            before: old[..head].iter().filter(|byte| **byte == b'\n').count(),
            shown,
        }
    }

    fn show(&self, paint: &Paint, text: &mut String) {
        for hunk in group_diff_ops(self.operations(), CONTEXT) {
            self.show_hunk(&hunk, paint, text);
        }
    }

    fn operations(&self) -> Vec<DiffOp> {
        if self.old.len() + self.new.len() > MOST_LINES {
            return whole_block(self.old.len(), self.new.len());
        }
        capture_diff_slices(Algorithm::Myers, &self.old, &self.new)
    }

    fn show_hunk(&self, hunk: &[DiffOp], paint: &Paint, text: &mut String) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else {
            return;
        };
        let old = range(self.before, first.old_range().start..last.old_range().end);
        let new = range(self.before, first.new_range().start..last.new_range().end);
        paint.line(text, CYAN, &format!("@@ -{old} +{new} @@"));
        for operation in hunk {
            self.show_operation(operation, paint, text);
        }
    }

    fn show_operation(&self, operation: &DiffOp, paint: &Paint, text: &mut String) {
        let (tag, old, new) = operation.as_tag_tuple();
        let [shown_old, shown_new] = self.shown;
        let (sign, code) = match tag {
            DiffTag::Equal => (' ', PLAIN),
            DiffTag::Delete | DiffTag::Insert | DiffTag::Replace => ('+', GREEN),
        };
        if tag != DiffTag::Equal {
            for (at, line) in old.clone().zip(&self.old[old]) {
                let shown = shown_old.get(self.before + at).unwrap_or(line);
                paint.content(text, RED, '-', shown);
            }
        }
        // The lines before are the same in both files.
        for (at, line) in new.clone().zip(&self.new[new]) {
            let shown = shown_new.get(self.before + at).unwrap_or(line);
            paint.content(text, code, sign, shown);
        }
    }
}

/// Everything removed and everything added, the lines of context with it.
fn whole_block(old_len: usize, new_len: usize) -> Vec<DiffOp> {
    vec![DiffOp::Replace {
        old_index: 0,
        old_len,
        new_index: 0,
        new_len,
    }]
}

/// `start,count` of a hunk's header, counted from 1. A single line has no count; an empty range names the line
/// before it (POSIX, `diff -u` output format).
fn range(before: usize, lines: Range<usize>) -> String {
    let start = before + lines.start;
    match lines.len() {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        count => format!("{},{count}", start + 1),
    }
}

fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n').collect()
}

/// How many bytes of equal lines both begin with, less the context.
fn shared_head(old: &[u8], new: &[u8]) -> usize {
    let shared = equal_head(old, new);
    let mut line_ends = newlines_backwards(&old[..shared]);
    // The end of the last equal line, and of the three before it, which are context.
    line_ends.nth(CONTEXT).map_or(0, |at| at + 1)
}

/// How many bytes of equal lines both end with, less the context.
fn shared_tail(old: &[u8], new: &[u8]) -> usize {
    let shared = equal_tail(old, new);
    let tail = &old[old.len() - shared..];
    // The line in which the tail begins may differ before it; the three after it are context.
    let mut line_ends = (0..tail.len()).filter(|at| tail[*at] == b'\n');
    line_ends.nth(CONTEXT).map_or(0, |at| tail.len() - at - 1)
}

fn newlines_backwards(bytes: &[u8]) -> impl Iterator<Item = usize> {
    (0..bytes.len()).rev().filter(|at| bytes[*at] == b'\n')
}

fn equal_head(old: &[u8], new: &[u8]) -> usize {
    let equal_chunks = old
        .chunks_exact(CHUNK)
        .zip(new.chunks_exact(CHUNK))
        .take_while(|(old, new)| old == new)
        .count();
    let from = equal_chunks * CHUNK;
    let pairs = old[from..].iter().zip(&new[from..]);
    from + pairs.take_while(|(old, new)| old == new).count()
}

fn equal_tail(old: &[u8], new: &[u8]) -> usize {
    let equal_chunks = old
        .rchunks_exact(CHUNK)
        .zip(new.rchunks_exact(CHUNK))
        .take_while(|(old, new)| old == new)
        .count();
    let from = equal_chunks * CHUNK;
    let pairs = old[..old.len() - from]
        .iter()
        .rev()
        .zip(new[..new.len() - from].iter().rev());
    from + pairs.take_while(|(old, new)| old == new).count()
}

/// The text of a line, without what a terminal would obey or could be misled by.
fn escaped(bytes: &[u8], tab_too: bool) -> String {
    let mut text = String::with_capacity(bytes.len());
    for character in String::from_utf8_lossy(bytes).chars() {
        let tab = character == '\t' && !tab_too;
        if !tab && (character.is_control() || turns_text(character)) {
            let _ = write!(text, "{}", character.escape_default());
        } else {
            text.push(character);
        }
    }
    text
}

/// Characters that change the direction of the text after them (Unicode Standard Annex #9): with them, a line
/// shows otherwise than it reads.
fn turns_text(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn diff(old: &str, new: &str) -> String {
        unified("g/x.yml", Some(old.as_bytes()), new.as_bytes(), false)
    }

    #[test]
    fn equal_files_have_no_difference() {
        assert_eq!(diff("a\n", "a\n"), "");
    }

    #[test]
    fn a_change_has_three_lines_around_it() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let expected =
            "--- a/g/x.yml\n+++ b/g/x.yml\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n";
        assert_eq!(diff(old, &old.replace('5', "five")), expected);
    }

    #[test]
    fn far_changes_have_a_hunk_each() {
        let old: String = (1..=30).map(|number| format!("{number}\n")).collect();
        let new = old.replace("\n3\n", "\nthree\n").replace("29\n", "");
        let shown = diff(&old, &new);
        assert!(shown.contains("\n@@ -1,6 +1,6 @@\n"), "{shown}");
        assert!(shown.contains("\n@@ -26,5 +26,4 @@\n"), "{shown}");
    }

    #[test]
    fn a_missing_file_is_all_new() {
        let shown = unified("g/x.yml", None, b"a\nb\n", false);
        assert_eq!(
            shown,
            "--- /dev/null\n+++ b/g/x.yml\n@@ -0,0 +1,2 @@\n+a\n+b\n"
        );
        let shown = unified("g/x.yml", None, b"", false);
        assert_eq!(shown, "--- /dev/null\n+++ b/g/x.yml\n");
    }

    #[test]
    fn a_file_that_becomes_empty_is_all_gone() {
        assert_eq!(
            diff("a\n", ""),
            "--- a/g/x.yml\n+++ b/g/x.yml\n@@ -1 +0,0 @@\n-a\n"
        );
    }

    #[test]
    fn a_missing_last_newline_is_said() {
        let expected = "--- a/g/x.yml\n+++ b/g/x.yml\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n";
        assert_eq!(diff("a\nb", "a\nb\n"), expected);
        let both = "--- a/g/x.yml\n+++ b/g/x.yml\n@@ -1,2 +1,2 @@\n-a\n+c\n b\n\\ No newline at end of file\n";
        assert_eq!(diff("a\nb", "c\nb"), both);
    }

    #[test]
    fn what_steers_a_terminal_is_escaped() {
        let new = b"\tkey: \x1b[31m\xff\r\n\xe2\x80\xae\n";
        let shown = unified("g/\n.yml", None, new, false);
        let expected = "--- /dev/null\n+++ b/g/\\n.yml\n@@ -0,0 +1,2 @@\n+\tkey: \\u{1b}[31m\u{fffd}\\r\n+\\u{202e}\n";
        assert_eq!(shown, expected);
    }

    #[test]
    fn colours_end_with_their_line() {
        let shown = unified("x", Some(b"a\nb\n"), b"a\nc\n", true);
        let expected = "\u{1b}[1m--- a/x\u{1b}[0m\n\u{1b}[1m+++ b/x\u{1b}[0m\n\u{1b}[36m@@ -1,2 +1,2 @@\u{1b}[0m\n a\n\u{1b}[31m-b\u{1b}[0m\n\u{1b}[32m+c\u{1b}[0m\n";
        assert_eq!(shown, expected);
    }

    /// A second reading of the format: the old file with the difference applied to it.
    fn patched(old: &str, shown: &str) -> String {
        let old_lines: Vec<&str> = old.split_inclusive('\n').collect();
        let (mut new, mut at) = (String::new(), 0);
        for line in shown.split_inclusive('\n').skip(2) {
            let rest = &line[1..];
            match line.as_bytes()[0] {
                b'@' => {
                    let range = rest[3..].split(' ').next().unwrap();
                    let (start, count) = range.split_once(',').unwrap_or((range, "1"));
                    let from = start.parse::<usize>().unwrap() - usize::from(count != "0");
                    new.extend(old_lines[at..from].iter().copied());
                    at = from;
                }
                b' ' => {
                    assert_eq!(old_lines[at].trim_end(), rest.trim_end());
                    new.push_str(rest);
                    at += 1;
                }
                b'-' => {
                    assert_eq!(old_lines[at].trim_end(), rest.trim_end());
                    at += 1;
                }
                b'+' => new.push_str(rest),
                _ => panic!("{line}"),
            }
        }
        new.extend(old_lines[at..].iter().copied());
        new
    }

    fn random_lines(seed: &mut u64, count: u64) -> String {
        let mut lines = String::new();
        for _ in 0..count {
            *seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            lines.push_str(["a\n", "b\n", "c\n", "\n"][(*seed >> 62) as usize]);
        }
        lines
    }

    #[test]
    fn applied_to_the_old_file_it_gives_the_new_one() {
        let mut seed = 7;
        for round in 0..2000 {
            let shared = random_lines(&mut seed, round % 12);
            let old = [
                random_lines(&mut seed, round % 7),
                shared.clone(),
                random_lines(&mut seed, round % 5),
            ]
            .concat();
            let new = [
                random_lines(&mut seed, round % 3),
                shared,
                random_lines(&mut seed, round % 4),
            ]
            .concat();
            if old != new {
                let shown = diff(&old, &new);
                assert_eq!(patched(&old, &shown), new, "{old:?} {shown}");
            }
        }
    }

    #[test]
    fn long_equal_ends_cost_little() {
        let end = "a line of a file\n".repeat(400_000);
        let (old, new) = ([&end, "x\n", &end].concat(), [&end, "y\n", &end].concat());
        let start = Instant::now();
        let shown = diff(&old, &new);
        assert!(start.elapsed() < Duration::from_secs(5));
        assert!(shown.contains("@@ -399998,7 +399998,7 @@"), "{shown}");
    }

    #[test]
    fn a_block_too_long_to_align_is_shown_whole() {
        let old: String = (0..MOST_LINES)
            .map(|number| format!("{number}\n"))
            .collect();
        let shown = diff(&old, "x\n");
        assert!(shown.starts_with("--- a/g/x.yml\n+++ b/g/x.yml\n@@ -1,100000 +1 @@\n-0\n"));
    }
}
