//! Triggers, routines and events: what the server keeps of a statement about one.

mod refusal;

use super::data_type::{self, Surroundings};
use super::warning::Warnings;
use super::{Catalog, SqlMode};
use crate::canonical::Printer;
use crate::ident::Ident;
use crate::model::{Event, Meaning, ObjectKind, Routine, Schedule, TextObject, Trigger};
use crate::source::Span;
use crate::syntax::Reading;
use crate::syntax::ddl::Name;
use crate::syntax::event::{EventClauses, event_clauses};
use crate::syntax::program::{
    RoutineHead, RoutineType, RowColumn, Said, package_head, routine_head, row_columns, trigger_head,
};
use crate::target::Target;

impl Catalog {
    /// What a CREATE TRIGGER, PROCEDURE, FUNCTION, PACKAGE, EVENT or SEQUENCE says, and the account it names.
    pub(super) fn meaning(
        &self,
        kind: ObjectKind,
        statement: &str,
        at: usize,
        reading: &Reading<'_>,
    ) -> Option<(Meaning, Option<String>)> {
        match kind {
            ObjectKind::Trigger => {
                let (definer, trigger) = trigger_head(statement, reading).ok()?;
                Some((Meaning::Trigger(Box::new(trigger)), definer))
            }
            ObjectKind::Function | ObjectKind::Procedure => {
                let head = routine_head(statement, reading).ok()?;
                let routine = self.routine(kind, &head, at)?;
                Some((Meaning::Routine(Box::new(routine)), head.definer))
            }
            ObjectKind::Event => {
                let clauses = event_clauses(statement, reading).ok()?;
                let definer = clauses.definer.clone();
                Some((Meaning::Event(Box::new(event(clauses)?)), definer))
            }
            ObjectKind::Sequence => Some((Meaning::Sequence(Box::new(self.sequence(statement, reading)?)), None)),
            ObjectKind::Package | ObjectKind::PackageBody if self.target.is_mariadb() => {
                let (definer, body) = package_head(statement, reading).ok()?;
                Some((Meaning::Package(body.into()), definer))
            }
            ObjectKind::View | ObjectKind::Package | ObjectKind::PackageBody => None,
        }
    }

    fn routine(&self, kind: ObjectKind, head: &RoutineHead<'_>, at: usize) -> Option<Routine> {
        let returns = match &head.returns {
            // The server names the database of what it is that of.
            Some(RoutineType { said: Said::Elsewhere(_), .. }) => return None,
            Some(returns) => Some(self.routine_type(returns, at)?.into()),
            None => None,
        };
        let types = head.parameters.iter().map(|parameter| {
            let data_type = self.routine_type(&parameter.data_type, at)?;
            let default = parameter.default.as_ref().map_or_else(String::new, |value| format!(" DEFAULT {value}"));
            let name = Ident::new(parameter.name.text.as_ref());
            Some(format!("{}{} {data_type}{default}", parameter.mode, name.quoted()))
        });
        let types: Option<Vec<String>> = types.collect();
        // MariaDB leaves out the blanks before the first parameter of a function.
        let trims = self.target.is_mariadb() && kind == ObjectKind::Function;
        Some(Routine {
            aggregate: head.aggregate,
            parameters: if trims { head.written.trim_start() } else { head.written }.into(),
            parameter_types: types?.join(", ").into(),
            returns,
            oracle: head.oracle,
            characteristics: head.characteristics.clone(),
            body: head.body.into(),
        })
    }

    /// A type as servers print a function's result: with its charset, which it takes from the database.
    fn routine_type(&self, written: &RoutineType<'_>, at: usize) -> Option<String> {
        let definition = match &written.said {
            Said::Plainly(definition) => definition,
            Said::Elsewhere(words) => return Some(words.clone()),
        };
        let column = Name { text: "".into(), span: Span::default() };
        let around = Surroundings {
            target: self.target,
            session: &self.session,
            warnings: &Warnings::default(),
            column: &column,
            collate: written.collate.as_ref(),
            table: self.schema.databases[at].collation,
            converted: None,
        };
        let typed = data_type::resolve(definition, &around).ok()?;
        let mut out = String::new();
        Printer::show(self.target).data_type(&mut out, &typed.data_type);
        if let Some(collation) = typed.collation {
            out.push_str(" CHARSET ");
            out.push_str(collation.charset().printed(self.target));
            if self.target.always_prints_collation() || !collation.is_default(self.target) {
                out.push_str(" COLLATE ");
                out.push_str(collation.printed(self.target).as_ref());
            }
        }
        Some(out)
    }

    /// Why the server refuses a trigger: its table is not there (1146), or its body names columns that the table has not (1054),
    /// or a row that there is not when it runs (1363).
    pub(super) fn trigger_refusal(&self, at: usize, object: &TextObject) -> Option<(u16, String)> {
        let (Meaning::Trigger(trigger), Some(table)) = (&object.meaning, &object.table) else { return None };
        let database = &self.schema.databases[at];
        let Some(table) = database.tables.get(table) else {
            let may_be_there = database.tables.is_empty()
                || database.tables.keys().any(|other| other.is(table.as_str()))
                || database.objects.keys().any(|(kind, other)| *kind == ObjectKind::View && other.is(table.as_str()));
            return (!may_be_there).then(|| (1146, format!("the table {} is not known", table.quoted())));
        };
        let charset = self.session.character_set;
        let mode = SqlMode::parse(&object.sql_mode);
        let reading = super::script::reading_under(&mode, self.target, charset.name());
        row_columns(&trigger.body, &reading).into_iter().find_map(|RowColumn { new, column }| {
            let row = if new { "NEW" } else { "OLD" };
            if trigger.event == (if new { "DELETE" } else { "INSERT" }) {
                return Some((1363, format!("there is no {row} row in a trigger on {}", trigger.event)));
            }
            // Those of system versioning need no definition.
            let is_known = table.column(column.as_str()).is_some() || column.is("row_start") || column.is("row_end");
            (!is_known).then(|| (1054, format!("unknown column '{column}' in '{row}'")))
        })
    }

    /// The text of an object, and what of it is compared.
    pub(super) fn texts(
        &self,
        kind: ObjectKind,
        name: &Ident,
        table: Option<&Ident>,
        meaning: &Meaning,
        definer: Option<&str>,
    ) -> Option<(String, String)> {
        let printer = Printer::show(self.target);
        let word = kind.word().to_uppercase();
        let name = &name.quoted().to_string();
        let (mut text, mut essence) = (String::new(), String::new());
        match meaning {
            Meaning::Trigger(trigger) => {
                let table = &table?.quoted().to_string();
                printer.trigger(&mut text, name, table, trigger, definer);
                let plain = Trigger { order: None, written: None, ..Trigger::clone(trigger) };
                printer.trigger(&mut essence, name, table, &plain, None);
            }
            Meaning::Routine(routine) => {
                printer.routine(&mut text, &word, name, routine, definer);
                let plain = Routine { parameters: routine.parameter_types.clone(), ..Routine::clone(routine) };
                printer.routine(&mut essence, &word, name, &plain, None);
            }
            Meaning::Event(event) => {
                printer.event(&mut text, name, event, definer);
                printer.event(&mut essence, name, event, None);
            }
            Meaning::Sequence(sequence) => {
                printer.sequence(&mut text, name, sequence);
                essence.clone_from(&text);
            }
            Meaning::Package(body) => {
                printer.package(&mut text, &word, name, body, definer);
                printer.package(&mut essence, &word, name, body, None);
            }
            Meaning::Text | Meaning::View(_) => return None,
        }
        Some((text, essence))
    }
}

/// The event that CREATE EVENT makes.
fn event(clauses: EventClauses) -> Option<Event> {
    Some(Event {
        schedule: clauses.schedule?,
        preserve: clauses.preserve.unwrap_or(false),
        status: clauses.status.unwrap_or_default(),
        comment: clauses.comment.unwrap_or_default(),
        body: clauses.body?,
    })
}

/// The event that ALTER EVENT leaves.
pub(super) fn altered_event(before: &Event, clauses: EventClauses, target: Target) -> Event {
    // A time that is not said again stays only where the schedule itself does.
    let mut schedule: Schedule = clauses.schedule.unwrap_or_else(|| before.schedule.clone());
    if let (Schedule::Every { ends: until, .. }, Schedule::Every { ends, .. }) = (&before.schedule, &mut schedule)
        && target.is_mariadb()
        && ends.is_none()
    {
        // An end that is not said stays on MariaDB (measured on 10.11 and 11.8).
        ends.clone_from(until);
    }
    Event {
        schedule,
        preserve: clauses.preserve.unwrap_or(before.preserve),
        status: clauses.status.unwrap_or(before.status),
        comment: clauses.comment.unwrap_or_else(|| before.comment.clone()),
        body: clauses.body.unwrap_or_else(|| before.body.clone()),
    }
}
