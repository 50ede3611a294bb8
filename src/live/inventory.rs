//! Which objects there are, each with a mark that changes when its definition does.

use std::collections::BTreeMap;
use std::fmt;

use super::connection::Connection;
use super::error::{LiveError, Problem};
use crate::ident::{Literal, Quoted};

/// Kinds of objects, in the order in which a script has to make them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// A library of JavaScript (MySQL 9.2).
    Library,
    /// A sequence (MariaDB).
    Sequence,
    /// A base table.
    Table,
    /// A package's specification (MariaDB).
    Package,
    /// A package's body (MariaDB).
    PackageBody,
    /// A stored function.
    Function,
    /// A stored procedure.
    Procedure,
    /// A view.
    View,
    /// A trigger.
    Trigger,
    /// A scheduled event.
    Event,
}

impl Kind {
    /// As SHOW CREATE wants it.
    pub(super) const fn keyword(self) -> &'static str {
        match self {
            Self::Library => "LIBRARY",
            Self::Sequence => "SEQUENCE",
            Self::Table => "TABLE",
            Self::Package => "PACKAGE",
            Self::PackageBody => "PACKAGE BODY",
            Self::Function => "FUNCTION",
            Self::Procedure => "PROCEDURE",
            Self::View => "VIEW",
            Self::Trigger => "TRIGGER",
            Self::Event => "EVENT",
        }
    }

    /// In lower case.
    pub fn word(self) -> String {
        self.keyword().to_ascii_lowercase()
    }

    /// Where SHOW CREATE has the definition.
    pub(super) const fn column(self) -> usize {
        match self {
            Self::Sequence | Self::Table | Self::View => 1,
            Self::Library | Self::Package | Self::PackageBody | Self::Function | Self::Procedure | Self::Trigger => 2,
            Self::Event => 3,
        }
    }

    /// Whether it keeps the `sql_mode` that it was made in, and so is to be read in.
    pub(super) const fn has_sql_mode(self) -> bool {
        !matches!(self, Self::Sequence | Self::Table | Self::View)
    }

    /// What shows its definition, where GRANT has a word for it.
    pub(super) const fn privilege(self) -> Option<&'static str> {
        match self {
            Self::View => Some("SHOW VIEW and SELECT"),
            Self::Trigger => Some("TRIGGER"),
            Self::Event => Some("EVENT"),
            Self::Library | Self::Package | Self::PackageBody | Self::Function | Self::Procedure => {
                Some("SHOW_ROUTINE (MySQL), or SELECT ON mysql.proc or SHOW CREATE ROUTINE (MariaDB)")
            }
            Self::Sequence | Self::Table => Some("SELECT"),
        }
    }
}

/// The name of an object.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Object {
    /// Its database.
    pub database: String,
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: String,
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}.{}", self.kind.word(), Quoted(&self.database), Quoted(&self.name))
    }
}

/// What stood in the lists at one moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Inventory {
    /// The server's clock before the lists were asked for, as it prints moments.
    pub(super) asked: String,
    /// Each object with the moment of its last change, where the server keeps one.
    pub(super) marks: BTreeMap<Object, Option<String>>,
    /// Triggers in the order in which they fire.
    pub(super) firing: BTreeMap<Object, u64>,
}

/// A row of a list: kind as the server names it, name, mark, and an order.
type Row = (String, String, Option<String>, u64);

/// Whether a list is asked for before anything has been read, or after.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum When {
    Before,
    After,
}

/// Lists all objects of the databases that the address names.
pub(super) fn list(connection: &mut Connection, when: When) -> Result<Inventory, LiveError> {
    let asked: Option<String> = connection.first("SELECT CAST(NOW() AS CHAR)", "tell the time")?;
    let mut inventory = Inventory { asked: asked.unwrap_or_default(), ..Inventory::default() };
    let target = connection.facts().target.target;
    // MariaDB opens a table to tell its age. MySQL has it at hand, and on a replica it is the source's: there only
    // another age tells of a change.
    let age = if when == When::After || target.is_mysql() { "CAST(CREATE_TIME AS CHAR)" } else { "NULL" };
    for database in connection.address().databases.clone() {
        connection.enter(&database)?;
        let is = Literal(&database);
        let mut lists = vec![
            format!(
                "SELECT TABLE_TYPE, TABLE_NAME, {age}, 0 FROM information_schema.TABLES \
                 WHERE TABLE_SCHEMA = {is} AND TABLE_TYPE NOT LIKE '%TEMPORARY%'"
            ),
            format!(
                "SELECT ROUTINE_TYPE, ROUTINE_NAME, CAST(LAST_ALTERED AS CHAR), 0 FROM information_schema.ROUTINES \
                 WHERE ROUTINE_SCHEMA = {is}"
            ),
            format!(
                "SELECT 'TRIGGER', TRIGGER_NAME, CAST(CREATED AS CHAR), ACTION_ORDER FROM information_schema.TRIGGERS \
                 WHERE TRIGGER_SCHEMA = {is}"
            ),
            format!(
                "SELECT 'EVENT', EVENT_NAME, CAST(LAST_ALTERED AS CHAR), 0 FROM information_schema.EVENTS \
                 WHERE EVENT_SCHEMA = {is}"
            ),
        ];
        if target.has_libraries() {
            lists.push(format!(
                "SELECT 'LIBRARY', LIBRARY_NAME, CAST(LAST_ALTERED AS CHAR), 0 FROM information_schema.LIBRARIES \
                 WHERE LIBRARY_SCHEMA = {is}"
            ));
        }
        for sql in lists {
            for (kind, name, mark, order) in connection.rows::<Row>(&sql, "list what there is")? {
                let kind = kind_of(&kind).ok_or_else(|| {
                    connection.error(Problem::Unsupported(format!("a server with objects of the kind {kind}")))
                })?;
                let object = Object { database: database.clone(), kind, name };
                if kind == Kind::Trigger {
                    inventory.firing.insert(object.clone(), order);
                }
                inventory.marks.insert(object, mark);
            }
        }
    }
    Ok(inventory)
}

fn kind_of(word: &str) -> Option<Kind> {
    Some(match word {
        "BASE TABLE" | "SYSTEM VERSIONED" => Kind::Table,
        "VIEW" | "SYSTEM VIEW" => Kind::View,
        "SEQUENCE" => Kind::Sequence,
        "FUNCTION" => Kind::Function,
        "PROCEDURE" => Kind::Procedure,
        "PACKAGE" => Kind::Package,
        "PACKAGE BODY" => Kind::PackageBody,
        "LIBRARY" => Kind::Library,
        "TRIGGER" => Kind::Trigger,
        "EVENT" => Kind::Event,
        _ => return None,
    })
}
