//! Errors as rustc lays them out: what, where, the line, a caret under the place, what was expected, what to do.

use alterplan::render::style::{Role, Style, one_line, visible};
use alterplan::render::width;
use alterplan::source::{Location, Source};

/// Spaces for a tab.
const TAB: &str = "    ";
/// Bytes of a line that are shown before and after a place in a line too long for any screen.
const WINDOW: usize = 100;
/// How many errors of one side are laid out; the rest is counted.
pub(crate) const MOST: usize = 20;

/// How grave it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Level {
    Error,
    Warning,
}

/// One thing to report.
pub(crate) struct Report<'a> {
    pub(crate) level: Level,
    pub(crate) number: Option<u16>,
    pub(crate) message: &'a str,
    pub(crate) location: Location,
    pub(crate) expected: Option<&'a str>,
    pub(crate) help: Option<&'a str>,
}

/// Lays a report out. Where the source is not known, only its words are left.
pub(crate) fn lay_out(report: &Report<'_>, sources: &[Source], style: Style) -> String {
    let (word, role) = match report.level {
        Level::Error => ("error", Role::Danger),
        Level::Warning => ("warning", Role::Caution),
    };
    let number = report.number.map(|number| format!("[{number}]")).unwrap_or_default();
    let mut out = format!(
        "{}: {}\n",
        style.paint(role, format!("{word}{number}")),
        style.paint(Role::Heading, one_line(report.message))
    );
    let mut gutter = 1;
    if let Some(source) = sources.get(report.location.source) {
        let span = report.location.span;
        let position = source.position(span.start);
        let line = position.line.to_string();
        gutter = line.len();
        let margin = |text: &str| style.paint(Role::Margin, text);
        let excerpt = Excerpt::of(source, span.start, span.end);
        out.push_str(&format!(
            "{pad}{arrow} {}:{line}:{}\n{pad} {bar}\n{} {bar} {}\n{pad} {bar} {}{}\n",
            visible(&source.name),
            position.column,
            margin(&line),
            excerpt.text,
            " ".repeat(excerpt.indent),
            style.paint(role, "^".repeat(excerpt.carets)),
            pad = " ".repeat(gutter),
            arrow = margin("-->"),
            bar = margin("|"),
        ));
    }
    for (label, text) in [("expected", report.expected), ("help", report.help)] {
        if let Some(text) = text {
            out.push_str(&format!(
                "{} {} {label}: {}\n",
                " ".repeat(gutter),
                style.paint(Role::Margin, "="),
                one_line(text)
            ));
        }
    }
    out.push('\n');
    out
}

/// A line of a source as it is shown, with where the carets go.
struct Excerpt {
    text: String,
    indent: usize,
    carets: usize,
}

impl Excerpt {
    /// The part of the line that holds `start`. A place that goes on over the line's end is marked up to there.
    fn of(source: &Source, start: usize, end: usize) -> Self {
        let bytes = &*source.text;
        let start = start.min(bytes.len());
        let line_start = bytes[..start].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let line_end = bytes[start..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |at| start + at);
        let line_end = line_end - usize::from(line_end > start && bytes[line_end - 1] == b'\r');
        let end = end.clamp(start, line_end.max(start)).min(start + WINDOW);
        // A line may be megabytes long.
        let from = char_start(bytes, line_start.max(start.saturating_sub(WINDOW)));
        let to = char_start(bytes, line_end.min(end + WINDOW)).max(end);
        let show = |range: &[u8]| visible(&String::from_utf8_lossy(range)).replace('\t', TAB);
        let before = format!("{}{}", if from > line_start { "…" } else { "" }, show(&bytes[from..start]));
        let marked = show(&bytes[start..end]);
        let after = format!("{}{}", show(&bytes[end..to]), if to < line_end { "…" } else { "" });
        Self {
            indent: width::of_text(&before),
            carets: width::of_text(&marked).max(1),
            text: format!("{before}{marked}{after}").trim_end().to_owned(),
        }
    }
}

/// The offset moved back to where a character of UTF-8 begins.
fn char_start(bytes: &[u8], mut at: usize) -> usize {
    let lowest = at.saturating_sub(3);
    while at > lowest && at < bytes.len() && bytes[at] & 0xc0 == 0x80 {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use alterplan::source::Span;

    fn laid_out(text: &str, marked: &str) -> String {
        let start = text.find(marked).expect("the mark is in the text");
        let location = Location { source: 0, span: Span::new(start, start + marked.len()) };
        let report = Report {
            level: Level::Error,
            number: Some(1060),
            message: "no",
            location,
            expected: Some("yes"),
            help: None,
        };
        lay_out(&report, &[Source::new("a.sql", text)], Style::Plain)
    }

    #[test]
    fn carets_stand_under_wide_characters_and_behind_tabs() {
        let text = "create table t (\n\t`größe` int, `名前` int,\r\n `e\u{301}` x)";
        assert_eq!(
            laid_out(text, "`名前`"),
            "error[1060]: no\n --> a.sql:2:15\n  |\n2 |     `größe` int, `名前` int,\n  |                  ^^^^^^\n  = expected: yes\n\n"
        );
        assert_eq!(
            laid_out(text, "x"),
            "error[1060]: no\n --> a.sql:3:7\n  |\n3 |  `e\u{301}` x)\n  |      ^\n  = expected: yes\n\n"
        );
    }

    #[test]
    fn a_place_over_several_lines_is_marked_up_to_the_end_of_its_first() {
        assert_eq!(
            laid_out("a (\nb)", "(\nb"),
            "error[1060]: no\n --> a.sql:1:3\n  |\n1 | a (\n  |   ^\n  = expected: yes\n\n"
        );
        assert_eq!(
            laid_out("a\r\nb", "\nb"),
            "error[1060]: no\n --> a.sql:1:3\n  |\n1 | a␍\n  |   ^\n  = expected: yes\n\n"
        );
    }

    #[test]
    fn a_long_line_is_cut_around_its_place() {
        let text = format!("{}X{}", "é".repeat(5_000), "é".repeat(5_000));
        let shown = laid_out(&text, "X");
        let fifty = "é".repeat(50);
        assert_eq!(shown.lines().nth(3), Some(format!("1 | …{fifty}X{fifty}…").as_str()));
        assert_eq!(shown.lines().nth(4), Some(format!("  | {}^", " ".repeat(51)).as_str()));
    }
}
