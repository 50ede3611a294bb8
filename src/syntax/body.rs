//! The statements of a stored program's body, and what both servers refuse among them when they make the program.
//!
//! In: a body and what it is of. Out: the number with which it is refused. A statement begins behind a semicolon, behind a
//! word that opens a block and behind the conditions of a handler; what cannot be told is left to the server
//! (MySQL Reference Manual, "Restrictions on Stored Programs"; measured on MySQL 9.7, MariaDB 10.11 and 11.8).

use super::Reading;
use super::keyword::Keyword;
use super::lexer;
use super::token::{Statement, Token, TokenKind};

/// What a body is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Program {
    /// A stored function.
    Function,
    /// A stored procedure.
    Procedure,
    /// A trigger.
    Trigger {
        /// Whether it runs when the row is written already.
        after: bool,
    },
    /// An event.
    Event,
}

/// The number with which both servers refuse a body, and why.
pub fn refused_body(body: &str, program: Program, reading: &Reading<'_>) -> Option<(u16, &'static str)> {
    // Oracle's blocks begin with declarations (MariaDB KB, "sql_mode=ORACLE").
    if reading.target.is_mariadb() && reading.ansi_quotes && reading.pipes_as_concat {
        return None;
    }
    let statement = lexer::tokenise(body.as_bytes(), 0, reading).ok()?;
    let body = Body { tokens: &statement.tokens, statement: &statement };
    let mut returns = false;
    let mut found = None;
    body.each_statement(&mut |at| {
        returns |= body.word(at) == Keyword::RETURN;
        if found.is_none() {
            found = body.refused(at, program);
        }
    });
    // A function of MariaDB is one RETURN or has a block (`sp_proc_stmt_in_returns_clause` of its grammar).
    let opens = ["return", "begin", "if", "case", "loop", "repeat", "while", "for"];
    let labelled = body.is_symbol(1, b':');
    if program == Program::Function && reading.target.is_mariadb() && !labelled && !opens.iter().any(|w| body.is(0, w))
    {
        return Some((1064, "a function that is neither a RETURN nor a block"));
    }
    let silent = program == Program::Function && !returns && !body.names(Keyword::RETURN);
    found.or_else(|| silent.then_some((1320, "there is no RETURN in the function")))
}

struct Body<'b> {
    tokens: &'b [Token],
    statement: &'b Statement<'b, 'b>,
}

impl Body<'_> {
    fn word(&self, at: usize) -> Keyword {
        self.tokens.get(at).map_or(Keyword::UNLISTED, |token| token.keyword)
    }

    fn is(&self, at: usize, word: &str) -> bool {
        let Some(token) = self.tokens.get(at).filter(|token| token.kind == TokenKind::Word) else { return false };
        self.statement.bytes(*token).eq_ignore_ascii_case(word.as_bytes())
    }

    fn is_symbol(&self, at: usize, symbol: u8) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == TokenKind::Symbol && token.detail == symbol)
    }

    fn ends(&self, at: usize) -> bool {
        self.tokens.get(at).is_none_or(|token| token.kind == TokenKind::End)
    }

    fn names(&self, word: Keyword) -> bool {
        self.tokens.iter().any(|token| token.keyword == word)
    }

    /// The place of the semicolon that ends a statement.
    fn end(&self, at: usize) -> usize {
        (at..).find(|n| self.ends(*n) || self.is_symbol(*n, b';')).unwrap_or(at)
    }

    /// Visits the first token of each statement.
    fn each_statement(&self, visit: &mut dyn FnMut(usize)) {
        // Whether a CASE within an expression is open: its THEN and ELSE begin no statement.
        let mut open: Vec<bool> = Vec::new();
        let (mut at, mut begins) = (0, true);
        while !self.ends(at) {
            if self.is_symbol(at, b';') {
                open.retain(|within| !within);
                (begins, at) = (true, at + 1);
                continue;
            }
            if begins && self.is_symbol(at + 1, b':') {
                at += 2;
                continue;
            }
            if begins {
                visit(at);
                if self.is(at, "declare")
                    && let Some(next) = self.behind_conditions(at)
                {
                    at = next;
                    continue;
                }
            }
            let begun = std::mem::take(&mut begins);
            match self.word(at) {
                Keyword::BEGIN | Keyword::LOOP | Keyword::REPEAT if begun => begins = true,
                Keyword::CASE if begun => open.push(false),
                Keyword::CASE if !(at > 0 && self.word(at - 1) == Keyword::END) => open.push(true),
                Keyword::END if open.last() == Some(&true) => drop(open.pop()),
                Keyword::END if self.word(at + 1) == Keyword::CASE => drop(open.pop()),
                Keyword::THEN | Keyword::ELSE | Keyword::DO => begins = open.last() != Some(&true),
                _ => {}
            }
            at += 1;
        }
    }

    /// Where the statement of a handler begins; `None` for another declaration.
    fn behind_conditions(&self, declare: usize) -> Option<usize> {
        let end = self.end(declare);
        (declare..end).find(|at| self.word(*at) == Keyword::HANDLER)?;
        let mut at = (declare..end).find(|at| self.word(*at) == Keyword::FOR)? + 1;
        loop {
            // `SQLSTATE [VALUE] '…'` and `NOT FOUND` are several words.
            at += usize::from(self.is(at, "sqlstate") || self.is(at, "not"));
            at += usize::from(self.is(at, "value"));
            at += 1;
            if !self.is_symbol(at, b',') {
                return Some(at);
            }
            at += 1;
        }
    }

    /// Why the statement that begins there is refused.
    fn refused(&self, at: usize, program: Program) -> Option<(u16, &'static str)> {
        let (next, end) = (at + 1, self.end(at));
        let function = program == Program::Function;
        let in_query = function || matches!(program, Program::Trigger { .. });
        if self.is(at, "return") && !function && !self.is_symbol(next, b';') && !self.ends(next) {
            return Some((1313, "RETURN is only allowed in a function"));
        }
        if self.is(at, "create") && (self.is(next, "procedure") || self.is(next, "function")) {
            return Some((1303, "a program within a program"));
        }
        let of_events = matches!(program, Program::Procedure | Program::Event);
        if of_events && self.is(at, "create") && self.is(next, "event") {
            return Some((1576, "an event that is made by a program"));
        }
        let alters_view = self.is(at, "alter") && self.is(next, "view");
        let locks = self.is(at, "lock") && (self.is(next, "tables") || self.is(next, "table"));
        if self.is(at, "use") || locks || alters_view || self.is(at, "load") && self.is(next, "data") {
            return Some((1314, "a statement that no program may have"));
        }
        if let Program::Trigger { after } = program
            && self.is(at, "set")
            && self.assigns(next, end, after)
        {
            return Some((1362, "a row that a trigger may not change"));
        }
        if !in_query {
            return None;
        }
        let shows = self.is(at, "show") || self.is(at, "select") && !(at..end).any(|n| self.is(n, "into"));
        if shows {
            return Some((1415, "a result set in a function or trigger"));
        }
        let is_row = |n: usize| (self.is(n, "new") || self.is(n, "old")) && self.is_symbol(n + 1, b'.');
        if !function && self.is(at, "select") && (at..end).any(|n| self.is(n, "into") && is_row(n + 1)) {
            return Some((1327, "a column of a row is no variable"));
        }
        if self.is(at, "prepare") || self.is(at, "execute") || self.is(at, "flush") {
            return Some((1336, "dynamic SQL and FLUSH are not allowed in a function or trigger"));
        }
        let rolls_back = self.is(at, "rollback") && !(at..end).any(|n| self.is(n, "to"));
        let table = self.is(next, "table") || self.is(next, "index");
        let defines = (self.is(at, "create") || self.is(at, "drop") || self.is(at, "alter")) && table;
        let starts = self.is(at, "start") && self.is(next, "transaction");
        if self.is(at, "commit") || rolls_back || starts || self.is(at, "truncate") || defines {
            return Some((1422, "a statement that commits in a function or trigger"));
        }
        None
    }

    /// Whether SET changes OLD, or NEW where it is written already.
    fn assigns(&self, first: usize, end: usize, after: bool) -> bool {
        let mut depth = 0_usize;
        let mut target = true;
        for at in first..end {
            if self.is_symbol(at, b'(') {
                depth += 1;
            } else if self.is_symbol(at, b')') {
                depth = depth.saturating_sub(1);
            }
            let row = self.is(at, "old") || after && self.is(at, "new");
            if target && row && self.is_symbol(at + 1, b'.') {
                return true;
            }
            target = depth == 0 && self.is_symbol(at, b',');
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::{Program, refused_body};
    use crate::syntax::Reading;
    use crate::target::Target;

    #[test]
    fn statements_are_refused_where_the_servers_refuse_them() {
        let reading = Reading::of(Target::DEFAULT);
        let number = |body: &str, program| refused_body(body, program, &reading).map(|(number, _)| number);
        let (before, after) = (Program::Trigger { after: false }, Program::Trigger { after: true });
        for (body, program, wanted) in [
            ("BEGIN SELECT 1; RETURN 1; END", Program::Function, Some(1415)),
            ("BEGIN IF x THEN SELECT 1; END IF; RETURN 1; END", Program::Function, Some(1415)),
            ("BEGIN SELECT 1 INTO x; RETURN CASE WHEN a THEN 1 ELSE 2 END; END", Program::Function, None),
            ("BEGIN DECLARE c CURSOR FOR SELECT 1; RETURN 1; END", Program::Function, None),
            (
                "BEGIN DECLARE EXIT HANDLER FOR NOT FOUND, SQLSTATE VALUE '45000' ROLLBACK; RETURN 1; END",
                Program::Function,
                Some(1422),
            ),
            (
                "BEGIN DECLARE EXIT HANDLER FOR 1062, SQLEXCEPTION BEGIN SELECT 1; END; RETURN 1; END",
                Program::Function,
                Some(1415),
            ),
            ("BEGIN SIGNAL SQLSTATE '45000'; END", Program::Function, Some(1320)),
            ("l: BEGIN w: WHILE a DO LEAVE w; END WHILE w; RETURN (SELECT 1); END l", Program::Function, None),
            (
                "BEGIN CREATE TEMPORARY TABLE x (a int); DROP TEMPORARY TABLE x; ROLLBACK TO s; RETURN 1; END",
                Program::Function,
                None,
            ),
            ("BEGIN DROP TABLE x; RETURN 1; END", Program::Function, Some(1422)),
            ("BEGIN EXECUTE s; RETURN 1; END", Program::Function, Some(1336)),
            ("BEGIN SELECT 1; COMMIT; PREPARE s FROM 'x'; DROP TABLE t; END", Program::Procedure, None),
            ("RETURN 1", Program::Procedure, Some(1313)),
            ("BEGIN CREATE FUNCTION z() RETURNS int RETURN 1; END", Program::Procedure, Some(1303)),
            ("CREATE EVENT q ON SCHEDULE EVERY 1 DAY DO SELECT 1", Program::Event, Some(1576)),
            ("BEGIN USE mysql; END", Program::Procedure, Some(1314)),
            ("SET NEW.a = 1", before, None),
            ("SET @x = (SELECT 1, 2), OLD.a = 1", before, Some(1362)),
            ("SET @x = OLD.a, @y = f(1, NEW.b)", after, None),
            ("BEGIN SET @x = 1, NEW.a = 1; END", after, Some(1362)),
            ("INSERT INTO log SELECT 1", after, None),
            ("CASE NEW.a WHEN 1 THEN SELECT 1; END CASE", before, Some(1415)),
        ] {
            assert_eq!(number(body, program), wanted, "{body}");
        }
    }
}
