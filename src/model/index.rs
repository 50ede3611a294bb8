//! Keys.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::{Expr, Unseen};
use crate::ident::Ident;

/// The keys of a table. Copies, and tables whose keys were defined in the same words, share them until one of them is
/// changed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Keys(Arc<Vec<Index>>);

impl Deref for Keys {
    type Target = Vec<Index>;

    fn deref(&self) -> &Vec<Index> {
        &self.0
    }
}

impl DerefMut for Keys {
    fn deref_mut(&mut self) -> &mut Vec<Index> {
        Arc::make_mut(&mut self.0)
    }
}

impl From<Vec<Index>> for Keys {
    fn from(indexes: Vec<Index>) -> Self {
        Self(Arc::new(indexes))
    }
}

impl IntoIterator for Keys {
    type Item = Index;
    type IntoIter = std::vec::IntoIter<Index>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.0).into_iter()
    }
}

impl<'a> IntoIterator for &'a Keys {
    type Item = &'a Index;
    type IntoIter = std::slice::Iter<'a, Index>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a mut Keys {
    type Item = &'a mut Index;
    type IntoIter = std::slice::IterMut<'a, Index>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

/// One key of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Index {
    /// Its name; `PRIMARY` for the primary key.
    pub name: Ident,
    /// What kind it is.
    pub kind: IndexKind,
    /// Its parts in order.
    pub parts: Vec<KeyPart>,
    /// `USING`, where it was written and the engine keeps it.
    pub algorithm: Option<IndexAlgorithm>,
    /// `KEY_BLOCK_SIZE`.
    pub key_block_size: Option<u64>,
    /// Its comment; empty where there is none.
    pub comment: Box<str>,
    /// `WITH PARSER` of a FULLTEXT key.
    pub parser: Option<Ident>,
    /// `INVISIBLE` on MySQL, `IGNORED` on MariaDB.
    pub invisible: bool,
    /// The application-time period of a key `WITHOUT OVERLAPS` (MariaDB).
    pub without_overlaps: Option<Ident>,
    /// Whether the server made it for a foreign key: it goes when a key of the user's covers it.
    pub generated: bool,
    /// `ENGINE_ATTRIBUTE` (MySQL).
    pub engine_attribute: Option<Box<str>>,
    /// `SECONDARY_ENGINE_ATTRIBUTE` (MySQL).
    pub secondary_engine_attribute: Option<Box<str>>,
    /// Engine-defined options (MariaDB: `M=6`, `DISTANCE=cosine`), values as printed.
    pub options: Vec<(Ident, Box<str>)>,
    /// When it came.
    pub age: Unseen<Age>,
}

/// When a key came to its table, which MariaDB's InnoDB lists keys by and does not show. The table's own are as old as each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Age {
    /// With the table, be it by a copy.
    #[default]
    Table,
    /// In place, in this turn.
    Later(u32),
}

impl Index {
    /// Whether it forbids duplicates.
    pub const fn is_unique(&self) -> bool {
        matches!(self.kind, IndexKind::Primary | IndexKind::Unique)
    }

    /// The kind among whose keys it stands: a spatial key stands among the plain ones.
    pub const fn place_kind(&self) -> IndexKind {
        match self.kind {
            IndexKind::Spatial => IndexKind::Plain,
            kind => kind,
        }
    }

    /// Whether it is unique by its values themselves, not by a hash of them, which MariaDB keeps for long ones.
    pub fn is_unique_tree(&self) -> bool {
        self.is_unique() && self.algorithm != Some(IndexAlgorithm::Hash)
    }

    /// Whether it is one by hash, of which MariaDB shows no order.
    pub fn is_by_hash(&self, engine: &str) -> bool {
        self.algorithm == Some(IndexAlgorithm::Hash) || self.algorithm.is_none() && engine == "MEMORY"
    }

    /// The names of the columns that it holds directly, in order.
    pub fn columns(&self) -> impl Iterator<Item = &Ident> {
        self.parts.iter().filter_map(|p| match &p.column {
            KeyColumn::Column(name) => Some(name),
            KeyColumn::Expression(_) => None,
        })
    }
}

/// The kinds of keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash)]
pub enum IndexKind {
    /// `PRIMARY KEY`.
    Primary,
    /// `UNIQUE KEY`.
    Unique,
    /// `KEY`.
    Plain,
    /// `FULLTEXT KEY`.
    Fulltext,
    /// `SPATIAL KEY`.
    Spatial,
    /// `VECTOR KEY` (MariaDB).
    Vector,
}

/// One part of a key. Two are the same whatever they do unseen.
#[derive(Clone, Eq, Debug)]
pub struct KeyPart {
    /// What is indexed.
    pub column: KeyColumn,
    /// Only so many characters (bytes, of a binary type) from the left.
    pub prefix: Option<u32>,
    /// `DESC`.
    pub descending: bool,
    /// Whether MariaDB keeps a `DESC` that it does not show of a key by hash, and shows again once the key is a B-tree.
    pub descends_unseen: bool,
}

impl PartialEq for KeyPart {
    fn eq(&self, other: &Self) -> bool {
        let Self { column, prefix, descending, descends_unseen: _ } = self;
        *column == other.column && *prefix == other.prefix && *descending == other.descending
    }
}

impl KeyPart {
    /// A part that is the whole of a column or expression.
    pub const fn whole(column: KeyColumn) -> Self {
        Self { column, prefix: None, descending: false, descends_unseen: false }
    }
}

/// What a key part indexes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyColumn {
    /// A column.
    Column(Ident),
    /// An expression (MySQL 8.0.13).
    Expression(Expr),
}

/// `USING`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash)]
pub enum IndexAlgorithm {
    /// `BTREE`.
    BTree,
    /// `HASH`.
    Hash,
    /// `RTREE`.
    RTree,
}
