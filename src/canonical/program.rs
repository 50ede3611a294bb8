//! Triggers, routines, events and sequences as SHOW CREATE prints them.
//!
//! `show_create_routine` (sp_head.cc), `Event_queue_element` (event_data_objects.cc) and `show_create_sequence`
//! (sql_show.cc) of the servers, measured on MySQL 9.7 and MariaDB 10.11. An account that the statement did not name is
//! left out. Names are given between their quotes, with their database's before them where that is wanted.

use std::fmt::Write as _;

use super::{Printer, Strings};
use crate::ident::Literal;
use crate::model::{
    Access, Characteristics, Event, EventStatus, Meaning, Routine, Schedule, Security, Sequence, TextObject, Trigger,
};

impl Printer {
    /// Writes CREATE TRIGGER without its terminator. `FOLLOWS` and `PRECEDES`, which no server keeps, are written where the
    /// statement had them: without them the trigger would stand elsewhere.
    pub fn trigger(self, out: &mut String, name: &str, table: &str, trigger: &Trigger, definer: Option<&str>) {
        head(out, definer);
        match &trigger.written {
            Some(written) => out.push_str(written),
            None => {
                let Trigger { timing, event, .. } = trigger;
                let _ = write!(out, "TRIGGER {name} {timing} {event} ON {table} FOR EACH ROW ");
            }
        }
        if let Some((word, other)) = &trigger.order {
            let _ = write!(out, "{word} {} ", other.quoted());
        }
        out.push_str(&trigger.body);
    }

    /// Writes CREATE FUNCTION or CREATE PROCEDURE without its terminator.
    pub fn routine(self, out: &mut String, kind: &str, name: &str, routine: &Routine, definer: Option<&str>) {
        head(out, definer);
        out.push_str(if routine.aggregate { "AGGREGATE " } else { "" });
        let _ = write!(out, "{kind} {name}({})", routine.parameters);
        if let Some(returns) = &routine.returns {
            let _ = write!(out, " {} {returns}", if routine.oracle { "RETURN" } else { "RETURNS" });
        }
        out.push('\n');
        self.characteristics(out, &routine.characteristics);
        out.push_str(&routine.body);
    }

    /// Writes CREATE PACKAGE or CREATE PACKAGE BODY without its terminator.
    pub fn package(self, out: &mut String, kind: &str, name: &str, body: &str, definer: Option<&str>) {
        head(out, definer);
        let _ = write!(out, "{kind} {name} {body}");
    }

    fn characteristics(self, out: &mut String, said: &Characteristics) {
        if said.access != Access::ContainsSql {
            let _ = writeln!(out, "    {}", said.access.words());
        }
        if said.deterministic {
            out.push_str("    DETERMINISTIC\n");
        }
        if said.security == Security::Invoker {
            out.push_str("    SQL SECURITY INVOKER\n");
        }
        if !said.comment.is_empty() {
            let _ = writeln!(out, "    COMMENT {}", self.program_comment(&said.comment));
        }
    }

    /// The string of a program's comment.
    pub fn program_comment(self, comment: &str) -> String {
        match self.strings {
            Strings::Escaped => Literal(comment).to_string(),
            Strings::Verbatim => format!("'{}'", comment.replace('\'', "''")),
        }
    }

    /// Writes CREATE EVENT without its terminator.
    pub fn event(self, out: &mut String, name: &str, event: &Event, definer: Option<&str>) {
        head(out, definer);
        let _ = write!(out, "EVENT {name} ON SCHEDULE ");
        self.schedule(out, &event.schedule);
        out.push_str(if event.preserve { " ON COMPLETION PRESERVE" } else { " ON COMPLETION NOT PRESERVE" });
        let _ = write!(out, " {}", self.event_status(event.status));
        if !event.comment.is_empty() {
            let _ = write!(out, " COMMENT {}", self.program_comment(&event.comment));
        }
        let _ = write!(out, " DO {}", event.body);
    }

    /// Writes what stands after ON SCHEDULE.
    pub fn schedule(self, out: &mut String, schedule: &Schedule) {
        match schedule {
            Schedule::At(time) => {
                let _ = write!(out, "AT {time}");
            }
            Schedule::Every { interval, unit, starts, ends } => {
                let _ = write!(out, "EVERY {interval} {unit}");
                for (word, time) in [("STARTS", starts), ("ENDS", ends)] {
                    if let Some(time) = time {
                        let _ = write!(out, " {word} {time}");
                    }
                }
            }
        }
    }

    /// The words of an event's status.
    pub const fn event_status(self, status: EventStatus) -> &'static str {
        match status {
            EventStatus::Enabled => "ENABLE",
            EventStatus::Disabled => "DISABLE",
            EventStatus::DisabledOnReplica if self.target.says_replica() => "DISABLE ON REPLICA",
            EventStatus::DisabledOnReplica => "DISABLE ON SLAVE",
        }
    }

    /// Writes the statement that makes an object under the names given for it and for a trigger's table. What a trigger's own
    /// text has kept as written is written so only where `as_written` says it.
    pub fn object(self, out: &mut String, name: &str, table: Option<&str>, object: &TextObject, as_written: bool) {
        let definer = object.definer.as_deref();
        match (&object.meaning, table) {
            (Meaning::View(view), _) => self.view(out, name, view, definer),
            (Meaning::Trigger(trigger), Some(table)) if as_written => self.trigger(out, name, table, trigger, definer),
            (Meaning::Trigger(trigger), Some(table)) => {
                let plain = Trigger { written: None, ..Trigger::clone(trigger) };
                self.trigger(out, name, table, &plain, definer);
            }
            (Meaning::Routine(routine), _) => {
                self.routine(out, &object.kind.word().to_uppercase(), name, routine, definer);
            }
            (Meaning::Package(body), _) => self.package(out, &object.kind.word().to_uppercase(), name, body, definer),
            (Meaning::Event(event), _) => self.event(out, name, event, definer),
            (Meaning::Sequence(sequence), _) => self.sequence(out, name, sequence),
            (Meaning::Text, _) | (Meaning::Trigger(_), None) => out.push_str(&object.text),
        }
    }

    /// Writes CREATE SEQUENCE without its terminator.
    pub fn sequence(self, out: &mut String, name: &str, sequence: &Sequence) {
        let Sequence { data_type, start, min, max, increment, cache, cycle, engine, comment } = sequence;
        let _ = write!(out, "CREATE SEQUENCE {name}");
        if let Some(data_type) = data_type {
            let _ = write!(out, " as {data_type}");
        }
        let _ = write!(out, " start with {start} minvalue {min} maxvalue {max} increment by {increment} ");
        let _ = match cache {
            0 => write!(out, "nocache "),
            cache => write!(out, "cache {cache} "),
        };
        let _ = write!(out, "{} ENGINE={engine}", if *cycle { "cycle" } else { "nocycle" });
        if !comment.is_empty() {
            let _ = write!(out, " COMMENT={}", Literal(comment));
        }
    }
}

fn head(out: &mut String, definer: Option<&str>) {
    out.push_str("CREATE ");
    if let Some(definer) = definer {
        let _ = write!(out, "DEFINER={definer} ");
    }
}
