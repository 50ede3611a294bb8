//! `SET sql_mode`: what it makes of the text that follows.
//!
//! Dumps save the mode in a user variable and restore it, so the session remembers those. An expression
//! is evaluated as a set of modes: a join of strings is their union, `REPLACE` takes away.

use std::collections::BTreeMap;

use super::token::{Form, Token, Tokens};
use super::{Fault, Lexis, Problem};
use crate::source::Span;
use crate::target::Target;

/// A value seen as modes, of which only those that matter to reading are kept. `None` is one that
/// cannot be told.
type Modes = Option<Lexis>;

/// The session variables that change how text is read.
#[derive(Clone, Debug)]
pub(super) struct Session {
    target: Target,
    initial: Lexis,
    current: Lexis,
    /// User variables that hold text which may come to be a mode; names in lower case.
    variables: BTreeMap<Box<[u8]>, Modes>,
    /// Statements that changed nothing, as things are: a dump repeats the same few around each table.
    idle: Vec<Box<[u8]>>,
}

/// So many of them are remembered.
const REMEMBERED: usize = 8;

/// What an assignment assigns to.
enum Variable {
    SqlMode,
    User(Box<[u8]>),
    Elsewhere,
}

/// Which value of a system variable is set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Session,
    Global,
}

impl Session {
    pub(super) fn new(target: Target, lexis: Lexis) -> Self {
        Self { target, initial: lexis, current: lexis, variables: BTreeMap::new(), idle: Vec::new() }
    }

    /// Follows a `SET` statement and gives how text is read after it.
    pub(super) fn set(&mut self, text: &[u8], body: Span) -> Result<Lexis, Fault> {
        let statement = &text[body.start..body.end];
        if self.idle.iter().any(|known| **known == *statement) {
            return Ok(self.current);
        }
        if self.changes(text, body)? {
            self.idle.clear();
        } else if self.idle.len() < REMEMBERED {
            self.idle.push(statement.into());
        }
        Ok(self.current)
    }

    /// Follows a `SET` statement; whether it has changed anything.
    fn changes(&mut self, text: &[u8], body: Span) -> Result<bool, Fault> {
        let mut tokens = Tokens::new(text, body, self.target, self.current);
        tokens.next();
        // A scope holds for the assignments after it too (MySQL 8.4 manual, section 15.7.6.1).
        let mut scope = Scope::Session;
        let mut changed = false;
        while tokens.peek().is_some() {
            let variable = assigned(&mut tokens, &mut scope);
            let begin = tokens.peek().map_or(body.end, |token| token.span.start);
            let (value, end) = self.value(&mut tokens, begin);
            match (variable, value) {
                (Variable::SqlMode, Some(lexis)) => changed |= std::mem::replace(&mut self.current, lexis) != lexis,
                (Variable::SqlMode, None) => return Err((Problem::UnknownSqlMode, Span::new(begin, end))),
                (Variable::User(name), value) => changed |= self.variables.insert(name, value) != Some(value),
                (Variable::Elsewhere, _) => {}
            }
        }
        Ok(changed)
    }

    /// The value up to the next assignment, and where it ends.
    fn value(&self, tokens: &mut Tokens<'_>, begin: usize) -> (Modes, usize) {
        let mut calls = vec![Call::new(Role::Join)];
        let mut end = begin;
        while let Some(token) = tokens.next() {
            if token.is_symbol(b',') && calls.len() == 1 {
                break;
            }
            end = token.span.end;
            let operand = match token.form {
                Form::Symbol(b'(') => {
                    calls.push(Call::new(Role::Join));
                    continue;
                }
                Form::Symbol(b',') => {
                    calls.last_mut().into_iter().for_each(|call| call.argument += 1);
                    continue;
                }
                Form::Symbol(b')') if calls.len() > 1 => calls.pop().and_then(|call| call.value),
                Form::Symbol(b'@') => {
                    let unset = tokens.peek().is_some_and(|name| self.never_saved(name));
                    let value = self.variable(tokens);
                    if calls.last_mut().is_some_and(|call| call.asks_whether_set(unset)) {
                        continue;
                    }
                    value
                }
                Form::Symbol(_) => None,
                Form::String | Form::Identifier => Some(modes(token.bare(), self.target)),
                Form::Word => match tokens.peek() {
                    Some(next) if next.is_symbol(b'(') && !token.is_word("SELECT") => {
                        tokens.next();
                        calls.push(Call::new(Role::of(token)));
                        continue;
                    }
                    // The schema in `sys.list_drop(…)`.
                    Some(next) if next.is_symbol(b'.') => {
                        tokens.next();
                        continue;
                    }
                    Some(_) | None if token.is_word("NOT") => {
                        calls.last_mut().into_iter().for_each(Call::deny);
                        continue;
                    }
                    Some(_) | None => match self.word(token) {
                        Some(operand) => operand,
                        None => continue,
                    },
                },
            };
            calls.last_mut().into_iter().for_each(|call| call.take(operand));
        }
        let value = if calls.len() == 1 && end > begin { calls.pop().and_then(|call| call.value) } else { None };
        (value, end)
    }

    /// A word's value; `None` for one that has none of its own.
    fn word(&self, token: Token<'_>) -> Option<Modes> {
        const SILENT: [&str; 6] = ["SELECT", "BOTH", "LEADING", "TRAILING", "FROM", "NULL"];
        if SILENT.iter().any(|word| token.is_word(word)) || token.text.starts_with(b"_") {
            return None;
        }
        if token.is_word("DEFAULT") {
            return Some(Some(self.initial));
        }
        if token.text[0].is_ascii_digit() {
            let number = std::str::from_utf8(token.text).ok().and_then(|digits| digits.parse().ok());
            return Some(number.map(|bits| modes_of_bits(bits, self.target)));
        }
        Some(Some(modes(token.text, self.target)))
    }

    /// Whether a user variable, seen after its `@`, is NULL for all that this script tells.
    fn never_saved(&self, name: Token<'_>) -> bool {
        !name.is_symbol(b'@') && !self.variables.contains_key(&folded(name.bare()))
    }

    /// The value of `@name`, `@@name` or `@@scope.name`, after its first `@`.
    fn variable(&self, tokens: &mut Tokens<'_>) -> Modes {
        let token = tokens.next()?;
        if !token.is_symbol(b'@') {
            // What this script never saved is what was there before it.
            return self.variables.get(&folded(token.bare())).copied().unwrap_or(Some(self.initial));
        }
        let (scope, name) = system_name(tokens)?;
        match scope {
            _ if !is_sql_mode(name) => None,
            Scope::Session => Some(self.current),
            Scope::Global => Some(self.initial),
        }
    }
}

/// A function call or a parenthesis, while its arguments are read.
struct Call {
    role: Role,
    argument: usize,
    value: Modes,
}

/// What a call does with its arguments.
enum Role {
    /// Parentheses, `CONCAT`: all of them.
    Join,
    /// `REPLACE(a, b, c)`: `a` without `b`, with `c`; `list_drop(a, b)`.
    Replace,
    /// `IFNULL`, `COALESCE`: the first that is not NULL; whether it was met.
    FirstSet(bool),
    /// `IF(@a IS [NOT] NULL, b, c)`: the argument that it comes to, as far as the condition is known.
    If(Option<usize>),
    Unknown,
}

impl Role {
    fn of(function: Token<'_>) -> Self {
        let is_one_of = |names: &[&str]| names.iter().any(|name| function.is_word(name));
        if is_one_of(&["CONCAT", "CONCAT_WS", "LIST_ADD", "TRIM", "UPPER", "LOWER"]) {
            Self::Join
        } else if is_one_of(&["REPLACE", "LIST_DROP"]) {
            Self::Replace
        } else if is_one_of(&["IFNULL", "COALESCE", "NVL"]) {
            Self::FirstSet(false)
        } else if function.is_word("IF") {
            Self::If(None)
        } else {
            Self::Unknown
        }
    }
}

impl Call {
    fn new(role: Role) -> Self {
        let value = if matches!(role, Role::FirstSet(_) | Role::If(_)) { None } else { Some(Lexis::default()) };
        Self { role, argument: 0, value }
    }

    fn take(&mut self, operand: Modes) {
        self.value = match (&mut self.role, self.value, operand) {
            (Role::FirstSet(met), value, operand) => {
                if std::mem::replace(met, true) {
                    value
                } else {
                    operand
                }
            }
            (Role::If(chosen), value, operand) => {
                if *chosen == Some(self.argument) {
                    operand
                } else {
                    value
                }
            }
            (Role::Unknown, ..) | (_, None, _) | (_, _, None) => None,
            (Role::Replace, Some(value), Some(operand)) if self.argument == 1 => Some(value.without(operand)),
            (Role::Join | Role::Replace, Some(value), Some(operand)) => Some(value.union(operand)),
        };
    }

    /// Takes in a user variable where NULL makes a difference; says whether there is no more to take of it.
    fn asks_whether_set(&mut self, unset: bool) -> bool {
        match &mut self.role {
            Role::FirstSet(_) => unset,
            Role::If(chosen) if self.argument == 0 => {
                *chosen = Some(if unset { 1 } else { 2 });
                true
            }
            Role::If(_) | Role::Join | Role::Replace | Role::Unknown => false,
        }
    }

    /// `NOT` in the condition of an `IF`.
    fn deny(&mut self) {
        if let Role::If(Some(chosen)) = &mut self.role {
            *chosen = 3 - *chosen;
        }
    }
}

/// What the next assignment assigns to; the tokens stand at its value after, or at the end of what is
/// no assignment, such as `NAMES utf8`.
fn assigned(tokens: &mut Tokens<'_>, scope: &mut Scope) -> Variable {
    let mut variable = Variable::Elsewhere;
    while let Some(token) = tokens.peek() {
        if token.is_symbol(b',') {
            return Variable::Elsewhere;
        }
        tokens.next();
        match token.form {
            Form::Symbol(b'=') => return variable,
            Form::Symbol(b'@') => variable = at_variable(tokens),
            Form::Symbol(b'.') => {
                // A part of another name: `SET NEW.sql_mode = …` in a trigger.
                tokens.next();
                variable = Variable::Elsewhere;
            }
            Form::Word if token.is_word("SESSION") || token.is_word("LOCAL") => *scope = Scope::Session,
            Form::Word if ["GLOBAL", "PERSIST", "PERSIST_ONLY"].iter().any(|word| token.is_word(word)) => {
                *scope = Scope::Global;
            }
            Form::Word | Form::Identifier if is_sql_mode(token) && *scope == Scope::Session => {
                variable = Variable::SqlMode;
            }
            Form::Word | Form::Identifier | Form::String => variable = Variable::Elsewhere,
            Form::Symbol(_) => {}
        }
    }
    Variable::Elsewhere
}

/// The variable after an `@`.
fn at_variable(tokens: &mut Tokens<'_>) -> Variable {
    match tokens.next() {
        Some(token) if token.is_symbol(b'@') => match system_name(tokens) {
            Some((Scope::Session, name)) if is_sql_mode(name) => Variable::SqlMode,
            Some(_) | None => Variable::Elsewhere,
        },
        Some(token) => Variable::User(folded(token.bare())),
        None => Variable::Elsewhere,
    }
}

/// The scope and name after `@@`.
fn system_name<'a>(tokens: &mut Tokens<'a>) -> Option<(Scope, Token<'a>)> {
    let first = tokens.next()?;
    if !tokens.peek().is_some_and(|next| next.is_symbol(b'.')) {
        return Some((Scope::Session, first));
    }
    tokens.next();
    let session = first.is_word("SESSION") || first.is_word("LOCAL");
    Some((if session { Scope::Session } else { Scope::Global }, tokens.next()?))
}

fn is_sql_mode(token: Token<'_>) -> bool {
    matches!(token.form, Form::Word | Form::Identifier) && token.bare().eq_ignore_ascii_case(b"sql_mode")
}

fn folded(name: &[u8]) -> Box<[u8]> {
    name.to_ascii_lowercase().into()
}

/// The modes of a comma-separated list. The server refuses names that it does not know; here they are none.
fn modes(list: &[u8], target: Target) -> Lexis {
    list.split(|&byte| byte == b',').fold(Lexis::default(), |sum, name| sum.union(mode(name.trim_ascii(), target)))
}

/// One mode, with what it implies (`expand_sql_mode` in both servers' `sys_vars.cc`).
fn mode(name: &[u8], target: Target) -> Lexis {
    let is = |mode: &str| name.eq_ignore_ascii_case(mode.as_bytes());
    let none = Lexis::default();
    let sql92 = Lexis { ansi_quotes: true, pipes_as_concat: true, ignore_space: true, ..none };
    match name.len() {
        11 if is("ANSI_QUOTES") => Lexis { ansi_quotes: true, ..none },
        20 if is("NO_BACKSLASH_ESCAPES") => Lexis { no_backslash_escapes: true, ..none },
        15 if is("PIPES_AS_CONCAT") => Lexis { pipes_as_concat: true, ..none },
        19 if is("HIGH_NOT_PRECEDENCE") => Lexis { high_not_precedence: true, ..none },
        12 if is("IGNORE_SPACE") => Lexis { ignore_space: true, ..none },
        13 if is("REAL_AS_FLOAT") => Lexis { real_as_float: true, ..none },
        4 if is("ANSI") => Lexis { real_as_float: true, ..sql92 },
        6 if is("ORACLE") && target.is_mariadb() => Lexis { oracle: true, ..sql92 },
        _ if !has_vendor_modes(target) => none,
        _ if ["DB2", "MAXDB", "MSSQL", "ORACLE", "POSTGRESQL"].iter().any(|mode| is(mode)) => sql92,
        _ if is("MYSQL323") || is("MYSQL40") => Lexis { high_not_precedence: true, ..none },
        _ => none,
    }
}

/// The modes of a number (`MODE_…` in both servers' `sql_const.h` and `sql_class.h`).
fn modes_of_bits(bits: u64, target: Target) -> Lexis {
    const BITS: [(u32, &[u8]); 14] = [
        (0, b"REAL_AS_FLOAT"),
        (1, b"PIPES_AS_CONCAT"),
        (2, b"ANSI_QUOTES"),
        (3, b"IGNORE_SPACE"),
        (8, b"POSTGRESQL"),
        (9, b"ORACLE"),
        (10, b"MSSQL"),
        (11, b"DB2"),
        (12, b"MAXDB"),
        (16, b"MYSQL323"),
        (17, b"MYSQL40"),
        (18, b"ANSI"),
        (20, b"NO_BACKSLASH_ESCAPES"),
        (29, b"HIGH_NOT_PRECEDENCE"),
    ];
    let set = BITS.iter().filter(|&&(bit, _)| bits >> bit & 1 == 1);
    set.fold(Lexis::default(), |sum, &(_, name)| sum.union(mode(name, target)))
}

/// The modes named after other vendors exist (removed in MySQL 8.0; every MariaDB has them).
fn has_vendor_modes(target: Target) -> bool {
    !target.is_mysql_since(80_000)
}
