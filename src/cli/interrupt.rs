//! Ctrl-C while a server works for us: the statement is ended there, and what was begun is put away.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use alterplan::live::{Address, Connection};

use super::Exit;
use super::failure::Failure;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// The connection whose statement is to be ended.
static WORKS: Mutex<Option<(Address, u32)>> = Mutex::new(None);

/// From here on Ctrl-C, SIGTERM and SIGHUP end the statement of the connection that was told to [`watch`], and no process.
pub(crate) fn take_over() -> Result<(), Failure> {
    ctrlc::set_handler(|| {
        INTERRUPTED.store(true, Ordering::SeqCst);
        let works = WORKS.lock().map(|works| works.clone()).unwrap_or_default();
        if let Some((address, id)) = works {
            // Where the server does not listen, the statement goes on to its end, and the work stops behind it.
            let _ = Connection::writer(&address).and_then(|mut connection| connection.cancel(id));
        }
    })
    .map_err(|why| Failure::wrong(format!("cannot wait for Ctrl-C: {why}")))
}

/// Names the connection that works now.
pub(crate) fn watch(connection: &Connection) {
    watch_number(connection.address(), connection.id());
}

/// Names the connection that works now by its number.
pub(crate) fn watch_number(address: &Address, id: u32) {
    if let Ok(mut works) = WORKS.lock() {
        *works = Some((address.of_databases(Vec::new()), id));
    }
}

/// Whether the user wants an end.
pub(crate) fn is_wanted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// Ends the run where the user wants that.
pub(crate) fn check() -> Result<(), Failure> {
    if is_wanted() { Err(Failure::wrong("interrupted").exit(Exit::Interrupted)) } else { Ok(()) }
}
