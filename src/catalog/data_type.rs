//! Types: what the server makes of a type as written.
//!
//! MySQL 8.4 manual, chapter 13 "Data Types"; section 15.1.20.7 "Silent Column Specification Changes".

use std::borrow::Cow;

use super::charset;
use super::encoding;
use super::error::{CatalogError, Outcome};
use super::session::Session;
use super::warning::Warnings;
use crate::model::{Charset, Collation, CollationClause, Column, DataType, Geometry, Integer, Size};
use crate::source::Span;
use crate::syntax::ddl::{Member, Name, TypeDefinition, TypeName};
use crate::target::Target;

/// The longest CHAR and BINARY.
const MAX_CHAR: u64 = 255;
/// The longest VARCHAR and VARBINARY in bytes.
const MAX_VARCHAR_BYTES: u64 = 65_535;
/// The same on MariaDB, which counts the bytes of the length and of NULL (`MAX_FIELD_VARCHARLENGTH`).
const MAX_VARCHAR_BYTES_MARIADB: u64 = 65_532;

const fn max_varchar_bytes(target: Target) -> u64 {
    if target.is_mysql() { MAX_VARCHAR_BYTES } else { MAX_VARCHAR_BYTES_MARIADB }
}

/// The longest member of ENUM and SET in characters.
const MAX_MEMBER: usize = 255;

/// A type with the collation of its values.
pub(crate) struct Typed {
    pub(crate) data_type: DataType,
    pub(crate) collation: Option<Collation>,
    pub(crate) clause: CollationClause,
    /// The bytes of the members of an ENUM or SET, where their charset does not show some of them.
    pub(crate) member_bytes: Vec<Box<[u8]>>,
}

/// What surrounds a type: the column's name for messages, its COLLATE, the table's collation.
pub(crate) struct Surroundings<'a> {
    pub(crate) target: Target,
    pub(crate) session: &'a Session,
    pub(crate) warnings: &'a Warnings,
    pub(crate) column: &'a Name<'a>,
    pub(crate) collate: Option<&'a Name<'a>>,
    pub(crate) table: Collation,
    pub(crate) converted: Option<Collation>,
}

/// Makes the stored type of a written one.
pub(crate) fn resolve(written: &TypeDefinition<'_>, around: &Surroundings<'_>) -> Outcome<Typed> {
    let plain =
        |data_type| Ok(Typed { data_type, collation: None, clause: CollationClause::None, member_bytes: Vec::new() });
    let unsigned = written.unsigned || written.zerofill;
    let zerofill = written.zerofill;
    let column = &around.column.text;
    if matches!(written.name, TypeName::Text | TypeName::Blob)
        && written.length.is_some_and(|n| n > u64::from(u32::MAX))
    {
        return Err(too_long(written, around, u64::from(u32::MAX)));
    }
    if let Some(collate) = around.collate.filter(|_| is_of_bytes(written.name, around.target)) {
        let collation = charset::collation(collate, None, around.target)?;
        if collation.charset().name() != "binary" {
            return with_letters(written, collate, collation, around);
        }
    }
    match written.name {
        TypeName::TinyInt => plain(integer(Integer::Tiny, written, around)?),
        TypeName::SmallInt => plain(integer(Integer::Small, written, around)?),
        TypeName::MediumInt => plain(integer(Integer::Medium, written, around)?),
        TypeName::Int => plain(integer(Integer::Int, written, around)?),
        TypeName::BigInt => plain(integer(Integer::Big, written, around)?),
        TypeName::Boolean => {
            plain(DataType::Integer { kind: Integer::Tiny, width: Some(1), unsigned: false, zerofill: false })
        }
        TypeName::Serial => {
            let width = (!around.target.drops_display_width()).then_some(20);
            plain(DataType::Integer { kind: Integer::Big, width, unsigned: true, zerofill: false })
        }
        TypeName::Decimal => {
            let (precision, scale) = digits(written, around, 65, around.target.max_decimal_scale())?.unwrap_or((10, 0));
            let precision = if precision == 0 { 10 } else { precision };
            plain(DataType::Decimal { precision, scale, unsigned, zerofill })
        }
        TypeName::Float | TypeName::Double | TypeName::Real => floating(written, around).and_then(plain),
        TypeName::Bit => match written.length.unwrap_or(1) {
            0 if around.target.is_mysql() => {
                Err(CatalogError::new(3013, written.span, format!("invalid size for column '{column}'")))
            }
            0 => plain(DataType::Bit(1)),
            n @ 1..=64 => plain(DataType::Bit(n as u32)),
            _ => Err(CatalogError::new(
                1439,
                written.span,
                format!("display width out of range for column '{column}' (max = 64)"),
            )),
        },
        TypeName::Year => match written.length {
            None | Some(4) => plain(DataType::Year(4)),
            Some(2) if around.target.is_mariadb() => plain(DataType::Year(2)),
            Some(_) if around.target.is_mariadb() => plain(DataType::Year(4)),
            Some(_) => Err(CatalogError::new(1818, written.span, "supports only YEAR or YEAR(4) column")),
        },
        TypeName::Date => plain(DataType::Date),
        TypeName::Time => plain(DataType::Time(fraction(written, around)?)),
        TypeName::DateTime => plain(DataType::DateTime(fraction(written, around)?)),
        // TIMESTAMP(14) of MySQL 4.0 was a display width, which its successors forgot.
        TypeName::Timestamp if matches!(written.length, Some(8 | 10 | 12 | 14)) => plain(DataType::Timestamp(0)),
        TypeName::Timestamp => plain(DataType::Timestamp(fraction(written, around)?)),
        TypeName::Binary | TypeName::Varbinary => binary(written, around).and_then(plain),
        TypeName::TinyBlob => plain(DataType::Blob(Size::Tiny)),
        TypeName::Blob => plain(DataType::Blob(length_of_blob(written, around).map_or(Size::Normal, size_for))),
        TypeName::MediumBlob => plain(DataType::Blob(Size::Medium)),
        TypeName::LongBlob => plain(DataType::Blob(Size::Long)),
        TypeName::Char
        | TypeName::Varchar
        | TypeName::TinyText
        | TypeName::Text
        | TypeName::MediumText
        | TypeName::LongText
        | TypeName::Enum
        | TypeName::Set => character(written, around),
        TypeName::Json if around.target.is_mysql() => plain(DataType::Json),
        TypeName::Json => {
            let utf8mb4 = Charset::named("utf8mb4", around.target).map(Charset::binary_collation);
            let collation = around.converted.or(utf8mb4);
            let data_type = DataType::Text(Size::Long);
            Ok(Typed { data_type, collation, clause: CollationClause::None, member_bytes: Vec::new() })
        }
        TypeName::Geometry => plain(DataType::Geometry(Geometry::Geometry)),
        TypeName::Point => plain(DataType::Geometry(Geometry::Point)),
        TypeName::LineString => plain(DataType::Geometry(Geometry::LineString)),
        TypeName::Polygon => plain(DataType::Geometry(Geometry::Polygon)),
        TypeName::MultiPoint => plain(DataType::Geometry(Geometry::MultiPoint)),
        TypeName::MultiLineString => plain(DataType::Geometry(Geometry::MultiLineString)),
        TypeName::MultiPolygon => plain(DataType::Geometry(Geometry::MultiPolygon)),
        TypeName::GeometryCollection => plain(DataType::Geometry(Geometry::Collection)),
        TypeName::Vector => vector(written, around).and_then(plain),
        TypeName::Uuid => plain(DataType::Uuid),
        TypeName::Inet4 => plain(DataType::Inet4),
        TypeName::Inet6 => plain(DataType::Inet6),
    }
}

/// `VECTOR(n)`. MySQL takes a length of 0 for none that it knows and shows the greatest number instead (measured on 9.7).
fn vector(written: &TypeDefinition<'_>, around: &Surroundings<'_>) -> Outcome<DataType> {
    /// The dimensions of the longest vector.
    const MOST: u64 = 16_383;
    let (column, mysql) = (&around.column.text, around.target.is_mysql());
    let refuse = |number, message| Err(CatalogError::new(number, written.span, message));
    match written.length {
        Some(0) if mysql => Ok(DataType::Vector(u32::MAX)),
        Some(0) => refuse(1063, format!("incorrect column specifier for column '{column}'")),
        Some(n) if n > MOST && mysql => {
            refuse(6137, format!("a vector of {n} dimensions is too long for column '{column}' (max = {MOST})"))
        }
        Some(n) if n > MOST => refuse(1074, format!("column length too big for column '{column}' (max = {MOST})")),
        length => Ok(DataType::Vector(length.unwrap_or(2048) as u32)),
    }
}

/// Whether a type is one of bytes, of which COLLATE asks letters.
fn is_of_bytes(name: TypeName, target: Target) -> bool {
    let blob = matches!(
        name,
        TypeName::Binary
            | TypeName::Varbinary
            | TypeName::TinyBlob
            | TypeName::Blob
            | TypeName::MediumBlob
            | TypeName::LongBlob
    );
    let shape = matches!(
        name,
        TypeName::Geometry
            | TypeName::Point
            | TypeName::LineString
            | TypeName::Polygon
            | TypeName::MultiPoint
            | TypeName::MultiLineString
            | TypeName::MultiPolygon
            | TypeName::GeometryCollection
    );
    blob || name == TypeName::Vector || target.is_mysql() && (shape || name == TypeName::Json)
}

/// Bytes with the collation of letters: error 1253 on MySQL; MariaDB makes a type of letters of them (measured).
fn with_letters(
    written: &TypeDefinition<'_>,
    collate: &Name<'_>,
    collation: Collation,
    around: &Surroundings<'_>,
) -> Outcome<Typed> {
    if around.target.is_mysql() {
        let message = format!("collation '{}' is not valid for character set 'binary'", collation.name());
        return Err(CatalogError::new(1253, collate.span, message));
    }
    let name = match written.name {
        TypeName::Vector => {
            let message = format!("incorrect column specifier for column '{}'", around.column.text);
            return Err(CatalogError::new(1063, collate.span, message));
        }
        TypeName::Binary => TypeName::Char,
        TypeName::Varbinary => TypeName::Varchar,
        TypeName::TinyBlob => TypeName::TinyText,
        TypeName::MediumBlob => TypeName::MediumText,
        TypeName::LongBlob => TypeName::LongText,
        _ => TypeName::Text,
    };
    character(&TypeDefinition { name, ..written.clone() }, around)
}

fn integer(kind: Integer, written: &TypeDefinition<'_>, around: &Surroundings<'_>) -> Outcome<DataType> {
    let unsigned = written.unsigned || written.zerofill;
    if written.length.is_some_and(|n| n > 255) {
        let message = format!("display width out of range for column '{}' (max = 255)", around.column.text);
        return Err(CatalogError::new(1439, written.span, message));
    }
    let default = match (kind, unsigned) {
        (Integer::Tiny, false) => 4,
        (Integer::Tiny, true) => 3,
        (Integer::Small, false) => 6,
        (Integer::Small, true) => 5,
        (Integer::Medium, false) => 9,
        (Integer::Medium, true) => 8,
        (Integer::Int, false) => 11,
        (Integer::Int, true) => 10,
        (Integer::Big, _) => 20,
    };
    let width = written.length.filter(|n| *n > 0).unwrap_or(default) as u32;
    // MySQL 8.0.19 release notes: the width stays with ZEROFILL and as the mark of BOOLEAN.
    let keeps =
        !around.target.drops_display_width() || written.zerofill || kind == Integer::Tiny && width == 1 && !unsigned;
    Ok(DataType::Integer { kind, width: keeps.then_some(width), unsigned, zerofill: written.zerofill })
}

/// `(M, D)` of a number, checked.
fn digits(
    written: &TypeDefinition<'_>,
    around: &Surroundings<'_>,
    most: u64,
    most_scale: u64,
) -> Outcome<Option<(u32, u32)>> {
    let Some(precision) = written.length else { return Ok(None) };
    let scale = written.scale.unwrap_or(0);
    let column = &around.column.text;
    let refuse = |number, message: String| Err(CatalogError::new(number, written.span, message));
    if around.target.is_mysql() && precision > u64::from(u32::MAX) {
        return refuse(1439, format!("display width out of range for column '{column}' (max = {})", u32::MAX));
    }
    if scale > most_scale {
        return refuse(1425, format!("too big scale {scale} specified for '{column}'; the maximum is {most_scale}"));
    }
    if precision > most {
        return refuse(1426, format!("too big precision {precision} specified for '{column}'; the maximum is {most}"));
    }
    if precision < scale && !(precision == 0 && scale == 0) {
        return refuse(
            1427,
            format!("for float(M,D), double(M,D) or decimal(M,D), M must be >= D (column '{column}')"),
        );
    }
    Ok(Some((precision as u32, scale as u32)))
}

fn floating(written: &TypeDefinition<'_>, around: &Surroundings<'_>) -> Outcome<DataType> {
    let unsigned = written.unsigned || written.zerofill;
    let zerofill = written.zerofill;
    let single =
        written.name == TypeName::Float || written.name == TypeName::Real && around.session.sql_mode.real_as_float;
    if written.scale.is_none() {
        // FLOAT(p) is a precision in bits (MySQL 8.4 manual, section 13.1.4).
        return match written.length {
            Some(bits) if bits > 53 => {
                let message = format!("incorrect column specifier for column '{}'", around.column.text);
                Err(CatalogError::new(1063, written.span, message))
            }
            Some(bits) => Ok(DataType::Float { double: !single || bits > 24, digits: None, unsigned, zerofill }),
            None => Ok(DataType::Float { double: !single, digits: None, unsigned, zerofill }),
        };
    }
    let none = written.length == Some(0) && written.scale == Some(0);
    if written.length.is_some_and(|n| n > 255) || none && around.target.is_mysql() {
        let message = format!("display width out of range for column '{}' (max = 255)", around.column.text);
        return Err(CatalogError::new(1439, written.span, message));
    }
    // MariaDB takes digits of which there are none for none (measured).
    let digits = digits(written, around, 255, 30)?.filter(|_| !none);
    Ok(DataType::Float { double: !single, digits, unsigned, zerofill })
}

fn fraction(written: &TypeDefinition<'_>, around: &Surroundings<'_>) -> Outcome<u32> {
    match written.length.unwrap_or(0) {
        n @ 0..=6 => Ok(n as u32),
        n => {
            let message = format!("too big precision {n} specified for '{}'; the maximum is 6", around.column.text);
            Err(CatalogError::new(1426, written.span, message))
        }
    }
}

/// The length of a TEXT or BLOB; one of zero is none to MariaDB (measured).
fn length_of_blob(written: &TypeDefinition<'_>, around: &Surroundings<'_>) -> Option<u64> {
    written.length.filter(|n| *n > 0 || around.target.is_mysql())
}

/// The smallest TEXT or BLOB that takes so many bytes.
pub(super) const fn size_for(bytes: u64) -> Size {
    match bytes {
        0..=255 => Size::Tiny,
        256..=65_535 => Size::Normal,
        65_536..=16_777_215 => Size::Medium,
        _ => Size::Long,
    }
}

fn too_long(written: &TypeDefinition<'_>, around: &Surroundings<'_>, most: u64) -> CatalogError {
    let varies = !matches!(written.name, TypeName::Char | TypeName::Binary);
    if (around.target.is_mysql() || varies) && written.length.is_some_and(|n| n > u64::from(u32::MAX)) {
        let message = format!("display width out of range for column '{}' (max = 4294967295)", around.column.text);
        return CatalogError::new(1439, written.span, message);
    }
    let message =
        format!("column length too big for column '{}' (max = {most}); use BLOB or TEXT instead", around.column.text);
    CatalogError::new(1074, written.span, message)
}

fn binary(written: &TypeDefinition<'_>, around: &Surroundings<'_>) -> Outcome<DataType> {
    let length = written.length.unwrap_or(1);
    if written.name == TypeName::Binary {
        return if length > MAX_CHAR {
            Err(too_long(written, around, MAX_CHAR))
        } else {
            Ok(DataType::Binary(length as u32))
        };
    }
    let most = max_varchar_bytes(around.target);
    if length <= most {
        return Ok(DataType::Varbinary(length as u32));
    }
    widened(written, around, most)?;
    Ok(DataType::Blob(size_for(length)))
}

/// Error 1074: a VARCHAR or VARBINARY is too long; without the strict modes it becomes a TEXT or BLOB.
fn widened(written: &TypeDefinition<'_>, around: &Surroundings<'_>, most: u64) -> Outcome<()> {
    if around.session.sql_mode.strict {
        return Err(too_long(written, around, most).only_when_strict());
    }
    let (from, to) = if written.name == TypeName::Varchar { ("VARCHAR", "TEXT") } else { ("VARBINARY", "BLOB") };
    let message = format!("column '{}' is too long for {from} (max = {most}) and becomes a {to}", around.column.text);
    around.warnings.warn(1246, written.span, message);
    Ok(())
}

fn character(written: &TypeDefinition<'_>, around: &Surroundings<'_>) -> Outcome<Typed> {
    let target = around.target;
    let named = match &written.charset {
        Some(name) if name.text.eq_ignore_ascii_case("default") => Some(around.table.charset()),
        Some(name) => Some(charset::charset(name, target)?),
        None if written.byte => Charset::named("binary", target),
        None => None,
    };
    let collation = match around.collate {
        Some(name) if name.text.eq_ignore_ascii_case("default") => {
            named.unwrap_or(around.table.charset()).default_collation(target)
        }
        Some(name) => {
            let short = charset::uca_charset(name, named.map_or(around.table, |c| c.default_collation(target)));
            charset::collation(name, named.or(short), target)?
        }
        None if written.binary => named.unwrap_or(around.table.charset()).binary_collation(),
        None => named.map_or(around.table, |c| c.default_collation(target)),
    };
    // What is no text does not become one.
    let collation = around.converted.filter(|_| collation.charset().name() != "binary").unwrap_or(collation);
    let data_type = character_type(written, around, collation)?;
    let clause = match (named, around.collate) {
        _ if !target.keeps_explicit_collation() || !data_type.is_character() => CollationClause::None,
        (Some(_), _) => CollationClause::Charset,
        // A charset's default collation is not printed for a column that inherits it: it was written.
        (None, Some(_)) if collation.is_default(target) => CollationClause::Charset,
        (None, Some(_)) => CollationClause::Collate,
        (None, None) => CollationClause::None,
    };
    let collation = data_type.is_character().then_some(collation);
    let (DataType::Enum(members) | DataType::Set(members)) = &data_type else {
        return Ok(Typed { data_type, collation, clause, member_bytes: Vec::new() });
    };
    let charset = collation.map(Collation::charset);
    let member_bytes = charset.and_then(|charset| unseen(&written.members, members, charset)).unwrap_or_default();
    Ok(Typed { data_type, collation, clause, member_bytes })
}

/// The bytes of members of which some were written as bytes that say nothing in their charset.
fn unseen(written: &[Member<'_>], members: &[Box<str>], charset: Charset) -> Option<Vec<Box<[u8]>>> {
    let is_unseen = |(member, shown): (&Member<'_>, &str)| match member {
        Member::Text(_) => false,
        Member::Bytes(bytes) => encoding::encode(charset, shown).is_none_or(|seen| seen != *bytes),
    };
    let pairs = || written.iter().zip(members.iter().map(|shown| &**shown));
    if !pairs().any(is_unseen) {
        return None;
    }
    let bytes = |(member, shown): (&Member<'_>, &str)| match member {
        Member::Text(_) => encoding::encode(charset, shown),
        // Members end without blanks.
        Member::Bytes(bytes) if charset.extends_ascii() && charset.name() != "binary" => {
            let end = bytes.iter().rposition(|byte| *byte != b' ').map_or(0, |at| at + 1);
            Some(bytes[..end].to_vec())
        }
        Member::Bytes(bytes) => Some(bytes.clone()),
    };
    pairs().map(|pair| bytes(pair).map(Vec::into_boxed_slice)).collect()
}

/// MySQL's data dictionary writes the members of a SET as they are, and has no place for bytes that are none of utf8mb3's
/// characters; those of an ENUM it writes in hexadecimal digits (seen on 9.7).
pub(crate) fn check_members(column: &Column, target: Target, span: Span) -> Outcome<()> {
    let DataType::Set(members) = &column.data_type else { return Ok(()) };
    let as_they_are = column.collation.is_some_and(|c| matches!(c.charset().name(), "utf8mb3" | "binary"));
    if !(as_they_are && target.is_mysql_since(80_000)) {
        return Ok(());
    }
    let bytes = |at: usize| column.member_bytes.0.get(at).map_or(members[at].as_bytes(), |bytes| bytes);
    if (0..members.len()).all(|at| encoding::is_basic_text(bytes(at))) {
        return Ok(());
    }
    Err(CatalogError::new(3507, span, format!("no dictionary entry holds the members of column '{}'", column.name)))
}

fn character_type(written: &TypeDefinition<'_>, around: &Surroundings<'_>, collation: Collation) -> Outcome<DataType> {
    let width = u64::from(collation.charset().max_length());
    let is_binary = collation.charset().name() == "binary";
    let text = |size| if is_binary { DataType::Blob(size) } else { DataType::Text(size) };
    Ok(match written.name {
        TypeName::Char => {
            let length = written.length.unwrap_or(1);
            if length > MAX_CHAR {
                return Err(too_long(written, around, MAX_CHAR));
            }
            if is_binary { DataType::Binary(length as u32) } else { DataType::Char(length as u32) }
        }
        TypeName::Varchar => {
            let (length, most) = (written.length.unwrap_or(1), max_varchar_bytes(around.target));
            if length.saturating_mul(width) > most {
                widened(written, around, most / width)?;
                text(size_for(length.saturating_mul(width)))
            } else if is_binary {
                DataType::Varbinary(length as u32)
            } else {
                DataType::Varchar(length as u32)
            }
        }
        TypeName::TinyText => text(Size::Tiny),
        TypeName::Text => {
            text(length_of_blob(written, around).map_or(Size::Normal, |n| size_for(n.saturating_mul(width))))
        }
        TypeName::MediumText => text(Size::Medium),
        TypeName::LongText => text(Size::Long),
        TypeName::Enum => DataType::Enum(members(written, around, collation)?),
        TypeName::Set => DataType::Set(members(written, around, collation)?),
        // Only character types come here: `resolve` sends no other.
        _ => text(Size::Normal),
    })
}

/// Members lose their trailing blanks, and must differ (MySQL 8.4 manual, section 13.3.6 "The ENUM Type").
fn members(written: &TypeDefinition<'_>, around: &Surroundings<'_>, collation: Collation) -> Outcome<Vec<Box<str>>> {
    let charset = collation.charset();
    let pads = charset.name() != "binary";
    let kept = |member: &Member<'_>| -> Box<str> {
        let text = match member {
            Member::Text(text) => Cow::Borrowed(text.as_ref()),
            Member::Bytes(bytes) if !charset.extends_ascii() => Cow::Owned(encoding::beginning(charset, bytes)),
            Member::Bytes(bytes) => Cow::Owned(encoding::taken(bytes, charset, around.target.is_mysql())),
        };
        charset::storable(if pads { text.trim_end_matches(' ') } else { &text }, charset).into()
    };
    let members: Vec<Box<str>> = written.members.iter().map(kept).collect();
    let is_set = written.name == TypeName::Set;
    if is_set && members.len() > 64 {
        let message = format!("too many strings for column '{}' and SET", around.column.text);
        return Err(CatalogError::new(1097, written.span, message));
    }
    if let Some(bad) = members.iter().find(|m| is_set && m.contains(',')) {
        return Err(CatalogError::new(1367, written.span, format!("illegal set '{bad}' value found during parsing")));
    }
    // MySQL 8.4 manual, section 13.3.6: at most 255 characters and 1020 bytes.
    let width = charset.max_length() as usize;
    let too_long = |m: &str| m.chars().count() > MAX_MEMBER || m.chars().count() * width > 4 * MAX_MEMBER;
    if around.target.is_mysql_since(80_000) && members.iter().any(|m| too_long(m)) {
        let message = format!("too long enumeration/set value for column {}", around.column.text);
        return Err(CatalogError::new(3505, written.span, message));
    }
    let mut seen = std::collections::HashSet::with_capacity(members.len());
    for member in &members {
        let distinct = if collation.folds_case() { member.to_lowercase() } else { member.to_string() };
        if !seen.insert(distinct) && around.session.sql_mode.strict {
            let kind = if is_set { "SET" } else { "ENUM" };
            let message = format!("column '{}' has duplicated value '{member}' in {kind}", around.column.text);
            return Err(CatalogError::new(1291, written.span, message).only_when_strict());
        }
    }
    Ok(members)
}
