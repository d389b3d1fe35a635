//! Decimal numbers as people write them, read exactly: no floating point, no sign, no exponent.

/// More decimals than these are cut: one more would not fit the arithmetic, and no unit here is that fine.
const MOST_DECIMALS: usize = 18;

/// A decimal number without a sign: `2`, `1.50`, `.5`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decimal<'t> {
    whole: &'t str,
    /// The digits after the point, without the zeros at the end, which say nothing.
    fraction: &'t str,
}

/// A decimal number multiplied by a whole one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Product {
    /// The product without its fraction.
    pub floor: u128,
    /// Whether there was no fraction to drop.
    pub is_whole: bool,
}

impl<'t> Decimal<'t> {
    /// Reads a whole text; `None` where it is not digits with at most one point among them.
    pub fn read(text: &'t str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let has_digits = !whole.is_empty() || !fraction.is_empty();
        let is_decimal = has_digits && all_digits(whole) && all_digits(fraction);
        let fraction = fraction.trim_end_matches('0');
        is_decimal.then_some(Self { whole, fraction })
    }

    /// Whether the number is 0.
    pub fn is_zero(self) -> bool {
        self.whole.bytes().all(|digit| digit == b'0') && self.fraction.is_empty()
    }

    /// The number times `factor`; `None` where its whole part does not fit 64 bits.
    pub fn times(self, factor: u64) -> Option<Product> {
        let whole = u128::from(digits_value(self.whole)?) * u128::from(factor);
        let kept = &self.fraction[..self.fraction.len().min(MOST_DECIMALS)];
        let numerator = u128::from(digits_value(kept)?) * u128::from(factor);
        let denominator = u128::from(power_of_ten(kept.len()));
        Some(Product {
            floor: whole + numerator / denominator,
            is_whole: numerator.is_multiple_of(denominator) && kept == self.fraction,
        })
    }
}

/// The numbers from 0 to 99, two digits each.
const PAIRS: &str = "\
00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

/// Writes a whole number behind a text: what `write!` does, without its machinery, on the way of every build.
pub(crate) fn push_number(out: &mut String, number: u64) {
    if number >= 100 {
        push_number(out, number / 100);
    }
    let pair = (number % 100) as usize * 2;
    let is_alone = number < 10;
    out.push_str(&PAIRS[pair + usize::from(is_alone)..pair + 2]);
}

/// Writes a number of units, of which `10^places` make one, as the shortest decimal: 1500 thousandths are `1.5`.
pub(crate) fn push_shortest(out: &mut String, units: u64, places: usize) {
    let one = power_of_ten(places);
    push_number(out, units / one);
    let mut rest = units % one;
    if rest == 0 {
        return;
    }
    out.push('.');
    let mut unit = one / 10;
    while rest > 0 && unit > 0 {
        out.push(char::from(b'0' + (rest / unit) as u8));
        rest %= unit;
        unit /= 10;
    }
}

/// A number of units, of which `10^places` make one, as the shortest decimal: 1500 thousandths are `1.5`.
pub(crate) fn shortest(units: u64, places: usize) -> String {
    let mut text = String::new();
    push_shortest(&mut text, units, places);
    text
}

/// A text with a decimal comma as it would be with a point; `None` without a comma,
/// and where the comma may as well part the thousands (`1,024`).
pub(crate) fn with_point(text: &str) -> Option<String> {
    let (whole, rest) = text.split_once(',')?;
    let decimals = rest.bytes().take_while(u8::is_ascii_digit).count();
    (all_digits(whole) && decimals != 3 && !rest.contains(['.', ',']))
        .then(|| format!("{whole}.{rest}"))
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn digits_value(digits: &str) -> Option<u64> {
    if digits.is_empty() {
        return Some(0);
    }
    digits.parse().ok()
}

fn power_of_ten(exponent: usize) -> u64 {
    (0..exponent).fold(1, |power: u64, _| power.saturating_mul(10))
}

#[cfg(test)]
mod tests {
    use super::{Decimal, push_number, shortest, with_point};

    #[test]
    fn a_number_is_written_as_by_everybody() {
        for number in (0..=1100).chain([9_999, 10_000, 123_456, 1_000_000, u64::MAX]) {
            let mut text = "a".to_owned();
            push_number(&mut text, number);
            assert_eq!(text, format!("a{number}"));
        }
    }

    fn product(text: &str, factor: u64) -> Option<(u128, bool)> {
        let product = Decimal::read(text)?.times(factor)?;
        Some((product.floor, product.is_whole))
    }

    #[test]
    fn decimals_are_read_exactly() {
        for (text, expected) in [
            ("2", Some((2000, true))),
            ("1.50", Some((1500, true))),
            (".5", Some((500, true))),
            ("5.", Some((5000, true))),
            ("0.0005", Some((0, false))),
            ("1.0009", Some((1000, false))),
            ("0.0000000000000000000000001", Some((0, false))),
            ("18446744073709551616", None),
            ("", None),
            (".", None),
            ("1.2.3", None),
            ("-1", None),
            ("1e3", None),
            ("٣", None),
        ] {
            assert_eq!(product(text, 1000), expected, "{text}");
        }
    }

    #[test]
    fn the_shortest_decimal_is_written() {
        for (units, places, expected) in [
            (1500, 3, "1.5"),
            (50, 3, "0.05"),
            (2000, 3, "2"),
            (0, 3, "0"),
            (100, 0, "100"),
        ] {
            assert_eq!(shortest(units, places), expected);
        }
    }

    #[test]
    fn a_decimal_comma_becomes_a_point_where_it_is_surely_one() {
        assert_eq!(with_point("1,5G").as_deref(), Some("1.5G"));
        assert_eq!(with_point("1,024M"), None);
        assert_eq!(with_point("1.5"), None);
    }
}
