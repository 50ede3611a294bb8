//! alterplan
pub mod canonical;
pub mod catalog;
pub mod compare;
pub mod diff;
pub mod document;
pub mod ident;
#[cfg(feature = "cli")]
pub mod input;
pub mod model;
pub mod plan;
pub mod preprocess;
pub mod proof;
pub mod render;
pub mod source;
pub mod syntax;
pub mod target;

pub use compare::{compare, load, load_pair};
