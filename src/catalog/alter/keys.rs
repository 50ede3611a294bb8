//! Keys under ALTER TABLE: dropped, renamed, and in which order they are listed afterwards.

use super::{AlterAction, CatalogError, Draft, Outcome, columns};
use crate::catalog::engine;
use crate::catalog::index::{IndexDraft, Listing};
use crate::ident::Ident;
use crate::model::{Age, ForeignKey, Index, IndexKind, ReferentialAction, Table};
use crate::syntax::ddl::{Attribute, IndexDefinition, Name, ReferenceClause};
use crate::target::Target;

/// The names of keys that the statement renames: keys to be hidden are found by neither (`mysql_prepare_alter_table`). On
/// MariaDB a key that keeps its name, letters' case aside, is found.
pub(super) fn renamed(actions: &[AlterAction<'_>], target: Target) -> Vec<String> {
    let names = |action: &AlterAction<'_>| match action {
        AlterAction::RenameIndex { from, to, .. }
            if target.is_mariadb() && crate::ident::same_name(&from.text, &to.text) =>
        {
            Vec::new()
        }
        AlterAction::RenameIndex { from, to, .. } => vec![from.text.to_string(), to.text.to_string()],
        _ => Vec::new(),
    };
    actions.iter().flat_map(names).collect()
}

/// Whether the statement drops a key by its name.
fn drops(actions: &[AlterAction<'_>], key: &Index) -> bool {
    actions.iter().any(|action| match action {
        AlterAction::DropIndex { name, .. } | AlterAction::DropConstraint { name, .. } => key.name.is(&name.text),
        AlterAction::DropPrimaryKey { .. } => key.kind == IndexKind::Primary,
        _ => false,
    })
}

/// What MariaDB's InnoDB makes of foreign keys that it adds in place, which takes `foreign_key_checks = 0`: a name after FOREIGN
/// KEY goes before the constraint's, and an action that is written and does nothing is NO ACTION
/// (`innobase_get_foreign_key_info` of its handler0alter.cc; measured on 10.11 and 11.8).
pub(super) fn add_foreign_keys_in_place(table: &mut Table, old: &Table, actions: &[AlterAction<'_>]) {
    let stored = |action| match action {
        ReferentialAction::Restrict | ReferentialAction::SetDefault => ReferentialAction::NoAction,
        other => other,
    };
    let is_new = |key: &&mut ForeignKey| !old.foreign_keys.iter().any(|k| k.name == key.name);
    let mut new: Vec<&mut ForeignKey> = table.foreign_keys.iter_mut().filter(is_new).collect();
    let mut add = |constraint: Option<&Name<'_>>,
                   name: Option<&Name<'_>>,
                   columns: &[Name<'_>],
                   to: &ReferenceClause<'_>| {
        let is_it = |key: &&mut ForeignKey| match constraint.or(name) {
            Some(name) => key.name.is(&name.text),
            None => key.generated_name && key.columns.iter().map(Ident::as_str).eq(columns.iter().map(|c| &*c.text)),
        };
        let Some(at) = new.iter().position(is_it) else { return };
        let key = new.swap_remove(at);
        (key.on_delete, key.on_update) = (stored(to.on_delete), stored(to.on_update));
        if let Some(name) = name {
            key.name = Ident::new(name.text.as_ref());
        }
    };
    for action in actions {
        match action {
            AlterAction::AddForeignKey(key) => {
                add(key.constraint.as_ref(), key.index_name.as_ref(), &key.columns, &key.references);
            }
            AlterAction::AddColumn { column, .. } => {
                for (attribute, _) in &column.attributes {
                    if let Attribute::References(to) = attribute {
                        add(to.constraint.as_ref(), None, std::slice::from_ref(&column.name), to);
                    }
                }
            }
            _ => {}
        }
    }
    table.foreign_keys.sort_by(|a, b| a.name.as_str().cmp(b.name.as_str()));
}

/// Error 1176: a key that is to be hidden, or shown, is not there in the end.
pub(super) fn check_hidden(actions: &[AlterAction<'_>], table: &Table) -> Outcome<()> {
    let named = actions.iter().filter_map(|action| match action {
        AlterAction::SetIndexVisibility { name, if_exists: false, .. } => Some(name),
        _ => None,
    });
    match named.into_iter().find(|name| table.index(&name.text).is_none()) {
        Some(name) => Err(unknown(name, table)),
        None => Ok(()),
    }
}

pub(super) fn unknown(name: &Name<'_>, table: &Table) -> CatalogError {
    CatalogError::new(1176, name.span, format!("key '{}' doesn't exist in table '{}'", name.text, table.name))
}

/// Tells the keys of a table when they came: those that came in place stand behind the others in InnoDB's list, and a table that
/// is made anew lists them as it shows them.
pub(super) fn age(table: &mut Table, old: &Table, actions: &[AlterAction<'_>], anew: bool) {
    let stood = |key: &Index| old.index(key.name.as_str()).is_some() && !drops(actions, key);
    let renamed =
        |key: &Index| actions.iter().any(|a| matches!(a, AlterAction::RenameIndex { to, .. } if key.name.is(&to.text)));
    let last = old.indexes.iter().map(|key| key.age.0).max().unwrap_or_default();
    let next = match last {
        Age::Table => Age::Later(1),
        Age::Later(last) => Age::Later(last + 1),
    };
    let now = |key: &Index| match (anew, stood(key) || renamed(key)) {
        (true, _) => Age::Table,
        (false, true) => key.age.0,
        (false, false) => next,
    };
    if table.indexes.iter().all(|key| key.age.0 == now(key)) {
        return;
    }
    table.indexes.iter_mut().for_each(|key| key.age.0 = now(key));
}

/// Whether keys go and come back as they were and nothing else is done: then the servers leave the table alone, and with it the
/// order of its keys and which of them are hidden (`ha_alter_info.handler_flags` in `mysql_alter_table`; measured on MySQL 9.7,
/// MariaDB 10.11 and 11.8). MariaDB asks InnoDB alone, and made FULLTEXT keys anew before 11.
pub(super) fn come_back(actions: &[AlterAction<'_>], old: &Table, new: &Table, target: Target) -> bool {
    let of_keys = |action: &AlterAction<'_>| match action {
        AlterAction::DropIndex { .. }
        | AlterAction::DropPrimaryKey { .. }
        | AlterAction::NoDefinition(_)
        | AlterAction::Online { .. } => true,
        AlterAction::AddIndex(index) => {
            target.is_mysql() || target.is_mariadb_since(110_000) || index.kind != IndexKind::Fulltext
        }
        _ => false,
    };
    if !actions.iter().all(of_keys)
        || target.is_mariadb() && &*old.options.engine != "InnoDB"
        || old.indexes.len() != new.indexes.len()
    {
        return false;
    }
    let is_back = |key: &Index| {
        let shown = |now: &Index| Index { invisible: key.invisible, generated: key.generated, ..now.clone() } == *key;
        new.index(key.name.as_str()).is_some_and(shown)
    };
    old.columns == new.columns && old.indexes.iter().all(is_back)
}

impl Draft<'_> {
    /// New keys come in the order of the statement, in whose order they are named; and all are sorted, but for MariaDB where
    /// no key comes.
    pub(super) fn list_keys(&mut self, actions: &[AlterAction<'_>], old: &Table) {
        let place = |draft: &IndexDraft| if draft.existing { 0 } else { 1 + draft.span.start };
        self.pending.keys.sort_by_key(place);
        if self.context.target.is_mariadb() && !self.sorts_keys(actions, old) {
            self.pending.listing = Listing::AsTheyStand;
        }
    }

    /// Whether MariaDB sorts the keys: where one comes, or what is the primary key loses a column, or takes NULL where it is
    /// none by name (`HA_SKIP_KEY_SORT` in `mysql_alter_table`, MDEV-25803; tried on 10.11 and 11.8).
    fn sorts_keys(&self, actions: &[AlterAction<'_>], old: &Table) -> bool {
        // A column's REFERENCES counts on 11.8, not on 10.11.
        let references = self.context.target.is_mariadb_since(110_000)
            || actions.iter().any(|action| matches!(action, AlterAction::AddForeignKey(_)));
        let comes = self.pending.keys.iter().any(|key| !key.existing && (references || !key.index.generated));
        let Some(primary) = engine::primary(old, self.context.target).filter(|key| !drops(actions, key)) else {
            return comes;
        };
        let renames = columns::renames(actions, old);
        let now = |name: &Ident| match renames.iter().find(|(from, _)| from.is(name.as_str())) {
            Some((_, to)) => self.table.column(to.as_str()),
            None if renames.iter().any(|(_, to)| to.is(name.as_str())) => None,
            None => self.table.column(name.as_str()),
        };
        let implicit = primary.kind != IndexKind::Primary;
        comes || primary.columns().any(|name| now(name).is_none_or(|(_, column)| implicit && column.nullable))
    }

    /// Whether anything of a key stands still.
    pub(super) fn keeps(&self, key: &Index) -> bool {
        self.pending.keys.iter().any(|draft| draft.existing && draft.index.name == key.name)
    }

    /// Whether a key that went with its columns gives its name to another of the statement: MariaDB looks for the name of one
    /// to be hidden among all, and hides those that stood.
    pub(super) fn is_replaced(&self, name: &str, old: &Table, actions: &[AlterAction<'_>]) -> bool {
        let went = old.index(name).is_some_and(|key| !drops(actions, key));
        let named = |key: &IndexDefinition<'_>| match key.kind {
            IndexKind::Primary => name.eq_ignore_ascii_case("PRIMARY"),
            _ => key.name.as_ref().or(key.constraint.as_ref()).is_some_and(|n| crate::ident::same_name(&n.text, name)),
        };
        self.context.target.is_mariadb()
            && went
            && actions.iter().any(|action| matches!(action, AlterAction::AddIndex(key) if named(key)))
    }

    pub(super) fn drop_key(&mut self, name: &Name<'_>, if_exists: bool) -> Outcome<()> {
        let before = self.pending.keys.len();
        self.pending.keys.retain(|k| !k.index.name.is(&name.text));
        if self.pending.keys.len() == before && !if_exists { Err(self.missing(name)) } else { Ok(()) }
    }

    pub(super) fn rename_key(&mut self, from: &Name<'_>, to: &Name<'_>, if_exists: bool, old: &Table) -> Outcome<()> {
        // A key that is not there is missed first.
        let is_there = self.pending.keys.iter().any(|k| k.existing && k.index.name.is(&from.text));
        let primary = [from, to].into_iter().find(|name| name.text.eq_ignore_ascii_case("PRIMARY"));
        if let Some(name) = primary.filter(|_| is_there) {
            return Err(CatalogError::new(1280, name.span, format!("incorrect index name '{}'", name.text)));
        }
        // The old names are those from before the statement, so that two keys may swap theirs.
        let stands = |k: &&mut IndexDraft| {
            k.existing && !k.renamed && k.index.name.is(&from.text) && k.index.kind != IndexKind::Primary
        };
        match self.pending.keys.iter_mut().find(stands) {
            Some(draft) => {
                draft.index.name = Ident::new(to.text.as_ref());
                (draft.renamed, draft.name_span) = (true, to.span);
                // Whoever names a key keeps it.
                draft.index.generated = false;
                Ok(())
            }
            None if if_exists => Ok(()),
            // On MariaDB a key may be renamed that is gone with its columns.
            None if self.context.target.is_mariadb()
                && old
                    .index(&from.text)
                    .is_some_and(|k| k.columns().all(|c| self.table.column(c.as_str()).is_none())) =>
            {
                Ok(())
            }
            None => Err(unknown(from, &self.table)),
        }
    }
}
