//! A script as pieces to merge: its statements, each with what stands before it, and by which name each is known.

use std::fmt;

use super::sequence::Item;
use crate::preprocess::{self, Lexis, Statement};
use crate::syntax::ddl::{Ddl, TableName};
use crate::syntax::object::{self, ObjectStatement};
use crate::syntax::{self, Reading};
use crate::target::Target;

/// What a piece is known by.
#[derive(Clone, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub(super) enum Key {
    /// The statement that creates an object: its kind, its database, its name.
    Object(String, Option<String>, String),
    /// Any other statement, by its own text.
    Other(Vec<u8>),
}

impl Key {
    pub(super) fn object(kind: &str, database: Option<&str>, name: &str) -> Self {
        Self::Object(kind.to_owned(), database.map(str::to_owned), name.to_owned())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object(kind, None, name) => write!(f, "{kind} `{name}`"),
            Self::Object(kind, Some(database), name) => write!(f, "{kind} `{database}`.`{name}`"),
            Self::Other(text) => {
                let text = String::from_utf8_lossy(text);
                let line = text.trim().lines().next().unwrap_or_default();
                write!(f, "`{}`", line.chars().take(60).collect::<String>())
            }
        }
    }
}

/// A statement with what stands before it and its delimiter.
pub(super) type Piece<'a> = Item<'a, Key>;

/// Cuts a script that has been read before without an error.
pub(super) fn split(text: &[u8], target: Target) -> Vec<Piece<'_>> {
    let mut database = None;
    let mut pieces = Vec::new();
    for statement in preprocess::statements(text, target, Lexis::default()).map_while(Result::ok) {
        if let Some(name) = statement.database() {
            database = Some(String::from_utf8_lossy(&name).into_owned());
        }
        let (span, body) = (statement.span, statement.body);
        pieces.push(Item {
            key: key(&statement, target, database.as_deref()),
            content: statement.text.to_vec(),
            lead: &text[span.start..body.start],
            body: &text[body.start..body.end],
            after: &text[body.end..span.end],
        });
    }
    pieces
}

fn key(statement: &Statement<'_>, target: Target, current: Option<&str>) -> Key {
    let reading = reading(statement, target);
    let named = |kind: &str, name: &TableName<'_>| {
        let database = name.database.as_ref().map(|database| database.text.as_ref()).or(current);
        Key::object(kind, database, &name.name.text)
    };
    match syntax::parse(statement.text, 0, &reading) {
        Ok(Ddl::CreateTable(create)) if !create.temporary => return named("table", &create.name),
        Ok(_) => return Key::Other(statement.text.to_vec()),
        Err(_) => {}
    }
    match object::parse(statement.text, 0, &reading) {
        Ok(ObjectStatement::Create { kind, name, .. }) => named(kind.word(), &name),
        Ok(ObjectStatement::Alter { .. } | ObjectStatement::Drop { .. }) | Err(_) => {
            Key::Other(statement.text.to_vec())
        }
    }
}

fn reading(statement: &Statement<'_>, target: Target) -> Reading<'static> {
    let lexis = statement.lexis;
    Reading {
        ansi_quotes: lexis.ansi_quotes,
        no_backslash_escapes: lexis.no_backslash_escapes,
        pipes_as_concat: lexis.pipes_as_concat,
        high_not_precedence: lexis.high_not_precedence,
        ignore_space: lexis.ignore_space,
        real_as_float: lexis.real_as_float,
        oracle: lexis.oracle,
        in_query: false,
        ..Reading::of(target)
    }
}
