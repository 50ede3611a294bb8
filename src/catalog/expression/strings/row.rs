//! Which arguments of a function meet, and what its result is: `grammar/strings.tsv`.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::target::Target;

/// A row of `grammar/strings.tsv`.
pub(super) struct Row {
    /// The first argument that meets others, and the one behind the last.
    pub(super) arguments: (usize, usize),
    /// One of so many meets.
    pub(super) step: usize,
    pub(super) meeting: Meeting,
    pub(super) result: Of,
}

#[derive(Clone, Copy)]
pub(super) enum Meeting {
    None,
    All,
    /// As all of them, and something must say by which collation they compare.
    Compared,
    IfText,
    ComparedIfText,
    IfTexts,
    IfStrings,
    Lead(usize),
}

#[derive(Clone, Copy)]
pub(super) enum Of {
    All,
    Argument(usize),
    Connection,
    Json,
    Bytes,
}

/// The row of a function, MariaDB's own before the one for both.
pub(super) fn row_of(name: &str, target: Target) -> Option<&'static Row> {
    let own = if target.is_mariadb() { rows().get(&*format!("{name}@mariadb")) } else { None };
    own.or_else(|| rows().get(name))
}

fn rows() -> &'static HashMap<&'static str, Row> {
    static ROWS: OnceLock<HashMap<&'static str, Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let lines = include_str!("../../../../grammar/strings.tsv").lines().filter(|line| !line.starts_with('#'));
        lines.skip(1).filter_map(row).collect()
    })
}

fn row(line: &'static str) -> Option<(&'static str, Row)> {
    let mut cells = line.split('\t');
    let (name, arguments, meeting, result) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    let number = |text: &str| text.parse::<usize>().ok();
    let (arguments, step) = arguments.split_once('/').unwrap_or((arguments, "1"));
    let (first, last) = arguments.split_once('-')?;
    let arguments = (number(first).map_or(0, |first| first - 1), number(last).unwrap_or(usize::MAX));
    let meeting = match meeting.split_once(' ') {
        Some((_, lead)) => Meeting::Lead(number(lead)? - 1),
        None if meeting == "all" => Meeting::All,
        None if meeting == "compared" => Meeting::Compared,
        None if meeting == "comparedtext" => Meeting::ComparedIfText,
        None if meeting == "text" => Meeting::IfText,
        None if meeting == "texts" => Meeting::IfTexts,
        None if meeting == "strings" => Meeting::IfStrings,
        None => Meeting::None,
    };
    let result = match result {
        "all" => Of::All,
        "json" => Of::Json,
        "bytes" => Of::Bytes,
        "text" => Of::Connection,
        at => Of::Argument(number(at)? - 1),
    };
    Some((name, Row { arguments, step: number(step)?, meeting, result }))
}
