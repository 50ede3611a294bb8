//! The statements about views, triggers and stored programs.

use std::fmt::Write as _;

use super::super::{Planner, statement};
use crate::canonical::Printer;
use crate::diff::ObjectAspect;
use crate::ident::Ident;
use crate::model::{Meaning, Schedule, Sequence, TextObject, View, ViewBody};
use crate::source::Pair;

impl Planner<'_> {
    /// The CREATE statement of an object, which names its database where that is not the one that the plan is run in.
    pub(super) fn create_text(&self, database: Option<&Ident>, object: &TextObject) -> String {
        let name = statement::qualified(database, &object.name).to_string();
        let mut out = String::with_capacity(object.text.len() + 32);
        if let (Meaning::View(view), Some(database)) = (&object.meaning, database) {
            self.printer.view(&mut out, &name, &qualified(view, database), object.definer.as_deref());
            return out;
        }
        let table = object.table.as_ref().map(|table| statement::qualified(database, table).to_string());
        // As it was written, it may name another database, or say IF NOT EXISTS, which OR REPLACE does not go with.
        let as_written =
            object.table.is_some() && database.is_none() && !object.text.to_ascii_lowercase().contains("if not exists");
        self.printer_of(object).object(&mut out, &name, table.as_deref(), object, as_written);
        out
    }

    /// The printer for what is run in the session that a program is made in.
    fn printer_of(&self, object: &TextObject) -> Printer {
        let own = object.creation.sql_mode.as_deref();
        self.printer.read_under(own.unwrap_or(&self.context.session.sql_mode))
    }

    /// The ALTER statement that makes the old object the new one; `None` where ALTER cannot.
    pub(super) fn alter_text(
        &self,
        database: Option<&Ident>,
        objects: Pair<&TextObject>,
        aspects: &[ObjectAspect],
    ) -> Option<String> {
        let Pair { old, new } = objects;
        let word = new.kind.word().to_uppercase();
        let name = statement::qualified(database, &new.name);
        let has = |aspect| aspects.contains(&aspect);
        let mut clauses = String::new();
        match (&old.meaning, &new.meaning) {
            // No ALTER gives a routine another session.
            (Meaning::Routine(_), Meaning::Routine(routine)) => {
                use ObjectAspect::{Access, Comment, Security};
                if !aspects.iter().all(|aspect| matches!(aspect, Access | Comment | Security)) {
                    return None;
                }
                let said = &routine.characteristics;
                if has(Comment) && said.comment.is_empty() && self.context.target.is_mysql() {
                    // An empty one says nothing to MySQL.
                    return None;
                }
                if has(Access) {
                    let _ = write!(clauses, " {}", said.access.words());
                }
                if has(Security) {
                    let _ = write!(clauses, " SQL SECURITY {}", said.security.word());
                }
                if has(Comment) {
                    // It finds the plan's session.
                    let printer = self.printer.read_under(&self.context.session.sql_mode);
                    let _ = write!(clauses, " COMMENT {}", printer.program_comment(&said.comment));
                }
                Some(format!("ALTER {word} {name}{clauses}"))
            }
            (Meaning::Event(before), Meaning::Event(event)) => {
                if has(ObjectAspect::Definer) || has(ObjectAspect::Text) {
                    return None;
                }
                // On MariaDB an event that happens again and again keeps an end that is not said.
                let ends = |schedule: &Schedule| match schedule {
                    Schedule::Every { ends, .. } => Some(ends.is_some()),
                    Schedule::At(_) => None,
                };
                let stays = (ends(&before.schedule), ends(&event.schedule)) == (Some(true), Some(false));
                if has(ObjectAspect::Schedule) && stays && self.context.target.is_mariadb() {
                    return None;
                }
                if has(ObjectAspect::Schedule) {
                    clauses.push_str(" ON SCHEDULE ");
                    self.printer.schedule(&mut clauses, &event.schedule);
                }
                if has(ObjectAspect::Completion) {
                    clauses.push_str(if event.preserve {
                        " ON COMPLETION PRESERVE"
                    } else {
                        " ON COMPLETION NOT PRESERVE"
                    });
                }
                if has(ObjectAspect::Status) {
                    let _ = write!(clauses, " {}", self.printer.event_status(event.status));
                }
                if has(ObjectAspect::Comment) {
                    let _ = write!(clauses, " COMMENT {}", self.printer_of(new).program_comment(&event.comment));
                }
                // With what it does, an event takes the session in which that is said.
                if [ObjectAspect::Body, ObjectAspect::SqlMode, ObjectAspect::Connection].into_iter().any(has) {
                    let _ = write!(clauses, " DO {}", event.body);
                }
                // Without it, the event would belong to whoever runs the plan.
                let definer = new.definer.as_ref().or(old.definer.as_ref());
                let definer = definer.map_or_else(String::new, |account| format!("DEFINER={account} "));
                Some(format!("ALTER {definer}EVENT {name}{clauses}"))
            }
            (Meaning::Sequence(before), Meaning::Sequence(sequence)) => {
                if has(ObjectAspect::Engine) || has(ObjectAspect::Comment) {
                    return None;
                }
                let retyped = Sequence { data_type: sequence.data_type, ..Sequence::clone(before) };
                if before.data_type != sequence.data_type && retyped != **sequence {
                    return None;
                }
                if before.data_type != sequence.data_type {
                    let _ = write!(clauses, " AS {}", sequence.data_type.unwrap_or("bigint"));
                }
                for (word, old, new) in [
                    ("START WITH", before.start, sequence.start),
                    ("MINVALUE", before.min, sequence.min),
                    ("MAXVALUE", before.max, sequence.max),
                    ("INCREMENT BY", before.increment, sequence.increment),
                ] {
                    if old != new {
                        let _ = write!(clauses, " {word} {new}");
                    }
                }
                if before.cache != sequence.cache {
                    let _ = match sequence.cache {
                        0 => write!(clauses, " NOCACHE"),
                        cache => write!(clauses, " CACHE {cache}"),
                    };
                }
                if before.cycle != sequence.cycle {
                    clauses.push_str(if sequence.cycle { " CYCLE" } else { " NOCYCLE" });
                }
                if super::sequence::begins_anew(before, sequence) {
                    clauses.push_str(" RESTART");
                }
                Some(format!("ALTER SEQUENCE {name}{clauses}"))
            }
            _ => None,
        }
    }
}

/// A view whose tables are named with its database.
fn qualified(view: &View, database: &Ident) -> View {
    let mut view = view.clone();
    if let ViewBody::Query { query, .. } = &mut view.body {
        query.qualify(database);
    }
    view
}
