//! `run` on real servers: to the end, stopped at every statement and gone on with, taken back, refused.

#[path = "run_plan/desk.rs"]
mod desk;
#[path = "run_plan/ordinary.rs"]
mod ordinary;
#[path = "run_plan/proxy.rs"]
mod proxy;
#[path = "run_plan/refused.rs"]
mod refused;
#[path = "run_plan/scripts.rs"]
mod scripts;
#[path = "support/servers.rs"]
pub mod servers;
#[path = "run_plan/stopped.rs"]
mod stopped;
#[path = "run_plan/tools.rs"]
mod tools;
