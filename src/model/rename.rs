//! Names before: what a script says of them, and columns under new names with all that follows them.

use super::{DefaultValue, Expr, Index, KeyColumn, PartitionMethod, Partitioning, TableDefinition};
use crate::ident::Ident;
use crate::source::Location;

/// What a script says of an object's name before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Renamed {
    /// The database of the table; `None` for the one that the script is run in.
    pub database: Option<Ident>,
    /// The table.
    pub table: Ident,
    /// What was renamed.
    pub part: Part,
    /// The name before.
    pub from: Ident,
    /// Where it is said.
    pub location: Location,
}

/// What a hint is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// The table itself.
    Table,
    /// A column.
    Column(Ident),
    /// A key.
    Key(Ident),
}

/// Old and new names of columns. They are given all at once, so that two columns can swap theirs.
pub type ColumnRenames<'a> = &'a [(Ident, Ident)];

fn renamed(name: &str, renames: ColumnRenames<'_>) -> Option<Ident> {
    renames.iter().find(|(from, _)| from.is(name)).map(|(_, to)| to.clone())
}

fn rename(name: &mut Ident, renames: ColumnRenames<'_>) {
    if let Some(to) = renamed(name.as_str(), renames) {
        *name = to;
    }
}

impl Expr {
    /// Gives columns new names wherever they are mentioned.
    pub fn rename_columns(&mut self, renames: ColumnRenames<'_>) {
        self.respell_columns(&|name| renamed(name, renames));
    }
}

impl Index {
    /// Gives the columns of a key new names.
    pub fn rename_columns(&mut self, renames: ColumnRenames<'_>) {
        for part in &mut self.parts {
            match &mut part.column {
                KeyColumn::Column(name) => rename(name, renames),
                KeyColumn::Expression(expression) => expression.rename_columns(renames),
            }
        }
    }
}

impl Partitioning {
    /// Gives columns new names wherever the partitioning names them.
    pub fn rename_columns(&mut self, renames: ColumnRenames<'_>) {
        let sub = self.subpartitioning.as_mut().map(|s| &mut s.method);
        for method in std::iter::once(&mut self.method).chain(sub) {
            match method {
                PartitionMethod::Hash { expression, .. }
                | PartitionMethod::Range(expression)
                | PartitionMethod::List(expression) => expression.rename_columns(renames),
                PartitionMethod::Key { columns, .. }
                | PartitionMethod::RangeColumns(columns)
                | PartitionMethod::ListColumns(columns) => columns.iter_mut().for_each(|c| rename(c, renames)),
                PartitionMethod::SystemTime(_) => {}
            }
        }
    }
}

impl TableDefinition {
    /// Gives columns new names, and lets keys, foreign keys, checks, periods, expressions and the partitioning follow.
    /// Foreign keys that refer to the table are not its own, not even those of the table to itself: they stay.
    pub fn rename_columns(&mut self, renames: ColumnRenames<'_>) {
        for column in &mut self.columns {
            rename(&mut column.name, renames);
            if !column.has_expressions() {
                continue;
            }
            let column = &mut **column;
            let default = match &mut column.default {
                Some(DefaultValue::Expression(expression)) => Some(expression),
                _ => None,
            };
            let generated = column.generated.as_mut().map(|g| &mut g.expression);
            generated.into_iter().chain(column.check.as_mut()).chain(default).for_each(|e| e.rename_columns(renames));
        }
        self.indexes.iter_mut().for_each(|i| i.rename_columns(renames));
        self.foreign_keys.iter_mut().flat_map(|k| &mut k.columns).for_each(|c| rename(c, renames));
        for check in &mut self.checks {
            check.expression.rename_columns(renames);
            check.shown.iter_mut().for_each(|shown| shown.rename_columns(renames));
        }
        for period in &mut self.periods {
            rename(&mut period.start, renames);
            rename(&mut period.end, renames);
        }
        if let Some(partitioning) = &mut self.partitioning {
            partitioning.rename_columns(renames);
        }
    }
}
