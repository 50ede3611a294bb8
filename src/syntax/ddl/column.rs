//! Columns as written.

use std::borrow::Cow;

use super::{CheckDefinition, Expression, Name, OptionValue, ReferenceClause};
use crate::model::{ColumnFormat, Storage, Versioning};
use crate::source::Span;

/// A column as written.
#[derive(Clone, PartialEq, Debug)]
pub struct ColumnDefinition<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// What stands before its name: its table's, perhaps with a database's.
    pub qualifiers: Vec<Name<'a>>,
    /// Its type.
    pub data_type: TypeDefinition<'a>,
    /// Its attributes, in order of writing.
    pub attributes: Vec<(Attribute<'a>, Span)>,
}

/// A type as written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TypeDefinition<'a> {
    /// The type's first canonical spelling, before any server's rules: see [`TypeName`].
    pub name: TypeName,
    /// Where it stands.
    pub span: Span,
    /// The first number in parentheses.
    pub length: Option<u64>,
    /// The second number in parentheses.
    pub scale: Option<u64>,
    /// The members of ENUM and SET.
    pub members: Vec<Member<'a>>,
    /// `UNSIGNED`.
    pub unsigned: bool,
    /// `ZEROFILL`, which implies UNSIGNED.
    pub zerofill: bool,
    /// `CHARACTER SET`; `NATIONAL` types have utf8, `ASCII` latin1, `UNICODE` ucs2 here.
    pub charset: Option<Name<'a>>,
    /// `CHARACTER SET binary` or `BYTE`: the type becomes its binary twin.
    pub byte: bool,
    /// `BINARY` as an attribute: the charset's `_bin` collation.
    pub binary: bool,
}

/// A member of ENUM or SET as written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Member<'a> {
    /// A string.
    Text(Cow<'a, str>),
    /// Bytes of the column's charset, in hexadecimal or binary digits.
    Bytes(Vec<u8>),
}

/// The types that the grammar tells apart. Synonyms are resolved by `grammar/types.tsv`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[expect(missing_docs, reason = "each variant is the SQL type of that name")]
pub enum TypeName {
    TinyInt,
    SmallInt,
    MediumInt,
    Int,
    BigInt,
    /// `BOOL`, `BOOLEAN`: TINYINT(1).
    Boolean,
    /// `SERIAL`: BIGINT UNSIGNED NOT NULL AUTO_INCREMENT UNIQUE.
    Serial,
    Decimal,
    Float,
    Double,
    /// `REAL`: DOUBLE, or FLOAT under REAL_AS_FLOAT.
    Real,
    Bit,
    Year,
    Date,
    Time,
    DateTime,
    Timestamp,
    Char,
    Varchar,
    Binary,
    Varbinary,
    TinyText,
    Text,
    MediumText,
    LongText,
    TinyBlob,
    Blob,
    MediumBlob,
    LongBlob,
    Enum,
    Set,
    Json,
    Geometry,
    Point,
    LineString,
    Polygon,
    MultiPoint,
    MultiLineString,
    MultiPolygon,
    GeometryCollection,
    Vector,
    Uuid,
    Inet4,
    Inet6,
}

/// One attribute of a column.
#[derive(Clone, PartialEq, Debug)]
pub enum Attribute<'a> {
    /// `NULL`.
    Null,
    /// `NOT NULL`.
    NotNull,
    /// `DEFAULT …`.
    Default(DefaultClause<'a>),
    /// `ON UPDATE CURRENT_TIMESTAMP[(n)]`: n.
    OnUpdate(Option<u32>),
    /// `AUTO_INCREMENT`.
    AutoIncrement,
    /// `SERIAL DEFAULT VALUE`.
    SerialDefaultValue,
    /// `[PRIMARY] KEY`.
    PrimaryKey,
    /// `UNIQUE [KEY]`.
    Unique,
    /// `COMMENT`.
    Comment(Cow<'a, str>),
    /// `COLLATE`.
    Collate(Name<'a>),
    /// `COLUMN_FORMAT`; `None` for DEFAULT.
    ColumnFormat(Option<ColumnFormat>),
    /// `STORAGE`; `None` for DEFAULT.
    Storage(Option<Storage>),
    /// `[GENERATED ALWAYS] AS (…)`.
    Generated {
        /// The expression.
        expression: Expression,
        /// `STORED` or `PERSISTENT`.
        stored: bool,
    },
    /// `[CONSTRAINT name] CHECK (…)`.
    Check(CheckDefinition<'a>),
    /// `REFERENCES …`, perhaps named.
    References(ReferenceClause<'a>),
    /// `VISIBLE`.
    Visible,
    /// `INVISIBLE`.
    Invisible,
    /// `SRID n` or `REF_SYSTEM_ID=n`.
    Srid(u32),
    /// `COMPRESSED[=method]` (MariaDB).
    Compressed(Option<Cow<'a, str>>),
    /// `AS ROW START`, `AS ROW END`, `WITH[OUT] SYSTEM VERSIONING` (MariaDB).
    Versioning(Versioning),
    /// `ENGINE_ATTRIBUTE`.
    EngineAttribute(Cow<'a, str>),
    /// `SECONDARY_ENGINE_ATTRIBUTE`.
    SecondaryEngineAttribute(Cow<'a, str>),
    /// `NOT SECONDARY` (MySQL), or an engine-defined option (MariaDB) with its value.
    Option(Name<'a>, OptionValue<'a>),
}

/// What follows DEFAULT.
#[derive(Clone, PartialEq, Debug)]
pub enum DefaultClause<'a> {
    /// `NULL`.
    Null,
    /// A string; `charset` is its introducer (`N'…'`: utf8).
    String {
        /// The value, unescaped.
        value: Cow<'a, str>,
        /// The introducer without its underscore.
        charset: Option<Cow<'a, str>>,
    },
    /// A number with its sign, as written.
    Number(Cow<'a, str>),
    /// `TRUE` or `FALSE`.
    Boolean(bool),
    /// `x'…'` or `0x…`: the bytes.
    Hex(Vec<u8>),
    /// `b'…'` or `0b…`: the digits.
    Bits(Cow<'a, str>),
    /// `_charset x'…'`: the bytes in a charset of their own.
    Introduced {
        /// The introducer without its underscore.
        charset: Cow<'a, str>,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// `DATE '…'`, `TIME '…'`, `TIMESTAMP '…'`: the value.
    Temporal(Cow<'a, str>),
    /// `CURRENT_TIMESTAMP[(n)]` or one of its synonyms, without parentheses around it.
    CurrentTimestamp(Option<u32>),
    /// Anything else: `(expr)`, or MariaDB's bare function call.
    Expression {
        /// The expression.
        expression: Expression,
        /// Whether it stood in parentheses.
        parenthesised: bool,
    },
}
