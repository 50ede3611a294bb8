//! Defaults: a constant as written, converted to the type of its column as the server stores it.
//!
//! MySQL 8.4 manual, section 13.6 "Data Type Default Values".

use std::borrow::Cow;

use super::charset;
use super::column::Context;
use super::encoding;
use super::error::{CatalogError, Outcome};
use super::number::Decimal;
use super::session::SqlMode;
use super::temporal;
use crate::model::expression::{Expr, Literal};
use crate::model::{Charset, Column, DataType, DefaultValue, Integer, Size};
use crate::source::Span;
use crate::syntax::ddl::DefaultClause;
use crate::target::Target;

/// A constant before conversion.
enum Constant<'a> {
    /// A string, or the text of a temporal literal.
    Text(&'a str),
    /// A number as written.
    Number(&'a str),
    /// Bytes of a hexadecimal or bit literal; their number as well.
    Bytes(Vec<u8>),
}

/// Converts what DEFAULT says of `column`, or refuses with 1067 (1101 for types without defaults).
pub(crate) fn resolve(
    clause: &DefaultClause<'_>,
    column: &Column,
    span: Span,
    context: Context<'_>,
) -> Outcome<Option<DefaultValue>> {
    let (mode, target) = (&context.session.sql_mode, context.target);
    let bad = || CatalogError::new(1067, span, format!("invalid default value for '{}'", column.name));
    let undecodable = || if target.is_mysql() { bad() } else { CatalogError { number: 1300, ..bad() } };
    let decoded: String;
    let constant = match clause {
        DefaultClause::Null => return Ok(Some(DefaultValue::Null)),
        DefaultClause::CurrentTimestamp(digits) => {
            return current_timestamp(*digits, column, target).map(Some).ok_or_else(bad);
        }
        // MariaDB takes a constant in parentheses for a constant.
        DefaultClause::Expression { expression, .. } => {
            let as_written = column.data_type.is_blob()
                && !matches!(expression.expr, Expr::Literal(Literal::Null | Literal::String { charset: None, .. }));
            match constant_of(&expression.expr).filter(|_| target.is_mariadb() && !as_written) {
                Some(None) => return Ok(Some(DefaultValue::Null)),
                Some(Some(constant)) => constant,
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
        DefaultClause::Hex(bytes) if target.is_mariadb() && column.data_type.is_blob() => {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            return Ok(parsed(&format!("0x{digits}"), target));
        }
        DefaultClause::String { value, charset: Some(charset) }
            if target.is_mariadb() && column.data_type.is_blob() =>
        {
            let text = format!("_{charset}{}", crate::ident::Literal(value));
            return Ok(parsed(&text, target));
        }
        DefaultClause::Introduced { charset, bytes } => {
            let charset = Charset::named(charset, target)
                .ok_or_else(|| CatalogError::new(1115, span, format!("unknown character set '{charset}'")))?;
            decoded = encoding::decode(charset, bytes).ok_or_else(bad)?;
            Constant::Text(&decoded)
        }
        // Bytes are text of the column's charset.
        DefaultClause::Hex(bytes) if column.collation.is_some() => {
            decoded = column.collation.and_then(|c| encoding::decode(c.charset(), bytes)).ok_or_else(undecodable)?;
            Constant::Text(&decoded)
        }
        DefaultClause::Hex(bytes) if address(bytes, &column.data_type).is_some() => {
            decoded = address(bytes, &column.data_type).unwrap_or_default();
            Constant::Text(&decoded)
        }
        DefaultClause::String { value, .. } => Constant::Text(value),
        // MySQL's grammar has no such literal here but takes it for one of a wrong type.
        DefaultClause::Temporal(_) if target.is_mysql() => return Err(bad()),
        DefaultClause::Temporal(value) => Constant::Text(value),
        DefaultClause::Number(text) => Constant::Number(text),
        DefaultClause::Boolean(true) => Constant::Number("1"),
        DefaultClause::Boolean(false) => Constant::Number("0"),
        DefaultClause::Hex(bytes) => Constant::Bytes(bytes.clone()),
        DefaultClause::Bits(digits) => Constant::Bytes(bits_to_bytes(digits)),
    };
    if has_no_constant_default(&column.data_type, target) {
        let empty = matches!(constant, Constant::Text(""));
        let message = format!("BLOB, TEXT, GEOMETRY or JSON column '{}' can't have a default value", column.name);
        let refusal = CatalogError::new(1101, span, message);
        if !empty || !column.data_type.is_blob() {
            return Err(refusal);
        }
        return context.warnings.refuse_or_warn(refusal, mode, "it is forgotten").map(|()| None);
    }
    if let (Constant::Text(text), Some(collation)) = (&constant, column.collation)
        && mode.strict
        && charset::storable(text, collation.charset()) != **text
    {
        let number = if target.is_mysql_since(80_018) { 3854 } else { 1067 };
        let message =
            format!("the default of '{}' has a character that {} lacks", column.name, collation.charset().name());
        return Err(CatalogError::new(number, span, message).only_when_strict());
    }
    let value = convert(&constant, &column.data_type, mode, target).map_err(|why| match why {
        Refusal::Always => bad(),
        Refusal::WhenStrict => bad().only_when_strict(),
    })?;
    if let DefaultValue::Literal(stored) = &value
        && loses(&constant, &column.data_type)
    {
        let message = format!("the default of '{}' does not fit as it is written: it becomes '{stored}'", column.name);
        context.warnings.warn(1265, span, message);
    }
    Ok(Some(value))
}

/// Whether the servers warn that they store less of a constant: digits of a decimal number, the time of day of a date.
fn loses(constant: &Constant<'_>, data_type: &DataType) -> bool {
    match data_type {
        DataType::Decimal { scale, .. } => decimal(constant).is_ok_and(|value| value.digits_behind() > *scale as usize),
        DataType::Date => text_of(constant).is_ok_and(|text| temporal::has_time_of_day(&text)),
        _ => false,
    }
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
            return Err(CatalogError::new(1067, span, format!("invalid default value for '{}'", column.name))
                .only_when_strict());
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

/// What an expression that is a constant says; `Some(None)` for NULL.
fn constant_of(expr: &Expr) -> Option<Option<Constant<'_>>> {
    let literal = match expr {
        Expr::Literal(literal) => literal,
        // The only function that MariaDB has as a constant.
        Expr::Call { name, args } if &**name == "pi" && args.is_empty() => {
            return Some(Some(Constant::Number("3.141592653589793")));
        }
        _ => return None,
    };
    match literal {
        Literal::Null => Some(None),
        Literal::Number(text) => Some(Some(Constant::Number(text))),
        Literal::String { charset: None, text } => Some(Some(Constant::Text(text))),
        Literal::Hex { digits, .. } => {
            let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
            digits.as_bytes().chunks(2).map(byte).collect::<Option<Vec<u8>>>().map(|bytes| Some(Constant::Bytes(bytes)))
        }
        // What is not ASCII has lost its charset's bytes here.
        Literal::String { charset: Some(_), text } if text.is_ascii() => Some(Some(Constant::Text(text))),
        Literal::Temporal { text, .. } => Some(Some(Constant::Text(text))),
        Literal::Bool(_) | Literal::String { charset: Some(_), .. } => None,
    }
}

/// Error 1067: MariaDB computes a default that is constant, and looks whether the column can hold it.
pub(super) fn check_constant(expr: &Expr, column: &Column, span: Span, context: Context<'_>) -> Outcome<()> {
    let bad = || CatalogError::new(1067, span, format!("invalid default value for '{}'", column.name));
    let is_moment = matches!(
        column.data_type,
        DataType::Date | DataType::DateTime(_) | DataType::Timestamp(_) | DataType::Bit(_) | DataType::Geometry(_)
    );
    let number = crate::canonical::expression::computed(expr).filter(|_| is_moment).map(|number| number.to_string());
    if number.is_some() && matches!(column.data_type, DataType::Geometry(_)) {
        return Err(CatalogError::new(1416, span, "cannot get a geometry from a number"));
    }
    let text = computed(expr);
    let constant = match (&number, &text) {
        (Some(number), _) => Constant::Number(number),
        (None, Some(text)) => Constant::Text(text),
        (None, None) => return Ok(()),
    };
    match convert(&constant, &column.data_type, &context.session.sql_mode, context.target) {
        Ok(_) => Ok(()),
        Err(Refusal::Always) => Err(bad()),
        Err(Refusal::WhenStrict) if context.session.sql_mode.strict => Err(bad().only_when_strict()),
        Err(Refusal::WhenStrict) => Ok(()),
    }
}

/// The string that a call over constant strings gives, as far as it is simple.
fn computed(expr: &Expr) -> Option<String> {
    const LONGEST: usize = 1 << 16;
    match expr {
        Expr::Literal(Literal::String { text, .. }) => Some(text.to_string()),
        Expr::Call { name, args } => match (&**name, args.as_slice()) {
            ("concat", parts) => parts.iter().map(computed).collect(),
            ("coalesce" | "ifnull", [first, ..]) => computed(first),
            ("upper", [one]) => computed(one).map(|text| text.to_uppercase()),
            ("lower", [one]) => computed(one).map(|text| text.to_lowercase()),
            ("if", [Expr::Literal(Literal::Number(test)), yes, no]) => {
                if test.trim_matches(['0', '.']).is_empty() {
                    computed(no)
                } else {
                    computed(yes)
                }
            }
            ("repeat", [one, Expr::Literal(Literal::Number(times))]) => {
                let (text, times) = (computed(one)?, times.parse::<usize>().ok()?);
                (text.len().saturating_mul(times) <= LONGEST).then(|| text.repeat(times))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Why a constant does not fit.
pub(crate) enum Refusal {
    Always,
    WhenStrict,
}

fn convert(
    constant: &Constant<'_>,
    data_type: &DataType,
    mode: &SqlMode,
    target: Target,
) -> Result<DefaultValue, Refusal> {
    let literal = |text: String| Ok(DefaultValue::Literal(text.into()));
    match data_type {
        DataType::Integer { kind, width, unsigned, zerofill } => {
            let rounded = decimal(constant)?.rounded(0).ok_or(Refusal::Always)?;
            let value = rounded.to_i128().ok_or(Refusal::Always)?;
            let (least, most) = range(*kind, *unsigned);
            if value < least || value > most {
                return Err(Refusal::Always);
            }
            let width = if *zerofill { width.unwrap_or(0) as usize } else { 0 };
            literal(format!("{value:0width$}"))
        }
        DataType::Decimal { precision, scale, unsigned, zerofill } => {
            let value = decimal(constant)?.rounded(*scale as usize).ok_or(Refusal::Always)?;
            if *unsigned && value.is_negative() || value.integer_digits() > (precision - scale) as usize {
                return Err(Refusal::Always);
            }
            let text = value.to_fixed(*scale as usize);
            let width = if *zerofill { *precision as usize + usize::from(*scale > 0) } else { 0 };
            literal(format!("{text:0>width$}"))
        }
        DataType::Float { double, digits, unsigned, zerofill } => {
            let value = decimal(constant)?;
            if *unsigned && value.is_negative() {
                return Err(Refusal::Always);
            }
            let text = match digits {
                Some((_, scale)) => value.rounded(*scale as usize).ok_or(Refusal::Always)?.to_fixed(*scale as usize),
                None if *double => super::number::shortest_double(value.to_f64()),
                None => super::number::shortest_float(value.to_f64() as f32),
            };
            let width = match (zerofill, digits, double) {
                (false, ..) => 0,
                (true, Some((m, _)), _) => *m as usize,
                (true, None, true) => 22,
                (true, None, false) => 12,
            };
            literal(format!("{text:0>width$}"))
        }
        DataType::Bit(width) => bits(constant, *width),
        DataType::Year(digits) => {
            temporal::year(&text_of(constant)?, matches!(constant, Constant::Number(_)), *digits).and_then(literal)
        }
        DataType::Date => temporal::date(&text_of(constant)?, mode).and_then(literal),
        DataType::DateTime(n) => temporal::datetime(&text_of(constant)?, *n, mode).and_then(literal),
        DataType::Timestamp(n) => temporal::timestamp(&text_of(constant)?, *n, mode, target).and_then(literal),
        DataType::Time(n) => temporal::time(&text_of(constant)?, *n).and_then(literal),
        DataType::Char(n) | DataType::Varchar(n) => {
            let mut text = text_of(constant)?;
            if matches!(data_type, DataType::Char(_)) {
                text.truncate(text.trim_end_matches(' ').len());
            }
            let length = text.chars().count();
            // MariaDB counts the blanks at the end as well.
            let cut = if target.is_mysql() { text.trim_end_matches(' ') } else { &text };
            if cut.chars().count() > *n as usize {
                Err(Refusal::WhenStrict)
            } else if length > *n as usize {
                literal(text.chars().take(*n as usize).collect())
            } else {
                literal(text)
            }
        }
        DataType::Binary(n) => {
            let mut text = text_of(constant)?;
            if text.len() > *n as usize {
                return Err(Refusal::Always);
            }
            text.extend(std::iter::repeat_n('\0', *n as usize - text.len()));
            literal(text)
        }
        DataType::Varbinary(n) => {
            let text = text_of(constant)?;
            if text.len() > *n as usize { Err(Refusal::Always) } else { literal(text) }
        }
        DataType::Enum(members) => {
            let text = text_of(constant)?;
            let text = text.trim_end_matches(' ');
            members
                .iter()
                .find(|m| same_member(m, text))
                .map(|m| DefaultValue::Literal(m.clone()))
                .ok_or(Refusal::Always)
        }
        DataType::Set(members) => {
            let text = text_of(constant)?;
            let wanted: Vec<&str> =
                text.split(',').map(|w| w.trim_end_matches(' ')).filter(|w| !w.is_empty()).collect();
            if wanted.iter().any(|w| !members.iter().any(|m| same_member(m, w))) {
                return Err(Refusal::Always);
            }
            let chosen: Vec<&str> =
                members.iter().filter(|m| wanted.iter().any(|w| same_member(m, w))).map(|m| &**m).collect();
            literal(chosen.join(","))
        }
        DataType::Text(Size::Tiny) | DataType::Blob(Size::Tiny) if text_of(constant)?.len() > 255 => {
            Err(Refusal::Always)
        }
        DataType::Text(_)
        | DataType::Blob(_)
        | DataType::Json
        | DataType::Geometry(_)
        | DataType::Vector(_)
        | DataType::Uuid => literal(text_of(constant)?),
        DataType::Inet4 => {
            literal(text_of(constant)?.parse::<std::net::Ipv4Addr>().map_err(|_| Refusal::Always)?.to_string())
        }
        DataType::Inet6 => {
            literal(text_of(constant)?.parse::<std::net::Ipv6Addr>().map_err(|_| Refusal::Always)?.to_string())
        }
    }
}

fn same_member(member: &str, text: &str) -> bool {
    crate::ident::same_name(member, text)
}

/// The constant as a number; a string must be one from end to end.
fn decimal(constant: &Constant<'_>) -> Result<Decimal, Refusal> {
    match constant {
        Constant::Text(text) | Constant::Number(text) => Decimal::parse(text.trim()).ok_or(Refusal::Always),
        Constant::Bytes(bytes) if bytes.len() <= 8 => {
            let number = bytes.iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
            Decimal::parse(&number.to_string()).ok_or(Refusal::Always)
        }
        Constant::Bytes(_) => Err(Refusal::Always),
    }
}

/// The constant as text.
fn text_of(constant: &Constant<'_>) -> Result<String, Refusal> {
    match constant {
        Constant::Text(text) => Ok((*text).to_owned()),
        Constant::Number(text) => Ok(super::number::literal_text(text)),
        Constant::Bytes(bytes) => String::from_utf8(bytes.clone()).map_err(|_| Refusal::Always),
    }
}

fn bits(constant: &Constant<'_>, width: u32) -> Result<DefaultValue, Refusal> {
    let number = match constant {
        Constant::Number(_) => decimal(constant)?
            .rounded(0)
            .and_then(|d| d.to_i128())
            .and_then(|n| u64::try_from(n).ok())
            .ok_or(Refusal::Always)?,
        Constant::Text(text) if text.len() <= 8 => text.bytes().fold(0, |n, b| n << 8 | u64::from(b)),
        Constant::Bytes(bytes) if bytes.len() <= 8 => bytes.iter().fold(0, |n, b| n << 8 | u64::from(*b)),
        Constant::Text(_) | Constant::Bytes(_) => return Err(Refusal::Always),
    };
    if width < 64 && number >> width != 0 {
        return Err(Refusal::Always);
    }
    Ok(DefaultValue::Bits(format!("{number:b}").into()))
}

fn bits_to_bytes(digits: &str) -> Vec<u8> {
    let digits = digits.as_bytes();
    let mut bytes: Vec<u8> =
        digits.rchunks(8).map(|chunk| chunk.iter().fold(0, |n, d| n << 1 | u8::from(*d == b'1'))).collect();
    bytes.reverse();
    bytes
}

/// The least and the greatest number of a type.
pub(super) const fn range(kind: Integer, unsigned: bool) -> (i128, i128) {
    let bits = match kind {
        Integer::Tiny => 8,
        Integer::Small => 16,
        Integer::Medium => 24,
        Integer::Int => 32,
        Integer::Big => 64,
    };
    if unsigned { (0, (1 << bits) - 1) } else { (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) }
}
