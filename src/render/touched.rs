//! A plan object by object: what the views show of each, gathered once.

use indexmap::IndexMap;

use crate::canonical::fingerprint::comparable_table;
use crate::document::{Action, At, Object, Plan, Step};
use crate::model::{Schema, Table};
use crate::source::Pair;
use crate::target::Target;

/// An object that a plan has steps for.
pub(super) struct Touched<'a> {
    pub(super) object: &'a Object,
    pub(super) steps: Vec<&'a Step>,
    pub(super) fate: Fate,
    /// Its name in OLD.
    pub(super) old_name: &'a str,
}

/// What a plan does to one object, over all of its steps.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash)]
pub(super) enum Fate {
    Changed,
    Added,
    Dropped,
}

impl Fate {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Added => "added",
            Self::Dropped => "dropped",
        }
    }

    /// As diffs mark a line.
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Changed => "~",
            Self::Added => "+",
            Self::Dropped => "-",
        }
    }

    /// What becomes of an object by these actions: what is dropped and created anew has changed.
    fn of(steps: &[&Step]) -> Self {
        let does = |action: Action| steps.iter().any(|step| step.action == action);
        match (does(Action::Create), does(Action::Drop)) {
            (true, false) => Self::Added,
            (false, true) => Self::Dropped,
            (true, true) | (false, false) => Self::Changed,
        }
    }
}

/// The objects of a plan, in order of first mention.
pub(super) fn touched(plan: &Plan) -> Vec<Touched<'_>> {
    let mut groups = IndexMap::<(&str, Option<&str>, &str), (&Object, Vec<&Step>)>::new();
    for step in &plan.steps {
        let object = &step.object;
        let key = (object.kind.as_str(), object.schema.as_deref(), object.name.as_str());
        groups.entry(key).or_insert_with(|| (object, Vec::new())).1.push(step);
    }
    groups
        .into_values()
        .map(|(object, steps)| Touched {
            object,
            fate: Fate::of(&steps),
            old_name: steps.iter().find_map(|step| step.object.old_name.as_deref()).unwrap_or(&object.name),
            steps,
        })
        .collect()
}

impl<'a> Touched<'a> {
    /// The object's name, with its database where it has one.
    pub(super) fn full_name(&self) -> String {
        full_name(self.object)
    }

    /// One line for people for each change, over all steps.
    pub(super) fn changes(&self) -> impl Iterator<Item = &'a str> + use<'a, '_> {
        self.steps.iter().flat_map(|step| &step.changes).map(String::as_str)
    }

    /// Where the object is defined on either side.
    pub(super) fn at(&self) -> At {
        At {
            old: self.steps.iter().find_map(|step| step.at.old.clone()),
            new: self.steps.iter().find_map(|step| step.at.new.clone()),
        }
    }

    /// The object's definition on either side as the target prints it, with a line end; empty where there is none.
    pub(super) fn definitions(&self, schemas: Pair<&Schema>, target: Target) -> Pair<String> {
        Pair {
            old: definition(schemas.old, self.object, self.old_name, target),
            new: definition(schemas.new, self.object, &self.object.name, target),
        }
    }

    /// The table on either side, where the object is one.
    pub(super) fn tables<'s>(&self, schemas: Pair<&'s Schema>) -> Pair<Option<&'s Table>> {
        let table = |schema: &'s Schema, name: &str| {
            let database = schema.database(self.object.schema.as_deref())?;
            database.tables.get(name).filter(|_| self.object.kind == "table")
        };
        Pair { old: table(schemas.old, self.old_name), new: table(schemas.new, &self.object.name) }
    }
}

/// `old.sql:12 → new.sql:14`, or the one of them that there is; empty without any.
pub(super) fn place(at: &At) -> String {
    match (&at.old, &at.new) {
        (Some(old), Some(new)) => format!("{old} → {new}"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => String::new(),
    }
}

/// The object's name, with its database where it has one.
pub(super) fn full_name(object: &Object) -> String {
    match &object.schema {
        Some(schema) => format!("{schema}.{}", object.name),
        None => object.name.clone(),
    }
}

fn definition(schema: &Schema, object: &Object, name: &str, target: Target) -> String {
    let Some(database) = schema.database(object.schema.as_deref()) else { return String::new() };
    let mut text = match object.kind.as_str() {
        "table" => database.tables.get(name).map(|table| comparable_table(table, target)),
        kind => database
            .objects
            .values()
            .find(|o| o.kind.word() == kind && o.name.as_str() == name)
            .map(|o| o.text.to_string()),
    }
    .unwrap_or_default();
    if !text.is_empty() {
        text.push('\n');
    }
    text
}
