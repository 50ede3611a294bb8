//! What machines do on many bytes at once, and which of them this one is.
//!
//! This is the one file that may hold `unsafe`: the call of what was compiled for such a machine, after it was asked.

use std::arch::x86_64::{_mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8};
use std::sync::LazyLock;

use super::{BLOCK, Passed, Quote, Wanted};

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
fn to_the_end(bits: u64) -> u64 {
    let product = _mm_clmulepi64_si128(_mm_set_epi64x(0, bits.cast_signed()), _mm_set1_epi8(-1), 0);
    _mm_cvtsi128_si64(product).cast_unsigned()
}

/// Eight bytes of a block as a number. Vectors are made of numbers, since reading through a pointer is not safe; the compiler
/// makes one load of them.
#[inline(always)]
fn word(block: &[u8; BLOCK], number: usize) -> i64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&block[number * 8..number * 8 + 8]);
    i64::from_le_bytes(bytes)
}

/// The bytes that stop, each at the place of its low four bits: a shuffle puts beside every byte the one that it would have
/// to be to stop.
const fn stops(quote: Quote) -> [i8; 16] {
    let mut stops = [-1; 16];
    let mut at = 0;
    while at < 5 {
        let byte = quote.stops()[at];
        stops[(byte & 15) as usize] = byte.cast_signed();
        at += 1;
    }
    stops
}

/// The same for all that [`super::Rare`] tells of, the bytes of longer characters aside; lines are counted in rows alone.
const fn rares(quote: Quote) -> [i8; 16] {
    let mut rares = stops(quote);
    if matches!(quote, Quote::String) {
        rares[(b'\n' & 15) as usize] = b'\n'.cast_signed();
    }
    rares[(b'\\' & 15) as usize] = b'\\'.cast_signed();
    rares
}

mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set_epi64x,
        _mm256_set1_epi8, _mm256_setr_epi8, _mm256_shuffle_epi8,
    };

    use super::super::{BLOCK, Common, Passed, Quote, Rare, Wanted, escaped};
    use super::{rares, stops, to_the_end, word};

    #[target_feature(enable = "avx2,pclmulqdq,bmi1,lzcnt,popcnt")]
    pub(super) fn pass(text: &[u8], wanted: Wanted) -> Passed {
        pass_by!(common, rare, to_the_end, text, wanted)
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn halves(block: &[u8; BLOCK]) -> [__m256i; 2] {
        let word = |number| word(block, number);
        [0, 4].map(|at| _mm256_set_epi64x(word(at + 3), word(at + 2), word(at + 1), word(at)))
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn bits([low, high]: [__m256i; 2]) -> u64 {
        let bits = |half| u64::from(_mm256_movemask_epi8(half).cast_unsigned());
        bits(low) | bits(high) << 32
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn equal(halves: [__m256i; 2], byte: u8) -> u64 {
        let byte = _mm256_set1_epi8(byte.cast_signed());
        bits(halves.map(|half| _mm256_cmpeq_epi8(half, byte)))
    }

    /// The bytes that are in a table at the place of their low four bits, and the delimiter.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn among(table: [i8; 16], delimiter: u8, half: __m256i) -> __m256i {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = table;
        let table = _mm256_setr_epi8(
            a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p,
        );
        _mm256_or_si256(
            _mm256_cmpeq_epi8(_mm256_shuffle_epi8(table, half), half),
            _mm256_cmpeq_epi8(half, _mm256_set1_epi8(delimiter.cast_signed())),
        )
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn common<const ROWS: bool>(block: &[u8; BLOCK], wanted: Wanted) -> Common {
        let wanted = Wanted { quote: Quote::of(ROWS), ..wanted };
        let halves = halves(block);
        let rare = |half| {
            let known = among(rares(wanted.quote), wanted.delimiter, half);
            // A byte of a longer character has the bit that is asked for by itself.
            if wanted.counts() { _mm256_or_si256(known, half) } else { known }
        };
        let [low, high] = halves.map(rare);
        Common {
            quote: equal(halves, wanted.quote.byte()),
            dash: equal(halves, b'-'),
            open: if wanted.counts() { equal(halves, b'(') } else { 0 },
            close: if wanted.counts() { equal(halves, b')') } else { 0 },
            has_rare: _mm256_movemask_epi8(_mm256_or_si256(low, high)) != 0,
        }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn rare<const ROWS: bool>(block: &[u8; BLOCK], wanted: Wanted) -> Rare {
        let wanted = Wanted { quote: Quote::of(ROWS), ..wanted };
        let halves = halves(block);
        let stop = bits(halves.map(|half| among(stops(wanted.quote), wanted.delimiter, half)));
        let inner = |half| _mm256_cmpgt_epi8(_mm256_set1_epi8(-64), half);
        Rare {
            backslash: if wanted.escapes_inside() { equal(halves, b'\\') } else { 0 },
            stop: stop | if wanted.stops_at_backslash() { equal(halves, b'\\') } else { 0 },
            line: if wanted.counts() { equal(halves, b'\n') } else { 0 },
            inner: if wanted.counts() { bits(halves.map(inner)) } else { 0 },
        }
    }
}

mod avx512 {
    use std::arch::x86_64::{
        __m512i, _mm_set_epi8, _mm512_broadcast_i32x4, _mm512_cmpeq_epi8_mask, _mm512_cmplt_epi8_mask,
        _mm512_movepi8_mask, _mm512_set_epi64, _mm512_set1_epi8, _mm512_shuffle_epi8,
    };

    use super::super::{BLOCK, Common, Passed, Quote, Rare, Wanted, escaped};
    use super::{rares, stops, to_the_end, word};

    #[target_feature(enable = "avx512f,avx512bw,pclmulqdq,bmi1,lzcnt,popcnt")]
    pub(super) fn pass(text: &[u8], wanted: Wanted) -> Passed {
        pass_by!(common, rare, to_the_end, text, wanted)
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn bytes(block: &[u8; BLOCK]) -> __m512i {
        let word = |number| word(block, number);
        _mm512_set_epi64(word(7), word(6), word(5), word(4), word(3), word(2), word(1), word(0))
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn equal(bytes: __m512i, byte: u8) -> u64 {
        _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte.cast_signed()))
    }

    /// The bytes that are in a table at the place of their low four bits, and the delimiter.
    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn among(table: [i8; 16], delimiter: u8, bytes: __m512i) -> u64 {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = table;
        let table = _mm512_broadcast_i32x4(_mm_set_epi8(p, o, n, m, l, k, j, i, h, g, f, e, d, c, b, a));
        _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(table, bytes), bytes) | equal(bytes, delimiter)
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn common<const ROWS: bool>(block: &[u8; BLOCK], wanted: Wanted) -> Common {
        let wanted = Wanted { quote: Quote::of(ROWS), ..wanted };
        let bytes = bytes(block);
        let known = among(rares(wanted.quote), wanted.delimiter, bytes);
        let longer = if wanted.counts() { _mm512_movepi8_mask(bytes) } else { 0 };
        Common {
            quote: equal(bytes, wanted.quote.byte()),
            dash: equal(bytes, b'-'),
            open: if wanted.counts() { equal(bytes, b'(') } else { 0 },
            close: if wanted.counts() { equal(bytes, b')') } else { 0 },
            has_rare: known | longer != 0,
        }
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn rare<const ROWS: bool>(block: &[u8; BLOCK], wanted: Wanted) -> Rare {
        let wanted = Wanted { quote: Quote::of(ROWS), ..wanted };
        let bytes = bytes(block);
        let stop = among(stops(wanted.quote), wanted.delimiter, bytes);
        Rare {
            backslash: if wanted.escapes_inside() { equal(bytes, b'\\') } else { 0 },
            stop: stop | if wanted.stops_at_backslash() { equal(bytes, b'\\') } else { 0 },
            line: if wanted.counts() { equal(bytes, b'\n') } else { 0 },
            inner: if wanted.counts() { _mm512_cmplt_epi8_mask(bytes, _mm512_set1_epi8(-64)) } else { 0 },
        }
    }
}
