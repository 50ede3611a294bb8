//! Dates and times as constants: what the server reads, and how it prints it back.
//!
//! MySQL 8.4 manual, section 11.1.3 "Date and Time Literals".

use std::borrow::Cow;
use std::fmt;

use super::column::Context;
use super::default::Refusal;
use super::number::{Decimal, literal_text};
use super::session::SqlMode;
use crate::model::expression::{Temporal, Unit};
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

/// What decides how a moment is read.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'m> {
    pub(crate) mode: &'m SqlMode,
    pub(crate) target: Target,
    /// The session's time zone in seconds east of Greenwich.
    pub(crate) zone: i32,
}

impl<'c> From<Context<'c>> for Rules<'c> {
    fn from(context: Context<'c>) -> Self {
        let session = context.session;
        Self { mode: &session.sql_mode, target: context.target, zone: session.time_zone.unwrap_or(0) }
    }
}

/// What a moment is read from.
pub(crate) enum Written<'a> {
    /// A string.
    Text(&'a str),
    /// A number.
    Number(&'a str),
    /// A literal of a kind of its own.
    Literal(Temporal, &'a str),
}

impl Written<'_> {
    /// The moment as the servers read it (`str_to_datetime`, `number_to_datetime` in mysys/my_time.c).
    fn moment(&self) -> Option<Moment> {
        match self {
            Self::Text(text) => moment(text),
            Self::Literal(Temporal::Date | Temporal::Timestamp | Temporal::LocalTimestamp, text) => moment(text),
            // The day would be today.
            Self::Literal(Temporal::Time, _) => None,
            Self::Number(text) => {
                let text = literal_text(text);
                let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
                numeric(whole.parse().ok()?, fraction)
            }
        }
    }
}

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

    fn has_time(&self) -> bool {
        self.hour + self.minute + self.second > 0 || self.fraction.bytes().any(|b| b != b'0')
    }

    /// So many seconds later, or earlier.
    fn later(mut self, seconds: i64) -> Self {
        if seconds == 0 {
            return self;
        }
        let of_day = i64::from(self.hour * 3600 + self.minute * 60 + self.second) + seconds;
        let clock = u32::try_from(of_day.rem_euclid(86_400)).unwrap_or(0);
        (self.hour, self.minute, self.second) = (clock / 3600, clock / 60 % 60, clock % 60);
        match of_day.div_euclid(86_400) {
            0 => {}
            1 => self.day += 1,
            _ => self.day = self.day.wrapping_sub(1),
        }
        if self.day == 0 {
            (self.year, self.month) = if self.month <= 1 { (self.year - 1, 12) } else { (self.year, self.month - 1) };
            self.day = days_in(self.year, self.month);
        } else if self.month > 0 && self.day > days_in(self.year, self.month) {
            (self.year, self.month) = if self.month == 12 { (self.year + 1, 1) } else { (self.year, self.month + 1) };
            self.day = 1;
        }
        self
    }

    /// At so many digits of the fraction, rounded.
    fn rounded(mut self, digits: u32) -> Self {
        let (up, fraction) = rounded(&self.fraction, digits);
        self.fraction = fraction;
        self.later(i64::from(up))
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
pub(crate) fn date(written: &Written<'_>, rules: Rules<'_>) -> Read {
    let m = settled(written, 0, rules)?;
    Ok(format!("{:04}-{:02}-{:02}", m.year, m.month, m.day))
}

/// `YYYY-MM-DD hh:mm:ss[.ffffff]`.
pub(crate) fn datetime(written: &Written<'_>, digits: u32, rules: Rules<'_>) -> Read {
    settled(written, digits, rules).map(|m| print(&m, digits))
}

/// As [`datetime`], within the range of TIMESTAMP (1970-01-01 00:00:01 to 2038-01-19 03:14:07 UTC).
pub(crate) fn timestamp(written: &Written<'_>, digits: u32, rules: Rules<'_>) -> Read {
    let m = settled(written, digits, rules)?;
    let is_zero = m.year == 0 && m.month == 0 && m.day == 0;
    if is_zero {
        return if m.has_time() { Err(Refusal::Always) } else { Ok(print(&m, digits)) };
    }
    let last = if rules.target.has_long_timestamps() { i64::from(u32::MAX) } else { i64::from(i32::MAX) };
    let zone = i64::from(rules.zone);
    if m.month == 0 || m.day == 0 || !(1..=last).contains(&(m.seconds() - zone)) {
        return Err(Refusal::Always);
    }
    Ok(print(&m, digits))
}

/// What MariaDB compares a TIMESTAMP with instead of a constant, with as many digits of the fraction as were written: zero, or
/// what is a day away from both ends of the range.
pub(crate) fn local_timestamp(written: &Written<'_>, rules: Rules<'_>) -> Option<String> {
    const DAY: i64 = 24 * 60 * 60;
    const DIGITS: usize = 6;
    // A text that is no more than a zero is none.
    let m = settled(written, 0, rules).ok().filter(|m| m.fraction.len() <= DIGITS)?;
    let zero = m.year == 0 && m.month == 0 && m.day == 0;
    let within = |m: &Moment| (DAY..=i64::from(u32::MAX) - DAY).contains(&m.seconds());
    if if zero { m.has_time() } else { m.month == 0 || m.day == 0 || !within(&m) } {
        return None;
    }
    let digits = u32::try_from(m.fraction.len()).unwrap_or(0);
    Some(print(&m, digits))
}

/// The moment of a constant, checked and at the fraction's length: MySQL rounds what is longer, MariaDB cuts it.
fn settled(written: &Written<'_>, digits: u32, rules: Rules<'_>) -> Result<Moment, Refusal> {
    let (mode, mysql) = (rules.mode, rules.target.is_mysql());
    let (m, shift) = match written {
        Written::Text(text) if mysql => match displaced(text) {
            Some((text, east)) => (moment(text), i64::from(rules.zone) - i64::from(east)),
            None => (moment(text), 0),
        },
        _ => (written.moment(), 0),
    };
    let mut m = m.ok_or(Refusal::Always)?;
    if mysql
        && matches!(written, Written::Text(text) if text.trim().chars().take_while(char::is_ascii_digit).count() == 1)
        && m.year < 10
        && m.has_time()
    {
        // A year of one digit counts from 2000 where a time follows (`str_to_datetime`).
        m.year += 2000;
    }
    check(&m, mode)?;
    let m = m.later(shift);
    let m = if mysql { m.rounded(digits) } else { m };
    if m.year > 9999 { Err(Refusal::Always) } else { Ok(m) }
}

/// A text without its time zone displacement, and that in seconds (MySQL 8.4 manual, section 11.1.3).
fn displaced(text: &str) -> Option<(&str, i32)> {
    let text = text.trim();
    let at = text.len().checked_sub(6)?;
    let (rest, zone) = (text.get(..at)?, text.get(at..)?);
    let sign = match zone.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = zone[1..].split_once(':')?;
    let (hours, minutes) = (hours.parse::<i32>().ok()?, minutes.parse::<i32>().ok()?);
    let has_seconds = rest.matches(':').count() == 2;
    (has_seconds && minutes < 60 && hours <= 14).then_some((rest, sign * (hours * 3600 + minutes * 60)))
}

/// `[-]hh:mm:ss[.ffffff]`.
pub(crate) fn time(written: &Written<'_>, digits: u32, rules: Rules<'_>) -> Read {
    let mysql = rules.target.is_mysql();
    let text = match written {
        Written::Literal(Temporal::Date, _) => Cow::Borrowed("00:00:00"),
        Written::Literal(_, text) => Cow::Borrowed(text.rsplit_once(' ').map_or(*text, |(_, time)| time)),
        Written::Text(text) => Cow::Borrowed(text.trim()),
        Written::Number(text) => Cow::Owned(literal_text(text)),
    };
    // A whole moment gives its time of day (`str_to_time`, `number_to_time`).
    let is_whole = match written {
        Written::Text(_) => text.len() >= 12 && is_whole_moment(&text, mysql),
        Written::Number(_) => text.split('.').next().is_some_and(|whole| whole.len() > 10),
        Written::Literal(..) => false,
    };
    if is_whole {
        let m = settled(written, digits, rules)?;
        let print = print(&m, digits);
        return Ok(print.split_once(' ').map_or_else(String::new, |(_, time)| time.to_owned()));
    }
    let (sign, rest) = text.strip_prefix('-').map_or(("", &*text), |rest| ("-", rest));
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
        // MySQL reads a fraction alone.
        [""] if mysql && !fraction.is_empty() => (0, 0, 0),
        [hms] => {
            let n = number(hms)?;
            (n / 10_000, n / 100 % 100, n % 100)
        }
        _ => return Err(Refusal::Always),
    };
    let hour = hour.checked_add(days.checked_mul(24).ok_or(Refusal::Always)?).ok_or(Refusal::Always)?;
    if hour > 838 || minute > 59 || second > 59 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::Always);
    }
    let (up, fraction) = if mysql { rounded(fraction, digits) } else { (false, fraction.to_owned()) };
    let seconds = hour * 3600 + minute * 60 + second + u32::from(up);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hour > 838 {
        return Err(Refusal::Always);
    }
    let fraction = fraction_text(&fraction, digits);
    let sign = if seconds == 0 && fraction.trim_matches(['.', '0']).is_empty() { "" } else { sign };
    Ok(format!("{sign}{hour:02}:{minute:02}:{second:02}{fraction}"))
}

/// Whether a text has a day before its time of day: with a blank between them (MariaDB: or a T), or all in digits.
fn is_whole_moment(text: &str, mysql: bool) -> bool {
    let digits = text.split('.').next().unwrap_or_default();
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        return true;
    }
    let mark = if mysql { text.find(' ') } else { text.find([' ', 'T']) };
    mark.is_some_and(|at| text[..at].contains(|c: char| c.is_ascii_punctuation()) && !text[..at].contains(':'))
}

/// A year of four digits, or of two.
pub(crate) fn year(written: &Written<'_>, width: u32) -> Read {
    let (text, numeric) = match written {
        Written::Number(text) => (literal_text(text), true),
        Written::Text(text) => (text.trim().to_owned(), false),
        Written::Literal(..) => return Err(Refusal::Always),
    };
    let number = Decimal::parse(&text).and_then(|d| d.rounded(0)).and_then(|d| d.to_i128()).ok_or(Refusal::Always)?;
    let year = match u32::try_from(number).map_err(|_| Refusal::Always)? {
        0 if numeric || text.len() >= 4 => 0,
        number @ 0..=69 => 2000 + number,
        number @ 70..=99 => 1900 + number,
        number @ 1901..=2155 => number,
        _ => return Err(Refusal::Always),
    };
    if width == 2 { Ok(format!("{:02}", year % 100)) } else { Ok(format!("{year:04}")) }
}

/// A fraction of so many digits, and whether a second comes of its rounding.
fn rounded(fraction: &str, digits: u32) -> (bool, String) {
    let digits = digits as usize;
    if fraction.len() <= digits || fraction.as_bytes()[digits] < b'5' {
        return (false, fraction.to_owned());
    }
    let kept: u32 = fraction[..digits].parse().unwrap_or(0);
    let next = (kept + 1).to_string();
    if next.len() > digits { (true, String::new()) } else { (false, format!("{next:0>digits$}")) }
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
pub(crate) fn has_time_of_day(written: &Written<'_>) -> bool {
    written.moment().is_some_and(|m| m.has_time())
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
    let whole = text.split('.').next()?;
    let digits_alone =
        whole.bytes().filter(|b| *b != b'T').all(|b| b.is_ascii_digit()) && whole.matches('T').count() <= 1;
    if !text.is_empty() && digits_alone && text.matches('.').count() <= 1 {
        return compact(text);
    }
    let mut numbers: Vec<&str> = Vec::with_capacity(7);
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        // Blanks and a T stand between the day and the hour alone.
        let blank = rest[..start].contains([' ', 'T']) && numbers.len() != 3;
        if !rest[..start].chars().all(|c| c.is_ascii_punctuation() || c == ' ' || c == 'T')
            || numbers.is_empty() != (start == 0)
            || blank
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

/// Digits alone: a year of four of them if they are 4, 8 or at least 14, else of two; then two for each part.
fn compact(text: &str) -> Option<Moment> {
    let (digits, fraction) = text.split_once('.').unwrap_or((text, ""));
    let (digits, clock) = digits.split_once('T').unwrap_or((digits, ""));
    let length = digits.len() + clock.len() + usize::from(!clock.is_empty());
    let long = matches!(length, 4 | 8) || length >= 14;
    let digits = format!("{digits}{clock}");
    let (year, mut rest) = digits.split_at_checked(if long { 4 } else { 2 })?;
    let year: u32 = year.parse().ok()?;
    let (mut parts, mut count) = ([0_u32; 5], 0);
    while !rest.is_empty() {
        let (part, after) = rest.split_at(rest.len().min(2));
        *parts.get_mut(count)? = part.parse().ok()?;
        (rest, count) = (after, count + 1);
    }
    let [month, day, hour, minute, second] = parts;
    let zero = year == 0 && parts.iter().all(|part| *part == 0);
    if count < 2 {
        return None;
    }
    let year = if long || zero { year } else { two_digits(year) };
    Some(Moment { year, month, day, hour, minute, second, fraction: fraction.to_owned() })
}

/// A number as a moment (`number_to_datetime`).
fn numeric(number: u64, fraction: &str) -> Option<Moment> {
    let number = match number {
        0 => 0,
        1..101 => return None,
        101..=691_231 => (number + 20_000_000) * 1_000_000,
        700_101..=991_231 => (number + 19_000_000) * 1_000_000,
        991_232..=99_991_231 => number * 1_000_000,
        101_000_000..=691_231_235_959 => number + 20_000_000_000_000,
        700_101_000_000..=991_231_235_959 => number + 19_000_000_000_000,
        10_000_101_000_000..=99_999_999_999_999 => number,
        _ => return None,
    };
    let part = |unit: u64, of: u64| (number / unit % of) as u32;
    Some(Moment {
        year: part(10_000_000_000, 10_000),
        month: part(100_000_000, 100),
        day: part(1_000_000, 100),
        hour: part(10_000, 100),
        minute: part(100, 100),
        second: part(1, 100),
        fraction: fraction.to_owned(),
    })
}

const fn two_digits(year: u32) -> u32 {
    if year < 70 { 2000 + year } else { 1900 + year }
}
