//! Defaults: a constant as written, converted to the type of its column as the server stores it.
//!
//! MySQL 8.4 manual, section 13.6 "Data Type Default Values".

mod computed;
mod convert;

use std::borrow::Cow;

use super::charset;
use super::column::Context;
use super::encoding;
use super::error::{CatalogError, Outcome};
use super::session::SqlMode;
use crate::ident::Ident;
use crate::model::expression::{Expr, Literal};
use crate::model::{Charset, Column, DataType, DefaultValue};
use crate::source::Span;
use crate::syntax::ddl::DefaultClause;
use crate::target::Target;
pub(super) use computed::check_constant;
pub(crate) use convert::Refusal;
use convert::{Constant, convert, loses};

/// Converts what DEFAULT says of `column`, or refuses with 1067 (1101 for types without defaults).
pub(crate) fn resolve(
    clause: &DefaultClause<'_>,
    column: &Column,
    span: Span,
    context: Context<'_>,
) -> Outcome<Option<DefaultValue>> {
    let (mode, target) = (&context.session.sql_mode, context.target);
    let bad = || CatalogError::invalid_default(span, column.name.as_str());
    let constant = match clause {
        DefaultClause::Null => return Ok(Some(DefaultValue::Null)),
        DefaultClause::CurrentTimestamp(digits) => {
            return current_timestamp(*digits, column, target).map(Some).ok_or_else(bad);
        }
        // MariaDB takes a constant in parentheses for a constant.
        DefaultClause::Expression { expression, .. } => {
            let as_written = column.data_type.is_blob()
                && !matches!(expression.expr, Expr::Literal(Literal::Null | Literal::String { charset: None, .. }));
            if let (true, Some(digits)) = (target.is_mariadb(), is_now(&expression.expr))
                && matches!(column.data_type, DataType::DateTime(_) | DataType::Timestamp(_))
            {
                return current_timestamp(digits, column, target).map(Some).ok_or_else(bad);
            }
            match constant_of(&expression.expr, column, span).filter(|_| target.is_mariadb() && !as_written) {
                Some(Ok(None)) => return Ok(Some(DefaultValue::Null)),
                Some(Ok(Some(constant))) => constant,
                Some(Err(refusal)) => return Err(refusal),
                None => return Ok(Some(DefaultValue::Expression(expression.expr.clone()))),
            }
        }
        // MariaDB keeps what a BLOB or TEXT defaults to as it is written.
        DefaultClause::Number(text) if target.is_mariadb() && column.data_type.is_blob() => {
            return Ok(parsed(text, target));
        }
        DefaultClause::Boolean(value) if target.is_mariadb() && column.data_type.is_blob() => {
            return Ok(parsed(if *value { "1" } else { "0" }, target));
        }
        DefaultClause::String { value, charset: Some(charset) }
            if target.is_mariadb() && column.data_type.is_blob() =>
        {
            let text = format!("_{charset}{}", crate::ident::Literal(value));
            return Ok(parsed(&text, target));
        }
        DefaultClause::Introduced { charset, bytes } if target.is_mariadb() && column.data_type.is_blob() => {
            return Ok(parsed(&format!("_{charset} x'{}'", digits(bytes)), target));
        }
        DefaultClause::Introduced { charset, bytes }
            if matches!(column.data_type, DataType::Binary(_) | DataType::Varbinary(_))
                && Charset::named(charset, target).is_some() =>
        {
            Constant::Bytes(bytes.clone())
        }
        DefaultClause::Introduced { charset, bytes } => {
            let charset = Charset::named(charset, target)
                .ok_or_else(|| CatalogError::new(1115, span, format!("unknown character set '{charset}'")))?;
            Constant::Text(Cow::Owned(encoding::decode(charset, bytes).ok_or_else(bad)?))
        }
        // Bytes are text of the column's charset.
        DefaultClause::Hex(bytes) if column.collation.is_some() => {
            Constant::Text(column.collation.and_then(|c| encoding::decode(c.charset(), bytes)).ok_or_else(bad)?.into())
        }
        DefaultClause::String { value, .. } => Constant::Text(Cow::Borrowed(value)),
        // MySQL's grammar has no such literal here but takes it for one of a wrong type.
        DefaultClause::Temporal(_) => return Err(bad()),
        DefaultClause::Number(text) => Constant::Number(Cow::Borrowed(text)),
        DefaultClause::Boolean(value) => Constant::Number(Cow::Borrowed(if *value { "1" } else { "0" })),
        DefaultClause::Hex(bytes) => Constant::Bytes(bytes.clone()),
        DefaultClause::Bits(digits) => Constant::Bytes(bits_to_bytes(digits)),
    };
    if let (Constant::Moment(..), Some(collation)) = (&constant, column.collation)
        && let DefaultClause::Expression { expression, .. } = clause
        && !collation.charset().extends_ascii()
    {
        let expr = Box::new(expression.expr.clone());
        let charset = collation.charset().name().into();
        return Ok(Some(DefaultValue::Expression(Expr::ConvertUsing { expr, charset })));
    }
    if target.is_mariadb() && matches!(column.data_type, DataType::Geometry(_)) && !may_be_geometry(&constant) {
        return Err(no_geometry(column, span));
    }
    // MySQL's numbers have no empty string of bytes.
    if target.is_mysql()
        && column.collation.is_none()
        && matches!(&constant, Constant::Bytes(bytes) if bytes.is_empty())
    {
        let keeps = matches!(column.data_type, DataType::Binary(_) | DataType::Varbinary(_));
        if !keeps && !has_no_constant_default(&column.data_type, target) {
            return Err(bad());
        }
    }
    if has_no_constant_default(&column.data_type, target) {
        let empty = matches!(&constant, Constant::Text(text) if text.is_empty());
        let message = format!("BLOB, TEXT, GEOMETRY or JSON column '{}' can't have a default value", column.name);
        let refusal = CatalogError::new(1101, span, message);
        if !empty || !column.data_type.is_blob() {
            return Err(refusal);
        }
        return context.warnings.refuse_or_warn(refusal, mode, "it is forgotten").map(|()| None);
    }
    if let (Constant::Text(text), Some(collation)) = (&constant, column.collation)
        && mode.strict
        && charset::storable(text, collation.charset()) != *text
    {
        // Only where the text is converted beforehand does MySQL say what it is.
        let converted = matches!(column.data_type, DataType::Char(_) | DataType::Enum(_) | DataType::Set(_));
        let number = if converted && target.is_mysql_since(80_018) { 3854 } else { 1067 };
        let message =
            format!("the default of '{}' has a character that {} lacks", column.name, collation.charset().name());
        return Err(CatalogError::new(number, span, message).only_when_strict());
    }
    let value = convert(&constant, &column.data_type, context).map_err(|why| match why {
        Refusal::Always => bad(),
        Refusal::WhenStrict => bad().only_when_strict(),
        Refusal::Garbage if mode.strict => {
            CatalogError::new(1366, span, format!("incorrect decimal value for column '{}'", column.name))
                .only_when_strict()
        }
        Refusal::Garbage => bad(),
    })?;
    if let DefaultValue::Literal(stored) = &value
        && loses(&constant, &column.data_type)
    {
        let message = format!("the default of '{}' does not fit as it is written: it becomes '{stored}'", column.name);
        context.warnings.warn(1265, span, message);
    }
    Ok(Some(value))
}

/// Converts what `ALTER COLUMN … SET DEFAULT` says: there MySQL, too, takes a constant in parentheses for a constant.
pub(crate) fn set(
    clause: &DefaultClause<'_>,
    column: &Column,
    span: Span,
    context: Context<'_>,
) -> Outcome<Option<DefaultValue>> {
    let target = context.target;
    if *clause == DefaultClause::Null && target.is_mysql() && has_no_constant_default(&column.data_type, target) {
        let message = format!("BLOB, TEXT, GEOMETRY or JSON column '{}' can't have a default value", column.name);
        return Err(CatalogError::new(1101, span, message));
    }
    let constant = match clause {
        DefaultClause::Expression { expression, .. } if target.is_mysql() => match &expression.expr {
            Expr::Literal(Literal::Number(text)) => Some(DefaultClause::Number(Cow::Borrowed(text))),
            Expr::Literal(Literal::String { text, .. }) => {
                Some(DefaultClause::String { value: Cow::Borrowed(text), charset: None })
            }
            Expr::Literal(Literal::Null) => Some(DefaultClause::Null),
            _ => None,
        },
        _ => None,
    };
    resolve(constant.as_ref().unwrap_or(clause), column, span, context)
}

/// What a column whose text becomes bytes has for its default.
pub(super) fn of_bytes(
    bytes: Vec<u8>,
    data_type: &DataType,
    column: &Ident,
    span: Span,
    context: Context<'_>,
) -> Outcome<DefaultValue> {
    convert(&Constant::Bytes(bytes), data_type, context)
        .map_err(|_| CatalogError::invalid_default(span, column.as_str()))
}

/// Whether a text is an address or identifier for a column of MariaDB's types for them.
pub(super) fn is_address(text: &str, data_type: &DataType) -> bool {
    match data_type {
        DataType::Inet4 => text.parse::<std::net::Ipv4Addr>().is_ok(),
        DataType::Inet6 => text.parse::<std::net::Ipv6Addr>().is_ok(),
        DataType::Uuid => convert::uuid(text).is_some(),
        _ => false,
    }
}

/// The address or identifier of these bytes in a column of MariaDB's types for them.
pub(super) fn address(bytes: &[u8], data_type: &DataType) -> Option<String> {
    match data_type {
        DataType::Inet4 => Some(std::net::Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?).to_string()),
        DataType::Inet6 => Some(std::net::Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).to_string()),
        DataType::Uuid => {
            let number = u128::from_be_bytes(<[u8; 16]>::try_from(bytes).ok()?);
            let digits = format!("{number:032x}");
            Some([&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-"))
        }
        _ => None,
    }
}

/// Error 1067: an ALTER looks at all defaults again, and a strict session refuses a zero date.
pub(crate) fn refuse_zero_dates(table: &crate::model::Table, span: Span, mode: &SqlMode) -> Outcome<()> {
    if !mode.strict || !mode.no_zero_date {
        return Ok(());
    }
    for column in &table.columns {
        let temporal = matches!(column.data_type, DataType::Date | DataType::DateTime(_) | DataType::Timestamp(_));
        if let (true, Some(DefaultValue::Literal(text))) = (temporal, &column.default)
            && text.starts_with("0000-00-00")
        {
            return Err(CatalogError::invalid_default(span, column.name.as_str()).only_when_strict());
        }
    }
    Ok(())
}

fn has_no_constant_default(data_type: &DataType, target: Target) -> bool {
    target.is_mysql()
        && (data_type.is_blob() || matches!(data_type, DataType::Json | DataType::Geometry(_) | DataType::Vector(_)))
}

fn current_timestamp(digits: Option<u32>, column: &Column, target: Target) -> Option<DefaultValue> {
    match column.data_type {
        DataType::DateTime(n) | DataType::Timestamp(n)
            if digits.unwrap_or(0) == n
                || target.is_mariadb() && (digits.unwrap_or(0) == 0 || digits.unwrap_or(0) > n) =>
        {
            Some(DefaultValue::CurrentTimestamp)
        }
        // MariaDB takes it for any type, as an expression.
        _ if target.is_mariadb() => {
            let digits = digits.filter(|n| *n > 0).map(|n| n.to_string()).unwrap_or_default();
            parsed(&format!("current_timestamp({digits})"), target)
        }
        _ => None,
    }
}

/// An expression as a default.
fn parsed(text: &str, target: Target) -> Option<DefaultValue> {
    crate::syntax::expression::parse(text, &crate::syntax::Reading::of(target)).ok().map(DefaultValue::Expression)
}

/// What an expression that is a constant says; `Some(Ok(None))` for NULL.
fn constant_of<'e>(expr: &'e Expr, column: &Column, span: Span) -> Option<Outcome<Option<Constant<'e>>>> {
    let literal = match expr {
        Expr::Literal(literal) => literal,
        // The only function that MariaDB has as a constant.
        Expr::Call { name, args } if &**name == "pi" && args.is_empty() => {
            return Some(Ok(Some(Constant::Number(Cow::Borrowed("3.141592653589793e0")))));
        }
        _ => return None,
    };
    Some(Ok(Some(match literal {
        Literal::Null => return Some(Ok(None)),
        Literal::Number(text) => Constant::Number(Cow::Borrowed(text)),
        Literal::String { charset: None, text } => Constant::Text(Cow::Borrowed(text)),
        Literal::Hex { digits, quoted } => {
            let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
            let bytes = digits.as_bytes().chunks(2).map(byte).collect::<Option<Vec<u8>>>()?;
            return Some(bytes_of(bytes, *quoted, column, span).map(Some));
        }
        // What is not ASCII has lost its charset's bytes here.
        Literal::String { charset: Some(_), text } if text.is_ascii() => Constant::Text(Cow::Borrowed(text)),
        Literal::Temporal { kind, text } => Constant::Moment(*kind, text),
        Literal::Bool(_) | Literal::String { charset: Some(_), .. } => return None,
    })))
}

/// Bytes as MariaDB takes them: text of the column's charset or an address, else a number, but for `x'…'`, which is a string.
fn bytes_of<'e>(bytes: Vec<u8>, quoted: bool, column: &Column, span: Span) -> Outcome<Constant<'e>> {
    if let Some(collation) = column.collation {
        let undecodable = || CatalogError::new(1300, span, format!("invalid default value for '{}'", column.name));
        return Ok(Constant::Text(encoding::decode(collation.charset(), &bytes).ok_or_else(undecodable)?.into()));
    }
    if let Some(text) = address(&bytes, &column.data_type) {
        return Ok(Constant::Text(Cow::Owned(text)));
    }
    if quoted && (column.data_type.is_numeric() || matches!(column.data_type, DataType::Year(_))) {
        return Ok(Constant::Text(Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())));
    }
    Ok(Constant::Bytes(bytes))
}

/// The digits of the fraction, where an expression is the moment of the statement.
fn is_now(expr: &Expr) -> Option<Option<u32>> {
    match expr {
        Expr::Call { name, args } if &**name == "current_timestamp" => match args.as_slice() {
            [] => Some(None),
            [Expr::Literal(Literal::Number(digits))] => digits.parse().ok().map(Some),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a constant can be a geometry: an SRID, a byte order and a type at least.
fn may_be_geometry(constant: &Constant<'_>) -> bool {
    const HEADER: usize = 9;
    match constant {
        Constant::Bytes(bytes) => bytes.len() > HEADER,
        Constant::Text(text) => text.len() > HEADER && text.contains('\0'),
        Constant::Number(_) | Constant::Moment(..) => false,
    }
}

fn no_geometry(column: &Column, span: Span) -> CatalogError {
    let message = format!("cannot get a geometry from the default of '{}'", column.name);
    CatalogError::new(1416, span, message)
}

/// Bytes in hexadecimal digits.
fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bits_to_bytes(digits: &str) -> Vec<u8> {
    let digits = digits.as_bytes();
    let mut bytes: Vec<u8> =
        digits.rchunks(8).map(|chunk| chunk.iter().fold(0, |n, d| n << 1 | u8::from(*d == b'1'))).collect();
    bytes.reverse();
    bytes
}
