//! Partitions and tables that are made alike and altered by chance, then exchanged, on the catalog and on real servers: both
//! take or refuse the same, by the same number, and what they take ends in the same text.
//!
//! `ALTERPLAN_ALTERS` says how many sequences a server judges (default: 12), `ALTERPLAN_SEED` which is the first.

use alterplan::catalog::{Catalog, Session};
use alterplan::target::Target;

use super::alters::{printed, same_text, seen};
use crate::support::generated::{self, Schema, Tape, alter, print};
use crate::support::servers::{Scratch, Server, servers, tell};

/// How many numbers decide a sequence.
const TAPE: usize = 1200;
/// How often a pair is altered and exchanged.
const ROUNDS: usize = 5;
/// How many of a hundred rounds alter one of both first.
const ALTERED: usize = 70;
/// How many sequences a server judges by default.
const FEW: u64 = 12;
/// The table that is like the partitions of another.
const TWIN: &str = "twin";

#[test]
fn exchanges_made_of_chance_are_taken_or_refused_alike() {
    let number = |name: &str, default: u64| std::env::var(name).ok().map_or(default, |v| v.parse().expect(name));
    let (first, count) = (number("ALTERPLAN_SEED", 1), number("ALTERPLAN_ALTERS", FEW));
    let judges: Vec<_> = servers()
        .into_iter()
        .map(|server| {
            std::thread::spawn(move || {
                let mut tally = Tally::default();
                let judged = (first..first + count).filter_map(|seed| {
                    let finding = judge(&server, seed, &mut tally).err()?;
                    Some(format!("{} seed {seed}: {finding}", server.target))
                });
                let findings: Vec<String> = judged.collect();
                (server, findings, tally)
            })
        })
        .collect();
    let mut found = Vec::new();
    for judge in judges {
        let (server, findings, tally) = judge.join().expect("a judge ends");
        if count > FEW {
            tell(&format!("exchanges on {}: {tally:?}", server.target));
        }
        if tally.taken + tally.refused == 0 {
            found.push(format!("{}: nothing was exchanged", server.target));
        }
        found.extend(findings);
    }
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n\n"));
}

/// What was judged.
#[derive(Debug, Default)]
struct Tally {
    taken: usize,
    refused: usize,
}

/// The catalog and the server that judges it.
struct Both<'s> {
    catalog: Catalog,
    scratch: Scratch,
    server: &'s Server,
    target: Target,
}

impl Both<'_> {
    /// Whether both took a statement, which need not be refused by the same number; or how they part.
    fn run(&mut self, sql: &str) -> Result<Result<(), (u16, Option<u16>)>, String> {
        let before = printed(&self.catalog, self.target, sql);
        let context = |what: String| format!("{what}\n{sql}\n-- over\n{before}");
        let ours = self.catalog.run_statement(sql).into_iter().next();
        let verdict = match (self.scratch.execute(sql), ours) {
            (Ok(()), None) => Ok(()),
            (Err((number, _)), Some(ours)) => Err((number, ours.number)),
            (Ok(()), Some(ours)) => {
                return Err(context(format!("only the catalog refuses with {:?}: {}", ours.number, ours.message)));
            }
            (Err((number, message)), None) => {
                return Err(context(format!("only the server refuses with {number}: {message}")));
            }
        };
        same_text(&mut self.scratch, &self.catalog, self.target).map_err(context)?;
        Ok(verdict)
    }
}

fn judge(server: &Server, seed: u64, tally: &mut Tally) -> Result<(), String> {
    let target: Target = server.target.parse().expect("a target");
    let dialect = super::super::dialect(server);
    let numbers = generated::numbers(seed, TAPE);
    let mut tape = Tape::new(&numbers);
    let mut schema = generated::schema(&mut tape, dialect);
    schema.tables.truncate(1);
    for table in &mut schema.tables {
        table.foreign_keys.clear();
        table.partitioning = None;
    }
    let script = print::script(&schema, dialect);
    let mut both =
        Both { catalog: Catalog::new(target, Session::of(target)), scratch: server.scratch(), server, target };
    if let Some(error) = both.catalog.run(script.as_bytes(), 0).first() {
        return Err(format!("the catalog refuses a made schema: {error:?}\n{script}"));
    }
    both.scratch.run(&script).map_err(|error| format!("the server refuses a made schema: {error:?}\n{script}"))?;
    let holder = print::quoted(&schema.tables[0].name);
    let method = *tape.pick(&["KEY", "RANGE COLUMNS"]);
    let mut divided = false;
    for column in &schema.tables[0].columns {
        let column = print::quoted(&column.name);
        let clause = match method {
            "KEY" => format!("KEY ({column}) PARTITIONS 2"),
            _ => format!("RANGE COLUMNS ({column}) (PARTITION p0 VALUES LESS THAN (MAXVALUE) MAX_ROWS = 10)"),
        };
        divided = both.run(&format!("ALTER TABLE {holder} PARTITION BY {clause}"))?.is_ok();
        if divided {
            break;
        }
    }
    if !divided {
        return Ok(());
    }
    for statement in [format!("CREATE TABLE {TWIN} LIKE {holder}"), format!("ALTER TABLE {TWIN} REMOVE PARTITIONING")] {
        if both.run(&statement)?.is_err() {
            return Ok(());
        }
    }
    for _ in 0..ROUNDS {
        if tape.chance(ALTERED) {
            let now = Schema { tables: both.catalog.schema().tables().map(|(_, table)| seen(table)).collect() };
            let _refused = both.run(&alter::statement(&now, &mut tape, dialect))?;
        }
        let sql = format!("ALTER TABLE {holder} EXCHANGE PARTITION p0 WITH TABLE `{TWIN}`");
        match both.run(&sql)? {
            Ok(()) => tally.taken += 1,
            Err((theirs, ours)) if ours == Some(theirs) => tally.refused += 1,
            Err((theirs, ours)) => {
                let before = printed(&both.catalog, target, &sql);
                return Err(format!(
                    "{} refuses with {theirs}, the catalog with {ours:?}\n{sql}\n{before}",
                    both.server.target
                ));
            }
        }
    }
    Ok(())
}
