//! Decimal numbers as text: exact rounding and printing, without binary fractions.

/// A decimal number: sign, digits before and after the point.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Decimal {
    negative: bool,
    integer: String,
    fraction: String,
}

impl Decimal {
    /// Reads `[+-]digits[.digits][e[+-]digits]`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match rest.find(['e', 'E']) {
            Some(at) => (&rest[..at], rest[at + 1..].parse::<i32>().ok().filter(|e| e.abs() < 400)?),
            None => (rest, 0),
        };
        let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if integer.len() + fraction.len() == 0 || !all_digits(integer) || !all_digits(fraction) {
            return None;
        }
        let mut digits = format!("{integer}{fraction}");
        let point = integer.len() as i64 + i64::from(exponent);
        if point < 0 {
            digits.insert_str(0, &"0".repeat(point.unsigned_abs() as usize));
        }
        let point = point.max(0) as usize;
        if point > digits.len() {
            digits.push_str(&"0".repeat(point - digits.len()));
        }
        let integer = digits[..point].trim_start_matches('0').to_owned();
        let fraction = digits[point..].to_owned();
        let zero = integer.is_empty() && fraction.bytes().all(|b| b == b'0');
        Some(Self { negative: negative && !zero, integer, fraction })
    }

    /// Rounded half away from zero to so many digits after the point.
    pub(crate) fn rounded(mut self, scale: usize) -> Option<Self> {
        if self.fraction.len() <= scale {
            return Some(self);
        }
        let up = self.fraction.as_bytes()[scale] >= b'5';
        self.fraction.truncate(scale);
        if up {
            let mut digits: Vec<u8> = self.integer.bytes().chain(self.fraction.bytes()).collect();
            let mut at = digits.len();
            loop {
                if at == 0 {
                    digits.insert(0, b'1');
                    break;
                }
                at -= 1;
                if digits[at] == b'9' {
                    digits[at] = b'0';
                } else {
                    digits[at] += 1;
                    break;
                }
            }
            let text = String::from_utf8(digits).ok()?;
            let point = text.len() - scale;
            self.integer = text[..point].to_owned();
            self.fraction = text[point..].to_owned();
        }
        if self.integer.is_empty() && self.fraction.bytes().all(|b| b == b'0') {
            self.negative = false;
        }
        Some(self)
    }

    /// The digits behind the point, up to the last that is no zero.
    pub(crate) fn digits_behind(&self) -> usize {
        self.fraction.trim_end_matches('0').len()
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.negative
    }

    /// Digits before the point, leading zeros aside.
    pub(crate) fn integer_digits(&self) -> usize {
        self.integer.len()
    }

    /// The whole number, if there is no fraction.
    pub(crate) fn to_i128(&self) -> Option<i128> {
        let value: i128 = if self.integer.is_empty() { 0 } else { self.integer.parse().ok()? };
        self.fraction.bytes().all(|b| b == b'0').then_some(if self.negative { -value } else { value })
    }

    pub(crate) fn to_f64(&self) -> f64 {
        self.to_fixed(self.fraction.len()).parse().unwrap_or(0.0)
    }

    /// The number with exactly so many digits after the point.
    pub(crate) fn to_fixed(&self, scale: usize) -> String {
        let sign = if self.negative { "-" } else { "" };
        let integer = if self.integer.is_empty() { "0" } else { &self.integer };
        if scale == 0 { format!("{sign}{integer}") } else { format!("{sign}{integer}.{:0<scale$}", self.fraction) }
    }
}

/// A number literal as the string that the server makes of it: `1e3` is the double 1000.
pub(crate) fn literal_text(literal: &str) -> String {
    if literal.contains(['e', 'E']) {
        return Decimal::parse(literal).map_or_else(|| literal.to_owned(), |d| shortest_double(d.to_f64()));
    }
    Decimal::parse(literal).map_or_else(|| literal.to_owned(), |d| d.to_fixed(d.fraction.len()))
}

/// A double as the servers print it: the shortest text that reads back, `e` where that is shorter
/// than 15 digits allow (`my_gcvt`).
pub(crate) fn shortest_double(value: f64) -> String {
    printed(value, &format!("{value:e}"), 17)
}

/// A double in at most so many characters, with fewer digits where they are too many (`my_gcvt`).
pub(crate) fn double_within(value: f64, width: usize) -> String {
    let whole = shortest_double(value);
    if whole.len() <= width {
        return whole;
    }
    // The digits before the point stay, if they fit.
    let room = width.saturating_sub(usize::from(value < 0.0));
    let before = format!("{:.0}", value.abs().trunc()).len();
    if value.abs() >= 1e-2 && before <= room {
        return format!("{value:.*}", room.saturating_sub(before + 1));
    }
    (0..17)
        .rev()
        .map(|digits| format!("{value:.digits$e}"))
        .find(|text| text.len() <= width)
        .unwrap_or_else(|| whole[..width].to_owned())
}

/// A float as the servers print it.
pub(crate) fn shortest_float(value: f32) -> String {
    let six = format!("{:.5e}", value);
    let trimmed = six
        .split_once('e')
        .map(|(m, e)| format!("{}e{e}", m.trim_end_matches('0').trim_end_matches('.')))
        .unwrap_or(six);
    printed(f64::from(value), &trimmed, 12)
}

/// Lays out `digits e exponent` as `my_gcvt` does for a buffer of `width` characters.
fn printed(value: f64, scientific: &str, width: i32) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if mantissa.starts_with('-') { "-" } else { "" };
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let count = digits.len() as i32;
    if exponent < -5 || exponent >= width.min(15) && exponent >= count {
        let rest = if count > 1 { format!(".{}", &digits[1..]) } else { String::new() };
        return format!("{sign}{}{rest}e{exponent}", &digits[..1]);
    }
    if exponent < 0 {
        return format!("{sign}0.{}{digits}", "0".repeat((-exponent - 1) as usize));
    }
    let point = exponent as usize + 1;
    if digits.len() <= point {
        format!("{sign}{digits:0<point$}")
    } else {
        format!("{sign}{}.{}", &digits[..point], &digits[point..])
    }
}
