//! ALTER TABLE: every action on a copy of the table, then the same checks as for a new one.
//!
//! The order in which actions take effect is that of `mysql_prepare_alter_table` in the servers'
//! sql/sql_table.cc: drops, then changes where columns stand, then additions and moves in order
//! of writing, then keys and constraints.

mod columns;
mod copy;
mod history;
mod keys;
mod partitions;

pub(super) use copy::Change;

use super::column::Context;
use super::create::{self, Pending};
use super::error::{CatalogError, Outcome};
use super::foreign_key::{self};
use super::index::{self, IndexDraft};
use super::warning::Warnings;
use super::{Catalog, charset, default, engine, option, partition};
use crate::ident::Ident;
use crate::model::{Collation, DefaultValue, ForeignKey, IndexKind, Table};
use crate::source::Span;
use crate::syntax::ddl::{AlterAction, AlterTable, KeyPartColumn, KeyPartDefinition, Name, TableName};

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
        self.count_constraints();
        let database = self.database_of(&alter.table);
        let ident = self.table_ident(&alter.table.name)?;
        let Some(table) = self.schema.databases[database].tables.get(&ident) else {
            return if alter.if_exists { Ok(()) } else { Err(Self::no_such_table(&alter.table.name)) };
        };
        let old = table.clone();
        let span = alter.table.name.span;
        let mut table = old.clone();
        // MySQL writes CHECKs into the new table as it has read them over the old one.
        if alter.actions.iter().any(AlterAction::makes_anew) && table.checks.iter().any(|check| check.shown.is_some()) {
            table.checks.iter_mut().for_each(|check| check.shown = None);
        }
        columns::check_once(&alter.actions, &old, self.target)?;
        let repartitioned =
            alter.actions.iter().any(|a| matches!(a, AlterAction::PartitionBy(_) | AlterAction::RemovePartitioning(_)));
        let mut draft = Draft {
            table,
            pending: Pending::default(),
            context: self.context(warnings),
            span,
            redefined: columns::redefined(&alter.actions, &old),
            placed: columns::placed(&alter.actions, self.target),
            renamed_keys: keys::renamed(&alter.actions),
            added: added(&alter.actions),
            new_primary: new_primary(&alter.actions),
            repartitioned,
        };
        draft.pending.keys = std::mem::take(&mut draft.table.indexes).into_iter().map(IndexDraft::existing).collect();
        draft.change_collation(&alter.actions)?;
        draft.drop_all(&alter.actions, &old)?;
        draft.change_columns(&alter.actions)?;
        let mut renamed = None;
        for action in &alter.actions {
            match action {
                AlterAction::RenameTable(to) => renamed = Some(to),
                other => draft.apply(other, &old)?,
            }
        }
        draft.list_keys(&alter.actions, &old);
        let Draft { mut table, pending, context, .. } = draft;
        default::refuse_zero_dates(&table, span, &context.session.sql_mode)?;
        create::check_visible(&table, span, self.target)?;
        pending.settle(&mut table, context, span)?;
        // MyISAM forgets a foreign key only after MariaDB has looked.
        let forgotten = self.target.is_mariadb()
            && alter.actions.iter().any(|action| matches!(action, AlterAction::AddForeignKey(_)));
        if table.partitioning.is_some() && !repartitioned && (forgotten || !table.foreign_keys.is_empty()) {
            return Err(CatalogError::partitioned_with_foreign_keys(span));
        }
        let divided = table.partitioning.is_none()
            && alter.actions.iter().any(|action| matches!(action, AlterAction::PartitionBy(_)));
        if divided && self.session.foreign_key_checks && self.referencing(database, &ident).next().is_some() {
            let message = "foreign keys are not supported in conjunction with partitioning: others reference the table";
            return Err(CatalogError::new(if self.target.is_mysql() { 1506 } else { 1217 }, span, message));
        }
        if divided && self.target.is_mysql() && !table.foreign_keys.is_empty() {
            return Err(CatalogError::partitioned_with_foreign_keys(span));
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
        option::forget_counter(&mut table, &old, &alter.actions, self.target);
        let column_renames = columns::renames(&alter.actions, &old);
        let kept = |key: &&mut ForeignKey| old.foreign_keys.iter().any(|k| k.name == key.name);
        for key in table.foreign_keys.iter_mut().filter(kept).filter(|key| key.referenced_table == ident) {
            respell(&mut key.referenced_columns, &column_renames);
        }
        self.check_references(database, &table, Some(&old), span)?;
        self.check_constraint_names(database, &table, Some(&old), span)?;
        self.check_engine_change(database, &old, &table, span)?;
        super::srid::check_kept(&old, &table, span)?;
        let dropped = columns::dropped(&alter.actions);
        let change = Change { old: &old, new: &table, renames: &column_renames, dropped: &dropped, span };
        self.check_renamed_in_keys(database, change, &alter.actions)?;
        self.check_still_referenced(database, change)?;
        self.check_null_in_keys(database, change, &alter.actions)?;
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

fn new_primary(actions: &[AlterAction<'_>]) -> Vec<Ident> {
    let part = |part: &KeyPartDefinition<'_>| match &part.column {
        KeyPartColumn::Column(name) => Some(Ident::new(name.text.as_ref())),
        KeyPartColumn::Expression(_) => None,
    };
    let parts = |action: &AlterAction<'_>| match action {
        AlterAction::AddIndex(index) if index.kind == IndexKind::Primary => {
            index.parts.iter().filter_map(part).collect()
        }
        _ => Vec::new(),
    };
    actions.iter().flat_map(parts).collect()
}

fn conflicting(first: Collation, second: Collation, span: Span) -> CatalogError {
    let (first, second) = (first.charset().name(), second.charset().name());
    let message = format!("conflicting declarations: 'CHARACTER SET {first}' and 'CHARACTER SET {second}'");
    CatalogError::new(1302, span, message)
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

    /// Where the column stands whose default is to be set: MySQL looks for it in the table as it was.
    fn column_to_set(&self, column: &Name<'_>, old: &Table) -> Option<usize> {
        let was_there = old.column(&column.text).is_some();
        let found = self.table.column(&column.text).map(|(at, _)| at)?;
        (was_there || self.placed.iter().any(|name| name.is(&column.text))).then_some(found)
    }

    fn defines_primary_key_over(&self, column: &Name<'_>) -> bool {
        self.new_primary.iter().any(|name| name.is(&column.text))
    }

    fn unknown_column(&self, name: &Name<'_>) -> CatalogError {
        CatalogError::new(1054, name.span, format!("unknown column '{}' in '{}'", name.text, self.table.name))
    }

    /// The default collation changes before columns are made, since they inherit it. With a default and a conversion in one
    /// statement MySQL's table takes the last of both, MariaDB's the default.
    fn change_collation(&mut self, actions: &[AlterAction<'_>]) -> Outcome<()> {
        let target = self.context.target;
        let around = self.table.options.collation;
        let (mut default, mut last) = (None, None);
        for action in actions {
            let named = match action {
                AlterAction::Options(options) => {
                    let named = option::collation(options, last.unwrap_or(around), target)?;
                    default = named.or(default);
                    named
                }
                AlterAction::ConvertCharset(clause) => {
                    let named = charset::clause(clause, last.unwrap_or(around), target)?;
                    // MariaDB takes a second conversion into the same charset alone.
                    if let (Some(first), Some(second)) = (self.context.converted, named)
                        && target.is_mariadb()
                        && first.charset() != second.charset()
                    {
                        return Err(conflicting(first, second, self.span));
                    }
                    self.context.converted = named.or(self.context.converted);
                    named
                }
                _ => None,
            };
            // MySQL takes one charset a statement, whichever clauses name it.
            if let (Some(before), Some(now)) = (last, named)
                && target.is_mysql()
                && before.charset() != now.charset()
            {
                return Err(conflicting(before, now, self.span));
            }
            last = named.or(last);
        }
        if let Some(converted) = self.context.converted {
            let drops = |name: &str| {
                actions.iter().any(|a| matches!(a, AlterAction::DropColumn { name: dropped, .. } if crate::ident::same_name(&dropped.text, name)))
            };
            self.convert_columns(converted, &drops)?;
        }
        let of_table = if target.is_mysql() { last } else { default.or(last) };
        self.table.options.collation = of_table.unwrap_or(around);
        Ok(())
    }

    /// All drops take effect before anything else.
    fn drop_all(&mut self, actions: &[AlterAction<'_>], old: &Table) -> Outcome<()> {
        for action in actions {
            match action {
                AlterAction::DropForeignKey { name, if_exists } => self.drop_foreign_key(name, *if_exists)?,
                AlterAction::DropCheck { name } => self.drop_check(name, false, old)?,
                AlterAction::DropConstraint { name, if_exists } => self.drop_constraint(name, *if_exists, old)?,
                AlterAction::DropIndex { name, if_exists } => self.drop_key(name, *if_exists)?,
                AlterAction::DropPrimaryKey { if_exists, span } => {
                    let before = self.pending.keys.len();
                    self.pending.keys.retain(|k| k.index.kind != IndexKind::Primary);
                    if self.pending.keys.len() == before && !if_exists {
                        return Err(CatalogError::new(
                            1091,
                            *span,
                            "can't DROP 'PRIMARY'; check that column/key exists",
                        ));
                    }
                }
                AlterAction::DropPeriod { name, if_exists } => {
                    let before = self.table.periods.len();
                    self.table.periods.retain(|p| !p.name.is(&name.text));
                    if self.table.periods.len() == before && !if_exists {
                        return Err(self.missing(name));
                    }
                }
                _ => {}
            }
        }
        let whole: Vec<usize> = self.pending.keys.iter().map(|k| k.index.parts.len()).collect();
        let before: Vec<Ident> = self.pending.keys.iter().map(|k| k.index.name.clone()).collect();
        let mut dropped = Vec::new();
        for action in actions {
            if let AlterAction::DropColumn { name, if_exists } = action {
                dropped.extend(self.drop_column(name, *if_exists)?.map(|column| (column, name.span)));
            }
        }
        if self.context.target.is_mariadb() {
            // Error 1072: a unique key does not become one over fewer columns (MDEV-13613).
            let less = |k: &&IndexDraft| {
                let at = before.iter().position(|name| *name == k.index.name);
                k.index.is_unique() && at.is_some_and(|at| k.index.parts.len() < whole[at])
            };
            if let (Some(key), Some((column, span))) = (self.pending.keys.iter().find(less), dropped.first()) {
                let message = format!("key column '{column}' of '{}' doesn't exist in table", key.index.name);
                return Err(CatalogError::new(1072, *span, message));
            }
        }
        // What holds a column may go in the same statement.
        for (column, span) in &dropped {
            self.refuse_if_needed(column, *span, "dropped")?;
            if self.context.target.is_mysql() {
                self.refuse_in_kept_expressions(column, actions)?;
            }
        }
        self.drop_lone_checks(&dropped, old)
    }

    fn drop_foreign_key(&mut self, name: &Name<'_>, if_exists: bool) -> Outcome<()> {
        let before = self.table.foreign_keys.len();
        self.table.foreign_keys.retain(|k| !k.name.is(&name.text));
        if self.table.foreign_keys.len() == before && !if_exists { Err(self.missing(name)) } else { Ok(()) }
    }

    /// MySQL drops one twice, if it was there.
    fn drop_check(&mut self, name: &Name<'_>, if_exists: bool, old: &Table) -> Outcome<()> {
        self.table.checks.retain(|c| !c.name.is(&name.text));
        if if_exists || old.checks.iter().any(|c| c.name.is(&name.text)) {
            return Ok(());
        }
        let message = format!("check constraint '{}' is not found in the table", name.text);
        Err(CatalogError::new(3821, name.span, message))
    }

    /// `DROP CONSTRAINT` takes whichever constraint has the name (MySQL 8.0.19; MariaDB).
    fn drop_constraint(&mut self, name: &Name<'_>, if_exists: bool, old: &Table) -> Outcome<()> {
        if self.table.foreign_keys.iter().any(|k| k.name.is(&name.text)) {
            return self.drop_foreign_key(name, false);
        }
        let checks = if self.context.target.is_mysql() { &old.checks } else { &self.table.checks };
        if checks.iter().any(|c| c.name.is(&name.text)) {
            return self.drop_check(name, false, old);
        }
        if self.pending.keys.iter().any(|k| k.index.is_unique() && k.index.name.is(&name.text)) {
            return self.drop_key(name, false);
        }
        if if_exists {
            return Ok(());
        }
        let number = if self.context.target.is_mysql() { 3940 } else { 1091 };
        Err(CatalogError::new(number, name.span, format!("constraint '{}' does not exist", name.text)))
    }

    /// What is left after drops and column changes: additions, and changes of single properties.
    fn apply(&mut self, action: &AlterAction<'_>, old: &Table) -> Outcome<()> {
        let context = self.context;
        match action {
            AlterAction::AddIndex(written) => {
                let draft = index::build(written, context)?;
                let exists =
                    self.pending.keys.iter().any(|k| draft.named && k.index.name.is(draft.index.name.as_str()));
                if !(written.if_not_exists && exists) {
                    self.pending.keys.push(draft);
                }
            }
            AlterAction::AddForeignKey(written) => {
                let (key, index) = foreign_key::build(written, context)?;
                let exists = self.table.foreign_keys.iter().any(|k| k.name.is(key.key.name.as_str()));
                if written.if_not_exists && exists {
                    return Ok(());
                }
                if !exists && old.foreign_keys.iter().any(|k| k.name.is(key.key.name.as_str())) {
                    // Dropping and adding a name at once is refused (MySQL 1826, MariaDB 1005).
                    let number = if context.target.is_mysql() { 1826 } else { 1005 };
                    return Err(CatalogError::new(
                        number,
                        written.span,
                        format!("duplicate foreign key constraint name '{}'", key.key.name),
                    ));
                }
                self.pending.foreign_keys.push(key);
                self.pending.keys.push(index);
            }
            AlterAction::AddCheck(written) => {
                let exists =
                    written.constraint.as_ref().is_some_and(|n| self.table.checks.iter().any(|c| c.name.is(&n.text)));
                if !(written.if_not_exists && exists) {
                    self.pending.checks.push(foreign_key::check(written, None)?);
                }
            }
            AlterAction::AddPeriod { period, if_not_exists } => {
                if !(*if_not_exists && self.table.periods.iter().any(|p| p.name.is(&period.name.text))) {
                    self.table.periods.push(create::period(period));
                }
            }
            AlterAction::SetDefault { column, default: clause, if_exists } => {
                let target = context.target;
                let Some(at) = self.column_to_set(column, old) else {
                    return if *if_exists { Ok(()) } else { Err(self.unknown_column(column)) };
                };
                if target.is_mysql() && self.table.columns[at].generated.is_some() {
                    let message = "incorrect usage of DEFAULT and generated column";
                    return Err(CatalogError::new(1221, column.span, message));
                }
                let value = default::set(clause, &self.table.columns[at], column.span, context)?;
                if value == Some(DefaultValue::Null) && !self.table.columns[at].nullable {
                    return Err(CatalogError::invalid_default(column.span, &column.text));
                }
                let primary = self.pending.keys.iter().find(|k| k.index.kind == IndexKind::Primary);
                let in_primary = primary.is_some_and(|k| k.index.columns().any(|c| c.is(&column.text)))
                    || self.defines_primary_key_over(column);
                let expression = |d: &Option<DefaultValue>| matches!(d, Some(DefaultValue::Expression(_)));
                if target.is_mysql() && self.table.columns[at].auto_increment {
                    // A column that counts has no default: MySQL looks at a constant and forgets it.
                    if expression(&value) {
                        return Err(CatalogError::invalid_default(column.span, &column.text));
                    }
                    return Ok(());
                }
                // MySQL forgets an expression that is set so at a column of the primary key.
                let forgotten = target.is_mysql()
                    && in_primary
                    && expression(&value)
                    && !expression(&self.table.columns[at].default);
                if forgotten && engine::lacks_expressions(&self.table.options.engine) {
                    let message = format!("{} has no defaults that are expressions", self.table.options.engine);
                    return Err(CatalogError::new(3774, column.span, message));
                }
                let column = &mut self.table.columns[at];
                // On MariaDB a constant takes the place of both.
                let updates = target.is_mysql() || column.default != Some(DefaultValue::CurrentTimestamp);
                column.on_update &= updates || value == Some(DefaultValue::CurrentTimestamp);
                column.default = value.filter(|_| !forgotten);
                super::column::normalise_null_default(&mut self.table.columns[at], target);
            }
            AlterAction::DropDefault { column, if_exists } => {
                let Some(at) = self.column_to_set(column, old) else {
                    return if *if_exists { Ok(()) } else { Err(self.unknown_column(column)) };
                };
                // With CURRENT_TIMESTAMP goes what repeats it.
                let repeats = context.target.is_mariadb()
                    && self.table.columns[at].on_update
                    && self.table.columns[at].default == Some(DefaultValue::CurrentTimestamp);
                if repeats {
                    self.table.columns[at].on_update = false;
                }
                self.table.columns[at].default = None;
                // One that is defined in the same statement stays without any.
                if context.target.is_mariadb() && !self.placed.iter().any(|name| name.is(&column.text)) {
                    super::column::normalise_null_default(&mut self.table.columns[at], context.target);
                }
            }
            AlterAction::SetColumnVisibility { column, invisible } => {
                let Some(at) = self.table.column(&column.text).map(|(at, _)| at) else {
                    return Err(self.unknown_column(column));
                };
                self.table.columns[at].invisible = *invisible;
            }
            AlterAction::SetEnforcement { name, enforced } => {
                let Some(check) = self.table.checks.iter_mut().find(|c| c.name.is(&name.text)) else {
                    let message = format!("check constraint '{}' is not found in the table", name.text);
                    return Err(CatalogError::new(3821, name.span, message));
                };
                check.enforced = *enforced;
            }
            AlterAction::RenameIndex { from, to, if_exists } => return self.rename_key(from, to, *if_exists, old),
            AlterAction::SetIndexVisibility { name, invisible, if_exists } => {
                let stands = |k: &&mut IndexDraft| k.existing && k.index.name.is(&name.text);
                if engine::primary(old, context.target).is_some_and(|key| key.name.is(&name.text)) {
                    return Err(engine::primary_stays(name.span, context.target));
                }
                let is_renamed = self.renamed_keys.iter().any(|renamed| crate::ident::same_name(renamed, &name.text));
                match self.pending.keys.iter_mut().find(stands).filter(|_| !is_renamed) {
                    Some(draft) => draft.index.invisible = *invisible,
                    None if *if_exists => {}
                    None => {
                        let message = format!("key '{}' doesn't exist in table '{}'", name.text, self.table.name);
                        return Err(CatalogError::new(1176, name.span, message));
                    }
                }
            }
            AlterAction::Options(options) => option::apply(&mut self.table, options, context)?,
            AlterAction::DropSystemVersioning(span) => {
                if !self.table.system_versioned {
                    return Err(CatalogError::new(
                        4124,
                        *span,
                        format!("table '{}' is not system-versioned", self.table.name),
                    ));
                }
                self.table.system_versioned = false;
                self.table.periods.retain(|p| !p.system);
                for column in &mut self.table.columns {
                    column.versioning = None;
                }
            }
            // Done before, or after the table stands.
            AlterAction::AddColumn { .. }
            | AlterAction::ChangeColumn { .. }
            | AlterAction::ModifyColumn { .. }
            | AlterAction::RenameColumn { .. }
            | AlterAction::DropColumn { .. }
            | AlterAction::DropIndex { .. }
            | AlterAction::DropPrimaryKey { .. }
            | AlterAction::DropForeignKey { .. }
            | AlterAction::DropCheck { .. }
            | AlterAction::DropConstraint { .. }
            | AlterAction::DropPeriod { .. }
            | AlterAction::RenameTable(_)
            | AlterAction::ConvertCharset(_)
            | AlterAction::PartitionBy(_)
            | AlterAction::RemovePartitioning(_)
            | AlterAction::AddPartitions { .. }
            | AlterAction::DropPartitions { .. }
            | AlterAction::CoalescePartition { .. }
            | AlterAction::ReorganizePartitions { .. }
            | AlterAction::ConvertPartition { .. }
            | AlterAction::ConvertTable { .. }
            | AlterAction::OrderBy
            | AlterAction::MaintainPartitions { .. }
            | AlterAction::Rebuild { .. }
            | AlterAction::NoDefinition(_) => {}
        }
        Ok(())
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
                    matches!(a, AlterAction::AddPartitions { .. } | AlterAction::DropPartitions { .. })
                };
                if actions.iter().any(changed) {
                    partition::check_histories(partitioning, &self.table, self.span, self.context.target)?;
                }
                partition::recheck(partitioning, &self.table, self.span, self.context.target)?;
                partition::check_values_in_order(partitioning, &self.table, &|_| self.span, self.context.target)?;
                partition::check_unique_keys(partitioning, &self.table, self.span)
            }
            None => Ok(()),
        }
    }
}
