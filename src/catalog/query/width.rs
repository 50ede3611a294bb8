//! Rows of several values stand where the server takes rows: error 1241, or MariaDB's 4078.

use super::{Known, Why};
use crate::model::Expr;
use crate::model::expression::BinaryOp;
use crate::model::query::{Query, QueryBody, Select, Sorting};

/// Refuses the expressions of a SELECT whose operands differ in width.
pub(super) fn check(select: &Select, order: &[Sorting], known: &Known<'_>) -> Result<(), Why> {
    let law = Law { mysql: known.target.is_mysql() };
    let terms = select.group.iter().chain(order).map(|sorting| &sorting.expr);
    let values = select.conditions().into_iter().chain(select.values()).chain(&select.filter).chain(terms);
    values.chain(&select.having).try_for_each(|expr| law.single(expr))
}

struct Law {
    mysql: bool,
}

impl Law {
    /// An expression that is one value.
    fn single(&self, expr: &Expr) -> Result<(), Why> {
        if width(expr) == 1 { self.within(expr) } else { Err(wrong()) }
    }

    /// The parts of an expression, whatever its own width.
    fn within(&self, expr: &Expr) -> Result<(), Why> {
        match expr {
            Expr::Row(list) => list.iter().try_for_each(|part| self.within(part)),
            Expr::Binary { op, left, right } if op.is_comparison() => {
                self.within(left)?;
                self.within(right)?;
                self.alike(left, right)
            }
            Expr::In { expr, list, .. } => {
                self.within(expr)?;
                list.iter().try_for_each(|part| self.within(part).and_then(|()| self.alike(expr, part)))
            }
            Expr::InQuery { expr, query, .. } => {
                self.within(expr)?;
                // MariaDB looks only when it executes.
                if self.mysql && width(expr) != columns(query) { Err(wrong()) } else { Ok(()) }
            }
            Expr::Quantified { expr, query, .. } => {
                self.single(expr)?;
                if columns(query) == 1 { Ok(()) } else { Err(wrong()) }
            }
            Expr::Subquery(_) | Expr::Exists(_) => Ok(()),
            Expr::Windowed { call, window } => {
                window.values().chain(std::iter::once(&**call)).try_for_each(|part| self.single(part))
            }
            Expr::Binary { op, left, right } if !self.mysql && is_arithmetic(*op) => {
                self.within(left)?;
                self.within(right)?;
                if [left, right].into_iter().all(|side| width(side) == 1) { Ok(()) } else { Err(mixed()) }
            }
            // Which functions of MariaDB say what of a row is not known of all.
            Expr::Call { name, args } if !self.mysql && args.iter().any(|arg| width(arg) != 1) => match &**name {
                "greatest" | "least" => Err(mixed()),
                "coalesce" | "concat" | "abs" | "if" | "ifnull" | "nullif" | "count" | "sum" | "max" | "interval" => {
                    Err(wrong())
                }
                _ => Ok(()),
            },
            other => other.try_children(|child| self.single(child)),
        }
    }

    /// Two operands that are compared.
    fn alike(&self, left: &Expr, right: &Expr) -> Result<(), Why> {
        match (width(left), width(right)) {
            (1, 1) => Ok(()),
            (a, b) if a == b => match (left, right) {
                (Expr::Row(left), Expr::Row(right)) => {
                    left.iter().zip(right).try_for_each(|(left, right)| self.nested(left, right))
                }
                _ => Ok(()),
            },
            (1, _) | (_, 1) if !self.mysql => Err(mixed()),
            _ => Err(wrong()),
        }
    }

    fn nested(&self, left: &Expr, right: &Expr) -> Result<(), Why> {
        if width(left) == width(right) { self.alike(left, right) } else { Err(wrong()) }
    }
}

const fn is_arithmetic(op: BinaryOp) -> bool {
    matches!(op, BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide)
}

fn wrong() -> Why {
    Why::refused(1241, "an operand has another number of columns")
}

fn mixed() -> Why {
    Why::refused(4078, "a row and a value are combined")
}

/// How many values an expression is.
fn width(expr: &Expr) -> usize {
    match expr {
        Expr::Row(list) => list.len(),
        Expr::Subquery(query) => columns(query),
        _value => 1,
    }
}

fn columns(query: &Query) -> usize {
    match &query.body {
        QueryBody::Select(select) => select.items.len(),
        QueryBody::Values { names, .. } => names.len(),
        QueryBody::Set { left, .. } => columns(left),
    }
}
