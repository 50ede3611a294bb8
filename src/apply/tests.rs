//! The transaction on a disk that is killed, refuses and forgets, and on a database that loses its connection.

mod crash;
mod sim;
mod world;
