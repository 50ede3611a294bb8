//! What plans may cost, for whom, why, and until when.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use super::Word;
use crate::document::{Exemption, HazardKind};

/// A kind of hazard that plans may have.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "an entry such as {hazard: rewrite, reason: no table is large}")]
pub struct Allowance {
    /// The kind.
    pub hazard: HazardKind,
    /// Why it may be.
    pub reason: String,
    /// The last day on which this holds, as 2026-12-31; without it, always.
    pub until: Option<Word<Day>>,
}

/// A kind of hazard that the steps on one object may have.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "an entry such as {object: users, hazard: data-loss, reason: exported}")]
pub struct Exception {
    /// The object's name, perhaps behind its database's: `users`, `shop.users`.
    pub object: String,
    /// The kind.
    pub hazard: HazardKind,
    /// Why it may be.
    pub reason: String,
    /// The last day on which this holds, as 2026-12-31; without it, always.
    pub until: Option<Word<Day>>,
}

impl Allowance {
    /// Whether it no longer holds on a day.
    pub fn has_expired(&self, today: Day) -> bool {
        self.until.as_ref().is_some_and(|until| until.value < today)
    }
}

impl Exception {
    /// Whether it no longer holds on a day.
    pub fn has_expired(&self, today: Day) -> bool {
        self.until.as_ref().is_some_and(|until| until.value < today)
    }

    /// What it permits, for as long as it holds.
    pub fn exemption(&self) -> Exemption {
        Exemption { object: self.object.clone(), hazard: self.hazard, reason: self.reason.clone() }
    }
}

/// A day of the common calendar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

/// Why a text is no day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MalformedDay(String);

impl fmt::Display for MalformedDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no day; a day is written 2026-12-31", self.0)
    }
}

impl std::error::Error for MalformedDay {}

impl Day {
    /// After any other.
    pub const LAST: Self = Self { year: u16::MAX, month: 12, day: 31 };
}

impl FromStr for Day {
    type Err = MalformedDay;

    /// ```
    /// use alterplan::config::Day;
    /// assert!("2026-12-31".parse::<Day>()? < "2027-01-01".parse()?);
    /// assert_eq!("2026-02-29".parse::<Day>().unwrap_err().to_string(), "`2026-02-29` is no day; a day is written 2026-12-31");
    /// # Ok::<(), alterplan::config::MalformedDay>(())
    /// ```
    fn from_str(text: &str) -> Result<Self, MalformedDay> {
        let malformed = || MalformedDay(text.to_owned());
        let is_shaped = text.len() == 10
            && text.bytes().enumerate().all(|(at, b)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() });
        if !is_shaped {
            return Err(malformed());
        }
        let year = text[..4].parse().map_err(|_| malformed())?;
        let month = text[5..7].parse().map_err(|_| malformed())?;
        let day = text[8..].parse().map_err(|_| malformed())?;
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if is_leap => 29,
            2 => 28,
            _ => 0,
        };
        if (1..=days).contains(&day) { Ok(Self { year, month, day }) } else { Err(malformed()) }
    }
}
