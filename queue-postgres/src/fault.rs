//! What went wrong inside an operation, before it has the operation's name.

use std::fmt;
use std::io::ErrorKind;
use std::time::Duration;

use queue_core::{InvalidName, StoreError};
use sqlx::postgres::PgDatabaseError;

/// The result inside operations.
pub(crate) type Result<T> = std::result::Result<T, Fault>;

/// An error without the operation's name.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The driver's.
    Sql(sqlx::Error),
    /// One that is already what the caller shall see.
    Store(StoreError),
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<InvalidName> for Fault {
    fn from(error: InvalidName) -> Self {
        Self::corrupt(format!("a stored name is not one: {error}"))
    }
}

impl Fault {
    /// What is stored cannot be right.
    pub(crate) fn corrupt(detail: impl Into<String>) -> Self {
        Self::Store(StoreError::Corrupt {
            detail: detail.into(),
        })
    }

    /// The server's five characters for what happened.
    pub(crate) fn code(&self) -> Option<String> {
        match self {
            Self::Sql(sqlx::Error::Database(error)) => {
                error.code().map(std::borrow::Cow::into_owned)
            }
            _ => None,
        }
    }

    /// Whether the transaction was rolled back for the sake of another one, so that the same may
    /// well succeed now.
    pub(crate) fn is_conflict(&self) -> bool {
        matches!(self.code().as_deref(), Some("40001" | "40P01"))
    }

    /// Whether the connection cannot be used any more.
    pub(crate) fn is_broken(&self) -> bool {
        match self {
            Self::Store(_) => false,
            Self::Sql(sqlx::Error::Database(_)) => {
                self.code().as_deref().is_some_and(is_disconnection)
            }
            Self::Sql(error) => is_io(error),
        }
    }

    /// Whether the connection was closed before the statement was even written to it: it was idle
    /// when the server went away, and nothing can have been carried out.
    pub(crate) fn was_never_sent(&self) -> bool {
        matches!(self, Self::Sql(sqlx::Error::Io(error)) if error.kind() == ErrorKind::BrokenPipe)
    }

    /// Whether there is no such schema, table, column or function: it may be of another version.
    pub(crate) fn is_about_schema(&self) -> bool {
        matches!(
            self.code().as_deref(),
            Some("3F000" | "42P01" | "42703" | "42883")
        )
    }

    /// The public error, with what was tried and for how long.
    pub(crate) fn named(self, operation: &'static str, waited: Duration) -> StoreError {
        let code = self.code();
        let error = match self {
            Self::Store(error) => return error,
            Self::Sql(error) => error,
        };
        match code.as_deref() {
            Some("40001" | "40P01" | "55P03" | "53300" | "53400") => StoreError::Busy {
                operation,
                waited,
                cause: Some(error.into()),
            },
            Some("25006") => standby(),
            // No such prepared statement, or one of that name already.
            Some("26000" | "42P05") => StoreError::refused(
                "the connection",
                format!("no statement stays prepared on it ({})", words(&error)),
                "pass prepared=false: a pooler in transaction mode is in between",
            ),
            Some("25P02") => StoreError::refused(
                "the caller's transaction",
                "a statement in it has failed",
                "roll it back",
            ),
            Some("XX001" | "XX002") => StoreError::Corrupt {
                detail: words(&error),
            },
            Some(code) if is_disconnection(code) || is_exhaustion(code) => {
                unavailable(operation, error)
            }
            None if is_io(&error) => unavailable(operation, error),
            _ => StoreError::backend(operation, Told(error)),
        }
    }
}

/// What the driver or the server says. The server's words come without the line of its source that
/// the driver appends, and with its hint.
pub(crate) fn words(error: &sqlx::Error) -> String {
    let sqlx::Error::Database(database) = error else {
        return error.to_string();
    };
    let hint = database
        .try_downcast_ref::<PgDatabaseError>()
        .and_then(PgDatabaseError::hint);
    match hint {
        Some(hint) => format!("{}: {hint}", database.message()),
        None => database.message().to_owned(),
    }
}

/// An error in those words.
#[derive(Debug)]
struct Told(sqlx::Error);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&words(&self.0))
    }
}

impl std::error::Error for Told {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// The server goes down, comes up, or ended the connection.
fn is_disconnection(code: &str) -> bool {
    code.starts_with("08") || matches!(code, "57P01" | "57P02" | "57P03" | "57P05")
}

/// Disk or memory ran out; there may be some again.
fn is_exhaustion(code: &str) -> bool {
    matches!(code, "53000" | "53100" | "53200" | "58030")
}

fn is_io(error: &sqlx::Error) -> bool {
    matches!(
        error,
        sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed
    )
}

fn unavailable(operation: &'static str, error: sqlx::Error) -> StoreError {
    StoreError::Unavailable {
        operation,
        detail: words(&error),
        cause: Some(error.into()),
    }
}

/// What a server that only reads is answered with.
pub(crate) fn standby() -> StoreError {
    StoreError::refused(
        "the database",
        "it is a standby, or read-only for this user",
        "connect to the primary; with several hosts, give the one that takes writes",
    )
}
