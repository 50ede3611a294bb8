//! What a server says of itself: its version, and the variables that definitions depend on.

use std::collections::BTreeMap;

use mysql::prelude::Queryable as _;

use super::connection::Connection;
use super::error::{LiveError, Problem, of_statement};
use crate::target::header::{self, Header};

/// What a server says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts {
    /// Its version as it says it: `8.4.3`, `10.11.6-MariaDB-log`.
    pub version: String,
    /// The target that follows it.
    pub target: Header,
    /// The variables that change what it makes of a definition, under the names that `--server-set` takes.
    pub variables: BTreeMap<String, String>,
}

/// Variables under their names, each with what gives its value.
const VARIABLES: [(&str, &str); 5] = [
    ("sql_mode", "@@SESSION.sql_mode"),
    ("collation_server", "@@GLOBAL.collation_server"),
    ("lower_case_table_names", "@@GLOBAL.lower_case_table_names"),
    ("explicit_defaults_for_timestamp", "@@GLOBAL.explicit_defaults_for_timestamp"),
    ("default_storage_engine", "@@GLOBAL.default_storage_engine"),
];

impl Facts {
    /// Asks a server, before anything is changed of its session.
    pub(super) fn ask(connection: &mut mysql::Conn, server: &str) -> Result<Self, LiveError> {
        let values: Vec<String> = VARIABLES.iter().map(|(_, value)| format!("CAST({value} AS CHAR)")).collect();
        let sql = format!("SELECT CAST(VERSION() AS CHAR), {}", values.join(", "));
        let row: Option<mysql::Row> =
            connection.query_first(sql).map_err(|error| of_statement(server, "say what it is", error))?;
        let row = row.map(mysql::Row::unwrap).unwrap_or_default();
        let mut values = row.into_iter().map(|value| match value {
            mysql::Value::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            _ => String::new(),
        });
        let version = values.next().unwrap_or_default();
        let target = header::of_server(&version)
            .ok_or_else(|| LiveError { problem: Problem::Unsupported(version.clone()), server: server.to_owned() })?;
        let variables = VARIABLES.iter().map(|(name, _)| (*name).to_owned()).zip(values).collect();
        Ok(Self { version, target, variables })
    }

    /// Sets the collation that a table gets in the one database that is meant, in place of the server's.
    pub(super) fn take_collation_of_database(&mut self, connection: &mut Connection) -> Result<(), LiveError> {
        let [name] = &connection.address().databases.clone()[..] else { return Ok(()) };
        let sql = format!(
            "SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = {}",
            crate::ident::Literal(name)
        );
        let collation: Option<String> = connection.first(&sql, "describe the database")?;
        let collation = collation.ok_or_else(|| connection.error(Problem::UnknownDatabase(name.clone())))?;
        self.variables.insert("collation_server".to_owned(), collation);
        Ok(())
    }
}
