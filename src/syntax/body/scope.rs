//! What the blocks of a body declare: labels, variables, conditions, cursors and handlers (`sp_pcontext` of both servers).

use super::{Body, Refusal};
use crate::ident::Ident;
use crate::syntax::token::TokenKind;

/// What a handler is for, and what a condition means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Condition {
    Number(u64),
    State(Box<str>),
    Warning,
    NotFound,
    Exception,
}

/// What an open statement is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Block,
    If,
    Case,
    Loop,
    Repeat,
    While,
    For,
    /// What a handler does; the labels around it are not seen from there.
    Handler,
}

/// A statement that has others within, and what it declares.
pub(super) struct Open {
    pub(super) kind: Kind,
    pub(super) label: Option<Ident>,
    /// Whether a statement has been there, behind which a block declares nothing.
    pub(super) begun: bool,
    pub(super) variables: Vec<Ident>,
    pub(super) conditions: Vec<(Ident, Condition)>,
    pub(super) cursors: Vec<Ident>,
    pub(super) handled: Vec<Condition>,
}

impl Open {
    pub(super) fn new(kind: Kind, label: Option<Ident>) -> Self {
        Self {
            kind,
            label,
            begun: false,
            variables: Vec::new(),
            conditions: Vec::new(),
            cursors: Vec::new(),
            handled: Vec::new(),
        }
    }

    /// The word behind END, of all but blocks.
    pub(super) const fn word(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Block | Kind::Handler => None,
            Kind::If => Some("if"),
            Kind::Case => Some("case"),
            Kind::Loop => Some("loop"),
            Kind::Repeat => Some("repeat"),
            Kind::While => Some("while"),
            Kind::For => Some("for"),
        }
    }
}

/// All open statements, the outermost first.
pub(super) struct Scopes<'p> {
    pub(super) parameters: &'p [Ident],
    pub(super) open: Vec<Open>,
}

impl Scopes<'_> {
    pub(super) fn inner(&mut self) -> Option<&mut Open> {
        self.open.last_mut()
    }

    /// The open statement of a label.
    pub(super) fn labelled(&self, label: &Ident) -> Option<&Open> {
        let seen = self.open.iter().rev().take_while(|open| open.kind != Kind::Handler);
        seen.into_iter().find(|open| open.label.as_ref().is_some_and(|other| other.is(label.as_str())))
    }

    pub(super) fn has_variable(&self, name: &Ident) -> bool {
        let local = self.open.iter().flat_map(|open| &open.variables);
        local.chain(self.parameters).any(|other| other.is(name.as_str()))
    }

    pub(super) fn has_cursor(&self, name: &Ident) -> bool {
        self.open.iter().flat_map(|open| &open.cursors).any(|other| other.is(name.as_str()))
    }

    pub(super) fn condition(&self, name: &Ident) -> Option<&Condition> {
        let declared = self.open.iter().rev().flat_map(|open| &open.conditions);
        declared.into_iter().find(|(other, _)| other.is(name.as_str())).map(|(_, condition)| condition)
    }

    /// What a number or an SQLSTATE means, and the place behind it; `None` for what is neither.
    pub(super) fn value(body: &Body<'_>, at: usize) -> Result<Option<(Condition, usize)>, Refusal> {
        if body.kind(at) == TokenKind::Integer {
            let digits = std::str::from_utf8(body.statement.bytes(body.tokens[at])).unwrap_or_default();
            return match digits.parse() {
                Ok(0) => Err((1525, "no error has the number 0")),
                Ok(number) => Ok(Some((Condition::Number(number), at + 1))),
                Err(_) => Ok(None),
            };
        }
        if !body.is(at, "sqlstate") {
            return Ok(None);
        }
        let at = at + 1 + usize::from(body.is(at + 1, "value"));
        let Some(token) = body.tokens.get(at).filter(|token| token.kind == TokenKind::String) else { return Ok(None) };
        let Ok(state) = body.statement.string(*token) else { return Ok(None) };
        let plain = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
        // What begins with 00 is success.
        if state.len() != 5 || !state.bytes().all(plain) || state.starts_with("00") {
            return Err((1407, "five digits and capital letters that tell of no success are an SQLSTATE"));
        }
        Ok(Some((Condition::State(state.into()), at + 1)))
    }
}
