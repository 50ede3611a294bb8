//! Temporary tables: a session's own, which hide the schema's tables of the same names while it lasts.
//!
//! In: statements about tables. Out: the statements that are about a temporary one are executed on that. No dump and no plan
//! has temporary tables, and no comparison sees them; but a script may make one, change it and drop it (MySQL 8.4 manual,
//! section 15.1.20.2 "CREATE TEMPORARY TABLE Statement"; KB "CREATE TABLE").

use super::Catalog;
use super::error::{CatalogError, Outcome};
use super::warning::Warnings;
use crate::ident::Ident;
use crate::model::{Database, IndexKind, OptionKey, Schema, Table};
use crate::source::{Location, Span};
use crate::syntax::ddl::{AlterAction, AlterTable, Attribute, CreateTable, Ddl, Definition, TableName, TableOption};

/// A session's temporary tables.
#[derive(Clone, Debug, Default)]
pub(super) struct Temporaries {
    /// They stand in databases like those of the schema, place by place.
    schema: Schema,
    /// Those that a query made: what they are like is not known.
    unknown: Vec<(usize, Ident)>,
}

impl Temporaries {
    /// What is known of them.
    pub(super) fn into_schema(self) -> Schema {
        self.schema
    }
}

impl Catalog {
    /// `CREATE TEMPORARY TABLE`.
    pub(super) fn create_temporary(
        &mut self,
        create: &CreateTable<'_>,
        location: Location,
        warnings: &Warnings,
    ) -> Outcome<()> {
        let span = create.name.name.span;
        self.check_written(create)?;
        let at = self.database_of(&create.name);
        let ident = self.table_ident(&create.name.name)?;
        self.check_table_name(&create.name.name)?;
        if self.is_temporary(at, &ident) {
            if create.if_not_exists {
                return Ok(());
            }
            if !create.or_replace {
                return Err(CatalogError::new(1050, span, format!("table '{ident}' already exists")));
            }
        }
        if create.select.is_some() {
            self.forget_temporary(at, &ident);
            self.temporaries.get_or_insert_default().unknown.push((at, ident));
            return Ok(());
        }
        let mut table = match &create.like {
            Some(like) => {
                let source = self.database_of(like);
                if (source, self.table_ident(&like.name)?) == (at, ident.clone()) {
                    return Err(CatalogError::new(1066, like.name.span, format!("not unique table: '{ident}'")));
                }
                self.table_like(ident.clone(), like, location)?
            }
            None => {
                let around = self.schema.databases[at].collation;
                self.build_table(create, ident.clone(), around, location, warnings)?
            }
        };
        if self.target.is_mysql() && create.like.is_none() {
            list_as_written(&mut table, create);
        }
        let told = |option: &TableOption<'_>| matches!(option, TableOption::Known(OptionKey::PageChecksum, ..));
        if &*table.options.engine == "Aria" && !create.options.iter().any(told) {
            table.options.others.insert(OptionKey::PageChecksum, "0".into());
        }
        self.check_lasting(&table, create.like.is_some(), span)?;
        self.forget_temporary(at, &ident);
        self.among_temporaries(|catalog| drop(catalog.schema.databases[at].tables.insert(ident, table)));
        Ok(())
    }

    /// What is refused before the definition is looked at.
    fn check_written(&self, create: &CreateTable<'_>) -> Outcome<()> {
        let mysql = self.target.is_mysql();
        if let Some(clause) = &create.partitioning {
            let number = if mysql { 1562 } else { 1506 };
            return Err(CatalogError::new(number, clause.span, "a temporary table has no partitions"));
        }
        if create.definitions.iter().any(|d| matches!(d, Definition::ForeignKey(_))) {
            return Err(self.no_foreign_keys(create.name.name.span));
        }
        Ok(())
    }

    fn no_foreign_keys(&self, span: Span) -> CatalogError {
        let number = if self.target.is_mysql() { 1215 } else { 1005 };
        CatalogError::new(number, span, "a temporary table has no foreign keys")
    }

    /// What only a table has that lasts (measured on MySQL 9.7, MariaDB 10.11 and 11.8).
    fn check_lasting(&self, table: &Table, is_copy: bool, span: Span) -> Outcome<()> {
        let mysql = self.target.is_mysql();
        let refused = |number, what: &str| Err(CatalogError::new(number, span, format!("a temporary table {what}")));
        if table.partitioning.is_some() {
            let number = if mysql { 1562 } else { 1478 };
            return refused(number, "has no partitions");
        }
        if !table.foreign_keys.is_empty() {
            return Err(self.no_foreign_keys(span));
        }
        if table.system_versioned && !is_copy {
            return refused(4137, "keeps no history");
        }
        if table.periods.iter().any(|period| !period.system) {
            return refused(4152, "has no periods of its application");
        }
        if &*table.options.engine != "InnoDB" {
            return Ok(());
        }
        let option = |key| table.options.others.get(&key).map(|value| &**value);
        if option(OptionKey::RowFormat) == Some("COMPRESSED") || option(OptionKey::KeyBlockSize).is_some() {
            return refused(if mysql { 3500 } else { 4047 }, "is not compressed by InnoDB");
        }
        if table.indexes.iter().any(|index| index.kind == IndexKind::Fulltext) {
            return refused(1796, "of InnoDB has no FULLTEXT key");
        }
        if mysql && option(OptionKey::Encryption).is_some() {
            return refused(3833, "has no ENCRYPTION of its own");
        }
        if matches!(option(OptionKey::Tablespace), Some("innodb_system" | "innodb_file_per_table")) && mysql {
            return refused(1478, "is in no tablespace that lasts");
        }
        if !mysql && option(OptionKey::DataDirectory).is_some() {
            return refused(1005, "of InnoDB has no directory of its own");
        }
        Ok(())
    }

    /// Executes a statement that is about a temporary table; `None` where it is about none.
    pub(super) fn execute_on_temporary(&mut self, ddl: &Ddl<'_>, warnings: &Warnings) -> Option<Outcome<()>> {
        match ddl {
            Ddl::AlterTable(alter) => {
                let is_left = |action: &&AlterAction<'_>| !matches!(action, AlterAction::Online { .. });
                let actions = || alter.actions.iter().filter(is_left).cloned().collect();
                self.change_temporary(&alter.table, |catalog| {
                    let alter = AlterTable { actions: actions(), ..alter.clone() };
                    catalog.alter_table(&alter, warnings)
                })
            }
            // What they may cost is another question for tables that one session has.
            Ddl::CreateIndex { table, index, or_replace, if_not_exists, online: _ } => self
                .change_temporary(table, |catalog| {
                    catalog.create_index(table, index, *or_replace, *if_not_exists, &[], warnings)
                }),
            Ddl::DropIndex { table, name, if_exists, online: _ } => {
                self.change_temporary(table, |catalog| catalog.drop_index(table, name, *if_exists, &[], warnings))
            }
            // MySQL renames none by this statement (its manual's section 15.1.20.2).
            Ddl::RenameTable { renames, .. } if self.target.is_mariadb() => match renames.as_slice() {
                [(from, to)] => self.change_temporary(from, |catalog| catalog.rename_table(from, to, false)),
                _ => None,
            },
            Ddl::RenameTable { .. }
            | Ddl::DropTable { .. }
            | Ddl::CreateTable(_)
            | Ddl::CreateDatabase { .. }
            | Ddl::AlterDatabase { .. }
            | Ddl::DropDatabase { .. } => None,
        }
    }

    /// Changes a temporary table, or leaves it as it was.
    fn change_temporary(
        &mut self,
        name: &TableName<'_>,
        change: impl FnOnce(&mut Self) -> Outcome<()>,
    ) -> Option<Outcome<()>> {
        let at = self.database_of(name);
        let ident = self.table_ident(&name.name).ok()?;
        if self.temporaries.as_ref()?.unknown.contains(&(at, ident.clone())) {
            return Some(Ok(()));
        }
        if !self.is_temporary(at, &ident) {
            return None;
        }
        let before = self.temporaries.clone();
        let done = self.among_temporaries(|catalog| {
            change(catalog)?;
            let changed = catalog.schema.databases[at].tables.get(&ident);
            changed.map_or(Ok(()), |table| catalog.check_lasting(table, true, name.name.span))
        });
        if done.is_err() {
            self.temporaries = before;
        }
        Some(done)
    }

    /// Drops a temporary table, if there is one.
    pub(super) fn drop_temporary(&mut self, name: &TableName<'_>) -> Outcome<bool> {
        if self.temporaries.is_none() {
            return Ok(false);
        }
        let at = self.database_of(name);
        let ident = self.table_ident(&name.name)?;
        let is_there = self.is_temporary(at, &ident);
        self.forget_temporary(at, &ident);
        Ok(is_there)
    }

    /// The session's temporary table of a name.
    pub(super) fn temporary_mut(&mut self, at: usize, name: &str) -> Option<&mut Table> {
        self.temporaries.as_mut()?.schema.databases.get_mut(at)?.tables.get_mut(name)
    }

    /// The same, to be read.
    pub(super) fn temporary(&self, at: usize, name: &str) -> Option<&Table> {
        self.temporaries.as_ref()?.schema.databases.get(at)?.tables.get(name)
    }

    fn is_temporary(&self, at: usize, name: &Ident) -> bool {
        let unknown = || self.temporaries.as_ref().is_some_and(|t| t.unknown.contains(&(at, name.clone())));
        self.temporary(at, name.as_str()).is_some() || unknown()
    }

    fn forget_temporary(&mut self, at: usize, name: &Ident) {
        let Some(temporaries) = &mut self.temporaries else { return };
        temporaries.unknown.retain(|(there, known)| (there, known) != (&at, name));
        if let Some(database) = temporaries.schema.databases.get_mut(at) {
            database.tables.shift_remove(name);
        }
    }

    /// Acts while the temporary tables stand in the schema's place.
    fn among_temporaries<R>(&mut self, act: impl FnOnce(&mut Self) -> R) -> R {
        let mut aside = self.temporaries.take().unwrap_or_default();
        let constraints = self.constraints.take();
        align(&self.schema, &mut aside.schema);
        std::mem::swap(&mut self.schema, &mut aside.schema);
        let done = act(self);
        align(&self.schema, &mut aside.schema);
        std::mem::swap(&mut self.schema, &mut aside.schema);
        self.constraints = constraints;
        self.temporaries = Some(aside);
        done
    }
}

/// MySQL lists a temporary table's CHECKs as they were written: they are not in its dictionary, which lists them by name.
fn list_as_written(table: &mut Table, create: &CreateTable<'_>) {
    let mut written = Vec::new();
    for definition in &create.definitions {
        match definition {
            Definition::Check(check) => written.push(&check.constraint),
            Definition::Column(column) => {
                written.extend(column.attributes.iter().filter_map(|(attribute, _)| match attribute {
                    Attribute::Check(check) => Some(&check.constraint),
                    _ => None,
                }));
            }
            Definition::Index(_) | Definition::ForeignKey(_) | Definition::Period(_) => {}
        }
    }
    let mut made = 0;
    let names: Vec<Ident> = written
        .into_iter()
        .map(|name| match name.as_ref().filter(|name| !name.text.is_empty()) {
            Some(name) => Ident::new(name.text.as_ref()),
            None => {
                made += 1;
                Ident::new(format!("{}_chk_{made}", table.name))
            }
        })
        .collect();
    table.checks.sort_by_key(|check| names.iter().position(|name| *name == check.name));
}

/// Gives the other schema the databases that the first one has got behind its own.
fn align(schema: &Schema, other: &mut Schema) {
    let new = schema.databases.iter().skip(other.databases.len());
    other.databases.extend(new.map(|database| Database::new(database.name.clone(), database.collation)));
}
