//! What processes end with.

use std::process::ExitCode;

use queue_core::StoreError;

use crate::InvalidConfig;

/// The exit codes of all binaries. From 64 to 78 they are those of sysexits.h, from 130 on those of shells.
///
/// ```
/// use queue_core::StoreError;
/// use queue_ops::Exit;
/// let error = StoreError::SchemaMismatch { found: 3, supported: 5 };
/// assert_eq!(Exit::of(&error), Exit::Schema);
/// assert_eq!(Exit::Schema.code(), 76);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[non_exhaustive]
pub enum Exit {
    /// Done; a document was accepted.
    Done = 0,
    /// A document was rejected.
    Rejected = 2,
    /// What was asked for is not there.
    NotFound = 3,
    /// It is there, and what was asked is not possible with it as it is.
    Refused = 4,
    /// Of several changes some were made.
    Partly = 5,
    /// It was looked for what is wrong, and something is.
    Findings = 6,
    /// It was looked for what is wrong, and what is can lose jobs or stop the queue.
    Danger = 7,
    /// The command line is not one.
    Usage = 64,
    /// What was given as data is not valid.
    Data = 65,
    /// A file cannot be read.
    Input = 66,
    /// The database does not answer.
    Unavailable = 69,
    /// Leasehold is at fault.
    Internal = 70,
    /// The output cannot be written.
    Output = 74,
    /// The schema is of another version.
    Schema = 76,
    /// The configuration, or the database that it names, is not one to work with.
    Config = 78,
    /// SIGINT.
    Interrupted = 130,
    /// SIGTERM.
    Terminated = 143,
}

impl Exit {
    /// Every code, in order.
    pub const ALL: [Self; 17] = [
        Self::Done,
        Self::Rejected,
        Self::NotFound,
        Self::Refused,
        Self::Partly,
        Self::Findings,
        Self::Danger,
        Self::Usage,
        Self::Data,
        Self::Input,
        Self::Unavailable,
        Self::Internal,
        Self::Output,
        Self::Schema,
        Self::Config,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// When a process ends with it, in a line.
    #[must_use]
    pub const fn when(self) -> &'static str {
        match self {
            Self::Done => {
                "done, or in a dry run would be; a document was accepted, with or without repairs"
            }
            Self::Rejected => "the document was rejected",
            Self::NotFound => "there is nothing of that id or name",
            Self::Refused => "not possible in the state that it is in; nothing was changed",
            Self::Partly => {
                "of several changes some were made, or would be; the output says which were not"
            }
            Self::Findings => "a check found something",
            Self::Danger => "`doctor` found what can lose accepted jobs, or stops the queue",
            Self::Usage => "the command line is not valid, or there is no such reason code",
            Self::Data => {
                "a document, a contract or a context is not valid, or the database is damaged"
            }
            Self::Input => "a file cannot be read",
            Self::Unavailable => {
                "the database does not answer, is busy, or failed at what was asked"
            }
            Self::Internal => "an internal error: please report it",
            Self::Output => "the output cannot be written; a closed pipe is no error",
            Self::Schema => "the schema is missing, or of another version than this program's",
            Self::Config => {
                "the configuration is not valid, or the database is not one to work with"
            }
            Self::Interrupted => "interrupted (SIGINT)",
            Self::Terminated => "terminated (SIGTERM)",
        }
    }

    /// All of them, as they stand below the help.
    #[must_use]
    pub fn table() -> String {
        let rows = Self::ALL
            .iter()
            .map(|exit| format!("\n  {:>3}  {}", exit.code(), exit.when()));
        format!("Exit codes:{}", rows.collect::<String>())
    }

    /// What a configuration that is none ends a process with.
    #[must_use]
    pub fn of_config(error: &InvalidConfig) -> Self {
        match error {
            InvalidConfig::Unreadable { .. } => Self::Input,
            _ => Self::Config,
        }
    }

    /// What an error of a store ends a process with.
    #[must_use]
    pub fn of(error: &StoreError) -> Self {
        match error {
            StoreError::SchemaMismatch { .. } => Self::Schema,
            StoreError::Refused { .. } => Self::Config,
            StoreError::Corrupt { .. } => Self::Data,
            StoreError::Invalid(_) => Self::Usage,
            StoreError::ForeignLease { .. } | StoreError::ForeignDelivery { .. } => Self::Internal,
            // Busy, Unavailable, Closed, Backend, and what comes to be later: it is the database that
            // could not.
            _ => Self::Unavailable,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_listed_once_and_in_order() {
        assert!(Exit::ALL.is_sorted_by(|one, next| one.code() < next.code()));
        assert_eq!(Exit::table().lines().count(), Exit::ALL.len() + 1);
    }

    #[test]
    fn the_page_of_the_command_line_has_them() {
        let row = |exit: &Exit| format!("| {} | {} |\n", exit.code(), exit.when());
        let rows: String = Exit::ALL.iter().map(row).collect();
        let table = format!("| | |\n|---|---|\n{rows}");
        fixtures::examples::compare_part("docs/reference/cli.md", "exit codes", &table);
    }
}
