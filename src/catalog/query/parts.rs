//! What a query asks of what it names, beside their names: keys that it hints at, partitions, rows of the past, charsets.

use super::{Known, Place, Why};
use crate::ident::{Ident, folded};
use crate::model::expression::{CastType, Literal};
use crate::model::{
    Charset, Collation, Column, DataType, Expr, IndexKind, KeyColumn, ObjectKind, PartitionMethod, Table,
};
use crate::syntax::expression::is_native_anywhere;

impl Place<'_> {
    /// The column of a table that a path, as it is printed, stands for.
    fn table_column(&self, path: &[Ident]) -> Option<(&Table, &Column)> {
        let bound = self.scope.tables.iter().find(|bound| bound.is_before(path))?;
        let table = self.known.table(bound.database.as_ref(), bound.origin.as_ref()?)?;
        Some((table, table.column(path.last()?.as_str())?.1))
    }

    /// Errors that depend on what the columns of COLLATE and MATCH are: 1253, 1210, 1191.
    pub(super) fn of_columns(&self, expr: &Expr) -> Result<(), Why> {
        match expr {
            Expr::Collate { expr, collation } => {
                let named = Collation::named(collation, None, self.known.target).map(Collation::charset);
                match (self.charset(expr), named) {
                    (Some(own), Some(other)) if own != other => Err(Why::refused(
                        1253,
                        format!("collation '{collation}' is not valid for charset '{}'", own.name()),
                    )),
                    _ => Ok(()),
                }
            }
            Expr::Match { columns, against, .. } => {
                let is_field = |expr: &Expr| matches!(expr, Expr::Field(_));
                if is_field(against) || against.any_child(is_field) {
                    return Err(Why::refused(1210, "incorrect arguments to AGAINST"));
                }
                // MariaDB looks for the key only when it executes.
                if self.known.target.is_mysql() { self.full_text_key(columns) } else { Ok(()) }
            }
            _other => Ok(()),
        }
    }

    fn full_text_key(&self, columns: &[Expr]) -> Result<(), Why> {
        let mut wanted = Vec::new();
        let mut table = None;
        for column in columns {
            let Expr::Field(path) = column else { return Ok(()) };
            let Some((found, column)) = self.table_column(path) else { return Ok(()) };
            table = Some(found);
            wanted.push(&column.name);
        }
        let Some(table) = table.filter(|table| !table.options.engine.eq_ignore_ascii_case("MyISAM")) else {
            return Ok(());
        };
        let has = table.indexes.iter().filter(|index| index.kind == IndexKind::Fulltext).any(|index| {
            let names: Vec<&Ident> = index
                .parts
                .iter()
                .filter_map(|part| match &part.column {
                    KeyColumn::Column(name) => Some(name),
                    KeyColumn::Expression(_) => None,
                })
                .collect();
            names.len() == wanted.len() && wanted.iter().all(|name| names.iter().any(|own| own.is(name.as_str())))
        });
        if has { Ok(()) } else { Err(Why::refused(1191, "no FULLTEXT key of these columns")) }
    }

    /// The charset of a value, as far as it is plain.
    fn charset(&self, expr: &Expr) -> Option<Charset> {
        let named = |name: &str| Charset::named(name, self.known.target);
        match expr {
            Expr::Field(path) => {
                let (_, column) = self.table_column(path)?;
                match column.data_type {
                    DataType::Blob(_) | DataType::Varbinary(_) | DataType::Binary(_) => named("binary"),
                    _ => column.collation.map(Collation::charset),
                }
            }
            Expr::Literal(Literal::String { charset, .. }) => named(charset.as_deref().unwrap_or(self.known.charset)),
            Expr::ConvertUsing { charset, .. } => named(charset),
            Expr::Cast { to: CastType::Char { charset: Some(charset), .. }, .. } => named(charset),
            Expr::Collate { collation, .. } => {
                Collation::named(collation, None, self.known.target).map(Collation::charset)
            }
            _other => None,
        }
    }
}

impl<'c> Known<'c> {
    fn table(&self, database: Option<&Ident>, table: &Ident) -> Option<&'c Table> {
        self.database(database)?.tables.get(table)
    }

    /// Whether that name is a view's and no table's.
    pub(super) fn is_view(&self, database: Option<&Ident>, name: &Ident) -> bool {
        let database = self.database(database);
        database
            .is_some_and(|d| d.objects.contains_key(&(ObjectKind::View, name.clone())) && !d.tables.contains_key(name))
    }

    /// Error 1176: the keys that a query hints at are keys of its table; the beginning of a name is enough where no other begins
    /// so. A view has none.
    pub(super) fn check_hints(&self, database: Option<&Ident>, table: &Ident, hints: &[Box<str>]) -> Result<(), Why> {
        let missing = |name: &str| Why::refused(1176, format!("key '{name}' doesn't exist in table '{table}'"));
        let mut names = hints.iter().flat_map(|hint| hinted(hint));
        let Some(known) = self.table(database, table) else {
            let first = names.next().filter(|_| self.is_view(database, table));
            return first.map_or(Ok(()), |name| Err(missing(&name)));
        };
        let begin = |name: &str| {
            let begins = |index: &&crate::model::Index| folded(index.name.as_str()).starts_with(&*folded(name));
            known.indexes.iter().filter(begins).count() == 1
        };
        match names.find(|name| known.index(name).is_none() && !begin(name)) {
            Some(name) => Err(missing(&name)),
            None => Ok(()),
        }
    }

    /// Error 1305: a stored function is there. One that the script does not make may be there all the same, unless it makes
    /// others; what another server or version calls its own is none of them.
    pub(super) fn check_function(&self, quoted: &str) -> Result<(), Why> {
        let name = quoted.trim_matches('`');
        if name.contains('`') {
            return Ok(());
        }
        let mut functions = self.database.objects.keys().filter(|(kind, _)| *kind == ObjectKind::Function).peekable();
        let is_known_elsewhere = is_native_anywhere(&name.to_ascii_lowercase());
        if functions.peek().is_none() && !is_known_elsewhere || functions.any(|(_, own)| own.is(name)) {
            return Ok(());
        }
        Err(Why::refused(1305, format!("function {quoted} does not exist")))
    }

    /// Errors 1735 and 1747: the table has the partitions that a query names; 4124: it has a history.
    pub(super) fn check_parts(
        &self,
        database: Option<&Ident>,
        name: &Ident,
        partitions: &[Ident],
        past: bool,
    ) -> Result<(), Why> {
        let Some(table) = self.table(database, name) else { return Ok(()) };
        if past && !table.system_versioned {
            return Err(Why::refused(4124, format!("table {} is not system-versioned", name.quoted())));
        }
        if partitions.is_empty() {
            return Ok(());
        }
        let Some(partitioning) = &table.partitioning else {
            return Err(Why::refused(1747, "PARTITION of a table that is not partitioned"));
        };
        // The server may have made more of them than are written.
        if matches!(partitioning.method, PartitionMethod::SystemTime(_)) {
            return Ok(());
        }
        let mut names: Vec<String> = partitioning.partitions.iter().map(|p| p.name.to_string()).collect();
        if names.is_empty() {
            names = (0..partitioning.count.unwrap_or(1)).map(|n| format!("p{n}")).collect();
        }
        let count = partitioning.subpartitioning.as_ref().and_then(|sub| sub.count).unwrap_or_default();
        let counted = names.iter().flat_map(|name| (0..count).map(move |n| format!("{name}sp{n}")));
        let listed = partitioning.partitions.iter().flat_map(|p| &p.subpartitions).map(|(name, _)| name.to_string());
        let all: Vec<String> = counted.chain(listed).chain(names.iter().cloned()).collect();
        match partitions.iter().find(|wanted| !all.iter().any(|own| wanted.is(own))) {
            Some(wanted) => Err(Why::refused(1735, format!("unknown partition '{wanted}' in table '{name}'"))),
            None => Ok(()),
        }
    }
}

/// The key that a hint names.
fn hinted(hint: &str) -> Option<String> {
    let name = hint.split_once(" (")?.1.strip_suffix(')')?;
    match name.strip_prefix('`').and_then(|name| name.strip_suffix('`')) {
        Some(quoted) => Some(quoted.replace("``", "`")),
        // PRIMARY stands without quotes.
        None => Some(name.to_owned()).filter(|name| !name.is_empty()),
    }
}
