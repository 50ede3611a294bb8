//! What the servers ask of a schema, brought about by taking away what breaks it.

use std::collections::BTreeSet;

use super::column::{Class, Column, is_base};
use super::{Dialect, ForeignKey, Key, KeyKind, Schema, Table};

/// Makes a schema valid.
pub fn repair(schema: &mut Schema, dialect: Dialect) {
    for table in &mut schema.tables {
        settle(table, dialect);
    }
    // A key less can make a foreign key invalid, and a foreign key more a column's attributes.
    let shapes = schema.clone();
    let mut names = BTreeSet::new();
    let mut checks = BTreeSet::new();
    for table in &mut schema.tables {
        let own = table.clone();
        table.foreign_keys.retain(|key| {
            let fits = refers_well(key, &own, &shapes, dialect);
            fits && key.name.as_ref().is_none_or(|n| names.insert(n.to_lowercase()))
        });
        let mut pairs = BTreeSet::new();
        table.foreign_keys.retain(|key| pairs.insert(key.columns.clone()));
        table.checks.retain(|check| {
            let column = own.columns.iter().find(|c| c.name == check.column);
            let suits = column.is_some_and(|c| {
                !c.auto_increment && !matches!(c.class, Class::Geometry | Class::Other | Class::Json | Class::Bit)
            });
            let used = table.foreign_keys.iter().any(|k| k.columns.contains(&check.column));
            suits && !used && check.name.as_ref().is_none_or(|n| checks.insert(n.clone()))
        });
    }
}

fn settle(table: &mut Table, dialect: Dialect) {
    let engine = table.options.engine.unwrap_or("InnoDB");
    let innodb = engine == "InnoDB";
    if engine == "MEMORY" {
        let fits = |class| !matches!(class, Class::LongText | Class::LongBinary | Class::Json | Class::Geometry);
        table.columns.retain(|c| fits(c.class));
        for column in table.columns.iter_mut().filter(|c| c.generated.is_some()) {
            (column.generated, column.default, column.on_update) = (None, None, false);
        }
        if table.columns.is_empty() {
            table.options.engine = None;
            table.columns.push(plain_column());
            return settle(table, dialect);
        }
    }
    if !innodb {
        table.options.others.retain(|o| !o.starts_with("ROW_FORMAT"));
        table.columns.iter_mut().for_each(|c| c.srid = None);
        let expression = |c: &&mut Column| c.default.as_ref().is_some_and(|d| d.starts_with('('));
        table.columns.iter_mut().filter(expression).for_each(|c| c.default = None);
    }
    if table.options.others.iter().any(|o| o.ends_with("=COMPACT") || o.ends_with("=REDUNDANT")) {
        // A key part of these has 767 bytes at most, and a functional one is not cut.
        table.keys.retain(|key| key.kind != KeyKind::Functional);
    }
    let plain = |t: &Table| t.columns.iter().any(|c| c.class != Class::Geometry);
    if table.partitioning.is_some() && plain(table) {
        table.columns.retain(|c| c.class != Class::Geometry);
    }
    if !innodb && dialect == Dialect::MariaDb {
        // MariaDB 11.8 cannot open a table (1033) of an engine that keeps odd bits beside the NULLs where they stand
        // behind a virtual column.
        let is_virtual = |c: &Column| c.generated.as_ref().is_some_and(|(_, _, stored)| !stored);
        let from = table.columns.iter().position(is_virtual).unwrap_or(table.columns.len());
        for column in table.columns[from..].iter_mut().filter(|c| c.class == Class::Bit) {
            column.data_type = "bit(8)".to_owned();
        }
    }
    settle_columns(table);
    let names: Vec<String> = table.columns.iter().map(|c| c.name.clone()).collect();
    if table.partitioning.as_ref().is_some_and(|p| !names.contains(&p.column) || !innodb) {
        table.partitioning = None;
    }
    if let Some(clause) = &table.partitioning {
        let column = table.columns.iter().find(|c| c.name == clause.column).expect("a column");
        if column.class != Class::Integer || column.generated.is_some() {
            table.partitioning = None;
        }
    }
    settle_keys(table, dialect);
    // An AUTO_INCREMENT column leads a key.
    let leads: Vec<String> =
        table.keys.iter().filter(|k| k.kind != KeyKind::Functional).map(|k| k.parts[0].0.clone()).collect();
    for column in &mut table.columns {
        column.auto_increment &= leads.contains(&column.name);
    }
    if !table.columns.iter().any(|c| c.auto_increment) {
        table.options.auto_increment = None;
    }
    if table.partitioning.is_some() {
        table.foreign_keys.clear();
    }
    table.checks.retain(|c| names.contains(&c.column));
}

fn plain_column() -> super::column::Column {
    let empty = Table {
        name: String::new(),
        columns: Vec::new(),
        keys: Vec::new(),
        foreign_keys: Vec::new(),
        checks: Vec::new(),
        options: super::Options::default(),
        partitioning: None,
        late: false,
    };
    super::column::fresh(&empty, &mut super::Tape::new(&[]), Dialect::MySql)
}

fn settle_columns(table: &mut Table) {
    let bases: Vec<(String, Class, bool, bool, bool)> = table
        .columns
        .iter()
        .map(|c| {
            // A default that is computed makes a column one that generated columns before it may not read (MySQL 3107).
            let computed = c.default.as_ref().is_some_and(|d| d.starts_with('('));
            (c.name.clone(), c.class, c.generated.is_some(), c.auto_increment, is_base(c) && !computed)
        })
        .collect();
    for column in &mut table.columns {
        if let Some((expression, base, _)) = &column.generated {
            let found = bases.iter().find(|b| b.0 == *base);
            let suits = found.is_some_and(|b| {
                !b.2 && !b.3
                    && b.4
                    && match b.1 {
                        Class::Integer => {
                            column.class == Class::Integer
                                && !expression.contains("substr")
                                && !expression.contains("json")
                        }
                        Class::Text => column.class == Class::Text && !expression.contains("json"),
                        Class::DateTime(_) => column.class == Class::Date,
                        Class::Json => column.class == Class::Text && expression.contains("json"),
                        _ => false,
                    }
            });
            if suits {
                column.default = None;
                column.on_update = false;
                column.auto_increment = false;
                // MariaDB takes no NOT NULL at a generated column.
                column.nullable = true;
            } else {
                column.generated = None;
                (column.default, column.on_update) = (None, false);
            }
        }
        column.auto_increment &= column.class == Class::Integer;
        if column.auto_increment {
            column.nullable = false;
            column.default = None;
        }
        if !column.nullable && column.default.as_deref() == Some("NULL") {
            column.default = None;
        }
    }
    let mut seen = false;
    for column in &mut table.columns {
        column.auto_increment &= !seen;
        seen |= column.auto_increment;
    }
    if table.columns.iter().all(|c| c.invisible || c.generated.is_some()) {
        table.columns[0].invisible = false;
    }
    for column in &mut table.columns {
        // MariaDB asks a default of an invisible column that takes no NULL.
        column.invisible &= column.nullable || column.default.is_some();
    }
}

fn settle_keys(table: &mut Table, dialect: Dialect) {
    let engine = table.options.engine.unwrap_or("InnoDB");
    let innodb = engine == "InnoDB";
    let columns = table.columns.clone();
    let partition = table.partitioning.as_ref().map(|p| p.column.clone());
    let table_collation = table.options.collation;
    let mut primary = false;
    let mut names = BTreeSet::new();
    let mut keys: Vec<Key> = Vec::new();
    for mut key in std::mem::take(&mut table.keys) {
        let find = |name: &str| columns.iter().find(|c| c.name == name);
        key.parts.retain(|p| find(&p.0).is_some());
        match key.kind {
            KeyKind::Fulltext => {
                let collation = |name: &str| find(name).map(|c| c.collation.or(table_collation));
                let first = key
                    .parts
                    .iter()
                    .find(|p| find(&p.0).is_some_and(|c| matches!(c.class, Class::Text | Class::LongText)))
                    .map(|p| p.0.clone());
                key.parts.retain(|p| {
                    let column = find(&p.0).expect("a column");
                    let same = first.as_ref().is_some_and(|f| collation(f) == collation(&p.0));
                    matches!(column.class, Class::Text | Class::LongText)
                        && same
                        && column.generated.is_none()
                        && collation(&p.0).flatten().is_none_or(|c| c.0 != "ucs2")
                });
                key.parts.iter_mut().for_each(|p| (p.1, p.2) = (None, false));
                key.using = None;
                if partition.is_some() || engine == "MEMORY" {
                    continue;
                }
            }
            KeyKind::Spatial => {
                key.parts.retain(|p| {
                    find(&p.0).is_some_and(|c| c.class == Class::Geometry && !c.nullable && c.generated.is_none())
                });
                key.parts.truncate(1);
                key.parts.iter_mut().for_each(|p| (p.1, p.2) = (None, false));
                key.using = None;
                if partition.is_some() || engine == "MEMORY" {
                    continue;
                }
            }
            KeyKind::Functional => {
                key.parts.retain(|p| find(&p.0).is_some_and(|c| c.class == Class::Text && c.generated.is_none()));
                key.parts.truncate(1);
                key.parts.iter_mut().for_each(|p| p.1 = None);
                if !innodb || partition.is_some() {
                    continue;
                }
            }
            KeyKind::Plain | KeyKind::Unique | KeyKind::Primary => {
                key.parts.retain(|p| {
                    let c = find(&p.0).expect("a column");
                    let suits = !matches!(c.class, Class::Json | Class::Geometry | Class::Other);
                    let is_virtual = c.generated.as_ref().is_some_and(|g| !g.2);
                    suits
                        && !(is_virtual && (!innodb || key.kind == KeyKind::Primary))
                        && !(key.kind == KeyKind::Primary && c.generated.is_some())
                });
                for part in &mut key.parts {
                    let column = find(&part.0).expect("a column");
                    let long = matches!(column.class, Class::LongText | Class::LongBinary) || column.length > 64;
                    let may = matches!(column.class, Class::Text | Class::Binary) && column.length > 10;
                    part.1 = if long {
                        part.1.or(Some(10))
                    } else if may {
                        part.1
                    } else {
                        None
                    };
                    part.2 &= innodb;
                    if column.generated.is_some() && part.1.is_some() {
                        part.1 = Some(5);
                    }
                }
            }
        }
        if key.parts.is_empty() {
            continue;
        }
        let unique = matches!(key.kind, KeyKind::Unique | KeyKind::Primary);
        if unique && partition.as_ref().is_some_and(|p| !key.parts.iter().any(|q| q.0 == *p)) {
            continue;
        }
        if key.kind == KeyKind::Primary {
            if std::mem::replace(&mut primary, true) {
                continue;
            }
            key.invisible = false;
            key.name = None;
            for part in &key.parts {
                let column = table.columns.iter_mut().find(|c| c.name == part.0).expect("a column");
                column.nullable = false;
                if column.default.as_deref() == Some("NULL") {
                    column.default = None;
                }
                if column.invisible && column.default.is_none() {
                    column.invisible = false;
                }
            }
        }
        if let Some(name) = &key.name
            && !names.insert(name.to_lowercase())
        {
            key.name = Some(format!("k_{}", names.len()));
            names.insert(format!("k_{}", names.len()));
        }
        // The implicit primary key may not be invisible (MySQL), nor a primary key be ignored (MariaDB).
        key.invisible &= !unique;
        let _ = dialect;
        keys.push(key);
    }
    table.keys = keys;
}

/// Whether a foreign key is one that every target takes.
fn refers_well(key: &ForeignKey, own: &Table, schema: &Schema, dialect: Dialect) -> bool {
    // MariaDB does not double the backticks of these names.
    if dialect == Dialect::MariaDb
        && key.columns.iter().chain(&key.referenced).chain([&key.table, &own.name]).any(|n| n.contains('`'))
    {
        return false;
    }
    let Some(other) = schema.tables.iter().find(|t| t.name == key.table) else { return false };
    let innodb = |t: &Table| t.options.engine.unwrap_or("InnoDB") == "InnoDB" && t.partitioning.is_none();
    let unique = other.keys.iter().any(|k| {
        matches!(k.kind, KeyKind::Primary | KeyKind::Unique)
            && k.parts.len() == key.referenced.len()
            && k.parts.iter().zip(&key.referenced).all(|(p, r)| p.0 == *r && p.1.is_none())
    });
    let fits = |(a, b): (&String, &String)| {
        let (Some(a), Some(b)) =
            (own.columns.iter().find(|c| c.name == *a), other.columns.iter().find(|c| c.name == *b))
        else {
            return false;
        };
        let collation = |c: &super::column::Column, t: &Table| c.collation.or(t.options.collation);
        let characters = matches!(a.class, Class::Text | Class::Enum | Class::Set);
        let cascades = key.on_delete.is_some() || key.on_update.is_some();
        let is_base = own.columns.iter().any(|c| c.generated.as_ref().is_some_and(|g| g.1 == a.name));
        a.data_type == b.data_type
            && (!characters || collation(a, own) == collation(b, other))
            && a.generated.is_none()
            && b.generated.is_none()
            && !matches!(a.class, Class::LongText | Class::LongBinary | Class::Json | Class::Geometry)
            && (a.nullable || ![key.on_delete, key.on_update].contains(&Some("SET NULL")))
            && !(is_base && cascades)
            && !(dialect == Dialect::MariaDb && key.on_update == Some("CASCADE") && b.nullable && !a.nullable)
    };
    innodb(own)
        && innodb(other)
        && unique
        && key.columns.len() == key.referenced.len()
        && key.columns.iter().zip(&key.referenced).all(fits)
}
