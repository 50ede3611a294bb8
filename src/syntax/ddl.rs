//! Typed DDL: what a statement says, before any server has made anything of it.
//!
//! Names and strings borrow from the statement's text; every name and clause that an error could
//! be about carries its [`Span`] in the source.

mod alter;
mod column;
mod key;
mod partition;
mod table;

use std::borrow::Cow;

use crate::model::Expr;
use crate::source::Span;

pub use alter::*;
pub use column::*;
pub use key::*;
pub use partition::*;
pub use table::*;

/// A name as written, unquoted, and its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Name<'a> {
    /// The name without quotes.
    pub text: Cow<'a, str>,
    /// Where it stands.
    pub span: Span,
}

/// A table's name, perhaps qualified by its database's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TableName<'a> {
    /// The database.
    pub database: Option<Name<'a>>,
    /// The table.
    pub name: Name<'a>,
}

/// An expression and its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expression {
    /// What it says.
    pub expr: Expr,
    /// Where it stands, without the parentheses of the clause.
    pub span: Span,
}

/// A statement that defines or changes something.
#[derive(Clone, PartialEq, Debug)]
pub enum Ddl<'a> {
    /// `CREATE TABLE`.
    CreateTable(Box<CreateTable<'a>>),
    /// `ALTER TABLE`.
    AlterTable(AlterTable<'a>),
    /// `CREATE INDEX`.
    CreateIndex {
        /// The table.
        table: TableName<'a>,
        /// The key.
        index: IndexDefinition<'a>,
        /// `OR REPLACE` (MariaDB).
        or_replace: bool,
        /// `IF NOT EXISTS` (MariaDB).
        if_not_exists: bool,
        /// `ALGORITHM` and `LOCK`.
        online: Vec<AlterAction<'a>>,
    },
    /// `DROP INDEX`.
    DropIndex {
        /// The table.
        table: TableName<'a>,
        /// The key.
        name: Name<'a>,
        /// `IF EXISTS` (MariaDB).
        if_exists: bool,
        /// `ALGORITHM` and `LOCK`.
        online: Vec<AlterAction<'a>>,
    },
    /// `RENAME TABLE a TO b, …`.
    RenameTable {
        /// Old and new names, in order.
        renames: Vec<(TableName<'a>, TableName<'a>)>,
        /// `IF EXISTS` (MariaDB).
        if_exists: bool,
    },
    /// `DROP TABLE`.
    DropTable {
        /// The tables.
        tables: Vec<TableName<'a>>,
        /// `IF EXISTS`.
        if_exists: bool,
        /// `TEMPORARY`.
        temporary: bool,
    },
    /// `CREATE DATABASE`.
    CreateDatabase {
        /// Its name.
        name: Name<'a>,
        /// `IF NOT EXISTS`.
        if_not_exists: bool,
        /// `OR REPLACE` (MariaDB).
        or_replace: bool,
        /// Charset and collation.
        charset: CharsetClause<'a>,
    },
    /// `ALTER DATABASE`.
    AlterDatabase {
        /// Its name; without one, the current database.
        name: Option<Name<'a>>,
        /// Charset and collation.
        charset: CharsetClause<'a>,
    },
    /// `DROP DATABASE`.
    DropDatabase {
        /// Its name.
        name: Name<'a>,
        /// `IF EXISTS`.
        if_exists: bool,
    },
}

/// `CHARACTER SET` and `COLLATE`, as far as written. `DEFAULT` as a charset's name is kept as such.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CharsetClause<'a> {
    /// The charset.
    pub charset: Option<Name<'a>>,
    /// The collation.
    pub collation: Option<Name<'a>>,
}
