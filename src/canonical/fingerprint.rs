//! Fingerprints: versioned hashes of canonical schemas.
//!
//! A fingerprint is `fp1:` and the SHA-256 over the sorted (kind, name, hash of the object's
//! canonical text) of a schema, each as one line. Counters of AUTO_INCREMENT never count.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::Printer;
use crate::model::expression::{Expr, Literal};
use crate::model::{
    Charset, Collation, Column, Creation, Database, KeyColumn, ObjectKind, Parts, Schema, Table, TextObject,
};
use crate::target::Target;

/// The hashes of a schema's objects: from them a fingerprint costs one hash, and a step of a plan
/// changes one entry.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ObjectHashes(BTreeMap<(String, &'static str, String), [u8; 32]>);

/// Whether the accounts that objects belong to count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Account {
    /// They do.
    Counts,
    /// They do not.
    IsIgnored,
}

impl ObjectHashes {
    /// Hashes every object of a schema.
    pub fn of(schema: &Schema, target: Target) -> Self {
        let mut hashes = Self::default();
        for database in &schema.databases {
            for table in database.tables.values() {
                hashes.set_table(database, table, target);
            }
            for object in database.objects.values() {
                hashes.set_object(database, object, Account::Counts, Parts::default());
            }
        }
        hashes
    }

    /// Takes in a table as it now is.
    pub fn set_table(&mut self, database: &Database, table: &Table, target: Target) {
        let text = comparable_table(table, target);
        self.0.insert(key(database, "table", table.name.as_str()), Sha256::digest(text).into());
    }

    /// Takes in an object that is kept as text, as it now is; with its account, if that counts, and with the parts that count of
    /// the session that it was made in.
    pub fn set_object(&mut self, database: &Database, object: &TextObject, account: Account, session: Parts) {
        let mut hash = Sha256::new();
        if let (Account::Counts, Some(definer)) = (account, &object.definer) {
            hash.update(definer.as_bytes());
        }
        hash.update(object.essence.as_bytes());
        let Creation { sql_mode, client, connection } = object.creation.only(session);
        let said = [
            ("sql_mode", sql_mode.as_deref()),
            ("client", client.map(Charset::name)),
            ("connection", connection.map(Collation::name)),
        ];
        for (name, value) in said.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            hash.update(format!("\0{name}={value}"));
        }
        let hash = hash.finalize().into();
        self.0.insert(key(database, object.kind.word(), object.name.as_str()), hash);
    }

    /// Forgets a table.
    pub fn remove_table(&mut self, database: &Database, name: &str) {
        self.0.remove(&key(database, "table", name));
    }

    /// Forgets an object that is kept as text.
    pub fn remove_object(&mut self, database: &Database, kind: ObjectKind, name: &str) {
        self.0.remove(&key(database, kind.word(), name));
    }

    /// Database, kind and name of each object, sorted.
    pub fn names(&self) -> impl Iterator<Item = (&str, &'static str, &str)> {
        self.0.keys().map(|(database, kind, name)| (database.as_str(), *kind, name.as_str()))
    }

    /// The fingerprint of the whole.
    pub fn fingerprint(&self) -> String {
        fingerprint(self.0.iter())
    }

    /// What the fingerprint would be without some of the objects.
    pub fn fingerprint_without(&self, left_out: &[(&str, &str, &str)]) -> String {
        let stays = |database: &str, kind: &str, name: &str| !left_out.contains(&(database, kind, name));
        fingerprint(self.0.iter().filter(|((database, kind, name), _)| stays(database, kind, name)))
    }

    /// What the fingerprint would be with the objects of `others` as they are there.
    pub fn fingerprint_with(&self, others: &Self) -> String {
        fingerprint(self.0.iter().map(|(key, object)| (key, others.0.get(key).unwrap_or(object))))
    }
}

fn fingerprint<'h>(objects: impl Iterator<Item = (&'h (String, &'static str, String), &'h [u8; 32])>) -> String {
    let mut hash = Sha256::new();
    for ((database, kind, name), object) in objects {
        hash.update(format!("{database}\0{kind}\0{name}\0{}\n", hex(object)));
    }
    format!("fp1:{}", hex(&hash.finalize()))
}

/// The canonical text of a table without its counter: what a fingerprint and a comparison see.
pub fn comparable_table(table: &Table, target: Target) -> String {
    let mut text = String::with_capacity(512);
    Printer::show(target).table(&mut text, &with_plain_constants(table, target));
    if let Some(counter) = table.options.auto_increment {
        // The counter stands once, after the engine; a comment cannot hold it there.
        text = text.replacen(
            &format!(" ENGINE={} AUTO_INCREMENT={counter} ", table.options.engine),
            &format!(" ENGINE={} ", table.options.engine),
            1,
        );
    }
    text
}

/// The table with its constants in the charset that strings are written in: the one in which MySQL keeps them is not the
/// schema's, but follows from its columns and from the ALTERs that there were.
fn with_plain_constants(table: &Table, target: Target) -> Cow<'_, Table> {
    let has_expressions = !table.checks.is_empty()
        || table.columns.iter().any(Column::has_expressions)
        || table
            .indexes
            .iter()
            .any(|index| index.parts.iter().any(|part| matches!(part.column, KeyColumn::Expression(_))));
    if !target.is_mysql_since(80_000) || !has_expressions {
        return Cow::Borrowed(table);
    }
    let mut plain = table.clone();
    plain.column_expressions_mut(&mut write_plainly);
    for check in &mut plain.checks {
        check.shown = None;
        write_plainly(&mut check.expression);
    }
    Cow::Owned(plain)
}

fn write_plainly(expression: &mut Expr) {
    let plain = match expression {
        Expr::Literal(literal) => literal.plain().map(|text| Literal::ascii(&text, "utf8mb4")),
        _ => None,
    };
    match plain {
        Some(plain) => *expression = Expr::Literal(plain),
        None => expression.children_mut(&mut write_plainly),
    }
}

fn key(database: &Database, kind: &'static str, name: &str) -> (String, &'static str, String) {
    (database.name.as_ref().map(|n| n.to_string()).unwrap_or_default(), kind, name.to_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
