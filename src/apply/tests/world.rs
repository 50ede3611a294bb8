//! A small installation with a database, for the transaction to act on.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::super::changes::{Delete, Put, Wanted};
use super::super::disk::{Disk, Kind, make_folders, parent};
use super::super::error::{ApplyError, Standing};
use super::super::record::{Begin, HookName, Outcome, TransactionKind};
use super::super::recover::{Found, recover};
use super::super::rollback::{self, Manner};
use super::super::stage::stage;
use super::super::transaction::{Transaction, World};
use super::super::{finish, layout};
use super::sim::Sim;
use crate::document::{Action, At, Filters, Hazard, HazardKind, Inverse, Object, Phase, Plan, Session, Step};
use crate::run::{Database, Move, Refusal, RunError, RunErrorKind, StepStanding, Way, moves};

/// A server that outlives whoever talks to it: which steps its schema has.
#[derive(Debug, Default)]
pub(super) struct Server {
    pub(super) has: RefCell<BTreeSet<u32>>,
    /// The step that it refuses.
    pub(super) refuses: Option<(u32, Way)>,
    /// Whether a statement's answer is lost on the way.
    pub(super) drops_answers: bool,
}

/// A connection, whose client can be killed before a statement and between its execution and its answer.
pub(super) struct Client<'s> {
    pub(super) server: &'s Server,
    pub(super) disk: &'s Sim,
}

impl Database for Client<'_> {
    fn lock(&mut self) -> Result<(), RunError> {
        self.disk.effect().map_err(|why| RunError::new(RunErrorKind::Database, why.to_string()))
    }

    fn execute(&mut self, plan: &Plan, _: Move, sql: &str) -> Result<(), Refusal> {
        let lost = |why: std::io::Error| Refusal { message: why.to_string(), was_answered: false };
        self.disk.effect().map_err(lost)?;
        let step = plan.steps.iter().find(|step| sql.ends_with(&step.object.name)).expect("a step");
        let way = if sql.starts_with("undo") { Way::Back } else { Way::Forth };
        if self.server.refuses == Some((step.id, way)) {
            return Err(Refusal { message: "refused".to_owned(), was_answered: true });
        }
        let mut has = self.server.has.borrow_mut();
        let changed = match way {
            Way::Forth => has.insert(step.id),
            Way::Back => has.remove(&step.id),
        };
        assert!(changed, "no statement runs twice: {sql}");
        self.disk.effect().map_err(lost)?;
        if self.server.drops_answers {
            return Err(Refusal { message: "the connection was lost".to_owned(), was_answered: false });
        }
        Ok(())
    }

    fn standing(&mut self, _: &Plan, step: Move, _: usize) -> Result<StepStanding, RunError> {
        if self.disk.is_dead() {
            return Err(RunError::new(RunErrorKind::Database, "killed"));
        }
        let is_there = self.server.has.borrow().contains(&step.step);
        Ok(if is_there == (step.way == Way::Forth) { StepStanding::Done } else { StepStanding::NotDone })
    }
}

/// The state of files and schema, to be compared.
pub(super) type Everything = (BTreeMap<PathBuf, String>, BTreeSet<u32>);

pub(super) fn everything(disk: &Sim, server: &Server) -> Everything {
    (disk.snapshot(), server.has.borrow().clone())
}

/// What is installed before.
pub(super) fn installation() -> Sim {
    let disk = Sim::new();
    for (path, content) in [
        ("app/main", "old main"),
        ("app/same", "same"),
        ("app/lib/a", "old a"),
        ("app/lib/b", "old b"),
        ("app/conf/settings", "mine"),
        ("gone", "gone"),
        ("gone.d/x", "x"),
        ("gone.d/y/z", "z"),
        ("thing", "a file that becomes a folder"),
    ] {
        disk.set(path, Kind::File, 0o644, content);
    }
    disk.set("app/current", Kind::Symlink, 0o777, "lib/a");
    disk
}

/// What the bundle asks for.
pub(super) fn wanted() -> Wanted {
    let put = |path: &str, kind, mode, is_whole| Put { path: path.into(), kind, mode, is_whole };
    let delete = |path: &str, is_folder| Delete { path: path.into(), is_folder: Some(is_folder) };
    Wanted {
        expected: Vec::new(),
        deletes: vec![delete("gone", false), delete("gone.d", true), delete("thing", false)],
        puts: vec![
            put("app/main", Kind::File, Some(0o755), false),
            put("app/lib", Kind::Folder, Some(0o755), true),
            put("app/lib/a", Kind::File, Some(0o644), false),
            put("app/lib/c", Kind::File, Some(0o644), false),
            put("app/current", Kind::Symlink, None, false),
            put("app/conf", Kind::Folder, Some(0o700), false),
            put("new.d/deep/file", Kind::File, Some(0o600), false),
            put("thing/inside", Kind::File, Some(0o644), false),
        ],
    }
}

const CONTENTS: [(&str, &str); 6] = [
    ("app/main", "new main"),
    ("app/lib/a", "new a"),
    ("app/lib/c", "new c"),
    ("app/current", "lib/c"),
    ("new.d/deep/file", "deep"),
    ("thing/inside", "inside"),
];

pub(super) fn unpack(disk: &dyn Disk, into: &Path) -> Result<Option<String>, ApplyError> {
    let tree = into.join("files");
    for (path, content) in CONTENTS {
        let to = tree.join(path);
        make_folders(disk, &parent(&to), 0o755)?;
        disk.write_at(&to, 0, content.as_bytes())?;
    }
    Ok(None)
}

/// A plan of expand steps 1 and 2 and contract steps 3 and 4. `expand` and `contract` are the hazards of their inverses; none
/// where there is no inverse.
pub(super) fn plan(expand: &[HazardKind], contract: Option<&[HazardKind]>) -> Plan {
    let step = |id: u32, phase: Phase, hazards: Option<&[HazardKind]>| Step {
        id,
        phase,
        object: Object { kind: "table".into(), schema: None, name: format!("t{id}"), old_name: None },
        action: Action::Alter,
        changes: Vec::new(),
        sql: format!("do t{id}"),
        session: None,
        algorithm: None,
        lock: None,
        rebuilds_table: false,
        hazards: Vec::new(),
        inverse: hazards.map(|kinds| Inverse {
            statements: vec![format!("undo t{id}")],
            session: None,
            hazards: kinds.iter().map(|kind| Hazard { kind: *kind, reason: "it costs".into(), probe: None }).collect(),
        }),
        irreversible: hazards.is_none().then(|| "it is gone".to_owned()),
        depends_on: Vec::new(),
        after: String::new(),
        at: At::default(),
    };
    Plan {
        format: "alterplan-plan".into(),
        version: 1,
        target: "mysql:8.4".into(),
        old_target: "mysql:8.4".into(),
        new_target: "mysql:8.4".into(),
        server: BTreeMap::new(),
        session: Session { sql_mode: String::new(), character_set: "utf8mb4".into(), foreign_key_checks: true },
        policies: BTreeMap::new(),
        filters: Filters::default(),
        from: String::new(),
        to: String::new(),
        steps: vec![
            step(1, Phase::Expand, Some(expand)),
            step(2, Phase::Expand, Some(expand)),
            step(3, Phase::Contract, contract),
            step(4, Phase::Contract, contract),
        ],
        renames: Vec::new(),
        set_aside: Vec::new(),
        not_understood: Vec::new(),
    }
}

/// What is done to the installation.
#[derive(Clone, Debug)]
pub(super) struct Deed {
    pub(super) plan: Option<Plan>,
    /// The command that fails.
    pub(super) fails: Option<HookName>,
    pub(super) backup: bool,
}

fn with_world<T>(disk: &Sim, server: &Server, fails: Option<HookName>, act: impl FnOnce(&mut World<'_>) -> T) -> T {
    let mut client = Client { server, disk };
    let mut hook = |name: HookName| {
        disk.effect().map_err(|why| why.to_string())?;
        if fails == Some(name) { Err("it fails".to_owned()) } else { Ok(()) }
    };
    let mut tell = |_: super::super::Event<'_>| {};
    act(&mut World { disk, database: Some(&mut client), hook: &mut hook, tell: &mut tell, now: 7 })
}

/// Applies the bundle: how it came out, or why it is stuck.
pub(super) fn apply(disk: &Sim, server: &Server, deed: &Deed) -> Result<Outcome, ApplyError> {
    with_world(disk, server, deed.fails, |world| {
        if disk.look(&layout::home())?.is_none() {
            disk.make_folder(&layout::home(), 0o700)?;
            disk.sync(&[PathBuf::new()])?;
        }
        let installed = finish::read_installed(disk)?;
        let number = finish::next_number(disk)?;
        let moves = |phase| deed.plan.as_ref().map_or_else(Vec::new, |plan| moves(plan, phase, Way::Forth));
        let begin = Begin {
            number,
            kind: TransactionKind::Apply,
            product: "shop".into(),
            from: installed.version.or(Some("1.0.0".into())),
            to: Some("1.0.0.1".into()),
            folder: number,
            previous: installed.transaction,
            backup: deed.backup,
            database: None,
            plan: deed.plan.clone(),
            before: moves(Phase::Expand),
            after: moves(Phase::Contract),
            keeps: Vec::new(),
            time: 7,
        };
        let journal = stage(disk, begin, &wanted(), &mut unpack)?;
        Transaction::new(world, journal).run().map(|ending| ending.outcome)
    })
}

/// Rolls the last apply back.
pub(super) fn roll_back(disk: &Sim, server: &Server, force: bool) -> Result<Outcome, ApplyError> {
    with_world(disk, server, None, |world| {
        let (installed, applied) = rollback::last(disk)?;
        let journal = rollback::stage(disk, &installed, &applied, Manner { force, taken_back: 0, now: 8 })?;
        Transaction::new(world, journal).run().map(|ending| ending.outcome)
    })
}

/// Recovers: how what was interrupted came out, if anything was.
pub(super) fn recovered(disk: &Sim, server: &Server) -> Result<Option<Standing>, ApplyError> {
    with_world(disk, server, None, |world| match recover(world)? {
        Found::Nothing => Ok(None),
        Found::NothingChanged => Ok(Some(Standing::Old)),
        Found::Ended(_, ending) => Ok(Some(ending.outcome.standing())),
    })
}
