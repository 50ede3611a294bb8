//! Views.

use super::Query;
use crate::ident::Ident;

/// A view.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct View {
    /// `MERGE`, `TEMPTABLE` or `UNDEFINED`.
    pub algorithm: Algorithm,
    /// With whose rights it runs.
    pub security: Security,
    /// The names after the view's own, where the server keeps them apart from the query.
    pub columns: Vec<Ident>,
    /// What it shows.
    pub body: ViewBody,
    /// `WITH CHECK OPTION`.
    pub check: Option<CheckOption>,
}

/// What a view shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ViewBody {
    /// A query that was understood and whose names were found, and the names of its columns.
    Query {
        /// The query.
        query: Box<Query>,
        /// What its columns are called, under the view's own list of names.
        columns: Vec<Ident>,
    },
    /// Text, and why it is kept as such.
    Text {
        /// The query as written.
        text: Box<str>,
        /// Why it was not understood.
        why: Box<str>,
        /// The number with which the server refuses it for that, where it does.
        number: Option<u16>,
        /// What its columns are called, where that is known all the same.
        columns: Option<Vec<Ident>>,
    },
}

impl ViewBody {
    /// Whether it is kept as text.
    pub const fn is_text(&self) -> bool {
        matches!(self, Self::Text { .. })
    }
}

/// How a view is executed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Algorithm {
    /// The server chooses.
    #[default]
    Undefined,
    /// Its query becomes a part of the one that uses it.
    Merge,
    /// Its rows are put into a temporary table.
    TempTable,
}

impl Algorithm {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Undefined => "UNDEFINED",
            Self::Merge => "MERGE",
            Self::TempTable => "TEMPTABLE",
        }
    }
}

/// With whose rights an object runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Security {
    /// With those of its definer.
    #[default]
    Definer,
    /// With those of whoever uses it.
    Invoker,
}

impl Security {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Definer => "DEFINER",
            Self::Invoker => "INVOKER",
        }
    }
}

/// Which rows may be written through a view.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CheckOption {
    /// `WITH CASCADED CHECK OPTION`, which is what `WITH CHECK OPTION` says.
    Cascaded,
    /// `WITH LOCAL CHECK OPTION`
    Local,
}

impl CheckOption {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cascaded => "CASCADED",
            Self::Local => "LOCAL",
        }
    }
}
