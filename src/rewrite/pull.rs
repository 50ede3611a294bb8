//! A schema put into a folder, one file an object: files that define an object already are rewritten with all that else is in
//! them, the other objects get files of their own, and what the schema lacks goes.

use std::collections::{BTreeMap, BTreeSet};

use super::statement::{self, Orphans};
use super::{Loss, edited, order};
use crate::compare::{self, Loaded, Text};
use crate::ident::{Literal, Quoted};
use crate::model::{Database, Schema, Table, TextObject};
use crate::preprocess::{self, Kind, Lexis};
use crate::render::definition::{self, Definition};
use crate::source::Source;
use crate::syntax::Reading;

/// What becomes of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileChange {
    /// The source's name, or for a new file its path in the folder, with `/`.
    pub name: String,
    /// Whether the file is new.
    pub is_new: bool,
    /// Its text; `None`: it goes.
    pub text: Option<Vec<u8>>,
}

/// A schema, and the folder that it is put into.
#[derive(Clone, Copy, Debug)]
pub struct Pull<'a> {
    /// The schema.
    pub wanted: &'a Loaded,
    /// What is in the folder: read without an error, by the same target.
    pub folder: &'a Loaded,
    /// The folder as the names of its sources begin.
    pub prefix: &'a str,
}

/// By which an object is known: its database where there are several, its kind, its name.
pub(super) type Key = (Option<String>, &'static str, String);

/// Puts a schema into a folder.
///
/// # Errors
/// What would be lost, and a folder that would hold another schema.
pub fn pull(pull: &Pull<'_>) -> Result<Vec<FileChange>, Vec<Loss>> {
    let mut wanted = objects(&pull.wanted.script.schema, pull);
    let there = objects(&pull.folder.script.schema, pull);
    order::tell(&mut wanted, &there, pull);
    let mut edits = Vec::new();
    let mut losses = Vec::new();
    let mut changes = Vec::new();
    for (key, object) in &there {
        match wanted.get(key) {
            Some(other) if other.definition.text == object.definition.text => {}
            Some(other) => match replaced(pull, object, other) {
                Ok(text) => edits.push((object.definition.location, text)),
                Err(what) => losses.push(Loss { what, location: Some(object.definition.location) }),
            },
            None => match gone(pull, object) {
                Ok(name) => changes.push(FileChange { name, is_new: false, text: None }),
                Err(what) => losses.push(Loss { what, location: Some(object.definition.location) }),
            },
        }
    }
    if !losses.is_empty() {
        return Err(losses);
    }
    let touched: BTreeSet<usize> = edits.iter().map(|(location, _)| location.source).collect();
    for number in touched {
        let source = &pull.folder.text.sources[number];
        let text = edited(&source.text, number, &edits);
        changes.push(FileChange { name: source.name.clone(), is_new: false, text: Some(text) });
    }
    let has_several = filled(&pull.wanted.script.schema).count() > 1;
    let mut paths = BTreeSet::new();
    for (key, object) in wanted.iter().filter(|(key, _)| !there.contains_key(*key)) {
        let path = path(key);
        let name = format!("{}{path}", pull.prefix);
        let is_taken = pull.folder.text.sources.iter().any(|source| source.name == name);
        if is_taken || !paths.insert(path.to_lowercase()) {
            let what = format!("`{path}` would be the file of two objects");
            return Err(vec![Loss { what, location: None }]);
        }
        let database = key.0.as_ref().filter(|_| has_several);
        let database = database.map(|name| format!("USE {};\n\n", Quoted(name))).unwrap_or_default();
        let usual = pull.folder.text.session.sql_mode.as_str();
        let sql_mode = object.program.map(|program| &program.sql_mode).filter(|sql_mode| ***sql_mode != *usual);
        let sql_mode = sql_mode.map(|sql_mode| format!("SET SESSION sql_mode = {};\n\n", Literal(sql_mode)));
        let text = format!("{database}{}{}", sql_mode.unwrap_or_default(), definition::file(&object.definition.text));
        changes.push(FileChange { name: path, is_new: true, text: Some(text.into_bytes()) });
    }
    changes.sort_by(|one, other| one.name.cmp(&other.name));
    check(pull, &wanted, &changes)?;
    Ok(changes)
}

/// An object of a schema.
pub(super) struct Object<'a> {
    pub(super) definition: Definition,
    table: Option<&'a Table>,
    program: Option<&'a TextObject>,
}

/// The databases that hold something.
pub(super) fn filled(schema: &Schema) -> impl Iterator<Item = &Database> {
    schema.databases.iter().filter(|database| !database.tables.is_empty() || !database.objects.is_empty())
}

/// The objects of a schema. Where either side has one database, its name says nothing.
fn objects<'a>(schema: &'a Schema, pull: &Pull<'a>) -> BTreeMap<Key, Object<'a>> {
    let has_several = filled(&pull.wanted.script.schema).count() > 1;
    let mut found = BTreeMap::new();
    for database in filled(schema) {
        let name = database.name.as_ref().map(|name| name.to_string()).filter(|_| has_several);
        for mut definition in definition::of(database, pull.wanted.text.target) {
            let table = database.tables.values().find(|table| table.location == definition.location);
            let program = database.objects.values().find(|object| object.location == definition.location);
            let own = table.map(|table| &table.name).or(program.map(|program| &program.name));
            definition.name = own.map(ToString::to_string).unwrap_or_default();
            let key = (name.clone(), definition.kind, definition.name.clone());
            found.insert(key, Object { definition, table, program });
        }
    }
    found
}

/// The statement of the folder as the other object is, with the comments that it has.
fn replaced(pull: &Pull<'_>, object: &Object<'_>, other: &Object<'_>) -> Result<Vec<u8>, String> {
    let target = pull.wanted.text.target;
    let span = object.definition.location.span;
    let source = &pull.folder.text.sources[object.definition.location.source];
    let text = source.text.get(span.start..span.end).unwrap_or_default();
    let reading = Reading::of(target);
    let named = format!("{} `{}`", object.definition.kind, object.definition.name);
    match (other.table, other.program) {
        (Some(table), _) => statement::table(text, table, target, &reading, Orphans::AtTheEnd)
            .unwrap_or_else(|| Err(format!("{named} is not made by a statement that could be rewritten"))),
        (None, Some(_)) => Ok(other.definition.text.clone().into_bytes()),
        (None, None) => Err(format!("{named} has no definition")),
    }
}

/// The file of an object that the schema lacks, where nothing else is in it.
fn gone(pull: &Pull<'_>, object: &Object<'_>) -> Result<String, String> {
    let location = object.definition.location;
    let source = &pull.folder.text.sources[location.source];
    let mut others = preprocess::statements(&source.text, pull.wanted.text.target, Lexis::default())
        .filter_map(Result::ok)
        .filter(|statement| statement.body != location.span)
        .filter(|statement| !matches!(statement.kind, Kind::Blank | Kind::Client(_) | Kind::Use { .. } | Kind::Set));
    match others.next() {
        None => Ok(source.name.clone()),
        Some(_) => Err(format!(
            "{} `{}` is gone, but its file holds more than that: take it out by hand",
            object.definition.kind, object.definition.name
        )),
    }
}

/// Where the file of a new object is. Folders of kinds are so named that what others need is read before them.
pub(super) fn path((database, kind, name): &Key) -> String {
    let folder = database.as_ref().map(|name| format!("{}/", file_name(name))).unwrap_or_default();
    format!("{folder}{}s/{}.sql", kind.replace(' ', "_"), file_name(name))
}

/// A name as one of a file: what has a meaning in paths, on any system, is written as `%2F`.
fn file_name(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-$ ".contains(c);
    let mut out = String::new();
    for c in name.chars() {
        if is_plain(c) {
            out.push(c);
        } else {
            let mut bytes = [0; 4];
            c.encode_utf8(&mut bytes).bytes().for_each(|byte| out.push_str(&format!("%{byte:02X}")));
        }
    }
    out
}

/// Reads the folder as it will be: it must hold what is wanted.
fn check(pull: &Pull<'_>, wanted: &BTreeMap<Key, Object<'_>>, changes: &[FileChange]) -> Result<(), Vec<Loss>> {
    let mut sources: BTreeMap<String, Source> =
        pull.folder.text.sources.iter().map(|source| (source.name.clone(), source.clone())).collect();
    for change in changes {
        let name = if change.is_new { format!("{}{}", pull.prefix, change.name) } else { change.name.clone() };
        match &change.text {
            Some(text) => sources.insert(name.clone(), Source::new(name, text.clone())),
            None => sources.remove(&name),
        };
    }
    let text = Text {
        sources: sources.into_values().collect(),
        target: pull.wanted.text.target,
        session: pull.folder.text.session.clone(),
    };
    let after = compare::load_leniently(text);
    let lost = |what: String| Err(vec![Loss { what, location: None }]);
    if let Some(error) = after.script.errors.first() {
        return lost(format!("the folder would not be read: {}: {}", after.text.place(error.location), error.message));
    }
    let found = objects(&after.script.schema, pull);
    let differs = wanted
        .iter()
        .find(|(key, object)| found.get(*key).is_none_or(|other| other.definition.text != object.definition.text));
    let differs = differs.map(|(key, _)| key).or_else(|| found.keys().find(|key| !wanted.contains_key(*key)));
    match differs {
        None => Ok(()),
        Some((_, kind, name)) => {
            lost(format!("the folder would hold another {kind} `{name}`: other statements change it"))
        }
    }
}
