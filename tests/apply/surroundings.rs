//! What is around an installation: a clock that is set back, a folder of it that is another disk.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Desk, GONE, Ran, ran};

/// A clock that stands at the ninth of September 2001, whatever the system's says.
const CLOCK: &str = "#define _GNU_SOURCE\n#include <sys/syscall.h>\n#include <time.h>\n#include <unistd.h>\n\
    int clock_gettime(clockid_t id, struct timespec *at) {\n\
      long result = syscall(SYS_clock_gettime, id, at);\n\
      if (result == 0 && id == CLOCK_REALTIME) at->tv_sec = 1000000000;\n\
      return result;\n}\n";

#[test]
fn a_clock_that_is_set_back_decides_nothing() {
    let desk = Desk::new();
    desk.write("clock.c", CLOCK);
    let clock = desk.path("clock.so");
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&clock).arg(desk.path("clock.c")).status();
    assert!(compiled.expect("cc, which Rust needs as well").success());
    let in_2001 = |arguments: &str| {
        let output = desk.command(arguments).env("LD_PRELOAD", &clock).output().expect("it runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Ran { code: output.status.code().expect("an exit"), out: text(output.stdout), err: text(output.stderr) }
    };
    // Killed today, recovered in 2001.
    desk.write("config.yaml", "hooks: {pre: 'sleep 3'}");
    let mut killed = desk.start("two", "--config config.yaml");
    let until = Instant::now() + Duration::from_secs(20);
    while !desk.read("root/.alterplan/journal").contains("\"hook\"") && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(5));
    }
    killed.kill().and_then(|()| killed.wait().map(drop)).expect("it ends");
    let recovered = in_2001("recover --root root");
    assert_eq!((recovered.code, recovered.out.as_str()), (0, "what was interrupted is undone\n"), "{}", recovered.err);
    desk.is_old();
    ran(&desk.apply("two", ""), 0, "version 1.0.0.1 is installed\n", "");
    let three = format!("apply three.bundle --root root --trust {}", desk.public);
    ran(&in_2001(&three), 0, "version 1.0.0.2 is installed (it was 1.0.0.1)\n", "");
    desk.is("three", "a2", GONE, "c2");
    ran(&in_2001("rollback --root root"), 0, "rolled back to version 1.0.0.1\n", "");
    ran(&desk.run("rollback --root root"), 0, "rolled back to version 1.0.0\n", "");
    desk.is_old();
    let status = desk.run("status --root root");
    assert_eq!(status.code, 0, "{}", status.err);
    assert_eq!(status.out.matches("2001-09-09").count(), 3, "{}", status.out);
}

#[test]
fn a_folder_that_is_another_disk_is_refused_and_nothing_changes() {
    let desk = Desk::new();
    let script = "cp -a root/lib lib && mount -t tmpfs none root/lib && cp -a lib/. root/lib && \"$0\" \"$@\"; code=$?; \
                  cat root/app root/lib/a root/lib/b; exit $code";
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", script, env!("CARGO_BIN_EXE_alterplan"), "apply", "two.bundle", "--root", "root"]);
    command.args(["--trust", &desk.public]).current_dir(desk.folder.path());
    let may_mount = || {
        let mut mount = Command::new("unshare");
        mount.args(["-m", "mount", "-t", "tmpfs", "none", "/mnt"]).stderr(Stdio::null());
        mount.status().is_ok_and(|status| status.success())
    };
    if !may_mount() {
        crate::tell("apply: no other disk was mounted (that needs root)");
        return;
    }
    let output = command.output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(3), "onea1b1"), "{}", text(&output.stderr));
    let first = text(&output.stderr).lines().next().unwrap_or_default().to_owned();
    assert!(first.contains("another filesystem is mounted there"), "{first}");
    desk.is_old();
}
