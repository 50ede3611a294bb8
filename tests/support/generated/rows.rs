//! Tables for rows: few columns of all types, and edits that rows have an opinion on.
//!
//! In: a [`Tape`]. Out: the scripts of both sides, and the columns that rows are written to and read from. What is made may
//! be wrong: then both the catalog and the server refuse it, and there is nothing to judge.

use super::column::{Class, Column};
use super::print::{self, quoted};
use super::{Dialect, Tape};

/// Both sides of what is judged.
#[derive(Debug, Clone)]
pub struct Case {
    /// OLD's and NEW's scripts.
    pub scripts: (String, String),
    /// OLD's and NEW's tables with their columns.
    pub tables: (Vec<Shape>, Vec<Shape>),
}

/// What of a table concerns its rows.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
}

#[derive(Debug, Clone)]
struct Table {
    columns: Vec<Column>,
    keys: Vec<Key>,
    checks: Vec<String>,
    reference: Option<String>,
    collation: (&'static str, &'static str),
    partitions: Option<(String, String)>,
    engine: &'static str,
}

#[derive(Debug, Clone)]
struct Key {
    primary: bool,
    /// Columns with prefix lengths.
    parts: Vec<(String, Option<u32>)>,
    /// In the place of columns (MySQL).
    expression: Option<String>,
}

const INTEGERS: &[&str] = &[
    "int",
    "bigint",
    "smallint",
    "tinyint",
    "mediumint",
    "int unsigned",
    "tinyint unsigned",
    "bigint unsigned",
    "smallint unsigned",
    "int(8) zerofill",
];
const REALS: &[&str] = &[
    "decimal(10,2)",
    "decimal(4,1)",
    "decimal(20,6)",
    "decimal(10,0)",
    "decimal(5,5)",
    "decimal(6,2) unsigned",
    "double",
    "float",
    "float(7,2)",
    "double(10,3)",
    "float unsigned",
];
const CHARACTERS: &[(&str, u32)] = &[
    ("varchar(20)", 20),
    ("varchar(5)", 5),
    ("varchar(1)", 1),
    ("varchar(64)", 64),
    ("varchar(300)", 300),
    ("char(5)", 5),
    ("char(1)", 1),
    ("char(40)", 40),
];
const TEXTS: &[&str] = &["text", "tinytext", "mediumtext", "longtext"];
const BYTES: &[(&str, u32)] = &[
    ("varbinary(5)", 5),
    ("varbinary(40)", 40),
    ("varbinary(1)", 1),
    ("binary(1)", 1),
    ("binary(5)", 5),
    ("binary(16)", 16),
];
const BLOBS: &[&str] = &["blob", "tinyblob", "mediumblob"];
const ENUMS: &[&str] = &[
    "enum('a','b','c')",
    "enum('b','a')",
    "enum('a','b')",
    "enum('A','b','é')",
    "enum('a','b','c','d','')",
    "enum('1','2','3')",
    "enum('3','1')",
];
const SETS: &[&str] = &[
    "set('a','b','c')",
    "set('b','a')",
    "set('a','b')",
    "set('A','b','é')",
    "set('1','2','3')",
    "set('c','a','d','b')",
];

/// Charsets of every kind: with all characters, with some, of several bytes, of none.
const CHARSETS: &[(&str, &str)] = &[
    ("utf8mb4", "utf8mb4_general_ci"),
    ("utf8mb4", "utf8mb4_bin"),
    ("utf8mb4", "utf8mb4_unicode_520_ci"),
    ("utf8mb4", "utf8mb4_unicode_ci"),
    ("latin1", "latin1_swedish_ci"),
    ("latin1", "latin1_bin"),
    ("latin1", "latin1_general_cs"),
    ("utf8mb3", "utf8mb3_general_ci"),
    ("utf8mb3", "utf8mb3_bin"),
    ("ascii", "ascii_general_ci"),
    ("cp1251", "cp1251_general_ci"),
    ("latin2", "latin2_general_ci"),
    ("koi8r", "koi8r_general_ci"),
    ("gbk", "gbk_chinese_ci"),
    ("sjis", "sjis_japanese_ci"),
    ("ucs2", "ucs2_general_ci"),
    ("utf16", "utf16_general_ci"),
    ("utf32", "utf32_general_ci"),
    ("binary", "binary"),
];

/// Makes both sides.
pub fn case(tape: &mut Tape<'_>, dialect: Dialect) -> Case {
    let old = table(tape, dialect);
    let mut new = old.clone();
    for _ in 0..=*tape.pick(&[0, 0, 0, 0, 1, 1, 2]) {
        edit(&mut new, tape, dialect);
    }
    let parent = parent(tape);
    let both = [settled(old), settled(new)].map(|table| {
        let script = format!("{}{}", script(&parent, "p"), script(&table, "t"));
        let shapes = [("p", &parent), ("t", &table)];
        (script, shapes.map(|(name, t)| Shape { name: name.to_owned(), columns: t.columns.clone() }).to_vec())
    });
    let [(old, before), (new, after)] = both;
    Case { scripts: (old, new), tables: (before, after) }
}

/// What rows may refer to.
fn parent(tape: &mut Tape<'_>) -> Table {
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
    }
}

fn of(name: &str, data_type: &str, class: Class, length: u32) -> Column {
    Column::new(name.to_owned(), data_type.to_owned(), class, length)
}

fn table(tape: &mut Tape<'_>, dialect: Dialect) -> Table {
    let mut made = Table {
        columns: Vec::new(),
        keys: Vec::new(),
        checks: Vec::new(),
        reference: None,
        collation: *tape.pick(&CHARSETS[..8]),
        partitions: None,
        engine: if tape.chance(8) { "MyISAM" } else { "InnoDB" },
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
    if tape.chance(10) {
        refer(&mut made, tape);
    }
    made
}

fn edit(table: &mut Table, tape: &mut Tape<'_>, dialect: Dialect) {
    let at = tape.below(table.columns.len());
    let at = if table.columns[at].name == "id" && tape.chance(70) { table.columns.len() - 1 } else { at };
    match tape.below(24) {
        0..=5 => retype(&mut table.columns[at], tape, dialect),
        6 | 7 => {
            let with = |c: &Column| has_charset(c.class);
            if let Some(column) = table.columns.iter_mut().find(|c| with(c)) {
                column.collation = Some(*tape.pick(CHARSETS));
            } else {
                retype(&mut table.columns[at], tape, dialect);
            }
        }
        8 => {
            table.collation = *tape.pick(CHARSETS);
            let with = |c: &&mut Column| has_charset(c.class);
            table.columns.iter_mut().filter(with).for_each(|c| c.collation = None);
        }
        9 | 10 => {
            let column = &mut table.columns[at];
            column.nullable = !column.nullable;
            column.default = if tape.chance(30) { column_default(column, tape, dialect) } else { None };
        }
        11 | 12 => add_unique(table, tape, dialect),
        13 => {
            table.keys.retain(|k| !k.primary);
            let name = table.columns[at].name.clone();
            let parts = vec![(name, prefix(&table.columns[at]))];
            table.keys.push(Key { primary: true, parts, expression: None });
        }
        14 => refer(table, tape),
        15 => add_check(table, tape, dialect),
        16 => add_generated(table, tape, dialect),
        17 => {
            let base = table.columns[tape.below(table.columns.len())].clone();
            match &mut table.columns[at].generated {
                Some((expression, _, stored)) => match tape.below(3) {
                    0 => *stored = !*stored,
                    1 if base.generated.is_none() => *expression = computed(&base, tape, dialect),
                    _ => table.columns[at].generated = None,
                },
                None => retype(&mut table.columns[at], tape, dialect),
            }
        }
        18 => {
            let mut column = any("added", tape, dialect);
            attributes(&mut column, tape, dialect);
            if tape.chance(60) {
                (column.nullable, column.default) = (false, None);
            }
            if table.columns.iter().all(|c| c.name != column.name) {
                table.columns.insert(at, column);
            }
        }
        19 => {
            if !table.columns.iter().any(|c| c.auto_increment || c.name == "n") {
                let mut column = of("n", word(tape, INTEGERS), Class::Integer, 0);
                (column.nullable, column.auto_increment) = (false, true);
                table.columns.push(column);
                table.keys.push(Key { primary: false, parts: vec![("n".to_owned(), None)], expression: None });
            }
        }
        20 => partition(table, tape),
        21 => {
            if table.columns.len() > 1 {
                table.columns.remove(at);
            }
        }
        22 => {
            let expression = computed(&table.columns[at].clone(), tape, dialect);
            let name = table.columns[at].name.clone();
            let to = table.columns.iter_mut().find(|c| c.name != name && c.name != "id" && c.generated.is_none());
            if let Some(column) = to {
                column.generated = Some((expression, name, tape.chance(60)));
                (column.default, column.auto_increment) = (None, false);
            }
        }
        _ => {
            table.engine = *tape.pick(&["InnoDB", "MyISAM", "MEMORY"]);
            if tape.chance(50) {
                table.columns.iter_mut().filter(|c| c.class == Class::Integer).take(1).for_each(|c| {
                    (c.auto_increment, c.nullable, c.default) = (!c.auto_increment, false, None);
                });
            }
        }
    }
}

fn word(tape: &mut Tape<'_>, list: &[&'static str]) -> &'static str {
    tape.pick::<&str>(list)
}

const fn has_charset(class: Class) -> bool {
    matches!(class, Class::Text | Class::LongText | Class::Enum | Class::Set)
}

/// A column of any type.
fn any(name: &str, tape: &mut Tape<'_>, dialect: Dialect) -> Column {
    let class = *tape.pick(&[
        Class::Text,
        Class::Text,
        Class::Text,
        Class::Integer,
        Class::Integer,
        Class::Real,
        Class::Real,
        Class::LongText,
        Class::Binary,
        Class::LongBinary,
        Class::Enum,
        Class::Set,
        Class::Date,
        Class::DateTime(0),
        Class::Timestamp(0),
        Class::Time,
        Class::Year,
        Class::Bit,
        Class::Json,
        Class::Geometry,
        Class::Other,
    ]);
    of_class(name, class, tape, dialect)
}

fn of_class(name: &str, class: Class, tape: &mut Tape<'_>, dialect: Dialect) -> Column {
    let digits = |word: &str, n: usize| if n == 0 { word.to_owned() } else { format!("{word}({n})") };
    let made = |data_type: &str, class, length| of(name, data_type, class, length);
    match class {
        Class::Integer => made(word(tape, INTEGERS), class, 0),
        Class::Real => made(word(tape, REALS), class, 0),
        Class::Bit => made(word(tape, &["bit(1)", "bit(8)", "bit(24)", "bit(64)"]), class, 0),
        Class::Text => {
            let (data_type, length) = *tape.pick(CHARACTERS);
            made(data_type, class, length)
        }
        Class::LongText => made(word(tape, TEXTS), class, 0),
        Class::Binary => {
            let (data_type, length) = *tape.pick(BYTES);
            made(data_type, class, length)
        }
        Class::LongBinary => made(word(tape, BLOBS), class, 0),
        Class::Enum => made(word(tape, ENUMS), class, 0),
        Class::Set => made(word(tape, SETS), class, 0),
        Class::Date => made("date", class, 0),
        Class::Time => made(&digits("time", *tape.pick(&[0, 2, 6])), class, 0),
        Class::DateTime(_) => {
            let n = *tape.pick(&[0, 0, 3, 6]);
            made(&digits("datetime", n), Class::DateTime(n), 0)
        }
        Class::Timestamp(_) => {
            let n = *tape.pick(&[0, 0, 3]);
            made(&format!("{} NULL", digits("timestamp", n)), Class::Timestamp(n), 0)
        }
        Class::Year => made("year", class, 0),
        Class::Json => made("json", class, 0),
        Class::Geometry => made(word(tape, &["point", "geometry", "linestring"]), class, 0),
        Class::Other if dialect == Dialect::MariaDb => made(word(tape, &["uuid", "inet6", "inet4"]), class, 0),
        Class::Other => made("decimal(30,10)", Class::Real, 0),
    }
}

/// Gives a column another type: mostly a near one.
fn retype(column: &mut Column, tape: &mut Tape<'_>, dialect: Dialect) {
    let class = if tape.chance(70) { near(column.class, tape) } else { any("", tape, dialect).class };
    let made = of_class(&column.name, class, tape, dialect);
    (column.data_type, column.class, column.length) = (made.data_type, made.class, made.length);
    column.default = None;
    column.auto_increment &= column.class == Class::Integer;
    if !has_charset(column.class) {
        column.collation = None;
    } else if column.collation.is_none() && tape.chance(20) {
        column.collation = Some(*tape.pick(CHARSETS));
    }
}

fn near(class: Class, tape: &mut Tape<'_>) -> Class {
    let list: &[Class] = match class {
        Class::Integer => &[Class::Integer, Class::Integer, Class::Real, Class::Bit, Class::Year, Class::Text],
        Class::Real => &[Class::Real, Class::Real, Class::Integer, Class::Text],
        Class::Bit => &[Class::Bit, Class::Integer, Class::Real],
        Class::Text => {
            &[Class::Text, Class::Text, Class::LongText, Class::Enum, Class::Set, Class::Binary, Class::Integer]
        }
        Class::LongText => &[Class::LongText, Class::Text, Class::LongBinary, Class::Json],
        Class::Binary => &[Class::Binary, Class::LongBinary, Class::Text],
        Class::LongBinary => &[Class::LongBinary, Class::Binary, Class::LongText],
        Class::Enum => &[Class::Enum, Class::Enum, Class::Text, Class::Set, Class::Integer],
        Class::Set => &[Class::Set, Class::Set, Class::Text, Class::Enum],
        Class::Date => &[Class::DateTime(0), Class::Timestamp(0), Class::Text, Class::Year],
        Class::Time => &[Class::Time, Class::DateTime(0), Class::Text],
        Class::DateTime(_) => &[Class::DateTime(0), Class::Timestamp(0), Class::Date, Class::Time, Class::Text],
        Class::Timestamp(_) => &[Class::Timestamp(0), Class::DateTime(0), Class::Date, Class::Integer],
        Class::Year => &[Class::Integer, Class::Date, Class::Text],
        Class::Json => &[Class::LongText, Class::Text, Class::Json],
        Class::Geometry => &[Class::Geometry, Class::LongBinary],
        Class::Other => &[Class::Other, Class::Text, Class::Binary],
    };
    *tape.pick(list)
}

fn attributes(column: &mut Column, tape: &mut Tape<'_>, dialect: Dialect) {
    if has_charset(column.class) && tape.chance(50) {
        column.collation = Some(*tape.pick(CHARSETS));
    }
    column.nullable = !tape.chance(30);
    column.default = if tape.chance(25) { column_default(column, tape, dialect) } else { None };
}

fn column_default(column: &Column, tape: &mut Tape<'_>, dialect: Dialect) -> Option<String> {
    super::column::default(column.class, column.nullable, tape, dialect)
}

/// How much of a column a key takes.
fn prefix(column: &Column) -> Option<u32> {
    match column.class {
        Class::LongText | Class::LongBinary => Some(8),
        Class::Text if column.length > 100 => Some(20),
        _ => None,
    }
}

fn add_unique(table: &mut Table, tape: &mut Tape<'_>, dialect: Dialect) {
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

fn refer(table: &mut Table, tape: &mut Tape<'_>) {
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

fn add_check(table: &mut Table, tape: &mut Tape<'_>, dialect: Dialect) {
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
        ],
        Class::Binary | Class::LongBinary => &["length({}) > 1", "{} <> 'a'", "hex({}) <> '00'"],
        Class::Date | Class::DateTime(_) | Class::Timestamp(_) => {
            &["year({}) > 2000", "{} > '2000-01-01'", "{} is not null", "month({}) <> 2"]
        }
        Class::Time => &["{} > '00:00:00'", "hour({}) < 12"],
        Class::Enum | Class::Set => &["{} <> 'a'", "{} in ('a', 'b')", "{} is not null"],
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

fn add_generated(table: &mut Table, tape: &mut Tape<'_>, dialect: Dialect) {
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
fn computed(base: &Column, tape: &mut Tape<'_>, dialect: Dialect) -> String {
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

fn partition(table: &mut Table, tape: &mut Tape<'_>) {
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

/// What the servers would refuse at once, taken away.
fn settled(mut table: Table) -> Table {
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

fn script(table: &Table, name: &str) -> String {
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
        "CREATE TABLE {name} (\n  {}\n) ENGINE={} DEFAULT CHARSET={charset} COLLATE={collation}{partitions};\n",
        parts.join(",\n  "),
        table.engine
    )
}

/// Values for columns of a kind, as they are written; what does not fit the column is made to fit by the server.
pub fn values(class: Class) -> &'static [&'static str] {
    match class {
        Class::Integer => &[
            "0",
            "1",
            "7",
            "-1",
            "100",
            "300",
            "70000",
            "5000000000",
            "2020",
            "255",
            "-129",
            "-9999999999999999999999",
            "99999999999999999999999",
            "10",
            "9",
            "1999",
            "20200229",
            "12345678",
        ],
        Class::Real => &[
            "0",
            "1.5",
            "-2.25",
            "100",
            "0.125",
            "99999.99",
            "-1e30",
            "1e30",
            "0.00001",
            "1.005",
            "2.5",
            "-0.5",
            "255.5",
            "16777217",
            "123456.789",
            "0.1",
            "1e-30",
        ],
        Class::Bit => &["b'0'", "b'1'", "b'1010'", "b'11111111'", "b'1000001'", "18446744073709551615"],
        Class::Text | Class::LongText => &[
            "''",
            "'a'",
            "'A'",
            "'b'",
            "'abc '",
            "'abc'",
            "'12'",
            "' 12'",
            "'1.5'",
            "'-3'",
            "'1e2'",
            "'007'",
            "'é'",
            "'É'",
            "'e'",
            "'ß'",
            "'ss'",
            "'я'",
            "'漢字'",
            "'😀'",
            "'ﾃ'",
            "'€'",
            "'½'",
            "'2020-01-01'",
            "'2020-02-29 10:20:30'",
            "'20200102'",
            "'10:20:30'",
            "'{\"a\": 1}'",
            "'{\"a\":\"x\"}'",
            "'[1,2]'",
            "'a,b'",
            "'b,a'",
            "'b\\ta'",
            "'it''s'",
            "'\\\\'",
            "'a\\0b'",
            "'   '",
            "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'",
            "REPEAT('x', 90)",
            "REPEAT('é', 130)",
            "REPEAT('漢', 22000)",
            "'::1'",
            "'1.2.3.4'",
            "'123e4567-e89b-12d3-a456-426655440000'",
            "'a '",
            "'null'",
            "'TRUE'",
        ],
        Class::Binary | Class::LongBinary => &[
            "''",
            "'a'",
            "'A'",
            "x'00'",
            "x'ff'",
            "'12'",
            "x'c3a9'",
            "x'c3'",
            "'a '",
            "x'6100'",
            "x'f09f9880'",
            "x'e6bca2'",
            "'abcdef'",
            "REPEAT('x', 90)",
            "REPEAT(x'ff', 300)",
            "'{}'",
            "'2020-01-01'",
        ],
        Class::Enum => &["1", "2", "'a'", "3", "0", "4", "'b'"],
        Class::Set => &["1", "2", "3", "''", "4", "7", "5", "15"],
        Class::Date => &[
            "'2020-02-29'",
            "'1969-01-01'",
            "'0000-00-00'",
            "'2020-00-00'",
            "'2038-01-20'",
            "'9999-12-31'",
            "'1999-12-31'",
            "'2000-01-01'",
            "'0001-01-01'",
            "'1970-01-01'",
        ],
        Class::Time => &[
            "'10:20:30'",
            "'-01:00:00'",
            "'00:00:00.75'",
            "'838:59:59'",
            "'-838:59:59'",
            "'00:00:00'",
            "'23:59:59.999999'",
        ],
        Class::DateTime(_) => &[
            "'2020-02-29 10:20:30'",
            "'2020-02-29 10:20:30.654321'",
            "'1960-01-01 00:00:00'",
            "'0000-00-00 00:00:00'",
            "'2020-02-29 00:00:00'",
            "'2020-00-00 01:00:00'",
            "'2038-01-19 03:14:08'",
            "'9999-12-31 23:59:59.999999'",
            "'1970-01-01 00:00:00'",
            "'1970-01-01 00:00:01'",
            "'2106-02-07 06:28:15'",
            "'2106-02-07 06:28:16'",
            "'1969-12-31 23:59:59.5'",
        ],
        Class::Timestamp(_) => &[
            "'2020-02-29 10:20:30'",
            "'2020-02-29 10:20:30.654321'",
            "'2001-01-01 00:00:00'",
            "'1970-01-01 00:00:01'",
            "'2038-01-19 03:14:07.9'",
            "'0000-00-00 00:00:00'",
            "'2001-01-01 00:00:00'",
        ],
        Class::Year => &["2020", "1999", "0", "1901", "2155", "2000", "70"],
        Class::Json => &[
            "'{}'",
            "'{\"a\": 1}'",
            "'{\"a\":\"xyzxyz\"}'",
            "'[1, 2]'",
            "'[1,2]'",
            "'\"a\"'",
            "'12'",
            "'null'",
            "'1.50'",
            "'{\"b\":1,\"a\":null}'",
            "'true'",
            "'\"漢\"'",
            "'{\"a\": -7}'",
        ],
        Class::Geometry => &[
            "ST_GeomFromText('POINT(1 2)')",
            "ST_GeomFromText('LINESTRING(0 0, 1 1)')",
            "ST_GeomFromText('POINT(3 4)')",
        ],
        Class::Other => &["'::1'", "'1.2.3.4'", "'123e4567-e89b-12d3-a456-426655440000'", "'::ffff:1.2.3.4'"],
    }
}
