//! Columns: types, and the attributes that suit them.

use super::{COLLATIONS, COMMENTS, Dialect, Table, Tape};

/// What a type is like, as far as defaults, keys and expressions go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Whole numbers.
    Integer,
    /// DECIMAL and FLOAT.
    Real,
    /// BIT.
    Bit,
    /// CHAR and VARCHAR.
    Text,
    /// The TEXT types.
    LongText,
    /// BINARY and VARBINARY.
    Binary,
    /// The BLOB types.
    LongBinary,
    /// ENUM.
    Enum,
    /// SET.
    Set,
    /// DATE.
    Date,
    /// TIME.
    Time,
    /// DATETIME, with its digits.
    DateTime(usize),
    /// TIMESTAMP, with its digits.
    Timestamp(usize),
    /// YEAR.
    Year,
    /// JSON.
    Json,
    /// The spatial types.
    Geometry,
    /// What takes no literal default here.
    Other,
}

/// A column before it is text.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type as written, without charset.
    pub data_type: String,
    /// What the type is like.
    pub class: Class,
    /// Its length in characters, where a key cares.
    pub length: u32,
    /// Charset and collation.
    pub collation: Option<(&'static str, &'static str)>,
    /// Whether it takes NULL.
    pub nullable: bool,
    /// What follows DEFAULT.
    pub default: Option<String>,
    /// `ON UPDATE CURRENT_TIMESTAMP`.
    pub on_update: bool,
    /// `AUTO_INCREMENT`.
    pub auto_increment: bool,
    /// The expression of a generated column, the column that it uses, and whether it is stored.
    pub generated: Option<(String, String, bool)>,
    /// `INVISIBLE`.
    pub invisible: bool,
    /// The comment.
    pub comment: Option<&'static str>,
    /// `SRID`.
    pub srid: Option<u32>,
}

const NAMES: [&str; 10] = ["id", "name", "Key", "größe", "with space", "b`k", "value", "rank", "x", "created_at"];

/// Makes a column whose name the table does not have yet.
pub fn fresh(table: &Table, tape: &mut Tape<'_>, dialect: Dialect) -> Column {
    let start = tape.below(NAMES.len());
    let taken = |n: &str| table.columns.iter().any(|c| c.name.eq_ignore_ascii_case(n));
    let name = (0..NAMES.len()).map(|i| NAMES[(start + i) % NAMES.len()]).find(|n| !taken(n));
    let name = name.map_or_else(|| (0..).map(|i| format!("c{i}")).find(|n| !taken(n)).expect("a name"), str::to_owned);
    column(name, table, tape, dialect)
}

impl Column {
    /// A nullable column of that type, with nothing else said about it.
    pub fn new(name: String, data_type: String, class: Class, length: u32) -> Self {
        Self {
            name,
            data_type,
            class,
            length,
            collation: None,
            nullable: true,
            default: None,
            on_update: false,
            auto_increment: false,
            generated: None,
            invisible: false,
            comment: None,
            srid: None,
        }
    }
}

/// Makes a column of that name.
pub fn column(name: String, table: &Table, tape: &mut Tape<'_>, dialect: Dialect) -> Column {
    let (data_type, class, length) = data_type(tape, dialect);
    let mut column = Column::new(name, data_type, class, length);
    attributes(&mut column, table, tape, dialect);
    column
}

/// Gives a column other attributes.
pub fn attributes(column: &mut Column, table: &Table, tape: &mut Tape<'_>, dialect: Dialect) {
    let class = column.class;
    let has_charset = matches!(class, Class::Text | Class::LongText | Class::Enum | Class::Set);
    column.collation = (has_charset && tape.chance(30)).then(|| *tape.pick(&COLLATIONS));
    column.nullable = !tape.chance(50);
    column.default = if tape.chance(50) { default(class, column.nullable, tape, dialect) } else { None };
    column.on_update = matches!(class, Class::DateTime(_) | Class::Timestamp(_)) && tape.chance(25);
    column.auto_increment = class == Class::Integer && tape.chance(20);
    column.invisible = tape.chance(8);
    column.comment = tape.chance(20).then(|| *tape.pick(&COMMENTS));
    column.srid =
        (class == Class::Geometry && dialect == Dialect::MySql && tape.chance(30)).then(|| *tape.pick(&[0, 4326]));
    column.generated = if tape.chance(15) { generated(column, table, tape, dialect) } else { None };
}

fn data_type(tape: &mut Tape<'_>, dialect: Dialect) -> (String, Class, u32) {
    let plain = |text: &&str, class| ((*text).to_owned(), class, 0);
    match tape.below(22) {
        0 | 1 => {
            let kind = *tape.pick(&[
                "int",
                "bigint",
                "tinyint",
                "smallint",
                "mediumint",
                "integer",
                "int(11)",
                "tinyint(1)",
                "bool",
            ]);
            let sign = if kind == "bool" {
                ""
            } else {
                *tape.pick(&["", "", " unsigned", " zerofill", " unsigned zerofill", " signed"])
            };
            (format!("{kind}{sign}"), Class::Integer, 0)
        }
        2 | 3 => {
            let n = *tape.pick(&[20, 1, 64, 191, 255]);
            (format!("varchar({n})"), Class::Text, n)
        }
        4 => {
            let n = *tape.pick(&[1, 10, 36]);
            (format!("char({n})"), Class::Text, n)
        }
        5 => {
            let kind =
                *tape.pick(&["decimal(10,2)", "decimal", "numeric(5)", "dec(12,4) unsigned", "decimal(6,3) zerofill"]);
            plain(&kind, Class::Real)
        }
        6 => plain(
            tape.pick(&[
                "float",
                "double",
                "double precision",
                "real",
                "float(7,3)",
                "double(10,2) unsigned",
                "float unsigned",
            ]),
            Class::Real,
        ),
        7 => plain(tape.pick(&["date", "date"]), Class::Date),
        8 => plain(tape.pick(&["time", "time(3)"]), Class::Time),
        9 | 10 => {
            let n = *tape.pick(&[0, 3, 6]);
            (if n == 0 { "datetime".to_owned() } else { format!("datetime({n})") }, Class::DateTime(n), 0)
        }
        11 => {
            let n = *tape.pick(&[0, 3, 6]);
            (if n == 0 { "timestamp".to_owned() } else { format!("timestamp({n})") }, Class::Timestamp(n), 0)
        }
        12 => plain(&"year", Class::Year),
        13 | 14 => plain(
            tape.pick(&["text", "tinytext", "mediumtext", "longtext", "text(100)", "long varchar"]),
            Class::LongText,
        ),
        15 => plain(tape.pick(&["blob", "tinyblob", "mediumblob", "longblob", "blob(300)"]), Class::LongBinary),
        16 => {
            let n = *tape.pick(&[16, 1, 32]);
            (format!("{}({n})", tape.pick(&["varbinary", "binary"])), Class::Binary, n)
        }
        17 => plain(
            tape.pick(&["enum('a','b')", "enum('a','b','c')", "enum('b','it''s','','a')", "enum('x,y','größe','a')"]),
            Class::Enum,
        ),
        18 => plain(tape.pick(&["set('a','b')", "set('a','b','c')", "set('größe','a')"]), Class::Set),
        19 => plain(tape.pick(&["bit(1)", "bit(8)", "bit", "bit(33)"]), Class::Bit),
        20 => plain(&"json", Class::Json),
        _ => match dialect {
            Dialect::MariaDb if tape.chance(40) => plain(tape.pick(&["uuid", "inet6", "inet4"]), Class::Other),
            _ => plain(
                tape.pick(&["geometry", "point", "polygon", "linestring", "multipoint", "geometrycollection"]),
                Class::Geometry,
            ),
        },
    }
}

/// Makes what follows DEFAULT.
pub fn default(class: Class, nullable: bool, tape: &mut Tape<'_>, dialect: Dialect) -> Option<String> {
    if nullable && tape.chance(20) {
        return Some("NULL".to_owned());
    }
    let now_instead = tape.chance(50);
    let mut literal = |list: &[&str]| Some((*tape.pick(list)).to_owned());
    let now = |digits: usize| {
        if digits == 0 { "CURRENT_TIMESTAMP".to_owned() } else { format!("CURRENT_TIMESTAMP({digits})") }
    };
    match class {
        Class::Integer => literal(&["0", "1", "'7'", "42", "(1 + 2)", "1"]),
        Class::Real => literal(&["0", "1.5", "'2.25'", "0.00", "(3 * 2)"]),
        Class::Bit => literal(&["b'1'", "b'0'", "1", "0"]),
        Class::Text => literal(&["'a'", "''", "''", "'\\''", "'\\\\'"]),
        Class::LongText => match dialect {
            Dialect::MySql => literal(&["('abc')", "(concat('a','b'))"]),
            Dialect::MariaDb => literal(&["'abc'", "''", "(concat('a','b'))", "'it''s'"]),
        },
        Class::Binary => literal(&["'a'", "''", "x'41'"]),
        Class::LongBinary => match dialect {
            Dialect::MySql => literal(&["('abc')"]),
            Dialect::MariaDb => literal(&["'abc'", "''"]),
        },
        Class::Enum | Class::Set => literal(&["'a'", "'a'"]),
        Class::Date => literal(&["'2020-02-29'", "'1970-01-01'", "20200101"]),
        Class::Time => literal(&["'10:20:30'", "'00:00:00'", "102030"]),
        Class::DateTime(digits) if now_instead => Some(now(digits)),
        Class::Timestamp(digits) if now_instead => Some(now(digits)),
        Class::DateTime(_) | Class::Timestamp(_) => {
            literal(&["'2020-02-29 10:20:30'", "'2001-01-01'", "20200101102030"])
        }
        Class::Year => literal(&["2020", "'1999'"]),
        Class::Json => match dialect {
            Dialect::MySql => literal(&["(json_array())", "('{}')", "(json_object('a',1))"]),
            Dialect::MariaDb => literal(&["'{}'", "(json_array())", "'[]'"]),
        },
        Class::Geometry | Class::Other => None,
    }
}

/// Makes an expression over a column of the table, if one of them suits.
fn generated(
    column: &mut Column,
    table: &Table,
    tape: &mut Tape<'_>,
    dialect: Dialect,
) -> Option<(String, String, bool)> {
    let suits = |c: &&Column| c.generated.is_none() && !c.auto_increment && c.name != column.name;
    let base = table.columns.iter().filter(suits).find(|c| is_base(c))?;
    let name = super::print::quoted(&base.name);
    let stored = tape.chance(50);
    let (data_type, class, length, expression) = match base.class {
        Class::Integer => {
            let list = [
                format!("{name} + 1"),
                // What a difference of unsigned numbers is depends on MariaDB's sql_mode, and it stores nothing of the kind.
                format!("{name} * 2 {} 3", if dialect == Dialect::MySql { "-" } else { "+" }),
                format!("if({name} > 5, 1, 0)"),
                format!("coalesce({name}, 0) % 7"),
                format!("case when {name} in (1, 2) then -1 else {name} end"),
            ];
            ("bigint", Class::Integer, 0, tape.pick(&list).clone())
        }
        Class::Text => {
            let list = [
                format!("upper({name})"),
                format!("concat({name}, {name})"),
                format!("substr({name}, 1, 3)"),
                format!("trim({name})"),
                format!("coalesce({name}, null)"),
            ];
            ("varchar(300)", Class::Text, 300, tape.pick(&list).clone())
        }
        Class::DateTime(_) => ("date", Class::Date, 0, format!("cast({name} as date)")),
        _ => (
            "varchar(100)",
            Class::Text,
            100,
            match dialect {
                Dialect::MySql => format!("json_unquote(json_extract({name}, '$.a'))"),
                Dialect::MariaDb => format!("json_value({name}, '$.a')"),
            },
        ),
    };
    column.data_type = data_type.to_owned();
    column.class = class;
    column.length = length;
    column.collation = None;
    column.srid = None;
    Some((expression, base.name.clone(), stored))
}

/// Whether generated columns are made over a column. MariaDB stores nothing computed from a CHAR, whose value depends on
/// `PAD_CHAR_TO_FULL_LENGTH`, nor from a number with ZEROFILL.
pub fn is_base(column: &Column) -> bool {
    column.class == Class::Integer && !column.data_type.contains("zerofill")
        || matches!(column.class, Class::DateTime(_) | Class::Json)
        || column.class == Class::Text && !column.data_type.starts_with("char")
}
