//! Where text comes from: sources, spans in them, and places for people.

/// A half-open range of byte offsets in one source.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset just after the last byte.
    pub end: usize,
}

impl Span {
    /// The range from `start` to `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The range from the beginning of `self` to the end of `other`.
    pub const fn to(self, other: Self) -> Self {
        Self { start: self.start, end: other.end }
    }
}

/// One input: a name for messages and its bytes, which need not be UTF-8 (dumps carry binary data).
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// What messages call it: a path, `<stdin>`, `rev:path`.
    pub name: String,
    /// The bytes as read.
    pub text: Vec<u8>,
}

impl Source {
    /// A source from text at hand.
    ///
    /// ```
    /// let source = alterplan::source::Source::new("a.sql", "create table t\n(a int)");
    /// assert_eq!(source.position(16).line, 2);
    /// ```
    pub fn new(name: impl Into<String>, text: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// Line and column of a byte offset, both from 1; columns count characters.
    pub fn position(&self, offset: usize) -> Position {
        let before = &self.text[..offset.min(self.text.len())];
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        Position {
            line: memchr::memchr_iter(b'\n', before).count() + 1,
            column: String::from_utf8_lossy(&before[line_start..]).chars().count() + 1,
        }
    }

    /// The line of text around a byte offset, without its line end.
    pub fn line_at(&self, offset: usize) -> String {
        let offset = offset.min(self.text.len());
        let start = memchr::memrchr(b'\n', &self.text[..offset]).map_or(0, |at| at + 1);
        let end = memchr::memchr(b'\n', &self.text[offset..]).map_or(self.text.len(), |at| offset + at);
        String::from_utf8_lossy(&self.text[start..end]).trim_end_matches('\r').to_owned()
    }
}

/// A place as people count: line and column from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// A span in one of several sources that were read together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, PartialOrd, Ord)]
pub struct Location {
    /// Index of the source.
    pub source: usize,
    /// The range of bytes in it.
    pub span: Span,
}

/// The two sides of a comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Pair<T> {
    /// What is there.
    pub old: T,
    /// What is wanted.
    pub new: T,
}

impl<T> Pair<T> {
    /// Both sides, old first.
    pub const fn new(old: T, new: T) -> Self {
        Self { old, new }
    }

    /// Borrows both sides.
    pub const fn as_ref(&self) -> Pair<&T> {
        Pair { old: &self.old, new: &self.new }
    }

    /// Applies one function to both sides.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> Pair<U> {
        Pair { old: f(self.old), new: f(self.new) }
    }

    /// Both sides with those of another pair.
    pub fn zip<U>(self, other: Pair<U>) -> Pair<(T, U)> {
        Pair { old: (self.old, other.old), new: (self.new, other.new) }
    }

    /// The same pair seen from the other side.
    pub fn reversed(self) -> Self {
        Self { old: self.new, new: self.old }
    }
}
