//! Conversions to strings, members, documents and shapes.

use super::conversion::{Change, Conversion, anything, differ, is_binary, reshaped};
use crate::model::{Charset, Collation, Column, DataType, Geometry, Size};
use crate::source::Pair;

/// How many bytes a TEXT or BLOB holds.
pub(super) const fn bytes(size: Size) -> u64 {
    match size {
        Size::Tiny => 255,
        Size::Normal => 65_535,
        Size::Medium => 16_777_215,
        Size::Long => u32::MAX as u64,
    }
}

/// A string literal that means the same under every `sql_mode`.
pub(crate) fn literal(text: &str) -> String {
    if text.contains('\\') {
        let digits: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        return format!("CONVERT(x'{digits}' USING utf8mb4)");
    }
    format!("'{}'", text.replace('\'', "''"))
}

pub(super) fn to_characters(change: &Change<'_>, length: u32, found: &mut Conversion) {
    use DataType as T;
    let value = change.value();
    let pads = matches!(change.columns.new.data_type, T::Char(_));
    let Some(text) = characters(change, found) else { return };
    let longer = format!("longer than {length} characters");
    match &change.columns.old.data_type {
        T::Char(old) => {
            if *old > length {
                found.fail(longer, format!("CHAR_LENGTH({text}) > {length}"));
            }
        }
        T::Varchar(_) | T::Text(_) => {
            let shrinks = !matches!(&change.columns.old.data_type, T::Varchar(old) if *old <= length);
            if shrinks && (is_copied(change.columns) || !shares_blanks(change.columns)) {
                found.fail(longer, format!("CHAR_LENGTH({text}) > {length}"));
            } else if shrinks {
                // Blanks at the end are cut without an error.
                found.fail(longer.clone(), format!("CHAR_LENGTH(RTRIM({text})) > {length}"));
                found.lose(longer, format!("CHAR_LENGTH({text}) > {length}"));
            }
            if pads {
                found.lose("with blanks at its end", format!("{text} LIKE '% '"));
            }
        }
        T::Binary(_) | T::Varbinary(_) | T::Blob(_) => {
            found.fail(longer, format!("CHAR_LENGTH(RTRIM({text})) > {length}"));
            found.lose(format!("longer than {length} characters"), format!("CHAR_LENGTH({text}) > {length}"));
            if pads {
                found.lose("with blanks at its end", format!("{text} LIKE '% '"));
            }
        }
        T::Geometry(_) | T::Vector(_) => anything(change, found),
        T::Float { .. } => found.both(&longer, format!("CHAR_LENGTH(CAST({value} AS CHAR)) > {length}")),
        _ => {
            if widest(&change.columns.old.data_type).is_none_or(|widest| widest > length) {
                found.fail(longer, format!("CHAR_LENGTH({text}) > {length}"));
            }
        }
    }
}

/// Whether a VARCHAR is copied byte by byte, without a look at blanks at its end: to another one of the same collation whose
/// length takes as many bytes to write.
fn is_copied(columns: Pair<&Column>) -> bool {
    let bytes = |column: &Column| match (&column.data_type, column.collation) {
        (DataType::Varchar(length), Some(collation)) => {
            Some(u64::from(*length) * u64::from(collation.charset().max_length()))
        }
        _ => None,
    };
    let same = columns.old.collation == columns.new.collation;
    same && matches!((bytes(columns.old), bytes(columns.new)), (Some(old), Some(new)) if (old > 255) == (new > 255))
}

/// Whether a blank is the same bytes in both charsets: only then are those at the end cut without an error, for the servers look
/// at what is left over as it was.
fn shares_blanks(columns: Pair<&Column>) -> bool {
    let blank = |collation: Collation| match collation.charset().name() {
        "utf16" | "ucs2" => "two bytes",
        other if collation.charset().extends_ascii() || other == "binary" => "one byte",
        other => other,
    };
    match (columns.old.collation, columns.new.collation) {
        (Some(old), Some(new)) => blank(old) == blank(new),
        _ => true,
    }
}

/// The most characters that a value takes as text, where that is easily said.
fn widest(data_type: &DataType) -> Option<u32> {
    use DataType as T;
    let fraction = |digits: u32| if digits == 0 { 0 } else { digits + 1 };
    match data_type {
        T::Bit(bits) => Some(decimal_digits(*bits)),
        T::Date => Some(10),
        T::DateTime(digits) | T::Timestamp(digits) => Some(19 + fraction(*digits)),
        T::Time(digits) => Some(10 + fraction(*digits)),
        T::Year(_) => Some(4),
        T::Enum(members) => members.iter().map(|m| m.chars().count() as u32).max(),
        T::Set(members) => Some(members.iter().map(|m| m.chars().count() as u32 + 1).sum::<u32>().saturating_sub(1)),
        T::Integer { kind, zerofill: false, .. } => Some(match kind {
            crate::model::Integer::Tiny => 4,
            crate::model::Integer::Small => 6,
            crate::model::Integer::Medium => 8,
            crate::model::Integer::Int => 11,
            crate::model::Integer::Big => 20,
        }),
        T::Decimal { precision, zerofill: false, .. } => Some(precision + 3),
        T::Uuid => Some(36),
        T::Inet4 => Some(15),
        T::Inet6 => Some(45),
        _ => None,
    }
}

/// How many digits the greatest number of so many bits has.
fn decimal_digits(bits: u32) -> u32 {
    u64::MAX.checked_shr(64_u32.saturating_sub(bits)).unwrap_or(0).max(1).ilog10() + 1
}

pub(super) fn to_text(change: &Change<'_>, size: Size, found: &mut Conversion) {
    use DataType as T;
    let most = bytes(size);
    let Some(text) = characters(change, found) else { return };
    let width = u64::from(change.columns.new.collation.map_or(4, |c| c.charset().max_length()));
    let same = change.columns.old.collation.map(|c| c.charset()) == change.columns.new.collation.map(|c| c.charset());
    let fits = match &change.columns.old.data_type {
        T::Char(n) | T::Varchar(n) => u64::from(*n) * width <= most,
        T::Text(old) => same && *old <= size,
        T::Binary(n) | T::Varbinary(n) => u64::from(*n) * width <= most,
        T::Blob(old) => *old <= size && width == 1,
        T::Bit(_) => true,
        T::Geometry(_) | T::Vector(_) => return anything(change, found),
        T::Json => size == Size::Long,
        other => widest(other).is_some_and(|widest| u64::from(widest) * width <= most),
    };
    // MySQL looks at no blanks where one TEXT becomes a shorter one.
    let looks = !(change.rows.terms.target.is_mysql() && same && matches!(change.columns.old.data_type, T::Text(_)));
    if fits {
        return;
    }
    if looks && shares_blanks(change.columns) {
        found.fail(format!("longer than {most} bytes"), format!("LENGTH(RTRIM({text})) > {most}"));
        found.lose(format!("longer than {most} bytes"), format!("LENGTH({text}) > {most}"));
    } else {
        found.fail(format!("longer than {most} bytes"), format!("LENGTH({text}) > {most}"));
    }
}

/// The value as text in the new charset, with what is in the way of that; `None` where nothing can be said.
fn characters(change: &Change<'_>, found: &mut Conversion) -> Option<String> {
    let value = change.value();
    let Some(new) = change.columns.new.collation.map(|c| c.charset()) else {
        return Some(value);
    };
    let name = new.printed(change.rows.terms.target);
    let converted = format!("CONVERT({value} USING {name})");
    match change.columns.old.collation.map(|c| c.charset()) {
        Some(old) if old == new => Some(value),
        Some(old) => {
            if !covers(new, old) {
                let back = format!("CONVERT({converted} USING {})", old.printed(change.rows.terms.target));
                found.fail(format!("with characters that {name} lacks"), differ(&back, &value));
            }
            Some(converted)
        }
        None if is_binary(&change.columns.old.data_type) => {
            let words = format!("that is no text in {name}");
            if new.name() == "ascii" {
                // MariaDB keeps any byte there, and shows another one.
                match change.rows.terms.target.is_mysql() {
                    true => found.fail(words, no_ascii(&value)),
                    false => found.lose(words, no_ascii(&value)),
                }
                return Some(converted);
            }
            // Where characters have several bytes, those that lack are put before it.
            if !new.extends_ascii() {
                found.lose(words.clone(), differ(&converted, &value));
            }
            found.fail(words, differ(&converted, &value));
            Some(converted)
        }
        // Bits are written as the number that they are, but into a TEXT as the bytes that they fill.
        None if matches!(change.columns.old.data_type, DataType::Bit(_)) => {
            if !matches!(change.columns.new.data_type, DataType::Text(_)) {
                return Some(format!("CAST({value} + 0 AS CHAR)"));
            }
            let bytes = format!("CAST({value} AS BINARY)");
            let converted = format!("CONVERT({bytes} USING {name})");
            let other = if new.name() == "ascii" && change.rows.terms.target.is_mysql() {
                no_ascii(&bytes)
            } else {
                differ(&converted, &bytes)
            };
            found.fail(format!("that is no text in {name}"), other);
            reshaped(change, found);
            Some(converted)
        }
        None if matches!(change.columns.old.data_type, DataType::Geometry(_) | DataType::Vector(_)) => {
            anything(change, found);
            None
        }
        None => {
            let text = format!("CAST({value} AS CHAR)");
            if matches!(change.columns.old.data_type, DataType::Json) && !is_universal(new) {
                let back = format!("CONVERT(CONVERT({text} USING {name}) USING utf8mb4)");
                found.fail(format!("with characters that {name} lacks"), differ(&back, &text));
            }
            Some(text)
        }
    }
}

/// Whether bytes are no text in ASCII: CONVERT takes any byte for a character of it, but not from a charset that has it.
pub(super) fn no_ascii(bytes: &str) -> String {
    differ(&format!("CONVERT(CONVERT({bytes} USING latin1) USING ascii)"), bytes)
}

/// Whether a charset has all characters.
fn is_universal(charset: Charset) -> bool {
    matches!(charset.name(), "utf8mb4" | "utf16" | "utf16le" | "utf32" | "gb18030")
}

/// Whether a charset has every character of another one.
pub(crate) fn covers(new: Charset, old: Charset) -> bool {
    match (old.name(), new.name()) {
        _ if is_universal(new) => true,
        ("ascii", new) => new != "binary",
        (
            "utf8mb3" | "ucs2" | "latin1" | "latin2" | "cp1250" | "cp1251" | "cp1256" | "cp1257" | "koi8r" | "greek",
            "utf8mb3" | "ucs2",
        ) => true,
        _ => false,
    }
}

pub(super) fn to_binary(change: &Change<'_>, length: u64, pads: bool, found: &mut Conversion) {
    use DataType as T;
    let value = change.value();
    let longer = format!("longer than {length} bytes");
    let as_bytes = match &change.columns.old.data_type {
        T::Char(_) | T::Varchar(_) | T::Text(_) | T::Binary(_) | T::Varbinary(_) | T::Blob(_) => value,
        T::Enum(_) | T::Set(_) => value,
        T::Geometry(_) => value,
        // Into a BLOB come the bytes that the bits fill.
        T::Bit(_) if matches!(change.columns.new.data_type, T::Blob(_)) => return reshaped(change, found),
        T::Bit(_) => format!("CAST({value} + 0 AS CHAR)"),
        // MariaDB's own types are taken as the bytes that they are stored in, where these fit.
        T::Uuid | T::Inet6 if length >= 16 => return reshaped(change, found),
        T::Inet4 if length >= 4 => return reshaped(change, found),
        T::Vector(_) | T::Uuid | T::Inet4 | T::Inet6 => return anything(change, found),
        T::Float { .. } => {
            found.both(&longer, format!("LENGTH(CAST({value} AS CHAR)) > {length}"));
            if pads {
                found.lose("that is filled up with zero bytes", format!("LENGTH(CAST({value} AS CHAR)) < {length}"));
            }
            return;
        }
        _ => format!("CAST({value} AS CHAR)"),
    };
    let width = change.columns.old.collation.map_or(1, |c| c.charset().max_length());
    let fits = match &change.columns.old.data_type {
        T::Binary(n) | T::Varbinary(n) => u64::from(*n) <= length,
        T::Char(n) | T::Varchar(n) => u64::from(*n) * u64::from(width) <= length,
        T::Blob(old) | T::Text(old) => bytes(*old) <= length,
        T::Json => length >= bytes(Size::Long),
        other => widest(other).is_some_and(|widest| u64::from(widest) * u64::from(width) <= length),
    };
    if !fits {
        found.fail(longer, format!("LENGTH({as_bytes}) > {length}"));
    }
    if pads && !matches!(&change.columns.old.data_type, T::Binary(n) if u64::from(*n) >= length) {
        found.lose("that is filled up with zero bytes", format!("LENGTH({as_bytes}) < {length}"));
    }
}

/// MySQL's JSON, which is checked and written anew.
pub(super) fn to_json(change: &Change<'_>, found: &mut Conversion) {
    use DataType as T;
    let text = change.text();
    match &change.columns.old.data_type {
        T::Char(_) | T::Varchar(_) | T::Text(_) => {
            found.fail("that is no JSON document", format!("NOT JSON_VALID({text})"));
            found.lose(
                "that JSON writes otherwise",
                format!("IF(JSON_VALID({text}), {}, FALSE)", differ(&format!("CAST({text} AS JSON)"), &text)),
            );
        }
        // The zeros in front are written too, and are none of JSON's.
        T::Integer { zerofill: true, .. } | T::Decimal { zerofill: true, .. } => {
            found.fail("that is no JSON document", format!("NOT JSON_VALID({text})"));
        }
        T::Integer { .. } => {}
        // It is read as a document: an integer of 64 bits, or a DOUBLE.
        T::Decimal { precision, scale, .. } if *precision > 15 => {
            let value = change.value();
            let is_integer = format!("{value} BETWEEN -9223372036854775808 AND 18446744073709551615");
            let kept = format!("CAST({value} + 0e0 AS DECIMAL(65,{scale})) = {value} AND ABS({value} + 0e0) < 1e15");
            let words = "with more digits than JSON keeps";
            found.lose(words, format!("NOT ({})", if *scale == 0 { is_integer } else { kept }));
        }
        T::Decimal { .. } => {}
        T::Enum(_) | T::Set(_) | T::Date | T::DateTime(_) | T::Timestamp(_) | T::Time(_) | T::Year(_) => {
            anything(change, found);
        }
        T::Float { .. } => reshaped(change, found),
        _ => anything(change, found),
    }
}

/// MariaDB's UUID, INET4 and INET6.
pub(super) fn to_native(change: &Change<'_>, name: &str, found: &mut Conversion) {
    use DataType as T;
    let text = change.text();
    let cast = format!("CAST({text} AS {name})");
    match &change.columns.old.data_type {
        T::Char(_) | T::Varchar(_) | T::Text(_) => {
            found.fail(format!("that is no {name}"), format!("{text} IS NOT NULL AND {cast} IS NULL"));
            found.lose("that is written otherwise", differ(&format!("CAST({cast} AS CHAR)"), &text));
        }
        // The bytes that it is stored in, and no others.
        T::Binary(_) | T::Varbinary(_) | T::Blob(_) => {
            let length = if name == "INET4" { 4 } else { 16 };
            found.fail(format!("that has not {length} bytes"), format!("LENGTH({}) <> {length}", change.value()));
            reshaped(change, found);
        }
        T::Inet4 if name == "INET6" => reshaped(change, found),
        _ => anything(change, found),
    }
}

pub(super) fn to_geometry(change: &Change<'_>, kind: Geometry, found: &mut Conversion) {
    let value = change.value();
    let name = match kind {
        Geometry::Geometry => None,
        Geometry::Point => Some("POINT"),
        Geometry::LineString => Some("LINESTRING"),
        Geometry::Polygon => Some("POLYGON"),
        Geometry::MultiPoint => Some("MULTIPOINT"),
        Geometry::MultiLineString => Some("MULTILINESTRING"),
        Geometry::MultiPolygon => Some("MULTIPOLYGON"),
        Geometry::Collection => Some("GEOMETRYCOLLECTION"),
    };
    match (&change.columns.old.data_type, name) {
        (DataType::Geometry(_), None) => {}
        // MariaDB takes whatever shape for a collection (`Field_geom::store`).
        (DataType::Geometry(_), Some("GEOMETRYCOLLECTION")) if change.rows.terms.target.is_mariadb() => {}
        (DataType::Geometry(_), Some("GEOMETRYCOLLECTION")) => found.fail(
            "that is no collection",
            format!("ST_GeometryType({value}) NOT IN ('GEOMETRYCOLLECTION', 'GEOMCOLLECTION', 'MULTIPOINT', 'MULTILINESTRING', 'MULTIPOLYGON')"),
        ),
        (DataType::Geometry(_), Some(name)) => {
            found.fail(format!("that is no {name}"), format!("ST_GeometryType({value}) <> '{name}'"));
        }
        _ => anything(change, found),
    }
}
