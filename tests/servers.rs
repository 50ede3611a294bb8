//! Real servers as judges: what `fmt` prints is what they store, and plans lead where they say.

use std::collections::BTreeSet;
use std::path::Path;

use alterplan::canonical::Printer;
use alterplan::catalog::{Catalog, Session, script};
use alterplan::compare::{self, Loaded, Relax, Settings, Text};
use alterplan::model::CollationClause;
use alterplan::preprocess::Kind;
use alterplan::render;
use alterplan::source::{Pair, Source};
use alterplan::target::Target;
use support::cases::{Case, cases, statements};
use support::recorded::Recorded;
use support::servers::{Objects, Scratch, Server, converged, servers};

pub mod support {
    //! What the tests on real servers stand on.
    pub mod cases;
    pub mod recorded;
    pub mod servers;
}

#[test]
fn each_server_is_what_its_target_says() {
    for server in servers() {
        let (vendor, version) = server.target.split_once(':').expect("vendor:version");
        assert!(server.version.starts_with(version), "{server:?}");
        assert_eq!(server.version.contains("MariaDB"), vendor == "mariadb", "{server:?}");
    }
}

#[test]
fn fixtures_are_stored_as_fmt_prints_them_and_plans_converge() {
    let mut findings = Vec::new();
    for server in servers() {
        let target: Target = server.target.parse().expect("a target");
        let mut recorded = Recorded::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/servers"), &server);
        for case in cases().iter().filter(|case| case.targets.contains(&target)) {
            if let Err(finding) = judge(case, &server, target, &mut recorded) {
                findings.push(format!("{} on {target}: {finding}", case.name));
            }
        }
        recorded.finish();
    }
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
}

/// A statement that MySQL does not store as `fmt` prints it: constants beside texts that the server has of itself, such as USER().
const STORED_OTHERWISE: (&str, &str) = ("default_expressions_mysql", "mysql:9.7");

#[test]
fn accepted_statements_are_stored_as_fmt_prints_them() {
    let mut findings = Vec::new();
    for server in servers() {
        let target: Target = server.target.parse().expect("a target");
        for file in statements("ok").iter().filter(|file| file.targets.contains(&target) && !file.is_for_no_server) {
            if STORED_OTHERWISE == (file.name.as_str(), server.target) {
                continue;
            }
            let sources = vec![file.source.clone()];
            let side = compare::load(Text { sources: sources.clone(), target, session: Session::of(target) });
            let mut scratch = server.scratch();
            let judged = load(&scratch, &sources).and_then(|()| stored_as_printed(&side, &scratch.objects(), target));
            if let Err(finding) = judged {
                findings.push(format!("{} on {target}: {finding}", file.name));
            }
        }
    }
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
}

#[test]
fn refused_statements_are_refused_by_servers_with_the_same_number() {
    let mut findings = Vec::new();
    for server in servers() {
        let target: Target = server.target.parse().expect("a target");
        for file in statements("err").iter().filter(|file| file.targets.contains(&target)) {
            let declared = file.error.as_deref().and_then(|error| error.split(' ').next()?.parse::<u16>().ok());
            let Some(number) = declared else { continue };
            let said = server.scratch().run_all(&file.source.text);
            if !said.iter().any(|error| error.number == Some(number)) {
                findings.push(format!("{} on {target}: {number} is declared, {said:?} is said", file.name));
            }
        }
    }
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
}

#[test]
fn servers_warn_of_what_they_store_otherwise_with_the_same_numbers() {
    let mut findings = Vec::new();
    for server in servers() {
        let target: Target = server.target.parse().expect("a target");
        for file in statements("ok").iter().filter(|file| file.targets.contains(&target)) {
            let sources = std::slice::from_ref(&file.source);
            let (mut scratch, mut theirs) = (server.scratch(), BTreeSet::new());
            let mut refused = false;
            let script = script::follow(sources, target, Session::of(target), &mut |_, statement, _| {
                let defines = matches!(statement.kind, Kind::Table(_) | Kind::Index(_));
                if defines || statement.kind == Kind::Set {
                    refused |= scratch.execute(&String::from_utf8_lossy(statement.text)).is_err();
                    // What the server warns of besides changes nothing of what it stores.
                    let number = |row: &Vec<Option<Vec<u8>>>| {
                        String::from_utf8(row[1].clone()?).ok()?.parse().ok().filter(|n| defines && WARNED.contains(n))
                    };
                    theirs.extend(scratch.query("SHOW WARNINGS").expect("warnings").iter().filter_map(number));
                }
            });
            let ours: BTreeSet<u16> = script.warnings.iter().filter_map(|warning| warning.number).collect();
            if ours != theirs && !refused {
                findings.push(format!("{} on {target}: {ours:?} here, {theirs:?} there", file.name));
            }
        }
    }
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
}

/// The numbers of warnings of which something follows for what is stored.
const WARNED: [u16; 10] = [1071, 1101, 1246, 1265, 1266, 1628, 1629, 1688, 3502, 4074];

/// What the servers keep of a stored program as it was written, such as `INTEGER` of a parameter, is no difference.
fn as_compared(mut objects: Objects, target: Target) -> Objects {
    for (key, text) in objects.iter_mut().filter(|(key, _)| matches!(key.0, "function" | "procedure")) {
        let mut catalog = Catalog::new(target, Session::of(target));
        let errors = catalog.run_statement(text);
        assert!(errors.is_empty(), "{key:?}: {errors:?}");
        let read = catalog.schema().databases.iter().flat_map(|database| database.objects.values()).next();
        *text = read.expect("a program").essence.to_string();
    }
    objects
}

fn judge(case: &Case, server: &Server, target: Target, recorded: &mut Recorded) -> Result<(), String> {
    let text = |sources: &[Source]| Text { sources: sources.to_vec(), target, session: Session::of(target) };
    let (sides, _) = compare::load_pair(Pair::new(text(&case.old), text(&case.new)), Relax::IfNeeded);
    if sides.old.script.schema.databases.iter().any(|database| database.name.is_some()) {
        // Two of them do not fit on one server; `prove` gives them names of their own.
        return Ok(());
    }
    let (mut live, mut wanted) = (server.scratch(), server.scratch());
    load(&live, &case.old)?;
    load(&wanted, &case.new)?;
    let (before, goal) = (live.objects(), wanted.objects());
    recorded.check(&format!("{}.old", case.name), &before);
    recorded.check(&format!("{}.new", case.name), &goal);
    stored_as_printed(&sides.old, &before, target)?;
    stored_as_printed(&sides.new, &goal, target)?;
    let settings = Settings {
        target,
        server: Default::default(),
        policies: case.policies(),
        filter: Default::default(),
        renames: case.renames(),
        fingerprints: false,
    };
    let plan = compare::compare(sides.as_ref(), &settings).map_err(|disproof| disproof.to_string())?;
    live.run(render::sql(&plan)).map_err(|error| format!("the plan fails: {error:?}\n{}", render::sql(&plan)))?;
    if case.args.iter().any(|arg| arg != "--rename" && !arg.contains('=') || arg == "--policy") {
        return Ok(());
    }
    converged(&as_compared(live.objects(), target), &as_compared(goal, target))?;
    if plan.steps.iter().any(|step| step.inverse.is_none() || step.object.kind != "table") {
        return Ok(());
    }
    let inverses = plan.steps.iter().rev().filter_map(|step| step.inverse.as_ref());
    let back: Vec<String> = inverses.flat_map(|inverse| inverse.statements.clone()).collect();
    let back = format!(
        "SET NAMES utf8mb4;\nSET sql_mode = '{}';\nSET foreign_key_checks = {};\n{};\n",
        plan.session.sql_mode,
        u8::from(plan.session.foreign_key_checks),
        back.join(";\n")
    );
    live.run(&back).map_err(|error| format!("the inverses fail: {error:?}\n{back}"))?;
    converged(&live.objects(), &before).map_err(|text| format!("the inverses do not lead back: {text}\n{back}"))
}

/// Loads a side; a folder's files in any order, as the program reads them.
fn load(scratch: &Scratch, sources: &[Source]) -> Result<(), String> {
    let mut script = Vec::new();
    if sources.len() > 1 {
        script.extend_from_slice(b"SET foreign_key_checks = 0;\n");
    }
    for source in sources {
        script.extend_from_slice(source.text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&source.text));
        script.push(b'\n');
    }
    scratch.run(script).map_err(|error| format!("the server refuses a side: {error:?}"))
}

fn stored_as_printed(side: &Loaded, stored: &Objects, target: Target) -> Result<(), String> {
    for (_, table) in side.script.schema.tables() {
        // MySQL stores as written what it printed for a column that inherits: its own text is no fixpoint.
        if table.columns.iter().any(|c| c.collation_clause == CollationClause::Shown) {
            continue;
        }
        let mut printed = String::new();
        Printer::show(target).table(&mut printed, table);
        let key = ("table", table.name.to_string());
        let stored = stored.get(&key).ok_or_else(|| format!("the server has no table {}", table.name))?;
        if counterless(&printed) != counterless(stored) {
            let lines = similar::TextDiff::from_lines(stored.as_str(), &printed);
            return Err(format!("stored (-) is not what fmt prints (+):\n{}", lines.unified_diff()));
        }
    }
    Ok(())
}

/// Rows move the counter, which no definition shows.
fn counterless(text: &str) -> String {
    let Some(at) = text.find(" AUTO_INCREMENT=") else { return text.to_owned() };
    let digits = text[at + 16..].find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
    format!("{}{}", &text[..at], &text[at + 16 + digits..])
}
