//! What the right side of a SET comes to: literals, variables, and the functions with which scripts keep, restore and
//! edit modes.

/// The value of an expression as written; `variable` knows those named with `@` or `@@`. `None` is NULL, and what
/// cannot be told.
pub(super) fn evaluate(text: &str, variable: &dyn Fn(&str) -> Option<Box<str>>) -> Option<Box<str>> {
    let text = text.trim();
    if let Some((function, inner)) = call(text) {
        return called(function, &arguments(inner), variable);
    }
    if let Some(rest) = stripped_word(text, "SELECT") {
        return evaluate(rest, variable);
    }
    if text.starts_with('@') {
        return variable(text);
    }
    (!text.eq_ignore_ascii_case("NULL")).then(|| text.trim_matches(['\'', '"', '`']).into())
}

/// Whether an expression is its own value.
pub(super) fn is_constant(text: &str) -> bool {
    let text = text.trim();
    text.starts_with(['\'', '"']) || !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// What a call comes to; parentheses are a call of no name.
fn called(function: &str, written: &[&str], variable: &dyn Fn(&str) -> Option<Box<str>>) -> Option<Box<str>> {
    let value = |number: usize| evaluate(written.get(number)?, variable);
    let every = || written.iter().map(|text| evaluate(text, variable)).collect::<Option<Vec<_>>>();
    let name = function.to_ascii_lowercase();
    Some(match name.strip_prefix("sys.").unwrap_or(&name) {
        "" | "trim" | "upper" | "lower" if written.len() == 1 => value(0)?,
        "concat" => every()?.concat().into(),
        "concat_ws" => every()?.split_first().map(|(separator, rest)| rest.join(separator))?.into(),
        "replace" => value(0)?.replace(&*value(1)?, &value(2)?).into(),
        "list_add" => [value(0)?, value(1)?].join(",").into(),
        "list_drop" => {
            let (list, dropped) = (value(0)?, value(1)?);
            let kept: Vec<&str> = list.split(',').filter(|word| !word.trim().eq_ignore_ascii_case(&dropped)).collect();
            kept.join(",").into()
        }
        "ifnull" | "coalesce" | "nvl" => written.iter().find_map(|text| evaluate(text, variable))?,
        "if" => value(if holds(written.first()?, variable)? { 1 } else { 2 })?,
        _ => return None,
    })
}

/// Whether a condition `… IS [NOT] NULL` holds; `None` of another.
fn holds(condition: &str, variable: &dyn Fn(&str) -> Option<Box<str>>) -> Option<bool> {
    let words: Vec<&str> = condition.split_ascii_whitespace().collect();
    let is = |word: &str, expected: &str| word.eq_ignore_ascii_case(expected);
    match *words {
        [value, is_word, null] if is(is_word, "IS") && is(null, "NULL") => Some(evaluate(value, variable).is_none()),
        [value, is_word, not, null] if is(is_word, "IS") && is(not, "NOT") && is(null, "NULL") => {
            Some(evaluate(value, variable).is_some())
        }
        _ => None,
    }
}

/// What follows a word that a text begins with.
fn stripped_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (first, rest) = text.split_once(|c: char| c.is_ascii_whitespace())?;
    first.eq_ignore_ascii_case(word).then_some(rest)
}

/// The name and the inside of a call that is the whole text.
fn call(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.split_once('(')?;
    let inner = rest.strip_suffix(')')?;
    let name = name.trim_end();
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
    // `(a), (b)` is no call: its first parenthesis closes before the end.
    (is_name && pieces(inner, |_| false).is_some()).then_some((name, inner))
}

/// The arguments of a call, at the commas outside quotes and parentheses.
fn arguments(inner: &str) -> Vec<&str> {
    pieces(inner, |c| c == ',').unwrap_or_default()
}

/// A text cut at some characters outside quotes and parentheses; `None` where a parenthesis closes that was not opened.
fn pieces(text: &str, cuts: impl Fn(char) -> bool) -> Option<Vec<&str>> {
    let (mut found, mut from, mut depth, mut quoted) = (Vec::new(), 0, 0usize, None);
    for (at, c) in text.char_indices() {
        match (quoted, c) {
            (Some(quote), _) if c == quote => quoted = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quoted = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.checked_sub(1)?,
            (None, _) if depth == 0 && cuts(c) => {
                found.push(&text[from..at]);
                from = at + c.len_utf8();
            }
            (None, _) => {}
        }
    }
    found.push(&text[from..]);
    Some(found)
}
