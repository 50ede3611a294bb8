//! Views and stored programs that differ. They are compared as text.

use std::borrow::Cow;

use super::{Comparison, Definer};
use crate::model::{Database, TextObject};
use crate::source::Pair;

/// One object that differs.
#[derive(Clone, Debug)]
pub enum ObjectChange<'a> {
    /// Only NEW has it.
    Added(&'a TextObject),
    /// Only OLD has it.
    Dropped(&'a TextObject),
    /// Both have it.
    Altered {
        /// The object on either side.
        objects: Pair<&'a TextObject>,
        /// What differs.
        aspects: Vec<ObjectAspect>,
    },
}

/// What of an object differs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum ObjectAspect {
    /// Its text.
    Text,
}

/// Whether two objects are the same but for the place of their definitions.
fn same(old: &TextObject, new: &TextObject) -> bool {
    old.text == new.text && old.sql_mode == new.sql_mode
}

/// Compares the views and stored programs of two databases.
pub(crate) fn objects<'a>(sides: Pair<Option<&'a Database>>, comparison: &mut Comparison<'_>) -> Vec<ObjectChange<'a>> {
    let mut changes = Vec::new();
    let find =
        |side: Option<&'a Database>, of: &TextObject| side.and_then(|d| d.objects.get(&(of.kind, of.name.clone())));
    for old in sides.old.iter().flat_map(|d| d.objects.values()) {
        let new = find(sides.new, old);
        if new.is_some_and(|new| same(old, new)) || !comparison.takes(old.kind.word(), old.name.as_str()) {
            continue;
        }
        match new {
            None => {
                if comparison.drops(|| format!("{} {}", old.kind.word(), old.name.quoted())) {
                    changes.push(ObjectChange::Dropped(old));
                }
            }
            Some(new) => {
                let aspects = aspects(Pair::new(old, new), comparison);
                if !aspects.is_empty() {
                    changes.push(ObjectChange::Altered { objects: Pair::new(old, new), aspects });
                }
            }
        }
    }
    for new in sides.new.iter().flat_map(|d| d.objects.values()) {
        if find(sides.old, new).is_none() && comparison.takes(new.kind.word(), new.name.as_str()) {
            changes.push(ObjectChange::Added(new));
        }
    }
    changes
}

fn aspects(objects: Pair<&TextObject>, comparison: &mut Comparison<'_>) -> Vec<ObjectAspect> {
    let Pair { old, new } = objects;
    let mut found = Vec::new();
    if old.text != new.text {
        let same =
            comparison.policies.definer == Definer::Ignore && without_definer(&old.text) == without_definer(&new.text);
        if same {
            comparison.aside(format!("the definer of {} {}", new.kind.word(), new.name.quoted()), "definer=ignore");
        } else {
            found.push(ObjectAspect::Text);
        }
    }
    // The server keeps sql_mode with programs, not with views; files written by hand seldom say it.
    if old.sql_mode != new.sql_mode && new.kind != crate::model::ObjectKind::View && found.is_empty() {
        comparison.aside(format!("the sql_mode of {} {}", new.kind.word(), new.name.quoted()), "sql_mode=ignore");
    }
    found
}

/// The text of an object without its `DEFINER = user` clause, which stands in its head.
pub(crate) fn without_definer(text: &str) -> Cow<'_, str> {
    const WORD: &[u8] = b"DEFINER";
    let Some(at) = text.as_bytes().windows(WORD.len()).take(200).position(|w| w.eq_ignore_ascii_case(WORD)) else {
        return Cow::Borrowed(text);
    };
    let rest = text[at + WORD.len()..].trim_start();
    let Some(user) = rest.strip_prefix('=') else { return Cow::Borrowed(text) };
    let user = user.trim_start();
    let end = account(user);
    Cow::Owned(format!("{}{}", &text[..at], user[end..].trim_start()))
}

/// The length of an account name, `user@host` with either part perhaps quoted.
fn account(text: &str) -> usize {
    let mut quote = None;
    for (i, c) in text.char_indices() {
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if matches!(c, '`' | '\'' | '"') => quote = Some(c),
            None if c.is_whitespace() || c == '*' => return i,
            None => {}
        }
    }
    text.len()
}
