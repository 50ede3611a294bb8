//! Where text comes from: sources, spans in them, and places for people.

mod omitted;
mod text;

pub(crate) use omitted::characters;
pub use omitted::{Fault, Omitted, Tally};
pub use text::Text;

use std::sync::OnceLock;

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
///
/// What is data may be left out. Spans are in the bytes that are held; positions are those of the whole.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// What messages call it: a path, `<stdin>`, `rev:path`.
    pub name: String,
    /// The bytes, as far as they are held.
    pub text: Text,
    /// What is not held.
    pub omitted: Omitted,
    /// How many lines end before each so-many-th byte; counted when the first position is asked for.
    lines: OnceLock<Vec<usize>>,
}

/// So many bytes are looked through for line ends at most, once they have been counted.
const STRIDE: usize = 16 * 1024;

impl Source {
    /// A source from text at hand.
    ///
    /// ```
    /// let source = alterplan::source::Source::new("a.sql", "create table t\n(a int)");
    /// assert_eq!(source.position(16).line, 2);
    /// ```
    pub fn new(name: impl Into<String>, text: impl Into<Text>) -> Self {
        Self::with_omissions(name, text, Omitted::default())
    }

    /// A source of which something was left out.
    pub fn with_omissions(name: impl Into<String>, text: impl Into<Text>, omitted: Omitted) -> Self {
        Self { name: name.into(), text: text.into(), omitted, lines: OnceLock::new() }
    }

    /// The bytes that are a script: all that are held, but for those that are only there to be shown.
    pub fn script(&self) -> &[u8] {
        &self.text[..self.omitted.fault.as_ref().map_or(self.text.len(), |fault| fault.from)]
    }

    /// Line and column of a byte offset, both from 1; columns count characters.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let before = &self.text[..offset];
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let counted = self.count_lines();
        let stride = (offset / STRIDE).min(counted.len().saturating_sub(1));
        let in_held = counted.get(stride).copied().unwrap_or_default()
            + memchr::memchr_iter(b'\n', &before[(stride * STRIDE).min(offset)..]).count();
        Position {
            line: in_held + self.omitted.lines_before(offset) + 1,
            column: self.omitted.column(&self.text, line_start, offset) + 1,
        }
    }

    /// Counts the lines, which takes a look at all of the text, unless that was done.
    pub(crate) fn count_lines(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let ends = |stretch: &[u8]| memchr::memchr_iter(b'\n', stretch).count();
            let mut sum = 0;
            self.text
                .chunks(STRIDE)
                .map(|stretch| {
                    let before = sum;
                    sum += ends(stretch);
                    before
                })
                .collect()
        })
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

    /// Applies one function to both sides at once, the new one's on a core of its own where `worth` says that there is more to
    /// do than to start one.
    pub fn map_beside<U: Send>(self, worth: bool, f: impl Fn(T) -> U + Sync) -> Pair<U>
    where
        T: Send,
    {
        if !worth {
            return self.map(f);
        }
        let Self { old, new } = self;
        std::thread::scope(|scope| {
            let new = scope.spawn(|| f(new));
            let old = f(old);
            Pair { old, new: new.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)) }
        })
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

impl<T, E> Pair<Result<T, E>> {
    /// Both sides, or what went wrong, on the old one first.
    ///
    /// # Errors
    ///
    /// The first error.
    pub fn both(self) -> Result<Pair<T>, E> {
        Ok(Pair { old: self.old?, new: self.new? })
    }
}
