//! Views and programs that hint at keys (MySQL 8.4 manual, section 10.9.4 "Index Hints"): without the key they can no longer be
//! read or run (1176).

use std::iter::Peekable;
use std::slice::Iter;

use crate::document::{Hazard, HazardKind};
use crate::ident::Ident;
use crate::model::{Database, Index, Table};
use crate::plan::operation::Operation;
use crate::source::Pair;

/// What of a database as it will be breaks by the keys that an ALTER takes away or renames.
pub(crate) fn broken(home: Option<&Database>, tables: Pair<&Table>, operations: &[Operation<'_>]) -> Vec<Hazard> {
    let takes = |o: &Operation<'_>| matches!(o, Operation::DropIndex(_) | Operation::RenameIndex(_));
    if !operations.iter().any(takes) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for object in home.iter().flat_map(|home| home.objects.values()) {
        for name in hints(&object.text, &tables.new.name) {
            let (Some(key), None) = (meant(tables.old, &name), meant(tables.new, &name)) else { continue };
            let (kind, object) = (object.kind.word(), object.name.quoted());
            found.push(Hazard {
                kind: HazardKind::Incompatible,
                reason: format!("{kind} {object} breaks: it hints at key {}, which goes", key.name.quoted()),
                probe: None,
            });
        }
    }
    found
}

/// The key that a hint means: the beginning of its name is enough where no other one begins so.
fn meant<'t>(table: &'t Table, hint: &str) -> Option<&'t Index> {
    let folded = hint.to_lowercase();
    let mut begun = table.indexes.iter().filter(|index| index.name.as_str().to_lowercase().starts_with(&folded));
    table.index(hint).or_else(|| begun.next().filter(|_| begun.next().is_none()))
}

/// A word or a mark of a statement; what stands in quotes or comments is none.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Token {
    Word(String),
    Quoted(String),
    Mark(char),
}

impl Token {
    fn is(&self, words: &[&str]) -> bool {
        matches!(self, Self::Word(own) if words.iter().any(|word| own.eq_ignore_ascii_case(word)))
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Word(name) | Self::Quoted(name) => Some(name),
            Self::Mark(_) => None,
        }
    }
}

/// The names of keys in the hints that follow a table's name.
fn hints(text: &str, table: &Ident) -> Vec<String> {
    let tokens = tokens(text);
    let mut found: Vec<String> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if !token.name().is_some_and(|name| table.is(name)) {
            continue;
        }
        let mut rest = tokens[at + 1..].iter().peekable();
        rest.next_if(|token| token.is(&["as"]));
        rest.next_if(|token| token.name().is_some() && !token.is(&HINTS));
        while let Some(names) = hint(&mut rest) {
            found.extend(names.into_iter().filter(|name| !found.contains(name)).collect::<Vec<_>>());
        }
    }
    found
}

const HINTS: [&str; 3] = ["use", "force", "ignore"];

/// `{USE | FORCE | IGNORE} {INDEX | KEY} [FOR {JOIN | ORDER BY | GROUP BY}] (names)`.
fn hint(rest: &mut Peekable<Iter<'_, Token>>) -> Option<Vec<String>> {
    rest.next_if(|token| **token == Token::Mark(','));
    rest.next_if(|token| token.is(&HINTS))?;
    rest.next_if(|token| token.is(&["index", "key"]))?;
    while rest.next_if(|token| token.is(&["for", "join", "order", "group", "by"])).is_some() {}
    rest.next_if(|token| **token == Token::Mark('('))?;
    let inside = rest.take_while(|token| **token != Token::Mark(')'));
    Some(inside.filter_map(|token| token.name().map(str::to_owned)).collect())
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '`' => tokens.push(Token::Quoted(chars.by_ref().take_while(|c| *c != '`').collect())),
            '\'' | '"' => {
                while let Some(inner) = chars.next().filter(|inner| *inner != c) {
                    if inner == '\\' {
                        chars.next();
                    }
                }
            }
            '#' => chars.by_ref().take_while(|c| *c != '\n').for_each(drop),
            '-' if chars.next_if_eq(&'-').is_some() => chars.by_ref().take_while(|c| *c != '\n').for_each(drop),
            '/' if chars.next_if_eq(&'*').is_some() => {
                let mut before = ' ';
                while let Some(inner) = chars.next().filter(|inner| (before, *inner) != ('*', '/')) {
                    before = inner;
                }
            }
            _ if is_of_word(c) => {
                let mut word = String::from(c);
                while let Some(more) = chars.next_if(|c| is_of_word(*c)) {
                    word.push(more);
                }
                tokens.push(Token::Word(word));
            }
            _ if c.is_whitespace() => {}
            _ => tokens.push(Token::Mark(c)),
        }
    }
    tokens
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        hints(text, &Ident::from("t"))
    }

    #[test]
    fn hints_are_those_of_the_table() {
        assert_eq!(found("SELECT a FROM t FORCE INDEX (k)"), ["k"]);
        assert_eq!(
            found("SELECT 1 FROM `db`.`T` AS `x` USE KEY FOR ORDER BY (`k 1`, j) IGNORE INDEX (PRIMARY)"),
            ["k 1", "j", "PRIMARY"]
        );
        assert_eq!(found("DELETE FROM u FORCE INDEX (k) WHERE a IN (SELECT a FROM t x)"), [""; 0]);
        assert_eq!(found("SELECT 't FORCE INDEX (k)' /* t USE INDEX (k) */ FROM t -- t USE KEY (k)"), [""; 0]);
        assert_eq!(found("SELECT a FROM t USE INDEX (), u"), [""; 0]);
    }
}
