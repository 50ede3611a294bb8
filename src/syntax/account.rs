//! Accounts: whom an object belongs to.

use super::input::{Input, Parsed};
use super::keyword::Keyword;
use super::token::TokenKind;
use crate::ident::Ident;

/// `DEFINER = user@host`, as servers print it; the account of whoever runs the statement has no name here.
pub(super) fn definer<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, Option<String>> {
    if !input.eat(Keyword::DEFINER) {
        return Ok((input, None));
    }
    input.eat_symbol(b'=');
    if input.eat(Keyword::CURRENT_USER) {
        if input.eat_symbol(b'(') {
            input.eat_symbol(b')');
        }
        return Ok((input, None));
    }
    let is_quoted = input.is_kind(TokenKind::Quoted);
    let user = account_part(input)?;
    let mut input = input.skip(1);
    let mut account = Ident::new(user).quoted().to_string();
    if input.is_kind(TokenKind::Variable) {
        let written = input.written()?;
        let host = written.trim_start_matches('@').trim_matches(['`', '\'', '"']).to_owned();
        input = input.skip(1);
        account.push('@');
        account.push_str(&Ident::new(host).quoted().to_string());
    } else if !input.is_mariadb() || !is_quoted {
        // What MariaDB itself prints without a host is a role.
        account.push_str("@`%`");
    }
    Ok((input, Some(account)))
}

fn account_part(input: Input<'_, '_>) -> Result<String, nom::Err<super::input::Failure>> {
    match input.token().kind {
        TokenKind::Word | TokenKind::Quoted => Ok(input.name_text()?.into_owned()),
        TokenKind::String => Ok(input.string_text()?.into_owned()),
        _ => Err(input.expected("an account")),
    }
}
