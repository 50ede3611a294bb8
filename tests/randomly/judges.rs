//! Judges of statements made of chance: servers that execute what the catalog executes, sequence after sequence.
//!
//! `ALTERPLAN_ALTERS` says how many sequences a server judges (default: 12), `ALTERPLAN_SEED` which is the first;
//! `ALTERPLAN_SEEDS` names them one by one, and `ALTERPLAN_STEPS` tells every statement and what the server says.

use alterplan::canonical::Printer;
use alterplan::catalog::{Catalog, Session};
use alterplan::target::Target;

use crate::support::generated::print;
use crate::support::servers::{Objects, Scratch, Server, servers, tell};

/// How many sequences a server judges by default.
const FEW: u64 = 12;
/// How many sequences a server judges at a time.
const AT_A_TIME: usize = 2;

/// What is judged.
pub(super) struct Trial {
    pub(super) what: &'static str,
    /// The seeds of each target that are known to part, left out where no seed is asked for.
    pub(super) open: &'static [(&'static str, &'static [u64])],
    /// Judges the sequence of a seed, or tells how both part.
    pub(super) judge: fn(&Server, u64, &mut Tally) -> Result<(), String>,
}

/// What a server has judged.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) taken: usize,
    pub(super) refused: usize,
    pub(super) other_numbers: usize,
    /// Sequences that ended where a refused statement left something behind.
    pub(super) broken: usize,
    /// Statements that only the server refuses, for what they cost.
    pub(super) passed_over: usize,
}

impl Trial {
    /// Hands the seeds to all servers. Fails with what they find, and with what `wrong` says of a server's tally.
    pub(super) fn run(&self, wrong: fn(&Tally) -> Option<String>) {
        let number = |name: &str, default: u64| std::env::var(name).ok().map_or(default, |v| v.parse().expect(name));
        let (first, count) = (number("ALTERPLAN_SEED", 1), number("ALTERPLAN_ALTERS", FEW));
        // Some seeds by name, or so many from one on.
        let listed = std::env::var("ALTERPLAN_SEEDS").ok();
        let seed = |text: &str| text.parse().expect("ALTERPLAN_SEEDS");
        let all: Vec<u64> = listed
            .as_ref()
            .map_or_else(|| (first..first + count).collect(), |list| list.split(',').map(seed).collect());
        let asked = listed.is_some() || std::env::var_os("ALTERPLAN_SEED").is_some();
        let mut found = Vec::new();
        let judging = servers().into_iter().map(|server| {
            let is_open = |seed: &u64| self.open.iter().any(|(t, seeds)| *t == server.target && seeds.contains(seed));
            let seeds: Vec<u64> = all.iter().copied().filter(|seed| asked || !is_open(seed)).collect();
            let threads: Vec<_> = (0..AT_A_TIME)
                .map(|at| {
                    let (server, judge) = (server.clone(), self.judge);
                    let seeds: Vec<u64> = seeds.iter().copied().skip(at).step_by(AT_A_TIME).collect();
                    std::thread::spawn(move || judged(&server, &seeds, judge))
                })
                .collect();
            (server, threads)
        });
        let judging: Vec<_> = judging.collect();
        for (server, threads) in judging {
            let mut tally = Tally::default();
            for thread in threads {
                let (findings, part) = thread.join().expect("a judge ends");
                found.extend(findings);
                tally.add(&part);
            }
            if count > FEW {
                tell(&format!("{} on {}: {tally:?}", self.what, server.target));
            }
            found.extend(wrong(&tally).map(|what| format!("{}: {what}", server.target)));
        }
        assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n\n"));
    }
}

fn judged(
    server: &Server,
    seeds: &[u64],
    judge: fn(&Server, u64, &mut Tally) -> Result<(), String>,
) -> (Vec<String>, Tally) {
    let mut tally = Tally::default();
    let finding = |seed: &u64| {
        let finding = judge(server, *seed, &mut tally).err()?;
        Some(format!("{} seed {seed}: {finding}", server.target))
    };
    (seeds.iter().filter_map(finding).collect(), tally)
}

impl Tally {
    fn add(&mut self, part: &Tally) {
        let Tally { taken, refused, other_numbers, broken, passed_over } = part;
        self.taken += taken;
        self.refused += refused;
        self.other_numbers += other_numbers;
        self.broken += broken;
        self.passed_over += passed_over;
    }
}

/// What both the catalog and the server said of a statement.
pub(super) enum Verdict {
    /// Both took it.
    Taken,
    /// Both refused it, perhaps for different reasons.
    Refused { theirs: (u16, String), ours: (Option<u16>, String) },
    /// Both refused it, and the server is not what it was before, which is its own defect: MariaDB's InnoDB reads a table's
    /// foreign keys anew after a copy that it has refused, and loses those that lack a key (1025, or a text that is another one
    /// than before the statement). What it would say from then on is nothing that a script can come to, for it ends there.
    Broken,
    /// Only the server refuses it, with one of the numbers that it may.
    PassedOver(String),
}

/// The catalog and a server that executes the same.
pub(super) struct Both {
    pub(super) catalog: Catalog,
    scratch: Scratch,
    target: Target,
    /// What the server held after the last statement.
    stored: Objects,
}

impl Both {
    /// Both with what a script makes.
    pub(super) fn after(script: &str, server: &Server) -> Result<Self, String> {
        let target: Target = server.target.parse().expect("a target");
        let mut scratch = server.scratch();
        let mut catalog = Catalog::new(target, Session::of(target));
        if let Some(error) = catalog.run(script.as_bytes(), 0).first() {
            return Err(format!("the catalog refuses a made schema: {error:?}\n{script}"));
        }
        scratch.run(script).map_err(|error| format!("the server refuses a made schema: {error:?}\n{script}"))?;
        let stored = scratch.tables();
        Ok(Self { catalog, scratch, target, stored })
    }

    /// Executes a statement on both and compares what they hold then; or tells how they part.
    pub(super) fn run(&mut self, sql: &str) -> Result<Verdict, String> {
        self.run_but_for(sql, &[])
    }

    /// The same; the server may refuse by itself with some numbers.
    pub(super) fn run_but_for(&mut self, sql: &str, numbers: &[u16]) -> Result<Verdict, String> {
        let kept = (!numbers.is_empty()).then(|| self.catalog.clone());
        let before = self.printed(sql);
        let context = |what: String| format!("{what}\n{sql}\n-- over\n{before}");
        let ours = self.catalog.run_statement(sql).into_iter().next();
        let theirs = self.scratch.execute(sql);
        if std::env::var_os("ALTERPLAN_STEPS").is_some() {
            tell(&format!("{}: {sql};\n-- {theirs:?}", self.target));
        }
        let verdict = match (theirs, ours) {
            (Ok(()), None) => Verdict::Taken,
            (Err(theirs), Some(ours)) => Verdict::Refused { theirs, ours: (ours.number, ours.message) },
            (Ok(()), Some(ours)) => {
                return Err(context(format!("only the catalog refuses with {:?}: {}", ours.number, ours.message)));
            }
            (Err((number, message)), None) => {
                if let Some(kept) = kept.filter(|_| numbers.contains(&number)) {
                    self.catalog = kept;
                    return Ok(Verdict::PassedOver(message));
                }
                return Err(context(format!("only the server refuses with {number}: {message}")));
            }
        };
        let stored = self.scratch.tables();
        if let Verdict::Refused { theirs: (number, _), .. } = &verdict {
            if self.target.is_mariadb() && (*number == 1025 || stored != self.stored) {
                return Ok(Verdict::Broken);
            }
            if sql.contains("RENAME KEY") {
                self.forget_new_names();
            }
        }
        self.stored = stored;
        self.same_text().map_err(context)?;
        Ok(verdict)
    }

    /// Has the server open its tables anew: both vendors still take a key for one that somebody has named when they have refused
    /// to rename it, until they read the table again, and no more for the one that they have made for a foreign key.
    fn forget_new_names(&mut self) {
        let names = self.catalog.schema().tables().map(|(_, table)| print::quoted(table.name.as_str()));
        let sql = format!("FLUSH TABLES {}", names.collect::<Vec<_>>().join(", "));
        self.scratch.execute(&sql).unwrap_or_else(|why| panic!("{sql}: {why:?}"));
    }

    /// The tables that a statement names, and those that reference them.
    pub(super) fn printed(&self, sql: &str) -> String {
        let named = |name: &str| sql.contains(&print::quoted(name));
        let tables = self.catalog.schema().tables().map(|(_, table)| table).filter(|table| {
            named(table.name.as_str()) || table.foreign_keys.iter().any(|key| named(key.referenced_table.as_str()))
        });
        let mut all = String::new();
        for table in tables {
            Printer::show(self.target).table(&mut all, table);
            all.push_str(";\n");
        }
        all
    }

    fn same_text(&self) -> Result<(), String> {
        for (_, table) in self.catalog.schema().tables() {
            let mut printed = String::new();
            Printer::show(self.target).table(&mut printed, table);
            if self.target.to_string() == "mariadb:10.11" {
                printed = crate::with_names_as_they_are(&printed);
            }
            let stored = self.stored.get(&("table", table.name.to_string()));
            let stored = stored.ok_or_else(|| format!("no table {}", table.name))?;
            if *stored != printed {
                let lines = similar::TextDiff::from_lines(stored.as_str(), &printed);
                return Err(format!("stored (-) is not what the catalog holds (+)\n{}", lines.unified_diff()));
            }
        }
        Ok(())
    }
}
