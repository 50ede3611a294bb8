//! What stands behind a whole query: LIMIT, FETCH, locks.

use super::parser::Parser;
use super::query::Read;
use super::text;
use super::token::Kind;
use crate::model::query::{Limit, Query, QueryBody};

impl Parser<'_> {
    pub(super) fn limit(&mut self) -> Read<Option<Limit>> {
        if !self.take_word("limit") {
            return self.fetch();
        }
        let first = self.count()?;
        if self.take(",") {
            return Ok(Some(Limit { offset: Some(first), count: self.count()?, ties: false }));
        }
        let offset = if self.take_word("offset") { Some(self.count()?) } else { None };
        Ok(Some(Limit { offset, count: first, ties: false }))
    }

    /// `[OFFSET n ROWS] FETCH FIRST [n] ROWS ONLY | WITH TIES` (MariaDB KB "SELECT … OFFSET … FETCH").
    fn fetch(&mut self) -> Read<Option<Limit>> {
        if !self.at_word("offset") && !self.at_word("fetch") {
            return Ok(None);
        }
        if self.reading.target.is_mysql() {
            return self.refuse(1064, "expected LIMIT");
        }
        let mut offset = None;
        if self.take_word("offset") {
            offset = Some(self.count()?);
            let _ = self.take_word("rows") || self.take_word("row");
            if !self.at_word("fetch") {
                return self.fail("OFFSET without FETCH");
            }
        }
        self.expect_word("fetch")?;
        let _ = self.take_word("first") || self.take_word("next");
        let count = if self.peek().is_some_and(|t| t.kind == Kind::Number) { self.count()? } else { "1".into() };
        let _ = self.take_word("rows") || self.take_word("row");
        let ties = self.take_word("with");
        self.expect_word(if ties { "ties" } else { "only" })?;
        Ok(Some(Limit { offset, count, ties }))
    }

    fn count(&mut self) -> Read<Box<str>> {
        match self.peek().filter(|t| t.kind == Kind::Number) {
            Some(token) => {
                self.advance();
                Ok(text::number(token.text(self.source)))
            }
            // No view has parameters and variables.
            None if self.at_symbol("-") => self.refuse(1064, "expected a number"),
            None => self.fail("expected a number"),
        }
    }

    /// `FOR UPDATE` and `LOCK IN SHARE MODE`, which MySQL does not keep.
    pub(super) fn lock(&mut self, query: &mut Query) -> Read<()> {
        let lock = if self.take_word("lock") {
            for word in ["in", "share", "mode"] {
                self.expect_word(word)?;
            }
            " lock in share mode"
        } else if self.take_word("for") {
            if self.reading.target.is_mysql() {
                if !self.take_word("share") {
                    self.expect_word("update")?;
                }
                return self.lock_options();
            }
            self.expect_word("update")?;
            " for update"
        } else {
            return Ok(());
        };
        if let (QueryBody::Select(select), true) = (&mut query.body, self.reading.target.is_mariadb()) {
            select.lock = lock;
        }
        Ok(())
    }

    /// `[OF table, …] [NOWAIT | SKIP LOCKED]`
    fn lock_options(&mut self) -> Read<()> {
        if self.take_word("of") {
            self.path()?;
            while self.take(",") {
                self.path()?;
            }
        }
        if self.take_word("skip") {
            return self.expect_word("locked");
        }
        self.take_word("nowait");
        Ok(())
    }
}
