//! Literals: from their bytes in the source to values.

use crate::model::expression::{Literal, Temporal};

/// A string literal without its quotes, unescaped.
pub(super) fn unescaped(literal: &str, backslash: bool) -> Box<str> {
    let quote = literal.chars().next().unwrap_or('\'');
    let inner = literal.get(1..literal.len().saturating_sub(1)).unwrap_or_default();
    let is_plain = |c: char| c != quote && !(backslash && c == '\\');
    if inner.chars().all(is_plain) {
        return inner.into();
    }
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c == quote {
            chars.next();
            out.push(c);
        } else if c == '\\' && backslash {
            match chars.next() {
                Some('0') => out.push('\0'),
                Some('b') => out.push('\u{8}'),
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                Some('Z') => out.push('\u{1a}'),
                // `\%` and `\_` keep their backslash: LIKE reads it (MySQL 8.4 manual, section 11.1.1).
                Some(c @ ('%' | '_')) => out.extend(['\\', c]),
                Some(c) => out.push(c),
                None => out.push('\\'),
            }
        } else {
            out.push(c);
        }
    }
    out.into()
}

/// A quoted name without its quotes.
pub(super) fn unquoted(name: &str) -> String {
    let quote = if name.starts_with('"') { "\"" } else { "`" };
    let inner = name.get(1..name.len().saturating_sub(1)).unwrap_or_default();
    inner.replace(&quote.repeat(2), quote)
}

/// A number as the servers print it: without the zeros before it that mean nothing.
pub(super) fn number(written: &str) -> Box<str> {
    if written.contains(['e', 'E']) {
        return written.into();
    }
    let (whole, fraction) = written.split_once('.').unwrap_or((written, ""));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() { whole.into() } else { format!("{whole}.{fraction}").into() }
}

/// The hexadecimal digits of `x'…'`, `0x…`, `b'…'` or `0b…`, in even number and lower case;
/// `None` where they are none (or odd between quotes).
pub(super) fn digits(written: &str, bits: bool) -> Option<Box<str>> {
    let quoted = written.ends_with('\'') || written.ends_with('"');
    let inner = written.get(2..written.len() - usize::from(quoted))?;
    if bits {
        let padded = inner.len().div_ceil(8) * 8 - inner.len();
        let all: Vec<u8> = std::iter::repeat_n(b'0', padded).chain(inner.bytes()).collect();
        return all
            .chunks(4)
            .map(|nibble| {
                let value = nibble.iter().try_fold(0, |v, b| match b {
                    b'0' | b'1' => Some(v * 2 + u32::from(b - b'0')),
                    _ => None,
                })?;
                char::from_digit(value, 16)
            })
            .collect::<Option<String>>()
            .map(Into::into);
    }
    if !inner.bytes().all(|b| b.is_ascii_hexdigit())
        || (quoted && inner.len() % 2 == 1)
        || (!quoted && inner.is_empty())
    {
        return None;
    }
    let zero = if inner.len() % 2 == 1 { "0" } else { "" };
    Some(format!("{zero}{}", inner.to_ascii_lowercase()).into())
}

/// The text that bytes with an introducer stand for, as SHOW CREATE TABLE gives it.
///
/// MySQL prints what is not UTF-8 as `?`; MariaDB writes `\xHH` into its table definition and loses the
/// backslash when it reads that back.
pub(super) fn introduced(digits: &str, mariadb: bool) -> Box<str> {
    let bytes: Vec<u8> = digits
        .as_bytes()
        .chunks(2)
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    if mariadb { escaped_bytes(&bytes) } else { String::from_utf8_lossy(&bytes).replace('\u{fffd}', "?").into() }
}

/// What MySQL's dictionary, whose texts have characters of three bytes, keeps of a string in an expression: a question mark for
/// each byte of a longer one.
pub(super) fn of_three_bytes(text: Box<str>) -> Box<str> {
    let long = |c: char| c.len_utf8() == 4;
    if text.contains(long) { text.replace(long, "????").into() } else { text }
}

/// MariaDB's form of bytes after an introducer: `xHH` for those outside of ASCII, and what ASCII does not print.
pub(super) fn escaped_bytes(bytes: &[u8]) -> Box<str> {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        if (b' '..0x7f).contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("x{byte:02X}"));
        }
    }
    out.into()
}

/// `DATE '…'` and its kin, in the format in which servers print them.
pub(super) fn temporal(kind: Temporal, text: &str) -> Literal {
    let text = match kind {
        Temporal::Date => date(text.trim()),
        Temporal::Time => time(text.trim()),
        Temporal::Timestamp | Temporal::LocalTimestamp => text
            .trim()
            .split_once([' ', 'T', 't'])
            .and_then(|(d, t)| Some(format!("{} {}", date(d)?, of_day(t.trim_start())?))),
    }
    .unwrap_or_else(|| text.to_owned());
    Literal::Temporal { kind, text: text.into() }
}

/// Whether a literal's text, in the format in which servers print it, is a moment at all.
pub(super) fn is_moment(kind: Temporal, text: &str) -> bool {
    let most = |text: &str, separator: char, most: &[u32]| {
        let parts: Option<Vec<u32>> = text.split(separator).map(|part| part.parse().ok()).collect();
        parts.is_some_and(|parts| parts.len() == most.len() && parts.iter().zip(most).all(|(part, most)| part <= most))
    };
    let is_date = |text: &str| most(text, '-', &[9999, 12, 31]);
    let is_time = |text: &str, hours: u32| {
        let clock = text.strip_prefix('-').unwrap_or(text);
        most(clock.split('.').next().unwrap_or(clock), ':', &[hours, 59, 59])
    };
    match kind {
        Temporal::Date => is_date(text),
        Temporal::Time => is_time(text, 838),
        Temporal::Timestamp | Temporal::LocalTimestamp => {
            text.split_once(' ').is_some_and(|(date, time)| is_date(date) && is_time(time, 23))
        }
    }
}

fn date(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).collect();
    let (y, m, d) = match parts.as_slice() {
        [all] if all.len() == 8 => (all.get(..4)?, all.get(4..6)?, all.get(6..)?),
        [all] if all.len() == 6 => (all.get(..2)?, all.get(2..4)?, all.get(4..)?),
        [y, m, d] => (*y, *m, *d),
        _ => return None,
    };
    let mut year: u32 = y.parse().ok()?;
    if y.len() <= 2 {
        year += if year < 70 { 2000 } else { 1900 };
    }
    Some(format!("{year:04}-{:02}-{:02}", m.parse::<u8>().ok()?, d.parse::<u8>().ok()?))
}

/// The time of a day: one number is its hour.
fn of_day(text: &str) -> Option<String> {
    if text.bytes().all(|b| b.is_ascii_digit()) { time(&format!("{text}:00")) } else { time(text) }
}

fn time(text: &str) -> Option<String> {
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (clock, fraction) = text.split_once('.').map_or((text, None), |(c, f)| (c, Some(f)));
    let parts: Vec<u32> = clock.split(':').map(|p| p.parse().ok()).collect::<Option<_>>()?;
    let (h, m, s) = match parts.as_slice() {
        [h, m, s] => (*h, *m, *s),
        [h, m] => (*h, *m, 0),
        [all] => (all / 10_000, all / 100 % 100, all % 100),
        _ => return None,
    };
    let fraction = match fraction {
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => format!(".{digits}"),
        Some(_) => return None,
        None => String::new(),
    };
    Some(format!("{sign}{h:02}:{m:02}:{s:02}{fraction}"))
}
