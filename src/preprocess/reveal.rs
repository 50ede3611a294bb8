//! Statements that stand alone, and their text without the marks of conditional comments.

use super::lexeme::{self, Escapes};
use super::{Kind, Lexis, Statement, classify};
use crate::source::Span;
use crate::target::Target;

/// One statement that stands alone, whatever delimiters it holds: a step of a plan.
pub fn single(text: &[u8], target: Target, lexis: Lexis) -> Statement<'_> {
    let begin = text.len() - text.trim_ascii_start().len();
    let body = Span::new(begin, begin + text[begin..].trim_ascii_end().len());
    let kind = if body.start == body.end { Kind::Blank } else { classify::kind(text, body, target, lexis) };
    let end = Span::new(text.len(), text.len());
    Statement { span: Span::new(0, text.len()), body, delimiter: end, kind, lexis, text: &text[body.start..body.end] }
}

/// The text of a statement as the target reads it: without the marks of the conditional comments that
/// it reads, and without those that it does not.
///
/// ```
/// use alterplan::{preprocess::{self, Lexis}, target::Target};
/// let text = b"/*!50001 CREATE*/ /*!50013 DEFINER=`a`@`b`*/ /*!50001 VIEW v AS select 1*/";
/// let revealed = preprocess::revealed(text, Target::DEFAULT, Lexis::default());
/// assert_eq!(revealed, "CREATE   DEFINER=`a`@`b`   VIEW v AS select 1");
/// ```
pub fn revealed(text: &[u8], target: Target, lexis: Lexis) -> String {
    let escapes = if lexis.no_backslash_escapes { Escapes::None } else { Escapes::Backslash };
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    let mut open = false;
    while at < text.len() {
        let rest = &text[at..];
        let lexed = match rest[0] {
            b'\'' => lexeme::string(rest, escapes),
            b'"' if !lexis.ansi_quotes => lexeme::string(rest, escapes),
            b'"' | b'`' => lexeme::identifier(rest),
            b'#' | b'-' => lexeme::line_comment(rest),
            b'*' if open && lexeme::conditional_closer(rest).is_ok() => {
                open = false;
                at = passed_mark(&mut out, text, at + 2, target.is_mysql());
                continue;
            }
            b'/' => match lexeme::conditional_opener(rest, target) {
                Ok((after, conditional)) if conditional.is_read_by(target) => {
                    open = true;
                    at = passed_mark(&mut out, text, text.len() - after.len(), false);
                    continue;
                }
                Ok(_) => {
                    let after =
                        lexeme::skipped_conditional(rest, target).map_or(&rest[rest.len()..], |(after, _)| after);
                    at = passed_mark(&mut out, text, text.len() - after.len(), false);
                    continue;
                }
                Err(_) => lexeme::block_comment(rest, target),
            },
            _ => Ok((&rest[1..], &rest[..1])),
        };
        let length = lexed.map_or(1, |(after, _)| rest.len() - after.len());
        out.extend_from_slice(&rest[..length]);
        at += length;
    }
    String::from_utf8_lossy(out.trim_ascii()).into_owned()
}

/// Leaves a mark out as servers do (`Lex_input_stream::set_echo` in sql_lex.cc), which keep the blanks around it in the bodies of
/// programs; MySQL makes one where a conditional comment ends behind none. Two words do not become one. The offset after the
/// mark.
fn passed_mark(out: &mut Vec<u8>, text: &[u8], at: usize, ends: bool) -> usize {
    let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    if ends && out.last().is_some_and(|byte| !byte.is_ascii_whitespace())
        || is_word(out.last()) && is_word(text.get(at))
    {
        out.push(b' ');
    }
    at
}

/// Whether rows break off: a statement that only the end of the text ended has a parenthesis open.
pub(super) fn breaks_off(text: &[u8], lexis: Lexis) -> bool {
    let escapes = if lexis.no_backslash_escapes { Escapes::None } else { Escapes::Backslash };
    let (mut depth, mut at) = (0i64, 0);
    while at < text.len() {
        let rest = &text[at..];
        let quoted = match rest[0] {
            b'\'' | b'"' => lexeme::string(rest, escapes),
            b'`' => lexeme::identifier(rest),
            byte => {
                depth += i64::from(byte == b'(') - i64::from(byte == b')');
                at += 1;
                continue;
            }
        };
        at += quoted.map_or(1, |(after, _)| rest.len() - after.len());
    }
    depth > 0
}
