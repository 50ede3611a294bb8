//! The laws of the engine over schemas made of chance, and over edits of them.

use alterplan::catalog::Session;
use alterplan::compare::{self, Loaded, Settings, Text};
use alterplan::diff::Policies;
use alterplan::document::Plan;
use alterplan::preprocess::{Lexis, statements};
use alterplan::render;
use alterplan::source::{Pair, Source};
use alterplan::target::Target;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use support::generated::{self, Dialect, Tape, print};

pub mod support {
    //! What the laws stand on.
    pub mod generated;
}

/// The same cases on every run; `PROPTEST_CASES` and `PROPTEST_RNG_SEED` ask for more and for others.
fn config() -> ProptestConfig {
    let given = ProptestConfig { failure_persistence: None, max_shrink_iters: 5_000, ..ProptestConfig::default() };
    let asked = |name: &str| std::env::var_os(name).is_some();
    ProptestConfig {
        cases: if asked("PROPTEST_CASES") { given.cases } else { 150 },
        rng_seed: if asked("PROPTEST_RNG_SEED") { given.rng_seed } else { RngSeed::Fixed(7) },
        ..given
    }
}

fn target() -> impl Strategy<Value = Target> {
    select(vec!["mysql:8.4", "mysql:9.7", "mariadb:10.11"]).prop_map(|t| t.parse().expect("a target"))
}

fn numbers() -> impl Strategy<Value = Vec<u16>> {
    vec(any::<u16>(), 0..500)
}

fn dialect(target: Target) -> Dialect {
    if target.is_mysql() { Dialect::MySql } else { Dialect::MariaDb }
}

fn schema(numbers: &[u16], target: Target) -> String {
    let dialect = dialect(target);
    print::script(&generated::schema(&mut Tape::new(numbers), dialect), dialect)
}

fn pair(numbers: &[u16], target: Target) -> Pair<String> {
    let dialect = dialect(target);
    let (old, new) = generated::pair(&mut Tape::new(numbers), dialect);
    Pair::new(old, new).map(|schema| print::script(&schema, dialect))
}

fn read(text: impl Into<Vec<u8>>, target: Target) -> Loaded {
    let sources = vec![Source::new("generated.sql", text.into())];
    compare::load(Text { sources, target, session: Session::of(target) })
}

/// Reads text that the target's server takes.
fn valid(text: &str, target: Target) -> Result<Loaded, TestCaseError> {
    let loaded = read(text, target);
    let refused = loaded.script.errors.first().map(|e| format!("{} at {:?}\n{text}", e.message, e.location));
    prop_assert_eq!(refused, None);
    Ok(loaded)
}

fn settings(target: Target, policies: Policies) -> Settings {
    Settings {
        target,
        server: Default::default(),
        policies,
        filter: Default::default(),
        renames: Vec::new(),
        fingerprints: false,
    }
}

fn plan(old: &Loaded, new: &Loaded, settings: &Settings) -> Result<Plan, TestCaseError> {
    compare::compare(Pair::new(old, new), settings).map_err(|disproof| {
        let text = |side: &Loaded| String::from_utf8_lossy(&side.text.sources[0].text).into_owned();
        TestCaseError::fail(format!("{disproof}\n-- OLD\n{}\n-- NEW\n{}", text(old), text(new)))
    })
}

fn canonical(side: &Loaded, target: Target) -> String {
    render::definition::script(&side.script.schema, target)
}

/// MySQL shows a nullable column that lost its default without one, and reads that as DEFAULT NULL.
fn shows_all(side: &Loaded) -> bool {
    let lost = |c: &alterplan::model::Column| {
        c.nullable && c.default.is_none() && c.generated.is_none() && !c.data_type.is_blob()
    };
    !side.script.schema.tables().any(|(_, t)| t.columns.iter().any(lost))
}

/// From many tables on, another core does what can be done beside: the plan is the same.
#[test]
fn many_tables_are_planned_as_few_are() {
    let tables = |count: usize, added: &str| -> String {
        let table = |n| format!("CREATE TABLE t{n} (a int{}) ENGINE=InnoDB;\n", if n % 7 == 3 { added } else { "" });
        (0..count).map(table).collect()
    };
    let steps = |count: usize| {
        let [old, new] = ["", ", b int"].map(|added| read(tables(count, added), Target::DEFAULT));
        let plan = plan(&old, &new, &settings(Target::DEFAULT, Policies::default())).expect("a plan");
        plan.steps.into_iter().map(|step| (step.sql, step.at)).collect::<Vec<_>>()
    };
    let (few, many) = (steps(700), steps(1400));
    assert_eq!((few.len(), many.len()), (100, 200));
    assert_eq!(few, many[..100]);
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn statements_joined_are_the_text(numbers in numbers(), target in target()) {
        let text = schema(&numbers, target);
        let mut read = statements(text.as_bytes(), target, Lexis::default());
        let mut at = 0;
        for statement in &mut read {
            let statement = statement.map_err(|e| TestCaseError::fail(e.to_string()))?;
            prop_assert_eq!(statement.span.start, at);
            at = statement.span.end;
        }
        prop_assert_eq!(at, text.len());
    }

    #[test]
    fn fmt_of_fmt_is_fmt(numbers in numbers(), target in target()) {
        let first = valid(&schema(&numbers, target), target)?;
        let printed = canonical(&first, target);
        // A cycle of foreign keys has no order in which its tables could be made.
        let second = valid(&format!("SET foreign_key_checks=0;\n{printed}"), target)?;
        prop_assume!(shows_all(&first));
        prop_assert_eq!(canonical(&second, target), printed);
    }

    #[test]
    fn nothing_differs_from_itself(numbers in numbers(), target in target()) {
        let settings = settings(target, Policies::default());
        let one = valid(&schema(&numbers, target), target)?;
        prop_assert_eq!(plan(&one, &one, &settings)?.steps, vec![]);
        let printed = valid(&format!("SET foreign_key_checks=0;\n{}", canonical(&one, target)), target)?;
        prop_assume!(shows_all(&one));
        prop_assert_eq!(plan(&one, &printed, &settings)?.steps, vec![]);
        prop_assert_eq!(plan(&printed, &one, &settings)?.steps, vec![]);
    }

    #[test]
    fn plans_lead_where_they_say_and_back(numbers in numbers(), target in target()) {
        let settings = settings(target, Policies::default());
        let texts = pair(&numbers, target);
        let (old, new) = (valid(&texts.old, target)?, valid(&texts.new, target)?);
        plan(&old, &new, &settings)?;
        plan(&new, &old, &settings)?;
    }

    #[test]
    fn plans_lead_between_strangers_and_back(numbers in vec(any::<u16>(), 0..1_000), target in target()) {
        let settings = settings(target, Policies::default());
        let dialect = dialect(target);
        let (old, new) = generated::strangers(&mut Tape::new(&numbers), dialect);
        let (old, new) = (valid(&print::script(&old, dialect), target)?, valid(&print::script(&new, dialect), target)?);
        plan(&old, &new, &settings)?;
        plan(&new, &old, &settings)?;
    }

    #[test]
    fn plans_lead_where_they_say_under_every_policy(numbers in numbers(), target in target(), which in any::<prop::sample::Index>()) {
        let values: Vec<(&str, &str)> = Policies::KEYS.iter().flat_map(|(key, values)| values.iter().map(|v| (*key, *v))).collect();
        let (key, value) = values[which.index(values.len())];
        let mut policies = Policies::default();
        prop_assume!(policies.set(&format!("{key}={value}")).is_ok());
        let dialect = dialect(target);
        let (mut old, mut new) = generated::pair(&mut Tape::new(&numbers), dialect);
        if value == "skip" {
            // What stays may need what changes: a foreign key its key, a check its column.
            for table in old.tables.iter_mut().chain(&mut new.tables) {
                table.foreign_keys.clear();
                table.checks.clear();
                table.partitioning = None;
            }
        }
        let text = |schema: &generated::Schema| print::script(schema, dialect);
        let (old, new) = (valid(&text(&old), target)?, valid(&text(&new), target)?);
        let settings = settings(target, policies);
        plan(&old, &new, &settings).map_err(|e| TestCaseError::fail(format!("{key}={value}: {e}")))?;
    }

    #[test]
    fn damaged_text_is_refused_in_its_place_or_taken(numbers in numbers(), target in target(), at in any::<prop::sample::Index>(), byte in any::<Option<u8>>()) {
        let mut text = schema(&numbers, target).into_bytes();
        let at = at.index(text.len());
        match byte {
            Some(byte) => text.insert(at, byte),
            None => { text.remove(at); }
        }
        let length = text.len();
        for error in &read(text, target).script.errors {
            prop_assert!(error.location.span.start <= error.location.span.end && error.location.span.end <= length, "{:?}", error);
            prop_assert!(!error.message.is_empty());
        }
    }

    #[test]
    fn same_input_same_bytes(numbers in numbers(), target in target()) {
        let settings = settings(target, Policies::default());
        let texts = pair(&numbers, target);
        let once = || -> Result<String, TestCaseError> {
            let plan = plan(&valid(&texts.old, target)?, &valid(&texts.new, target)?, &settings)?;
            Ok(render::sql(&plan))
        };
        prop_assert_eq!(once()?, once()?);
    }

    #[test]
    fn the_order_of_tables_does_not_matter(numbers in numbers(), target in target(), turn in 0..5_usize) {
        let settings = settings(target, Policies::default());
        let dialect = dialect(target);
        let (mut old, mut new) = generated::pair(&mut Tape::new(&numbers), dialect);
        for table in old.tables.iter_mut().chain(&mut new.tables) {
            table.foreign_keys.clear();
        }
        let shuffled = |schema: &generated::Schema| {
            let mut scripts = print::scripts(schema, dialect);
            let turn = turn % scripts.len();
            scripts.rotate_left(turn);
            scripts.concat()
        };
        let steps = |old: &str, new: &str| -> Result<Vec<String>, TestCaseError> {
            let plan = plan(&valid(old, target)?, &valid(new, target)?, &settings)?;
            let mut steps: Vec<String> = plan.steps.iter().map(|s| s.sql.clone()).collect();
            steps.sort();
            Ok(steps)
        };
        let given = steps(&print::script(&old, dialect), &print::script(&new, dialect))?;
        prop_assert_eq!(given, steps(&shuffled(&old), &shuffled(&new))?);
    }
}
