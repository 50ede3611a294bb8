//! Types with values that do and do not fit into others, and when two values are the same.

/// What kind of values a type has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Numbers that are exact.
    Number,
    /// FLOAT and DOUBLE.
    Float,
    /// BIT.
    Bit,
    /// Dates and times.
    Temporal,
    /// Characters.
    Text,
    /// Bytes.
    Binary,
    /// Shapes.
    Geometry,
    /// Anything else.
    Other,
}

/// A type with values.
#[derive(Debug)]
pub struct Type {
    /// As it is written.
    pub sql: &'static str,
    /// What it holds.
    pub family: Family,
    /// The vendor that alone has it.
    pub on: Option<&'static str>,
    values: &'static [&'static str],
}

const fn of(family: Family, sql: &'static str, values: &'static [&'static str]) -> Type {
    Type { sql, family, on: None, values }
}

const fn on(vendor: &'static str, family: Family, sql: &'static str, values: &'static [&'static str]) -> Type {
    Type { sql, family, on: Some(vendor), values }
}

use Family::{Binary, Bit, Float, Geometry, Number, Other, Temporal, Text};

const TEXTS: &[&str] = &[
    "'a'",
    "''",
    "'abc'",
    "'abcdef'",
    "'abc   '",
    "'   '",
    "'12'",
    "'007'",
    "'-5'",
    "'1.5'",
    "'300'",
    "'70000'",
    "'1e3'",
    "'12x'",
    "'2020-01-02'",
    "'2020-01-02 03:04:05'",
    "'2020-1-2'",
    "'10:20:30'",
    "'99999999999'",
    "'{}'",
    "'[1]'",
    "'[1, 2]'",
    "'{\"b\":1,\"a\":2}'",
    "'one'",
    "'ONE'",
    "'one,two'",
    "'2'",
    "'0'",
    "'+1'",
    "'1.25'",
    "'2020'",
    "'1999-12-31 23:59:59.75'",
    "'192.168.0.1'",
    "'::1'",
    "'123e4567-e89b-12d3-a456-426655440000'",
    "'aaaaaaaaaaaaaaaaaaaa'",
];

/// All types that are tried.
pub const TYPES: &[Type] = &[
    of(Number, "tinyint", &["0", "1", "-1", "99", "127", "-128"]),
    of(Number, "tinyint unsigned", &["0", "1", "200", "255"]),
    of(Number, "smallint", &["0", "-1", "300", "2020", "-32768"]),
    of(
        Number,
        "int",
        &[
            "0",
            "1",
            "-1",
            "70",
            "127",
            "128",
            "255",
            "256",
            "32768",
            "2000",
            "1999",
            "20200102",
            "16777217",
            "2147483647",
        ],
    ),
    of(Number, "int unsigned", &["0", "4294967295", "5"]),
    of(Number, "bigint", &["0", "-1", "5000000000", "20200102030405", "9007199254740993", "9223372036854775807"]),
    of(Number, "bigint unsigned", &["0", "18446744073709551615"]),
    of(Number, "int(5) zerofill", &["0", "7", "123456"]),
    of(Number, "decimal(10,0)", &["0", "-7", "9999999999"]),
    of(Number, "decimal(6,2)", &["0", "1.50", "-1.25", "9999.99", "12.00", "0.5", "127.5"]),
    of(Number, "decimal(20,6)", &["0", "1.000001", "99999999999999.999999", "12.340000"]),
    of(Number, "decimal(5,1) unsigned", &["0", "9999.9", "0.5"]),
    of(Float, "float", &["0", "1.5", "-2.25", "0.1", "123456", "3e20"]),
    of(Float, "double", &["0", "0.1", "1.5", "-1e100", "123456789", "9.5", "1e15"]),
    of(Float, "float(7,2)", &["0", "1.25", "99999.99"]),
    of(Bit, "bit(1)", &["b'0'", "b'1'"]),
    of(Bit, "bit(8)", &["b'0'", "b'1'", "b'11111111'", "b'1000001'"]),
    of(Bit, "bit(40)", &["b'0'", "b'1111111111111111111111111111111111111111'"]),
    of(Number, "year", &["0", "1999", "2020", "2155"]),
    of(
        Temporal,
        "date",
        &["'2020-01-02'", "'1969-12-31'", "'2038-01-20'", "'0000-00-00'", "'2020-00-00'", "'9999-12-31'"],
    ),
    of(
        Temporal,
        "datetime",
        &[
            "'2020-01-02 03:04:05'",
            "'2020-01-02 00:00:00'",
            "'1960-01-01 00:00:00'",
            "'2200-01-01 00:00:00'",
            "'0000-00-00 00:00:00'",
            "'2020-01-00 10:00:00'",
        ],
    ),
    of(
        Temporal,
        "datetime(6)",
        &[
            "'2020-01-02 03:04:05.123456'",
            "'2020-01-02 03:04:05.500000'",
            "'2020-01-02 03:04:05'",
            "'9999-12-31 23:59:59.999999'",
        ],
    ),
    of(Temporal, "datetime(3)", &["'2020-01-02 03:04:05.123'", "'2020-01-02 03:04:05'"]),
    of(Temporal, "timestamp NULL", &["'2020-01-02 03:04:05'", "'1970-01-01 00:00:01'", "'0000-00-00 00:00:00'"]),
    of(Temporal, "timestamp(3) NULL", &["'2020-01-02 03:04:05.5'", "'2020-01-02 03:04:05'"]),
    of(Temporal, "time", &["'10:20:30'", "'-01:00:00'", "'838:59:59'", "'00:00:00'"]),
    of(Temporal, "time(3)", &["'10:20:30.5'", "'10:20:30'", "'838:59:58.999'"]),
    of(Text, "char(3)", &["'a'", "''", "'12'", "'abc'", "'one'"]),
    of(Text, "char(20)", TEXTS),
    of(Text, "varchar(3)", &["'a'", "''", "'ab '", "'12'", "'é'", "'漢'"]),
    of(Text, "varchar(30)", TEXTS),
    of(Text, "varchar(30) CHARACTER SET latin1", &["'a'", "'é'", "'ÿÿÿÿÿ'", "'ab '", "'12'"]),
    of(Text, "varchar(30) CHARACTER SET utf8mb3", &["'a'", "'é'", "'漢字'", "'ab '"]),
    of(Text, "varchar(30) CHARACTER SET utf8mb4", &["'a'", "'é'", "'漢字'", "'😀'", "'ab '"]),
    of(Text, "varchar(30) CHARACTER SET ascii", &["'a'", "'12'"]),
    of(Text, "varchar(300) CHARACTER SET utf8mb4", &["'a'", "REPEAT('é', 200)", "REPEAT('a', 300)"]),
    of(Text, "tinytext", TEXTS),
    of(Text, "text", &["'a'", "''", "'abc   '", "REPEAT('a', 300)", "'12'", "'{\"a\": 1}'", "REPEAT('é', 30000)"]),
    of(Text, "text CHARACTER SET latin1", &["'a'", "'é'", "REPEAT('é', 40000)"]),
    of(Text, "longtext", &["'a'", "REPEAT('a', 70000)", "'[]'"]),
    of(Binary, "binary(3)", &["'a'", "'abc'", "x'00ff'"]),
    of(Binary, "binary(16)", &["'a'", "x'123e4567e89b12d3a456426655440000'"]),
    of(Binary, "varbinary(3)", &["'a'", "'abc'", "''", "x'00'", "'12'"]),
    of(
        Binary,
        "varbinary(300)",
        &["'a'", "x'ff'", "x'c3a9'", "REPEAT('a', 300)", "'12'", "'2020-01-02'", "x'f09f9880'"],
    ),
    of(Binary, "blob", &["'a'", "x'ff'", "REPEAT('a', 300)", "'{}'"]),
    of(Text, "enum('one','two')", &["'one'", "'two'", "''"]),
    of(Text, "enum('one','two','three')", &["'one'", "'three'"]),
    of(Text, "enum('two','one')", &["'one'", "'two'"]),
    of(Text, "enum('ONE','zwei','2')", &["'ONE'", "'zwei'", "'2'"]),
    of(Text, "set('one','two')", &["'one'", "'two'", "'one,two'", "''"]),
    of(Text, "set('two','one','three')", &["'one'", "'three'", "'one,two'"]),
    of(Text, "set('a','b','c','d','e','f','g','h','i')", &["'a'", "'a,i'"]),
    of(Other, "json", &["'{}'", "'[1, 2]'", "'\"a\"'", "'12'", "'null'", "'1.5'"]),
    of(Geometry, "geometry", &["ST_GeomFromText('POINT(1 2)')", "ST_GeomFromText('LINESTRING(0 0, 1 1)')"]),
    of(Geometry, "point", &["ST_GeomFromText('POINT(1 2)')"]),
    on("mariadb", Other, "uuid", &["'123e4567-e89b-12d3-a456-426655440000'"]),
    on("mariadb", Other, "inet6", &["'::1'", "'2001:db8::1'"]),
];

impl Type {
    /// The values, and NULL.
    pub fn values(&self) -> Vec<&'static str> {
        self.values.iter().copied().chain(["NULL"]).collect()
    }
}

type Value<'v> = (&'v Type, &'v Option<Vec<u8>>, &'v Option<Vec<u8>>);

/// Whether a value is the same after a change of its type: the same number, moment, text or bytes.
pub fn same((old, before, old_hex): Value<'_>, (new, after, new_hex): Value<'_>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return before == after };
    if before == after || old_hex == new_hex && old.family != Bit {
        return true;
    }
    let numeric = |t: &Type| matches!(t.family, Number | Float | Bit);
    let (a, b) = (String::from_utf8_lossy(before), String::from_utf8_lossy(after));
    if numeric(old) && numeric(new) {
        if old.family == Float || new.family == Float {
            let (a, b): (f64, f64) = (a.parse().expect("a number"), b.parse().expect("a number"));
            return (a - b).abs() <= a.abs() * 1e-15;
        }
        return plain(&a) == plain(&b);
    }
    if old.family == Temporal && new.family == Temporal {
        return moment(&a) == moment(&b);
    }
    if numeric(old) && new.family == Text && !old.sql.contains("zerofill") && !b.is_empty() {
        return plain(&a) == plain(&b);
    }
    let hex = |text: &[u8]| text.iter().map(|byte| format!("{byte:02X}")).collect::<String>().into_bytes();
    new_hex.as_deref() == Some(&hex(before))
}

/// A number without zeros that say nothing.
fn plain(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let digits = digits.trim_start_matches('0');
    let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    if digits.is_empty() { "0".to_owned() } else { format!("{sign}{digits}") }
}

/// A moment without parts that say nothing.
fn moment(text: &str) -> String {
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
    text.strip_suffix(" 00:00:00").unwrap_or(text).to_owned()
}
