//! A live schema as a script, in an order in which a server would take it.

use std::collections::{BTreeMap, BTreeSet};

use super::address::Address;
use super::facts::Facts;
use super::inventory::{Inventory, Kind, Object};
use super::read::Definition;
use crate::ident::{Literal, Quoted};

/// The modes that definitions are read in which keep none of their own: what is there was taken once, strict or not.
const SQL_MODE: &str = "";
/// What the definitions are read in.
const CHARSET: &str = "utf8mb4";

/// Writes the script. Databases are created and named where several were read; one alone is the one that the
/// script is run in.
pub(super) fn write(
    address: &Address,
    facts: &Facts,
    headers: &BTreeMap<String, String>,
    inventory: &Inventory,
    definitions: &BTreeMap<Object, Definition>,
) -> Vec<u8> {
    let text = Vec::with_capacity(definitions.len() * 512);
    let mut out = Writer { text, sql_mode: String::new(), connection: None };
    out.line(&format!("-- Server version\t{}", facts.version));
    out.line(&format!("SET NAMES {CHARSET};"));
    out.line("SET SESSION foreign_key_checks = 0;");
    if facts.target.target.requires_unique_referenced_key() {
        out.line("SET SESSION restrict_fk_on_non_standard_key = 0;");
    }
    out.line("SET SESSION explicit_defaults_for_timestamp = 1;");
    out.line(&format!("SET SESSION sql_mode = {};", Literal(SQL_MODE)));
    for database in &address.databases {
        if address.databases.len() > 1 {
            out.line(&format!("\n{};", headers.get(database).map(String::as_str).unwrap_or_default()));
        }
    }
    for database in &address.databases {
        if address.databases.len() > 1 {
            out.line(&format!("\nUSE {};", Quoted(database)));
        }
        for object in ordered(database, inventory, definitions) {
            if let Some(definition) = definitions.get(object) {
                out.definition(object.kind, definition);
            }
        }
    }
    out.text
}

/// The objects of a database: by kind and name, views behind the views that they are over, triggers as they fire.
fn ordered<'a>(
    database: &str,
    inventory: &Inventory,
    definitions: &'a BTreeMap<Object, Definition>,
) -> Vec<&'a Object> {
    let mut objects: Vec<&Object> = definitions.keys().filter(|object| object.database == database).collect();
    objects.sort_by_key(|object| (object.kind, inventory.firing.get(*object), &object.name));
    let views: Vec<&Object> = objects.iter().copied().filter(|object| object.kind == Kind::View).collect();
    let Some(first) = objects.iter().position(|object| object.kind == Kind::View) else { return objects };
    let mut sorted = Vec::with_capacity(views.len());
    let mut seen = BTreeSet::new();
    for view in &views {
        visit(view, &views, definitions, &mut seen, &mut sorted);
    }
    objects.splice(first..first + views.len(), sorted);
    objects
}

/// Puts a view behind what it mentions. Two views cannot be over each other; names may seem so, and then any order does.
fn visit<'a>(
    view: &'a Object,
    views: &[&'a Object],
    definitions: &BTreeMap<Object, Definition>,
    seen: &mut BTreeSet<&'a str>,
    sorted: &mut Vec<&'a Object>,
) {
    if !seen.insert(&view.name) {
        return;
    }
    if let Some(definition) = definitions.get(view) {
        for other in views.iter().filter(|other| other.name != view.name) {
            if !seen.contains(other.name.as_str()) && definition.mentions(other.kind, &other.name) {
                visit(other, views, definitions, seen, sorted);
            }
        }
    }
    sorted.push(view);
}

struct Writer<'d> {
    text: Vec<u8>,
    sql_mode: String,
    /// `character_set_client` and `collation_connection`, where they are not those that the script begins with.
    connection: Option<(&'d str, &'d str)>,
}

impl<'d> Writer<'d> {
    fn line(&mut self, line: &str) {
        self.text.extend_from_slice(line.as_bytes());
        self.text.push(b'\n');
    }

    fn definition(&mut self, kind: Kind, definition: &'d Definition) {
        let sql_mode = if kind.has_sql_mode() { definition.sql_mode.as_str() } else { SQL_MODE };
        if sql_mode != self.sql_mode {
            self.line(&format!("\nSET SESSION sql_mode = {};", Literal(sql_mode)));
            sql_mode.clone_into(&mut self.sql_mode);
        }
        self.connection(definition);
        self.text.push(b'\n');
        if !kind.has_sql_mode() {
            self.text.extend_from_slice(&definition.text);
            return self.line(";");
        }
        let delimiter = delimiter(&definition.text);
        self.line(&format!("DELIMITER {delimiter}"));
        self.text.extend_from_slice(&definition.text);
        // A body may end in a comment that goes on to the end of its line.
        self.line(&format!("\n{delimiter}\nDELIMITER ;"));
    }
}

impl<'d> Writer<'d> {
    /// Says in which connection a program was made. The script is in utf8mb4, and so are the texts that are not ASCII.
    fn connection(&mut self, definition: &'d Definition) {
        let is_ascii = definition.text.is_ascii();
        let connection = definition.connection.as_ref();
        let wanted = connection
            .map(|(client, collation)| (if is_ascii { client.as_str() } else { CHARSET }, collation.as_str()));
        if wanted == self.connection {
            return;
        }
        match wanted {
            Some((client, collation)) => {
                self.line(&format!("\nSET SESSION character_set_client = {};", Literal(client)));
                self.line(&format!("SET SESSION collation_connection = {};", Literal(collation)));
            }
            None => self.line(&format!("\nSET NAMES {CHARSET};")),
        }
        self.connection = wanted;
    }
}

/// A delimiter that the text does not hold.
fn delimiter(text: &[u8]) -> String {
    let free = |delimiter: &String| memchr::memmem::find(text, delimiter.as_bytes()).is_none();
    let numbered = (1..).map(|number| format!("$end{number}$"));
    std::iter::once(";;".to_owned()).chain(numbered).find(free).unwrap_or_default()
}
