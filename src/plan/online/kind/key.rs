//! Kinds of change of keys. What counts is the key by which InnoDB keeps the rows, whatever it is called.

use super::column::most_bytes;
use super::{Statement, brought};
use crate::diff::ColumnAspect;
use crate::model::{Column, Expr, Index, IndexKind, KeyColumn, Table};
use crate::plan::operation::Operation;

/// The key by which InnoDB keeps the rows: the primary key, else the first unique one over whole columns that take no
/// NULL (MySQL 8.4 manual, section 17.6.2.1).
pub(super) fn clustered(table: &Table) -> Option<&Index> {
    let takes_null = |name: &str| table.column(name).is_none_or(|(_, column)| column.nullable);
    let whole = |index: &Index| {
        index.parts.iter().all(|part| {
            part.prefix.is_none() && matches!(&part.column, KeyColumn::Column(name) if !takes_null(name.as_str()))
        })
    };
    table.primary_key().or_else(|| table.indexes.iter().find(|i| i.is_unique_tree() && whole(i)))
}

/// Whether a key is over an expression.
pub(super) fn is_functional(index: &Index) -> bool {
    index.parts.iter().any(|p| matches!(p.column, KeyColumn::Expression(_)))
}

impl Statement<'_> {
    /// The key of that name that the same ALTER puts in the place of this one.
    pub(super) fn replaced_by(&self, index: &Index) -> Option<&Index> {
        let added = self.operations.iter().find_map(|o| match o {
            Operation::AddIndex(added) if added.name == index.name => Some(*added),
            _ => None,
        });
        added.filter(|_| self.drops(index))
    }

    /// Whether the ALTER drops the key of that name.
    pub(super) fn drops(&self, index: &Index) -> bool {
        self.has(|o| matches!(o, Operation::DropIndex(dropped) if dropped.name == index.name))
    }

    /// What a key that is made anew under its name comes to, where that is less than a drop and an add.
    fn renewed(&self, index: &Index) -> Option<&'static str> {
        let new = self.replaced_by(index)?;
        let old = self.tables.old.index(index.name.as_str())?;
        let commentless =
            |index: &Index| Index { comment: "".into(), algorithm: None, generated: false, ..index.clone() };
        // Only InnoDB keeps the rows by a key, and all keys as trees.
        let innodb = !self.conditions.holds("not-innodb");
        let remade = if innodb { index.kind == IndexKind::Primary } else { old.algorithm != new.algorithm };
        if remade || is_functional(new) || commentless(old) != commentless(new) {
            return None;
        }
        match (self.columns_stay(new), old.comment == new.comment) {
            (false, _) => None,
            (true, false) => Some("change-index-comment"),
            (true, true) => Some("change-index-type"),
        }
    }

    /// Whether the ALTER leaves the columns of a key what they are.
    fn columns_stay(&self, index: &Index) -> bool {
        let holds = |column: &Column| index.columns().any(|name| *name == column.name);
        !self.has(|o| match o {
            Operation::ModifyColumn { columns, aspects, .. } => {
                aspects
                    .iter()
                    .any(|a| matches!(a, ColumnAspect::Type | ColumnAspect::Collation | ColumnAspect::Nullability))
                    && holds(columns.new)
            }
            other => brought(other).is_some_and(holds),
        })
    }

    /// Whether MariaDB finds that one key goes and one comes which are the same but for their names.
    fn is_renamed(&self, index: &Index) -> bool {
        let nameless = |key: &Index| Index { name: index.name.clone(), generated: false, ..key.clone() };
        let own = nameless(index);
        let count = |of: &dyn Fn(&Operation<'_>) -> bool| self.operations.iter().filter(|o| of(o)).count();
        self.target.is_mariadb()
            && !matches!(index.kind, IndexKind::Primary | IndexKind::Fulltext | IndexKind::Vector)
            && self.columns_stay(index)
            && count(&|o| matches!(o, Operation::DropIndex(key) if nameless(key) == own)) == 1
            && count(&|o| matches!(o, Operation::AddIndex(key) if nameless(key) == own)) == 1
    }

    pub(super) fn dropped(&self, index: &Index) -> &'static str {
        if let Some(kind) = self.renewed(index) {
            return kind;
        }
        if self.is_renamed(index) {
            return "rename-index";
        }
        let functional = is_functional(index);
        // A plain key over columns that takes the name comes as any other does.
        let is_remade = |new: &Index| index.is_unique() || new.kind != IndexKind::Plain || is_functional(new);
        let rows = self.tables.map(clustered);
        if rows.old.is_some_and(|key| key.name == index.name) {
            let brought = |key: &Index| self.has(|o| matches!(o, Operation::AddIndex(added) if added.name == key.name));
            return match rows.new {
                None => "drop-primary-key",
                // MySQL takes a key that was there already for no heir.
                Some(new) if self.target.is_mysql() && !brought(new) => "drop-primary-key",
                Some(new) if self.target.is_mariadb() && new.parts == index.parts => "rename-primary-key",
                Some(_) => "change-primary-key",
            };
        }
        match index.kind {
            IndexKind::Primary => "drop-primary-key",
            IndexKind::Fulltext => "drop-fulltext",
            IndexKind::Spatial => "drop-spatial",
            IndexKind::Vector => "drop-vector-index",
            IndexKind::Unique | IndexKind::Plain if functional && self.replaced_by(index).is_some_and(is_remade) => {
                "change-index-functional"
            }
            IndexKind::Unique | IndexKind::Plain if functional => "drop-index-functional",
            IndexKind::Unique => "drop-unique-index",
            IndexKind::Plain => "drop-index",
        }
    }

    pub(super) fn added_index(&self, index: &Index) -> &'static str {
        if let Some(kind) = self.renewed(index) {
            return kind;
        }
        if self.is_renamed(index) {
            return "rename-index";
        }
        let adds = |kind: IndexKind| {
            self.operations.iter().filter(|o| matches!(o, Operation::AddIndex(i) if i.kind == kind)).count()
        };
        let array =
            index.parts.iter().any(|p| matches!(&p.column, KeyColumn::Expression(Expr::Cast { array: true, .. })));
        let rows = self.tables.map(clustered);
        if rows.new.is_some_and(|key| key.name == index.name) {
            return match rows.old {
                Some(old) if self.target.is_mariadb() && old.parts == index.parts => {
                    if self.drops(old) {
                        "rename-primary-key"
                    } else {
                        "add-unique-index"
                    }
                }
                Some(old) if self.drops(old) => "change-primary-key",
                Some(_) | None => "add-primary-key",
            };
        }
        match index.kind {
            IndexKind::Primary => "add-primary-key",
            IndexKind::Fulltext if adds(IndexKind::Fulltext) > 1 => "add-fulltext-two",
            IndexKind::Fulltext if self.conditions.holds("fulltext-present") => "add-fulltext-further",
            IndexKind::Fulltext => "add-fulltext-first",
            IndexKind::Spatial => "add-spatial",
            IndexKind::Vector => "add-vector-index",
            IndexKind::Unique | IndexKind::Plain if array => "add-index-multi-valued",
            IndexKind::Unique | IndexKind::Plain if is_functional(index) => "add-index-functional",
            IndexKind::Unique if self.holds_new_virtual(index) => "add-unique-index",
            IndexKind::Plain if self.holds_new_virtual(index) => "add-index-on-added-virtual",
            IndexKind::Unique if self.is_long(index) => "add-unique-index-long",
            IndexKind::Unique => "add-unique-index",
            IndexKind::Plain => "add-index",
        }
    }

    /// Whether the column behind a functional key comes before one that stays: MySQL keeps them behind all others, in the order
    /// of the keys' names in small letters.
    pub(super) fn goes_before_functional(&self, index: &Index) -> bool {
        let name = index.name.as_str().to_lowercase();
        let stays = |old: &&Index| is_functional(old) && !self.drops(old);
        self.tables.old.indexes.iter().filter(stays).any(|old| old.name.as_str().to_lowercase() > name)
    }

    /// The column behind a functional key gets another name with it: MySQL does so in place where the first of these columns
    /// does.
    pub(super) fn renamed_functional(&self) -> &'static str {
        let functional = self.tables.old.indexes.iter().filter(|index| is_functional(index));
        let first = functional.min_by_key(|index| index.name.as_str().to_lowercase());
        let is_renamed =
            |first: &Index| self.has(|o| matches!(o, Operation::RenameIndex(pair) if pair.old.name == first.name));
        if first.is_some_and(is_renamed) { "rename-index" } else { "rename-index-functional" }
    }

    fn holds_new_virtual(&self, index: &Index) -> bool {
        let is_virtual = |column: &Column| column.generated.as_ref().is_some_and(|g| !g.stored);
        let holds = |column: &Column| is_virtual(column) && index.columns().any(|name| column.name == *name);
        self.has(|o| brought(o).is_some_and(holds))
    }

    /// Whether MariaDB keeps the key as a hash: over a whole BLOB, or over more bytes than a key may have.
    fn is_long(&self, index: &Index) -> bool {
        let whole = |name: &str| self.tables.new.column(name).map(|(_, column)| column);
        let mut bytes = 0_u64;
        for part in &index.parts {
            let KeyColumn::Column(name) = &part.column else { continue };
            let Some(column) = whole(name.as_str()) else { continue };
            if column.data_type.is_blob() && part.prefix.is_none() {
                return true;
            }
            bytes += most_bytes(column).unwrap_or(8);
        }
        bytes > 3072
    }
}
