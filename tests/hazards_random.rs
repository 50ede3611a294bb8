//! Real servers as judges of what plans warn of: random schemas with random rows. Where rows changed or were lost, or a
//! statement failed, the plan had warned, and the probe had found a row.
//!
//! `ALTERPLAN_PAIRS` says how many pairs a server judges (default: 15), `ALTERPLAN_SEED` which is the first (default: 1);
//! `ALTERPLAN_ALARMS` makes the probes that found a row in vain be told.

use std::collections::BTreeMap;

use alterplan::catalog::Session;
use alterplan::compare::{self, Settings, Text};
use alterplan::diff::{Online, Phases, Policies};
use alterplan::document::{Action, Hazard, HazardKind, Plan, Step};
use alterplan::source::{Pair, Source};
use alterplan::target::Target;
use support::generated::column::{Class, Column};
use support::generated::rows::{self, Case, Shape, values};
use support::generated::{self, Dialect, Schema, Tape, print};
use support::servers::{Scratch, Server, servers, tell};

pub mod support {
    //! What the tests on real servers stand on.
    pub mod generated;
    pub mod servers;
}

/// How many numbers decide a pair and its rows.
const TAPE: usize = 900;
/// How many pairs a server judges at a time.
const JUDGES: u64 = 2;

#[test]
fn what_becomes_of_rows_of_whole_schemas_the_plan_has_said() {
    judge_all(|tape, dialect| {
        let pair = generated::pair(tape, dialect);
        let shapes = |schema: &Schema| {
            let shape =
                |t: &generated::Table| Shape { name: t.name.clone(), columns: t.columns.clone(), versioned: false };
            schema.tables.iter().map(shape).collect()
        };
        Case {
            scripts: (print::script(&pair.0, dialect), print::script(&pair.1, dialect)),
            tables: (shapes(&pair.0), shapes(&pair.1)),
        }
    });
}

#[test]
fn what_becomes_of_rows_of_single_tables_the_plan_has_said() {
    judge_all(rows::case);
}

fn judge_all(make: fn(&mut Tape<'_>, Dialect) -> Case) {
    let number = |name: &str, default: u64| std::env::var(name).ok().map_or(default, |v| v.parse().expect(name));
    let (first, pairs) = (number("ALTERPLAN_SEED", 1), number("ALTERPLAN_PAIRS", 15));
    let judges = servers().into_iter().flat_map(|server| (0..JUDGES).map(move |judge| (server.clone(), first + judge)));
    let threads: Vec<_> = judges
        .map(|(server, seed)| {
            std::thread::spawn(move || {
                let seeds = (seed..first + pairs).step_by(JUDGES as usize);
                let mut tally = Tally::default();
                let judged = |seed| judge(&server, make, seed, &mut tally).err().map(|why| (seed, why));
                let findings: Vec<_> = seeds.filter_map(judged).collect();
                (server, findings, tally)
            })
        })
        .collect();
    let mut findings = Vec::new();
    for thread in threads {
        let (server, found, tally) = thread.join().expect("a judge ends");
        if pairs > 15 {
            tell(&format!("hazards on {}: {tally:?}", server.target));
        }
        findings.extend(found.into_iter().map(|(seed, why)| format!("{} seed {seed}: {why}", server.target)));
    }
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n\n"));
}

/// What was judged.
#[derive(Debug, Default)]
struct Tally {
    plans: usize,
    alters: usize,
    rows: usize,
    failed: usize,
    refused: usize,
    changed: usize,
    alarms: usize,
    false_alarms: usize,
    /// Alarms of hazards without a probe where nothing came of them.
    without_probe: usize,
}

fn judge(
    server: &Server,
    make: fn(&mut Tape<'_>, Dialect) -> Case,
    seed: u64,
    tally: &mut Tally,
) -> Result<(), String> {
    let target: Target = server.target.parse().expect("a target");
    let dialect = if target.is_mysql() { Dialect::MySql } else { Dialect::MariaDb };
    let numbers = generated::numbers(seed, TAPE);
    let mut tape = Tape::new(&numbers);
    let case = make(&mut tape, dialect);
    let texts = Pair::new(case.scripts.0.clone(), case.scripts.1.clone());
    let (policies, lenient) = way(seed);
    let mut session_of_sides = Session::of(target);
    if lenient {
        session_of_sides.set("sql_mode", "NO_ENGINE_SUBSTITUTION", target).expect("a session's variable");
    }
    let sides = texts.as_ref().map(|text| {
        let sources = vec![Source::new("generated.sql", text.clone())];
        compare::load(Text { sources, target, session: session_of_sides.clone() })
    });
    if !sides.old.script.errors.is_empty() || !sides.new.script.errors.is_empty() {
        return Ok(());
    }
    let settings = Settings {
        target,
        server: Default::default(),
        policies,
        filter: Default::default(),
        renames: Vec::new(),
        fingerprints: false,
    };
    let context = |what: String| format!("{what}\n-- OLD\n{}-- NEW\n{}", texts.old, texts.new);
    let plan = compare::compare(sides.as_ref(), &settings).map_err(|none| context(none.to_string()))?;
    let mut scratch = server.scratch();
    if lenient {
        scratch.execute("SET sql_mode = 'NO_ENGINE_SUBSTITUTION'").expect("a session's variable");
    }
    if scratch.run(&texts.old).is_err() {
        return Ok(());
    }
    tally.plans += 1;
    // What does not fit is made to fit, and what no strict mode takes is a row, too.
    scratch.execute("SET sql_mode = ''").expect("a session's variable");
    let rows: Vec<String> = case.tables.0.iter().flat_map(|table| fill(&mut scratch, table, &mut tape)).collect();
    tally.rows += rows.len();
    let context = |what: String| context(format!("{what}\n-- ROWS\n{}", rows.join("\n")));
    let Some(before) = read(&mut scratch, &case).map_err(&context)? else { return Ok(()) };
    session(&mut scratch, &plan);
    let mut struck = Vec::new();
    for step in &plan.steps {
        let mut found = Vec::new();
        for hazard in &step.hazards {
            if strikes(&mut scratch, hazard).map_err(&context)? {
                found.push(hazard);
            }
        }
        struck.push((step, found));
    }
    let has = |found: &[&Hazard], kind: HazardKind| found.iter().any(|h| h.kind == kind);
    for (step, found) in &struck {
        tally.alters += usize::from(step.action == Action::Alter);
        tally.alarms += usize::from(has(found, HazardKind::MayFail));
        if let Err((code, message)) = scratch.execute(&step.sql) {
            tally.failed += 1;
            if has(found, HazardKind::MayFail) {
                return Ok(());
            }
            // What the server refuses without rows, too, is no matter of rows, nor is its own failure to make a key (1034).
            if code == 1034 || server.scratch().run(&texts.new).is_err() {
                tally.refused += 1;
                return Ok(());
            }
            let hazards = &step.hazards;
            return Err(context(format!(
                "fails without a warning: {code} {message}\n{}\nhazards: {hazards:#?}",
                step.sql
            )));
        }
        if has(found, HazardKind::MayFail) {
            tally.alarm(server, seed, HazardKind::MayFail, step, found);
        }
    }
    let Some(after) = read(&mut scratch, &case).map_err(&context)? else { return Ok(()) };
    for (name, rows) in &before {
        let warned = || struck.iter().filter(|(step, _)| step.object.name == *name);
        let losing = warned().find(|(_, found)| has(found, HazardKind::DataLoss));
        tally.alarms += usize::from(losing.is_some());
        if after.get(name) == Some(rows) {
            let drops = |step: &Step| step.changes.iter().any(|line| line.starts_with("drops"));
            if let Some((step, found)) = losing.filter(|(step, _)| !drops(step)) {
                tally.alarm(server, seed, HazardKind::DataLoss, step, found);
            }
            continue;
        }
        tally.changed += 1;
        if losing.is_none() {
            let lines = |rows: &[Vec<String>]| rows.iter().map(|row| row.join(" | ")).collect::<Vec<_>>().join("\n");
            let now = after.get(name).map_or_else(String::new, |rows| lines(rows));
            let hazards: Vec<_> = warned().map(|(step, _)| (&step.sql, &step.hazards)).collect();
            return Err(context(format!(
                "rows of {name} change without a warning:\n{}\nare\n{now}\n{hazards:#?}",
                lines(rows)
            )));
        }
    }
    Ok(())
}

/// How the plan of a seed is asked for: as is the default mostly, split or online by way of stops in between, or without the
/// strict modes.
fn way(seed: u64) -> (Policies, bool) {
    let plain = Policies::default();
    match seed % 10 {
        3 => (Policies { phases: Phases::Split, ..plain }, false),
        5 => (Policies { online: Online::Prefer, ..plain }, false),
        7 => (Policies { phases: Phases::Split, online: Online::Prefer, ..plain }, false),
        8 | 9 => (plain, true),
        _ => (plain, false),
    }
}

impl Tally {
    /// What a hazard of the kind announced has not come about.
    fn alarm(&mut self, server: &Server, seed: u64, kind: HazardKind, step: &Step, found: &[&Hazard]) {
        // Only a probe that finds a row gives a false alarm.
        if found.iter().filter(|hazard| hazard.kind == kind).all(|hazard| hazard.probe.is_none()) {
            self.without_probe += 1;
            return;
        }
        self.false_alarms += 1;
        if std::env::var("ALTERPLAN_ALARMS").is_ok() {
            tell(&format!("{} seed {seed}: {kind:?} in vain: {}\n{found:#?}", server.target, step.sql));
        }
    }
}

/// Whether a hazard's probe finds a row; a hazard of rows that has none strikes always.
fn strikes(scratch: &mut Scratch, hazard: &Hazard) -> Result<bool, String> {
    match &hazard.probe {
        Some(probe) => match scratch.query(probe) {
            Ok(rows) => Ok(!rows.is_empty()),
            Err((code, message)) => Err(format!("the probe fails: {code} {message}\n{probe}")),
        },
        None => Ok(matches!(hazard.kind, HazardKind::MayFail | HazardKind::DataLoss)),
    }
}

/// The session that the plan asks for.
fn session(scratch: &mut Scratch, plan: &Plan) {
    let checks = u8::from(plan.session.foreign_key_checks);
    for sql in [
        "SET NAMES utf8mb4".to_owned(),
        format!("SET sql_mode = '{}'", plan.session.sql_mode),
        format!("SET foreign_key_checks = {checks}"),
    ] {
        scratch.execute(&sql).expect("the session's variables");
    }
}

/// Puts some rows into a table, and says how; what the server makes of a value that does not fit is a row like any other.
fn fill(scratch: &mut Scratch, table: &Shape, tape: &mut Tape<'_>) -> Vec<String> {
    let columns: Vec<&Column> = table.columns.iter().filter(|c| c.generated.is_none() && !c.auto_increment).collect();
    let names: Vec<String> = columns.iter().map(|c| print::quoted(&c.name)).collect();
    let mut rows = Vec::new();
    for _ in 0..tape.below(7) {
        let values: Vec<&str> = columns
            .iter()
            .map(|c| if c.nullable && tape.chance(20) { "NULL" } else { tape.pick(values(c.class)) })
            .collect();
        let sql = format!(
            "INSERT IGNORE INTO {} ({}) VALUES ({})",
            print::quoted(&table.name),
            names.join(", "),
            values.join(", ")
        );
        if scratch.execute(&sql).is_ok() {
            rows.push(format!("{sql};"));
        }
    }
    // Rows of the past.
    for _ in 0..if table.versioned { tape.below(4) } else { 0 } {
        // Those that one statement ends, end at the same moment.
        let sql = format!("DELETE FROM {} LIMIT {}", print::quoted(&table.name), 1 + tape.below(3));
        if scratch.execute(&sql).is_ok() {
            rows.push(format!("{sql};"));
        }
    }
    rows
}

type Rows = BTreeMap<String, Vec<Vec<String>>>;

/// The rows of the tables that stay, without the columns that go or come, and without those that are computed on both
/// sides; numbers and moments in one form. Nothing where a column that is computed as it is read does not fit (1690, 1416), or is
/// no document (3140, 3141, 3144), nor where MariaDB 10.11 takes a partition's value that is longer than its column one time and
/// not the other (1654).
fn read(scratch: &mut Scratch, case: &Case) -> Result<Option<Rows>, String> {
    let mut all = Rows::new();
    for old in &case.tables.0 {
        let Some(new) = case.tables.1.iter().find(|t| t.name == old.name) else { continue };
        let mut columns = Vec::new();
        for old in &old.columns {
            let stays = new.columns.iter().find(|c| c.name == old.name);
            if let Some(new) = stays.filter(|new| old.generated.is_none() || new.generated.is_none()) {
                columns.push((old.name.clone(), old.class, new.class));
            }
        }
        if columns.is_empty() {
            continue;
        }
        let list: Vec<String> = columns
            .iter()
            .map(|(name, old, new)| {
                let name = print::quoted(name);
                let is = |class: Class| *old == class || *new == class;
                match () {
                    () if is(Class::Geometry) && old == new => format!("ST_AsText({name})"),
                    () if is(Class::Bit) && !is(Class::Other) && !is(Class::Geometry) => format!("{name} + 0"),
                    // Not the digits of a number that was or becomes bytes.
                    () if is(Class::Binary) || is(Class::LongBinary) => format!("HEX(CONCAT({name}))"),
                    () => name,
                }
            })
            .collect();
        let sql = format!("SELECT {} FROM {}", list.join(", "), print::quoted(&old.name));
        let rows = match scratch.query(&sql) {
            Ok(rows) => rows,
            Err((1690 | 1416 | 1654 | 3140 | 3141 | 3144, _)) => return Ok(None),
            Err((code, message)) => return Err(format!("reading: {code} {message}\n{sql}")),
        };
        let mut rows: Vec<Vec<String>> = rows
            .into_iter()
            .map(|row| {
                let cells = row.into_iter().zip(&columns);
                cells
                    .map(|(value, (_, old, new))| value.map_or("NULL".to_owned(), |v| plain_form(&v, *old, *new)))
                    .collect()
            })
            .collect();
        rows.sort();
        all.insert(old.name.clone(), rows);
    }
    Ok(Some(all))
}

/// A value in the one form that values which count as the same have.
fn plain_form(value: &[u8], old: Class, new: Class) -> String {
    let text = match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.iter().map(|byte| format!("{byte:02X}")).collect(),
    };
    let number = |class: Class| matches!(class, Class::Integer | Class::Real | Class::Year | Class::Bit);
    let moment = |class: Class| matches!(class, Class::Date | Class::DateTime(_) | Class::Timestamp(_) | Class::Time);
    if let Some(number) = text.parse::<f64>().ok().filter(|_| number(old) || number(new)) {
        return format!("{number:.9e}");
    }
    if moment(old) || moment(new) {
        let short = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
        return short.strip_suffix(" 00:00:00").unwrap_or(short).to_owned();
    }
    text
}
