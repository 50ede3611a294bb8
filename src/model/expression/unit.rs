//! Units of time.

/// A unit of INTERVAL, EXTRACT and TIMESTAMPDIFF.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Unit {
    /// `MICROSECOND`
    Microsecond,
    /// `SECOND`
    Second,
    /// `MINUTE`
    Minute,
    /// `HOUR`
    Hour,
    /// `DAY`
    Day,
    /// `WEEK`
    Week,
    /// `MONTH`
    Month,
    /// `QUARTER`
    Quarter,
    /// `YEAR`
    Year,
    /// `SECOND_MICROSECOND`
    SecondMicrosecond,
    /// `MINUTE_MICROSECOND`
    MinuteMicrosecond,
    /// `MINUTE_SECOND`
    MinuteSecond,
    /// `HOUR_MICROSECOND`
    HourMicrosecond,
    /// `HOUR_SECOND`
    HourSecond,
    /// `HOUR_MINUTE`
    HourMinute,
    /// `DAY_MICROSECOND`
    DayMicrosecond,
    /// `DAY_SECOND`
    DaySecond,
    /// `DAY_MINUTE`
    DayMinute,
    /// `DAY_HOUR`
    DayHour,
    /// `YEAR_MONTH`
    YearMonth,
}

/// Units and their names.
const UNITS: [(Unit, &str); 20] = [
    (Unit::Microsecond, "microsecond"),
    (Unit::Second, "second"),
    (Unit::Minute, "minute"),
    (Unit::Hour, "hour"),
    (Unit::Day, "day"),
    (Unit::Week, "week"),
    (Unit::Month, "month"),
    (Unit::Quarter, "quarter"),
    (Unit::Year, "year"),
    (Unit::SecondMicrosecond, "second_microsecond"),
    (Unit::MinuteMicrosecond, "minute_microsecond"),
    (Unit::MinuteSecond, "minute_second"),
    (Unit::HourMicrosecond, "hour_microsecond"),
    (Unit::HourSecond, "hour_second"),
    (Unit::HourMinute, "hour_minute"),
    (Unit::DayMicrosecond, "day_microsecond"),
    (Unit::DaySecond, "day_second"),
    (Unit::DayMinute, "day_minute"),
    (Unit::DayHour, "day_hour"),
    (Unit::YearMonth, "year_month"),
];

impl Unit {
    /// The unit of this name, which may begin with `SQL_TSI_`.
    pub fn named(name: &str) -> Option<Self> {
        let plain = match name.get(..8) {
            Some(prefix) if prefix.eq_ignore_ascii_case("SQL_TSI_") => &name[8..],
            Some(_) | None => name,
        };
        UNITS.iter().find(|(_, unit)| unit.eq_ignore_ascii_case(plain)).map(|(unit, _)| *unit)
    }

    /// The name, in lower case.
    pub fn as_str(self) -> &'static str {
        UNITS.iter().find(|(unit, _)| *unit == self).map_or("", |(_, name)| name)
    }
}
