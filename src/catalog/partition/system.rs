//! `PARTITION BY SYSTEM_TIME` of MariaDB (KB "System-Versioned Tables", "Storing the History Separately").

use super::values;
use crate::catalog::column::Context;
use crate::catalog::error::{CatalogError, Outcome};
use crate::catalog::number::Decimal;
use crate::catalog::temporal::{self, Moment};
use crate::ident::Ident;
use crate::model::expression::{Literal, Unit};
use crate::model::{
    Column, DataType, Expr, PartitionMethod, PartitionValues, Partitioning, Rotation, SystemTime, Table, Versioning,
};
use crate::source::Span;
use crate::syntax::ddl::{IntervalClause, PartitionMethodClause, RotationClause};
use crate::target::Target;

/// What a refusal is about.
#[derive(Clone, Copy)]
pub(super) struct Place<'p> {
    pub(super) table: &'p Ident,
    pub(super) clause: Span,
}

impl Place<'_> {
    fn wrong(self, span: Span, what: &str) -> CatalogError {
        let message = format!("wrong parameters for partitioned '{}': wrong value for '{what}'", self.table);
        CatalogError::new(4127, span, message)
    }
}

/// What is stored of LIMIT or INTERVAL (`partition_info::vers_set_interval`).
pub(super) fn rotation(written: &RotationClause, place: Place<'_>, context: Context<'_>) -> Outcome<Rotation> {
    Ok(match written {
        RotationClause::None => Rotation::None,
        RotationClause::Limit(0) => return Err(place.wrong(place.clause, "LIMIT")),
        RotationClause::Limit(rows) => Rotation::Limit(*rows),
        RotationClause::Interval(interval) => {
            let IntervalClause { value, unit, starts } = &**interval;
            if matches!(value.expr, Expr::Sequence { .. }) {
                return Err(CatalogError::new(1970, value.span, "a sequence cannot be an interval"));
            }
            let fields = fields(&value.expr, *unit).ok_or_else(|| place.wrong(value.span, "INTERVAL"))?;
            let every = printed(&fields, *unit).ok_or_else(|| place.wrong(value.span, "INTERVAL"))?;
            let starts = match starts {
                Some(starts) => {
                    Some(moment(&starts.expr).ok_or_else(|| place.wrong(starts.span, "STARTS"))?.to_string().into())
                }
                None => context.session.now().map(|now| now.rounded_down(finest(*unit)).to_string().into()),
            };
            Rotation::Interval { every: every.into(), starts }
        }
    })
}

/// How many partitions there are where none is listed: one for history, one for the present.
pub(super) fn count(written: Option<u64>, method: &PartitionMethod) -> Option<u32> {
    match method {
        PartitionMethod::SystemTime(_) => Some(written.unwrap_or(2) as u32),
        _ => written.map(|n| n as u32),
    }
}

/// Checks that the table has history, and where the partitions keep it (`partition_info::vers_setup_expression`).
pub(super) fn check(partitioning: &Partitioning, table: &Table, span: Span, target: Target) -> Outcome<()> {
    let PartitionMethod::SystemTime(system) = &partitioning.method else { return Ok(()) };
    if !table.system_versioned && table.columns.iter().all(|c| c.versioning != Some(Versioning::With)) {
        return Err(CatalogError::new(4124, span, format!("table '{}' is not system-versioned", table.name)));
    }
    let history = |p: &crate::model::Partition| matches!(p.values, PartitionValues::History);
    let shaped = match partitioning.partitions.split_last() {
        Some((last, before)) => {
            !before.is_empty() && before.iter().all(history) && matches!(last.values, PartitionValues::Current)
        }
        None => partitioning.count != Some(1),
    };
    if !shaped {
        let message = format!(
            "wrong partitions for '{}': must have at least one HISTORY and exactly one last CURRENT",
            table.name
        );
        return Err(CatalogError::new(4128, span, message));
    }
    let histories = partitioning.count.map_or(partitioning.partitions.len(), |n| n as usize) - 1;
    match &system.rotation {
        Rotation::None if histories > 1 => Err(CatalogError::new(
            4115,
            span,
            "maybe missing parameters: no rotation condition for multiple HISTORY partitions",
        )),
        Rotation::None | Rotation::Limit(_) => Ok(()),
        Rotation::Interval { .. } => check_range(system, histories, span, target),
    }
}

/// Errors 4138 and 4110: history that goes by transactions, not by time, is not partitioned by its period.
pub(super) fn check_transactions(written: &PartitionMethodClause<'_>, table: &Table, span: Span) -> Outcome<()> {
    let counts = |column: &&Column| column.bounds_period() && matches!(column.data_type, DataType::Integer { .. });
    let Some(counted) = table.columns.iter().find(counts) else { return Ok(()) };
    let mut reads = false;
    let mut look = |name: &str| {
        reads |= table.column(name).is_some_and(|(_, column)| counts(&column));
    };
    match written {
        PartitionMethodClause::SystemTime { .. } => {
            let message = format!("'{}' must be of type TIMESTAMP(6) for partitions by SYSTEM_TIME", counted.name);
            return Err(CatalogError::new(4110, span, message));
        }
        PartitionMethodClause::Hash { expression, .. }
        | PartitionMethodClause::Range(expression)
        | PartitionMethodClause::List(expression) => expression.expr.columns(&mut |name| look(name.as_str())),
        PartitionMethodClause::Key { columns, .. } if columns.is_empty() => reads = table.primary_key().is_some(),
        PartitionMethodClause::Key { columns, .. }
        | PartitionMethodClause::RangeColumns(columns)
        | PartitionMethodClause::ListColumns(columns) => columns.iter().for_each(|name| look(&name.text)),
    }
    if reads {
        let message = "tables with a history of transactions are not partitioned by its beginning or end";
        return Err(CatalogError::new(4138, span, message));
    }
    Ok(())
}

/// Error 1690: a history partition that would begin after the last moment of TIMESTAMP. Where STARTS is
/// the moment of the statement, it is not before the target's first release.
fn check_range(system: &SystemTime, histories: usize, span: Span, target: Target) -> Outcome<()> {
    let Rotation::Interval { every, starts } = &system.rotation else { return Ok(()) };
    let years = every.strip_suffix(" YEAR").and_then(|n| n.parse::<u64>().ok());
    let months = every.strip_suffix(" MONTH").and_then(|n| n.parse::<u64>().ok());
    let days = every.strip_suffix(" DAY").and_then(|n| n.parse::<u64>().ok());
    let seconds = match (years, months, days) {
        (Some(n), ..) => n.saturating_mul(365 * 86_400),
        (_, Some(n), _) => n.saturating_mul(30 * 86_400),
        (.., Some(n)) => n.saturating_mul(86_400),
        _ => return Ok(()),
    };
    let first = match starts.as_deref().and_then(temporal::instant) {
        Some(moment) => moment.seconds(),
        None => i64::from(target.released_in()).saturating_sub(1970).saturating_mul(365 * 86_400),
    };
    let steps = histories.saturating_sub(1) as u64;
    let last = first.saturating_add_unsigned(seconds.saturating_mul(steps));
    let most = if target.has_long_timestamps() { i64::from(u32::MAX) } else { i64::from(i32::MAX) };
    if steps > 0 && last > most {
        return Err(CatalogError::new(1690, span, "TIMESTAMP value is out of range in 'INTERVAL'"));
    }
    Ok(())
}

/// The parts of an interval from its largest unit to its smallest (`get_interval_value`).
fn fields(value: &Expr, unit: Unit) -> Option<Vec<u64>> {
    let parts = parts(unit)?;
    if parts == 1 {
        let number = match value {
            Expr::Literal(Literal::Number(digits)) => Decimal::parse(digits)?.rounded(0)?.to_i128()?,
            Expr::Literal(Literal::String { text, .. }) => {
                let digits = text.trim_start();
                let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
                digits[..end].parse().ok()?
            }
            other => values::number(other)?,
        };
        return u64::try_from(number).ok().filter(|n| *n > 0).map(|n| vec![n]);
    }
    let text: &str = match value {
        Expr::Literal(Literal::String { text, .. }) => text,
        Expr::Literal(Literal::Number(digits)) => digits,
        _ => return None,
    };
    if text.trim_start().starts_with('-') {
        return None;
    }
    let numbers: Vec<u64> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    if numbers.len() > parts || numbers.iter().all(|n| *n == 0) {
        return None;
    }
    let mut all = vec![0; parts - numbers.len()];
    all.extend(numbers);
    Some(all)
}

/// How many numbers a unit has; `None` where there are microseconds, which the server refuses.
const fn parts(unit: Unit) -> Option<usize> {
    match unit {
        Unit::Second
        | Unit::Minute
        | Unit::Hour
        | Unit::Day
        | Unit::Week
        | Unit::Month
        | Unit::Quarter
        | Unit::Year => Some(1),
        Unit::YearMonth | Unit::DayHour | Unit::HourMinute | Unit::MinuteSecond => Some(2),
        Unit::DayMinute | Unit::HourSecond => Some(3),
        Unit::DaySecond => Some(4),
        Unit::Microsecond
        | Unit::SecondMicrosecond
        | Unit::MinuteMicrosecond
        | Unit::HourMicrosecond
        | Unit::DayMicrosecond => None,
    }
}

/// As SHOW CREATE TABLE prints it (`append_interval`): weeks and quarters as days and months.
fn printed(fields: &[u64], unit: Unit) -> Option<String> {
    let name = unit.as_str().to_ascii_uppercase();
    Some(match (fields, unit) {
        ([n], Unit::Week) => format!("{} DAY", n.checked_mul(7)?),
        ([n], Unit::Quarter) => format!("{} MONTH", n.checked_mul(3)?),
        ([n], _) => format!("{n} {name}"),
        ([a, b], Unit::YearMonth) => format!("'{a}-{b:02}' {name}"),
        ([a, b], Unit::DayHour) => format!("'{a} {b}' {name}"),
        ([a, b], _) => format!("'{a}:{b:02}' {name}"),
        ([a, b, c], Unit::DayMinute) => format!("'{a} {b}:{c:02}' {name}"),
        ([a, b, c], _) => format!("'{a}:{b:02}:{c:02}' {name}"),
        ([a, b, c, d], _) => format!("'{a} {b}:{c:02}:{d:02}' {name}"),
        _ => return None,
    })
}

/// The smallest unit that an interval counts in.
const fn finest(unit: Unit) -> Unit {
    match unit {
        Unit::Week | Unit::Month | Unit::Quarter | Unit::Year | Unit::YearMonth => Unit::Day,
        Unit::DayHour => Unit::Hour,
        Unit::DayMinute | Unit::HourMinute => Unit::Minute,
        Unit::DaySecond | Unit::HourSecond | Unit::MinuteSecond => Unit::Second,
        other => other,
    }
}

/// The moment that a literal says.
fn moment(literal: &Expr) -> Option<Moment> {
    match literal {
        Expr::Literal(Literal::String { text, .. } | Literal::Temporal { text, .. }) => temporal::instant(text),
        _ => None,
    }
}
