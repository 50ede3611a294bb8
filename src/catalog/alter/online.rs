//! `ALGORITHM` and `LOCK`: what a statement may cost at most, and what it costs at least.
//!
//! Only what is certain whatever rows there are is refused (1845, 1846): a plan's `online` knows all that a change costs, this only
//! the least. MySQL 8.4 manual, section 17.12 "InnoDB and Online DDL"; MariaDB KB "InnoDB Online DDL Overview"; measured on
//! MySQL 9.7, MariaDB 10.11 and 11.8.

use super::copy::Change;
use super::{AlterAction, Catalog, CatalogError, Outcome};
use crate::catalog::engine;
use crate::catalog::reference::keeps_values;
use crate::model::{Column, IndexKind, OptionKey, Table};
use crate::source::Span;
use crate::syntax::ddl::{Attribute, ColumnDefinition, IndexDefinition, KeyPartColumn, Online, TableOption};
use crate::target::Target;

/// How a table is changed at least.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Way {
    Instant,
    NoCopy,
    Inplace,
    Copy,
}

impl Catalog {
    /// Errors 1845 and 1846: the second one where the engine gives a reason.
    pub(super) fn check_online(&self, change: Change<'_>, actions: &[AlterAction<'_>]) -> Outcome<()> {
        let asked: Vec<(Online, Span)> = actions.iter().filter_map(asked).collect();
        let converts = |action: &&AlterAction<'_>| matches!(action, AlterAction::ConvertCharset(_));
        let uncertain = actions.iter().any(is_uncertain) || actions.iter().filter(converts).count() > 1;
        let Some((_, span)) = asked.first().filter(|_| !uncertain) else { return Ok(()) };
        let refuse = |what: &str, number| {
            let message = format!("{what} is not supported for what changes table '{}'", change.old.name);
            Err(CatalogError::new(number, *span, message))
        };
        let copying = actions.iter().any(|action| matches!(action, AlterAction::Rebuild { copies: true, .. }));
        let (way, number) = if copying { (Way::Copy, 1846) } else { self.least_way(change, actions) };
        // The algorithm that is written last counts.
        let most = asked.iter().rev().find_map(|(asked, _)| match asked {
            Online::Instant => Some(("ALGORITHM=INSTANT", Way::Instant)),
            Online::NoCopy => Some(("ALGORITHM=NOCOPY", Way::NoCopy)),
            Online::Inplace => Some(("ALGORITHM=INPLACE", Way::Inplace)),
            Online::Unlocked | Online::Shared | Online::Exclusive | Online::Validation => None,
        });
        if let Some((what, _)) = most.filter(|(_, most)| !copying && way > *most) {
            return refuse(what, number);
        }
        if !asked.iter().any(|(asked, _)| *asked == Online::Unlocked) {
            return Ok(());
        }
        // Since 11.2 MariaDB copies a table while others write, and does so where it could not otherwise.
        let waits = self.target.is_mysql() || !self.target.is_mariadb_since(110_200);
        let moves = change.old.options.engine != change.new.options.engine;
        if waits && way == Way::Copy {
            return refuse("LOCK=NONE", if moves { 1846 } else { number });
        }
        if waits && &*change.new.options.engine == "InnoDB" && actions.iter().any(locks) {
            return refuse("LOCK=NONE", 1846);
        }
        Ok(())
    }

    /// Whether the table is made anew, be it in place.
    pub(super) fn makes_anew(&self, change: Change<'_>, actions: &[AlterAction<'_>]) -> bool {
        self.least_way(change, actions).0 >= Way::Inplace
    }

    /// The cheapest way that the servers have for it, and the number by which they refuse a cheaper one.
    fn least_way(&self, change: Change<'_>, actions: &[AlterAction<'_>]) -> (Way, u16) {
        let Change { old, new, .. } = change;
        let mysql = self.target.is_mysql();
        let instant = (Way::Instant, 1845);
        if old.options.engine != new.options.engine {
            // Before 11 MariaDB takes INSTANT for it, and copies all the same.
            let asks_instant =
                |action: &AlterAction<'_>| matches!(action, AlterAction::Online { asked: Online::Instant, .. });
            let feigns = !mysql && !self.target.is_mariadb_since(110_000) && actions.iter().any(asks_instant);
            return if feigns { instant } else { (Way::Copy, 1845) };
        }
        let other = |before: &Column| {
            change.now(before).is_some_and(|now| !keeps_values(before, now, self.target)) && !change.drops(&before.name)
        };
        let is_other = old.columns.iter().any(other);
        let keys = |table: &Table| table.indexes.len();
        if &*old.options.engine != "InnoDB" {
            let rewrites = is_other || keys(old) != keys(new) || old.columns.len() != new.columns.len();
            return if rewrites { (Way::Copy, 1845) } else { instant };
        }
        let primary = |table| engine::primary(table, self.target);
        let adds_reference = |action: &AlterAction<'_>| matches!(action, AlterAction::AddForeignKey(_));
        if primary(old).is_some() && primary(new).is_none() {
            return (Way::Copy, 1846);
        }
        if self.copies(change, actions) {
            let has_reason = is_other || actions.iter().any(adds_reference);
            return (Way::Copy, if has_reason { 1846 } else { 1845 });
        }
        let parts = |table| primary(table).map(|key| &key.parts);
        let closes = |before: &Column| before.nullable && change.now(before).is_some_and(|now| !now.nullable);
        let told = |action: &AlterAction<'_>| match action {
            AlterAction::Options(options) => options.iter().find_map(form),
            _ => None,
        };
        if let Some(number) = actions.iter().find_map(told) {
            return (Way::Inplace, if mysql { 1845 } else { number });
        }
        let forces = |action: &AlterAction<'_>| matches!(action, AlterAction::Rebuild { .. });
        if actions.iter().any(forces) || old.columns.iter().any(closes) || parts(old) != parts(new) {
            return (Way::Inplace, 1845);
        }
        if keys(old) != keys(new) {
            return (Way::NoCopy, if mysql { 1845 } else { 1846 });
        }
        instant
    }
}

/// What makes the rows of an InnoDB table anew in the form that an option tells, and the number of MariaDB's refusal.
fn form(option: &TableOption<'_>) -> Option<u16> {
    match option {
        TableOption::Engine(_) => Some(1845),
        TableOption::Known(OptionKey::RowFormat | OptionKey::KeyBlockSize, ..) => Some(1846),
        _ => None,
    }
}

/// What InnoDB does while writers wait.
fn locks(action: &AlterAction<'_>) -> bool {
    match action {
        AlterAction::AddIndex(index) => matches!(index.kind, IndexKind::Fulltext | IndexKind::Spatial),
        AlterAction::AddColumn { column, .. } => {
            column.attributes.iter().any(|(attribute, _)| matches!(attribute, Attribute::AutoIncrement))
        }
        _ => false,
    }
}

/// Error 1221: MySQL has no lock for what is done at once, and looks at no rows where no column is defined.
pub(super) fn check_together(actions: &[AlterAction<'_>], target: Target) -> Outcome<()> {
    let asked: Vec<(Online, Span)> = actions.iter().filter_map(asked).collect();
    if asked.is_empty() || target.is_mariadb() {
        return Ok(());
    }
    let place_of = |these: &[Online]| asked.iter().find(|(asked, _)| these.contains(asked)).map(|(_, span)| *span);
    let lock = place_of(&[Online::Unlocked, Online::Shared, Online::Exclusive]);
    if let Some(span) = lock.filter(|_| place_of(&[Online::Instant]).is_some()) {
        return Err(CatalogError::new(1221, span, "ALGORITHM=INSTANT and LOCK do not go together"));
    }
    let defines = |action: &AlterAction<'_>| {
        matches!(
            action,
            AlterAction::AddColumn { .. }
                | AlterAction::ModifyColumn { .. }
                | AlterAction::ChangeColumn { .. }
                | AlterAction::RenameColumn { .. }
        )
    };
    match place_of(&[Online::Validation]) {
        Some(span) if !actions.iter().any(defines) => {
            Err(CatalogError::new(1221, span, "WITH VALIDATION stands beside a column that is defined"))
        }
        _ => Ok(()),
    }
}

fn asked(action: &AlterAction<'_>) -> Option<(Online, Span)> {
    match action {
        AlterAction::Online { asked, span } => Some((*asked, *span)),
        _ => None,
    }
}

/// Whether an action is one of which the servers ask other things: of partitions, and of virtual columns, a functional key's among
/// them, which stand alone or with some others.
fn is_uncertain(action: &AlterAction<'_>) -> bool {
    let computes = |column: &ColumnDefinition<'_>| {
        column.attributes.iter().any(|(a, _)| matches!(a, Attribute::Generated { stored: false, .. }))
    };
    let functional =
        |index: &IndexDefinition<'_>| index.parts.iter().any(|p| matches!(p.column, KeyPartColumn::Expression(_)));
    matches!(action, AlterAction::AddColumn { column, .. } if computes(column))
        || matches!(action, AlterAction::AddIndex(index) if functional(index))
        || action.is_about_partitions()
}
