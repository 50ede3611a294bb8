//! Scratch databases: made on a real server to try something out, and dropped whatever becomes of it.

use super::address::Address;
use super::connection::Connection;
use super::error::LiveError;
use crate::ident::Quoted;
use crate::model::Collation;
use crate::target::Target;

/// Databases that are there as long as this value.
#[derive(Debug)]
pub struct Scratch {
    address: Address,
    databases: Vec<String>,
}

impl Scratch {
    /// Makes databases, each with its collation, for as long as the value lives. One that is there already is nobody's to
    /// play with: then none is made.
    ///
    /// # Errors
    /// What the server refuses, such as a database that exists (1007).
    pub fn create(address: &Address, databases: &[(String, Collation)], target: Target) -> Result<Self, LiveError> {
        let mut connection = Connection::writer(&address.of_databases(Vec::new()))?;
        let names = databases.iter().map(|(name, _)| name.clone()).collect();
        let mut scratch = Self { address: address.of_databases(names), databases: Vec::new() };
        for (name, collation) in databases {
            let (charset, collation) = (collation.charset().printed(target), collation.printed(target));
            let sql = format!("CREATE DATABASE {} CHARACTER SET {charset} COLLATE {collation}", Quoted(name));
            connection.run(&sql, &format!("create the scratch database `{name}`"))?;
            scratch.databases.push(name.clone());
        }
        Ok(scratch)
    }

    /// Where they are.
    pub const fn address(&self) -> &Address {
        &self.address
    }

    /// Drops them.
    ///
    /// # Errors
    /// What the server says; then they stay behind.
    pub fn close(mut self) -> Result<(), LiveError> {
        self.drop_all()
    }

    fn drop_all(&mut self) -> Result<(), LiveError> {
        if self.databases.is_empty() {
            return Ok(());
        }
        let mut connection = Connection::writer(&self.address.of_databases(Vec::new()))?;
        // Foreign keys may lead from one into the other.
        connection.run("SET SESSION foreign_key_checks = 0", "prepare for dropping")?;
        while let Some(name) = self.databases.last() {
            let sql = format!("DROP DATABASE IF EXISTS {}", Quoted(name));
            connection.run(&sql, &format!("drop the scratch database `{name}`"))?;
            self.databases.pop();
        }
        Ok(())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Whoever wants to know closes it.
        let _ = self.drop_all();
    }
}
