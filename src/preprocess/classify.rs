//! What a statement is, from its first words; data is never looked into further.

use super::Lexis;
use super::client;
use super::kind::{Kind, Stored, Verb};
use super::token::{Form, Token, Tokens};
use crate::source::Span;
use crate::target::Target;

/// Tells a statement's kind by its first one to three words, modifiers aside.
pub(super) fn kind(text: &[u8], body: Span, target: Target, lexis: Lexis) -> Kind {
    // As the servers print it, and most schemas have it.
    if text[body.start..body.end].starts_with(b"CREATE TABLE ") {
        return Kind::Table(Verb::Create);
    }
    let mut tokens = Tokens::new(text, body, target, lexis);
    let nameless = Kind::Other(Span::new(body.start, body.start));
    let first = match tokens.next() {
        None => return Kind::Blank,
        Some(token) if token.is_symbol(b'(') => return parenthesised(tokens).unwrap_or(nameless),
        Some(token) if token.form == Form::Word => token,
        Some(_) => return nameless,
    };
    let other = Kind::Other(first.span);
    match upper(first.text, &mut Buffer::default()) {
        b"INSERT" | b"REPLACE" | b"UPDATE" | b"DELETE" | b"LOAD" | b"SELECT" | b"CALL" | b"WITH" | b"VALUES"
        | b"TABLE" | b"HANDLER" | b"DO" => Kind::Data,
        b"CREATE" => object(&mut tokens).map_or(other, |object| object.kind(Verb::Create)),
        b"ALTER" => object(&mut tokens).map_or(other, |object| object.kind(Verb::Alter)),
        b"DROP" => object(&mut tokens).map_or(other, |object| object.kind(Verb::Drop)),
        b"RENAME" => object(&mut tokens).map_or(other, |object| object.kind(Verb::Rename)),
        b"TRUNCATE" => Kind::Table(Verb::Truncate),
        b"USE" => {
            let start = tokens.next().map_or(body.end, |token| token.span.start);
            Kind::Use { database: client::database(text, Span::new(start, body.end)) }
        }
        b"SET" => set(tokens, body, other),
        b"COMMIT" | b"ROLLBACK" | b"SAVEPOINT" | b"RELEASE" | b"XA" => Kind::Transaction,
        b"START" if tokens.next().is_some_and(|next| next.is_word("TRANSACTION")) => Kind::Transaction,
        b"BEGIN" => match tokens.next() {
            None => Kind::Transaction,
            Some(next) if next.is_word("WORK") => Kind::Transaction,
            Some(next) if next.is_word("NOT") => other,
            Some(_) => Kind::Fragment(first.span),
        },
        b"LOCK" | b"UNLOCK" => Kind::Lock,
        b"GRANT" | b"REVOKE" => Kind::Grant,
        b"END" | b"DECLARE" | b"ELSE" | b"ELSEIF" | b"WHEN" | b"LEAVE" | b"ITERATE" | b"UNTIL" | b"FETCH" | b"OPEN"
        | b"CLOSE" | b"RETURN" => Kind::Fragment(first.span),
        _ => match client::command_in_statement(&text[first.span.start..body.end]) {
            // Inside a conditional comment the client knows none of its commands.
            Some(command) if first.span.start == body.start => Kind::Client(command),
            Some(_) | None => other,
        },
    }
}

/// `(SELECT …) UNION (SELECT …)`: a query, after any number of parentheses.
fn parenthesised(mut tokens: Tokens<'_>) -> Option<Kind> {
    let first = tokens.find(|token| !token.is_symbol(b'('))?;
    let query = ["SELECT", "WITH", "VALUES", "TABLE"].iter().any(|word| first.is_word(word));
    query.then_some(Kind::Data)
}

/// What `CREATE` and its kin are about.
enum Object {
    Table,
    Index,
    Database,
    Account,
    Stored(Stored),
}

impl Object {
    fn kind(self, verb: Verb) -> Kind {
        match self {
            Self::Table => Kind::Table(verb),
            Self::Index => Kind::Index(verb),
            Self::Database => Kind::Database(verb),
            Self::Account => Kind::Grant,
            Self::Stored(stored) => Kind::Stored(verb, stored),
        }
    }
}

/// Passes what may stand between the verb and the object: `OR REPLACE`, `DEFINER = a@b`, `UNIQUE` …
fn object(tokens: &mut Tokens<'_>) -> Option<Object> {
    loop {
        let token = tokens.next()?;
        match token.form {
            // The value may spell like an object: `DEFINER = event@localhost`.
            Form::Symbol(b'=' | b'@') => {
                tokens.next()?;
                // `a@127.0.0.1`
                while tokens.peek().is_some_and(|next| next.is_symbol(b'.')) {
                    tokens.nth(1);
                }
            }
            Form::Symbol(b'(' | b')') | Form::Identifier | Form::String => {}
            Form::Symbol(_) => return None,
            Form::Word => match named_object(token, tokens) {
                Some(object) => return Some(object),
                None if is_modifier(token) => {}
                None => return None,
            },
        }
    }
}

fn named_object(token: Token<'_>, tokens: &Tokens<'_>) -> Option<Object> {
    let next_is = |word| tokens.peek().is_some_and(|next| next.is_word(word));
    Some(match upper(token.text, &mut Buffer::default()) {
        b"TABLE" | b"TABLES" => Object::Table,
        b"INDEX" => Object::Index,
        b"DATABASE" | b"SCHEMA" => Object::Database,
        b"USER" | b"ROLE" => Object::Account,
        b"VIEW" => Object::Stored(Stored::View),
        b"TRIGGER" => Object::Stored(Stored::Trigger),
        b"PROCEDURE" => Object::Stored(Stored::Procedure),
        b"FUNCTION" => Object::Stored(Stored::Function),
        b"EVENT" => Object::Stored(Stored::Event),
        b"SEQUENCE" => Object::Stored(Stored::Sequence),
        b"PACKAGE" if next_is("BODY") => Object::Stored(Stored::PackageBody),
        b"PACKAGE" => Object::Stored(Stored::Package),
        b"LIBRARY" => Object::Stored(Stored::Library),
        b"SERVER" => Object::Stored(Stored::Server),
        b"TABLESPACE" => Object::Stored(Stored::Tablespace),
        b"LOGFILE" => Object::Stored(Stored::LogfileGroup),
        b"RESOURCE" if next_is("GROUP") => Object::Stored(Stored::ResourceGroup),
        b"SPATIAL" if next_is("REFERENCE") => Object::Stored(Stored::SpatialReferenceSystem),
        _ => return None,
    })
}

fn is_modifier(token: Token<'_>) -> bool {
    matches!(
        upper(token.text, &mut Buffer::default()),
        b"OR"
            | b"REPLACE"
            | b"TEMPORARY"
            | b"ONLINE"
            | b"OFFLINE"
            | b"IGNORE"
            | b"UNIQUE"
            | b"FULLTEXT"
            | b"SPATIAL"
            | b"VECTOR"
            | b"ALGORITHM"
            | b"DEFINER"
            | b"INVOKER"
            | b"SQL"
            | b"SECURITY"
            | b"AGGREGATE"
            | b"LOADABLE"
            | b"JSON"
            | b"RELATIONAL"
            | b"DUALITY"
            | b"MATERIALIZED"
            | b"UNDO"
    )
}

/// `SET` of variables, or one of the other statements that begin so.
fn set(mut tokens: Tokens<'_>, body: Span, other: Kind) -> Kind {
    let Some(next) = tokens.next() else { return Kind::Set };
    let then_is = |word| tokens.peek().is_some_and(|then| then.is_word(word));
    match upper(next.text, &mut Buffer::default()) {
        b"PASSWORD" | b"ROLE" => Kind::Grant,
        b"DEFAULT" if then_is("ROLE") => Kind::Grant,
        b"TRANSACTION" => Kind::Transaction,
        b"GLOBAL" | b"SESSION" | b"LOCAL" if then_is("TRANSACTION") => Kind::Transaction,
        b"STATEMENT" => Kind::SetStatement { statement: governed(tokens, body) },
        // MySQL's `SET RESOURCE GROUP` sets no variable of the session.
        b"RESOURCE" => other,
        _ => Kind::Set,
    }
}

/// What stands behind the `FOR` of `SET STATEMENT a = (…), b = 2 FOR …`: nothing, where it has none.
fn governed(tokens: Tokens<'_>, body: Span) -> Span {
    let mut depth = 0usize;
    for token in tokens {
        match token.form {
            Form::Symbol(b'(') => depth += 1,
            Form::Symbol(b')') => depth = depth.saturating_sub(1),
            Form::Word if depth == 0 && token.is_word("FOR") => return Span::new(token.span.end, body.end),
            _ => {}
        }
    }
    Span::new(body.end, body.end)
}

/// Room for the longest word that is compared.
type Buffer = [u8; 16];

/// A word in upper case; empty for one that is longer than any that matters.
fn upper<'b>(word: &[u8], buffer: &'b mut Buffer) -> &'b [u8] {
    let Some(room) = buffer.get_mut(..word.len()) else { return b"" };
    room.copy_from_slice(word);
    room.make_ascii_uppercase();
    room
}
