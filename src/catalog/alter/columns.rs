//! Columns under ALTER TABLE: new ones, new definitions, names and places, and what these do to keys and expressions.

use super::Draft;
use super::convert::length_of_members;
use super::drops::length_of;
use crate::catalog::column;
use crate::catalog::create;
use crate::catalog::error::{CatalogError, Outcome};
use crate::catalog::partition;
use crate::ident::Ident;
use crate::model::{Column, DataType, DefaultValue, Expr, IndexKind, KeyColumn, KeyPart, Table};
use crate::source::Span;
use crate::syntax::ddl::{AlterAction, ColumnDefinition, Name, Position};
use crate::syntax::expression::differs_on_replicas;
use crate::target::Target;

/// The columns that actions rename: old and new names.
pub(super) fn renames(actions: &[AlterAction<'_>], old: &Table) -> Vec<(Ident, Ident)> {
    let mut renames = Vec::new();
    for action in actions {
        let (from, to) = match action {
            AlterAction::ChangeColumn { from, column, .. } => (from, &column.name),
            AlterAction::RenameColumn { from, to, .. } => (from, to),
            _ => continue,
        };
        if let (true, Some((_, column))) = (from.text != to.text, old.column(&from.text)) {
            renames.push((column.name.clone(), Ident::new(to.text.as_ref())));
        }
    }
    renames
}

/// The columns that get a new definition, by their old names.
pub(super) fn redefined(actions: &[AlterAction<'_>], old: &Table) -> Vec<Ident> {
    let name = |action: &AlterAction<'_>| match action {
        AlterAction::ModifyColumn { column, .. } => old.column(&column.name.text).map(|(_, c)| c.name.clone()),
        AlterAction::ChangeColumn { from, .. } => old.column(&from.text).map(|(_, c)| c.name.clone()),
        _ => None,
    };
    actions.iter().filter_map(name).collect()
}

/// The columns that are dropped.
pub(super) fn dropped(actions: &[AlterAction<'_>]) -> Vec<Ident> {
    let name = |action: &AlterAction<'_>| match action {
        AlterAction::DropColumn { name, .. } => Some(Ident::new(name.text.as_ref())),
        _ => None,
    };
    actions.iter().filter_map(name).collect()
}

/// The columns that MariaDB puts in place after those that stand: added ones, and changed ones with a place of their own.
pub(super) fn placed(actions: &[AlterAction<'_>], old: &Table, target: Target) -> Vec<Ident> {
    let stood = |column: &ColumnDefinition<'_>| old.column(&column.name.text).is_some();
    let name = |action: &AlterAction<'_>| match action {
        AlterAction::AddColumn { column, if_not_exists: true, .. } if stood(column) => None,
        AlterAction::AddColumn { column, .. } => Some(Ident::new(column.name.text.as_ref())),
        AlterAction::ModifyColumn { column, position, .. } | AlterAction::ChangeColumn { column, position, .. } => {
            (*position != Position::Unspecified).then(|| Ident::new(column.name.text.as_ref()))
        }
        _ => None,
    };
    if target.is_mariadb() { actions.iter().filter_map(name).collect() } else { Vec::new() }
}

/// Errors 1054 and 1091: each action on a column takes it away from the others (`mysql_prepare_alter_table`).
pub(super) fn check_once(actions: &[AlterAction<'_>], old: &Table, target: Target) -> Outcome<()> {
    let placed = placed(actions, old, target);
    let gone = |name: &Name<'_>| {
        CatalogError::new(1054, name.span, format!("unknown column '{}' in '{}'", name.text, old.name))
    };
    let mut taken: Vec<(&str, bool)> = Vec::new();
    // What is put in place last takes one default.
    let mut defaults: Vec<&str> = Vec::new();
    for (at, action) in actions.iter().enumerate() {
        let (name, drops) = match action {
            AlterAction::DropColumn { name, .. } => (name, true),
            AlterAction::ModifyColumn { column, .. } => (&column.name, false),
            AlterAction::ChangeColumn { from, .. } | AlterAction::RenameColumn { from, .. } => (from, false),
            AlterAction::SetDefault { column, if_exists, .. } | AlterAction::DropDefault { column, if_exists }
                if placed.iter().any(|name| name.is(&column.text)) =>
            {
                let twice = defaults.iter().any(|other| crate::ident::same_name(other, &column.text));
                if twice && !if_exists {
                    return Err(gone(column));
                }
                defaults.push(&column.text);
                continue;
            }
            AlterAction::SetDefault { column, .. }
            | AlterAction::DropDefault { column, .. }
            | AlterAction::SetColumnVisibility { column, .. } => (column, false),
            _ => continue,
        };
        if old.column(&name.text).is_none() {
            continue;
        }
        // What comes under a name that goes may be changed on MariaDB.
        let comes = |before: &AlterAction<'_>| matches!(before, AlterAction::AddColumn { column, .. } if crate::ident::same_name(&column.name.text, &name.text));
        let changes_new = matches!(action, AlterAction::ModifyColumn { .. })
            && target.is_mariadb()
            && actions[..at].iter().any(comes);
        match taken.iter().find(|(other, _)| crate::ident::same_name(other, &name.text)) {
            // What is gone anyway need not be there.
            Some((_, true)) if matches!(action, AlterAction::DropColumn { if_exists: true, .. }) => {}
            Some((_, true)) if changes_new => {}
            Some((_, true)) if drops => {
                let message = format!("can't DROP '{}'; check that column/key exists", name.text);
                return Err(CatalogError::new(1091, name.span, message));
            }
            Some(_) => return Err(gone(name)),
            None => taken.push((&name.text, drops)),
        }
    }
    Ok(())
}

impl Draft<'_> {
    /// Changes in place first, then additions and moves in order of writing.
    pub(super) fn change_columns(&mut self, actions: &[AlterAction<'_>], old: &Table) -> Outcome<()> {
        let before: Vec<Ident> = self.table.columns.iter().map(|c| c.name.clone()).collect();
        let mut moved: Vec<(Ident, &Position<'_>)> = Vec::new();
        let mut renames: Vec<(Ident, Ident)> = Vec::new();
        for action in actions {
            let keys = self.pending.keys.len();
            match action {
                AlterAction::ModifyColumn { column, position, if_exists } => {
                    if self.is_skipped(&column.name, column, *if_exists, old)? || self.is_of_added(column, &before) {
                        continue;
                    }
                    if let Some(name) = self.redefine(&column.name, column, &before, &mut renames)? {
                        moved.push((name, position));
                    }
                    self.pass_over_primary(*if_exists, keys, old);
                }
                AlterAction::ChangeColumn { from, column, position, if_exists } => {
                    if self.is_skipped(from, column, *if_exists, old)? {
                        continue;
                    }
                    if let Some(name) = self.redefine(from, column, &before, &mut renames)? {
                        moved.push((name, position));
                    }
                    self.pass_over_primary(*if_exists, keys, old);
                }
                AlterAction::RenameColumn { from, to, if_exists } => {
                    let Some(at) = before.iter().position(|c| c.is(&from.text)) else {
                        if *if_exists {
                            continue;
                        }
                        return Err(self.unknown_column(from));
                    };
                    renames.push((before[at].clone(), column::check_name(to, 1166, "column")?));
                }
                _ => {}
            }
        }
        self.rename_columns(&renames, actions)?;
        let mut came = Vec::new();
        for action in actions {
            let keys = self.pending.keys.len();
            match action {
                AlterAction::AddColumn { column, position, if_not_exists } => {
                    let name = &column.name.text;
                    let stood = old.column(name).is_some() || came.iter().any(|came: &Ident| came.is(name));
                    if *if_not_exists && stood {
                        self.keep_keys(column)?;
                        self.pass_over_primary(true, keys, old);
                        continue;
                    }
                    came.push(Ident::new(name.as_ref()));
                    let span = column.name.span;
                    let column = create::new_column(&self.table, &mut self.pending, column, self.context)?;
                    refuse_versioning(&column, old, span)?;
                    let name = column.name.clone();
                    self.table.columns.push(column);
                    self.pass_over_primary(*if_not_exists, keys, old);
                    self.move_column(&name, position)?;
                }
                AlterAction::ModifyColumn { column, position, if_exists: false }
                    if self.is_of_added(column, &before) =>
                {
                    let is_it = |c: &Column| came.contains(&c.name) && c.name.is(&column.name.text);
                    let Some(at) = self.table.columns.iter().position(is_it) else {
                        return Err(self.unknown_column(&column.name));
                    };
                    self.table.columns.remove(at);
                    let column = create::new_column(&self.table, &mut self.pending, column, self.context)?;
                    let name = column.name.clone();
                    self.table.columns.push(column);
                    self.move_column(&name, position)?;
                }
                AlterAction::ModifyColumn { column, .. } | AlterAction::ChangeColumn { column, .. } => {
                    if let Some((name, position)) = moved.iter().find(|(n, _)| n.is(&column.name.text)) {
                        let (name, position) = (name.clone(), *position);
                        self.move_column(&name, position)?;
                    }
                }
                _ => {}
            }
        }
        self.keep_names_in_keys(&renames, old);
        self.refuse_unsafe_defaults(actions)?;
        if self.table.columns.is_empty() {
            let span = actions
                .iter()
                .rev()
                .find_map(|a| if let AlterAction::DropColumn { name, .. } = a { Some(name.span) } else { None });
            return Err(CatalogError::new(
                1090,
                span.unwrap_or(self.span),
                "you can't delete all columns with ALTER TABLE; use DROP TABLE instead",
            ));
        }
        Ok(())
    }

    /// A key finds its columns by their old names, in the order of the new table: one that is added under a name that another gives
    /// up takes its place in the keys where it stands before it, with as much of it as they had.
    fn keep_names_in_keys(&mut self, renames: &[(Ident, Ident)], old: &Table) {
        let place = |name: &Ident| self.table.columns.iter().position(|c| c.name.is(name.as_str()));
        for (from, to) in renames.iter().filter(|(from, _)| self.added.iter().any(|added| added.is(from.as_str()))) {
            let leads = place(from).zip(place(to)).is_some_and(|(from, to)| from < to);
            let Some((_, before)) = old.column(from.as_str()).filter(|_| leads) else { continue };
            for draft in self.pending.keys.iter_mut().filter(|draft| draft.existing) {
                let stood = old.index(draft.index.name.as_str());
                let of =
                    |part: &KeyPart, name: &Ident| matches!(&part.column, KeyColumn::Column(c) if c.is(name.as_str()));
                for part in draft.index.parts.iter_mut().filter(|part| of(part, to)) {
                    let prefix =
                        stood.and_then(|index| index.parts.iter().find(|p| of(p, from))).and_then(|p| p.prefix);
                    let text = draft.index.kind == IndexKind::Fulltext;
                    part.prefix = prefix.or_else(|| length_of(before)).filter(|_| !text);
                    part.column = KeyColumn::Column(from.clone());
                }
            }
        }
    }

    /// Error 1674: what MySQL puts into the rows that are there is the same on each replica, whatever the format of the binary log
    /// and whether there is one. It asks all columns that a statement defines which adds one.
    fn refuse_unsafe_defaults(&self, actions: &[AlterAction<'_>]) -> Outcome<()> {
        let defined = |action: &AlterAction<'_>| match action {
            AlterAction::AddColumn { column, .. }
            | AlterAction::ModifyColumn { column, .. }
            | AlterAction::ChangeColumn { column, .. } => Some((column.name.text.to_string(), column.name.span)),
            _ => None,
        };
        if self.context.target.is_mariadb() || !actions.iter().any(|a| matches!(a, AlterAction::AddColumn { .. })) {
            return Ok(());
        }
        for (name, span) in actions.iter().filter_map(defined) {
            let column = self.table.column(&name).map(|(_, column)| column);
            if let Some(Some(DefaultValue::Expression(default))) = column.map(|column| &column.default)
                && differs_on_replicas(default)
            {
                let message = format!("the default of column '{name}' may differ on a replica");
                return Err(CatalogError::new(1674, span, message));
            }
        }
        Ok(())
    }

    /// Whether IF EXISTS passes over a column that the table never had. Its keys are asked for all the same.
    fn is_skipped(
        &mut self,
        from: &Name<'_>,
        written: &ColumnDefinition<'_>,
        if_exists: bool,
        old: &Table,
    ) -> Outcome<bool> {
        let skipped = if_exists && old.column(&from.text).is_none();
        if skipped {
            let keys = self.pending.keys.len();
            self.keep_keys(written)?;
            self.pass_over_primary(true, keys, old);
        }
        Ok(skipped)
    }

    /// Forgets the primary key, behind so many keys, that a column defines under IF EXISTS or IF NOT EXISTS, where the table had
    /// one before, be it that it goes (`handle_if_exists_options`); its column takes no NULL all the same.
    fn pass_over_primary(&mut self, conditionally: bool, from: usize, old: &Table) {
        if !conditionally || old.primary_key().is_none() {
            return;
        }
        let (mut at, mut forgotten) = (0, Vec::new());
        self.pending.keys.retain(|key| {
            at += 1;
            let stays = at <= from || key.index.kind != IndexKind::Primary;
            if !stays {
                forgotten.extend(key.index.columns().cloned());
            }
            stays
        });
        let defined = |name: &Ident| self.redefined.contains(name) || old.column(name.as_str()).is_none();
        for name in forgotten.iter().filter(|name| defined(name)) {
            let at = self.table.column(name.as_str()).map(|(at, _)| at);
            if let Some(column) = at.and_then(|at| self.table.columns.get_mut(at)) {
                column.nullable = false;
                column.default = column.default.take().filter(|default| *default != DefaultValue::Null);
            }
        }
    }

    /// Takes the keys of a definition that is passed over: they stand in a list of their own (`handle_if_exists_options`).
    fn keep_keys(&mut self, written: &ColumnDefinition<'_>) -> Outcome<()> {
        let draft = column::build(written, self.table.options.collation, self.context)?;
        self.pending.take_keys(draft, written.name.span)
    }

    /// Whether MODIFY means a column that the statement adds, as it may on MariaDB.
    fn is_of_added(&self, written: &ColumnDefinition<'_>, before: &[Ident]) -> bool {
        let is_it = |name: &Ident| name.is(&written.name.text);
        self.context.target.is_mariadb() && self.added.iter().any(is_it) && !before.iter().any(is_it)
    }

    /// Gives a column a new definition where it stands; its new name waits for all renames together.
    fn redefine(
        &mut self,
        from: &Name<'_>,
        written: &ColumnDefinition<'_>,
        before: &[Ident],
        renames: &mut Vec<(Ident, Ident)>,
    ) -> Outcome<Option<Ident>> {
        let Some((at, _)) = self.table.column(&from.text).filter(|(_, c)| before.contains(&c.name)) else {
            return Err(self.unknown_column(from));
        };
        let draft = column::build(written, self.table.options.collation, self.context)?;
        refuse_versioning(&draft.column, &self.table, written.name.span)?;
        refuse_other_generation(&self.table.columns[at], &draft.column, written.name.span, self.context.target)?;
        let mut column = self.pending.take(draft, written.name.span, self.context)?;
        self.size_as_before(at, &mut column, &written.data_type);
        let old = self.table.columns[at].name.clone();
        let new = std::mem::replace(&mut column.name, old.clone());
        self.fit_prefixes(&old, &column);
        if self.in_primary_key(&old) && column.default == Some(DefaultValue::Null) {
            column.default = None;
        }
        self.table.columns[at] = column;
        if old != new {
            renames.push((old, new.clone()));
        }
        Ok(Some(new))
    }

    fn in_primary_key(&self, column: &Ident) -> bool {
        let primary = self.pending.keys.iter().find(|k| k.index.kind == crate::model::IndexKind::Primary);
        primary.is_some_and(|k| k.index.columns().any(|c| c.is(column.as_str())))
    }

    /// A prefix that a changed column does not fill any more is dropped from its keys; what was an ENUM or SET leaves its
    /// bytes behind as a prefix, for these are strings to `mysql_prepare_alter_table`.
    fn fit_prefixes(&mut self, name: &Ident, new: &Column) {
        let limit = match &new.data_type {
            DataType::Char(n) | DataType::Varchar(n) | DataType::Binary(n) | DataType::Varbinary(n) => Some(*n),
            DataType::Geometry(_) => Some(u32::MAX),
            data_type if data_type.is_blob() => Some(u32::MAX),
            _ => None,
        };
        let old = self.table.column(name.as_str()).filter(|_| self.context.target.is_mysql());
        let left = old.and_then(|(_, old)| left_of_members(old));
        for draft in &mut self.pending.keys {
            for part in &mut draft.index.parts {
                if !matches!(&part.column, KeyColumn::Column(c) if c.is(name.as_str())) {
                    continue;
                }
                let kept = part.prefix.or(left).filter(|_| draft.index.kind != IndexKind::Fulltext);
                part.prefix = kept.filter(|p| limit.is_some_and(|limit| *p <= limit));
            }
        }
    }

    /// All renames happen at once, so that columns can swap names.
    fn rename_columns(&mut self, renames: &[(Ident, Ident)], actions: &[AlterAction<'_>]) -> Outcome<()> {
        if renames.is_empty() {
            return Ok(());
        }
        let renamed = |name: &Ident| renames.iter().any(|(from, _)| from.is(name.as_str()));
        for (from, new) in renames {
            let mysql = self.context.target.is_mysql();
            let is_other = !from.is(new.as_str());
            // To MySQL RENAME COLUMN gives another name though it is the same; a CHECK alone compares them.
            let by_rename = |a: &AlterAction<'_>| matches!(a, AlterAction::RenameColumn { from: named, .. } if from.is(&named.text));
            if is_other || mysql && actions.iter().any(by_rename) {
                self.refuse_if_needed(from, self.span, "renamed")?;
                if mysql {
                    self.refuse_rename_in_expressions(from, is_other)?;
                    self.refuse_in_kept_expressions(from, actions)?;
                }
            }
            let clash = self.table.columns.iter().any(|c| c.name.is(new.as_str()) && !renamed(&c.name));
            let twice = renames.iter().filter(|(_, other)| other.is(new.as_str())).count() > 1;
            if clash || twice {
                return Err(CatalogError::new(1060, self.span, format!("duplicate column name '{new}'")));
            }
        }
        // A new definition is written with the new names.
        let written: Vec<(Ident, Column)> = self
            .table
            .columns
            .iter()
            .filter(|c| self.redefined.contains(&c.name))
            .map(|c| (c.name.clone(), c.clone()))
            .collect();
        let checks = self.table.checks.clone();
        self.table.rename_columns(renames);
        // MySQL shows CHECKs as they were until the next ALTER: what renames a column within one changes its case alone.
        for (check, before) in self.table.checks.iter_mut().zip(checks).filter(|_| self.context.target.is_mysql()) {
            if check.expression != before.expression {
                check.shown = Some(Box::new(before.expression));
            }
        }
        for (name, column) in written {
            let name = renames.iter().find(|(from, _)| from.is(name.as_str())).map_or(name, |(_, to)| to.clone());
            if let Some(at) = self.table.columns.iter().position(|c| c.name == name) {
                self.table.columns[at] = column.named(name);
            }
        }
        self.pending.keys.iter_mut().for_each(|k| k.index.rename_columns(renames));
        Ok(())
    }

    /// MySQL refuses to rename a column that an expression of the table uses, unless the same statement makes that
    /// anew; MariaDB renames it there.
    fn refuse_rename_in_expressions(&self, from: &Ident, in_checks: bool) -> Outcome<()> {
        let check = self.table.checks.iter().find(|c| in_checks && uses(&c.expression, from)).map(|c| &c.name);
        let what = check.map(|name| (3959, format!("check constraint '{name}'")));
        let partitioning = self.table.partitioning.as_deref().filter(|_| !self.repartitioned);
        let divides = partitioning.is_some_and(|p| partition::columns(p).iter().any(|c| c.is(from.as_str())));
        match what.or_else(|| divides.then(|| (3855, "the partitioning function".to_owned()))) {
            Some((number, what)) => {
                let message = format!("{what} uses column '{from}', hence column cannot be dropped or renamed");
                Err(CatalogError::new(number, self.span, message))
            }
            None => Ok(()),
        }
    }

    /// Errors 3837 and 3766: functional keys and defaults that MySQL keeps as they are keep the columns in them.
    pub(super) fn refuse_in_kept_expressions(&self, column: &Ident, actions: &[AlterAction<'_>]) -> Outcome<()> {
        let refuse = |number, what: &str| {
            let message = format!("{what} uses column '{column}', hence column cannot be dropped or renamed");
            Err(CatalogError::new(number, self.span, message))
        };
        let functional = |part: &KeyPart| matches!(&part.column, KeyColumn::Expression(e) if uses(e, column));
        // A key under another name is read again over a column that comes in the place of this one.
        let comes = self.added.iter().any(|c| c.is(column.as_str()));
        let read_again = |name: &Ident| comes && self.renamed_keys.iter().any(|renamed| name.is(renamed));
        let mut kept = self.pending.keys.iter().filter(|k| !read_again(&k.index.name));
        if let Some(key) = kept.find(|k| k.index.parts.iter().any(functional)) {
            return refuse(3837, &format!("functional index '{}'", key.index.name));
        }
        let set = |column: &Ident| {
            actions.iter().any(|a| {
                matches!(a, AlterAction::SetDefault { column: c, .. } | AlterAction::DropDefault { column: c, .. }
                    if column.is(&c.text))
            })
        };
        let by_default = self.table.columns.iter().find(|c| {
            c.default_expression().is_some_and(|e| uses(e, column))
                && !self.redefined.contains(&c.name)
                && !set(&c.name)
        });
        match by_default {
            Some(holder) => refuse(3766, &format!("the default of column '{}'", holder.name)),
            None => Ok(()),
        }
    }

    fn move_column(&mut self, name: &Ident, position: &Position<'_>) -> Outcome<()> {
        let columns = &mut self.table.columns;
        let Some(from) = columns.iter().position(|c| c.name == *name) else { return Ok(()) };
        match position {
            Position::Unspecified => {}
            Position::First => {
                let column = columns.remove(from);
                columns.insert(0, column);
            }
            Position::After(after) => {
                if name.is(&after.text) || !columns.iter().any(|c| c.name.is(&after.text)) {
                    return Err(self.unknown_column(after));
                }
                let column = columns.remove(from);
                let at = columns.iter().position(|c| c.name.is(&after.text)).map_or(columns.len(), |at| at + 1);
                columns.insert(at, column);
            }
        }
        Ok(())
    }
}

/// Error 4124: no column is taken out of a history, or into one, before there is one.
fn refuse_versioning(column: &Column, old: &Table, span: Span) -> Outcome<()> {
    if old.system_versioned || !column.says_versioning() {
        return Ok(());
    }
    Err(CatalogError::new(4124, span, format!("table '{}' is not system-versioned", old.name)))
}

/// Errors 3106 and 1907: a column does not become virtual, nor a virtual one anything else; 4078: nor on MariaDB of a type
/// that its values have no way to.
fn refuse_other_generation(old: &Column, new: &Column, span: Span, target: Target) -> Outcome<()> {
    let is_virtual = |c: &Column| c.generated.as_ref().is_some_and(|g| !g.stored);
    if target.is_mariadb() && new.generated.is_none() && !old.data_type.casts_to(&new.data_type, target) {
        return Err(CatalogError::new(4078, span, format!("cannot cast column '{}' to its new type", old.name)));
    }
    if is_virtual(old) == is_virtual(new) {
        return Ok(());
    }
    let number = if target.is_mysql() { 3106 } else { 1907 };
    Err(CatalogError::new(number, span, format!("changing whether column '{}' is virtual is not supported", old.name)))
}

/// The characters that the bytes of an ENUM or SET in a key would be, if there are any and they are not all of its longest
/// value.
fn left_of_members(old: &Column) -> Option<u32> {
    let bytes = u32::try_from(crate::catalog::size::fixed(&old.data_type)).ok()?;
    let width = old.collation?.charset().max_length();
    let longest = length_of_members(&old.data_type)?;
    Some(bytes / width).filter(|left| *left > 0 && longest * width != bytes)
}

fn uses(expr: &Expr, column: &Ident) -> bool {
    let mut found = false;
    expr.columns(&mut |c| found |= c.is(column.as_str()));
    found
}
