//! ALTER statements made of chance, over a table as it is now. They may be wrong: then everybody has to say so.

use super::column::{self, Class, Column};
use super::print::quoted;
use super::{COLLATIONS, Dialect, KeyKind, Schema, Table, Tape};

/// Names that a statement gives; some stand in the table already.
const COLUMNS: [&str; 6] = ["id", "Name", "größe", "extra", "b`k", "value"];
const KEYS: [&str; 5] = ["k1", "Key 2", "ключ", "id", "name"];
/// How many of a hundred columns are made such that nothing speaks against them by themselves.
const SOUND: usize = 90;

/// Makes a statement that alters one table of a schema.
pub fn statement(schema: &Schema, tape: &mut Tape<'_>, dialect: Dialect) -> String {
    let table = tape.pick(&schema.tables);
    let name = quoted(&table.name);
    match tape.below(12) {
        0 => return create_index(table, tape),
        1 if !table.keys.is_empty() => {
            let key = tape.pick(&table.keys).name.clone().unwrap_or_default();
            return format!("DROP INDEX {} ON {name}", quoted(&key));
        }
        2 if table.partitioning.is_some() || tape.chance(25) => {
            return format!("ALTER TABLE {name} {}", partitions(table, tape));
        }
        _ => {}
    }
    let mut actions = Vec::new();
    for _ in 0..=*tape.pick(&[0, 0, 0, 1, 1, 2]) {
        actions.push(match tape.below(5) {
            0 => rare(table, tape, dialect),
            _ => action(schema, table, tape, dialect),
        });
    }
    format!("ALTER TABLE {name} {}", actions.join(", "))
}

/// Actions that change how a table is divided.
fn partitions(table: &Table, tape: &mut Tape<'_>) -> String {
    let column = quoted(&tape.pick(&table.columns).name);
    let Some(current) = &table.partitioning else {
        return match tape.below(5) {
            0 => format!("PARTITION BY HASH ({column}) PARTITIONS 3"),
            1 => format!("PARTITION BY KEY ({column}) PARTITIONS 2"),
            2 => format!(
                "PARTITION BY RANGE ({column}) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)"
            ),
            3 => format!(
                "PARTITION BY LIST ({column}) (PARTITION p0 VALUES IN (1, 2), PARTITION p1 VALUES IN (3, NULL))"
            ),
            _ => "REMOVE PARTITIONING".to_owned(),
        };
    };
    let one = |tape: &mut Tape<'_>| format!("p{}", tape.below(current.count + 1));
    let bound = 10 * current.count;
    match (tape.below(9), current.method) {
        (0 | 1, "RANGE") => format!("ADD PARTITION (PARTITION p{} VALUES LESS THAN ({}))", current.count, bound + 10),
        (0 | 1, "LIST") => format!("ADD PARTITION (PARTITION p{} VALUES IN ({}))", current.count, bound + 1),
        (0 | 1, _) => format!("ADD PARTITION PARTITIONS {}", 1 + tape.below(2)),
        (2, _) => format!("DROP PARTITION {}", one(tape)),
        (3, _) => format!("COALESCE PARTITION {}", 1 + tape.below(2)),
        (4, "LIST") => {
            "REORGANIZE PARTITION p0 INTO (PARTITION n0 VALUES IN (0), PARTITION n1 VALUES IN (1))".to_owned()
        }
        (4, _) => {
            "REORGANIZE PARTITION p0 INTO (PARTITION n0 VALUES LESS THAN (5), PARTITION n1 VALUES LESS THAN (10))"
                .to_owned()
        }
        (5, _) => "REMOVE PARTITIONING".to_owned(),
        (6, _) => format!("PARTITION BY HASH ({column}) PARTITIONS {}", 1 + tape.below(3)),
        (7, _) => format!("TRUNCATE PARTITION {}", one(tape)),
        _ => format!("REBUILD PARTITION {}", one(tape)),
    }
}

/// Actions that people write seldom.
fn rare(table: &Table, tape: &mut Tape<'_>, dialect: Dialect) -> String {
    let known = |tape: &mut Tape<'_>| tape.pick(&table.columns).clone();
    let mysql = dialect == Dialect::MySql;
    match tape.below(12) {
        0 => format!("ORDER BY {}", quoted(&known(tape).name)),
        1 => {
            let name = known(tape).name;
            format!("DROP COLUMN {0}, ADD COLUMN {1}", quoted(&name), definition(name.clone(), table, tape, dialect))
        }
        2 if !table.keys.is_empty() => {
            let name = tape.pick(&table.keys).name.clone().unwrap_or_default();
            format!("DROP KEY {0}, ADD KEY {0} {1}", quoted(&name), parts(table, tape))
        }
        3 if mysql => {
            let column = known(tape);
            let expression = match column.class {
                Class::Integer | Class::Real => format!("{} + 1", quoted(&column.name)),
                Class::Text => format!("concat({}, 'x')", quoted(&column.name)),
                _ => format!("{} is null", quoted(&column.name)),
            };
            format!("ADD KEY {} (({expression}))", quoted(tape.pick::<&str>(&KEYS)))
        }
        4 => format!("ADD SPATIAL KEY {} ({})", quoted(tape.pick::<&str>(&KEYS)), quoted(&known(tape).name)),
        5 => {
            let hidden = if mysql { "INVISIBLE" } else { "IGNORED" };
            format!("ADD KEY {} {} {hidden}", quoted(tape.pick::<&str>(&KEYS)), parts(table, tape))
        }
        6 if mysql && !table.checks.is_empty() => {
            let name = tape.pick(&table.checks).name.clone().unwrap_or_default();
            format!("ALTER CHECK {} {}", quoted(&name), tape.pick(&["ENFORCED", "NOT ENFORCED"]))
        }
        6 if !mysql => {
            let name = *tape.pick(&COLUMNS);
            match tape.below(4) {
                0 => format!("DROP COLUMN IF EXISTS {}", quoted(name)),
                1 => format!("MODIFY COLUMN IF EXISTS {}", definition(name.to_owned(), table, tape, dialect)),
                2 => format!("ADD COLUMN IF NOT EXISTS {}", definition(name.to_owned(), table, tape, dialect)),
                _ => format!("DROP KEY IF EXISTS {}", quoted(tape.pick::<&str>(&KEYS))),
            }
        }
        8 => {
            let column = known(tape);
            let value = if column.class == Class::Text { "(concat('a', 'b'))" } else { "(1 + 1)" };
            format!("ALTER COLUMN {} SET DEFAULT {value}", quoted(&column.name))
        }
        9 => {
            let column = known(tape);
            let condition = match column.class {
                Class::Time => "> '10:00:00'",
                Class::Date | Class::DateTime(_) | Class::Timestamp(_) => "> '2020-01-01'",
                Class::Year => "> 1999",
                Class::Integer => "= '7'",
                _ => "<> ''",
            };
            format!("ADD CHECK ({} {condition})", quoted(&column.name))
        }
        10 => "CONVERT TO CHARACTER SET utf8mb4".to_owned(),
        _ => format!("RENAME COLUMN {0} TO {1}, ADD KEY ({1})", quoted(&known(tape).name), quoted(&fresh(table, tape))),
    }
}

fn action(schema: &Schema, table: &Table, tape: &mut Tape<'_>, dialect: Dialect) -> String {
    let known = |tape: &mut Tape<'_>| quoted(&tape.pick(&table.columns).name);
    let mysql = dialect == Dialect::MySql;
    match tape.below(30) {
        0..=3 => {
            let name = fresh(table, tape);
            format!("ADD COLUMN {}{}", definition(name, table, tape, dialect), position(table, tape))
        }
        4 | 5 => format!("DROP COLUMN {}", known(tape)),
        6..=9 => {
            let name = tape.pick(&table.columns).name.clone();
            format!("MODIFY COLUMN {}{}", definition(name, table, tape, dialect), position(table, tape))
        }
        10 | 11 => {
            let (from, to) = (known(tape), fresh(table, tape));
            format!("CHANGE COLUMN {from} {}{}", definition(to, table, tape, dialect), position(table, tape))
        }
        12 | 13 => format!("RENAME COLUMN {} TO {}", known(tape), quoted(&fresh(table, tape))),
        14 => {
            let column = tape.pick(&table.columns).clone();
            let value = column::default(column.class, column.nullable, tape, dialect);
            match value.filter(|v| !v.starts_with("CURRENT")) {
                Some(value) => format!("ALTER COLUMN {} SET DEFAULT {value}", quoted(&column.name)),
                None => format!("ALTER COLUMN {} DROP DEFAULT", quoted(&column.name)),
            }
        }
        15 => format!("ALTER COLUMN {} DROP DEFAULT", known(tape)),
        16 | 17 => format!("ADD {}", key(table, tape)),
        18 => format!("ADD PRIMARY KEY {}", parts(table, tape)),
        19 | 20 if !table.keys.is_empty() => match &tape.pick(&table.keys) {
            key if key.kind == KeyKind::Primary => "DROP PRIMARY KEY".to_owned(),
            key => format!("DROP KEY {}", quoted(key.name.as_deref().unwrap_or_default())),
        },
        21 if !table.keys.is_empty() => {
            let from = tape.pick(&table.keys).name.clone().unwrap_or_default();
            format!("RENAME KEY {} TO {}", quoted(&from), quoted(tape.pick::<&str>(&KEYS)))
        }
        22 if !table.keys.is_empty() => {
            let name = tape.pick(&table.keys).name.clone().unwrap_or_default();
            let word = if mysql { ["INVISIBLE", "VISIBLE"] } else { ["IGNORED", "NOT IGNORED"] };
            format!("ALTER INDEX {} {}", quoted(&name), tape.pick(&word))
        }
        23 => {
            let column = tape.pick(&table.columns);
            let condition = match column.class {
                Class::Integer | Class::Real => format!("{} > 0", quoted(&column.name)),
                Class::Text => format!("char_length({}) > 2 or {0} = 'a'", quoted(&column.name)),
                _ => format!("{} is not null", quoted(&column.name)),
            };
            let named = if tape.chance(60) { format!("CONSTRAINT chk_{} ", tape.below(20)) } else { String::new() };
            format!("ADD {named}CHECK ({condition})")
        }
        24 if !table.checks.is_empty() => {
            let name = tape.pick(&table.checks).name.clone().unwrap_or_default();
            format!("DROP CONSTRAINT {}", quoted(&name))
        }
        25 => add_foreign_key(schema, table, tape, dialect),
        26 if !table.foreign_keys.is_empty() => {
            let name = tape.pick(&table.foreign_keys).name.clone().unwrap_or_default();
            format!("DROP FOREIGN KEY {}", quoted(&name))
        }
        27 => {
            let (charset, collation) = *tape.pick(&COLLATIONS);
            let verb = tape.pick(&["CONVERT TO CHARACTER SET", "DEFAULT CHARACTER SET"]);
            format!("{verb} {charset} COLLATE {collation}")
        }
        28 if mysql && tape.chance(50) => {
            format!("ALTER COLUMN {} SET {}", known(tape), tape.pick(&["INVISIBLE", "VISIBLE"]))
        }
        _ => {
            const OPTIONS: [&str; 9] = [
                "COMMENT='two\nlines'",
                "COMMENT=''",
                "ROW_FORMAT=DYNAMIC",
                "ROW_FORMAT=DEFAULT",
                "ENGINE=InnoDB",
                "ENGINE=MyISAM",
                "STATS_PERSISTENT=1",
                "AUTO_INCREMENT=77",
                "MAX_ROWS=10",
            ];
            (*tape.pick(&OPTIONS)).to_owned()
        }
    }
}

fn fresh(table: &Table, tape: &mut Tape<'_>) -> String {
    let name = match *tape.pick(&COLUMNS) {
        // MariaDB prints names in a foreign key without doubling their backticks.
        "b`k" if !table.foreign_keys.is_empty() => "bk",
        name => name,
    };
    if table.columns.iter().any(|c| c.name.eq_ignore_ascii_case(name)) && tape.chance(90) {
        return format!("c{}", tape.below(20));
    }
    name.to_owned()
}

fn definition(name: String, table: &Table, tape: &mut Tape<'_>, dialect: Dialect) -> String {
    let mut made = column::column(name, table, tape, dialect);
    made.auto_increment &= tape.chance(20);
    if tape.chance(SOUND) {
        settle(&mut made);
    }
    let mut text = super::print::column(&made);
    if made.generated.is_none() {
        text.push_str(match tape.below(30) {
            0 => " UNIQUE",
            1 if !made.nullable => " PRIMARY KEY",
            _ => "",
        });
    }
    text
}

/// Takes away what speaks against a column by itself.
fn settle(column: &mut Column) {
    if column.generated.is_some() {
        (column.default, column.on_update, column.auto_increment, column.nullable) = (None, false, false, true);
    }
    if column.auto_increment {
        (column.nullable, column.default) = (false, None);
    }
    if !column.nullable && column.default.as_deref() == Some("NULL") {
        column.default = None;
    }
    column.invisible &= column.nullable || column.default.is_some();
}

fn position(table: &Table, tape: &mut Tape<'_>) -> String {
    match tape.below(5) {
        0 => " FIRST".to_owned(),
        1 => format!(" AFTER {}", quoted(&tape.pick(&table.columns).name)),
        _ => String::new(),
    }
}

fn key(table: &Table, tape: &mut Tape<'_>) -> String {
    let named = if tape.chance(60) { format!(" {}", quoted(tape.pick::<&str>(&KEYS))) } else { String::new() };
    format!("{}{named} {}", tape.pick(&["KEY", "UNIQUE KEY", "KEY", "UNIQUE KEY", "FULLTEXT KEY"]), parts(table, tape))
}

fn create_index(table: &Table, tape: &mut Tape<'_>) -> String {
    let (kind, name) = (*tape.pick(&["", "UNIQUE "]), quoted(tape.pick::<&str>(&KEYS)));
    format!("CREATE {kind}INDEX {name} ON {} {}", quoted(&table.name), parts(table, tape))
}

fn parts(table: &Table, tape: &mut Tape<'_>) -> String {
    let mut parts: Vec<(String, String)> = Vec::new();
    for _ in 0..=tape.below(2) {
        let column = tape.pick(&table.columns);
        let long = matches!(column.class, Class::LongText | Class::LongBinary | Class::Json);
        let prefix = match column.class {
            Class::Text | Class::Binary if column.length > 60 || column.length > 10 && tape.chance(30) => "(5)",
            _ if long && tape.chance(95) => "(7)",
            _ => "",
        };
        let descending = if tape.chance(10) { " DESC" } else { "" };
        let shape = column.class == Class::Geometry && !parts.is_empty();
        if !shape && !parts.iter().any(|(name, _)| *name == column.name) {
            parts.push((column.name.clone(), format!("{}{prefix}{descending}", quoted(&column.name))));
        }
    }
    format!("({})", parts.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(", "))
}

/// A foreign key from a column to one of the same class that leads a unique key.
fn add_foreign_key(schema: &Schema, table: &Table, tape: &mut Tape<'_>, dialect: Dialect) -> String {
    let own = tape.pick(&table.columns);
    let to = tape.pick(&schema.tables);
    let leads = |c: &&Column| to.keys.iter().any(|k| k.parts.first().is_some_and(|p| p.0 == c.name));
    let candidates: Vec<&Column> = to.columns.iter().filter(leads).collect();
    let referenced = if candidates.is_empty() { &to.columns[0] } else { *tape.pick(&candidates) };
    let named = if tape.chance(60) { format!("CONSTRAINT fk_{} ", tape.below(20)) } else { String::new() };
    // MariaDB prints names in a foreign key without doubling their backticks.
    if dialect == Dialect::MariaDb
        && [&own.name, &to.name, &table.name, &referenced.name].iter().any(|n| n.contains('`'))
    {
        return "COMMENT='no key'".to_owned();
    }
    let action = tape.pick(&["", "", " ON DELETE CASCADE", " ON DELETE SET NULL", " ON UPDATE NO ACTION"]);
    format!(
        "ADD {named}FOREIGN KEY ({}) REFERENCES {} ({}){action}",
        quoted(&own.name),
        quoted(&to.name),
        quoted(&referenced.name)
    )
}
