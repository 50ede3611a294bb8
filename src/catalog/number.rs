//! Decimal numbers as text: exact rounding and printing, without binary fractions.

use crate::target::Target;

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

/// Characters for a number literal.
const LITERAL: usize = 24;

/// A number literal as the string that the server makes of it: `1e3` is the double 1000.
pub(crate) fn literal_text(literal: &str) -> String {
    if literal.contains(['e', 'E']) {
        let text = |d: Decimal| double_within(d.to_f64(), LITERAL).0;
        return Decimal::parse(literal).map_or_else(|| literal.to_owned(), text);
    }
    Decimal::parse(literal).map_or_else(|| literal.to_owned(), |d| d.to_fixed(d.fraction.len()))
}

/// Characters for numbers that become text: as many as MySQL and MariaDB have room for (`Field_double::val_str` and
/// `Field_float::val_str` in sql/field.cc; measured on MySQL 9.7 and MariaDB 10.11).
#[derive(Clone, Copy)]
pub(crate) struct Room {
    double: usize,
    float: usize,
}

impl Room {
    /// That of a target.
    pub(crate) fn of(target: Target) -> Self {
        if target.is_mysql() { Self { double: 24, float: 12 } } else { Self { double: 69, float: 69 } }
    }
}

/// A double as the servers print it: the shortest text that reads back.
pub(crate) fn shortest_double(value: f64, room: Room) -> String {
    printed(value, &format!("{value:e}"), room.double).0
}

/// A double in at most so many characters, with fewer digits where they are too many; whether even those do not fit.
pub(crate) fn double_within(value: f64, width: usize) -> (String, bool) {
    printed(value, &format!("{value:e}"), width)
}

/// A float as the servers print it: of six digits.
pub(crate) fn shortest_float(value: f32, room: Room) -> String {
    printed(f64::from(value), &format!("{value:.5e}"), room.float).0
}

/// The digits of `m.mmme±n` without zeros at their end, and where the point stands among them.
fn significant(scientific: &str) -> (String, i32) {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    (digits.trim_end_matches('0').to_owned(), exponent.parse::<i32>().unwrap_or(0) + 1)
}

/// `my_gcvt` of strings/dtoa.c: with a point as long as that tells as many digits and they are 15 places from it at most, else
/// with an exponent.
fn printed(value: f64, scientific: &str, width: usize) -> (String, bool) {
    const FARTHEST: i32 = 15;
    if value == 0.0 {
        return ("0".to_owned(), false);
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let most = width.saturating_sub(sign.len());
    let mut room = i32::try_from(most).unwrap_or(i32::MAX);
    let (mut digits, mut point) = significant(scientific);
    let count = |digits: &str| digits.len() as i32;
    let far = point <= -FARTHEST || point > FARTHEST;
    let needed = match count(&digits) {
        count if point <= 0 => count - point + 2,
        count if point < count => count + 1,
        _ => point,
    };
    let fewer = |room: i32| significant(&format!("{:.*e}", (room.max(1) - 1) as usize, value.abs()));
    let mut overflows = false;
    let mut text = String::new();
    if !far && (needed <= room || point <= room && point >= -2) {
        room -= i32::from(point < count(&digits)) + if point <= 0 { 1 - point } else { 0 };
        if room < count(&digits) {
            overflows = room < point;
            (digits, point) = fewer(room.max(point));
        }
        if point <= 0 {
            text.push_str("0.");
            text.extend(std::iter::repeat_n('0', (-point) as usize));
            text.push_str(&digits);
        } else if count(&digits) <= point {
            text = format!("{digits:0<width$}", width = point as usize);
        } else {
            text = format!("{}.{}", &digits[..point as usize], &digits[point as usize..]);
        }
    } else {
        let exponent = (point - 1).abs();
        let written = format!("e{}{exponent}", if point < 1 { "-" } else { "" });
        room -= count(&written) + i32::from(digits.len() > 1);
        overflows = room <= 0;
        if room < count(&digits) {
            (digits, _) = fewer(room);
        }
        text.push_str(&digits[..1]);
        if digits.len() > 1 {
            text.push('.');
            text.push_str(&digits[1..]);
        }
        text.push_str(&written);
    }
    text.truncate(most);
    (format!("{sign}{text}"), overflows)
}
