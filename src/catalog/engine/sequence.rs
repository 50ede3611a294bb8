//! Tables that are sequences (`SEQUENCE=1`): MariaDB KB "CREATE SEQUENCE"; `check_sequence_fields` of sql/sql_sequence.cc.

use crate::catalog::error::{CatalogError, Outcome};
use crate::model::{Column, DataType, Integer, OptionKey, Table};
use crate::source::Span;

/// The columns of a sequence, in order, and whether each is a BIGINT UNSIGNED.
const COLUMNS: [(&str, Integer, bool); 8] = [
    ("next_not_cached_value", Integer::Big, false),
    ("minimum_value", Integer::Big, false),
    ("maximum_value", Integer::Big, false),
    ("start_value", Integer::Big, false),
    ("increment", Integer::Big, false),
    ("cache_size", Integer::Big, true),
    ("cycle_option", Integer::Tiny, true),
    ("cycle_count", Integer::Big, false),
];

/// Error 4086: a sequence has its eight columns, and nothing else.
pub(super) fn check(table: &Table, span: Span) -> Outcome<()> {
    if table.options.others.get(&OptionKey::Sequence).is_none_or(|value| &**value != "1") {
        return Ok(());
    }
    let bare = table.indexes.is_empty()
        && table.checks.is_empty()
        && table.columns.iter().all(|c| c.generated.is_none() && c.check.is_none());
    let fits = |(column, (name, kind, unsigned)): (&Column, &(&str, Integer, bool))| {
        column.name.is(name)
            && !column.nullable
            && matches!(&column.data_type, DataType::Integer { kind: k, unsigned: u, .. } if k == kind && u == unsigned)
    };
    if bare && table.columns.len() == COLUMNS.len() && table.columns.iter().zip(&COLUMNS).all(fits) {
        return Ok(());
    }
    Err(CatalogError::new(4086, span, format!("sequence '{}' has wrong columns, keys or constraints", table.name)))
}
