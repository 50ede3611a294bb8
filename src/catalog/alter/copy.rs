//! What an ALTER makes InnoDB copy or build anew, and the columns of foreign keys that are not renamed then.
//!
//! MySQL 8.4 manual, section 17.12.1 "Online DDL Operations"; MariaDB KB "InnoDB Online DDL Operations with the INPLACE
//! Alter Algorithm". Each case was seen on MySQL 9.7 and MariaDB 10.11.

use super::{AlterAction, Catalog, CatalogError, Outcome, inplace};
use crate::catalog::reference::{
    begins_with, keeps_values, serves, serves_child, serves_parent, takes_longer_characters,
};
use crate::ident::Ident;
use crate::model::{Check, Column, DataType, ForeignKey, Index, IndexKind, OptionKey, Table};
use crate::source::Span;
use crate::syntax::ddl::{Attribute, ColumnDefinition, DefaultClause, KeyPartColumn, TableOption};
use crate::target::Target;

/// A table before and after an ALTER.
#[derive(Clone, Copy)]
pub(in crate::catalog) struct Change<'t> {
    pub(in crate::catalog) old: &'t Table,
    pub(in crate::catalog) new: &'t Table,
    /// Old and new names of columns.
    pub(in crate::catalog) renames: &'t [(Ident, Ident)],
    /// Columns that are dropped, be it for others of their names.
    pub(in crate::catalog) dropped: &'t [Ident],
    pub(in crate::catalog) span: Span,
}

impl Catalog {
    /// Errors 1846 and 1553: a column within a foreign key is not renamed while its table is copied, nor on MySQL grows while
    /// it is built anew.
    pub(super) fn check_renamed_in_keys(
        &self,
        database: usize,
        change: Change<'_>,
        actions: &[AlterAction<'_>],
    ) -> Outcome<()> {
        let renamed: Vec<&(Ident, Ident)> = change.renames.iter().filter(|(from, to)| !from.is(to.as_str())).collect();
        if renamed.is_empty() {
            return Ok(());
        }
        let stays = |key: &&ForeignKey| change.new.foreign_keys.iter().any(|k| k.name == key.name);
        let own = change.old.foreign_keys.iter().filter(stays).map(|key| &key.columns);
        let own: Vec<&Vec<Ident>> = own.collect();
        let others = self
            .referencing(database, &change.old.name)
            .filter(|(holder, key)| holder.name != change.old.name || stays(key))
            .map(|(_, key)| &key.referenced_columns);
        let columns_of: Vec<&Vec<Ident>> = own.iter().copied().chain(others).collect();
        let in_keys = |name: &Ident| columns_of.iter().any(|columns| columns.iter().any(|c| c.is(name.as_str())));
        let Some((from, to)) = renamed.iter().find(|(from, _)| in_keys(from)) else {
            return Ok(());
        };
        if own.iter().any(|columns| loses_key(columns, change, actions)) {
            let message = format!("cannot drop the key of column '{from}', which a foreign key needs");
            return Err(CatalogError::new(1553, change.span, message));
        }
        // MySQL looks at types before that (3780).
        let parted = self.target.is_mysql() && self.parts_from_keys(database, change);
        if !parted && self.copies(change, actions) {
            let message =
                format!("column '{from}' participates in a foreign key and is renamed: not while the table is copied");
            return Err(CatalogError::new(1846, change.span, message));
        }
        if self.target.is_mariadb()
            && let Some(columns) =
                columns_of.iter().find(|columns| loses_first_key(columns, change, actions, self.target))
        {
            let message = format!("cannot drop the first key over '{}', which a foreign key needs", columns[0]);
            return Err(CatalogError::new(1553, change.span, message));
        }
        let both = change.old.column(from.as_str()).zip(change.new.column(to.as_str()));
        let grows = both.is_some_and(|((_, before), (_, after))| before.data_type != after.data_type);
        if grows && self.target.is_mysql() && is_built_anew(change, actions) {
            let message = format!("cannot drop the key of column '{from}', which a foreign key needs");
            return Err(CatalogError::new(1553, change.span, message));
        }
        Ok(())
    }

    /// Whether a column within a foreign key gets a type that the other end does not have.
    fn parts_from_keys(&self, database: usize, change: Change<'_>) -> bool {
        let old = change.old;
        let parted = |name: &Ident, other: Option<&Column>| {
            let before = old.column(name.as_str()).map(|(_, column)| column);
            let both = before.zip(before.and_then(|before| change.now(before)));
            both.is_some_and(|(before, after)| self.refused_change(before, after, other) == Some(true))
        };
        let own = |key: &ForeignKey| {
            let parent = self.referenced(database, old, key);
            key.columns.iter().zip(&key.referenced_columns).any(|(name, referenced)| {
                parted(name, parent.and_then(|table| table.column(referenced.as_str())).map(|(_, column)| column))
            })
        };
        let of_others = |(holder, key): (&Table, &ForeignKey)| {
            let mut pairs = key.columns.iter().zip(&key.referenced_columns);
            pairs.any(|(name, referenced)| parted(referenced, holder.column(name.as_str()).map(|(_, column)| column)))
        };
        let others = || self.referencing(database, &old.name).filter(|(holder, _)| holder.name != old.name);
        old.foreign_keys.iter().any(own) || others().any(of_others)
    }

    /// Errors 1832 and 1833: on MySQL a column within a foreign key does not cease to take NULL while its table is copied.
    pub(super) fn check_null_in_keys(
        &self,
        database: usize,
        change: Change<'_>,
        actions: &[AlterAction<'_>],
    ) -> Outcome<()> {
        let Change { old, new, span, .. } = change;
        if !self.target.is_mysql() || !self.session.foreign_key_checks {
            return Ok(());
        }
        let closes = |column: &&Column| column.nullable && change.now(column).is_some_and(|now| !now.nullable);
        let closing: Vec<&Ident> = old.columns.iter().filter(closes).map(|c| &c.name).collect();
        let closing = |columns: &[Ident]| closing.iter().any(|name| columns.iter().any(|c| c.is(name.as_str())));
        let stays = |key: &ForeignKey| new.foreign_keys.iter().any(|k| k.name == key.name);
        let own = old.foreign_keys.iter().find(|key| stays(key) && closing(&key.columns));
        let other = || {
            let holds = |(holder, key): &(&Table, &ForeignKey)| holder.name != old.name || stays(key);
            self.referencing(database, &old.name).filter(holds).find(|(_, key)| closing(&key.referenced_columns))
        };
        let number = if own.is_some() { 1832 } else { 1833 };
        let Some(key) = own.or_else(|| other().map(|(_, key)| key)) else { return Ok(()) };
        if !self.copies(change, actions) {
            return Ok(());
        }
        let message = format!("foreign key constraint '{}' holds a column that becomes NOT NULL by a copy", key.name);
        Err(CatalogError::new(number, span, message))
    }

    /// Error 1025: a table that MariaDB copies needs a key over what foreign keys reference when it takes the old one's name. In
    /// place it is not asked for where the rows are sorted by another key from then on, nor where it lacked before.
    pub(super) fn check_referenced_by_copying(
        &self,
        database: usize,
        change: Change<'_>,
        actions: &[AlterAction<'_>],
    ) -> Outcome<()> {
        if self.target.is_mysql() || !self.session.foreign_key_checks {
            return Ok(());
        }
        let Change { old, new, .. } = change;
        let stays = |key: &&ForeignKey| new.foreign_keys.iter().any(|k| k.name == key.name);
        let lacks_key = |key: &&ForeignKey| {
            let columns: Vec<Ident> = key.referenced_columns.iter().map(|name| change.renamed(name).clone()).collect();
            !serves_parent(new, &columns, self.target)
        };
        let needed =
            self.referencing(database, &old.name).filter(|(holder, key)| holder.name != old.name || stays(key));
        let Some(key) = needed.map(|(_, key)| key).find(lacks_key) else { return Ok(()) };
        if !self.copies(change, actions) {
            return Ok(());
        }
        let message =
            format!("the copy of '{}' lacks a key that foreign key constraint '{}' needs", old.name, key.name);
        Err(CatalogError::new(1025, change.span, message))
    }

    /// Error 1025: a table that MariaDB copies needs the keys that its foreign keys ask for, here and there.
    pub(super) fn check_serving_keys(
        &self,
        database: usize,
        change: Change<'_>,
        actions: &[AlterAction<'_>],
    ) -> Outcome<()> {
        let Change { old, new, span, .. } = change;
        if self.target.is_mysql() || !self.session.foreign_key_checks || &*new.options.engine != "InnoDB" {
            return Ok(());
        }
        let stood = |key: &&ForeignKey| old.foreign_keys.iter().any(|k| k.name == key.name);
        let mut kept = new.foreign_keys.iter().filter(stood);
        let Some(key) = kept.find(|key| !self.is_served(database, new, key)) else { return Ok(()) };
        if !self.copies(change, actions) {
            return Ok(());
        }
        let message = format!("the copy of '{}' lacks a key for foreign key constraint '{}'", old.name, key.name);
        Err(CatalogError::new(1025, span, message))
    }

    /// Whether a foreign key has a key over its own columns, and over those that it references, where their table is there.
    fn is_served(&self, database: usize, holder: &Table, key: &ForeignKey) -> bool {
        let parent = self.referenced(database, holder, key).filter(|parent| &*parent.options.engine == "InnoDB");
        serves_child(holder, &key.columns, self.target)
            && parent.is_none_or(|parent| serves_parent(parent, &key.referenced_columns, self.target))
    }

    /// Error 1795: MySQL's InnoDB makes one FULLTEXT key at a time where it does not copy the table.
    pub(super) fn check_texts_at_once(&self, change: Change<'_>, actions: &[AlterAction<'_>]) -> Outcome<()> {
        let adds =
            |a: &&AlterAction<'_>| matches!(a, AlterAction::AddIndex(index) if index.kind == IndexKind::Fulltext);
        let one = actions.iter().filter(adds).count() < 2;
        if one || self.target.is_mariadb() || &*change.new.options.engine != "InnoDB" || self.copies(change, actions) {
            return Ok(());
        }
        Err(CatalogError::new(1795, change.span, "InnoDB makes one FULLTEXT key at a time"))
    }

    /// Whether the table is copied row by row.
    pub(in crate::catalog) fn copies(&self, change: Change<'_>, actions: &[AlterAction<'_>]) -> bool {
        if self.target.is_mariadb() {
            return inplace::copies(change, actions, self.session.foreign_key_checks, self.target);
        }
        let Change { old, new, .. } = change;
        let by_action = actions.iter().any(|action| match action {
            AlterAction::OrderBy(_) => true,
            AlterAction::Rebuild { copies, .. } => *copies,
            AlterAction::AddForeignKey(_) => self.session.foreign_key_checks,
            AlterAction::AddCheck(check) => check.enforced,
            AlterAction::AddColumn { column, .. } => is_computed(column),
            AlterAction::AddIndex(index) => {
                index.parts.iter().any(|p| matches!(p.column, KeyPartColumn::Expression(_)))
            }
            _ => false,
        });
        // A NULL becomes another value, where no strict mode refuses that.
        let lenient = !self.session.sql_mode.strict && self.target.is_mysql();
        let becomes_other = |before: &Column| {
            !change.drops(&before.name)
                && change.now(before).is_some_and(|after| {
                    !keeps_values(before, after, self.target)
                        || before.auto_increment != after.auto_increment
                        || lenient && before.nullable && !after.nullable
                })
        };
        let keyless = old.primary_key().is_some() && new.primary_key().is_none();
        let searched = |table: &Table| table.indexes.iter().any(|index| index.kind == IndexKind::Fulltext);
        let redefines = actions.iter().any(|action| {
            matches!(
                action,
                AlterAction::ModifyColumn { .. } | AlterAction::ChangeColumn { .. } | AlterAction::RenameColumn { .. }
            )
        });
        let goes = |check: &Check| !new.checks.iter().any(|c| c.enforced && c.name == check.name);
        // InnoDB sorts longer characters anew.
        let sorts_longer = |before: &Column| {
            let keyed = |name: &Ident| old.indexes.iter().any(|index| index.columns().any(|c| c.is(name.as_str())));
            let members = matches!(before.data_type, DataType::Enum(_) | DataType::Set(_));
            !members
                && !change.drops(&before.name)
                && keyed(&before.name)
                && change.now(before).is_some_and(|after| takes_longer_characters(before, after))
        };
        by_action
            || old.columns.iter().any(sorts_longer)
            || redefines && old.rereads_checks(&goes)
            || keyless
            || old.columns.iter().any(becomes_other)
            || searched(old) && searched(new) && is_built_anew(change, actions)
    }
}

impl<'t> Change<'t> {
    /// Whether the column is dropped.
    pub(in crate::catalog) fn drops(&self, column: &Ident) -> bool {
        self.dropped.iter().any(|dropped| dropped.is(column.as_str()))
    }

    /// What a column of the old table has become.
    pub(super) fn now(&self, before: &Column) -> Option<&'t Column> {
        self.new.column(self.renamed(&before.name).as_str()).map(|(_, column)| column)
    }

    /// What a column of that name is called now.
    pub(in crate::catalog) fn renamed<'n>(&self, name: &'n Ident) -> &'n Ident
    where
        't: 'n,
    {
        self.renames.iter().find(|(from, _)| from.is(name.as_str())).map_or(name, |(_, to)| to)
    }
}

/// Whether the key goes that came first over columns of a foreign key, one of which is renamed: MariaDB looks by the old names for
/// another to take its place (`innobase_check_foreign_key_index`).
fn loses_first_key(columns: &[Ident], change: Change<'_>, actions: &[AlterAction<'_>], target: Target) -> bool {
    let renamed = |c: &Ident| change.renames.iter().any(|(from, to)| from.is(c.as_str()) && !from.is(to.as_str()));
    let columns_now: Vec<Ident> = columns.iter().map(|name| change.renamed(name).clone()).collect();
    let comes = |index: &Index| change.old.index(index.name.as_str()).is_none() && begins_with(index, &columns_now);
    let stays = |index: &Index| {
        change
            .new
            .index(index.name.as_str())
            .map_or(!is_lost(index, change, actions), |now| begins_with(now, &columns_now))
    };
    // The one that came first of those that serve.
    let serving = change.old.indexes.iter().filter(|index| serves(change.old, index, columns, target));
    let first = serving.min_by_key(|index| index.age.0);
    columns.iter().any(renamed) && first.is_some_and(|index| !stays(index)) && !change.new.indexes.iter().any(comes)
}

/// Whether a key is there no more, under its name or another one.
fn is_lost(index: &Index, change: Change<'_>, actions: &[AlterAction<'_>]) -> bool {
    let is_it = |a: &AlterAction<'_>| matches!(a, AlterAction::RenameIndex { from, .. } if index.name.is(&from.text));
    !actions.iter().any(is_it) && change.new.index(index.name.as_str()).is_none()
}

/// Whether a renamed column of a foreign key loses the key that the server has made for it to one of the same statement.
fn loses_key(columns: &[Ident], change: Change<'_>, actions: &[AlterAction<'_>]) -> bool {
    let renamed = |c: &Ident| change.renames.iter().any(|(from, to)| from.is(c.as_str()) && !from.is(to.as_str()));
    let mut keys = change.old.indexes.iter().filter(|index| begins_with(index, columns)).peekable();
    columns.iter().any(renamed)
        && keys.peek().is_some()
        && keys.all(|index| index.generated && is_lost(index, change, actions))
}

/// A column whose values MySQL has to compute row by row.
fn is_computed(column: &ColumnDefinition<'_>) -> bool {
    let computes = |attribute: &Attribute<'_>| {
        matches!(attribute, Attribute::Generated { .. } | Attribute::Default(DefaultClause::Expression { .. }))
    };
    column.attributes.iter().any(|(attribute, _)| computes(attribute))
}

/// Whether rows get another form: their columns are others, stand otherwise, or take NULL otherwise; or the statement asks for
/// it, be it for the form that they have.
pub(super) fn is_built_anew(change: Change<'_>, actions: &[AlterAction<'_>]) -> bool {
    let Change { old, new, .. } = change;
    let same = |(before, after): (&Column, &Column)| {
        change.now(before).is_some_and(|now| now.name == after.name) && before.nullable == after.nullable
    };
    old.columns.len() != new.columns.len()
        || !old.columns.iter().zip(&new.columns).all(same)
        || actions.iter().any(asks_for_form)
}

/// Options that tell how rows are stored, and what makes the table anew as it is.
fn asks_for_form(action: &AlterAction<'_>) -> bool {
    let tells = |option: &TableOption<'_>| match option {
        TableOption::Engine(_) => true,
        TableOption::Known(key, ..) => matches!(key, OptionKey::RowFormat | OptionKey::KeyBlockSize),
        TableOption::Charset(_)
        | TableOption::Collate(_)
        | TableOption::AutoIncrement(_)
        | TableOption::SystemVersioning
        | TableOption::EngineDefined(..)
        | TableOption::Forgotten(_) => false,
    };
    match action {
        AlterAction::Options(options) => options.iter().any(tells),
        other => matches!(other, AlterAction::Rebuild { .. }),
    }
}
