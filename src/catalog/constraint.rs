//! Which tables are referenced and which names constraints have, counted once: a statement about one table does not
//! look at all others to learn that none of them has to do with it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::Catalog;
use super::error::{CatalogError, Outcome};
use crate::ident::{Ident, folded};
use crate::model::{Schema, Table};
use crate::source::Span;

/// The kinds of constraints whose names are a database's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
enum Form {
    ForeignKey,
    Check,
}

/// By whom each table is referenced, and how often each name is used.
#[derive(Clone, Debug, Default)]
pub(super) struct Constraints {
    /// By the referenced table's name, whatever its database: the tables that reference it, with how many keys.
    references: HashMap<Ident, HashMap<(usize, Ident), usize>>,
    /// By database, kind and the name in lower case.
    names: HashMap<(usize, Form, Box<str>), usize>,
}

impl Constraints {
    fn of(schema: &Schema) -> Self {
        let mut counted = Self::default();
        for (number, database) in schema.databases.iter().enumerate() {
            database.tables.iter().for_each(|(ident, table)| counted.add(number, ident, table));
        }
        counted
    }

    fn add(&mut self, database: usize, ident: &Ident, table: &Table) {
        for key in &table.foreign_keys {
            let holders = self.references.entry(key.referenced_table.clone()).or_default();
            *holders.entry((database, ident.clone())).or_default() += 1;
        }
        for name in names(database, table) {
            *self.names.entry(name).or_default() += 1;
        }
    }

    fn remove(&mut self, database: usize, ident: &Ident, table: &Table) {
        for key in &table.foreign_keys {
            let Some(holders) = self.references.get_mut(&key.referenced_table) else { continue };
            let Entry::Occupied(mut count) = holders.entry((database, ident.clone())) else { continue };
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
        for name in names(database, table) {
            self.names.entry(name).and_modify(|count| *count = count.saturating_sub(1));
        }
    }

    /// Whether any foreign key references a table of that name.
    pub(super) fn references(&self, table: &Ident) -> bool {
        self.holders(table).next().is_some()
    }

    /// The tables with foreign keys that reference a table of that name, in no order; each with its database's number.
    pub(super) fn holders(&self, table: &Ident) -> impl Iterator<Item = &(usize, Ident)> {
        self.references.get(table).into_iter().flat_map(HashMap::keys)
    }

    fn has_a_new_name_of(&self, database: usize, table: &Table, old: Option<&Table>) -> bool {
        let known: Vec<_> = old.into_iter().flat_map(|old| names(database, old)).collect();
        let mut new = names(database, table).filter(|name| !known.contains(name));
        new.any(|name| self.names.get(&name).is_some_and(|count| *count > 0))
    }
}

fn names(database: usize, table: &Table) -> impl Iterator<Item = (usize, Form, Box<str>)> {
    let keys = table.foreign_keys.iter().map(move |key| (database, Form::ForeignKey, folded(key.name.as_str())));
    let checks = table.checks.iter().map(move |check| (database, Form::Check, folded(check.name.as_str())));
    keys.chain(checks)
}

impl Catalog {
    /// The counts, as the tables now are.
    pub(super) fn count_constraints(&mut self) -> &Constraints {
        self.constraints.get_or_insert_with(|| Constraints::of(&self.schema))
    }

    /// Puts a table under its name, in the place of one that is there.
    pub(super) fn put(&mut self, database: usize, ident: Ident, mut table: Table) {
        // The name of its own database says nothing, and SHOW CREATE TABLE leaves it out.
        let home = &self.schema.databases[database].name;
        if home.is_some() && table.foreign_keys.iter().any(|key| key.referenced_database == *home) {
            let own = table.foreign_keys.iter_mut().filter(|key| key.referenced_database == *home);
            own.for_each(|key| key.referenced_database = None);
        }
        table.look_whether_plain();
        if let Some(counted) = &mut self.constraints {
            counted.add(database, &ident, &table);
            if let Some(replaced) = self.schema.databases[database].tables.get(&ident) {
                counted.remove(database, &ident, replaced);
            }
        }
        self.schema.databases[database].tables.insert(ident, table);
    }

    /// Takes a table out; its place in the order, and the table.
    pub(super) fn take(&mut self, database: usize, ident: &Ident) -> Option<(usize, Table)> {
        let (place, _, table) = self.schema.databases[database].tables.shift_remove_full(ident)?;
        if let Some(counted) = &mut self.constraints {
            counted.remove(database, ident, &table);
        }
        Some((place, table))
    }

    /// Puts a table at a place in the order.
    pub(super) fn put_at(&mut self, database: usize, place: usize, ident: Ident, mut table: Table) {
        table.look_whether_plain();
        if let Some(counted) = &mut self.constraints {
            counted.add(database, &ident, &table);
        }
        let tables = &mut self.schema.databases[database].tables;
        tables.shift_insert(place.min(tables.len()), ident, table);
    }

    /// Errors 1826 and 3822: the names of constraints are a database's on MySQL (MySQL 8.4 manual, section 15.1.20.6). Where InnoDB
    /// keeps its own dictionary, those of foreign keys are: 1022 (MySQL 5.7 manual, section 13.1.18.5), 1005 on MariaDB, and 1823
    /// there where the key is added in place.
    pub(super) fn check_constraint_names(
        &mut self,
        database: usize,
        table: &Table,
        old: Option<&Table>,
        span: Span,
    ) -> Outcome<()> {
        let has_none = table.foreign_keys.is_empty() && table.checks.is_empty();
        if has_none || !self.count_constraints().has_a_new_name_of(database, table, old) {
            return Ok(());
        }
        let dictionary = self.target.is_mysql_since(80_000);
        let number = match (self.target.is_mariadb(), old) {
            (true, Some(_)) if !self.session.foreign_key_checks => 1823,
            (true, _) => 1005,
            (false, _) if dictionary => 1826,
            (false, _) => 1022,
        };
        for other in self.schema.databases[database].tables.values().filter(|t| t.name != table.name) {
            if let Some(key) =
                table.foreign_keys.iter().find(|key| other.foreign_keys.iter().any(|k| k.name.is(key.name.as_str())))
            {
                return Err(CatalogError::new(
                    number,
                    span,
                    format!("duplicate foreign key constraint name '{}'", key.name),
                ));
            }
            if let Some(check) = table
                .checks
                .iter()
                .find(|check| dictionary && other.checks.iter().any(|c| c.name.is(check.name.as_str())))
            {
                return Err(CatalogError::new(3822, span, format!("duplicate check constraint name '{}'", check.name)));
            }
        }
        Ok(())
    }
}
