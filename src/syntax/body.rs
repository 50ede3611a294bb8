//! The statements of a stored program's body, and what both servers refuse among them when they make the program.
//!
//! In: a body, what it is of and the names of its parameters. Out: the number with which it is refused. The walk over the
//! blocks of a body (`walk`) keeps what each declares (`scope`) and shows every statement to `statement`; where it meets
//! what it does not know, it leaves the rest of the body to the server (MySQL Reference Manual, "Compound Statement Syntax"
//! and "Restrictions on Stored Programs"; measured on MySQL 9.7, MariaDB 10.11 and 11.8).

mod scope;
mod statement;
mod walk;

use super::Reading;
use super::keyword::Keyword;
use super::lexer;
use super::token::{Statement, Token, TokenKind};
use crate::ident::Ident;

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

/// The number with which a program is refused, and why.
pub type Refusal = (u16, &'static str);

/// The number with which both servers refuse a body, and why.
pub fn refused_body(body: &str, program: Program, parameters: &[Ident], reading: &Reading<'_>) -> Option<Refusal> {
    // Oracle's blocks begin with declarations (MariaDB KB, "sql_mode=ORACLE").
    if reading.oracle {
        return None;
    }
    let doubled = |at: usize| parameters[..at].iter().any(|other| other.is(parameters[at].as_str()));
    if (0..parameters.len()).any(doubled) {
        return Some((1330, "two parameters of one name"));
    }
    let statement = lexer::tokenise(body.as_bytes(), 0, reading).ok()?;
    let body = Body { tokens: &statement.tokens, statement: &statement };
    // A function of MariaDB is one RETURN or has a block (`sp_proc_stmt_in_returns_clause` of its grammar).
    let opens = ["return", "begin", "if", "case", "loop", "repeat", "while", "for"];
    let labelled = body.is_symbol(1, b':');
    if program == Program::Function && reading.target.is_mariadb() && !labelled && !opens.iter().any(|w| body.is(0, w))
    {
        return Some((1064, "a function that is neither a RETURN nor a block"));
    }
    let found = walk::walk(&body, program, parameters);
    // What is wrong with a statement is said where it stands, what a function may not do when all of it has been read
    // (`sp_head::is_not_allowed_in_function`).
    if let Some(refusal) = found.at_once {
        return Some(refusal);
    }
    if let Some(deed) = found.deeds.iter().min() {
        return Some(deed.refusal());
    }
    let silent = program == Program::Function && !body.names(Keyword::RETURN);
    silent.then_some((1320, "there is no RETURN in the function"))
}

/// The tokens of a body.
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

    fn is_any(&self, at: usize, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(at, word))
    }

    fn is_symbol(&self, at: usize, symbol: u8) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is_symbol(symbol))
    }

    fn kind(&self, at: usize) -> TokenKind {
        self.tokens.get(at).map_or(TokenKind::End, |token| token.kind)
    }

    /// The name that stands there; no other word than one that may be a name.
    fn name(&self, at: usize) -> Option<Ident> {
        let token = self.tokens.get(at)?;
        let reserved = token.keyword.is_reserved(self.statement.reading.target);
        let is_name = token.kind == TokenKind::Quoted || token.kind == TokenKind::Word && !reserved;
        if is_name { self.statement.name(*token).ok().map(|name| Ident::new(&*name)) } else { None }
    }

    fn ends(&self, at: usize) -> bool {
        self.kind(at) == TokenKind::End
    }

    fn names(&self, word: Keyword) -> bool {
        self.tokens.iter().any(|token| token.keyword == word)
    }

    /// The place of the semicolon that ends a statement.
    fn end(&self, at: usize) -> usize {
        (at..).find(|n| self.ends(*n) || self.is_symbol(*n, b';')).unwrap_or(at)
    }

    /// The places between two that stand in no parentheses.
    fn outside(&self, first: usize, end: usize) -> impl Iterator<Item = usize> {
        let mut depth = 0_usize;
        (first..end).filter(move |at| {
            let inner = depth > 0;
            if self.is_symbol(*at, b'(') {
                depth += 1;
            } else if self.is_symbol(*at, b')') {
                depth = depth.saturating_sub(1);
            }
            !inner
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Program, refused_body};
    use crate::ident::Ident;
    use crate::syntax::Reading;
    use crate::target::Target;

    #[test]
    fn statements_are_refused_where_the_servers_refuse_them() {
        let reading = Reading::of(Target::DEFAULT);
        let number = |body: &str, program| refused_body(body, program, &[], &reading).map(|(number, _)| number);
        let (before, after) = (Program::Trigger { after: false }, Program::Trigger { after: true });
        for (body, program, wanted) in [
            ("BEGIN SELECT 1; RETURN 1; END", Program::Function, Some(1415)),
            ("BEGIN IF x THEN SELECT 1; END IF; RETURN 1; END", Program::Function, Some(1415)),
            ("BEGIN SELECT 1 INTO @x; RETURN CASE WHEN a THEN 1 ELSE 2 END; END", Program::Function, None),
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

    #[test]
    fn bodies_that_the_servers_take_are_taken() {
        let reading = Reading::of(Target::DEFAULT);
        let parameters = [Ident::new("y")];
        for body in [
            "x: BEGIN LEAVE x; END X",
            "x: BEGIN DECLARE EXIT HANDLER FOR 1062 x: BEGIN LEAVE x; END; END",
            "BEGIN x: BEGIN END; `x`: LOOP ITERATE X; END LOOP; END",
            "BEGIN DECLARE y int; BEGIN DECLARE Y int; END; SELECT 1 INTO y; END",
            "BEGIN DECLARE a int; DECLARE a CONDITION FOR 1062; DECLARE a CURSOR FOR SELECT 1; \
             DECLARE EXIT HANDLER FOR a OPEN a; CLOSE a; END",
            "BEGIN DECLARE c CURSOR FOR SELECT 1; FETCH NEXT FROM c INTO y; FETCH FROM c INTO y; FETCH C INTO Y; END",
            "BEGIN DECLARE EXIT HANDLER FOR 1062 BEGIN END; BEGIN DECLARE EXIT HANDLER FOR 1062 BEGIN END; END; END",
            "BEGIN DECLARE a CONDITION FOR SQLSTATE '45000'; SIGNAL a; RESIGNAL; RESIGNAL SET message_text = 'x'; END",
            "BEGIN SELECT a FROM t WHERE (SELECT 1 FROM u) INTO y, @z; SELECT 1 INTO OUTFILE 'x'; END",
            "BEGIN IF CASE WHEN t.end THEN 1 ELSE 2 END THEN SELECT 1; ELSEIF CASE 1 WHEN 1 THEN 2 END THEN BEGIN END; \
             ELSE SELECT 3; END IF; CASE y WHEN 1 THEN SELECT 1; WHEN 2 THEN SELECT 2; ELSE BEGIN END; END CASE; END",
            "BEGIN l: REPEAT SET y = 1; UNTIL CASE WHEN y THEN 1 END END REPEAT l; WHILE y DO SET y = 0; END WHILE; END",
            "BEGIN DECLARE EXIT HANDLER FOR NOT FOUND, SQLWARNING IF y THEN SELECT 1; END IF; SELECT 2; END",
            "BEGIN CREATE FUNCTION q RETURNS int SONAME 'x'; ALTER EVENT q DISABLE; DROP TRIGGER q; END",
        ] {
            assert_eq!(refused_body(body, Program::Procedure, &parameters, &reading), None, "{body}");
        }
        let sets = "BEGIN DECLARE autocommit int; SET autocommit = 0, @x = (SELECT 1, @@autocommit); RETURN 1; END";
        assert_eq!(refused_body(sets, Program::Function, &parameters, &reading), None);
        let reading = Reading::of("mariadb:11.8".parse().expect("a target"));
        let body = "BEGIN l: FOR i IN 1..3 DO SELECT 1 INTO i; ITERATE l; END FOR l; FOR r IN (SELECT 1) DO SELECT r.a INTO r.b; END FOR; END";
        assert_eq!(refused_body(body, Program::Procedure, &parameters, &reading), None);
    }
}
