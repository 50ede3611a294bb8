//! Data types, in the form in which the server stores them.

use crate::target::Target;

/// A column's type with its parameters. Collations belong to the column.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub enum DataType {
    /// TINYINT to BIGINT.
    Integer {
        /// Which one.
        kind: Integer,
        /// The display width, where the target stores it.
        width: Option<u32>,
        /// `UNSIGNED`.
        unsigned: bool,
        /// `ZEROFILL`.
        zerofill: bool,
    },
    /// `DECIMAL(precision, scale)`.
    Decimal {
        /// Digits in all.
        precision: u32,
        /// Digits after the point.
        scale: u32,
        /// `UNSIGNED`.
        unsigned: bool,
        /// `ZEROFILL`.
        zerofill: bool,
    },
    /// `FLOAT` or `DOUBLE`.
    Float {
        /// `DOUBLE` rather than `FLOAT`.
        double: bool,
        /// `(M, D)`, where written.
        digits: Option<(u32, u32)>,
        /// `UNSIGNED`.
        unsigned: bool,
        /// `ZEROFILL`.
        zerofill: bool,
    },
    /// `BIT(n)`.
    Bit(u32),
    /// `YEAR` (4 digits; MariaDB also keeps 2).
    Year(u32),
    /// `DATE`.
    Date,
    /// `TIME` with that many digits of a second's fraction.
    Time(u32),
    /// `DATETIME` with that many digits of a second's fraction.
    DateTime(u32),
    /// `TIMESTAMP` with that many digits of a second's fraction.
    Timestamp(u32),
    /// `CHAR(n)`, in characters.
    Char(u32),
    /// `VARCHAR(n)`, in characters.
    Varchar(u32),
    /// `BINARY(n)`, in bytes.
    Binary(u32),
    /// `VARBINARY(n)`, in bytes.
    Varbinary(u32),
    /// `TINYTEXT` to `LONGTEXT`.
    Text(Size),
    /// `TINYBLOB` to `LONGBLOB`.
    Blob(Size),
    /// `ENUM` with its members.
    Enum(Vec<Box<str>>),
    /// `SET` with its members.
    Set(Vec<Box<str>>),
    /// `JSON` (MySQL; MariaDB stores LONGTEXT with a check).
    Json,
    /// A spatial type.
    Geometry(Geometry),
    /// `VECTOR(n)`.
    Vector(u32),
    /// `UUID` (MariaDB).
    Uuid,
    /// `INET4` (MariaDB).
    Inet4,
    /// `INET6` (MariaDB).
    Inet6,
}

/// The integer types by size.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash)]
pub enum Integer {
    /// 1 byte.
    Tiny,
    /// 2 bytes.
    Small,
    /// 3 bytes.
    Medium,
    /// 4 bytes.
    Int,
    /// 8 bytes.
    Big,
}

impl Integer {
    /// How many bits a value takes.
    pub const fn bits(self) -> u32 {
        match self {
            Self::Tiny => 8,
            Self::Small => 16,
            Self::Medium => 24,
            Self::Int => 32,
            Self::Big => 64,
        }
    }

    /// The least and the greatest value (MySQL 8.4 manual, section 13.1.2 "Integer Types").
    ///
    /// ```
    /// use alterplan::model::Integer;
    /// assert_eq!(Integer::Tiny.range(false), (-128, 127));
    /// assert_eq!(Integer::Big.range(true).1, i128::from(u64::MAX));
    /// ```
    pub const fn range(self, unsigned: bool) -> (i128, i128) {
        let bits = self.bits();
        if unsigned { (0, (1 << bits) - 1) } else { (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) }
    }
}

/// The sizes of TEXT and BLOB types.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash)]
pub enum Size {
    /// Up to 255 bytes.
    Tiny,
    /// Up to 64 KiB.
    Normal,
    /// Up to 16 MiB.
    Medium,
    /// Up to 4 GiB.
    Long,
}

/// The spatial types.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash)]
pub enum Geometry {
    /// Any geometry.
    Geometry,
    /// A point.
    Point,
    /// A line.
    LineString,
    /// A polygon.
    Polygon,
    /// Points.
    MultiPoint,
    /// Lines.
    MultiLineString,
    /// Polygons.
    MultiPolygon,
    /// A collection (`GEOMETRYCOLLECTION`, on MySQL 8.0 `geomcollection`).
    Collection,
}

impl DataType {
    /// Whether MySQL's definitions call it otherwise than its fields do: `sql_type` and `Field::type` of such a column differ.
    pub fn is_retyped(&self) -> bool {
        match self {
            Self::Enum(_) | Self::Set(_) | Self::Date | Self::Time(_) | Self::DateTime(_) | Self::Timestamp(_) => true,
            Self::Text(size) | Self::Blob(size) => *size != Size::Normal,
            _ => false,
        }
    }

    /// Whether MariaDB turns values of this type into that one: strings go everywhere, and numbers and times into one
    /// another; its own types and the spatial ones stay among themselves (4078), but for addresses since 11.3.
    pub fn casts_to(&self, to: &Self, target: Target) -> bool {
        let family = |t: &Self| match t {
            Self::Char(_)
            | Self::Varchar(_)
            | Self::Binary(_)
            | Self::Varbinary(_)
            | Self::Text(_)
            | Self::Blob(_)
            | Self::Enum(_)
            | Self::Set(_)
            | Self::Json => 0,
            Self::Integer { .. } | Self::Decimal { .. } | Self::Float { .. } | Self::Bit(_) => 1,
            Self::Year(_) | Self::Date | Self::Time(_) | Self::DateTime(_) | Self::Timestamp(_) => 1,
            Self::Geometry(_) => 2,
            Self::Uuid => 3,
            Self::Inet4 => 4,
            Self::Inet6 if target.casts_between_addresses() => 4,
            Self::Inet6 => 5,
            Self::Vector(_) => 6,
        };
        let (from, to) = (family(self), family(to));
        from == to || from == 0 || to == 0
    }

    /// Whether values are strings of characters, which have a collation.
    pub const fn is_character(&self) -> bool {
        matches!(self, Self::Char(_) | Self::Varchar(_) | Self::Text(_) | Self::Enum(_) | Self::Set(_))
    }

    /// Whether a key needs a prefix length (TEXT and BLOB).
    pub const fn is_blob(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Blob(_))
    }

    /// Whether it is a number with a sign that UNSIGNED could take away.
    pub const fn is_numeric(&self) -> bool {
        matches!(self, Self::Integer { .. } | Self::Decimal { .. } | Self::Float { .. })
    }

    /// The digits of a second's fraction of a temporal type.
    pub const fn fraction(&self) -> Option<u32> {
        match self {
            Self::Time(n) | Self::DateTime(n) | Self::Timestamp(n) => Some(*n),
            _ => None,
        }
    }
}
