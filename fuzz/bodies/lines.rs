//! Changes that keep a text of lines what it is: most changes of single bytes end a YAML file at its syntax, and what
//! lies behind the reader is never reached.

/// What is put in place of a word, besides the words that the text has.
const WORDS: &str = include_str!("../words.dict");

/// A sequence of numbers that looks random, and is the same for the same seed.
pub struct Dice(u64);

impl Dice {
    /// The sequence of a seed.
    pub fn new(seed: u32) -> Self {
        Dice(u64::from(seed) ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// A number below `count`; 0 where that is 0.
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 as usize).checked_rem(count).unwrap_or(0)
    }
}

/// One change of a text: a line doubled, moved, left out or indented, or a word of it replaced. `None` for what is no
/// text, and now and then, so that other changes have their turn.
pub fn changed(text: &[u8], dice: &mut Dice) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?;
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let (at, other) = (dice.below(lines.len()), dice.below(lines.len()));
    match dice.below(9) {
        0 => lines.insert(other, lines[at].clone()),
        1 => lines.swap(at, other),
        2 => drop(lines.remove(at)),
        3 => lines[at].insert_str(0, "  "),
        4 => lines[at] = lines[at].replacen("  ", "", 1),
        5 | 6 => lines[at] = with_word(&lines[at], word(&lines[other], dice), dice),
        7 => lines[at] = with_word(&lines[at], known(dice), dice),
        _ => return None,
    }
    Some(lines.join("\n").into_bytes())
}

/// The stretches of a line that are words.
fn words(line: &str) -> Vec<&str> {
    let is_mark =
        |c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '{' | '}' | '"' | '\'');
    line.split(is_mark)
        .filter(|word| !word.is_empty())
        .collect()
}

fn word(line: &str, dice: &mut Dice) -> String {
    let words = words(line);
    let word = words.get(dice.below(words.len()));
    word.map_or(String::new(), |word| (*word).to_owned())
}

/// A word of the dictionary that stands in it as it is.
fn known(dice: &mut Dice) -> String {
    let quoted = WORDS
        .lines()
        .filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    let plain: Vec<&str> = quoted.filter(|word| !word.contains('\\')).collect();
    plain
        .get(dice.below(plain.len()))
        .map_or(String::new(), |word| (*word).to_owned())
}

/// The line with one of its words replaced; the colon behind a key stays.
fn with_word(line: &str, new: String, dice: &mut Dice) -> String {
    let words = words(line);
    let Some(old) = words.get(dice.below(words.len())) else {
        return line.to_owned();
    };
    let at = old.as_ptr() as usize - line.as_ptr() as usize;
    let colon = if old.ends_with(':') { ":" } else { "" };
    let new = format!("{}{colon}", new.trim_end_matches(':'));
    format!("{}{new}{}", &line[..at], &line[at + old.len()..])
}
