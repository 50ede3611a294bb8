//! Events: when they happen, and what stands before their bodies.

mod moment;

use self::moment::moment;
use super::Reading;
use super::account::definer;
use super::error::SyntaxError;
use super::input::{Input, Parsed, keyword};
use super::key::if_not_exists;
use super::keyword::Keyword;
use super::literal::string;
use super::name::table_name;
use super::program::{body_with_comments, owned, read};
use super::token::TokenKind;
use crate::ident::{Ident, Literal};
use crate::model::expression::Unit;
use crate::model::{EventStatus, Schedule};
use nom::Parser;

/// What a statement says of an event; CREATE says what it must, ALTER what it changes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EventClauses {
    /// `DEFINER`, as servers print it.
    pub definer: Option<String>,
    /// `ON SCHEDULE`
    pub schedule: Option<Schedule>,
    /// `ON COMPLETION [NOT] PRESERVE`
    pub preserve: Option<bool>,
    /// `RENAME TO`
    pub rename: Option<Ident>,
    /// `ENABLE`, `DISABLE`
    pub status: Option<EventStatus>,
    /// `COMMENT`
    pub comment: Option<Box<str>>,
    /// `DO`
    pub body: Option<Box<str>>,
}

/// Reads CREATE EVENT and ALTER EVENT.
///
/// # Errors
/// Where the text is none of them.
pub fn event_clauses(text: &str, reading: &Reading<'_>) -> Result<EventClauses, SyntaxError> {
    read(text, reading, |input| event(input).map(|(_, found)| found))
}

/// `CREATE|ALTER [DEFINER = d] EVENT name` and its clauses.
fn event<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, EventClauses> {
    let mut input = input.skip(1);
    input.eat_both(Keyword::OR, Keyword::REPLACE);
    let (input, definer) = definer(input)?;
    let (input, ()) = keyword(Keyword::EVENT, "`EVENT`").parse(input)?;
    let (input, _) = if_not_exists(input)?;
    let (mut input, _) = table_name(input)?;
    let mut found = EventClauses { definer, ..EventClauses::default() };
    if input.eat_both(Keyword::ON, Keyword::SCHEDULE) {
        let (rest, schedule) = event_schedule(input)?;
        (input, found.schedule) = (rest, Some(schedule));
    }
    if input.eat_both(Keyword::ON, Keyword::COMPLETION) {
        let not = input.eat(Keyword::NOT);
        input = keyword(Keyword::PRESERVE, "`PRESERVE`").parse(input)?.0;
        found.preserve = Some(!not);
    }
    if input.is(Keyword::RENAME) {
        let (rest, name) = table_name(input.skip(2))?;
        (input, found.rename) = (rest, Some(Ident::new(name.name.text.as_ref())));
    }
    if input.eat(Keyword::ENABLE) {
        found.status = Some(EventStatus::Enabled);
    } else if input.eat(Keyword::DISABLE) {
        let replica = input.is(Keyword::ON);
        input = input.skip(if replica { 2 } else { 0 });
        found.status = Some(if replica { EventStatus::DisabledOnReplica } else { EventStatus::Disabled });
    }
    if input.eat(Keyword::COMMENT) {
        let (rest, comment) = string(input)?;
        (input, found.comment) = (rest, Some(owned(comment)));
    }
    if input.eat(Keyword::DO) {
        let (rest, text) = body_with_comments(input)?;
        found.body = Some(text.into());
        return Ok((rest, found));
    }
    if input.is_kind(TokenKind::End) { Ok((input, found)) } else { Err(input.expected("a clause of an event")) }
}

/// `AT time`, `EVERY interval unit [STARTS time] [ENDS time]`
fn event_schedule<'a, 't>(mut input: Input<'a, 't>) -> Parsed<'a, 't, Schedule> {
    if input.eat(Keyword::AT) {
        let (rest, time) = moment(input)?;
        return Ok((rest, Schedule::At(time)));
    }
    let input = keyword(Keyword::EVERY, "`AT` or `EVERY`").parse(input)?.0;
    let mut input = input;
    let minus = input.eat_symbol(b'-');
    let (quoted, text) = match input.token().kind {
        TokenKind::Integer | TokenKind::Decimal => (false, input.written()?.to_owned()),
        TokenKind::String => (true, input.string_text()?.into_owned()),
        _ => return Err(input.expected("a number or a string")),
    };
    let input = input.skip(1);
    let Some(unit) = Unit::named(input.written()?) else { return Err(input.expected("a unit of time")) };
    let interval: Box<str> = match whole_number(&text, quoted) {
        Some(number) if !unit.as_str().contains('_') => (if minus { -number } else { number }).to_string().into(),
        Some(_) | None if quoted => Literal(&text).to_string().into(),
        Some(_) | None => text.into(),
    };
    let mut input = input.skip(1);
    let (mut starts, mut ends) = (None, None);
    if input.eat(Keyword::STARTS) {
        let (rest, time) = moment(input)?;
        (input, starts) = (rest, Some(time));
    }
    if input.eat(Keyword::ENDS) {
        let (rest, time) = moment(input)?;
        (input, ends) = (rest, Some(time));
    }
    Ok((input, Schedule::Every { interval, unit: upper(unit), starts, ends }))
}

/// The number that a text begins with; one that is no string is rounded.
fn whole_number(text: &str, quoted: bool) -> Option<i64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(text.len());
    let number: i64 = if end == 0 && quoted { 0 } else { text[..end].parse().ok()? };
    let half = text[end..].strip_prefix('.').is_some_and(|rest| rest.starts_with(['5', '6', '7', '8', '9']));
    Some(number + i64::from(half && !quoted))
}

/// The unit in upper case, as servers print it here.
fn upper(unit: Unit) -> &'static str {
    const UNITS: [&str; 20] = [
        "MICROSECOND",
        "SECOND",
        "MINUTE",
        "HOUR",
        "DAY",
        "WEEK",
        "MONTH",
        "QUARTER",
        "YEAR",
        "SECOND_MICROSECOND",
        "MINUTE_MICROSECOND",
        "MINUTE_SECOND",
        "HOUR_MICROSECOND",
        "HOUR_SECOND",
        "HOUR_MINUTE",
        "DAY_MICROSECOND",
        "DAY_SECOND",
        "DAY_MINUTE",
        "DAY_HOUR",
        "YEAR_MONTH",
    ];
    UNITS.into_iter().find(|word| word.eq_ignore_ascii_case(unit.as_str())).unwrap_or_default()
}
