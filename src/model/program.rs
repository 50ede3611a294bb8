//! Triggers, stored routines and events. Their bodies are text, as the server keeps them.

use super::Security;
use crate::ident::Ident;

/// A trigger; its table stands with the object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trigger {
    /// `BEFORE` or `AFTER`.
    pub timing: &'static str,
    /// `INSERT`, `UPDATE` or `DELETE`.
    pub event: &'static str,
    /// `FOLLOWS t` or `PRECEDES t`: said when it is made, and not kept with it.
    pub order: Option<(&'static str, Ident)>,
    /// What stands between the account and the body, where the server keeps it as written (MariaDB).
    pub written: Option<Box<str>>,
    /// What it does.
    pub body: Box<str>,
}

/// A function or a procedure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Routine {
    /// Whether it is `AGGREGATE`.
    pub aggregate: bool,
    /// What stands in its parentheses, as the server keeps it.
    pub parameters: Box<str>,
    /// The same with each type as the server stores it, for comparing.
    pub parameter_types: Box<str>,
    /// The type of a function's result.
    pub returns: Option<Box<str>>,
    /// Whether it is written as in PL/SQL (`sql_mode=ORACLE` of MariaDB).
    pub oracle: bool,
    /// What stands between them and the body.
    pub characteristics: Characteristics,
    /// What it does.
    pub body: Box<str>,
}

/// What a routine says of itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Characteristics {
    /// How it uses data.
    pub access: Access,
    /// `DETERMINISTIC`
    pub deterministic: bool,
    /// `SQL SECURITY`
    pub security: Security,
    /// `COMMENT`
    pub comment: Box<str>,
}

/// How a routine uses data.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Access {
    /// It neither reads nor writes tables; what is not said means this.
    #[default]
    ContainsSql,
    /// It has no SQL.
    NoSql,
    /// It reads tables.
    ReadsSqlData,
    /// It writes tables.
    ModifiesSqlData,
}

impl Access {
    /// Its words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::ContainsSql => "CONTAINS SQL",
            Self::NoSql => "NO SQL",
            Self::ReadsSqlData => "READS SQL DATA",
            Self::ModifiesSqlData => "MODIFIES SQL DATA",
        }
    }
}

/// An event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// When it happens.
    pub schedule: Schedule,
    /// `ON COMPLETION PRESERVE`
    pub preserve: bool,
    /// Whether it happens at all.
    pub status: EventStatus,
    /// `COMMENT`
    pub comment: Box<str>,
    /// What it does.
    pub body: Box<str>,
}

impl Event {
    /// Whether two events are the same. Where one does not say when it starts, it starts when it is made, and that is no
    /// difference.
    pub fn agrees(&self, other: &Self) -> bool {
        let started = |event: &Self| matches!(&event.schedule, Schedule::Every { starts: Some(_), .. });
        if started(self) == started(other) {
            return self == other;
        }
        self.unstarted() == other.unstarted()
    }

    fn unstarted(&self) -> Self {
        let mut event = self.clone();
        if let Schedule::Every { starts, .. } = &mut event.schedule {
            *starts = None;
        }
        event
    }
}

/// When an event happens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Schedule {
    /// Once.
    At(Box<str>),
    /// Again and again.
    Every {
        /// How many units pass.
        interval: Box<str>,
        /// Of what.
        unit: &'static str,
        /// From when; not said, from when it is made.
        starts: Option<Box<str>>,
        /// Until when.
        ends: Option<Box<str>>,
    },
}

/// Whether an event happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum EventStatus {
    /// `ENABLE`
    #[default]
    Enabled,
    /// `DISABLE`
    Disabled,
    /// `DISABLE ON REPLICA`
    DisabledOnReplica,
}
