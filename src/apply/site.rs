//! The calls: apply, rollback, recover, status, each on an installation that it opens and locks.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::bundle::{self, Bundle, Terms};
use crate::document::{self, Permit, Phase, Plan};
use crate::live::Address;
use crate::run::{self, Database, LiveDatabase, Patience, Planned, Way};

use super::disk::root::Root;
use super::disk::{Disk, Kind};
use super::download::DownloadLimits;
use super::error::{ApplyError, ErrorKind, Standing};
use super::finish::{self, Installed};
use super::hook::Hooks;
use super::lock::Lock;
use super::package::{self, of_bundle};
use super::record::{Begin, Outcome, TransactionKind};
use super::recover::{self, Found};
use super::rollback::{self, Manner};
use super::source::{self, Opened};
use super::status::{self, Status};
use super::transaction::{Ending, Transaction, World};
use super::{Event, layout, preflight, stage};

/// An installation, its database and the commands around it.
#[derive(Clone, Debug)]
pub struct Site {
    /// Where the installation is.
    pub root: PathBuf,
    /// Its database, where it has one.
    pub database: Option<Address>,
    /// How patient to be with the database.
    pub patience: Patience,
    /// The commands of the local configuration.
    pub hooks: Hooks,
}

/// What is to be applied, and how.
#[derive(Clone, Debug)]
pub struct Request<'r> {
    /// The bundle, or the release manifest that says which.
    pub bundle: From<'r>,
    /// By what it is judged. The digest and the signatures are those of what was named: of a release manifest, where that was.
    pub terms: Terms<'r>,
    /// How it is fetched, where it is.
    pub download: DownloadLimits,
    /// The proxy for a URL, where `download` names none: a release manifest says only when it is read what is to be fetched.
    pub proxy: fn(&str) -> Option<String>,
    /// Whether the old files are kept, so that the apply can be rolled back later.
    pub backup: bool,
    /// Whether everything is only checked.
    pub dry_run: bool,
    /// The hazards that a plan may have, besides those that cost only time.
    pub allow: &'r Permit,
    /// Whether the bundle may lead to an older version than was installed before.
    pub may_go_down: bool,
}

/// Where a bundle comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum From<'r> {
    /// A file.
    File(&'r Path),
    /// A URL that it is fetched from; a release manifest's path ends in `.json`.
    Url(&'r str),
}

/// What became of a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// What was done; `None`: nothing was to be done.
    pub done: Option<Done>,
    /// The version before and after.
    pub from: Option<String>,
    /// The version now.
    pub to: Option<String>,
}

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Done {
    /// Everything was checked, and would be applied.
    Checked,
    /// The bundle was applied.
    Applied,
    /// The last apply was taken back.
    RolledBack,
    /// The files of the last apply were taken back; the schema keeps what it gained.
    RolledBackExpanded,
    /// An interrupted transaction was finished.
    Finished,
    /// An interrupted transaction was undone.
    Undone,
    /// An interrupted transaction was undone; the schema keeps what it gained.
    UndoneExpanded,
}

/// Applies a bundle, after whatever an earlier call was interrupted in has been brought to its end.
///
/// # Errors
/// All that speaks against it, with nothing changed; and all that failed in the middle of it, with the
/// [`state`](ApplyError::state) that this has led to.
pub fn apply(site: &Site, request: &Request<'_>, tell: &mut dyn FnMut(Event<'_>)) -> Result<Report, ApplyError> {
    let root = open(site)?;
    let _lock = Lock::take(&root)?;
    let mut database = site.database();
    site.bring_to_an_end(&root, database.as_mut(), tell)?;
    let installed = finish::read_installed(&root)?;
    let Some(Opened { mut bundle, goes_on }) = source::open(&root, request, &installed, tell)? else {
        return Ok(Report { done: None, from: installed.version.clone(), to: installed.version });
    };
    let wanted = package::wanted(bundle.manifest());
    preflight::check_version(bundle.manifest(), &installed, request.may_go_down)?;
    preflight::check_files(&root, &wanted, bundle.manifest().unpacked_size())?;
    let plan = bundle.plan().cloned();
    let skipped = match &plan {
        Some(plan) => check_plan(plan, database.as_mut(), request.allow)?,
        None => 0,
    };
    let (from, to) = (installed.version.clone(), Some(bundle.manifest().version.to_string()));
    if request.dry_run {
        let verified = bundle.verify(&mut Watched { tell, done: 0, total: None });
        verified.map_err(|error| of_bundle(&error))?;
        return Ok(Report { done: Some(Done::Checked), from, to });
    }
    let begin = site.begin(&root, &bundle, &installed, plan, skipped, request.backup, database.as_ref())?;
    let mut unpack = |_: &dyn Disk, into: &Path| {
        package::unpack(&mut bundle, root.path(), into, &mut Watched { tell: &mut *tell, done: 0, total: None })
    };
    let journal = stage::stage(&root, begin, &wanted, &mut unpack)?;
    let ending = site.world(&root, database.as_mut(), tell, |world| Transaction::new(world, journal).run())?;
    source::remove_download(&root);
    match ended(ending)? {
        Outcome::Done | Outcome::DoneExpanded => {
            if let Some(version) = goes_on {
                tell(Event::Note(&format!("the release goes on to {version}: apply it once more")));
            }
            Ok(Report { done: Some(Done::Applied), from, to })
        }
        Outcome::Undone | Outcome::UndoneExpanded | Outcome::UndonePartly => Ok(Report { done: None, from, to }),
    }
}

/// Takes the last apply back, and keeps the newest `keep` backups of those before it.
///
/// # Errors
/// As [`apply`]; and where there is no backup, where files were changed since, where a step cannot be taken back.
pub fn rollback(
    site: &Site,
    force: bool,
    keep: Option<usize>,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Report, ApplyError> {
    let root = open(site)?;
    let _lock = Lock::take(&root)?;
    let mut database = site.database();
    site.bring_to_an_end(&root, database.as_mut(), tell)?;
    let (installed, applied) = rollback::last(&root)?;
    let taken_back = match applied.begin.plan.as_ref().filter(|plan| !plan.steps.is_empty()) {
        Some(plan) => {
            let database = database.as_mut().ok_or_else(needs_database)?;
            database.lock()?;
            check_name(&applied.begin, database)?;
            let planned = Planned::new(plan)?;
            planned.taken_back(&database.schema(&planned)?)
        }
        None => 0,
    };
    let journal = rollback::stage(&root, &installed, &applied, Manner { force, taken_back, now: now() })?;
    let ending = site.world(&root, database.as_mut(), tell, |world| Transaction::new(world, journal).run())?;
    let done = match ended(ending)? {
        Outcome::DoneExpanded => Done::RolledBackExpanded,
        Outcome::Done | Outcome::Undone | Outcome::UndoneExpanded | Outcome::UndonePartly => Done::RolledBack,
    };
    if let Some(keep) = keep {
        finish::prune(&root, keep)?;
    }
    Ok(Report { done: Some(done), from: installed.version, to: applied.begin.from })
}

/// Brings an interrupted transaction to its end.
///
/// # Errors
/// Where it can go neither forward nor back: the error says why, and what to do.
pub fn recover(site: &Site, tell: &mut dyn FnMut(Event<'_>)) -> Result<Report, ApplyError> {
    let root = open(site)?;
    let _lock = Lock::take(&root)?;
    let mut database = site.database();
    let found = site.recovered(&root, database.as_mut(), tell)?;
    let version = finish::read_installed(&root)?.version;
    let done = match found {
        Found::Nothing => None,
        Found::NothingChanged => Some(Done::Undone),
        Found::Ended(_, ending) => Some(match ending.outcome {
            Outcome::Done | Outcome::DoneExpanded => Done::Finished,
            Outcome::Undone => Done::Undone,
            Outcome::UndoneExpanded => Done::UndoneExpanded,
            Outcome::UndonePartly => return Err(partly(&ending)),
        }),
    };
    Ok(Report { done, from: version.clone(), to: version })
}

/// How an installation stands. Changes nothing, and does not wait for whoever is at work.
///
/// # Errors
/// A root that cannot be read, a history that was changed.
pub fn status(root: &Path) -> Result<Status, ApplyError> {
    status::status(&Root::open(root)?)
}

impl Site {
    fn database(&self) -> Option<LiveDatabase> {
        self.database.clone().map(|address| LiveDatabase::new(address, self.patience))
    }

    /// Acts on the installation with everything that a transaction acts on.
    fn world<T>(
        &self,
        root: &Root,
        database: Option<&mut LiveDatabase>,
        tell: &mut dyn FnMut(Event<'_>),
        act: impl FnOnce(&mut World<'_>) -> Result<T, ApplyError>,
    ) -> Result<T, ApplyError> {
        let mut hook = |name| self.hooks.run(name, root.path());
        let database = database.map(|database| database as &mut dyn Database);
        let named = |error: ApplyError| ApplyError {
            help: error.help.iter().map(|line| line.replace("ROOT", &root.path().display().to_string())).collect(),
            ..error
        };
        act(&mut World { disk: root, database, hook: &mut hook, tell, now: now() }).map_err(named)
    }

    fn recovered(
        &self,
        root: &Root,
        database: Option<&mut LiveDatabase>,
        tell: &mut dyn FnMut(Event<'_>),
    ) -> Result<Found, ApplyError> {
        self.world(root, database, tell, recover::recover)
    }

    /// What every call begins with.
    fn bring_to_an_end(
        &self,
        root: &Root,
        database: Option<&mut LiveDatabase>,
        tell: &mut dyn FnMut(Event<'_>),
    ) -> Result<(), ApplyError> {
        match self.recovered(root, database, tell)? {
            Found::Nothing => Ok(()),
            Found::NothingChanged => {
                tell(Event::Note("an interrupted transaction that had changed nothing was discarded"));
                Ok(())
            }
            Found::Ended(begin, ending) => {
                let how = match ending.outcome {
                    Outcome::Done | Outcome::DoneExpanded => "finished",
                    Outcome::Undone => "undone",
                    Outcome::UndoneExpanded => "undone; the schema keeps what it gained",
                    Outcome::UndonePartly => return Err(partly(&ending)),
                };
                tell(Event::Note(&format!("transaction {} was interrupted, and is {how}", begin.number)));
                Ok(())
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "all of it goes into one record")]
    fn begin(
        &self,
        root: &Root,
        bundle: &Bundle<File>,
        installed: &Installed,
        plan: Option<Plan>,
        skipped: usize,
        backup: bool,
        database: Option<&LiveDatabase>,
    ) -> Result<Begin, ApplyError> {
        let number = finish::next_number(root)?;
        let moves = |phase| plan.as_ref().map_or_else(Vec::new, |plan| run::moves(plan, phase, Way::Forth));
        let manifest = bundle.manifest();
        Ok(Begin {
            number,
            kind: TransactionKind::Apply,
            product: manifest.product.clone(),
            from: installed.version.clone().or_else(|| manifest.base.map(|base| base.to_string())),
            to: Some(manifest.version.to_string()),
            folder: number,
            previous: installed.transaction,
            backup,
            database: database.map(LiveDatabase::name),
            before: moves(Phase::Expand).split_off(skipped),
            after: moves(Phase::Contract),
            plan,
            keeps: Vec::new(),
            time: now(),
        })
    }
}

/// Opens the root and the folder in it that is ours.
fn open(site: &Site) -> Result<Root, ApplyError> {
    let root = Root::open(&site.root)?;
    match root.look(&layout::home())?.map(|look| look.kind) {
        Some(Kind::Folder) => {}
        Some(kind) => {
            let message =
                format!("`{}` in the root is {kind}, and a folder of alterplan's own is needed there", layout::OWN);
            return Err(ApplyError::new(ErrorKind::PathError, message));
        }
        None => {
            root.make_folder(&layout::home(), 0o700)?;
            root.sync(&[PathBuf::new()])?;
        }
    }
    Ok(root)
}

/// How many expand steps the schema has already, where the plan may be run at all.
fn check_plan(plan: &Plan, database: Option<&mut LiveDatabase>, allow: &Permit) -> Result<usize, ApplyError> {
    let database = database.ok_or_else(needs_database)?;
    let planned = Planned::new(plan)?;
    database.lock()?;
    database.check(&planned, plan)?;
    let schema = database.schema(&planned)?;
    let begun = planned.begun(&schema)?;
    let steps: Vec<&document::Step> = plan.steps.iter().collect();
    let refused = run::refusals(database, plan, Way::Forth, &steps, allow)?;
    run::refusal(&refused)?;
    Ok(begun)
}

fn ended(ending: Ending) -> Result<Outcome, ApplyError> {
    match (&ending.cause, ending.outcome) {
        (_, Outcome::UndonePartly) => Err(partly(&ending)),
        (Some(cause), outcome) if !outcome.is_done() => Err(cause.clone().state(outcome.standing())),
        (_, outcome) => Ok(outcome),
    }
}

/// The files are back, and a step of the schema that nothing brings back has run.
fn partly(ending: &Ending) -> ApplyError {
    let why = ending.cause.as_ref().map_or_else(String::new, |cause| format!("{}; ", cause.message));
    let kind = ending.cause.as_ref().map_or(ErrorKind::RollbackFailed, |cause| cause.kind);
    let message = format!("{why}the files are as before, and a step of the plan that cannot be taken back has run");
    ApplyError::new(kind, message)
        .state(Standing::Person)
        .help("go on: remove the cause and apply the bundle again, which takes up the plan where it stands")
        .help("or go back: restore what the step removed from the database's own backup")
}

fn needs_database() -> ApplyError {
    ApplyError::new(ErrorKind::Refused, "the bundle has a plan, and no database was named")
        .help("--database mysql://user@host/database")
}

fn check_name(begin: &Begin, database: &LiveDatabase) -> Result<(), ApplyError> {
    match &begin.database {
        Some(name) if *name != database.name() => {
            let message = format!("it was applied to the database `{name}`, and `{}` was named", database.name());
            Err(ApplyError::new(ErrorKind::Refused, message))
        }
        Some(_) | None => Ok(()),
    }
}

/// Seconds since 1970, for people: a clock that is set back changes nothing else.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Tells how far unpacking is.
struct Watched<'t> {
    tell: &'t mut dyn FnMut(Event<'_>),
    done: u64,
    total: Option<u64>,
}

impl bundle::Progress for Watched<'_> {
    fn begin(&mut self, _: &'static str, bytes: Option<u64>) {
        (self.done, self.total) = (0, bytes);
    }

    fn advance(&mut self, bytes: u64) {
        self.done += bytes;
        (self.tell)(Event::Unpack { done: self.done, total: self.total });
    }
}
