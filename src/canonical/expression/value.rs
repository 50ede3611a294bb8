//! Values of VALUES LESS THAN and VALUES IN: servers print what constants come to.

use crate::model::expression::{Expr, Literal};

/// Prints one value of a partition's list as SHOW CREATE TABLE does: computed, strings without
/// introducer. `false` where it is no constant that can be computed here (bytes depend on the column's type);
/// `UNIX_TIMESTAMP` is computed for the time zone UTC.
///
/// ```
/// use alterplan::canonical::expression::print_value;
/// use alterplan::syntax::{Reading, expression::parse};
/// let target = "mysql:8.4".parse()?;
/// let mut out = String::new();
/// let value = parse("TO_DAYS('2024-01-01') + 1", &Reading::of(target))?;
/// assert!(print_value(&value, &mut out));
/// assert_eq!(out, "739252");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn print_value(value: &Expr, out: &mut String) -> bool {
    match value {
        Expr::Literal(Literal::Null) => out.push_str("NULL"),
        Expr::Literal(Literal::String { text, .. } | Literal::Temporal { text, .. }) => {
            out.push_str(&crate::ident::Literal(text).to_string());
        }
        // Bytes that are no text of their column.
        Expr::ConvertUsing { expr, charset } => {
            let Expr::Literal(Literal::Hex { digits, .. }) = &**expr else { return false };
            out.push_str(&format!("_{charset} 0x{digits}"));
        }
        Expr::Column(name) if name.is("maxvalue") => out.push_str("MAXVALUE"),
        Expr::Row(list) => {
            out.push('(');
            for (at, member) in list.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                if !print_value(member, out) {
                    return false;
                }
            }
            out.push(')');
        }
        other => match computed(other) {
            Some(number) => out.push_str(&number.to_string()),
            None => return false,
        },
    }
    true
}

/// The integer that a constant of a partition's list comes to, as far as it can be computed here.
pub fn computed(expr: &Expr) -> Option<i128> {
    match expr {
        Expr::Literal(Literal::Number(digits)) => digits.parse().ok(),
        Expr::Literal(Literal::Bool(value)) => Some(i128::from(*value)),
        Expr::Negative(inner) => computed(inner)?.checked_neg(),
        Expr::Binary { op, left, right } => op.integers(computed(left)?, computed(right)?),
        Expr::Call { name, args } => {
            let (date, seconds) = match args.as_slice() {
                [Expr::Literal(Literal::String { text, .. } | Literal::Temporal { text, .. })] => moment(text)?,
                [Expr::Literal(Literal::Number(digits))] => written_as_number(digits)?,
                _ => return None,
            };
            match &**name {
                "to_days" => Some(days(date)),
                "to_seconds" => Some(days(date) * 86_400 + seconds),
                // Day 719528 is 1970-01-01.
                "unix_timestamp" => Some((days(date) - 719_528) * 86_400 + seconds),
                "year" => Some(date.0),
                "month" => Some(date.1),
                "dayofmonth" => Some(date.2),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The moment that YYYYMMDD or YYYYMMDDhhmmss is (MySQL 8.4 manual, section 11.1.3 "Date and Time Literals").
fn written_as_number(digits: &str) -> Option<((i128, i128, i128), i128)> {
    let number: i128 = digits.parse().ok()?;
    let (date, clock) = match digits.len() {
        8 => (number, 0),
        14 => (number / 1_000_000, number % 1_000_000),
        _ => return None,
    };
    let seconds = clock / 10_000 * 3600 + clock / 100 % 100 * 60 + clock % 100;
    Some(((date / 10_000, date / 100 % 100, date % 100), seconds))
}

/// Year, month and day, and the seconds since midnight.
fn moment(text: &str) -> Option<((i128, i128, i128), i128)> {
    let (date, clock) = text.trim().split_once([' ', 'T']).unwrap_or((text.trim(), "0:0:0"));
    let three = |text: &str, separator: fn(char) -> bool| {
        let mut parts = text.split(separator).map(|part| part.parse::<i128>().ok());
        let found = (parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then_some(found)
    };
    let (hour, minute, second) = three(clock, |c| c == ':')?;
    Some((three(date, |c| matches!(c, '-' | '/' | '.'))?, hour * 3600 + minute * 60 + second))
}

/// TO_DAYS (`calc_daynr` of both servers).
fn days((year, month, day): (i128, i128, i128)) -> i128 {
    if year == 0 && month == 0 {
        return 0;
    }
    let total = 365 * year + 31 * (month - 1) + day;
    let (total, year) = if month <= 2 { (total, year - 1) } else { (total - (month * 4 + 23) / 10, year) };
    total + year / 4 - (year / 100 + 1) * 3 / 4
}
