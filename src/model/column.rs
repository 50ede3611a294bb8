//! Columns.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::{Collation, DataType, Expr};
use crate::ident::Ident;

/// One column, as the server stores it. Copies, and columns that were defined in the same words, share their definition
/// until one of them is changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    /// Its name.
    pub name: Ident,
    definition: Arc<ColumnDefinition>,
}

impl Deref for Column {
    type Target = ColumnDefinition;

    fn deref(&self) -> &ColumnDefinition {
        &self.definition
    }
}

impl DerefMut for Column {
    fn deref_mut(&mut self) -> &mut ColumnDefinition {
        Arc::make_mut(&mut self.definition)
    }
}

/// What a column is, whatever its name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ColumnDefinition {
    /// Its type.
    pub data_type: DataType,
    /// The collation of a character type (CHAR, VARCHAR, TEXT, ENUM, SET), else `None`.
    pub collation: Option<Collation>,
    /// What the column's own definition says of its charset and collation.
    pub collation_clause: CollationClause,
    /// Whether it takes NULL.
    pub nullable: bool,
    /// Its default. `None`: it has none (NOT NULL without DEFAULT, or after DROP DEFAULT).
    pub default: Option<DefaultValue>,
    /// An expression that the server takes for its default and does not show.
    pub hidden_default: Unseen<Option<Box<Expr>>>,
    /// `ON UPDATE CURRENT_TIMESTAMP`; the fraction's digits are the type's own.
    pub on_update: bool,
    /// Whether it is the AUTO_INCREMENT column.
    pub auto_increment: bool,
    /// The bytes of the members of an ENUM or SET, where the server keeps some that their charset does not show.
    pub member_bytes: Unseen<Vec<Box<[u8]>>>,
    /// How it is generated.
    pub generated: Option<Generated>,
    /// `INVISIBLE`.
    pub invisible: bool,
    /// Its comment; empty where there is none.
    pub comment: Box<str>,
    /// `SRID` of a geometry (MySQL) or `REF_SYSTEM_ID` (MariaDB).
    pub srid: Option<u32>,
    /// The CHECK that MariaDB stores with a column (its own, and `json_valid` of a JSON column).
    pub check: Option<Expr>,
    /// `COLUMN_FORMAT`.
    pub format: Option<ColumnFormat>,
    /// `STORAGE`.
    pub storage: Option<Storage>,
    /// `COMPRESSED` (MariaDB): the method as printed, empty for the default one.
    pub compressed: Option<Box<str>>,
    /// Its part in system versioning (MariaDB).
    pub versioning: Option<Versioning>,
    /// `ENGINE_ATTRIBUTE` (MySQL).
    pub engine_attribute: Option<Box<str>>,
    /// `SECONDARY_ENGINE_ATTRIBUTE` (MySQL).
    pub secondary_engine_attribute: Option<Box<str>>,
    /// Other engine-defined options (MariaDB), values as printed; `NOT SECONDARY` of MySQL is one.
    pub options: Vec<(Ident, Box<str>)>,
}

impl Column {
    /// Whether a period of the system's time begins or ends with it (MariaDB).
    pub fn bounds_period(&self) -> bool {
        matches!(self.versioning, Some(Versioning::RowStart | Versioning::RowEnd))
    }

    /// Whether it says of itself that it is part of its table's history, or not (MariaDB).
    pub fn says_versioning(&self) -> bool {
        matches!(self.versioning, Some(Versioning::With | Versioning::Without))
    }

    /// Whether a text is what another one was but longer, or of utf8mb4 where that was of utf8mb3: MariaDB changes its definition
    /// alone.
    pub(crate) fn outgrows(&self, before: &Self) -> bool {
        let collations = [before.collation, self.collation];
        let rules = collations.map(|found| found.and_then(|c| c.name().strip_prefix(c.charset().name())));
        let charsets = collations.map(|found| found.map(|c| c.charset().name()));
        let gains = charsets == [Some("utf8mb3"), Some("utf8mb4")] && rules[0] == rules[1];
        match (&before.data_type, &self.data_type) {
            (DataType::Varchar(old), DataType::Varchar(new)) => {
                gains && old <= new || before.collation == self.collation && old < new
            }
            (DataType::Varbinary(old), DataType::Varbinary(new)) => old < new,
            _ => false,
        }
    }

    /// Whether MariaDB makes it of another one by its definition alone, so that a foreign key over it may not go with the same
    /// statement: a text that is longer, under another collation of its charset, or of utf8mb4 where it was of utf8mb3.
    pub(crate) fn is_redefined(&self, before: &Self) -> bool {
        use DataType as T;
        let fits = match (&before.data_type, &self.data_type) {
            (T::Char(old), T::Char(new)) => old == new,
            (T::Varchar(old), T::Varchar(new)) => old <= new,
            _ => false,
        };
        let takes = |old: Collation, new: Collation| {
            old != new
                && (old.charset() == new.charset()
                    || (old.charset().name(), new.charset().name()) == ("utf8mb3", "utf8mb4"))
        };
        fits && before.collation.zip(self.collation).is_some_and(|(old, new)| takes(old, new)) || self.outgrows(before)
    }

    /// A nullable column of that type, with nothing else said about it.
    pub fn new(name: Ident, data_type: DataType) -> Self {
        let definition = ColumnDefinition {
            data_type,
            collation: None,
            collation_clause: CollationClause::None,
            nullable: true,
            default: None,
            hidden_default: Unseen::default(),
            on_update: false,
            auto_increment: false,
            member_bytes: Unseen::default(),
            generated: None,
            invisible: false,
            comment: "".into(),
            srid: None,
            check: None,
            format: None,
            storage: None,
            compressed: None,
            versioning: None,
            engine_attribute: None,
            secondary_engine_attribute: None,
            options: Vec::new(),
        };
        Self { name, definition: Arc::new(definition) }
    }

    /// The expression that is its default, be it shown or not.
    pub fn default_expression(&self) -> Option<&Expr> {
        match &self.default {
            Some(DefaultValue::Expression(expression)) => Some(expression),
            Some(_) | None => self.hidden_default.0.as_deref(),
        }
    }

    /// Whether an expression belongs to it, which may name other columns.
    pub fn has_expressions(&self) -> bool {
        let computed = matches!(self.default, Some(DefaultValue::Expression(_)));
        computed || self.generated.is_some() || self.check.is_some()
    }

    /// Where its definition is kept: columns that share one have this in common.
    pub fn shared(&self) -> *const ColumnDefinition {
        Arc::as_ptr(&self.definition)
    }

    /// A column of another name with the same definition.
    #[must_use]
    pub fn named(&self, name: Ident) -> Self {
        Self { name, definition: Arc::clone(&self.definition) }
    }
}

/// What a column's definition says of its charset and collation. MySQL 8.0 stores whether it says
/// anything, and then prints both even where they equal the table's; MariaDB does not.
///
/// `COLLATE` alone stays apart: it is how MySQL prints a column that inherits a collation which is not
/// its charset's default, so in what SHOW CREATE TABLE printed it says nothing, and written by hand it does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CollationClause {
    /// Nothing.
    #[default]
    None,
    /// `COLLATE` alone, in what SHOW CREATE TABLE printed: the column inherits where it was printed, and
    /// says so where the text is run again.
    Shown,
    /// `COLLATE` alone.
    Collate,
    /// `CHARACTER SET`, perhaps with `COLLATE`.
    Charset,
}

/// What a server keeps and does not show: two are always the same.
#[derive(Clone, Debug, Default)]
pub struct Unseen<T>(pub T);

impl<T> PartialEq for Unseen<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T> Eq for Unseen<T> {}

/// The default of a column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DefaultValue {
    /// `NULL`, written or implied.
    Null,
    /// A constant, converted to the column's type: the value's text, unquoted.
    Literal(Box<str>),
    /// A constant of a BIT column: its digits.
    Bits(Box<str>),
    /// A constant of a BINARY or VARBINARY column whose bytes are no text.
    Bytes(Box<[u8]>),
    /// `CURRENT_TIMESTAMP`; the fraction's digits are the type's own.
    CurrentTimestamp,
    /// An expression.
    Expression(Expr),
}

/// How a generated column comes about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Generated {
    /// The expression.
    pub expression: Expr,
    /// STORED (PERSISTENT) rather than VIRTUAL.
    pub stored: bool,
}

/// `COLUMN_FORMAT`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColumnFormat {
    /// `FIXED`.
    Fixed,
    /// `DYNAMIC`.
    Dynamic,
}

/// `STORAGE`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Storage {
    /// `DISK`.
    Disk,
    /// `MEMORY`.
    Memory,
}

/// A column's part in system versioning (MariaDB).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Versioning {
    /// `GENERATED ALWAYS AS ROW START`.
    RowStart,
    /// `GENERATED ALWAYS AS ROW END`.
    RowEnd,
    /// `WITHOUT SYSTEM VERSIONING`.
    Without,
    /// `WITH SYSTEM VERSIONING`, written at the column.
    With,
}
