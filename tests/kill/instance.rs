//! A server of a test's own, which it may kill: an instance of what `tests/run` has unpacked, in a folder and on a port of
//! its own, gone with the test.

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::servers::{Server, tell};

/// The roots that hold a server, by the name that `tests/run` gives them.
const KINDS: [(&str, &str, &str); 2] =
    [("mariadb1011", "mariadb:10.11", "mariadbd"), ("mysql97", "mysql:9.7", "mysqld")];

pub(crate) struct Instance {
    target: &'static str,
    program: &'static str,
    root: PathBuf,
    data: TempDir,
    port: u16,
    child: Mutex<Option<Child>>,
}

impl Instance {
    /// One of each kind that there is, up to so many: below `ALTERPLAN_TEST_ROOTS`, for who may change the root of a process.
    pub(crate) fn all(most: usize) -> Vec<Self> {
        let Some(roots) = std::env::var_os("ALTERPLAN_TEST_ROOTS").map(PathBuf::from) else {
            tell("crash: no server was killed (tests/run sets ALTERPLAN_TEST_ROOTS)");
            return Vec::new();
        };
        let may_chroot = Command::new("chroot").args(["/", "/bin/true"]).status().is_ok_and(|status| status.success());
        if !may_chroot {
            tell("crash: no server was killed (that needs root)");
            return Vec::new();
        }
        let there = KINDS.into_iter().filter(|(name, ..)| roots.join(name).join("srv/pristine").is_dir());
        there.take(most).map(|(name, target, program)| Self::new(&roots.join(name), target, program)).collect()
    }

    fn new(root: &Path, target: &'static str, program: &'static str) -> Self {
        let data = tempfile::Builder::new().prefix("test-").tempdir_in(root.join("srv")).expect("a folder");
        let copied = Command::new("cp").arg("-a").arg(root.join("srv/pristine/.")).arg(data.path()).status();
        assert!(copied.is_ok_and(|status| status.success()), "the data is copied");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
        let instance = Self { target, program, root: root.to_owned(), data, port, child: Mutex::new(None) };
        instance.start();
        instance
    }

    pub(crate) fn server(&self) -> Server {
        Server::local(self.target, self.port)
    }

    /// Kills the server as a lack of memory would, and starts it again.
    pub(crate) fn kill_and_start(&self) {
        self.kill();
        self.start();
    }

    fn kill(&self) {
        if let Some(mut child) = self.child.lock().expect("nobody panics with it").take() {
            // It is gone in any case.
            let _ = child.kill().and_then(|()| child.wait());
        }
    }

    fn start(&self) {
        let inside = Path::new("/").join(self.data.path().strip_prefix(&self.root).expect("it is below"));
        let log = self.data.path().with_extension("log");
        let mut command = Command::new("chroot");
        command.arg(&self.root).arg(self.program).args(["--no-defaults", "--user=root", "--bind-address=127.0.0.1"]);
        command.arg(format!("--datadir={}", inside.display())).arg(format!("--socket={}/sock", inside.display()));
        command.arg(format!("--pid-file={}/pid", inside.display())).arg(format!("--port={}", self.port));
        // What it has written survives a kill, for the system has it: only a power loss would take it.
        command.args(["--skip-log-bin", "--innodb-buffer-pool-size=64M", "--innodb-flush-method=nosync"]);
        match self.program {
            "mysqld" => command.args(["--mysqlx=OFF", "--secure-file-priv=", "--innodb-redo-log-capacity=32M"]),
            _ => command.arg("--debug-no-sync"),
        };
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("TZ", "UTC").process_group(0);
        let output = fs::File::create(&log).expect("a log");
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(output).spawn().expect("it starts");
        *self.child.lock().expect("nobody panics with it") = Some(child);
        let until = Instant::now() + Duration::from_secs(60);
        // An open port could be another's: the log tells.
        while !fs::read_to_string(&log).unwrap_or_default().contains("ready for connections") {
            assert!(Instant::now() < until, "{}", fs::read_to_string(&log).unwrap_or_default());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.kill();
        // What stays is removed with the cache.
        let _ = fs::remove_file(self.data.path().with_extension("log"));
    }
}
