//! One CREATE statement as the target prints it, with what the writer has put around it.

use super::comments::{self, Comment, Place};
use crate::canonical::Printer;
use crate::ident::Quoted;
use crate::model::{Table, TextObject};
use crate::syntax::ddl::Ddl;
use crate::syntax::elements::{self, Element, ElementKind, Elements};
use crate::syntax::{self, Reading};
use crate::target::Target;

/// What becomes of comments at what is no more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Orphans {
    /// They are lost.
    Lost,
    /// They stand before the closing parenthesis.
    AtTheEnd,
}

/// A CREATE TABLE, or what would be lost; `None` where the statement stays as it is.
pub(super) fn table(
    text: &[u8],
    table: &Table,
    target: Target,
    reading: &Reading<'_>,
    orphans: Orphans,
) -> Option<Result<Vec<u8>, String>> {
    let Ok(Ddl::CreateTable(create)) = syntax::parse(text, 0, reading) else { return None };
    if create.temporary || create.like.is_some() || create.select.is_some() {
        return None;
    }
    let written = elements::find(text, reading)?;
    let mut canonical = String::with_capacity(text.len());
    Printer::show(target).table(&mut canonical, table);
    let shown = elements::find(canonical.as_bytes(), &Reading::of(target))?;
    let database = create.name.database.as_ref().map(|name| format!("{}.", Quoted(&name.text))).unwrap_or_default();
    let head = format!(
        "CREATE {}TABLE {}{database}{} (",
        if create.or_replace { "OR REPLACE " } else { "" },
        if create.if_not_exists { "IF NOT EXISTS " } else { "" },
        Quoted(table.name.as_str()),
    );
    let Some(found) = comments::of(text, &written, reading) else {
        return Some(Err("a comment that is no UTF-8 would be lost".to_owned()));
    };
    let placed = match places(&found, &written, &shown, orphans) {
        Ok(placed) => placed,
        Err(lost) => return Some(Err(lost)),
    };
    let out = laid_out(&head, &canonical, &shown, &placed);
    let has_crlf = text.windows(2).any(|pair| pair == b"\r\n");
    let out = if has_crlf { out.replace("\r\n", "\n").replace('\n', "\r\n") } else { out };
    Some(Ok(out.into_bytes()))
}

/// The comments, each at an element of the canonical text.
fn places<'t>(
    found: &[Comment<'t>],
    written: &Elements,
    shown: &Elements,
    orphans: Orphans,
) -> Result<Vec<Comment<'t>>, String> {
    let placed = found.iter().map(|comment| {
        let place = match comment.place {
            Place::At(at) => counterpart(at, written, shown).map(Place::At),
            Place::Before(at) => counterpart(at, written, shown).map(Place::Before),
            place => Some(place),
        };
        let place = place.or((orphans == Orphans::AtTheEnd).then_some(Place::End));
        let lost = || format!("the comment `{}` would lose its place", one_line(comment.text));
        Ok(Comment { place: place.ok_or_else(lost)?, ..*comment })
    });
    placed.collect()
}

/// The element of the canonical text that an element of the written one has become.
fn counterpart(at: usize, written: &Elements, shown: &Elements) -> Option<usize> {
    let element = written.list.get(at)?;
    let is_named_so = |other: &Element, one: &Element| {
        one.kind == other.kind
            && (one.kind == ElementKind::PrimaryKey || one.kind == ElementKind::Period || alike(one, other))
    };
    if element.name.is_some() || element.kind == ElementKind::PrimaryKey {
        return shown.list.iter().position(|other| is_named_so(other, element));
    }
    // One without a name has got one: it is what no other is, if there is only one such.
    let of_others =
        |other: &Element| written.list.iter().enumerate().any(|(index, one)| index != at && is_named_so(other, one));
    let mut left = shown.list.iter().enumerate().filter(|(_, other)| other.kind == element.kind && !of_others(other));
    match (left.next(), left.next()) {
        (Some((index, _)), None) => Some(index),
        _ => None,
    }
}

fn alike(one: &Element, other: &Element) -> bool {
    match (&one.name, &other.name) {
        (Some(one), Some(other)) => one.to_lowercase() == other.to_lowercase(),
        (None, None) => one.kind == ElementKind::PrimaryKey || one.kind == ElementKind::Period,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn laid_out(head: &str, canonical: &str, shown: &Elements, comments: &[Comment<'_>]) -> String {
    let at = |place: Place| comments.iter().filter(move |comment| comment.place == place);
    let mut out = head.to_owned();
    let (own, behind) = line(&at(Place::Head).collect::<Vec<_>>());
    out.push_str(&behind);
    out.push_str(&own);
    for (index, element) in shown.list.iter().enumerate() {
        let (own, behind) = line(&at(Place::At(index)).collect::<Vec<_>>());
        for comment in at(Place::Before(index)) {
            out.push_str(&format!("\n  {}", comment.text));
        }
        out.push_str(&own);
        let comma = if index + 1 < shown.list.len() { "," } else { "" };
        out.push_str(&format!("\n  {}{comma}{behind}", &canonical[element.span.start..element.span.end]));
    }
    // What would take the rest of a line behind the parenthesis stands before it.
    for comment in at(Place::End).chain(at(Place::Tail).filter(|comment| comment.takes_the_line())) {
        out.push_str(&format!("\n  {}", comment.text));
    }
    out.push('\n');
    out.push_str(&canonical[shown.close..]);
    for comment in at(Place::Tail).filter(|comment| !comment.takes_the_line()) {
        out.push_str(&format!(" {}", comment.text));
    }
    out
}

/// Comments at the end of a line: those that need lines of their own before it, and the end. Only the last may take the line.
fn line(comments: &[&Comment<'_>]) -> (String, String) {
    let (mut own, mut behind) = (String::new(), String::new());
    let last = comments.iter().rposition(|comment| comment.takes_the_line());
    for (index, comment) in comments.iter().enumerate() {
        if comment.takes_the_line() && Some(index) != last {
            own.push_str(&format!("\n  {}", comment.text));
        } else if !comment.takes_the_line() {
            behind.push_str(&format!(" {}", comment.text));
        }
    }
    if let Some(comment) = last.and_then(|last| comments.get(last)) {
        behind.push_str(&format!(" {}", comment.text));
    }
    (own, behind)
}

/// A view or a stored program; `None` where its canonical text lacks something of the statement.
pub(super) fn object(text: &[u8], object: &TextObject, reading: &Reading<'_>) -> Option<Vec<u8>> {
    let canonical = object.text.as_bytes();
    let has_all = comments::texts(text, reading) == comments::texts(canonical, reading)
        && words(text, reading) == words(canonical, reading);
    has_all.then(|| canonical.to_vec())
}

/// How often the words stand in a text that a canonical one may leave out.
fn words(text: &[u8], reading: &Reading<'_>) -> [usize; 3] {
    let words = elements::words(text, reading).to_ascii_uppercase();
    let text = String::from_utf8_lossy(&words);
    ["OR REPLACE ", "IF NOT EXISTS ", "DEFINER "].map(|word| text.matches(word).count())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
