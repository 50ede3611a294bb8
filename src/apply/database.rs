//! The real database behind the seam: one connection that holds the database's lock and executes, and readers beside it.

use std::time::{Duration, Instant};

use crate::document::{Action, HazardKind, Plan};
use crate::ident::Literal;
use crate::live::{self, Address, Connection, LiveError};
use crate::model::Schema;

use super::error::{ApplyError, ErrorKind};
use super::planned::Planned;
use super::record::Move;
use super::sql::{Database, Refusal, StepStanding};

/// How often a server that is not there is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// How patient a transaction is with its database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// For a server that restarts.
    pub connect: Duration,
    /// For another session that holds the database's lock: after a crash that may be the killed client's own, whose
    /// statement goes on.
    pub lock: Duration,
    /// For a table that somebody else uses.
    pub table: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { connect: Duration::from_secs(30), lock: Duration::from_secs(600), table: Duration::from_secs(60) }
    }
}

/// A server's database.
#[derive(Debug)]
pub(crate) struct LiveDatabase {
    address: Address,
    patience: Patience,
    connection: Option<Connection>,
    /// Whether the session is the plan's.
    is_set: bool,
}

impl LiveDatabase {
    pub(crate) fn new(address: Address, patience: Patience) -> Self {
        Self { address, patience, connection: None, is_set: false }
    }

    /// The database as the journal names it: without user and password.
    pub(crate) fn name(&self) -> String {
        self.address.databases.join(",")
    }

    /// The live schema as the plan sees it.
    pub(crate) fn schema(&self, planned: &Planned<'_>) -> Result<Schema, ApplyError> {
        planned.load(live::read(&self.address, &mut |_| {}).map_err(|error| of_live(&error))?)
    }

    /// Whether the server is one that a plan may be run on.
    pub(crate) fn check(&mut self, planned: &Planned<'_>, plan: &Plan) -> Result<(), ApplyError> {
        let server = self.writer()?.facts().target.target;
        if !planned.target.is_of_series(server) {
            let message = format!("the plan is for {}, and the server is {server}", planned.target);
            return Err(ApplyError::new(ErrorKind::Refused, message));
        }
        for (sql, message, help) in OBSTACLES {
            // A server that does not know the question has no such thing; one that does not let it be asked does not tell.
            if self.writer()?.probe(sql).unwrap_or(false) {
                return Err(ApplyError::new(ErrorKind::PreflightFailed, message).help(help));
            }
        }
        for privilege in privileges(plan) {
            if self.lacks(privilege)? {
                let message = format!("the database user lacks the privilege {privilege}");
                return Err(ApplyError::new(ErrorKind::PreflightFailed, message)
                    .help(format!("GRANT {privilege} ON `{}`.* TO the user", self.name())));
            }
        }
        Ok(())
    }

    /// Whether a hazard that depends on the rows would strike: `None` where there is no telling.
    pub(crate) fn strikes(&mut self, plan: &Plan, probe: &str) -> Result<bool, ApplyError> {
        let connection = self.session(plan).map_err(|refusal| failed(&refusal.message))?;
        connection.probe(probe).map_err(|error| of_live(&error))
    }

    /// Where grants come by a role these tables do not show them, and nothing is said.
    fn lacks(&mut self, privilege: &str) -> Result<bool, ApplyError> {
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
    fn writer(&mut self) -> Result<&mut Connection, ApplyError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        Ok(self.connection.insert(connection))
    }

    fn connect(&mut self) -> Result<Connection, ApplyError> {
        let start = Instant::now();
        self.is_set = false;
        loop {
            match Connection::writer(&self.address) {
                Ok(connection) => return Ok(connection),
                Err(error) if is_absence(&error) && start.elapsed() + PAUSE < self.patience.connect => {
                    std::thread::sleep(PAUSE);
                }
                Err(error) => return Err(of_live(&error)),
            }
        }
    }

    /// The connection in the plan's session.
    fn session(&mut self, plan: &Plan) -> Result<&mut Connection, Refusal> {
        let (is_set, patience) = (self.is_set, self.patience);
        let refusal = |error: LiveError| Refusal { message: error.to_string(), was_answered: !error.is_loss() };
        if self.connection.is_none() || !is_set {
            let connection = self.writer().map_err(|error| Refusal { message: error.message, was_answered: false })?;
            connection.set_session(&plan.session).map_err(refusal)?;
            connection.set_lock_wait(patience.table).map_err(refusal)?;
            self.is_set = true;
        }
        self.writer().map_err(|error| Refusal { message: error.message, was_answered: false })
    }
}

impl Database for LiveDatabase {
    fn lock(&mut self) -> Result<(), ApplyError> {
        // On a connection of its own: what an earlier one holds goes with it.
        self.connection = None;
        let wait = self.patience.lock;
        self.writer()?.lock(wait).map_err(|error| of_live(&error))
    }

    fn execute(&mut self, plan: &Plan, sql: &str) -> Result<(), Refusal> {
        let connection = self.session(plan)?;
        connection.execute(sql).map_err(|error| Refusal { message: error.to_string(), was_answered: !error.is_loss() })
    }

    fn standing(&mut self, plan: &Plan, step: Move, statement: usize) -> Result<StepStanding, ApplyError> {
        let planned = Planned::new(plan)?;
        Ok(planned.standing(&self.schema(&planned)?, step, statement))
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

/// The hazards of a plan that speak against running it, in words.
pub(crate) fn refusals(
    database: &mut LiveDatabase,
    plan: &Plan,
    allowed: &[HazardKind],
) -> Result<Vec<String>, ApplyError> {
    let mut refused = Vec::new();
    for step in &plan.steps {
        for hazard in step.hazards.iter().filter(|hazard| !allowed.contains(&hazard.kind)) {
            let is_fine = match (hazard.kind, &hazard.probe) {
                (HazardKind::Rewrite | HazardKind::Lock, _) => true,
                (HazardKind::MayFail, Some(probe)) => !database.strikes(plan, probe)?,
                (HazardKind::MayFail, None) => false,
                (HazardKind::DataLoss | HazardKind::Incompatible | HazardKind::Semantics, _) => false,
            };
            if !is_fine {
                refused.push(format!("step {} ({}): {}", step.id, hazard.kind.word(), hazard.reason));
            }
        }
    }
    Ok(refused)
}

fn is_absence(error: &LiveError) -> bool {
    matches!(error.problem, live::Problem::Unreachable(_)) || error.is_loss()
}

fn failed(message: &str) -> ApplyError {
    ApplyError::new(ErrorKind::DatabaseFailed, message)
}

fn of_live(error: &LiveError) -> ApplyError {
    let kind = match error.problem {
        live::Problem::Locked { .. } => ErrorKind::Locked,
        _ => ErrorKind::DatabaseFailed,
    };
    let failure = ApplyError::new(kind, error.to_string());
    match error.help() {
        Some(help) => failure.help(help),
        None => failure,
    }
}
