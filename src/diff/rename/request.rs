//! `--rename`: what it says, and why it cannot be.

use std::fmt;
use std::str::FromStr;

use super::RenameKind;
use crate::ident::{Ident, Quoted};
use crate::model::{Database, Schema, Table};
use crate::source::Pair;

/// `OLD=NEW`: `table=table`, `table.column=column`, `table.key=key`, each perhaps behind `database.`, the
/// table by its old name. `column:` or `key:` before it tells the two apart where both are there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RenameRequest {
    given: String,
    kind: Option<RenameKind>,
    names: Pair<Vec<String>>,
}

/// An option that cannot be obeyed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RenameError {
    given: String,
    why: String,
}

impl std::error::Error for RenameError {}

impl fmt::Display for RenameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "--rename {}: {}", self.given, self.why)
    }
}

impl fmt::Display for RenameRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.given)
    }
}

impl FromStr for RenameRequest {
    type Err = RenameError;

    /// Reads an option's value.
    ///
    /// ```
    /// use alterplan::diff::RenameRequest;
    /// assert!("users.name=full_name".parse::<RenameRequest>().is_ok());
    /// assert!("key:users.`by name`=by_name".parse::<RenameRequest>().is_ok());
    /// assert_eq!(
    ///     "users".parse::<RenameRequest>().unwrap_err().to_string(),
    ///     "--rename users: expected OLD=NEW, as in table=table or table.column=column",
    /// );
    /// ```
    fn from_str(given: &str) -> Result<Self, RenameError> {
        let error = |why: &str| RenameError { given: given.to_owned(), why: why.to_owned() };
        let kinds = [("table:", RenameKind::Table), ("column:", RenameKind::Column), ("key:", RenameKind::Key)];
        let (kind, rest) = kinds
            .into_iter()
            .find_map(|(word, kind)| Some((Some(kind), given.strip_prefix(word)?)))
            .unwrap_or((None, given));
        let (old, rest) = path(rest).ok_or_else(|| error("a name is empty or its backtick is never closed"))?;
        let Some(rest) = rest.strip_prefix('=') else {
            return Err(error("expected OLD=NEW, as in table=table or table.column=column"));
        };
        let (new, rest) = path(rest).ok_or_else(|| error("a name is empty or its backtick is never closed"))?;
        if !rest.is_empty() || old.len() > 3 || new.len() > old.len() {
            return Err(error("expected OLD=NEW, as in table=table or table.column=column"));
        }
        Ok(Self { given: given.to_owned(), kind, names: Pair::new(old, new) })
    }
}

/// Names with points between them, as far as they go, and what follows.
fn path(mut rest: &str) -> Option<(Vec<String>, &str)> {
    let mut names = Vec::new();
    loop {
        let name;
        (name, rest) = match rest.strip_prefix('`') {
            Some(quoted) => {
                let mut end = 0;
                loop {
                    end += quoted[end..].find('`')?;
                    if !quoted[end + 1..].starts_with('`') {
                        break;
                    }
                    end += 2;
                }
                (quoted[..end].replace("``", "`"), &quoted[end + 1..])
            }
            None => {
                let end = rest.find(['.', '=']).unwrap_or(rest.len());
                (rest[..end].trim().to_owned(), &rest[end..])
            }
        };
        if name.is_empty() {
            return None;
        }
        names.push(name);
        match rest.strip_prefix('.') {
            Some(more) => rest = more,
            None => return Some((names, rest)),
        }
    }
}

/// The option that says it.
pub(super) fn written(kind: RenameKind, table: Option<&Ident>, names: &Pair<Ident>) -> String {
    let plain = |n: &str| !n.is_empty() && n.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$');
    let word = |n: &Ident| if plain(n.as_str()) { n.to_string() } else { Quoted(n.as_str()).to_string() };
    let of = table.map_or_else(String::new, |t| format!("{}.", word(t)));
    let kind = if kind == RenameKind::Key { "key:" } else { "" };
    let option = format!("{kind}{of}{}={}", word(&names.old), word(&names.new));
    if option.contains('`') { format!("'{}'", option.replace('\'', "'\\''")) } else { option }
}

impl RenameRequest {
    /// The same, from NEW to OLD.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        let Pair { mut old, new } = self.names;
        // The path is OLD's: only its last name is NEW's.
        let name = new.last().cloned().unwrap_or_default();
        let before = old.pop().unwrap_or_default();
        let mut path = if new.len() > 1 { new[..new.len() - 1].to_vec() } else { old };
        path.push(name);
        self.names = Pair::new(path, vec![before]);
        self
    }

    pub(super) fn error(&self, why: &str) -> RenameError {
        RenameError { given: self.given.clone(), why: why.to_owned() }
    }

    /// The new name.
    pub(super) fn name(&self) -> &str {
        self.names.new.last().map_or("", String::as_str)
    }

    /// The table of a database that it renames, if it is about a table there.
    pub(super) fn table(&self, database: &Database) -> Option<Ident> {
        let kind = self.kind.unwrap_or(RenameKind::Table);
        let name = match &self.names.old[..] {
            [name] => name,
            [home, name] if is_named(database, home) && !database.tables.contains_key(home.as_str()) => name,
            _ => return None,
        };
        database.tables.get(name.as_str()).map(|t| t.name.clone()).filter(|_| kind == RenameKind::Table)
    }

    /// The column or key of a table that it renames, if it is about one there.
    pub(super) fn part(&self, database: &Database, tables: Pair<&Table>, kind: RenameKind) -> Option<Ident> {
        let (table, name) = match &self.names.old[..] {
            [table, name] => (table, name),
            [home, table, name] if is_named(database, home) => (table, name),
            _ => return None,
        };
        let by_new = *table == tables.new.name.as_str() && !database.tables.contains_key(table.as_str());
        if *table != tables.old.name.as_str() && !by_new || self.kind.is_some_and(|k| k != kind) {
            return None;
        }
        let column = tables.old.column(name).map(|(_, c)| c.name.clone());
        let to = self.name();
        match kind {
            RenameKind::Table => None,
            RenameKind::Column => column,
            // A name of both a column and a key means the column, unless NEW has only such a key.
            RenameKind::Key => tables
                .old
                .index(name)
                .map(|i| i.name.clone())
                .filter(|_| self.kind.is_some() || column.is_none() || tables.new.column(to).is_none()),
        }
    }

    /// Why nothing came of it.
    pub(super) fn reason(&self, schemas: Pair<&Schema>) -> RenameError {
        let tables = |schema: &Schema, name: &str| schema.tables().any(|(_, t)| t.name.as_str() == name);
        let to = self.name();
        let path = &self.names.old;
        let is_table = path.len() == 1 || self.kind == Some(RenameKind::Table);
        let last = path.last().map_or("", String::as_str);
        let why = if is_table {
            if !tables(schemas.old, last) {
                format!("OLD has no table {}", Quoted(last))
            } else if !tables(schemas.new, to) {
                format!("NEW has no table {}", Quoted(to))
            } else {
                format!("both {} and {} are in use on one side", Quoted(last), Quoted(to))
            }
        } else {
            let table = &path[path.len() - 2];
            let of = schemas.old.tables().find(|(_, t)| t.name.as_str() == table).map(|(_, t)| t);
            match of {
                None => format!("OLD has no table {}", Quoted(table)),
                Some(of) if of.column(last).is_none() && of.index(last).is_none() => {
                    format!("table {} of OLD has no column or key {}", Quoted(table), Quoted(last))
                }
                Some(_) => format!("NEW has no such {} in place of {}, or one side has both", Quoted(to), Quoted(last)),
            }
        };
        self.error(&why)
    }
}

fn is_named(database: &Database, name: &str) -> bool {
    database.name.as_ref().is_some_and(|n| n.as_str() == name)
}
