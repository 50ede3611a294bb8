//! CREATE VIEW: the view that the server makes of a statement.

use super::query::{self, Known, Why};
use super::{Catalog, SqlMode};
use crate::canonical::Printer;
use crate::ident::Ident;
use crate::model::{Algorithm, Meaning, ObjectKind, TextObject, View, ViewBody};
use crate::syntax::Reading;
use crate::syntax::expression::{parse_query, spaced};
use crate::syntax::view::{ViewHead, view_head};

impl Catalog {
    /// The view of a statement. What its query means is found out as far as the tables that it names are there; else it is
    /// kept as text.
    pub(super) fn view(&self, head: &ViewHead<'_>, at: usize, reading: &Reading<'_>) -> View {
        let list: Vec<Ident> = head.columns.iter().map(|name| Ident::new(name.as_ref())).collect();
        let (body, columns) = match self.view_query(head, &list, at, reading) {
            Ok(body) if self.target.keeps_view_columns() => (body, list),
            Ok(body) => (body, Vec::new()),
            Err((Why { number, text: why }, columns)) => {
                (ViewBody::Text { text: head.query.into(), why: why.into(), number, columns }, list)
            }
        };
        // Where rows are gathered, both servers fall back on UNDEFINED (warning 1354).
        let gathers = || match &body {
            ViewBody::Query { query, .. } => !query::is_mergeable(query),
            ViewBody::Text { .. } => parse_query(head.query, reading).is_ok_and(|query| !query::is_mergeable(&query)),
        };
        let algorithm = match head.algorithm {
            Algorithm::Merge if gathers() => Algorithm::Undefined,
            algorithm => algorithm,
        };
        View { algorithm, security: head.security, columns, body, check: head.check }
    }

    /// What a view shows; or why that is not known, and its columns as far as they are.
    fn view_query(
        &self,
        head: &ViewHead<'_>,
        list: &[Ident],
        at: usize,
        reading: &Reading<'_>,
    ) -> Result<ViewBody, (Why, Option<Vec<Ident>>)> {
        let mut query = parse_query(head.query, reading)
            .map_err(|error| (Why { number: error.number, text: error.message.into() }, None))?;
        let known = Known {
            schema: &self.schema,
            database: &self.schema.databases[at],
            target: self.target,
            case_counts: self.session.lower_case_table_names == 0,
            may_merge: head.algorithm != Algorithm::TempTable,
            common: &[],
            charset: reading.charset,
        };
        if let Err(why) = query::resolve(&mut query, &known) {
            let columns = why.number.is_none().then(|| query::listed_names(query, list, self.target));
            return Err((why, columns.flatten()));
        }
        let columns = query::own_names(&mut query, list, self.target).map_err(|why| (why, None))?;
        if head.check.is_some() && !query::is_updatable(&query, head.algorithm, &known) {
            return Err((Why::refused(1368, "CHECK OPTION of a view through which no row can be written"), None));
        }
        Ok(ViewBody::Query { query: Box::new(query), columns })
    }

    /// Whether the target reads a view's query at all, whatever it names.
    pub(crate) fn reads_query(&self, text: &str) -> bool {
        parse_query(text, &self.reading()).is_ok()
    }

    /// Finds out what those views mean whose tables or views stood behind them in the script.
    pub(crate) fn resolve_views(&mut self) {
        let mut goes_on = true;
        while std::mem::take(&mut goes_on) {
            for at in 0..self.schema.databases.len() {
                let objects = self.schema.databases[at].objects.iter();
                let unread = objects.filter(|(_, object)| object.view().is_some_and(|view| view.body.is_text()));
                // What a view waits for mostly stands behind it.
                let unread: Vec<(ObjectKind, Ident)> = unread.map(|(key, _)| key.clone()).rev().collect();
                for key in unread {
                    if let Some(object) = self.resolved(at, &key) {
                        self.schema.databases[at].objects.insert(key, object);
                        goes_on = true;
                    }
                }
            }
        }
    }

    /// A view that is kept as text, once it can be read.
    fn resolved(&self, at: usize, key: &(ObjectKind, Ident)) -> Option<TextObject> {
        let object = self.schema.databases[at].objects.get(key)?;
        let mode = SqlMode::parse(&object.sql_mode);
        let reading = super::script::reading_under(&mode, self.target, self.session.character_set.name());
        let view = self.view(&view_head(&object.text, &reading).ok()?, at, &reading);
        if view.body.is_text() {
            return None;
        }
        let (text, essence) = self.view_texts(&object.name, &view, object.definer.as_deref(), &reading);
        let meaning = Meaning::View(Box::new(view));
        Some(TextObject { text: text.into(), essence: essence.into(), meaning, ..object.clone() })
    }

    /// The text of a view, and what of it is compared: the same without the account, as its tokens.
    pub(super) fn view_texts(
        &self,
        name: &Ident,
        view: &View,
        definer: Option<&str>,
        reading: &Reading<'_>,
    ) -> (String, String) {
        let printer = Printer::show(self.target);
        let (mut text, mut plain) = (String::new(), String::new());
        let name = name.quoted().to_string();
        printer.view(&mut text, &name, view, definer);
        printer.view(&mut plain, &name, view, None);
        (text, spaced(&plain, reading))
    }
}
