//! Scripts: sources are cut into statements, read, and executed one after the other.
//!
//! What is not executed is counted under the name of the policy that sets it aside. An error does
//! not end a script: later statements are read as well, but those about a table whose definition
//! could not be read say nothing more.

mod setting;

use std::collections::{BTreeMap, HashSet};

use self::setting::Settings;
use super::administration::is_administration;
use super::error::brief;
use super::hint;
use super::object::{Act, Made};
use super::session::Told;
use super::temporary::Temporaries;
pub use super::unread::{Gap, Lack};
use super::{Catalog, CatalogError, Session, SqlMode, unread};
use crate::canonical::Printer;
use crate::ident::Ident;
use crate::model::rename::Renamed;
use crate::model::{CollationClause, Meaning, ObjectKind, Schema, Table};
use crate::preprocess::{self, Kind, PreprocessError, Statement, Stored, Verb};
use crate::source::{Location, Omitted, Source, Span};
use crate::syntax::ddl::{Ddl, TableName};
use crate::syntax::object::ObjectStatement;
use crate::syntax::{self, Reading, SyntaxError, object};
use crate::target::Target;

/// What reading a script gave.
#[derive(Clone, Debug)]
pub struct Script {
    /// What it leaves behind, as far as it could be read.
    pub schema: Schema,
    /// The temporary tables that its sessions still had at their ends.
    pub temporary: Schema,
    /// What could not be read or would be refused, in order.
    pub errors: Vec<ScriptError>,
    /// What was seen and set aside: the policy's name and how many statements.
    pub set_aside: BTreeMap<&'static str, usize>,
    /// Expressions that are compared as text because they could not be understood, and statements that run what is not seen.
    pub not_understood: Vec<Gap>,
    /// What is stored otherwise than it was written, in order.
    pub warnings: Vec<ScriptWarning>,
    /// What the script says of names before.
    pub renamed: Vec<Renamed>,
    /// The session as the script left it.
    pub session: Session,
}

/// One statement that could not be read, or that the server would refuse.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScriptError {
    /// The server's error number: 1064 for syntax; none for what only this program refuses.
    pub number: Option<u16>,
    /// What is wrong.
    pub message: String,
    /// What can be done about it.
    pub hint: Option<&'static str>,
    /// Where.
    pub location: Location,
    /// Whether a session without the strict modes would take it.
    pub strict_only: bool,
}

/// What a statement stored otherwise than it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScriptWarning {
    /// The number that the server gives in SHOW WARNINGS; none where the server is silent about it.
    pub number: Option<u16>,
    /// What was stored.
    pub message: String,
    /// Where.
    pub location: Location,
}

/// Executes sources one after the other on an empty server.
///
/// ```
/// use alterplan::catalog::{Session, script};
/// use alterplan::{source::Source, target::Target};
/// let target = Target::DEFAULT;
/// let read = script::load(&[Source::new("a.sql", "create table t (a int)")], target, Session::of(target));
/// assert!(read.errors.is_empty());
/// assert_eq!(read.schema.tables().count(), 1);
/// ```
pub fn load(sources: &[Source], target: Target, session: Session) -> Script {
    follow(sources, target, session, &mut |_, _, _| {})
}

/// What looks at the catalog after each statement: the statement, and which source it is of.
pub type Follower<'f> = dyn FnMut(&Catalog, &Statement<'_>, usize) + 'f;

/// Executes sources as [`load`] does, and shows what each statement has left.
pub fn follow(sources: &[Source], target: Target, session: Session, follower: &mut Follower<'_>) -> Script {
    let mut catalog = Catalog::new(target, session);
    let mut run = Run::default();
    for (number, source) in sources.iter().enumerate() {
        // Each file is a script of its own: neither its database nor its session reach into the next.
        let session = catalog.session.clone();
        catalog.current = catalog.database_index(None);
        run.text(&mut catalog, source.script(), number, follower);
        run.take_in(&source.omitted, number);
        run.end_session(&mut catalog);
        catalog.session = session;
    }
    run.finish(catalog, sources)
}

impl Catalog {
    /// `COLLATE` alone at a column says nothing in a text that SHOW CREATE TABLE has printed: it is how
    /// MySQL shows a collation that the column inherits.
    pub(super) fn recognise_shown(&self, table: &mut Table, text: &[u8]) {
        if !table.columns.iter().any(|c| c.collation_clause == CollationClause::Collate) {
            return;
        }
        let mut shown = table.clone();
        let inherited = shown.columns.iter_mut().filter(|c| c.collation_clause == CollationClause::Collate);
        inherited.for_each(|c| c.collation_clause = CollationClause::Shown);
        let mut printed = String::with_capacity(text.len());
        Printer::show(self.target).table(&mut printed, &shown);
        let written = text.strip_prefix(b"CREATE TEMPORARY ").or_else(|| text.strip_prefix(b"CREATE "));
        if written == printed.as_bytes().strip_prefix(b"CREATE ") {
            *table = shown;
        }
    }

    /// The same for the table that a statement has just made.
    fn recognise_made(&mut self, ddl: &Ddl<'_>, text: &[u8]) {
        let Ddl::CreateTable(create) = ddl else { return };
        let at = self.database_of(&create.name);
        let name = create.name.name.text.as_ref();
        let made = if create.temporary { self.temporary(at, name) } else { self.schema.databases[at].tables.get(name) };
        let Some(mut recognised) = made.cloned() else { return };
        self.recognise_shown(&mut recognised, text);
        let made = match create.temporary {
            true => self.temporary_mut(at, name),
            false => self.schema.databases[at].tables.get_mut(name),
        };
        made.into_iter().for_each(|table| *table = recognised.clone());
    }

    /// Runs one statement, without a delimiter, on what the catalog holds.
    pub fn run_statement(&mut self, text: &str) -> Vec<ScriptError> {
        let mut run = Run::default();
        let lexis = self.session.lexis();
        run.statement(self, &preprocess::single(text.as_bytes(), self.target, lexis), 0);
        run.errors
    }

    /// The same in a session in which some variables are set besides, and are afterwards what they were.
    pub fn run_statement_in<'s>(
        &mut self,
        settings: impl Iterator<Item = (&'static str, &'s str)>,
        text: &str,
    ) -> Vec<ScriptError> {
        let before = self.session.clone();
        settings.for_each(|(name, value)| self.session.take(name, value.into(), Told::Plainly, self.target));
        let errors = self.run_statement(text);
        self.session = before;
        errors
    }

    /// Runs a script on what the catalog holds.
    pub fn run(&mut self, text: &[u8], source: usize) -> Vec<ScriptError> {
        let mut run = Run::default();
        run.text(self, text, source, &mut |_, _, _| {});
        run.errors
    }
}

/// A script's run, and what it has come to so far.
#[derive(Default)]
pub(super) struct Run {
    errors: Vec<ScriptError>,
    set_aside: BTreeMap<&'static str, usize>,
    warnings: Vec<ScriptWarning>,
    renamed: Vec<Renamed>,
    /// Tables whose CREATE failed: what follows from that is not said again.
    poisoned: HashSet<String>,
    /// Triggers that the server would have refused where they stand; what they need may stand behind them.
    doubtful: Vec<(usize, Ident, Location)>,
    settings: Settings,
    /// Statements that run what the script does not show.
    unseen: Vec<Gap>,
    /// The temporary tables of sessions that have ended.
    temporary: Schema,
}

impl Run {
    fn text(&mut self, catalog: &mut Catalog, text: &[u8], source: usize, follower: &mut Follower<'_>) {
        let mut statements = preprocess::statements(text, catalog.target, catalog.session.lexis());
        for statement in &mut statements {
            match statement {
                Ok(statement) => {
                    self.statement(catalog, &statement, source);
                    if matches!(statement.kind, Kind::Table(Verb::Create)) {
                        self.rename_hints(catalog, &statement, text, source);
                    }
                    follower(catalog, &statement, source);
                }
                Err(error) => self.unreadable(&error, source),
            }
        }
    }

    /// The hints in and before a CREATE TABLE that was read.
    pub(super) fn rename_hints(
        &mut self,
        catalog: &mut Catalog,
        statement: &Statement<'_>,
        text: &[u8],
        source: usize,
    ) {
        for said in hint::renames(catalog, statement, text, source) {
            match said {
                Ok(renamed) => self.renamed.push(renamed),
                Err(span) => self.errors.push(ScriptError {
                    number: None,
                    message: "this rename hint stands at no table, column or key that has a name, or gives none".into(),
                    hint: Some("it belongs at the end of the definition's line, or into the line before"),
                    location: Location { source, span },
                    strict_only: false,
                }),
            }
        }
    }

    /// What cannot even be cut into statements.
    pub(super) fn unreadable(&mut self, error: &PreprocessError, source: usize) {
        self.errors.push(ScriptError {
            number: None,
            message: error.to_string(),
            hint: Some(error.problem.hint()),
            location: Location { source, span: error.span },
            strict_only: false,
        });
    }

    /// What was left out of a source that has been run.
    pub(super) fn take_in(&mut self, omitted: &Omitted, source: usize) {
        if omitted.statements > 0 {
            *self.set_aside.entry("data").or_default() += omitted.statements;
        }
        self.errors.extend(omitted.fault.iter().map(|fault| ScriptError {
            number: None,
            message: fault.message.clone(),
            hint: Some(fault.hint),
            location: Location { source, span: fault.span },
            strict_only: false,
        }));
    }

    /// A source ends, and its session with it.
    pub(super) fn end_session(&mut self, catalog: &mut Catalog) {
        let ended = catalog.temporaries.take().map(Temporaries::into_schema).unwrap_or_default();
        for database in ended.databases.into_iter().filter(|database| !database.tables.is_empty()) {
            match self.temporary.databases.iter_mut().find(|known| known.name == database.name) {
                Some(known) => known.tables.extend(database.tables),
                None => self.temporary.databases.push(database),
            }
        }
    }

    /// What the script leaves behind.
    pub(super) fn finish(mut self, mut catalog: Catalog, sources: &[Source]) -> Script {
        catalog.resolve_views();
        catalog.place_sequences();
        let still = |(at, name, location): &(usize, Ident, Location)| {
            let object = catalog.schema.databases.get(*at)?.objects.get(&(ObjectKind::Trigger, name.clone()))?;
            let refusal = if object.location == *location { catalog.trigger_refusal(*at, object) } else { None };
            refusal.map(|(number, why)| (number, format!("trigger {}: {why}", name.quoted()), *location))
        };
        let refused: Vec<(u16, String, Location)> = self.doubtful.iter().filter_map(still).collect();
        let session = catalog.session.clone();
        let schema = catalog.into_schema();
        let not_understood = unread::gaps(&schema, sources).chain(self.unseen).collect();
        // Where a table could not be made, its views are no news.
        let is_news = self.poisoned.is_empty();
        self.errors.extend(refused.into_iter().chain(unread::refused_views(&schema)).filter(|_| is_news).map(
            |(number, message, location)| ScriptError {
                number: Some(number),
                message,
                hint: None,
                location,
                strict_only: false,
            },
        ));
        Script {
            schema,
            temporary: self.temporary,
            errors: self.errors,
            set_aside: self.set_aside,
            not_understood,
            warnings: self.warnings,
            renamed: self.renamed,
            session,
        }
    }

    pub(super) fn statement(&mut self, catalog: &mut Catalog, statement: &Statement<'_>, source: usize) {
        let location = Location { source, span: statement.body };
        self.unseen.extend(unread::unseen(statement, location));
        match statement.kind {
            Kind::Table(Verb::Truncate) => self.aside("data"),
            Kind::Table(_) | Kind::Index(_) | Kind::Database(_) => self.ddl(catalog, statement, location),
            Kind::Stored(
                _,
                Stored::Library
                | Stored::Server
                | Stored::Tablespace
                | Stored::LogfileGroup
                | Stored::ResourceGroup
                | Stored::SpatialReferenceSystem,
            ) => {
                self.aside("administration");
            }
            Kind::Stored(..) => self.object(catalog, statement, location),
            Kind::Use { .. } => {
                let name = statement.database().unwrap_or_default();
                catalog.use_database(&String::from_utf8_lossy(&name));
            }
            Kind::Set => {
                self.set(catalog, statement, location);
            }
            Kind::SetStatement { .. } => self.set_statement(catalog, statement, source),
            Kind::Data => self.aside("data"),
            Kind::Transaction => self.aside("transactions"),
            Kind::Lock => self.aside("locks"),
            Kind::Grant => self.aside("accounts"),
            Kind::Client(_) => self.aside("client commands"),
            Kind::Blank => {}
            Kind::Other(_) if is_administration(statement.text) => self.aside("administration"),
            Kind::Fragment(_) | Kind::Other(_) => self.unknown(statement, location),
        }
    }

    /// What begins like no statement is refused where it begins.
    fn unknown(&mut self, statement: &Statement<'_>, location: Location) {
        let shown: String = String::from_utf8_lossy(&statement.text[..statement.text.len().min(64)])
            .chars()
            .take_while(|c| !c.is_whitespace() && !c.is_control())
            .take(24)
            .collect();
        let end = location.span.start + shown.len().max(1).min(statement.text.len());
        self.errors.push(ScriptError {
            number: Some(1064),
            message: format!("expected a statement, found `{shown}`"),
            hint: match statement.kind {
                Kind::Fragment(_) => Some(UNPROTECTED),
                _ => is_conflict(statement.text, 0).then_some(CONFLICT),
            },
            location: Location { span: Span::new(location.span.start, end), ..location },
            strict_only: false,
        });
    }

    fn aside(&mut self, policy: &'static str) {
        *self.set_aside.entry(policy).or_default() += 1;
    }

    fn ddl(&mut self, catalog: &mut Catalog, statement: &Statement<'_>, location: Location) {
        let charset = catalog.session.character_set;
        let reading = reading(catalog, charset.name());
        match syntax::parse(statement.text, statement.body.start, &reading) {
            Ok(ddl) => match catalog.execute(&ddl, location) {
                Ok(()) => {
                    self.warnings.extend(std::mem::take(&mut catalog.warnings).into_iter().map(|warning| {
                        let span = if warning.span == Span::default() { location.span } else { warning.span };
                        let location = Location { span, ..location };
                        ScriptWarning { number: warning.number, message: brief(warning.message), location }
                    }));
                    catalog.recognise_made(&ddl, statement.text);
                }
                Err(error) => self.refusal(&ddl, error, location),
            },
            Err(error) => {
                if let Some(name) = created_table(statement.text) {
                    self.poisoned.insert(name);
                }
                self.syntax_error(error, statement, location, catalog.target);
            }
        }
    }

    fn refusal(&mut self, ddl: &Ddl<'_>, error: CatalogError, location: Location) {
        let follows = matches!(error.number, 1146 | 1051)
            && subjects(ddl).any(|name| self.poisoned.contains(name.name.text.as_ref()));
        if follows {
            return;
        }
        if let Ddl::CreateTable(create) = ddl {
            self.poisoned.insert(create.name.name.text.to_string());
        }
        let span = if error.span == Span::default() { location.span } else { error.span };
        self.errors.push(ScriptError {
            number: Some(error.number).filter(|n| *n > 0),
            message: brief(error.message),
            hint: None,
            location: Location { span, ..location },
            strict_only: error.strict_only,
        });
    }

    fn syntax_error(&mut self, error: SyntaxError, statement: &Statement<'_>, location: Location, target: Target) {
        self.errors.push(ScriptError {
            number: Some(error.number(target)),
            message: brief(error.to_string()),
            hint: is_conflict(statement.text, error.span.start - statement.body.start).then_some(CONFLICT),
            location: Location { span: error.span, ..location },
            strict_only: false,
        });
    }

    fn refused_object(&mut self, (number, message): (u16, String), location: Location) {
        self.errors.push(ScriptError { number: Some(number), message, hint: None, location, strict_only: false });
    }

    fn object(&mut self, catalog: &mut Catalog, statement: &Statement<'_>, location: Location) {
        let charset = catalog.session.character_set;
        let reading = reading(catalog, charset.name());
        let parsed = match object::parse(statement.text, statement.body.start, &reading) {
            Ok(parsed) => parsed,
            Err(error) => return self.syntax_error(error, statement, location, catalog.target),
        };
        match parsed {
            ObjectStatement::Create { kind, name, or_replace, if_not_exists, table } => {
                use ObjectKind::{Package, PackageBody, Sequence};
                if catalog.target.is_mysql() && matches!(kind, Sequence | Package | PackageBody) {
                    self.errors.push(ScriptError {
                        number: Some(1064),
                        message: format!("MySQL has no {}", if kind == Sequence { "sequences" } else { "packages" }),
                        hint: Some("`--target mariadb:…` reads the script as MariaDB would"),
                        location: Location { span: name.name.span, ..location },
                        strict_only: false,
                    });
                    return;
                }
                let at = catalog.database_of(&name);
                let key = (kind, Ident::new(name.name.text.as_ref()));
                let sql_mode = catalog.session.sql_mode.as_str().into();
                let table = table.map(|t| Ident::new(t.text.as_ref()));
                if let Some(refusal) = catalog.taken(at, &key, table.as_ref(), or_replace) {
                    if !if_not_exists {
                        self.refused_object(refusal, Location { span: name.name.span, ..location });
                    }
                    return;
                }
                let revealed = preprocess::revealed(statement.text, catalog.target, statement.lexis);
                if kind == Sequence && catalog.types_in_vain(&revealed, &reading) {
                    let message = format!("sequences have no type on {}", catalog.target);
                    return self.refused_object((1064, message), Location { span: name.name.span, ..location });
                }
                let creation = catalog.session.creation(catalog.target);
                let made = Made { kind, table, sql_mode, creation, location };
                let object = catalog.made(made, &key.1, &revealed, at, &reading);
                if kind == Sequence && object.meaning == Meaning::Text && catalog.contradicts(&revealed, &reading) {
                    self.errors.push(ScriptError {
                        number: Some(4085),
                        message: format!("the values of sequence {} contradict each other", key.1.quoted()),
                        hint: None,
                        location: Location { span: name.name.span, ..location },
                        strict_only: false,
                    });
                    return;
                }
                if let Some(refusal) = catalog.program_refusal(&object, &reading) {
                    return self.refused_object(refusal, Location { span: name.name.span, ..location });
                }
                if catalog.trigger_refusal(at, &object).is_some() {
                    self.doubtful.push((at, key.1.clone(), location));
                }
                if !catalog.schema.databases[at].put(object) {
                    let number = if catalog.target.is_mysql() { 3011 } else { 4031 };
                    self.errors.push(ScriptError {
                        number: Some(number),
                        message: format!("trigger {} refers to one that is not there", key.1.quoted()),
                        hint: None,
                        location: Location { span: name.name.span, ..location },
                        strict_only: false,
                    });
                }
            }
            ObjectStatement::Drop { kind, names, if_exists } => {
                for name in names {
                    let at = catalog.database_of(&name);
                    let ident = Ident::new(name.name.text.as_ref());
                    match catalog.missing(at, kind, &ident, Act::Drop) {
                        None => drop(catalog.schema.databases[at].objects.shift_remove(&(kind, ident))),
                        Some(_) if if_exists => {}
                        Some(refusal) => {
                            self.refused_object(refusal, Location { span: name.name.span, ..location });
                        }
                    }
                }
            }
            ObjectStatement::Alter { kind, name } => {
                let at = catalog.database_of(&name);
                let ident = Ident::new(name.name.text.as_ref());
                if let Some(refusal) = catalog.missing(at, kind, &ident, Act::Alter) {
                    return self.refused_object(refusal, Location { span: name.name.span, ..location });
                }
                let revealed = preprocess::revealed(statement.text, catalog.target, statement.lexis);
                if !catalog.alter_object(kind, &ident, &revealed, at, &reading) {
                    self.aside(match kind {
                        ObjectKind::View => "altered views",
                        _ => "altered programs",
                    });
                }
            }
        }
    }
}

const UNPROTECTED: &str =
    "a body of several statements needs `DELIMITER $$` before it, and `$$` and `DELIMITER ;` behind it";

const CONFLICT: &str = "the file holds the markers of a merge conflict";

/// Whether `git merge` left a marker at the place.
fn is_conflict(text: &[u8], at: usize) -> bool {
    text.get(at..)
        .is_some_and(|rest| [&b"<<<<<<<"[..], b"=======", b">>>>>>>"].iter().any(|marker| rest.starts_with(marker)))
}

/// How the text of a statement is read in the session as it now is.
pub(super) fn reading<'s>(catalog: &Catalog, charset: &'s str) -> Reading<'s> {
    reading_under(&catalog.session.sql_mode, catalog.target, charset)
}

/// How text is read under an `sql_mode`.
pub(super) const fn reading_under<'s>(mode: &SqlMode, target: Target, charset: &'s str) -> Reading<'s> {
    Reading {
        target,
        charset,
        ansi_quotes: mode.ansi_quotes,
        no_backslash_escapes: mode.no_backslash_escapes,
        pipes_as_concat: mode.pipes_as_concat,
        high_not_precedence: mode.high_not_precedence,
        ignore_space: mode.ignore_space,
        real_as_float: mode.real_as_float,
        oracle: mode.oracle && target.is_mariadb(),
        in_query: false,
    }
}

/// The tables that a statement is about.
fn subjects<'d, 'a>(ddl: &'d Ddl<'a>) -> impl Iterator<Item = &'d TableName<'a>> {
    let (one, many): (Option<&TableName<'a>>, Vec<&TableName<'a>>) = match ddl {
        Ddl::CreateTable(create) => (create.like.as_ref(), Vec::new()),
        Ddl::AlterTable(alter) => (Some(&alter.table), Vec::new()),
        Ddl::CreateIndex { table, .. } | Ddl::DropIndex { table, .. } => (Some(table), Vec::new()),
        Ddl::RenameTable { renames, .. } => (None, renames.iter().map(|(from, _)| from).collect()),
        Ddl::DropTable { tables, .. } => (None, tables.iter().collect()),
        Ddl::CreateDatabase { .. } | Ddl::AlterDatabase { .. } | Ddl::DropDatabase { .. } => (None, Vec::new()),
    };
    one.into_iter().chain(many)
}

/// The name in a CREATE TABLE that could not be read, as well as it can be seen.
fn created_table(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?;
    let head: String = text.chars().take(400).collect();
    let upper = head.to_ascii_uppercase();
    let at = upper.find("TABLE")? + 5;
    let rest = head[at..].trim_start();
    let rest = if rest.to_ascii_uppercase().starts_with("IF NOT EXISTS") { rest[13..].trim_start() } else { rest };
    let name: String =
        rest.trim_start_matches('`').chars().take_while(|c| !matches!(c, '`' | ' ' | '(' | '\n' | '\t')).collect();
    Some(name)
}
