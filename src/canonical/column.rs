//! Columns and their types.

use std::fmt::Write as _;

use super::expression::{self, Place, Printing};
use super::{Printer, Style};
use crate::ident::Literal;
use crate::model::{
    Collation, CollationClause, Column, ColumnDefinition, ColumnFormat, DataType, DefaultValue, Expr, Geometry,
    Integer, Size, Storage, Versioning,
};
use crate::syntax::expression::needs_parentheses_in_default;
use crate::target::Target;

impl Printer {
    /// Writes a column's definition. `table` is the table's collation, which a column's own repeats
    /// only if it must; without it charset and collation are always written.
    pub fn column(self, out: &mut String, column: &Column, table: Option<Collation>) {
        column.name.quoted().push_to(out);
        self.column_definition(out, column, table);
    }

    /// Writes what follows a column's name.
    pub(super) fn column_definition(self, out: &mut String, column: &ColumnDefinition, table: Option<Collation>) {
        out.push(' ');
        self.column_type(out, column);
        if let Some(method) = &column.compressed {
            let method = if method.is_empty() { String::new() } else { format!("={method}") };
            match self.style {
                Style::Show => {
                    let _ = write!(out, " /*M!100301 COMPRESSED{method}*/");
                }
                Style::Plain => {
                    let _ = write!(out, " COMPRESSED{method}");
                }
            }
        }
        self.column_collation(out, column, table);
        if self.target.is_mysql() { self.mysql_attributes(out, column) } else { self.mariadb_attributes(out, column) }
    }

    /// In the order of `store_create_info` in MySQL's sql/sql_show.cc.
    fn mysql_attributes(self, out: &mut String, column: &ColumnDefinition) {
        self.generated(out, column);
        self.nullability(out, column);
        if let Some(srid) = column.srid {
            self.since(out, 80_003, format_args!("SRID {srid}"));
        }
        match column.storage {
            None => {}
            Some(Storage::Disk) => self.since(out, 50_606, format_args!("STORAGE DISK")),
            Some(Storage::Memory) => self.since(out, 50_606, format_args!("STORAGE MEMORY")),
        }
        match column.format {
            None => {}
            Some(ColumnFormat::Fixed) => self.since(out, 50_606, format_args!("COLUMN_FORMAT FIXED")),
            Some(ColumnFormat::Dynamic) => self.since(out, 50_606, format_args!("COLUMN_FORMAT DYNAMIC")),
        }
        for (name, _) in &column.options {
            let _ = write!(out, " {name}");
        }
        self.default_clause(out, column);
        self.on_update(out, column);
        if column.auto_increment {
            out.push_str(" AUTO_INCREMENT");
        }
        if column.invisible {
            self.since(out, 80_023, format_args!("INVISIBLE"));
        }
        if !column.comment.is_empty() {
            let _ = write!(out, " COMMENT {}", Literal(&column.comment));
        }
        if let Some(value) = &column.engine_attribute {
            self.since(out, 80_021, format_args!("ENGINE_ATTRIBUTE {}", Literal(value)));
        }
        if let Some(value) = &column.secondary_engine_attribute {
            self.since(out, 80_021, format_args!("SECONDARY_ENGINE_ATTRIBUTE {}", Literal(value)));
        }
    }

    /// In the order of `store_create_info` in MariaDB's sql/sql_show.cc.
    fn mariadb_attributes(self, out: &mut String, column: &ColumnDefinition) {
        if column.generated.is_some() {
            self.generated(out, column);
            if column.invisible {
                out.push_str(" INVISIBLE");
            }
        } else {
            match column.versioning {
                Some(Versioning::RowStart) => out.push_str(" GENERATED ALWAYS AS ROW START"),
                Some(Versioning::RowEnd) => out.push_str(" GENERATED ALWAYS AS ROW END"),
                Some(Versioning::Without | Versioning::With) | None => self.nullability(out, column),
            }
            if column.invisible && !self.target.prints_invisible_last() {
                out.push_str(" INVISIBLE");
            }
            self.default_clause(out, column);
            if column.versioning == Some(Versioning::Without) {
                out.push_str(" WITHOUT SYSTEM VERSIONING");
            }
            self.on_update(out, column);
            if column.auto_increment {
                out.push_str(" AUTO_INCREMENT");
            }
            if column.invisible && self.target.prints_invisible_last() {
                out.push_str(" INVISIBLE");
            }
        }
        if !column.comment.is_empty() {
            let _ = write!(out, " COMMENT {}", Literal(&column.comment));
        }
        if let Some(check) = &column.check {
            out.push_str(" CHECK (");
            self.expression(out, check, Place::Check);
            out.push(')');
        }
        for (name, value) in &column.options {
            let _ = write!(out, " {}={value}", name.quoted());
        }
    }

    fn column_collation(self, out: &mut String, column: &ColumnDefinition, table: Option<Collation>) {
        let Some(collation) = column.collation else { return };
        let differs = table != Some(collation);
        let written = match column.collation_clause {
            CollationClause::None => false,
            CollationClause::Shown => self.style == Style::Plain,
            CollationClause::Collate | CollationClause::Charset => true,
        };
        let charset = collation.charset().printed(self.target);
        if self.target.is_mariadb() {
            if differs {
                let _ = write!(out, " CHARACTER SET {charset}");
                if charset != "binary" {
                    let _ = write!(out, " COLLATE {}", collation.printed(self.target));
                }
            }
            return;
        }
        if self.style == Style::Plain {
            // MySQL keeps what is written here as written: a column that inherits must not say more.
            if differs || written {
                let _ = write!(out, " CHARACTER SET {charset} COLLATE {}", collation.printed(self.target));
            }
            return;
        }
        if differs || written {
            let _ = write!(out, " CHARACTER SET {charset}");
        }
        let prints_default = self.target.is_mysql_since(80_000) && collation.name() == "utf8mb4_0900_ai_ci";
        let needs_name = !collation.is_default(self.target) || written || table.is_none() || prints_default && differs;
        if needs_name {
            let _ = write!(out, " COLLATE {}", collation.printed(self.target));
        }
    }

    fn generated(self, out: &mut String, column: &ColumnDefinition) {
        let Some(generated) = &column.generated else { return };
        out.push_str(" GENERATED ALWAYS AS (");
        self.expression(out, &generated.expression, Place::Generated);
        out.push_str(if generated.stored { ") STORED" } else { ") VIRTUAL" });
    }

    fn nullability(self, out: &mut String, column: &ColumnDefinition) {
        if !column.nullable {
            out.push_str(" NOT NULL");
        } else if matches!(column.data_type, DataType::Timestamp(_)) {
            out.push_str(" NULL");
        }
    }

    fn default_clause(self, out: &mut String, column: &ColumnDefinition) {
        let Some(default) = &column.default else { return };
        out.push_str(" DEFAULT ");
        self.default_value(out, default, column);
    }

    /// Writes what follows DEFAULT.
    pub fn default_value(self, out: &mut String, default: &DefaultValue, column: &ColumnDefinition) {
        let data_type = &column.data_type;
        let _ = match default {
            DefaultValue::Null => write!(out, "NULL"),
            DefaultValue::Bits(digits) => write!(out, "b'{digits}'"),
            DefaultValue::Literal(text) if self.target.is_mariadb() && prints_bare(data_type) => write!(out, "{text}"),
            // MariaDB keeps the default of a BLOB as an expression, whose strings escape their quotes.
            DefaultValue::Literal(text) if self.target.is_mariadb() && data_type.is_blob() => {
                let text =
                    Expr::Literal(crate::model::expression::Literal::String { charset: None, text: text.clone() });
                self.expression(out, &text, Place::Default);
                Ok(())
            }
            DefaultValue::Literal(text) if self.prints_in_hex(column) && !text.is_empty() => {
                write!(out, "x'{}'", hexadecimal(text.as_bytes()))
            }
            DefaultValue::Bytes(bytes) if self.target.is_mysql() => {
                write!(out, "0x{}", hexadecimal(bytes).to_ascii_uppercase())
            }
            // MariaDB before 11.x shows the bytes themselves, which no text could hold.
            DefaultValue::Bytes(bytes) => write!(out, "x'{}'", hexadecimal(bytes)),
            DefaultValue::Literal(text) => write!(out, "{}", Literal(text)),
            DefaultValue::CurrentTimestamp => write!(out, "{}", self.now(data_type)),
            DefaultValue::Expression(expr)
                if self.target.is_mysql() || self.style == Style::Plain || needs_parentheses_in_default(expr) =>
            {
                out.push('(');
                self.expression(out, expr, Place::Default);
                write!(out, ")")
            }
            DefaultValue::Expression(expr) => {
                self.expression(out, expr, Place::Default);
                Ok(())
            }
        };
    }

    fn prints_in_hex(self, column: &ColumnDefinition) -> bool {
        self.target.prints_binary_defaults_in_hex()
            && match column.data_type {
                DataType::Binary(_) | DataType::Varbinary(_) | DataType::Vector(_) => true,
                DataType::Enum(_) | DataType::Set(_) => {
                    column.collation.is_some_and(|c| c.charset().name() == "binary")
                }
                _ => false,
            }
    }

    fn on_update(self, out: &mut String, column: &ColumnDefinition) {
        if column.on_update {
            let _ = write!(out, " ON UPDATE {}", self.now(&column.data_type));
        }
    }

    fn now(self, data_type: &DataType) -> String {
        let name = if self.target.is_mysql() { "CURRENT_TIMESTAMP" } else { "current_timestamp" };
        match data_type.fraction().unwrap_or(0) {
            0 if self.target.is_mysql() => name.to_owned(),
            0 => format!("{name}()"),
            digits => format!("{name}({digits})"),
        }
    }

    /// Writes an expression without the parentheses that the clause around it adds.
    pub fn expression(self, out: &mut String, expr: &Expr, place: Place) {
        expression::print(expr, &Printing { target: self.target, place, charset: "utf8mb4" }, out);
    }

    /// Writes a column's type. MySQL shows members in hexadecimal digits whose bytes are none of utf8mb3's characters, where it
    /// need not convert them (`Field_enum::sql_type`; seen on 9.7).
    fn column_type(self, out: &mut String, column: &ColumnDefinition) {
        let bytes = &column.member_bytes.0;
        let (word, members) = match &column.data_type {
            DataType::Enum(members) if !bytes.is_empty() => ("enum", members),
            DataType::Set(members) if !bytes.is_empty() => ("set", members),
            other => return self.data_type(out, other),
        };
        let as_they_are = column.collation.is_some_and(|c| matches!(c.charset().name(), "utf8mb3" | "binary"));
        if !(as_they_are && self.target.is_mysql_since(80_000)) {
            return self.data_type(out, &column.data_type);
        }
        out.push_str(word);
        for (at, member) in members.iter().enumerate() {
            out.push(if at == 0 { '(' } else { ',' });
            let _ = match bytes.get(at).filter(|bytes| !is_basic_text(bytes)) {
                Some(bytes) => write!(out, "x'{}'", hexadecimal(bytes)),
                None => write!(out, "{}", Literal(member)),
            };
        }
        out.push(')');
    }

    /// Writes a type, charset and collation aside.
    pub fn data_type(self, out: &mut String, data_type: &DataType) {
        let _ = match data_type {
            DataType::Integer { kind, width, unsigned, zerofill } => {
                out.push_str(integer_word(*kind));
                let written = match width {
                    Some(width) => write!(out, "({width})"),
                    None => Ok(()),
                };
                sign(out, *unsigned, *zerofill);
                written
            }
            DataType::Decimal { precision, scale, unsigned, zerofill } => {
                let written = write!(out, "decimal({precision},{scale})");
                sign(out, *unsigned, *zerofill);
                written
            }
            DataType::Float { double, digits, unsigned, zerofill } => {
                out.push_str(if *double { "double" } else { "float" });
                let written = match digits {
                    Some((m, d)) => write!(out, "({m},{d})"),
                    None => Ok(()),
                };
                sign(out, *unsigned, *zerofill);
                written
            }
            DataType::Bit(n) => write!(out, "bit({n})"),
            DataType::Year(_) if self.target.drops_display_width() => write!(out, "year"),
            DataType::Year(n) => write!(out, "year({n})"),
            DataType::Date => write!(out, "date"),
            DataType::Time(n) => temporal(out, "time", *n),
            DataType::DateTime(n) => temporal(out, "datetime", *n),
            DataType::Timestamp(n) => temporal(out, "timestamp", *n),
            DataType::Char(n) => write!(out, "char({n})"),
            DataType::Varchar(n) => write!(out, "varchar({n})"),
            DataType::Binary(n) => write!(out, "binary({n})"),
            DataType::Varbinary(n) => write!(out, "varbinary({n})"),
            DataType::Text(size) => write!(out, "{}text", size_prefix(*size)),
            DataType::Blob(size) => write!(out, "{}blob", size_prefix(*size)),
            DataType::Enum(members) => list(out, "enum", members),
            DataType::Set(members) => list(out, "set", members),
            DataType::Json => write!(out, "json"),
            DataType::Geometry(kind) => write!(out, "{}", geometry_word(*kind, self.target)),
            DataType::Vector(n) => write!(out, "vector({n})"),
            DataType::Uuid => write!(out, "uuid"),
            DataType::Inet4 => write!(out, "inet4"),
            DataType::Inet6 => write!(out, "inet6"),
        };
    }
}

/// Whether MariaDB prints a default of that type without quotes.
const fn prints_bare(data_type: &DataType) -> bool {
    data_type.is_numeric() || matches!(data_type, DataType::Year(_))
}

const fn integer_word(kind: Integer) -> &'static str {
    match kind {
        Integer::Tiny => "tinyint",
        Integer::Small => "smallint",
        Integer::Medium => "mediumint",
        Integer::Int => "int",
        Integer::Big => "bigint",
    }
}

const fn size_prefix(size: Size) -> &'static str {
    match size {
        Size::Tiny => "tiny",
        Size::Normal => "",
        Size::Medium => "medium",
        Size::Long => "long",
    }
}

const fn geometry_word(kind: Geometry, target: Target) -> &'static str {
    match kind {
        Geometry::Geometry => "geometry",
        Geometry::Point => "point",
        Geometry::LineString => "linestring",
        Geometry::Polygon => "polygon",
        Geometry::MultiPoint => "multipoint",
        Geometry::MultiLineString => "multilinestring",
        Geometry::MultiPolygon => "multipolygon",
        Geometry::Collection if target.says_geomcollection() => "geomcollection",
        Geometry::Collection => "geometrycollection",
    }
}

fn sign(out: &mut String, unsigned: bool, zerofill: bool) {
    if unsigned {
        out.push_str(" unsigned");
    }
    if zerofill {
        out.push_str(" zerofill");
    }
}

fn temporal(out: &mut String, word: &str, digits: u32) -> std::fmt::Result {
    if digits == 0 { write!(out, "{word}") } else { write!(out, "{word}({digits})") }
}

fn list(out: &mut String, word: &str, members: &[Box<str>]) -> std::fmt::Result {
    out.push_str(word);
    for (i, member) in members.iter().enumerate() {
        write!(out, "{}{}", if i == 0 { "(" } else { "," }, Literal(member))?;
    }
    write!(out, ")")
}

/// Whether bytes are characters of utf8mb3.
fn is_basic_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(|c| u32::from(c) <= 0xFFFF))
}

/// Bytes in hexadecimal digits.
fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
