//! What stands where in 64 bytes, one bit a byte: by AVX-512 or AVX2 where the machine has it, else byte by byte.
//!
//! This is the one file that may hold `unsafe`: the call of what was compiled for such a machine, after it was asked.

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

/// Where something stands in a block; bit 0 is the first byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Bits {
    /// The quote.
    quote: u64,
    /// `\`, where it can take the next byte with it.
    backslash: u64,
    /// What needs a closer look wherever it stands outside of quotes: the other quotes, `#`, `/`, `;`, the delimiter's first byte.
    stop: u64,
    /// `-`.
    dash: u64,
    /// `(`.
    open: u64,
    /// `)`.
    close: u64,
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
    ($bits:expr, $to_the_end:expr, $text:expr, $wanted:expr) => {
        match $wanted.quote {
            Quote::String => pass_one!($bits, $to_the_end, $text, Wanted { quote: Quote::String, ..$wanted }),
            Quote::Identifier => pass_one!($bits, $to_the_end, $text, Wanted { quote: Quote::Identifier, ..$wanted }),
        }
    };
}

macro_rules! pass_one {
    ($bits:expr, $to_the_end:expr, $text:expr, $wanted:expr) => {{
        let (text, wanted): (&[u8], Wanted) = ($text, $wanted);
        let mut passed = Passed::default();
        let (mut inside, mut escaped_next, mut dash_before, mut quote_before) = (0u64, 0u64, 0u64, 0u64);
        // The block in which a string opened last, as it was come to, and where in it.
        let mut opened = (passed, inside, escaped_next, 0);
        while let Some(block) = text[passed.length..].first_chunk::<BLOCK>() {
            let bits = $bits(block, wanted);
            let come_to = (inside, escaped_next);
            let quotes = bits.quote & !escaped(bits.backslash, &mut escaped_next);
            let strings = $to_the_end(quotes) ^ inside;
            let pairs = bits.dash & (bits.dash << 1 | dash_before);
            let stops = (bits.stop | bits.backslash | pairs) & !strings;
            if stops != 0 {
                let at = stops.trailing_zeros();
                passed.take(&bits, strings, at, wanted);
                // The way ends at the first of two dashes, which may stand in the block before.
                passed.step_back((pairs >> at & 1) as usize);
                return passed;
            }
            // A quote right behind another one stands for itself.
            let openers = quotes & strings & !(quotes << 1 | quote_before);
            if openers != 0 {
                opened = (passed, come_to.0, come_to.1, 63 - openers.leading_zeros());
            }
            passed.take(&bits, strings, BLOCK as u32, wanted);
            inside = ((strings as i64) >> 63) as u64;
            quote_before = quotes >> 63;
            dash_before = bits.dash >> 63 & !inside;
        }
        // A quote at the very end may be the first of two.
        if inside == 0 && quote_before == 0 {
            passed.step_back(dash_before as usize);
            return passed;
        }
        let (mut passed, inside, mut escaped_next, at) = opened;
        if let Some(block) = text[passed.length..].first_chunk::<BLOCK>() {
            let bits = $bits(block, wanted);
            let strings = $to_the_end(bits.quote & !escaped(bits.backslash, &mut escaped_next)) ^ inside;
            passed.take(&bits, strings, at, wanted);
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

    /// Takes in the first `length` bytes of a block.
    #[inline(always)]
    fn take(&mut self, bits: &Bits, strings: u64, length: u32, wanted: Wanted) {
        if !wanted.counts() {
            self.length += length as usize;
            return;
        }
        let mask = if length == BLOCK as u32 { u64::MAX } else { (1 << length) - 1 };
        let outside = mask & !strings;
        self.length += length as usize;
        self.depth += i64::from((bits.open & outside).count_ones()) - i64::from((bits.close & outside).count_ones());
        let lines = bits.line & mask;
        if lines == 0 {
            self.column += (length - (bits.inner & mask).count_ones()) as usize;
        } else {
            let last = 63 - lines.leading_zeros();
            self.lines += lines.count_ones() as usize;
            // What stands after bit `last`; nothing where that is the last.
            let after = mask & (u64::MAX << last << 1);
            self.column = (length - 1 - last - (bits.inner & after).count_ones()) as usize;
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
    use super::{BLOCK, Bits, Passed, Quote, Wanted, escaped, to_the_end};

    pub(super) fn pass(text: &[u8], wanted: Wanted) -> Passed {
        pass_by!(bits, to_the_end, text, wanted)
    }

    fn bits(block: &[u8; BLOCK], wanted: Wanted) -> Bits {
        let mut found = Bits::default();
        for (at, byte) in block.iter().enumerate() {
            let bit = 1 << at;
            match byte {
                byte if *byte == wanted.quote.byte() => found.quote |= bit,
                b'\\' if wanted.escapes_inside() => found.backslash |= bit,
                b'\\' if wanted.stops_at_backslash() => found.stop |= bit,
                byte if wanted.quote.stops().contains(byte) => found.stop |= bit,
                b'-' => found.dash |= bit,
                b'(' => found.open |= bit,
                b')' => found.close |= bit,
                b'\n' => found.line |= bit,
                0x80..=0xBF => found.inner |= bit,
                _ => {}
            }
            if *byte == wanted.delimiter {
                found.stop |= bit;
            }
        }
        found
    }
}

/// What machines do on many bytes at once, and which of them this one is.
#[cfg(target_arch = "x86_64")]
mod wide {
    use std::arch::x86_64::{_mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8};
    use std::sync::LazyLock;

    use super::{Passed, Quote, Wanted, avx2, avx512};

    /// The way of a machine; safe to go on the one that was asked for it.
    pub(super) type Way = fn(&[u8], Wanted) -> Passed;

    /// The best way that this machine has, which is asked once.
    pub(super) fn best() -> Option<Way> {
        static BEST: LazyLock<Option<Way>> = LazyLock::new(|| ways().next());
        *BEST
    }

    /// All ways that this machine has, the best first.
    pub(super) fn ways() -> impl Iterator<Item = Way> {
        macro_rules! has {
            ($($feature:tt),*) => { $(std::arch::is_x86_feature_detected!($feature))&&* };
        }
        macro_rules! way {
            ($way:path where $has:expr) => {{
                #[expect(unsafe_code, reason = "the machine has what the way was compiled for: it was asked before")]
                // SAFETY: `$has` says that all target features of the way were detected.
                let way: Way = |text, wanted| unsafe { $way(text, wanted) };
                $has.then_some(way)
            }};
        }
        let small = has!("pclmulqdq", "bmi1", "lzcnt", "popcnt");
        let avx512 = way!(avx512::pass where (small && has!("avx512f", "avx512bw")));
        let avx2 = way!(avx2::pass where (small && has!("avx2")));
        avx512.into_iter().chain(avx2)
    }

    /// [`super::to_the_end`]: a product without carries by a number that is all ones.
    #[target_feature(enable = "pclmulqdq")]
    #[inline]
    pub(super) fn to_the_end(bits: u64) -> u64 {
        let product = _mm_clmulepi64_si128(_mm_set_epi64x(0, bits.cast_signed()), _mm_set1_epi8(-1), 0);
        _mm_cvtsi128_si64(product).cast_unsigned()
    }

    /// Eight bytes of a block as a number. Vectors are made of numbers, since reading through a pointer is not safe; the compiler
    /// makes one load of them.
    #[inline(always)]
    pub(super) fn word(block: &[u8; super::BLOCK], number: usize) -> i64 {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&block[number * 8..number * 8 + 8]);
        i64::from_le_bytes(bytes)
    }

    /// The bytes that stop, each at the place of its low four bits: a shuffle puts beside every byte the one that it would have
    /// to be to stop.
    pub(super) const fn stops(quote: Quote) -> [i8; 16] {
        let mut stops = [-1; 16];
        let mut at = 0;
        while at < 5 {
            let byte = quote.stops()[at];
            stops[(byte & 15) as usize] = byte.cast_signed();
            at += 1;
        }
        stops
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set_epi64x,
        _mm256_set1_epi8, _mm256_setr_epi8, _mm256_shuffle_epi8,
    };

    use super::wide::{stops, to_the_end, word};
    use super::{BLOCK, Bits, Passed, Quote, Wanted, escaped};

    #[target_feature(enable = "avx2,pclmulqdq,bmi1,lzcnt,popcnt")]
    pub(super) fn pass(text: &[u8], wanted: Wanted) -> Passed {
        pass_by!(bits, to_the_end, text, wanted)
    }

    #[target_feature(enable = "avx2,pclmulqdq,bmi1,lzcnt,popcnt")]
    #[inline]
    fn bits(block: &[u8; BLOCK], wanted: Wanted) -> Bits {
        let half = |at: usize| {
            _mm256_set_epi64x(word(block, at + 3), word(block, at + 2), word(block, at + 1), word(block, at))
        };
        let halves = (half(0), half(4));
        let both = |low: __m256i, high: __m256i| {
            u64::from(_mm256_movemask_epi8(low).cast_unsigned())
                | u64::from(_mm256_movemask_epi8(high).cast_unsigned()) << 32
        };
        let equal = |byte: u8| {
            let byte = _mm256_set1_epi8(byte.cast_signed());
            both(_mm256_cmpeq_epi8(halves.0, byte), _mm256_cmpeq_epi8(halves.1, byte))
        };
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = stops(wanted.quote);
        let stops = _mm256_setr_epi8(
            a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p,
        );
        let delimiter = _mm256_set1_epi8(wanted.delimiter.cast_signed());
        let stop = |half: __m256i| {
            _mm256_or_si256(
                _mm256_cmpeq_epi8(_mm256_shuffle_epi8(stops, half), half),
                _mm256_cmpeq_epi8(half, delimiter),
            )
        };
        let inner = |half: __m256i| _mm256_cmpgt_epi8(_mm256_set1_epi8(-64), half);
        Bits {
            quote: equal(wanted.quote.byte()),
            backslash: if wanted.escapes_inside() { equal(b'\\') } else { 0 },
            stop: both(stop(halves.0), stop(halves.1)) | if wanted.stops_at_backslash() { equal(b'\\') } else { 0 },
            dash: equal(b'-'),
            open: if wanted.counts() { equal(b'(') } else { 0 },
            close: if wanted.counts() { equal(b')') } else { 0 },
            line: if wanted.counts() { equal(b'\n') } else { 0 },
            inner: if wanted.counts() { both(inner(halves.0), inner(halves.1)) } else { 0 },
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::{
        _mm_set_epi8, _mm512_broadcast_i32x4, _mm512_cmpeq_epi8_mask, _mm512_cmplt_epi8_mask, _mm512_set_epi64,
        _mm512_set1_epi8, _mm512_shuffle_epi8,
    };

    use super::wide::{stops, to_the_end, word};
    use super::{BLOCK, Bits, Passed, Quote, Wanted, escaped};

    #[target_feature(enable = "avx512f,avx512bw,pclmulqdq,bmi1,lzcnt,popcnt")]
    pub(super) fn pass(text: &[u8], wanted: Wanted) -> Passed {
        pass_by!(bits, to_the_end, text, wanted)
    }

    #[target_feature(enable = "avx512f,avx512bw,pclmulqdq,bmi1,lzcnt,popcnt")]
    #[inline]
    fn bits(block: &[u8; BLOCK], wanted: Wanted) -> Bits {
        let word = |number| word(block, number);
        let bytes = _mm512_set_epi64(word(7), word(6), word(5), word(4), word(3), word(2), word(1), word(0));
        let equal = |byte: u8| _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte.cast_signed()));
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = stops(wanted.quote);
        let stops = _mm512_broadcast_i32x4(_mm_set_epi8(p, o, n, m, l, k, j, i, h, g, f, e, d, c, b, a));
        Bits {
            quote: equal(wanted.quote.byte()),
            backslash: if wanted.escapes_inside() { equal(b'\\') } else { 0 },
            stop: _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(stops, bytes), bytes)
                | equal(wanted.delimiter)
                | if wanted.stops_at_backslash() { equal(b'\\') } else { 0 },
            dash: equal(b'-'),
            open: if wanted.counts() { equal(b'(') } else { 0 },
            close: if wanted.counts() { equal(b')') } else { 0 },
            line: if wanted.counts() { equal(b'\n') } else { 0 },
            inner: if wanted.counts() { _mm512_cmplt_epi8_mask(bytes, _mm512_set1_epi8(-64)) } else { 0 },
        }
    }
}

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
