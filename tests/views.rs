//! The views of plans: as recorded, within their limits, and in the programs that people open them with.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::Write as _;
use std::process::Command;

use alterplan::catalog::Session;
use alterplan::compare::{self, Loaded, Relax, Settings, Text};
use alterplan::document::Plan;
use alterplan::render;
use alterplan::source::{Pair, Source};
use alterplan::target::Target;
use support::cases::{Case, cases};
use support::snapshot;

pub mod support {
    //! What the tests over fixtures stand on.
    pub mod cases;
    pub mod snapshot;
}

/// Cases whose views are recorded, each for the first of its targets.
const RECORDED: [&str; 5] = ["comment_awkward", "fk_cycle_new", "large_phpmyadmin", "last_login", "names_backticks"];

/// Names that would mean something to Markdown, Mermaid, HTML or a workflow's runner.
const AWKWARD: [&str; 2] = [
    "CREATE TABLE `PK` (`id` int PRIMARY KEY, `UK` int, `1st` int, `title` int, `a\"b` int, `100%` int, `c\\d` int, `}` int);
     CREATE TABLE `<script>alert(1)</script>` (`</pre><img src=x onerror=alert(2)>` int, `@everyone` int COMMENT '```');
     CREATE TABLE `erDiagram` (`class` int, `|a|` int, `größe 名前 😀` int);
     CREATE TABLE `::error::x` (`a` int COMMENT '%0A::error::y');",
    "CREATE TABLE `PK` (`id` bigint PRIMARY KEY, `UK` int, `fk` bigint, `a\"b` int NOT NULL, `100%` int, `c\\d` bigint, `}` enum('}','\"','%'),
       UNIQUE KEY `u\"k` (`UK`), CONSTRAINT `f\"k` FOREIGN KEY (`fk`) REFERENCES `PK` (`id`));
     CREATE TABLE `<script>alert(1)</script>` (`</pre><img src=x onerror=alert(2)>` bigint, `@everyone` int COMMENT '````\n# x');
     CREATE TABLE `erDiagram` (`class` bigint, `|a|` int COMMENT '| [x](http://example.invalid) <b>', `größe 名前 😀` decimal(10,2) unsigned);
     CREATE TABLE `new table` (`t` int, `p` bigint, `geo` geometry, CONSTRAINT `to it` FOREIGN KEY (`p`) REFERENCES `PK` (`id`));",
];

struct Compared {
    sides: Pair<Loaded>,
    plan: Plan,
    target: Target,
}

impl Compared {
    fn of(old: Vec<Source>, new: Vec<Source>, target: Target, case: Option<&Case>) -> Option<Self> {
        let text = |sources: Vec<Source>| Text { sources, target, session: Session::of(target) };
        let (sides, _) = compare::load_pair(Pair::new(text(old), text(new)), Relax::IfNeeded);
        let refused = [&sides.old, &sides.new].into_iter().flat_map(|side| &side.script.errors).next();
        assert!(refused.is_none(), "{refused:?}");
        let policies = case.map(Case::policies).unwrap_or_default();
        let settings = Settings {
            target,
            server: BTreeMap::new(),
            policies,
            filter: Default::default(),
            renames: Vec::new(),
            fingerprints: false,
        };
        let plan = compare::compare(sides.as_ref(), &settings).ok()?;
        Some(Self { sides, plan, target })
    }

    fn of_case(case: &Case) -> Option<Self> {
        Self::of(case.old.clone(), case.new.clone(), case.targets[0], Some(case))
    }

    fn of_texts(old: &str, new: &str) -> Self {
        let source = |name: &str, text: &str| vec![Source::new(name, text)];
        Self::of(source("old.sql", old), source("new.sql", new), Target::DEFAULT, None).expect("a plan")
    }

    /// The views by the ending of a file that holds one.
    fn views(&self) -> [(&'static str, String); 5] {
        let schemas = self.sides.as_ref().map(|side| &side.script.schema);
        [
            ("md", render::markdown(&self.plan, schemas, self.target)),
            ("html", render::html(&self.plan, schemas, self.target)),
            ("patch", render::patch(&self.plan, schemas, self.target)),
            ("github", render::github(&self.plan)),
            ("sarif", render::sarif(&self.plan)),
        ]
    }
}

/// A schema of so many tables with references, and one in which each has changed.
fn many(count: usize) -> Compared {
    let table = |at: usize, changed: bool| {
        let parent = if at == 0 { 0 } else { at / 2 };
        let columns: String = (0..10).map(|c| format!("  `c{c}` varchar(64) NOT NULL,\n")).collect();
        let extra = if changed { "  `added` int DEFAULT NULL,\n" } else { "" };
        format!(
            "CREATE TABLE `t{at:04}` (\n  `id` int NOT NULL,\n  `parent` int NOT NULL,\n{columns}{extra}  PRIMARY KEY (`id`),\n  \
            KEY `p` (`parent`),\n  CONSTRAINT `fk{at}` FOREIGN KEY (`parent`) REFERENCES `t{parent:04}` (`id`)\n);\n"
        )
    };
    let schema = |changed: bool| (0..count).map(|at| table(at, changed)).collect::<String>();
    Compared::of_texts(&schema(false), &schema(true))
}

#[test]
fn views_are_as_recorded() {
    let cases: Vec<Case> = cases().into_iter().filter(|case| RECORDED.contains(&case.name.as_str())).collect();
    let compared = cases.iter().map(|case| (case.name.as_str(), Compared::of_case(case).expect("a plan")));
    for (name, compared) in compared.chain([("awkward", Compared::of_texts(AWKWARD[0], AWKWARD[1]))]) {
        for (ending, view) in compared.views().into_iter().filter(|(ending, _)| *ending != "html") {
            snapshot::check("views", &format!("{name}.{ending}"), &view);
        }
    }
}

#[test]
fn views_keep_their_limits_in_every_case() {
    let all = cases();
    let compared = all.iter().filter_map(Compared::of_case);
    for compared in compared.chain([Compared::of_texts(AWKWARD[0], AWKWARD[1]), many(400)]) {
        let [(_, markdown), (_, html), (_, patch), (_, github), (_, sarif)] = compared.views();
        assert!(markdown.len() <= render::COMMENT_AT_MOST, "{} bytes of Markdown", markdown.len());
        assert_eq!(markdown.matches("<details>").count(), markdown.matches("</details>").count());
        assert_eq!(html.matches("<section").count(), html.matches("</section>").count());
        assert!(!html.contains("<img") && html.matches("<script").count() == 1, "text became markup");
        assert_eq!(patch.is_empty(), !patch.starts_with("--- "));
        let commands = ["::error ", "::warning ", "::notice "];
        for line in github.lines() {
            assert!(commands.iter().any(|command| line.starts_with(command)), "{line}");
        }
        assert!(serde_json::from_str::<serde_json::Value>(&sarif).is_ok());
    }
}

/// A long plan is cut where a comment ends, and says by how much.
#[test]
fn what_does_not_fit_is_counted() {
    let markdown = render_markdown(&many(400));
    assert!(markdown.contains(" more steps.\n"), "{markdown}");
    assert!(markdown.contains(" more statements\n"), "{markdown}");
    assert!(markdown.ends_with("</details>\n\n"), "{markdown}");
}

fn render_markdown(compared: &Compared) -> String {
    render::markdown(&compared.plan, compared.sides.as_ref().map(|side| &side.script.schema), compared.target)
}

/// In Chromium, Mermaid and a validator of SARIF: see `viewers/check.mjs`. `tests/run` installs them.
#[test]
fn views_open_in_the_programs_they_are_for() {
    let Some(modules) = env::var_os("ALTERPLAN_TEST_VIEWERS") else {
        assert!(env::var_os("ALTERPLAN_REQUIRE_SERVERS").is_none(), "ALTERPLAN_TEST_VIEWERS is not set");
        let _ = writeln!(std::io::stderr(), "skipped: no browser and no viewers (tests/run installs them)");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, compared: &Compared| {
        for (ending, view) in compared.views() {
            fs::write(folder.path().join(format!("{name}.{ending}")), view).expect("a file");
        }
    };
    for case in cases().iter().filter(|case| RECORDED.contains(&case.name.as_str())) {
        write(&case.name, &Compared::of_case(case).expect("a plan"));
    }
    write("awkward", &Compared::of_texts(AWKWARD[0], AWKWARD[1]));
    write("nothing", &Compared::of_texts("", ""));
    write("thousand", &many(1_000));
    let chromium = env::var("ALTERPLAN_TEST_CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    // Modules are found beside the script.
    let script = std::path::Path::new(&modules).join("check.mjs");
    fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/viewers/check.mjs"), &script).expect("the script");
    let outcome = Command::new("node").arg(&script).arg(folder.path()).arg(chromium).output().expect("node runs");
    let said = String::from_utf8_lossy(&outcome.stdout).into_owned() + &String::from_utf8_lossy(&outcome.stderr);
    assert!(outcome.status.success(), "{said}");
}
