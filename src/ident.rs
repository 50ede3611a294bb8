//! Names: how they compare, and how they are quoted.
//!
//! An [`Ident`] is a name as its author wrote it, without its quotes. Servers compare the names of
//! columns, keys and constraints without regard to case, and those of tables with regard to it
//! (`lower_case_table_names=0`), so the comparison is the caller's choice:
//! `==` is exact, [`Ident::is`] folds case.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

/// The name of a database object, unquoted. Copies share one text.
///
/// ```
/// use alterplan::ident::Ident;
/// let name = Ident::new("Order");
/// assert!(name.is("order"));
/// assert_eq!(name.quoted().to_string(), "`Order`");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ident(Arc<str>);

impl Ident {
    /// Takes an unquoted name.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the same name for a server that folds case.
    pub fn is(&self, other: &str) -> bool {
        same_name(&self.0, other)
    }

    /// The name between backticks, with backticks inside doubled
    /// (MySQL 8.4 manual, section 11.2 "Schema Object Names").
    pub fn quoted(&self) -> Quoted<'_> {
        Quoted(&self.0)
    }
}

/// Whether two names are one for a server that folds case.
#[inline]
pub fn same_name(a: &str, b: &str) -> bool {
    // Most names that differ do so in their last or first letter; where both are ASCII, that tells.
    let tells = |x: Option<&u8>, y: Option<&u8>| match (x, y) {
        (Some(x), Some(y)) => x.is_ascii() && y.is_ascii() && !x.eq_ignore_ascii_case(y),
        (None, None) => false,
        (Some(_), None) | (None, Some(_)) => true,
    };
    let (x, y) = (a.as_bytes(), b.as_bytes());
    !tells(x.last(), y.last()) && !tells(x.first(), y.first()) && is_same_text(a, b)
}

fn is_same_text(a: &str, b: &str) -> bool {
    if a.is_ascii() || b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    a.chars().flat_map(char::to_lowercase).eq(b.chars().flat_map(char::to_lowercase))
}

/// The form under which a name is looked up where case does not count.
pub fn folded(name: &str) -> Box<str> {
    if name.is_ascii() { name.to_ascii_lowercase().into() } else { name.to_lowercase().into() }
}

/// A name that displays itself between backticks.
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a>(pub &'a str);

impl Quoted<'_> {
    /// Adds it to a text: the short way for what is printed most.
    pub fn push_to(self, out: &mut String) {
        out.push('`');
        if self.0.as_bytes().contains(&b'`') {
            out.push_str(&self.0.replace('`', "``"));
        } else {
            out.push_str(self.0);
        }
        out.push('`');
    }
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`")?;
        let mut parts = self.0.split('`');
        f.write_str(parts.next().unwrap_or_default())?;
        for part in parts {
            f.write_str("``")?;
            f.write_str(part)?;
        }
        f.write_str("`")
    }
}

/// Text that displays itself as a string literal between single quotes, escaped as SHOW CREATE
/// TABLE does it: quotes doubled, and backslash, NUL, newline, carriage return escaped
/// (`append_unescaped` in both servers' sources).
#[derive(Clone, Copy, Debug)]
pub struct Literal<'a>(pub &'a str);

impl fmt::Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("'")?;
        let mut rest = self.0;
        while let Some(at) = rest.find(['\'', '\\', '\0', '\n', '\r']) {
            f.write_str(&rest[..at])?;
            f.write_str(match rest.as_bytes()[at] {
                b'\'' => "''",
                b'\\' => "\\\\",
                0 => "\\0",
                b'\n' => "\\n",
                _ => "\\r",
            })?;
            rest = &rest[at + 1..];
        }
        f.write_str(rest)?;
        f.write_str("'")
    }
}

impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.quoted())
    }
}

impl From<&str> for Ident {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl Borrow<str> for Ident {
    fn borrow(&self) -> &str {
        &self.0
    }
}
