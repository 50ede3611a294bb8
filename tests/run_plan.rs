//! `run` on real servers: to the end, stopped at every statement and gone on with, taken back, refused.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mysql::prelude::Queryable as _;
use support::servers::{Scratch, Server, servers, tell};
use tempfile::TempDir;

pub mod support {
    //! What the tests on real servers stand on.
    pub mod servers;
}

const OLD: &str = "
CREATE TABLE `a` (`id` int NOT NULL AUTO_INCREMENT, `n` varchar(20), PRIMARY KEY (`id`));
CREATE TABLE `b` (`id` int NOT NULL, `a` int, PRIMARY KEY (`id`), CONSTRAINT `up` FOREIGN KEY (`a`) REFERENCES `a` (`id`));
CREATE TABLE `z` (`id` int NOT NULL, `more` int, PRIMARY KEY (`id`));
";
const NEW: &str = "
CREATE TABLE `b` (`id` int NOT NULL, `a` int, PRIMARY KEY (`id`), CONSTRAINT `up` FOREIGN KEY (`a`) REFERENCES `a` (`id`) ON DELETE CASCADE);
CREATE TABLE `a` (`id` int NOT NULL AUTO_INCREMENT, `n` varchar(40), `more` int, PRIMARY KEY (`id`), KEY `n` (`n`));
CREATE TABLE `c` (`id` int NOT NULL, PRIMARY KEY (`id`));
CREATE TABLE `z` (`id` int NOT NULL, `more` int, PRIMARY KEY (`id`));
CREATE VIEW `v` AS SELECT `id` FROM `a`;
";
const ROWS: &str = "INSERT INTO `a` (`n`) VALUES ('x'), ('y'); INSERT INTO `b` VALUES (1, 1), (2, NULL);";

/// A folder with two schemas, a plan between them, and a database that holds the old one.
struct Desk {
    folder: TempDir,
    scratch: Scratch,
    server: Server,
}

#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Desk {
    fn new(server: &Server, old: &str, new: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let scratch = server.scratch();
        let desk = Self { folder, scratch, server: server.clone() };
        desk.write("old.sql", old);
        desk.write("new.sql", new);
        desk.sql(old);
        desk
    }

    /// The same with `plan.json` from old to new.
    fn planned(server: &Server, old: &str, new: &str, more: &str) -> Self {
        let desk = Self::new(server, old, new);
        let written = desk.alterplan(&format!("diff {} new.sql -o plan.json {more}", desk.scratch.url()));
        assert_eq!(written.code, Some(0), "{}", written.err);
        desk
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).expect("a file");
    }

    fn sql(&self, script: &str) {
        self.scratch.run(script).unwrap_or_else(|error| panic!("{}: {error:?}", self.server.target));
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_alterplan"));
        command
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .env_remove("ALTERPLAN_PASSWORD")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn alterplan(&self, arguments: &str) -> Ran {
        ran(self.command(arguments).output().expect("it runs"))
    }

    /// `run plan.json` with everything allowed but what depends on rows.
    fn run(&self, more: &str) -> Ran {
        self.alterplan(&format!("run plan.json --database {} {ALLOW} {more}", self.scratch.url()))
    }

    fn has(&self, name: &str) -> bool {
        self.folder.path().join(name).exists()
    }

    #[track_caller]
    fn is(&self, schema: &str, context: &str) {
        // How the server prints a view is not what is tested here.
        let found = self.alterplan(&format!("diff {} {schema} --exit-code --ignore ^v$", self.scratch.url()));
        assert_eq!(found.code, Some(0), "{} {context}: not {schema}: {}{}", self.server.target, found.out, found.err);
    }

    #[track_caller]
    fn has_view(&self, is_there: bool) {
        let sql =
            format!("SELECT COUNT(*) FROM information_schema.VIEWS WHERE TABLE_SCHEMA = '{}'", self.scratch.name());
        assert_eq!(self.server.connect().query_first::<u32, _>(sql).expect("a count"), Some(u32::from(is_there)));
    }

    fn statements(&self) -> Vec<String> {
        let plan = fs::read_to_string(self.folder.path().join("plan.json")).expect("a plan");
        let plan: serde_json::Value = serde_json::from_str(&plan).expect("JSON");
        let steps = plan["steps"].as_array().expect("steps");
        steps.iter().map(|step| step["sql"].as_str().expect("a statement").to_owned()).collect()
    }
}

const ALLOW: &str = "--allow data-loss,incompatible,semantics";

fn ran(output: Output) -> Ran {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

#[track_caller]
fn is(ran: &Ran, code: i32, out: &str, err: &str) {
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(code), out, err));
}

#[track_caller]
fn refused(ran: &Ran, code: i32, begins: &str) {
    assert_eq!((ran.code, ran.out.as_str()), (Some(code), ""), "{}", ran.err);
    assert!(ran.err.starts_with(&format!("error: {begins}")), "{}", ran.err);
}

#[test]
fn what_needs_no_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let alterplan = |arguments: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_alterplan"));
        ran(command.args(arguments.split_whitespace()).current_dir(folder.path()).output().expect("it runs"))
    };
    fs::write(folder.path().join("plan.json"), "{\"format\": \"other\"}").expect("a file");
    fs::write(folder.path().join("s.sql"), "DROP TABLE a").expect("a file");
    is(
        &alterplan("run s.sql --database mysql://root@127.0.0.1:1/"),
        2,
        "",
        "error: --database names no database\n  = help: mysql://user@host/database\n",
    );
    refused(
        &alterplan("run s.sql --database mysql://root@127.0.0.1:1/d --allow all,loss"),
        2,
        "invalid value 'loss' for '--allow <HAZARD,…>'\n  [possible values: data-loss, may-fail, ",
    );
    refused(&alterplan("run s.sql"), 2, "there is no database to run on\n");
    is(
        &alterplan("run s.sql --database mysql://root@127.0.0.1:1/d --phase expand"),
        2,
        "",
        "error: a script has no phases\n",
    );
    refused(&alterplan("run plan.json --database mysql://root@127.0.0.1:1/d"), 2, "`plan.json` is no plan: ");
    refused(&alterplan("run none.sql --database mysql://root@127.0.0.1:1/d"), 2, "cannot read `none.sql`");
}

#[test]
fn to_the_end_and_back_and_again() {
    for server in servers() {
        let desk = Desk::planned(&server, &format!("{OLD}{ROWS}"), NEW, "");
        let steps = desk.statements().len();
        let dry = desk.run("--dry-run");
        assert_eq!(dry.code, Some(0), "{}", dry.err);
        for sql in desk.statements() {
            assert!(dry.out.contains(&format!("\n{sql};\n")), "{sql} is not in {}", dry.out);
        }
        assert!(!desk.has("plan.json.journal"));
        desk.is("old.sql", "after a dry run");
        is(&desk.run(""), 0, &format!("ran {steps} steps; the plan is done\n"), "");
        desk.is("new.sql", "after the plan");
        is(&desk.run(""), 0, &format!("nothing is left to do: {steps} of {steps} steps have run\n"), "");
        is(&desk.run("--undo"), 0, &format!("took back {steps} steps; 0 of {steps} stay\n"), "");
        desk.is("old.sql", "after the undo");
        is(&desk.run("--undo"), 0, "nothing of the plan has run: there is nothing to take back\n", "");
        is(&desk.run(""), 0, &format!("ran {steps} steps; the plan is done\n"), "");
        desk.is("new.sql", "after the plan once more");
        let other = desk.alterplan(&format!("run plan.json --database {} --journal other {ALLOW}", desk.scratch.url()));
        refused(&other, 3, "the schema is already what the plan leads to");
        let undone = desk.alterplan(&format!("run plan.json --database {} --journal other --undo", desk.scratch.url()));
        refused(&undone, 3, "the journal `other` says of no run that could be taken back");
    }
}

/// What happens to a client at a statement.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    /// It is killed before the statement reaches the server.
    KilledBefore,
    /// It is killed before the server's answer reaches it.
    KilledAfter,
    /// Its connection is cut before the statement reaches the server.
    CutBefore,
    /// Its connection is cut before the answer reaches it.
    CutAfter,
}

/// A way to the server on which a client meets its fate at a statement.
struct Proxy {
    port: u16,
    child: Arc<Mutex<Option<Child>>>,
}

impl Proxy {
    fn new(server: &Server, statement: &str, fate: Fate) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let child = Arc::new(Mutex::new(None::<Child>));
        let (place, statement, victim) = (server.place(), statement.to_owned(), Arc::clone(&child));
        std::thread::spawn(move || {
            let met = Arc::new(AtomicU32::new(0));
            for client in listener.incoming().take(20).map_while(Result::ok) {
                let (place, statement, victim, met) =
                    (place.clone(), statement.clone(), Arc::clone(&victim), Arc::clone(&met));
                std::thread::spawn(move || carry(client, &place, &statement, fate, &victim, &met));
            }
        });
        Self { port, child }
    }
}

/// Carries packets both ways, up to the statement.
fn carry(
    mut client: TcpStream,
    place: &str,
    statement: &str,
    fate: Fate,
    victim: &Mutex<Option<Child>>,
    met: &AtomicU32,
) -> Option<()> {
    let mut server = TcpStream::connect(place).ok()?;
    let (mut from, mut to) = (server.try_clone().ok()?, client.try_clone().ok()?);
    let hold = Arc::new(Mutex::new(false));
    let held = Arc::clone(&hold);
    let answered = Arc::new(AtomicU32::new(0));
    let answers = Arc::clone(&answered);
    std::thread::spawn(move || {
        let mut bytes = [0; 65_536];
        while let Ok(got) = from.read(&mut bytes) {
            if got == 0 {
                break;
            }
            if *held.lock().expect("a flag") {
                answers.store(1, Ordering::SeqCst);
                continue;
            }
            if to.write_all(&bytes[..got]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(std::net::Shutdown::Both);
    });
    loop {
        let mut head = [0; 4];
        client.read_exact(&mut head).ok()?;
        let mut body = vec![0; usize::from(head[0]) | usize::from(head[1]) << 8 | usize::from(head[2]) << 16];
        client.read_exact(&mut body).ok()?;
        let is_it = body.first() == Some(&3) && &body[1..] == statement.as_bytes();
        if !is_it || met.fetch_add(1, Ordering::SeqCst) > 0 {
            server.write_all(&head).ok()?;
            server.write_all(&body).ok()?;
            continue;
        }
        if matches!(fate, Fate::KilledAfter | Fate::CutAfter) {
            *hold.lock().expect("a flag") = true;
            server.write_all(&head).ok()?;
            server.write_all(&body).ok()?;
            let began = Instant::now();
            while answered.load(Ordering::SeqCst) == 0 && began.elapsed() < Duration::from_secs(60) {
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        if matches!(fate, Fate::KilledBefore | Fate::KilledAfter) {
            let began = Instant::now();
            while began.elapsed() < Duration::from_secs(60) {
                if let Some(child) = &mut *victim.lock().expect("a child") {
                    child.kill().expect("it is killed");
                    break;
                }
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        let _ = client.shutdown(std::net::Shutdown::Both);
        let _ = server.shutdown(std::net::Shutdown::Both);
        return None;
    }
}

impl Desk {
    /// `run` over a proxy, until it ends or is killed.
    fn run_to_its_fate(&self, what: &str, statement: &str, fate: Fate) -> Ran {
        let proxy = Proxy::new(&self.server, statement, fate);
        let url = format!("mysql://root@127.0.0.1:{}/{}?ssl-mode=disabled", proxy.port, self.scratch.name());
        let mut child = self.command(&format!("run {what} --database {url} {ALLOW}")).spawn().expect("it starts");
        let (mut out, mut err) = (child.stdout.take().expect("a pipe"), child.stderr.take().expect("a pipe"));
        *proxy.child.lock().expect("a child") = Some(child);
        let mut texts = [String::new(), String::new()];
        out.read_to_string(&mut texts[0]).expect("UTF-8");
        err.read_to_string(&mut texts[1]).expect("UTF-8");
        let mut child = proxy.child.lock().expect("a child").take().expect("the child");
        let [out, err] = texts;
        Ran { code: child.wait().expect("it ends").code(), out, err }
    }
}

#[test]
fn stopped_at_every_statement_it_goes_on_or_back() {
    let mut points = 0;
    for (nth, server) in servers().into_iter().enumerate() {
        let count = Desk::planned(&server, &format!("{OLD}{ROWS}"), NEW, "").statements().len();
        for at in 0..count {
            let fates = [Fate::KilledBefore, Fate::KilledAfter, Fate::CutBefore, Fate::CutAfter];
            // What becomes of a connection is the client's affair, and the same on all servers.
            let tried = if nth == 0 { &fates[..] } else { &fates[..2] };
            for (number, fate) in tried.iter().copied().enumerate() {
                let desk = Desk::planned(&server, &format!("{OLD}{ROWS}"), NEW, "");
                let context = format!("{fate:?} at statement {at}");
                let stopped = desk.run_to_its_fate("plan.json", &desk.statements()[at], fate);
                match fate {
                    Fate::KilledBefore | Fate::KilledAfter => {
                        assert_eq!(stopped.code, None, "{context}: {}", stopped.err)
                    }
                    // Looked up, it had been done: so it went on.
                    Fate::CutAfter => assert_eq!(stopped.code, Some(0), "{context}: {}", stopped.err),
                    Fate::CutBefore => {
                        assert_eq!(stopped.code, Some(if at == 0 { 5 } else { 6 }), "{context}: {}", stopped.err);
                    }
                }
                points += 1;
                if (at + number) % 2 == 0 {
                    let on = desk.run("");
                    assert_eq!(on.code, Some(0), "{} {context}: {}", server.target, on.err);
                    desk.is("new.sql", &context);
                    desk.has_view(true);
                } else {
                    let back = desk.run("--undo");
                    let nothing = at == 0 && fate == Fate::CutBefore;
                    assert_eq!(back.code, Some(0), "{} {context}, {nothing}: {}", server.target, back.err);
                    desk.is("old.sql", &context);
                    desk.has_view(false);
                }
            }
        }
        // And on the way back.
        let desk = Desk::planned(&server, &format!("{OLD}{ROWS}"), NEW, "");
        assert_eq!(desk.run("").code, Some(0));
        let stopped = desk.run_to_its_fate("plan.json --undo", "DROP TABLE `c`", Fate::KilledAfter);
        assert_eq!(stopped.code, None, "{}", stopped.err);
        let back = desk.run("--undo");
        assert_eq!(back.code, Some(0), "{} on the way back: {}", server.target, back.err);
        desk.is("old.sql", "killed on the way back");
        points += 1;
    }
    if points > 0 {
        tell(&format!("run: stopped and gone on with at {points} points"));
    }
}

#[test]
fn a_change_by_somebody_else_in_the_middle_is_named() {
    for server in servers() {
        let desk = Desk::planned(&server, OLD, NEW, "");
        let statements = desk.statements();
        let stopped = desk.run_to_its_fate("plan.json", &statements[1], Fate::KilledBefore);
        assert_eq!(stopped.code, None, "{}", stopped.err);
        desk.sql("ALTER TABLE `z` ADD COLUMN `theirs` int;");
        let on = desk.run("");
        assert_eq!((on.code, on.out.as_str()), (Some(6), ""), "{}", on.err);
        assert!(on.err.contains("table `z` has the column `theirs`, which is not in it"), "{}", on.err);
        desk.sql("ALTER TABLE `z` DROP COLUMN `theirs`;");
        assert_eq!(desk.run("").code, Some(0));
        desk.is("new.sql", "once it is as it was");
    }
}

#[test]
fn a_schema_that_is_another_is_refused_and_named() {
    for server in servers() {
        let desk = Desk::planned(&server, OLD, NEW, "");
        for (there, back, named) in [
            (
                "ALTER TABLE z ADD COLUMN x int",
                "ALTER TABLE z DROP COLUMN x",
                "table `z` has the column `x`, which is not in it",
            ),
            (
                "ALTER TABLE z ADD KEY k (more)",
                "ALTER TABLE z DROP KEY k",
                "table `z` has the key `k`, which is not in it",
            ),
            ("CREATE TABLE extra (id int)", "DROP TABLE extra", "table `extra` is not in it"),
            ("CREATE TABLE e1 (id int); CREATE VIEW e2 AS SELECT 1", "DROP TABLE e1; DROP VIEW e2", "are not in it"),
            (
                "ALTER TABLE a MODIFY n varchar(21)",
                "ALTER TABLE a MODIFY n varchar(20)",
                "table `a` is another than in the plan",
            ),
            (
                "ALTER TABLE z MODIFY more bigint",
                "ALTER TABLE z MODIFY more int",
                "table `z`; or an object that it has is missing here",
            ),
        ] {
            desk.sql(&format!("{there};"));
            let ran = desk.run("");
            refused(&ran, 3, "the schema is not the one that the plan starts from: ");
            assert!(ran.err.contains(named), "{} {there}: {}", server.target, ran.err);
            assert!(!desk.has("plan.json.journal"), "nothing has begun");
            desk.sql(&format!("{back};"));
        }
        assert_eq!(desk.run("").code, Some(0));
    }
}

#[test]
fn exceptions_of_the_configuration_hold_for_single_objects() {
    for server in servers() {
        let table = |name: &str| format!("CREATE TABLE {name} (id int NOT NULL, n int, PRIMARY KEY (id));");
        let old = table("t") + &table("u");
        let desk = Desk::planned(&server, &old, &table("t").replace(", n int", ""), "");
        let config = |exceptions: &str| {
            let allow = "allow: [{hazard: incompatible, reason: no reader}]\nexceptions:\n";
            desk.write("alterplan.yaml", &format!("{allow}{exceptions}"));
        };
        let run =
            || desk.alterplan(&format!("run plan.json --config alterplan.yaml --database {}", desk.scratch.url()));
        config("  - {object: t, hazard: data-loss, reason: moved}\n");
        let half = run();
        let refused = "error: the plan has hazards that nobody allowed: ";
        assert!(half.code == Some(3) && half.err.contains(refused), "{}", half.err);
        assert!(half.err.contains("; excepted: moved\n") && !half.err.contains("and 1 more"), "{}", half.err);
        desk.is("old.sql", "refused");
        config(
            "  - {object: t, hazard: data-loss, reason: moved}\n  - {object: u, hazard: data-loss, reason: x, until: 2020-12-31}\n",
        );
        let expired = run();
        assert!(expired.code == Some(3) && expired.err.contains("was allowed until 2020-12-31"), "{}", expired.err);
        config(
            "  - {object: t, hazard: data-loss, reason: moved}\n  - {object: u, hazard: data-loss, reason: exported}\n",
        );
        assert_eq!(run().code, Some(0));
        desk.is("new.sql", "allowed by exceptions");
    }
}

#[test]
fn hazards_and_probes_stand_before_the_first_statement() {
    for server in servers() {
        let old = "CREATE TABLE t (id int NOT NULL, n int, PRIMARY KEY (id)); CREATE TABLE u (id int NOT NULL, PRIMARY KEY (id));";
        let new = "CREATE TABLE t (id int NOT NULL, n int NOT NULL, PRIMARY KEY (id)); CREATE TABLE w (id int NOT NULL, PRIMARY KEY (id));";
        let desk = Desk::planned(&server, old, new, "");
        desk.sql("INSERT INTO t VALUES (1, NULL);");
        let run = |more: &str| desk.alterplan(&format!("run plan.json --database {} {more}", desk.scratch.url()));
        let none = run("");
        refused(&none, 3, "the plan has hazards that nobody allowed: ");
        assert!(none.err.contains("data-loss"), "{}", none.err);
        let strikes = run(ALLOW);
        refused(&strikes, 3, "the plan has hazards that nobody allowed: ");
        assert!(
            strikes.err.contains("(may-fail)") && strikes.err.contains("the probe finds such rows"),
            "{}",
            strikes.err
        );
        desk.is("old.sql", "refused");
        // Who allows it has it tried: the server refuses the statement, and what ran before it stays.
        let tried = run(&format!("{ALLOW},may-fail"));
        assert!(matches!(tried.code, Some(5 | 6)), "{tried:?}");
        assert!(tried.err.contains(": error 1"), "{}", tried.err);
        desk.sql("UPDATE t SET n = 0;");
        assert_eq!(run(ALLOW).code, Some(0));
        desk.is("new.sql", "once the rows fit");
    }
}

#[test]
fn a_plan_that_names_another_database_is_refused() {
    for server in servers() {
        let desk = Desk::new(&server, "CREATE TABLE t (id int);", "");
        for (name, columns) in [("old.sql", "id int"), ("new.sql", "id int, n int")] {
            desk.write(name, &format!("CREATE DATABASE elsewhere; USE elsewhere; CREATE TABLE t ({columns});"));
        }
        let written = desk.alterplan(&format!("diff old.sql new.sql --target {} -o plan.json", server.target));
        assert_eq!(written.code, Some(0), "{}", written.err);
        refused(&desk.run(""), 3, "the plan's statements go to the database `elsewhere`, and ");
    }
}

#[test]
fn probes_behind_statements_about_rows_look_at_what_those_leave() {
    for server in servers() {
        let old = "CREATE TABLE t (id int NOT NULL, n int, PRIMARY KEY (id));";
        let new = "CREATE TABLE t (id int NOT NULL, n int NOT NULL, PRIMARY KEY (id));";
        let desk = Desk::new(&server, &format!("{old}INSERT INTO t VALUES (1, NULL), (2, 5);"), new);
        let plan = |fill: &str| {
            desk.write("fill.sql", fill);
            let written = desk.alterplan(&format!("diff {} new.sql -o plan.json --data fill.sql", desk.scratch.url()));
            assert_eq!(written.code, Some(0), "{}", written.err);
        };
        let probe = "-- alterplan: probe SELECT 1 FROM t WHERE n = 5\n";
        plan(&format!("{probe}UPDATE t SET n = 0 WHERE n IS NULL;"));
        let ran = desk.run("");
        assert_eq!(ran.code, Some(5), "{}", ran.err);
        assert!(ran.err.contains("step 1 (may-fail): the step's own probe finds a row"), "{}", ran.err);
        desk.is("old.sql", "the step's own probe");
        plan("UPDATE t SET n = 0 WHERE id = 2;");
        let ran = desk.run("");
        assert_eq!(ran.code, Some(6), "{}", ran.err);
        assert!(
            ran.err.contains("speaks against step 2 (may-fail)") && ran.err.contains("1 of 2 steps have run"),
            "{}",
            ran.err
        );
        desk.sql("UPDATE t SET n = 7 WHERE n IS NULL;");
        is(&desk.run("-q"), 0, "ran 1 step; the plan is done\n", "");
        desk.is("new.sql", "once the rows fit");
    }
}

#[test]
fn locks_that_others_hold() {
    for server in servers() {
        let desk = Desk::planned(&server, OLD, NEW, "");
        let mut other = server.connect();
        let name = desk.scratch.name().to_owned();
        let got: Option<i64> = other.query_first(format!("SELECT GET_LOCK('alterplan.{name}', 0)")).expect("a lock");
        assert_eq!(got, Some(1));
        refused(&desk.run(""), 3, &format!("mysql://root@{}/{name}: somebody else holds the lock", server.place()));
        other.query_drop(format!("SELECT RELEASE_LOCK('alterplan.{name}')")).expect("the lock is given back");
        // Somebody reads the table that a step alters, and does not end.
        other.query_drop("START TRANSACTION").expect("a transaction");
        other.query_drop(format!("SELECT * FROM {name}.a")).expect("rows");
        let ran = desk.run("--lock-wait 1");
        assert!(matches!(ran.code, Some(5 | 6)), "{}", ran.err);
        assert!(ran.err.contains("error 1205"), "{}", ran.err);
        other.query_drop("COMMIT").expect("an end");
        let on = desk.run("");
        assert!(on.code == Some(0) && on.out.ends_with("the plan is done\n"), "{on:?}");
        desk.is("new.sql", "once nobody is in the way");
    }
}

#[test]
fn phases_run_one_after_the_other() {
    for server in servers() {
        let old = "CREATE TABLE t (id int NOT NULL, gone int, PRIMARY KEY (id));";
        let new = "CREATE TABLE t (id int NOT NULL, came int, PRIMARY KEY (id));";
        let desk = Desk::planned(&server, old, new, "--policy phases=split");
        refused(&desk.run("--phase contract"), 3, "the expand steps of the plan have not run here");
        let expand = desk.run("--phase expand");
        assert_eq!(expand.code, Some(0), "{}", expand.err);
        let columns = |desk: &mut Desk| desk.scratch.query("SHOW COLUMNS FROM t").expect("columns").len();
        let mut desk = desk;
        assert_eq!(columns(&mut desk), 3, "both are there in between");
        assert_eq!(desk.run("--phase contract").code, Some(0));
        desk.is("new.sql", "after both phases");
        let back = desk.run("--undo");
        refused(&back, 3, "step ");
        assert!(back.err.contains("cannot be taken back"), "{}", back.err);
    }
}

#[test]
fn a_statement_about_rows_that_nobody_answered_for_is_for_a_person() {
    for server in servers() {
        let new = OLD.replace("`more` int", "`more` int, `filled` int");
        let desk = Desk::new(&server, &format!("{OLD}INSERT INTO z VALUES (1, 2);"), &new);
        desk.write("fill.sql", "UPDATE z SET filled = COALESCE(filled, 0) + 1;");
        let written = desk.alterplan(&format!("diff {} new.sql -o plan.json --data fill.sql", desk.scratch.url()));
        assert_eq!(written.code, Some(0), "{}", written.err);
        let sql = "UPDATE z SET filled = COALESCE(filled, 0) + 1";
        assert!(desk.statements().iter().any(|found| found == sql));
        let stopped = desk.run_to_its_fate("plan.json", sql, Fate::KilledAfter);
        assert_eq!(stopped.code, None, "{}", stopped.err);
        let on = desk.run("");
        assert_eq!(on.code, Some(6), "{}", on.err);
        assert!(on.err.contains("it changes data and not the schema, so that the schema cannot tell"), "{}", on.err);
        assert_eq!(desk.run("--settle done").code, Some(0));
        let mut desk = desk;
        assert_eq!(desk.scratch.query("SELECT filled FROM z").expect("a row"), [[Some(b"1".to_vec())]]);
    }
}

const SCRIPT: &str = "-- what a release does
SET @who = 'x';
ALTER TABLE `a` ADD COLUMN `k` int;
START TRANSACTION;
UPDATE `a` SET `k` = COALESCE(`k`, 0) + 7, `n` = @who;
INSERT INTO `z` VALUES (1000, 1);
COMMIT;
DELIMITER //
CREATE PROCEDURE `p`() BEGIN SELECT 1; SELECT 2; END//
DELIMITER ;
/*!40101 CREATE TABLE `q` (`id` int NOT NULL, PRIMARY KEY (`id`)) */;
";

#[test]
fn scripts_run_statement_by_statement() {
    for server in servers() {
        let mut desk = Desk::new(&server, &format!("{OLD}{ROWS}"), NEW);
        desk.write("s.sql", SCRIPT);
        let run = format!("run s.sql --database {} -q", desk.scratch.url());
        // Stopped in its transaction, which the server takes back by itself: no row is changed twice.
        let stopped = desk.run_to_its_fate("s.sql", "INSERT INTO `z` VALUES (1000, 1)", Fate::KilledAfter);
        assert_eq!(stopped.code, None, "{}", stopped.err);
        let on = desk.alterplan(&run);
        assert_eq!(on.code, Some(0), "{}: {}", server.target, on.err);
        let rows = desk
            .scratch
            .query("SELECT MIN(k), MAX(k), MIN(n), (SELECT COUNT(*) FROM z), (SELECT COUNT(*) FROM q) FROM a");
        let cells = [b"7".to_vec(), b"7".to_vec(), b"x".to_vec(), b"1".to_vec(), b"0".to_vec()].map(Some);
        assert_eq!(rows.expect("a row"), [cells]);
        is(&desk.alterplan(&run), 0, "nothing is left to do: 8 of 8 steps have run\n", "");

        desk.write("d.sql", "DROP TABLE q;\nTRUNCATE TABLE z;\n");
        let run = format!("run d.sql --database {} -q", desk.scratch.url());
        let dropped = desk.alterplan(&run);
        refused(&dropped, 3, "the plan has hazards that nobody allowed: step 1 (data-loss): d.sql:1: ");
        assert_eq!(desk.alterplan(&format!("{run} {ALLOW}")).code, Some(0));
        let back = desk.alterplan(&format!("{run} --undo"));
        refused(&back, 3, "step 2 cannot be taken back: the script does not say how");

        for (script, said) in [
            ("source more.sql", "w.sql:1: this is a command of the command-line client, which is not followed"),
            ("\nSET autocommit = 0;", "w.sql:2: without autocommit nobody could tell what an interrupted run has done"),
            ("USE mysql;", "w.sql:1: it goes to the database `mysql`, which --database does not name"),
            ("SELECT 'open", "w.sql:1: "),
        ] {
            desk.write("w.sql", script);
            refused(&desk.alterplan(&format!("run w.sql --database {} -q", desk.scratch.url())), 2, said);
        }
        desk.write("w.sql", "ALTER TABLE nosuch ADD a int;");
        refused(
            &desk.alterplan(&format!("run w.sql --database {} -q", desk.scratch.url())),
            3,
            "the plan has hazards that nobody allowed: step 1 (may-fail): w.sql:1: the server is expected to refuse it: error 1146",
        );
    }
}

#[test]
fn ctrl_c_ends_the_statement_and_says_where_things_stand() {
    for server in servers() {
        let desk = Desk::planned(&server, OLD, NEW, "");
        let mut other = server.connect();
        other.query_drop("START TRANSACTION").expect("a transaction");
        other.query_drop(format!("SELECT * FROM {}.a", desk.scratch.name())).expect("rows");
        let child = desk
            .command(&format!("run plan.json --database {} {ALLOW} --lock-wait 50", desk.scratch.url()))
            .spawn()
            .expect("it starts");
        let waits = format!(
            "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = '{}' AND STATE LIKE 'Waiting for table%'",
            desk.scratch.name()
        );
        let (mut watch, began) = (server.connect(), Instant::now());
        while watch.query_first::<u64, _>(&waits).expect("a count") == Some(0) {
            assert!(began.elapsed() < Duration::from_secs(30), "{} does not wait", server.target);
            std::thread::sleep(Duration::from_millis(20));
        }
        let sent = Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status().expect("a shell");
        assert!(sent.success());
        let ended = ran(child.wait_with_output().expect("it ends"));
        assert_eq!(ended.code, Some(130), "{}", ended.err);
        other.query_drop("COMMIT").expect("an end");
        assert_eq!(desk.run("").code, Some(0));
        desk.is("new.sql", "gone on with");
    }
}

#[test]
fn a_table_that_takes_no_more_instant_changes_is_said() {
    for server in servers().into_iter().filter(|server| server.target.starts_with("mysql")) {
        let desk = Desk::new(&server, "CREATE TABLE `t-1` (id int NOT NULL, PRIMARY KEY (id));", "");
        desk.write("s.sql", "ALTER TABLE `t-1` ADD COLUMN y int;");
        let run = format!("run s.sql --database {} -v", desk.scratch.url());
        let more = "ALTER TABLE `t-1` ADD COLUMN x int, ALGORITHM=INSTANT;\n";
        desk.sql(&format!("{more}ALTER TABLE `t-1` DROP COLUMN x, ALGORITHM=INSTANT;\n").repeat(127));
        let dry = desk.alterplan(&format!("{run} --dry-run"));
        assert!(dry.code == Some(0) && !dry.err.contains("will not be instant"), "{}", dry.err);
        desk.sql(more);
        let ran = desk.alterplan(&run);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let said = "warning: step 1 will not be instant: table `t-1` has had 255 of 255 instant changes of its columns";
        assert!(ran.err.contains(said), "{}", ran.err);
        let sql = format!(
            "SELECT TOTAL_ROW_VERSIONS FROM information_schema.INNODB_TABLES WHERE NAME = '{}/t@002d1'",
            desk.scratch.name()
        );
        assert_eq!(server.connect().query_first::<u32, _>(sql).expect("a row"), Some(0), "it was rebuilt");
    }
}

const WIDE_OLD: &str = "CREATE TABLE `t,1` (`id` int NOT NULL, `n` int NOT NULL, PRIMARY KEY (`id`));";
const WIDE_NEW: &str = "CREATE TABLE `t,1` (`id` int NOT NULL, `n` bigint NOT NULL, PRIMARY KEY (`id`));";

#[test]
fn pt_online_schema_change_rewrites_tables() {
    let is_there = Command::new("pt-online-schema-change").arg("--version").output().is_ok();
    if !is_there {
        assert_ne!(
            std::env::var("ALTERPLAN_REQUIRE_SERVERS").as_deref(),
            Ok("1"),
            "pt-online-schema-change is required"
        );
        return tell("run: pt-online-schema-change is not there (Debian: percona-toolkit)");
    }
    for server in servers().into_iter().filter(|server| server.target == "mariadb:10.11") {
        let mut desk = Desk::planned(&server, WIDE_OLD, WIDE_NEW, "");
        desk.sql("INSERT INTO `t,1` VALUES (1, 10), (2, 20), (3, 30);");
        let dry = desk.run("--via pt-osc --dry-run");
        let said = "\n-- step 1 is handed to pt-online-schema-change:\n--   ALTER TABLE `t,1`\n--     MODIFY COLUMN `n` bigint(20) NOT NULL\n";
        is(&dry, 0, said, "");
        let ran = desk.run("--via pt-osc");
        is(&ran, 0, "ran 1 step; the plan is done\n", "");
        desk.is("new.sql", "rewritten");
        assert_eq!(desk.scratch.query("SELECT SUM(n) FROM `t,1`").expect("rows"), [[Some(b"60".to_vec())]]);
        // It cannot rename keys of others, and says so before anything runs.
        let old =
            format!("{WIDE_OLD}CREATE TABLE k (id int NOT NULL, CONSTRAINT f FOREIGN KEY (id) REFERENCES `t,1` (id));");
        let new =
            format!("{WIDE_NEW}CREATE TABLE k (id int NOT NULL, CONSTRAINT f FOREIGN KEY (id) REFERENCES `t,1` (id));");
        let desk = Desk::planned(&server, &old, &new, "");
        refused(
            &desk.run("--via pt-osc"),
            3,
            "step 1 cannot be handed to pt-online-schema-change: the table has foreign keys",
        );
    }
}

/// Stands in for a tool: writes down what it was called with, and whether the password's file is for its user alone.
const STAND_IN: &str = "#!/bin/sh
[ \"$1\" = --version ] && exit 0
for argument; do
  case $argument in --conf=*) file=${argument#--conf=} ;; esac
  printf '%s\\n' \"$argument\" >>called
done
stat -c %a \"$file\" >mode; cat \"$file\" >conf
echo 'it does nothing' >&2
exit 7
";

#[cfg(unix)]
#[test]
fn gh_ost_is_called_without_the_password() {
    use std::os::unix::fs::PermissionsExt as _;
    for server in servers() {
        let desk = Desk::planned(&server, WIDE_OLD, WIDE_NEW, "");
        desk.write("gh-ost", STAND_IN);
        fs::set_permissions(desk.folder.path().join("gh-ost"), fs::Permissions::from_mode(0o755)).expect("rights");
        let mut conn = server.connect();
        let (user, name) = (format!("ghost{}", std::process::id()), desk.scratch.name().to_owned());
        // An anonymous account of this machine would come before one of all machines.
        for host in ["localhost", "%"] {
            for sql in ["DROP USER IF EXISTS @", "CREATE USER @ IDENTIFIED BY 'se\"cr#t'", "GRANT ALL ON *.* TO @"] {
                conn.query_drop(sql.replace('@', &format!("{user}@'{host}'"))).expect("an account");
            }
        }
        let path = format!("{}:{}", desk.folder.path().display(), std::env::var("PATH").unwrap_or_default());
        let url = format!("mysql://{user}:se%22cr%23t@{}/{name}", server.place());
        let output =
            desk.command(&format!("run plan.json --via gh-ost {ALLOW} --database {url}")).env("PATH", path).output();
        conn.query_drop(format!("DROP USER {user}@'%', {user}@'localhost'")).expect("no account");
        let ran = ran(output.expect("it runs"));
        assert_eq!(ran.code, Some(5), "{}", ran.err);
        assert!(ran.err.contains("gh-ost ended with exit status: 7: it does nothing"), "{}", ran.err);
        let read = |file: &str| fs::read_to_string(desk.folder.path().join(file)).expect("written down");
        let (host, port) = server.place().rsplit_once(':').map(|(h, p)| (h.to_owned(), p.to_owned())).expect("a place");
        // MariaDB prints widths of integers.
        let called = read("called").replace("bigint(20)", "bigint");
        let (conf, rest): (Vec<&str>, Vec<&str>) = called.lines().partition(|line| line.starts_with("--conf="));
        assert_eq!(conf.len(), 1);
        assert_eq!(
            rest,
            [
                "--execute",
                "--allow-on-master",
                "--ok-to-drop-table",
                &format!("--host={host}"),
                &format!("--port={port}"),
                &format!("--database={name}"),
                "--table=t,1",
                "--alter=MODIFY COLUMN `n` bigint NOT NULL",
            ]
        );
        assert_eq!(read("mode"), "600\n");
        assert_eq!(
            read("conf"),
            format!("[client]\nuser=\"{user}\"\npassword=\"se\\\"cr#t\"\nhost=\"{host}\"\nport=\"{port}\"\n")
        );
        assert!(!std::path::Path::new(&conf[0]["--conf=".len()..]).exists(), "the file is gone with the tool");
        desk.is("old.sql", "nothing was rewritten");
    }
}
