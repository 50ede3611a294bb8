//! Colours of text for a terminal, and how text from strangers is made safe for one.

use super::width;

/// Whether text carries colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Style {
    /// Characters alone.
    #[default]
    Plain,
    /// With ANSI escape sequences.
    Ansi,
}

/// What a piece of text is, for its colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// A heading.
    Heading,
    /// Something added.
    Added,
    /// Something removed.
    Removed,
    /// A danger that ends in loss, or an error.
    Danger,
    /// A danger that ends in waiting or work, or a warning.
    Caution,
    /// A place, a line number, a gutter.
    Margin,
    /// What may be passed over.
    Faint,
}

impl Role {
    const fn code(self) -> &'static str {
        match self {
            Self::Heading => "1",
            Self::Added => "32",
            Self::Removed => "31",
            Self::Danger => "1;31",
            Self::Caution => "1;33",
            Self::Margin => "1;34",
            Self::Faint => "2",
        }
    }
}

/// How text is laid out for its reader.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Look {
    /// Its colours.
    pub style: Style,
    /// The columns that sentences are wrapped at; `None`: nowhere. Statements and definitions are never wrapped.
    pub width: Option<usize>,
}

impl From<Style> for Look {
    fn from(style: Style) -> Self {
        Self { style, width: None }
    }
}

/// Narrower than this nothing is wrapped.
const NARROWEST: usize = 24;

impl Look {
    /// A sentence with its colour, on lines of its own behind an indent; further lines are indented by two more. A label before
    /// it has a colour of its own.
    pub(super) fn say(self, indent: &str, label: Option<(Role, &str)>, role: Option<Role>, text: &str) -> String {
        let whole = label.map_or_else(|| text.to_owned(), |(_, label)| format!("{label} {text}"));
        let lines = match self.width {
            Some(width) => width::wrapped(&whole, width.max(NARROWEST) - indent.len() - 2),
            None => vec![whole],
        };
        let mut out = String::new();
        for (number, line) in lines.iter().enumerate() {
            let painted = |text: &str| role.map_or_else(|| text.to_owned(), |role| self.style.paint(role, text));
            let first =
                label.filter(|_| number == 0).and_then(|(role, label)| Some((role, label, line.strip_prefix(label)?)));
            let line = match first {
                Some((of_label, label, rest)) => format!("{}{}", self.style.paint(of_label, label), painted(rest)),
                None => painted(line),
            };
            out.push_str(&format!("{indent}{}{line}\n", if number == 0 { "" } else { "  " }));
        }
        out
    }
}

impl Style {
    /// The text in the colour of its role.
    pub fn paint(self, role: Role, text: impl AsRef<str>) -> String {
        let text = text.as_ref();
        match self {
            Self::Plain => text.to_owned(),
            Self::Ansi => format!("\x1b[{}m{text}\x1b[0m", role.code()),
        }
    }
}

/// The text with its control characters shown by pictures, newline and tab excepted: a name in a dump may
/// hold an escape sequence, and a terminal would obey it.
pub fn visible(text: &str) -> String {
    text.chars().map(|c| if c == '\n' || c == '\t' { c } else { picture(c) }).collect()
}

/// The text as one line: line ends and tabs become blanks, other control characters their pictures.
pub fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if matches!(c, '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}') { ' ' } else { picture(c) })
        .collect()
}

/// A visible stand-in of a control character (Unicode, "Control Pictures").
fn picture(c: char) -> char {
    match c {
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\x7f' => '\u{2421}',
        '\u{80}'..='\u{9f}' => '\u{fffd}',
        _ => c,
    }
}
