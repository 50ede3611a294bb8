//! From the command line's words to loaded schemas: reading, choosing targets, reporting what was refused.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::io;

use alterplan::catalog::script::Lack;
use alterplan::catalog::{ScriptWarning, Session};
use alterplan::compare::{self, Leniency, Loaded, Relax, Side, Text};
use alterplan::input::{self, Input, Place, Stream};
use alterplan::live::{Address, Facts};
use alterplan::preprocess::Sieve;
use alterplan::source::{Location, Pair, Source};
use alterplan::target::{Target, header};

use super::args::{Global, TargetChoice};
use super::failure::Failure;
use super::progress::Progress;
use super::report::{self, Level, Report};
use super::terminal::Terminal;

/// A side as it was read from its place.
pub(crate) struct Read {
    pub(crate) name: String,
    streams: Vec<Stream>,
    /// What the server says of itself that the side was read from.
    facts: Option<Facts>,
}

/// Reads one place.
pub(crate) fn read(given: &OsStr, global: &Global) -> Result<Read, Failure> {
    let place = match Place::parse(given)? {
        Place::Server(address) => Place::Server(with_password(address)),
        place => place,
    };
    let name = place.name();
    let mut bar = Progress::new(format!("reading {name}"), global.quiet);
    let Input { sources, facts } =
        input::read(&place, &mut io::stdin().lock(), &mut |progress| bar.set(progress.done, progress.total))?;
    Ok(Read { name, streams: sources.into_iter().map(Stream::from).collect(), facts })
}

/// Reads one place for the schema alone: of a long text only what defines something is held.
pub(crate) fn skim(given: &OsStr, global: &Global) -> Result<Read, Failure> {
    match Place::parse(given)? {
        Place::Server(_) => read(given, global),
        place => Ok(Read { name: place.name(), streams: input::open(&place, io::stdin())?, facts: None }),
    }
}

/// The address with the password of the environment, where it has none.
pub(crate) fn with_password(address: Address) -> Address {
    address.or_password(std::env::var("ALTERPLAN_PASSWORD").ok())
}

/// Reads both places for their schemas alone.
pub(crate) fn read_pair(old: &OsStr, new: &OsStr, global: &Global) -> Result<Pair<Read>, Failure> {
    if old == "-" && new == "-" {
        return Err(Failure::wrong("OLD and NEW cannot both be standard input"));
    }
    let sides = Pair::new(old, new);
    sides.map_beside(is_long(old) && is_long(new), |given| skim(given, global)).both()
}

/// Whether it is a file that takes longer to read than another thread to start.
fn is_long(given: &OsStr) -> bool {
    const LONG: u64 = 1024 * 1024;
    std::fs::metadata(given).is_ok_and(|about| about.is_file() && about.len() >= LONG)
}

/// The targets of a comparison: each side's, and the one that the plan is written for.
pub(crate) struct Targets {
    pub(crate) sides: Pair<Target>,
    pub(crate) plan: Target,
}

/// Chooses targets: what was said, else what a dump's header says, else what the other side has.
pub(crate) fn targets(sides: Pair<&Read>, global: &Global, terminal: &mut Terminal) -> Targets {
    let old = target_of(sides.old, global.old_target.unwrap_or(global.target), terminal);
    let new = target_of(sides.new, global.new_target.unwrap_or(global.target), terminal);
    let chosen = Pair { old: old.or(new).unwrap_or(Target::DEFAULT), new: new.or(old).unwrap_or(Target::DEFAULT) };
    let targets = Targets { plan: global.target.given().unwrap_or(chosen.old), sides: chosen };
    if global.verbose {
        terminal.note(&format!("`{}` is read as {}", sides.old.name, targets.sides.old));
        terminal.note(&format!("`{}` is read as {}", sides.new.name, targets.sides.new));
        terminal.note(&format!("the plan is written for {}", targets.plan));
    }
    targets
}

/// Chooses targets for a comparison whose plan runs on a server: its target is the plan's, and that of a side that says
/// nothing of its own.
pub(crate) fn targets_on(sides: Pair<&Read>, server: Target, global: &Global, terminal: &mut Terminal) -> Targets {
    let old = target_of(sides.old, global.old_target.unwrap_or(global.target), terminal);
    let new = target_of(sides.new, global.new_target.unwrap_or(global.target), terminal);
    Targets {
        sides: Pair { old: old.unwrap_or(server), new: new.unwrap_or(server) },
        plan: global.target.given().unwrap_or(server),
    }
}

/// The server that an option names.
pub(crate) fn server(given: &str) -> Result<Address, Failure> {
    Ok(with_password(Address::parse(given)?))
}

/// The session of a server with these variables.
pub(crate) fn session(variables: &BTreeMap<String, String>, target: Target) -> Result<Session, Failure> {
    let mut session = Session::of(target);
    for (name, value) in variables {
        session.set(name, value, target).map_err(|why| Failure::wrong(format!("{name}={value}: {why}")))?;
    }
    Ok(session)
}

/// The target of a single source.
pub(crate) fn target(side: &Read, global: &Global, terminal: &mut Terminal) -> Target {
    let target = target_of(side, global.target, terminal).unwrap_or(Target::DEFAULT);
    if global.verbose {
        terminal.note(&format!("`{}` is read as {target}", side.name));
    }
    target
}

fn target_of(side: &Read, choice: TargetChoice, terminal: &mut Terminal) -> Option<Target> {
    if let Some(given) = choice.given() {
        return Some(given);
    }
    let found = match &side.facts {
        Some(facts) => facts.target.clone(),
        None => side.streams.iter().find_map(|stream| header::read(stream.head()))?,
    };
    if let Some(version) = &found.unsupported {
        terminal.warn(&format!(
            "`{}` is from {version}, which is not supported; it is read as {}, the nearest that is",
            side.name, found.target
        ));
    }
    Some(found.target)
}

/// The variables that both sides are read with: those of a live side, and over them those that were set.
///
/// A live side's hold for the other as well: a schema file is read as that server would.
pub(crate) fn variables(sides: Pair<&Read>, targets: Pair<Target>, global: &Global) -> Pair<BTreeMap<String, String>> {
    let of = |side: &Read, target: Target, other: &Read, others: Target| {
        let facts = side.facts.as_ref().or(other.facts.as_ref().filter(|_| target == others));
        let mut variables = facts.map(|facts| facts.variables.clone()).unwrap_or_default();
        variables.extend(global.server());
        variables
    };
    Pair {
        old: of(sides.old, targets.old, sides.new, targets.new),
        new: of(sides.new, targets.new, sides.old, targets.old),
    }
}

/// The variables that are not what a server of that target has without a config file.
pub(crate) fn unusual(variables: &BTreeMap<String, String>, target: Target) -> BTreeMap<String, String> {
    let usual = Session::of(target);
    let differs = |name: &str, value: &str| {
        let mut session = usual.clone();
        session.set(name, value, target).is_err() || session != usual
    };
    variables.iter().filter(|(name, value)| differs(name, value)).map(|(n, v)| (n.clone(), v.clone())).collect()
}

/// What a side's sources and options come to.
fn text(side: Read, target: Target, server: &BTreeMap<String, String>) -> Result<Text, Failure> {
    let mut session = Session::of(target);
    session.stored = side.facts.is_some();
    for (name, value) in server {
        let refused = |why| match &side.facts {
            Some(facts) if facts.variables.get(name) == Some(value) => {
                Failure::wrong(format!("`{}` has {name}={value}: {why}", side.name))
                    .help(format!("`--server-set {name}=…` reads it with another"))
            }
            Some(_) | None => Failure::wrong(format!("--server-set {name}={value}: {why}")),
        };
        session.set(name, value, target).map_err(refused)?;
    }
    let sources = side.streams.into_iter().map(|stream| source(stream, target, &session));
    Ok(Text { sources: sources.collect::<Result<_, _>>()?, target, session })
}

/// What both sides come to: at once, where both are too long to be held.
fn texts(
    sides: Pair<Read>,
    targets: Pair<Target>,
    server: &Pair<BTreeMap<String, String>>,
) -> Result<Pair<Text>, Failure> {
    let is_long = |side: &Read| side.streams.iter().any(Stream::goes_on);
    let worth = is_long(&sides.old) && is_long(&sides.new);
    let sides = sides.zip(targets.zip(server.as_ref()));
    sides.map_beside(worth, |(side, (target, server))| text(side, target, server)).both()
}

/// A text as it is, or without its rows where it is long.
fn source(stream: Stream, target: Target, session: &Session) -> Result<Source, Failure> {
    let stream = match stream.into_whole()? {
        Ok(whole) => return Ok(whole),
        Err(stream) => stream,
    };
    let mut sieve = Sieve::new(target, session.lexis());
    let name = stream.name.clone();
    stream.pour(Sieve::ROOM, |piece| sieve.push_with_room(piece))?;
    Ok(sieve.finish(name))
}

/// Loads one side. What a server would refuse ends the run, all of it reported.
pub(crate) fn load(
    side: Read,
    target: Target,
    server: &BTreeMap<String, String>,
    terminal: &mut Terminal,
) -> Result<Loaded, Failure> {
    let name = side.name.clone();
    let loaded = compare::load(text(side, target, server)?);
    match refusals(&name, &loaded, terminal) {
        None => Ok(loaded),
        Some(message) => Err(Failure { help: misread(&name, &loaded, "--target"), ..Failure::wrong(message) }),
    }
}

/// What reads a refused side as the server that its header names; `None` where that is how it was read.
fn misread(name: &str, side: &Loaded, option: &str) -> Option<String> {
    let named = side.text.sources.iter().find_map(|source| header::read(&source.text))?.target;
    let other = !named.is_of_series(side.text.target);
    other.then(|| format!("`{name}` says that it is of {named}: `{option} {named}` reads it so"))
}

/// Loads both sides. What a server would refuse ends the run, all of it reported.
pub(crate) fn load_pair(
    sides: Pair<Read>,
    targets: Pair<Target>,
    server: &Pair<BTreeMap<String, String>>,
    global: &Global,
    terminal: &mut Terminal,
) -> Result<Pair<Loaded>, Failure> {
    let names = sides.as_ref().map(|side| side.name.clone());
    let texts = texts(sides, targets, server)?;
    let relax = if global.server().contains_key("sql_mode") { Relax::No } else { Relax::IfNeeded };
    let load = if global.no_shortcut { compare::load_pair_at_length } else { compare::load_pair };
    let (loaded, leniency) = load(texts, relax);
    if let Some(leniency) = leniency {
        warn_of(&leniency, &names, &loaded, terminal);
    }
    let refused = [(&names.old, &loaded.old, "--old-target"), (&names.new, &loaded.new, "--new-target")];
    let refused = refused.map(|(name, side, option)| {
        refusals(name, side, terminal).map(|message| (message, misread(name, side, option)))
    });
    let (messages, helps): (Vec<_>, Vec<_>) = refused.into_iter().flatten().unzip();
    if messages.is_empty() {
        return Ok(loaded);
    }
    Err(Failure { help: helps.into_iter().flatten().next(), ..Failure::wrong(messages.join("; ")) })
}

fn warn_of(leniency: &Leniency, names: &Pair<String>, loaded: &Pair<Loaded>, terminal: &mut Terminal) {
    let (name, side) = match leniency.side {
        Side::Old => (&names.old, &loaded.old),
        Side::New => (&names.new, &loaded.new),
    };
    let message =
        format!("`{name}` loads only without the strict modes of sql_mode, and so will the plan: {}", leniency.reason);
    let report = Report {
        level: Level::Warning,
        number: None,
        message: &message,
        location: leniency.location,
        expected: None,
        help: Some("`--server-set sql_mode=…` decides it"),
    };
    if terminal.warns() {
        terminal.report(&report::lay_out(&report, &side.text.sources, terminal.report_style()));
    }
}

/// Reports what a server would refuse; says in one line how much it is.
pub(crate) fn refusals(name: &str, side: &Loaded, terminal: &mut Terminal) -> Option<String> {
    let errors = &side.script.errors;
    let only_strict = errors.iter().all(|error| error.strict_only);
    for error in errors.iter().take(report::MOST) {
        let strict_help =
            only_strict.then_some("`--server-set sql_mode=NO_ENGINE_SUBSTITUTION` reads it as an old server would");
        let report = Report {
            level: Level::Error,
            number: error.number,
            message: &error.message,
            location: error.location,
            expected: None,
            help: error.hint.or(strict_help),
        };
        terminal.report(&report::lay_out(&report, &side.text.sources, terminal.report_style()));
    }
    match errors.len() {
        0 => None,
        1 => Some(format!("1 statement of `{name}` could not be read")),
        n if n > report::MOST => {
            Some(format!("{n} statements of `{name}` could not be read, of which the first {} are shown", report::MOST))
        }
        n => Some(format!("{n} statements of `{name}` could not be read")),
    }
}

/// Reports what was stored otherwise than it was written or not understood on a side, and, where the user wants to hear of
/// everything, what was set aside. What was `said` of the other side is not said again.
pub(crate) fn report_gaps(
    side: &Loaded,
    said: Option<&Loaded>,
    level: Level,
    global: &Global,
    terminal: &mut Terminal,
) {
    if terminal.warns() {
        report_warnings(side, said, terminal);
    }
    if level == Level::Error || terminal.warns() {
        for gap in side.script.not_understood.iter().take(report::MOST) {
            let report = Report {
                level,
                number: None,
                message: match gap.lack {
                    Lack::Meaning => "this expression is not understood, and compared word by word",
                    Lack::Sight => "what this runs is not seen: where it changes the schema, the comparison misses it",
                },
                location: gap.location,
                expected: None,
                help: None,
            };
            terminal.report(&report::lay_out(&report, &side.text.sources, terminal.report_style()));
        }
    }
    if global.verbose {
        for (what, count) in &side.script.set_aside {
            terminal.note(&format!("set aside: {what} ({count})"));
        }
    }
}

fn report_warnings(side: &Loaded, said: Option<&Loaded>, terminal: &mut Terminal) {
    let said: HashSet<_> =
        said.iter().flat_map(|other| other.script.warnings.iter().map(|w| words(w, other))).collect();
    let warnings: Vec<&ScriptWarning> =
        side.script.warnings.iter().filter(|warning| !said.contains(&words(warning, side))).collect();
    for warning in warnings.iter().take(report::MOST) {
        let report = Report {
            level: Level::Warning,
            number: warning.number,
            message: &warning.message,
            location: warning.location,
            expected: None,
            help: None,
        };
        terminal.report(&report::lay_out(&report, &side.text.sources, terminal.report_style()));
    }
    if let Some(more) = warnings.len().checked_sub(report::MOST).filter(|more| *more > 0) {
        terminal.warn(&format!("{more} more definitions are stored otherwise than they are written"));
    }
}

/// What a warning says, and of what.
fn words<'w>(warning: &'w ScriptWarning, side: &'w Loaded) -> (Option<u16>, &'w str, &'w [u8]) {
    let Location { source, span } = warning.location;
    let written = side.text.sources.get(source).and_then(|source| source.text.get(span.start..span.end));
    (warning.number, &warning.message, written.unwrap_or_default())
}
