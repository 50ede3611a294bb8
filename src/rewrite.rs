//! A script with its definitions written as the target prints them, and everything else as it was.
//!
//! In: a script that was read. Out: its texts anew. Only CREATE statements change, each into what the target's SHOW CREATE prints
//! right after it; later ALTERs stay. Comments keep their places: at the element that they stand at, before it, or at the
//! statement's ends. `OR REPLACE`, `IF NOT EXISTS` and the database before a name are kept. A comment for which there is no
//! place, and whatever would leave another schema, is a [`Loss`], and then there is no text. No I/O.
//!
//! Left as they are: statements within conditional comments, `CREATE TABLE … LIKE`, and views and stored programs whose text
//! the canonical one would take something from.
//!
//! ```
//! use alterplan::{catalog::Session, compare::{self, Text}, rewrite, source::Source, target::Target};
//!
//! let target = Target::DEFAULT;
//! let sql = "create table if not exists t (\n  a int primary key, -- the only one\n  b int);\ninsert into t values (1, 2);\n";
//! let loaded = compare::load(Text { sources: vec![Source::new("t.sql", sql)], target, session: Session::of(target) });
//! let rewritten = rewrite::rewrite(&loaded).unwrap();
//! assert_eq!(
//!     String::from_utf8_lossy(&rewritten.texts[0]),
//!     "CREATE TABLE IF NOT EXISTS `t` (\n  `a` int NOT NULL, -- the only one\n  `b` int DEFAULT NULL,\n  PRIMARY KEY (`a`)\n\
//!      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;\ninsert into t values (1, 2);\n",
//! );
//! ```

mod comments;
mod order;
mod pull;
mod statement;

pub use pull::{FileChange, Pull, pull};

use crate::catalog::Catalog;
use crate::catalog::script::{self, Script};
use crate::compare::Loaded;
use crate::model::{Schema, Table, TextObject};
use crate::preprocess::{Kind, Statement, Verb};
use crate::render::definition;
use crate::source::{Location, Source};
use crate::syntax::Reading;
use crate::target::Target;

use statement::Orphans;

/// A script's texts anew.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rewritten {
    /// The text of each source, changed or not.
    pub texts: Vec<Vec<u8>>,
    /// The definitions that changed.
    pub changed: Vec<Changed>,
}

/// A definition that is not written as the target would.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changed {
    /// `table`, `view`, `trigger`…
    pub kind: &'static str,
    /// Its name, with its database's where that has one.
    pub name: String,
    /// The statement.
    pub location: Location,
}

/// Something that would be lost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Loss {
    /// What.
    pub what: String,
    /// Where, if it is in one place.
    pub location: Option<Location>,
}

/// Writes the definitions of a script as its target prints them. The script must have been read without an error.
///
/// # Errors
/// What would be lost.
pub fn rewrite(loaded: &Loaded) -> Result<Rewritten, Vec<Loss>> {
    let text = &loaded.text;
    let mut edits: Vec<(Location, Result<Vec<u8>, Loss>)> = Vec::new();
    let mut changed = Vec::new();
    script::follow(&text.sources, text.target, text.session.clone(), &mut |catalog, statement, source| {
        let location = Location { source, span: statement.body };
        let Some((made, written)) = rewritten(catalog, statement, location) else { return };
        if written.as_deref() != Ok(statement.text) {
            changed.push(made);
            edits.push((location, written));
        }
    });
    let losses: Vec<Loss> = edits.iter().filter_map(|(_, written)| written.clone().err()).collect();
    if !losses.is_empty() {
        return Err(losses);
    }
    let edits: Vec<(Location, Vec<u8>)> =
        edits.into_iter().filter_map(|(location, written)| Some((location, written.ok()?))).collect();
    let texts: Vec<Vec<u8>> =
        text.sources.iter().enumerate().map(|(number, source)| edited(&source.text, number, &edits)).collect();
    check(loaded, &texts, &edits)?;
    Ok(Rewritten { texts, changed })
}

/// The definition that a statement makes, and the statement as the target prints it; `None` where it stays as it is.
fn rewritten(
    catalog: &Catalog,
    statement: &Statement<'_>,
    location: Location,
) -> Option<(Changed, Result<Vec<u8>, Loss>)> {
    let begins_so = statement.text.get(..6).is_some_and(|word| word.eq_ignore_ascii_case(b"CREATE"));
    if !begins_so {
        return None;
    }
    let target = catalog.target();
    let reading = catalog.reading();
    match statement.kind {
        Kind::Table(Verb::Create) => {
            let (database, table) = made_table(catalog.schema(), location)?;
            let loss = |what| Loss { what, location: Some(location) };
            let written = statement::table(statement.text, table, target, &reading, Orphans::Lost)?.map_err(loss);
            Some((changed("table", database, table.name.as_str(), location), written))
        }
        Kind::Stored(..) => {
            let (database, object) = made_object(catalog.schema(), location)?;
            let written = statement::object(statement.text, object, &reading)?;
            Some((changed(object.kind.word(), database, object.name.as_str(), location), Ok(written)))
        }
        _ => None,
    }
}

fn changed(kind: &'static str, database: Option<&str>, name: &str, location: Location) -> Changed {
    let name = database.map_or_else(|| name.to_owned(), |database| format!("{database}.{name}"));
    Changed { kind, name, location }
}

/// The table that the statement at a place made. Most often it is the last one.
fn made_table(schema: &Schema, location: Location) -> Option<(Option<&str>, &Table)> {
    let is_it = |table: &&Table| table.location == location;
    schema.databases.iter().find_map(|database| {
        let table = database.tables.values().next_back().filter(is_it).or_else(|| database.tables.values().find(is_it));
        Some((database.name.as_ref().map(|name| name.as_str()), table?))
    })
}

fn made_object(schema: &Schema, location: Location) -> Option<(Option<&str>, &TextObject)> {
    let is_it = |object: &&TextObject| object.location == location;
    schema.databases.iter().find_map(|database| {
        let object =
            database.objects.values().next_back().filter(is_it).or_else(|| database.objects.values().find(is_it));
        Some((database.name.as_ref().map(|name| name.as_str()), object?))
    })
}

/// A source's text with the edits that are for it.
fn edited(text: &[u8], source: usize, edits: &[(Location, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    for (location, written) in edits.iter().filter(|(location, _)| location.source == source) {
        out.extend_from_slice(&text[at..location.span.start]);
        out.extend_from_slice(written);
        at = location.span.end;
    }
    out.extend_from_slice(&text[at..]);
    out
}

/// Reads the texts anew: they must leave what the script left, and have the comments that it had.
fn check(loaded: &Loaded, texts: &[Vec<u8>], edits: &[(Location, Vec<u8>)]) -> Result<(), Vec<Loss>> {
    let text = &loaded.text;
    let reading = Reading::of(text.target);
    let lost = |location: Option<Location>, what: String| vec![Loss { what, location }];
    for (location, written) in edits {
        let before = text.sources[location.source].text.get(location.span.start..location.span.end).unwrap_or_default();
        if comments::texts(before, &reading) != comments::texts(written, &reading) {
            return Err(lost(Some(*location), "a comment would be lost".to_owned()));
        }
    }
    let sources: Vec<Source> = text
        .sources
        .iter()
        .zip(texts)
        .map(|(source, text)| Source::with_omissions(source.name.clone(), text.clone(), source.omitted.clone()))
        .collect();
    let after = script::load(&sources, text.target, text.session.clone());
    let first = edits.first().map(|(location, _)| *location);
    if let Some(error) = after.errors.first() {
        return Err(lost(first, format!("the script would no longer be read: {}", error.message)));
    }
    if gist(&loaded.script, text.target) != gist(&after, text.target) {
        return Err(lost(first, "the script would leave another schema".to_owned()));
    }
    Ok(())
}

/// What a script leaves, apart from places.
fn gist(script: &Script, target: Target) -> (String, Vec<String>, usize) {
    let hints = script.renamed.iter().map(|r| format!("{:?}.{}.{:?}={}", r.database, r.table, r.part, r.from));
    (definition::script(&script.schema, target), hints.collect(), script.set_aside.values().sum())
}

#[cfg(test)]
mod tests;
