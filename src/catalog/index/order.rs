//! The order in which a server lists keys.

use super::{IndexDraft, is_shape};
use crate::ident::Ident;
use crate::model::{Index, IndexKind, KeyColumn, Keys, TableDefinition};
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
pub(super) fn rank(table: &TableDefinition, draft: &IndexDraft, target: Target) -> Rank {
    let index = &draft.index;
    let column = |name: &Ident| table.column(name.as_str()).map(|(_, c)| c);
    let has_null = || {
        index.parts.iter().any(|part| match &part.column {
            KeyColumn::Column(name) => column(name).is_some_and(|c| c.nullable),
            KeyColumn::Expression(_) => true,
        })
    };
    let partial = || {
        index.parts.iter().any(|part| match &part.column {
            KeyColumn::Column(name) => part.prefix.is_some() && !column(name).is_some_and(is_shape),
            KeyColumn::Expression(_) => false,
        })
    };
    let is_virtual = index.parts.iter().any(|part| match &part.column {
        KeyColumn::Column(name) => column(name).and_then(|c| c.generated.as_ref()).is_some_and(|g| !g.stored),
        KeyColumn::Expression(_) => true,
    });
    let kind = match index.kind {
        IndexKind::Primary => 0,
        // MDEV-19049.
        IndexKind::Unique if draft.long => 5,
        IndexKind::Unique => 1 + 2 * u8::from(has_null()) + u8::from(partial()),
        IndexKind::Plain | IndexKind::Spatial => 6,
        IndexKind::Fulltext => 7,
        IndexKind::Vector => 8,
    };
    (kind, is_virtual && target.is_mysql())
}
