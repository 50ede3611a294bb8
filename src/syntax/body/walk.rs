//! The walk over a body, statement by statement.

use super::scope::{Condition, Kind, Open, Scopes};
use super::statement::Deed;
use super::{Body, Program, Refusal};
use crate::ident::Ident;
use crate::syntax::keyword::Keyword;
use crate::syntax::token::TokenKind;

/// What a walk finds.
pub(super) struct Found {
    /// What a server refuses as soon as it reads it.
    pub(super) at_once: Option<Refusal>,
    /// What functions and triggers may not do, and these do.
    pub(super) deeds: Vec<Deed>,
}

/// Why a walk stops.
enum Stop {
    Refused(Refusal),
    /// The body is over, or goes on with what is not known here.
    Over,
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Walks over the statements of a body.
pub(super) fn walk(body: &Body<'_>, program: Program, parameters: &[Ident]) -> Found {
    let scopes = Scopes { parameters, open: Vec::new() };
    let mut walk = Walk { body, program, scopes, at: 0, deeds: Vec::new() };
    let at_once = loop {
        match walk.step() {
            Ok(()) => {}
            Err(Stop::Refused(refusal)) => break Some(refusal),
            Err(Stop::Over) => break None,
        }
    };
    Found { at_once, deeds: walk.deeds }
}

struct Walk<'b, 'p> {
    body: &'b Body<'b>,
    program: Program,
    scopes: Scopes<'p>,
    at: usize,
    deeds: Vec<Deed>,
}

const STRUCTURE: Refusal = (1064, "the blocks of the body do not fit together");

impl Walk<'_, '_> {
    /// Reads a statement, or, of one that has others within, what stands before these or behind them.
    fn step(&mut self) -> Result<(), Stop> {
        let (body, at) = (self.body, self.at);
        if body.ends(at) {
            return Err(Stop::Over);
        }
        let kind = self.scopes.open.last().map(|open| open.kind);
        match body.word(at) {
            Keyword::END => return self.end(),
            Keyword::ELSE if matches!(kind, Some(Kind::If | Kind::Case)) => return self.branch(at + 1),
            Keyword::ELSEIF if kind == Some(Kind::If) => {
                let then = self.behind(at + 1, Keyword::THEN)?;
                return self.branch(then);
            }
            Keyword::WHEN if kind == Some(Kind::Case) => {
                let then = self.behind(at + 1, Keyword::THEN)?;
                return self.branch(then);
            }
            Keyword::UNTIL if kind == Some(Kind::Repeat) => {
                self.at = self.behind(at + 1, Keyword::END)? - 1;
                return self.close(Kind::Repeat);
            }
            Keyword::DECLARE => return self.declaration(),
            _ => {}
        }
        if let Some(open) = self.scopes.inner() {
            open.begun = true;
        }
        let label = if body.is_symbol(at + 1, b':') { body.name(at) } else { None };
        if let Some(label) = &label {
            if self.scopes.labelled(label).is_some() {
                return Err((1309, "a label within a statement that has the same").into());
            }
            self.at += 2;
        }
        let at = self.at;
        let labelled = label.is_some();
        match body.word(at) {
            Keyword::BEGIN => {
                let atomic = body.is(at + 1, "not") && body.is(at + 2, "atomic");
                self.open(Kind::Block, label, at + if atomic { 3 } else { 1 });
            }
            Keyword::LOOP => self.open(Kind::Loop, label, at + 1),
            Keyword::REPEAT => self.open(Kind::Repeat, label, at + 1),
            Keyword::WHILE => {
                let behind = self.behind(at + 1, Keyword::DO)?;
                self.open(Kind::While, label, behind);
            }
            Keyword::FOR if body.statement.reading.target.is_mariadb() => {
                let behind = self.behind(at + 1, Keyword::DO)?;
                self.open(Kind::For, label, behind);
                let counter = body.name(at + 1);
                if let Some(open) = self.scopes.inner() {
                    open.variables.extend(counter);
                }
            }
            _ if labelled => return Err((1064, "a label of a statement that is no block and no loop").into()),
            Keyword::IF => {
                let behind = self.behind(at + 1, Keyword::THEN)?;
                self.open(Kind::If, None, behind);
            }
            Keyword::CASE => {
                let when = self.behind(at + 1, Keyword::WHEN)?;
                let behind = self.behind(when, Keyword::THEN)?;
                self.open(Kind::Case, None, behind);
            }
            _ => return self.plain(),
        }
        Ok(())
    }

    fn open(&mut self, kind: Kind, label: Option<Ident>, behind: usize) {
        self.scopes.open.push(Open::new(kind, label));
        self.at = behind;
    }

    /// A statement that has none within.
    fn plain(&mut self) -> Result<(), Stop> {
        let (body, at) = (self.body, self.at);
        // Every statement begins with a word of the grammar, or with a query in parentheses.
        let begins = body.kind(at) == TokenKind::Word && body.word(at) != Keyword::UNLISTED || body.is_symbol(at, b'(');
        // What only the other server has.
        let is_foreign = match body.statement.reading.target.is_mariadb() {
            true => body.is_any(at, &["values", "table"]),
            false => body.is(at, "execute") && body.is(at + 1, "immediate"),
        };
        if !begins || is_foreign {
            return Err((1064, "what begins no statement").into());
        }
        let end = body.end(at);
        body.refused_at_once(at, end, self.program, &self.scopes)?;
        if matches!(self.program, Program::Function | Program::Trigger { .. }) {
            self.deeds.extend(body.deed(at, end, &self.scopes));
        }
        self.at = end;
        self.complete()
    }

    /// The place behind a word of the statement that begins there, which is in no `CASE` of an expression.
    fn behind(&self, first: usize, word: Keyword) -> Result<usize, Stop> {
        let mut cases = 0_usize;
        for at in first..self.body.end(first) {
            // `t.end` is a name.
            if at > 0 && self.body.is_symbol(at - 1, b'.') {
                continue;
            }
            match self.body.word(at) {
                found if found == word && cases == 0 => return Ok(at + 1),
                Keyword::CASE => cases += 1,
                Keyword::END => cases = cases.saturating_sub(1),
                _ => {}
            }
        }
        Err(Stop::Over)
    }

    /// Goes on behind the words that begin another branch.
    fn branch(&mut self, behind: usize) -> Result<(), Stop> {
        if let Some(open) = self.scopes.inner()
            && !std::mem::take(&mut open.begun)
        {
            return Err(STRUCTURE.into());
        }
        self.at = behind;
        Ok(())
    }

    fn end(&mut self) -> Result<(), Stop> {
        match self.scopes.open.last().map(|open| open.kind) {
            // An END of nothing that was seen to begin: the body is not what it is taken for.
            None => Err(Stop::Over),
            Some(Kind::Handler | Kind::Repeat) => Err(STRUCTURE.into()),
            Some(kind) => self.close(kind),
        }
    }

    /// Reads `END`, the word of what it ends, and the label.
    fn close(&mut self, kind: Kind) -> Result<(), Stop> {
        let body = self.body;
        let Some(open) = self.scopes.open.pop() else { return Err(Stop::Over) };
        let mut at = self.at + 1;
        if let Some(word) = open.word() {
            if !open.begun || !body.is(at, word) {
                return Err(STRUCTURE.into());
            }
            at += 1;
        }
        let may_have_label = !matches!(kind, Kind::If | Kind::Case);
        match body.name(at).filter(|_| may_have_label) {
            Some(label) => match &open.label {
                None => return Err((1064, "a label behind the end of what has none").into()),
                Some(opened) if !opened.is(label.as_str()) => {
                    return Err((1310, "another label behind the end than before the beginning").into());
                }
                Some(_) => at += 1,
            },
            None if body.is_symbol(at, b';') || body.ends(at) => {}
            None if body.kind(at) == TokenKind::Word => return Err(STRUCTURE.into()),
            None => return Err(Stop::Over),
        }
        self.at = at;
        self.complete()
    }

    /// Reads the semicolon behind a whole statement, which is that of a handler's declaration, too.
    fn complete(&mut self) -> Result<(), Stop> {
        while self.scopes.open.last().is_some_and(|open| open.kind == Kind::Handler) {
            self.scopes.open.pop();
        }
        if self.scopes.open.is_empty() || !self.body.is_symbol(self.at, b';') {
            return Err(Stop::Over);
        }
        self.at += 1;
        Ok(())
    }

    fn declaration(&mut self) -> Result<(), Stop> {
        let (body, at) = (self.body, self.at);
        let Some(open) = self.scopes.open.last_mut().filter(|open| open.kind == Kind::Block && !open.begun) else {
            return Err((1064, "a declaration that does not stand at the beginning of a block").into());
        };
        if body.is(at + 2, "handler") && body.is_any(at + 1, &["continue", "exit", "undo"]) {
            return self.handler();
        }
        let Some(name) = body.name(at + 1) else { return Err(Stop::Over) };
        let late = !open.cursors.is_empty() || !open.handled.is_empty();
        let end = body.end(at);
        if body.is(at + 2, "cursor") {
            if open.cursors.iter().any(|other| other.is(name.as_str())) {
                return Err((1333, "two cursors of one name").into());
            }
            if !open.handled.is_empty() {
                return Err((1338, "a cursor declared behind a handler").into());
            }
            open.cursors.push(name);
        } else if body.is(at + 2, "condition") && body.is(at + 3, "for") {
            let Some((condition, _)) = Scopes::value(body, at + 4)? else { return Err(Stop::Over) };
            if open.conditions.iter().any(|(other, _)| other.is(name.as_str())) {
                return Err((1332, "two conditions of one name").into());
            }
            open.conditions.push((name, condition));
        } else {
            let mut next = at + 1;
            loop {
                let Some(name) = body.name(next) else { return Err(Stop::Over) };
                if open.variables.iter().any(|other| other.is(name.as_str())) {
                    return Err((1331, "two variables of one name").into());
                }
                open.variables.push(name);
                if !body.is_symbol(next + 1, b',') {
                    break;
                }
                next += 2;
            }
        }
        if late && !body.is(at + 2, "cursor") {
            return Err((1337, "a variable or a condition declared behind a cursor or a handler").into());
        }
        self.at = end;
        self.complete()
    }

    /// `DECLARE action HANDLER FOR condition, …` and its statement, which begins where this ends.
    fn handler(&mut self) -> Result<(), Stop> {
        let (body, at) = (self.body, self.at);
        if body.is(at + 1, "undo") {
            return Err((1064, "no server has UNDO handlers").into());
        }
        let mut next = at + 4;
        loop {
            let (condition, behind) = self.condition(next)?;
            let Some(open) = self.scopes.inner() else { return Err(Stop::Over) };
            if open.handled.contains(&condition) {
                return Err((1413, "two handlers of a block for one condition").into());
            }
            open.handled.push(condition);
            if !body.is_symbol(behind, b',') {
                self.open(Kind::Handler, None, behind);
                return Ok(());
            }
            next = behind + 1;
        }
    }

    fn condition(&self, at: usize) -> Result<(Condition, usize), Stop> {
        let body = self.body;
        if let Some(found) = Scopes::value(body, at)? {
            return Ok(found);
        }
        if body.is(at, "not") && body.is(at + 1, "found") {
            return Ok((Condition::NotFound, at + 2));
        }
        if body.is(at, "sqlwarning") {
            return Ok((Condition::Warning, at + 1));
        }
        if body.is(at, "sqlexception") {
            return Ok((Condition::Exception, at + 1));
        }
        let Some(name) = body.name(at) else { return Err(Stop::Over) };
        match self.scopes.condition(&name) {
            Some(condition) => Ok((condition.clone(), at + 1)),
            None => Err((1319, "a condition that is not declared").into()),
        }
    }
}
