//! Objects that are created as their own text: what the server makes of a statement about one.

use super::Catalog;
use crate::ident::Ident;
use crate::model::{Meaning, ObjectKind, TextObject};
use crate::source::Location;
use crate::syntax::view::view_head;
use crate::syntax::{Reading, object};

/// What a statement's head says.
pub(super) struct Made {
    pub(super) kind: ObjectKind,
    pub(super) table: Option<Ident>,
    pub(super) sql_mode: Box<str>,
    pub(super) location: Location,
}

impl Catalog {
    /// The object that a CREATE statement makes, whose conditional comments are open.
    pub(super) fn made(
        &self,
        made: Made,
        name: &Ident,
        statement: &str,
        at: usize,
        reading: &Reading<'_>,
    ) -> TextObject {
        let Made { kind, table, sql_mode, location } = made;
        let object = |text: String, essence: String, definer: Option<String>, meaning| TextObject {
            name: name.clone(),
            kind,
            table,
            text: text.into(),
            essence: essence.into(),
            definer: definer.map(Into::into),
            meaning,
            sql_mode,
            location,
        };
        if kind == ObjectKind::View
            && let Ok(head) = view_head(statement, reading)
        {
            let view = self.view(&head, at, reading);
            let (text, essence) = self.view_texts(name, &view, head.definer.as_deref(), reading);
            return object(text, essence, head.definer, Meaning::View(Box::new(view)));
        }
        let text = object::definition(statement, reading);
        let (essence, definer) = object::without_definer(&text);
        object(text, essence, definer, Meaning::Text)
    }
}
