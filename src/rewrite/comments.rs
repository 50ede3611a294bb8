//! The comments of a statement, and where in it each belongs.

use crate::source::Span;
use crate::syntax::Reading;
use crate::syntax::elements::{self, Elements};

/// Where a comment belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// Behind the opening parenthesis, or before it.
    Head,
    /// In the lines before an element.
    Before(usize),
    /// At the end of an element's line.
    At(usize),
    /// In the lines before the closing parenthesis.
    End,
    /// Behind the closing parenthesis.
    Tail,
}

/// A comment that is no part of the statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Comment<'t> {
    pub(super) text: &'t str,
    pub(super) place: Place,
}

impl Comment<'_> {
    /// Whether it goes on to the end of its line.
    pub(super) fn takes_the_line(&self) -> bool {
        !self.text.starts_with("/*")
    }
}

/// The comments of a statement with their places; `None` where one is no UTF-8.
pub(super) fn of<'t>(text: &'t [u8], elements: &Elements, reading: &Reading<'_>) -> Option<Vec<Comment<'t>>> {
    let spans = elements::comments(text, reading);
    let placed = spans.into_iter().map(|span| {
        let text = std::str::from_utf8(text.get(span.start..span.end)?).ok()?.trim_end_matches('\r');
        Some((text, span))
    });
    placed
        .map(|found| found.map(|(comment, span)| Comment { text: comment, place: place(text, elements, span) }))
        .collect()
}

fn place(text: &[u8], elements: &Elements, comment: Span) -> Place {
    let is_one_line = |from: usize| !text[from.min(comment.start)..comment.start].contains(&b'\n');
    if comment.start > elements.close {
        return Place::Tail;
    }
    let next = elements.list.iter().position(|element| element.span.end > comment.start);
    let Some(next) = next else {
        let last = elements.list.len().saturating_sub(1);
        let is_behind = elements.list.last().is_some_and(|element| is_one_line(element.span.end));
        return if is_behind { Place::At(last) } else { Place::End };
    };
    if elements.list[next].span.start <= comment.start {
        return Place::At(next);
    }
    let begins_line = !text[comment.end..elements.list[next].span.start].contains(&b'\n');
    match next.checked_sub(1) {
        None if comment.start < elements.open || is_one_line(elements.open) && !begins_line => Place::Head,
        // Before the comma it is about what the comma ends.
        Some(previous) if comment.start < elements.list[previous].comma => Place::At(previous),
        // Right before an element on its own line, behind the comma of the one before: `a int, /* b's */ b int`.
        Some(previous) if is_one_line(elements.list[previous].span.end) && !begins_line => Place::At(previous),
        Some(_) | None => Place::Before(next),
    }
}

/// The texts of all comments, sorted: what must not change.
pub(super) fn texts(text: &[u8], reading: &Reading<'_>) -> Vec<String> {
    let spans = elements::comments(text, reading);
    let mut texts: Vec<String> = spans
        .iter()
        .filter_map(|span| text.get(span.start..span.end))
        .map(|comment| String::from_utf8_lossy(comment).trim_end_matches('\r').replace("\r\n", "\n"))
        .collect();
    texts.sort();
    texts
}
