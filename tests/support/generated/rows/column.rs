//! Columns of all types, and what becomes of them.

use super::super::column::{self, Class, Column};
use super::super::{Dialect, Tape};

pub(super) const INTEGERS: &[&str] = &[
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
    "tinyint(1)",
    "mediumint unsigned",
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
    "double unsigned",
    "decimal(65,30)",
    "decimal(4,2) zerofill",
];
const CHARACTERS: &[(&str, u32)] = &[
    ("varchar(20)", 20),
    ("varchar(5)", 5),
    ("varchar(1)", 1),
    ("varchar(64)", 64),
    ("varchar(300)", 300),
    ("varchar(63)", 63),
    ("varchar(255)", 255),
    ("char(5)", 5),
    ("char(1)", 1),
    ("char(40)", 40),
];
const TEXTS: &[&str] = &["text", "tinytext", "mediumtext", "longtext"];
const BYTES: &[(&str, u32)] = &[
    ("varbinary(5)", 5),
    ("varbinary(40)", 40),
    ("varbinary(1)", 1),
    ("varbinary(300)", 300),
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
    "enum('ä','ö','x','漢')",
    "enum('x','ö')",
    "enum('-1','1.5','a,b','A')",
];
const SETS: &[&str] = &[
    "set('a','b','c')",
    "set('b','a')",
    "set('a','b')",
    "set('A','b','é')",
    "set('1','2','3')",
    "set('c','a','d','b')",
    "set('ä','ö','x')",
];

/// Charsets of every kind: with all characters, with some, of several bytes, of none.
pub(super) const CHARSETS: &[(&str, &str)] = &[
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

/// A column of any type.
pub(super) fn any(name: &str, tape: &mut Tape<'_>, dialect: Dialect) -> Column {
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

pub(super) fn of_class(name: &str, class: Class, tape: &mut Tape<'_>, dialect: Dialect) -> Column {
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
        Class::Geometry => made(
            word(tape, &["point", "geometry", "linestring", "polygon", "multipoint", "geometrycollection"]),
            class,
            0,
        ),
        Class::Other if dialect == Dialect::MariaDb => made(word(tape, &["uuid", "inet6", "inet4"]), class, 0),
        Class::Other => made("decimal(30,10)", Class::Real, 0),
    }
}

pub(super) fn of(name: &str, data_type: &str, class: Class, length: u32) -> Column {
    Column::new(name.to_owned(), data_type.to_owned(), class, length)
}

/// Gives a column another type: mostly a near one.
pub(super) fn retype(column: &mut Column, tape: &mut Tape<'_>, dialect: Dialect) {
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

pub(super) fn attributes(column: &mut Column, tape: &mut Tape<'_>, dialect: Dialect) {
    if has_charset(column.class) && tape.chance(50) {
        column.collation = Some(*tape.pick(CHARSETS));
    }
    column.nullable = !tape.chance(30);
    column.default = if tape.chance(25) { column_default(column, tape, dialect) } else { None };
}

pub(super) fn column_default(column: &Column, tape: &mut Tape<'_>, dialect: Dialect) -> Option<String> {
    column::default(column.class, column.nullable, tape, dialect)
}

pub(super) const fn has_charset(class: Class) -> bool {
    matches!(class, Class::Text | Class::LongText | Class::Enum | Class::Set)
}

pub(super) fn word(tape: &mut Tape<'_>, list: &[&'static str]) -> &'static str {
    tape.pick::<&str>(list)
}
