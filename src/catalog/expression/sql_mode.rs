//! Which stored and indexed columns of MariaDB would hold something else under another `sql_mode`.
//!
//! `Field::check_vcol_sql_mode_dependency` and the methods `value_depends_on_sql_mode` of MariaDB's items and fields:
//! PAD_CHAR_TO_FULL_LENGTH decides on the blanks of a CHAR, NO_UNSIGNED_SUBTRACTION on the sign of a difference, and
//! TIME_ROUND_FRACTIONAL on lost digits of a second. Measured on MariaDB 10.11 and 11.8.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::strings::Kind;
use crate::catalog::error::{CatalogError, Outcome};
use crate::model::expression::{BinaryOp, CastType, Literal, Side};
use crate::model::{Column, DataType, Expr, Table};
use crate::source::Span;

/// Error 1901: an expression whose value depends on `sql_mode`. Blanks of a CHAR and digits of what is brought into another
/// charset count, too.
pub(super) fn check(expr: &Expr, column: &Column, table: &Table, span: Span) -> Outcome<()> {
    let within = Within { table };
    let rounded = match column.data_type {
        DataType::Time(n) | DataType::DateTime(n) | DataType::Timestamp(n) => within.digits(expr) > n,
        _ => false,
    };
    let padded = match expr {
        // A CHAR itself loses its blanks where the column's type takes no account of them.
        Expr::Column(name) => within.is_padded(name.as_str()) && keeps_blanks(&column.data_type),
        _ => within.depends(expr),
    };
    if rounded || padded { Err(refusal(column, span)) } else { Ok(()) }
}

fn refusal(column: &Column, span: Span) -> CatalogError {
    CatalogError::new(1901, span, format!("the value of generated column '{}' depends on the sql_mode", column.name))
}

fn keeps_blanks(data_type: &DataType) -> bool {
    !matches!(
        data_type,
        DataType::Char(_)
            | DataType::Integer { .. }
            | DataType::Float { .. }
            | DataType::Decimal { .. }
            | DataType::Enum(_)
            | DataType::Set(_)
            | DataType::Date
            | DataType::Year(_)
    )
}

/// What is known of a number.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Number {
    kind: Count,
    unsigned: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Count {
    Integer,
    Decimal,
    Other,
}

struct Within<'t> {
    table: &'t Table,
}

impl Within<'_> {
    fn column(&self, name: &str) -> Option<&Column> {
        self.table.column(name).map(|(_, column)| column)
    }

    fn is_padded(&self, name: &str) -> bool {
        self.column(name).is_some_and(|column| matches!(column.data_type, DataType::Char(_)))
    }

    fn depends(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Column(name) => self.is_padded(name.as_str()),
            // Conditions look at truth values alone.
            Expr::And(_) | Expr::Or(_) => false,
            Expr::Binary { op, left, right } if op.is_comparison() && self.ignores_blanks(&[left, right]) => false,
            Expr::In { expr, list, negated: false } if self.ignores_blanks(&[expr]) && list.iter().all(is_string) => {
                false
            }
            // One alone is compared.
            Expr::In { expr, list, .. } if list.len() == 1 && self.ignores_blanks(&[expr, &list[0]]) => false,
            Expr::Binary { op: BinaryOp::Subtract, left, right } if self.number(expr).unsigned => {
                self.number(left).kind != Count::Other && self.number(right).kind != Count::Other
            }
            // Blanks at the end are nothing to a pattern that takes anything there.
            Expr::Like { expr, pattern, .. } if self.is_char(expr) && takes_any_end(pattern) => false,
            Expr::Call { name, args } if matches!(&**name, "rtrim" | "trim") && args.len() == 1 => {
                args.first().is_some_and(|arg| !self.is_char(arg) && self.depends(arg))
            }
            Expr::Call { name, args } if &**name == "rpad" && self.pads_all(args) => false,
            Expr::Trim { side, remove, expr } if *side != Some(Side::Leading) && is_blank(remove) => {
                !self.is_char(expr) && self.depends(expr)
            }
            Expr::Cast { expr: inner, to, .. } if self.loses_digits(inner, to) => true,
            other => other.any_child(|child| self.depends(child)),
        }
    }

    fn is_char(&self, expr: &Expr) -> bool {
        matches!(expr, Expr::Column(name) if self.is_padded(name.as_str()))
    }

    /// Whether these are compared as strings of a collation that takes no account of blanks, or as moments or addresses, to
    /// which blanks at the end are nothing.
    fn ignores_blanks(&self, sides: &[&Expr]) -> bool {
        use DataType as T;
        sides.iter().all(|side| match side {
            Expr::Column(name) => self.column(name.as_str()).is_some_and(|column| match column.data_type {
                T::Char(_) | T::Varchar(_) | T::Text(_) | T::Enum(_) | T::Set(_) => {
                    column.collation.is_some_and(|c| !c.name().contains("_nopad_"))
                }
                T::Date | T::Time(_) | T::DateTime(_) | T::Timestamp(_) | T::Uuid | T::Inet4 | T::Inet6 => true,
                _ => false,
            }),
            Expr::Literal(Literal::Temporal { .. }) => true,
            Expr::DateArithmetic { .. } => !self.depends(side),
            other => is_string(other),
        })
    }

    /// `RPAD(column, n, ' ')` to at least the column's length, or to none.
    fn pads_all(&self, args: &[Expr]) -> bool {
        let [first, length, rest @ ..] = args else { return false };
        let blank = match rest {
            [] => true,
            [pad] => is_blank(pad),
            _ => false,
        };
        let whole = match (first, length) {
            (_, Expr::Literal(Literal::Null)) => return !rest.iter().any(|pad| self.depends(pad)),
            (Expr::Column(name), Expr::Literal(Literal::Number(length))) => {
                self.column(name.as_str()).is_some_and(|column| match column.data_type {
                    DataType::Char(n) => length.parse::<u64>().is_ok_and(|length| length >= u64::from(n)),
                    _ => false,
                })
            }
            _ => false,
        };
        blank && whole
    }

    /// A cast to fewer digits of a second.
    fn loses_digits(&self, inner: &Expr, to: &CastType) -> bool {
        match to {
            CastType::Named { name, precision } if matches!(&**name, "datetime" | "time") => {
                self.digits(inner) > precision.unwrap_or(0)
            }
            _ => false,
        }
    }

    /// The digits of a second that a value may have.
    fn digits(&self, expr: &Expr) -> u32 {
        let most = |list: &[Expr]| list.iter().map(|e| self.digits(e)).max().unwrap_or(0);
        match expr {
            Expr::Column(name) => self.column(name.as_str()).map_or(0, |column| match &column.data_type {
                DataType::Time(n) | DataType::DateTime(n) | DataType::Timestamp(n) => *n,
                DataType::Decimal { scale, .. } => (*scale).min(6),
                DataType::Float { .. } => 6,
                DataType::Char(_)
                | DataType::Varchar(_)
                | DataType::Text(_)
                | DataType::Binary(_)
                | DataType::Varbinary(_)
                | DataType::Blob(_)
                | DataType::Json => 6,
                _ => 0,
            }),
            Expr::Literal(Literal::String { text, .. } | Literal::Temporal { text, .. } | Literal::Number(text)) => {
                text.split_once('.').map_or(0, |(_, fraction)| fraction.len().min(6) as u32)
            }
            Expr::DateArithmetic { date, .. } => self.digits(date),
            Expr::Binary { op: BinaryOp::Add | BinaryOp::Subtract, left, right } => {
                self.digits(left).max(self.digits(right))
            }
            Expr::Cast { to: CastType::Named { name, precision }, .. } if matches!(&**name, "datetime" | "time") => {
                precision.unwrap_or(0)
            }
            Expr::Binary { op: BinaryOp::Multiply, left, right } => self.digits(left).max(self.digits(right)),
            Expr::Binary { op: BinaryOp::Divide, .. } | Expr::ConvertUsing { .. } | Expr::Trim { .. } => 6,
            Expr::Collate { expr, .. } => self.digits(expr),
            Expr::Case { branches, otherwise, .. } => {
                let results = branches.iter().map(|(_, then)| then).chain(otherwise.as_deref());
                if self.comes_to_text(results.clone()) { 6 } else { results.map(|r| self.digits(r)).max().unwrap_or(0) }
            }
            Expr::Call { name, args } => match FRACTIONS.get(&**name) {
                Some(Fraction::Whole) => 6,
                Some(Fraction::Most(from, to)) => most(args.get(from - 1..args.len().min(*to)).unwrap_or_default()),
                Some(Fraction::Text(from)) => {
                    let results = args.get(from - 1..).unwrap_or_default();
                    if self.comes_to_text(results.iter()) { 6 } else { most(results) }
                }
                Some(Fraction::Texts) if args.iter().all(|arg| self.kind(arg) == Some(Kind::Text)) => 6,
                Some(Fraction::Texts) => most(args),
                Some(Fraction::Cut) => match args.get(1) {
                    Some(Expr::Literal(Literal::Number(most))) => self.digits(&args[0]).min(most.parse().unwrap_or(0)),
                    Some(_) => most(args.get(..1).unwrap_or_default()),
                    None => 0,
                },
                None => 0,
            },
            _ => 0,
        }
    }

    fn comes_to_text<'e>(&self, results: impl Iterator<Item = &'e Expr> + Clone) -> bool {
        Kind::comes_to_text(results.filter_map(|result| self.kind(result)))
    }

    /// What a value is among others, where that is easily said; of functions their digits say enough.
    fn kind(&self, expr: &Expr) -> Option<Kind> {
        use DataType as T;
        match expr {
            Expr::Column(name) => match self.column(name.as_str())?.data_type {
                T::Char(_) | T::Varchar(_) | T::Text(_) | T::Json => Some(Kind::Text),
                T::Binary(_) | T::Varbinary(_) | T::Blob(_) | T::Enum(_) | T::Set(_) => Some(Kind::Text),
                T::Date | T::Time(_) | T::DateTime(_) | T::Timestamp(_) => Some(Kind::Moment),
                T::Integer { .. } | T::Decimal { .. } | T::Float { .. } | T::Bit(_) | T::Year(_) => Some(Kind::Number),
                _ => None,
            },
            Expr::Literal(Literal::String { .. }) | Expr::ConvertUsing { .. } => Some(Kind::Text),
            Expr::Literal(Literal::Number(_) | Literal::Bool(_)) => Some(Kind::Number),
            Expr::Literal(Literal::Temporal { .. }) => Some(Kind::Moment),
            _ => None,
        }
    }

    fn number(&self, expr: &Expr) -> Number {
        let other = Number { kind: Count::Other, unsigned: false };
        match expr {
            Expr::Column(name) => self.column(name.as_str()).map_or(other, |column| match column.data_type {
                DataType::Integer { unsigned, .. } => Number { kind: Count::Integer, unsigned },
                DataType::Decimal { unsigned, .. } => Number { kind: Count::Decimal, unsigned },
                _ => other,
            }),
            Expr::Literal(Literal::Number(digits)) if digits.contains(['e', 'E']) => other,
            Expr::Literal(Literal::Number(digits)) if digits.contains('.') => {
                Number { kind: Count::Decimal, unsigned: false }
            }
            Expr::Literal(Literal::Number(_) | Literal::Bool(_)) => Number { kind: Count::Integer, unsigned: false },
            Expr::Cast { to: CastType::Signed, .. } => Number { kind: Count::Integer, unsigned: false },
            Expr::Cast { to: CastType::Unsigned, .. } => Number { kind: Count::Integer, unsigned: true },
            Expr::Cast { to: CastType::Decimal { .. }, .. } => Number { kind: Count::Decimal, unsigned: false },
            Expr::Binary { op: BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply, left, right } => {
                let (left, right) = (self.number(left), self.number(right));
                match (left.kind, right.kind) {
                    (Count::Other, _) | (_, Count::Other) => other,
                    (Count::Integer, Count::Integer) => {
                        Number { kind: Count::Integer, unsigned: left.unsigned || right.unsigned }
                    }
                    _ => Number { kind: Count::Decimal, unsigned: left.unsigned && right.unsigned },
                }
            }
            Expr::Call { name, args } if matches!(&**name, "greatest" | "least" | "coalesce" | "ifnull") => {
                args.first().map_or(other, |arg| self.number(arg))
            }
            _ => other,
        }
    }
}

fn is_string(expr: &Expr) -> bool {
    matches!(expr, Expr::Literal(Literal::String { .. }))
}

/// One blank, or NULL, of which nothing comes.
fn is_blank(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(Literal::String { text, .. }) => &**text == " ",
        Expr::Literal(literal) => *literal == Literal::Null,
        _ => false,
    }
}

/// Whether a pattern ends with `%`.
fn takes_any_end(pattern: &Expr) -> bool {
    matches!(pattern, Expr::Literal(Literal::String { text, .. }) if text.ends_with('%'))
}

/// What `grammar/fractions.tsv` says of a function.
enum Fraction {
    /// As many digits as there are.
    Whole,
    /// As many as some of the arguments have.
    Most(usize, usize),
    /// As many as those from one on have, but all where one of them is handed on as a text.
    Text(usize),
    /// As many as there are where each is a text, else as many as they have.
    Texts,
    /// As many as the first has, but no more than the second says.
    Cut,
}

static FRACTIONS: LazyLock<HashMap<&'static str, Fraction>> = LazyLock::new(|| {
    let lines = include_str!("../../../grammar/fractions.tsv").lines().filter(|line| !line.starts_with('#'));
    let rule = |digits: &str| match digits.strip_prefix("most ").and_then(|places| places.split_once('-')) {
        Some((from, to)) => Some(Fraction::Most(from.parse().ok()?, to.parse().unwrap_or(usize::MAX))),
        None => match digits {
            "6" => Some(Fraction::Whole),
            "texts 1-" => Some(Fraction::Texts),
            text if text.starts_with("text ") => Some(Fraction::Text(text[5..].trim_end_matches('-').parse().ok()?)),
            "cut 2" => Some(Fraction::Cut),
            _ => None,
        },
    };
    lines.filter_map(|line| line.split_once('\t')).filter_map(|(name, digits)| Some((name, rule(digits)?))).collect()
});
