//! What MariaDB computes of a default that is constant, to see whether the column can hold it.
//!
//! In: the expression and its column. Out: error 1067 where the server's own evaluation does not fit (`fix_vcol_expr`, sql/table.cc).

use std::borrow::Cow;

use super::convert::{Constant, Refusal, convert, counts_members};
use crate::catalog::column::Context;
use crate::catalog::error::{CatalogError, Outcome};
use crate::model::expression::{BinaryOp, Expr, Literal};
use crate::model::{Column, DataType};
use crate::source::Span;

/// Error 1067: MariaDB computes a default that is constant, and looks whether the column can hold it.
pub(in crate::catalog) fn check_constant(
    expr: &Expr,
    column: &Column,
    span: Span,
    context: Context<'_>,
) -> Outcome<()> {
    let bad = || CatalogError::invalid_default(span, column.name.as_str());
    let constant = match (text(expr), number(expr)) {
        (_, Some(value)) => match counts_members(value, &column.data_type) {
            Some(true) => return Ok(()),
            Some(false) => return Err(bad()),
            None => Constant::Number(Cow::Owned(value.to_string())),
        },
        (Some(text), None) => Constant::Text(Cow::Owned(text)),
        (None, None) => return Ok(()),
    };
    if matches!(column.data_type, DataType::Geometry(_)) {
        return Err(super::no_geometry(column, span));
    }
    match convert(&constant, &column.data_type, context) {
        Ok(_) => Ok(()),
        Err(Refusal::Always | Refusal::Garbage) => Err(bad()),
        Err(Refusal::WhenStrict) if context.session.sql_mode.strict => Err(bad().only_when_strict()),
        Err(Refusal::WhenStrict) => Ok(()),
    }
}

/// The string that a call over constant strings gives, as far as it is simple.
fn text(expr: &Expr) -> Option<String> {
    const LONGEST: usize = 1 << 16;
    match expr {
        Expr::Literal(Literal::String { text, .. }) => Some(text.to_string()),
        Expr::Call { name, args } => match (&**name, args.as_slice()) {
            ("concat", parts @ [_, ..]) => parts.iter().map(text).collect(),
            ("coalesce" | "ifnull", [first, ..]) => text(first),
            ("upper", [one]) => text(one).map(|text| text.to_uppercase()),
            ("lower", [one]) => text(one).map(|text| text.to_lowercase()),
            ("json_object", []) => Some("{}".to_owned()),
            ("json_array", []) => Some("[]".to_owned()),
            ("if", [Expr::Literal(Literal::Number(test)), yes, no]) => {
                text(if test.trim_matches(['0', '.']).is_empty() { no } else { yes })
            }
            ("repeat", [one, Expr::Literal(Literal::Number(times))]) => {
                let (text, times) = (text(one)?, times.parse::<usize>().ok()?);
                (text.len().saturating_mul(times) <= LONGEST).then(|| text.repeat(times))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The whole number that sums and products of such give.
fn number(expr: &Expr) -> Option<i128> {
    let Expr::Binary { op, left, right } = expr else { return None };
    let operand = |side: &Expr| match side {
        Expr::Literal(Literal::Number(digits)) => digits.parse().ok(),
        Expr::Literal(Literal::Hex { digits, quoted: false }) if digits.len() <= 16 => {
            i128::from_str_radix(digits, 16).ok()
        }
        other => number(other),
    };
    let (left, right) = (operand(left)?, operand(right)?);
    match op {
        BinaryOp::Add => left.checked_add(right),
        BinaryOp::Subtract => left.checked_sub(right),
        BinaryOp::Multiply => left.checked_mul(right),
        _ => None,
    }
}
