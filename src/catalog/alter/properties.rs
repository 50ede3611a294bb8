//! What is left of ALTER TABLE after drops and column changes: additions, and single properties.

use super::{AlterAction, CatalogError, Draft, IndexDraft, Name, Outcome, history, keys};
use crate::catalog::{create, default, engine, foreign_key, index, option};
use crate::ident::Ident;
use crate::model::{DefaultValue, Index, IndexKind, Table, Unseen, Versioning};
use crate::syntax::ddl::{DefaultClause, KeyPartColumn, KeyPartDefinition};

impl Draft<'_> {
    /// What is left after drops and column changes: additions, and changes of single properties.
    pub(super) fn apply(&mut self, action: &AlterAction<'_>, old: &Table, actions: &[AlterAction<'_>]) -> Outcome<()> {
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
            AlterAction::SetDefault { column, default, if_exists } => {
                self.set_default(column, default, *if_exists, old)?
            }
            AlterAction::DropDefault { column, if_exists } => self.drop_default(column, *if_exists, old)?,
            AlterAction::SetColumnVisibility { column, invisible } => {
                let Some(at) = self.table.column(&column.text).map(|(at, _)| at) else {
                    return Err(self.unknown_column(column));
                };
                self.table.columns[at].invisible = *invisible;
            }
            AlterAction::SetEnforcement { name, enforced, of_check } => {
                let Some(check) = self.table.checks.iter_mut().find(|c| c.name.is(&name.text)) else {
                    let message = format!("check constraint '{}' is not found in the table", name.text);
                    return Err(CatalogError::new(if *of_check { 3821 } else { 3940 }, name.span, message));
                };
                check.enforced = *enforced;
            }
            // Rows are sorted as they were read.
            AlterAction::OrderBy(columns) => {
                if let Some(column) = columns.iter().find(|column| old.column(&column.text).is_none()) {
                    return Err(self.unknown_column(column));
                }
            }
            AlterAction::RenameIndex { from, to, if_exists } => return self.rename_key(from, to, *if_exists, old),
            AlterAction::SetIndexVisibility { name, invisible, if_exists } => {
                let stands = |k: &&mut IndexDraft| k.existing && k.index.name.is(&name.text);
                // One of prefixes serves as a primary key, but may be said to be shown.
                let stays = |key: &Index| {
                    *invisible || key.kind == IndexKind::Primary || key.parts.iter().all(|p| p.prefix.is_none())
                };
                let primary = engine::primary(old, context.target).filter(|key| key.name.is(&name.text));
                if primary.is_some_and(|key| stays(key) && self.keeps(key)) {
                    return Err(engine::primary_stays(name.span, context.target));
                }
                let is_renamed = self.renamed_keys.iter().any(|renamed| crate::ident::same_name(renamed, &name.text));
                let is_replaced = self.is_replaced(&name.text, old, actions);
                match self.pending.keys.iter_mut().find(stands).filter(|_| !is_renamed) {
                    Some(draft) => draft.index.invisible = *invisible,
                    None if *if_exists || is_replaced => {}
                    None => return Err(keys::unknown(name, &self.table)),
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
                history::check_end(old, actions, *span)?;
                self.table.system_versioned = false;
                self.table.periods.retain(|p| !p.system);
                // What a column says of it stays, unless the column is defined anew.
                for column in &mut self.table.columns {
                    if column.versioning != Some(Versioning::Without) || self.redefined.contains(&column.name) {
                        column.versioning = None;
                    }
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
            | AlterAction::ExchangePartition { .. }
            | AlterAction::ConvertPartition { .. }
            | AlterAction::ConvertTable { .. }
            | AlterAction::MaintainPartitions { .. }
            | AlterAction::Rebuild { .. }
            | AlterAction::Online { .. }
            | AlterAction::NoDefinition(_) => {}
        }
        Ok(())
    }

    /// `ALTER COLUMN … SET DEFAULT`.
    fn set_default(
        &mut self,
        column: &Name<'_>,
        clause: &DefaultClause<'_>,
        if_exists: bool,
        old: &Table,
    ) -> Outcome<()> {
        let context = self.context;
        let target = context.target;
        if if_exists && old.column(&column.text).is_none() {
            return Ok(());
        }
        let Some(at) = self.column_to_set(column, old) else {
            return if if_exists { Ok(()) } else { Err(self.unknown_column(column)) };
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
        if self.table.columns[at].auto_increment && !(target.is_mariadb() && expression(&value)) {
            // A column that counts has no default: a constant is looked at and forgotten, and with it what MariaDB had.
            if expression(&value) {
                return Err(CatalogError::invalid_default(column.span, &column.text));
            }
            if self.table.columns[at].default.is_some() {
                self.table.columns[at].default = None;
            }
            return Ok(());
        }
        if self.table.columns[at].generated.is_some() {
            // Nor has one that is computed: MariaDB looks whether it could hold the value.
            if let Some(DefaultValue::Expression(value)) = &value {
                default::check_constant(value, &self.table.columns[at], column.span, context)?;
            }
            return Ok(());
        }
        // MySQL forgets to show an expression that is set so at a column of the primary key.
        let forgotten = target.is_mysql()
            && in_primary
            && expression(&value)
            && self.table.columns[at].default_expression().is_none();
        if forgotten && engine::lacks_expressions(&self.table.options.engine) {
            let message = format!("{} has no defaults that are expressions", self.table.options.engine);
            return Err(CatalogError::new(3774, column.span, message));
        }
        let column = &mut self.table.columns[at];
        // On MariaDB a constant takes the place of both.
        let updates = target.is_mysql() || column.default != Some(DefaultValue::CurrentTimestamp);
        column.on_update &= updates || value == Some(DefaultValue::CurrentTimestamp);
        (column.default, column.hidden_default) = match value {
            // It is still there.
            Some(DefaultValue::Expression(value)) if forgotten => (None, Unseen(Some(Box::new(value)))),
            value => (value, Unseen::default()),
        };
        crate::catalog::column::normalise_null_default(&mut self.table.columns[at], target);
        Ok(())
    }

    /// `ALTER COLUMN … DROP DEFAULT`.
    fn drop_default(&mut self, column: &Name<'_>, if_exists: bool, old: &Table) -> Outcome<()> {
        let context = self.context;
        if if_exists && old.column(&column.text).is_none() {
            return Ok(());
        }
        let Some(at) = self.column_to_set(column, old) else {
            return if if_exists { Ok(()) } else { Err(self.unknown_column(column)) };
        };
        // With CURRENT_TIMESTAMP goes what repeats it.
        let repeats = context.target.is_mariadb()
            && self.table.columns[at].on_update
            && self.table.columns[at].default == Some(DefaultValue::CurrentTimestamp);
        if repeats {
            self.table.columns[at].on_update = false;
        }
        self.table.columns[at].default = None;
        self.table.columns[at].hidden_default = Unseen::default();
        // One that is defined in the same statement stays without any.
        if context.target.is_mariadb() && !self.placed.iter().any(|name| name.is(&column.text)) {
            crate::catalog::column::normalise_null_default(&mut self.table.columns[at], context.target);
        }
        Ok(())
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
}

pub(super) fn new_primary(actions: &[AlterAction<'_>]) -> Vec<Ident> {
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
