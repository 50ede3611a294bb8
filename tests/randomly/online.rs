//! ALTERs made of chance that say what they may cost at most, on the catalog and on real servers: what the catalog refuses for its
//! cost, the server refuses; and most of what the server refuses so, the catalog does.
//!
//! `ALTERPLAN_PASSED` tells what only the server refuses.

use super::alters::seen;
use super::judges::{Both, Tally, Trial, Verdict};
use crate::support::generated::{self, Dialect, Tape, alter, print};
use crate::support::servers::{Server, tell};

/// How many numbers decide a sequence.
const TAPE: usize = 1500;
/// How many statements follow each other at most.
const STATEMENTS: usize = 12;
/// How many of a hundred statements say what they may cost.
const COSTLY: usize = 60;
/// So many of a hundred refusals of a cost are known.
const KNOWN: usize = 80;

const COSTS: [&str; 9] = [
    "ALGORITHM=INSTANT",
    "ALGORITHM=INSTANT",
    "ALGORITHM=INPLACE",
    "ALGORITHM=INPLACE",
    "LOCK=NONE",
    "ALGORITHM=INPLACE, LOCK=NONE",
    "ALGORITHM=COPY, LOCK=NONE",
    "ALGORITHM=COPY, LOCK=SHARED",
    "LOCK=EXCLUSIVE",
];

#[test]
fn alters_of_a_cost_made_of_chance_are_refused_alike() {
    Trial { what: "alters of a cost", open: &[], judge }.run(|tally| {
        let few = tally.passed_over * 100 > tally.refused.max(50) * (100 - KNOWN);
        few.then(|| format!("{} refusals of a cost are not known beside {}", tally.passed_over, tally.refused))
    });
}

fn judge(server: &Server, seed: u64, tally: &mut Tally) -> Result<(), String> {
    let dialect = super::super::dialect(server);
    let numbers = generated::numbers(seed, TAPE);
    let mut tape = Tape::new(&numbers);
    let mut both = Both::after(&print::script(&generated::schema(&mut tape, dialect), dialect), server)?;
    for _ in 0..STATEMENTS {
        let now = seen(&both);
        if now.tables.is_empty() {
            return Ok(());
        }
        let sql = alter::statement(&now, &mut tape, dialect);
        let goes_without = sql.contains(" PARTITION") || sql.starts_with("DROP") && dialect == Dialect::MariaDb;
        let sql = match goes_without || !tape.chance(COSTLY) {
            true => sql,
            false if sql.starts_with("ALTER") => format!("{sql}, {}", tape.pick(&COSTS)),
            false => format!("{sql} {}", tape.pick(&COSTS).replace(", ", " ")),
        };
        match both.run_but_for(&sql, &[1221, 1845, 1846])? {
            Verdict::Taken => tally.taken += 1,
            Verdict::Refused { theirs: (number, message), ours } => {
                if matches!(number, 1221 | 1845 | 1846) {
                    tally.refused += 1;
                    if ours.0 != Some(number) {
                        tally.other_numbers += 1;
                        if std::env::var_os("ALTERPLAN_NUMBERS").is_some() {
                            tell(&format!("{number} {message} | {ours:?}\n{sql}\n-- over\n{}", both.printed(&sql)));
                        }
                    }
                } else if matches!(ours.0, Some(1845 | 1846)) && !matches!(number, 1221 | 1845 | 1846) {
                    tally.other_numbers += 1;
                }
            }
            Verdict::Broken => {
                tally.broken += 1;
                return Ok(());
            }
            Verdict::PassedOver(message) => {
                tally.passed_over += 1;
                if std::env::var_os("ALTERPLAN_PASSED").is_some() {
                    tell(&format!("passed over: {message}\n{sql}\n-- over\n{}", both.printed(&sql)));
                }
            }
        }
    }
    Ok(())
}
