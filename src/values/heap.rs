//! How much memory programs are told to take: options of the Java virtual machine and of Node.js, and sizes as the
//! kernel reads them in mount options. None of them is read as Docker reads sizes.

use super::memory::Memory;

/// A heap's size among the options of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heap {
    /// The most that it may take.
    pub amount: Memory,
    /// Where the option begins, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// How the number behind an option is read.
type Read = fn(&str) -> Option<Memory>;

/// Options with the size of a heap. Those of one program are together: of them the last one counts.
const OPTIONS: [&[(&str, Read)]; 2] = [
    &[("-Xmx", java_size), ("-XX:MaxHeapSize=", java_size)],
    &[
        ("--max-old-space-size=", mebibytes),
        ("--max-old-space-size ", mebibytes),
        ("--max_old_space_size=", mebibytes),
        ("--max_old_space_size ", mebibytes),
    ],
];

/// The heaps that a text gives: one for Java and one for Node.js at most.
pub fn heaps(text: &str) -> impl Iterator<Item = Heap> + '_ {
    OPTIONS.into_iter().filter_map(move |options| {
        let all = options.iter().flat_map(move |option| each(text, *option));
        all.max_by_key(|heap| heap.start)
    })
}

fn each<'t>(
    text: &'t str,
    (option, read): (&'static str, Read),
) -> impl Iterator<Item = Heap> + 't {
    // An option begins with the only `-` at which it can.
    let signs = text.bytes().enumerate().filter(|(_, sign)| *sign == b'-');
    let starts = signs.filter(move |(start, _)| text[*start..].starts_with(option));
    starts.filter_map(move |(start, _)| {
        let is_own = !text[..start].ends_with(|c: char| !is_boundary(c));
        let value = &text[start + option.len()..];
        let value = &value[..value.find(is_boundary).unwrap_or(value.len())];
        let amount = read(value).filter(|_| is_own)?;
        let end = start + option.len() + value.len();
        Some(Heap { amount, start, end })
    })
}

/// What stands between two words: blanks, quotes, the `=` of `JAVA_OPTS=-Xmx1g`.
fn is_boundary(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '"' | '\'' | ',' | ';' | '=' | '&' | '|' | ')' | '(')
}

/// `512m`, `2G`, `1048576`: bytes, or binary units (the page of `java`, option `-Xmx`).
fn java_size(text: &str) -> Option<Memory> {
    size(text, "kmgt")
}

/// A size in the options of a mount, as the kernel's `memparse` reads it. A share of the machine's memory, `50%`, is
/// none.
pub fn kernel_size(text: &str) -> Option<Memory> {
    size(text, "kmgtpe")
}

fn mebibytes(text: &str) -> Option<Memory> {
    text.parse().ok().map(Memory::from_mib)
}

/// A whole number, perhaps with one of the letters behind it, each of which is 1024 times the one before.
fn size(text: &str, units: &str) -> Option<Memory> {
    let letter = text.chars().next_back()?.to_ascii_lowercase();
    let (digits, power) = match units.find(letter) {
        Some(at) => (&text[..text.len() - 1], at + 1),
        None => (text, 0),
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = digits.parse().ok().filter(|_| is_number)?;
    let unit = 1024_u64.saturating_pow(u32::try_from(power).unwrap_or(0));
    Some(Memory::from_bytes(number.saturating_mul(unit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mib(text: &str) -> Vec<u64> {
        heaps(text).map(|heap| heap.amount.bytes() >> 20).collect()
    }

    #[test]
    fn the_last_option_of_a_program_counts() {
        for (text, expected) in [
            ("-Xmx512m", &[512][..]),
            ("-Xms1g -Xmx2G", &[2048]),
            ("-server -Xmx1g -Xmx2g", &[2048]),
            ("-XX:MaxHeapSize=1048576k", &[1024]),
            ("-Xmx1g -XX:MaxHeapSize=2g", &[2048]),
            ("-Xmx1073741824", &[1024]),
            ("--max-old-space-size=4096", &[4096]),
            ("--max_old_space_size 256", &[256]),
            ("node --max-old-space-size=512 app.js", &[512]),
            ("exec java '-Xmx1t' -jar a.jar", &[1 << 20]),
            ("JAVA_OPTS=-Xmx1g ./run", &[1024]),
            ("-Xmx1g --max-old-space-size=2", &[1024, 2]),
            ("-XX:MaxRAMPercentage=75", &[]),
            ("-Xmx", &[]),
            ("-Xmx1x", &[]),
            ("-Xmxg", &[]),
            ("a-Xmx1g", &[]),
            ("--max-old-space-size=2g", &[]),
        ] {
            assert_eq!(mib(text), expected, "{text}");
        }
    }

    #[test]
    fn the_kernel_knows_larger_units_and_no_share() {
        let bytes = |text| kernel_size(text).map(Memory::bytes);
        assert_eq!(bytes("64m"), Some(64 << 20));
        assert_eq!(bytes("1P"), Some(1 << 50));
        assert_eq!(bytes("4096"), Some(4096));
        for text in ["50%", "64mb", "", "m", "-1"] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }

    #[test]
    fn a_heap_has_its_place() {
        let text = "-a -Xmx1g -b";
        let heap = heaps(text).next().unwrap();
        assert_eq!(&text[heap.start..heap.end], "-Xmx1g");
    }
}
