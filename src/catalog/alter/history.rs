//! What MariaDB asks before columns of a table change that keeps its history.

use super::{AlterAction, Catalog, CatalogError, Outcome, columns};
use crate::model::{Column, DataType, IndexKind, PartitionMethod, Table};
use crate::source::Span;
use crate::syntax::ddl::{Ddl, PartitionMethodClause};
use crate::target::Target;

impl Catalog {
    /// Error 4119: MariaDB asks whether the history is meant, too, where columns of a table that keeps one come, change or go,
    /// or a unique key comes, be it to no effect (KB "System-Versioned Tables", `system_versioning_alter_history`; measured on 10.11 and 11.8).
    pub(in crate::catalog) fn history_refusal(&mut self, ddl: &Ddl<'_>) -> Option<CatalogError> {
        let is_unique = |kind: IndexKind| matches!(kind, IndexKind::Primary | IndexKind::Unique);
        let changes = |action: &AlterAction<'_>| {
            matches!(
                action,
                AlterAction::AddColumn { .. }
                    | AlterAction::ModifyColumn { .. }
                    | AlterAction::ChangeColumn { .. }
                    | AlterAction::DropColumn { .. }
            ) || matches!(action, AlterAction::AddIndex(index) if is_unique(index.kind))
        };
        let named = match ddl {
            Ddl::AlterTable(alter) if alter.actions.iter().any(changes) => &alter.table,
            Ddl::CreateIndex { table, index, .. } if is_unique(index.kind) => table,
            _ => return None,
        };
        if self.target.is_mysql() || self.session.keeps_history {
            return None;
        }
        let database = self.database_of(named);
        let table = self.schema.databases[database].tables.get(&self.table_ident(&named.name).ok()?)?;
        let message =
            format!("the history of {} would change: system_versioning_alter_history=KEEP allows it", table.name);
        table.system_versioned.then(|| CatalogError::new(4119, named.name.span, message))
    }
}

/// Error 4120: a table that keeps its history goes to no engine, and comes from none, that versions rows by itself as InnoDB can,
/// be it that the same ALTER ends the versioning.
pub(super) fn check_engine(old: &Table, new: &Table, span: Span) -> Outcome<()> {
    let is_innodb = |table: &Table| &*table.options.engine == "InnoDB";
    if !old.system_versioned || is_innodb(old) == is_innodb(new) {
        return Ok(());
    }
    let message = format!("{} keeps its history, which is not taken to or from InnoDB", old.name);
    Err(CatalogError::new(4120, span, message))
}

/// Errors 4131 and 4125: a history ends where no partitions keep it, and its columns go in the same statement, be it that they
/// become others.
pub(super) fn check_end(old: &Table, actions: &[AlterAction<'_>], span: Span) -> Outcome<()> {
    if old.partitioning.as_deref().is_some_and(|p| matches!(p.method, PartitionMethod::SystemTime(_))) {
        let message = format!("cannot DROP SYSTEM VERSIONING for table '{}' partitioned BY SYSTEM_TIME", old.name);
        return Err(CatalogError::new(4131, span, message));
    }
    let dropped = columns::dropped(actions);
    match old.columns.iter().find(|column| column.bounds_period() && !dropped.contains(&column.name)) {
        Some(kept) => {
            let message = format!("wrong parameters for '{}': missing 'DROP COLUMN {}'", old.name, kept.name);
            Err(CatalogError::new(4125, span, message))
        }
        None => Ok(()),
    }
}

/// Errors 4134, 4130 and 4110: a table that keeps its history has the columns by which it does; none is defined again, be it as it was,
/// or as something else; and what counts transactions divides no history by time, though it goes in the same statement.
pub(super) fn check_bounds(
    old: &Table,
    new: &Table,
    actions: &[AlterAction<'_>],
    target: Target,
    span: Span,
) -> Outcome<()> {
    if !old.system_versioned || !new.system_versioned || target.is_mysql() {
        return Ok(());
    }
    let explicit = old.columns.iter().any(|column| column.bounds_period());
    let defined = actions.iter().find_map(|action| {
        let name = match action {
            AlterAction::AddColumn { .. } if !explicit && target.defines_bounds_of_history() => return None,
            AlterAction::AddColumn { column, .. } | AlterAction::ModifyColumn { column, .. } => &column.name.text,
            AlterAction::ChangeColumn { column, .. } => &column.name.text,
            _ => return None,
        };
        new.column(name).filter(|(_, column)| column.bounds_period())
    });
    if let Some((_, column)) = defined {
        return Err(CatalogError::new(4134, span, format!("duplicate ROW column '{}'", column.name)));
    }
    let changed = actions.iter().find_map(|action| {
        let name = match action {
            AlterAction::ModifyColumn { column, .. } => &column.name.text,
            AlterAction::ChangeColumn { from, .. } => &from.text,
            _ => return None,
        };
        old.column(name).filter(|(_, column)| column.bounds_period())
    });
    if let Some((_, column)) = changed {
        let message = format!("can not change system versioning field '{}'", column.name);
        return Err(CatalogError::new(4130, span, message));
    }
    let by_time = |action: &AlterAction<'_>| matches!(action, AlterAction::PartitionBy(clause) if matches!(clause.method, PartitionMethodClause::SystemTime { .. }));
    let counts = |column: &&Column| column.bounds_period() && matches!(column.data_type, DataType::Integer { .. });
    match old.columns.iter().find(counts).filter(|_| actions.iter().any(by_time)) {
        Some(counted) => {
            let message = format!("'{}' must be of type TIMESTAMP(6) for partitions by SYSTEM_TIME", counted.name);
            Err(CatalogError::new(4110, span, message))
        }
        None => Ok(()),
    }
}
