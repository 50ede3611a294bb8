//! Why a command ends early, and with which exit code.

use alterplan::bundle::BundleError;
use alterplan::input::InputError;
use alterplan::live::LiveError;

use super::Exit;

/// The end of a run.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    /// What the message is about, one line each.
    pub(crate) details: Vec<String>,
    pub(crate) help: Option<String>,
}

impl Failure {
    /// The input or the call is wrong.
    pub(crate) fn wrong(message: impl Into<String>) -> Self {
        Self { exit: Exit::Wrong, message: message.into(), details: Vec::new(), help: None }
    }

    /// The same with another exit code.
    pub(crate) fn exit(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }

    /// The same with what it is about, one line each.
    pub(crate) fn details(self, details: impl IntoIterator<Item = String>) -> Self {
        Self { details: details.into_iter().collect(), ..self }
    }

    /// The same with what to do next.
    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

impl From<LiveError> for Failure {
    fn from(error: LiveError) -> Self {
        let failure = Self::wrong(error.to_string());
        match error.help() {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}

impl From<InputError> for Failure {
    fn from(error: InputError) -> Self {
        let failure = Self::wrong(error.to_string());
        match error.help() {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}

impl From<BundleError> for Failure {
    fn from(error: BundleError) -> Self {
        let exit = if error.is_refusal() { Exit::Refused } else { Exit::Wrong };
        let failure = Self::wrong(error.to_string()).exit(exit);
        match error.help() {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}
