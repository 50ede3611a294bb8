//! Killed, without power, and refused at every effect: what is left is old or new, and what is said of it is true.

use std::collections::BTreeSet;

use super::super::disk::Disk;
use super::super::error::{ErrorKind, Standing};
use super::super::layout;
use super::super::record::{HookName, Outcome};
use super::sim::{Fault, Loss, Sim};
use super::world::{Deed, Everything, Server, apply, everything, installation, plan, recovered, roll_back};
use crate::document::HazardKind;

const ENOSPC: i32 = 28;
const EIO: i32 = 5;
const EACCES: i32 = 13;

/// The three states that a plan's schema and the files may be left in.
struct Ends {
    old: Everything,
    new: Everything,
    expanded: Everything,
}

fn reversible() -> Deed {
    Deed { plan: Some(plan(&[], Some(&[]))), fails: None, backup: true }
}

fn lossy() -> Deed {
    Deed { plan: Some(plan(&[HazardKind::DataLoss], None)), fails: None, backup: true }
}

fn ends(deed: &Deed) -> Ends {
    let (disk, server) = (installation(), Server::default());
    let old = everything(&disk, &server);
    let good = Deed { fails: None, ..deed.clone() };
    assert_eq!(apply(&disk, &server, &good).map_err(|e| e.to_string()), Ok(Outcome::Done));
    let new = everything(&disk, &server);
    let expand = if deed.plan.is_some() { BTreeSet::from([1, 2]) } else { BTreeSet::new() };
    Ends { expanded: (old.0.clone(), expand), old, new }
}

impl Ends {
    #[track_caller]
    fn hold(&self, disk: &Sim, server: &Server, said: Standing, context: &str) {
        let found = everything(disk, server);
        let expected = match said {
            Standing::Old => &self.old,
            Standing::New => &self.new,
            Standing::Expanded => &self.expanded,
            Standing::Person => panic!("{context}: nobody is asked here"),
        };
        assert_eq!(&found, expected, "{context}: said {said:?}");
        assert_eq!(disk.look(&layout::journal()).expect("a look"), None, "{context}: nothing is left under way");
    }
}

/// Kills a deed at every effect, with every loss, recovers (itself killed at every so-many-th effect), and compares.
fn killed_everywhere(
    name: &str,
    begin: impl Fn() -> (Sim, Server),
    deed: impl Fn(&Sim, &Server),
    ends: &Ends,
) -> usize {
    let mut points = 0;
    for at in 1.. {
        let mut has_ended = false;
        let dice = at as u64;
        for loss in [Loss::Nothing, Loss::Everything, Loss::Some(dice), Loss::Some(dice + 7919)] {
            let (disk, server) = begin();
            disk.kill_at(at);
            deed(&disk, &server);
            has_ended = !disk.is_dead();
            let context = format!("{name}, killed at effect {at}, {loss:?}");
            let has = server.has.borrow().clone();
            let again = Some(1 + at % 29).filter(|_| matches!(loss, Loss::Nothing));
            for again in [None, again].iter().take(if again.is_some() { 2 } else { 1 }) {
                let disk = disk.after(loss);
                *server.has.borrow_mut() = has.clone();
                let disk = match again {
                    Some(again) => {
                        disk.kill_at(*again);
                        let _ = recovered(&disk, &server);
                        disk.after(loss)
                    }
                    None => disk,
                };
                let said = recovered(&disk, &server).unwrap_or_else(|e| panic!("{context}, {again:?}: {e}"));
                // Whoever was killed last may have come to the end: then nothing is left to be said.
                let said = said.unwrap_or_else(|| which(ends, &disk, &server));
                ends.hold(&disk, &server, said, &format!("{context}, recovery killed at {again:?}"));
                points += 1;
            }
        }
        if has_ended {
            return points;
        }
    }
    unreachable!("some effect is the last one")
}

/// The end that was reached, where nothing more was to be done: one that is none of them is found out by [`Ends::hold`].
fn which(ends: &Ends, disk: &Sim, server: &Server) -> Standing {
    let found = everything(disk, server);
    let all = [(Standing::New, &ends.new), (Standing::Expanded, &ends.expanded)];
    all.into_iter().find(|(_, end)| **end == found).map_or(Standing::Old, |(standing, _)| standing)
}

#[test]
fn an_apply_changes_all_that_it_is_asked_to() {
    let ends = ends(&reversible());
    let new = &ends.new.0;
    let at = |path: &str| new.get(std::path::Path::new(path)).map(String::as_str);
    assert_eq!(at("app/main"), Some("File 755 new main"));
    assert_eq!(at("app/lib/b"), None);
    assert_eq!(at("app/lib/c"), Some("File 644 new c"));
    assert_eq!(at("app/conf"), Some("Folder 700 "));
    assert_eq!(at("app/conf/settings"), Some("File 644 mine"));
    assert_eq!(at("new.d/deep/file"), Some("File 600 deep"));
    assert_eq!(at("thing/inside"), Some("File 644 inside"));
    assert_eq!(at("gone.d"), None);
    assert_eq!(ends.new.1, BTreeSet::from([1, 2, 3, 4]));
}

#[test]
fn killed_at_any_effect_and_without_power_it_is_old_or_new() {
    let mut points = 0;
    for (name, deed) in [("reversible", reversible()), ("lossy", lossy())] {
        let ends = ends(&deed);
        for can_exchange in [true, name == "lossy"] {
            let begin = || {
                let mut disk = installation();
                disk.can_exchange = can_exchange;
                (disk, Server::default())
            };
            let act = |disk: &Sim, server: &Server| drop(apply(disk, server, &deed));
            points += killed_everywhere(&format!("{name}, exchange: {can_exchange}"), begin, act, &ends);
        }
    }
    assert!(points > 1_000, "{points} points");
}

#[test]
fn a_rollback_that_is_killed_is_done_or_undone() {
    let ends = ends(&reversible());
    let begin = || {
        let (disk, server) = (installation(), Server::default());
        apply(&disk, &server, &reversible()).expect("it is applied");
        (disk.after(Loss::Nothing), server)
    };
    // Seen from a rollback, what was applied is what is old.
    let turned = Ends { old: ends.new, new: ends.old, expanded: ends.expanded };
    killed_everywhere("rollback", begin, |disk, server| drop(roll_back(disk, server, false)), &turned);
    let (disk, server) = begin();
    assert_eq!(roll_back(&disk, &server, false).map_err(|e| e.to_string()), Ok(Outcome::Done));
    assert_eq!(everything(&disk, &server), turned.new);
}

#[test]
fn what_fails_is_undone_and_killed_while_it_is_undone_too() {
    for fails in [HookName::Pre, HookName::Restart, HookName::Health] {
        for (deed, expected) in [(reversible(), Outcome::Undone), (lossy(), Outcome::UndoneExpanded)] {
            let deed = Deed { fails: Some(fails), ..deed };
            let ends = ends(&deed);
            let expected = if fails == HookName::Pre { Outcome::Undone } else { expected };
            let (disk, server) = (installation(), Server::default());
            assert_eq!(apply(&disk, &server, &deed).map_err(|e| e.to_string()), Ok(expected), "{fails:?}");
            ends.hold(&disk, &server, expected.standing(), &format!("{fails:?}"));
            if fails != HookName::Restart {
                continue;
            }
            let begin = || (installation(), Server::default());
            killed_everywhere(&format!("{fails:?} fails"), begin, |d, s| drop(apply(d, s, &deed)), &ends);
        }
    }
}

#[test]
fn a_refused_statement_is_undone_or_needs_a_person() {
    use crate::run::Way;
    let refusing = |step| Server { refuses: Some((step, Way::Forth)), ..Server::default() };
    for (step, deed, expected) in [
        (1, lossy(), Ok(Outcome::Undone)),
        (2, lossy(), Ok(Outcome::Undone)),
        (3, lossy(), Ok(Outcome::UndoneExpanded)),
        (4, reversible(), Ok(Outcome::Undone)),
        (4, lossy(), Err(Standing::Person)),
    ] {
        let (disk, mut server) = (installation(), refusing(step));
        let ends = ends(&deed);
        let found = apply(&disk, &server, &deed);
        assert_eq!(found.as_ref().map(|o| *o).map_err(|e| e.state), expected, "step {step}");
        match found {
            Ok(outcome) => ends.hold(&disk, &server, outcome.standing(), "refused"),
            Err(error) => {
                assert_eq!(
                    error.to_string(),
                    "step 4 (`do t4`) failed: refused; the files are new, and step 3 has run: step 3 cannot be taken back: \
                     it is gone; the files are new; this needs a person"
                );
                // Once the cause is gone, recovery finishes it.
                server.refuses = None;
                assert_eq!(recovered(&disk, &server).map_err(|e| e.to_string()), Ok(Some(Standing::New)));
                ends.hold(&disk, &server, Standing::New, "finished");
            }
        }
    }
}

#[test]
fn a_lost_answer_is_looked_up_and_no_statement_runs_twice() {
    let server = Server { drops_answers: true, ..Server::default() };
    let disk = installation();
    assert_eq!(apply(&disk, &server, &reversible()).map_err(|e| e.to_string()), Ok(Outcome::Done));
    ends(&reversible()).hold(&disk, &server, Standing::New, "answers lost");
}

#[test]
fn a_disk_that_refuses_any_effect_leaves_what_is_said() {
    for (name, deed) in [("reversible", reversible()), ("lossy", lossy())] {
        let ends = ends(&deed);
        for code in [ENOSPC, EIO, EACCES] {
            for stays in [false, true] {
                for at in 1.. {
                    let (disk, server) = (installation(), Server::default());
                    disk.fail(Fault { at, code, stays });
                    let found = apply(&disk, &server, &deed);
                    let is_past = disk.effects() < at;
                    let context = format!("{name}, error {code} at effect {at}, stays: {stays}: {found:?}");
                    let said = match found {
                        Ok(outcome) => outcome.standing(),
                        Err(error) => error.state,
                    };
                    let healed = disk.after(Loss::Nothing);
                    let later = recovered(&healed, &server).unwrap_or_else(|e| panic!("{context}: {e}"));
                    let said = if said == Standing::Person {
                        later.unwrap_or_else(|| which(&ends, &healed, &server))
                    } else {
                        said
                    };
                    ends.hold(&healed, &server, said, &context);
                    if is_past {
                        break;
                    }
                }
            }
        }
    }
}

#[test]
fn no_backup_means_no_way_back() {
    let (disk, server) = (installation(), Server::default());
    let deed = Deed { backup: false, ..reversible() };
    assert_eq!(apply(&disk, &server, &deed).map_err(|e| e.to_string()), Ok(Outcome::Done));
    assert_eq!(roll_back(&disk, &server, false).map_err(|e| e.kind), Err(ErrorKind::BackupNotEnabled));
}
