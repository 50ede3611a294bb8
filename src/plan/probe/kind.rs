//! What type the values of an expression have, as far as that is easily said: text where it is not.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Rows;
use crate::model::expression::{BinaryOp, CastType, Literal, Temporal, Unit};
use crate::model::{Charset, Collation, Column, DataType, Expr, Geometry, Integer, Size};
use crate::source::Pair;

/// How a function reads the strings among its arguments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reading {
    /// As they are.
    Plain,
    /// As numbers.
    Number,
    /// As dates.
    Date,
    /// As times of day.
    Time,
    /// The first as a JSON document.
    Json,
}

/// What `grammar/results.tsv` says of a function.
#[derive(Clone, Copy, Debug)]
struct Function {
    result: &'static str,
    reading: Reading,
    integers: &'static str,
}

static FUNCTIONS: LazyLock<HashMap<&'static str, Function>> = LazyLock::new(|| {
    let lines = include_str!("../../../grammar/results.tsv").lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let mut words = line.split('\t');
            let (name, result) = (words.next()?, words.next()?);
            let reading = match words.next()? {
                "number" => Reading::Number,
                "date" => Reading::Date,
                "time" => Reading::Time,
                "json" => Reading::Json,
                _ => Reading::Plain,
            };
            Some((name, Function { result, reading, integers: words.next()? }))
        })
        .collect()
});

/// How a function reads the strings among its arguments.
pub(super) fn reading(name: &str) -> Reading {
    FUNCTIONS.get(name).map_or(Reading::Plain, |function| function.reading)
}

/// Whether a function reads its argument at that place, counted from 0, as an integer.
pub(super) fn reads_integer(name: &str, at: usize) -> bool {
    let is_it = |place: &str| place.parse::<usize>().is_ok_and(|place| place == at + 1);
    FUNCTIONS.get(name).is_some_and(|function| function.integers.split(',').any(is_it))
}

/// Whether a function hands on one of its arguments.
pub(super) fn hands_on(name: &str) -> bool {
    FUNCTIONS.get(name).is_some_and(|function| matches!(function.result, "first" | "all" | "rest"))
}

/// Whether a string may be among the values.
pub(super) const fn is_text(data_type: &DataType) -> bool {
    use DataType as T;
    matches!(data_type, T::Char(_) | T::Varchar(_) | T::Text(_) | T::Binary(_) | T::Varbinary(_) | T::Blob(_) | T::Json)
}

/// Whether the values are numbers.
pub(super) const fn is_number(data_type: &DataType) -> bool {
    use DataType as T;
    matches!(data_type, T::Integer { .. } | T::Decimal { .. } | T::Float { .. } | T::Bit(_) | T::Year(_))
}

/// Whether the servers compare the values with those of any expression.
pub(super) const fn is_compared(data_type: &DataType) -> bool {
    use DataType as T;
    !matches!(data_type, T::Json | T::Geometry(_) | T::Vector(_) | T::Uuid | T::Inet4 | T::Inet6)
}

/// Whether the servers take the values for numbers where one is asked for: no shape and no vector is one (MySQL 1210).
pub(super) const fn is_reckoned(data_type: &DataType) -> bool {
    !matches!(data_type, DataType::Geometry(_) | DataType::Vector(_))
}

const TEXT: DataType = DataType::Text(Size::Long);
const BYTES: DataType = DataType::Blob(Size::Long);
const FLOAT: DataType = DataType::Float { double: true, digits: None, unsigned: false, zerofill: false };
const DECIMAL: DataType = DataType::Decimal { precision: 65, scale: 30, unsigned: false, zerofill: false };

const fn integer(kind: Integer) -> DataType {
    DataType::Integer { kind, width: None, unsigned: false, zerofill: false }
}

impl Rows<'_> {
    /// A column as the expression's values would fill it.
    pub(super) fn result(&self, expression: &Expr) -> Column {
        use DataType as T;
        let mut column = Column::new(self.tables.old.name.clone(), self.kind(expression));
        if let T::Char(_) | T::Varchar(_) | T::Text(_) | T::Enum(_) | T::Set(_) = column.data_type {
            let own = match expression {
                Expr::Column(name) => self.tables.new.column(name.as_str()).and_then(|(_, column)| column.collation),
                _ => None,
            };
            let target = self.terms.target;
            // What no column says the charset of may have any character.
            column.collation = own.or_else(|| {
                let charset = Charset::named("utf8mb4", target)?;
                Collation::named("utf8mb4_bin", Some(charset), target)
            });
        }
        column
    }

    /// What type an expression's values have.
    pub(super) fn kind(&self, expression: &Expr) -> DataType {
        match expression {
            Expr::Column(name) => match self.tables.new.column(name.as_str()) {
                Some((_, column)) => column.data_type.clone(),
                None => TEXT,
            },
            Expr::Literal(literal) => of_literal(literal),
            // What has no sign gets one.
            Expr::Negative(inner) => match arithmetic(&[self.kind(inner)]) {
                DataType::Integer { .. } => integer(Integer::Big),
                other => other,
            },
            Expr::BitNot(_) => integer(Integer::Big),
            Expr::Binary { op, left, right } => match op {
                BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Modulo => {
                    arithmetic(&[self.kind(left), self.kind(right)])
                }
                BinaryOp::Divide => match arithmetic(&[self.kind(left), self.kind(right)]) {
                    DataType::Integer { .. } => DECIMAL,
                    other => other,
                },
                BinaryOp::IntegerDivide
                | BinaryOp::BitOr
                | BinaryOp::BitAnd
                | BinaryOp::BitXor
                | BinaryOp::ShiftLeft
                | BinaryOp::ShiftRight => integer(Integer::Big),
                BinaryOp::Equal
                | BinaryOp::NullSafeEqual
                | BinaryOp::NotEqual
                | BinaryOp::Less
                | BinaryOp::LessOrEqual
                | BinaryOp::Greater
                | BinaryOp::GreaterOrEqual
                | BinaryOp::Xor
                | BinaryOp::Regexp => integer(Integer::Tiny),
            },
            Expr::Not(_)
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::Is { .. }
            | Expr::Between { .. }
            | Expr::In { .. }
            | Expr::Like { .. }
            | Expr::MemberOf { .. }
            | Expr::Exists(_)
            | Expr::InQuery { .. }
            | Expr::Quantified { .. } => integer(Integer::Tiny),
            Expr::DateArithmetic { date, unit, .. } => match self.kind(date) {
                DataType::Date if is_of_days(*unit) => DataType::Date,
                DataType::Date | DataType::DateTime(_) | DataType::Timestamp(_) => DataType::DateTime(6),
                DataType::Time(_) if !is_of_days(*unit) || self.terms.target.is_mariadb() => DataType::Time(6),
                _ => TEXT,
            },
            Expr::Case { branches, otherwise, .. } => {
                let values = branches.iter().map(|(_, value)| value).chain(otherwise.as_deref());
                self.common(values)
            }
            Expr::Cast { to, .. } | Expr::Typed { to, .. } | Expr::JsonValue { returning: to, .. } => of_cast(to),
            Expr::AtTimeZone { .. } => DataType::DateTime(6),
            Expr::Extract { .. } | Expr::TimestampDiff { .. } => integer(Integer::Big),
            Expr::ConvertUsing { charset, .. } if &**charset == "binary" => BYTES,
            // With a second argument it says the shape under another SRID.
            Expr::Call { name, args } if &**name == "st_srid" && args.len() > 1 => {
                DataType::Geometry(Geometry::Geometry)
            }
            // What MySQL keeps of it in a key is a YEAR.
            Expr::Call { name, .. } if &**name == "year" && self.keyed => DataType::Year(4),
            Expr::Call { name, args } => match FUNCTIONS.get(&**name).map(|function| function.result) {
                Some("integer") => integer(Integer::Big),
                Some("decimal") => DECIMAL,
                Some("float") => FLOAT,
                Some("bytes") => BYTES,
                Some("date") => DataType::Date,
                Some("datetime") => DataType::DateTime(6),
                Some("time") => DataType::Time(6),
                Some("geometry") => DataType::Geometry(Geometry::Geometry),
                Some("json") if self.terms.target.is_mysql() => DataType::Json,
                Some("first") if reading(name) == Reading::Number => {
                    args.first().map_or(TEXT, |first| arithmetic(&[self.kind(first)]))
                }
                Some("first") => self.common(args.iter().take(1)),
                Some("all") => self.common(args.iter()),
                Some("rest") => self.common(args.iter().skip(1)),
                Some(_) | None if args.iter().any(|arg| self.is_bytes(arg)) => {
                    // What is made of bytes may be bytes.
                    if matches!(&**name, "hex" | "to_base64" | "quote" | "json_unquote") { TEXT } else { BYTES }
                }
                Some(_) | None => TEXT,
            },
            _ => TEXT,
        }
    }

    /// Whether another session may read something else where a column is computed as it is read: moments with zeros, and
    /// characters that are none, are NULL under some modes alone.
    pub(super) fn is_read_otherwise(&self, column: &Column) -> bool {
        let Some(generated) = column.generated.as_ref().filter(|generated| !generated.stored) else { return false };
        let old = self.tables.old;
        let before = Rows { tables: Pair::new(old, old), ..*self };
        let is_filled =
            !matches!(generated.expression, Expr::Column(_)) || !is_moment(&before.kind(&generated.expression));
        is_moment(&column.data_type) && is_filled || before.has_moments(&generated.expression)
    }

    /// Whether moments, or characters by their numbers, are made in an expression.
    fn has_moments(&self, expression: &Expr) -> bool {
        let own = match expression {
            Expr::Char { charset, .. } => &**charset != "binary",
            Expr::Column(_) | Expr::Literal(_) => false,
            Expr::Call { name, args } if matches!(&**name, "greatest" | "least") => {
                args.iter().any(|arg| is_moment(&self.kind(arg)))
            }
            other => is_moment(&self.kind(other)),
        };
        own || expression.any_child(|child| self.has_moments(child))
    }

    /// Whether the values are bytes: so are the members of a column in the charset `binary`.
    fn is_bytes(&self, expression: &Expr) -> bool {
        let of_column = |column: &Column| column.collation.is_some_and(|c| c.charset().name() == "binary");
        match expression {
            Expr::Column(name) if self.tables.new.column(name.as_str()).is_some_and(|(_, c)| of_column(c)) => true,
            _ => fills_with_bytes(&self.kind(expression)),
        }
    }

    /// Whether a computed column of bits takes an expression's values for bytes: strings, and moments and members as they are
    /// written, but for those that MySQL takes from a column as numbers.
    pub(super) fn fills_bits_by_bytes(&self, expression: &Expr, kind: &DataType) -> bool {
        let is_column = matches!(expression, Expr::Column(_));
        match kind {
            DataType::Enum(_) | DataType::Set(_) => !is_column,
            DataType::DateTime(_) | DataType::Timestamp(_) | DataType::Time(_) => {
                !(is_column && self.terms.target.is_mysql())
            }
            other => is_moment(other) || is_text(other) && *other != DataType::Json,
        }
    }

    /// What type takes the values of all.
    fn common<'e>(&self, expressions: impl Iterator<Item = &'e Expr>) -> DataType {
        let is_null = |e: &&Expr| !matches!(e, Expr::Literal(Literal::Null));
        let mut bytes = false;
        let kind = |e: &'e Expr| {
            bytes |= self.is_bytes(e);
            self.kind(e)
        };
        let kinds: Vec<DataType> = expressions.filter(is_null).map(kind).collect();
        let is_member = |kind: &DataType| matches!(kind, DataType::Enum(_) | DataType::Set(_));
        let is_written = kinds.iter().any(|kind| kind != &kinds[0] || is_member(kind));
        match &kinds[..] {
            [] => TEXT,
            // MariaDB takes the others for addresses, too.
            _ if self.terms.target.is_mariadb() && kinds.iter().any(is_address) => {
                kinds.iter().find(|kind| is_address(kind)).cloned().unwrap_or(TEXT)
            }
            _ if bytes && is_written && !kinds.iter().all(is_number) => BYTES,
            // A moment is handed on as it is written, and so is a member.
            _ if kinds.iter().any(is_moment) => TEXT,
            _ if kinds.iter().any(is_member) => TEXT,
            [first, rest @ ..] if rest.iter().all(|kind| kind == first) => first.clone(),
            // With a sign and without: more than any integer type takes.
            _ if kinds.iter().any(is_signed) && kinds.iter().any(is_unsigned) => DECIMAL,
            _ if kinds.iter().all(is_number) => arithmetic(&kinds),
            _ => TEXT,
        }
    }
}

const fn is_address(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Inet4 | DataType::Inet6 | DataType::Uuid)
}

const fn is_signed(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Integer { unsigned: false, zerofill: false, .. })
}

const fn is_unsigned(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Integer { unsigned: true, .. } | DataType::Integer { zerofill: true, .. })
}

/// Whether the values are bytes among strings: bits are, too.
const fn fills_with_bytes(data_type: &DataType) -> bool {
    super::conversion::is_binary(data_type) || matches!(data_type, DataType::Bit(_))
}

/// Whether the values are moments or times of day.
pub(super) const fn is_moment(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Date | DataType::DateTime(_) | DataType::Timestamp(_) | DataType::Time(_))
}

/// What type arithmetic of these has.
fn arithmetic(kinds: &[DataType]) -> DataType {
    use DataType as T;
    let is = |f: fn(&T) -> bool| kinds.iter().all(f);
    if is(|kind| matches!(kind, T::Integer { .. } | T::Year(_) | T::Bit(_) | T::Enum(_) | T::Set(_))) {
        let unsigned = kinds.iter().any(|kind| matches!(kind, T::Integer { unsigned: true, .. } | T::Bit(_)));
        return T::Integer { kind: Integer::Big, width: None, unsigned, zerofill: false };
    }
    if is(|kind| matches!(kind, T::Float { .. }) || is_text(kind))
        || kinds.iter().any(|k| matches!(k, T::Float { .. }) || is_text(k))
    {
        return FLOAT;
    }
    DECIMAL
}

fn of_literal(literal: &Literal) -> DataType {
    match literal {
        Literal::Bool(_) => integer(Integer::Tiny),
        Literal::Number(text) if text.contains(['e', 'E']) => FLOAT,
        Literal::Number(text) if text.contains('.') => DECIMAL,
        Literal::Number(text) if text.len() < 9 => integer(Integer::Int),
        Literal::Number(_) => integer(Integer::Big),
        Literal::Hex { .. } => BYTES,
        Literal::String { charset: Some(charset), .. } if &**charset == "binary" => BYTES,
        Literal::Temporal { kind: Temporal::Date, .. } => DataType::Date,
        Literal::Temporal { kind: Temporal::Time, .. } => DataType::Time(6),
        Literal::Temporal { .. } => DataType::DateTime(6),
        Literal::Null | Literal::String { .. } => TEXT,
    }
}

/// What type CAST gives.
pub(super) fn of_cast(to: &CastType) -> DataType {
    match to {
        CastType::Char { charset: Some(charset), .. } if &**charset == "binary" => BYTES,
        CastType::Char { .. } => TEXT,
        CastType::Signed => integer(Integer::Big),
        CastType::Unsigned => DataType::Integer { kind: Integer::Big, width: None, unsigned: true, zerofill: false },
        CastType::Decimal { precision, scale } => {
            DataType::Decimal { precision: *precision, scale: *scale, unsigned: false, zerofill: false }
        }
        CastType::Named { name, precision } => match &**name {
            "date" => DataType::Date,
            "time" => DataType::Time(precision.unwrap_or(0)),
            "datetime" => DataType::DateTime(precision.unwrap_or(0)),
            "year" => DataType::Year(4),
            "json" => DataType::Json,
            "double" | "float" | "real" => FLOAT,
            _ => TEXT,
        },
    }
}

/// Whether so many of them are counted in integers.
pub(super) const fn is_counted(unit: Unit) -> bool {
    use Unit as U;
    matches!(unit, U::Microsecond | U::Minute | U::Hour | U::Day | U::Week | U::Month | U::Quarter | U::Year)
}

/// Whether a date stays one when so much is added.
const fn is_of_days(unit: Unit) -> bool {
    matches!(unit, Unit::Day | Unit::Week | Unit::Month | Unit::Quarter | Unit::Year | Unit::YearMonth)
}
