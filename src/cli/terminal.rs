//! The three streams of the process, and whether they carry colours.

use std::io::{self, IsTerminal as _, StderrLock, StdoutLock, Write as _};

use alterplan::input::reason;
use alterplan::render::style::{Look, Role, Style, one_line};
use console::Term;

use super::args::ColorChoice;
use super::failure::Failure;

/// Standard output and standard error, locked for the run.
pub(crate) struct Terminal {
    out: StdoutLock<'static>,
    err: StderrLock<'static>,
    color: ColorChoice,
    err_style: Style,
    quiet: bool,
}

impl Terminal {
    /// Takes the streams. The environment's `NO_COLOR` counts where nothing was said (no-color.org).
    pub(crate) fn new(color: ColorChoice, quiet: bool) -> Self {
        let err = io::stderr().lock();
        let err_style = style(color, err.is_terminal());
        Self { out: io::stdout().lock(), err, color, err_style, quiet }
    }

    /// Whether somebody looks at standard output.
    pub(crate) fn is_watched(&self) -> bool {
        self.out.is_terminal()
    }

    /// The style of text on standard output.
    pub(crate) fn style(&self) -> Style {
        style(self.color, self.is_watched())
    }

    /// The look of text on standard output: sentences fit the terminal.
    pub(crate) fn look(&self) -> Look {
        let width = Term::stdout().size_checked().map(|(_, columns)| usize::from(columns));
        Look { style: self.style(), width: width.filter(|_| self.is_watched()) }
    }

    /// The style of text that git reads and hands on to its pager, which shows colours.
    pub(crate) fn style_in_git(&self) -> Style {
        let has_pager = std::env::var_os("GIT_PAGER_IN_USE").is_some();
        style(self.color, has_pager || self.is_watched())
    }

    /// The style of text that goes to a file: colours only where they were asked for.
    pub(crate) fn style_of_files(&self) -> Style {
        style(self.color, false)
    }

    /// Writes to standard output. A reader who has gone is no error: `alterplan … | head` is a fine thing to do.
    pub(crate) fn print(&mut self, text: impl AsRef<[u8]>) -> Result<(), Failure> {
        match self.out.write_all(text.as_ref()).and_then(|()| self.out.flush()) {
            Err(why) if why.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::wrong(format!("cannot write to standard output: {}", reason(&why))))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Writes a report that was laid out already to standard error.
    pub(crate) fn report(&mut self, text: &str) {
        // Where standard error is closed there is nobody left to tell.
        let _ = self.err.write_all(text.as_bytes());
    }

    /// The style of reports.
    pub(crate) fn report_style(&self) -> Style {
        self.err_style
    }

    /// Whether warnings are wanted.
    pub(crate) fn warns(&self) -> bool {
        !self.quiet
    }

    /// A warning of one line, unless the user wants none.
    pub(crate) fn warn(&mut self, message: &str) {
        if self.quiet {
            return;
        }
        let line = format!("{}: {}\n", self.err_style.paint(Role::Caution, "warning"), one_line(message));
        self.report(&line);
    }

    /// A remark of one line.
    pub(crate) fn note(&mut self, message: &str) {
        let line = format!("{}: {}\n", self.err_style.paint(Role::Heading, "note"), one_line(message));
        self.report(&line);
    }

    /// The last words of a run that failed.
    pub(crate) fn failure(&mut self, failure: &Failure) {
        let mut text = format!("{}: {}\n", self.err_style.paint(Role::Danger, "error"), one_line(&failure.message));
        failure.details.iter().for_each(|line| text.push_str(&format!("  {}\n", one_line(line))));
        if let Some(help) = &failure.help {
            text.push_str(&format!("  {} help: {help}\n", self.err_style.paint(Role::Margin, "=")));
        }
        self.report(&text);
    }
}

fn style(color: ColorChoice, is_terminal: bool) -> Style {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match color {
        ColorChoice::Always => Style::Ansi,
        ColorChoice::Never => Style::Plain,
        ColorChoice::Auto if !is_terminal || set("NO_COLOR") => Style::Plain,
        ColorChoice::Auto if std::env::var_os("TERM").is_some_and(|term| term == "dumb") => Style::Plain,
        ColorChoice::Auto => Style::Ansi,
    }
}
