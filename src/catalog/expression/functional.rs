//! What MySQL makes keys of: errors 3753, 3757, 3760 and 3761 for expressions that give documents, long texts, geometries or
//! nothing (MySQL 8.4 manual, section 15.1.15 "CREATE INDEX Statement", "Functional Key Parts").
//!
//! In: the expression and its table. What functions give stands in `grammar/lengths.tsv`. A value that is not plain to see is
//! taken for a short one.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::catalog::error::{CatalogError, Outcome};
use crate::model::expression::{CastType, Literal};
use crate::model::{Charset, Column, DataType, Expr, Size, Table};
use crate::source::Span;
use crate::target::Target;

/// More characters than that make a value a BLOB or TEXT (`CONVERT_IF_BIGGER_TO_BLOB` in sql/sql_const.h).
const LONGEST: u64 = 512;

/// Longer than any key.
const LONG: u64 = 1 << 32;

/// The width of numbers and moments where they become text.
const PLAIN: u64 = 23;

/// What a value is, as far as a key of it is concerned.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Value {
    /// NULL, always.
    Nothing,
    /// A number, a moment, or what is not known.
    Plain,
    /// A text of at most so many characters of so many bytes.
    Text {
        length: u64,
        width: u64,
    },
    Document,
    Geometry,
}

impl Value {
    const fn text(length: u64) -> Self {
        Self::Text { length, width: 4 }
    }

    const fn length(self) -> u64 {
        match self {
            Self::Nothing => 0,
            Self::Plain => PLAIN,
            Self::Text { length, .. } => length,
            Self::Document | Self::Geometry => LONG,
        }
    }

    const fn width(self) -> u64 {
        match self {
            Self::Text { width, .. } => width,
            Self::Nothing | Self::Plain | Self::Document | Self::Geometry => 4,
        }
    }

    const fn bytes(self) -> u64 {
        self.length().saturating_mul(self.width())
    }

    /// What either of two values may be.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (one, another) if one == another => one,
            (Self::Nothing, one) | (one, Self::Nothing) => one,
            (one, another) => {
                Self::Text { length: one.length().max(another.length()), width: one.width().max(another.width()) }
            }
        }
    }
}

/// Refuses an expression of which MySQL makes no key.
pub(super) fn check(expr: &Expr, table: &Table, target: Target, span: Span) -> Outcome<()> {
    let refuse = |number, message: &str| Err(CatalogError::new(number, span, message));
    match (Within { table, target }).value(expr) {
        Value::Document => refuse(3753, "no functional index is made of a function that returns JSON"),
        Value::Geometry => refuse(3760, "spatial functional index is not supported"),
        Value::Nothing | Value::Text { length: 0, .. } => {
            refuse(3761, "the expression of the functional index is always empty")
        }
        Value::Text { length, .. } if length > LONGEST => refuse(
            3757,
            "no functional index is made of an expression that returns a BLOB or TEXT; CAST makes it shorter",
        ),
        Value::Text { .. } | Value::Plain => Ok(()),
    }
}

/// Whether an expression is plainly a shape.
pub(super) fn gives_shape(expr: &Expr, table: &Table, target: Target) -> bool {
    (Within { table, target }).value(expr) == Value::Geometry
}

struct Within<'t> {
    table: &'t Table,
    target: Target,
}

impl Within<'_> {
    fn value(&self, expr: &Expr) -> Value {
        match expr {
            Expr::Column(name) => {
                self.table.column(name.as_str()).map_or(Value::Plain, |(_, column)| of_column(column))
            }
            Expr::Literal(Literal::Null) => Value::Nothing,
            Expr::Literal(Literal::String { text, .. }) => Value::text(text.chars().count() as u64),
            Expr::Literal(Literal::Hex { digits, .. }) => {
                Value::Text { length: digits.len().div_ceil(2) as u64, width: 1 }
            }
            Expr::Call { name, args } => self.call(name, args),
            Expr::Cast { array: true, .. } => Value::Plain,
            Expr::Cast { expr, to, .. } => self.cast(Some(expr), to),
            Expr::JsonValue { returning, .. } => self.cast(None, returning),
            Expr::ConvertUsing { expr, charset } => {
                Value::Text { length: self.value(expr).length(), width: self.width_of(Some(charset)) }
            }
            Expr::Collate { expr, .. } | Expr::Trim { expr, .. } => match self.value(expr) {
                Value::Nothing => Value::Nothing,
                value => Value::Text { length: value.length(), width: value.width() },
            },
            Expr::Case { branches, otherwise, .. } => {
                let results = branches.iter().map(|(_, then)| then).chain(otherwise.as_deref());
                results.map(|result| self.value(result)).fold(Value::Nothing, Value::or)
            }
            _ => Value::Plain,
        }
    }

    fn width_of(&self, charset: Option<&str>) -> u64 {
        let charset = charset.and_then(|name| Charset::named(name, self.target));
        charset.map_or(4, |charset| u64::from(charset.max_length()))
    }

    fn cast(&self, expr: Option<&Expr>, to: &CastType) -> Value {
        match to {
            CastType::Char { length, charset, .. } => {
                let whole = || expr.map_or(LONGEST, |expr| self.value(expr).length());
                Value::Text { length: length.map_or_else(whole, u64::from), width: self.width_of(charset.as_deref()) }
            }
            CastType::Named { name, .. } => match &**name {
                "json" => Value::Document,
                "point" | "linestring" | "polygon" | "multipoint" | "multilinestring" | "multipolygon"
                | "geometrycollection" => Value::Geometry,
                _ => Value::Plain,
            },
            CastType::Signed | CastType::Unsigned | CastType::Decimal { .. } => Value::Plain,
        }
    }

    fn call(&self, name: &str, args: &[Expr]) -> Value {
        let Some(rule) = LENGTHS.get(name) else { return Value::Plain };
        let values: Vec<Value> = args.iter().map(|arg| self.value(arg)).collect();
        let at = |number: usize| values.get(number - 1).copied().unwrap_or(Value::Nothing);
        let first = at(1);
        let counted = |number: usize| match args.get(number - 1) {
            Some(Expr::Literal(Literal::Number(digits))) => digits.parse::<u64>().ok(),
            // As MySQL keeps numbers among texts of several bytes.
            Some(Expr::Literal(literal)) => literal.plain()?.parse::<u64>().ok(),
            _ => None,
        };
        let width = values.iter().map(|value| value.width()).max().unwrap_or(4);
        let text = |length: u64| Value::Text { length, width };
        let sum = |from: usize| values.iter().skip(from - 1).fold(0, |sum: u64, v| sum.saturating_add(v.length()));
        match *rule {
            Rule::Long => Value::text(LONG),
            Rule::Document => Value::Document,
            Rule::Geometry => Value::Geometry,
            Rule::As(number) => match at(number) {
                Value::Document | Value::Geometry if name != "nullif" => Value::text(LONG),
                value => value,
            },
            Rule::Most(from, to) => {
                values.iter().take(to).skip(from - 1).fold(Value::Nothing, |most, value| most.or(*value))
            }
            Rule::Sum(from) => text(sum(from)),
            Rule::Joined => {
                let gaps = (values.len() as u64).saturating_sub(2);
                text(sum(2).saturating_add(first.length().saturating_mul(gaps)))
            }
            Rule::Cut(number) => text(counted(number).map_or(first.length(), |most| first.length().min(most))),
            Rule::Pad(number) => text(counted(number).unwrap_or(LONG)),
            Rule::Times(number) => text(counted(number).map_or(LONG, |times| first.length().saturating_mul(times))),
            Rule::Insert => text(first.length().saturating_add(at(4).length())),
            Rule::Quoted => text(first.length().saturating_mul(if name == "quote" { 2 } else { 6 }).saturating_add(2)),
            Rule::Hex => text(first.bytes().saturating_mul(2)),
            Rule::Unhex => Value::Text { length: first.bytes().div_ceil(2), width: 1 },
            Rule::Base64 => {
                let digits = first.bytes().div_ceil(3).saturating_mul(4);
                text(digits + digits.saturating_sub(1) / 76)
            }
            Rule::Bytes64 => Value::Text { length: first.bytes() / 4 * 3, width: 1 },
            Rule::Bytes => Value::Text { length: first.bytes().saturating_add(16), width: 1 },
            Rule::Format(number) => match args.get(number - 1) {
                Some(Expr::Literal(_)) | None => Value::Plain,
                Some(_) => text(at(number).length().saturating_mul(10)),
            },
        }
    }
}

fn of_column(column: &Column) -> Value {
    let width = u64::from(column.collation.map_or(1, |collation| collation.charset().max_length()));
    let text = |length: u64| Value::Text { length, width };
    let characters = |text: &str| text.chars().count() as u64;
    match &column.data_type {
        DataType::Char(n) | DataType::Varchar(n) => text(u64::from(*n)),
        DataType::Binary(n) | DataType::Varbinary(n) => text(u64::from(*n)),
        DataType::Text(Size::Tiny) | DataType::Blob(Size::Tiny) => text(255),
        DataType::Text(_) | DataType::Blob(_) => text(LONG),
        DataType::Enum(members) => text(members.iter().map(|member| characters(member)).max().unwrap_or(0).max(1)),
        DataType::Set(members) => text(members.iter().map(|member| characters(member) + 1).sum()),
        DataType::Json => Value::Document,
        DataType::Geometry(_) => Value::Geometry,
        _ => Value::Plain,
    }
}

/// What `grammar/lengths.tsv` says of a function.
enum Rule {
    Long,
    Document,
    Geometry,
    As(usize),
    Most(usize, usize),
    Sum(usize),
    Joined,
    Cut(usize),
    Pad(usize),
    Times(usize),
    Insert,
    Quoted,
    Hex,
    Unhex,
    Base64,
    Bytes64,
    Bytes,
    Format(usize),
}

static LENGTHS: LazyLock<HashMap<&'static str, Rule>> = LazyLock::new(|| {
    let lines = include_str!("../../../grammar/lengths.tsv").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t')).filter_map(|(name, rule)| Some((name, rule_of(rule)?))).collect()
});

fn rule_of(text: &'static str) -> Option<Rule> {
    let (word, number) = text.split_once(' ').unwrap_or((text, ""));
    let (from, to) = number.split_once('-').unwrap_or((number, number));
    let from = from.parse::<usize>();
    Some(match word {
        "long" => Rule::Long,
        "json" => Rule::Document,
        "geometry" => Rule::Geometry,
        "most" => Rule::Most(from.ok()?, to.parse().unwrap_or(usize::MAX)),
        "sum" => Rule::Sum(from.unwrap_or(1)),
        "joined" => Rule::Joined,
        "cut" => Rule::Cut(from.ok()?),
        "pad" => Rule::Pad(from.ok()?),
        "times" => Rule::Times(from.ok()?),
        "insert" => Rule::Insert,
        "quoted" => Rule::Quoted,
        "hex" => Rule::Hex,
        "unhex" => Rule::Unhex,
        "base64" => Rule::Base64,
        "bytes64" => Rule::Bytes64,
        "bytes" => Rule::Bytes,
        "format" => Rule::Format(from.ok()?),
        number => Rule::As(number.parse().ok()?),
    })
}
