//! Error 1210: MySQL takes no shape for a number, and shapes have no order (`reject_geometry_args` in sql/item_func.cc).
//!
//! Which functions reckon with what they are given stands in `grammar/functions.tsv`.

use super::{functional, walk};
use crate::catalog::error::{CatalogError, Outcome};
use crate::model::expression::{BinaryOp, CastType, Literal};
use crate::model::{DataType, Expr, Table};
use crate::source::Span;
use crate::syntax::expression::facts;
use crate::target::Target;

/// Checks an expression of a generated column, a CHECK, a DEFAULT or a key.
pub(super) fn check(expr: &Expr, table: &Table, target: Target, span: Span) -> Outcome<()> {
    let is_shape = |expr: &Expr| is_shape(expr, table, target);
    walk(expr, &mut |node| {
        use BinaryOp as B;
        let refused = match node {
            Expr::Binary { op: B::Equal | B::NullSafeEqual | B::NotEqual | B::Xor | B::Regexp, .. } => false,
            Expr::Binary { left, right, .. } => is_shape(left) || is_shape(right),
            Expr::Negative(inner) | Expr::BitNot(inner) => is_shape(inner),
            Expr::Between { expr, low, high, .. } => is_shape(expr) || is_shape(low) || is_shape(high),
            Expr::Like { expr, pattern, escape, .. } => {
                is_shape(expr) || is_shape(pattern) || escape.as_deref().is_some_and(is_shape)
            }
            Expr::DateArithmetic { date, amount, .. } => is_shape(date) || is_shape(amount),
            Expr::Cast { expr, to: CastType::Signed | CastType::Unsigned, .. } => is_shape(expr),
            Expr::Cast { expr, to: CastType::Named { name, .. }, .. } if &**name == "year" => is_shape(expr),
            Expr::Call { name, args } if facts(name).takes_no_shapes => args.iter().any(is_shape),
            _ => false,
        };
        match refused {
            true => {
                Err(CatalogError::new(1210, span, "incorrect arguments: a geometry is neither ordered nor a number"))
            }
            false => Ok(()),
        }
    })
}

/// Whether an expression gives a shape; one that is not plain to see is taken for none.
fn is_shape(expr: &Expr, table: &Table, target: Target) -> bool {
    let any = |expr: &Expr| is_shape(expr, table, target);
    let all = |values: &mut dyn Iterator<Item = &Expr>| {
        let is_null = |value: &Expr| matches!(value, Expr::Literal(Literal::Null));
        let mut has_one = false;
        values.filter(|value| !is_null(value)).all(|value| {
            has_one = true;
            any(value)
        }) && has_one
    };
    match expr {
        Expr::Column(name) => {
            table.column(name.as_str()).is_some_and(|(_, column)| matches!(column.data_type, DataType::Geometry(_)))
        }
        Expr::Call { name, args } => match (&**name, &args[..]) {
            ("any_value" | "nullif", [first, ..]) => any(first),
            ("coalesce" | "ifnull", args) => all(&mut args.iter()),
            ("if", [_, values @ ..]) => all(&mut values.iter()),
            // With a value they say the shape with it.
            ("st_x" | "st_y" | "st_srid" | "st_latitude" | "st_longitude", [_, _]) => true,
            _ => functional::gives_shape(expr, table, target),
        },
        Expr::Case { branches, otherwise, .. } => {
            all(&mut branches.iter().map(|(_, value)| value).chain(otherwise.as_deref()))
        }
        Expr::Cast { .. } => functional::gives_shape(expr, table, target),
        _ => false,
    }
}
