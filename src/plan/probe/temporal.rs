//! Conversions to dates and times.

use super::conversion::{Change, Conversion, anything, differ, reshaped};
use crate::model::DataType;

pub(super) fn to_date(change: &Change<'_>, found: &mut Conversion) {
    use DataType as T;
    let value = change.value();
    match &change.columns.old.data_type {
        T::Date => {}
        T::DateTime(_) | T::Timestamp(_) => {
            zeros(change, found);
            found.lose("with a time of day", format!("TIME({value}) <> '00:00:00'"));
        }
        T::Char(_) | T::Varchar(_) | T::Text(_) => written(change, "DATE", DATE_FORM, found),
        T::Integer { .. } | T::Decimal { .. } => numbered(change, "DATE", found),
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
        T::Char(_) | T::Varchar(_) | T::Text(_) => written(change, &format!("DATETIME({fraction})"), DATE_FORM, found),
        T::Integer { .. } | T::Decimal { .. } => numbered(change, "DATETIME", found),
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
        }
        T::Date | T::DateTime(_) => {
            zeros(change, found);
            let last = if change.rows.terms.target.has_long_timestamps() { 4_294_967_295_u32 } else { 2_147_483_647 };
            // Of the session's time zone, like the value; the hours that it skips are not seen.
            found.fail(
                "that a TIMESTAMP cannot hold",
                format!("{value} < FROM_UNIXTIME(1) OR {value} >= FROM_UNIXTIME({last}) + INTERVAL 1 SECOND"),
            );
            if let T::DateTime(old) = &change.columns.old.data_type {
                rounded(change, *old, fraction, found);
            }
        }
        T::Char(_) | T::Varchar(_) | T::Text(_) => written(change, &format!("DATETIME({fraction})"), "", found),
        T::Time(_) => reshaped(change, found),
        _ => anything(change, found),
    }
}

pub(super) fn to_time(change: &Change<'_>, fraction: u32, found: &mut Conversion) {
    use DataType as T;
    match &change.columns.old.data_type {
        T::Time(old) => rounded(change, *old, fraction, found),
        T::Date | T::DateTime(_) | T::Timestamp(_) => reshaped(change, found),
        T::Char(_) | T::Varchar(_) | T::Text(_) => written(change, &format!("TIME({fraction})"), TIME_FORM, found),
        // Read as hours, minutes and seconds.
        T::Integer { .. } | T::Decimal { .. } => {
            let value = change.value();
            let number = format!("FLOOR(ABS({value}))");
            found.fail(
                "that is no time of day",
                format!(
                    "{number} > 8385958 OR {number} % 100 > 59 OR FLOOR({number} / 100) % 100 > 59 OR ABS({value}) % 100 >= 59.5"
                ),
            );
            reshaped(change, found);
        }
        _ => anything(change, found),
    }
}

/// Digits of a second that go.
pub(super) fn rounded(change: &Change<'_>, old: u32, new: u32, found: &mut Conversion) {
    if old <= new {
        return;
    }
    let value = change.value();
    let unit = 10_u32.pow(6 - new.min(6));
    found.lose("with a finer fraction of a second", format!("MICROSECOND({value}) % {unit} <> 0"));
    // Rounded up, the last moment is out of range.
    match change.columns.old.data_type {
        DataType::Time(_) => {
            found.fail(
                "that is rounded out of range",
                format!("ABS(TIME_TO_SEC({value})) >= 3020399 AND MICROSECOND({value}) % {unit} >= {}", unit / 2),
            );
        }
        _ => {
            found.fail(
                "that is rounded out of range",
                format!("{value} > '9999-12-31 23:59:59' AND MICROSECOND({value}) % {unit} >= {}", unit / 2),
            );
        }
    }
}

/// Dates that both servers take, however they would write them.
const DATE_FORM: &str = "^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}( [0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}([.][0-9]{1,6})?)?$";

/// Times of day that both servers take, however they would write them.
const TIME_FORM: &str = "^-?[0-9]{1,2}$|^-?[0-9]{1,3}:[0-5]?[0-9]:[0-5]?[0-9]([.][0-9]{1,6})?$";

/// A number that is read as a date.
fn numbered(change: &Change<'_>, to: &str, found: &mut Conversion) {
    let value = change.value();
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

/// A string is safe where it is written as the server itself would write the value.
fn written(change: &Change<'_>, to: &str, form: &str, found: &mut Conversion) {
    let text = change.text();
    let other = differ(&format!("CAST(CAST({text} AS {to}) AS CHAR)"), &text);
    let words = "that is not written as the server writes it";
    let fails = if form.is_empty() {
        other.clone()
    } else {
        format!("{other} AND NOT COALESCE({text} REGEXP '{form}' AND CAST({text} AS {to}) IS NOT NULL, FALSE)")
    };
    found.fail(words, fails);
    found.lose(words, other);
    zeros(change, found);
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
