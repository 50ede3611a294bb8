//! Data types with their parameters, signs and charsets.

use std::borrow::Cow;

use nom::Parser;
use nom::sequence::delimited;

use super::ddl::{Attribute, Name, TypeDefinition, TypeName};
use super::input::{Input, Parsed, close, comma_list_in_parentheses, open, symbol};
use super::keyword::Keyword;
use super::literal::{length, member, plain_integer, saturated};
use super::name::{charset_name, name};
use super::token::TokenKind;
use crate::source::Span;

/// One way to write a type, its first word left out.
struct Spelling {
    rest: &'static [Keyword],
    name: TypeName,
    parameters: Parameters,
    national: bool,
    mysql_since: u32,
    mariadb_since: u32,
}

/// What may stand in parentheses after a type's name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parameters {
    /// Nothing.
    None,
    /// `[(n)]`.
    OptionalLength,
    /// `(n)`.
    Length,
    /// `[(n[,m])]`.
    PrecisionScale,
    /// `[(n,m)]`.
    LengthDecimals,
    /// `[(n)]` or `[(n,m)]`.
    PrecisionOrDecimals,
    /// `('a', …)`.
    Members,
}

include!(concat!(env!("OUT_DIR"), "/types.rs"));

/// A type with all that belongs to it, and MariaDB's `COMPRESSED`, which may stand among that.
pub(crate) fn data_type<'a, 't>(
    input: Input<'a, 't>,
) -> Parsed<'a, 't, (TypeDefinition<'a>, Option<(Attribute<'a>, Span)>)> {
    let (rest, spelling) = type_name(input)?;
    let name_span = input.span_to(rest);
    let mut definition = TypeDefinition {
        name: spelling.name,
        span: name_span,
        length: None,
        scale: None,
        members: Vec::new(),
        unsigned: false,
        zerofill: false,
        charset: spelling.national.then_some(Name { text: Cow::Borrowed("utf8"), span: name_span }),
        byte: false,
        binary: false,
    };
    let (rest, ()) = parameters(rest, spelling, &mut definition)?;
    // The dates of Oracle have a time of day, and the timestamps of MaxDB are none (`Schema::map_data_type` of its sql_schema.cc).
    match definition.name {
        TypeName::Date if is_of_schema(input, b"oracle_schema") => definition.name = TypeName::DateTime,
        TypeName::Timestamp if is_of_schema(input, b"maxdb_schema") => definition.name = TypeName::DateTime,
        _ => {}
    }
    let (rest, compressed) = match spelling.name.modifiers() {
        Modifiers::None => (rest, None),
        Modifiers::Numeric => (sign(rest, &mut definition), None),
        Modifiers::Character => charset_modifiers(rest, &mut definition)?,
    };
    definition.span = input.span_to(rest);
    Ok((rest, (definition, compressed)))
}

/// The words of a type's name: the longest spelling that the target has.
fn type_name<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, &'static Spelling> {
    const EXPECTED: &str = "a data type";
    let written = input;
    let input = skip_schema(input);
    let oracle = input.statement().reading.oracle && written.token().start == input.token().start;
    let first = if oracle { of_oracle(input) } else { input.word() }.number();
    let target = input.statement().reading.target;
    let spellings = match (FIRST.get(first), FIRST.get(first + 1)) {
        (Some(start), Some(end)) => &SPELLINGS[usize::from(*start)..usize::from(*end)],
        _ => &[],
    };
    let known = |spelling: &&Spelling| {
        let since = if target.is_mysql() { spelling.mysql_since } else { spelling.mariadb_since };
        since <= target.number()
            && spelling.rest.iter().enumerate().all(|(n, word)| input.ahead(n + 1).keyword == *word)
    };
    match spellings.iter().find(known) {
        Some(spelling) => Ok((input.skip(1 + spelling.rest.len()), spelling)),
        None => Err(input.expected(EXPECTED)),
    }
}

/// The type that a word means in `sql_mode=ORACLE` (`Schema_oracle::map_data_type` and the lexer of MariaDB).
fn of_oracle(input: Input<'_, '_>) -> Keyword {
    match input.word() {
        Keyword::VARCHAR2 => Keyword::VARCHAR,
        Keyword::NUMBER if input.ahead(1).is_symbol(b'(') => Keyword::DECIMAL,
        Keyword::NUMBER => Keyword::DOUBLE,
        Keyword::RAW => Keyword::VARBINARY,
        Keyword::CLOB => Keyword::LONGTEXT,
        Keyword::BLOB => Keyword::LONGBLOB,
        Keyword::DATE => Keyword::DATETIME,
        other => other,
    }
}

/// MariaDB prints `mariadb_schema.date` where sql_mode=ORACLE would read `date` otherwise.
fn skip_schema<'a, 't>(input: Input<'a, 't>) -> Input<'a, 't> {
    let schemas: [&[u8]; 3] = [b"mariadb_schema", b"oracle_schema", b"maxdb_schema"];
    input.skip(if schemas.iter().any(|schema| is_of_schema(input, schema)) { 2 } else { 0 })
}

/// Whether a type of that schema of MariaDB stands here.
fn is_of_schema(input: Input<'_, '_>, schema: &[u8]) -> bool {
    input.is_mariadb()
        && input.is_kind(TokenKind::Word)
        && input.ahead(1).is_symbol(b'.')
        && input.statement().bytes(input.token()).eq_ignore_ascii_case(schema)
}

/// What stands in parentheses after the name.
fn parameters<'a, 't>(
    input: Input<'a, 't>,
    spelling: &Spelling,
    definition: &mut TypeDefinition<'a>,
) -> Parsed<'a, 't, ()> {
    let present = input.is_symbol(b'(');
    let rest = match spelling.parameters {
        Parameters::Members => {
            let (rest, members) = comma_list_in_parentheses(member).parse(input)?;
            definition.members = members;
            rest
        }
        // MariaDB reads a length of types that have none, and drops it.
        Parameters::None if present && input.is_mariadb() && spelling.name.is_plugged_in() => length(input)?.0,
        Parameters::None => input,
        Parameters::Length => {
            let (rest, n) = length(input)?;
            definition.length = Some(n);
            rest
        }
        Parameters::OptionalLength if spelling.name == TypeName::Vector && input.is_mariadb() && !present => {
            return Err(input.expected("`(`"));
        }
        Parameters::OptionalLength
        | Parameters::PrecisionScale
        | Parameters::LengthDecimals
        | Parameters::PrecisionOrDecimals
            if !present =>
        {
            input
        }
        Parameters::OptionalLength
            if !input.is_mariadb()
                && matches!(spelling.name, TypeName::Time | TypeName::DateTime | TypeName::Timestamp) =>
        {
            let (rest, n) = delimited(open(), plain_integer, close()).parse(input)?;
            definition.length = Some(n);
            rest
        }
        Parameters::OptionalLength => {
            let (rest, n) = length(input)?;
            definition.length = Some(n);
            rest
        }
        Parameters::PrecisionScale | Parameters::LengthDecimals | Parameters::PrecisionOrDecimals => {
            let (first, ()) = open().parse(input)?;
            let (mut rest, n) = saturated(first)?;
            definition.length = Some(n);
            if spelling.parameters == Parameters::LengthDecimals || rest.is_symbol(b',') {
                // Of two numbers neither is a long one.
                rest = plain_integer(first)?.0;
                let scale = delimited(symbol(b',', "`,`"), plain_integer, close());
                let (rest, m) = { scale }.parse(rest)?;
                definition.scale = Some(m);
                rest
            } else {
                symbol(b')', "`,` or `)`").parse(rest)?.0
            }
        }
    };
    Ok((rest, ()))
}

/// `UNSIGNED`, `SIGNED`, `ZEROFILL`; MySQL takes them in any order and number.
fn sign<'a, 't>(mut input: Input<'a, 't>, definition: &mut TypeDefinition<'a>) -> Input<'a, 't> {
    let (start, once) = (input.token(), input.is_mariadb());
    loop {
        match input.word() {
            Keyword::UNSIGNED if once && definition.unsigned => return input,
            Keyword::ZEROFILL if once && definition.zerofill => return input,
            Keyword::SIGNED if once && input.token() != start => return input,
            _ if once && start.keyword == Keyword::SIGNED && input.token() != start => return input,
            Keyword::UNSIGNED => definition.unsigned = true,
            Keyword::ZEROFILL => definition.zerofill = true,
            Keyword::SIGNED => {}
            _ => return input,
        }
        input = input.skip(1);
    }
}

/// `CHARACTER SET`, `ASCII`, `UNICODE`, `BYTE`, `BINARY`, and MariaDB's `COMPRESSED`.
fn charset_modifiers<'a, 't>(
    mut input: Input<'a, 't>,
    definition: &mut TypeDefinition<'a>,
) -> Parsed<'a, 't, Option<(Attribute<'a>, Span)>> {
    let mut compressed_attribute = None;
    loop {
        let constant = |text| Some(Name { text: Cow::Borrowed(text), span: input.span() });
        let unset = definition.charset.is_none() && !definition.byte;
        match input.word() {
            Keyword::ASCII if unset => definition.charset = constant("latin1"),
            Keyword::UNICODE if unset => definition.charset = constant("ucs2"),
            Keyword::BYTE if unset && !definition.binary => definition.byte = true,
            Keyword::BINARY if !definition.binary => definition.binary = true,
            Keyword::CHARSET | Keyword::CHARACTER | Keyword::CHAR if unset => {
                let (rest, name) = charset(input)?;
                if name.text.eq_ignore_ascii_case("binary") {
                    definition.byte = true;
                } else {
                    definition.charset = Some(name);
                }
                input = rest;
                continue;
            }
            Keyword::COMPRESSED
                if input.is_mariadb() && compressed_attribute.is_none() && definition.name.is_compressible() =>
            {
                let (rest, attribute) = compressed(input)?;
                compressed_attribute = Some((attribute, input.span_to(rest)));
                input = rest;
                continue;
            }
            _ => return Ok((input, compressed_attribute)),
        }
        input = input.skip(1);
    }
}

/// `CHARACTER SET x`, `CHAR SET x` or `CHARSET x`.
pub(crate) fn charset<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Name<'a>> {
    match input.word() {
        Keyword::CHARSET => charset_name(input.skip(1)),
        Keyword::CHARACTER | Keyword::CHAR => match input.skip(1).after(Keyword::SET) {
            Some(input) => charset_name(input),
            None => Err(input.skip(1).expected("`SET`")),
        },
        _ => Err(input.expected("`CHARACTER SET`")),
    }
}

/// `COMPRESSED[=method]`.
pub(crate) fn compressed<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Attribute<'a>> {
    let Some(mut input) = input.after(Keyword::COMPRESSED) else {
        return Err(input.expected("`COMPRESSED`"));
    };
    if !input.eat_symbol(b'=') {
        return Ok((input, Attribute::Compressed(None)));
    }
    let (input, method) = name(input)?;
    Ok((input, Attribute::Compressed(Some(method.text))))
}

/// What may follow a type's parameters.
enum Modifiers {
    None,
    Numeric,
    Character,
}

impl TypeName {
    fn modifiers(self) -> Modifiers {
        match self {
            Self::TinyInt | Self::SmallInt | Self::MediumInt | Self::Int | Self::BigInt => Modifiers::Numeric,
            Self::Decimal | Self::Float | Self::Double | Self::Real | Self::Year => Modifiers::Numeric,
            Self::Char | Self::Varchar | Self::Enum | Self::Set => Modifiers::Character,
            Self::TinyText | Self::Text | Self::MediumText | Self::LongText => Modifiers::Character,
            Self::Boolean | Self::Serial | Self::Bit | Self::Json => Modifiers::None,
            Self::Date | Self::Time | Self::DateTime | Self::Timestamp => Modifiers::None,
            Self::Binary | Self::Varbinary => Modifiers::None,
            Self::TinyBlob | Self::Blob | Self::MediumBlob | Self::LongBlob => Modifiers::None,
            Self::Geometry | Self::Point | Self::LineString | Self::Polygon => Modifiers::None,
            Self::MultiPoint | Self::MultiLineString | Self::MultiPolygon => Modifiers::None,
            Self::GeometryCollection | Self::Vector => Modifiers::None,
            Self::Uuid | Self::Inet4 | Self::Inet6 => Modifiers::None,
        }
    }

    /// Whether MariaDB's grammar reads it as a type of a plugin, with whatever parameters.
    fn is_plugged_in(self) -> bool {
        matches!(
            self,
            Self::Geometry
                | Self::Point
                | Self::LineString
                | Self::Polygon
                | Self::MultiPoint
                | Self::MultiLineString
                | Self::MultiPolygon
                | Self::GeometryCollection
                | Self::Uuid
                | Self::Inet4
                | Self::Inet6
        )
    }

    /// Whether its values have a collation.
    pub(crate) fn is_character(self) -> bool {
        matches!(self.modifiers(), Modifiers::Character)
    }

    /// Whether a column of it can be COMPRESSED (MariaDB KB "Storage-Engine Independent Column
    /// Compression"; JSON is an alias of LONGTEXT).
    pub(crate) fn is_compressible(self) -> bool {
        matches!(
            self,
            Self::Varchar
                | Self::Varbinary
                | Self::TinyText
                | Self::Text
                | Self::MediumText
                | Self::LongText
                | Self::TinyBlob
                | Self::Blob
                | Self::MediumBlob
                | Self::LongBlob
                | Self::Json
        )
    }
}
