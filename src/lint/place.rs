//! Where in a source the parts of a table stand, and what the comments there allow.

use crate::compare::Loaded;
use crate::model::Table;
use crate::source::{Location, Source, Span};
use crate::syntax::Reading;
use crate::syntax::elements::{self, Element, ElementKind, Elements};

use super::{Edit, Part};

/// What a comment begins with that allows rules.
const ALLOW: &str = "alterplan: allow";

/// The places of a table's parts.
pub(super) struct Places<'a> {
    source: Option<&'a Source>,
    location: Location,
    text: &'a [u8],
    elements: Option<Elements>,
}

impl<'a> Places<'a> {
    pub(super) fn of(loaded: &'a Loaded, table: &Table) -> Self {
        let location = table.location;
        let source = loaded.text.sources.get(location.source);
        let text =
            source.and_then(|source| source.text.get(location.span.start..location.span.end)).unwrap_or_default();
        Self { source, location, text, elements: elements::find(text, &Reading::of(loaded.text.target)) }
    }

    fn element(&self, part: &Part) -> Option<&Element> {
        let list = &self.elements.as_ref()?.list;
        let named = |kind: ElementKind, name: &str| {
            list.iter().find(|e| e.kind == kind && e.name.as_ref().is_some_and(|n| n.eq_ignore_ascii_case(name)))
        };
        match part {
            Part::Table => None,
            Part::Column(name) => named(ElementKind::Column, name),
            Part::PrimaryKey => list.iter().find(|e| e.kind == ElementKind::PrimaryKey),
            Part::Key(name) => named(ElementKind::Key, name),
            Part::Constraint(name) => named(ElementKind::Constraint, name),
        }
    }

    /// The place of a part; the statement's, where it has none of its own.
    pub(super) fn locate(&self, part: &Part) -> Location {
        let start = self.location.span.start;
        let span = self.element(part).map(|e| Span::new(start + e.span.start, start + e.span.end));
        Location { span: span.unwrap_or(self.location.span), ..self.location }
    }

    /// The edit that takes a part out of its statement, with one of its commas and its line.
    pub(super) fn removal(&self, part: &Part) -> Option<Edit> {
        let elements = self.elements.as_ref()?;
        let element = self.element(part)?;
        let at = elements.list.iter().position(|other| other == element)?;
        let span = match elements.list.get(at + 1) {
            Some(next) => Span::new(element.span.start, next.span.start),
            // The last takes the comma before it along.
            None => Span::new(elements.list.get(at.checked_sub(1)?)?.comma, element.span.end),
        };
        // A comment in between is somebody's words, and not to be taken out unseen.
        let around = [&self.text[span.start..element.span.start], &self.text[element.span.end..span.end]].concat();
        if around.iter().any(|byte| !byte.is_ascii_whitespace() && *byte != b',') {
            return None;
        }
        let start = self.location.span.start;
        let location = Location { span: Span::new(start + span.start, start + span.end), ..self.location };
        Some(Edit { location, text: String::new() })
    }

    /// Whether a comment allows a rule at a place.
    pub(super) fn is_allowed(&self, location: Location, rule: &str) -> bool {
        let Some(source) = self.source else { return false };
        [location.span.start, self.location.span.start].into_iter().any(|offset| allows(&source.text, offset, rule))
    }
}

/// Whether the line of an offset, or a line of comments right above it, allows a rule.
fn allows(text: &[u8], offset: usize, rule: &str) -> bool {
    let line_start = text[..offset.min(text.len())].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line_end = text[offset.min(text.len())..].iter().position(|b| *b == b'\n').map_or(text.len(), |at| offset + at);
    if line_allows(&text[line_start..line_end], rule) {
        return true;
    }
    let above = text[..line_start].strip_suffix(b"\n").unwrap_or_default();
    let is_comment = |line: &&[u8]| {
        let line = line.trim_ascii_start();
        line.starts_with(b"--") || line.starts_with(b"#") || line.starts_with(b"/*") && !line.starts_with(b"/*!")
    };
    above.rsplit(|byte| *byte == b'\n').take_while(is_comment).any(|line| line_allows(line, rule))
}

fn line_allows(line: &[u8], rule: &str) -> bool {
    let line = String::from_utf8_lossy(line);
    let Some((_, rest)) = line.split_once(ALLOW) else { return false };
    let names = rest.split("*/").next().unwrap_or_default();
    names.split([',', ' ', '\t', '\r']).any(|name| name == rule)
}
