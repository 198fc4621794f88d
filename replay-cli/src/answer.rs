//! What a command comes to.

use queue_core::StoreError;
use queue_ops::{Exit, InvalidConfig, shown_error};

/// Why a command could not do what it was asked, and the code that says so.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// What is wrong and what to write instead.
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
        }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(Exit::NotFound, message)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let exit = Exit::of(&error);
        let message = shown_error(&error);
        Self { exit, message }
    }
}

impl From<InvalidConfig> for Failure {
    fn from(error: InvalidConfig) -> Self {
        Self::new(Exit::of_config(&error), error.to_string())
    }
}

/// What a command says, and what the process ends with if it could be said.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) exit: Exit,
    /// Data, for stdout.
    pub(crate) text: Vec<u8>,
    /// Prose, for stderr, after the data.
    pub(crate) notes: Vec<String>,
}

impl Answer {
    pub(crate) fn done(text: impl Into<Vec<u8>>) -> Self {
        Self::with(Exit::Done, text)
    }

    pub(crate) fn with(exit: Exit, text: impl Into<Vec<u8>>) -> Self {
        Self {
            exit,
            text: text.into(),
            notes: Vec::new(),
        }
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}
