//! Partitions and tables that are made alike and altered by chance, then exchanged, on the catalog and on real servers: both
//! take or refuse the same, by the same number, and what they take ends in the same text.

use super::alters::seen;
use super::judges::{Both, Tally, Trial, Verdict};
use crate::support::generated::{self, Tape, alter, print};
use crate::support::servers::Server;

/// How many numbers decide a sequence.
const TAPE: usize = 1200;
/// How often a pair is altered and exchanged.
const ROUNDS: usize = 5;
/// How many of a hundred rounds alter one of both first.
const ALTERED: usize = 70;
/// The table that is like the partitions of another.
const TWIN: &str = "twin";

#[test]
fn exchanges_made_of_chance_are_taken_or_refused_alike() {
    Trial { what: "exchanges", open: &[], judge }
        .run(|tally| (tally.taken + tally.refused == 0).then(|| "nothing was exchanged".to_owned()));
}

fn judge(server: &Server, seed: u64, tally: &mut Tally) -> Result<(), String> {
    let dialect = super::super::dialect(server);
    let numbers = generated::numbers(seed, TAPE);
    let mut tape = Tape::new(&numbers);
    let mut schema = generated::schema(&mut tape, dialect);
    schema.tables.truncate(1);
    for table in &mut schema.tables {
        table.foreign_keys.clear();
        table.partitioning = None;
    }
    let mut both = Both::after(&print::script(&schema, dialect), server)?;
    let holder = print::quoted(&schema.tables[0].name);
    let method = *tape.pick(&["KEY", "RANGE COLUMNS"]);
    let mut divided = false;
    for column in &schema.tables[0].columns {
        let column = print::quoted(&column.name);
        let clause = match method {
            "KEY" => format!("KEY ({column}) PARTITIONS 2"),
            _ => format!("RANGE COLUMNS ({column}) (PARTITION p0 VALUES LESS THAN (MAXVALUE) MAX_ROWS = 10)"),
        };
        divided = is_taken(&both.run(&format!("ALTER TABLE {holder} PARTITION BY {clause}"))?);
        if divided {
            break;
        }
    }
    if !divided {
        return Ok(());
    }
    for statement in [format!("CREATE TABLE {TWIN} LIKE {holder}"), format!("ALTER TABLE {TWIN} REMOVE PARTITIONING")] {
        if !is_taken(&both.run(&statement)?) {
            return Ok(());
        }
    }
    for _ in 0..ROUNDS {
        if tape.chance(ALTERED) {
            let now = seen(&both);
            if matches!(both.run(&alter::statement(&now, &mut tape, dialect))?, Verdict::Broken) {
                return Ok(());
            }
        }
        let sql = format!("ALTER TABLE {holder} EXCHANGE PARTITION p0 WITH TABLE `{TWIN}`");
        match both.run(&sql)? {
            Verdict::Taken => tally.taken += 1,
            Verdict::Refused { theirs, ours } if ours.0 == Some(theirs.0) => tally.refused += 1,
            Verdict::Refused { theirs, ours } => {
                let (server, before) = (server.target, both.printed(&sql));
                return Err(format!("{server} refuses with {theirs:?}, the catalog with {ours:?}\n{sql}\n{before}"));
            }
            Verdict::Broken => return Ok(()),
            Verdict::PassedOver(_) => {}
        }
    }
    Ok(())
}

fn is_taken(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Taken)
}
