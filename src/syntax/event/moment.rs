//! Points in time of an event's schedule.

use super::super::input::{Failure, Input};
use super::super::keyword::Keyword;
use super::super::program::text_between;
use super::super::token::TokenKind;
use crate::model::expression::Unit;

/// A point in time: a string as the server prints it, another expression as written.
pub(super) fn moment<'a, 't>(first: Input<'a, 't>) -> Result<(Input<'a, 't>, Box<str>), nom::Err<Failure>> {
    let ends = |input: Input<'_, '_>| {
        [
            Keyword::STARTS,
            Keyword::ENDS,
            Keyword::ON,
            Keyword::RENAME,
            Keyword::ENABLE,
            Keyword::DISABLE,
            Keyword::COMMENT,
            Keyword::DO,
        ]
        .iter()
        .any(|word| input.is(*word))
            || input.is_kind(TokenKind::End)
    };
    let (mut input, mut last) = (first, first);
    while !ends(input) {
        last = input;
        input = input.skip(1);
    }
    // `TIMESTAMP '…'` and `20300101000000` say the same.
    let words = ["timestamp", "date"];
    let literal = first.is_kind(TokenKind::Word)
        && words.iter().any(|word| first.written().is_ok_and(|w| w.eq_ignore_ascii_case(word)));
    let value = first.skip(usize::from(literal));
    let whole = match value.token().kind {
        TokenKind::String => whole_moment(&value.string_text()?),
        TokenKind::Integer if !literal => numbered_moment(value.written()?),
        _ => None,
    };
    // What is counted from now is not known.
    if let Some(text) = whole
        && let Some(text) = shifted(text, value.skip(1), input)
    {
        return Ok((input, format!("'{text}'").into()));
    }
    let text = text_between(first.token().start as usize, last.token().end as usize, first)?;
    Ok((input, text.split_whitespace().collect::<Vec<_>>().join(" ").into()))
}

/// `20300101` and `20300101102030`.
fn numbered_moment(digits: &str) -> Option<String> {
    if !matches!(digits.len(), 8 | 14) {
        return None;
    }
    let (date, clock) = digits.split_at(8);
    let clock = if clock.is_empty() { "000000" } else { clock };
    whole_moment(&format!(
        "{}-{}-{} {}:{}:{}",
        &date[..4],
        &date[4..6],
        &date[6..],
        &clock[..2],
        &clock[2..4],
        &clock[4..]
    ))
}

/// `2030-01-01` is `2030-01-01 00:00:00`.
fn whole_moment(text: &str) -> Option<String> {
    let (date, clock) = text.trim().split_once([' ', 'T']).unwrap_or((text.trim(), "00:00:00"));
    let parts = |text: &str, separator| -> Option<Vec<u32>> { text.split(separator).map(|p| p.parse().ok()).collect() };
    let whole = clock.split_once('.').map_or(clock, |(whole, _)| whole);
    match (&parts(date, '-')?[..], &parts(whole, ':')?[..]) {
        // Fractions of a second are cut off.
        ([year, month, day], [hour, minute, rest @ ..]) if *year > 999 && rest.len() < 2 => {
            let second = rest.first().copied().unwrap_or(0);
            Some(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"))
        }
        _ => None,
    }
}

/// A moment with the intervals behind it added and taken away, as the server stores it; `None` for what is more than that.
fn shifted<'a, 't>(mut moment: String, mut input: Input<'a, 't>, end: Input<'a, 't>) -> Option<String> {
    while input.token().start < end.token().start {
        let sign = if input.is_symbol(b'-') { -1 } else { i64::from(input.is_symbol(b'+')) };
        let (number, unit) = (input.skip(2), input.skip(3));
        let number: i64 = match number.token().kind {
            _ if sign == 0 || !input.skip(1).is(Keyword::INTERVAL) => return None,
            TokenKind::Integer => number.written().ok()?.parse().ok()?,
            TokenKind::String => number.string_text().ok()?.trim().parse().ok()?,
            _ => return None,
        };
        moment = add(&moment, sign.checked_mul(number)?, Unit::named(unit.written().ok()?)?)?;
        input = input.skip(4);
    }
    Some(moment)
}

/// A moment so many units later (`date_add_interval` of both servers).
fn add(moment: &str, number: i64, unit: Unit) -> Option<String> {
    let field = |range| moment.get(range).and_then(|digits: &str| digits.parse::<i64>().ok());
    let (year, month, day) = (field(0..4)?, field(5..7)?, field(8..10)?);
    let seconds = field(11..13)? * 3600 + field(14..16)? * 60 + field(17..19)?;
    let each = match unit.as_str() {
        "second" => 1,
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        "week" => 7 * 86_400,
        word => {
            let months = match word {
                "month" => number,
                "quarter" => number.checked_mul(3)?,
                "year" => number.checked_mul(12)?,
                _ => return None,
            };
            let months = (year * 12 + month - 1).checked_add(months)?;
            let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
            let first = days(year, month, 1);
            let last = days(year + month / 12, month % 12 + 1, 1) - first;
            return written(first + day.min(last) - 1, seconds);
        }
    };
    let total = (days(year, month, day) * 86_400 + seconds).checked_add(number.checked_mul(each)?)?;
    written(total.div_euclid(86_400), total.rem_euclid(86_400))
}

/// The days from 1 March of year 0 to a date, in eras of 400 years that begin in March (Howard Hinnant's days_from_civil).
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year
}

/// The date of so many days, and a time of it.
fn written(days: i64, seconds: i64) -> Option<String> {
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + i64::from(month <= 2);
    let clock = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    (1000..=9999).contains(&year).then(|| format!("{year:04}-{month:02}-{day:02} {clock}"))
}

#[cfg(test)]
mod tests {
    use super::add;
    use crate::model::expression::Unit;

    #[test]
    fn intervals_are_added_as_the_servers_add_them() {
        for (moment, number, unit, wanted) in [
            ("2035-05-05 05:05:05", 1, "day", "2035-05-06 05:05:05"),
            ("2035-01-31 00:00:00", 1, "month", "2035-02-28 00:00:00"),
            ("2036-01-31 23:59:59", 1, "month", "2036-02-29 23:59:59"),
            ("2036-02-29 00:00:00", -1, "year", "2035-02-28 00:00:00"),
            ("2035-12-31 23:59:59", 1, "second", "2036-01-01 00:00:00"),
            ("2035-11-15 00:00:00", 1, "quarter", "2036-02-15 00:00:00"),
            ("2035-11-30 00:00:00", 1, "month", "2035-12-30 00:00:00"),
            ("2036-03-01 00:00:00", -36, "hour", "2036-02-28 12:00:00"),
            ("2035-05-05 00:00:00", -2, "week", "2035-04-21 00:00:00"),
        ] {
            let unit = Unit::named(unit).expect("a unit");
            assert_eq!(add(moment, number, unit).as_deref(), Some(wanted), "{moment} {number} {unit:?}");
        }
        let (moment, day) = ("9999-12-31 00:00:00", Unit::named("day").expect("a unit"));
        assert_eq!(add(moment, 1, day), None);
    }
}
