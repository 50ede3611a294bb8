//! Points in time as release manifests write them (RFC 3339).

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A date, or a date and a time with its offset. A date is its day's beginning in UTC.
///
/// ```
/// use alterplan::bundle::Instant;
///
/// let day: Instant = "2026-01-02".parse()?;
/// assert_eq!(day.seconds(), 1_767_312_000);
/// assert!(day < "2026-01-02T01:30:00+01:00".parse()?);
/// # Ok::<(), alterplan::bundle::MalformedInstant>(())
/// ```
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Instant {
    seconds: i64,
    /// What was written after the date, so that it is written so again.
    form: Form,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Date,
    Time { offset: i64 },
}

impl Instant {
    /// The time of so many seconds since the beginning of 1970, in UTC.
    pub fn from_seconds(seconds: i64) -> Self {
        Self { seconds, form: Form::Time { offset: 0 } }
    }

    /// Its seconds since the beginning of 1970 in UTC.
    pub fn seconds(self) -> i64 {
        self.seconds
    }
}

impl PartialEq for Instant {
    fn eq(&self, other: &Self) -> bool {
        self.seconds == other.seconds
    }
}

impl Eq for Instant {}

impl PartialOrd for Instant {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Instant {
    fn cmp(&self, other: &Self) -> Ordering {
        self.seconds.cmp(&other.seconds)
    }
}

/// Text that is no point in time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MalformedInstant(String);

impl fmt::Display for MalformedInstant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no date: 2026-01-31 and 2026-01-31T12:00:00Z are", self.0.escape_debug())
    }
}

impl std::error::Error for MalformedInstant {}

impl FromStr for Instant {
    type Err = MalformedInstant;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| MalformedInstant(text.chars().take(60).collect()))
    }
}

fn parse(text: &str) -> Option<Instant> {
    let (date, rest) = text.split_at_checked(10)?;
    let &[year, month, day] = date.splitn(3, '-').map(number).collect::<Option<Vec<_>>>()?.as_slice() else {
        return None;
    };
    if date.as_bytes()[4] != b'-' || date.as_bytes()[7] != b'-' || day < 1 || day > days_of(year, month)? {
        return None;
    }
    let midnight = days_since_1970(year, month, day) * 86_400;
    if rest.is_empty() {
        return Some(Instant { seconds: midnight, form: Form::Date });
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (time, rest) = rest.split_at_checked(8)?;
    let &[hour, minute, second] = time.splitn(3, ':').map(number).collect::<Option<Vec<_>>>()?.as_slice() else {
        return None;
    };
    if time.as_bytes()[2] != b':' || time.as_bytes()[5] != b':' || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let rest = match rest.strip_prefix('.') {
        // Parts of a second make no difference here.
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    let offset = match rest {
        "Z" | "z" => 0,
        _ => {
            let (sign, rest) = rest.split_at_checked(1)?;
            let (hours, minutes) = rest.split_once(':').filter(|(hours, minutes)| hours.len() + minutes.len() == 4)?;
            let (hours, minutes) = (number(hours)?, number(minutes)?);
            let offset = hours * 3600 + minutes * 60;
            match sign {
                "+" if hours < 24 && minutes < 60 => offset,
                "-" if hours < 24 && minutes < 60 => -offset,
                _ => return None,
            }
        }
    };
    let seconds = midnight + hour * 3600 + minute * 60 + second - offset;
    Some(Instant { seconds, form: Form::Time { offset } })
}

fn number(text: &str) -> Option<i64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

fn days_of(year: i64, month: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    Some(match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => return None,
    })
}

/// Days of the Gregorian calendar; years begin in March here, so that a leap day is the last of its year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

/// The way back.
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let year = year_of_era + era * 400;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offset = match self.form {
            Form::Date => 0,
            Form::Time { offset } => offset,
        };
        let local = self.seconds + offset;
        let (year, month, day) = date_of(local.div_euclid(86_400));
        write!(f, "{year:04}-{month:02}-{day:02}")?;
        let Form::Time { .. } = self.form else { return Ok(()) };
        let of_day = local.rem_euclid(86_400);
        write!(f, "T{:02}:{:02}:{:02}", of_day / 3600, of_day / 60 % 60, of_day % 60)?;
        match offset {
            0 => f.write_str("Z"),
            _ => {
                let (sign, offset) = if offset < 0 { ('-', -offset) } else { ('+', offset) };
                write!(f, "{sign}{:02}:{:02}", offset / 3600, offset / 60 % 60)
            }
        }
    }
}

impl TryFrom<String> for Instant {
    type Error = MalformedInstant;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Instant> for String {
    fn from(instant: Instant) -> Self {
        instant.to_string()
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Instant {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Instant".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A date, or a date and a time with its offset (RFC 3339).",
            "type": "string",
            "pattern": r"^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2}))?$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_written_so_again() {
        for (text, seconds) in [
            ("1970-01-01", 0),
            ("2000-02-29", 951_782_400),
            ("2026-11-23T17:00:00Z", 1_795_453_200),
            ("2026-11-23T17:00:00+05:30", 1_795_433_400),
            ("1969-12-31T23:59:59Z", -1),
        ] {
            let instant: Instant = text.parse().expect(text);
            assert_eq!((instant.seconds(), instant.to_string().as_str()), (seconds, text));
        }
        for text in
            ["", "2026", "2026-13-01", "2025-02-29", "2026-1-1", "2026-01-01T", "2026-01-01T00:00:00", "+026-01-01"]
        {
            assert!(text.parse::<Instant>().is_err(), "{text}");
        }
    }
}
