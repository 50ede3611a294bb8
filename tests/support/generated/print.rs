//! Schemas as scripts.

use std::fmt::Write as _;

use super::column::{Class, Column};
use super::{Check, Dialect, ForeignKey, Key, KeyKind, Partitioning, Schema, Table};

/// A name in backticks.
pub fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

/// The script that makes a schema.
pub fn script(schema: &Schema, dialect: Dialect) -> String {
    let mut out = String::new();
    for at in 0..schema.tables.len() {
        table(&mut out, schema, at, dialect);
    }
    for at in 0..schema.tables.len() {
        for key in schema.tables[at].foreign_keys.iter().filter(|k| !inline(schema, at, k)) {
            let _ = writeln!(out, "ALTER TABLE {} ADD {};", quoted(&schema.tables[at].name), foreign_key(key));
        }
    }
    out
}

/// The scripts that make the tables of a schema that has no foreign keys, each by itself.
pub fn scripts(schema: &Schema, dialect: Dialect) -> Vec<String> {
    (0..schema.tables.len())
        .map(|at| {
            let mut out = String::new();
            table(&mut out, schema, at, dialect);
            out
        })
        .collect()
}

/// Whether a foreign key can be written in its table: what it refers to is there.
fn inline(schema: &Schema, at: usize, key: &ForeignKey) -> bool {
    let own = &schema.tables[at];
    !own.late && schema.tables[..=at].iter().any(|t| t.name == key.table)
}

fn table(out: &mut String, schema: &Schema, at: usize, dialect: Dialect) {
    let table = &schema.tables[at];
    let auto = table.columns.iter().find(|c| c.auto_increment).map(|c| &c.name);
    // The key of an AUTO_INCREMENT column cannot wait, nor the keys that a partition clause looks at.
    let waits = |key: &Key| table.late && table.partitioning.is_none() && auto.is_none_or(|a| *a != key.parts[0].0);
    let mut parts: Vec<String> = table.columns.iter().map(column).collect();
    parts.extend(table.keys.iter().filter(|k| !waits(k)).map(|k| key(k, dialect)));
    parts.extend(table.foreign_keys.iter().filter(|k| inline(schema, at, k)).map(foreign_key));
    parts.extend(table.checks.iter().map(|c| check(c, table, dialect)));
    let _ = write!(out, "CREATE TABLE {} (\n  {}\n)", quoted(&table.name), parts.join(",\n  "));
    options(out, table);
    if let Some(clause) = &table.partitioning {
        partitioning(out, clause);
    }
    out.push_str(";\n");
    for (i, key_) in table.keys.iter().filter(|k| waits(k)).enumerate() {
        match &key_.name {
            Some(name) if i % 2 == 1 && key_.kind != KeyKind::Primary => {
                let kind = match key_.kind {
                    KeyKind::Unique => "UNIQUE ",
                    KeyKind::Fulltext => "FULLTEXT ",
                    KeyKind::Spatial => "SPATIAL ",
                    KeyKind::Plain | KeyKind::Functional | KeyKind::Primary => "",
                };
                let _ = writeln!(
                    out,
                    "CREATE {kind}INDEX {} ON {} {};",
                    quoted(name),
                    quoted(&table.name),
                    key_tail(key_, dialect)
                );
            }
            _ => {
                let _ = writeln!(out, "ALTER TABLE {} ADD {};", quoted(&table.name), key(key_, dialect));
            }
        }
    }
}

/// A column's definition.
pub fn column(column: &Column) -> String {
    let mut out = format!("{} {}", quoted(&column.name), column.data_type);
    if let Some((charset, collation)) = column.collation {
        let _ = write!(out, " CHARACTER SET {charset} COLLATE {collation}");
    }
    if let Some((expression, _, stored)) = &column.generated {
        let _ = write!(out, " GENERATED ALWAYS AS ({expression}) {}", if *stored { "STORED" } else { "VIRTUAL" });
    }
    if !column.nullable {
        out.push_str(" NOT NULL");
    }
    if let Some(srid) = column.srid {
        let _ = write!(out, " SRID {srid}");
    }
    if let Some(default) = &column.default {
        let _ = write!(out, " DEFAULT {default}");
    }
    if column.on_update {
        let digits = match column.class {
            Class::DateTime(n) | Class::Timestamp(n) if n > 0 => format!("({n})"),
            _ => String::new(),
        };
        let _ = write!(out, " ON UPDATE CURRENT_TIMESTAMP{digits}");
    }
    if column.auto_increment {
        out.push_str(" AUTO_INCREMENT");
    }
    if column.invisible {
        out.push_str(" INVISIBLE");
    }
    if let Some(comment) = column.comment {
        let _ = write!(out, " COMMENT {}", literal(comment));
    }
    out
}

fn key(key: &Key, dialect: Dialect) -> String {
    let word = match key.kind {
        KeyKind::Plain | KeyKind::Functional => "KEY",
        KeyKind::Unique => "UNIQUE KEY",
        KeyKind::Primary => "PRIMARY KEY",
        KeyKind::Fulltext => "FULLTEXT KEY",
        KeyKind::Spatial => "SPATIAL KEY",
    };
    let name = key
        .name
        .as_ref()
        .filter(|_| key.kind != KeyKind::Primary)
        .map_or_else(String::new, |n| format!(" {}", quoted(n)));
    format!("{word}{name} {}", key_tail(key, dialect))
}

fn key_tail(key: &Key, dialect: Dialect) -> String {
    let part = |(name, prefix, descending): &(String, Option<u32>, bool)| {
        let prefix = prefix.map_or_else(String::new, |p| format!("({p})"));
        let column = if key.kind == KeyKind::Functional { format!("(lower({}))", quoted(name)) } else { quoted(name) };
        format!("{column}{prefix}{}", if *descending { " DESC" } else { "" })
    };
    let mut out = format!("({})", key.parts.iter().map(part).collect::<Vec<_>>().join(", "));
    if let Some(using) = key.using {
        let _ = write!(out, " USING {using}");
    }
    if let Some(comment) = key.comment {
        let _ = write!(out, " COMMENT {}", literal(comment));
    }
    if key.invisible {
        out.push_str(if dialect == Dialect::MySql { " INVISIBLE" } else { " IGNORED" });
    }
    out
}

fn foreign_key(key: &ForeignKey) -> String {
    let list = |names: &[String]| names.iter().map(|n| quoted(n)).collect::<Vec<_>>().join(", ");
    let name = key.name.as_ref().map_or_else(String::new, |n| format!("CONSTRAINT {} ", quoted(n)));
    let mut out = format!(
        "{name}FOREIGN KEY ({}) REFERENCES {} ({})",
        list(&key.columns),
        quoted(&key.table),
        list(&key.referenced)
    );
    if let Some(action) = key.on_delete {
        let _ = write!(out, " ON DELETE {action}");
    }
    if let Some(action) = key.on_update {
        let _ = write!(out, " ON UPDATE {action}");
    }
    out
}

fn check(check: &Check, table: &Table, dialect: Dialect) -> String {
    let column = table.columns.iter().find(|c| c.name == check.column).expect("the column of a CHECK");
    let name = quoted(&column.name);
    let list = match column.class {
        Class::Integer | Class::Real => [
            format!("{name} > 0"),
            format!("{name} between 1 and 100 or {name} = 200"),
            format!("not ({name} in (3, 4))"),
        ],
        Class::Text => [
            format!("{name} = upper({name})"),
            format!("char_length({name}) > 2 and {name} is not null"),
            format!("{name} is not null"),
        ],
        _ => [format!("{name} is not null"), format!("({name} is null) or 1 = 1"), format!("{name} = {name}")],
    };
    let named = check.name.as_ref().map_or_else(String::new, |n| format!("CONSTRAINT {} ", quoted(n)));
    let enforced = if check.enforced || dialect == Dialect::MariaDb { "" } else { " NOT ENFORCED" };
    format!("{named}CHECK ({}){enforced}", list[check.which % 3])
}

fn options(out: &mut String, table: &Table) {
    let options = &table.options;
    if let Some(engine) = options.engine {
        let _ = write!(out, " ENGINE={engine}");
    }
    if let Some(n) = options.auto_increment {
        let _ = write!(out, " AUTO_INCREMENT={n}");
    }
    if let Some((charset, collation)) = options.collation {
        let _ = write!(out, " DEFAULT CHARSET={charset} COLLATE={collation}");
    }
    for other in &options.others {
        let _ = write!(out, " {other}");
    }
    if let Some(comment) = options.comment {
        let _ = write!(out, " COMMENT={}", literal(comment));
    }
}

fn partitioning(out: &mut String, clause: &Partitioning) {
    let column = quoted(&clause.column);
    let _ = write!(out, "\nPARTITION BY {} ({column})", clause.method);
    let several = |values: &dyn Fn(usize) -> String| {
        (0..clause.count).map(|i| format!("PARTITION p{i}{}", values(i))).collect::<Vec<_>>().join(", ")
    };
    let list = match clause.method {
        "RANGE" | "RANGE COLUMNS" => several(&|i| {
            if i + 1 == clause.count && clause.named {
                " VALUES LESS THAN MAXVALUE".to_owned()
            } else {
                format!(" VALUES LESS THAN ({})", (i + 1) * 10)
            }
        }),
        "LIST" | "LIST COLUMNS" => several(&|i| format!(" VALUES IN ({}, {})", i * 2, i * 2 + 1)),
        _ if clause.named => several(&|_| String::new()),
        _ => {
            let _ = write!(out, " PARTITIONS {}", clause.count);
            return;
        }
    };
    let list = if clause.method == "RANGE COLUMNS" { list.replace("THAN MAXVALUE", "THAN (MAXVALUE)") } else { list };
    let _ = write!(out, " ({list})");
}
