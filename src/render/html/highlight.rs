//! SQL with its strings, names, numbers and keywords marked for a style sheet.

use super::escape::escape;

/// The statement as content of an element. Every byte of it is there once, in order.
pub(super) fn highlight(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len() * 2);
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let (class, length) = token(rest, first);
        let (text, after) = rest.split_at(length);
        match class {
            "" => out.push_str(&escape(text)),
            class => out.push_str(&format!("<span class=\"{class}\">{}</span>", escape(text))),
        }
        rest = after;
    }
    out
}

/// The class and length of the token that a text begins with.
fn token(rest: &str, first: char) -> (&'static str, usize) {
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '@');
    let run = |of: &dyn Fn(char) -> bool| rest.find(|c: char| !of(c)).unwrap_or(rest.len());
    match first {
        '\'' | '"' => ("s", quoted(rest, first)),
        '`' => ("i", quoted(rest, first)),
        '0'..='9' => ("n", run(&|c| c.is_ascii_alphanumeric() || c == '.')),
        c if word(c) => {
            let length = run(&word);
            let is_keyword = rest[..length].bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
            (if is_keyword { "k" } else { "" }, length)
        }
        '/' if rest.starts_with("/*") => ("c", rest[2..].find("*/").map_or(rest.len(), |end| end + 4)),
        '-' if rest.starts_with("-- ") => ("c", rest.find('\n').unwrap_or(rest.len())),
        '#' => ("c", rest.find('\n').unwrap_or(rest.len())),
        _ => {
            let marks = |c: char| !word(c) && !matches!(c, '\'' | '"' | '`' | '/' | '-' | '#');
            ("", run(&marks).max(first.len_utf8()))
        }
    }
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote != '`' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::highlight;

    #[test]
    fn tokens_are_marked_and_nothing_is_lost() {
        let cases = [
            (
                "ADD `a<b` int DEFAULT '\\'x' -- é",
                "<span class=\"k\">ADD</span> <span class=\"i\">`a&lt;b`</span> int <span class=\"k\">DEFAULT</span> \
                <span class=\"s\">&#39;\\&#39;x&#39;</span> <span class=\"c\">-- é</span>",
            ),
            ("1.5-é/2", "<span class=\"n\">1.5</span>-é/<span class=\"n\">2</span>"),
            ("/*!80016 CHECK", "<span class=\"c\">/*!80016 CHECK</span>"),
            ("'open", "<span class=\"s\">&#39;open</span>"),
        ];
        for (sql, want) in cases {
            assert_eq!(highlight(sql), want);
        }
    }
}
