//! Which definition of a CREATE TABLE a rename hint is about.

use crate::ident::Ident;
use crate::model::rename::Part;
use crate::source::Span;
use crate::syntax::ddl::{CreateTable, Definition};
use crate::syntax::hint::RenameHint;

/// What the hint stands at: the definition behind which it stands in its line, else the next one. `None` where
/// that has no name of its own. `text` is the source.
///
/// In `a int, /* hint */ b int` the hint is about `b`: nothing of a definition stands between it and the comma.
pub(super) fn part_of(hint: &RenameHint, create: &CreateTable<'_>, text: &[u8]) -> Option<Part> {
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
