//! Dates and times as constants: what the server reads, and how it prints it back.
//!
//! MySQL 8.4 manual, section 11.1.3 "Date and Time Literals".

use std::fmt;

use super::default::Refusal;
use super::session::SqlMode;
use crate::model::expression::Unit;
use crate::target::Target;

/// A date with a time of day.
pub(crate) struct Moment {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    /// Digits of the second's fraction as written.
    fraction: String,
}

type Read = Result<String, Refusal>;

impl fmt::Display for Moment {
    /// `YYYY-MM-DD hh:mm:ss`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second, .. } = self;
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}

impl Moment {
    /// The moment so many seconds after 1970 began.
    pub(crate) fn after_1970(seconds: u32) -> Self {
        let (mut days, rest) = (seconds / 86_400, seconds % 86_400);
        let (mut year, mut month) = (1970, 1);
        while days >= 365 + u32::from(days_in(year, 2) == 29) {
            days -= 365 + u32::from(days_in(year, 2) == 29);
            year += 1;
        }
        while days >= days_in(year, month) {
            days -= days_in(year, month);
            month += 1;
        }
        let fraction = String::new();
        Self { year, month, day: days + 1, hour: rest / 3600, minute: rest / 60 % 60, second: rest % 60, fraction }
    }

    /// Seconds since 1970 began, of the same calendar throughout.
    pub(crate) fn seconds(&self) -> i64 {
        let before = |year: i64| 365 * year + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
        let days = before(i64::from(self.year)) - before(1970)
            + (1..self.month).map(|m| i64::from(days_in(self.year, m))).sum::<i64>()
            + i64::from(self.day)
            - 1;
        ((days * 24 + i64::from(self.hour)) * 60 + i64::from(self.minute)) * 60 + i64::from(self.second)
    }

    /// The beginning of the day, hour, minute or second that it is in.
    pub(crate) fn rounded_down(mut self, unit: Unit) -> Self {
        if unit == Unit::Day {
            self.hour = 0;
        }
        if matches!(unit, Unit::Day | Unit::Hour) {
            self.minute = 0;
        }
        if matches!(unit, Unit::Day | Unit::Hour | Unit::Minute) {
            self.second = 0;
        }
        self
    }
}

/// The moment that a text says, which the calendar must have.
pub(crate) fn instant(text: &str) -> Option<Moment> {
    moment(text).filter(|m| m.month > 0 && m.day > 0 && check(m, &SqlMode::default()).is_ok())
}

/// `YYYY-MM-DD`.
pub(crate) fn date(text: &str, mode: &SqlMode) -> Read {
    let m = moment(text).ok_or(Refusal::Always)?;
    check(&m, mode)?;
    Ok(format!("{:04}-{:02}-{:02}", m.year, m.month, m.day))
}

/// `YYYY-MM-DD hh:mm:ss[.ffffff]`.
pub(crate) fn datetime(text: &str, digits: u32, mode: &SqlMode) -> Read {
    let m = moment(text).ok_or(Refusal::Always)?;
    check(&m, mode)?;
    Ok(print(&m, digits))
}

/// As [`datetime`], within the range of TIMESTAMP (1970-01-01 00:00:01 to 2038-01-19 03:14:07 UTC).
pub(crate) fn timestamp(text: &str, digits: u32, mode: &SqlMode, target: Target) -> Read {
    let m = moment(text).ok_or(Refusal::Always)?;
    check(&m, mode)?;
    let is_zero = m.year == 0 && m.month == 0 && m.day == 0;
    let in_range = (1970..=2038).contains(&m.year) || target.has_long_timestamps() && (1970..=2106).contains(&m.year);
    if !is_zero && (!in_range || m.month == 0 || m.day == 0) {
        return Err(Refusal::Always);
    }
    Ok(print(&m, digits))
}

/// `[-]hh:mm:ss[.ffffff]`.
pub(crate) fn time(text: &str, digits: u32) -> Read {
    let text = text.trim();
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (rest, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let (days, rest) = match rest.split_once(' ') {
        Some((days, rest)) => (days.trim().parse::<u32>().map_err(|_| Refusal::Always)?, rest.trim()),
        None => (0, rest),
    };
    let parts: Vec<&str> = rest.split(':').collect();
    let number = |part: &str| part.parse::<u32>().map_err(|_| Refusal::Always);
    let (hour, minute, second) = match parts.as_slice() {
        [h, m, s] => (number(h)?, number(m)?, number(s)?),
        [h, m] => (number(h)?, number(m)?, 0),
        [hms] if days > 0 => (number(hms)?, 0, 0),
        [hms] => {
            let n = number(hms)?;
            (n / 10_000, n / 100 % 100, n % 100)
        }
        _ => return Err(Refusal::Always),
    };
    let hour = hour + days * 24;
    if hour > 838 || minute > 59 || second > 59 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::Always);
    }
    let fraction = fraction_text(fraction, digits);
    let sign = if hour + minute + second == 0 && fraction.trim_matches(['.', '0']).is_empty() { "" } else { sign };
    Ok(format!("{sign}{hour:02}:{minute:02}:{second:02}{fraction}"))
}

/// A year of four digits, or of two.
pub(crate) fn year(text: &str, numeric: bool, width: u32) -> Read {
    let text = text.trim();
    let number: u32 = text.split('.').next().unwrap_or_default().parse().map_err(|_| Refusal::Always)?;
    let year = match number {
        0 if numeric || text.len() >= 4 => 0,
        0..=69 => 2000 + number,
        70..=99 => 1900 + number,
        1901..=2155 => number,
        _ => return Err(Refusal::Always),
    };
    if width == 2 { Ok(format!("{:02}", year % 100)) } else { Ok(format!("{year:04}")) }
}

fn print(m: &Moment, digits: u32) -> String {
    format!("{m}{}", fraction_text(&m.fraction, digits))
}

fn fraction_text(written: &str, digits: u32) -> String {
    let digits = digits as usize;
    if digits == 0 {
        return String::new();
    }
    let kept: String = written.chars().take(digits).collect();
    format!(".{kept:0<digits$}")
}

fn check(m: &Moment, mode: &SqlMode) -> Result<(), Refusal> {
    if m.hour > 23 || m.minute > 59 || m.second > 59 || m.month > 12 || m.day > 31 {
        return Err(Refusal::Always);
    }
    if m.month == 0 && m.day == 0 && m.year == 0 {
        // MariaDB's default sql_mode has no NO_ZERO_DATE.
        return if mode.no_zero_date && mode.strict { Err(Refusal::WhenStrict) } else { Ok(()) };
    }
    if m.month == 0 || m.day == 0 {
        return if mode.no_zero_in_date && mode.strict { Err(Refusal::WhenStrict) } else { Ok(()) };
    }
    if !mode.allow_invalid_dates && m.day > days_in(m.year, m.month) { Err(Refusal::Always) } else { Ok(()) }
}

/// Whether a moment is later than the midnight that its day begins with.
pub(crate) fn has_time_of_day(text: &str) -> bool {
    moment(text).is_some_and(|m| m.hour + m.minute + m.second > 0 || m.fraction.bytes().any(|b| b != b'0'))
}

/// Days of a month of the Gregorian calendar.
pub(crate) const fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Reads `2000-1-2[ T]3:4:5.6` with any punctuation between the parts, or digits alone.
fn moment(text: &str) -> Option<Moment> {
    let text = text.trim();
    if !text.is_empty() && text.split('.').next()?.bytes().all(|b| b.is_ascii_digit()) && text.matches('.').count() <= 1
    {
        return compact(text);
    }
    let mut numbers: Vec<&str> = Vec::with_capacity(7);
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        if !rest[..start].chars().all(|c| c.is_ascii_punctuation() || c == ' ' || c == 'T')
            || !numbers.is_empty() && start == 0
        {
            return None;
        }
        rest = &rest[start..];
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        numbers.push(&rest[..end]);
        rest = &rest[end..];
    }
    if !rest.is_empty() || numbers.len() < 3 || numbers.len() > 7 {
        return None;
    }
    let part = |i: usize| numbers.get(i).map_or(Some(0), |n| n.parse::<u32>().ok());
    let year = part(0)?;
    let year = if numbers[0].len() == 2 { two_digits(year) } else { year };
    if year > 9999 {
        return None;
    }
    let fraction = numbers.get(6).map(|f| (*f).to_owned()).unwrap_or_default();
    Some(Moment { year, month: part(1)?, day: part(2)?, hour: part(3)?, minute: part(4)?, second: part(5)?, fraction })
}

/// `YYYYMMDD[hhmmss]` or `YYMMDD[hhmmss]`; `0` is the zero date.
fn compact(text: &str) -> Option<Moment> {
    let (digits, fraction) = text.split_once('.').unwrap_or((text, ""));
    let number: u64 = digits.parse().ok()?;
    let (date, time, short) = match digits.len() {
        14 => (number / 1_000_000, number % 1_000_000, false),
        12 => (number / 1_000_000, number % 1_000_000, true),
        8 => (number, 0, false),
        5 | 6 => (number, 0, true),
        _ if number == 0 => (0, 0, false),
        _ => return None,
    };
    let year = (date / 10_000) as u32;
    Some(Moment {
        year: if short { two_digits(year) } else { year },
        month: (date / 100 % 100) as u32,
        day: (date % 100) as u32,
        hour: (time / 10_000) as u32,
        minute: (time / 100 % 100) as u32,
        second: (time % 100) as u32,
        fraction: fraction.to_owned(),
    })
}

const fn two_digits(year: u32) -> u32 {
    if year < 70 { 2000 + year } else { 1900 + year }
}
