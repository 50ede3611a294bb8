//! Which objects of a live schema are not as a plan expects them.
//!
//! A plan knows the schema that it starts from by one hash of all objects. That hash tells exactly what a live schema has too
//! much: whatever is left out, or taken out of a table, to give it. What is another or missing shows in the plan's own steps,
//! each of which together with its inverse must change nothing. Where neither tells, the objects are named among which it is.

use super::planned::{Planned, is_of};
use crate::canonical::fingerprint::ObjectHashes;
use crate::catalog::Catalog;
use crate::document::{Action, Step, settings};
use crate::ident::Quoted;
use crate::model::{Database, Schema, Table};

/// Of how many objects the schema may be for each part of each to be tried.
const TRIED: usize = 2_000;
/// Of how many for each two of them to be tried.
const TRIED_IN_PAIRS: usize = 100;
/// How many are named among which it is.
const NAMED: usize = 20;

/// Names what differs, in words, where the plan's steps from a place on are to start.
pub(super) fn differing(planned: &Planned<'_>, schema: &Schema, at: usize) -> String {
    let wanted = planned.before(at);
    let hashes = planned.hashes(schema);
    let extra = extra_objects(&hashes, wanted).or_else(|| extra_part(planned, schema, &hashes, wanted));
    if let Some(extra) = extra {
        return extra;
    }
    let strangers = strangers(planned, schema, at);
    if strangers.is_empty() { suspects(&hashes) } else { strangers.join("; ") }
}

/// One object, or two, without which the schema is the wanted one.
fn extra_objects(hashes: &ObjectHashes, wanted: &str) -> Option<String> {
    let names: Vec<(&str, &str, &str)> = hashes.names().collect();
    let is_it = |left_out: &[(&str, &str, &str)]| hashes.fingerprint_without(left_out) == wanted;
    let said = |(_, kind, name): (&str, &str, &str)| format!("{kind} {}", Quoted(name));
    if names.len() <= TRIED
        && let Some(one) = names.iter().find(|name| is_it(&[**name]))
    {
        return Some(format!("{} is not in it", said(*one)));
    }
    if names.len() > TRIED_IN_PAIRS {
        return None;
    }
    let mut pairs = names.iter().enumerate().flat_map(|(at, one)| names[at + 1..].iter().map(move |two| [*one, *two]));
    let [one, two] = pairs.find(|pair| is_it(pair))?;
    Some(format!("{} and {} are not in it", said(one), said(two)))
}

/// A column, key or constraint without which the schema is the wanted one.
fn extra_part(planned: &Planned<'_>, schema: &Schema, hashes: &ObjectHashes, wanted: &str) -> Option<String> {
    if hashes.names().nth(TRIED).is_some() {
        return None;
    }
    schema.tables().find_map(|(database, table)| {
        let is_it = |less: &Table| {
            let alone = Schema { databases: vec![holding(database, less)] };
            hashes.fingerprint_with(&planned.hashes(&alone)) == wanted
        };
        let said = |part: &str, name: &str| {
            Some(format!("table {} has the {part} {}, which is not in it", table.name.quoted(), Quoted(name)))
        };
        for column in &table.columns {
            let mut less = table.clone();
            less.columns.retain(|c| c.name != column.name);
            less.indexes.retain(|i| !i.columns().any(|c| *c == column.name));
            if is_it(&less) {
                return said("column", column.name.as_str());
            }
        }
        for index in &table.indexes {
            let mut less = table.clone();
            less.indexes.retain(|i| i.name != index.name);
            if is_it(&less) {
                return said("key", index.name.as_str());
            }
        }
        for key in &table.foreign_keys {
            let mut less = table.clone();
            less.foreign_keys.retain(|k| k.name != key.name);
            if is_it(&less) {
                return said("foreign key", key.name.as_str());
            }
            // The server may have made a key for it.
            less.indexes.retain(|i| i.name != key.name);
            if is_it(&less) {
                return said("foreign key", key.name.as_str());
            }
        }
        for check in &table.checks {
            let mut less = table.clone();
            less.checks.retain(|c| c.name != check.name);
            if is_it(&less) {
                return said("check", check.name.as_str());
            }
        }
        None
    })
}

fn holding(database: &Database, table: &Table) -> Database {
    let mut alone = Database::new(database.name.clone(), database.collation);
    alone.tables.insert(table.name.clone(), table.clone());
    alone
}

/// Objects that the plan's steps do not find as they expect them.
fn strangers(planned: &Planned<'_>, schema: &Schema, at: usize) -> Vec<String> {
    let mut catalog = planned.catalog(schema);
    let mut strangers: Vec<String> = Vec::new();
    for step in &planned.plan.steps[at..] {
        let before = catalog.clone();
        let name = format!("{} {}", step.object.kind, Quoted(&step.object.name));
        if let Some(error) = catalog.run_statement_in(settings(step.session.as_ref()), &step.sql).into_iter().next() {
            strangers.push(format!("{name}: {}", error.message));
            catalog = before;
        } else if step.action == Action::Replace && !has(before.schema(), step) {
            strangers.push(format!("{name} is missing"));
        } else if !leads_back(planned, &before, &catalog, step) {
            strangers.push(format!("{name} is another than in the plan"));
        }
    }
    strangers.dedup();
    strangers
}

/// Whether the view or stored program of a step is there.
fn has(schema: &Schema, step: &Step) -> bool {
    schema.databases.iter().flat_map(|database| database.objects.keys()).any(|(kind, name)| is_of(step, *kind, name))
}

fn leads_back(planned: &Planned<'_>, before: &Catalog, after: &Catalog, step: &Step) -> bool {
    let Some(inverse) = &step.inverse else { return true };
    let mut back = after.clone();
    let session = inverse.session.as_ref();
    let refused = inverse.statements.iter().any(|sql| !back.run_statement_in(settings(session), sql).is_empty());
    !refused && planned.hashes(back.schema()) == planned.hashes(before.schema())
}

/// The objects among which it is, where nothing is in the plan's way.
fn suspects(hashes: &ObjectHashes) -> String {
    let mut names: Vec<String> = hashes.names().map(|(_, kind, name)| format!("{kind} {}", Quoted(name))).collect();
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    let those =
        if names.is_empty() { String::new() } else { format!("one of these is another: {}; or ", names.join(", ")) };
    format!("{those}an object that it has is missing here")
}
