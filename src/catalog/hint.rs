//! The rename hints of a CREATE TABLE, and which definition each is about.

use super::Catalog;
use super::script::reading;
use crate::ident::Ident;
use crate::model::rename::{Part, Renamed};
use crate::preprocess::Statement;
use crate::source::{Location, Span};
use crate::syntax;
use crate::syntax::ddl::{CreateTable, Ddl, Definition};
use crate::syntax::hint::{RenameHint, may_stand_in, rename_hints};

/// What the hints in and before a CREATE TABLE say that was read; the place of one that is about nothing or gives no name.
/// `text` is the source.
pub(super) fn renames(
    catalog: &mut Catalog,
    statement: &Statement<'_>,
    text: &[u8],
    source: usize,
) -> Vec<Result<Renamed, Span>> {
    let (start, body) = (statement.span.start, statement.body);
    if !may_stand_in(&text[start..body.end]) {
        return Vec::new();
    }
    let charset = catalog.session.character_set;
    let reading = reading(catalog, charset.name());
    // What cannot be read was reported already.
    let Ok(Ddl::CreateTable(create)) = syntax::parse(statement.text, body.start, &reading) else { return Vec::new() };
    let found = |from: usize, to: usize| rename_hints(&text[from..to], from, &reading).unwrap_or_default();
    // Behind the statement before, in its last line, a hint is out of place.
    let own = match text[start..body.start].iter().position(|b| *b == b'\n') {
        Some(_) | None if start == 0 => start,
        Some(length) => start + length,
        None => body.start,
    };
    let before = found(own, body.start).into_iter().map(|h| (Some(Part::Table), h));
    let inside = found(body.start, body.end).into_iter().map(|h| (part_of(&h, &create, text), h));
    let lost = found(start, own).into_iter().map(|h| (None, h));
    let hints: Vec<_> = lost.chain(before).chain(inside).collect();
    if hints.is_empty() {
        return Vec::new();
    }
    let at = catalog.database_of(&create.name);
    let database = &catalog.schema.databases[at].name;
    let table = Ident::new(create.name.name.text.as_ref());
    let said = |(part, hint): (Option<Part>, RenameHint)| {
        let part = part.filter(|_| !hint.from.is_empty()).ok_or(hint.span)?;
        let location = Location { source, span: hint.span };
        Ok(Renamed { database: database.clone(), table: table.clone(), part, from: Ident::new(hint.from), location })
    };
    hints.into_iter().map(said).collect()
}

/// What the hint stands at: the definition behind which it stands in its line, else the next one. `None` where
/// that has no name of its own. `text` is the source.
///
/// In `a int, /* hint */ b int` the hint is about `b`: nothing of a definition stands between it and the comma.
fn part_of(hint: &RenameHint, create: &CreateTable<'_>, text: &[u8]) -> Option<Part> {
    let mut named: Vec<(Span, Option<Part>)> = vec![(create.name.name.span, Some(Part::Table))];
    named.extend(create.definitions.iter().filter_map(|definition| match definition {
        Definition::Column(column) => {
            Some((column.name.span, Some(Part::Column(Ident::new(column.name.text.as_ref())))))
        }
        Definition::Index(index) => {
            let name = index.name.as_ref().or(index.constraint.as_ref());
            Some((index.span, name.map(|n| Part::Key(Ident::new(n.text.as_ref())))))
        }
        Definition::ForeignKey(key) => Some((key.span, None)),
        Definition::Check(check) => Some((check.span, None)),
        Definition::Period(_) => None,
    }));
    let before = named.iter().rev().find(|(span, _)| span.start < hint.span.start);
    let after = named.iter().find(|(span, _)| span.start > hint.span.start);
    let line = text[..hint.span.start].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let ahead = text[line..hint.span.start].trim_ascii_end();
    let end = text[hint.span.end..].iter().position(|b| *b == b'\n').map_or(text.len(), |at| hint.span.end + at);
    let follows = !text[hint.span.end..end].trim_ascii().is_empty();
    let opens = ahead.is_empty() || follows && ahead.ends_with(b",") || follows && ahead.ends_with(b"(");
    let (_, part) = if opens { after.or(before) } else { before.or(after) }?;
    part.clone()
}
