//! Where a stored program's body ends, as far as its blocks tell.
//!
//! The server reads one statement at a time, and answers what follows the body's end with an error of syntax (1064). A script
//! comes to that where the client's delimiter was not set back: all the definitions behind the program would be taken for
//! words of its body, and lost.
//!
//! In: the tokens from the body's first. Out: the first token that is no longer the body's. In doubt there is none: a word that
//! may open a block is taken to open one (MySQL Reference Manual, "Compound Statement Syntax").

use super::input::Input;
use super::keyword::Keyword;
use super::token::TokenKind;

/// What a word opens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Open {
    /// Statements, up to an `END` that begins one itself.
    Block,
    /// A `CASE` within an expression.
    Case,
}

/// What stands behind the end of a definition whose head has been read; `None` where nothing does, as far as can be told.
pub(super) fn behind<'a, 't>(rest: Input<'a, 't>) -> Option<Input<'a, 't>> {
    let reading = rest.statement().reading;
    // Oracle's blocks begin with declarations (MariaDB KB, "sql_mode=ORACLE").
    if reading.oracle {
        return None;
    }
    let mut open: Vec<Open> = Vec::new();
    // Where a statement may begin anywhere: before the body, and behind the conditions of a handler.
    let mut anywhere = true;
    let (mut input, mut begins) = (rest, false);
    while !input.is_kind(TokenKind::End) {
        if input.eat_symbol(b';') {
            open.retain(|open| *open == Open::Block);
            (begins, anywhere) = (true, false);
            if open.is_empty() {
                while input.eat_symbol(b';') {}
                // An END of nothing that was seen to begin is of a block around it (MariaDB's `BEGIN NOT ATOMIC`).
                let is_end = input.is_kind(TokenKind::End) || input.is(Keyword::END);
                return (!is_end).then_some(input);
            }
            continue;
        }
        if begins && input.ahead(1).is_symbol(b':') {
            input = input.skip(2);
            continue;
        }
        let mut begins_next = false;
        match input.word() {
            Keyword::END if begins => {
                open.pop();
                let closes = [Keyword::IF, Keyword::CASE, Keyword::LOOP, Keyword::REPEAT, Keyword::WHILE, Keyword::FOR];
                input = input.skip(usize::from(closes.contains(&input.ahead(1).keyword)));
            }
            Keyword::END if open.last() == Some(&Open::Case) => {
                open.pop();
            }
            Keyword::BEGIN | Keyword::LOOP | Keyword::REPEAT if begins || anywhere => {
                open.push(Open::Block);
                begins_next = true;
            }
            Keyword::FOR if input.ahead(1).keyword == Keyword::EACH => {}
            Keyword::IF | Keyword::CASE | Keyword::WHILE | Keyword::FOR if begins || anywhere => open.push(Open::Block),
            Keyword::CASE => open.push(Open::Case),
            Keyword::THEN | Keyword::ELSE | Keyword::DO => begins_next = open.last() != Some(&Open::Case),
            Keyword::HANDLER => anywhere = true,
            _ => {}
        }
        begins = begins_next;
        input = input.skip(1);
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::syntax::{Reading, object};
    use crate::target::Target;

    fn reads(text: &str) -> bool {
        object::parse(text.as_bytes(), 0, &Reading::of(Target::DEFAULT)).is_ok()
    }

    #[test]
    fn bodies_end_where_their_blocks_do() {
        for text in [
            "CREATE PROCEDURE p() BEGIN SELECT 1; END;",
            "CREATE PROCEDURE p() BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; END; SELECT 1; END",
            "CREATE PROCEDURE p() a: BEGIN b: LOOP IF x > 1 THEN LEAVE b; ELSE SET x = IF(x, 1, 2); END IF; END LOOP b; END a",
            "CREATE PROCEDURE p() BEGIN CASE x WHEN 1 THEN BEGIN END; ELSE SELECT 2; END CASE; SELECT end FROM t; END",
            "CREATE PROCEDURE p() BEGIN SELECT CASE WHEN t.end THEN 1 ELSE 2 END; WHILE x DO SET x = 0; END WHILE; SELECT 1; END",
            "CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW IF NEW.a THEN SET NEW.a = 1; END IF;",
            "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN REPEAT SET x = 1; UNTIL x END REPEAT; END",
        ] {
            assert!(reads(text), "{text}");
        }
        for text in [
            "CREATE PROCEDURE p() BEGIN SELECT 1; END; CREATE TABLE t (a int);",
            "CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1; CREATE TABLE u (a int)",
            "CREATE PROCEDURE p() BEGIN IF x THEN SELECT 1; END IF; END;; DROP TABLE t",
            "CREATE VIEW v AS SELECT 1; SELECT 2",
        ] {
            assert!(!reads(text), "{text}");
        }
    }
}
