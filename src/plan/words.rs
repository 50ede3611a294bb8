//! What an operation does, in one line for people.

use super::operation::Operation;
use crate::canonical::{Printer, option};
use crate::diff::{ColumnAspect, Position};
use crate::ident::Ident;
use crate::model::{Column, Index, IndexKind, Partition};
use crate::source::Pair;

/// How the line of a column that is added begins: whoever has only the plan's document knows it by that.
pub(crate) const ADDS_COLUMN: &str = "adds column ";
/// The same of a column that is dropped.
pub(crate) const DROPS_COLUMN: &str = "drops column ";
/// The same of a foreign key that is added.
pub(crate) const ADDS_FOREIGN_KEY: &str = "adds foreign key ";

/// The lines for one operation.
pub(crate) fn lines(printer: Printer, operation: &Operation<'_>) -> Vec<String> {
    let one = |line: String| vec![line];
    match operation {
        Operation::DropForeignKey(key) => one(format!("drops foreign key {}", key.name.quoted())),
        Operation::DropCheck(check) => one(format!("drops check {}", check.name.quoted())),
        Operation::DropIndex(index) => one(format!("drops {}", key_name(index))),
        Operation::DropPeriod(period) => one(format!("drops period {}", period.name.quoted())),
        Operation::DropSystemVersioning => one("drops system versioning and the history".to_owned()),
        Operation::DropColumn(column) => one(format!("{DROPS_COLUMN}{}", column.name.quoted())),
        Operation::AddColumn { column, position } => {
            one(format!("{ADDS_COLUMN}{}{}", column.name.quoted(), place(*position)))
        }
        Operation::ModifyColumn { columns, aspects, moved } => {
            let mut lines = Vec::new();
            if !aspects.is_empty() {
                lines.push(format!(
                    "changes column {}: {}",
                    columns.new.name.quoted(),
                    aspects_in_words(printer, *columns, aspects)
                ));
            }
            if let Some(position) = moved {
                lines.push(format!("moves column {}{}", columns.new.name.quoted(), place(*position)));
            }
            lines
        }
        Operation::RemakeColumn { columns, .. } => {
            let how = |c: &Column| match &c.generated {
                None if c.bounds_period() => "a bound of the history",
                None => "plain",
                Some(g) if g.stored => "stored",
                Some(_) => "virtual",
            };
            one(format!("makes column {} anew: {} → {}", columns.new.name.quoted(), how(columns.old), how(columns.new)))
        }
        Operation::RenameColumn(pair) => {
            one(format!("renames column {} to {}", pair.old.name.quoted(), pair.new.name.quoted()))
        }
        Operation::SetDefault(column) => {
            one(format!("writes the default of column {} with the new names", column.name.quoted()))
        }
        Operation::AddDefault(column) => one(format!("gives column {} its default", column.name.quoted())),
        Operation::DropDefault(column) => one(format!("drops the default of column {}", column.name.quoted())),
        Operation::RenameIndex(pair) => {
            one(format!("renames key {} to {}", pair.old.name.quoted(), pair.new.name.quoted()))
        }
        Operation::AddIndex(index) => {
            let mut parts = String::new();
            printer.key_parts(&mut parts, index);
            one(format!("adds {} {parts}", key_name(index)))
        }
        Operation::SetIndexVisibility(index) => {
            one(format!("makes {} {}", key_name(index), if index.invisible { "invisible" } else { "visible" }))
        }
        Operation::AddPeriod(period) => one(format!("adds period {}", period.name.quoted())),
        Operation::AddSystemVersioning => one("adds system versioning".to_owned()),
        Operation::AddCheck(check) => one(format!("adds check {}", check.name.quoted())),
        Operation::SetCheckEnforcement(check) => one(format!(
            "{} check {}",
            if check.enforced { "enforces" } else { "no longer enforces" },
            check.name.quoted()
        )),
        Operation::AddForeignKey(key) => {
            one(format!("{ADDS_FOREIGN_KEY}{} to {}", key.name.quoted(), key.referenced_table.quoted()))
        }
        Operation::SetEngine(pair) => one(format!("changes the engine: {} → {}", pair.old, pair.new)),
        Operation::SetCollation(pair) => one(format!(
            "changes the default collation: {} → {}",
            pair.old.printed(printer.target),
            pair.new.printed(printer.target)
        )),
        Operation::SetAutoIncrement(pair) => {
            one(format!("sets the AUTO_INCREMENT counter to {}", pair.new.unwrap_or(1)))
        }
        Operation::SetOption(key, values) => one(option_line(option::word(*key), *values)),
        Operation::SetEngineDefined(name, values) => one(option_line(&name.quoted().to_string(), *values)),
        Operation::Partition(sides, _) => {
            one(if sides.old.is_some() { "partitions it anew" } else { "partitions it" }.to_owned())
        }
        Operation::RemovePartitioning => one("removes the partitioning".to_owned()),
        Operation::AddPartitions(_, added) => {
            added.iter().map(|p| format!("adds partition {}", p.name.quoted())).collect()
        }
        Operation::DropPartitions(dropped) => {
            dropped.iter().map(|p| format!("drops partition {}", p.name.quoted())).collect()
        }
        Operation::ReorganizePartitions(_, span) => {
            let names =
                |list: &[&Partition]| list.iter().map(|p| p.name.quoted().to_string()).collect::<Vec<_>>().join(", ");
            let word = if span.old.len() > 1 { "partitions" } else { "partition" };
            one(format!("reorganizes {word} {} into {}", names(&span.old), names(&span.new)))
        }
        Operation::AddPartitionCount(count) => one(format!("adds {}", counted_partitions(*count))),
        Operation::CoalescePartitions(count) => {
            one(format!("takes {} away, whose rows go to the others", counted_partitions(*count)))
        }
    }
}

fn counted_partitions(count: u32) -> String {
    if count == 1 { "a partition".to_owned() } else { format!("{count} partitions") }
}

fn option_line(word: &str, values: Pair<Option<&str>>) -> String {
    match values.new {
        _ if values.old == values.new => format!("says {word} again"),
        Some(value) => format!("sets {word} to '{value}'"),
        None => format!("takes back {word}"),
    }
}

/// `key `k``, `primary key`, `unique key `k``…
pub(crate) fn key_name(index: &Index) -> String {
    let name = index.name.quoted();
    match index.kind {
        IndexKind::Primary => "primary key".to_owned(),
        IndexKind::Unique => format!("unique key {name}"),
        IndexKind::Plain => format!("key {name}"),
        IndexKind::Fulltext => format!("fulltext key {name}"),
        IndexKind::Spatial => format!("spatial key {name}"),
        IndexKind::Vector => format!("vector key {name}"),
    }
}

fn place(position: Position<'_>) -> String {
    let after = |name: &Ident| format!(" after {}", name.quoted());
    match position {
        Position::First => " to the front".to_owned(),
        Position::After(name) => after(name),
        Position::Last => String::new(),
    }
}

fn aspects_in_words(printer: Printer, columns: Pair<&Column>, aspects: &[ColumnAspect]) -> String {
    let words: Vec<String> = aspects.iter().map(|aspect| aspect_in_words(printer, columns, *aspect)).collect();
    words.join(", ")
}

fn aspect_in_words(printer: Printer, columns: Pair<&Column>, aspect: ColumnAspect) -> String {
    let arrow = |pair: Pair<String>| format!("{} → {}", pair.old, pair.new);
    match aspect {
        ColumnAspect::NameCase => format!("now spelled {}", columns.new.name.quoted()),
        ColumnAspect::Type => arrow(columns.map(|c| {
            let mut text = String::new();
            printer.data_type(&mut text, &c.data_type);
            text
        })),
        ColumnAspect::Collation => {
            let names = columns
                .map(|c| c.collation.map_or_else(|| "none".to_owned(), |c| c.printed(printer.target).into_owned()));
            if names.old == names.new {
                "collation written at the column or not".to_owned()
            } else {
                format!("collation {}", arrow(names))
            }
        }
        ColumnAspect::Nullability => if columns.new.nullable { "now NULL" } else { "now NOT NULL" }.to_owned(),
        ColumnAspect::Default => match &columns.new.default {
            None => "no default".to_owned(),
            Some(default) => {
                let mut text = String::from("default ");
                printer.default_value(&mut text, default, columns.new);
                text
            }
        },
        ColumnAspect::OnUpdate => {
            if columns.new.on_update { "updated with the row" } else { "no longer updated with the row" }.to_owned()
        }
        ColumnAspect::AutoIncrement => {
            if columns.new.auto_increment { "now AUTO_INCREMENT" } else { "no longer AUTO_INCREMENT" }.to_owned()
        }
        ColumnAspect::Generated => "another expression".to_owned(),
        ColumnAspect::Generation => match &columns.new.generated {
            None => "no longer generated".to_owned(),
            Some(g) => if g.stored { "now generated and stored" } else { "now generated" }.to_owned(),
        },
        ColumnAspect::Visibility => if columns.new.invisible { "now invisible" } else { "now visible" }.to_owned(),
        ColumnAspect::Comment => {
            if columns.new.comment.is_empty() { "no comment" } else { "another comment" }.to_owned()
        }
        ColumnAspect::Srid => columns.new.srid.map_or_else(|| "no SRID".to_owned(), |srid| format!("SRID {srid}")),
        ColumnAspect::Check => if columns.new.check.is_some() { "another check" } else { "no check" }.to_owned(),
        ColumnAspect::Format => "another COLUMN_FORMAT".to_owned(),
        ColumnAspect::Storage => "another STORAGE".to_owned(),
        ColumnAspect::Compression => {
            if columns.new.compressed.is_some() { "compressed" } else { "no longer compressed" }.to_owned()
        }
        ColumnAspect::Versioning => "another part in system versioning".to_owned(),
        ColumnAspect::EngineOptions => "other options of the engine".to_owned(),
    }
}
