//! Views of a plan, and of a schema: what comes in is complete, what goes out is text.
//!
//! Nothing here can fail, and nothing here decides: phases, hazards, order and SQL are the plan's. The
//! room knows no terminal; whether there are colours is an argument.

pub mod definition;
mod document;
pub mod finding;
mod github;
mod html;
mod markdown;
mod mermaid;
mod patch;
mod relations;
mod sarif;
mod sql;
mod statement;
pub mod style;
mod summary;
mod text;
mod touched;
pub mod width;

pub use document::{json, yaml};
pub use github::{annotations, github};
pub use html::html;
pub use markdown::{COMMENT_AT_MOST, markdown};
pub use patch::patch;
pub use sarif::{log, sarif};
pub use sql::sql;
pub use style::{Look, Style};
pub use summary::summary;
pub use text::text;

#[cfg(test)]
mod tests;
