//! The names that a query knows: its tables' columns, and those of the queries around it.

use super::why::unknown;
use super::{Known, Why};
use crate::ident::Ident;

/// The tables of one SELECT.
#[derive(Debug, Default)]
pub(super) struct Scope<'o> {
    pub(super) tables: Vec<Bound>,
    /// What `*` gives, and what a column's name alone is looked up in: a column that two tables share by USING stands here once.
    pub(super) shown: Vec<Shown>,
    /// The names given to items, which the queries within may use.
    pub(super) aliases: Vec<Ident>,
    outer: Option<&'o Scope<'o>>,
}

/// A table as the query knows it.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    /// Its name in the query.
    pub(super) name: Ident,
    /// The database that may be written before it.
    pub(super) database: Option<Ident>,
    /// Whether it stands in a database whose name is not known, as that of a file or of a single live database.
    pub(super) in_unnamed: bool,
    /// What is printed before its columns.
    pub(super) prefix: Vec<Ident>,
    /// The table or view that it is, where it is no query's.
    pub(super) origin: Option<Ident>,
    /// All its columns.
    pub(super) columns: Vec<(Ident, bool)>,
}

/// A column that is there to be seen.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) name: Ident,
    /// The number of its table.
    pub(super) table: usize,
}

impl Bound {
    /// A column as it is printed.
    pub(super) fn path(&self, column: &Ident) -> Vec<Ident> {
        let mut path = self.prefix.clone();
        path.push(column.clone());
        path
    }

    /// Whether a path, as it is printed, is that of one of its columns.
    pub(super) fn is_before(&self, path: &[Ident]) -> bool {
        path.len() == self.prefix.len() + 1 && path.starts_with(&self.prefix)
    }

    fn column(&self, name: &Ident) -> Option<&Ident> {
        self.columns.iter().map(|(own, _)| own).find(|own| own.is(name.as_str()))
    }
}

impl<'o> Scope<'o> {
    pub(super) fn new(outer: Option<&'o Scope<'o>>) -> Self {
        Self { outer, ..Self::default() }
    }

    pub(super) const fn outer(&self) -> Option<&'o Scope<'o>> {
        self.outer
    }

    /// The columns of `*` or `t.*`.
    pub(super) fn all(&self, path: &[Ident]) -> Result<Vec<Vec<Ident>>, Why> {
        let [database @ .., name] = path else {
            if self.shown.is_empty() {
                return Err(Why::refused(1096, "`*` without tables"));
            }
            return Ok(self.shown.iter().map(|s| self.tables[s.table].path(&s.name)).collect());
        };
        let table = self.tables.iter().find(|t| t.name == *name && in_database(t, database));
        let table = table.ok_or_else(|| Why::refused(1051, format!("unknown table '{name}'")))?;
        Ok(table.columns.iter().filter(|(_, visible)| *visible).map(|(name, _)| table.path(name)).collect())
    }

    /// A column of this query's own tables, as it is printed.
    pub(super) fn column(&self, path: &[Ident], known: &Known<'_>) -> Result<Option<Vec<Ident>>, Why> {
        match path {
            [name] => {
                let mut found = self.shown.iter().filter(|s| s.name.is(name.as_str()));
                if let Some(first) = found.next() {
                    if found.next().is_some() {
                        return Err(Why::refused(1052, format!("column '{name}' is ambiguous")));
                    }
                    return Ok(Some(self.tables[first.table].path(&first.name)));
                }
                // Columns that `*` leaves out are there for those who know their names.
                let mut hidden = self.tables.iter().filter_map(|t| {
                    let (own, _) = t.columns.iter().find(|(own, visible)| !visible && own.is(name.as_str()))?;
                    Some(t.path(own))
                });
                Ok(hidden.next())
            }
            [database @ .., table, name] => {
                let bound = self.tables.iter().find(|t| known.same_table(&t.name, table) && in_database(t, database));
                Ok(bound.and_then(|bound| bound.column(name).map(|own| bound.path(own))))
            }
            [] => Ok(None),
        }
    }

    /// A column of the queries around, or a name given there to an item.
    pub(super) fn outer_column(&self, path: &[Ident], known: &Known<'_>) -> Result<Vec<Ident>, Why> {
        let mut around = self.outer;
        while let Some(scope) = around {
            if let Some(found) = scope.column(path, known)? {
                return Ok(found);
            }
            if let [name] = path
                && let Some(alias) = scope.aliases.iter().find(|a| a.is(name.as_str()))
            {
                return Ok(vec![alias.clone()]);
            }
            around = scope.outer;
        }
        if is_made_up(path) {
            return Err(unknown(path).doubtful());
        }
        Err(unknown(path))
    }
}

/// Whether a name may be a column of which no definition speaks: `_rowid` is the key, `row_start` and `row_end` are those of
/// MariaDB's system versioning, and sequences have columns too.
fn is_made_up(path: &[Ident]) -> bool {
    let names = ["_rowid", "row_start", "row_end", "rownum", "sysdate"];
    path.last().is_some_and(|name| names.iter().any(|made_up| name.is(made_up)))
}

fn in_database(table: &Bound, database: &[Ident]) -> bool {
    match database {
        [] => true,
        // MariaDB prints the database before columns, not before tables, where a view's account may not look into it.
        [name] => table.in_unnamed || table.database.as_ref() == Some(name),
        _ => false,
    }
}
