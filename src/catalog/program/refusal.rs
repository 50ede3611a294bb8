//! Programs that the server refuses for what they say: statements of their bodies, schedules of events.

use super::super::Catalog;
use crate::model::{Event, Meaning, ObjectKind, Schedule, TextObject};
use crate::syntax::Reading;
use crate::syntax::body::{Program, refused_body};
use crate::syntax::program::parameter_names;

impl Catalog {
    /// The number with which the server refuses a program, and why.
    pub(in crate::catalog) fn program_refusal(
        &self,
        object: &TextObject,
        reading: &Reading<'_>,
    ) -> Option<(u16, String)> {
        let mut parameters = Vec::new();
        let (body, program) = match &object.meaning {
            Meaning::Routine(routine) => {
                parameters = parameter_names(&routine.parameters, reading).unwrap_or_default();
                let function = object.kind == ObjectKind::Function;
                (&routine.body, if function { Program::Function } else { Program::Procedure })
            }
            Meaning::Trigger(trigger) => (&trigger.body, Program::Trigger { after: trigger.timing == "AFTER" }),
            Meaning::Event(event) => {
                if let Some((number, why)) = refused_schedule(event) {
                    return Some((number, why.to_owned()));
                }
                (&event.body, Program::Event)
            }
            Meaning::View(_) | Meaning::Package(_) | Meaning::Sequence(_) | Meaning::Text => return None,
        };
        let (number, why) = refused_body(body, program, &parameters, reading)?;
        Some((number, format!("{} {}: {why}", object.kind.word(), object.name.quoted())))
    }
}

/// Errors 1235, 1542, 1543 and 1525: an event happens after some time, and ends after it has begun.
fn refused_schedule(event: &Event) -> Option<(u16, &'static str)> {
    let is_none = |time: &str| time.starts_with('\'') && !time.bytes().any(|b| b.is_ascii_digit());
    match &event.schedule {
        Schedule::At(time) => is_none(time).then_some((1525, "no moment at which the event could happen")),
        Schedule::Every { interval, unit, starts, ends } => {
            if unit.ends_with("MICROSECOND") {
                return Some((1235, "events do not happen every few microseconds"));
            }
            let number: Option<i64> = interval.parse().ok();
            if number.is_some_and(|number| number <= 0) || !interval.bytes().any(|b| matches!(b, b'1'..=b'9')) {
                return Some((1542, "no time between an event and the next"));
            }
            if [starts, ends].into_iter().flatten().any(|time| is_none(time)) {
                return Some((1525, "no moment at which the event could begin or end"));
            }
            let quoted = |time: &Option<Box<str>>| time.as_ref().is_some_and(|time| time.starts_with('\''));
            let backwards = quoted(starts) && quoted(ends) && ends <= starts;
            backwards.then_some((1543, "the event ends before it begins"))
        }
    }
}
