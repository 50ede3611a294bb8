//! Views and programs in the terms of the plan's target: told to its catalog in its words, and read by it.

use super::{Foreign, Side};
use crate::canonical::Printer;
use crate::catalog::{Catalog, Session};
use crate::document::SetAside;
use crate::model::{Collation, Meaning, ObjectKind, Schema, TextObject, ViewBody};
use crate::target::Target;

/// What of a schema's objects the target does not take, or not as it is.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) foreign: Vec<Foreign>,
    pub(super) lost: Vec<SetAside>,
}

/// Brings the objects of a schema whose tables are the target's already into the target's terms.
pub(super) fn objects(schema: &mut Schema, own: Target, which: Side, session: &Session, target: Target) -> Outcome {
    let mut outcome = Outcome::default();
    if schema.databases.iter().all(|database| database.objects.is_empty()) {
        return outcome;
    }
    let mut bare = schema.clone();
    bare.databases.iter_mut().for_each(|database| database.objects.clear());
    let mut lenient = session.clone();
    lenient.sql_mode = session.sql_mode.lenient();
    let mut catalog = Catalog::with_schema(bare, target, lenient);
    for (at, database) in schema.databases.iter().enumerate() {
        for object in database.objects.values() {
            catalog.retell(at, object, &told(object, own, target));
        }
    }
    catalog.resolve_views();
    for (database, there) in schema.databases.iter_mut().zip(&catalog.schema().databases) {
        for (key, object) in &mut database.objects {
            let Some(read) = there.objects.get(key) else { continue };
            let name = format!("{} {}", object.kind.word(), object.name.quoted());
            match judged(object, read, own, &catalog) {
                Verdict::Same => {}
                Verdict::Text(why) => outcome.lost.push(SetAside {
                    what: format!("how {target} spells {name}: {why}"),
                    policy: format!("target={target}"),
                }),
                Verdict::Refused(message) => outcome.foreign.push(Foreign {
                    side: which,
                    object: name,
                    message,
                    location: Some(object.location),
                }),
            }
            *object = read.clone();
        }
    }
    outcome
}

/// The statement that makes an object, as the target is told of it.
fn told(object: &TextObject, own: Target, target: Target) -> String {
    let name = object.name.quoted().to_string();
    let table = object.table.as_ref().map(|table| table.quoted().to_string());
    let mut out = String::with_capacity(object.text.len() + 32);
    Printer::show(target).object(&mut out, &name, table.as_deref(), object, own.vendor() == target.vendor());
    out
}

enum Verdict {
    Same,
    /// The target's words for it are not known: its own are kept.
    Text(String),
    Refused(String),
}

fn judged(object: &TextObject, read: &TextObject, own: Target, catalog: &Catalog) -> Verdict {
    let target = catalog.target();
    if target.is_mysql() && matches!(object.kind, ObjectKind::Sequence | ObjectKind::Package | ObjectKind::PackageBody)
    {
        return Verdict::Refused("MySQL has none".to_owned());
    }
    if let Meaning::Routine(routine) = &object.meaning
        && routine.aggregate
        && target.is_mysql()
    {
        return Verdict::Refused("MySQL has no stored functions over rows".to_owned());
    }
    if let Some(collation) = unknown_collation(&object.essence, own, target) {
        return Verdict::Refused(format!("unknown collation: '{collation}'"));
    }
    match (&object.meaning, &read.meaning) {
        (Meaning::View(before), Meaning::View(after)) => match (&before.body, &after.body) {
            (_, ViewBody::Text { number: Some(1064), why, .. }) => {
                Verdict::Refused(format!("{target} has no such query: {why}"))
            }
            (_, ViewBody::Text { number: Some(_), why, .. }) => Verdict::Refused(why.to_string()),
            (ViewBody::Query { .. }, ViewBody::Text { number: None, why, text, .. }) => {
                // What is read for one vendor and not for the other is a thing that the other has not.
                match catalog.reads_query(text) {
                    true => Verdict::Text(why.to_string()),
                    false => Verdict::Refused(format!("{target} has no such query: {why}")),
                }
            }
            (_, ViewBody::Query { .. }) | (ViewBody::Text { .. }, ViewBody::Text { .. }) => Verdict::Same,
        },
        (Meaning::Text, _) => Verdict::Same,
        (_, Meaning::Text) => Verdict::Refused(format!("{target} does not read its definition")),
        _ => Verdict::Same,
    }
}

/// A collation behind COLLATE that the object's own server knows and the target does not.
fn unknown_collation(text: &str, own: Target, target: Target) -> Option<&str> {
    let words = || text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    let mut named = words().zip(words().skip(1)).filter(|(word, _)| word.eq_ignore_ascii_case("collate"));
    let known = |name: &str, target| Collation::named(name, None, target).is_some();
    named.find(|(_, name)| known(name, own) && !known(name, target)).map(|(_, name)| name)
}
