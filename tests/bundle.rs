//! Bundles as the library makes and opens them: the same bytes for the same trees, everything back after unpacking, and
//! nothing believed that was not signed.

#[path = "bundle/forge.rs"]
mod forge;
#[path = "bundle/trees.rs"]
mod trees;

#[path = "bundle/building.rs"]
mod building;
#[path = "bundle/commands.rs"]
mod commands;
#[path = "bundle/documents.rs"]
mod documents;
#[path = "bundle/fuzzing.rs"]
mod fuzzing;
#[path = "bundle/hostile.rs"]
mod hostile;
#[path = "bundle/minisign.rs"]
mod minisign;
#[path = "bundle/releases.rs"]
mod releases;
#[path = "bundle/trusting.rs"]
mod trusting;
#[path = "bundle/unpacking.rs"]
mod unpacking;
#[path = "bundle/valid.rs"]
mod valid;
