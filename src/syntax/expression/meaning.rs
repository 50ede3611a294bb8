//! What the servers make of an expression while they parse it.
//!
//! MySQL turns every operand of AND, OR, XOR, NOT and IS TRUE into a condition (`0 <> x` unless it is
//! one: `make_condition` in `sql/parse_tree_helpers`) and pushes NOT inwards. MariaDB adds `<> 0` to
//! plain columns alone and pushes NOT the same way (`Item::neg_transformer`).

use super::{Reading, function};
use crate::model::Query;
use crate::model::expression::{BinaryOp, CastType, Expr, Literal, Test};

/// `left op right`
pub(super) fn binary(op: BinaryOp, left: Expr, right: Expr) -> Expr {
    Expr::Binary { op, left: Box::new(left), right: Box::new(right) }
}

/// Operators of truth, as the target keeps them.
impl Reading<'_> {
    fn mysql(&self) -> bool {
        self.target.is_mysql()
    }

    /// An operand of AND, OR, IS TRUE.
    pub(super) fn condition(&self, expr: Expr) -> Expr {
        match &expr {
            Expr::Column(_) | Expr::Field(_) if !self.mysql() => binary(BinaryOp::NotEqual, expr, Expr::number("0")),
            _ if !self.mysql() || is_truth(&expr) => expr,
            _ => binary(BinaryOp::NotEqual, Expr::number("0"), expr),
        }
    }

    /// `left AND right`
    pub(super) fn and(&self, left: Expr, right: Expr) -> Expr {
        let mut list = Vec::new();
        for side in [self.condition(left), self.condition(right)] {
            match side {
                Expr::And(inner) => join(&mut list, inner),
                other => list.push(other),
            }
        }
        Expr::And(list)
    }

    /// `left OR right`
    pub(super) fn or(&self, left: Expr, right: Expr) -> Expr {
        let mut list = Vec::new();
        for side in [self.condition(left), self.condition(right)] {
            match side {
                Expr::Or(inner) => join(&mut list, inner),
                other => list.push(other),
            }
        }
        Expr::Or(list)
    }

    /// `left XOR right`
    pub(super) fn xor(&self, left: Expr, right: Expr) -> Expr {
        let side = |expr| if self.mysql() { self.condition(expr) } else { expr };
        binary(BinaryOp::Xor, side(left), side(right))
    }

    /// `expr IS [NOT] test`
    pub(super) fn is(&self, expr: Expr, test: Test, negated: bool) -> Expr {
        let expr = if test != Test::Null && self.mysql() { self.condition(expr) } else { expr };
        Expr::Is { expr: Box::new(expr), test, negated }
    }

    /// `expr [NOT] IN (list)`: a list of one is a comparison.
    pub(super) fn within(&self, mut expr: Expr, mut list: Vec<Expr>, negated: bool) -> Expr {
        self.together(std::iter::once(&mut expr).chain(&mut list));
        match (list.pop(), list.is_empty()) {
            (Some(only), true) => self.compare(if negated { BinaryOp::NotEqual } else { BinaryOp::Equal }, expr, only),
            (last, _) => {
                list.extend(last);
                Expr::In { expr: Box::new(expr), list, negated }
            }
        }
    }

    /// `left op right`; MySQL compares rows member by member for `=`, `<=>` and `<>`.
    pub(super) fn compare(&self, op: BinaryOp, mut left: Expr, mut right: Expr) -> Expr {
        self.together([&mut left, &mut right].into_iter());
        let every = match op {
            BinaryOp::Equal | BinaryOp::NullSafeEqual => true,
            BinaryOp::NotEqual => false,
            _ => return binary(op, left, right),
        };
        match (left, right) {
            (Expr::Row(a), Expr::Row(b)) if self.mysql() && a.len() == b.len() => {
                let pairs = a.into_iter().zip(b).map(|(a, b)| self.compare(op, a, b));
                let join = |all: Expr, next| if every { self.and(all, next) } else { self.or(all, next) };
                pairs.reduce(join).unwrap_or(Expr::Row(Vec::new()))
            }
            (left, right) => binary(op, left, right),
        }
    }

    /// `expr op ALL (query)`, `expr op ANY (query)`; two of them are IN and NOT IN.
    pub(super) fn quantified(&self, op: BinaryOp, all: bool, expr: Expr, query: Box<Query>) -> Expr {
        let expr = Box::new(expr);
        match (op, all) {
            (BinaryOp::Equal, false) => Expr::InQuery { expr, query, negated: false },
            (BinaryOp::NotEqual, true) => self.not(Expr::InQuery { expr, query, negated: false }),
            _ => Expr::Quantified { expr, op, all, query },
        }
    }

    /// `expr LIKE pattern`
    pub(super) fn like(&self, mut expr: Expr, mut pattern: Expr, escape: Option<Box<Expr>>) -> Expr {
        self.together([&mut expr, &mut pattern].into_iter());
        Expr::Like { expr: Box::new(expr), pattern: Box::new(pattern), escape, negated: false }
    }

    /// MySQL converts string literals to bytes where they meet bytes (`agg_item_charsets`). Where columns
    /// decide the charset, the catalog has to.
    pub(super) fn together<'e>(&self, operands: impl Iterator<Item = &'e mut Expr>) {
        // A view shows its strings as they are written.
        if !self.mysql() || self.in_query {
            return;
        }
        let mut operands: Vec<&mut Expr> = operands.collect();
        let literal = |e: &&mut Expr| matches!(**e, Expr::Literal(_));
        if operands.iter().any(|e| is_bytes(e) && !literal(e))
            || operands.iter().any(|e| is_bytes(e)) && operands.iter().all(literal)
        {
            for operand in &mut operands {
                if let Expr::Literal(Literal::String { charset, .. }) = operand {
                    *charset = Some("binary".into());
                }
            }
        }
    }

    /// `NOT expr`; MariaDB makes a truth value of what it negates twice.
    pub(super) fn not(&self, expr: Expr) -> Expr {
        match expr {
            Expr::Not(inner) if !self.mysql() && !is_truth(&inner) => {
                binary(BinaryOp::NotEqual, *inner, Expr::number("0"))
            }
            other => self.negated(other),
        }
    }

    /// What holds exactly where `expr` does not.
    fn negated(&self, expr: Expr) -> Expr {
        let expr = if self.mysql() { self.condition(expr) } else { expr };
        match expr {
            Expr::Column(_) | Expr::Field(_) => binary(BinaryOp::Equal, expr, Expr::number("0")),
            Expr::InQuery { expr, query, negated } if self.mysql() => Expr::InQuery { expr, query, negated: !negated },
            Expr::Quantified { expr, op, all, query } => match op.negated() {
                Some(op) => Expr::Quantified { expr, op, all: !all, query },
                None => Expr::Not(Box::new(Expr::Quantified { expr, op, all, query })),
            },
            Expr::Literal(Literal::Bool(value)) if !self.mysql() => Expr::Literal(Literal::Bool(!value)),
            Expr::Not(inner) => *inner,
            Expr::And(list) => Expr::Or(list.into_iter().map(|e| self.negated(e)).collect()),
            Expr::Or(list) => Expr::And(list.into_iter().map(|e| self.negated(e)).collect()),
            Expr::Is { expr, test, negated } if test == Test::Null || self.mysql() => {
                Expr::Is { expr, test, negated: !negated }
            }
            Expr::Between { expr, low, high, negated } => Expr::Between { expr, low, high, negated: !negated },
            Expr::In { expr, list, negated } => Expr::In { expr, list, negated: !negated },
            Expr::Like { expr, pattern, escape, negated } if !self.mysql() => {
                Expr::Like { expr, pattern, escape, negated: !negated }
            }
            Expr::Binary { op: BinaryOp::Xor, left, right } => {
                Expr::Binary { op: BinaryOp::Xor, left: Box::new(self.negated(*left)), right }
            }
            Expr::Binary { op, left, right } => match op.negated() {
                Some(op) => Expr::Binary { op, left, right },
                None => Expr::Not(Box::new(Expr::Binary { op, left, right })),
            },
            other => Expr::Not(Box::new(other)),
        }
    }

    /// `-expr`: MariaDB makes it part of a number.
    pub(super) fn negative(&self, expr: Expr) -> Expr {
        if self.mysql() {
            return Expr::Negative(Box::new(expr));
        }
        match expr {
            Expr::Literal(Literal::Number(digits)) => Expr::number(&minus(&digits)),
            Expr::Literal(Literal::Bool(value)) => Expr::number(&minus(if value { "1" } else { "0" })),
            other => Expr::Negative(Box::new(other)),
        }
    }
}

fn join(list: &mut Vec<Expr>, mut inner: Vec<Expr>) {
    if list.is_empty() {
        *list = inner;
    } else {
        list.append(&mut inner);
    }
}

fn minus(digits: &str) -> String {
    match digits.strip_prefix('-') {
        Some(positive) => positive.to_owned(),
        // There is no negative zero among integers and decimals.
        None if digits.bytes().all(|b| matches!(b, b'0' | b'.')) => digits.to_owned(),
        None => format!("-{digits}"),
    }
}

/// Whether the server takes the value for a truth value (`Item::is_bool_func`).
fn is_truth(expr: &Expr) -> bool {
    match expr {
        Expr::Binary { op, .. } => op.is_comparison() || matches!(op, BinaryOp::Xor | BinaryOp::Regexp),
        Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::Is { .. } | Expr::Between { .. } | Expr::In { .. } => true,
        Expr::Like { .. } | Expr::MemberOf { .. } | Expr::Match { .. } | Expr::Literal(Literal::Bool(_)) => true,
        Expr::Exists(_) | Expr::InQuery { .. } | Expr::Quantified { .. } => true,
        Expr::Call { name, .. } => function::is_truth(name),
        _ => false,
    }
}

/// Whether the value is bytes, whatever the columns in it are.
fn is_bytes(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(Literal::Hex { .. }) => true,
        Expr::Literal(Literal::String { charset, .. }) => charset.as_deref() == Some("binary"),
        Expr::Cast { to: CastType::Char { charset, .. }, .. } => charset.as_deref() == Some("binary"),
        Expr::ConvertUsing { charset, .. } => &**charset == "binary",
        _ => false,
    }
}

/// The last touch on a whole expression: MariaDB keeps TRUE and FALSE as 1 and 0.
pub(super) fn finished(mut expr: Expr, reading: &Reading<'_>) -> Expr {
    if reading.target.is_mariadb() {
        numbers_for_truth(&mut expr);
    }
    expr
}

fn numbers_for_truth(expr: &mut Expr) {
    if let Expr::Literal(Literal::Bool(value)) = expr {
        *expr = Expr::number(if *value { "1" } else { "0" });
    }
    expr.children_mut(&mut numbers_for_truth);
}
