//! SET statements, and SET STATEMENT before another. They are kept as they were read: a dump says the same few around each table.

use std::collections::VecDeque;

use super::{Run, reading};
use crate::catalog::{Catalog, SqlMode, session};
use crate::model::Charset;
use crate::preprocess::{Kind, Statement};
use crate::source::Location;
use crate::syntax::SyntaxError;
use crate::syntax::assignment::{self, Assignment};

/// So many statements are remembered.
const REMEMBERED: usize = 8;

/// The statements that were read last, the last one first.
#[derive(Default)]
pub(super) struct Settings(VecDeque<Known>);

/// A statement as it was read in a session.
struct Known {
    text: Box<[u8]>,
    sql_mode: SqlMode,
    character_set: Charset,
    assignments: Vec<Assignment>,
}

impl Settings {
    /// What a statement assigns, in the session as it now is.
    pub(super) fn read(&mut self, catalog: &Catalog, statement: &Statement<'_>) -> Result<&[Assignment], SyntaxError> {
        let (sql_mode, character_set) = (&catalog.session.sql_mode, catalog.session.character_set);
        let is_this = |known: &Known| {
            *known.text == *statement.text && known.character_set == character_set && known.sql_mode == *sql_mode
        };
        let known = match self.0.iter().position(is_this).and_then(|at| self.0.remove(at)) {
            Some(known) => known,
            None => {
                let reading = reading(catalog, character_set.name());
                let assignments = assignment::parse(statement.text, statement.body.start, &reading)?;
                Known { text: statement.text.into(), sql_mode: sql_mode.clone(), character_set, assignments }
            }
        };
        self.0.truncate(REMEMBERED - 1);
        self.0.push_front(known);
        Ok(self.0.front().map_or(&[], |known| &known.assignments))
    }
}

impl Run {
    /// A statement in a session that has some variables otherwise for as long as it runs.
    pub(super) fn set_statement(&mut self, catalog: &mut Catalog, statement: &Statement<'_>, source: usize) {
        let location = Location { source, span: statement.body };
        let governed = statement.governed(catalog.target).filter(|governed| governed.kind != Kind::Blank);
        let Some(governed) = governed.filter(|_| catalog.target.is_mariadb()) else {
            return self.unknown(statement, location);
        };
        let before = catalog.session.clone();
        if self.set(catalog, statement, location) {
            self.statement(catalog, &governed, source);
        }
        catalog.session = before;
    }

    /// Whether the variables of a SET could be set.
    pub(super) fn set(&mut self, catalog: &mut Catalog, statement: &Statement<'_>, location: Location) -> bool {
        match self.settings.read(catalog, statement) {
            Ok(assignments) => {
                // All of a statement is looked at before any of it is done.
                let refused = |a: &Assignment| session::refusal(&a.name, &a.value, catalog.target);
                if let Some(refusal) = assignments.iter().find_map(refused) {
                    self.refused_object(refusal, location);
                    return false;
                }
                for assignment in assignments {
                    catalog.session.assign(&assignment.name, &assignment.value, catalog.target);
                }
                true
            }
            Err(error) => {
                self.syntax_error(error, statement, location, catalog.target);
                false
            }
        }
    }
}
