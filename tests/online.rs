//! Real servers as judges of `grammar/online_ddl.tsv`: what a plan says of an ALTER's algorithm and lock is what the server
//! takes first when it is asked from the cheapest on.
//!
//! Every change of `fixtures/online/changes.sql` stands on every table of `tables.sql`, with a row in it.
//! `ALTERPLAN_CHANGES` says how many of these cases a server judges, spread over all (default: 40; 100000 is all).

use std::path::Path;

use alterplan::catalog::Session;
use alterplan::compare::{self, Settings, Text};
use alterplan::document::{Action, Algorithm, Lock, Plan, Step};
use alterplan::source::{Pair, Source};
use alterplan::target::Target;
use support::servers::{Scratch, Server, servers, tell};

pub mod support {
    //! What the tests on real servers stand on.
    pub mod servers;
}

/// So many of a hundred ALTERs are predicted.
const GOAL: usize = 98;
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
    let most = std::env::var("ALTERPLAN_CHANGES").ok().map_or(40, |v| v.parse().expect("ALTERPLAN_CHANGES"));
    let threads: Vec<_> =
        servers().into_iter().map(|server| std::thread::spawn(move || judge_all(&server, most))).collect();
    for thread in threads {
        let (server, right, wrong) = thread.join().expect("a judge ends");
        let all = right + wrong.len();
        if !wrong.is_empty() {
            tell(&format!("online on {}: {right} of {all}", server.target));
        }
        assert!(right * 100 >= all * GOAL, "{}: {right} of {all}\n{}", server.target, wrong.join("\n"));
    }
}

fn judge_all(server: &Server, most: usize) -> (Server, usize, Vec<String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/online");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect(name);
    let vendor = server.target.split(':').next().unwrap_or_default();
    let tables = tables(&read("tables.sql"), vendor);
    let text = read("changes.sql");
    let changes: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with("--")).collect();
    let cases = tables.len() * changes.len();
    let mut scratch = server.scratch();
    let (mut right, mut wrong) = (0, Vec::new());
    // A step that has no divisor with the number of changes meets all of them.
    let step = (1.max(cases / most)..).find(|step| gcd(*step, changes.len()) == 1).unwrap_or(1);
    for case in (0..cases).step_by(step) {
        let (name, script) = &tables[case / changes.len()];
        let change = changes[case % changes.len()];
        for (told, took, sql) in judge(&mut scratch, server, script, change) {
            if told == took {
                right += 1;
            } else {
                wrong.push(format!("{name}: {change}: told {told:?}, is {took:?}\n{sql}"));
            }
        }
    }
    (server.clone(), right, wrong)
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
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

type Cost = (Algorithm, Option<Lock>);

/// For each ALTER of the plan what it says, and what the server takes.
fn judge(scratch: &mut Scratch, server: &Server, script: &str, change: &str) -> Vec<(Cost, Cost, String)> {
    let Some(plan) = plan(server, script, change) else { return Vec::new() };
    for table in ["child", "t", "parent"] {
        scratch.execute(&format!("DROP TABLE IF EXISTS {table}")).expect("a drop");
    }
    scratch.execute("SET foreign_key_checks = 1").expect("a variable");
    for statement in script.split(';').map(str::trim).filter(|s| !s.is_empty()) {
        if let Err((code, message)) = scratch.execute(statement) {
            panic!("{}: {code} {message}\n{statement}", server.target);
        }
    }
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
        let Some(took) = taken(scratch, step) else { break };
        let told =
            (step.algorithm.expect("an ALTER"), step.lock.filter(|_| step.algorithm == Some(Algorithm::Inplace)));
        judged.push((told, took, step.sql.clone()));
    }
    judged
}

/// What the server takes first; `None` where the rows are in the way of the change.
fn taken(scratch: &mut Scratch, step: &Step) -> Option<Cost> {
    LADDER.into_iter().find_map(|(clause, algorithm, lock)| {
        scratch.execute(&format!("{}, {clause}", step.sql)).is_ok().then_some((algorithm, lock))
    })
}

/// The plan of a change; `None` where the catalog refuses it, or there is nothing to change.
fn plan(server: &Server, script: &str, change: &str) -> Option<Plan> {
    let target: Target = server.target.parse().expect("a target");
    let altered = format!("{script}ALTER TABLE t {change};\n");
    let sides = Pair::new(script.to_owned(), altered).map(|text| {
        let sources = vec![Source::new("online.sql", text)];
        compare::load(Text { sources, target, session: Session::of(target) })
    });
    if !sides.new.script.errors.is_empty() {
        return None;
    }
    assert!(sides.old.script.errors.is_empty(), "{:?}", sides.old.script.errors);
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
