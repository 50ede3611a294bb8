//! ALTERs made of chance, one after the other on the catalog and on real servers: both take or refuse the same, and what
//! they take ends in the same text, the order of keys and columns included.

use alterplan::model::{self, DataType, DefaultValue, IndexKind, KeyColumn, PartitionMethod};

use super::judges::{Both, Tally, Trial, Verdict};
use crate::support::generated::column::{Class, Column};
use crate::support::generated::{
    self, Check, ForeignKey, Key, KeyKind, Options, Partitioning, Schema, Table, Tape, alter, print,
};
use crate::support::servers::{Server, tell};

/// How many numbers decide a sequence.
const TAPE: usize = 1500;
/// How many statements follow each other at most.
const STATEMENTS: usize = 12;
/// How many refusals of a hundred may bear another number: which of several faults a server finds first is its own.
const OTHER_NUMBERS: usize = 20;

#[test]
fn alters_made_of_chance_end_in_the_same_text() {
    Trial { what: "alters", open: &[], judge }.run(|tally| {
        let many = tally.other_numbers * 100 > tally.refused.max(50) * OTHER_NUMBERS;
        many.then(|| format!("{} of {} numbers", tally.other_numbers, tally.refused))
    });
}

fn judge(server: &Server, seed: u64, tally: &mut Tally) -> Result<(), String> {
    let dialect = super::super::dialect(server);
    let numbers = generated::numbers(seed, TAPE);
    let mut tape = Tape::new(&numbers);
    let mut both = Both::after(&print::script(&generated::schema(&mut tape, dialect), dialect), server)?;
    for _ in 0..STATEMENTS {
        let seen = seen(&both);
        if seen.tables.is_empty() {
            return Ok(());
        }
        let sql = alter::statement(&seen, &mut tape, dialect);
        match both.run(&sql)? {
            Verdict::Taken => tally.taken += 1,
            Verdict::Refused { theirs, ours } => {
                tally.refused += 1;
                if ours.0 != Some(theirs.0) {
                    tally.other_numbers += 1;
                    if std::env::var_os("ALTERPLAN_NUMBERS").is_some() {
                        tell(&format!("{theirs:?} | {ours:?}\n{sql}\n-- over\n{}", both.printed(&sql)));
                    }
                }
            }
            Verdict::Broken => {
                tally.broken += 1;
                return Ok(());
            }
            Verdict::PassedOver(_) => {}
        }
    }
    Ok(())
}

/// The tables as the catalog holds them, as far as the next statement needs to know them.
pub(super) fn seen(both: &Both) -> Schema {
    Schema { tables: both.catalog.schema().tables().map(|(_, table)| seen_table(table)).collect() }
}

/// A table as the makers of chance see it.
fn seen_table(table: &model::Table) -> Table {
    let columns = table.columns.iter().map(column).collect();
    let key = |index: &model::Index| Key {
        kind: match index.kind {
            IndexKind::Primary => KeyKind::Primary,
            IndexKind::Unique => KeyKind::Unique,
            IndexKind::Fulltext => KeyKind::Fulltext,
            IndexKind::Spatial => KeyKind::Spatial,
            IndexKind::Plain | IndexKind::Vector => KeyKind::Plain,
        },
        name: Some(index.name.to_string()),
        parts: index
            .parts
            .iter()
            .filter_map(|part| match &part.column {
                KeyColumn::Column(name) => Some((name.to_string(), part.prefix, part.descending)),
                KeyColumn::Expression(_) => None,
            })
            .collect(),
        comment: None,
        invisible: index.invisible,
        using: None,
    };
    let named = |name: &alterplan::ident::Ident| ForeignKey {
        name: Some(name.to_string()),
        columns: Vec::new(),
        table: String::new(),
        referenced: Vec::new(),
        on_delete: None,
        on_update: None,
    };
    let check = |check: &model::Check| Check {
        name: Some(check.name.to_string()),
        column: String::new(),
        which: 0,
        enforced: true,
    };
    Table {
        name: table.name.to_string(),
        columns,
        keys: table.indexes.iter().map(key).collect(),
        foreign_keys: table.foreign_keys.iter().map(|key| named(&key.name)).collect(),
        checks: table.checks.iter().map(check).collect(),
        options: Options::default(),
        partitioning: table.partitioning.as_deref().map(divided),
        late: false,
    }
}

fn divided(partitioning: &model::Partitioning) -> Partitioning {
    let method = match &partitioning.method {
        PartitionMethod::Range(_) => "RANGE",
        PartitionMethod::List(_) => "LIST",
        PartitionMethod::RangeColumns(_) => "RANGE COLUMNS",
        PartitionMethod::ListColumns(_) => "LIST COLUMNS",
        PartitionMethod::Hash { .. } | PartitionMethod::Key { .. } | PartitionMethod::SystemTime(_) => "HASH",
    };
    let count = partitioning.count.map_or(partitioning.partitions.len(), |count| count as usize);
    Partitioning { method, column: String::new(), count, named: !partitioning.partitions.is_empty() }
}

fn column(column: &model::Column) -> Column {
    let (class, length) = match &column.data_type {
        DataType::Integer { .. } => (Class::Integer, 0),
        DataType::Decimal { .. } | DataType::Float { .. } => (Class::Real, 0),
        DataType::Bit(_) => (Class::Bit, 0),
        DataType::Year(_) => (Class::Year, 0),
        DataType::Date => (Class::Date, 0),
        DataType::Time(_) => (Class::Time, 0),
        DataType::DateTime(n) => (Class::DateTime(*n as usize), 0),
        DataType::Timestamp(n) => (Class::Timestamp(*n as usize), 0),
        DataType::Char(n) | DataType::Varchar(n) => (Class::Text, *n),
        DataType::Binary(n) | DataType::Varbinary(n) => (Class::Binary, *n),
        DataType::Text(_) if column.check.is_some() => (Class::Json, 0),
        DataType::Text(_) => (Class::LongText, 0),
        DataType::Blob(_) => (Class::LongBinary, 0),
        DataType::Enum(_) => (Class::Enum, 0),
        DataType::Set(_) => (Class::Set, 0),
        DataType::Json => (Class::Json, 0),
        DataType::Geometry(_) => (Class::Geometry, 0),
        DataType::Vector(_) | DataType::Uuid | DataType::Inet4 | DataType::Inet6 => (Class::Other, 0),
    };
    Column {
        name: column.name.to_string(),
        data_type: match column.data_type {
            DataType::Char(_) => "char".to_owned(),
            DataType::Integer { zerofill: true, .. } => "int zerofill".to_owned(),
            _ => String::new(),
        },
        class,
        length,
        collation: None,
        nullable: column.nullable,
        default: column.default.as_ref().filter(|d| **d == DefaultValue::Null).map(|_| "NULL".to_owned()),
        on_update: column.on_update,
        auto_increment: column.auto_increment,
        generated: column.generated.as_ref().map(|g| (String::new(), String::new(), g.stored)),
        invisible: column.invisible,
        comment: None,
        srid: None,
    }
}
