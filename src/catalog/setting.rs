//! SET statements as they were read: a dump says the same few around each table.

use std::collections::VecDeque;

use super::script::reading;
use super::{Catalog, SqlMode};
use crate::model::Charset;
use crate::preprocess::Statement;
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
