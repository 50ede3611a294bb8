//! Changes written by hand, each with states of the rows: the probes find a row exactly if the server refuses the change or
//! alters what is in the rows.

use std::path::Path;

use alterplan::catalog::Session;
use alterplan::diff::{Phases, Policies};
use alterplan::document::{HazardKind, Plan};
use alterplan::source::Pair;
use alterplan::target::Target;

use super::plan_of;
use super::support::servers::{Scratch, Server, servers};

/// A case of the fixture.
#[derive(Debug, Default)]
struct Case {
    name: String,
    /// The vendor that alone has it.
    on: Option<String>,
    /// Its session has no strict mode.
    lenient: bool,
    /// Its plan has two phases.
    split: bool,
    old: String,
    change: String,
    /// One state a line.
    states: Vec<String>,
}

#[test]
fn probes_find_rows_exactly_if_the_server_refuses_or_alters_them() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hazards/cases.sql");
    let cases = cases(&std::fs::read_to_string(path).expect("the cases"));
    let judge_all = |server: &Server| -> Vec<String> {
        let (mut scratch, mut findings) = (server.scratch(), Vec::new());
        for case in cases.iter().filter(|c| c.on.as_deref().is_none_or(|vendor| server.target.starts_with(vendor))) {
            for state in &case.states {
                if let Err(finding) = judge(&mut scratch, server, case, state) {
                    findings.push(format!("{}: {}: {state}: {finding}", server.target, case.name));
                }
            }
        }
        findings
    };
    let servers = servers();
    let findings: Vec<String> = std::thread::scope(|scope| {
        let judges: Vec<_> = servers.iter().map(|server| scope.spawn(|| judge_all(server))).collect();
        judges.into_iter().flat_map(|judge| judge.join().expect("a judge ends")).collect()
    });
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut part = "";
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(head) = line.strip_prefix("-- case ") {
            let (name, on) = match head.rsplit_once(" on ") {
                Some((name, vendor @ ("mysql" | "mariadb"))) => (name, Some(vendor.to_owned())),
                _ => (head, None),
            };
            let (name, lenient) = name.strip_suffix(" leniently").map_or((name, false), |name| (name, true));
            let (name, split) = name.strip_suffix(" in two phases").map_or((name, false), |name| (name, true));
            cases.push(Case { name: name.to_owned(), on, lenient, split, ..Case::default() });
            part = "old";
        } else if let Some(head) = line.strip_prefix("-- ") {
            part = head;
        } else if let Some(case) = cases.last_mut() {
            match part {
                "old" => case.old += &format!("{line}\n"),
                "change" => case.change += &format!("{line}\n"),
                "rows" => case.states.push(line.to_owned()),
                other => panic!("{}: {other}", case.name),
            }
        }
    }
    cases
}

fn judge(scratch: &mut Scratch, server: &Server, case: &Case, state: &str) -> Result<(), String> {
    let scripts = Pair::new(case.old.clone(), format!("{}{}", case.old, case.change));
    let target: Target = server.target.parse().expect("a target");
    let mut session = Session::of(target);
    if case.lenient {
        session.set("sql_mode", "NO_ENGINE_SUBSTITUTION", target).expect("a session's variable");
    }
    let phases = if case.split { Phases::Split } else { Phases::default() };
    let policies = Policies { phases, ..Policies::default() };
    let plan = plan_of(session, server, &scripts, policies)?.ok_or("a side is refused")?;
    let run = |scratch: &mut Scratch, sql: &str| -> Result<(), String> {
        scratch.execute(sql).map_err(|(code, message)| format!("{code} {message}\n{sql}"))
    };
    for sql in ["SET foreign_key_checks = 0", "DROP TABLE IF EXISTS t, p", "SET sql_mode = ''"] {
        run(scratch, sql)?;
    }
    if case.on.as_deref() == Some("mariadb") {
        run(scratch, "DROP SEQUENCE IF EXISTS s")?;
    }
    for sql in case.old.split(";\n").chain(state.split("; ")).map(|sql| sql.trim_end_matches([';', '\n'])) {
        if !sql.is_empty() {
            run(scratch, sql)?;
        }
    }
    let tables: Vec<&str> =
        ["p", "t"].into_iter().filter(|t| case.old.contains(&format!("CREATE TABLE {t} "))).collect();
    let before = read_all(scratch, &tables)?;
    // As the plan says; foreign keys are checked, though, for here the server is the judge.
    run(scratch, &format!("SET sql_mode = '{}'", plan.session.sql_mode))?;
    run(scratch, "SET foreign_key_checks = 1")?;
    let failing = strikes(scratch, &plan, HazardKind::MayFail)?;
    let losing = strikes(scratch, &plan, HazardKind::DataLoss)?;
    let failed = plan.steps.iter().find_map(|step| run(scratch, &step.sql).err());
    match (failed, failing.first()) {
        (Some(why), None) => return Err(format!("fails without a warning: {why}")),
        (None, Some(probe)) => return Err(format!("does not fail, but is found by {probe}")),
        (Some(_), Some(_)) => return Ok(()),
        (None, None) => {}
    }
    let after = read_all(scratch, &tables)?;
    let changed = before.iter().zip(&after).any(|(before, after)| changed(before, after));
    match (changed, losing.first()) {
        (true, None) => Err("changes without a warning".to_owned()),
        (false, Some(probe)) => Err(format!("stays as it is, but is found by {probe}")),
        _ => Ok(()),
    }
}

/// The probes of a kind that find a row; a hazard without one always strikes.
fn strikes(scratch: &mut Scratch, plan: &Plan, kind: HazardKind) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    for hazard in plan.steps.iter().flat_map(|s| &s.hazards).filter(|h| h.kind == kind) {
        let Some(probe) = &hazard.probe else {
            found.push(format!("no probe: {}", hazard.reason));
            continue;
        };
        let rows = scratch.query(probe).map_err(|(code, message)| format!("the probe: {code} {message}\n{probe}"))?;
        if !rows.is_empty() {
            found.push(probe.clone());
        }
    }
    Ok(found)
}

/// A column as the server describes it.
#[derive(Debug)]
struct Column {
    name: String,
    data_type: String,
    computed: bool,
}

type Table = (Vec<Column>, Vec<Vec<Option<String>>>);

fn read_all(scratch: &mut Scratch, tables: &[&str]) -> Result<Vec<Table>, String> {
    tables.iter().map(|table| read(scratch, table)).collect()
}

/// The columns of a table and its rows, in the order of their values.
fn read(scratch: &mut Scratch, table: &str) -> Result<Table, String> {
    let ask = |scratch: &mut Scratch, sql: &str| {
        scratch.query(sql).map_err(|(code, message)| format!("reading: {code} {message}\n{sql}"))
    };
    let text = |cell: &Option<Vec<u8>>| cell.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let columns: Vec<Column> = ask(scratch, &format!("SHOW COLUMNS FROM {table}"))?
        .iter()
        .map(|row| Column {
            name: text(&row[0]).unwrap_or_default(),
            data_type: text(&row[1]).unwrap_or_default(),
            computed: text(&row[5]).is_some_and(|extra| extra.contains("GENERATED")),
        })
        .collect();
    let cells: Vec<String> = columns
        .iter()
        .map(|column| {
            let name = &column.name;
            match column.data_type.split('(').next().unwrap_or_default() {
                "point" | "geometry" | "geometrycollection" | "geomcollection" => format!("ST_AsText({name})"),
                "bit" => format!("{name} + 0"),
                _ if is_bytes(column) => format!("HEX({name})"),
                _ => format!("CONCAT({name})"),
            }
        })
        .collect();
    let rows = ask(scratch, &format!("SELECT {} FROM {table}", cells.join(", ")))?;
    let mut rows: Vec<Vec<Option<String>>> = rows.iter().map(|row| row.iter().map(text).collect()).collect();
    rows.sort();
    Ok((columns, rows))
}

fn is_bytes(column: &Column) -> bool {
    ["binary", "varbinary", "blob", "vector"].iter().any(|word| column.data_type.starts_with(word))
}

/// Whether rows are gone, or what was in them: a value of a column that is not computed is another one.
fn changed((before, old): &Table, (after, new): &Table) -> bool {
    old.len() != new.len()
        || before.iter().enumerate().filter(|(_, column)| !column.computed).any(|(at, column)| {
            let now = after.iter().position(|c| c.name == column.name);
            old.iter().zip(new).any(|(old, new)| match now {
                Some(now) => !same((column, &old[at]), (&after[now], &new[now])),
                None => old[at].is_some(),
            })
        })
}

/// Whether a value is the same in another type: as text, bytes, number or moment.
fn same((old, before): (&Column, &Option<String>), (new, after): (&Column, &Option<String>)) -> bool {
    let (Some(a), Some(b)) = (before, after) else { return before == after };
    let is = |column: &Column, words: &[&str]| words.iter().any(|word| column.data_type.starts_with(word));
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02X}")).collect::<String>();
    let (a, b) = match (is_bytes(old), is_bytes(new)) {
        (false, true) => (hex(a), b.clone()),
        (true, false) => (a.clone(), hex(b)),
        _ => (a.clone(), b.clone()),
    };
    let numeric = ["tinyint", "smallint", "int", "bigint", "decimal", "float", "double", "year", "bit"];
    let text = ["varchar", "char", "text", "tinytext"];
    if is(old, &numeric) && (is(new, &numeric) || is(new, &text)) {
        return plain(&a) == plain(&b);
    }
    let moments = ["date", "time"];
    if is(old, &moments) && is(new, &moments) {
        let short = |text: &str| {
            let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
            text.trim_end_matches(" 00:00:00").to_owned()
        };
        return short(&a) == short(&b);
    }
    a == b
}

/// A number without zeros that say nothing.
fn plain(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let digits = digits.trim_start_matches('0');
    let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    if digits.is_empty() { "0".to_owned() } else { format!("{sign}{digits}") }
}
