//! `alterplan fmt`.

use crate::desk::{Desk, run, snapshot};

#[test]
fn fmt_and_check() {
    let desk = Desk::new();
    let canonical = desk.run("fmt new.sql");
    assert_eq!((canonical.code, canonical.err.as_str()), (0, ""));
    snapshot("fmt", &canonical.out);
    desk.write("canonical.sql", &canonical.out);
    assert_eq!(desk.run("fmt canonical.sql"), canonical);
    assert_eq!(desk.run("fmt canonical.sql --check"), run(0, "", ""));
    assert_eq!(desk.run("fmt new.sql --check"), run(1, "would change: table users (new.sql:1)\n", ""));
}
