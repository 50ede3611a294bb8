//! What a foreign key asks of the table that it references, and what that table then may not do.
//!
//! A referenced table that the script has not made yet is taken to come later: scripts are read
//! in any order that a server with `foreign_key_checks=0` would take.

use super::Catalog;
use super::alter::Change;
use super::error::{CatalogError, Outcome};
use super::{encoding, size};
use crate::ident::Ident;
use crate::model::{
    Charset, Collation, Column, DataType, ForeignKey, Index, IndexKind, KeyColumn, KeyPart, ReferentialAction, Table,
};
use crate::source::{Pair, Span};
use crate::syntax::ddl::AlterAction;
use crate::target::Target;

impl Catalog {
    /// The table that a foreign key references, where the script has made it.
    pub(super) fn referenced<'s>(&'s self, database: usize, holder: &'s Table, key: &ForeignKey) -> Option<&'s Table> {
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

    /// Spells the columns that new foreign keys reference as their table does, where it is there. MariaDB leaves them as they are
    /// written where an ALTER adds the key in place, without `foreign_key_checks`.
    pub(super) fn spell_references(&self, database: usize, table: &mut Table, old: Option<&Table>) {
        if old.is_some() && self.target.is_mariadb() && !self.session.foreign_key_checks {
            return;
        }
        let stood = |key: &ForeignKey| old.is_some_and(|old| old.foreign_keys.iter().any(|k| k.name == key.name));
        let spelled = |key: &ForeignKey| -> Option<Vec<Ident>> {
            let parent = self.referenced(database, table, key).filter(|_| !stood(key))?;
            if key.referenced_columns.is_empty() && self.target.honours_inline_references() {
                // Where none are named, the primary key's are meant (MySQL 9.7 manual, section 15.1.24.5 "FOREIGN KEY Constraints").
                return Some(parent.primary_key()?.columns().cloned().collect());
            }
            let own = |name: &Ident| parent.column(name.as_str()).map_or_else(|| name.clone(), |(_, c)| c.name.clone());
            Some(key.referenced_columns.iter().map(own).collect())
        };
        let all: Vec<Option<Vec<Ident>>> = table.foreign_keys.iter().map(spelled).collect();
        for (key, names) in table.foreign_keys.iter_mut().zip(all) {
            key.referenced_columns = names.unwrap_or_else(|| std::mem::take(&mut key.referenced_columns));
        }
    }

    /// Errors 3734, 1822, 6125 and 3780 (MariaDB: 1005) for a table's foreign keys.
    pub(super) fn check_references(
        &self,
        database: usize,
        table: &Table,
        old: Option<&Table>,
        span: Span,
    ) -> Outcome<()> {
        for key in &table.foreign_keys {
            let stood = |old: &Table| old.foreign_keys.iter().any(|k| k.name == key.name);
            // A key that stands is looked at from both of its ends when these change.
            if old.is_some_and(stood) {
                continue;
            }
            let keeps = super::foreign_key::keeps_foreign_keys(&table.options.engine);
            if keeps && !serves_child(table, &key.columns, self.target) {
                // A FULLTEXT key has taken the place of the one that was made for it.
                let message = format!("missing index for constraint '{}' in the table '{}'", key.name, table.name);
                return Err(CatalogError::new(if self.target.is_mysql() { 1821 } else { 1005 }, span, message));
            }
            // The key that MariaDB makes for a foreign key is over whole columns, which a TEXT or BLOB has no key over.
            let is_blob = |name: &&Ident| table.column(name.as_str()).is_some_and(|(_, c)| c.data_type.is_blob());
            if let Some(name) = key.columns.iter().find(is_blob).filter(|_| self.target.is_mariadb()) {
                let message = format!("foreign key constraint '{}' is over column '{name}', a TEXT or BLOB", key.name);
                return Err(CatalogError::new(1005, span, message));
            }
            if self.target.is_mysql() && keeps && key.referenced_columns.len() != key.columns.len() {
                let name = if key.generated_name { "foreign key without name" } else { key.name.as_str() };
                let message = format!(
                    "incorrect foreign key definition for '{name}': key reference and table reference don't match"
                );
                return Err(CatalogError::new(1239, span, message));
            }
            let Some(parent) = self.referenced(database, table, key) else { continue };
            if let Some(name) = old.and_then(|old| self.refused_null(old, table, key)) {
                let message = format!(
                    "failed to add the foreign key constraint '{}' on table '{}': column '{name}' was NOT NULL",
                    key.name, table.name
                );
                return Err(CatalogError::new(1825, span, message));
            }
            if let Some(name) = old.and_then(|old| self.refused_growth(old, table, key)) {
                let message = format!("cannot change column '{name}': used in a foreign key constraint '{}'", key.name);
                return Err(CatalogError::new(1832, span, message));
            }
            // MariaDB looks for the columns and keys of a table's reference to itself in the table as it was.
            let own = key.referenced_database.is_none() && key.referenced_table == table.name;
            let before = old.filter(|old| {
                let new = !old.foreign_keys.iter().any(|k| k.name == key.name);
                own && new && self.target.is_mariadb() && old.name == table.name
            });
            let parent = before.unwrap_or(parent);
            self.check_reference(table, parent, key, span)?;
        }
        Ok(())
    }

    /// The same for the foreign keys that wait for a table: MySQL looks at them when it comes, whatever the session checks
    /// (`adjust_fk_children_after_parent_def_change`).
    pub(super) fn check_waiting(&mut self, database: usize, parent: &Table, span: Span) -> Outcome<()> {
        if !self.target.is_mysql_since(80_000) || !super::foreign_key::keeps_foreign_keys(&parent.options.engine) {
            return Ok(());
        }
        self.count_constraints();
        let mut waiting = self.referencing(database, &parent.name).filter(|(child, _)| child.name != parent.name);
        waiting.try_for_each(|(child, key)| self.check_reference(child, parent, key, span))
    }

    fn check_reference(&self, table: &Table, parent: &Table, key: &ForeignKey, span: Span) -> Outcome<()> {
        if self.session.stored {
            return Ok(());
        }
        let mysql = self.target.is_mysql();
        let refuse =
            |number: u16, message: String| Err(CatalogError::new(if mysql { number } else { 1005 }, span, message));
        if !super::foreign_key::keeps_foreign_keys(&parent.options.engine) {
            if !self.session.foreign_key_checks {
                return Ok(());
            }
            let engine = &parent.options.engine;
            return refuse(
                1824,
                format!("the referenced table '{}' is one of {engine}, which has no foreign keys", parent.name),
            );
        }
        // An engine of a plugin may have both.
        let divided = parent.partitioning.is_some() && &*parent.options.engine == "InnoDB";
        if divided && (mysql || self.session.foreign_key_checks) {
            return refuse(
                1506,
                format!("the referenced table '{}' is partitioned, which has no foreign keys", parent.name),
            );
        }
        for (name, referenced) in key.columns.iter().zip(&key.referenced_columns) {
            let Some((_, there)) = parent.column(referenced.as_str()) else {
                let message = format!(
                    "missing column '{referenced}' for constraint '{}' in the referenced table '{}'",
                    key.name, parent.name
                );
                return refuse(3734, message);
            };
            if mysql && there.generated.as_ref().is_some_and(|generated| !generated.stored) {
                let message =
                    format!("foreign key '{}' uses virtual column '{referenced}', which is not supported", key.name);
                return refuse(3733, message);
            }
            let Some((_, here)) = table.column(name.as_str()) else { continue };
            if !compatible(here, there) {
                let message = format!(
                    "referencing column '{name}' and referenced column '{referenced}' in foreign key constraint '{}' are incompatible",
                    key.name
                );
                return refuse(3780, message);
            }
            if self.nullifies(key, Some(here), Some(there)) {
                let message = format!(
                    "column '{name}' cannot be NOT NULL: foreign key constraint '{}' updates it with '{referenced}'",
                    key.name
                );
                return refuse(1005, message);
            }
        }
        // The key is asked for whatever the session checks (`prepare_fk_parent_key`). MariaDB, and MySQL before, let one go that is
        // there, and show what they would not take again: here they are trusted.
        let trusts = !self.session.foreign_key_checks && !self.target.is_mysql_since(80_000);
        if trusts || key.referenced_columns.is_empty() {
            return Ok(());
        }
        if !serves_parent(parent, &key.referenced_columns, self.target) {
            let message =
                format!("missing index for constraint '{}' in the referenced table '{}'", key.name, parent.name);
            return refuse(if self.requires_unique_referenced_key() { 6125 } else { 1822 }, message);
        }
        let itself = parent.name == table.name && key.columns == key.referenced_columns;
        if self.requires_unique_referenced_key() && !has_unique_key(parent, &key.referenced_columns, itself) {
            let message = format!(
                "missing unique key for constraint '{}' in the referenced table '{}' (without restrict_fk_on_non_standard_key any key will do)",
                key.name, parent.name
            );
            return refuse(6125, message);
        }
        Ok(())
    }

    const fn requires_unique_referenced_key(&self) -> bool {
        self.target.requires_unique_referenced_key() && self.session.restricts_references
    }

    /// The column of a new foreign key with SET NULL that takes NULL only since the same ALTER: where the table is not copied,
    /// InnoDB looks at it as it was (`innobase_get_foreign_key_info`).
    fn refused_null<'k>(&self, old: &Table, new: &Table, key: &'k ForeignKey) -> Option<&'k Ident> {
        let sets = [key.on_delete, key.on_update].contains(&ReferentialAction::SetNull);
        let opened = |name: &&Ident| {
            let (before, after) = (old.column(name.as_str()), new.column(name.as_str()));
            matches!((before, after), (Some((_, a)), Some((_, b))) if !a.nullable && b.nullable && a.data_type == b.data_type)
        };
        key.columns.iter().find(|name| sets && !self.session.foreign_key_checks && opened(name))
    }

    /// Whether a foreign key would bring NULL into a column that refuses it.
    fn nullifies(&self, key: &ForeignKey, own: Option<&Column>, referenced: Option<&Column>) -> bool {
        self.target.cascades_as_columns_take_null()
            && key.on_update == ReferentialAction::Cascade
            && own.is_some_and(|c| !c.nullable)
            && referenced.is_some_and(|c| c.nullable)
    }

    /// The column of a new foreign key that the same ALTER makes longer: where it makes the foreign key in place, MariaDB takes it
    /// for one that stands, but with a key of its own that comes, too (tried on 10.11 and 11.8).
    fn refused_growth<'k>(&self, old: &Table, new: &Table, key: &'k ForeignKey) -> Option<&'k Ident> {
        if !self.target.is_mariadb() || self.session.foreign_key_checks {
            return None;
        }
        let stands = |index: &Index| begins_with(index, &key.columns) && new.index(index.name.as_str()) == Some(index);
        let is_text = |name: &&Ident| new.column(name.as_str()).is_some_and(|(_, c)| c.collation.is_some());
        let is_longer = |name: &&Ident| grows_in_place(old.column(name.as_str()), new.column(name.as_str()));
        key.columns.iter().filter(is_text).find(is_longer).filter(|_| old.indexes.iter().any(stands))
    }

    /// Why a column within a foreign key may not become another (`fk_check_copy_alter_table`): true where it parts from the
    /// column at the other end; false where its values change under the server's eyes.
    pub(super) fn refused_change(&self, before: &Column, after: &Column, other: Option<&Column>) -> Option<bool> {
        if before.data_type == after.data_type && before.collation == after.collation {
            return None;
        }
        // Without checks MySQL lets texts part in their charsets, as long as both are there.
        let may_part = !self.session.foreign_key_checks && self.target.is_mysql_since(80_000);
        let are_texts = |other| matches!((stored(other), stored(after)), (Stored::Text(_), Stored::Text(_)));
        if other.is_some_and(|other| {
            compatible(other, before) && !compatible(other, after) && !(may_part && are_texts(other))
        }) {
            return Some(true);
        }
        // MariaDB lets no text of a foreign key grow, whatever the session checks.
        let looks = self.session.foreign_key_checks || self.target.is_mariadb() && after.outgrows(before);
        (looks && !keeps_values(before, after, self.target)).then_some(false)
    }

    /// Errors 3776 and 1217: a table within a foreign key stays with InnoDB.
    pub(super) fn check_engine_change(&self, database: usize, old: &Table, new: &Table, span: Span) -> Outcome<()> {
        if old.options.engine == new.options.engine || &*old.options.engine != "InnoDB" {
            return Ok(());
        }
        if old.foreign_keys.is_empty() && self.referencing(database, &old.name).next().is_none() {
            return Ok(());
        }
        let number = if self.target.is_mysql_since(80_000) { 3776 } else { 1217 };
        let message = "the storage engine cannot change: the table participates in a foreign key constraint";
        Err(CatalogError::new(number, span, message))
    }

    /// A table that others reference keeps the columns and a key that they need.
    pub(super) fn check_still_referenced(
        &self,
        database: usize,
        change: Change<'_>,
        actions: &[AlterAction<'_>],
    ) -> Outcome<()> {
        let Change { old, new, span, .. } = change;
        let mysql = self.target.is_mysql();
        for (holder, key) in self.referencing(database, &old.name) {
            let own = holder.name == old.name;
            if own && !new.foreign_keys.iter().any(|k| k.name == key.name) {
                // MariaDB looks at what a text was referred to by, too, that it does not copy.
                let redefined = |name: &&Ident| {
                    let both = old.column(name.as_str()).zip(new.column(name.as_str()));
                    both.is_some_and(|((_, before), (_, after))| after.is_redefined(before))
                };
                let column = key.referenced_columns.iter().filter(|_| !mysql).find(redefined);
                if let Some(column) = column.filter(|_| !self.copies(change, actions)) {
                    let message =
                        format!("cannot change column '{column}': used in a foreign key constraint '{}'", key.name);
                    return Err(CatalogError::new(1833, span, message));
                }
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
            for (name, column) in key.columns.iter().zip(&key.referenced_columns) {
                let Some((_, before)) = old.column(column.as_str()) else { continue };
                // On MySQL no other column takes its place.
                let gone = mysql && change.drops(column);
                let Some((_, after)) = new.column(change.renamed(column).as_str()).filter(|_| !gone) else {
                    let message = format!(
                        "cannot drop column '{column}': needed in a foreign key constraint '{}' of table '{}'",
                        key.name, holder.name
                    );
                    return Err(CatalogError::new(1829, span, message));
                };
                let child = if own { new.column(change.renamed(name).as_str()) } else { holder.column(name.as_str()) }
                    .map(|(_, c)| c);
                let opens = self.nullifies(key, child, Some(after)) && !self.nullifies(key, child, Some(before));
                let why = if opens { Some(false) } else { self.refused_change(before, after, child) };
                if why == Some(false) && !before.name.is(after.name.as_str()) {
                    return Err(renamed_by_copying(column, span));
                }
                if let Some(number) = why.map(|parted| if parted && mysql { 3780 } else { 1833 }) {
                    let message = format!(
                        "cannot change column '{column}': used in a foreign key constraint '{}' of table '{}'",
                        key.name, holder.name
                    );
                    return Err(CatalogError::new(number, span, message));
                }
            }
            let renamed: Vec<Ident> = key.referenced_columns.iter().map(|name| change.renamed(name).clone()).collect();
            // MySQL knows what a key that comes with the statement is extended by no sooner than it is there.
            let comes = |index: &Index| mysql && old.index(index.name.as_str()).is_none();
            let still = |index: &Index| {
                begins_with(index, &renamed) || !comes(index) && serves(new, index, &renamed, self.target)
            };
            let lost_all = serves_parent(old, &key.referenced_columns, self.target) && !new.indexes.iter().any(still);
            let itself = own && key.columns == key.referenced_columns;
            let lost_unique = self.target.requires_unique_referenced_key()
                && has_unique_key(old, &key.referenced_columns, itself)
                && !has_unique_key(new, &renamed, itself);
            // MariaDB does not look where it sorts the rows by another key from now on.
            let clustered = |table| super::engine::primary(table, self.target);
            let extended = |index: &Index| {
                new.index(index.name.as_str()).is_some() && serves(old, index, &key.referenced_columns, self.target)
            };
            let sorted_anew = !mysql
                && clustered(new).is_some()
                && clustered(new) != clustered(old)
                && (clustered(old).is_some_and(|index| begins_with(index, &key.referenced_columns))
                    || old.indexes.iter().any(extended));
            if self.session.foreign_key_checks && (lost_all && !sorted_anew || lost_unique) {
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
            let parent = self.referenced(database, new, key);
            for (name, referenced) in key.columns.iter().zip(&key.referenced_columns) {
                let from = change.renames.iter().find(|(_, to)| to.is(name.as_str())).map_or(name, |(from, _)| from);
                let both = old.column(from.as_str()).zip(new.column(name.as_str()));
                let Some(((_, before), (_, after))) = both else { continue };
                let there = parent.and_then(|p| p.column(referenced.as_str())).map(|(_, c)| c);
                let sets_null = [key.on_delete, key.on_update].contains(&ReferentialAction::SetNull);
                let closed = sets_null && before.nullable && !after.nullable;
                if closed || before.nullable && self.nullifies(key, Some(after), there) {
                    let message = format!(
                        "column '{name}' cannot be NOT NULL: needed in a foreign key constraint '{}'",
                        key.name
                    );
                    return Err(CatalogError::new(1830, span, message));
                }
                let why = self.refused_change(before, after, there);
                if why == Some(false) && from != name {
                    return Err(renamed_by_copying(from, span));
                }
                if let Some(number) = why.map(|parted| if parted && mysql { 3780 } else { 1832 }) {
                    let message =
                        format!("cannot change column '{name}': used in a foreign key constraint '{}'", key.name);
                    return Err(CatalogError::new(number, span, message));
                }
            }
        }
        for key in &new.foreign_keys {
            if new.options.engine.as_ref() == "InnoDB"
                && !serves_child(new, &key.columns, self.target)
                && !(self.target.is_mariadb() && is_left_to_fulltext(old, new, key))
            {
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

/// Whether a foreign key has no key because a FULLTEXT key took the place of the one that the server had made, which MariaDB
/// asks of no table that is altered in place (`foreign_key_prefix`, which looks at columns alone).
fn is_left_to_fulltext(old: &Table, new: &Table, key: &ForeignKey) -> bool {
    let covers = |index: &Index| {
        index.kind == IndexKind::Fulltext
            && index.parts.len() >= key.columns.len()
            && index.columns().zip(&key.columns).all(|(own, column)| own.is(column.as_str()))
    };
    let mut serving = old.indexes.iter().filter(|index| begins_with(index, &key.columns));
    new.indexes.iter().any(covers) && serving.all(|index| index.generated)
}

/// Error 1846: a column within a foreign key is not renamed by a copy of its table.
fn renamed_by_copying(column: &Ident, span: Span) -> CatalogError {
    let message = format!("column '{column}' participates in a foreign key and is renamed: not while its type changes");
    CatalogError::new(1846, span, message)
}

/// Whether a column begins or ceases to count by itself, which MySQL refuses within a foreign key.
fn counts_otherwise(old: &Table, new: &Table, column: &Ident) -> bool {
    let (Some((_, before)), Some((_, after))) = (old.column(column.as_str()), new.column(column.as_str())) else {
        return false;
    };
    before.auto_increment != after.auto_increment
}

/// Whether a key begins with those columns (`dict_foreign_find_index`).
pub(super) fn begins_with(index: &crate::model::Index, columns: &[Ident]) -> bool {
    if matches!(index.kind, IndexKind::Fulltext | IndexKind::Spatial | IndexKind::Vector)
        || index.parts.len() < columns.len()
    {
        return false;
    }
    index.parts.iter().zip(columns).all(|(part, column)| {
        part.prefix.is_none() && matches!(&part.column, KeyColumn::Column(name) if name.is(column.as_str()))
    })
}

/// Whether a key begins with those columns for InnoDB, which ends each with the columns of the key that sorts the rows
/// (MySQL 8.4 manual, section 15.1.20.5 "FOREIGN KEY Constraints"; seen on MySQL 9.7, MariaDB 10.11 and 11.8).
pub(super) fn serves(table: &Table, index: &Index, columns: &[Ident], target: Target) -> bool {
    if begins_with(index, columns) {
        return true;
    }
    let Some((own, rest)) = columns.split_at_checked(index.parts.len()) else { return false };
    let Some(primary) = super::engine::primary(table, target).filter(|primary| primary.name != index.name) else {
        return false;
    };
    let holds = |part: &&KeyPart| match &part.column {
        KeyColumn::Column(name) => index.columns().any(|column| column.is(name.as_str())),
        KeyColumn::Expression(_) => false,
    };
    let mut added = primary.parts.iter().filter(|part| !holds(part));
    let is_whole = |part: &KeyPart, column: &Ident| {
        part.prefix.is_none() && matches!(&part.column, KeyColumn::Column(name) if name.is(column.as_str()))
    };
    begins_with(index, own) && rest.iter().all(|column| added.next().is_some_and(|part| is_whole(part, column)))
}

/// Whether a table has a key over columns that a foreign key references.
pub(super) fn serves_parent(table: &Table, columns: &[Ident], target: Target) -> bool {
    table.indexes.iter().any(|index| serves(table, index, columns, target))
}

/// Whether a table has a key over the columns of a foreign key of its own, of which MySQL wants them all.
pub(super) fn serves_child(table: &Table, columns: &[Ident], target: Target) -> bool {
    let fits = |index: &Index| {
        if target.is_mysql() { begins_with(index, columns) } else { serves(table, index, columns, target) }
    };
    table.indexes.iter().any(fits)
}

/// Whether a table has a unique key over just those columns. The key that serves a foreign key of columns to themselves is not
/// the one that it references (`prepare_self_ref_fk_parent_key`).
fn has_unique_key(table: &Table, columns: &[Ident], itself: bool) -> bool {
    let serving = table.indexes.iter().find(|i| itself && begins_with(i, columns)).map(|i| &i.name);
    table.indexes.iter().any(|i| is_exactly(i, columns) && serving != Some(&i.name))
}

/// Whether a key is unique over just those columns.
fn is_exactly(index: &crate::model::Index, columns: &[Ident]) -> bool {
    index.is_unique() && index.parts.len() == columns.len() && begins_with(index, columns)
}

/// Whether two columns can stand in a foreign key: what InnoDB stores alike (`cmp_cols_are_equal` of its rem0cmp.cc; MySQL
/// 8.4 manual, section 15.1.20.5 "FOREIGN KEY Constraints").
fn compatible(a: &Column, b: &Column) -> bool {
    stored(a) == stored(b)
}

/// What InnoDB takes a column for.
#[derive(PartialEq, Eq)]
enum Stored {
    Text(Option<Collation>),
    Bytes,
    Integer { unsigned: bool, bytes: u64 },
    Float,
    Double,
    Geometry,
}

fn stored(column: &Column) -> Stored {
    match &column.data_type {
        DataType::Char(_) | DataType::Varchar(_) | DataType::Text(_) => Stored::Text(column.collation),
        DataType::Binary(_)
        | DataType::Varbinary(_)
        | DataType::Blob(_)
        | DataType::Decimal { .. }
        | DataType::Bit(_)
        | DataType::Time(_)
        | DataType::DateTime(_)
        | DataType::Timestamp(_)
        | DataType::Json
        | DataType::Vector(_)
        | DataType::Uuid
        | DataType::Inet4
        | DataType::Inet6 => Stored::Bytes,
        DataType::Integer { unsigned, .. } => {
            Stored::Integer { unsigned: *unsigned, bytes: size::fixed(&column.data_type) }
        }
        // The one of them that has a sign (tried on MySQL 9.7, MariaDB 10.11 and 11.8).
        DataType::Date => Stored::Integer { unsigned: false, bytes: size::fixed(&column.data_type) },
        DataType::Year(_) | DataType::Enum(_) | DataType::Set(_) => {
            Stored::Integer { unsigned: true, bytes: size::fixed(&column.data_type) }
        }
        DataType::Float { double: false, .. } => Stored::Float,
        DataType::Float { double: true, .. } => Stored::Double,
        DataType::Geometry(_) => Stored::Geometry,
    }
}

/// Whether MariaDB takes a text for what it was as it grows.
fn grows_in_place(before: Option<(usize, &Column)>, after: Option<(usize, &Column)>) -> bool {
    before.zip(after).is_some_and(|((_, before), (_, after))| after.outgrows(before))
}

/// Whether an ALTER leaves the values of a column as they are (`Field::is_equal`): on MySQL also under another collation of
/// their charset, and as utf8mb4 what is utf8mb3.
pub(super) fn keeps_values(before: &Column, after: &Column, target: Target) -> bool {
    let charset = |column: &Column| column.collation.map(|c| c.charset());
    let same_text = before.collation == after.collation
        || target.is_mysql() && (charset(before) == charset(after) || takes_longer_characters(before, after));
    match (&before.data_type, &after.data_type) {
        (DataType::Integer { kind: x, unsigned: u, .. }, DataType::Integer { kind: y, unsigned: v, .. }) => {
            x == y && u == v
        }
        // A longer text is the same one, as long as its length takes as many bytes.
        (DataType::Varchar(x), DataType::Varchar(y)) if target.is_mysql() => {
            let width = |column: &Column| column.collation.map_or(1, |c| c.charset().max_length());
            same_text && x <= y && (x * width(before) > 255) == (y * width(after) > 255)
        }
        (DataType::Float { double: x, unsigned: u, .. }, DataType::Float { double: y, unsigned: v, .. })
            if target.is_mysql() =>
        {
            x == y && u == v
        }
        (DataType::Varbinary(x), DataType::Varbinary(y)) if target.is_mysql() => x <= y && (*x > 255) == (*y > 255),
        (DataType::Enum(x), DataType::Enum(y)) | (DataType::Set(x), DataType::Set(y)) => {
            let same = if target.is_mysql() {
                begins_as(y, x, charset(before).zip(charset(after)))
            } else {
                same_text && y.starts_with(x)
            };
            same && size::fixed(&before.data_type) == size::fixed(&after.data_type)
        }
        (x, y) => x == y && same_text,
    }
}

/// Whether a text of utf8mb3 becomes one of utf8mb4, whose characters are all of the other's and more.
pub(super) fn takes_longer_characters(before: &Column, after: &Column) -> bool {
    let name = |column: &Column| column.collation.map(|c| c.charset().name());
    name(before).is_some_and(|name| name == "utf8mb3") && name(after).is_some_and(|name| name == "utf8mb4")
}

/// Whether members begin with others for MySQL, which compares their bytes under the collation before.
fn begins_as(members: &[Box<str>], others: &[Box<str>], charsets: Option<(Charset, Charset)>) -> bool {
    let same = |before: &str, after: &str| match charsets {
        Some((old, new)) if old != new => {
            encoding::reread(before, Pair::new(old, new), true).is_some_and(|reread| reread == after)
        }
        _ => before == after || before.to_lowercase() == after.to_lowercase(),
    };
    members.len() >= others.len() && others.iter().zip(members).all(|(before, after)| same(before, after))
}
