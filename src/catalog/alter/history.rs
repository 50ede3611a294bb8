//! What MariaDB asks before columns of a table change that keeps its history.

use super::{AlterAction, Catalog, CatalogError, Outcome};
use crate::model::{IndexKind, Table};
use crate::source::Span;
use crate::syntax::ddl::Ddl;
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

/// Error 4134: a table that keeps its history has the columns by which it does; none is defined again, be it as it was.
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
    match defined {
        Some((_, column)) => Err(CatalogError::new(4134, span, format!("duplicate ROW column '{}'", column.name))),
        None => Ok(()),
    }
}
