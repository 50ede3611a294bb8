//! Real servers as judges of what a plan warns of: rows that its probes find are those that an ALTER refuses or changes.
//!
//! Every type is turned into every other one, with values that do and do not fit. `ALTERPLAN_PAIRS` says how many pairs of
//! types a server judges, spread over all of them (default: 60; 10000 is all).

use std::collections::BTreeSet;

use alterplan::catalog::Session;
use alterplan::compare::{self, Settings, Text};
use alterplan::diff::Policies;
use alterplan::document::{HazardKind, Plan};
use alterplan::source::{Pair, Source};
use alterplan::target::Target;
use support::servers::{Scratch, Server, servers, tell};
use support::spread;
use support::values::{Family, TYPES, Type, same};

#[path = "hazards/cases.rs"]
mod cases;
#[path = "hazards/checks.rs"]
mod checks;

pub mod support {
    //! What the tests on real servers stand on.
    pub mod servers;
    pub mod spread;
    pub mod values;
}

/// How many type pairs a server judges at a time.
const JUDGES: usize = 2;
/// So many of a hundred findings of a probe may be false alarms: conversions that no expression follows to the last digit.
const FALSE_ALARMS: usize = 5;

#[test]
fn what_a_change_of_type_refuses_or_changes_the_plan_has_said() {
    let number = |name: &str, default: usize| std::env::var(name).ok().map_or(default, |v| v.parse().expect(name));
    let most = number("ALTERPLAN_PAIRS", 60);
    let judges = servers().into_iter().flat_map(|server| (0..JUDGES).map(move |judge| (server.clone(), judge)));
    let threads: Vec<_> =
        judges.map(|(server, judge)| std::thread::spawn(move || judge_all(&server, most, judge))).collect();
    let mut findings = Vec::new();
    let mut sum = Tally::default();
    for thread in threads {
        let (found, tally) = thread.join().expect("a judge ends");
        findings.extend(found);
        sum.add(&tally);
    }
    if sum.pairs > 0 {
        tell(&format!("probes: {sum:?}"));
    }
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
    assert!(sum.false_alarms * 100 <= sum.alarms * FALSE_ALARMS, "too many false alarms: {sum:?}");
}

#[derive(Debug, Default)]
struct Tally {
    pairs: usize,
    alarms: usize,
    false_alarms: usize,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.pairs += other.pairs;
        self.alarms += other.alarms;
        self.false_alarms += other.false_alarms;
    }
}

fn judge_all(server: &Server, most: usize, judge: usize) -> (Vec<String>, Tally) {
    let mut findings = Vec::new();
    let mut tally = Tally::default();
    let mut scratch = server.scratch();
    let here = |t: &&Type| t.on.is_none_or(|vendor| server.target.starts_with(vendor));
    let types: Vec<&Type> = TYPES.iter().filter(here).collect();
    let all = types.len() * types.len();
    let step = spread::step(all / most.min(all), types.len());
    for at in (0..all).step_by(step).skip(judge).step_by(JUDGES) {
        let (old, new) = (types[at / types.len()], types[at % types.len()]);
        if old.sql == new.sql {
            continue;
        }
        for new_null in ["", " NOT NULL"] {
            tally.pairs += 1;
            if let Err(finding) = judge_pair(&mut scratch, server, old, new, new_null, &mut tally) {
                findings.push(format!("{}: {} → {}{new_null}: {finding}", server.target, old.sql, new.sql));
            }
            if new_null.is_empty() && !at.is_multiple_of(7) {
                break;
            }
        }
    }
    (findings, tally)
}

fn judge_pair(
    scratch: &mut Scratch,
    server: &Server,
    old: &Type,
    new: &Type,
    new_null: &str,
    tally: &mut Tally,
) -> Result<(), String> {
    let scripts = Pair::new((old.sql, ""), (new.sql, new_null))
        .map(|(sql, null)| format!("CREATE TABLE t (id int NOT NULL, c {sql}{null}, PRIMARY KEY (id));"));
    // What the server does not have, or the catalog refuses, is no pair.
    let Some(plan) = plan(server, &scripts)? else { return Ok(()) };
    let tell = |what: &str, sql: &str, error: (u16, String)| format!("{what}: {} {}\n{sql}", error.0, error.1);
    let fill = |scratch: &mut Scratch, only: Option<&BTreeSet<usize>>| -> Result<(), String> {
        scratch.execute("DROP TABLE IF EXISTS t").map_err(|e| tell("drop", "", e))?;
        scratch.execute("SET sql_mode = ''").map_err(|e| tell("mode", "", e))?;
        scratch.execute(scripts.old.trim_end_matches(';')).map_err(|e| tell("OLD", &scripts.old, e))?;
        for (id, value) in old.values().into_iter().enumerate() {
            if only.is_none_or(|only| only.contains(&id)) {
                scratch.execute(&format!("INSERT INTO t VALUES ({id}, {value})")).map_err(|e| tell("row", value, e))?;
            }
        }
        // As the plan says: the server's own strict modes.
        scratch.execute(&format!("SET sql_mode = '{}'", plan.session.sql_mode)).map_err(|e| tell("mode", "", e))
    };
    let run = |scratch: &mut Scratch| -> Result<(), String> {
        for step in &plan.steps {
            if let Err((code, message)) = scratch.execute(&step.sql) {
                return Err(format!("{code} {message}"));
            }
        }
        Ok(())
    };
    fill(scratch, None)?;
    let failing = found(scratch, &plan, HazardKind::MayFail)?;
    let losing = found(scratch, &plan, HazardKind::DataLoss)?;
    let all: BTreeSet<usize> = (0..old.values().len()).collect();
    // Whoever no probe finds gets through, and only who is said to changes.
    let clean: BTreeSet<usize> = all.difference(&failing).copied().collect();
    fill(scratch, Some(&clean))?;
    let before = values(scratch, old)?;
    run(scratch).map_err(|error| format!("fails without a warning: {error}; not warned of: {}", shown(old, &clean)))?;
    let after = values(scratch, new)?;
    for (id, (text, hex)) in &before {
        let now = after.iter().find(|(other, _)| other == id).ok_or_else(|| format!("row {id} is gone"))?;
        if !same((old, text, hex), (new, &now.1.0, &now.1.1)) && !losing.contains(id) {
            return Err(format!(
                "changes without a warning: {} was {} and is {}",
                old.values()[*id],
                String::from_utf8_lossy(text.as_deref().unwrap_or(b"NULL")),
                String::from_utf8_lossy(now.1.0.as_deref().unwrap_or(b"NULL"))
            ));
        }
        tally.alarms += usize::from(losing.contains(id));
        if losing.contains(id) && same((old, text, hex), (new, &now.1.0, &now.1.1)) {
            tally.false_alarms += 1;
            if std::env::var("ALTERPLAN_ALARMS").is_ok() {
                support::servers::tell(&format!(
                    "{}: {} → {}: {} is not changed",
                    server.target,
                    old.sql,
                    new.sql,
                    old.values()[*id]
                ));
            }
        }
    }
    for id in failing {
        tally.alarms += 1;
        fill(scratch, Some(&BTreeSet::from([id])))?;
        if run(scratch).is_ok() {
            tally.false_alarms += 1;
            if std::env::var("ALTERPLAN_ALARMS").is_ok() {
                support::servers::tell(&format!(
                    "{}: {} → {}: {} does not fail",
                    server.target,
                    old.sql,
                    new.sql,
                    old.values()[id]
                ));
            }
        }
    }
    Ok(())
}

fn shown(of: &Type, rows: &BTreeSet<usize>) -> String {
    rows.iter().map(|id| of.values()[*id]).collect::<Vec<_>>().join(" ")
}

/// The rows that the probes of a kind find; all of them where a hazard has none.
fn found(scratch: &mut Scratch, plan: &Plan, kind: HazardKind) -> Result<BTreeSet<usize>, String> {
    let mut rows = BTreeSet::new();
    for hazard in plan.steps.iter().flat_map(|s| &s.hazards).filter(|h| h.kind == kind) {
        let all = "SELECT 1 FROM `t` AS t LIMIT 1".to_owned();
        let probe = hazard.probe.as_ref().unwrap_or(&all);
        let first = scratch.query(probe).map_err(|(code, message)| format!("the probe: {code} {message}\n{probe}"))?;
        let every = probe.replacen("SELECT 1 ", "SELECT t.id ", 1).replace(" LIMIT 1", "");
        let ids = scratch.query(&every).map_err(|(code, message)| format!("the probe: {code} {message}\n{every}"))?;
        assert_eq!(first.is_empty(), ids.is_empty(), "{probe}");
        for row in ids {
            let id = row[0].as_deref().and_then(|id| std::str::from_utf8(id).ok()?.parse().ok());
            rows.insert(id.expect("an id"));
        }
    }
    Ok(rows)
}

type Stored = Vec<(usize, (Option<Vec<u8>>, Option<Vec<u8>>))>;

fn values(scratch: &mut Scratch, of: &Type) -> Result<Stored, String> {
    let text = match of.family {
        Family::Bit => "c + 0",
        Family::Geometry => "ST_AsText(c)",
        _ => "c",
    };
    let bytes = match of.family {
        Family::Text | Family::Binary | Family::Geometry => "c",
        _ => "CAST(c AS CHAR)",
    };
    let rows = scratch
        .query(&format!("SELECT id, {text}, HEX({bytes}) FROM t ORDER BY id"))
        .map_err(|(code, message)| format!("reading: {code} {message}"))?;
    Ok(rows
        .into_iter()
        .map(|mut row| {
            let hex = row.pop().flatten();
            let text = row.pop().flatten();
            let id = String::from_utf8(row.pop().flatten().expect("an id")).expect("digits").parse().expect("a number");
            (id, (text, hex))
        })
        .collect())
}

/// The plan; `None` where a side is refused, or where a pair has none.
fn plan(server: &Server, scripts: &Pair<String>) -> Result<Option<Plan>, String> {
    plan_of(Session::of(server.target.parse().expect("a target")), server, scripts, Policies::default())
}

/// The plan of a session.
fn plan_of(
    session: Session,
    server: &Server,
    scripts: &Pair<String>,
    policies: Policies,
) -> Result<Option<Plan>, String> {
    let target: Target = server.target.parse().expect("a target");
    let sides = scripts.as_ref().map(|text| {
        compare::load(Text { sources: vec![Source::new("pair.sql", text.clone())], target, session: session.clone() })
    });
    if !sides.old.script.errors.is_empty() || !sides.new.script.errors.is_empty() {
        return Ok(None);
    }
    let settings = Settings {
        target,
        server: Default::default(),
        policies,
        filter: Default::default(),
        renames: Vec::new(),
        fingerprints: false,
    };
    compare::compare(sides.as_ref(), &settings).map(Some).map_err(|disproof| disproof.to_string())
}
