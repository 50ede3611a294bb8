//! Real servers as judges of `grammar/online_ddl.tsv`: what a plan says of an ALTER's algorithm and lock is what the server
//! takes first when it is asked from the cheapest on.
//!
//! Every change of `fixtures/online/changes.sql` stands on every table of `tables.sql`, with a row in it.
//! `ALTERPLAN_CHANGES` says how many of these cases a server judges, spread over all (default: 40; 100000 is all);
//! `ALTERPLAN_ALARMS` tells those that were predicted otherwise, where they are few enough.
//!
//! What changes come to together, and columns of every type under every key and collation, is drawn by chance:
//! `ALTERPLAN_DRAWN` says how many cases a server judges (default: 40), `ALTERPLAN_SEED` which is the first (default: 1).

use std::path::Path;

use alterplan::catalog::Session;
use alterplan::compare::{self, Settings, Text};
use alterplan::document::{Action, Algorithm, Lock, Plan, Step};
use alterplan::source::{Pair, Source};
use alterplan::target::Target;
use support::generated::{self, Tape};
use support::servers::{Cells, Scratch, Server, servers, tell};
use support::spread;

#[path = "randomly/columns.rs"]
mod columns;

pub mod support {
    //! What the tests on real servers stand on.
    pub mod generated;
    pub mod servers;
    pub mod spread;
}

/// How many numbers decide a drawn case.
const TAPE: usize = 80;

/// So many of a hundred ALTERs are predicted.
const GOAL: usize = 98;
/// How many connections judge on a server at a time.
const JUDGES: usize = 12;
/// From the cheapest on.
const LADDER: [(&str, Algorithm, Option<Lock>); 5] = [
    ("ALGORITHM=INSTANT", Algorithm::Instant, None),
    ("ALGORITHM=INPLACE, LOCK=NONE", Algorithm::Inplace, Some(Lock::None)),
    ("ALGORITHM=INPLACE, LOCK=SHARED", Algorithm::Inplace, Some(Lock::Shared)),
    ("ALGORITHM=INPLACE, LOCK=EXCLUSIVE", Algorithm::Inplace, Some(Lock::Exclusive)),
    ("ALGORITHM=COPY", Algorithm::Copy, None),
];

#[test]
fn costs_are_those_that_the_server_takes() {
    let most = number("ALTERPLAN_CHANGES", 40);
    let threads = servers().into_iter().map(|server| std::thread::spawn(move || judge_all(&server, most)));
    conclude(threads.collect());
}

#[test]
fn costs_of_drawn_cases_are_those_that_the_server_takes() {
    let (first, most) = (number("ALTERPLAN_SEED", 1), number("ALTERPLAN_DRAWN", 40));
    let threads = servers().into_iter().map(|server| std::thread::spawn(move || judge_drawn(&server, first, most)));
    conclude(threads.collect());
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().map_or(default, |v| v.parse().expect(name))
}

type Verdict = (Server, usize, Vec<String>);

fn conclude(threads: Vec<std::thread::JoinHandle<Verdict>>) {
    for thread in threads {
        let (server, right, wrong) = thread.join().expect("a judge ends");
        let all = right + wrong.len();
        if !wrong.is_empty() {
            tell(&format!("online on {}: {right} of {all}", server.target));
            if std::env::var("ALTERPLAN_ALARMS").is_ok() {
                tell(&wrong.join("\n"));
            }
        }
        assert!(right * 100 >= all * GOAL, "{}: {right} of {all}\n{}", server.target, wrong.join("\n"));
    }
}

/// Half of the cases are two changes on one of the tables, half are tables of their own.
fn judge_drawn(server: &Server, first: usize, most: usize) -> Verdict {
    let vendor = server.target.split(':').next().unwrap_or_default();
    let (tables, text) = (tables(&fixture("tables.sql"), vendor), fixture("changes.sql"));
    let changes: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with("--")).collect();
    let mut bench = Bench::of(server);
    let (mut right, mut wrong) = (0, Vec::new());
    for seed in first..first + most {
        let numbers = generated::numbers(seed as u64, TAPE);
        let mut tape = Tape::new(&numbers);
        let (script, change) = if tape.chance(50) {
            let script = tape.pick(&tables).1.clone();
            (script, format!("{}, {}", tape.pick(&changes), tape.pick(&changes)))
        } else {
            columns::case(&mut tape)
        };
        // A table that the server refuses is no case.
        for (told, took, sql) in bench.judge(&script, &change).unwrap_or_default() {
            if told == took {
                right += 1;
            } else {
                wrong.push(format!("seed {seed}: told {told:?}, is {took:?}\n{script}{sql}"));
            }
        }
    }
    (server.clone(), right, wrong)
}

fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/online");
    std::fs::read_to_string(folder.join(name)).expect(name)
}

fn judge_all(server: &Server, most: usize) -> Verdict {
    let vendor = server.target.split(':').next().unwrap_or_default();
    let (tables, text) = (tables(&fixture("tables.sql"), vendor), fixture("changes.sql"));
    let changes: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with("--")).collect();
    for (name, script) in &tables {
        // Some change is none to each of them.
        assert!(plan(server, script, "COMMENT='of the test'").is_some(), "{} {name}", server.target);
    }
    let all = tables.len() * changes.len();
    let step = spread::step(all / most, changes.len());
    let cases: Vec<_> =
        (0..all).step_by(step).map(|at| (&tables[at / changes.len()], changes[at % changes.len()])).collect();
    // A server waits for its disk at every DDL statement, once for all that ask at the same time.
    let judged = std::thread::scope(|scope| {
        let judge_some = |cases: &[(&(String, String), &str)]| -> (usize, Vec<String>) {
            let mut bench = Bench::of(server);
            let (mut right, mut wrong) = (0, Vec::new());
            for ((name, script), change) in cases {
                let judged = bench.judge(script, change);
                for (told, took, sql) in judged.unwrap_or_else(|why| panic!("{} {name}: {why}", server.target)) {
                    if told == took {
                        right += 1;
                    } else {
                        wrong.push(format!("{name}: {change}: told {told:?}, is {took:?}\n{sql}"));
                    }
                }
            }
            (right, wrong)
        };
        let chunks = cases.chunks(cases.len().div_ceil(JUDGES));
        let threads: Vec<_> = chunks.map(|cases| scope.spawn(move || judge_some(cases))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a judge ends")).collect::<Vec<_>>()
    });
    let right = judged.iter().map(|(right, _)| right).sum();
    (server.clone(), right, judged.into_iter().flat_map(|(_, wrong)| wrong).collect())
}

/// The tables of a vendor, each with its script.
fn tables(text: &str, vendor: &str) -> Vec<(String, String)> {
    let mut tables: Vec<(String, Option<String>, String)> = Vec::new();
    for line in text.lines() {
        if let Some(head) = line.strip_prefix("-- table ") {
            let words: Vec<&str> = head.split(' ').collect();
            let after = |word: &str| words.iter().position(|w| *w == word).map(|at| words[at + 1]);
            let like = after("like").and_then(|like| tables.iter().find(|(name, ..)| name == like));
            let script = like.map_or_else(String::new, |(.., script)| script.clone());
            tables.push((words[0].to_owned(), after("on").map(str::to_owned), script));
        } else if let (Some((.., script)), false) = (tables.last_mut(), line.starts_with("--")) {
            script.push_str(line);
            script.push('\n');
        }
    }
    let here = |on: &Option<String>| on.as_deref().is_none_or(|on| on == vendor);
    tables.into_iter().filter(|(_, on, _)| here(on)).map(|(name, _, script)| (name, script)).collect()
}

/// The algorithm, the lock where that is a question, and whether the rows are written anew.
type Cost = (Algorithm, Option<Lock>, bool);

/// What cases are judged on: the tables of one script, made again for every case.
struct Bench<'s> {
    server: &'s Server,
    scratch: Scratch,
    /// The script that made the tables of the last case.
    script: String,
    /// The tables as that script leaves them, from the second case of a script on.
    kept: Option<Kept>,
}

/// Tables that are copied: one statement each instead of all those of a script.
struct Kept {
    /// The database that is copied from, kept as long as it is needed.
    _scratch: Scratch,
    statements: Vec<String>,
}

/// The tables of all scripts, in an order in which they can be dropped.
const TABLES: [&str; 3] = ["child", "t", "parent"];

impl<'s> Bench<'s> {
    fn of(server: &'s Server) -> Self {
        Self { server, scratch: server.scratch(), script: String::new(), kept: None }
    }

    /// For each ALTER of the plan what it says, and what the server takes; an error where the server refuses the table.
    fn judge(&mut self, script: &str, change: &str) -> Result<Vec<(Cost, Cost, String)>, String> {
        let Some(plan) = plan(self.server, script, change) else { return Ok(Vec::new()) };
        self.lay(script)?;
        let (scratch, server) = (&mut self.scratch, self.server);
        let checks = u8::from(plan.session.foreign_key_checks);
        scratch.execute(&format!("SET foreign_key_checks = {checks}")).expect("a variable");
        let mut judged = Vec::new();
        for step in &plan.steps {
            let asks = step.action == Action::Alter && !step.sql.contains(" PARTITION");
            // MariaDB says that a change of engine is instant, and copies.
            if !asks || step.sql.contains("ENGINE=") {
                if scratch.execute(&step.sql).is_err() {
                    break;
                }
                continue;
            }
            let Some((taken, rebuilt)) = taken(scratch, server, step) else { break };
            let (mut algorithm, mut lock) = taken;
            // So it does of partitioned tables that lose their primary key.
            if algorithm == Algorithm::Instant && rebuilt && server.target.starts_with("mariadb") {
                (algorithm, lock) = (Algorithm::Copy, None);
            }
            let lock_told = step.lock.filter(|_| step.algorithm == Some(Algorithm::Inplace));
            let told = (step.algorithm.expect("an ALTER"), lock_told, step.rebuilds_table);
            judged.push((told, (algorithm, lock, rebuilt), step.sql.clone()));
        }
        Ok(judged)
    }

    /// Makes the tables as the script leaves them.
    fn lay(&mut self, script: &str) -> Result<(), String> {
        let again = self.script == script;
        if again && self.kept.is_none() {
            self.kept = Some(Kept::of(self.server, script)?);
        } else if !again {
            self.kept = None;
            script.clone_into(&mut self.script);
        }
        run(&mut self.scratch, "SET foreign_key_checks = 1")?;
        // No change is one of the parent.
        let gone = if self.kept.is_some() { &TABLES[..2] } else { &TABLES[..] };
        run(&mut self.scratch, &format!("DROP TABLE IF EXISTS {}", gone.join(", ")))?;
        let statements: Vec<&str> = match &self.kept {
            Some(kept) => kept.statements.iter().map(String::as_str).collect(),
            None => statements(script).collect(),
        };
        statements.into_iter().try_for_each(|sql| run(&mut self.scratch, sql))
    }
}

impl Kept {
    fn of(server: &Server, script: &str) -> Result<Self, String> {
        let mut scratch = server.scratch();
        for sql in statements(script) {
            run(&mut scratch, sql)?;
        }
        let mut made = Vec::new();
        for table in TABLES[..2].iter().rev() {
            // Not each script has each of them.
            let Ok(rows) = scratch.query(&format!("SHOW CREATE TABLE {table}")) else { continue };
            made.push(String::from_utf8(rows[0][1].clone().expect("a definition")).expect("UTF-8"));
            let columns = scratch.query(&format!(
                "SELECT CONCAT('`', column_name, '`') FROM information_schema.columns WHERE table_schema = DATABASE() \
                 AND table_name = '{table}' AND extra NOT LIKE '%GENERATED%' ORDER BY ordinal_position"
            ));
            let columns = columns.map_err(|(code, message)| format!("{code} {message}"))?;
            let cell = |row: &Cells| String::from_utf8(row[0].clone().expect("a name")).expect("UTF-8");
            let columns = columns.iter().map(cell).collect::<Vec<_>>().join(", ");
            made.push(format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM {}.{table}", scratch.name()));
        }
        Ok(Self { _scratch: scratch, statements: made })
    }
}

fn statements(script: &str) -> impl Iterator<Item = &str> {
    script.split(';').map(str::trim).filter(|s| !s.is_empty())
}

fn run(scratch: &mut Scratch, sql: &str) -> Result<(), String> {
    scratch.execute(sql).map_err(|(code, message)| format!("{code} {message}\n{sql}"))
}

/// The numbers of table `t` and its partitions in InnoDB's dictionary: where the rows are written anew, they are new.
fn ids(scratch: &mut Scratch, server: &Server) -> Vec<Cells> {
    let view = if server.target.starts_with("mysql") { "innodb_tables" } else { "innodb_sys_tables" };
    let query = format!(
        "SELECT name, table_id FROM information_schema.{view} WHERE name = CONCAT(DATABASE(), '/t') OR name LIKE CONCAT(DATABASE(), '/t#%') ORDER BY 1"
    );
    // MySQL may meet the dictionary's changes of other tests (1213).
    let found = (0..20).find_map(|_| scratch.query(&query).ok());
    found.expect("the dictionary answers")
}

/// What the server takes first, and whether it writes the rows anew; `None` where the rows are in the way of the change.
fn taken(scratch: &mut Scratch, server: &Server, step: &Step) -> Option<((Algorithm, Option<Lock>), bool)> {
    let mut before = None;
    for (clause, algorithm, lock) in LADDER {
        // MySQL never writes rows anew at once, and its dictionary keeps whoever reads it waiting.
        let at_once = algorithm == Algorithm::Instant && server.target.starts_with("mysql");
        if !at_once && before.is_none() {
            before = Some(ids(scratch, server));
        }
        if scratch.execute(&format!("{}, {clause}", step.sql)).is_ok() {
            let rebuilt = match &before {
                None => false,
                // Only InnoDB counts its tables.
                Some(before) if before.is_empty() => step.rebuilds_table,
                Some(before) => ids(scratch, server) != *before,
            };
            return Some(((algorithm, lock), rebuilt));
        }
    }
    None
}

/// The plan of a change; `None` where the catalog refuses it, or there is nothing to change.
fn plan(server: &Server, script: &str, change: &str) -> Option<Plan> {
    let target: Target = server.target.parse().expect("a target");
    let altered = format!("{script}ALTER TABLE t {change};\n");
    let sides = Pair::new(script.to_owned(), altered).map(|text| {
        let sources = vec![Source::new("online.sql", text)];
        compare::load(Text { sources, target, session: Session::of(target) })
    });
    if !sides.old.script.errors.is_empty() || !sides.new.script.errors.is_empty() {
        return None;
    }
    let settings = Settings {
        target,
        server: Default::default(),
        policies: Default::default(),
        filter: Default::default(),
        renames: Vec::new(),
        fingerprints: false,
    };
    compare::compare(sides.as_ref(), &settings).ok()
}
