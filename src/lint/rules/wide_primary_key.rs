//! A primary key of many bytes.

use crate::lint::{Problem, Rule, Subject};
use crate::model::{Column, DataType};
use crate::render::finding::Level;

/// A primary key of many bytes.
pub(super) const RULE: Rule = Rule {
    id: "wide-primary-key",
    summary: "A primary key of many bytes.",
    explanation: "InnoDB repeats it in every other key.",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    /// Bytes from which on a surrogate key is worth a thought.
    const WIDE: u32 = 128;
    let Some(key) = subject.table.primary_key() else { return };
    let bytes = |column: &Column| match column.data_type {
        DataType::Char(n) | DataType::Varchar(n) => n * column.collation.map_or(1, |own| own.charset().max_length()),
        DataType::Binary(n) | DataType::Varbinary(n) => n,
        _ => 8,
    };
    let width: u32 = subject.columns_of(key).into_iter().map(bytes).sum();
    if width > WIDE {
        problems.push(Problem::of_key(key, format!("the primary key may take {width} bytes")));
    }
}
