//! How an expression reads the columns in it: as what they are, as they are written, or as numbers.

use super::Rows;
use super::kind::{Reading, hands_on, reading};
use crate::model::Expr;
use crate::model::expression::{BinaryOp, CastType};

/// How the value of a column is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Read {
    /// As what it is.
    Value,
    /// As it is written.
    Text,
    /// As a number: of a member, its own.
    Number,
}

/// How the children of an expression are read, in their order.
pub(super) struct Reads {
    places: Places,
    others: Read,
    rest: Read,
}

/// Children that are read in their own way.
enum Places {
    /// Those with an even number below this one.
    Even(usize),
    /// The first, and those with an odd number below this one.
    FirstAndOdd(usize),
}

impl Reads {
    /// How the child of that number is read.
    pub(super) const fn of(&self, at: usize) -> Read {
        let is_other = match self.places {
            Places::Even(end) => at < end && at.is_multiple_of(2),
            Places::FirstAndOdd(end) => at == 0 || at < end && !at.is_multiple_of(2),
        };
        if is_other { self.others } else { self.rest }
    }
}

impl Rows<'_> {
    /// How an expression that is read so reads its children; `None` where it reads one of them in several ways.
    pub(super) fn reads(&self, expression: &Expr, read: Read) -> Option<Reads> {
        let reads = |places, others| Reads { places, others, rest: self.within(expression, read) };
        Some(match expression {
            // What is asked whether it is true is read as a number, whatever becomes of the values.
            Expr::Call { name, .. } if &**name == "if" => reads(Places::Even(1), Read::Number),
            Expr::Case { operand: None, branches, .. } => reads(Places::Even(2 * branches.len()), Read::Number),
            // Each WHEN is compared as its own kind asks.
            Expr::Case { operand: Some(operand), branches, .. } => {
                let is_number = |e: &Expr| super::kind::is_number(&self.kind(e));
                let numbers = branches.iter().filter(|(when, _)| is_number(when)).count();
                let compared = match numbers {
                    _ if is_number(operand) => Read::Number,
                    0 => Read::Value,
                    _ if numbers == branches.len() => Read::Number,
                    _ => return None,
                };
                reads(Places::FirstAndOdd(2 * branches.len() + 1), compared)
            }
            _ => reads(Places::Even(0), read),
        })
    }

    /// How an expression that is read so reads the values in it.
    fn within(&self, expression: &Expr, read: Read) -> Read {
        use BinaryOp as B;
        let is_number = |e: &Expr| super::kind::is_number(&self.kind(e));
        let numbers = match expression {
            Expr::Negative(_) | Expr::BitNot(_) | Expr::And(_) | Expr::Or(_) | Expr::Not(_) => true,
            Expr::Binary { op: B::Regexp, .. } => false,
            Expr::Binary {
                op:
                    B::Equal | B::NullSafeEqual | B::NotEqual | B::Less | B::LessOrEqual | B::Greater | B::GreaterOrEqual,
                left,
                right,
            } => is_number(left) || is_number(right),
            Expr::Binary { .. } => true,
            Expr::Between { low, high, .. } => is_number(low) || is_number(high),
            Expr::In { list, .. } => list.iter().any(is_number),
            Expr::Call { name, .. } => reading(name) == Reading::Number || &**name == "bit_count",
            Expr::Cast { to: CastType::Signed | CastType::Unsigned | CastType::Decimal { .. }, .. } => true,
            _ => false,
        };
        match read {
            _ if numbers => Read::Number,
            Read::Number if self.writes_members(expression) => Read::Text,
            read => within(expression, read),
        }
    }

    /// Whether a member that is handed on is written where a number is asked of it, and not counted.
    fn writes_members(&self, expression: &Expr) -> bool {
        let Expr::Call { name, .. } = expression else {
            return self.terms.target.is_mariadb() && asks_condition(expression);
        };
        let is_greatest = matches!(&**name, "greatest" | "least");
        match self.terms.target.is_mysql() {
            true => is_greatest || matches!(&**name, "coalesce" | "ifnull"),
            false => (hands_on_values(expression) || asks_condition(expression)) && !is_greatest,
        }
    }
}

/// How an expression that is read so reads what is in it, numbers aside.
fn within(expression: &Expr, read: Read) -> Read {
    match expression {
        Expr::Call { name, .. } if hands_on(name) => read,
        Expr::Call { name, .. } if matches!(reading(name), Reading::Plain | Reading::Json) => Read::Text,
        Expr::Case { .. } => read,
        Expr::Cast { to: CastType::Char { .. }, .. }
        | Expr::Like { .. }
        | Expr::Binary { op: BinaryOp::Regexp, .. }
        | Expr::ConvertUsing { .. }
        | Expr::Collate { .. } => Read::Text,
        _ => Read::Value,
    }
}

/// Whether an expression is a value of several and asks no condition: a column takes it as it is written.
pub(super) fn hands_on_values(expression: &Expr) -> bool {
    matches!(expression, Expr::Call { name, .. }
        if hands_on(name) && reading(name) == Reading::Plain && !asks_condition(expression))
}

/// Whether an expression is one of several values, as a condition says.
pub(super) fn asks_condition(expression: &Expr) -> bool {
    match expression {
        Expr::Call { name, .. } => matches!(&**name, "if" | "nvl2"),
        Expr::Case { .. } => true,
        _ => false,
    }
}
