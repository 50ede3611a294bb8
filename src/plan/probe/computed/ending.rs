//! What ends a query whatever the session's modes are, and the ALTER that computes it as well: results out of range (1690),
//! what is no document (MySQL 3141, 3144, 3146) and no shape (MySQL 3037). A probe leaves such rows out, or finds them first.

use super::super::Rows;
use super::super::conversion;
use super::super::kind::{Reading, is_text, of_cast, reading};
use super::operand::is_constant;
use crate::model::expression::{BinaryOp, CastType, Test};
use crate::model::{DataType, DefaultValue, Expr, Integer};

impl Rows<'_> {
    /// What ends the computing of an expression; `None` where no query can say it.
    pub(in crate::plan) fn ends(&self, expression: &Expr) -> Option<Vec<String>> {
        let mut found = Vec::new();
        if self.ends_within(expression, &mut found) { Some(found) } else { None }
    }

    fn ends_within(&self, expression: &Expr, found: &mut Vec<String>) -> bool {
        let mut all = true;
        expression.children(&mut |child| all &= self.ends_within(child, found));
        all && self.ends_itself(expression, found).is_some()
    }

    pub(super) fn ends_itself(&self, expression: &Expr, found: &mut Vec<String>) -> Option<()> {
        let is_mysql = self.terms.target.is_mysql();
        match expression {
            // No query says which rows.
            other if self.ends_over_some(other) => None,
            Expr::Column(name) => self.computing_ends(name.as_str(), found),
            Expr::Binary { op, left, right } => self.out_of_range(*op, left, right, found),
            Expr::Negative(inner) => self.has_no_negative(inner, found),
            Expr::Cast { expr, to, array: false } if of_cast(to) == DataType::Json => {
                let from = self.kind(expr);
                if is_text(&from) && from != DataType::Json {
                    found.push(format!("NOT JSON_VALID({})", self.text(expr)?));
                }
                Some(())
            }
            Expr::Cast { expr, to: CastType::Named { name, .. }, .. } if &**name == "float" && is_mysql => {
                found.push(format!("ABS({} + 0e0) > 3.4028234e38", self.printed(expr)?));
                Some(())
            }
            Expr::MemberOf { array, .. } if is_mysql => self.no_document(array, found),
            Expr::Call { name, args } => {
                self.document_ends(name, args, found)?;
                self.function_ends(name, args, found)
            }
            _ => Some(()),
        }
    }

    /// A column that stands in the probe as what it is computed from.
    fn computing_ends(&self, name: &str, found: &mut Vec<String>) -> Option<()> {
        let Some((_, new)) = self.tables.new.column(name) else { return Some(()) };
        let old = self.before(name);
        let expression = match (&new.generated, &new.default) {
            (Some(_), _) if old.is_some_and(|old| self.stays(old, new)) => return Some(()),
            (Some(generated), _) => &generated.expression,
            (None, Some(DefaultValue::Expression(default))) if old.is_none() => default,
            _ => return Some(()),
        };
        found.extend(self.ends(expression)?);
        Some(())
    }

    /// What MySQL reads as documents and as paths into them.
    fn document_ends(&self, name: &str, args: &[Expr], found: &mut Vec<String>) -> Option<()> {
        if !self.terms.target.is_mysql() {
            return Some(());
        }
        let documents = match name {
            "json_contains" | "json_overlaps" => 2,
            "json_merge_patch" | "json_merge_preserve" => args.len(),
            _ if reading(name) == Reading::Json => 1,
            _ => 0,
        };
        for document in args.iter().take(documents).filter(|arg| !is_constant(arg)) {
            self.no_document(document, found)?;
        }
        let is_path = |at: usize| match name {
            "json_set" | "json_insert" | "json_replace" | "json_array_append" | "json_array_insert" => at % 2 == 1,
            "json_search" => false,
            _ => documents > 0 && at >= documents,
        };
        if args.iter().enumerate().any(|(at, arg)| is_path(at) && !is_constant(arg)) {
            return None;
        }
        if name == "json_object" {
            for key in args.iter().step_by(2).filter(|key| !is_constant(key)) {
                if conversion::is_binary(&self.kind(key)) || matches!(self.kind(key), DataType::Bit(_)) {
                    return None;
                }
                // Error 3158.
                found.push(format!("{} IS NULL", self.printed(key)?));
            }
        }
        Some(())
    }

    fn function_ends(&self, name: &str, args: &[Expr], found: &mut Vec<String>) -> Option<()> {
        let is_mysql = self.terms.target.is_mysql();
        let is_bytes = |arg: &Expr| conversion::is_binary(&self.kind(arg)) && !is_constant(arg);
        match (name, args) {
            ("abs", [number]) => self.has_no_negative(number, found),
            ("cot", [number]) => {
                found.push(format!("{} + 0e0 = 0", self.printed(number)?));
                Some(())
            }
            // Read as a BIGINT, as which no great DOUBLE is one.
            ("hex", [number]) if is_mysql && matches!(self.kind(number), DataType::Float { .. }) => {
                found.push(format!("ABS({}) >= 9.2e18", self.printed(number)?));
                Some(())
            }
            ("degrees", [number]) if self.may_be_great(number) => {
                found.push(format!("ABS({} + 0e0) > 3e306", self.printed(number)?));
                Some(())
            }
            ("pow" | "power" | "exp", _) => args.iter().all(is_constant).then_some(()),
            // MySQL 3995: bytes and characters do not go together.
            ("regexp_like" | "regexp_instr" | "regexp_replace" | "regexp_substr", args) => {
                let of_bits = args.first().is_some_and(|arg| matches!(self.kind(arg), DataType::Bit(_)));
                (!of_bits && !args.iter().any(is_bytes)).then_some(())
            }
            // MySQL 3854: nor are bytes that are no characters looked for among characters.
            ("locate" | "instr", args) if is_mysql => {
                let of_bytes = args.iter().filter(|arg| is_bytes(arg)).count();
                (of_bytes == 0 || of_bytes == args.len()).then_some(())
            }
            // What is no shape, or beyond its SRID's range, ends a query (MySQL 3037, 3731 and others).
            ("st_srid", [_, _]) if is_mysql => None,
            (name, [shape, ..]) if reads_shapes(name) && is_mysql => is_constant(shape).then_some(()),
            (name, [shape, ..]) if takes_shapes(name) && is_mysql && !is_constant(shape) => {
                if !matches!(self.kind(shape), DataType::Geometry(_)) {
                    let is_null = Expr::Is { expr: Box::new(shape.clone()), test: Test::Null, negated: true };
                    found.push(self.printed(&is_null)?);
                }
                Some(())
            }
            _ => Some(()),
        }
    }

    /// Beyond the greatest DOUBLE a query ends.
    fn may_be_great(&self, operand: &Expr) -> bool {
        let kind = self.kind(operand);
        !is_constant(operand) && (is_text(&kind) || matches!(kind, DataType::Float { double: true, .. }))
    }

    /// An integer of which the negative, or the absolute value, is out of range.
    fn has_no_negative(&self, operand: &Expr, found: &mut Vec<String>) -> Option<()> {
        match self.kind(operand) {
            _ if is_constant(operand) => {}
            DataType::Integer { kind: Integer::Big, unsigned: false, .. } => {
                found.push(format!("{} = -9223372036854775808", self.printed(operand)?));
            }
            DataType::Integer { kind: Integer::Big, unsigned: true, .. } | DataType::Bit(64) => {
                found.push(format!("{} + 0 > 9223372036854775808", self.printed(operand)?));
            }
            _ => {}
        }
        Some(())
    }

    /// A result out of range.
    fn out_of_range(&self, op: BinaryOp, left: &Expr, right: &Expr, found: &mut Vec<String>) -> Option<()> {
        use BinaryOp as B;
        if !matches!(op, B::Add | B::Subtract | B::Multiply | B::Divide | B::IntegerDivide) {
            return Some(());
        }
        let (l, r) = (self.printed(left)?, self.printed(right)?);
        let (a, b) = (self.kind(left), self.kind(right));
        let great = match op {
            B::Multiply => Some("1e154"),
            B::Add | B::Subtract => Some("8e307"),
            _ => None,
        };
        if let Some(great) = great {
            for (operand, text) in [(left, &l), (right, &r)] {
                if self.may_be_great(operand) {
                    found.push(format!("ABS({text} + 0e0) > {great}"));
                }
            }
        }
        let symbol = match op {
            B::Divide => {
                if self.may_be_great(right) && !matches!(a, DataType::Float { double: false, .. })
                    || self.may_be_great(left)
                {
                    found.push(format!("ABS({l} + 0e0) > 1e154 AND ABS({r} + 0e0) < 1"));
                    found.push(format!("{r} <> 0 AND ABS({r} + 0e0) < 1e-154"));
                }
                return Some(());
            }
            B::IntegerDivide => {
                if !matches!((&a, &b), (DataType::Integer { .. }, DataType::Integer { .. })) {
                    found.push(format!("ABS({l} / NULLIF({r}, 0)) >= 9.2e18"));
                    if self.may_be_great(left) && self.terms.target.is_mariadb() {
                        found.push(format!("ABS({l} + 0e0) >= 9.2e18"));
                    }
                } else if is_unsigned(&a) != is_unsigned(&b) {
                    // A quotient below zero is none without a sign.
                    found.push(format!("({l} < 0) <> ({r} < 0) AND ABS({l} / NULLIF({r}, 0)) >= 1"));
                }
                return Some(());
            }
            B::Add => "+",
            B::Subtract => "-",
            _ => "*",
        };
        let is_big = |kind: &DataType| {
            use DataType as T;
            matches!(kind, T::Integer { kind: Integer::Big, .. } | T::DateTime(0) | T::Timestamp(0))
        };
        if is_whole(&a) && is_whole(&b) && (is_big(&a) || is_big(&b) || is_unsigned(&a) || is_unsigned(&b)) {
            let (low, high) = if is_unsigned(&a) || is_unsigned(&b) {
                ("0", "18446744073709551615")
            } else {
                ("-9223372036854775808", "9223372036854775807")
            };
            let wide = |kind: &DataType, text: &str| match kind {
                DataType::Integer { .. } => format!("CAST({text} AS DECIMAL(65,0))"),
                _ => format!("CAST({text} + 0 AS DECIMAL(65,0))"),
            };
            found.push(format!("{} {symbol} {} NOT BETWEEN {low} AND {high}", wide(&a, &l), wide(&b, &r)));
        }
        Some(())
    }
}

/// Whether the values are reckoned with as integers.
const fn is_whole(data_type: &DataType) -> bool {
    use DataType as T;
    matches!(
        data_type,
        T::Integer { .. } | T::Year(_) | T::Bit(_) | T::Date | T::DateTime(0) | T::Timestamp(0) | T::Time(0)
    )
}

const fn is_unsigned(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Integer { unsigned: true, .. } | DataType::Year(_) | DataType::Bit(_))
}

/// Whether a function makes a shape of a text, a document or bytes.
fn reads_shapes(name: &str) -> bool {
    name.starts_with("st_")
        && ["fromtext", "fromwkb", "fromgeojson", "fromgeohash"].iter().any(|end| name.ends_with(end))
}

/// Whether a function takes a shape first.
fn takes_shapes(name: &str) -> bool {
    name.starts_with("st_") && !reads_shapes(name) && name != "st_geohash"
}
