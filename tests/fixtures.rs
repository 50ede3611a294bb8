//! Every case of `fixtures/diff` and `fixtures/statements`: its snapshots, and the laws over it.
//!
//! A case is a folder with `old.sql` and `new.sql` (or folders `old` and `new`), and perhaps a
//! `case.yaml` with the targets that it is for and options. Adding a case is adding files.

use alterplan::canonical::Printer;
use alterplan::catalog::{Session, script};
use alterplan::compare::{self, Loaded, NoPlan, Relax, Settings, Text};
use alterplan::diff::RenameRequest;
use alterplan::document::{Action, HazardKind, Phase, Plan};
use alterplan::render;
use alterplan::source::{Pair, Source};
use alterplan::target::Target;
use support::cases::{Case, cases, statements};
use support::snapshot;

pub mod support {
    //! What the tests over fixtures stand on.
    pub mod cases;
    pub mod snapshot;
}

/// What is wrong with cases, said all at once.
#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn take<T>(&mut self, outcome: Result<T, String>) -> Option<T> {
        outcome.map_err(|finding| self.0.push(finding)).ok()
    }

    fn check(&mut self, holds: bool, finding: impl FnOnce() -> String) {
        if !holds {
            self.0.push(finding());
        }
    }

    #[track_caller]
    fn assert_none(self) {
        assert!(self.0.is_empty(), "{} findings:\n{}", self.0.len(), self.0.join("\n"));
    }
}

fn read(case: &Case, target: Target) -> Result<Pair<Loaded>, String> {
    let text = |sources: &[Source]| Text { sources: sources.to_vec(), target, session: Session::of(target) };
    let (sides, _) = compare::load_pair(Pair::new(text(&case.old), text(&case.new)), Relax::IfNeeded);
    for side in [&sides.old, &sides.new] {
        let place = |e: &script::ScriptError| format!("{}: {}", side.text.place(e.location), e.message);
        let errors: Vec<String> = side.script.errors.iter().map(place).collect();
        if !errors.is_empty() {
            return Err(format!("{} on {target}: {errors:#?}", case.name));
        }
    }
    Ok(sides)
}

fn plan(case: &Case, target: Target, sides: Pair<&Loaded>) -> Result<Plan, String> {
    plan_with(case, target, sides, case.renames())
}

fn plan_with(case: &Case, target: Target, sides: Pair<&Loaded>, renames: Vec<RenameRequest>) -> Result<Plan, String> {
    let settings = Settings {
        target,
        server: Default::default(),
        policies: case.policies(),
        filter: Default::default(),
        renames,
        fingerprints: true,
    };
    compare::compare(sides, &settings).map_err(|disproof| format!("{} on {target}: {disproof}", case.name))
}

/// The canonical text of everything that a script leaves, as `fmt` prints it.
fn canonical(side: &Loaded, target: Target) -> String {
    render::definition::script(&side.script.schema, target)
}

#[test]
fn plans_are_as_recorded() {
    let mut findings = Findings::default();
    for case in cases() {
        for &target in &case.targets {
            let Some(sides) = findings.take(read(&case, target)) else { continue };
            let Some(plan) = findings.take(plan(&case, target, sides.as_ref())) else { continue };
            snapshot::check("sql", &format!("{}@{}", case.name, snapshot::file_name(target)), &render::sql(&plan));
        }
    }
    findings.assert_none();
}

#[test]
fn the_laws_hold_for_every_case() {
    let mut findings = Findings::default();
    for case in cases() {
        for &target in &case.targets {
            let Some(sides) = findings.take(read(&case, target)) else { continue };
            // Convergent and reversible: `compare` proves both.
            let back = case.renames().into_iter().map(RenameRequest::reversed).collect();
            findings.take(plan_with(&case, target, sides.as_ref().reversed(), back));
            for side in [&sides.old, &sides.new] {
                findings.take(silent_and_canonical(&case, target, side));
            }
            if let Some(plan) = findings.take(plan(&case, target, sides.as_ref())) {
                findings.take(says_what_it_takes(&case, target, &plan));
            }
        }
    }
    findings.assert_none();
}

/// Whether a clause adds a unique key over some columns of the key that another clause adds, or gives that one another name: rows
/// that hold the one hold both.
fn implies(own: &str, other: &str) -> bool {
    if let Some(was) = own.trim().strip_prefix("RENAME INDEX ").and_then(|names| names.split(" TO ").next()) {
        return other.trim().starts_with(&format!("ADD UNIQUE KEY {was} ("));
    }
    let columns = |clause: &str| {
        let clause = clause.trim().trim_end_matches(',');
        let unique = clause.starts_with("ADD UNIQUE KEY") || clause.starts_with("ADD PRIMARY KEY");
        let (_, list) = clause.split_once('(').filter(|_| unique)?;
        let (list, _) = list.split_once(')')?;
        // Which way it sorts keeps no row out.
        Some(list.split(',').map(|part| part.trim_end_matches(" DESC").to_owned()).collect::<Vec<_>>())
    };
    match (columns(own), columns(other)) {
        (Some(own), Some(other)) => own.iter().all(|column| other.contains(column)),
        _ => false,
    }
}

/// A step without a way back loses data, and says why there is none; a way back that takes away what may hold rows says so,
/// and one that brings back what rows may be against; a step that takes before the new code runs says that old code breaks.
fn says_what_it_takes(case: &Case, target: Target, plan: &Plan) -> Result<(), String> {
    for step in &plan.steps {
        let wrong = |what: &str| Err(format!("{} on {target}: step {}: {what}\n{}", case.name, step.id, step.sql));
        let is = |kind: HazardKind| step.hazards.iter().any(|hazard| hazard.kind == kind);
        if step.phase == Phase::Expand && is(HazardKind::DataLoss) && !is(HazardKind::Incompatible) {
            return wrong("takes data from old code in silence");
        }
        if step.depends_on.iter().any(|&id| plan.steps[id as usize - 1].phase > step.phase) {
            return wrong("waits for a later phase");
        }
        let Some(inverse) = &step.inverse else {
            if step.irreversible.is_none() || !is(HazardKind::DataLoss) {
                return wrong("has no way back, and nothing says why");
            }
            continue;
        };
        let warns = |kind: HazardKind| inverse.hazards.iter().any(|hazard| hazard.kind == kind);
        let added = |name: &str| {
            let clause = format!("ADD COLUMN {name} ");
            step.sql.lines().any(|line| line.contains(&clause) && !line.contains(" AS ("))
        };
        for line in inverse.statements.iter().flat_map(|statement| statement.lines()) {
            let takes_rows = match line.trim().split_once(" COLUMN ") {
                Some(("DROP", name)) => added(name.trim_end_matches(',')),
                _ => step.action == Action::Create && line.starts_with("DROP TABLE"),
            };
            if takes_rows && !warns(HazardKind::DataLoss) {
                return wrong("the way back loses data in silence");
            }
            let demands = ["ADD UNIQUE KEY", "ADD PRIMARY KEY", " FOREIGN KEY ("];
            let is_told = warns(HazardKind::MayFail) || step.sql.lines().any(|own| implies(own, line));
            if demands.iter().any(|clause| line.contains(clause)) && !is_told {
                return wrong("the way back may fail in silence");
            }
        }
    }
    Ok(())
}

/// A schema does not differ from itself, nor from what `fmt` prints of it; `fmt` of `fmt` is `fmt`.
fn silent_and_canonical(case: &Case, target: Target, side: &Loaded) -> Result<(), String> {
    let what = |law: &str| format!("{} on {target}: {law}", case.name);
    let empty = |plan: Plan, law: &str| {
        if plan.steps.is_empty() { Ok(()) } else { Err(format!("{}: {:#?}", what(law), plan.steps)) }
    };
    empty(plan_with(case, target, Pair::new(side, side), Vec::new())?, "differs from itself")?;
    let printed = canonical(side, target);
    let text = Text { sources: vec![Source::new("fmt", printed.clone())], target, session: lenient(side) };
    let again = compare::load(text);
    if let Some(error) = again.script.errors.first() {
        return Err(format!("{}: {}\n{printed}", what("what fmt prints is refused"), error.message));
    }
    let second = canonical(&again, target);
    if has_lost_default(&side.script.schema) {
        return Ok(());
    }
    if printed != second {
        let lines = similar::TextDiff::from_lines(&printed, &second);
        return Err(format!("{}:\n{}", what("fmt of fmt is not fmt"), lines.unified_diff()));
    }
    empty(plan_with(case, target, Pair::new(side, &again), Vec::new())?, "fmt changes the schema")
}

/// Servers that a schema is moved between.
const MOVES: [(&str, &str); 8] = [
    ("mysql:5.7", "mysql:8.4"),
    ("mysql:8.4", "mysql:5.7"),
    ("mysql:8.0", "mysql:9.7"),
    ("mysql:9.7", "mysql:8.0"),
    ("mysql:8.4", "mariadb:10.11"),
    ("mariadb:10.11", "mysql:8.4"),
    ("mariadb:10.11", "mariadb:11.8"),
    ("mysql:9.7", "mariadb:11.8"),
];

/// What one server holds and what another holds after it was told so is the same, whichever of them the plan is for.
#[test]
fn a_schema_that_was_moved_to_another_server_is_the_same() {
    let cases = cases();
    // Half of the moves go to another core.
    let (some, others) = MOVES.split_at(MOVES.len() / 2);
    let all = std::thread::scope(|scope| {
        let of = |moves: &'static [(&str, &str)]| {
            let cases = &cases;
            scope.spawn(move || moves.iter().map(|&(from, to)| moved(from, to, cases)).collect::<Vec<_>>())
        };
        [of(some), of(others)].map(|half| half.join().expect("no panic"))
    });
    let mut findings = Findings::default();
    findings.0.extend(all.into_iter().flatten().flat_map(|found| found.0));
    findings.assert_none();
}

fn moved(from: &str, to: &str, cases: &[Case]) -> Findings {
    let mut findings = Findings::default();
    let (from, to): (Target, Target) = (from.parse().expect("a target"), to.parse().expect("a target"));
    let (mut moved, mut refused, mut forgotten) = (0, 0, 0);
    for case in cases.iter().filter(|case| case.targets.iter().any(|t| t.vendor() == from.vendor())) {
        // What the newest servers take by default others do not know.
        let mut session = Session::of(from);
        session.set("collation_server", "utf8mb4_general_ci", from).expect("a collation of both");
        let text = |sources: &[Source]| Text { sources: sources.to_vec(), target: from, session: session.clone() };
        let (sides, _) = compare::load_pair(Pair::new(text(&case.old), text(&case.new)), Relax::IfNeeded);
        for side in [&sides.old, &sides.new] {
            let asked = |target| Settings {
                target,
                server: Default::default(),
                policies: case.policies(),
                filter: Default::default(),
                renames: Vec::new(),
                fingerprints: false,
            };
            let there = match compare::in_terms(Pair::new(side, side), &asked(to)) {
                Ok(there) => there.new,
                Err(NoPlan::Foreign(_)) => {
                    refused += 1;
                    continue;
                }
                Err(other) => {
                    findings.0.push(format!("{} from {from} to {to}: {other}", case.name));
                    continue;
                }
            };
            let Some(schema) = &there.schema else { continue };
            // Views and programs are compared as the servers print them.
            let only_tables = schema.databases.iter().all(|d| d.objects.is_empty());
            if !only_tables
                || has_lost_default(schema)
                || has_lost_default(&side.script.schema)
                || !side.script.errors.is_empty()
            {
                continue;
            }
            let text = format!("SET foreign_key_checks=0;\n{}", render::definition::script(schema, to));
            let text = Text { sources: vec![Source::new("moved", text)], target: to, session: Session::of(to) };
            let (pair, _) = compare::load_pair(Pair::new(side.text.clone(), text), Relax::IfNeeded);
            if let Some(error) = pair.new.script.errors.first() {
                findings
                    .0
                    .push(format!("{} from {from} to {to}: what was moved is refused: {}", case.name, error.message));
                continue;
            }
            moved += 1;
            let mut targets = vec![to];
            // What was forgotten on the way is a difference on the way back.
            if there.lost.is_empty() {
                targets.push(from)
            } else {
                forgotten += 1
            }
            for target in targets {
                for sides in [pair.as_ref(), pair.as_ref().reversed()] {
                    match compare::compare(sides, &asked(target)) {
                        Ok(plan) if plan.steps.is_empty() => {}
                        Ok(plan) => {
                            let steps: Vec<&str> = plan.steps.iter().map(|s| s.sql.as_str()).collect();
                            findings.0.push(format!(
                                "{} from {from} to {to} on {target}: {}",
                                case.name,
                                steps.join(";\n")
                            ));
                        }
                        Err(NoPlan::Foreign(_)) if target == from => {}
                        Err(other) => {
                            findings.0.push(format!("{} from {from} to {to} on {target}: {other}", case.name))
                        }
                    }
                }
            }
        }
    }
    findings.check(moved >= 250, || {
        format!("{from} to {to}: only {moved} moved, {refused} refused, {forgotten} forgot something")
    });
    findings
}

/// MySQL shows a nullable column that lost its default without one, and reads that as DEFAULT NULL.
fn has_lost_default(schema: &alterplan::model::Schema) -> bool {
    let lost = |c: &alterplan::model::Column| {
        c.nullable && c.default.is_none() && c.generated.is_none() && !c.data_type.is_blob()
    };
    schema.tables().any(|(_, t)| t.columns.iter().any(lost))
}

#[test]
fn accepted_statements_are_accepted() {
    let mut findings = Findings::default();
    for file in statements("ok") {
        for &target in &file.targets {
            let script = script::load(std::slice::from_ref(&file.source), target, Session::of(target));
            findings.check(script.errors.is_empty(), || format!("{} on {target}: {:?}", file.name, script.errors));
            let mut printed = String::new();
            for (_, table) in script.schema.tables() {
                Printer::show(target).table(&mut printed, table);
                printed.push_str(";\n");
            }
            let name = format!("{}@{}", file.name, snapshot::file_name(target));
            snapshot::check("statements", &name, &printed);
            let warning = |warning: &script::ScriptWarning| {
                let place = file.source.position(warning.location.span.start);
                let number = warning.number.map_or_else(|| "-".to_owned(), |number| number.to_string());
                format!("{number} at {}:{}: {}\n", place.line, place.column, warning.message)
            };
            let warnings: String = script.warnings.iter().map(warning).collect();
            if !warnings.is_empty() {
                snapshot::check("warnings", &name, &warnings);
            }
        }
    }
    findings.assert_none();
}

#[test]
fn refused_statements_are_refused_where_and_as_declared() {
    let mut wrong = Vec::new();
    for file in statements("err") {
        for &target in &file.targets {
            let script = script::load(std::slice::from_ref(&file.source), target, Session::of(target));
            let found = script.errors.first().map(|error| {
                let place = file.source.position(error.location.span.start);
                match (error.number, error.message.ends_with("is never closed")) {
                    (_, true) => "unterminated".to_owned(),
                    (number, false) => format!("{} at {}:{}", number.unwrap_or(0), place.line, place.column),
                }
            });
            let wanted = file.error.clone();
            if found != wanted {
                let message = script.errors.first().map(|e| e.message.clone()).unwrap_or_default();
                wrong.push(format!("{} on {target}: wanted {wanted:?}, found {found:?} {message}", file.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of the declared errors differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// The session that a side was read in, without the strict modes that its own SET may have lifted.
fn lenient(side: &Loaded) -> Session {
    let mut session = side.script.session.clone();
    session.sql_mode = session.sql_mode.lenient();
    session
}
