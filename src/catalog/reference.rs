//! What a foreign key asks of the table that it references, and what that table then may not do.
//!
//! A referenced table that the script has not made yet is taken to come later: scripts are read
//! in any order that a server with `foreign_key_checks=0` would take.

use super::Catalog;
use super::error::{CatalogError, Outcome};
use crate::ident::Ident;
use crate::model::{Column, DataType, ForeignKey, IndexKind, KeyColumn, Table};
use crate::source::Span;

impl Catalog {
    /// The table that a foreign key references, where the script has made it.
    fn referenced<'s>(&'s self, database: usize, holder: &'s Table, key: &ForeignKey) -> Option<&'s Table> {
        let home = &self.schema.databases[database];
        let there = match &key.referenced_database {
            Some(name) => self.schema.databases.iter().find(|d| d.name.as_ref() == Some(name))?,
            None => home,
        };
        if key.referenced_database.is_none() && key.referenced_table == holder.name {
            return Some(holder);
        }
        there.tables.get(&key.referenced_table)
    }

    /// Errors 3734, 1822, 6125 and 3780 (MariaDB: 1005) for a table's foreign keys.
    pub(super) fn check_references(&self, database: usize, table: &Table, span: Span) -> Outcome<()> {
        for key in &table.foreign_keys {
            let Some(parent) = self.referenced(database, table, key) else { continue };
            self.check_reference(table, parent, key, span)?;
        }
        Ok(())
    }

    fn check_reference(&self, table: &Table, parent: &Table, key: &ForeignKey, span: Span) -> Outcome<()> {
        let mysql = self.target.is_mysql();
        let refuse =
            |number: u16, message: String| Err(CatalogError::new(if mysql { number } else { 1005 }, span, message));
        for (name, referenced) in key.columns.iter().zip(&key.referenced_columns) {
            let Some((_, there)) = parent.column(referenced.as_str()) else {
                let message = format!(
                    "missing column '{referenced}' for constraint '{}' in the referenced table '{}'",
                    key.name, parent.name
                );
                return refuse(3734, message);
            };
            let Some((_, here)) = table.column(name.as_str()) else { continue };
            if !compatible(here, there) {
                let message = format!(
                    "referencing column '{name}' and referenced column '{referenced}' in foreign key constraint '{}' are incompatible",
                    key.name
                );
                return refuse(3780, message);
            }
        }
        if !self.session.foreign_key_checks || key.referenced_columns.is_empty() {
            return Ok(());
        }
        if !parent.indexes.iter().any(|i| begins_with(i, &key.referenced_columns)) {
            let message =
                format!("missing index for constraint '{}' in the referenced table '{}'", key.name, parent.name);
            return refuse(if self.target.requires_unique_referenced_key() { 6125 } else { 1822 }, message);
        }
        let is_unique = parent.indexes.iter().any(|i| {
            i.is_unique() && i.parts.len() == key.referenced_columns.len() && begins_with(i, &key.referenced_columns)
        });
        if self.target.requires_unique_referenced_key() && !is_unique {
            let message =
                format!("missing unique key for constraint '{}' in the referenced table '{}'", key.name, parent.name);
            return refuse(6125, message);
        }
        Ok(())
    }

    /// A table that others reference keeps the columns and a key that they need.
    pub(super) fn check_still_referenced(&self, database: usize, old: &Table, new: &Table, span: Span) -> Outcome<()> {
        let mysql = self.target.is_mysql();
        for (holder, key) in self.referencing(database, &old.name) {
            let own = holder.name == old.name;
            if own && !new.foreign_keys.iter().any(|k| k.name == key.name) {
                continue;
            }
            if let Some(column) = key
                .referenced_columns
                .iter()
                .find(|c| mysql && self.session.foreign_key_checks && counts_otherwise(old, new, c))
            {
                let message = format!(
                    "cannot change column '{column}': used in a foreign key constraint '{}' of table '{}'",
                    key.name, holder.name
                );
                return Err(CatalogError::new(1833, span, message));
            }
            for column in &key.referenced_columns {
                let (Some((at, before)), false) = (old.column(column.as_str()), own) else { continue };
                let dropped = new.column(column.as_str()).is_none() && old.columns.len() > new.columns.len();
                if dropped {
                    let message = format!(
                        "cannot drop column '{column}': needed in a foreign key constraint '{}' of table '{}'",
                        key.name, holder.name
                    );
                    return Err(CatalogError::new(1829, span, message));
                }
                let after = new
                    .column(column.as_str())
                    .map(|(_, c)| c)
                    .or(new.columns.get(at).filter(|_| old.columns.len() == new.columns.len()));
                let Some(after) = after else { continue };
                let child = key
                    .columns
                    .iter()
                    .zip(&key.referenced_columns)
                    .find(|(_, r)| *r == column)
                    .and_then(|(c, _)| holder.column(c.as_str()));
                if self.session.foreign_key_checks
                    && before.data_type != after.data_type
                    && child.is_some_and(|(_, c)| !compatible(c, after))
                {
                    let message = format!(
                        "cannot change column '{column}': used in a foreign key constraint '{}' of table '{}'",
                        key.name, holder.name
                    );
                    return Err(CatalogError::new(if mysql { 3780 } else { 1833 }, span, message));
                }
            }
            let renamed: Vec<Ident> =
                key.referenced_columns.iter().filter(|c| new.column(c.as_str()).is_some()).cloned().collect();
            let lost = renamed.len() == key.referenced_columns.len()
                && old.indexes.iter().any(|i| begins_with(i, &key.referenced_columns))
                && !new.indexes.iter().any(|i| begins_with(i, &key.referenced_columns));
            if self.session.foreign_key_checks && lost {
                return Err(CatalogError::new(
                    1553,
                    span,
                    format!(
                        "cannot drop a key that foreign key constraint '{}' of table '{}' needs",
                        key.name, holder.name
                    ),
                ));
            }
        }
        for key in new.foreign_keys.iter().filter(|k| old.foreign_keys.iter().any(|o| o.name == k.name)) {
            if let Some(column) =
                key.columns.iter().find(|c| mysql && self.session.foreign_key_checks && counts_otherwise(old, new, c))
            {
                let message =
                    format!("cannot change column '{column}': used in a foreign key constraint '{}'", key.name);
                return Err(CatalogError::new(1832, span, message));
            }
        }
        for key in &new.foreign_keys {
            if new.options.engine.as_ref() == "InnoDB" && !new.indexes.iter().any(|i| begins_with(i, &key.columns)) {
                return Err(CatalogError::new(
                    1553,
                    span,
                    format!("cannot drop a key that foreign key constraint '{}' needs", key.name),
                ));
            }
        }
        Ok(())
    }
}

/// Whether a column begins or ceases to count by itself, which MySQL refuses within a foreign key.
fn counts_otherwise(old: &Table, new: &Table, column: &Ident) -> bool {
    let (Some((_, before)), Some((_, after))) = (old.column(column.as_str()), new.column(column.as_str())) else {
        return false;
    };
    before.auto_increment != after.auto_increment
}

/// Whether a key begins with those columns, in any order of these.
fn begins_with(index: &crate::model::Index, columns: &[Ident]) -> bool {
    if matches!(index.kind, IndexKind::Fulltext | IndexKind::Spatial | IndexKind::Vector)
        || index.parts.len() < columns.len()
    {
        return false;
    }
    let first = &index.parts[..columns.len()];
    columns.iter().all(|column| {
        first.iter().any(|part| {
            part.prefix.is_none() && matches!(&part.column, KeyColumn::Column(name) if name.is(column.as_str()))
        })
    })
}

/// Whether two columns can stand in a foreign key: the same kind and size of number, strings of one
/// charset and collation (MySQL 8.4 manual, section 15.1.20.5 "FOREIGN KEY Constraints").
fn compatible(a: &Column, b: &Column) -> bool {
    match (&a.data_type, &b.data_type) {
        (DataType::Integer { kind: x, unsigned: u, .. }, DataType::Integer { kind: y, unsigned: v, .. }) => {
            x == y && u == v
        }
        (DataType::Decimal { .. }, DataType::Decimal { .. }) => true,
        (DataType::Float { double: x, .. }, DataType::Float { double: y, .. }) => x == y,
        (x, y) if is_string(x) && is_string(y) => a.collation == b.collation,
        (x, y) => std::mem::discriminant(x) == std::mem::discriminant(y),
    }
}

const fn is_string(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Char(_) | DataType::Varchar(_) | DataType::Binary(_) | DataType::Varbinary(_))
}
