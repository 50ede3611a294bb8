//! Text from strangers on its way into a page.

use crate::render::style::visible;

/// The text as content of an element or of an attribute between double quotes.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Words of ours with names between backticks, as content of an element: the names are code.
pub(super) fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escape(text);
    }
    let name = |part: &str| if part.is_empty() { "``".to_owned() } else { format!("<code>{}</code>", escape(part)) };
    parts.into_iter().enumerate().map(|(at, part)| if at % 2 == 0 { escape(part) } else { name(part) }).collect()
}

/// The text as an id: letters, digits, and the numbers of all other characters.
pub(super) fn slug(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() || c == '-' => out.push(c),
            c => out.push_str(&format!("_{:x}_", u32::from(c))),
        }
    }
    out
}
