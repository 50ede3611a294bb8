//! Kinds of change of columns that stay: by aspect, type and collation.

use super::Statement;
use super::key::clustered;
use crate::diff::ColumnAspect;
use crate::model::{Charset, Column, DataType, DefaultValue, Geometry, Index, IndexKind, KeyColumn, KeyPart};
use crate::plan::effect::{TypeChange, type_change};
use crate::plan::online::conditions::is_indexed;
use crate::source::Pair;

impl Statement<'_> {
    pub(super) fn modified(&self, columns: Pair<&Column>, aspect: ColumnAspect) -> &'static str {
        let is_virtual = columns.new.generated.as_ref().is_some_and(|g| !g.stored);
        match aspect {
            ColumnAspect::Type if is_virtual => "change-type-virtual",
            ColumnAspect::Type => self.type_kind(columns),
            ColumnAspect::Collation => self.collation_kind(columns),
            ColumnAspect::Nullability if columns.new.nullable => {
                let keyless = self.keeps_rows(columns.old) && clustered(self.tables.new).is_none();
                if keyless { "drop-primary-key" } else { "make-nullable" }
            }
            // NULL becomes a value without a word.
            ColumnAspect::Nullability if self.target.is_mysql() && !self.writing.strict => "make-not-null-lenient",
            ColumnAspect::Nullability if matches!(columns.new.data_type, DataType::Timestamp(_)) => {
                "make-not-null-timestamp"
            }
            ColumnAspect::Nullability => "make-not-null",
            ColumnAspect::Default => match &columns.new.default {
                None => "drop-default",
                Some(DefaultValue::Expression(_)) => "set-default-expression",
                Some(
                    DefaultValue::Null
                    | DefaultValue::Literal(_)
                    | DefaultValue::Bits(_)
                    | DefaultValue::Bytes(_)
                    | DefaultValue::CurrentTimestamp,
                ) => "set-default-by-modify",
            },
            ColumnAspect::OnUpdate => "set-on-update",
            ColumnAspect::AutoIncrement if columns.new.auto_increment => "change-column-auto-increment",
            ColumnAspect::AutoIncrement => "drop-auto-increment",
            // Other engines copy for a key over it.
            ColumnAspect::Generated
                if is_virtual && self.conditions.holds("not-innodb") && is_indexed(columns.old, self.tables.old) =>
            {
                "change-generated-virtual-indexed"
            }
            ColumnAspect::Generated if is_virtual => "change-generated-virtual",
            ColumnAspect::Generated => "change-generated-stored",
            ColumnAspect::Generation if columns.new.generated.is_some() => "change-plain-to-generated-stored",
            ColumnAspect::Generation => "change-generated-to-plain-stored",
            ColumnAspect::Visibility => "change-column-invisible",
            ColumnAspect::Comment => "change-column-comment",
            ColumnAspect::Srid if columns.new.srid.is_none() => "drop-column-srid",
            ColumnAspect::Srid => "change-column-srid",
            ColumnAspect::NameCase => "rename-column",
            ColumnAspect::Check => "change-column-check",
            ColumnAspect::Format
            | ColumnAspect::Storage
            | ColumnAspect::Compression
            | ColumnAspect::Versioning
            | ColumnAspect::EngineOptions => "change-type",
        }
    }

    /// Whether a key holds the column after the ALTER.
    pub(super) fn indexed(&self, columns: Pair<&Column>) -> bool {
        is_indexed(columns.new, self.tables.new)
    }

    /// A length takes one byte up to 255 bytes, two above; MariaDB stores what has at most 127 either way.
    fn lengthened(columns: Pair<&Column>) -> &'static str {
        let bytes = columns.map(|c| most_bytes(c).unwrap_or(u64::MAX));
        match (bytes.old, bytes.new) {
            (old, new) if (old > 255) == (new > 255) => "grow-varchar-same-length-bytes",
            (old, _) if old < 128 => "grow-varchar-from-short-across-256",
            _ => "grow-varchar-across-256",
        }
    }

    /// Whether the key by which the rows are kept holds the column.
    fn keeps_rows(&self, column: &Column) -> bool {
        clustered(self.tables.old).is_some_and(|key| key.columns().any(|c| c.is(column.name.as_str())))
    }

    fn collation_kind(&self, columns: Pair<&Column>) -> &'static str {
        use DataType as T;
        if columns.old.collation == columns.new.collation {
            return "change-column-comment";
        }
        let charsets = columns.map(|c| c.collation.map(|c| c.charset()));
        let names = charsets.map(|c| c.map(Charset::name));
        let same = names.old == names.new;
        match columns.new.data_type {
            T::Enum(_) | T::Set(_) if same => return "change-column-collation-of-members",
            T::Enum(ref members) | T::Set(ref members) if written_alike(members, charsets) => {
                return "change-column-charset-of-members";
            }
            T::Enum(_) | T::Set(_) => return "change-column-charset",
            // The type says it all.
            T::Varbinary(_) | T::Binary(_) | T::Blob(_) => return "change-column-comment",
            _ => {}
        }
        let grows = names.old == Some("utf8mb3") && names.new == Some("utf8mb4");
        if !same && !grows {
            return "change-column-charset";
        }
        let (is_char, is_text) =
            (matches!(columns.new.data_type, T::Char(_)), matches!(columns.new.data_type, T::Text(_)));
        if grows && matches!(columns.new.data_type, T::Varchar(_)) {
            let kind = Self::lengthened(columns);
            if kind == "grow-varchar-across-256" || self.target.is_mysql() && kind != "grow-varchar-same-length-bytes" {
                return kind;
            }
        }
        if self.target.is_mariadb() {
            // A CHAR of many bytes has a length of its own in all formats but the oldest.
            let fixed = grows && is_char && self.conditions.holds("row-format-redundant");
            return if fixed { "change-column-charset" } else { self.order_kind(columns, grows, is_text) };
        }
        match (self.indexed(columns), grows, is_char || is_text) {
            (true, false, _) => "change-column-collation-indexed",
            (true, true, _) => "change-column-charset-utf8mb3-to-utf8mb4-indexed",
            (false, false, true) => "change-text-collation",
            (false, true, true) => "change-text-charset-utf8mb3-to-utf8mb4",
            (false, false, false) => "change-column-collation",
            (false, true, false) => "change-column-charset-utf8mb3-to-utf8mb4",
        }
    }

    /// MariaDB makes the keys anew where the order of a column becomes another. It sees the same order in the collations of
    /// both charsets that end alike.
    fn order_kind(&self, columns: Pair<&Column>, grows: bool, is_text: bool) -> &'static str {
        let order = columns.map(|c| c.collation.map(|c| c.name()).and_then(|n| n.split_once('_')).map(|(_, o)| o));
        let name = columns.old.name.as_str();
        let parts = |index: &Index| -> Vec<bool> {
            let of_column = |p: &&KeyPart| matches!(&p.column, KeyColumn::Column(own) if own.is(name));
            index.parts.iter().filter(of_column).map(|p| p.prefix.is_some()).collect()
        };
        let indexes = &self.tables.old.indexes;
        let indexed = indexes.iter().any(|i| !parts(i).is_empty());
        if indexed && is_text {
            return "change-text-collation-indexed";
        }
        if grows && order.old == order.new {
            return match () {
                () if indexes.iter().any(|i| parts(i).contains(&true)) => {
                    "change-column-charset-utf8mb3-to-utf8mb4-prefix"
                }
                () if indexed => "change-column-charset-utf8mb3-to-utf8mb4-indexed",
                () => "change-column-charset-utf8mb3-to-utf8mb4",
            };
        }
        let stays = clustered(self.tables.new).is_some_and(|key| !parts(key).is_empty());
        match clustered(self.tables.old).map(parts).and_then(|parts| parts.first().copied()) {
            Some(true) => return "change-column-collation-in-primary-key-prefix",
            Some(false) if stays => return "change-column-collation-in-primary-key",
            Some(false) | None => {}
        }
        let made_anew = || indexes.iter().filter(|i| !parts(i).is_empty() && !self.drops(i));
        match () {
            () if made_anew().any(|i| i.kind == IndexKind::Fulltext) => "change-column-collation-in-fulltext",
            () if made_anew().next().is_some() => "change-column-collation-indexed",
            () => "change-column-collation",
        }
    }

    fn type_kind(&self, columns: Pair<&Column>) -> &'static str {
        use DataType as T;
        let types = columns.map(|c| &c.data_type);
        let widens = type_change(types) == TypeChange::Widening;
        match (types.old, types.new) {
            (T::Varchar(_), T::Varchar(_)) if widens => Self::lengthened(columns),
            (T::Varbinary(_), T::Varbinary(_)) if widens => {
                let kind = Self::lengthened(columns);
                // MariaDB makes the keys over it anew.
                let as_it_is = kind == "grow-varchar-same-length-bytes";
                let stays = as_it_is || self.target.is_mariadb() && kind != "grow-varchar-across-256";
                match () {
                    () if stays && self.keeps_rows(columns.old) => "grow-varbinary-in-primary-key",
                    () if stays && is_indexed(columns.old, self.tables.old) => "grow-varbinary-indexed",
                    () => kind,
                }
            }
            (T::Varchar(_), T::Varchar(_)) | (T::Varbinary(_), T::Varbinary(_)) => "shrink-varchar",
            (T::Char(_), T::Char(_)) if widens => "grow-char",
            (T::Text(_), T::Text(_)) | (T::Blob(_), T::Blob(_)) if widens => "grow-text",
            (T::Varchar(_), T::Varbinary(new))
                if !self.indexed(columns)
                    && most_bytes(columns.old).is_some_and(|old| old <= u64::from(*new))
                    && Self::lengthened(columns) == "grow-varchar-same-length-bytes" =>
            {
                "varchar-to-varbinary"
            }
            (T::Char(old), T::Binary(new))
                if !self.indexed(columns) && old == new && most_bytes(columns.old) == Some(u64::from(*old)) =>
            {
                "char-to-binary"
            }
            (T::Text(old), T::Blob(new)) if !self.indexed(columns) && old == new => "text-to-blob",
            (T::Varchar(_), T::Text(_)) => "varchar-to-text",
            (T::Geometry(_), T::Geometry(Geometry::Geometry)) => "widen-geometry",
            // How a number is shown is for the definition alone.
            (
                T::Decimal { precision: a, scale: sa, unsigned: ua, .. },
                T::Decimal { precision: b, scale: sb, unsigned: ub, .. },
            ) if (a, sa, ua) == (b, sb, ub) => "change-integer-display-width",
            (
                T::Float { double: a, digits: da, unsigned: ua, .. },
                T::Float { double: b, digits: db, unsigned: ub, .. },
            ) if (a, da, ua) == (b, db, ub) => "change-integer-display-width",
            (
                T::Float { double: a, unsigned: ua, zerofill: za, .. },
                T::Float { double: b, unsigned: ub, zerofill: zb, .. },
            ) if a == b && ua == ub && za == zb => "change-float-digits",
            (T::Decimal { .. }, T::Decimal { .. }) if widens => "grow-decimal",
            (T::Enum(old), T::Enum(new)) if widens => {
                if (old.len() > 255) == (new.len() > 255) {
                    "append-enum-member-same-storage"
                } else {
                    "append-enum-member-other-storage"
                }
            }
            (T::Enum(_), T::Enum(_)) | (T::Set(_), T::Set(_)) if !widens => "change-enum",
            (T::Set(old), T::Set(new)) => {
                // 1, 2, 3, 4 or 8 bytes.
                let bytes = |members: usize| if members > 32 { 8 } else { members.div_ceil(8) };
                if bytes(old.len()) == bytes(new.len()) {
                    "append-set-member-same-storage"
                } else {
                    "append-set-member-other-storage"
                }
            }
            (T::DateTime(_), T::DateTime(_)) | (T::Timestamp(_), T::Timestamp(_)) | (T::Time(_), T::Time(_)) => {
                "change-datetime-precision"
            }
            (T::Integer { kind: a, unsigned: ua, .. }, T::Integer { kind: b, unsigned: ub, .. }) if a == b => {
                if ua == ub { "change-integer-display-width" } else { "change-type-unsigned" }
            }
            (_, _) => "change-type",
        }
    }
}

/// Whether members are the same bytes in both charsets: MySQL compares their lists as bytes.
fn written_alike(members: &[Box<str>], charsets: Pair<Option<Charset>>) -> bool {
    let Pair { old: Some(old), new: Some(new) } = charsets else { return false };
    let names = [old.name(), new.name()];
    let is_one_of = |family: &[&str]| names.iter().all(|name| family.contains(name));
    old.extends_ascii() && new.extends_ascii() && members.iter().all(|member| member.is_ascii())
        || is_one_of(&["utf8mb3", "utf8mb4"])
        || is_one_of(&["ucs2", "utf16"])
}

/// The most bytes that a value of a string column takes.
pub(super) fn most_bytes(column: &Column) -> Option<u64> {
    let width = u64::from(column.collation.map_or(1, |c| c.charset().max_length()));
    match column.data_type {
        DataType::Char(n) | DataType::Varchar(n) => Some(u64::from(n) * width),
        DataType::Binary(n) | DataType::Varbinary(n) => Some(u64::from(n)),
        _ => None,
    }
}
