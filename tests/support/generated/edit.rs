//! Edits of a schema. They may break it: [`super::repair`] makes it valid again.

use super::column::{self, Class, Column};
use super::{
    COLLATIONS, COMMENTS, Check, Dialect, ForeignKey, Key, KeyKind, Options, Partitioning, Schema, Table, Tape,
};

/// Adds a table.
pub fn add_table(schema: &mut Schema, tape: &mut Tape<'_>, dialect: Dialect) {
    let mut table = Table {
        name: super::fresh_table(schema, tape),
        columns: Vec::new(),
        keys: Vec::new(),
        foreign_keys: Vec::new(),
        checks: Vec::new(),
        options: Options::default(),
        partitioning: None,
        late: false,
    };
    for _ in 0..=tape.below(8) {
        let column = column::fresh(&table, tape, dialect);
        table.columns.push(column);
    }
    if tape.chance(70) {
        add_key(&mut table, tape, dialect, Some(KeyKind::Primary));
    }
    for _ in 0..tape.below(4) {
        add_key(&mut table, tape, dialect, None);
    }
    if tape.chance(30) {
        add_check(&mut table, tape);
    }
    if tape.chance(60) {
        table.options = options(tape);
    }
    if tape.chance(15) {
        table.partitioning = partitioning(&table, tape);
    }
    table.late = tape.chance(30);
    schema.tables.push(table);
}

/// Changes one thing.
pub fn edit(schema: &mut Schema, tape: &mut Tape<'_>, dialect: Dialect) {
    let kind = tape.below(22);
    match kind {
        18 => return add_table(schema, tape, dialect),
        19 => {
            if schema.tables.len() > 1 {
                let at = tape.below(schema.tables.len());
                schema.tables.remove(at);
            }
            return;
        }
        20 => return add_foreign_key(schema, tape),
        21 => {
            let at = tape.below(schema.tables.len());
            return schema.tables.rotate_left(at);
        }
        _ => {}
    }
    let at = tape.below(schema.tables.len());
    let table = &mut schema.tables[at];
    let columns = table.columns.len();
    match kind {
        0 | 1 => {
            let column = column::fresh(table, tape, dialect);
            let place = tape.below(columns + 1);
            table.columns.insert(place, column);
        }
        2 => {
            if columns > 1 {
                table.columns.remove(tape.below(columns));
            }
        }
        3 | 4 => {
            let at = tape.below(columns);
            let changed = column::column(table.columns[at].name.clone(), table, tape, dialect);
            table.columns[at] = changed;
        }
        5 | 6 => {
            let at = tape.below(columns);
            let mut changed = table.columns[at].clone();
            column::attributes(&mut changed, table, tape, dialect);
            table.columns[at] = changed;
        }
        7 => {
            let column = table.columns.remove(tape.below(columns));
            let to = tape.below(columns);
            table.columns.insert(to, column);
        }
        8 => {
            // A rename, as a tool sees it that is told nothing: dropped and added.
            let at = tape.below(columns);
            let name = column::fresh(table, tape, dialect).name;
            let old = std::mem::replace(&mut table.columns[at].name, name.clone());
            for part in table.keys.iter_mut().flat_map(|k| &mut k.parts).filter(|p| p.0 == old) {
                part.0.clone_from(&name);
            }
        }
        9 | 10 => add_key(table, tape, dialect, None),
        11 => {
            if !table.keys.is_empty() {
                table.keys.remove(tape.below(table.keys.len()));
            }
        }
        12 => {
            if !table.keys.is_empty() {
                let at = tape.below(table.keys.len());
                let name = table.keys[at].name.clone();
                table.keys.remove(at);
                add_key(table, tape, dialect, None);
                if let Some(key) = table.keys.last_mut() {
                    key.name = name;
                }
            }
        }
        13 => {
            if table.foreign_keys.is_empty() {
                add_key(table, tape, dialect, Some(KeyKind::Primary));
            } else {
                table.foreign_keys.remove(tape.below(table.foreign_keys.len()));
            }
        }
        14 => {
            if table.checks.is_empty() || tape.chance(50) {
                add_check(table, tape);
            } else {
                table.checks.remove(tape.below(table.checks.len()));
            }
        }
        15 | 16 => table.options = options(tape),
        _ => table.partitioning = if tape.chance(70) { partitioning(table, tape) } else { None },
    }
}

fn add_key(table: &mut Table, tape: &mut Tape<'_>, dialect: Dialect, kind: Option<KeyKind>) {
    let kind = kind.unwrap_or_else(|| {
        let functional = if dialect == Dialect::MySql { KeyKind::Functional } else { KeyKind::Plain };
        *tape.pick(&[
            KeyKind::Plain,
            KeyKind::Unique,
            KeyKind::Plain,
            KeyKind::Unique,
            KeyKind::Fulltext,
            KeyKind::Spatial,
            functional,
            KeyKind::Primary,
        ])
    });
    let mut parts: Vec<(String, Option<u32>, bool)> = Vec::new();
    for _ in 0..=tape.below(3) {
        let column = tape.pick(&table.columns);
        if !parts.iter().any(|(name, ..)| *name == column.name) {
            let long = matches!(column.class, Class::LongText | Class::LongBinary) || column.length > 100;
            let prefix =
                long || matches!(column.class, Class::Text | Class::Binary) && column.length > 10 && tape.chance(20);
            parts.push((column.name.clone(), prefix.then(|| *tape.pick(&[5, 10, 3])), tape.chance(15)));
        }
    }
    let names = ["k1", "Key 2", "k`3", "ключ", "k4"];
    table.keys.push(Key {
        kind,
        name: tape.chance(60).then(|| (*tape.pick(&names)).to_owned()),
        parts,
        comment: tape.chance(10).then(|| *tape.pick(&COMMENTS)),
        invisible: tape.chance(8),
        using: tape.chance(8).then_some("BTREE"),
    });
}

/// Adds a foreign key from some table to some key, with columns that suit.
pub fn add_foreign_key(schema: &mut Schema, tape: &mut Tape<'_>) {
    let to = tape.below(schema.tables.len());
    let from = tape.below(schema.tables.len());
    let unique =
        |k: &&Key| matches!(k.kind, KeyKind::Primary | KeyKind::Unique) && k.parts.iter().all(|p| p.1.is_none());
    let keys: Vec<&Key> = schema.tables[to].keys.iter().filter(unique).collect();
    if keys.is_empty() {
        return;
    }
    let key = keys[tape.below(keys.len())];
    let referenced: Vec<String> = key.parts.iter().map(|p| p.0.clone()).collect();
    let wanted: Vec<Column> =
        referenced.iter().filter_map(|r| schema.tables[to].columns.iter().find(|c| c.name == *r).cloned()).collect();
    if wanted.len() != referenced.len() {
        return;
    }
    let table_collation = schema.tables[to].options.collation;
    let name = tape.chance(60).then(|| format!("fk_{}", tape.below(50)));
    let table = schema.tables[to].name.clone();
    let mut columns = Vec::new();
    for column in wanted {
        let own = &mut schema.tables[from];
        let mut name = format!("{}_ref", column.name);
        if let Some(known) = own.columns.iter().find(|c| c.name == name) {
            name.clone_from(&known.name);
        } else {
            let nullable = tape.chance(60);
            let collation =
                column.collation.or(if matches!(column.class, Class::Text) { table_collation } else { None });
            own.columns.push(Column {
                name: name.clone(),
                nullable,
                default: None,
                on_update: false,
                auto_increment: false,
                generated: None,
                invisible: false,
                comment: None,
                collation,
                ..column
            });
        }
        columns.push(name);
    }
    let actions = [None, None, Some("CASCADE"), Some("RESTRICT"), Some("NO ACTION"), Some("SET NULL")];
    let (on_delete, on_update) = (*tape.pick(&actions), *tape.pick(&actions));
    schema.tables[from].foreign_keys.push(ForeignKey { name, columns, table, referenced, on_delete, on_update });
}

fn add_check(table: &mut Table, tape: &mut Tape<'_>) {
    let column = tape.pick(&table.columns).name.clone();
    let name = tape.chance(60).then(|| format!("chk_{}", tape.below(50)));
    table.checks.push(Check { name, column, which: tape.below(3), enforced: !tape.chance(15) });
}

fn options(tape: &mut Tape<'_>) -> Options {
    let engine = match tape.below(10) {
        7 => Some("MyISAM"),
        8 => Some("MEMORY"),
        9 => Some("InnoDB"),
        1..4 => Some("InnoDB"),
        _ => None,
    };
    let mut others = Vec::new();
    for group in [
        &["ROW_FORMAT=DYNAMIC", "ROW_FORMAT=COMPACT", "ROW_FORMAT=REDUNDANT"][..],
        &["STATS_PERSISTENT=1", "STATS_PERSISTENT=0"],
        &["MAX_ROWS=1000", "MIN_ROWS=10"],
        &["AVG_ROW_LENGTH=100"],
        &["CHECKSUM=1"],
        &["STATS_AUTO_RECALC=1", "STATS_SAMPLE_PAGES=7"],
        &["DELAY_KEY_WRITE=1"],
        &["PACK_KEYS=1"],
    ] {
        if tape.chance(8) {
            others.push(*tape.pick(group));
        }
    }
    Options {
        engine,
        collation: tape.chance(50).then(|| *tape.pick(&COLLATIONS)),
        comment: tape.chance(30).then(|| *tape.pick(&COMMENTS)),
        others,
        auto_increment: tape.chance(20).then(|| tape.below(1000) + 1),
    }
}

fn partitioning(table: &Table, tape: &mut Tape<'_>) -> Option<Partitioning> {
    let method =
        *tape.pick(&["HASH", "KEY", "RANGE", "LIST", "RANGE COLUMNS", "LIST COLUMNS", "LINEAR HASH", "LINEAR KEY"]);
    let column = table.columns.iter().find(|c| c.class == Class::Integer && c.generated.is_none())?;
    Some(Partitioning { method, column: column.name.clone(), count: tape.below(4) + 1, named: tape.chance(50) })
}
