//! A real server: connecting, reading a live schema, executing statements, scratch databases.
//!
//! In: a server's [`Address`] and statements. Out: a live schema as a script that the same preprocessor, syntax and
//! catalog read as any dump ([`read()`]), facts about the server ([`Facts`]), and what became of a statement
//! ([`Connection::execute`]). The room decides nothing: what is compared, and whether a plan may run, is said above it.
//! Reading writes nothing: its session is read only. No password is in any message, name or `Debug` text of this room.

mod address;
mod connection;
mod defaults;
mod error;
mod execute;
mod facts;
mod inventory;
mod privilege;
mod read;
mod scratch;
mod script;

pub use address::{Address, Password, TlsMode};
pub use connection::Connection;
pub use error::{LiveError, Problem};
pub use facts::Facts;
pub use inventory::{Kind, Object};
pub use read::{Progress, Snapshot, read, read_objects};
pub use scratch::Scratch;
