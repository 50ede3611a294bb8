//! `alterplan git-diff`: what git calls to show how a file has changed (`GIT_EXTERNAL_DIFF`, `diff.<driver>.command`).

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use alterplan::catalog::Session;
use alterplan::compare::{self, Relax, Settings, Text};
use alterplan::input;
use alterplan::render;
use alterplan::render::style::{Role, Style, visible};
use alterplan::source::{Pair, Source};
use alterplan::target::{Target, header};
use clap::Args;
use similar::TextDiff;

use super::Exit;
use super::args::Global;
use super::comparison::Comparison;
use super::failure::Failure;
use super::terminal::Terminal;

/// The arguments of `git-diff`, in git's order.
#[derive(Args)]
#[command(after_help = "\
  git config diff.alterplan.command 'alterplan git-diff'
  echo '*.sql diff=alterplan' >> .gitattributes

For canonical text in git's own diffs instead: git config diff.alterplan.textconv 'alterplan fmt'")]
pub(crate) struct Arguments {
    /// The path in the repository
    #[arg(value_name = "PATH")]
    path: String,
    /// A file with the old content
    #[arg(value_name = "OLD")]
    old: Option<OsString>,
    /// Its object's name and its mode, a file with the new content with the same, and for a rename the new path
    #[arg(value_name = "…")]
    rest: Vec<OsString>,
}

/// Runs the command. A file that cannot be read as a schema is shown as lines: git stops where its driver fails.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let style = terminal.style_in_git();
    let (Some(old), Some(new)) = (&arguments.old, arguments.rest.get(2)) else {
        terminal.print(format!("unmerged: {}\n", visible(&arguments.path)))?;
        return Ok(Exit::Done);
    };
    let new_path =
        arguments.rest.get(5).map_or_else(|| arguments.path.clone(), |path| path.to_string_lossy().into_owned());
    let sources = Pair::new(read(old, &arguments.path)?, read(new, &new_path)?);
    let names = sources.as_ref().map(|source| visible(&source.name));
    let heading = if names.old == names.new { names.new.clone() } else { format!("{} → {}", names.old, names.new) };
    let mut out = format!("{}\n", style.paint(Role::Heading, format!("schema diff {heading}")));
    match planned(&sources, global, style) {
        Ok(text) => out.push_str(&text),
        Err(why) => {
            out.push_str(&format!("{}\n", style.paint(Role::Caution, format!("as lines, because {}", visible(&why)))));
            let [old, new] =
                [&sources.old, &sources.new].map(|source| String::from_utf8_lossy(&source.text).into_owned());
            let diff = TextDiff::from_lines(&old, &new);
            out.push_str(&diff.unified_diff().header(&names.old, &names.new).to_string());
        }
    }
    terminal.print(out)?;
    Ok(Exit::Done)
}

fn read(file: &OsString, name: &str) -> Result<Source, Failure> {
    let path = Path::new(file);
    fs::read(path)
        .map(|text| Source::new(name, text))
        .map_err(|why| Failure::wrong(format!("cannot read `{}`: {}", path.display(), input::reason(&why))))
}

/// The plan as text, or why there is none.
fn planned(sources: &Pair<Source>, global: &Global, style: Style) -> Result<String, String> {
    let of_header = |source: &Source| header::read(&source.text).map(|header| header.target);
    let target = global.target.given().or_else(|| of_header(&sources.old)).or_else(|| of_header(&sources.new));
    let target = target.unwrap_or(Target::DEFAULT);
    let text = |source: &Source| Text { sources: vec![source.clone()], target, session: Session::of(target) };
    let (sides, _) = compare::load_pair(sources.as_ref().map(text), Relax::IfNeeded);
    for side in [&sides.old, &sides.new] {
        if let Some(error) = side.script.errors.first() {
            return Err(format!("{}: {}", side.text.place(error.location), error.message));
        }
    }
    let comparison = Comparison::default();
    let settings = Settings {
        target,
        server: global.server(),
        policies: comparison.policies(&global.project).map_err(|why| why.message)?,
        filter: comparison.filter(&global.project).map_err(|why| why.message)?,
        renames: Vec::new(),
        fingerprints: false,
    };
    let plan = compare::compare(sides.as_ref(), &settings).map_err(|why| why.to_string())?;
    Ok(render::text(&plan, sides.as_ref().map(|side| &side.script.schema), target, style))
}
