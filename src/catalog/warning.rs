//! What a server says in SHOW WARNINGS where it takes a statement but stores something else than was written.
//!
//! Warnings of which nothing follows for what is stored (deprecations, duplicate keys) are left to `lint`.

use std::cell::RefCell;

use super::error::{CatalogError, Outcome};
use super::session::SqlMode;
use crate::source::Span;

/// Something that was stored otherwise than it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Warning {
    /// The number that the server gives; none where the server is silent about it.
    pub number: Option<u16>,
    /// What was stored instead, in the words of this program.
    pub message: String,
    /// What it is about.
    pub span: Span,
}

/// The warnings of a statement, as they come up.
#[derive(Debug, Default)]
pub(crate) struct Warnings(RefCell<Vec<Warning>>);

impl Warnings {
    /// Warns with the server's number, if it has one.
    pub(crate) fn warn(&self, number: impl Into<Option<u16>>, span: Span, message: impl Into<String>) {
        self.0.borrow_mut().push(Warning { number: number.into(), message: message.into(), span });
    }

    /// Says what no server says.
    pub(crate) fn remark(&self, span: Span, message: impl Into<String>) {
        self.warn(None, span, message);
    }

    /// Refuses in the strict modes; without them the server goes on, and warns of the same, `instead` being what it does.
    pub(crate) fn refuse_or_warn(&self, refusal: CatalogError, mode: &SqlMode, instead: &str) -> Outcome<()> {
        if mode.strict {
            return Err(refusal.only_when_strict());
        }
        self.warn(refusal.number, refusal.span, format!("{}; {instead}", refusal.message));
        Ok(())
    }

    /// Whether nothing came up.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// What came up.
    pub(crate) fn into_vec(self) -> Vec<Warning> {
        self.0.into_inner()
    }
}
