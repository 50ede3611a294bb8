//! The touched tables as a diagram's data: entities with marked attributes, and the foreign keys between them. What is
//! drawn of it (Mermaid, SVG) is another's.

use std::collections::BTreeMap;

use super::touched::{Fate, touched};
use crate::canonical::Printer;
use crate::document::Plan;
use crate::ident::Ident;
use crate::model::{Column, ForeignKey, IndexKind, Schema, Table};
use crate::source::Pair;
use crate::target::Target;

/// Tables and the foreign keys among them.
pub(super) struct Diagram {
    pub(super) entities: Vec<Entity>,
    pub(super) relations: Vec<Relation>,
}

/// A table.
pub(super) struct Entity {
    /// Its name, with its database's where the plan names one.
    pub(super) name: String,
    /// What becomes of it; `None`: it is there only because a touched table references it.
    pub(super) fate: Option<Fate>,
    pub(super) attributes: Vec<Attribute>,
}

/// A column.
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) data_type: String,
    pub(super) keys: Vec<&'static str>,
    pub(super) mark: Mark,
}

/// What becomes of a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mark {
    Same,
    Added,
    Removed,
    Changed,
}

impl Mark {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Same => "",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// A foreign key: positions of the entities, and what it says.
pub(super) struct Relation {
    pub(super) parent: usize,
    pub(super) child: usize,
    pub(super) name: String,
    pub(super) mark: Mark,
    /// A child may be without its parent.
    pub(super) optional: bool,
    /// A parent has at most one child.
    pub(super) unique: bool,
}

/// The diagram of the tables that a plan touches.
pub(super) fn diagram(plan: &Plan, schemas: Pair<&Schema>, target: Target) -> Diagram {
    let mut diagram = Diagram { entities: Vec::new(), relations: Vec::new() };
    let mut known = BTreeMap::<(Option<String>, String), usize>::new();
    let mut sides = Vec::new();
    for object in touched(plan).into_iter().filter(|object| object.object.kind == "table") {
        let tables = object.tables(schemas);
        if tables.old.is_none() && tables.new.is_none() {
            continue;
        }
        let schema = object.object.schema.clone();
        known.insert((schema.clone(), object.object.name.clone()), diagram.entities.len());
        diagram.entities.push(Entity {
            name: object.full_name(),
            fate: Some(object.fate),
            attributes: attributes(plan, &object.object.name, tables, target),
        });
        sides.push((schema, tables));
    }
    for (child, (schema, tables)) in sides.into_iter().enumerate() {
        for (key, table, mark) in foreign_keys(tables) {
            let schema = key.referenced_database.as_ref().map(Ident::to_string).or_else(|| schema.clone());
            let name = key.referenced_table.to_string();
            let parent = *known.entry((schema.clone(), name.clone())).or_insert_with(|| {
                let name = schema.map_or_else(|| name.clone(), |schema| format!("{schema}.{name}"));
                diagram.entities.push(Entity { name, fate: None, attributes: Vec::new() });
                diagram.entities.len() - 1
            });
            let column = |name: &Ident| table.columns.iter().find(|column| column.name == *name);
            diagram.relations.push(Relation {
                parent,
                child,
                name: key.name.to_string(),
                mark,
                optional: key.columns.iter().any(|name| column(name).is_none_or(|column| column.nullable)),
                unique: table.indexes.iter().any(|index| index.is_unique() && index.columns().eq(&key.columns)),
            });
        }
    }
    diagram
}

/// The columns of both sides: NEW's in their order, then those that are gone.
fn attributes(plan: &Plan, table: &str, tables: Pair<Option<&Table>>, target: Target) -> Vec<Attribute> {
    let columns = tables.map(|table| table.map_or(&[][..], |table| &table.columns));
    let was = |name: &Ident| {
        let renamed = plan.renames.iter().find(|r| r.kind == "column" && r.table == table && r.to == name.as_str());
        let name = renamed.map_or(name.as_str(), |rename| rename.from.as_str());
        columns.old.iter().find(|old| old.name.as_str() == name)
    };
    let mut all: Vec<Attribute> = Vec::new();
    let mut taken = Vec::new();
    for column in columns.new {
        let old = was(&column.name);
        taken.extend(old.map(|old| &old.name));
        let mark = match old {
            None if tables.old.is_none() => Mark::Same,
            None => Mark::Added,
            Some(old) if old == column => Mark::Same,
            Some(_) => Mark::Changed,
        };
        all.extend(tables.new.map(|table| attribute(column, table, mark, target)));
    }
    for column in columns.old.iter().filter(|column| !taken.contains(&&column.name)) {
        let mark = if tables.new.is_none() { Mark::Same } else { Mark::Removed };
        all.extend(tables.old.map(|table| attribute(column, table, mark, target)));
    }
    all
}

fn attribute(column: &Column, table: &Table, mark: Mark, target: Target) -> Attribute {
    let mut data_type = String::new();
    Printer::plain(target).data_type(&mut data_type, &column.data_type);
    let first_of = |kind: IndexKind| {
        table.indexes.iter().any(|index| index.kind == kind && index.columns().any(|name| *name == column.name))
    };
    let unique_alone = table
        .indexes
        .iter()
        .any(|index| index.kind == IndexKind::Unique && index.parts.len() == 1 && index.columns().eq([&column.name]));
    let references = table.foreign_keys.iter().any(|key| key.columns.contains(&column.name));
    let keys = [(first_of(IndexKind::Primary), "PK"), (references, "FK"), (unique_alone, "UK")];
    Attribute {
        name: column.name.to_string(),
        data_type,
        keys: keys.into_iter().filter_map(|(is, word)| is.then_some(word)).collect(),
        mark,
    }
}

/// The foreign keys of both sides, with the table that each is read from.
fn foreign_keys(tables: Pair<Option<&Table>>) -> Vec<(&ForeignKey, &Table, Mark)> {
    let keys = tables.map(|table| table.map_or(&[][..], |table| &table.foreign_keys));
    let there = |keys: &[ForeignKey], key: &ForeignKey| keys.contains(key);
    let mut all = Vec::new();
    if let Some(table) = tables.new {
        let mark = |key| if tables.old.is_none() || there(keys.old, key) { Mark::Same } else { Mark::Added };
        all.extend(keys.new.iter().map(|key| (key, table, mark(key))));
    }
    if let Some(table) = tables.old {
        let mark = if tables.new.is_none() { Mark::Same } else { Mark::Removed };
        all.extend(keys.old.iter().filter(|key| !there(keys.new, key)).map(|key| (key, table, mark)));
    }
    all
}
