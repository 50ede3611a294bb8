//! The types in which servers keep constants that are compared with a column (`convert_constant_arg_to_field` in
//! sql/item_cmpfunc.cc): moments, years and BIGINT. Seen on MySQL 9.7, where what is no moment at all is refused whatever the session's modes are. MariaDB keeps them so of
//! years and BIGINT (`convert_const_to_int`), and of TIMESTAMP since 11.3.

use crate::catalog::number::Decimal;
use crate::catalog::temporal::{self, Rules, Written};
use crate::model::expression::{Expr, Literal, Temporal};
use crate::model::{Column, DataType, Integer};

/// How many a column is compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Among {
    /// With one.
    One,
    /// With two bounds.
    Bounds,
    /// With a list.
    Several,
}

type Refusal = (u16, String);

/// Gives a constant the type of the column that it is compared with, and tells whether it is another one now.
pub(super) fn constant(expr: &mut Expr, column: &Column, among: Among, rules: Rules<'_>) -> Result<bool, Refusal> {
    let mode = rules.mode;
    if rules.target.is_mariadb() {
        return Ok(mariadb(expr, column, among, rules));
    }
    let Some((text, is_number)) = written(expr) else {
        let zero = matches!(expr, Expr::Literal(Literal::Temporal { text, .. }) if text.starts_with("0000-00-00"));
        return if zero && mode.no_zero_date && mode.strict {
            Err((1525, "incorrect DATE value: '0000-00-00'".to_owned()))
        } else {
            Ok(false)
        };
    };
    let is_zero = is_number && text.bytes().all(|b| b == b'0');
    let refused = |what: &str| Err((1292, format!("incorrect {what} value: '{text}' for column '{}'", column.name)));
    let several = among == Among::Several;
    let moment = if is_number { Written::Number(&text) } else { Written::Text(&text) };
    let becomes = match &column.data_type {
        DataType::Date => match temporal::date(&moment, rules) {
            _ if several => None,
            _ if is_zero => Some(Literal::Temporal { kind: Temporal::Date, text: "0000-00-00".into() }),
            Ok(text) if is_number => Some(Literal::Temporal { kind: Temporal::Date, text: text.into() }),
            Ok(_) => None,
            // Then texts are compared.
            Err(_) if among == Among::Bounds && !is_number => None,
            Err(_) => return refused("date"),
        },
        DataType::DateTime(digits) | DataType::Timestamp(digits) => match temporal::datetime(&moment, *digits, rules) {
            Err(_) if among == Among::Bounds && !is_number => None,
            Err(_) if !is_zero && (!several || is_number) => return refused("datetime"),
            _ if several || !is_number => None,
            Ok(text) => Some(Literal::ascii(&text, "utf8mb4")),
            Err(_) => Some(Literal::ascii(&crate::catalog::column::zero_moment(*digits), "utf8mb4")),
        },
        DataType::Time(_) if !is_number && is_no_time_yet(&text) => None,
        DataType::Time(digits) if !several => {
            let rounded = Decimal::parse(&text).and_then(|n| n.rounded(*digits as usize));
            let rounded = rounded.map_or_else(|| text.clone(), |n| n.to_fixed(*digits as usize));
            match temporal::time(&Written::Text(&rounded), *digits, rules) {
                Ok(text) => Some(Literal::Temporal { kind: Temporal::Time, text: text.into() }),
                Err(_) => return refused("time"),
            }
        }
        DataType::Year(_) if !several => year(&text),
        DataType::Integer { kind: Integer::Big, .. } if !is_number => match Decimal::parse(text.trim()) {
            _ if text.trim().is_empty() => Some(Literal::Number("0".into())),
            Some(number) if number.digits_behind() == 0 => {
                number.to_i128().map(|number| Literal::Number(number.to_string().into()))
            }
            Some(_) => None,
            None => return Err((1292, format!("truncated incorrect DOUBLE value: '{text}'"))),
        },
        _ => None,
    };
    let Some(literal) = becomes else { return Ok(false) };
    *expr = Expr::Literal(literal);
    Ok(true)
}

/// Error 1292: one of several constants, all texts or all numbers, that is not what MySQL reads it as beside a column: a list is
/// read once, whatever the session's modes are.
pub(super) fn listed(expr: &Expr, column: &Column, rules: Rules<'_>) -> Result<(), Refusal> {
    let Some((text, is_number)) = written(expr) else { return Ok(()) };
    let moment = if is_number { Written::Number(&text) } else { Written::Text(&text) };
    let (fits, what) = match &column.data_type {
        DataType::Date => {
            let is_date = temporal::date(&moment, rules).is_ok();
            let fits = match is_number {
                // Zeros for a month and a day are read here.
                true => is_date || text.len() < 5,
                false => is_date && !text.contains(':') || text.contains("-00") && !text.starts_with("0000-00-00"),
            };
            (fits, "date")
        }
        DataType::DateTime(digits) | DataType::Timestamp(digits) => {
            let is_zero = is_number && text.bytes().all(|b| b == b'0');
            (is_zero || temporal::datetime(&moment, *digits, rules).is_ok(), "datetime")
        }
        DataType::Time(digits) => (temporal::time(&moment, *digits, rules).is_ok() && !text.trim().is_empty(), "time"),
        DataType::Integer { .. } | DataType::Decimal { .. } | DataType::Float { .. } => {
            let text = text.trim();
            (is_number || text.is_empty() || text.parse::<f64>().is_ok(), "DOUBLE")
        }
        _ => return Ok(()),
    };
    if fits { Ok(()) } else { Err((1292, format!("truncated incorrect {what} value: '{text}'"))) }
}

/// Whether a text ends, or goes on with a fraction or a colon, before it says anything of a time: MySQL compares it as it is.
fn is_no_time_yet(text: &str) -> bool {
    let text = text.trim_start();
    let text = text.strip_prefix('-').unwrap_or(text);
    text.is_empty() || text.starts_with([':', '.'])
}

/// MariaDB's: tells whether the constant is another one now.
fn mariadb(expr: &mut Expr, column: &Column, among: Among, rules: Rules<'_>) -> bool {
    let becomes = match &column.data_type {
        DataType::Integer { kind: Integer::Big, .. } => {
            let digits = moment(expr).filter(|_| !rules.target.compares_timestamps_as_such()).and_then(digits_of);
            whole_number(expr).or(digits).or_else(|| plain_timestamp(expr))
        }
        DataType::Year(4) => year_of(expr).or_else(|| moment(expr).and_then(year_in)).or_else(|| plain_timestamp(expr)),
        DataType::Timestamp(_) if among == Among::One && rules.target.compares_timestamps_as_such() => {
            local_timestamp(expr, rules)
        }
        _ => plain_timestamp(expr),
    };
    let changed = becomes.is_some();
    if let Some(literal) = becomes {
        *expr = literal;
    }
    changed
}

/// MariaDB makes a number of a string that is compared with a BIGINT, whatever it says.
fn whole_number(expr: &Expr) -> Option<Expr> {
    let Expr::Literal(Literal::String { text, .. }) = expr else { return None };
    if text.contains(['.', 'e', 'E']) {
        return None;
    }
    let text = text.trim_start();
    let sign = usize::from(text.starts_with('-'));
    let end = text[sign..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |end| sign + end);
    Some(Expr::number(&text[..end].parse::<i64>().unwrap_or(0).to_string()))
}

/// The year of four digits that MariaDB takes a number or the number before a text for; of a text, zero is 2000.
fn year_of(expr: &Expr) -> Option<Expr> {
    let (text, is_number) = match expr {
        Expr::Literal(Literal::Bool(value)) => (if *value { "1" } else { "0" }.to_owned(), true),
        other => written(other)?,
    };
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | 'e' | 'E')).unwrap_or(text.len());
    let number = Written::Number(text[..end].trim_end_matches(['e', 'E']));
    let year = temporal::year(&number, 4).ok()?;
    let number = year.parse::<u32>().ok()?;
    Some(Expr::number(&if number == 0 && !is_number && end < 4 { 2000 } else { number }.to_string()))
}

/// A day, or a moment of one.
fn moment(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Literal(Literal::Temporal { kind: Temporal::Time, .. }) => None,
        Expr::Literal(Literal::Temporal { text, .. }) => Some(text),
        _ => None,
    }
}

/// The digits of a whole second, which MariaDB compares with a BIGINT until TIMESTAMPs are compared as such.
fn digits_of(moment: &str) -> Option<Expr> {
    let digits = || moment.chars().filter(char::is_ascii_digit).collect::<String>();
    (!moment.contains('.')).then(|| Expr::number(&digits()))
}

/// The year of a moment, where there is a YEAR for it.
fn year_in(moment: &str) -> Option<Expr> {
    let year = moment.split('-').next()?.parse::<u32>().ok()?;
    (1901..=2155).contains(&year).then(|| Expr::number(&year.to_string()))
}

/// What a TIMESTAMP is compared with since MariaDB 11.3.
fn local_timestamp(expr: &Expr, rules: Rules<'_>) -> Option<Expr> {
    let text = match expr {
        Expr::Literal(Literal::Temporal { kind: Temporal::LocalTimestamp, .. }) => None,
        Expr::Literal(Literal::Temporal { kind, text }) => {
            temporal::local_timestamp(&Written::Literal(*kind, text), rules)
        }
        other => {
            let (text, is_number) = written(other)?;
            let moment = if is_number { Written::Number(&text) } else { Written::Text(&text) };
            temporal::local_timestamp(&moment, rules)
        }
    }?;
    Some(Expr::Literal(Literal::Temporal { kind: Temporal::LocalTimestamp, text: text.into() }))
}

/// What a moment that a TIMESTAMP was compared with is beside another type.
fn plain_timestamp(expr: &Expr) -> Option<Expr> {
    match expr {
        Expr::Literal(Literal::Temporal { kind: Temporal::LocalTimestamp, text }) => {
            Some(Expr::Literal(Literal::Temporal { kind: Temporal::Timestamp, text: text.clone() }))
        }
        _ => None,
    }
}

/// What a constant says, and whether it is a number.
fn written(expr: &Expr) -> Option<(String, bool)> {
    match expr {
        Expr::Literal(Literal::Number(digits)) => Some((digits.to_string(), true)),
        Expr::Literal(Literal::String { charset: None, text }) => Some((text.to_string(), false)),
        Expr::Literal(literal @ Literal::String { .. }) => literal.plain().map(|text| (text.into_owned(), false)),
        Expr::Negative(inner) => match &**inner {
            Expr::Literal(Literal::Number(digits)) => Some((format!("-{digits}"), true)),
            _ => None,
        },
        _ => None,
    }
}

/// A number as the year that it stands for, if it does.
fn year(text: &str) -> Option<Literal> {
    let digits = text.trim_start();
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
    let number = Decimal::parse(&digits[..end])?.rounded(0)?.to_i128()?;
    let year = match number {
        0 => 0,
        1..=69 => 2000 + number,
        70..=99 => 1900 + number,
        1901..=2155 => number,
        _ => return None,
    };
    Some(Literal::Number(year.to_string().into()))
}
