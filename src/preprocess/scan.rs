//! Finding where a statement begins and ends.

use memchr::{memchr, memchr2};

use super::{Lexis, PreprocessError, PreprocessErrorKind, lexeme};
use crate::source::Span;
use crate::target::Target;

/// Where a statement ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct End {
    /// Before the delimiter.
    pub(super) body: usize,
    /// After it.
    pub(super) all: usize,
}

/// Skips blanks, comments, and conditional comments that the target does not read.
pub(super) fn skip_trivia(text: &[u8], mut at: usize, target: Target) -> Result<usize, PreprocessError> {
    loop {
        let rest = &text[at..];
        let skipped = match rest.first() {
            Some(b'/') if rest.starts_with(b"/*") => match lexeme::conditional_opener(rest) {
                Ok((_, (mariadb, number))) if target.reads_conditional(number, mariadb) => return Ok(at),
                _ => Some(lexeme::block_comment(rest).map_err(|_| unterminated_comment(at))?),
            },
            // The client takes any `--` for a comment where a statement begins.
            Some(b'-') if rest.starts_with(b"--") => Some((&rest[memchr(b'\n', rest).unwrap_or(rest.len())..], rest)),
            Some(b'#') => lexeme::line_comment(rest).ok(),
            Some(_) => lexeme::blank(rest).ok(),
            None => None,
        };
        match skipped {
            Some((after, _)) => at = text.len() - after.len(),
            None => return Ok(at),
        }
    }
}

const fn unterminated_comment(at: usize) -> PreprocessError {
    PreprocessError { kind: PreprocessErrorKind::UnterminatedComment, span: Span::new(at, at + 2) }
}

/// Bytes at which the scan outside strings has to look closer.
static STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    let bytes = b"'\"`#-/\\";
    let mut i = 0;
    while i < bytes.len() {
        stops[bytes[i] as usize] = true;
        i += 1;
    }
    stops
};

/// Finds the delimiter that ends the statement at `from`, or the end of the text.
pub(super) fn statement_end(text: &[u8], from: usize, delimiter: &[u8], lexis: Lexis) -> Result<End, PreprocessError> {
    let first = delimiter.first().copied().unwrap_or(b';');
    let mut at = from;
    loop {
        match text[at..].iter().position(|b| STOPS[usize::from(*b)] || *b == first) {
            Some(ahead) => at += ahead,
            None => return Ok(End { body: text.len(), all: text.len() }),
        }
        let byte = text[at];
        if byte == first && text[at..].starts_with(delimiter) {
            return Ok(End { body: at, all: at + delimiter.len() });
        }
        at = match byte {
            b'\'' | b'"' | b'`' => string_end(text, at, lexis)?,
            b'#' | b'-' => match lexeme::line_comment(&text[at..]) {
                Ok((after, _)) => text.len() - after.len(),
                Err(_) => at + 1,
            },
            b'/' => comment_end(text, at)?,
            // `\g` and `\G` end a statement as the delimiter does.
            b'\\' if matches!(text.get(at + 1), Some(b'g' | b'G')) => return Ok(End { body: at, all: at + 2 }),
            _ => at + 1,
        };
    }
}

/// The offset after a comment that opens here; what a conditional comment holds is scanned like the rest.
fn comment_end(text: &[u8], at: usize) -> Result<usize, PreprocessError> {
    let rest = &text[at..];
    if !rest.starts_with(b"/*") || lexeme::conditional_opener(rest).is_ok() {
        return Ok(at + 1);
    }
    match lexeme::block_comment(rest) {
        Ok((after, _)) => Ok(text.len() - after.len()),
        Err(_) => Err(unterminated_comment(at)),
    }
}

/// The offset after the string or quoted identifier that opens here. A doubled quote is two strings
/// side by side to this scan, which comes to the same.
fn string_end(text: &[u8], open: usize, lexis: Lexis) -> Result<usize, PreprocessError> {
    let quote = text[open];
    let escapes = quote != b'`' && !lexis.no_backslash_escapes && !(quote == b'"' && lexis.ansi_quotes);
    let mut at = open + 1;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let found = if escapes { memchr2(quote, b'\\', rest) } else { memchr(quote, rest) };
        match found {
            Some(ahead) if rest[ahead] == quote => return Ok(at + ahead + 1),
            Some(ahead) => at += ahead + 2,
            None => {
                let identifier = quote == b'`' || quote == b'"' && lexis.ansi_quotes;
                let kind = if identifier { PreprocessErrorKind::UnterminatedIdentifier } else { PreprocessErrorKind::UnterminatedString };
                return Err(PreprocessError { kind, span: Span::new(open, open + 1) });
            }
        }
    }
}

/// The offset after the quoted text that opens here, where it ends.
pub(super) fn quoted_end(text: &[u8], open: usize) -> Option<usize> {
    string_end(text, open, Lexis::default()).ok()
}

/// Whether a statement that the end of the text ended has parentheses open.
pub(super) fn open_parentheses(text: &[u8], lexis: Lexis) -> bool {
    let (mut depth, mut at) = (0i64, 0);
    while at < text.len() {
        match text[at] {
            b'\'' | b'"' | b'`' => match string_end(text, at, lexis) {
                Ok(end) => at = end,
                Err(_) => return true,
            },
            b'(' => (depth, at) = (depth + 1, at + 1),
            b')' => (depth, at) = (depth - 1, at + 1),
            _ => at += 1,
        }
    }
    depth > 0
}
