//! Real servers as judges of schemas made of chance: what `fmt` prints is what they store, and plans lead where they say.
//!
//! `ALTERPLAN_PAIRS` says how many pairs a server judges (default: 25), `ALTERPLAN_SEED` which is the first (default: 1).
//! A finding names its seed and shows the smallest pair that chance allows: `ALTERPLAN_SEED=17 ALTERPLAN_PAIRS=1` makes it again.

use alterplan::canonical::Printer;
use alterplan::catalog::Session;
use alterplan::compare::{self, Loaded, Settings, Text};
use alterplan::render;
use alterplan::source::{Pair, Source};
use alterplan::target::Target;
use support::generated::{self, Dialect, Tape, print};
use support::servers::{Objects, Server, converged, servers, tell};

pub mod support {
    //! What the tests on real servers stand on.
    pub mod generated;
    pub mod servers;
}

mod randomly {
    //! What is judged besides pairs.
    mod alters;
    mod exchanges;
    mod judges;
    mod online;
}

/// How many numbers decide a pair.
const TAPE: usize = 500;
/// How often a finding is made smaller, and how many findings are shown.
const SHRINKS: usize = 200;
const SHOWN: usize = 3;
/// How many pairs a server judges at a time.
const JUDGES: u64 = 8;

#[test]
fn pairs_made_of_chance_are_stored_as_printed_and_converge() {
    judge_pairs("edited pairs", |seed, dialect| {
        generated::pair(&mut Tape::new(&generated::numbers(seed, TAPE)), dialect)
    });
}

#[test]
fn strangers_are_stored_as_printed_and_converge() {
    judge_pairs("strangers", |seed, dialect| {
        generated::strangers(&mut Tape::new(&generated::numbers(seed, 2 * TAPE)), dialect)
    });
}

type Made = (generated::Schema, generated::Schema);

fn judge_pairs(what: &'static str, make: fn(u64, Dialect) -> Made) {
    let number = |name: &str, default: u64| std::env::var(name).ok().map_or(default, |v| v.parse().expect(name));
    let (first, pairs) = (number("ALTERPLAN_SEED", 1), number("ALTERPLAN_PAIRS", 25));
    // A server spends most of its time waiting for its disk.
    let judges = servers().into_iter().flat_map(|server| (0..JUDGES).map(move |judge| (server.clone(), first + judge)));
    let threads: Vec<_> = judges
        .map(|(server, seed)| {
            std::thread::spawn(move || judge_all(&server, make, (seed..first + pairs).step_by(JUDGES as usize)))
        })
        .collect();
    let findings: Vec<String> = threads.into_iter().flat_map(|t| t.join().expect("a judge ends")).collect();
    if pairs > 25 {
        tell(&format!("{pairs} {what} from seed {first} on each server: {} findings", findings.len()));
    }
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n\n"));
}

fn judge_all(server: &Server, make: fn(u64, Dialect) -> Made, seeds: impl Iterator<Item = u64>) -> Vec<String> {
    let mut findings = Vec::new();
    let mut kinds = Vec::new();
    for seed in seeds {
        let pair = make(seed, dialect(server));
        let Err(finding) = judge(server, &pair) else { continue };
        if kinds.contains(&finding.kind) || kinds.len() >= SHOWN {
            let brief: String = finding.text.chars().take(300).collect();
            findings.push(format!("{} seed {seed}: {}\n{brief}", server.target, finding.kind));
            continue;
        }
        kinds.push(finding.kind.clone());
        let smallest = shrunk(server, pair, finding);
        findings
            .push(format!("{} seed {seed}: {}\n{}\n{}", server.target, smallest.kind, smallest.text, smallest.scripts));
    }
    findings
}

fn dialect(server: &Server) -> Dialect {
    if server.target.starts_with("mysql") { Dialect::MySql } else { Dialect::MariaDb }
}

/// What is wrong with a pair.
struct Finding {
    /// What kind of wrong: a smaller pair is the same finding if this is the same.
    kind: String,
    text: String,
    scripts: String,
}

/// The same finding on the smallest pair that can be reached one step after the other.
fn shrunk(server: &Server, mut pair: (generated::Schema, generated::Schema), mut finding: Finding) -> Finding {
    let mut tries = 0;
    'again: loop {
        for less in generated::shrink::smaller(&pair, dialect(server)) {
            tries += 1;
            if tries > SHRINKS {
                return finding;
            }
            if let Some(same) = judge(server, &less).err().filter(|f| f.kind == finding.kind) {
                (pair, finding) = (less, same);
                continue 'again;
            }
        }
        return finding;
    }
}

fn judge(server: &Server, pair: &(generated::Schema, generated::Schema)) -> Result<(), Finding> {
    let target: Target = server.target.parse().expect("a target");
    let texts = Pair::new(&pair.0, &pair.1).map(|schema| print::script(schema, dialect(server)));
    let wrong = |kind: &str, text: String| Finding {
        kind: kind.to_owned(),
        text,
        scripts: format!("-- OLD\n{}-- NEW\n{}", texts.old, texts.new),
    };
    let (mut live, mut wanted) = (server.scratch(), server.scratch());
    let text = |text: &String| Text {
        sources: vec![Source::new("generated.sql", text.clone())],
        target,
        session: Session::of(target),
    };
    let sides = texts.as_ref().map(|t| compare::load(text(t)));
    for (scratch, text, side) in [(&live, &texts.old, &sides.old), (&wanted, &texts.new, &sides.new)] {
        let ours = side.script.errors.first();
        match (scratch.run(text), ours) {
            (Ok(()), None) => {}
            (Err(error), None) => {
                return Err(wrong(
                    &format!("the server refuses with {:?} what the catalog takes", error.number),
                    error.message,
                ));
            }
            (Ok(()), Some(ours)) => {
                return Err(wrong(
                    &format!("the catalog refuses with {:?} what the server takes", ours.number),
                    ours.message.clone(),
                ));
            }
            (Err(error), Some(ours)) if error.number == ours.number => {
                return Err(wrong(&format!("both refuse with {:?}", error.number), error.message));
            }
            (Err(error), Some(ours)) => {
                return Err(wrong(
                    &format!("the server refuses with {:?}, the catalog with {:?}", error.number, ours.number),
                    format!("{}\n{}", error.message, ours.message),
                ));
            }
        }
    }
    let (before, goal) = (live.objects(), wanted.objects());
    for (side, stored) in [(&sides.old, &before), (&sides.new, &goal)] {
        stored_as_printed(side, stored, target).map_err(|text| wrong("stored (-) is not what fmt prints (+)", text))?;
    }
    let settings = Settings {
        target,
        server: Default::default(),
        policies: Default::default(),
        filter: Default::default(),
        renames: Vec::new(),
        fingerprints: false,
    };
    let plan = compare::compare(sides.as_ref(), &settings)
        .map_err(|disproof| wrong("the plan disproves", disproof.to_string()))?;
    let sql = render::sql(&plan);
    live.run(&sql).map_err(|error| {
        wrong(&format!("the plan fails with {:?}", error.number), format!("{}\n{sql}", error.message))
    })?;
    converged(&live.objects(), &goal).map_err(|text| wrong("the plan does not converge", format!("{text}\n{sql}")))?;
    let back: Vec<String> =
        plan.steps.iter().rev().map_while(|s| s.inverse.as_ref()).flat_map(|i| i.statements.clone()).collect();
    if plan.steps.iter().all(|s| s.inverse.is_some()) {
        let back = back.join(";\n") + ";\n";
        live.run(&back).map_err(|error| {
            wrong(&format!("the inverse fails with {:?}", error.number), format!("{}\n{back}", error.message))
        })?;
        converged(&live.objects(), &before)
            .map_err(|text| wrong("the inverse does not lead back", format!("{text}\n{sql}\n-- back\n{back}")))?;
    }
    // The other direction is a plan of its own.
    let plan = compare::compare(sides.as_ref().reversed(), &settings)
        .map_err(|disproof| wrong("the plan back disproves", disproof.to_string()))?;
    let sql = render::sql(&plan);
    wanted.run(&sql).map_err(|error| {
        wrong(&format!("the plan back fails with {:?}", error.number), format!("{}\n{sql}", error.message))
    })?;
    converged(&wanted.objects(), &before)
        .map_err(|text| wrong("the plan back does not converge", format!("{text}\n{sql}")))?;
    Ok(())
}

fn stored_as_printed(side: &Loaded, stored: &Objects, target: Target) -> Result<(), String> {
    for (_, table) in side.script.schema.tables() {
        let mut printed = String::new();
        Printer::show(target).table(&mut printed, table);
        if target.to_string() == "mariadb:10.11" {
            printed = with_names_as_they_are(&printed);
        }
        let key = ("table", table.name.to_string());
        let stored = stored.get(&key).ok_or_else(|| format!("the server has no table {}", table.name))?;
        if *stored != printed {
            return Err(similar::TextDiff::from_lines(stored.as_str(), &printed)
                .unified_diff()
                .context_radius(0)
                .to_string());
        }
    }
    Ok(())
}

/// MariaDB 10.11 prints the names of foreign keys and of their columns as they are, with single backticks, so that what it shows
/// cannot be read again. `fmt` does as 11.8 does.
fn with_names_as_they_are(printed: &str) -> String {
    let single = |names: &str| names.replace("``", "`");
    let undoubled = |line: &str| {
        let (name, rest) = line.split_once("` FOREIGN KEY (").filter(|_| line.starts_with("  CONSTRAINT `"))?;
        let (own, rest) = rest.split_once(") REFERENCES ")?;
        let (table, columns) = rest.rsplit_once("` (")?;
        let (name, own, columns) = (single(name), single(own), single(columns));
        Some(format!("{name}` FOREIGN KEY ({own}) REFERENCES {table}` ({columns}"))
    };
    let lines = printed.split('\n').map(|line| undoubled(line).unwrap_or_else(|| line.to_owned()));
    lines.collect::<Vec<_>>().join("\n")
}
