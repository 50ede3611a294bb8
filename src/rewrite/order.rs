//! The order of triggers in a folder of one file each: every one but the first that is read says behind or before which other
//! one it runs.
//!
//! A statement may name a trigger that is there already, and no other (MySQL 8.4 manual, section 15.1.22 "CREATE TRIGGER
//! Statement"), so the files count in the order in which they are read.

use std::collections::BTreeMap;

use super::pull::{Key, Object, Pull, filled, path};
use crate::canonical::Printer;
use crate::ident::Ident;
use crate::model::{Meaning, ObjectKind, TextObject, Trigger};

/// Gives the definitions of triggers that share an occasion the words that keep their order.
pub(super) fn tell(wanted: &mut BTreeMap<Key, Object<'_>>, there: &BTreeMap<Key, Object<'_>>, pull: &Pull<'_>) {
    let schema = &pull.wanted.script.schema;
    let has_several = filled(schema).count() > 1;
    for database in filled(schema) {
        let home = database.name.as_ref().map(ToString::to_string).filter(|_| has_several);
        for names in database.triggers().into_values().filter(|names| names.len() > 1) {
            let key = |name: &Ident| (home.clone(), ObjectKind::Trigger.word(), name.to_string());
            let place = |at: &usize| match there.get(&key(names[*at])) {
                Some(object) => {
                    let location = object.definition.location;
                    (pull.folder.text.sources[location.source].name.clone(), location.span.start)
                }
                None => (format!("{}{}", pull.prefix, path(&key(names[*at]))), 0),
            };
            let mut reading: Vec<usize> = (0..names.len()).collect();
            reading.sort_by_cached_key(place);
            let is_one_file = reading.iter().all(|at| place(at).0 == place(&0).0);
            if is_one_file && reading.is_sorted() {
                continue;
            }
            for (count, at) in reading.iter().enumerate() {
                let read = &reading[..count];
                let order = match read.iter().filter(|other| *other < at).max() {
                    Some(before) => Some(("FOLLOWS", names[*before].clone())),
                    None => read.iter().min().map(|after| ("PRECEDES", names[*after].clone())),
                };
                let object = database.objects.get(&(ObjectKind::Trigger, names[*at].clone()));
                if let (Some(object), Some(told)) = (object, wanted.get_mut(&key(names[*at]))) {
                    told.definition.text = text(object, order, pull);
                }
            }
        }
    }
}

fn text(object: &TextObject, order: Option<(&'static str, Ident)>, pull: &Pull<'_>) -> String {
    let (Meaning::Trigger(trigger), Some(table)) = (&object.meaning, &object.table) else {
        return object.text.to_string();
    };
    let mut out = String::with_capacity(object.text.len() + 32);
    let (name, table) = (object.name.quoted().to_string(), table.quoted().to_string());
    let ordered = Trigger { order, ..Trigger::clone(trigger) };
    Printer::show(pull.wanted.text.target).trigger(&mut out, &name, &table, &ordered, object.definer.as_deref());
    out
}
