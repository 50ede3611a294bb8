//! Conversions to dates and times.

use super::conversion::{Change, Conversion, anything, differ, is_binary, is_string, reshaped};
use super::number::number;
use crate::model::DataType;
use crate::target::Target;

pub(super) fn to_date(change: &Change<'_>, found: &mut Conversion) {
    use DataType as T;
    let value = change.value();
    match &change.columns.old.data_type {
        T::Date => {}
        T::DateTime(_) | T::Timestamp(_) => {
            zeros(change, found);
            found.lose("with a time of day", format!("TIME_TO_SEC({value}) <> 0 OR MICROSECOND({value}) <> 0"));
            if change.rows.terms.target.is_mysql() {
                past_the_end(change, 0, found);
            }
        }
        // Not even 0 is a date.
        T::Year(_) => found.fail("that is no date", format!("{} IS NOT NULL", change.value())),
        old if is_read_as_number(change, old) => numbered(change, "DATE", found),
        old if is_read_as_text(old) => written(change, "DATE", found),
        T::Time(_) => reshaped(change, found),
        _ => anything(change, found),
    }
}

pub(super) fn to_datetime(change: &Change<'_>, fraction: u32, found: &mut Conversion) {
    use DataType as T;
    match &change.columns.old.data_type {
        T::Date => zeros(change, found),
        T::DateTime(old) | T::Timestamp(old) => {
            zeros(change, found);
            rounded(change, *old, fraction, found);
        }
        // Not even 0 is a date.
        T::Year(_) => found.fail("that is no date", format!("{} IS NOT NULL", change.value())),
        old if is_read_as_number(change, old) => numbered(change, "DATETIME", found),
        old if is_read_as_text(old) => written(change, &format!("DATETIME({fraction})"), found),
        T::Time(_) => reshaped(change, found),
        _ => anything(change, found),
    }
}

pub(super) fn to_timestamp(change: &Change<'_>, fraction: u32, found: &mut Conversion) {
    use DataType as T;
    let value = change.value();
    match &change.columns.old.data_type {
        T::Timestamp(old) => {
            zeros(change, found);
            rounded(change, *old, fraction, found);
            if let Some(up) = rounded_up(change, *old, fraction) {
                found.fail("that is rounded out of range", format!("{value} >= {}", end_of_timestamps(change, up)));
            }
        }
        T::Date => {
            zeros(change, found);
            beyond(change, &value, 0, found);
        }
        T::DateTime(old) => {
            zeros(change, found);
            beyond(change, &value, rounded_up(change, *old, fraction).unwrap_or(0), found);
            rounded(change, *old, fraction, found);
        }
        // Not even 0 is a date.
        T::Year(_) => found.fail("that is no date", format!("{} IS NOT NULL", change.value())),
        old if is_read_as_number(change, old) => {
            numbered(change, "DATETIME", found);
            let number = number(change).unwrap_or(value);
            // With its fraction: a part of the first second is not the moment of zeros.
            beyond(change, &format!("CAST({number} AS DATETIME(6))"), 0, found);
        }
        old if is_read_as_text(old) => {
            written(change, &format!("DATETIME({fraction})"), found);
            beyond(change, &format!("CAST({} AS DATETIME({fraction}))", change.text()), 0, found);
        }
        T::Time(_) => reshaped(change, found),
        _ => anything(change, found),
    }
}

/// How many microseconds before the next moment of fewer digits MySQL rounds up to it; MariaDB cuts the digits off.
fn rounded_up(change: &Change<'_>, old: u32, new: u32) -> Option<u32> {
    (old > new && change.rows.terms.target.is_mysql()).then(|| 10_u32.pow(6 - new.min(6)) / 2)
}

/// The first moment that is behind the last of a TIMESTAMP, or becomes one when it is rounded up by so many microseconds.
fn end_of_timestamps(change: &Change<'_>, rounded_up: u32) -> String {
    let last = if change.rows.terms.target.has_long_timestamps() { 4_294_967_295_u32 } else { 2_147_483_647 };
    match rounded_up {
        0 => format!("FROM_UNIXTIME({last}) + INTERVAL 1 SECOND"),
        up => format!("FROM_UNIXTIME({last}) + INTERVAL {} MICROSECOND", 1_000_000 - up),
    }
}

/// Moments that a TIMESTAMP cannot hold, be it that they are rounded up by so many microseconds.
fn beyond(change: &Change<'_>, moment: &str, rounded_up: u32, found: &mut Conversion) {
    // Nor any day of which a part is zero, where the session takes it.
    found.fail("that a TIMESTAMP cannot hold", format!("{moment} <> 0 AND MONTH({moment}) * DAYOFMONTH({moment}) = 0"));
    let end = end_of_timestamps(change, rounded_up);
    // Of the session's time zone, like the value; the hours that it skips are not seen. The moment of zeros is taken.
    found.fail(
        "that a TIMESTAMP cannot hold",
        format!("{moment} <> 0 AND ({moment} < FROM_UNIXTIME(1) OR {moment} >= {end})"),
    );
}

/// Whether a date is made of the digits of a number: MySQL takes what is written of all but a BIT, and so does every server of
/// a FLOAT, which MariaDB does only of one that is stored.
fn is_read_as_number(change: &Change<'_>, old: &DataType) -> bool {
    use DataType as T;
    match old {
        T::Bit(_) => true,
        T::Integer { .. } | T::Decimal { .. } => change.rows.terms.target.is_mariadb(),
        T::Float { .. } => change.rows.terms.target.is_mariadb() && change.computed,
        _ => false,
    }
}

const fn is_read_as_text(old: &DataType) -> bool {
    is_string(old) || matches!(old, DataType::Integer { .. } | DataType::Decimal { .. } | DataType::Float { .. })
}

pub(super) fn to_time(change: &Change<'_>, fraction: u32, found: &mut Conversion) {
    use DataType as T;
    match &change.columns.old.data_type {
        T::Time(old) => rounded(change, *old, fraction, found),
        T::Date | T::DateTime(_) | T::Timestamp(_) => reshaped(change, found),
        old if is_string(old) => time_written(change, fraction, found),
        // Read as hours, minutes and seconds; with ten digits and more, as a moment.
        T::Integer { .. } | T::Decimal { .. } | T::Float { .. } | T::Bit(_) | T::Year(_) => {
            let Some(value) = number(change) else { return };
            found.fail("that is no time of day", no_time_of(change, &value));
            reshaped(change, found);
        }
        _ => anything(change, found),
    }
}

/// Whether the digits of a number that is brought into a column are no time of day. MariaDB sees a moment in eight digits, but in
/// what is written of a FLOAT in fourteen; and a DECIMAL does not round up to the next second.
fn no_time_of(change: &Change<'_>, number: &str) -> String {
    let target = change.rows.terms.target;
    if target.is_mysql() {
        return no_time(number, target);
    }
    let moment = match change.columns.old.data_type {
        DataType::Float { .. } if !change.computed => {
            let text = format!("CAST({number} AS CHAR)");
            format!("{text} REGEXP '^[0-9]{{14}}([.]|$)' AND CAST({text} AS DATETIME) IS NOT NULL")
        }
        _ => format!("CAST({number} AS DATETIME) IS NOT NULL"),
    };
    let rounds_up = match change.columns.old.data_type {
        DataType::Float { .. } if !change.computed => String::new(),
        DataType::Decimal { .. } | DataType::Float { .. } => {
            format!(" OR {number} IS NOT NULL AND CAST({number} AS TIME(6)) IS NULL")
        }
        _ => String::new(),
    };
    format!("ABS({number} + 0e0) >= 8385960 AND NOT ({moment}) OR {}{rounds_up}", no_clock(number))
}

/// Whether the digits of a number are no time of day. (`ABS` of the least BIGINT would end the query, 1690.)
pub(super) fn no_time(number: &str, target: Target) -> String {
    let beyond = match target.is_mysql() {
        true => format!("> 8385959 AND ({number} < 10000000000 OR CAST({number} AS DATETIME) IS NULL)"),
        false => format!(">= 8385960 AND CAST({number} AS DATETIME) IS NULL"),
    };
    format!("ABS({number} + 0e0) {beyond} OR {}", no_clock(number))
}

/// Whether there are minutes or seconds among the digits of a number that no clock shows.
fn no_clock(number: &str) -> String {
    let digits = format!("FLOOR(ABS({number} + 0e0))");
    format!("{digits} <= 8385959 AND ({digits} % 100 > 59 OR FLOOR({digits} / 100) % 100 > 59)")
}

/// Whether the digits of a number are no date.
pub(super) fn no_date(number: &str) -> String {
    format!("{number} IS NOT NULL AND CAST({number} AS DATETIME) IS NULL")
}

/// Digits of a second that go.
pub(super) fn rounded(change: &Change<'_>, old: u32, new: u32, found: &mut Conversion) {
    if old <= new {
        return;
    }
    let value = change.value();
    let unit = 10_u32.pow(6 - new.min(6));
    found.lose("with a finer fraction of a second", format!("MICROSECOND({value}) % {unit} <> 0"));
    // Rounded up, the last moment is out of range; MariaDB cuts the digits off (no TIME_ROUND_FRACTIONAL).
    if change.rows.terms.target.is_mariadb() {
        return;
    }
    match change.columns.old.data_type {
        DataType::Time(_) => {
            found.fail(
                "that is rounded out of range",
                format!("ABS(TIME_TO_SEC({value})) >= 3020399 AND MICROSECOND({value}) % {unit} >= {}", unit / 2),
            );
        }
        _ => past_the_end(change, new, found),
    }
}

/// Moments that are rounded up to one behind the last of all (1441): on MySQL of a date, too.
fn past_the_end(change: &Change<'_>, fraction: u32, found: &mut Conversion) {
    let (value, unit) = (change.value(), 10_u32.pow(6 - fraction.min(6)));
    if change.columns.old.data_type.fraction().is_some_and(|old| old > fraction) {
        found.fail(
            "that is rounded out of range",
            format!("{value} > '9999-12-31 23:59:59' AND MICROSECOND({value}) % {unit} >= {}", unit / 2),
        );
    }
}

/// Dates that the servers take, however they would write them.
const DATE_FORM: &str = "^ *([0-9]{4}|[0-9]{2})[-/.][0-9]{1,2}[-/.][0-9]{1,2}([ T] *[0-9]{1,2}(:[0-9]{1,2}(:[0-9]{1,2}([.][0-9]*)?)?)?)? *$|^([0-9]{6}|[0-9]{8}|[0-9]{12}|[0-9]{14})$";

/// And numbers, as MySQL writes them.
const NUMBER_FORM: &str = "^([0-9]{6}|[0-9]{8}|[0-9]{12}|[0-9]{14})([.]0+)?$";

/// Times of day that the servers take, however they would write them: with colons, with days before the hours, as digits.
const TIME_FORM: &str = "^ *-?(([0-7]?[0-9]{1,2}|8[0-2][0-9]|83[0-8]):[0-5]?[0-9](:[0-5]?[0-9])?|[0-7]?[0-9]{1,2}:[0-5]?[0-9]:[0-5]?[0-9][.][0-9]+|([0-9]|[12][0-9]|3[0-3]) ([01]?[0-9]|2[0-3])(:[0-5]?[0-9](:[0-5]?[0-9]([.][0-9]+)?)?)?|([0-7]?[0-9]{1,2}|8[0-2][0-9]|83[0-8])[0-5][0-9][0-5][0-9]|([0-5]?[0-9])?[0-5]?[0-9]([.][0-9]+)?) *$";

/// Moments in which the servers see a time of day.
const MOMENT_FORM: &str = "^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2} [0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}([.][0-9]*)?$|^[0-9]{14}$";

/// A number that is read as a date.
fn numbered(change: &Change<'_>, to: &str, found: &mut Conversion) {
    let Some(value) = number(change) else { return };
    let zero = if change.rows.terms.target.is_mysql() { "" } else { &format!("{value} <> 0 AND ") };
    found.fail("that is no date", format!("{value} IS NOT NULL AND {zero}CAST({value} AS {to}) IS NULL"));
    if change.rows.terms.no_zero_dates {
        found.fail(
            "with a zero in its date",
            format!("{value} <> 0 AND {}", zero_of(&format!("CAST({value} AS {to})"))),
        );
        if change.rows.terms.target.is_mysql() {
            found.fail("with a zero in its date", format!("{value} = 0"));
        }
    }
    reshaped(change, found);
}

fn zero_of(value: &str) -> String {
    format!("({})", zero(value))
}

/// A string is safe where it is written as the server itself would write the value, or in a form that it takes.
fn written(change: &Change<'_>, to: &str, found: &mut Conversion) {
    const WORDS: &str = "that is not written as the server writes it";
    let text = change.text();
    no_text(change, &text, found);
    let other = differ(&format!("CAST(CAST({text} AS {to}) AS CHAR)"), &text);
    let form = match change.columns.old.data_type {
        DataType::Decimal { .. } | DataType::Float { .. } => NUMBER_FORM,
        _ => DATE_FORM,
    };
    // Under NO_ZERO_DATE MySQL's CAST says NULL of a date with zeros.
    found.fail(
        WORDS,
        format!("{other} AND NOT COALESCE({text} REGEXP '{form}' AND CAST({text} AS {to}) IS NOT NULL, FALSE)"),
    );
    found.lose(WORDS, other);
    if change.rows.terms.no_zero_dates {
        found.fail("with a zero in its date", zero(&text));
    }
}

/// Bytes that are no text at all.
fn no_text(change: &Change<'_>, text: &str, found: &mut Conversion) {
    if is_binary(&change.columns.old.data_type) {
        let value = change.value();
        found.fail("that is no text", format!("{value} IS NOT NULL AND NOT ({value} <=> CAST({text} AS BINARY))"));
    }
}

/// The same for a time of day.
fn time_written(change: &Change<'_>, fraction: u32, found: &mut Conversion) {
    const WORDS: &str = "that is not written as the server writes it";
    let text = change.text();
    no_text(change, &text, found);
    let other = differ(&format!("CAST(CAST({text} AS TIME({fraction})) AS CHAR)"), &text);
    let mut taken = vec![
        format!("{text} REGEXP '{TIME_FORM}' AND CAST({text} AS TIME) IS NOT NULL"),
        format!("{text} REGEXP '{MOMENT_FORM}' AND CAST({text} AS DATETIME) IS NOT NULL"),
    ];
    if change.rows.terms.target.is_mysql() {
        // Not `= ''`, which a zero byte is to many collations.
        taken.push(format!("CHAR_LENGTH(RTRIM({text})) = 0"));
    }
    found.fail(WORDS, format!("{other} AND NOT COALESCE({}, FALSE)", taken.join(" OR ")));
    found.lose(WORDS, other);
}

/// Dates with zeros in them, which the session refuses.
fn zeros(change: &Change<'_>, found: &mut Conversion) {
    if change.rows.terms.no_zero_dates {
        found.fail("with a zero in its date", zero(&change.value()));
    }
}

/// Whether a date has a zero in it.
pub(crate) fn zero(value: &str) -> String {
    // Under NO_ZERO_DATE MariaDB says NULL for the month of such a date.
    format!("{value} IS NOT NULL AND COALESCE(MONTH({value}) * DAYOFMONTH({value}), 0) = 0")
}
