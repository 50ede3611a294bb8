//! A constant, converted to the type of its column.
//!
//! In: the constant and the type. Out: the text that the server stores, or why there is none. Numbers and strings part ways where the
//! servers' `Field::store` do (sql/field.cc): a string is clipped where a number is refused, and a number is a moment by its digits.

use std::borrow::Cow;

use crate::catalog::column::Context;
use crate::catalog::number::{self, Decimal, Room};
use crate::catalog::temporal::{self, Written};
use crate::model::expression::Temporal;
use crate::model::{DataType, DefaultValue, Size};

/// A constant before conversion.
pub(super) enum Constant<'a> {
    /// A string.
    Text(Cow<'a, str>),
    /// A number as written.
    Number(Cow<'a, str>),
    /// Bytes of a hexadecimal or bit literal; their number as well.
    Bytes(Vec<u8>),
    /// `DATE '…'`, `TIME '…'`, `TIMESTAMP '…'`.
    Moment(Temporal, &'a str),
}

/// Why a constant does not fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refusal {
    Always,
    WhenStrict,
    /// A number that something else follows, of which MySQL says so: error 1366.
    Garbage,
}

/// Whether the servers warn that they store less of a constant: digits of a decimal number, the time of day of a date.
pub(super) fn loses(constant: &Constant<'_>, data_type: &DataType) -> bool {
    match data_type {
        DataType::Decimal { scale, .. } => decimal(constant).is_ok_and(|value| value.digits_behind() > *scale as usize),
        DataType::Date => written(constant).is_ok_and(|written| temporal::has_time_of_day(&written)),
        _ => false,
    }
}

/// What a column of that type stores of a constant.
pub(super) fn convert(
    constant: &Constant<'_>,
    data_type: &DataType,
    context: Context<'_>,
) -> Result<DefaultValue, Refusal> {
    let target = context.target;
    let literal = |text: String| Ok(DefaultValue::Literal(text.into()));
    match data_type {
        DataType::Integer { kind, width, unsigned, zerofill } => {
            let rounded = decimal(constant)?.rounded(0).ok_or(Refusal::Always)?;
            let value = rounded.to_i128().ok_or(Refusal::Always)?;
            let (least, most) = kind.range(*unsigned);
            if value < least || value > most {
                return Err(Refusal::Always);
            }
            let width = if *zerofill { width.unwrap_or(0) as usize } else { 0 };
            literal(format!("{value:0width$}"))
        }
        DataType::Decimal { precision, scale, unsigned, zerofill } => {
            let value = decimal(constant).map_err(|refusal| match constant {
                Constant::Text(text) if target.is_mysql() && begins_with_number(text) => Refusal::Garbage,
                _ => refusal,
            });
            let value = value?.rounded(*scale as usize).ok_or(Refusal::Always)?;
            if *unsigned && value.is_negative() || value.integer_digits() > (precision - scale) as usize {
                return Err(Refusal::Always);
            }
            let text = value.to_fixed(*scale as usize);
            let width = if *zerofill { *precision as usize + usize::from(*scale > 0) } else { 0 };
            literal(format!("{text:0>width$}"))
        }
        DataType::Float { double, digits, unsigned, zerofill } => {
            let width = match (zerofill, digits, double) {
                (false, ..) => 0,
                (true, Some((m, _)), _) => *m as usize,
                (true, None, true) => 22,
                (true, None, false) => 12,
            };
            let text = float(constant, *double, *digits, *unsigned, context)?;
            literal(format!("{text:0>width$}"))
        }
        DataType::Bit(width) => bits(constant, *width),
        // Bytes are no moment to the servers but where their number is a year.
        DataType::Year(digits) if matches!(constant, Constant::Bytes(_)) => {
            let number = count(constant)?.to_string();
            temporal::year(&Written::Number(&number), *digits).and_then(literal)
        }
        DataType::Year(digits) => temporal::year(&written(constant)?, *digits).and_then(literal),
        DataType::Date => temporal::date(&written(constant)?, context.into()).and_then(literal),
        DataType::DateTime(n) => temporal::datetime(&written(constant)?, *n, context.into()).and_then(literal),
        DataType::Timestamp(n) => temporal::timestamp(&written(constant)?, *n, context.into()).and_then(literal),
        DataType::Time(n) => temporal::time(&written(constant)?, *n, context.into()).and_then(literal),
        DataType::Char(n) | DataType::Varchar(n) => {
            let mut text = fitting(constant, *n as usize, context)?;
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
            let mut bytes = bytes(constant, *n as usize, context)?;
            bytes.resize(*n as usize, 0);
            Ok(binary(bytes))
        }
        DataType::Varbinary(n) => Ok(binary(bytes(constant, *n as usize, context)?)),
        DataType::Enum(members) => member(constant, members, context),
        DataType::Set(members) => chosen(constant, members, context),
        DataType::Text(Size::Tiny) | DataType::Blob(Size::Tiny) if text_of(constant)?.len() > 255 => {
            Err(Refusal::Always)
        }
        DataType::Text(_) | DataType::Blob(_) | DataType::Json | DataType::Geometry(_) => literal(text_of(constant)?),
        // Four bytes a dimension, and nothing else.
        DataType::Vector(n) => match constant {
            Constant::Bytes(bytes) if bytes.len() == 4 * *n as usize => Ok(binary(bytes.clone())),
            _ => Err(Refusal::Always),
        },
        DataType::Uuid => literal(uuid(&text_of(constant)?).ok_or(Refusal::Always)?),
        DataType::Inet4 => {
            literal(text_of(constant)?.parse::<std::net::Ipv4Addr>().map_err(|_| Refusal::Always)?.to_string())
        }
        DataType::Inet6 => {
            literal(text_of(constant)?.parse::<std::net::Ipv6Addr>().map_err(|_| Refusal::Always)?.to_string())
        }
    }
}

/// A FLOAT or DOUBLE; MariaDB clips a string where it refuses a number (`Field_float::store`).
fn float(
    constant: &Constant<'_>,
    double: bool,
    digits: Option<(u32, u32)>,
    unsigned: bool,
    context: Context<'_>,
) -> Result<String, Refusal> {
    let clips = context.target.is_mariadb() && matches!(constant, Constant::Text(_));
    let mut value = decimal(constant)?;
    if unsigned && value.is_negative() {
        if !clips {
            return Err(Refusal::Always);
        }
        value = Decimal::parse("0").ok_or(Refusal::Always)?;
    }
    if let Some((precision, scale)) = digits {
        let (whole, behind) = ((precision - scale) as usize, scale as usize);
        let rounded = value.rounded(behind).ok_or(Refusal::Always)?;
        if rounded.integer_digits() <= whole {
            return Ok(rounded.to_fixed(behind));
        }
        if !clips {
            return Err(Refusal::Always);
        }
        let (sign, point) = (if rounded.is_negative() { "-" } else { "" }, if behind > 0 { "." } else { "" });
        return Ok(format!("{sign}{}{point}{}", "9".repeat(whole), "9".repeat(behind)));
    }
    if double {
        return Ok(number::shortest_double(value.to_f64(), Room::of(context.target)));
    }
    let (value, most) = (value.to_f64(), f64::from(f32::MAX));
    if value.abs() > most && !clips {
        return Err(Refusal::Always);
    }
    Ok(number::shortest_float(value.clamp(-most, most) as f32, Room::of(context.target)))
}

/// A member of an ENUM. MariaDB wants a number to be a member by name, and stores the one that it counts.
fn member(constant: &Constant<'_>, members: &[Box<str>], context: Context<'_>) -> Result<DefaultValue, Refusal> {
    let text = text_of(constant)?;
    let text = text.trim_end_matches(' ');
    let named = members.iter().find(|m| same_member(m, text)).ok_or(Refusal::Always)?;
    let counted = match constant {
        Constant::Number(_) if context.target.is_mariadb() => {
            let place = count(constant)?.checked_sub(1).and_then(|at| usize::try_from(at).ok());
            place.and_then(|at| members.get(at)).ok_or(Refusal::Always)?
        }
        _ => named,
    };
    Ok(DefaultValue::Literal(counted.clone()))
}

/// Members of a SET; of numbers the same holds as for an ENUM.
fn chosen(constant: &Constant<'_>, members: &[Box<str>], context: Context<'_>) -> Result<DefaultValue, Refusal> {
    let written = text_of(constant)?;
    let text = written.trim_end_matches(' ');
    // Blanks are no empty choice.
    if text.is_empty() && !written.is_empty() {
        return Err(Refusal::Always);
    }
    let wanted: Vec<&str> = if text.is_empty() { Vec::new() } else { text.split(',').collect() };
    if wanted.iter().any(|w| !members.iter().any(|m| same_member(m, w))) {
        return Err(Refusal::Always);
    }
    let bits = match constant {
        Constant::Number(_) if context.target.is_mariadb() => Some(count(constant)?),
        _ => None,
    };
    if bits.is_some_and(|bits| members.len() < 64 && bits >> members.len() != 0) {
        return Err(Refusal::Always);
    }
    let is_chosen = |at: usize, member: &str| match bits {
        Some(bits) => bits >> at & 1 == 1,
        None => wanted.iter().any(|w| same_member(member, w)),
    };
    let chosen: Vec<&str> = members.iter().enumerate().filter(|(at, m)| is_chosen(*at, m)).map(|(_, m)| &**m).collect();
    Ok(DefaultValue::Literal(chosen.join(",").into()))
}

/// Whether a number stands for a member of an ENUM, or for members of a SET, by counting alone.
pub(super) fn counts_members(value: i128, data_type: &DataType) -> Option<bool> {
    match data_type {
        DataType::Enum(members) => Some(value > 0 && value <= members.len() as i128),
        DataType::Set(members) => Some(value >= 0 && (members.len() >= 64 || value >> members.len() == 0)),
        _ => None,
    }
}

fn same_member(member: &str, text: &str) -> bool {
    crate::ident::same_name(member, text)
}

/// An identifier in the server's spelling: 32 hexadecimal digits, with hyphens between them or without.
pub(super) fn uuid(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| *c != '-').collect::<String>().to_ascii_lowercase();
    let sound = digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let edged = text.starts_with('-') || text.ends_with('-') || text.contains("--");
    (sound && !edged).then(|| [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-"))
}

/// The constant as a number; a string must be one from end to end, and a moment is the number that its digits make.
fn decimal(constant: &Constant<'_>) -> Result<Decimal, Refusal> {
    let parsed = match constant {
        Constant::Text(text) | Constant::Number(text) => Decimal::parse(text.trim()),
        Constant::Bytes(bytes) if bytes.len() <= 8 => {
            let number = bytes.iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
            Decimal::parse(&number.to_string())
        }
        Constant::Bytes(_) => None,
        Constant::Moment(_, text) => {
            let sign = if text.starts_with('-') { "-" } else { "" };
            let digits: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
            Decimal::parse(&format!("{sign}{digits}"))
        }
    };
    parsed.ok_or(Refusal::Always)
}

fn begins_with_number(text: &str) -> bool {
    let text = text.trim_start();
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    rest.strip_prefix('.').unwrap_or(rest).starts_with(|c: char| c.is_ascii_digit())
}

/// The constant as a whole number that counts something.
fn count(constant: &Constant<'_>) -> Result<u64, Refusal> {
    let number = decimal(constant)?.rounded(0).and_then(|d| d.to_i128()).ok_or(Refusal::Always)?;
    u64::try_from(number).map_err(|_| Refusal::Always)
}

/// The constant as text.
fn text_of(constant: &Constant<'_>) -> Result<String, Refusal> {
    match constant {
        Constant::Text(text) => Ok(text.to_string()),
        Constant::Number(text) => Ok(number::literal_text(text)),
        Constant::Bytes(bytes) => String::from_utf8(bytes.clone()).map_err(|_| Refusal::Always),
        Constant::Moment(_, text) => Ok((*text).to_owned()),
    }
}

/// The constant as text of at most so many characters: the servers give up digits of a double for that (`Field_str::store`).
fn fitting(constant: &Constant<'_>, length: usize, context: Context<'_>) -> Result<String, Refusal> {
    match constant {
        Constant::Number(text) if text.contains(['e', 'E']) => {
            let value = Decimal::parse(text).ok_or(Refusal::Always)?.to_f64();
            match number::double_within(value, length) {
                (_, true) if context.target.is_mysql() => Err(Refusal::WhenStrict),
                (text, _) => Ok(text),
            }
        }
        _ => text_of(constant),
    }
}

/// The constant as at most so many bytes.
fn bytes(constant: &Constant<'_>, length: usize, context: Context<'_>) -> Result<Vec<u8>, Refusal> {
    let bytes = match constant {
        Constant::Bytes(bytes) => bytes.clone(),
        Constant::Text(_) | Constant::Number(_) | Constant::Moment(..) => {
            fitting(constant, length, context)?.into_bytes()
        }
    };
    if bytes.len() > length { Err(Refusal::Always) } else { Ok(bytes) }
}

/// What a column of bytes has for its default: text, as far as it is one.
fn binary(bytes: Vec<u8>) -> DefaultValue {
    match String::from_utf8(bytes) {
        Ok(text) => DefaultValue::Literal(text.into()),
        Err(error) => DefaultValue::Bytes(error.into_bytes().into()),
    }
}

/// The constant as a moment is read from it.
fn written<'c>(constant: &'c Constant<'_>) -> Result<Written<'c>, Refusal> {
    match constant {
        Constant::Text(text) => Ok(Written::Text(text)),
        Constant::Number(text) => Ok(Written::Number(text)),
        Constant::Bytes(bytes) => std::str::from_utf8(bytes).map(Written::Text).map_err(|_| Refusal::Always),
        Constant::Moment(kind, text) => Ok(Written::Literal(*kind, text)),
    }
}

fn bits(constant: &Constant<'_>, width: u32) -> Result<DefaultValue, Refusal> {
    let number = match constant {
        Constant::Number(_) => {
            let number = decimal(constant)?.rounded(0).and_then(|d| d.to_i128()).ok_or(Refusal::Always)?;
            // The widest of them takes the bits of a negative number.
            let negative = i64::try_from(number).ok().filter(|_| width == 64).map(i64::cast_unsigned);
            u64::try_from(number).ok().or(negative).ok_or(Refusal::Always)?
        }
        Constant::Moment(_, text) if text.len() <= 8 => text.bytes().fold(0, |n, b| n << 8 | u64::from(b)),
        Constant::Text(text) if text.len() <= 8 => text.bytes().fold(0, |n, b| n << 8 | u64::from(b)),
        Constant::Bytes(bytes) if bytes.len() <= 8 => bytes.iter().fold(0, |n, b| n << 8 | u64::from(*b)),
        Constant::Text(_) | Constant::Bytes(_) | Constant::Moment(..) => return Err(Refusal::Always),
    };
    if width < 64 && number >> width != 0 {
        return Err(Refusal::Always);
    }
    Ok(DefaultValue::Bits(format!("{number:b}").into()))
}
