//! Real servers as judges of what plans warn of: random schemas with random rows. Where rows changed or were lost, or a
//! statement failed, the plan had warned, and the probe had found a row.
//!
//! `ALTERPLAN_PAIRS` says how many pairs a server judges (default: 15), `ALTERPLAN_SEED` which is the first (default: 1).

use std::collections::BTreeMap;

use alterplan::catalog::Session;
use alterplan::compare::{self, Settings, Text};
use alterplan::document::{Action, Hazard, HazardKind, Plan, Step};
use alterplan::source::{Pair, Source};
use alterplan::target::Target;
use support::generated::column::{Class, Column};
use support::generated::{self, Dialect, Schema, Table, Tape, print};
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
fn what_becomes_of_rows_the_plan_has_said() {
    let number = |name: &str, default: u64| std::env::var(name).ok().map_or(default, |v| v.parse().expect(name));
    let (first, pairs) = (number("ALTERPLAN_SEED", 1), number("ALTERPLAN_PAIRS", 15));
    let judges = servers().into_iter().flat_map(|server| (0..JUDGES).map(move |judge| (server.clone(), first + judge)));
    let threads: Vec<_> = judges
        .map(|(server, seed)| {
            std::thread::spawn(move || {
                let seeds = (seed..first + pairs).step_by(JUDGES as usize);
                let mut tally = Tally::default();
                let judged = |seed| judge(&server, seed, &mut tally).err().map(|why| (seed, why));
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
    changed: usize,
}

fn judge(server: &Server, seed: u64, tally: &mut Tally) -> Result<(), String> {
    let target: Target = server.target.parse().expect("a target");
    let dialect = if target.is_mysql() { Dialect::MySql } else { Dialect::MariaDb };
    let numbers = generated::numbers(seed, TAPE);
    let mut tape = Tape::new(&numbers);
    let pair = generated::pair(&mut tape, dialect);
    let texts = Pair::new(&pair.0, &pair.1).map(|schema| print::script(schema, dialect));
    let sides = texts.as_ref().map(|text| {
        let sources = vec![Source::new("generated.sql", text.clone())];
        compare::load(Text { sources, target, session: Session::of(target) })
    });
    if !sides.old.script.errors.is_empty() || !sides.new.script.errors.is_empty() {
        return Ok(());
    }
    let settings = Settings {
        target,
        server: Default::default(),
        policies: Default::default(),
        filter: Default::default(),
        renames: Vec::new(),
        fingerprints: false,
    };
    let plan = compare::compare(sides.as_ref(), &settings).map_err(|none| none.to_string())?;
    let mut scratch = server.scratch();
    if scratch.run(&texts.old).is_err() {
        return Ok(());
    }
    tally.plans += 1;
    for table in &pair.0.tables {
        tally.rows += fill(&mut scratch, table, &mut tape);
    }
    let context = |what: String| format!("{what}\n-- OLD\n{}-- NEW\n{}", texts.old, texts.new);
    let before = read(&mut scratch, &pair).map_err(&context)?;
    session(&mut scratch, &plan);
    let mut struck = Vec::new();
    for step in &plan.steps {
        let mut kinds = Vec::new();
        for hazard in &step.hazards {
            if strikes(&mut scratch, hazard).map_err(&context)? {
                kinds.push(hazard.kind);
            }
        }
        struck.push(kinds);
    }
    for (step, kinds) in plan.steps.iter().zip(&struck) {
        tally.alters += usize::from(step.action == Action::Alter);
        if let Err((code, message)) = scratch.execute(&step.sql) {
            tally.failed += 1;
            return if kinds.contains(&HazardKind::MayFail) {
                Ok(())
            } else {
                Err(context(format!(
                    "fails without a warning: {code} {message}\n{}\nhazards: {:#?}",
                    step.sql, step.hazards
                )))
            };
        }
    }
    let after = read(&mut scratch, &pair).map_err(&context)?;
    for (name, rows) in &before {
        if after.get(name) == Some(rows) {
            continue;
        }
        tally.changed += 1;
        let of_table = |step: &&Step| step.object.name == *name;
        let warned = plan.steps.iter().zip(&struck).filter(|(step, _)| of_table(step));
        if !warned.into_iter().any(|(_, kinds)| kinds.contains(&HazardKind::DataLoss)) {
            let rows = rows.iter().map(|row| row.join(" | ")).collect::<Vec<_>>().join("\n");
            let now = after.get(name).cloned().unwrap_or_default();
            let now = now.iter().map(|row| row.join(" | ")).collect::<Vec<_>>().join("\n");
            let hazards: Vec<_> = plan.steps.iter().filter(of_table).map(|s| (&s.sql, &s.hazards)).collect();
            return Err(context(format!("rows of {name} change without a warning:\n{rows}\nare\n{now}\n{hazards:#?}")));
        }
    }
    Ok(())
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
    for sql in [format!("SET sql_mode = '{}'", plan.session.sql_mode), format!("SET foreign_key_checks = {checks}")] {
        scratch.execute(&sql).expect("the session's variables");
    }
}

/// Puts some rows into a table; what the server makes of a value that does not fit is a row like any other.
fn fill(scratch: &mut Scratch, table: &Table, tape: &mut Tape<'_>) -> usize {
    let columns: Vec<&Column> = table.columns.iter().filter(|c| c.generated.is_none() && !c.auto_increment).collect();
    let names: Vec<String> = columns.iter().map(|c| print::quoted(&c.name)).collect();
    let mut rows = 0;
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
        rows += usize::from(scratch.execute(&sql).is_ok());
    }
    rows
}

fn values(class: Class) -> &'static [&'static str] {
    match class {
        Class::Integer => &["0", "1", "7", "-1", "100", "300", "70000", "5000000000", "2020"],
        Class::Real => &["0", "1.5", "-2.25", "100", "0.125", "99999.99"],
        Class::Bit => &["b'0'", "b'1'", "b'1010'"],
        Class::Text | Class::LongText => {
            &["''", "'a'", "'A'", "'abc '", "'12'", "'é'", "'漢字'", "'2020-01-01'", "REPEAT('x', 90)"]
        }
        Class::Binary | Class::LongBinary => &["''", "'a'", "x'00'", "x'ff'", "'12'"],
        Class::Enum => &["1", "2", "'a'"],
        Class::Set => &["1", "2", "3", "''"],
        Class::Date => &["'2020-02-29'", "'1969-01-01'", "'0000-00-00'"],
        Class::Time => &["'10:20:30'", "'-01:00:00'", "'00:00:00.75'"],
        Class::DateTime(_) => {
            &["'2020-02-29 10:20:30'", "'2020-02-29 10:20:30.654321'", "'1960-01-01 00:00:00'", "'0000-00-00 00:00:00'"]
        }
        Class::Timestamp(_) => &["'2020-02-29 10:20:30'", "'2020-02-29 10:20:30.654321'", "'2001-01-01 00:00:00'"],
        Class::Year => &["2020", "1999", "0"],
        Class::Json => &["'{}'", "'{\"a\": 1}'", "'[1, 2]'"],
        Class::Geometry => &["ST_GeomFromText('POINT(1 2)')"],
        Class::Other => &["'::1'", "'1.2.3.4'", "'123e4567-e89b-12d3-a456-426655440000'"],
    }
}

type Rows = BTreeMap<String, Vec<Vec<String>>>;

/// The rows of the tables that stay, without the columns that go or come, and without those that are computed on either
/// side; numbers and moments in one form.
fn read(scratch: &mut Scratch, pair: &(Schema, Schema)) -> Result<Rows, String> {
    let mut all = Rows::new();
    for old in &pair.0.tables {
        let Some(new) = pair.1.tables.iter().find(|t| t.name == old.name) else { continue };
        let plain = |table: &Table, name: &str| {
            table.columns.iter().find(|c| c.name == name).filter(|c| c.generated.is_none()).cloned()
        };
        let mut columns = Vec::new();
        for column in &old.columns {
            if let (Some(old), Some(new)) = (plain(old, &column.name), plain(new, &column.name)) {
                columns.push((column.name.clone(), old.class, new.class));
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
        let rows = scratch.query(&sql).map_err(|(code, message)| format!("reading: {code} {message}\n{sql}"))?;
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
    Ok(all)
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
