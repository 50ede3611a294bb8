//! What can go wrong with reading, and what to do about it.

use std::borrow::Cow;
use std::{fmt, io};

use super::GitProblem;
use crate::live::LiveError;

/// Why a place could not be read.
#[derive(Debug)]
pub enum InputError {
    /// The operating system refused.
    Io {
        /// The path, or `<stdin>`.
        path: String,
        /// What it said.
        why: io::Error,
    },
    /// It begins as gzip does, and does not go on so.
    Gzip {
        /// The path.
        path: String,
        /// What the decoder said.
        why: io::Error,
    },
    /// A folder without any file that counts.
    NoFiles {
        /// The folder.
        path: String,
    },
    /// A kind of source that is not known.
    UnknownScheme {
        /// Its first word. The rest may hold a password.
        scheme: String,
    },
    /// Something could not be read from a git repository.
    Git {
        /// What was asked for.
        place: String,
        /// Why.
        problem: GitProblem,
    },
    /// A live server could not be read.
    Server(LiveError),
}

impl From<LiveError> for InputError {
    fn from(error: LiveError) -> Self {
        Self::Server(error)
    }
}

/// What a source can be.
const SOURCES: &str =
    "a source is a file, a folder of *.sql files, `-` for standard input, `git:REV:PATH`, `mysql://…`, or `empty:`";

impl InputError {
    /// What to do next.
    pub fn help(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Io { why, .. } if why.kind() == io::ErrorKind::NotFound => Some(SOURCES.into()),
            Self::Io { .. } => None,
            Self::Gzip { .. } => Some("the file may be cut off: copy it again, or try `gzip --test`".into()),
            Self::NoFiles { .. } => Some("`empty:` stands for an empty schema".into()),
            Self::UnknownScheme { .. } => Some(SOURCES.into()),
            Self::Git { problem, .. } => git_help(problem).map(Cow::Borrowed),
            Self::Server(error) => error.help().map(Cow::Owned),
        }
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, why } => write!(f, "cannot read `{path}`: {}", reason(why)),
            Self::Gzip { path, why } => write!(f, "cannot unpack `{path}`: {}", reason(why)),
            Self::NoFiles { path } => write!(f, "no *.sql or *.sql.gz file below `{path}`"),
            Self::UnknownScheme { scheme } => write!(f, "`{scheme}:` is not a kind of source that can be read"),
            Self::Git { place, problem } => write!(f, "cannot read `{place}`: {problem}"),
            Self::Server(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for InputError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { why, .. } | Self::Gzip { why, .. } => Some(why),
            Self::NoFiles { .. } | Self::UnknownScheme { .. } | Self::Git { .. } => None,
            Self::Server(error) => Some(error),
        }
    }
}

fn git_help(problem: &GitProblem) -> Option<&'static str> {
    match problem {
        GitProblem::NoPath(_) => Some("a path is from the top of the repository, unless it begins with `./`"),
        GitProblem::NoRevision(_) => {
            Some("a shallow clone has few of them: `git fetch --unshallow`, or `fetch-depth: 0`")
        }
        GitProblem::Malformed => Some("as in `git:HEAD:schema.sql` or `git:origin/main:db/schema`"),
        GitProblem::Option
        | GitProblem::NoGit
        | GitProblem::NoRepository
        | GitProblem::Link
        | GitProblem::Unmerged(_)
        | GitProblem::Kind(_)
        | GitProblem::Failed(_) => None,
    }
}

/// The system's words in lower case and without its number: `no such file or directory`.
pub fn reason(why: &io::Error) -> String {
    let text = why.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    let second_is_lower = text.chars().nth(1).is_some_and(char::is_lowercase);
    match chars.next() {
        Some(first) if second_is_lower => first.to_lowercase().chain(chars).collect(),
        Some(_) | None => text.to_owned(),
    }
}
