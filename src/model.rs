//! What a schema is: databases, tables and their parts, as a server stores them.
//!
//! The values here are canonical already: the catalog makes them, so comparing two of them is `==`.
//! The room knows nothing of text, of statements or of files; each object only remembers the
//! [`Location`] of the statement that made it, for messages.

pub mod collation;
pub mod column;
pub mod creation;
pub mod data_type;
pub mod expression;
pub mod index;
pub mod partition;
pub mod program;
pub mod query;
pub mod rename;
pub mod schema;
pub mod sequence;
pub mod table;
pub mod view;

pub use crate::source::Location;
pub use collation::{Charset, Collation};
pub use column::{
    CollationClause, Column, ColumnDefinition, ColumnFormat, DefaultValue, Generated, Storage, Unseen, Versioning,
};
pub use creation::{Creation, Parts};
pub use data_type::{DataType, Geometry, Integer, Size};
pub use expression::Expr;
pub use index::{Age, Index, IndexAlgorithm, IndexKind, KeyColumn, KeyPart, Keys};
pub use partition::{
    Partition, PartitionMethod, PartitionOptions, PartitionValues, Partitioning, Rotation, Subpartitioning, SystemTime,
};
pub use program::{Access, Characteristics, Event, EventStatus, Routine, Schedule, Trigger};
pub use query::{Query, Sorting, Window};
pub use schema::{Database, InTurn, Meaning, ObjectKind, Occasion, Ordered, Schema, TextObject, reading_modes};
pub use sequence::Sequence;
pub use table::{
    Check, ForeignKey, OWN_TABLESPACE, OptionKey, Period, ReferentialAction, Table, TableDefinition, TableOptions,
};
pub use view::{Algorithm, CheckOption, Security, View, ViewBody};
