//! What stands where in 64 bytes, one bit a byte: by AVX-512 or AVX2 where the machine has it, else byte by byte.

use crate::source::characters;

/// So many bytes are looked at together.
pub(super) const BLOCK: usize = 64;

/// What the bytes are looked through for. The delimiter must not begin with the quote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Wanted {
    /// What is passed over between two of its kind.
    pub(super) quote: Quote,
    /// The first byte of the delimiter.
    pub(super) delimiter: u8,
    /// Whether a backslash in a string takes the next byte with it, and outside begins a client's command.
    pub(super) escapes: bool,
}

/// The quote that is seen most in a text; the other ones need a closer look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Quote {
    /// `'`, of the strings in rows.
    String,
    /// A backtick, of the identifiers in definitions; a backslash takes nothing in them.
    Identifier,
}

impl Quote {
    /// The quote of rows or of definitions. What looks for it is compiled for each.
    const fn of(rows: bool) -> Self {
        if rows { Self::String } else { Self::Identifier }
    }

    const fn byte(self) -> u8 {
        match self {
            Self::String => b'\'',
            Self::Identifier => b'`',
        }
    }

    /// What needs a closer look wherever it stands outside, the delimiter and, outside of identifiers, a backslash aside.
    const fn stops(self) -> &'static [u8; 5] {
        match self {
            Self::String => b"`\"#;/",
            Self::Identifier => b"'\"#;/",
        }
    }
}

impl Wanted {
    /// Whether a backslash takes the next byte with it between two quotes.
    const fn escapes_inside(self) -> bool {
        self.escapes && matches!(self.quote, Quote::String)
    }

    /// Whether lines and parentheses are counted: nobody asks for those of definitions.
    const fn counts(self) -> bool {
        matches!(self.quote, Quote::String)
    }

    /// Whether a backslash needs a closer look, but takes nothing between two quotes.
    const fn stops_at_backslash(self) -> bool {
        self.escapes && matches!(self.quote, Quote::Identifier)
    }
}

/// Where something stands that most blocks of rows have; bit 0 is the block's first byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Common {
    /// The quote.
    quote: u64,
    /// `-`.
    dash: u64,
    /// `(`.
    open: u64,
    /// `)`.
    close: u64,
    /// Whether the block has anything that [`Rare`] tells of.
    has_rare: bool,
}

/// Where something stands that few blocks of rows have: looked for only where there is any.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Rare {
    /// `\`, where it can take the next byte with it.
    backslash: u64,
    /// What needs a closer look wherever it stands outside of quotes: the other quotes, `#`, `/`, `;`, the delimiter's first byte.
    stop: u64,
    /// Line feeds.
    line: u64,
    /// Bytes that go on with a character.
    inner: u64,
}

/// What was passed over.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Passed {
    /// How many bytes. The rest is counted in rows alone.
    pub(super) length: usize,
    /// How many more parentheses were opened than closed outside of strings.
    pub(super) depth: i64,
    /// How many lines ended.
    pub(super) lines: usize,
    /// How many characters stand after the last line's end, or from the beginning where none ended.
    pub(super) column: usize,
}

/// Passes over text from where nothing is quoted: up to the first byte outside of quotes that needs a closer look, else as far
/// as whole blocks reach; what is quoted and not closed there is not entered.
pub(super) fn pass(text: &[u8], wanted: Wanted) -> Passed {
    #[cfg(target_arch = "x86_64")]
    if let Some(wide) = wide::best() {
        return wide(text, wanted);
    }
    by_byte::pass(text, wanted)
}

/// The way over the blocks, once for each way to find the bits and for each quote: what is known when it is compiled is not
/// asked at every block.
macro_rules! pass_by {
    ($common:ident, $rare:ident, $to_the_end:expr, $text:expr, $wanted:expr) => {
        match $wanted.quote {
            Quote::String => {
                pass_one!(
                    $common::<true>,
                    $rare::<true>,
                    $to_the_end,
                    $text,
                    Wanted { quote: Quote::String, ..$wanted }
                )
            }
            Quote::Identifier => {
                pass_one!(
                    $common::<false>,
                    $rare::<false>,
                    $to_the_end,
                    $text,
                    Wanted { quote: Quote::Identifier, ..$wanted }
                )
            }
        }
    };
}

macro_rules! pass_one {
    ($common:expr, $rare:expr, $to_the_end:expr, $text:expr, $wanted:expr) => {{
        let (text, wanted): (&[u8], Wanted) = ($text, $wanted);
        let mut passed = Passed::default();
        let (mut inside, mut escaped_next, mut dash_before, mut quote_before) = (0u64, 0u64, 0u64, 0u64);
        // Where a string opened last.
        let mut opened = 0;
        while let Some(block) = text[passed.length..].first_chunk::<BLOCK>() {
            let common = $common(block, wanted);
            let rare = if common.has_rare { $rare(block, wanted) } else { Rare::default() };
            let quotes = common.quote & !escaped(rare.backslash, &mut escaped_next);
            let strings = $to_the_end(quotes) ^ inside;
            let pairs = common.dash & (common.dash << 1 | dash_before);
            let stops = (rare.stop | rare.backslash | pairs) & !strings;
            if stops != 0 {
                let at = stops.trailing_zeros();
                passed.take(&common, &rare, strings, at, wanted);
                // The way ends at the first of two dashes, which may stand in the block before.
                passed.step_back((pairs >> at & 1) as usize);
                return passed;
            }
            // A quote right behind another one stands for itself. Chosen without a branch: nobody foresees where strings open.
            let openers = quotes & strings & !(quotes << 1 | quote_before);
            let last = (passed.length + BLOCK - 1).wrapping_sub(openers.leading_zeros() as usize);
            opened = if openers == 0 { opened } else { last };
            passed.take(&common, &rare, strings, BLOCK as u32, wanted);
            inside = ((strings as i64) >> 63) as u64;
            quote_before = quotes >> 63;
            dash_before = common.dash >> 63 & !inside;
        }
        // A quote at the very end may be the first of two.
        if inside == 0 && quote_before == 0 {
            passed.step_back(dash_before as usize);
        } else {
            passed.go_back(text, opened, wanted);
        }
        passed
    }};
}

impl Passed {
    /// Leaves so many bytes, of a line's end none, that were taken in.
    #[inline(always)]
    fn step_back(&mut self, bytes: usize) {
        self.length -= bytes;
        self.column = self.column.saturating_sub(bytes);
    }

    /// Leaves a string that is not closed, from where it opened. In it no parenthesis was counted.
    fn go_back(&mut self, text: &[u8], opened: usize, wanted: Wanted) {
        let left = &text[opened..self.length];
        self.length = opened;
        if !wanted.counts() {
            return;
        }
        match memchr::memchr_iter(b'\n', left).count() {
            0 => self.column -= characters(left),
            lines => {
                self.lines -= lines;
                let start = memchr::memrchr(b'\n', &text[..opened]).map_or(0, |at| at + 1);
                self.column = characters(&text[start..opened]);
            }
        }
    }

    /// Takes in the first `length` bytes of a block.
    #[inline(always)]
    fn take(&mut self, common: &Common, rare: &Rare, strings: u64, length: u32, wanted: Wanted) {
        if !wanted.counts() {
            self.length += length as usize;
            return;
        }
        let mask = if length == BLOCK as u32 { u64::MAX } else { (1 << length) - 1 };
        let outside = mask & !strings;
        self.length += length as usize;
        self.depth +=
            i64::from((common.open & outside).count_ones()) - i64::from((common.close & outside).count_ones());
        let lines = rare.line & mask;
        if lines == 0 {
            self.column += (length - (rare.inner & mask).count_ones()) as usize;
        } else {
            let last = 63 - lines.leading_zeros();
            self.lines += lines.count_ones() as usize;
            // What stands after bit `last`; nothing where that is the last.
            let after = mask & (u64::MAX << last << 1);
            self.column = (length - 1 - last - (rare.inner & after).count_ones()) as usize;
        }
    }
}

/// The bytes that a backslash takes with it (the way of simdjson: a run of odd length takes the byte after it).
#[inline(always)]
fn escaped(backslash: u64, next: &mut u64) -> u64 {
    const EVEN: u64 = 0x5555_5555_5555_5555;
    if backslash == 0 {
        return std::mem::take(next);
    }
    let backslash = backslash & !*next;
    let follows = backslash << 1 | *next;
    let odd_starts = backslash & !EVEN & !follows;
    let (even_runs, goes_on) = odd_starts.overflowing_add(backslash);
    *next = u64::from(goes_on);
    (EVEN ^ (even_runs << 1)) & follows
}

/// Each bit turns all above it: between two quotes all bits are set, the first quote's too.
#[inline(always)]
fn to_the_end(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

/// The twin that any machine runs.
mod by_byte {
    use super::{BLOCK, Common, Passed, Quote, Rare, Wanted, escaped, to_the_end};

    pub(super) fn pass(text: &[u8], wanted: Wanted) -> Passed {
        pass_by!(common, rare, to_the_end, text, wanted)
    }

    fn common<const ROWS: bool>(block: &[u8; BLOCK], wanted: Wanted) -> Common {
        let wanted = Wanted { quote: Quote::of(ROWS), ..wanted };
        let mut found = Common::default();
        for (at, byte) in block.iter().enumerate() {
            let bit = 1 << at;
            match byte {
                byte if *byte == wanted.quote.byte() => found.quote |= bit,
                b'-' => found.dash |= bit,
                b'(' => found.open |= bit,
                b')' => found.close |= bit,
                b'\\' | b'\n' | 0x80.. => found.has_rare = true,
                byte => found.has_rare |= wanted.quote.stops().contains(byte),
            }
            found.has_rare |= *byte == wanted.delimiter;
        }
        found
    }

    fn rare<const ROWS: bool>(block: &[u8; BLOCK], wanted: Wanted) -> Rare {
        let wanted = Wanted { quote: Quote::of(ROWS), ..wanted };
        let mut found = Rare::default();
        for (at, byte) in block.iter().enumerate() {
            let bit = 1 << at;
            match byte {
                b'\\' if wanted.escapes_inside() => found.backslash |= bit,
                b'\\' if wanted.stops_at_backslash() => found.stop |= bit,
                b'\n' => found.line |= bit,
                0x80..=0xBF => found.inner |= bit,
                byte if wanted.quote.stops().contains(byte) => found.stop |= bit,
                _ => {}
            }
            if *byte == wanted.delimiter {
                found.stop |= bit;
            }
        }
        found
    }
}

#[cfg(target_arch = "x86_64")]
mod wide;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same by the simplest means.
    fn slowly(text: &[u8], wanted: Wanted) -> Passed {
        let whole = &text[..text.len() / BLOCK * BLOCK];
        let (mut at, mut depth) = (0, 0);
        while at < whole.len() {
            let byte = whole[at];
            let quote = wanted.quote.byte();
            let takes = wanted.escapes && wanted.quote == Quote::String;
            let is_stop = wanted.quote.stops().contains(&byte)
                || byte == wanted.delimiter
                || byte == b'\\' && wanted.escapes
                || byte == b'-' && (whole.get(at + 1) == Some(&b'-') || at + 1 == whole.len());
            if is_stop {
                break;
            }
            if byte == quote {
                let mut end = at + 1;
                while end < whole.len() && (whole[end] != quote || whole.get(end + 1) == Some(&quote)) {
                    end += if whole[end] == quote || whole[end] == b'\\' && takes { 2 } else { 1 };
                }
                if end + 1 >= whole.len() {
                    break;
                }
                at = end;
            }
            depth += i64::from(byte == b'(') - i64::from(byte == b')');
            at += 1;
        }
        if !wanted.counts() {
            return Passed { length: at, ..Passed::default() };
        }
        let seen = &whole[..at];
        let start = seen.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let lines = seen.iter().filter(|byte| **byte == b'\n').count();
        let column = seen[start..].iter().filter(|byte| !(0x80..=0xBF).contains(*byte)).count();
        Passed { length: at, depth, lines, column }
    }

    fn text() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            8 => "[a-z0-9,. ]{0,40}".prop_map(String::into_bytes),
            6 => Just(b"'".to_vec()),
            3 => Just(b"`".to_vec()),
            3 => Just(b"\\".to_vec()),
            3 => Just(b"''".to_vec()),
            2 => Just(b"(".to_vec()),
            2 => Just(b")".to_vec()),
            2 => Just(b"-".to_vec()),
            2 => Just(b"\n".to_vec()),
            1 => Just("\u{e9}\u{4e2d}".as_bytes().to_vec()),
            1 => Just(b"\xff\x80".to_vec()),
            1 => proptest::sample::select(b"\";`#/*$-|".to_vec()).prop_map(|byte| vec![byte]),
        ];
        proptest::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn all_ways_are_one(
            text in text(),
            quote in proptest::sample::select(vec![Quote::String, Quote::Identifier]),
            delimiter in proptest::sample::select(b";$|-".to_vec()),
            escapes in any::<bool>(),
        ) {
            let wanted = Wanted { quote, delimiter, escapes };
            prop_assert_eq!(by_byte::pass(&text, wanted), slowly(&text, wanted));
            prop_assert_eq!(pass(&text, wanted), by_byte::pass(&text, wanted));
            #[cfg(target_arch = "x86_64")]
            for way in wide::ways() {
                prop_assert_eq!(way(&text, wanted), by_byte::pass(&text, wanted));
            }
        }
    }
}
