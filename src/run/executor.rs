//! Goes steps: each statement once, whatever happened to it before, with its intent and its result written down.

use super::error::{RunError, RunErrorKind};
use super::step::{Database, Move, Point, StepStanding, find, statements};
use crate::document::{Plan, Step};

/// What each statement is written down in.
pub(crate) trait Book {
    /// Why something could not be done or written down.
    type Error: From<RunError>;

    /// The last word on a statement.
    fn point(&self, step: Move, statement: usize) -> Option<Point>;
    /// Writes a word on a statement, and returns when it would survive a power loss.
    fn write(&mut self, step: Move, statement: usize, at: Point) -> Result<(), Self::Error>;
    /// Tells whoever looks on which statement is about to be sent; an error ends the run before it.
    fn announce(&mut self, step: Move, sql: &str) -> Result<(), Self::Error>;
}

/// Goes one step: each of its statements once, whatever happened to them before.
///
/// # Errors
/// The server's refusal with the statement; what the book cannot write; a schema that somebody else changed.
pub(crate) fn go<B: Book>(database: &mut dyn Database, book: &mut B, plan: &Plan, step: Move) -> Result<(), B::Error> {
    let Some(planned) = find(plan, step.step) else { return Ok(()) };
    let all = statements(planned, step.way);
    for (number, sql) in all.iter().enumerate() {
        match book.point(step, number) {
            Some(Point::Done) => continue,
            Some(Point::Intent) if was_done(database, book, plan, step, number, None)? => continue,
            Some(Point::Intent | Point::Refused) | None => {}
        }
        book.announce(step, sql)?;
        book.write(step, number, Point::Intent)?;
        match database.execute(plan, step, sql) {
            Ok(()) => book.write(step, number, Point::Done)?,
            Err(refusal) if refusal.was_answered => {
                book.write(step, number, Point::Refused)?;
                return Err(refused(planned, sql, (number, all.len()), &refusal.message).into());
            }
            // Nobody knows what became of it before the database was looked at, on a connection that has the lock.
            Err(refusal) => {
                database.lock()?;
                if !was_done(database, book, plan, step, number, Some(&refusal.message))? {
                    return Err(refused(planned, sql, (number, all.len()), &refusal.message).into());
                }
            }
        }
    }
    Ok(())
}

/// Settles a statement that was sent, and that nobody answered for.
///
/// # Errors
/// A schema that is neither as before the statement nor as after it.
pub(crate) fn was_done<B: Book>(
    database: &mut dyn Database,
    book: &mut B,
    plan: &Plan,
    step: Move,
    number: usize,
    why: Option<&str>,
) -> Result<bool, B::Error> {
    let at = match database.standing(plan, step, number)? {
        StepStanding::Done => Point::Done,
        StepStanding::NotDone => Point::Refused,
        StepStanding::Foreign(found) => return Err(foreign(step, &found).into()),
        StepStanding::Untold => {
            let sql = find(plan, step.step).and_then(|planned| statements(planned, step.way).get(number).copied());
            return Err(untold(step, sql.unwrap_or_default(), why).into());
        }
    };
    book.write(step, number, at)?;
    Ok(at == Point::Done)
}

fn refused(step: &Step, sql: &str, (number, of): (usize, usize), why: &str) -> RunError {
    let first = sql.lines().next().unwrap_or_default();
    let place = if of > 1 { format!(", statement {} of {of}", number + 1) } else { String::new() };
    RunError::new(RunErrorKind::Statement, format!("step {}{place} (`{first}`) failed: {why}", step.id))
}

fn untold(step: Move, sql: &str, why: Option<&str>) -> RunError {
    let first = sql.lines().next().unwrap_or_default();
    let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
    let message = format!(
        "whether step {} (`{first}`) was done is not known{why}: it changes data and not the schema, so that the schema cannot tell",
        step.step
    );
    RunError::new(RunErrorKind::Stopped, message).help("look at its rows first, and say what you have found")
}

fn foreign(step: Move, found: &str) -> RunError {
    let message = format!("what step {} is about was changed by somebody else: {found}", step.step);
    RunError::new(RunErrorKind::ForeignChange, message).help("bring it to its definition before or after the step")
}
