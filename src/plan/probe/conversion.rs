//! What becomes of a column's values when its type, charset or collation changes.

use super::{Rows, member, number, temporal, text};
use crate::model::{Column, DataType};
use crate::source::Pair;

/// A condition that some values meet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Condition {
    /// In words, as what follows "a value".
    pub(crate) words: String,
    /// Over the row as it is.
    pub(crate) sql: String,
}

/// Which values are in the way of a change, and which it changes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Conversion {
    /// The ALTER fails where one of these holds.
    pub(crate) fails: Vec<Condition>,
    /// The value after is another than before where one of these holds.
    pub(crate) loses: Vec<Condition>,
}

impl Conversion {
    pub(super) fn fail(&mut self, words: impl Into<String>, sql: impl Into<String>) {
        self.fails.push(Condition { words: words.into(), sql: sql.into() });
    }

    pub(super) fn lose(&mut self, words: impl Into<String>, sql: impl Into<String>) {
        self.loses.push(Condition { words: words.into(), sql: sql.into() });
    }

    /// What may do either.
    pub(super) fn both(&mut self, words: &str, sql: String) {
        self.fail(words, sql.clone());
        self.lose(words, sql);
    }
}

/// One column on its way from one definition to another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change<'a> {
    pub(super) rows: &'a Rows<'a>,
    pub(super) columns: Pair<&'a Column>,
    /// The value as it is.
    pub(super) value: &'a str,
    /// The value is an expression's: MariaDB reads what is stored of a column otherwise.
    pub(super) computed: bool,
}

impl Change<'_> {
    /// The value as it is.
    pub(super) fn value(&self) -> String {
        self.value.to_owned()
    }

    /// The value where a number is asked of it: of a member, its own.
    pub(super) fn counted(&self) -> String {
        let is_member = matches!(self.columns.old.data_type, DataType::Enum(_) | DataType::Set(_));
        if is_member && !self.computed { self.rows.counted(self.columns.old) } else { format!("({} + 0)", self.value) }
    }

    /// The value as text in utf8mb4.
    pub(super) fn text(&self) -> String {
        let value = self.value();
        match self.columns.old.collation.map(|c| c.charset().name()) {
            Some("utf8mb4") => value,
            Some(_) => format!("CONVERT({value} USING utf8mb4)"),
            None if is_binary(&self.columns.old.data_type) => match self.columns.new.collation.map(|c| c.charset()) {
                // Among members bytes are looked for as the characters that they are in their charset.
                Some(charset)
                    if matches!(self.columns.new.data_type, DataType::Enum(_) | DataType::Set(_))
                        && charset.extends_ascii() =>
                {
                    format!("CONVERT(CONVERT({value} USING {}) USING utf8mb4)", charset.printed(self.rows.terms.target))
                }
                _ => format!("CONVERT({value} USING utf8mb4)"),
            },
            None => format!("CAST({value} AS CHAR)"),
        }
    }
}

/// Whether the values are strings, members among them, and read as such whatever they become.
pub(super) const fn is_string(data_type: &DataType) -> bool {
    use DataType as T;
    matches!(data_type, T::Char(_) | T::Varchar(_) | T::Text(_) | T::Enum(_) | T::Set(_)) || is_binary(data_type)
}

pub(super) const fn is_binary(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Binary(_) | DataType::Varbinary(_) | DataType::Blob(_))
}

/// Whether two texts are not the same bytes.
pub(super) fn differ(one: &str, other: &str) -> String {
    format!("NOT (CAST({one} AS BINARY) <=> CAST({other} AS BINARY))")
}

/// What a change of type, charset or collation makes of the values.
pub(crate) fn conversion(rows: &Rows<'_>, columns: Pair<&Column>) -> Conversion {
    let value = rows.column(columns.old);
    let mut found = Conversion::default();
    between(&Change { rows, columns, value: &value, computed: false }, &mut found);
    if !rows.terms.strict
        && !matches!(columns.new.data_type, DataType::Json | DataType::Geometry(_) | DataType::Vector(_))
    {
        // Without the strict modes nothing fails: the nearest value is taken. No document and no shape is near to another.
        let cut = std::mem::take(&mut found.fails);
        found.loses.extend(cut);
    }
    found
}

/// What is in the way of values that become those of another column, and which are changed by it.
pub(super) fn between(change: &Change<'_>, found: &mut Conversion) {
    use DataType as T;
    let columns = change.columns;
    let (old, new) = (&columns.old.data_type, &columns.new.data_type);
    match new {
        _ if old == new && columns.old.collation == columns.new.collation => {}
        T::Integer { kind, unsigned, .. } => number::to_integer(change, *kind, *unsigned, found),
        T::Decimal { precision, scale, unsigned, .. } => {
            number::to_decimal(change, *precision, *scale, *unsigned, found);
        }
        T::Float { double, digits, unsigned, .. } => {
            number::to_float(change, *double, *digits, *unsigned, found);
        }
        T::Bit(bits) => number::to_bit(change, *bits, found),
        T::Year(_) => number::to_year(change, found),
        T::Date => temporal::to_date(change, found),
        T::DateTime(fraction) => temporal::to_datetime(change, *fraction, found),
        T::Timestamp(fraction) => temporal::to_timestamp(change, *fraction, found),
        T::Time(fraction) => temporal::to_time(change, *fraction, found),
        T::Char(length) | T::Varchar(length) => text::to_characters(change, *length, found),
        T::Text(size) => text::to_text(change, *size, found),
        T::Binary(length) => text::to_binary(change, u64::from(*length), true, found),
        T::Varbinary(length) => text::to_binary(change, u64::from(*length), false, found),
        T::Blob(size) => text::to_binary(change, text::bytes(*size), false, found),
        T::Enum(members) => member::to_enum(change, members, found),
        T::Set(members) => member::to_set(change, members, found),
        T::Json => text::to_json(change, found),
        T::Uuid => text::to_native(change, "UUID", found),
        T::Inet4 => text::to_native(change, "INET4", found),
        T::Inet6 => text::to_native(change, "INET6", found),
        T::Geometry(kind) => text::to_geometry(change, *kind, found),
        T::Vector(new) => match old {
            // Four bytes a number; MySQL takes vectors that are shorter.
            T::Vector(_) => {
                let longer = if change.rows.terms.target.is_mysql() { ">" } else { "<>" };
                found.fail(
                    format!("that has not {new} numbers"),
                    format!("LENGTH({}) {longer} {}", change.value(), new * 4),
                );
            }
            _ => anything(change, found),
        },
    }
}

/// Where nothing more precise is known: any value may be in the way, and none stays as it is.
pub(super) fn anything(change: &Change<'_>, found: &mut Conversion) {
    found.both("that cannot be taken over as it is", format!("{} IS NOT NULL", change.value()));
}

/// Values that come out in another form.
pub(super) fn reshaped(change: &Change<'_>, found: &mut Conversion) {
    found.lose("that comes out in another form", format!("{} IS NOT NULL", change.value()));
}
