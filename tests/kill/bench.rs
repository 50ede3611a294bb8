//! A bundle, an installation to kill on, and the judge of what is left.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use alterplan::bundle::{Build, SecretKey, Unwatched, build, generate};
use alterplan::document::Plan;
use tempfile::TempDir;

use crate::support::servers::{Objects, Scratch, Server};
use crate::tree::{NEW, OLD, lay, tree};

/// How a schema changes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    /// A table goes, which nothing brings back.
    Lossy,
    /// A trigger goes, which can be made again.
    Gentle,
}

impl Change {
    fn schemas(self) -> [&'static str; 2] {
        match self {
            Self::Lossy => [
                "CREATE TABLE users (id int NOT NULL, name varchar(20), PRIMARY KEY (id));\n\
                 CREATE TABLE legacy (id int NOT NULL, PRIMARY KEY (id));\n",
                "CREATE TABLE users (id int NOT NULL, name varchar(20), last_login datetime, PRIMARY KEY (id));\n\
                 CREATE TABLE audit (id int NOT NULL, PRIMARY KEY (id));\n",
            ],
            Self::Gentle => [
                "CREATE TABLE users (id int NOT NULL, name varchar(20), PRIMARY KEY (id));\n\
                 CREATE TRIGGER trims BEFORE INSERT ON users FOR EACH ROW SET NEW.name = trim(NEW.name);\n",
                "CREATE TABLE users (id int NOT NULL, name varchar(20), last_login datetime, PRIMARY KEY (id));\n\
                 CREATE TABLE audit (id int NOT NULL, PRIMARY KEY (id));\n",
            ],
        }
    }
}

/// What is applied, and what an installation and its database are before and after it.
pub(crate) struct Bench {
    folder: TempDir,
    pub(crate) server: Option<Server>,
    pub(crate) plan: Option<Plan>,
    change: Change,
    public: String,
    pub(crate) old: BTreeMap<PathBuf, String>,
    pub(crate) new: BTreeMap<PathBuf, String>,
    schemas: Schemas,
}

/// What was interrupted: an apply or a rollback.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Way {
    Forth,
    Back,
}

/// Which release files are of.
#[derive(Clone, Copy, Debug)]
enum Side {
    Old,
    New,
}

#[derive(Default)]
struct Schemas {
    old: Objects,
    new: Objects,
    expanded: Objects,
}

/// One installation, to be killed on.
pub(crate) struct Run {
    folder: TempDir,
    pub(crate) root: PathBuf,
    pub(crate) database: Option<RefCell<Scratch>>,
    /// Its address, where it is another than the scratch database's own.
    pub(crate) url: Option<String>,
}

impl Bench {
    pub(crate) fn new(base: &str, server: Option<Server>, change: Change) -> Self {
        let folder = TempDir::new_in(base).expect("a folder");
        let path = |name: &str| folder.path().join(name);
        lay(&path("old"), OLD);
        lay(&path("new"), NEW);
        let plan = server.as_ref().map(|server| plan(server, change));
        let (secret, public) = generate(None).expect("keys");
        let key = SecretKey::parse(&secret, None).expect("a key");
        let (old, new) = (path("old"), path("new"));
        let recipe = Build {
            base: Some("1.0.0".parse().expect("a version")),
            old: Some(&old),
            plan: plan.as_ref(),
            deltas: true,
            key: Some(&key),
            ..Build::new("shop", "1.0.0.1".parse().expect("a version"), &new)
        };
        let file = fs::File::create(path("bundle")).expect("a file");
        build(&recipe, file, &mut Unwatched).expect("a bundle");
        fs::write(path("config.yaml"), "hooks: {pre: 'true', restart: 'test -e bin/app', health: 'exit 0'}\n")
            .expect("a file");
        let (old, new) = (tree(&old), tree(&new));
        let schemas = match (&server, &plan) {
            (Some(server), Some(plan)) => schemas(server, plan, change),
            (None, _) | (_, None) => Schemas::default(),
        };
        Self { folder, server, plan, change, public: public.to_base64().to_owned(), old, new, schemas }
    }

    /// A fresh installation.
    pub(crate) fn begin(&self) -> Run {
        let folder = TempDir::new_in(self.folder.path()).expect("a folder");
        let root = folder.path().join("root");
        lay(&root, OLD);
        let database = self.server.as_ref().map(|server| {
            let mut scratch = server.scratch();
            execute(&mut scratch, self.change.schemas()[0]);
            RefCell::new(scratch)
        });
        Run { folder, root, database, url: None }
    }

    pub(crate) fn call(&self, run: &Run, command: &str) -> Vec<String> {
        let mut arguments = vec![command.to_owned(), "--root".to_owned(), run.root.display().to_string()];
        arguments.extend(["--config".to_owned(), self.folder.path().join("config.yaml").display().to_string()]);
        if let Some(database) = &run.database {
            let url = run.url.clone().unwrap_or_else(|| database.borrow().url());
            arguments.extend(["--database".to_owned(), url]);
        }
        arguments
    }

    pub(crate) fn apply(&self, run: &Run) -> Vec<String> {
        let mut arguments = self.call(run, "apply");
        let bundle = self.folder.path().join("bundle").display().to_string();
        arguments.extend([bundle, "--trust".to_owned(), self.public.clone(), "--allow".to_owned(), "all".to_owned()]);
        arguments
    }

    /// Runs the binary under strace, or as it is where nothing is asked of strace.
    pub(crate) fn run(&self, strace: &[&str], arguments: &[String]) -> Output {
        let binary = env!("CARGO_BIN_EXE_alterplan");
        let mut command = Command::new(if strace.is_empty() { binary } else { "strace" });
        if !strace.is_empty() {
            command.args(["-qq", "-o", "/dev/null"]).args(strace).arg(binary);
        }
        command.args(arguments).output().expect("it runs")
    }

    /// How often a call has each of some effects.
    pub(crate) fn effects(
        &self,
        run: &Run,
        effects: &[&'static str],
        arguments: &[String],
    ) -> BTreeMap<&'static str, usize> {
        let log = run.folder.path().join("strace.log");
        let output = Command::new("strace")
            .args(["-qq", "-o", &log.display().to_string(), "-e", &format!("trace={}", effects.join(","))])
            .arg(env!("CARGO_BIN_EXE_alterplan"))
            .args(arguments)
            .output()
            .expect("strace runs");
        assert!(output.status.success(), "{}", said(&output));
        let log = fs::read_to_string(log).expect("a log");
        let count = |effect: &str| log.lines().filter(|line| line.starts_with(&format!("{effect}("))).count();
        effects.iter().map(|effect| (*effect, count(effect))).collect()
    }

    /// Recovers. On a busy machine the system may take a while to bury who was killed, and until then holds its lock.
    pub(crate) fn recovered(&self, run: &Run) -> Output {
        let recover = || self.run(&[], &self.call(run, "recover"));
        let waits = |output: &Output| !output.status.success() && said(output).contains("is at work on");
        let mut output = recover();
        for _ in 0..100 {
            if !waits(&output) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
            output = recover();
        }
        output
    }

    /// Whether what an exit code says is so: done, undone, refused, or to be recovered; and what is left after a recovery.
    pub(crate) fn judge(&self, run: &Run, output: &Output) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("{what}: {}", said(output)));
        match output.status.code() {
            Some(0) if tree(&run.root) != self.new => return wrong("it is not new"),
            Some(3 | 5) if tree(&run.root) != self.old => return wrong("it is not old"),
            // Where standard output is refused (2), all was done before; where it needs a person (6), recovery tells.
            Some(0 | 2 | 3 | 5 | 6) => {}
            code => return wrong(&format!("it ends with {code:?}")),
        }
        self.hold_recovered(run, Way::Forth).map_err(|what| format!("{what}; before: {}", said(output)))
    }

    /// Recovers, and looks whether everything is old, or everything new, or the schema alone has gained something: then the
    /// files are old, or, where a way back was interrupted, those that the way back had started from.
    pub(crate) fn hold_recovered(&self, run: &Run, way: Way) -> Result<(), String> {
        let recovered = self.recovered(run);
        if !recovered.status.success() {
            return Err(format!("it does not recover: {}", said(&recovered)));
        }
        if run.root.join(".alterplan/journal").exists() {
            return Err("something is left under way".to_owned());
        }
        match self.standing(run) {
            (Some(Side::Old), [true, ..] | [_, true, _]) | (Some(Side::New), [.., true]) => Ok(()),
            (Some(Side::New), [_, true, _]) if way == Way::Back => self.hold_back(run),
            (files, [old, expanded, new]) => {
                let schema = run.database.as_ref().map(|database| database.borrow_mut().objects());
                let schema = schema.filter(|_| !(old || expanded || new));
                Err(format!("torn: files {files:?}, schema {schema:#?}; it says: {}", said(&recovered)))
            }
        }
    }

    /// The files of the new release with a schema that has gained what it does not mind: the way back is open as it was.
    fn hold_back(&self, run: &Run) -> Result<(), String> {
        let back = self.run(&[], &self.call(run, "rollback"));
        match self.standing(run) {
            (Some(Side::Old), [true, ..] | [_, true, _]) if back.status.success() => Ok(()),
            (files, schema) => Err(format!("no way back: files {files:?}, schema {schema:?}: {}", said(&back))),
        }
    }

    /// Which side the files are of; and whether the schema is old, expanded, new.
    fn standing(&self, run: &Run) -> (Option<Side>, [bool; 3]) {
        let files = tree(&run.root);
        let side = [(&self.old, Side::Old), (&self.new, Side::New)].into_iter().find(|(tree, _)| **tree == files);
        let schema = run.database.as_ref().map_or_else(Objects::new, |database| database.borrow_mut().objects());
        let Schemas { old, new, expanded } = &self.schemas;
        (side.map(|(_, side)| side), [old, expanded, new].map(|known| *known == schema))
    }

    #[track_caller]
    pub(crate) fn succeeds(&self, arguments: &[String]) {
        let output = self.run(&[], arguments);
        assert!(output.status.success(), "{}", said(&output));
    }
}

/// Runs statements, each with its semicolon at the end of a line.
pub(crate) fn execute(scratch: &mut Scratch, script: &str) {
    for sql in script.split(";\n").filter(|sql| !sql.is_empty()) {
        scratch.execute(sql).unwrap_or_else(|why| panic!("{sql}: {why:?}"));
    }
}

/// The plan between the two schemas, as the server has them.
fn plan(server: &Server, change: Change) -> Plan {
    let urls = change.schemas().map(|schema| {
        let mut scratch = server.scratch();
        execute(&mut scratch, schema);
        (scratch.url(), scratch)
    });
    let mut command = Command::new(env!("CARGO_BIN_EXE_alterplan"));
    let output = command.args(["diff", &urls[0].0, &urls[1].0, "--format", "json"]).output().expect("it runs");
    assert!(output.status.success(), "{}", said(&output));
    Plan::read(&String::from_utf8_lossy(&output.stdout)).expect("a plan")
}

fn schemas(server: &Server, plan: &Plan, change: Change) -> Schemas {
    use alterplan::document::Phase;
    let mut scratch = server.scratch();
    execute(&mut scratch, change.schemas()[0]);
    let old = scratch.objects();
    let mut run = |phase: Phase| {
        for step in plan.steps.iter().filter(|step| step.phase == phase) {
            scratch.execute(&step.sql).unwrap_or_else(|why| panic!("{}: {why:?}", step.sql));
        }
        scratch.objects()
    };
    let expanded = run(Phase::Expand);
    let new = run(Phase::Contract);
    assert_ne!(expanded, new, "the plan has a contract step");
    assert_ne!(expanded, old, "the plan has an expand step");
    Schemas { old, new, expanded }
}

pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}
