//! Why a query cannot be resolved: the server refuses it too, or it is beyond what is known here.

use crate::ident::Ident;

/// Why a query cannot be resolved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::catalog) struct Why {
    /// The number with which the server refuses it, where that is certain.
    pub(in crate::catalog) number: Option<u16>,
    /// What it is.
    pub(in crate::catalog) text: String,
}

impl Why {
    /// What the server refuses.
    pub(in crate::catalog) fn refused(number: u16, text: impl Into<String>) -> Self {
        Self { number: Some(number), text: text.into() }
    }

    /// The same, where the server may know more.
    pub(super) fn doubtful(self) -> Self {
        Self { number: None, ..self }
    }
}

impl From<&str> for Why {
    fn from(text: &str) -> Self {
        Self { number: None, text: text.to_owned() }
    }
}

impl From<String> for Why {
    fn from(text: String) -> Self {
        Self { number: None, text }
    }
}

/// A name that is no column: 1054.
pub(super) fn unknown(path: &[Ident]) -> Why {
    let names: Vec<&str> = path.iter().map(Ident::as_str).collect();
    Why::refused(1054, format!("unknown column '{}'", names.join(".")))
}

/// What stands twice among columns: 1060.
pub(super) fn twice(columns: &[Ident]) -> Result<(), Why> {
    let again = columns.iter().enumerate().find(|(at, name)| columns[..*at].iter().any(|c| c.is(name.as_str())));
    match again {
        Some((_, name)) => Err(Why::refused(1060, format!("duplicate column name '{name}'"))),
        None => Ok(()),
    }
}
