//! Errors 1210, 3064 and 6135: MySQL computes nothing from a column of vectors (MySQL 9.7 manual, section 13.3.5 "The VECTOR
//! Type"). First it looks whether each operator and function around the column takes vectors at all, which of functions stands in
//! `grammar/functions.tsv`; then it refuses the column itself.

use super::walk;
use crate::catalog::error::{CatalogError, Outcome};
use crate::model::expression::{BinaryOp, CastType, Literal};
use crate::model::{DataType, Expr, Table};
use crate::source::Span;
use crate::syntax::expression::facts;

/// Checks an expression of a generated column, a CHECK, a DEFAULT or a key.
pub(super) fn check(expr: &Expr, table: &Table, span: Span) -> Outcome<()> {
    let is_vector = |expr: &Expr| is_vector(expr, table);
    let unfit = || Err(CatalogError::new(1210, span, "incorrect arguments: there is a vector"));
    walk(expr, &mut |node| match node {
        Expr::Call { name, args } if args.iter().any(is_vector) => match &**name {
            "coalesce" | "ifnull" | "greatest" | "least" if !args.iter().all(is_vector) => unlike(span),
            "if" if args.iter().skip(1).any(is_vector) && !args.iter().skip(1).all(is_vector) => unlike(span),
            name if facts(name).takes_vectors => Ok(()),
            _ => unfit(),
        },
        // What is made of an operand of AND, OR and IS does not count.
        Expr::Binary { op: BinaryOp::NotEqual, left, right }
            if matches!(&**left, Expr::Literal(Literal::Number(zero)) if &**zero == "0") && is_vector(right) =>
        {
            Ok(())
        }
        Expr::Binary { op: BinaryOp::Regexp, .. } => Ok(()),
        Expr::Binary { op, left, right } if op.is_comparison() && is_vector(left) && is_vector(right) => Ok(()),
        Expr::Binary { left, right, .. } if is_vector(left) || is_vector(right) => unfit(),
        Expr::Negative(inner) | Expr::BitNot(inner) if is_vector(inner) => unfit(),
        Expr::Like { expr, pattern, .. } if is_vector(expr) || is_vector(pattern) => unfit(),
        Expr::Between { expr, low, high, .. } if [expr, low, high].into_iter().any(|part| is_vector(part)) => unfit(),
        Expr::Cast { expr, to, .. } if is_vector(expr) && !is_bytes(to) => unfit(),
        _ => Ok(()),
    })?;
    check_key(expr, table, span)
}

/// Checks an expression of a key, where only the column counts.
pub(super) fn check_key(expr: &Expr, table: &Table, span: Span) -> Outcome<()> {
    walk(expr, &mut |node| match node {
        Expr::Column(name) if is_vector(node, table) => {
            Err(CatalogError::new(3064, span, format!("incorrect type for argument '{name}': it is a vector")))
        }
        _ => Ok(()),
    })
}

fn is_bytes(to: &CastType) -> bool {
    match to {
        CastType::Char { charset, .. } => charset.as_deref() == Some("binary"),
        CastType::Named { name, .. } => &**name == "binary",
        CastType::Signed | CastType::Unsigned | CastType::Decimal { .. } => false,
    }
}

fn unlike(span: Span) -> Outcome<()> {
    Err(CatalogError::new(6135, span, "columns aggregated with incompatible types: one of them is a vector"))
}

fn is_vector(expr: &Expr, table: &Table) -> bool {
    match expr {
        Expr::Column(name) => {
            table.column(name.as_str()).is_some_and(|(_, column)| matches!(column.data_type, DataType::Vector(_)))
        }
        _ => false,
    }
}
