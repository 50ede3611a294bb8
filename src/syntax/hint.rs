//! Rename hints: comments that say what a definition was called before.
//!
//! `/* alterplan: renamed-from old_name */`, in any of the three forms of a comment, and `-- @renamed from=old_name` as
//! sqldef has it. A name with blanks stands between backticks.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::{Reading, SyntaxError, lexer};
use crate::source::Span;

/// One hint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RenameHint {
    /// The comment.
    pub span: Span,
    /// The old name, unquoted.
    pub from: Box<str>,
}

/// The hints in a stretch of a script that begins `at` so many bytes from the start of its source. A comment that begins
/// like a hint and names nothing is one with an empty name.
///
/// # Errors
/// Where the text cannot be cut into tokens.
pub fn rename_hints(text: &[u8], at: usize, reading: &Reading<'_>) -> Result<Vec<RenameHint>, SyntaxError> {
    if !may_stand_in(text) {
        return Ok(Vec::new());
    }
    let statement = lexer::tokenise(text, at, reading)?;
    let hints = statement.comments.iter().filter_map(|&(start, end)| {
        let (start, end) = (start as usize, end as usize);
        let comment = std::str::from_utf8(text.get(start..end)?).ok()?;
        Some(RenameHint { span: Span::new(at + start, at + end), from: old_name(comment)?.into() })
    });
    Ok(hints.collect())
}

/// Whether a text has the word that every hint has.
pub fn may_stand_in(text: &[u8]) -> bool {
    static WORD: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"renamed"));
    WORD.find(text).is_some()
}

/// The name that a comment gives; `None` where it is no hint.
fn old_name(comment: &str) -> Option<String> {
    let inner = comment
        .strip_prefix("/*")
        .map(|rest| rest.strip_suffix("*/").unwrap_or(rest))
        .or_else(|| comment.strip_prefix("--"))
        .or_else(|| comment.strip_prefix('#'))?
        .trim();
    let rest = match inner.strip_prefix("alterplan:") {
        Some(rest) => rest.trim_start().strip_prefix("renamed-from")?,
        None => inner.strip_prefix("@renamed")?.trim_start().strip_prefix("from")?.trim_start().strip_prefix('=')?,
    };
    let rest = rest.trim();
    let Some(quoted) = rest.strip_prefix('`') else {
        return Some(rest.split_ascii_whitespace().next().unwrap_or_default().to_owned());
    };
    let mut name = String::new();
    let mut characters = quoted.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '`' && characters.next_if_eq(&'`').is_none() {
            break;
        }
        name.push(character);
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::old_name;

    #[test]
    fn both_spellings_and_quoted_names_are_read() {
        let cases = [
            ("/* alterplan: renamed-from a */", Some("a")),
            ("/*alterplan:renamed-from `a b``c` please*/", Some("a b`c")),
            ("-- alterplan: renamed-from größe", Some("größe")),
            ("# alterplan: renamed-from a", Some("a")),
            ("-- @renamed from=old_name", Some("old_name")),
            ("-- @renamed  from = `x`", Some("x")),
            ("/* @renamed from=a */", Some("a")),
            ("-- @renamed from=", Some("")),
            ("-- was renamed from a", None),
            ("/* alterplan: other */", None),
            ("/*!50003 x */", None),
        ];
        for (comment, name) in cases {
            assert_eq!(old_name(comment).as_deref(), name, "{comment}");
        }
    }
}
