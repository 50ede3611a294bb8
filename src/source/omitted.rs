//! What a source had and does not hold: data that was read past. Places in what is held stay the places of the whole.

use super::Span;

/// What was left out of a source, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Omitted {
    cuts: Vec<Cut>,
    /// How many statements.
    pub statements: usize,
    /// What was wrong there.
    pub fault: Option<Fault>,
}

/// Something wrong with what was left out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// What, in words.
    pub message: String,
    /// What its author can do about it.
    pub hint: &'static str,
    /// The place in what is held.
    pub span: Span,
    /// From where on what is held is no script, but only there to be shown.
    pub from: usize,
}

/// One piece that was left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Cut {
    /// Before this byte of what is held.
    at: usize,
    tally: Tally,
    /// The lines that ended in this piece and in all before it.
    lines_so_far: usize,
}

/// A stretch of text, as one counts in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// How many lines end in it.
    pub lines: usize,
    /// How many characters stand after the last line's end, or in all of it where none ends.
    pub column: usize,
}

impl Tally {
    /// Counts on.
    pub fn add(&mut self, text: &[u8]) {
        let start = memchr::memrchr(b'\n', text).map_or(0, |at| at + 1);
        self.join(memchr::memchr_iter(b'\n', &text[..start]).count(), characters(&text[start..]));
    }

    /// Goes on with a stretch that was counted already.
    pub fn join(&mut self, lines: usize, column: usize) {
        self.lines += lines;
        self.column = if lines == 0 { self.column + column } else { column };
    }
}

/// How many characters begin in a text; what goes on with one begins none.
pub(crate) fn characters(text: &[u8]) -> usize {
    text.iter().filter(|byte| !(0x80..=0xBF).contains(*byte)).count()
}

impl Omitted {
    /// Leaves a stretch out, after so many bytes that are held.
    pub fn cut(&mut self, at: usize, tally: Tally) {
        let lines_so_far = self.cuts.last().map_or(0, |cut| cut.lines_so_far) + tally.lines;
        match self.cuts.last_mut().filter(|last| last.at == at) {
            Some(last) => {
                last.tally.join(tally.lines, tally.column);
                last.lines_so_far = lines_so_far;
            }
            None => self.cuts.push(Cut { at, tally, lines_so_far }),
        }
    }

    /// The lines that ended in what was left out before a byte.
    pub(super) fn lines_before(&self, offset: usize) -> usize {
        let before = self.cuts.partition_point(|cut| cut.at <= offset);
        self.cuts[..before].last().map_or(0, |cut| cut.lines_so_far)
    }

    /// The characters of a line from its beginning to a byte: of the text that is held from `line_start` on, and of what was left
    /// out of it.
    pub(super) fn column(&self, text: &[u8], line_start: usize, offset: usize) -> usize {
        let before = self.cuts.partition_point(|cut| cut.at <= offset);
        let mut to = offset;
        let mut column = 0;
        for cut in self.cuts[..before].iter().rev().take_while(|cut| cut.at >= line_start) {
            column += characters(&text[cut.at..to]) + cut.tally.column;
            to = cut.at;
            if cut.tally.lines > 0 {
                return column;
            }
        }
        column + characters(&text[line_start..to])
    }
}
