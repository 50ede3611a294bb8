//! Databases, and statements about whole tables: RENAME, DROP, CREATE INDEX and DROP INDEX.

use super::Catalog;
use super::charset;
use super::error::{CatalogError, Outcome};
use super::warning::Warnings;
use crate::ident::Ident;
use crate::model::{ForeignKey, ObjectKind, Table, TextObject};
use crate::syntax::ddl::{AlterAction, AlterTable, CharsetClause, IndexDefinition, Name, TableName};

impl Catalog {
    /// `USE`: makes a database the current one; one that the script does not create is taken to exist.
    pub(crate) fn use_database(&mut self, name: &str) {
        self.current = self.database_index(Some(name));
    }

    pub(super) fn create_database(
        &mut self,
        name: &Name<'_>,
        if_not_exists: bool,
        or_replace: bool,
        clause: &CharsetClause<'_>,
    ) -> Outcome<()> {
        let declared = self.places.get(&*name.text).is_some_and(|at| self.schema.databases[*at].declared);
        if declared && !or_replace {
            if if_not_exists {
                return Ok(());
            }
            return Err(CatalogError::new(
                1007,
                name.span,
                format!("can't create database '{}'; database exists", name.text),
            ));
        }
        let collation = charset::clause(clause, self.session.collation_server, self.target)?
            .unwrap_or(self.session.collation_server);
        let at = self.database_index(Some(&name.text));
        let database = &mut self.schema.databases[at];
        database.collation = collation;
        database.declared = true;
        if or_replace {
            database.tables.clear();
            database.objects.clear();
            self.constraints = None;
        }
        Ok(())
    }

    pub(super) fn alter_database(&mut self, name: Option<&Name<'_>>, clause: &CharsetClause<'_>) -> Outcome<()> {
        let at = match name {
            Some(name) => self.database_index(Some(&name.text)),
            None => self.current,
        };
        let around = self.session.collation_server;
        if let Some(collation) = charset::clause(clause, around, self.target)? {
            self.schema.databases[at].collation = collation;
        }
        Ok(())
    }

    pub(super) fn drop_database(&mut self, name: &Name<'_>, if_exists: bool) -> Outcome<()> {
        match self.places.get(&*name.text).copied() {
            Some(at) => {
                let database = &mut self.schema.databases[at];
                database.declared = false;
                database.tables.clear();
                database.objects.clear();
                self.constraints = None;
                Ok(())
            }
            None if if_exists => Ok(()),
            None => Err(CatalogError::new(
                1008,
                name.span,
                format!("can't drop database '{}'; database doesn't exist", name.text),
            )),
        }
    }

    pub(super) fn drop_tables(&mut self, tables: &[TableName<'_>], if_exists: bool, temporary: bool) -> Outcome<()> {
        self.count_constraints();
        for name in tables {
            if self.drop_temporary(name)? || temporary && if_exists {
                continue;
            }
            if temporary {
                let message = format!("there is no temporary table '{}'", name.name.text);
                return Err(CatalogError::new(1051, name.name.span, message));
            }
            let at = self.database_of(name);
            let ident = self.table_ident(&name.name)?;
            if !self.schema.databases[at].tables.contains_key(&ident) {
                if if_exists {
                    continue;
                }
                let key = (ObjectKind::View, ident);
                let is_view = self.target.is_mariadb() && self.schema.databases[at].objects.contains_key(&key);
                let (number, what) = if is_view { (1965, "is a view") } else { (1051, "is not there") };
                return Err(CatalogError::new(number, name.name.span, format!("table '{}' {what}", name.name.text)));
            }
            self.refuse_if_referenced(at, &ident, tables, name)?;
            self.take(at, &ident);
            self.schema.databases[at].objects.retain(|_, object| !object.is_trigger_on(ident.as_str()));
        }
        Ok(())
    }

    /// Error 3730 (MariaDB: 1451): a table that another one references is only dropped with it.
    fn refuse_if_referenced(
        &self,
        database: usize,
        ident: &Ident,
        dropped: &[TableName<'_>],
        name: &TableName<'_>,
    ) -> Outcome<()> {
        if !self.session.foreign_key_checks {
            return Ok(());
        }
        let also_dropped = |table: &Table| dropped.iter().any(|d| d.name.text == table.name.as_str());
        let referencing =
            self.referencing(database, ident).find(|(table, _)| table.name != *ident && !also_dropped(table));
        match referencing {
            Some((table, key)) => {
                let number = if self.target.is_mysql() { 3730 } else { 1451 };
                let message = format!(
                    "cannot drop table '{ident}' referenced by a foreign key constraint '{}' on table '{}'",
                    key.name, table.name
                );
                Err(CatalogError::new(number, name.name.span, message))
            }
            None => Ok(()),
        }
    }

    /// The foreign keys that reference a table, with their tables.
    pub(super) fn referencing<'s>(
        &'s self,
        database: usize,
        name: &'s Ident,
    ) -> impl Iterator<Item = (&'s Table, &'s ForeignKey)> {
        let databases = &self.schema.databases;
        let here = &databases[database];
        let tables: Vec<(usize, &Table)> = match &self.constraints {
            Some(counted) => {
                let place = |(at, holder): &(usize, Ident)| Some((*at, databases[*at].tables.get_index_of(holder)?));
                let mut places: Vec<(usize, usize)> = counted.holders(name).filter_map(place).collect();
                places.sort_unstable();
                places.into_iter().map(|(at, place)| (at, &databases[at].tables[place])).collect()
            }
            None => databases.iter().enumerate().flat_map(|(at, d)| d.tables.values().map(move |t| (at, t))).collect(),
        };
        let matches = move |holder: usize, key: &ForeignKey| {
            key.referenced_table == *name
                && match &key.referenced_database {
                    Some(database) => here.name.as_ref() == Some(database),
                    None => holder == database,
                }
        };
        tables
            .into_iter()
            .flat_map(move |(at, t)| t.foreign_keys.iter().filter(move |k| matches(at, k)).map(move |k| (t, k)))
    }

    pub(super) fn rename_tables(&mut self, renames: &[(TableName<'_>, TableName<'_>)], if_exists: bool) -> Outcome<()> {
        for (from, to) in renames {
            self.rename_table(from, to, if_exists)?;
        }
        Ok(())
    }

    pub(super) fn rename_table(&mut self, from: &TableName<'_>, to: &TableName<'_>, if_exists: bool) -> Outcome<()> {
        let (source, destination) = (self.database_of(from), self.database_of(to));
        let (old, new) = (self.table_ident(&from.name)?, self.table_ident(&to.name)?);
        if !self.schema.databases[source].tables.contains_key(&old) {
            return if if_exists { Ok(()) } else { Err(Self::no_such_table(&from.name)) };
        }
        let home = &self.schema.databases[destination];
        let is_object = |kind| home.objects.contains_key(&(kind, new.clone()));
        let taken =
            home.tables.contains_key(&new) || [ObjectKind::View, ObjectKind::Sequence].into_iter().any(is_object);
        if (source, &old) == (destination, &new) || taken {
            return Err(CatalogError::new(1050, to.name.span, format!("table '{new}' already exists")));
        }
        let has_triggers = |o: &TextObject| o.is_trigger_on(old.as_str());
        if source != destination && self.schema.databases[source].objects.values().any(has_triggers) {
            return Err(CatalogError::new(1435, from.name.span, format!("a trigger of '{old}' in wrong schema")));
        }
        let Some((index, mut table)) = self.take(source, &old) else { return Ok(()) };
        let before = (!table.foreign_keys.is_empty() || !table.checks.is_empty()).then(|| table.clone());
        rename_generated(&mut table, &old, &new, self.target.is_mysql());
        table.name = new.clone();
        if let Some(before) = before {
            let known = (source == destination).then_some(&before);
            if let Err(error) = self.check_constraint_names(destination, &table, known, to.name.span) {
                self.put_at(source, index, old, before);
                // MariaDB tells it of the table, which has no place there as long as its foreign key has none.
                return Err(if self.target.is_mariadb() {
                    CatalogError::new(1050, to.name.span, error.message)
                } else {
                    error
                });
            }
        }
        let index = if source == destination { index } else { usize::MAX };
        self.put_at(destination, index, new.clone(), table);
        self.follow_rename((source, &old), (destination, &new));
        self.follow_triggers(source, &old, &new);
        Ok(())
    }

    /// Foreign keys follow the table that they reference.
    fn follow_rename(&mut self, (source, old): (usize, &Ident), (destination, new): (usize, &Ident)) {
        if !self.count_constraints().references(old) {
            return;
        }
        self.constraints = None;
        let source_name = self.schema.databases[source].name.clone();
        let destination_name = self.schema.databases[destination].name.clone();
        for database in &mut self.schema.databases {
            let holder = database.name.clone();
            let holding =
                database.tables.values_mut().filter(|t| t.foreign_keys.iter().any(|k| k.referenced_table == *old));
            for key in holding.flat_map(|t| &mut t.foreign_keys) {
                let referenced = key.referenced_database.clone().map_or(holder.clone(), Some);
                if key.referenced_table == *old && referenced == source_name {
                    key.referenced_table = new.clone();
                    if source != destination {
                        key.referenced_database = destination_name.clone().filter(|n| Some(n) != holder.as_ref());
                    }
                }
            }
        }
    }

    pub(super) fn create_index(
        &mut self,
        table: &TableName<'_>,
        index: &IndexDefinition<'_>,
        or_replace: bool,
        if_not_exists: bool,
        online: &[AlterAction<'_>],
        warnings: &Warnings,
    ) -> Outcome<()> {
        let mut actions = Vec::with_capacity(2 + online.len());
        let mut index = index.clone();
        index.if_not_exists |= if_not_exists;
        if let (true, Some(name)) = (or_replace, &index.name) {
            actions.push(AlterAction::DropIndex { name: name.clone(), if_exists: true });
        }
        actions.push(AlterAction::AddIndex(index));
        actions.extend_from_slice(online);
        self.alter_table(&AlterTable { table: table.clone(), if_exists: false, actions }, warnings)
    }

    pub(super) fn drop_index(
        &mut self,
        table: &TableName<'_>,
        name: &Name<'_>,
        if_exists: bool,
        online: &[AlterAction<'_>],
        warnings: &Warnings,
    ) -> Outcome<()> {
        let primary = name.text.eq_ignore_ascii_case("PRIMARY");
        let action = if primary {
            AlterAction::DropPrimaryKey { if_exists, span: name.span }
        } else {
            AlterAction::DropIndex { name: name.clone(), if_exists }
        };
        let actions = std::iter::once(action).chain(online.iter().cloned()).collect();
        self.alter_table(&AlterTable { table: table.clone(), if_exists: false, actions }, warnings)?;
        let (database, ident) = (self.database_of(table), self.table_ident(&table.name)?);
        let altered = self.schema.databases[database].tables.get_mut(&ident);
        // MySQL copies an InnoDB table that loses its primary key, and by this statement alone forgets to count on (seen on 9.7).
        if let Some(altered) = altered.filter(|t| primary && self.target.is_mysql() && &*t.options.engine == "InnoDB") {
            altered.options.auto_increment = None;
        }
        Ok(())
    }
}

/// Names that the server made of the table's name follow it.
fn rename_generated(table: &mut Table, old: &Ident, new: &Ident, mysql: bool) {
    for key in &mut table.foreign_keys {
        if let Some(rest) = key.name.as_str().strip_prefix(old.as_str()).filter(|rest| rest.starts_with("_ibfk_")) {
            key.name = Ident::new(format!("{new}{rest}"));
        }
        if key.referenced_table == *old && key.referenced_database.is_none() {
            key.referenced_table = new.clone();
        }
    }
    for check in table.checks.iter_mut().filter(|_| mysql) {
        if let Some(rest) = check.name.as_str().strip_prefix(old.as_str()).filter(|rest| rest.starts_with("_chk_")) {
            check.name = Ident::new(format!("{new}{rest}"));
        }
    }
}
