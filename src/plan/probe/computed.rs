//! What in an expression, or in its value, stops a strict session: what a query only warns of is an error where rows are
//! written (MySQL 8.4 manual, section 7.1.11 "Server SQL Modes", "Strict SQL Mode").

use super::Rows;
use super::conversion::{self, Change, Conversion, differ};
use super::kind::{Reading, is_moment, is_number, is_text, of_cast, reading};
use super::number::{INTEGER, NUMBER};
use super::temporal::zero;
use crate::canonical::expression::Place;
use crate::model::expression::{BinaryOp, CastType, Literal};
use crate::model::{Column, DataType, Expr};
use crate::source::Pair;

impl Rows<'_> {
    /// What a generated column of NEW does not take of its expression's values, and what stops the computing; nothing where
    /// every value fits, `None` where that cannot be said.
    pub(crate) fn misfits(&self, column: &Column) -> Option<Vec<String>> {
        let generated = column.generated.as_ref()?;
        let mut found = self.stops(&generated.expression)?;
        let value = format!("({})", self.expression(&generated.expression, Place::Generated)?);
        let result = self.result(&generated.expression);
        let mut conversion = Conversion::default();
        let change = Change { rows: self, columns: Pair::new(&result, column), value: &value };
        conversion::between(&change, &mut conversion);
        found.extend(conversion.fails.into_iter().map(|condition| condition.sql));
        if column.data_type == DataType::Json && !matches!(result.data_type, DataType::Json | DataType::Text(_)) {
            // Error 3140: nothing but documents and strings is taken for one by itself.
            found.push(format!("{value} IS NOT NULL"));
        }
        if !column.nullable {
            found.push(format!("{value} IS NULL"));
        }
        Some(found)
    }

    /// What stops the computing of an expression; `None` where that cannot be said.
    pub(super) fn stops(&self, expression: &Expr) -> Option<Vec<String>> {
        let mut found = Vec::new();
        if self.stops_within(expression, &mut found) { Some(found) } else { None }
    }

    /// Puts down what stops the computing, the innermost first; false where that cannot be said.
    fn stops_within(&self, expression: &Expr, found: &mut Vec<String>) -> bool {
        let mut all = true;
        expression.children(&mut |child| all &= self.stops_within(child, found));
        all && self.stops_itself(expression, found).is_some()
    }

    fn stops_itself(&self, expression: &Expr, found: &mut Vec<String>) -> Option<()> {
        match expression {
            Expr::Binary { op, left, right } => {
                use BinaryOp as B;
                match op {
                    B::Add | B::Subtract | B::Multiply | B::Divide | B::IntegerDivide | B::Modulo => {
                        self.no_number(left, found)?;
                        self.no_number(right, found)?;
                        self.overflow(*op, left, right, found)?;
                    }
                    B::BitOr | B::BitAnd | B::BitXor | B::ShiftLeft | B::ShiftRight => {
                        self.no_number(left, found)?;
                        self.no_number(right, found)?;
                    }
                    B::Equal
                    | B::NullSafeEqual
                    | B::NotEqual
                    | B::Less
                    | B::LessOrEqual
                    | B::Greater
                    | B::GreaterOrEqual => self.compared(left, right, found)?,
                    B::Xor | B::Regexp => {}
                }
            }
            Expr::Negative(inner) | Expr::BitNot(inner) => self.no_number(inner, found)?,
            Expr::Between { expr, low, high, .. } => {
                self.compared(expr, low, found)?;
                self.compared(expr, high, found)?;
            }
            Expr::In { expr, list, .. } => {
                for item in list {
                    self.compared(expr, item, found)?;
                }
            }
            Expr::Cast { expr, to, array: false } => self.cast(expr, to, found)?,
            Expr::DateArithmetic { date, amount, .. } => {
                self.no_moment(date, "DATETIME(6)", found)?;
                self.no_number(amount, found)?;
                self.vanishes(expression, &[date, amount], found)?;
            }
            Expr::Extract { expr, .. } => self.no_moment(expr, "DATETIME(6)", found)?,
            Expr::Call { name, args } => {
                match reading(name) {
                    Reading::Plain => {}
                    Reading::Number => {
                        for arg in args {
                            self.no_number(arg, found)?;
                        }
                    }
                    Reading::Date => {
                        if let Some(date) = args.first() {
                            self.no_moment(date, "DATETIME(6)", found)?;
                            self.vanishes(expression, &[date], found)?;
                        }
                    }
                    Reading::Time => {
                        if let Some(time) = args.first() {
                            self.no_moment(time, "TIME(6)", found)?;
                        }
                    }
                    Reading::Json => {
                        if let Some(document) = args.first()
                            && is_text(&self.kind(document))
                            && self.kind(document) != DataType::Json
                        {
                            found.push(format!("NOT JSON_VALID({})", self.printed(document)?));
                        }
                    }
                }
                if matches!(&**name, "ln" | "log" | "log10" | "log2") {
                    let args: Vec<&Expr> = args.iter().collect();
                    self.vanishes(expression, &args, found)?;
                }
            }
            _ => {}
        }
        Some(())
    }

    fn printed(&self, expression: &Expr) -> Option<String> {
        Some(format!("({})", self.expression(expression, Place::Generated)?))
    }

    fn text(&self, expression: &Expr) -> Option<String> {
        Some(format!("CAST({} AS CHAR)", self.printed(expression)?))
    }

    /// A string that is read as a number and is none.
    fn no_number(&self, operand: &Expr, found: &mut Vec<String>) -> Option<()> {
        if is_text(&self.kind(operand)) && !is_constant(operand) {
            found.push(format!("{} NOT REGEXP '{NUMBER}'", self.text(operand)?));
        }
        Some(())
    }

    /// A string that is compared with a number is read as one.
    fn compared(&self, left: &Expr, right: &Expr, found: &mut Vec<String>) -> Option<()> {
        let (a, b) = (self.kind(left), self.kind(right));
        if is_number(&a) {
            self.no_number(right, found)?;
        }
        if is_number(&b) {
            self.no_number(left, found)?;
        }
        // A constant that is no moment is an error in a query, too.
        let odd = |moment: &DataType, constant: &Expr| {
            is_moment(moment)
                && matches!(constant, Expr::Literal(Literal::String { text, .. }) if !text.starts_with(|c: char| c.is_ascii_digit()))
        };
        if odd(&a, right) || odd(&b, left) {
            return None;
        }
        Some(())
    }

    /// A result out of range, or a division by zero.
    fn overflow(&self, op: BinaryOp, left: &Expr, right: &Expr, found: &mut Vec<String>) -> Option<()> {
        let (l, r) = (self.printed(left)?, self.printed(right)?);
        let (a, b) = (self.kind(left), self.kind(right));
        let symbol = match op {
            BinaryOp::Divide | BinaryOp::IntegerDivide | BinaryOp::Modulo => {
                if !is_constant(right) && self.terms.no_division_by_zero {
                    found.push(format!("{r} = 0"));
                }
                if op == BinaryOp::IntegerDivide
                    && !matches!((a, b), (DataType::Integer { .. }, DataType::Integer { .. }))
                {
                    found.push(format!("ABS({l} / NULLIF({r}, 0)) >= 9.2e18"));
                }
                return Some(());
            }
            BinaryOp::Add => "+",
            BinaryOp::Subtract => "-",
            BinaryOp::Multiply => "*",
            _ => return Some(()),
        };
        let is_big = |kind: &DataType| matches!(kind, DataType::Integer { kind: crate::model::Integer::Big, .. });
        let is_unsigned = |kind: &DataType| matches!(kind, DataType::Integer { unsigned: true, .. });
        let is_integer = |kind: &DataType| matches!(kind, DataType::Integer { .. });
        if is_integer(&a) && is_integer(&b) && (is_big(&a) || is_big(&b) || is_unsigned(&a) || is_unsigned(&b)) {
            let (low, high) = if is_unsigned(&a) || is_unsigned(&b) {
                ("0", "18446744073709551615")
            } else {
                ("-9223372036854775808", "9223372036854775807")
            };
            let wide = |text: &str| format!("CAST({text} AS DECIMAL(65,0))");
            found.push(format!("{} {symbol} {} NOT BETWEEN {low} AND {high}", wide(&l), wide(&r)));
        }
        Some(())
    }

    /// A string that is read as a moment and is not written as one; a moment with a zero in its date.
    fn no_moment(&self, operand: &Expr, to: &str, found: &mut Vec<String>) -> Option<()> {
        use DataType as T;
        match self.kind(operand) {
            T::Date | T::DateTime(_) | T::Timestamp(_) if self.terms.no_zero_dates => {
                found.push(zero(&self.printed(operand)?));
            }
            T::Date | T::DateTime(_) | T::Timestamp(_) | T::Time(_) => {}
            kind if (is_text(&kind) || is_number(&kind) || matches!(kind, T::Enum(_) | T::Set(_)))
                && !is_constant(operand) =>
            {
                let text = self.text(operand)?;
                let as_date = differ(&format!("CAST(CAST({text} AS DATE) AS CHAR)"), &text);
                let as_moment = differ(&format!("CAST(CAST({text} AS {to}) AS CHAR)"), &text);
                let whole = to.trim_end_matches("(6)");
                let as_whole = differ(&format!("CAST(CAST({text} AS {whole}) AS CHAR)"), &text);
                found.push(format!("{as_date} AND {as_moment} AND {as_whole}"));
            }
            _ => {}
        }
        Some(())
    }

    /// A result that is NULL though nothing is that it is made of: a query warns where it is.
    fn vanishes(&self, whole: &Expr, of: &[&Expr], found: &mut Vec<String>) -> Option<()> {
        let mut conditions = vec![format!("{} IS NULL", self.printed(whole)?)];
        for one in of {
            conditions.push(format!("{} IS NOT NULL", self.printed(one)?));
        }
        found.push(conditions.join(" AND "));
        Some(())
    }

    /// What CAST warns of.
    fn cast(&self, expr: &Expr, to: &CastType, found: &mut Vec<String>) -> Option<()> {
        use DataType as T;
        let (value, text) = (self.printed(expr)?, self.text(expr)?);
        let (from, kind) = (self.kind(expr), of_cast(to));
        match (&from, &kind) {
            (from, T::Integer { unsigned, .. }) => {
                if is_text(from) {
                    found.push(format!("{text} NOT REGEXP '{INTEGER}'"));
                }
                let number =
                    if is_text(from) { format!("CAST({text} AS DECIMAL(65,0))") } else { format!("({value} + 0)") };
                // A negative number is cast to unsigned without a word, but not where it is a string.
                let low = if *unsigned && is_text(from) { "0" } else { "-9223372036854775808" };
                let high = if *unsigned { "18446744073709551615" } else { "9223372036854775807" };
                if !matches!(from, T::Integer { .. } | T::Enum(_) | T::Set(_) | T::Year(_)) {
                    found.push(format!("{number} < {low} OR {number} > {high}"));
                }
            }
            (from, T::Decimal { precision, scale, .. }) => {
                if is_text(from) {
                    found.push(format!("{text} NOT REGEXP '{NUMBER}'"));
                }
                let number = if is_text(from) { format!("({text} + 0e0)") } else { format!("({value} + 0)") };
                found.push(format!("ABS({number}) >= 1e{}", precision - scale));
            }
            (from, T::Float { .. }) if is_text(from) => found.push(format!("{text} NOT REGEXP '{NUMBER}'")),
            (_, T::Date) => {
                self.no_moment(expr, "DATETIME(6)", found)?;
                found.push(format!("CAST({value} AS DATE) IS NULL AND {value} IS NOT NULL"));
            }
            (_, T::DateTime(_)) => {
                self.no_moment(expr, "DATETIME(6)", found)?;
                found.push(format!("CAST({value} AS DATETIME) IS NULL AND {value} IS NOT NULL"));
            }
            (_, T::Time(_)) => {
                if is_text(&from) || is_number(&from) {
                    self.no_moment(expr, "TIME(6)", found)?;
                }
                found.push(format!("CAST({value} AS TIME) IS NULL AND {value} IS NOT NULL"));
            }
            (from, T::Json) if is_text(from) && *from != T::Json => found.push(format!("NOT JSON_VALID({text})")),
            _ => {
                if let CastType::Char { length: Some(length), charset, .. } = to {
                    let counted = if charset.as_deref() == Some("binary") { "LENGTH" } else { "CHAR_LENGTH" };
                    found.push(format!("{counted}({value}) > {length}"));
                }
            }
        }
        Some(())
    }
}

fn is_constant(expression: &Expr) -> bool {
    match expression {
        Expr::Literal(Literal::Number(text)) => text.bytes().any(|digit| (b'1'..=b'9').contains(&digit)),
        Expr::Literal(_) => true,
        _ => false,
    }
}
