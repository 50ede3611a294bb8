//! Rows that a key or a foreign key does not take.

use super::{ROW, Rows};
use crate::canonical::expression::Place;
use crate::ident::Ident;
use crate::model::{Column, Expr, ForeignKey, Index, KeyColumn, Table};
use crate::plan::statement;

use super::array::is_array;
use super::kind::is_reckoned;

impl Rows<'_> {
    /// Finds two rows that a unique key of NEW takes for the same; `None` where no query can say it.
    pub(in crate::plan) fn duplicates(&self, index: &Index) -> Option<String> {
        if let Some(at) = index.parts.iter().position(is_array) {
            return self.shared_members(index, at);
        }
        let mut parts = Vec::new();
        for part in &index.parts {
            let value = match &part.column {
                KeyColumn::Column(name) => self.value(name.as_str())?,
                KeyColumn::Expression(expression) => format!("({})", self.expression(expression, Place::Key)?),
            };
            parts.push(match part.prefix {
                Some(length) => format!("LEFT({value}, {length})"),
                None => value,
            });
        }
        let mut known = self.reckonable(index)?;
        known.extend(parts.iter().map(|part| format!("{part} IS NOT NULL")));
        // A constant is the same in every row, and in GROUP BY a number would be a column's.
        let of_row = format!("{ROW}.");
        let mut groups: Vec<&str> = parts.iter().map(String::as_str).filter(|part| part.contains(&of_row)).collect();
        // Rows of the past are told apart by when they ended, which is the same where one statement ended them (MariaDB).
        let end = format!("{ROW}.{}", self.end_of_row());
        let keeps_past = self.asked().system_versioned && self.tables.new.system_versioned;
        if keeps_past {
            groups.push(&end);
        }
        let from = if keeps_past { self.with_past() } else { self.from() };
        let groups = if groups.is_empty() { String::new() } else { format!("GROUP BY {} ", groups.join(", ")) };
        Some(format!("SELECT 1 FROM {from} WHERE {} {groups}HAVING COUNT(*) > 1 LIMIT 1", known.join(" AND ")))
    }

    /// Leaves out the rows whose key cannot be reckoned: they are in the way by themselves, and would end the query.
    fn reckonable(&self, index: &Index) -> Option<Vec<String>> {
        let mut ends = Vec::new();
        for part in &index.parts {
            ends.extend(match &part.column {
                KeyColumn::Expression(expression) => self.ends(expression)?,
                KeyColumn::Column(name) => self.ends(&Expr::Column(name.clone()))?,
            });
        }
        Some(if ends.is_empty() { Vec::new() } else { vec![format!("NOT COALESCE({}, FALSE)", ends.join(" OR "))] })
    }

    /// Finds a row that is to get a number where some row has one; where the number that it gets is known, that one.
    pub(in crate::plan) fn taken(&self, column: &Column, next: &str, given: Option<u64>) -> String {
        let other = Rows { row: "o", ..*self }.column(column);
        let has = match given {
            _ if !is_reckoned(&column.data_type) => format!("{other} IS NOT NULL"),
            Some(number) => format!("{other} = {number}"),
            None => format!("{other} > 0"),
        };
        self.any(&[format!("{next} AND EXISTS (SELECT 1 FROM {} AS o WHERE {has})", self.table())])
    }

    /// Finds two rows whose periods overlap under a key `WITHOUT OVERLAPS` of NEW (MariaDB).
    pub(in crate::plan) fn overlaps(&self, index: &Index) -> Option<String> {
        let period = index.without_overlaps.as_ref()?;
        let period = self.tables.old.periods.iter().chain(&self.tables.new.periods).find(|p| p.name == *period)?;
        let mut same = Vec::new();
        for name in index.columns().filter(|c| **c != period.start && **c != period.end && **c != period.name) {
            self.before(name.as_str())?;
            same.push(format!("a.{0} = b.{0}", self.column_was(&self.tables.old.name, name).quoted()));
        }
        let table = self.table();
        let (start, end) = (period.start.quoted(), period.end.quoted());
        same.push(format!("a.{start} < b.{end} AND b.{start} < a.{end}"));
        // Two rows that are alike in all of it are told apart by their number alone.
        Some(format!(
            "SELECT 1 FROM (SELECT *, ROW_NUMBER() OVER () AS `row number` FROM {table}) AS a \
             JOIN (SELECT *, ROW_NUMBER() OVER () AS `row number` FROM {table}) AS b \
             ON a.`row number` < b.`row number` AND {} LIMIT 1",
            same.join(" AND ")
        ))
    }

    /// Finds a row that refers to nothing; `None` where no query can say it.
    pub(in crate::plan) fn orphans(&self, key: &ForeignKey) -> Option<String> {
        let mut own = Vec::new();
        for name in &key.columns {
            own.push(self.value(name.as_str())?);
        }
        let known: Vec<String> = own.iter().map(|value| format!("{value} IS NOT NULL")).collect();
        let known = known.join(" AND ");
        let elsewhere = key.referenced_database.as_ref().filter(|name| Some(*name) != self.database);
        let parent = match elsewhere {
            // What another database holds is not looked up: its table is taken to be as the key says.
            Some(_) => None,
            None if key.referenced_table.is(self.tables.new.name.as_str()) => Some(self.tables.old),
            None => match self.home?.tables.get(&key.referenced_table) {
                Some(table) => Some(table),
                // A table that the plan makes holds nothing yet.
                None => return Some(self.any_current(&[known])),
            },
        };
        let mut equal = Vec::new();
        for ((value, column), name) in own.iter().zip(&key.columns).zip(&key.referenced_columns) {
            if let Some(parent) = parent {
                parent.column(name.as_str())?;
            }
            let there = if key.referenced_table.is(self.tables.new.name.as_str()) && elsewhere.is_none() {
                // The table itself: what is referred to becomes another, too.
                let there = Rows { row: "p", ..*self }.value(name.as_str())?;
                let collation = |name: &Ident| self.tables.new.column(name.as_str()).and_then(|(_, c)| c.collation);
                // They may differ on the way to NEW.
                match collation(column).filter(|own| collation(name).is_some_and(|other| other != *own)) {
                    Some(own) => self.under(&there, own),
                    None => there,
                }
            } else {
                let was = parent.map_or(name, |p| self.column_was(&p.name, name));
                let there = format!("p.{}", was.quoted());
                // Both sides are compared as the column will be.
                let collation =
                    |table: &Table, name: &Ident| table.column(name.as_str()).and_then(|(_, c)| c.collation);
                let (own, other) = (collation(self.tables.new, column), parent.and_then(|p| collation(p, name)));
                match own.filter(|own| other.is_some_and(|other| other != *own)) {
                    Some(own) => self.under(&there, own),
                    None => there,
                }
            };
            equal.push(format!("{there} = {value}"));
        }
        let database = key.referenced_database.as_ref().or(self.database);
        let table = statement::qualified(database, parent.map_or(&key.referenced_table, |p| self.table_was(&p.name)));
        Some(self.any_current(&[format!(
            "{known} AND NOT EXISTS (SELECT 1 FROM {table} AS p WHERE {})",
            equal.join(" AND ")
        )]))
    }
}
