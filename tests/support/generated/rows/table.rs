//! Tables, as they are made and as they are written.

use super::super::column::{Class, Column};
use super::super::print::{self, quoted};
use super::super::{Dialect, Tape};
use super::column::{CHARSETS, any, attributes, of, word};
use super::part::{add_check, add_generated, add_unique, partition, refer};

#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) columns: Vec<Column>,
    pub(super) keys: Vec<Key>,
    pub(super) checks: Vec<String>,
    pub(super) reference: Option<String>,
    pub(super) collation: (&'static str, &'static str),
    pub(super) partitions: Option<(String, String)>,
    pub(super) engine: &'static str,
    /// It keeps its history (MariaDB).
    pub(super) versioned: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) primary: bool,
    /// Columns with prefix lengths.
    pub(super) parts: Vec<(String, Option<u32>)>,
    /// In the place of columns (MySQL).
    pub(super) expression: Option<String>,
}

pub(super) fn table(tape: &mut Tape<'_>, dialect: Dialect) -> Table {
    let mut made = Table {
        columns: Vec::new(),
        keys: Vec::new(),
        checks: Vec::new(),
        reference: None,
        collation: *tape.pick(&CHARSETS[..8]),
        partitions: None,
        engine: if tape.chance(8) { "MyISAM" } else { "InnoDB" },
        versioned: dialect == Dialect::MariaDb && tape.chance(8),
    };
    if tape.chance(75) {
        let mut id = of("id", "int", Class::Integer, 0);
        (id.nullable, id.auto_increment) = (false, tape.chance(40));
        made.columns.push(id);
        made.keys.push(Key { primary: true, parts: vec![("id".to_owned(), None)], expression: None });
    }
    for at in 0..=tape.below(3) {
        let mut column = any(&format!("c{at}"), tape, dialect);
        attributes(&mut column, tape, dialect);
        made.columns.push(column);
    }
    if tape.chance(30) {
        add_unique(&mut made, tape, dialect);
    }
    if tape.chance(25) {
        add_generated(&mut made, tape, dialect);
    }
    if tape.chance(15) {
        add_check(&mut made, tape, dialect);
    }
    if tape.chance(15) {
        partition(&mut made, tape);
    }
    if tape.chance(15) {
        refer(&mut made, tape);
    }
    made
}

/// What rows may refer to.
pub(super) fn parent(tape: &mut Tape<'_>) -> Table {
    let mut id = of("id", word(tape, &["int", "bigint", "tinyint"]), Class::Integer, 0);
    id.nullable = false;
    let mut code = of("code", "varchar(20)", Class::Text, 20);
    code.collation = Some(*tape.pick(&CHARSETS[..5]));
    let keys = vec![
        Key { primary: true, parts: vec![("id".to_owned(), None)], expression: None },
        Key { primary: false, parts: vec![("code".to_owned(), None)], expression: None },
    ];
    Table {
        columns: vec![id, code],
        keys,
        checks: Vec::new(),
        reference: None,
        collation: CHARSETS[0],
        partitions: None,
        engine: "InnoDB",
        versioned: false,
    }
}

/// What the servers would refuse at once, taken away.
pub(super) fn settled(mut table: Table) -> Table {
    // What has the charset of bytes is bytes.
    for column in &mut table.columns {
        if column.collation.unwrap_or(table.collation).0 == "binary" {
            column.class = match column.class {
                Class::Text => Class::Binary,
                Class::LongText => Class::LongBinary,
                class => class,
            };
        }
    }
    let is_there = |name: &str, columns: &[Column]| columns.iter().any(|c| c.name == name);
    let columns = table.columns.clone();
    let mentions = |text: &str| columns.iter().any(|c| text.contains(&quoted(&c.name)));
    for column in &mut table.columns {
        let base = column.generated.as_ref().map(|g| g.1.clone());
        if base
            .is_some_and(|base| !columns.iter().any(|c| c.name == base && c.generated.is_none() && !c.auto_increment))
        {
            column.generated = None;
        }
        if column.generated.is_some() {
            (column.default, column.auto_increment) = (None, false);
        }
        if column.auto_increment {
            (column.nullable, column.default) = (false, None);
        }
        if !column.nullable {
            column.data_type = column.data_type.trim_end_matches(" NULL").to_owned();
            if column.default.as_deref() == Some("NULL") {
                column.default = None;
            }
        }
    }
    if let Some((name, _)) = &table.partitions
        && (!is_there(name, &columns) || table.engine == "MEMORY")
    {
        table.partitions = None;
    }
    table.keys.retain(|k| k.parts.iter().all(|(name, _)| is_there(name, &columns)));
    table.keys.retain(|k| k.expression.as_deref().is_none_or(mentions));
    for key in &mut table.keys {
        for (name, prefix) in &mut key.parts {
            let column = columns.iter().find(|c| c.name == *name).expect("a column");
            match column.class {
                Class::LongText | Class::LongBinary => *prefix = prefix.or(Some(8)),
                Class::Text | Class::Binary => *prefix = prefix.filter(|n| *n < column.length),
                _ => *prefix = None,
            }
        }
    }
    if let Some((name, _)) = &table.partitions {
        let name = name.clone();
        table.keys.retain(|k| k.parts.iter().any(|p| p.0 == name));
        table.reference = None;
        table.columns.retain(|c| c.class != Class::Geometry);
    }
    if table.engine == "MEMORY" {
        table.columns.iter_mut().for_each(|c| c.generated = None);
    }
    if table.engine != "InnoDB" {
        table.reference = None;
        table.keys.retain(|k| k.expression.is_none());
        table.partitions = None;
    }
    if !is_there("n", &columns) && !table.columns.iter().any(|c| c.auto_increment && c.name == "id") {
        for column in &mut table.columns {
            column.auto_increment &= table.keys.iter().any(|k| k.parts.first().is_some_and(|p| p.0 == column.name));
        }
    }
    for key in table.keys.iter().filter(|k| k.primary) {
        for column in &mut table.columns {
            if key.parts.iter().any(|p| p.0 == column.name) {
                column.nullable = false;
                column.data_type = column.data_type.trim_end_matches(" NULL").to_owned();
                if column.default.as_deref() == Some("NULL") {
                    column.default = None;
                }
            }
        }
    }
    if let Some(reference) = &table.reference
        && !table.columns.iter().any(|c| reference.contains(&quoted(&c.name)))
    {
        table.reference = None;
    }
    table.checks.retain(|check| {
        let column = table.columns.iter().find(|c| check.contains(&quoted(&c.name)));
        column.is_some_and(|c| !c.auto_increment)
    });
    table
}

pub(super) fn script(table: &Table, name: &str) -> String {
    let mut parts: Vec<String> = table.columns.iter().map(print::column).collect();
    for (at, key) in table.keys.iter().enumerate() {
        let list = key
            .parts
            .iter()
            .map(|(name, prefix)| format!("{}{}", quoted(name), prefix.map_or_else(String::new, |n| format!("({n})"))));
        let list = match &key.expression {
            Some(expression) => format!("({expression})"),
            None => list.collect::<Vec<_>>().join(", "),
        };
        // A key has its name from what it is over, so that the same key is the same on both sides.
        let named: String = list.chars().filter(char::is_ascii_alphanumeric).collect();
        parts.push(match key.primary {
            true => format!("PRIMARY KEY ({list})"),
            false => format!("UNIQUE KEY `u_{named}_{at}` ({list})"),
        });
    }
    parts.extend(table.checks.iter().cloned());
    parts.extend(table.reference.iter().cloned());
    let (charset, collation) = table.collation;
    let partitions = table.partitions.as_ref().map_or_else(String::new, |(_, by)| format!("\nPARTITION BY {by}"));
    format!(
        "CREATE TABLE {name} (\n  {}\n) ENGINE={} DEFAULT CHARSET={charset} COLLATE={collation}{}{partitions};\n",
        parts.join(",\n  "),
        table.engine,
        if table.versioned { " WITH SYSTEM VERSIONING" } else { "" }
    )
}
