//! ALTER TABLE: every action on a copy of the table, then the same checks as for a new one.
//!
//! The order in which actions take effect is that of `mysql_prepare_alter_table` in the servers'
//! sql/sql_table.cc: drops, then changes where columns stand, then additions and moves in order
//! of writing, then keys and constraints.

mod columns;
mod convert;
mod copy;
mod drops;
mod exchange;
mod held;
mod history;
mod inplace;
mod keys;
mod metadata;
mod online;
mod partitions;
mod properties;

pub(super) use copy::Change;

use super::column::Context;
use super::create::{self, Pending};
use super::error::{CatalogError, Outcome};
use super::index::IndexDraft;
use super::warning::Warnings;
use super::{Catalog, default, option, partition};
use crate::ident::Ident;
use crate::model::{ForeignKey, Table};
use crate::source::Span;
use crate::syntax::ddl::{AlterAction, AlterTable, Name, TableName};

/// The table under change, with what waits for its columns.
struct Draft<'c> {
    table: Table,
    pending: Pending,
    context: Context<'c>,
    span: Span,
    /// The columns that get a new definition: their old one holds nothing fast.
    redefined: Vec<Ident>,
    /// The columns that the statement puts in place after the others: MariaDB sets defaults of these as well.
    placed: Vec<Ident>,
    /// The old and new names of keys that are renamed, by which the servers know them for nothing else.
    renamed_keys: Vec<String>,
    /// The columns that are added.
    added: Vec<Ident>,
    /// The columns of a primary key that is added.
    new_primary: Vec<Ident>,
    /// Whether the partitioning goes or becomes another one.
    repartitioned: bool,
}

impl Catalog {
    pub(super) fn alter_table(&mut self, alter: &AlterTable<'_>, warnings: &Warnings) -> Outcome<()> {
        online::check_together(&alter.actions, self.target)?;
        self.count_constraints();
        let exchanged = alter.actions.iter().find_map(|action| match action {
            AlterAction::ExchangePartition { partition, table } => Some((partition, table)),
            _ => None,
        });
        let database = self.database_of(&alter.table);
        let ident = self.table_ident(&alter.table.name)?;
        if let Some((partition, table)) = exchanged {
            let is_there = self.schema.databases[database].tables.contains_key(&ident);
            return if alter.if_exists && !is_there {
                Ok(())
            } else {
                self.exchange_partition(&alter.table, partition, table)
            };
        }
        let Some(table) = self.schema.databases[database].tables.get(&ident) else {
            return if alter.if_exists { Ok(()) } else { Err(Self::no_such_table(&alter.table.name)) };
        };
        let old = table.clone();
        let span = alter.table.name.span;
        let mut table = old.clone();
        // MySQL writes CHECKs into the new table as it has read them over the old one.
        // One that is enforced as it was is nothing to do.
        let is_idle = |action: &AlterAction<'_>| {
            let is_so =
                |name: &Name<'_>, enforced| old.checks.iter().any(|c| c.name.is(&name.text) && c.enforced == enforced);
            matches!(action, AlterAction::SetEnforcement { name, enforced, .. } if is_so(name, *enforced))
        };
        let makes_anew = |action: &AlterAction<'_>| action.makes_anew() && !is_idle(action);
        if alter.actions.iter().any(makes_anew) && table.checks.iter().any(|check| check.shown.is_some()) {
            table.checks.iter_mut().for_each(|check| check.shown = None);
        }
        columns::check_once(&alter.actions, &old, self.target)?;
        let conversion = exchange::conversion(&alter.actions);
        if let Some(action) = conversion {
            self.check_conversion(&alter.table, action, &old)?;
        }
        if self.target.is_mysql() {
            held::refuse_if_read(&alter.actions, &old, span)?;
        }
        let repartitioned =
            alter.actions.iter().any(|a| matches!(a, AlterAction::PartitionBy(_) | AlterAction::RemovePartitioning(_)));
        let mut draft = Draft {
            table,
            pending: Pending::default(),
            context: self.context(warnings),
            span,
            redefined: columns::redefined(&alter.actions, &old),
            placed: columns::placed(&alter.actions, &old, self.target),
            renamed_keys: keys::renamed(&alter.actions, self.target),
            added: added(&alter.actions),
            new_primary: properties::new_primary(&alter.actions),
            repartitioned,
        };
        draft.pending.keys = std::mem::take(&mut draft.table.indexes).into_iter().map(IndexDraft::existing).collect();
        draft.change_collation(&alter.actions)?;
        draft.drop_all(&alter.actions, &old)?;
        draft.change_columns(&alter.actions, &old)?;
        let mut renamed = None;
        for action in &alter.actions {
            match action {
                AlterAction::RenameTable(to) => renamed = Some(to),
                other => draft.apply(other, &old, &alter.actions)?,
            }
        }
        draft.list_keys(&alter.actions, &old);
        let Draft { mut table, pending, context, .. } = draft;
        default::refuse_zero_dates(&table, span, &context.session.sql_mode)?;
        create::check_visible(&table, span, self.target)?;
        if self.target.is_mysql() {
            held::refuse_old_names(&alter.actions, &old, &table)?;
        }
        pending.settle(&mut table, context, span)?;
        keys::check_hidden(&alter.actions, &table)?;
        // MyISAM forgets a foreign key only after MariaDB has looked.
        let forgotten = self.target.is_mariadb()
            && alter.actions.iter().any(|action| matches!(action, AlterAction::AddForeignKey(_)));
        if table.partitioning.is_some() && !repartitioned && (forgotten || !table.foreign_keys.is_empty()) {
            return Err(CatalogError::partitioned_with_foreign_keys(span));
        }
        let divided = table.partitioning.is_none()
            && alter.actions.iter().any(|action| matches!(action, AlterAction::PartitionBy(_)));
        // To MySQL a foreign key to the table itself is gone with the same statement.
        let holds = |(holder, _): &(&Table, &ForeignKey)| self.target.is_mariadb() || holder.name != ident;
        if divided && self.referencing(database, &ident).any(|held| holds(&held)) {
            let message = "foreign keys are not supported in conjunction with partitioning: others reference the table";
            return Err(CatalogError::new(if self.target.is_mysql() { 1506 } else { 1217 }, span, message));
        }
        if divided && self.target.is_mysql() && !table.foreign_keys.is_empty() {
            return Err(CatalogError::partitioned_with_foreign_keys(span));
        }
        if divided && self.target.is_mariadb() && !old.foreign_keys.is_empty() {
            // To MariaDB the table changes its engine.
            return Err(CatalogError::new(1217, span, "a table with foreign keys does not become partitioned"));
        }
        option::keep_page_checksum(&mut table, &old, &alter.actions);
        create::resolve_names(&mut table, self.target);
        let mut draft = Draft {
            table,
            pending: Pending::default(),
            context: self.context(warnings),
            span,
            redefined: Vec::new(),
            placed: Vec::new(),
            renamed_keys: Vec::new(),
            added: Vec::new(),
            new_primary: Vec::new(),
            repartitioned,
        };
        draft.change_partitioning(&alter.actions)?;
        let mut table = draft.table;
        option::complete(&mut table);
        option::settle_key_blocks(&mut table);
        option::settle_directories(&mut table, span, self.target)?;
        option::forget_counter(&mut table, &old, &alter.actions, self.target);
        let column_renames = columns::renames(&alter.actions, &old);
        let kept = |key: &&mut ForeignKey| old.foreign_keys.iter().any(|k| k.name == key.name);
        for key in table.foreign_keys.iter_mut().filter(kept).filter(|key| key.referenced_table == ident) {
            respell(&mut key.referenced_columns, &column_renames);
        }
        self.spell_references(database, &mut table, Some(&old));
        self.check_references(database, &table, Some(&old), span)?;
        let column_dropped = columns::dropped(&alter.actions);
        if self.target.is_mariadb() && !self.session.foreign_key_checks {
            let change = Change { old: &old, new: &table, renames: &column_renames, dropped: &column_dropped, span };
            if !self.copies(change, &alter.actions) {
                keys::add_foreign_keys_in_place(&mut table, &old, &alter.actions);
            }
        }
        self.check_constraint_names(database, &table, Some(&old), span)?;
        self.check_engine_change(database, &old, &table, span)?;
        history::check_engine(&old, &table, span)?;
        history::check_bounds(&old, &table, &alter.actions, self.target, span)?;
        super::srid::check_kept(&old, &table, span)?;
        let change = Change { old: &old, new: &table, renames: &column_renames, dropped: &column_dropped, span };
        self.check_texts_at_once(change, &alter.actions)?;
        self.check_renamed_in_keys(database, change, &alter.actions)?;
        self.check_referenced_by_copying(database, change, &alter.actions)?;
        self.check_still_referenced(database, change, &alter.actions)?;
        self.check_null_in_keys(database, change, &alter.actions)?;
        self.check_serving_keys(database, change, &alter.actions)?;
        if keys::come_back(&alter.actions, &old, &table, self.target) {
            return Ok(());
        }
        self.check_online(change, &alter.actions)?;
        if self.target.is_mariadb() && &*old.options.engine == "InnoDB" {
            let anew = self.makes_anew(change, &alter.actions);
            keys::age(&mut table, &old, &alter.actions, anew);
        }
        match conversion {
            Some(AlterAction::ConvertPartition { partition, table }) => {
                self.convert_partition(&old, partition, table)?
            }
            Some(AlterAction::ConvertTable { table: from, partition }) => {
                self.convert_table(&mut table, from, &partition.name)?;
            }
            _ => {}
        }
        self.put(database, ident.clone(), table);
        self.follow_column_renames(database, &ident, &column_renames);
        match renamed {
            Some(to) => self.rename_altered(&alter.table, to),
            None => Ok(()),
        }
    }

    fn rename_altered(&mut self, from: &TableName<'_>, to: &TableName<'_>) -> Outcome<()> {
        let mut to = to.clone();
        if to.database.is_none() {
            to.database = from.database.clone();
        }
        if to == *from || to.name.text == from.name.text && to.database == from.database {
            return Ok(());
        }
        self.rename_table(from, &to, false)
    }

    /// Foreign keys of other tables follow the columns that they reference.
    fn follow_column_renames(&mut self, database: usize, table: &Ident, renames: &[(Ident, Ident)]) {
        if renames.is_empty() || !self.count_constraints().references(table) {
            return;
        }
        let home = self.schema.databases[database].name.clone();
        for holder in &mut self.schema.databases {
            let holder_name = holder.name.clone();
            // A table's own were renamed with it.
            let home_here = holder_name == home;
            let holding = holder.tables.values_mut().filter(|t| {
                !(home_here && t.name == *table) && t.foreign_keys.iter().any(|k| k.referenced_table == *table)
            });
            for key in holding.flat_map(|t| &mut t.foreign_keys) {
                let referenced = key.referenced_database.clone().map_or(holder_name.clone(), Some);
                if key.referenced_table != *table || referenced != home {
                    continue;
                }
                respell(&mut key.referenced_columns, renames);
            }
        }
    }
}

fn added(actions: &[AlterAction<'_>]) -> Vec<Ident> {
    let name = |action: &AlterAction<'_>| match action {
        AlterAction::AddColumn { column, .. } => Some(Ident::new(column.name.text.as_ref())),
        _ => None,
    };
    actions.iter().filter_map(name).collect()
}

fn respell(columns: &mut [Ident], renames: &[(Ident, Ident)]) {
    for column in columns {
        if let Some((_, to)) = renames.iter().find(|(from, _)| from.is(column.as_str())) {
            *column = to.clone();
        }
    }
}

impl Draft<'_> {
    fn missing(&self, name: &Name<'_>) -> CatalogError {
        CatalogError::new(1091, name.span, format!("can't DROP '{}'; check that column/key exists", name.text))
    }

    fn unknown_column(&self, name: &Name<'_>) -> CatalogError {
        CatalogError::new(1054, name.span, format!("unknown column '{}' in '{}'", name.text, self.table.name))
    }

    /// Partition actions stand alone or last, over the table as it now is.
    fn change_partitioning(&mut self, actions: &[AlterAction<'_>]) -> Outcome<()> {
        for action in actions {
            partitions::apply(self, action)?;
        }
        partition::store_values(&mut self.table, self.context.target);
        match &self.table.partitioning {
            Some(partitioning) => {
                let changed = |a: &AlterAction<'_>| {
                    matches!(
                        a,
                        AlterAction::AddPartitions { .. }
                            | AlterAction::DropPartitions { .. }
                            | AlterAction::ConvertPartition { .. }
                            | AlterAction::ConvertTable { .. }
                    )
                };
                if actions.iter().any(changed) {
                    partition::check_histories(partitioning, &self.table, self.span, self.context.target)?;
                }
                partition::recheck(partitioning, &self.table, self.span, self.context.target)?;
                partition::check_values_in_order(partitioning, &self.table, &|_| self.span, self.context.target)?;
                partition::check_unique_keys(partitioning, &self.table, self.span, self.context.target)
            }
            None => Ok(()),
        }
    }
}
