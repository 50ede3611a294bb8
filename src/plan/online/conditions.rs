//! What of a table decides the cost of an ALTER: the conditions of the table's rows (`kind@condition`).

use crate::model::{Column, Index, IndexKind, KeyColumn, OptionKey, PartitionMethod, Table};
use crate::plan::operation::Operation;
use crate::source::Pair;

/// The conditions that hold.
#[derive(Debug)]
pub(super) struct Conditions(Vec<&'static str>);

impl Conditions {
    pub(super) fn of(tables: Pair<&Table>, operations: &[Operation<'_>]) -> Self {
        let Pair { old, new } = tables;
        let is_virtual = |c: &Column| c.generated.as_ref().is_some_and(|g| !g.stored);
        let has = |table: &Table, kind| table.indexes.iter().any(|i| i.kind == kind);
        let format =
            |name: &str| old.options.others.get(&OptionKey::RowFormat).is_some_and(|v| v.eq_ignore_ascii_case(name));
        let is_fulltext = |o: &Operation<'_>| matches!(o, Operation::AddIndex(i) if i.kind == IndexKind::Fulltext);
        let goes = |index: &Index| {
            operations.iter().any(|o| matches!(o, Operation::DropIndex(dropped) if dropped.name == index.name))
        };
        let keeps_fulltext = old.indexes.iter().any(|index| index.kind == IndexKind::Fulltext && !goes(index));
        let method = old.partitioning.as_ref().map(|partitioning| &partitioning.method);
        let virtual_indexed = |table: &Table| table.columns.iter().any(|c| is_virtual(c) && is_indexed(c, table));
        let all = [
            ("not-innodb", &*old.options.engine != "InnoDB"),
            ("aria", &*old.options.engine == "Aria"),
            ("memory", &*old.options.engine == "MEMORY"),
            ("virtual-present", old.columns.iter().any(is_virtual)),
            ("virtual-indexed", virtual_indexed(old)),
            ("virtual-indexed-after", virtual_indexed(new)),
            ("stored-present", old.columns.iter().any(|c| c.generated.as_ref().is_some_and(|g| g.stored))),
            ("fulltext-present", has(old, IndexKind::Fulltext)),
            (
                "fulltext-kept",
                has(old, IndexKind::Fulltext)
                    && has(new, IndexKind::Fulltext)
                    && (keeps_fulltext || operations.iter().any(is_fulltext)),
            ),
            ("fulltext-many", new.indexes.iter().filter(|i| i.kind == IndexKind::Fulltext).count() > 1),
            ("fts-doc-id", old.column("FTS_DOC_ID").is_some()),
            ("spatial-present", has(new, IndexKind::Spatial)),
            (
                "row-format-compressed",
                format("COMPRESSED") || old.options.others.contains_key(&OptionKey::KeyBlockSize),
            ),
            ("row-format-redundant", format("REDUNDANT")),
            (
                "functional-present",
                old.indexes.iter().any(|i| i.parts.iter().any(|p| matches!(p.column, KeyColumn::Expression(_)))),
            ),
            ("partitioned", old.partitioning.is_some()),
            // By an expression or a moment, and not by columns that are named.
            (
                "partitioned-by-value",
                matches!(
                    method,
                    Some(
                        PartitionMethod::Hash { .. }
                            | PartitionMethod::Range(_)
                            | PartitionMethod::List(_)
                            | PartitionMethod::SystemTime(_)
                    )
                ),
            ),
            (
                "partitioned-by-primary-key",
                matches!(method, Some(PartitionMethod::Key { columns, .. }) if columns.is_empty()),
            ),
            ("system-versioned", old.system_versioned),
        ];
        Self(all.into_iter().filter(|(_, holds)| *holds).map(|(name, _)| name).collect())
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }

    pub(super) fn holds(&self, name: &str) -> bool {
        self.0.contains(&name)
    }
}

/// Whether a key of the table holds the column.
pub(super) fn is_indexed(column: &Column, table: &Table) -> bool {
    table.indexes.iter().any(|i| i.columns().any(|c| c.is(column.name.as_str())))
}
