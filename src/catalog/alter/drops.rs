//! What ALTER TABLE drops, and what holds it fast.

use super::{AlterAction, CatalogError, Draft, IndexDraft, Name, Outcome};
use crate::catalog::partition;
use crate::ident::Ident;
use crate::model::{Column, DataType, Expr, IndexKind, KeyColumn, KeyPart, Table};
use crate::source::Span;

impl Draft<'_> {
    /// All drops take effect before anything else.
    pub(super) fn drop_all(&mut self, actions: &[AlterAction<'_>], old: &Table) -> Outcome<()> {
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
        // The bounds of a period leave the keys that the server put them into (sql_table.cc, mysql_prepare_alter_table).
        let bounds = |name: &Ident| old.column(name.as_str()).is_some_and(|(_, column)| column.bounds_period());
        let size = |k: &IndexDraft| k.index.parts.len() - k.index.columns().filter(|column| bounds(column)).count();
        let whole: Vec<usize> = self.pending.keys.iter().map(size).collect();
        let before: Vec<Ident> = self.pending.keys.iter().map(|k| k.index.name.clone()).collect();
        let mut dropped = Vec::new();
        for action in actions {
            if let AlterAction::DropColumn { name, if_exists } = action {
                dropped.extend(self.drop_column(name, *if_exists, old)?.map(|column| (column, name.span)));
            }
        }
        if self.context.target.is_mariadb() {
            // Error 1072: a unique key does not become one over fewer columns (MDEV-13613).
            let less = |k: &&IndexDraft| {
                let at = before.iter().position(|name| *name == k.index.name);
                k.index.is_unique() && at.is_some_and(|at| size(k) < whole[at])
            };
            if let (Some(key), Some((column, span))) =
                (self.pending.keys.iter().find(less), dropped.iter().find(|(name, _)| !bounds(name)))
            {
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
        match self.table.foreign_keys.iter().position(|k| k.name.is(&name.text)) {
            Some(at) => self.pending.dropped_foreign_keys.push(self.table.foreign_keys.remove(at).name),
            None if if_exists => {}
            None => return Err(self.missing(name)),
        }
        Ok(())
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

    fn drop_column(&mut self, name: &Name<'_>, if_exists: bool, old: &Table) -> Outcome<Option<Ident>> {
        let Some((at, _)) = self.table.column(&name.text) else {
            return if if_exists { Ok(None) } else { Err(self.missing(name)) };
        };
        let column = self.table.columns.remove(at);
        // What is left of it in a key is counted before any conversion.
        let before = old.column(&name.text).map_or(&column, |(_, before)| before);
        let of_column = |part: &KeyPart| matches!(&part.column, KeyColumn::Column(c) if c.is(&name.text));
        for draft in &mut self.pending.keys {
            if self.added.iter().any(|added| added.is(&name.text)) {
                // A key finds its column by the name, and takes as much of it as it had of the old one.
                for part in draft.index.parts.iter_mut().filter(|part| of_column(part)) {
                    part.prefix =
                        part.prefix.or_else(|| length_of(before)).filter(|_| draft.index.kind != IndexKind::Fulltext);
                }
            } else {
                draft.index.parts.retain(|part| !of_column(part));
            }
        }
        self.pending.keys.retain(|k| !k.index.parts.is_empty());
        Ok(Some(column.name))
    }

    /// A CHECK over dropped columns alone goes with them: on MySQL over one of them (else 3959), on MariaDB over no others, nor
    /// over what its computed columns are computed from (else 1054).
    fn drop_lone_checks(&mut self, dropped: &[(Ident, Span)], old: &Table) -> Outcome<()> {
        let mysql = self.context.target.is_mysql();
        let is_dropped = |name: &Ident| dropped.iter().any(|(column, _)| column.is(name.as_str()));
        let mut lone = Vec::new();
        for (at, check) in self.table.checks.iter().enumerate() {
            let used = if mysql { super::held::named(&check.expression) } else { drawn_from(&check.expression, old) };
            let Some((column, span)) = dropped.iter().find(|(c, _)| used.iter().any(|u| u.is(c.as_str()))) else {
                continue;
            };
            if if mysql { used.len() == 1 } else { used.iter().all(is_dropped) } {
                lone.push(at);
                continue;
            }
            let message = format!(
                "check constraint '{}' uses column '{column}', hence column cannot be dropped or renamed",
                check.name
            );
            return Err(CatalogError::new(if mysql { 3959 } else { 1054 }, *span, message));
        }
        lone.iter().rev().for_each(|at| drop(self.table.checks.remove(*at)));
        Ok(())
    }

    /// Foreign keys, generated columns and partitioning hold a column fast.
    pub(super) fn refuse_if_needed(&self, column: &Ident, span: Span, verb: &str) -> Outcome<()> {
        let mysql = self.context.target.is_mysql();
        if verb == "dropped"
            && let Some(key) = self.table.foreign_keys.iter().find(|k| k.columns.iter().any(|c| c.is(column.as_str())))
        {
            let message = format!("cannot drop column '{column}': needed in a foreign key constraint '{}'", key.name);
            return Err(CatalogError::new(if mysql { 1828 } else { 1553 }, span, message));
        }
        // On MariaDB another column of that name takes its place.
        if !mysql && verb == "dropped" && self.added.iter().any(|c| c.is(column.as_str())) {
            return Ok(());
        }
        let mut holder = None;
        for other in self.table.columns.iter().filter(|c| !self.redefined.contains(&c.name)) {
            let Some(generated) = &other.generated else { continue };
            generated.expression.columns(&mut |c| {
                if c.is(column.as_str()) && holder.is_none() {
                    holder = Some(other.name.clone());
                }
            });
        }
        if let Some(holder) = holder.filter(|_| mysql || verb == "dropped") {
            let message = format!("column '{column}' has a generated column dependency ('{holder}')");
            return Err(CatalogError::new(if mysql { 3108 } else { 1054 }, span, message));
        }
        if verb == "dropped"
            && let Some(partitioning) = self.table.partitioning.as_deref().filter(|_| !self.repartitioned)
            && partition::columns(partitioning).iter().any(|c| c.is(column.as_str()))
        {
            let message =
                format!("column '{column}' has a partitioning function dependency and cannot be dropped or renamed");
            return Err(CatalogError::new(if mysql { 3855 } else { 1054 }, span, message));
        }
        Ok(())
    }
}

/// The bytes of a whole column in a key, in characters of its charset.
pub(super) fn length_of(column: &Column) -> Option<u32> {
    let width = column.collation.map_or(1, |c| c.charset().max_length());
    match column.data_type {
        DataType::Char(n) | DataType::Varchar(n) => Some(n),
        DataType::Binary(n) | DataType::Varbinary(n) => Some(n),
        _ => u32::try_from(crate::catalog::size::fixed(&column.data_type)).ok().map(|bytes| bytes / width),
    }
    .filter(|length| *length > 0)
}

/// The columns of an expression, each once, and those that its computed columns are computed from, stored ones as well.
fn drawn_from(expr: &Expr, table: &Table) -> Vec<Ident> {
    let mut used = super::held::named(expr);
    let mut at = 0;
    while let Some(name) = used.get(at) {
        at += 1;
        let column = table.column(name.as_str()).map(|(_, column)| column);
        let Some(generated) = column.and_then(|c| c.generated.as_ref()) else { continue };
        generated.expression.columns(&mut |name| {
            if !used.iter().any(|u| u.is(name.as_str())) {
                used.push(name.clone());
            }
        });
    }
    used
}
