//! The real database behind the seam: one connection that holds the database's lock and executes, and readers beside it.

use std::time::{Duration, Instant};

use crate::document::{Action, Plan};
use crate::ident::Literal;
use crate::live::{self, Address, Connection, LiveError, Problem};
use crate::model::Schema;

use super::error::{RunError, RunErrorKind};
use super::planned::Planned;
use super::script;
use super::step::{Database, Move, Refusal, StepStanding, find, session};

/// How often a server that is not there is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// How patient a transaction is with its database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// For a server that is not there when it is first asked: it may be starting with the machine.
    pub first: Duration,
    /// For a server that was there: it restarts.
    pub connect: Duration,
    /// For another session that holds the database's lock: after a crash that may be the killed client's own, whose
    /// statement goes on.
    pub lock: Duration,
    /// For a table that somebody else uses.
    pub table: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let restart = Duration::from_secs(30);
        Self { first: restart, connect: restart, lock: Duration::from_secs(600), table: Duration::from_secs(60) }
    }
}

/// A server's database.
#[derive(Debug)]
pub(crate) struct LiveDatabase {
    address: Address,
    patience: Patience,
    connection: Option<Connection>,
    /// Whether the server was there before.
    is_known: bool,
    /// Whether the session is the plan's.
    is_set: bool,
    /// What a new session has to be told besides: what a script has set so far.
    pub(super) prelude: Vec<String>,
}

impl LiveDatabase {
    pub(crate) fn new(address: Address, patience: Patience) -> Self {
        Self { address, patience, connection: None, is_known: false, is_set: false, prelude: Vec::new() }
    }

    /// The database as the journal names it: without user and password.
    pub(crate) fn name(&self) -> String {
        self.address.databases.join(",")
    }

    pub(crate) const fn address(&self) -> &Address {
        &self.address
    }

    /// The live schema as the plan sees it.
    pub(crate) fn schema(&self, planned: &Planned<'_>) -> Result<Schema, RunError> {
        planned.load(live::read(&self.address, &mut |_| {})?)
    }

    /// Whether the server is one that a plan may be run on.
    pub(crate) fn check(&mut self, planned: &Planned<'_>, plan: &Plan) -> Result<(), RunError> {
        planned.check_server(self.writer()?.facts().target.target)?;
        let named = plan.steps.iter().filter_map(|step| step.object.schema.as_deref());
        if let Some(name) = named.into_iter().find(|name| !self.address.databases.iter().any(|own| own == name)) {
            let message = format!("the plan's statements go to the database `{name}`, and {} is meant", self.address);
            return Err(RunError::new(RunErrorKind::Refused, message)
                .help("name that database, or write the plan from sources without CREATE DATABASE and USE"));
        }
        for (sql, message, help) in OBSTACLES {
            // A server that does not know the question has no such thing; one that does not let it be asked does not tell.
            if self.writer()?.probe(sql).unwrap_or(false) {
                return Err(RunError::new(RunErrorKind::NotReady, message).help(help));
            }
        }
        for privilege in privileges(plan) {
            if self.lacks(privilege)? {
                let message = format!("the database user lacks the privilege {privilege}");
                return Err(RunError::new(RunErrorKind::NotReady, message)
                    .help(format!("GRANT {privilege} ON `{}`.* TO the user", self.name())));
            }
        }
        Ok(())
    }

    /// Whether a hazard that depends on the rows would strike.
    pub(crate) fn strikes(&mut self, plan: &Plan, probe: &str) -> Result<bool, LiveError> {
        self.session(plan)?.probe(probe)
    }

    /// How many instant changes of its columns a table has had since it was last rebuilt.
    pub(super) fn row_versions(&mut self, schema: Option<&str>, table: &str) -> Result<u32, LiveError> {
        let schema = schema.map(str::to_owned).or_else(|| self.address.databases.first().cloned()).unwrap_or_default();
        self.writer()?.row_versions(&schema, table)
    }

    /// Where grants come by a role these tables do not show them, and nothing is said.
    fn lacks(&mut self, privilege: &str) -> Result<bool, RunError> {
        const USER: &str = "CONCAT('''', SUBSTRING_INDEX(CURRENT_USER(), '@', 1), '''@''', SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''')";
        let wanted = Literal(privilege);
        let schemas: Vec<String> = self.address.databases.iter().map(|name| Literal(name).to_string()).collect();
        let sql = format!(
            "SELECT 1 FROM DUAL WHERE CURRENT_ROLE() IN ('', 'NONE') IS NOT FALSE AND NOT EXISTS (SELECT 1 FROM \
             information_schema.USER_PRIVILEGES WHERE GRANTEE = {USER} AND PRIVILEGE_TYPE = {wanted}) AND NOT EXISTS (SELECT 1 \
             FROM information_schema.SCHEMA_PRIVILEGES WHERE GRANTEE = {USER} AND PRIVILEGE_TYPE = {wanted} AND ({}))",
            schemas.iter().map(|name| format!("{name} LIKE TABLE_SCHEMA")).collect::<Vec<_>>().join(" OR ")
        );
        Ok(self.writer()?.probe(&sql).unwrap_or(false))
    }

    /// The connection that executes; a server that is not there is given time to come back.
    pub(crate) fn writer(&mut self) -> Result<&mut Connection, LiveError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        Ok(self.connection.insert(connection))
    }

    fn connect(&mut self) -> Result<Connection, LiveError> {
        let start = Instant::now();
        self.is_set = false;
        let patience = if self.is_known { self.patience.connect } else { self.patience.first };
        loop {
            match Connection::writer(&self.address) {
                Err(error) if is_absence(&error) && start.elapsed() + PAUSE < patience => {
                    std::thread::sleep(PAUSE);
                }
                done => {
                    self.is_known |= done.is_ok();
                    return done;
                }
            }
        }
    }

    /// The connection in the plan's session.
    fn session(&mut self, plan: &Plan) -> Result<&mut Connection, LiveError> {
        let (is_set, patience) = (self.is_set, self.patience);
        if self.connection.is_none() || !is_set {
            let connection = self.writer()?;
            connection.set_session(&plan.session)?;
            connection.set_lock_wait(patience.table)?;
            for sql in self.prelude.clone() {
                self.writer()?.execute(&sql)?;
            }
            self.is_set = true;
        }
        self.writer()
    }
}

impl Database for LiveDatabase {
    fn lock(&mut self) -> Result<(), RunError> {
        // On a connection of its own: what an earlier one holds goes with it.
        self.connection = None;
        let wait = self.patience.lock;
        Ok(self.writer()?.lock(wait)?)
    }

    fn execute(&mut self, plan: &Plan, step: Move, sql: &str) -> Result<(), Refusal> {
        let own = find(plan, step.step).and_then(|planned| session(planned, step.way));
        let is_of_rows = governs_rows(plan, step, sql);
        let mut tries = 1;
        loop {
            let mut done = self.session(plan);
            if let Some(own) = own {
                done = done.and_then(|connection| connection.set_program_session(own).map(|()| connection));
            }
            let done = done.and_then(|connection| match is_of_rows {
                true => connection.execute_whole(sql),
                false => connection.execute(sql),
            });
            // The next statement gets the plan's session again.
            self.is_set &= own.is_none();
            match done {
                Ok(()) => return Ok(()),
                Err(error) if is_for_now(&error) && tries < TRIES => tries += 1,
                Err(error) => return Err(Refusal { message: error.to_string(), was_answered: is_answer(&error) }),
            }
        }
    }

    fn standing(&mut self, plan: &Plan, step: Move, statement: usize) -> Result<StepStanding, RunError> {
        let planned = Planned::new(plan)?;
        Ok(planned.standing(&self.schema(&planned)?, step, statement))
    }
}

/// Whether a step is a statement about rows that gets a transaction of its own: in a script with transactions none does.
fn governs_rows(plan: &Plan, step: Move, sql: &str) -> bool {
    let verb = sql.split_whitespace().next().unwrap_or_default();
    OF_ROWS.iter().any(|word| verb.eq_ignore_ascii_case(word))
        && find(plan, step.step).is_some_and(|planned| planned.action == Action::Data)
        && plan.steps.iter().all(|step| step.object.kind != script::TRANSACTION)
}

/// How statements about rows begin.
const OF_ROWS: [&str; 7] = ["INSERT", "UPDATE", "DELETE", "REPLACE", "LOAD", "CALL", "WITH"];

/// How often a statement is tried that others are in the way of.
const TRIES: u32 = 3;

/// Whether the server has said that others were in the way and that nothing came of the statement, so that it may be sent
/// again: 1205 a lock that was waited for too long, 1213 a deadlock (MySQL 8.4 Server Error Reference). Nothing else is tried
/// twice.
const fn is_for_now(error: &LiveError) -> bool {
    matches!(error.problem, Problem::Refused { number: 1205 | 1213, .. })
}

/// Whether the server's word settles what became of a statement. One that was ended (1317; 1969 and 3024 by its time limit) may
/// have been ended too late.
const fn is_answer(error: &LiveError) -> bool {
    match error.problem {
        Problem::Refused { number, .. } => !matches!(number, 1317 | 1969 | 3024),
        _ => false,
    }
}

/// What speaks against a server: a query that has a row where it does, in words, and what to do.
const OBSTACLES: [(&str, &str, &str); 5] = [
    (
        "SELECT 1 FROM DUAL WHERE @@GLOBAL.read_only = 1",
        "the server is read only",
        "name the server that takes writes; a replica gets its schema from there",
    ),
    ("SHOW REPLICA STATUS", "the server is a replica", "name its source: a replica gets its schema from there"),
    ("SHOW SLAVE STATUS", "the server is a replica", "name its source: a replica gets its schema from there"),
    (
        "SELECT 1 FROM performance_schema.replication_group_members WHERE MEMBER_ID = @@server_uuid AND \
         MEMBER_STATE = 'ONLINE' AND MEMBER_ROLE = 'SECONDARY'",
        "the server is a secondary member of its group",
        "name the group's primary member",
    ),
    (
        "SELECT 1 FROM information_schema.GLOBAL_STATUS s JOIN information_schema.GLOBAL_VARIABLES v ON v.VARIABLE_NAME = \
         'WSREP_ON' AND v.VARIABLE_VALUE = 'ON' WHERE s.VARIABLE_NAME = 'WSREP_CLUSTER_STATUS' AND s.VARIABLE_VALUE <> 'Primary'",
        "the server is cut off from the primary part of its Galera cluster",
        "wait until its wsrep_cluster_status is Primary",
    ),
];

/// What the plan's statements need on the database.
fn privileges(plan: &Plan) -> Vec<&'static str> {
    let mut needed = Vec::new();
    for step in &plan.steps {
        needed.extend(match (step.object.kind.as_str(), step.action) {
            (_, Action::Data) => &[][..],
            ("view", _) => &["CREATE VIEW"][..],
            ("trigger", _) => &["TRIGGER"],
            ("event", _) => &["EVENT"],
            ("procedure" | "function", _) => &["CREATE ROUTINE", "ALTER ROUTINE"],
            (_, Action::Create) => &["CREATE"],
            (_, Action::Drop) => &["DROP"],
            (_, Action::Alter) => &["ALTER", "CREATE"],
            (_, Action::Rename) => &["ALTER", "DROP", "CREATE"],
            (_, Action::Replace) => &["CREATE", "DROP"],
        });
    }
    needed.sort_unstable();
    needed.dedup();
    needed
}

fn is_absence(error: &LiveError) -> bool {
    matches!(error.problem, live::Problem::Unreachable(_)) || error.is_loss()
}
