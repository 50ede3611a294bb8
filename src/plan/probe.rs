//! Probes: read-only queries that return a row exactly if a hazard would strike.
//!
//! In: a table on either side of a step, and the session that the step runs in. Out: the text of queries over the rows as
//! they are before the plan. A probe may name only what OLD has: what the plan adds first stands in it as the value
//! that it will have.

mod array;
mod computed;
mod conversion;
mod key;
mod kind;
mod member;
mod number;
mod partition;
mod read;
mod temporal;
mod text;
mod unite;
mod value;

use crate::canonical::Printer;
use crate::canonical::expression::Place;
use crate::diff::rename::{Rename, RenameKind};
use crate::ident::Ident;
use crate::model::{Column, DataType, Database, Expr, ObjectKind, PartitionMethod, Table};
use crate::source::Pair;
use crate::target::Target;

use super::statement;
pub(crate) use conversion::{Condition, conversion};
pub(crate) use number::beyond_digits;
pub(crate) use partition::Homeless;
use read::Read;
pub(crate) use temporal::zero;
pub(crate) use text::{covers, literal};
pub(crate) use value::implicit;

/// What the session that a plan runs in makes of values that do not fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Terms {
    /// The server.
    pub(crate) target: Target,
    /// Values that do not fit are errors (`STRICT_TRANS_TABLES`, `STRICT_ALL_TABLES`).
    pub(crate) strict: bool,
    /// Dates with zeros in them are errors (`NO_ZERO_DATE`, `NO_ZERO_IN_DATE`).
    pub(crate) no_zero_dates: bool,
    /// What is divided by zero is an error (`ERROR_FOR_DIVISION_BY_ZERO`).
    pub(crate) no_division_by_zero: bool,
    /// Zero asks an AUTO_INCREMENT column for the next number (no `NO_AUTO_VALUE_ON_ZERO`).
    pub(crate) zero_is_next: bool,
    /// Foreign keys are checked.
    pub(crate) foreign_key_checks: bool,
}

impl Terms {
    /// What a session's `sql_mode` means for rows.
    pub(crate) fn of(target: Target, sql_mode: &str, foreign_key_checks: bool) -> Self {
        let has = |mode: &str| sql_mode.split(',').any(|m| m.trim().eq_ignore_ascii_case(mode));
        let traditional = has("TRADITIONAL");
        Self {
            target,
            strict: traditional || has("STRICT_TRANS_TABLES") || has("STRICT_ALL_TABLES"),
            no_zero_dates: traditional || has("NO_ZERO_DATE") || has("NO_ZERO_IN_DATE"),
            no_division_by_zero: traditional || has("ERROR_FOR_DIVISION_BY_ZERO"),
            zero_is_next: !has("NO_AUTO_VALUE_ON_ZERO"),
            foreign_key_checks,
        }
    }
}

/// The rows that a step meets: those of a table as it is before the plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows<'a> {
    pub(crate) terms: Terms,
    /// The name that qualifies the table.
    pub(crate) database: Option<&'a Ident>,
    /// The table before and after.
    pub(crate) tables: Pair<&'a Table>,
    /// The table as it is when the probe asks, where the step starts from a stop on the plan's way.
    pub(crate) origin: Option<&'a Table>,
    /// The databases before, where the tables that foreign keys refer to are found.
    pub(crate) home: Option<&'a Database>,
    /// What was renamed before the step and has its old name when the probe asks.
    pub(crate) renames: &'a [Rename],
    /// What stands for the row: [`ROW`], or another row of the same table.
    pub(crate) row: &'static str,
    /// The rows are copied, and what is stored of computed columns is computed again.
    pub(crate) copied: bool,
    /// Expressions are those of a functional key, which passes over JSON values that are not what they are cast to (MySQL).
    pub(crate) keyed: bool,
}

/// What stands for a value that no query can say: a probe in which it is, is none.
pub(crate) const UNSAID: &str = "\0";

/// What stands for a row of the table.
pub(crate) const ROW: &str = "t";

impl<'a> Rows<'a> {
    pub(super) fn printer(&self) -> Printer {
        Printer::plain(self.terms.target)
    }

    /// A column of the row as it is; what comes on the plan's way, or becomes another, by the value that it will have.
    pub(crate) fn column(&self, column: &Column) -> String {
        match self.way_to(column) {
            Some(way) => way.value(column.name.as_str()).unwrap_or_else(|| UNSAID.to_owned()),
            None => format!("{}.{}", self.row, self.column_was(&self.tables.old.name, &column.name).quoted()),
        }
    }

    /// The rows on the plan's way to a column that is not there yet, or not yet what it is, when the probe asks.
    fn way_to(&self, column: &Column) -> Option<Self> {
        let origin = self.origin?;
        let same = |own: &Column| {
            own.data_type == column.data_type && own.collation == column.collation && own.generated == column.generated
        };
        let is_there = origin.column(column.name.as_str()).is_some_and(|(_, own)| same(own));
        (!is_there).then(|| Rows { tables: Pair::new(origin, self.tables.old), origin: None, ..*self })
    }

    /// The number of the member, or of the members, that a column of the row as it is holds.
    pub(crate) fn counted(&self, column: &Column) -> String {
        match self.way_to(column) {
            // What stands for it there is written.
            Some(way) => way.said(column.name.as_str(), Read::Number).unwrap_or_else(|| UNSAID.to_owned()),
            None => format!("({} + 0)", self.column(column)),
        }
    }

    /// The table as it is when the probe asks.
    fn asked(&self) -> &'a Table {
        self.origin.unwrap_or(self.tables.old)
    }

    /// The table as it is called before the plan.
    fn table(&self) -> String {
        statement::qualified(self.database, self.table_was(&self.tables.old.name))
    }

    pub(super) fn table_was<'n>(&'n self, name: &'n Ident) -> &'n Ident {
        let named =
            |r: &&Rename| r.kind == RenameKind::Table && r.database.as_ref() == self.database && r.names.new == *name;
        self.renames.iter().find(named).map_or(name, |r| &r.names.old)
    }

    pub(super) fn column_was<'n>(&'n self, table: &Ident, name: &'n Ident) -> &'n Ident {
        let named = |r: &&Rename| {
            r.kind == RenameKind::Column
                && r.database.as_ref() == self.database
                && r.tables.new == *table
                && r.names.new == *name
        };
        self.renames.iter().find(named).map_or(name, |r| &r.names.old)
    }

    /// The column that a column of NEW was before.
    pub(crate) fn before(&self, name: &str) -> Option<&'a Column> {
        self.tables.old.column(name).map(|(_, column)| column)
    }

    /// The table with its alias.
    fn from(&self) -> String {
        format!("{} AS {ROW}", self.table())
    }

    /// The table with its alias, and with the rows of the past where it keeps them: what is written again are all of them
    /// (MariaDB).
    fn with_past(&self) -> String {
        let history = if self.asked().system_versioned { " FOR SYSTEM_TIME ALL" } else { "" };
        format!("{}{history} AS {ROW}", self.table())
    }

    /// Finds a row, be it of the past, for which one of the conditions holds.
    pub(crate) fn any(&self, conditions: &[String]) -> String {
        format!("SELECT 1 FROM {} WHERE {} LIMIT 1", self.with_past(), conditions.join(" OR "))
    }

    /// Finds a row of the present for which one of the conditions holds: no check and no foreign key asks those of the past.
    pub(crate) fn any_current(&self, conditions: &[String]) -> String {
        format!("SELECT 1 FROM {} WHERE {} LIMIT 1", self.from(), conditions.join(" OR "))
    }

    /// Finds a row at all, be it of the past.
    pub(crate) fn some(&self) -> String {
        format!("SELECT 1 FROM {} LIMIT 1", self.with_past())
    }

    /// Finds a row in which the column is not NULL: what a drop of the column takes.
    pub(crate) fn filled(&self, column: &Column) -> String {
        if column.nullable && !self.is_read_otherwise(column) {
            self.any(&[format!("{} IS NOT NULL", self.column(column))])
        } else {
            self.some()
        }
    }

    /// Finds a row in which a column's value is replaced by another one, computed or by default; `None` where no query can say
    /// it.
    pub(crate) fn replaced(&self, columns: Pair<&Column>) -> Option<String> {
        let (old, new) = (columns.old, columns.new);
        if self.is_read_otherwise(old) {
            return None;
        }
        let mut conditions = match &new.generated {
            Some(generated) if generated.stored => self.stops(&generated.expression)?,
            // What does not fit a column that is computed as it is read is read cut to size.
            Some(_) => self.misfits(new)?,
            None => Vec::new(),
        };
        let (before, after) = (self.column(old), self.value(new.name.as_str())?);
        conditions.push(match (old.collation, new.collation) {
            (Some(_), Some(_)) => conversion::differ(
                &format!("CONVERT({before} USING utf8mb4)"),
                &format!("CONVERT({after} USING utf8mb4)"),
            ),
            // What no operator compares with just anything is not compared.
            (None, None) if old.data_type == new.data_type && kind::is_compared(&old.data_type) => {
                format!("NOT ({before} <=> {after})")
            }
            _ => return None,
        });
        Some(self.any(&conditions))
    }

    /// Finds a row in which the column is NULL.
    pub(crate) fn null(&self, column: &Column) -> String {
        self.any(&[format!("{} IS NULL", self.column(column))])
    }

    /// Finds a row in a partition.
    pub(crate) fn in_partition(&self, name: &Ident) -> String {
        // Rows of the past are not seen without being asked for, but in partitions of their own, where it may not be asked (MariaDB 4142).
        let old = self.asked();
        let apart = old.partitioning.as_ref().is_some_and(|p| matches!(p.method, PartitionMethod::SystemTime(_)));
        let history = if old.system_versioned && !apart { " FOR SYSTEM_TIME ALL" } else { "" };
        format!("SELECT 1 FROM {} PARTITION ({}){history} LIMIT 1", self.table(), name.quoted())
    }

    /// Finds a row that is no more, of a table that keeps its history (MariaDB); one for which the condition holds.
    pub(crate) fn of_the_past(&self, condition: Option<&str>) -> String {
        if !self.asked().system_versioned {
            return format!("SELECT 1 FROM {} WHERE FALSE LIMIT 1", self.from());
        }
        let end = self.end_of_row();
        let condition = condition.map_or_else(String::new, |condition| format!(" AND {condition}"));
        format!("SELECT 1 FROM {} WHERE {ROW}.{end} <= current_timestamp(6){condition} LIMIT 1", self.with_past())
    }

    /// The column that says when a row of a table that keeps its history ended (MariaDB).
    fn end_of_row(&self) -> String {
        let period = self.asked().periods.iter().find(|period| period.system);
        period.map_or_else(|| "`row_end`".to_owned(), |period| period.end.quoted().to_string())
    }

    /// Finds out whether there are more rows than an AUTO_INCREMENT column has numbers.
    pub(crate) fn too_many(&self, column: &Column) -> Option<String> {
        let most = number::most(&column.data_type)?;
        Some(format!("SELECT 1 FROM {} HAVING COUNT(*) > {most}", self.with_past()))
    }

    /// Whether a row asks an AUTO_INCREMENT column for the next number.
    pub(crate) fn asks_for_number(&self, column: &Column) -> String {
        let value = self.column(column);
        let may_be_zero = self.terms.zero_is_next && kind::is_reckoned(&column.data_type);
        let zero = if may_be_zero { format!(" OR {value} = 0") } else { String::new() };
        format!("({value} IS NULL{zero})")
    }

    /// Finds out whether the rows that ask an AUTO_INCREMENT column for a number are more than there are behind its greatest one.
    pub(crate) fn numbers_end(&self, columns: Pair<&Column>, asks: &str) -> Option<String> {
        let most = number::most(&columns.new.data_type)?;
        let greatest = match kind::is_reckoned(&columns.old.data_type) {
            true => format!("MAX(CAST({} AS DECIMAL(65,0)))", self.column(columns.old)),
            false => "0".to_owned(),
        };
        let asking = format!("COUNT(CASE WHEN {asks} THEN 1 END)");
        Some(format!(
            "SELECT 1 FROM {} HAVING {asking} > 0 AND {greatest} + {asking} > {most} LIMIT 1",
            self.with_past()
        ))
    }

    /// Finds a value that an AUTO_INCREMENT column of DOUBLE is not to hold: MariaDB reads each as an integer of 64 bits where it
    /// copies the rows (1916), and a FLOAT's without a word; `None` where it asks none.
    pub(crate) fn no_integers(&self, columns: Pair<&Column>) -> Option<String> {
        let asks = self.terms.target.is_mariadb() && self.terms.strict;
        let is_double = matches!(columns.new.data_type, DataType::Float { double: true, .. });
        let old = &columns.old.data_type;
        if !asks || !is_double || !kind::is_number(old) && !kind::is_text(old) {
            return None;
        }
        let value = format!("{} + 0e0", self.column(columns.old));
        Some(self.any(&[format!("{value} < {}", i64::MIN), format!("{value} > {}", i64::MAX)]))
    }

    /// Finds out whether there are more rows than a sequence still has numbers that fit a column, as far as it has not set some
    /// aside (MariaDB); `None` where the plan makes the sequence.
    pub(crate) fn runs_out(&self, column: &Column, sequence: &[Ident]) -> Option<String> {
        let [name] = sequence else { return None };
        self.home?.objects.get(&(ObjectKind::Sequence, name.clone()))?;
        let of = |field: &str| format!("s.{field}");
        let (next, step) = (of("next_not_cached_value"), format!("IF({0} = 0, 1, ABS({0}))", of("increment")));
        let (low, high) = match &column.data_type {
            DataType::Integer { kind, unsigned, .. } => kind.range(*unsigned),
            _ => (i128::from(i64::MIN), i128::from(i64::MAX)),
        };
        // As DECIMAL: the difference may be greater than any BIGINT.
        let room = format!(
            "IF({0} < 0, 0.0 + {next} - GREATEST({1}, {low}), LEAST({2}, {high}) - {next} + 0.0)",
            of("increment"),
            of("minimum_value"),
            of("maximum_value")
        );
        let rows = format!("(SELECT COUNT(*) FROM {})", self.with_past());
        let sequence = statement::qualified(self.database, name);
        Some(format!("SELECT 1 FROM {sequence} AS s WHERE {rows} > 0 AND ({rows} - 1) * {step} > {room} LIMIT 1"))
    }

    /// Finds a row for which a condition over NEW's columns is false, or cannot be computed.
    pub(crate) fn breaks(&self, condition: &Expr) -> Option<String> {
        let mut conditions = if self.terms.strict { self.stops_asked(condition)? } else { self.ends(condition)? };
        conditions.push(format!("NOT ({})", self.expression(condition, Place::Check)?));
        Some(self.any_current(&conditions))
    }

    /// An expression over NEW's columns, as it comes out for a row as it is; `None` where that cannot be said.
    pub(super) fn expression(&self, expression: &Expr, place: Place) -> Option<String> {
        self.read(expression, place, Read::Value)
    }

    /// The expression of a generated column of NEW, as it comes out for the column.
    pub(super) fn outcome(&self, column: &Column, expression: &Expr) -> Option<String> {
        let is_written = kind::is_text(&column.data_type) || column.collation.is_some();
        let read = match () {
            () if is_written || read::hands_on_values(expression) => Read::Text,
            () if read::asks_condition(expression) && !kind::is_number(&self.kind(expression)) => Read::Text,
            () if kind::is_number(&column.data_type) => Read::Number,
            () => Read::Value,
        };
        let text = self.read(expression, Place::Generated, read)?;
        // A FLOAT is written with the digits of a DOUBLE.
        let is_float = matches!(self.kind(expression), DataType::Float { .. });
        Some(if is_written && is_float { format!("({text}) + 0e0") } else { text })
    }

    fn read(&self, expression: &Expr, place: Place, read: Read) -> Option<String> {
        if self.ends_queries(expression) {
            return None;
        }
        let mut expression = expression.clone();
        self.undo_conversions(&mut expression);
        if self.has_explicit(&expression) {
            self.unite(&mut expression);
        }
        if !self.put_values(&mut expression, read) {
            return None;
        }
        let mut text = String::new();
        self.printer().expression(&mut text, &expression, place);
        Some(text)
    }
}
