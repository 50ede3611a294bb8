//! The order in which a server lists keys.

use super::is_shape;
use crate::ident::Ident;
use crate::model::{Index, IndexAlgorithm, IndexKind, KeyColumn, Keys, TableDefinition};
use crate::target::Target;

/// What keys are sorted by.
pub(super) type Rank = (u8, bool);

/// Keys in the order of their ranks, which stand beside them.
pub(super) fn sorted(ranks: Vec<Rank>, keys: impl ExactSizeIterator<Item = Index>) -> Keys {
    let mut indexes = Vec::with_capacity(keys.len());
    if ranks.is_sorted() {
        indexes.extend(keys);
        return indexes.into();
    }
    let mut sorted: Vec<(Rank, Index)> = ranks.into_iter().zip(keys).collect();
    sorted.sort_by_key(|(rank, _)| *rank);
    indexes.extend(sorted.into_iter().map(|(_, index)| index));
    indexes.into()
}

/// The order of `sort_keys`: PRIMARY, unique keys without NULLs, other unique keys, others, FULLTEXT; among like ones, on
/// MySQL those over a virtual column or an expression come last.
pub(super) fn rank(table: &TableDefinition, index: &Index, target: Target) -> Rank {
    let column = |name: &Ident| table.column(name.as_str()).map(|(_, c)| c);
    let has_null = || {
        index.parts.iter().any(|part| match &part.column {
            KeyColumn::Column(name) => column(name).is_some_and(|c| c.nullable),
            KeyColumn::Expression(_) => true,
        })
    };
    let partial = || index.parts.iter().any(|part| part.prefix.is_some());
    let is_virtual = index.parts.iter().any(|part| match &part.column {
        KeyColumn::Column(name) => column(name).and_then(|c| c.generated.as_ref()).is_some_and(|g| !g.stored),
        KeyColumn::Expression(_) => true,
    });
    let kind = match index.kind {
        IndexKind::Primary => 0,
        IndexKind::Unique if index.algorithm == Some(IndexAlgorithm::Hash) && is_long(table, index) => 5,
        IndexKind::Unique => 1 + 2 * u8::from(has_null()) + u8::from(partial()),
        IndexKind::Plain | IndexKind::Spatial => 6,
        IndexKind::Fulltext => 7,
        IndexKind::Vector => 8,
    };
    (kind, is_virtual && target.is_mysql())
}

/// Whether MariaDB keeps a key as the hash of values that are too long for it: these come last.
fn is_long(table: &TableDefinition, index: &Index) -> bool {
    index.columns().any(|name| table.column(name.as_str()).is_some_and(|(_, c)| c.data_type.is_blob() || is_shape(c)))
}
