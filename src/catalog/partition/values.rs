//! The values of RANGE and LIST partitions: of the column's type, in order, and each once.
//!
//! `partition_info::check_range_constants`, `check_list_constants` and `fix_column_value_functions`
//! (sql/partition_info.cc).

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::canonical::expression::computed;
use crate::catalog::charset;
use crate::catalog::default::{self, address};
use crate::catalog::encoding;
use crate::catalog::error::{CatalogError, Outcome};
use crate::catalog::temporal::days_in;
use crate::ident::{Ident, folded};
use crate::model::expression::{Literal, Temporal};
use crate::model::{Column, DataType, Expr, Integer, PartitionMethod, PartitionValues, Partitioning, Table};
use crate::source::Span;
use crate::syntax::ddl::{PartitionDefinition, PartitionValuesClause};
use crate::syntax::expression::facts;
use crate::target::Target;

/// One value, as far as it can be known without a server.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Value {
    Null,
    Number(i128),
    Text(String),
    Max,
    Unknown,
}

impl Value {
    /// As the column's collation compares it.
    fn compared((value, folds): (Self, bool)) -> Self {
        match value {
            Self::Text(text) if folds => Self::Text(folded(&text).into_string()),
            other => other,
        }
    }
}

/// What the servers refuse of values while they read them, whatever their partitions are of: error 1064 for what changes from
/// moment to moment, 1566 for a bound that is NULL, 1697 for what is no integer where integers are listed.
pub(super) fn check_written(partitions: &[PartitionDefinition<'_>], method: &PartitionMethod) -> Outcome<()> {
    let integers = matches!(method, PartitionMethod::Range(_) | PartitionMethod::List(_));
    let ranges = matches!(method, PartitionMethod::Range(_) | PartitionMethod::RangeColumns(_));
    let lists = matches!(method, PartitionMethod::List(_) | PartitionMethod::ListColumns(_));
    for partition in partitions {
        let place = partition.name.span;
        let values: Vec<&Expr> = match &partition.values {
            PartitionValuesClause::LessThan(bounds) if ranges => bounds.iter().flatten().map(|v| &v.expr).collect(),
            PartitionValuesClause::In(tuples) if lists => tuples.iter().flatten().map(|v| &v.expr).collect(),
            _ => Vec::new(),
        };
        for value in values {
            let momentary = matches!(value, Expr::Call { name, .. } if facts(name).refused_by_mysql);
            if momentary {
                let message =
                    "constant, random or timezone-dependent expressions in (sub)partitioning function are not allowed";
                return Err(CatalogError::new(1064, place, message));
            }
            if ranges && is_null(value) {
                return Err(CatalogError::new(1566, place, "not allowed to use NULL value in VALUES LESS THAN"));
            }
            let no_integer = match value {
                Expr::Literal(Literal::Number(digits)) => digits.contains(['.', 'e', 'E']),
                Expr::Literal(Literal::String { .. } | Literal::Hex { .. } | Literal::Temporal { .. }) => true,
                _ => false,
            };
            if integers && no_integer {
                return Err(wrong_type(&Ident::new(partition.name.text.as_ref()), place));
            }
        }
    }
    Ok(())
}

/// Whether a value is NULL, also that of a function of a date for what is no date.
fn is_null(value: &Expr) -> bool {
    let Expr::Call { name, args } = value else { return *value == Expr::Literal(Literal::Null) };
    // YEAR() takes a date whose month or day is not known, the others do not.
    let whole = match &**name {
        "to_days" | "to_seconds" => true,
        "year" => false,
        _ => return false,
    };
    match args.as_slice() {
        [Expr::Literal(Literal::Null)] => true,
        [Expr::Literal(Literal::String { text, .. })] => is_no_date(text, whole),
        _ => false,
    }
}

/// Whether a text is certainly no date; `whole` where it must name a month and a day.
fn is_no_date(text: &str, whole: bool) -> bool {
    if !text.bytes().any(|b| b.is_ascii_digit()) {
        return true;
    }
    let date = text.split([' ', 'T']).next().unwrap_or_default();
    let parts: Option<Vec<u32>> = date.split('-').map(|part| part.parse().ok()).collect();
    let Some(&[year, month, day]) = parts.as_deref() else { return false };
    if month == 0 || day == 0 {
        return whole;
    }
    month > 12 || day > days_in(year, month)
}

/// Checks the values of all partitions; `place` tells where a partition's stand.
pub(super) fn check(
    partitioning: &Partitioning,
    table: &Table,
    place: &dyn Fn(usize) -> Span,
    target: Target,
) -> Outcome<()> {
    let reader = Reader::new(&partitioning.method, table, target);
    let read = |tuple: &[Option<&Expr>], at: usize| reader.read(tuple, &partitioning.partitions[at].name, place(at));
    let mut bound: Option<Vec<Value>> = None;
    let mut listed: BTreeSet<Vec<Value>> = BTreeSet::new();
    let mut defaults = 0;
    for (at, partition) in partitioning.partitions.iter().enumerate() {
        match &partition.values {
            PartitionValues::LessThan(written) => {
                let tuple: Vec<Option<&Expr>> = written.iter().map(Option::as_ref).collect();
                let tuple = read(&tuple, at)?;
                if tuple.contains(&Value::Null) {
                    return Err(CatalogError::new(
                        1566,
                        place(at),
                        "not allowed to use NULL value in VALUES LESS THAN",
                    ));
                }
                if bound.as_ref().is_some_and(|before| reader.increases(before, &tuple) == Some(false)) {
                    return Err(CatalogError::new(
                        1493,
                        place(at),
                        "VALUES LESS THAN value must be strictly increasing for each partition",
                    ));
                }
                bound = Some(tuple);
            }
            PartitionValues::In(tuples) => {
                for tuple in tuples {
                    if tuple.len() == 1 && reader.columns.len() > 1 {
                        // Their parsers see it.
                        let message = "inconsistency in usage of column lists for partitioning";
                        return Err(CatalogError::new(1064, place(at), message));
                    }
                    let tuple: Vec<Option<&Expr>> = tuple.iter().map(Some).collect();
                    let tuple = read(&tuple, at)?;
                    let tuple: Vec<Value> = tuple.into_iter().zip(reader.folds()).map(Value::compared).collect();
                    if !tuple.contains(&Value::Unknown) && !listed.insert(tuple) {
                        return Err(CatalogError::new(
                            1495,
                            place(at),
                            "multiple definition of same constant in list partitioning",
                        ));
                    }
                }
            }
            PartitionValues::Default => {
                defaults += 1;
                if defaults > 1 {
                    return Err(CatalogError::new(4030, place(at), "only one DEFAULT partition allowed"));
                }
            }
            PartitionValues::None | PartitionValues::History | PartitionValues::Current => {}
        }
    }
    Ok(())
}

/// Whether the end of a range is known to lie behind that of another.
pub(super) fn grows(
    method: &PartitionMethod,
    table: &Table,
    before: &[Option<Expr>],
    after: &[Option<Expr>],
    target: Target,
) -> Option<bool> {
    let reader = Reader::new(method, table, target);
    let read = |bounds: &[Option<Expr>]| {
        let tuple: Vec<Option<&Expr>> = bounds.iter().map(Option::as_ref).collect();
        reader.read(&tuple, &table.name, Span::default()).ok()
    };
    reader.increases(&read(before)?, &read(after)?)
}

/// How values of a partitioning are read.
struct Reader<'t> {
    /// The columns that the values are of; empty where they are of an expression.
    columns: Vec<Option<&'t Column>>,
    unsigned: bool,
    target: Target,
}

impl<'t> Reader<'t> {
    fn new(method: &PartitionMethod, table: &'t Table, target: Target) -> Self {
        let columns = match method {
            PartitionMethod::RangeColumns(names) | PartitionMethod::ListColumns(names) => {
                names.iter().map(|name| table.column(name.as_str()).map(|(_, column)| column)).collect()
            }
            _ => Vec::new(),
        };
        let unsigned = match method {
            PartitionMethod::Range(expr) | PartitionMethod::List(expr) => is_unsigned(expr, table, target),
            _ => false,
        };
        Self { columns, unsigned, target }
    }

    /// For each value of a tuple, whether its column's collation takes upper for lower case.
    fn folds(&self) -> impl Iterator<Item = bool> {
        let folds = |column: &Column| column.collation.is_some_and(|c| c.folds_case());
        self.columns.iter().map(move |column| column.is_some_and(folds)).chain(std::iter::repeat(false))
    }

    /// Whether `after` is greater than `before`, if that can be known.
    fn increases(&self, before: &[Value], after: &[Value]) -> Option<bool> {
        for (at, (a, b)) in before.iter().zip(after).enumerate() {
            if *a == Value::Unknown || *b == Value::Unknown {
                return None;
            }
            if *a == Value::Max && *b == Value::Max {
                return Some(false);
            }
            let column = self.columns.get(at).copied().flatten();
            match (a, b) {
                (Value::Text(a), Value::Text(b)) => match column.and_then(|column| in_order(a, b, column))? {
                    Ordering::Equal => {}
                    order => return Some(order == Ordering::Less),
                },
                // Others are dates in a form of their own.
                (Value::Text(_), Value::Max) => return Some(true),
                (Value::Max, Value::Text(_)) => return Some(false),
                (Value::Text(_), _) | (_, Value::Text(_)) => return None,
                (a, b) if a != b => return Some(a < b),
                _ => {}
            }
        }
        Some(false)
    }

    fn read(&self, tuple: &[Option<&Expr>], partition: &Ident, span: Span) -> Outcome<Vec<Value>> {
        if self.columns.is_empty() {
            return tuple.iter().map(|value| integer(*value, self, partition, span)).collect();
        }
        if tuple.len() != self.columns.len() {
            return Err(CatalogError::new(1653, span, "inconsistency in usage of column lists for partitioning"));
        }
        tuple.iter().zip(&self.columns).map(|(value, column)| of_column(*value, *column, self.target, span)).collect()
    }
}

/// Makes of values what the server stores: what constants come to, text without an introducer; of the bytes in RANGE COLUMNS
/// and LIST COLUMNS what their columns hold: text of their charset, addresses. Bytes that are none stay bytes of that charset.
pub(super) fn store(partitioning: &mut Partitioning, columns: &[Column], target: Target) {
    let names = match &partitioning.method {
        PartitionMethod::RangeColumns(names) | PartitionMethod::ListColumns(names) => names.clone(),
        _ => Vec::new(),
    };
    let of = |at: usize| names.get(at).and_then(|name| columns.iter().find(|c| c.name.is(name.as_str())));
    let convert = |at: usize, value: &mut Expr| {
        if let (Expr::Literal(Literal::Hex { digits, .. }), Some(column)) = (&*value, of(at)) {
            match text_of(digits, column, target) {
                Some(text) => *value = Expr::Literal(Literal::String { charset: None, text: text.into() }),
                None if holds_bytes(column) => *value = bytes_of(digits, column, target),
                None => {}
            }
        } else if let Expr::Literal(Literal::String { charset, text }) = value {
            // With an introducer MySQL shows the bytes of a binary column.
            let shows_bytes = |column: &Column| {
                target.is_mysql() && matches!(column.data_type, DataType::Binary(_) | DataType::Varbinary(_))
            };
            match of(at).filter(|column| charset.is_some() && !text.is_empty() && shows_bytes(column)) {
                Some(column) => {
                    let digits: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
                    *value = bytes_of(&digits, column, target);
                }
                None => *charset = None,
            }
        } else if let Some(number) = computed(value) {
            let digits = Expr::Literal(Literal::Number(number.unsigned_abs().to_string().into()));
            *value = if number < 0 { Expr::Negative(Box::new(digits)) } else { digits };
        }
    };
    for partition in &mut partitioning.partitions {
        match &mut partition.values {
            PartitionValues::LessThan(bounds) => {
                bounds.iter_mut().enumerate().for_each(|(at, bound)| bound.iter_mut().for_each(|v| convert(at, v)));
            }
            PartitionValues::In(tuples) => {
                for tuple in tuples {
                    tuple.iter_mut().enumerate().for_each(|(at, value)| convert(at, value));
                }
            }
            PartitionValues::None | PartitionValues::Default | PartitionValues::History | PartitionValues::Current => {}
        }
    }
}

fn holds_bytes(column: &Column) -> bool {
    matches!(column.data_type, DataType::Char(_) | DataType::Varchar(_) | DataType::Binary(_) | DataType::Varbinary(_))
}

/// Bytes that are no text, as both servers show them.
fn bytes_of(digits: &str, column: &Column, target: Target) -> Expr {
    let charset = column.collation.map_or("binary", |collation| collation.charset().name());
    let digits = if target.is_mysql() { digits.to_ascii_uppercase() } else { digits.to_owned() };
    let bytes = Box::new(Expr::Literal(Literal::Hex { digits: digits.into(), quoted: false }));
    Expr::ConvertUsing { expr: bytes, charset: charset.into() }
}

/// What hexadecimal digits say in a column; MySQL shows no bytes of binary columns as text.
fn text_of(digits: &str, column: &Column, target: Target) -> Option<String> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes = digits.as_bytes().chunks(2).map(byte).collect::<Option<Vec<u8>>>()?;
    match &column.data_type {
        DataType::Char(_) | DataType::Varchar(_) => encoding::decode(column.collation?.charset(), &bytes),
        DataType::Binary(_) | DataType::Varbinary(_) if target.is_mysql() => None,
        DataType::Binary(_)
        | DataType::Varbinary(_)
        | DataType::Date
        | DataType::Time(_)
        | DataType::DateTime(_)
        | DataType::Timestamp(_) => String::from_utf8(bytes).ok(),
        data_type => address(&bytes, data_type),
    }
}

/// The order of two texts in a column's collation, where they are of letters and digits alone, which collations of no language
/// order as ASCII does but for their case. To a language two letters may be one (the LL of Spanish).
fn in_order(a: &str, b: &str, column: &Column) -> Option<Ordering> {
    if a == b {
        return Some(Ordering::Equal);
    }
    let collation = column.collation.filter(|_| !column.data_type.is_blob())?;
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !plain(a) || !plain(b) {
        return None;
    }
    let general = match collation.name().strip_prefix(collation.charset().name()) {
        Some("_general_ci" | "_unicode_ci" | "_unicode_520_ci" | "_0900_ai_ci" | "_0900_as_ci") => true,
        Some("_uca1400_ai_ci" | "_uca1400_as_ci") => true,
        _ => collation.name() == "latin1_swedish_ci",
    };
    if general {
        return Some(a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase()));
    }
    collation.name().ends_with("_bin").then(|| a.cmp(b))
}

/// Whether a column of integers holds a number.
fn within(number: i128, kind: Integer, unsigned: bool) -> bool {
    let (least, most) = kind.range(unsigned);
    (least..=most).contains(&number)
}

/// A value of RANGE (expr) or LIST (expr).
fn integer(value: Option<&Expr>, reader: &Reader<'_>, partition: &Ident, span: Span) -> Outcome<Value> {
    let Some(expr) = value else { return Ok(Value::Max) };
    check_constant(expr, span)?;
    match expr {
        Expr::Literal(Literal::Null) => return Ok(Value::Null),
        Expr::Literal(Literal::String { .. } | Literal::Hex { .. } | Literal::Temporal { .. }) => {
            return Err(wrong_type(partition, span));
        }
        Expr::Literal(Literal::Number(digits)) if digits.contains(['.', 'e', 'E']) => {
            return Err(wrong_type(partition, span));
        }
        // Only where MySQL keeps truth values apart from numbers.
        Expr::Literal(Literal::Bool(_)) => {
            return Err(CatalogError::new(1564, span, "this partition function is not allowed"));
        }
        _ => {}
    }
    match number(expr) {
        Some(n) if !reader.unsigned && n > i128::from(i64::MAX) => Ok(Value::Number(i128::from(i64::MAX))),
        Some(n) if reader.unsigned && n < 0 => {
            Err(CatalogError::new(1563, span, "partition constant is out of partition function domain"))
        }
        Some(n) => Ok(Value::Number(n)),
        None => Ok(Value::Unknown),
    }
}

/// Whether the servers compute an expression without a sign: arithmetic is, where one of its operands is; MySQL's YEAR() is.
fn is_unsigned(expr: &Expr, table: &Table, target: Target) -> bool {
    match expr {
        Expr::Column(name) => table.column(name.as_str()).is_some_and(|(_, column)| {
            matches!(column.data_type, DataType::Integer { unsigned: true, .. } | DataType::Year(_) | DataType::Bit(_))
        }),
        Expr::Binary { left, right, .. } => is_unsigned(left, table, target) || is_unsigned(right, table, target),
        Expr::Call { name, .. } => target.is_mysql() && &**name == "year",
        _ => false,
    }
}

fn wrong_type(partition: &Ident, span: Span) -> CatalogError {
    CatalogError::new(1697, span, format!("VALUES value for partition '{partition}' must have type INT"))
}

/// Error 1054: no column has a value here.
fn check_constant(expr: &Expr, span: Span) -> Outcome<()> {
    let mut column = None;
    expr.columns(&mut |name| column = Some(name.clone()));
    match column {
        Some(name) => Err(CatalogError::new(1054, span, format!("unknown column '{name}' in 'partition function'"))),
        None => Ok(()),
    }
}

/// A value of RANGE COLUMNS or LIST COLUMNS.
fn of_column(value: Option<&Expr>, column: Option<&Column>, target: Target, span: Span) -> Outcome<Value> {
    let (Some(expr), Some(column)) = (value, column) else { return Ok(Value::Max) };
    check_constant(expr, span)?;
    if let (Expr::Literal(Literal::String { text, charset: None }), Some(collation)) = (expr, column.collation)
        && charset::storable(text, collation.charset()) != **text
    {
        let number = if target.is_mysql_since(80_018) { 3854 } else { 1564 };
        let message = format!("a value of '{}' has a character that {} lacks", column.name, collation.charset().name());
        return Err(CatalogError::new(number, span, message));
    }
    let wrong = || Err(CatalogError::new(1654, span, "partition column values of incorrect type"));
    match (expr, &column.data_type) {
        (Expr::Literal(Literal::Null), _) => Ok(Value::Null),
        (Expr::Literal(Literal::Temporal { kind, .. }), data_type) => match (kind, data_type) {
            (Temporal::Date | Temporal::Timestamp, DataType::Date | DataType::DateTime(_) | DataType::Timestamp(_))
            | (Temporal::Time, DataType::Time(_)) => Ok(Value::Unknown),
            _ => wrong(),
        },
        (Expr::Negative(_), DataType::Integer { kind, unsigned, .. }) => Ok(match number(expr) {
            Some(n) if !within(n, *kind, *unsigned) => return wrong(),
            Some(n) => Value::Number(n),
            None => Value::Unknown,
        }),
        (Expr::Negative(_), _) => wrong(),
        (Expr::Literal(Literal::String { .. } | Literal::Hex { .. }), DataType::Integer { .. }) => wrong(),
        (Expr::Literal(Literal::Number(digits)), DataType::Integer { .. }) if digits.contains(['.', 'e', 'E']) => {
            wrong()
        }
        (_, DataType::Integer { kind, unsigned, .. }) => Ok(match number(expr) {
            Some(n) if !within(n, *kind, *unsigned) => return wrong(),
            Some(n) => Value::Number(n),
            None => Value::Unknown,
        }),
        (Expr::Literal(Literal::String { text, .. }), DataType::Date) if has_clock(text) => wrong(),
        (Expr::Literal(Literal::String { text, .. }), DataType::Date | DataType::DateTime(_)) => match moment(text) {
            Some(moment) => Ok(Value::Number(moment)),
            None if is_date(text) => Ok(Value::Text(text.to_string())),
            None => wrong(),
        },
        (Expr::Literal(Literal::String { text, .. }), DataType::Time(_))
            if text.contains('-') && !text.starts_with('-') =>
        {
            wrong()
        }
        // No moment has less.
        (Expr::Literal(Literal::String { text, .. }), DataType::Time(_))
            if !text.contains(|c: char| c.is_ascii_digit()) =>
        {
            wrong()
        }
        (Expr::Literal(Literal::Number(_)), _) => wrong(),
        (Expr::Literal(Literal::String { text, .. }), DataType::Uuid | DataType::Inet4 | DataType::Inet6)
            if !default::is_address(text, &column.data_type) =>
        {
            Err(CatalogError::new(1292, span, format!("incorrect value '{text}' of column '{}'", column.name)))
        }
        (Expr::Literal(Literal::String { text, .. }), DataType::Char(n) | DataType::Varchar(n))
            if target.is_mysql() && text.chars().count() > *n as usize =>
        {
            wrong()
        }
        (Expr::Literal(Literal::String { text, .. }), DataType::Binary(n) | DataType::Varbinary(n))
            if target.is_mysql() && text.len() > *n as usize =>
        {
            wrong()
        }
        (Expr::Literal(Literal::String { text, charset: None }), _) => {
            Ok(Value::Text(text.trim_end_matches(' ').to_owned()))
        }
        _ => Ok(Value::Unknown),
    }
}

/// Whether a text has a time of day that is not midnight.
fn has_clock(text: &str) -> bool {
    text.trim().split_once([' ', 'T']).is_some_and(|(_, clock)| clock.contains(|c: char| matches!(c, '1'..='9')))
}

/// Whether a text is a day that the calendar has, as far as it has the common form.
fn is_date(text: &str) -> bool {
    let day = text.split([' ', 'T']).next().unwrap_or_default();
    let parts: Vec<&str> = day.split('-').collect();
    let [year, month, date] = parts[..] else { return text.bytes().next().is_some_and(|b| b.is_ascii_digit()) };
    let (Ok(year), Ok(month), Ok(date)) = (year.parse::<u32>(), month.parse::<u32>(), date.parse::<u32>()) else {
        return false;
    };
    month <= 12 && date <= days_in(year, month)
}

/// A day in the common form, perhaps with a time, as a number that grows with it.
fn moment(text: &str) -> Option<i128> {
    let (day, clock) = text.split_once([' ', 'T']).unwrap_or((text, "00:00:00"));
    let (seconds, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let plain = seconds.len() == 8
        && fraction.len() <= 6
        && digits(fraction)
        && seconds.split(':').all(|part| part.len() == 2 && digits(part));
    let micros: i128 = format!("{}{fraction:0<6}", seconds.replace(':', "")).parse().ok()?;
    if plain { Some(self::day(day)? * 1_000_000_000_000 + micros) } else { None }
}

/// A day in the common form, as a number that grows with it.
fn day(day: &str) -> Option<i128> {
    let plain = day.len() == 10
        && day.bytes().enumerate().all(|(at, b)| match at {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    if plain && is_date(day) { day.replace('-', "").parse().ok() } else { None }
}

/// The integer that a constant expression gives, as far as it is simple.
pub(super) fn number(expr: &Expr) -> Option<i128> {
    match expr {
        Expr::Literal(Literal::Number(digits)) => digits.parse().ok(),
        Expr::Negative(inner) => number(inner)?.checked_neg(),
        Expr::Binary { op, left, right } => op.integers(number(left)?, number(right)?),
        Expr::Call { name, args } => match (&**name, args.as_slice()) {
            ("to_days", [Expr::Literal(Literal::String { text, .. })]) => days(text),
            ("year", [Expr::Literal(Literal::String { text, .. })]) if is_date(text) => {
                text.split('-').next()?.parse().ok()
            }
            _ => None,
        },
        _ => None,
    }
}

/// Days since the year 0, in the proleptic Gregorian calendar.
fn days(text: &str) -> Option<i128> {
    let day = text.split([' ', 'T']).next()?;
    let parts: Vec<u32> = day.split('-').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [year, month, date] = parts[..] else { return None };
    if year < 1000 || month == 0 || date == 0 || month > 12 || date > days_in(year, month) {
        return None;
    }
    let before: u32 = (1..month).map(|m| days_in(year, m)).sum();
    let last = i128::from(year) - 1;
    Some(i128::from(year) * 365 + last / 4 - last / 100 + last / 400 + i128::from(before + date))
}
