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
            "{} div 2 < 100",
            "abs({}) < 1000",
            "100 / {} > 0.1",
            "{} & 1 = 0",
            "{} not between 5 and 8",
            "{} = round({})",
            "char_length({}) < 4",
            "{} like '1%'",
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
            "{} not in ('x', 'y') and {} <> 'z'",
            "{} between 'a' and 'm'",
            "left({}, 1) <> 'b'",
            "cast({} as signed) >= 0",
            "{} > '2000-01-01'",
            "json_valid({})",
            "locate('a', {}) = 0",
            "{} rlike '^.{1,3}$'",
        ],
        Class::Binary | Class::LongBinary => &["length({}) > 1", "{} <> 'a'", "hex({}) <> '00'"],
        Class::Date | Class::DateTime(_) | Class::Timestamp(_) => &[
            "year({}) > 2000",
            "{} > '2000-01-01'",
            "{} is not null",
            "month({}) <> 2",
            "dayofweek({}) <> 7",
            "{} < '2038-01-19'",
            "{} + interval 1 year > '2000-01-01'",
            "date_format({}, '%d') <> '29'",
        ],
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
    let expression = computed_of(&table.columns, &base, tape, dialect);
    let class = *tape.pick(&[
        Class::Text,
        Class::Integer,
        Class::Real,
        Class::Text,
        Class::Date,
        Class::LongText,
        Class::Binary,
        Class::Enum,
        Class::Time,
        Class::DateTime(0),
        Class::Bit,
        Class::Year,
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
            "greatest({}, 7)",
            "least({}, 100, {} * 2)",
            "{} | 8",
            "{} << 2",
            "~{}",
            "-{}",
            "floor({})",
            "truncate({}, -1)",
            "sqrt({})",
            "pow({}, 2)",
            "lpad({}, 4, '0')",
            "format({}, 2)",
            "cast({} as char(3))",
            "cast({} as decimal(5,2))",
            "sec_to_time({})",
            "from_unixtime({})",
            "makedate(2020, {})",
            "char({} using utf8mb4)",
            "interval({}, 1, 10, 100)",
            "{} between 1 and 100",
            "nullif({}, 7)",
            "conv({}, 10, 16)",
            "ifnull({}, -1)",
            "elt({}, 'a', 'b')",
            "repeat('x', {})",
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
            "lower(left({}, 1))",
            "reverse({})",
            "lpad({}, 6, '*')",
            "repeat({}, 3)",
            "substring_index({}, ',', 1)",
            "locate('a', {})",
            "concat_ws('-', {}, null, {})",
            "insert({}, 1, 1, 'xy')",
            "ascii({})",
            "ord({})",
            "crc32({})",
            "md5({})",
            "to_base64({})",
            "unhex({})",
            "cast({} as signed)",
            "cast({} as decimal(6,2))",
            "cast({} as time)",
            "cast({} as datetime)",
            "cast({} as char(2))",
            "cast({} as binary(3))",
            "convert({} using latin1)",
            "{} collate utf8mb4_bin",
            "{} like 'a%'",
            "{} regexp '^[a-z]+$'",
            "field({}, 'a', 'b')",
            "find_in_set('a', {})",
            "strcmp({}, 'a')",
            "str_to_date({}, '%Y-%m-%d')",
            "json_extract({}, '$.a')",
            "json_valid({})",
            "inet_aton({})",
            "date({})",
            "year({})",
            "{} * 2",
            "{} = 'a'",
            "{} is null",
            "if({}, 1, 2)",
            "quote({})",
            "soundex({})",
        ],
        Class::Date | Class::DateTime(_) => &[
            "year({})",
            "cast({} as date)",
            "{} + interval 1 day",
            "date_format({}, '%Y-%m')",
            "to_days({})",
            "concat({}, '')",
            "{} - interval 1 month",
            "{} + interval 8000 year",
            "last_day({})",
            "quarter({})",
            "dayname({})",
            "week({}, 1)",
            "extract(year_month from {})",
            "timestampdiff(day, {}, '2020-01-01')",
            "datediff({}, '2020-01-01')",
            "{} + 0",
            "hour({})",
            "time({})",
            "cast({} as char(7))",
            "cast({} as time)",
            "greatest({}, '2000-01-01')",
            "nullif({}, '2020-02-29')",
            "ifnull({}, '2000-01-01')",
            "microsecond({})",
            "{} > '2000-01-01'",
        ],
        Class::Timestamp(_) => &["coalesce({}, null)", "{}"],
        Class::Time => &[
            "hour({})",
            "time_to_sec({})",
            "concat({}, '')",
            "{} + 0",
            "addtime({}, '01:00:00')",
            "{} + interval 1 hour",
            "time_format({}, '%H:%i')",
            "cast({} as char(5))",
            "{} > '10:00:00'",
        ],
        Class::Json => match dialect {
            Dialect::MySql => &[
                "json_unquote(json_extract({}, '$.a'))",
                "json_length({})",
                "json_type({})",
                "cast(json_extract({}, '$.a') as unsigned)",
                "{}->>'$.a'",
                "json_extract({}, '$[0]')",
                "json_value({}, '$.a' returning signed)",
                "json_keys({})",
                "json_depth({})",
                "json_set({}, '$.z', 1)",
                "json_contains({}, '1')",
                "cast({}->>'$.a' as date)",
                "cast({}->>'$.a' as decimal(5,2))",
                "json_unquote({})",
            ],
            Dialect::MariaDb => &[
                "json_value({}, '$.a')",
                "json_length({})",
                "json_type({})",
                "json_extract({}, '$.a')",
                "json_depth({})",
                "json_keys({})",
                "json_set({}, '$.z', 1)",
                "json_unquote({})",
                "json_value({}, '$.a') + 0",
            ],
        },
        Class::Bit => &["{} + 0", "hex({})", "bit_count({})", "{} & 7", "{} * 2", "concat({}, '')"],
        Class::Enum | Class::Set => &[
            "concat({}, '!')",
            "{} + 0",
            "upper({})",
            "{} * 50",
            "find_in_set('a', {})",
            "field({}, 'b', 'a')",
            "length({})",
            "coalesce({}, 'a')",
            "cast({} as unsigned)",
            "{} = 'a'",
            "{}",
        ],
        Class::Binary | Class::LongBinary => &[
            "hex({})",
            "length({})",
            "left({}, 2)",
            "concat({}, {})",
            "convert({} using utf8mb4)",
            "cast({} as char)",
            "upper({})",
            "bit_length({})",
            "substr({}, 2, 1)",
            "{} + 0",
            "md5({})",
        ],
        Class::Geometry => &["st_astext({})", "st_geometrytype({})", "st_srid({})", "st_x({})", "length(st_aswkb({}))"],
        Class::Other => &["concat({}, '')", "hex({})"],
    };
    word(tape, list).replace("{}", &quoted(&base.name))
}

/// An expression over two columns, or over one where there is no other.
pub(super) fn computed_of(columns: &[Column], base: &Column, tape: &mut Tape<'_>, dialect: Dialect) -> String {
    let other = tape.pick(columns);
    if other.name == base.name || other.generated.is_some() || other.auto_increment || tape.chance(60) {
        return computed(base, tape, dialect);
    }
    let list = [
        "concat({}, {1})",
        "concat_ws(',', {}, {1})",
        "coalesce({}, {1})",
        "{} + {1}",
        "{} = {1}",
        "if({} is null, {1}, {})",
        "greatest({}, {1})",
        "{} > {1}",
        "nullif({}, {1})",
        "{} * {1}",
        "{} / {1}",
        "length({}) + length({1})",
        "{} % {1}",
    ];
    word(tape, &list).replace("{}", &quoted(&base.name)).replace("{1}", &quoted(&other.name))
}

/// A CHECK over two columns.
pub(super) fn add_comparison(table: &mut Table, tape: &mut Tape<'_>) {
    let (one, other) = (quoted(&tape.pick(&table.columns).name), quoted(&tape.pick(&table.columns).name));
    let list = [
        "{} <> {1}",
        "{} >= {1}",
        "coalesce({}, {1}) is not null",
        "{} is null or {1} is not null",
        "length({}) <= length({1})",
    ];
    let expression = word(tape, &list).replace("{}", &one).replace("{1}", &other);
    let number = table.checks.len();
    table.checks.push(format!("CONSTRAINT ck{number} CHECK ({expression})"));
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
