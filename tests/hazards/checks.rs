//! CHECKs over a column that becomes one of another type: the plan's probe is a query that the server takes, and it finds
//! exactly those rows that the server refuses.
//!
//! Every expression of `fixtures/hazards/checks.sql` stands over every type that a column may become, from other types with
//! their values. `ALTERPLAN_CHECKS` says how many pairs of an expression and a new type a server judges, spread over all of
//! them (default: 240; 100000 is all); each meets [`OLD`] old types. `ALTERPLAN_ALARMS` tells the alarms that are false.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use alterplan::document::{Algorithm, HazardKind, Plan, Step};
use alterplan::source::Pair;

use super::plan;
use super::support::servers::{Scratch, Server, servers, tell};
use super::support::spread;
use super::support::values::{Family, TYPES, Type};

/// How many connections judge on a server at a time.
const JUDGES: usize = 6;
/// From how many types a column comes, for each expression and new type.
const OLD: usize = 4;
/// So many of a hundred alarms of a probe may be false.
const FALSE_ALARMS: usize = 15;

#[derive(Debug, Default)]
struct Tally {
    plans: usize,
    alarms: usize,
    false_alarms: usize,
    without_probe: usize,
}

#[test]
fn checks_over_columns_that_become_others_are_asked_as_the_server_asks_them() {
    let most = std::env::var("ALTERPLAN_CHECKS").ok().map_or(240, |v| v.parse().expect("ALTERPLAN_CHECKS"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hazards/checks.sql");
    let text = std::fs::read_to_string(path).expect("the expressions");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with("-- "));
    let expressions: Vec<String> = lines.map(str::to_owned).collect();
    let judges = servers().into_iter().flat_map(|server| (0..JUDGES).map(move |judge| (server.clone(), judge)));
    let threads: Vec<_> = judges
        .map(|(server, judge)| {
            let expressions = expressions.clone();
            std::thread::spawn(move || judge_all(&server, &expressions, most, judge))
        })
        .collect();
    let (mut findings, mut sum) = (Vec::new(), Tally::default());
    for thread in threads {
        let (found, tally) = thread.join().expect("a judge ends");
        findings.extend(found);
        sum.plans += tally.plans;
        sum.alarms += tally.alarms;
        sum.false_alarms += tally.false_alarms;
        sum.without_probe += tally.without_probe;
    }
    if sum.plans > 0 {
        tell(&format!("checks: {sum:?}"));
    }
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
    assert!(sum.false_alarms * 100 <= sum.alarms * FALSE_ALARMS, "too many false alarms: {sum:?}");
}

fn judge_all(server: &Server, expressions: &[String], most: usize, judge: usize) -> (Vec<String>, Tally) {
    let (mut findings, mut tally) = (Vec::new(), Tally::default());
    let here = |t: &&Type| t.family != Family::Geometry && t.on.is_none_or(|vendor| server.target.starts_with(vendor));
    let types: Vec<&Type> = TYPES.iter().filter(here).collect();
    let mut desk = Desk { scratch: server.scratch(), made: BTreeSet::new() };
    let all = types.len() * expressions.len();
    let step = spread::step(all / most.min(all), expressions.len());
    for case in (0..all).step_by(step).skip(judge).step_by(JUDGES) {
        let (new, expression) = (types[case / expressions.len()], &expressions[case % expressions.len()]);
        let olds = (0..OLD).map(|at| types[(case * 7 + at * 13 + 1) % types.len()]).filter(|old| old.sql != new.sql);
        if let Err(finding) = desk.judge(server, &olds.collect::<Vec<_>>(), new, expression, &mut tally) {
            findings.push(format!("{}: {expression}: {finding}", server.target));
        }
    }
    (findings, tally)
}

/// What cases are judged with: the tables of old types are made once.
struct Desk {
    scratch: Scratch,
    made: BTreeSet<usize>,
}

impl Desk {
    fn judge(
        &mut self,
        server: &Server,
        olds: &[&Type],
        new: &Type,
        expression: &str,
        tally: &mut Tally,
    ) -> Result<(), String> {
        let script = |of: &str| {
            format!("CREATE TABLE t (id int NOT NULL, c {of}, PRIMARY KEY (id), CONSTRAINT ck CHECK ({expression}));")
        };
        self.run("DROP TABLE IF EXISTS n, checked")?;
        self.run("SET sql_mode = ''")?;
        let checked = script(new.sql).replacen("TABLE t ", "TABLE checked ", 1);
        // What the server does not take is no case.
        if self.scratch.execute(checked.trim_end_matches(';')).is_err() {
            return Ok(());
        }
        self.run(&format!("CREATE TABLE n (id int NOT NULL, c {}, PRIMARY KEY (id))", new.sql))?;
        let mut findings = Vec::new();
        for old in olds {
            let scripts = Pair::new(script(old.sql), script(new.sql));
            // Where nothing is written again nothing is checked again.
            let is_written = |step: &Step| step.algorithm == Some(Algorithm::Copy) || step.rebuilds_table;
            let is_checked = |plan: &Plan| plan.steps.iter().any(is_written);
            let Some(plan) = plan(server, &scripts)?.filter(is_checked) else { continue };
            let table = self.table_of(old)?;
            self.run("SET NAMES utf8mb4")?;
            self.run(&format!("SET sql_mode = '{}'", plan.session.sql_mode))?;
            tally.plans += 1;
            let refused = self.refused(&table, "n", &(0..old.values().len()).collect())?;
            let fitting = (0..old.values().len()).filter(|id| !refused.contains_key(id)).collect();
            let refused = self.refused(&table, "checked", &fitting)?;
            let mut is_asked = true;
            let mut found = BTreeMap::new();
            let hazards = plan.steps.iter().flat_map(|s| &s.hazards);
            for hazard in hazards.filter(|h| h.kind == HazardKind::MayFail && h.reason.contains("check")) {
                let asked = match &hazard.probe {
                    Some(probe) => match self.found(&table, probe) {
                        Ok(ids) => ids,
                        Err(why) => {
                            findings.push(format!("{} → {}: {why}", old.sql, new.sql));
                            is_asked = false;
                            continue;
                        }
                    },
                    None => {
                        // It strikes for whatever rows there are.
                        tally.without_probe += 1;
                        is_asked = false;
                        continue;
                    }
                };
                found.extend(asked.into_iter().map(|id| (id, hazard.probe.clone())));
            }
            for id in &fitting {
                let value = old.values()[*id];
                match (refused.get(id), found.get(id)) {
                    // An INSERT cuts some values that an ALTER rounds.
                    (Some(_), None) if is_asked && self.takes(&table, *id, new, expression)? => {}
                    (Some(error), None) if is_asked => {
                        findings
                            .push(format!("{} → {}: {value} is refused without a warning: {error}", old.sql, new.sql));
                    }
                    (Some(_), _) => tally.alarms += 1,
                    (None, None) => {}
                    (None, Some(probe)) => {
                        tally.alarms += 1;
                        tally.false_alarms += 1;
                        if std::env::var("ALTERPLAN_ALARMS").is_ok() {
                            let target = server.target;
                            tell(&format!("{target}: {expression}: {} → {}: {value}: {probe:?}", old.sql, new.sql));
                        }
                    }
                }
            }
        }
        if findings.is_empty() { Ok(()) } else { Err(findings.join("\n  ")) }
    }

    fn run(&mut self, sql: &str) -> Result<(), String> {
        self.scratch.execute(sql).map_err(|(code, message)| format!("{code} {message}\n{sql}"))
    }

    /// The table of a type with its values.
    fn table_of(&mut self, old: &Type) -> Result<String, String> {
        let at = TYPES.iter().position(|t| t.sql == old.sql).unwrap_or_default();
        let table = format!("o{at}");
        if self.made.insert(at) {
            self.run("SET sql_mode = ''")?;
            self.run(&format!("CREATE TABLE {table} (id int NOT NULL, c {}, PRIMARY KEY (id))", old.sql))?;
            let rows: Vec<_> = old.values().iter().enumerate().map(|(id, value)| format!("({id}, {value})")).collect();
            self.run(&format!("INSERT INTO {table} VALUES {}", rows.join(", ")))?;
        }
        Ok(table)
    }

    /// Those rows of a table that another one refuses, each with the error; it keeps none of them.
    fn refused(&mut self, from: &str, into: &str, rows: &BTreeSet<usize>) -> Result<BTreeMap<usize, String>, String> {
        self.run("START TRANSACTION")?;
        let mut refused = BTreeMap::new();
        for id in rows {
            let sql = format!("INSERT INTO {into} (id, c) SELECT id, c FROM {from} WHERE id = {id}");
            if let Err((code, message)) = self.scratch.execute(&sql) {
                refused.insert(*id, format!("{code} {message}"));
            }
        }
        self.run("ROLLBACK")?;
        Ok(refused)
    }

    /// Whether an ALTER takes a row of a table where the column becomes of that type and the check is there.
    fn takes(&mut self, from: &str, id: usize, new: &Type, expression: &str) -> Result<bool, String> {
        self.run("DROP TABLE IF EXISTS one")?;
        self.run(&format!("CREATE TABLE one LIKE {from}"))?;
        self.run(&format!("INSERT INTO one SELECT * FROM {from} WHERE id = {id}"))?;
        let sql = format!("ALTER TABLE one MODIFY c {}, ADD CONSTRAINT one_ck CHECK ({expression})", new.sql);
        Ok(self.scratch.execute(&sql).is_ok())
    }

    /// The rows that a probe finds.
    fn found(&mut self, table: &str, probe: &str) -> Result<BTreeSet<usize>, String> {
        let every = probe
            .replacen("SELECT 1 FROM `t` AS t", &format!("SELECT t.id FROM {table} AS t"), 1)
            .replace(" LIMIT 1", "");
        let rows = self
            .scratch
            .query(&every)
            .map_err(|(code, message)| format!("the probe: {code} {message}\n    {every}"))?;
        let id = |row: &Vec<Option<Vec<u8>>>| std::str::from_utf8(row[0].as_deref()?).ok()?.parse().ok();
        Ok(rows.iter().map(|row| id(row).expect("an id")).collect())
    }
}
