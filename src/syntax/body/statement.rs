//! Single statements that a program may not have.

use super::scope::{Condition, Kind, Scopes};
use super::{Body, Program, Refusal};
use crate::syntax::keyword::Keyword;
use crate::syntax::token::TokenKind;

/// What a function or a trigger may not do, in the order in which the servers ask for it
/// (`sp_head::is_not_allowed_in_function`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Deed {
    Prepares,
    Shows,
    SetsAutocommit,
    Commits,
    Flushes,
}

impl Deed {
    pub(super) const fn refusal(self) -> Refusal {
        match self {
            Self::Prepares => (1336, "dynamic SQL is not allowed in a function or trigger"),
            Self::Shows => (1415, "a result set in a function or trigger"),
            Self::SetsAutocommit => (1445, "autocommit is not set in a function or trigger"),
            Self::Commits => (1422, "a statement that commits in a function or trigger"),
            Self::Flushes => (1336, "FLUSH is not allowed in a function or trigger"),
        }
    }
}

impl Body<'_> {
    /// Why the server refuses the statement between two places as soon as it reads it.
    pub(super) fn refused_at_once(
        &self,
        at: usize,
        end: usize,
        program: Program,
        scopes: &Scopes<'_>,
    ) -> Result<(), Refusal> {
        let next = at + 1;
        if self.is(at, "return") && program != Program::Function && next < end {
            return Err((1313, "RETURN is only allowed in a function"));
        }
        if let Some(noun) = self.noun(at, end) {
            let of_program = self.is_any(noun, &["procedure", "function"]);
            // A function of a library is none that is stored.
            let of_library = (noun..end).any(|n| self.is(n, "soname"));
            if self.is(at, "create") && (of_program && !of_library || self.is(noun, "trigger")) {
                return Err((1303, "a program within a program"));
            }
            if self.is(at, "create") && self.is(noun, "event") {
                return Err((1576, "an event that is made by a program"));
            }
            if !self.is(at, "create") && of_program {
                return Err((1357, "a program that drops or alters a procedure or a function"));
            }
            if self.is(at, "alter") && self.is(noun, "view") {
                return Err((1314, "a statement that no program may have"));
            }
        }
        let of_tables = self.is_any(at, &["lock", "unlock", "check"]) && self.is_any(next, &["tables", "table"]);
        let loads = self.is(at, "load") && self.is_any(next, &["data", "xml"]);
        if of_tables || loads || self.is_any(at, &["use", "handler", "help"]) {
            return Err((1314, "a statement that no program may have"));
        }
        if let Program::Trigger { after } = program
            && self.is(at, "set")
            && self.assigns(next, end, after)
        {
            return Err((1362, "a row that a trigger may not change"));
        }
        match self.word(at) {
            Keyword::LEAVE | Keyword::ITERATE => self.jump(at, scopes),
            Keyword::OPEN | Keyword::CLOSE => self.cursor(next, scopes),
            Keyword::FETCH => {
                let from = usize::from(self.is(next, "next") && self.is(next + 1, "from"));
                let name = next + from + usize::from(self.is(next + from, "from"));
                self.cursor(name, scopes)?;
                self.targets(name, end, program, scopes)
            }
            Keyword::SELECT => self.targets(at, end, program, scopes),
            Keyword::SIGNAL | Keyword::RESIGNAL => self.signal(next, scopes),
            _ => Ok(()),
        }
    }

    /// What CREATE, ALTER or DROP is about: the first word that says it, behind those that say how.
    fn noun(&self, at: usize, end: usize) -> Option<usize> {
        const NOUNS: [&str; 14] = [
            "procedure",
            "function",
            "trigger",
            "event",
            "view",
            "table",
            "tables",
            "index",
            "user",
            "role",
            "database",
            "schema",
            "server",
            "sequence",
        ];
        if !self.is_any(at, &["create", "alter", "drop"]) {
            return None;
        }
        let replaces = self.is(at + 1, "or");
        let found = (at + 1..end).take_while(|n| !self.is_symbol(*n, b'(')).find(|n| self.is_any(*n, &NOUNS))?;
        // MySQL replaces views alone, and has no aggregate functions of SQL and no sequences.
        let of_mariadb =
            replaces && !self.is(found, "view") || self.is_any(at + 1, &["aggregate"]) || self.is(found, "sequence");
        (self.statement.reading.target.is_mariadb() || !of_mariadb).then_some(found)
    }

    /// `LEAVE label` and `ITERATE label`, which is of a loop.
    fn jump(&self, at: usize, scopes: &Scopes<'_>) -> Result<(), Refusal> {
        let Some(label) = self.name(at + 1) else { return Ok(()) };
        let goes_on = self.word(at) == Keyword::ITERATE;
        match scopes.labelled(&label) {
            Some(open) if !goes_on || open.kind != Kind::Block => Ok(()),
            Some(_) | None => Err((1308, "a label of nothing around it to leave or to iterate")),
        }
    }

    fn cursor(&self, at: usize, scopes: &Scopes<'_>) -> Result<(), Refusal> {
        match self.name(at) {
            Some(name) if !scopes.has_cursor(&name) => Err((1324, "a cursor that is not declared")),
            Some(_) | None => Ok(()),
        }
    }

    /// The variables behind `INTO`.
    fn targets(&self, first: usize, end: usize, program: Program, scopes: &Scopes<'_>) -> Result<(), Refusal> {
        let Some(into) = self.outside(first, end).find(|at| self.word(*at) == Keyword::INTO) else { return Ok(()) };
        let mut at = into + 1;
        loop {
            if self.is_symbol(at + 1, b'.') {
                // A field of a record of MariaDB, or a column of a trigger's row, into which nothing is selected.
                let of_row = matches!(program, Program::Trigger { .. }) && self.is_any(at, &["new", "old"]);
                return if of_row { Err((1327, "a column of a row is no variable")) } else { Ok(()) };
            }
            match self.name(at) {
                Some(name) if !scopes.has_variable(&name) => return Err((1327, "a variable that is not declared")),
                None if self.kind(at) != TokenKind::Variable => return Ok(()),
                Some(_) | None => {}
            }
            if !self.is_symbol(at + 1, b',') {
                return Ok(());
            }
            at += 2;
        }
    }

    /// `SIGNAL condition`, which is of an SQLSTATE.
    fn signal(&self, at: usize, scopes: &Scopes<'_>) -> Result<(), Refusal> {
        if Scopes::value(self, at)?.is_some() || self.is(at, "sqlstate") {
            return Ok(());
        }
        let Some(name) = self.name(at) else { return Ok(()) };
        match scopes.condition(&name) {
            None => Err((1319, "a condition that is not declared")),
            Some(Condition::Number(_)) => Err((1646, "a condition that is a number is not signalled")),
            Some(_) => Ok(()),
        }
    }

    /// What the statement between two places does that no function and no trigger may do.
    pub(super) fn deed(&self, at: usize, end: usize, scopes: &Scopes<'_>) -> Option<Deed> {
        let next = at + 1;
        let of_tables = self.is_any(next, &["table", "tables", "local", "no_write_to_binlog"]);
        if self.is_any(at, &["prepare", "execute", "deallocate"]) || self.is(at, "drop") && self.is(next, "prepare") {
            return Some(Deed::Prepares);
        }
        let is_query = self.is_any(at, &["select", "with", "values", "table"]) || self.is_symbol(at, b'(');
        let shows = self.is_any(at, &["show", "explain", "describe", "desc"])
            || self.is_any(at, &["analyze", "optimize", "repair", "checksum"]) && of_tables
            || self.is(at, "cache") && self.is(next, "index")
            || is_query && !(at..end).any(|n| self.word(n) == Keyword::INTO) && !self.changes(at, end);
        if shows {
            return Some(Deed::Shows);
        }
        if self.is(at, "set") && self.sets_autocommit(next, end, scopes) {
            return Some(Deed::SetsAutocommit);
        }
        if self.is(at, "flush") {
            return Some(Deed::Flushes);
        }
        let rolls_back = self.is(at, "rollback") && !(at..end).any(|n| self.is(n, "to"));
        let starts = self.is(at, "start") && self.is(next, "transaction");
        let defines = self.noun(at, end).is_some_and(|noun| {
            let temporary = (at..noun).any(|n| self.is(n, "temporary"));
            // MariaDB takes some that MySQL refuses.
            let free = self.is(noun, "server") || self.is(at, "alter") && self.is_any(noun, &["database", "schema"]);
            !(temporary || free && self.statement.reading.target.is_mariadb())
        });
        let commits = self.is_any(at, &["commit", "truncate", "grant", "revoke", "rename", "install", "uninstall"]);
        (commits || rolls_back || starts || defines).then_some(Deed::Commits)
    }

    /// Whether a statement that begins with WITH is none that is a query.
    fn changes(&self, at: usize, end: usize) -> bool {
        let words = [Keyword::UPDATE, Keyword::DELETE, Keyword::INSERT, Keyword::REPLACE];
        self.is(at, "with") && self.outside(at, end).any(|at| words.contains(&self.word(at)))
    }

    /// Whether SET names the system's variable, or the password.
    fn sets_autocommit(&self, first: usize, end: usize, scopes: &Scopes<'_>) -> bool {
        let mut target = true;
        for at in self.outside(first, end) {
            if target && self.is_any(at, &["session", "local", "global"]) {
                continue;
            }
            let is_local = self.name(at).is_some_and(|name| scopes.has_variable(&name));
            if target && (self.is(at, "autocommit") && !is_local || self.is_system_variable(at, "autocommit")) {
                return true;
            }
            target = self.is_symbol(at, b',');
        }
        self.is(first, "password")
    }

    /// Whether `@@name` or `@@session.name` stands there.
    fn is_system_variable(&self, at: usize, name: &str) -> bool {
        let Some(token) = self.tokens.get(at).filter(|token| token.kind == TokenKind::Variable) else { return false };
        let Some(written) = self.statement.bytes(*token).strip_prefix(b"@@") else { return false };
        let scope = written.iter().position(|byte| *byte == b'.').map_or(0, |point| point + 1);
        written[scope..].eq_ignore_ascii_case(name.as_bytes())
    }

    /// Whether SET changes OLD, or NEW where it is written already.
    fn assigns(&self, first: usize, end: usize, after: bool) -> bool {
        let mut target = true;
        for at in self.outside(first, end) {
            let row = self.is(at, "old") || after && self.is(at, "new");
            if target && row && self.is_symbol(at + 1, b'.') {
                return true;
            }
            target = self.is_symbol(at, b',');
        }
        false
    }
}
