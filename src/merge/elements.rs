//! The merge within a CREATE TABLE: its columns, keys and constraints, each with the comments that belong to it.

use super::pieces::Key;
use super::sequence::{self, Body, Item, Sides};
use crate::syntax::Reading;
use crate::syntax::elements::{self, ElementKind};

/// What an element is about: its kind and its name, or all of its text where it has none.
type Subject = (ElementKind, Vec<u8>);

/// A CREATE TABLE in parts: its head up to the parenthesis, its elements, what stands before the closing parenthesis,
/// and all from there on.
struct Table<'a> {
    head: &'a [u8],
    elements: Vec<Item<'a, Subject>>,
    end: &'a [u8],
    options: &'a [u8],
}

/// Merges a table that both sides changed; `None` where they changed the same thing.
pub(super) fn merge(sides: Sides<&Item<'_, Key>>, reading: &Reading<'_>) -> Option<Vec<u8>> {
    let Key::Object(kind, ..) = &sides.ours.key else { return None };
    if kind != "table" {
        return None;
    }
    let [base, ours, theirs] = [sides.base, sides.ours, sides.theirs].map(|item| cut(item.body, reading));
    let tables = Sides { base: base?, ours: ours?, theirs: theirs? };
    let head = chosen(tables.as_ref().map(|table| table.head), reading)?;
    let options = chosen(tables.as_ref().map(|table| table.options), reading)?;
    let merged = sequence::merge(&tables.as_ref().map(|table| table.elements.as_slice()), &|_| None);
    let mut out = head.to_vec();
    let count = merged.len();
    for (at, element) in merged.into_iter().enumerate() {
        let Body::Merged(body) = element.body else { return None };
        // A comment to the end of the line must not swallow what follows.
        let line_ends = element.lead.first().is_none_or(|byte| *byte == b'\n' || *byte == b'\r');
        if at > 0 && !line_ends && ends_in_comment(&out) {
            out.push(b'\n');
        }
        out.extend_from_slice(element.lead);
        out.extend_from_slice(&body);
        if at + 1 < count {
            out.push(b',');
        }
        out.extend_from_slice(element.after);
    }
    if ends_in_comment(&out) && !tables.ours.end.starts_with(b"\n") {
        out.push(b'\n');
    }
    out.extend_from_slice(tables.ours.end);
    out.extend_from_slice(options);
    Some(out)
}

fn ends_in_comment(text: &[u8]) -> bool {
    let line = text.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    line.windows(2).any(|pair| pair == b"--") || line.contains(&b'#')
}

/// The text of the side that changed it; `None` where both did, each in its own way.
fn chosen<'a>(sides: Sides<&'a [u8]>, reading: &Reading<'_>) -> Option<&'a [u8]> {
    let words = sides.map(|text| elements::words(text, reading));
    match () {
        () if words.ours == words.theirs || words.theirs == words.base => Some(sides.ours),
        () if words.ours == words.base => Some(sides.theirs),
        () => None,
    }
}

/// Cuts a statement into its elements; `None` where it has none, as CREATE TABLE … LIKE.
fn cut<'a>(text: &'a [u8], reading: &Reading<'_>) -> Option<Table<'a>> {
    let found = elements::find(text, reading)?;
    let mut lead = found.open;
    let mut items = Vec::with_capacity(found.list.len());
    for (at, element) in found.list.iter().enumerate() {
        let next = found.list.get(at + 1).map_or(found.close, |next| next.span.start);
        // A comment before the comma is part of what it stands in; what stands on the rest of the line behind the comma is
        // about this element too.
        let (end, behind) = if element.comma == found.close {
            (element.span.end, element.span.end)
        } else {
            (element.comma, element.comma + 1)
        };
        let body = &text[element.span.start..end];
        let after = text[behind..next].iter().position(|byte| *byte == b'\n').map_or(behind, |line| behind + line);
        let content = elements::words(body, reading);
        let name = element.name.as_ref().map(|name| name.to_lowercase().into_bytes());
        items.push(Item {
            key: (element.kind, name.unwrap_or_else(|| content.clone())),
            content,
            lead: &text[lead..element.span.start],
            body,
            after: &text[behind..after],
        });
        lead = after;
    }
    Some(Table {
        head: &text[..found.open],
        elements: items,
        end: &text[lead..found.close],
        options: &text[found.close..],
    })
}
