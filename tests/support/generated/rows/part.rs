//! What a table has besides its columns, and what is computed from them.

use super::super::column::{Class, Column};
use super::super::print::quoted;
use super::super::{Dialect, Tape};
use super::column::{of_class, word};
use super::table::{Key, Table};

pub(super) fn add_unique(table: &mut Table, tape: &mut Tape<'_>, dialect: Dialect) {
    let column = tape.pick(&table.columns).clone();
    if column.class == Class::Geometry {
        return;
    }
    if dialect == Dialect::MySql && tape.chance(15) && matches!(column.class, Class::Text | Class::Integer) {
        let expression = if column.class == Class::Text { "lower({})" } else { "{} % 10" };
        let expression = expression.replace("{}", &quoted(&column.name));
        table.keys.push(Key { primary: false, parts: Vec::new(), expression: Some(expression) });
        return;
    }
    let mut parts = vec![(column.name.clone(), prefix(&column))];
    if column.class == Class::Text && column.length > 1 && tape.chance(20) {
        parts[0].1 = Some(1.max(column.length / 4));
    }
    let second = tape.pick(&table.columns);
    if second.name != column.name && tape.chance(25) {
        parts.push((second.name.clone(), prefix(second)));
    }
    table.keys.push(Key { primary: false, parts, expression: None });
}

/// How much of a column a key takes.
pub(super) fn prefix(column: &Column) -> Option<u32> {
    match column.class {
        Class::LongText | Class::LongBinary => Some(8),
        Class::Text if column.length > 100 => Some(20),
        _ => None,
    }
}

pub(super) fn refer(table: &mut Table, tape: &mut Tape<'_>) {
    if table.reference.take().is_some() {
        return;
    }
    let fits =
        |c: &&mut Column| matches!(c.class, Class::Integer | Class::Text) && c.name != "id" && c.generated.is_none();
    let Some(column) = table.columns.iter_mut().find(fits) else { return };
    let action = word(tape, &["", " ON DELETE CASCADE", " ON UPDATE CASCADE"]);
    let to = if column.class == Class::Text { "code" } else { "id" };
    table.reference = Some(format!("CONSTRAINT fk FOREIGN KEY ({}) REFERENCES p ({to}){action}", quoted(&column.name)));
}

pub(super) fn add_check(table: &mut Table, tape: &mut Tape<'_>, dialect: Dialect) {
    let column = tape.pick(&table.columns);
    let name = quoted(&column.name);
    let list: &[&str] = match column.class {
        Class::Integer | Class::Real | Class::Year => &[
            "{} > 0",
            "{} between 0 and 300",
            "{} <> 7",
            "{} in (0, 1, 7, 100)",
            "{} % 2 = 0 or {} is null",
            "not ({} < 0)",
        ],
        Class::Text | Class::LongText => &[
            "char_length({}) > 1",
            "{} <> 'a'",
            "{} like 'a%'",
            "{} regexp '^[a-z]*$'",
            "length({}) < 5",
            "{} in ('a', 'b', '12')",
            "{} = upper({})",
            "{} is not null and trim({}) <> ''",
            "{} > 5",
            "{} + 0 < 100",
        ],
        Class::Binary | Class::LongBinary => &["length({}) > 1", "{} <> 'a'", "hex({}) <> '00'"],
        Class::Date | Class::DateTime(_) | Class::Timestamp(_) => {
            &["year({}) > 2000", "{} > '2000-01-01'", "{} is not null", "month({}) <> 2"]
        }
        Class::Time => &["{} > '00:00:00'", "hour({}) < 12"],
        Class::Enum | Class::Set => {
            &["{} <> 'a'", "{} in ('a', 'b')", "{} is not null", "{} < 3", "{} + 0 <> 2", "if({} = 'a', {} * 2, 1) > 1"]
        }
        Class::Json => &[
            "json_valid({})",
            "json_length({}) > 0",
            "json_type({}) <> 'ARRAY'",
            "json_extract({}, '$.a') is not null",
        ],
        Class::Bit => &["{} > 0", "{} <> 1"],
        Class::Geometry | Class::Other => &["{} is not null"],
    };
    let expression = word(tape, list).replace("{}", &name);
    let enforced = if dialect == Dialect::MySql && tape.chance(10) { " NOT ENFORCED" } else { "" };
    let number = table.checks.len();
    table.checks.push(format!("CONSTRAINT ck{number} CHECK ({expression}){enforced}"));
}

pub(super) fn add_generated(table: &mut Table, tape: &mut Tape<'_>, dialect: Dialect) {
    if table.columns.iter().any(|c| c.name == "g") {
        return;
    }
    let plain: Vec<&Column> = table.columns.iter().filter(|c| c.generated.is_none() && !c.auto_increment).collect();
    if plain.is_empty() {
        return;
    }
    let base = (*tape.pick(&plain)).clone();
    let expression = computed(&base, tape, dialect);
    let class = *tape.pick(&[
        Class::Text,
        Class::Integer,
        Class::Real,
        Class::Text,
        Class::Date,
        Class::LongText,
        Class::Binary,
    ]);
    let mut column = of_class("g", class, tape, dialect);
    column.nullable = dialect == Dialect::MariaDb || tape.chance(80);
    column.generated = Some((expression, base.name.clone(), tape.chance(60)));
    table.columns.push(column);
    if tape.chance(25) {
        let column = table.columns.last().expect("a column");
        let parts = vec![("g".to_owned(), prefix(column))];
        table.keys.push(Key { primary: false, parts, expression: None });
    }
}

/// An expression over a column.
pub(super) fn computed(base: &Column, tape: &mut Tape<'_>, dialect: Dialect) -> String {
    let list: &[&str] = match base.class {
        Class::Integer | Class::Real | Class::Year => &[
            "{} + 1",
            "{} * 1000",
            "{} % 7",
            "abs({})",
            "round({}, 1)",
            "concat({}, 'x')",
            "{} div 3",
            "{} / 3",
            "if({} > 5, null, {})",
            "coalesce({}, 0)",
            "case when {} in (1, 7) then -1 else {} end",
            "100 / {}",
        ],
        Class::Text | Class::LongText => &[
            "upper({})",
            "concat({}, {})",
            "left({}, 2)",
            "char_length({})",
            "replace({}, 'a', 'bb')",
            "trim({})",
            "hex({})",
            "coalesce({}, '')",
            "cast({} as unsigned)",
            "cast({} as date)",
            "nullif({}, 'a')",
            "{} + 0",
        ],
        Class::Date | Class::DateTime(_) => &[
            "year({})",
            "cast({} as date)",
            "{} + interval 1 day",
            "date_format({}, '%Y-%m')",
            "to_days({})",
            "concat({}, '')",
        ],
        Class::Timestamp(_) => &["coalesce({}, null)", "{}"],
        Class::Time => &["hour({})", "time_to_sec({})", "concat({}, '')"],
        Class::Json => match dialect {
            Dialect::MySql => &[
                "json_unquote(json_extract({}, '$.a'))",
                "json_length({})",
                "json_type({})",
                "cast(json_extract({}, '$.a') as unsigned)",
                "{}->>'$.a'",
            ],
            Dialect::MariaDb => {
                &["json_value({}, '$.a')", "json_length({})", "json_type({})", "json_extract({}, '$.a')"]
            }
        },
        Class::Bit => &["{} + 0", "hex({})"],
        Class::Enum | Class::Set => &["concat({}, '!')", "{} + 0", "upper({})"],
        Class::Binary | Class::LongBinary => &["hex({})", "length({})", "left({}, 2)", "concat({}, {})"],
        Class::Geometry => &["st_astext({})"],
        Class::Other => &["concat({}, '')", "hex({})"],
    };
    word(tape, list).replace("{}", &quoted(&base.name))
}

pub(super) fn partition(table: &mut Table, tape: &mut Tape<'_>) {
    if table.partitions.take().is_some() && tape.chance(40) {
        return;
    }
    let column = tape.pick(&table.columns);
    let name = quoted(&column.name);
    let list: &[&str] = match column.class {
        Class::Integer => &[
            "RANGE ({}) (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN (1000))",
            "RANGE ({}) (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN MAXVALUE)",
            "RANGE ({}) (PARTITION a VALUES LESS THAN (1), PARTITION c VALUES LESS THAN (10), PARTITION b VALUES LESS THAN (1000))",
            "RANGE ({}) (PARTITION b VALUES LESS THAN (1000))",
            "RANGE COLUMNS ({}) (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN (1000))",
            "LIST ({}) (PARTITION a VALUES IN (0, 1, 7), PARTITION b VALUES IN (100, 300, NULL))",
            "LIST ({}) (PARTITION a VALUES IN (0, 1, 7))",
            "HASH ({}) PARTITIONS 3",
            "HASH ({}) PARTITIONS 2",
        ],
        Class::Date | Class::DateTime(_) => &[
            "RANGE COLUMNS ({}) (PARTITION a VALUES LESS THAN ('2000-01-01'), PARTITION b VALUES LESS THAN ('2030-01-01'))",
            "RANGE (TO_DAYS({})) (PARTITION a VALUES LESS THAN (700000), PARTITION b VALUES LESS THAN (740000))",
            "RANGE (YEAR({})) (PARTITION a VALUES LESS THAN (2000), PARTITION b VALUES LESS THAN (2021))",
            "LIST (MONTH({})) (PARTITION a VALUES IN (1, 2, 3), PARTITION b VALUES IN (12))",
        ],
        Class::Text => &[
            "LIST COLUMNS ({}) (PARTITION a VALUES IN ('a', 'b'), PARTITION b VALUES IN ('12', ''))",
            "RANGE COLUMNS ({}) (PARTITION a VALUES LESS THAN ('b'), PARTITION b VALUES LESS THAN ('z'))",
            "KEY ({}) PARTITIONS 2",
        ],
        _ => &["KEY ({}) PARTITIONS 2"],
    };
    table.partitions = Some((column.name.clone(), word(tape, list).replace("{}", &name)));
}
