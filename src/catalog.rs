//! An in-memory server: executes typed DDL on a [`Schema`] as the chosen target would.
//!
//! In: typed DDL, and the session that SET statements have made. Out: the schema that the server
//! would now hold, or its refusal with its error number and the place in the source. What the
//! server fills in (names, keys, defaults, collations) is filled in here; what it forgets is forgotten.
//!
//! The room knows nothing of differences or plans: a plan is proven by running its text here.

mod administration;
pub mod ahead;
mod alter;
mod charset;
mod column;
mod constraint;
mod create;
mod data_type;
mod database;
mod default;
mod encoding;
mod engine;
mod error;
mod expression;
mod familiar;
mod foreign_key;
mod hint;
mod index;
mod number;
mod object;
mod option;
mod partition;
mod period;
mod program;
mod query;
mod reference;
pub mod script;
mod sequence;
mod session;
mod size;
mod srid;
mod temporal;
mod temporary;
mod unread;
mod view;
mod warning;

pub use error::CatalogError;
pub use script::{Script, ScriptError, ScriptWarning};
pub use session::{Session, SqlMode};
pub use warning::Warning;

use std::collections::HashMap;

use foldhash::fast::RandomState;

use column::Context;
use error::Outcome;
use temporary::Temporaries;
use warning::Warnings;

use crate::ident::Ident;
use crate::model::{Database, Schema};
use crate::source::Location;
use crate::syntax::Reading;
use crate::syntax::ddl::{Ddl, Name, TableName};
use crate::target::Target;

/// A server without rows: a schema, a session, and the rules of a target.
#[derive(Clone, Debug)]
pub struct Catalog {
    target: Target,
    session: Session,
    schema: Schema,
    /// The places of its databases by their names: none is ever taken out.
    places: HashMap<Ident, usize, RandomState>,
    /// Index of the current database in the schema.
    current: usize,
    /// What is counted of the schema's constraints, where it was asked for since they last changed.
    constraints: Option<constraint::Constraints>,
    /// The session's temporary tables, once it has had one.
    temporaries: Option<Temporaries>,
    /// What the last statement stored otherwise than it was written.
    warnings: Vec<Warning>,
}

impl Catalog {
    /// A server that holds nothing but the unnamed database that scripts are run in.
    pub fn new(target: Target, session: Session) -> Self {
        Self::with_schema(Schema::default(), target, session)
    }

    /// A server that holds a schema. Statements run in its only database where it has but one, whatever that is called,
    /// else in the unnamed one.
    pub fn with_schema(schema: Schema, target: Target, session: Session) -> Self {
        let named = schema.databases.iter().enumerate().filter_map(|(at, d)| Some((d.name.clone()?, at)));
        let places = named.collect();
        let (constraints, temporaries, warnings) = (None, None, Vec::new());
        let mut catalog = Self { target, session, schema, places, current: 0, constraints, temporaries, warnings };
        let holds = |d: &Database| d.name.is_some() || !d.tables.is_empty() || !d.objects.is_empty();
        let mut there = catalog.schema.databases.iter().enumerate().filter(|(_, d)| holds(d)).map(|(at, _)| at);
        catalog.current = match (there.next(), there.next()) {
            (Some(only), None) => only,
            _ => catalog.database_index(None),
        };
        catalog
    }

    /// What it holds.
    pub const fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Gives up what it holds; databases that nothing was put into and that nobody declared are left out.
    pub fn into_schema(mut self) -> Schema {
        self.schema.databases.retain(|d| d.declared || !d.tables.is_empty() || !d.objects.is_empty());
        self.schema
    }

    /// The server that it is like.
    pub const fn target(&self) -> Target {
        self.target
    }

    /// How its session reads statements.
    pub fn reading(&self) -> Reading<'_> {
        script::reading(self, self.session.character_set.name())
    }

    /// Its session.
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// What the last statement that was executed stored otherwise than it was written.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Executes one statement, which stands in the source of that number.
    ///
    /// # Errors
    /// What the target's server would refuse, with its number.
    pub fn execute(&mut self, ddl: &Ddl<'_>, location: Location) -> Result<(), CatalogError> {
        if let Some(refusal) = self.history_refusal(ddl) {
            return Err(refusal);
        }
        let warnings = Warnings::default();
        let done = self.execute_warning(ddl, location, &warnings);
        self.warnings = warnings.into_vec();
        done
    }

    fn execute_warning(&mut self, ddl: &Ddl<'_>, location: Location, warnings: &Warnings) -> Outcome<()> {
        if self.temporaries.is_some()
            && let Some(done) = self.execute_on_temporary(ddl, warnings)
        {
            return done;
        }
        match ddl {
            Ddl::CreateTable(create) if create.temporary => self.create_temporary(create, location, warnings),
            Ddl::CreateTable(create) => self.create_table(create, location, warnings),
            Ddl::AlterTable(alter) => self.alter_table(alter, warnings),
            Ddl::CreateIndex { table, index, or_replace, if_not_exists, online } => {
                self.create_index(table, index, *or_replace, *if_not_exists, online, warnings)
            }
            Ddl::DropIndex { table, name, if_exists, online } => {
                self.drop_index(table, name, *if_exists, online, warnings)
            }
            Ddl::RenameTable { renames, if_exists } => self.rename_tables(renames, *if_exists),
            Ddl::DropTable { tables, if_exists, temporary } => self.drop_tables(tables, *if_exists, *temporary),
            Ddl::CreateDatabase { name, if_not_exists, or_replace, charset } => {
                self.create_database(name, *if_not_exists, *or_replace, charset)
            }
            Ddl::AlterDatabase { name, charset } => self.alter_database(name.as_ref(), charset),
            Ddl::DropDatabase { name, if_exists } => self.drop_database(name, *if_exists),
        }
    }

    const fn context<'c>(&'c self, warnings: &'c Warnings) -> Context<'c> {
        Context { target: self.target, session: &self.session, converted: None, warnings }
    }

    /// The place of a database in the schema; one that a script mentions is taken to exist.
    fn database_index(&mut self, name: Option<&str>) -> usize {
        let found = match name {
            Some(name) => self.places.get(name).copied(),
            None => self.schema.databases.iter().position(|d| d.name.is_none()),
        };
        found.unwrap_or_else(|| {
            let (name, at) = (name.map(Ident::from), self.schema.databases.len());
            self.places.extend(name.clone().map(|name| (name, at)));
            self.schema.databases.push(Database::new(name, self.session.collation_server));
            at
        })
    }

    /// The database that a table's name is looked up in.
    fn database_of(&mut self, table: &TableName<'_>) -> usize {
        match &table.database {
            Some(database) => self.database_index(Some(&database.text)),
            None => self.current,
        }
    }

    /// The name under which a table is stored.
    fn table_ident(&self, name: &Name<'_>) -> Outcome<Ident> {
        let old_prefix = name.text.starts_with("#mysql50#") && self.target.refuses_mysql50_names();
        if name.text.is_empty() || name.text.ends_with(' ') || old_prefix {
            return Err(CatalogError::new(1103, name.span, format!("incorrect table name '{}'", name.text)));
        }
        let too_long = if self.target.is_mysql() { 1059 } else { 1103 };
        let ident = column::check_name(name, 1103, "table").map_err(|error| CatalogError {
            number: if error.number == 1059 { too_long } else { error.number },
            ..error
        })?;
        Ok(if self.session.lower_case_table_names == 1 { Ident::new(ident.as_str().to_lowercase()) } else { ident })
    }

    fn no_such_table(name: &Name<'_>) -> CatalogError {
        CatalogError::new(1146, name.span, format!("table '{}' doesn't exist", name.text))
    }
}
