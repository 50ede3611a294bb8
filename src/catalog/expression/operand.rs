//! Errors 4078 and 4079: operands of types that MariaDB's operators and functions do not take (`Type_handler` of its
//! sql_type.cc; KB "Geometry Types", "UUID Data Type", "INET6").
//!
//! What functions take stands in `grammar/natives.tsv`. An operand whose type is not plain to see is taken for the right one.

use super::{Places, walk};
use crate::catalog::error::{CatalogError, Outcome};
use crate::model::expression::{BinaryOp, CastType, Literal};
use crate::model::{Column, DataType, DefaultValue, Expr, Table};
use crate::source::Span;
use crate::syntax::expression::argument_types;
use crate::target::Target;

/// What an operand is, as far as these checks tell types apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Number,
    Text,
    Bytes,
    Moment,
    Geometry,
    /// An address or a UUID.
    Identifier,
    Vector,
}

impl Class {
    const fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Text => "text",
            Self::Bytes => "bytes",
            Self::Moment => "moment",
            Self::Geometry => "geometry",
            Self::Identifier => "address",
            Self::Vector => "vector",
        }
    }

    /// Whether no number comes of it.
    const fn is_special(self) -> bool {
        matches!(self, Self::Geometry | Self::Identifier | Self::Vector)
    }

    /// Whether an argument of that letter of `grammar/natives.tsv` may be one.
    const fn may_be(self, letter: u8) -> bool {
        match letter {
            // To functions a vector is a string of bytes.
            b'G' => matches!(self, Self::Geometry | Self::Bytes | Self::Vector),
            b'T' => matches!(self, Self::Text | Self::Bytes | Self::Vector),
            b'N' => !self.is_special(),
            b'S' => !matches!(self, Self::Geometry),
            _ => true,
        }
    }
}

/// Checks all expressions of a table.
pub(super) fn check(table: &Table, places: Places<'_>, target: Target) -> Outcome<()> {
    for column in &table.columns {
        let span = places.expression_of(&column.name);
        if let Some(generated) = &column.generated {
            check_operands(&generated.expression, table, span)?;
            if target.checks_generated_types() {
                check_assignment(&generated.expression, column, table, span)?;
            }
        }
        if let Some(DefaultValue::Expression(expression)) = &column.default {
            check_operands(expression, table, span)?;
        }
        if let Some(condition) = &column.check {
            check_operands(condition, table, span)?;
        }
    }
    table.checks.iter().try_for_each(|check| check_operands(&check.expression, table, places.table))
}

fn check_operands(expr: &Expr, table: &Table, span: Span) -> Outcome<()> {
    let class = |expr: &Expr| class_of(expr, table);
    let special = |expr: &Expr| class(expr).is_some_and(Class::is_special);
    let is_geometry = |expr: &Expr| class(expr) == Some(Class::Geometry);
    let is_vector = |expr: &Expr| class(expr) == Some(Class::Vector);
    let one = |class: Class, operation: &str| {
        Err(CatalogError::new(
            4079,
            span,
            format!("illegal parameter data type {} for operation '{operation}'", class.name()),
        ))
    };
    let two = |operation: &str| {
        Err(CatalogError::new(4078, span, format!("illegal parameter data types for operation '{operation}'")))
    };
    let one_of = |operands: [&Expr; 2], operation: &str| {
        let found = operands.into_iter().filter_map(class).find(|class| class.is_special());
        found.map_or(Ok(()), |class| one(class, operation))
    };
    let is_plain = |name: &str| matches!(name, "date" | "time" | "datetime" | "double" | "float");
    let differ = |a: &Expr, b: &Expr| do_not_meet(&mut [a, b].into_iter().filter_map(class));
    walk(expr, &mut |node| match node {
        Expr::Call { name, args } if do_not_meet(&mut handed_on(name, args).iter().filter_map(class)) => two(name),
        Expr::Case { branches, otherwise, .. }
            if do_not_meet(
                &mut branches.iter().map(|(_, value)| value).chain(otherwise.as_deref()).filter_map(class),
            ) =>
        {
            two("case")
        }
        Expr::Call { name, args }
            if matches!(&**name, "addtime" | "subtime" | "str_to_date") && args.iter().any(special) =>
        {
            two(name)
        }
        Expr::Call { name, args } => {
            let refused = args
                .iter()
                .zip(argument_types(name).bytes())
                .find_map(|(arg, letter)| class(arg).filter(|class| !class.may_be(letter)));
            refused.map_or(Ok(()), |class| one(class, name))
        }
        Expr::Binary {
            op: BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Modulo,
            left,
            right,
        } if special(left) || special(right) => two("arithmetic"),
        Expr::Binary {
            op: BinaryOp::BitOr | BinaryOp::BitAnd | BinaryOp::BitXor | BinaryOp::ShiftLeft | BinaryOp::ShiftRight,
            left,
            right,
        } if special(left) || special(right) => one_of([left, right], "bits"),
        Expr::Binary { op, left, right } if op.is_comparison() && differ(left, right) => two("comparison"),
        Expr::Negative(inner) if special(inner) => two_or_one(class(inner), &one),
        Expr::BitNot(inner) if special(inner) => one_of([inner, inner], "~"),
        Expr::Between { expr, low, high, .. } if differ(expr, low) || differ(expr, high) => two("between"),
        Expr::In { expr, list, .. } if list.iter().any(|member| differ(expr, member)) => two("in"),
        Expr::Case { operand: Some(operand), branches, .. }
            if branches.iter().any(|(when, _)| differ(operand, when)) =>
        {
            two("case..when")
        }
        Expr::Cast { expr, to: CastType::Char { charset, .. }, .. }
            if is_vector(expr) && charset.as_deref() != Some("binary") =>
        {
            one(Class::Vector, "cast_as_char")
        }
        Expr::Cast { expr, to: CastType::Char { charset, .. }, .. }
            if is_geometry(expr) && charset.as_deref() != Some("binary") =>
        {
            one(Class::Geometry, "cast_as_char")
        }
        Expr::Cast { expr, to: CastType::Signed | CastType::Unsigned, .. } if special(expr) => {
            two_or_one(class(expr), &one)
        }
        Expr::Cast { expr, to: CastType::Decimal { .. }, .. } | Expr::Extract { expr, .. } if special(expr) => {
            one_of([expr, expr], "cast")
        }
        Expr::Cast { expr, to: CastType::Named { name, .. }, .. } if special(expr) && is_plain(name) => {
            one_of([expr, expr], "cast")
        }
        Expr::TimestampDiff { from, to, .. } if special(from) || special(to) => one_of([from, to], "timestampdiff"),
        Expr::DateArithmetic { date, .. } if special(date) => two("date_add_interval"),
        _ => Ok(()),
    })
}

/// The arguments of which a function hands on one, so that they have a type in common.
fn handed_on<'e>(name: &str, args: &'e [Expr]) -> &'e [Expr] {
    match name {
        "coalesce" | "ifnull" | "nvl" | "nullif" | "greatest" | "least" => args,
        "if" => args.get(1..).unwrap_or_default(),
        _ => &[],
    }
}

/// Whether some of these have no type in common, and are not compared: shapes, identifiers and
/// vectors have one with texts and bytes alone.
fn do_not_meet(classes: &mut dyn Iterator<Item = Class>) -> bool {
    let (mut plain, mut shape, mut identifier, mut vector) = (false, false, false, false);
    for class in classes {
        plain |= matches!(class, Class::Number | Class::Moment);
        shape |= class == Class::Geometry;
        identifier |= class == Class::Identifier;
        vector |= class == Class::Vector;
    }
    [plain, shape, identifier, vector].iter().filter(|there| **there).count() > 1
}

fn two_or_one(class: Option<Class>, one: &dyn Fn(Class, &str) -> Outcome<()>) -> Outcome<()> {
    class.map_or(Ok(()), |class| one(class, "number"))
}

/// Error 4078: a generated column of a type that its expression has no way to.
fn check_assignment(expr: &Expr, column: &Column, table: &Table, span: Span) -> Outcome<()> {
    let (Some(from), Some(to)) = (class_of(expr, table), class_of_column(column)) else { return Ok(()) };
    if from == Class::Number && to.is_special() || from.is_special() && to == Class::Number {
        let message = format!("cannot cast '{}' as '{}' in assignment of '{}'", from.name(), to.name(), column.name);
        return Err(CatalogError::new(4078, span, message));
    }
    Ok(())
}

fn class_of(expr: &Expr, table: &Table) -> Option<Class> {
    match expr {
        Expr::Call { name, args } => {
            let handed_on = handed_on(name, args);
            let first = class_of(handed_on.first()?, table);
            first.filter(|class| handed_on.iter().all(|arg| class_of(arg, table) == Some(*class)))
        }
        Expr::Column(name) => table.column(name.as_str()).and_then(|(_, column)| class_of_column(column)),
        Expr::Literal(literal) => match literal {
            Literal::Null => None,
            Literal::Bool(_) | Literal::Number(_) => Some(Class::Number),
            Literal::String { charset: Some(charset), .. } if &**charset == "binary" => Some(Class::Bytes),
            Literal::String { .. } => Some(Class::Text),
            Literal::Hex { .. } => Some(Class::Bytes),
            Literal::Temporal { .. } => Some(Class::Moment),
        },
        Expr::Negative(_) | Expr::Binary { .. } | Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::Is { .. } => {
            Some(Class::Number)
        }
        Expr::Between { .. } | Expr::In { .. } | Expr::Like { .. } | Expr::Extract { .. } => Some(Class::Number),
        Expr::Cast { to: CastType::Signed | CastType::Unsigned | CastType::Decimal { .. }, .. } => Some(Class::Number),
        _ => None,
    }
}

fn class_of_column(column: &Column) -> Option<Class> {
    match &column.data_type {
        DataType::Integer { .. }
        | DataType::Decimal { .. }
        | DataType::Float { .. }
        | DataType::Bit(_)
        | DataType::Year(_) => Some(Class::Number),
        DataType::Char(_)
        | DataType::Varchar(_)
        | DataType::Text(_)
        | DataType::Enum(_)
        | DataType::Set(_)
        | DataType::Json => Some(Class::Text),
        DataType::Binary(_) | DataType::Varbinary(_) | DataType::Blob(_) => Some(Class::Bytes),
        DataType::Date | DataType::Time(_) | DataType::DateTime(_) | DataType::Timestamp(_) => Some(Class::Moment),
        DataType::Geometry(_) => Some(Class::Geometry),
        DataType::Uuid | DataType::Inet4 | DataType::Inet6 => Some(Class::Identifier),
        DataType::Vector(_) => Some(Class::Vector),
    }
}
