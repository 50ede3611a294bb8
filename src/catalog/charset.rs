//! Charsets and collations of databases, tables and columns: names to values, and inheritance.

use super::column::Context;
use super::encoding;
use super::error::{CatalogError, Outcome};
use crate::model::{Charset, Collation};
use crate::syntax::ddl::{CharsetClause, Name};
use crate::target::Target;

/// A comment as the servers keep it: in utf8mb3, in which a character beyond the Basic Multilingual
/// Plane is a question mark.
pub(crate) fn comment(text: &str) -> Box<str> {
    let beyond = |c: char| u32::from(c) > 0xFFFF;
    if text.contains(beyond) { text.replace(beyond, "?").into() } else { text.into() }
}

/// A comment of at most so many characters: a longer one is refused, or cut without the strict modes.
pub(crate) fn comment_within(
    text: &str,
    most: usize,
    context: Context<'_>,
    too_long: impl FnOnce() -> CatalogError,
) -> Outcome<Box<str>> {
    match text.char_indices().nth(most) {
        None => Ok(comment(text)),
        Some((end, _)) => {
            context.warnings.refuse_or_warn(too_long(), &context.session.sql_mode, "the rest is cut off")?;
            Ok(comment(&text[..end]))
        }
    }
}

/// The charset of that name, or error 1115.
pub(crate) fn charset(name: &Name<'_>, target: Target) -> Outcome<Charset> {
    Charset::named(&name.text, target)
        .ok_or_else(|| CatalogError::new(1115, name.span, format!("unknown character set '{}'", name.text)))
}

/// The collation of that name, or error 1273; with a charset that it is not of, error 1253.
pub(crate) fn collation(name: &Name<'_>, charset: Option<Charset>, target: Target) -> Outcome<Collation> {
    let Some(collation) = Collation::named(&name.text, charset, target) else {
        // A short name that the charset has no collation for, while another has one.
        let utf8mb4 = Charset::named("utf8mb4", target);
        let elsewhere = uca_charset(name, Collation::server_default(target)).is_some()
            && utf8mb4.is_some_and(|charset| Collation::named(&name.text, Some(charset), target).is_some());
        return Err(CatalogError::new(
            if elsewhere { 1253 } else { 1273 },
            name.span,
            format!("unknown collation '{}'", name.text),
        ));
    };
    match charset {
        Some(charset) if collation.charset() != charset => Err(CatalogError::new(
            1253,
            name.span,
            format!("collation '{}' is not valid for character set '{}'", collation.name(), charset.name()),
        )),
        Some(_) | None => Ok(collation),
    }
}

/// What a clause of CHARACTER SET and COLLATE comes to. Without either it is `None`;
/// `DEFAULT` as a name stands for the surrounding object's collation.
pub(crate) fn clause(clause: &CharsetClause<'_>, around: Collation, target: Target) -> Outcome<Option<Collation>> {
    let is_default = |name: &Name<'_>| name.text.eq_ignore_ascii_case("default");
    let named = match &clause.charset {
        Some(name) if is_default(name) => Some(around.charset()),
        Some(name) => Some(charset(name, target)?),
        None => None,
    };
    match &clause.collation {
        Some(name) if is_default(name) => Ok(Some(named.map_or(around, |c| c.default_collation(target)))),
        Some(name) => collation(name, named.or(uca_charset(name, around)), target).map(Some),
        None => Ok(named.map(|c| {
            if clause.charset.as_ref().is_some_and(is_default) { around } else { c.default_collation(target) }
        })),
    }
}

/// MariaDB's short names of UCA 14.0.0 collations take the charset of what surrounds them.
pub(crate) fn uca_charset(name: &Name<'_>, around: Collation) -> Option<Charset> {
    name.text.to_ascii_lowercase().starts_with("uca1400_").then(|| around.charset())
}

/// A text as a charset holds it: what it lacks becomes a question mark.
pub(crate) fn storable(text: &str, charset: Charset) -> String {
    text.chars().map(|c| if encoding::holds(charset, c) { c } else { '?' }).collect()
}
