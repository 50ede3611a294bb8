//! SET: the variables that a script assigns, as far as text shows them.

use super::error::SyntaxError;
use super::input::Input;
use super::keyword::Keyword;
use super::token::{Statement, TokenKind};
use super::{Reading, lexer};

/// One assignment of a SET statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assignment {
    /// The variable in lower case without its scope; `@name` for a user variable.
    pub name: String,
    /// The value as written.
    pub value: String,
}

/// Reads the assignments of `SET a = 1, @@session.b = 'x', NAMES utf8` and of `SET STATEMENT a = 1 FOR …`. Global ones and those of
/// other forms (`SET PASSWORD`, `SET ROLE`) are left out: they change nothing in the session.
///
/// # Errors
/// Where the text cannot be cut into tokens.
pub fn parse(text: &[u8], at: usize, reading: &Reading<'_>) -> Result<Vec<Assignment>, SyntaxError> {
    let statement = lexer::tokenise(text, at, reading)?;
    let mut input = Input::new(&statement);
    let mut assignments = Vec::new();
    if !input.eat(Keyword::SET) {
        return Ok(assignments);
    }
    input.eat(Keyword::STATEMENT);
    while !input.is_kind(TokenKind::End) {
        input = assignment(input, &statement, &mut assignments);
        if !input.eat_symbol(b',') {
            break;
        }
    }
    Ok(assignments)
}

/// Reads one assignment, up to the comma after it; NAMES with a COLLATE are two.
fn assignment<'a, 't>(
    mut input: Input<'a, 't>,
    statement: &Statement<'_, '_>,
    assignments: &mut Vec<Assignment>,
) -> Input<'a, 't> {
    let mut global = false;
    match input.word() {
        Keyword::GLOBAL | Keyword::PERSIST | Keyword::PERSIST_ONLY => {
            global = true;
            input = input.skip(1);
        }
        Keyword::SESSION | Keyword::LOCAL => input = input.skip(1),
        Keyword::NAMES | Keyword::CHARSET => {
            let value = input.skip(1);
            let end = expression_end(value);
            let after = value.skip(1);
            let charset = if after.is(Keyword::COLLATE) { after } else { end };
            assignments.push(Assignment { name: "names".to_owned(), value: slice(value, charset, statement) });
            if after.is(Keyword::COLLATE) {
                let value = slice(after.skip(1), end, statement);
                assignments.push(Assignment { name: "collation_connection".to_owned(), value });
            }
            return end;
        }
        Keyword::CHARACTER => {
            let value = input.skip(2);
            let end = expression_end(value);
            assignments.push(Assignment { name: "names".to_owned(), value: slice(value, end, statement) });
            return end;
        }
        _ => {}
    }
    let mut after = input.skip(1);
    while after.is_symbol(b'.') {
        after = after.skip(2);
    }
    let written = slice(input, after, statement).to_ascii_lowercase();
    let assigns = after.is_symbol(b'=') || slice(after, after.skip(1), statement) == ":=";
    let value = after.skip(1 + usize::from(after.is_symbol(b':') && after.ahead(1).is_symbol(b'=')));
    let end = expression_end(value);
    if !assigns && !after.is_symbol(b':') {
        return end;
    }
    let name = written.trim_start_matches("@@");
    let (scope, name) = match name.split_once('.') {
        Some((scope @ ("session" | "local" | "global" | "persist" | "persist_only"), rest)) => (scope, rest),
        Some(_) | None => ("", name),
    };
    global |= matches!(scope, "global" | "persist" | "persist_only");
    if !global {
        assignments.push(Assignment { name: name.to_owned(), value: slice(value, end, statement) });
    }
    end
}

/// The next comma or FOR outside parentheses, or the end.
fn expression_end<'a, 't>(mut input: Input<'a, 't>) -> Input<'a, 't> {
    let mut depth = 0usize;
    while !input.is_kind(TokenKind::End) {
        if input.is_symbol(b'(') {
            depth += 1;
        } else if input.is_symbol(b')') {
            depth = depth.saturating_sub(1);
        } else if depth == 0 && (input.is_symbol(b',') || input.is(Keyword::FOR)) {
            break;
        }
        input = input.skip(1);
    }
    input
}

/// The text of the tokens from one place to another.
fn slice(from: Input<'_, '_>, to: Input<'_, '_>, statement: &Statement<'_, '_>) -> String {
    let start = from.token().start as usize;
    let span = from.span_to(to);
    let end = (span.end - statement.at).max(start);
    String::from_utf8_lossy(&statement.text[start..end.min(statement.text.len())]).trim().to_owned()
}
