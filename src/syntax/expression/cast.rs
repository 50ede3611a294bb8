//! The types that CAST, CONVERT and their kin name.

use super::ExpressionError;
use super::parser::Parser;
use crate::model::expression::CastType;

/// Types that MariaDB's CAST does not have, though columns do.
const NO_CASTS_OF_MARIADB: [&str; 15] = [
    "bigint",
    "blob",
    "json",
    "longblob",
    "longtext",
    "mediumint",
    "number",
    "real",
    "smallint",
    "text",
    "timestamp",
    "tinyint",
    "varbinary",
    "varchar2",
    "year",
];

/// Types that MySQL's CAST has (`cast_type` of its grammar).
const CASTS_OF_MYSQL: [&str; 29] = [
    "binary",
    "char",
    "character",
    "date",
    "datetime",
    "dec",
    "decimal",
    "double",
    "fixed",
    "float",
    "geomcollection",
    "geometrycollection",
    "json",
    "linestring",
    "multilinestring",
    "multipoint",
    "multipolygon",
    "nchar",
    "numeric",
    "point",
    "polygon",
    "real",
    "signed",
    "time",
    "unsigned",
    "vector",
    "year",
    "nvarchar",
    "geometry",
];

impl Parser<'_> {
    /// A type as CAST names it; `connection` fills in the charset that a CHAR does not name.
    pub(super) fn cast_type(&mut self, connection: bool) -> Result<CastType, ExpressionError> {
        let mut word = self.name()?.to_ascii_lowercase();
        if word == "national" {
            word = format!("n{}", self.name()?.to_ascii_lowercase());
        }
        let mariadb = self.reading.target.is_mariadb();
        // `cast_type` of its grammar has few of the types.
        if mariadb && NO_CASTS_OF_MARIADB.binary_search(&word.as_str()).is_ok() {
            return self.refuse(1064, "a type that CAST has");
        }
        if !mariadb && !CASTS_OF_MYSQL.contains(&word.as_str()) {
            return self.refuse(1064, "a type that CAST has");
        }
        Ok(match word.as_str() {
            "char" | "character" | "varchar" | "varchar2" => self.char_type(connection)?,
            "nchar" | "nvarchar" => {
                let length = self.length()?;
                CastType::Char { length, charset: Some(self.charset_prefix("utf8")), binary: false }
            }
            "binary" | "varbinary" => {
                CastType::Char { length: self.length()?, charset: Some("binary".into()), binary: false }
            }
            "signed" | "unsigned" => {
                let _ = self.take_word("integer") || self.take_word("int");
                if word == "signed" { CastType::Signed } else { CastType::Unsigned }
            }
            "int" | "integer" if mariadb => CastType::Signed,
            "decimal" | "dec" | "numeric" | "fixed" => {
                let (mut precision, mut scale) = (10, 0);
                if self.take("(") {
                    precision = self.integer()?;
                    if self.take(",") {
                        scale = self.integer()?;
                    }
                    self.expect(")")?;
                }
                if precision > 65 {
                    return self.refuse(1426, "a precision of at most 65");
                }
                if scale > precision && precision > 0 {
                    return self.refuse(1427, "a scale that is no greater than the precision");
                }
                CastType::Decimal { precision, scale }
            }
            "float" => match self.length()? {
                Some(25..) => CastType::Named { name: "double".into(), precision: None },
                Some(_) | None => CastType::Named { name: word.into(), precision: None },
            },
            "double" if mariadb && self.at_symbol("(") => {
                self.expect("(")?;
                let width = self.integer()?;
                self.expect(",")?;
                let name = format!("double({width},{})", self.integer()?);
                self.expect(")")?;
                CastType::Named { name: name.into(), precision: None }
            }
            "double" | "real" => {
                let _ = self.take_word("precision") || self.length()?.is_some();
                CastType::Named { name: "double".into(), precision: None }
            }
            _ => {
                let precision = self.length()?.filter(|n| *n > 0);
                if matches!(word.as_str(), "datetime" | "time") && precision > Some(6) {
                    return self.refuse(1426, "a precision of at most 6");
                }
                CastType::Named { name: word.into(), precision }
            }
        })
    }

    fn char_type(&mut self, connection: bool) -> Result<CastType, ExpressionError> {
        let length = self.length()?;
        let (mut charset, mut binary) = (None, false);
        loop {
            if self.take_word("binary") {
                binary = true;
            } else if self.take_word("charset") {
                charset = Some(self.charset()?);
            } else if self.at_word("character") || self.at_word("char") {
                self.advance();
                self.expect_word("set")?;
                charset = Some(self.charset()?);
            } else if self.take_word("ascii") {
                charset = Some("latin1".into());
            } else if self.take_word("unicode") {
                charset = Some("ucs2".into());
            } else if self.take_word("byte") {
                charset = Some("binary".into());
            } else if self.reading.target.is_mariadb() && self.take_word("collate") {
                // COLUMN_CREATE prints the charset's own collation after it.
                self.name()?;
            } else {
                break;
            }
        }
        if connection && charset.is_none() {
            charset = Some(self.charset_prefix(self.reading.charset));
        }
        Ok(CastType::Char { length, charset, binary: binary && self.reading.target.is_mariadb() })
    }
}
