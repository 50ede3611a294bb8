//! CREATE VIEW as SHOW CREATE VIEW prints it.

use std::fmt::Write as _;

use super::Printer;
use super::expression::{Place, Printing, print_query};
use crate::model::{View, ViewBody};

impl Printer {
    /// Writes CREATE VIEW without its terminator; an account that the statement did not name is left out.
    ///
    /// MySQL 8.4 manual, section 15.7.7.14 "SHOW CREATE VIEW Statement".
    pub fn view(self, out: &mut String, name: &str, view: &View, definer: Option<&str>) {
        let _ = write!(out, "CREATE ALGORITHM={} ", view.algorithm.word());
        if let Some(definer) = definer {
            let _ = write!(out, "DEFINER={definer} ");
        }
        let _ = write!(out, "SQL SECURITY {} VIEW {name} ", view.security.word());
        if !view.columns.is_empty() {
            super::expression::names(&view.columns, out);
            out.push(' ');
        }
        out.push_str("AS ");
        match &view.body {
            ViewBody::Query { query, .. } => {
                let printing = Printing { target: self.target, place: Place::View, charset: "utf8mb4" };
                print_query(query, &printing, out);
            }
            ViewBody::Text { text, .. } => out.push_str(text),
        }
        if let Some(check) = view.check {
            let _ = write!(out, " WITH {} CHECK OPTION", check.word());
        }
    }
}
