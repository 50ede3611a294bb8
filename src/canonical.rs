//! A schema as the target's SHOW CREATE prints it, and fingerprints of that text.
//!
//! In: the model. Out: text. The room knows nothing of changes or plans; these use its fragments
//! (a column's definition, a key's) to write their statements, in [`Style::Plain`].

pub mod column;
pub mod expression;
pub mod fingerprint;
pub mod index;
pub mod option;
pub mod partition;
pub mod press;
mod program;
mod view;

use std::fmt::Write as _;

use crate::model::{Column, Database, Table, reading_modes};
use crate::target::Target;

/// How a fragment is to be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// As SHOW CREATE prints it, with MySQL's conditional comments around what older servers lack.
    Show,
    /// As one writes it by hand: for the statements of a plan.
    Plain,
}

/// Writes the canonical text of objects and of their parts.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    /// Whose text it is.
    pub target: Target,
    /// For whom it is.
    pub style: Style,
    /// How the comments of programs are written.
    pub strings: Strings,
}

/// How a string is read that a text holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strings {
    /// A backslash is an escape.
    Escaped,
    /// A backslash is itself (NO_BACKSLASH_ESCAPES).
    Verbatim,
}

impl Printer {
    /// The printer of what the target's SHOW CREATE prints.
    pub const fn show(target: Target) -> Self {
        Self { target, style: Style::Show, strings: Strings::Escaped }
    }

    /// The printer of what goes into a plan's statements.
    pub const fn plain(target: Target) -> Self {
        Self { target, style: Style::Plain, strings: Strings::Escaped }
    }

    /// The same for a text that is read under an `sql_mode`. SHOW CREATE always escapes, whatever the program's own mode is.
    pub fn read_under(self, sql_mode: &str) -> Self {
        let verbatim = reading_modes(sql_mode).contains("NO_BACKSLASH_ESCAPES");
        Self { strings: if verbatim { Strings::Verbatim } else { Strings::Escaped }, ..self }
    }

    /// Writes `clause` as the target shows it: in a conditional comment of that version on MySQL.
    pub(crate) fn since(self, out: &mut String, version: u32, clause: std::fmt::Arguments<'_>) {
        let _ = match self.style {
            Style::Show if self.target.is_mysql() => write!(out, " /*!{version} {clause} */"),
            Style::Show | Style::Plain => write!(out, " {clause}"),
        };
    }

    /// Writes CREATE TABLE without its terminator.
    ///
    /// MySQL 8.4 manual, section 15.7.7.12 "SHOW CREATE TABLE Statement".
    pub fn table(self, out: &mut String, table: &Table) {
        let collation = Some(table.options.collation);
        self.table_by(out, table, |out, column| self.column(out, column, collation));
    }

    /// Writes CREATE TEMPORARY TABLE without its terminator.
    pub fn temporary_table(self, out: &mut String, table: &Table) {
        let start = out.len();
        self.table(out, table);
        out.insert_str(start + "CREATE ".len(), "TEMPORARY ");
    }

    /// The same with another way to write a column.
    fn table_by(self, out: &mut String, table: &Table, mut column_by: impl FnMut(&mut String, &Column)) {
        out.push_str("CREATE TABLE ");
        table.name.quoted().push_to(out);
        out.push_str(" (");
        let mut separator = "\n  ";
        let mut next = |out: &mut String| {
            out.push_str(separator);
            separator = ",\n  ";
        };
        for column in &table.columns {
            next(out);
            column_by(out, column);
        }
        for period in table.periods.iter().filter(|p| !p.system) {
            next(out);
            self.period(out, period);
        }
        for index in &table.indexes {
            next(out);
            self.index(out, index, table);
        }
        for period in table.periods.iter().filter(|p| p.system) {
            next(out);
            self.period(out, period);
        }
        for foreign_key in &table.foreign_keys {
            next(out);
            self.foreign_key(out, foreign_key);
        }
        for check in &table.checks {
            next(out);
            self.check(out, check);
        }
        out.push_str("\n)");
        self.table_options(out, table);
        if let Some(partitioning) = &table.partitioning {
            self.partitioning(out, partitioning, &table.options.engine);
        }
    }

    /// Writes CREATE DATABASE without its terminator.
    pub fn database(self, out: &mut String, database: &Database) {
        let Some(name) = &database.name else { return };
        let collation = database.collation;
        let charset = collation.charset().printed(self.target);
        let _ = write!(out, "CREATE DATABASE {} ", name.quoted());
        let mut clause = format!("DEFAULT CHARACTER SET {charset}");
        if !collation.is_default(self.target)
            || self.target.is_mysql_since(80_000) && charset == "utf8mb4"
            || self.target.is_mariadb()
        {
            let _ = write!(clause, " COLLATE {}", collation.printed(self.target));
        }
        let _ = match self.style {
            Style::Show => write!(out, "/*!40100 {clause} */"),
            Style::Plain => write!(out, "{clause}"),
        };
        if self.style == Style::Show && self.target.is_mysql_since(80_016) {
            out.push_str(" /*!80016 DEFAULT ENCRYPTION='N' */");
        }
    }
}
