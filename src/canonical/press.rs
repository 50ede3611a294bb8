//! Prints many tables into one text: what a column's definition comes to is worked out once and then copied from where
//! it stands, for a schema says the same few things of its columns over and over.

use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::RandomState;

use super::Printer;
use crate::model::{Collation, Column, ColumnDefinition, Table};
use crate::target::Target;

/// A printer with a memory. The tables that it prints outlive it, and its text is only ever added to.
#[derive(Debug)]
pub struct Press<'s> {
    printer: Printer,
    text: String,
    /// Where a shared definition has been printed, by the collation of its table.
    printed: HashMap<(*const ColumnDefinition, Collation), Range<usize>, RandomState>,
    tables: std::marker::PhantomData<&'s Table>,
}

impl<'s> Press<'s> {
    /// Whose text it prints.
    pub const fn target(&self) -> Target {
        self.printer.target
    }

    /// A press that prints as this printer does.
    pub fn new(printer: Printer) -> Self {
        Self { printer, text: String::new(), printed: HashMap::default(), tables: std::marker::PhantomData }
    }

    /// The text so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Adds text of another kind.
    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Takes back all text from a place on.
    pub fn retract(&mut self, from: usize) -> String {
        self.printed.retain(|_, range| range.end <= from);
        self.text.split_off(from)
    }

    /// Gives up the text.
    pub fn into_text(self) -> String {
        self.text
    }

    /// Adds a CREATE TABLE without its terminator; where it begins.
    ///
    /// MySQL 8.4 manual, section 15.7.7.12 "SHOW CREATE TABLE Statement".
    pub fn table(&mut self, table: &'s Table) -> usize {
        let start = self.text.len();
        let Self { printer, text, printed, .. } = self;
        let collation = table.options.collation;
        printer.table_by(text, table, |text, column: &Column| {
            column.name.quoted().push_to(text);
            match printed.get(&(column.shared(), collation)) {
                Some(known) => text.extend_from_within(known.clone()),
                None => {
                    let from = text.len();
                    printer.column_definition(text, column, Some(collation));
                    printed.insert((column.shared(), collation), from..text.len());
                }
            }
        });
        start
    }
}
