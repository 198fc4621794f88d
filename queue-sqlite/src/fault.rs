//! What went wrong inside an operation, before it has the operation's name.

use std::path::Path;
use std::time::Duration;

use queue_core::{InvalidName, StoreError};
use rusqlite::ErrorCode;

/// The result inside operations.
pub(crate) type Result<T> = std::result::Result<T, Fault>;

/// An error without the operation's name.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The library's own.
    Sql(rusqlite::Error),
    /// One that is already what the caller shall see.
    Store(StoreError),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
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

    /// As it is told when a file is opened: with the file's name.
    pub(crate) fn of_file(self, path: &Path) -> Self {
        let damage = match &self {
            Self::Store(StoreError::Corrupt { detail }) => detail.clone(),
            Self::Sql(error) if is_damage(error) => error.to_string(),
            _ => return self,
        };
        Self::corrupt(format!("{}: {damage}", path.display()))
    }

    /// The public error, with what was tried and for how long others were waited for.
    pub(crate) fn named(self, operation: &'static str, waited: Duration) -> StoreError {
        let error = match self {
            Self::Store(error) => return error,
            Self::Sql(error) => error,
        };
        if is_overtaken(&error) {
            return StoreError::refused(
                "the caller's transaction",
                "it read before it wrote, and another process wrote in between",
                "roll it back, and begin it with TransactionBehavior::Immediate",
            );
        }
        if is_busy(&error) {
            return StoreError::Busy {
                operation,
                waited,
                cause: Some(error.into()),
            };
        }
        match error.sqlite_error_code() {
            _ if is_damage(&error) => StoreError::Corrupt {
                detail: error.to_string(),
            },
            // The transaction is rolled back, and the same call may succeed once there is room.
            _ if is_out_of_room(&error) => StoreError::Unavailable {
                operation,
                detail: no_room(&error),
                cause: Some(error.into()),
            },
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::OutOfMemory) => {
                StoreError::Unavailable {
                    operation,
                    detail: error.to_string(),
                    cause: Some(error.into()),
                }
            }
            Some(ErrorCode::ReadOnly) => StoreError::refused(
                "the database file",
                format!("it cannot be written to: {error}"),
                "make the file and its directory writable for this process",
            ),
            _ => StoreError::backend(operation, error),
        }
    }
}

/// Waiting would not help: the transaction looks at what is no longer the newest.
fn is_overtaken(error: &rusqlite::Error) -> bool {
    error
        .sqlite_error()
        .is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_BUSY_SNAPSHOT)
}

/// Nothing more can be written: the disk is full, or the file has reached a limit. SQLite has a word of its own for
/// that only where the system refused the database and its log, and not the index of the log.
pub(crate) fn is_out_of_room(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi;
    error.sqlite_error().is_some_and(|error| {
        matches!(
            error.extended_code,
            ffi::SQLITE_FULL
                | ffi::SQLITE_IOERR_WRITE
                | ffi::SQLITE_IOERR_TRUNCATE
                | ffi::SQLITE_IOERR_SHMOPEN
                | ffi::SQLITE_IOERR_SHMSIZE
        )
    })
}

/// What is said of that.
pub(crate) fn no_room(error: &rusqlite::Error) -> String {
    format!("the disk is full ({error}): make room; nothing was written")
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

impl Fault {
    /// The same fault once more, for the next of many who are told.
    pub(crate) fn repeated(&self) -> Self {
        match self {
            Self::Sql(rusqlite::Error::SqliteFailure(error, text)) => {
                Self::Sql(rusqlite::Error::SqliteFailure(*error, text.clone()))
            }
            Self::Sql(error) => {
                Self::Store(StoreError::backend("the transaction", error.to_string()))
            }
            Self::Store(StoreError::SchemaMismatch { found, supported }) => {
                Self::Store(StoreError::SchemaMismatch {
                    found: *found,
                    supported: *supported,
                })
            }
            Self::Store(StoreError::Corrupt { detail }) => Self::corrupt(detail.clone()),
            Self::Store(StoreError::Refused {
                what,
                problem,
                remedy,
            }) => Self::Store(StoreError::refused(what, problem, remedy)),
            Self::Store(StoreError::Unavailable {
                operation, detail, ..
            }) => Self::Store(StoreError::Unavailable {
                operation,
                detail: detail.clone(),
                cause: None,
            }),
            Self::Store(error) => {
                Self::Store(StoreError::backend("the transaction", error.to_string()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_called_one() {
        let full = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
        let fault = Fault::Sql(rusqlite::Error::SqliteFailure(full, None));
        let error = fault.named("enqueue", Duration::ZERO);
        assert!(error.is_transient(), "there may be room later");
        let told = error.to_string();
        assert!(told.contains("for enqueue: the disk is full"), "{told}");
        assert!(told.contains("make room; nothing was written"), "{told}");
    }

    /// As the system says it of the log's index, and of files that may not grow.
    #[test]
    fn so_it_is_where_sqlite_has_another_word_for_it() {
        use rusqlite::ffi;
        for code in [
            ffi::SQLITE_IOERR_SHMSIZE,
            ffi::SQLITE_IOERR_SHMOPEN,
            ffi::SQLITE_IOERR_WRITE,
        ] {
            let failure = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            let told = Fault::Sql(failure).named("enqueue", Duration::ZERO);
            assert!(told.to_string().contains("the disk is full"), "{told}");
        }
    }
}
