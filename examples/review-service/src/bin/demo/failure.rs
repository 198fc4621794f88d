//! Why there is no demonstration, or none to its end.

use std::fmt;
use std::io::{self, ErrorKind};

use queue_core::StoreError;
use queue_ops::{Exit, shown_error};
use review_service::config::InvalidServiceConfig;

/// What somebody can do something about: what is wrong, and what to write instead.
#[derive(Debug)]
pub(crate) struct Refusal {
    exit: Exit,
    problem: String,
}

impl Refusal {
    pub(crate) fn new(exit: Exit, problem: impl fmt::Display) -> Self {
        Self {
            exit,
            problem: problem.to_string(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for Refusal {}

/// What the process ends with for it.
pub(crate) fn exit(error: &anyhow::Error) -> Exit {
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        return refusal.exit;
    }
    if let Some(error) = error.downcast_ref::<StoreError>() {
        return Exit::of(error);
    }
    if let Some(error) = error.downcast_ref::<InvalidServiceConfig>() {
        return error.exit();
    }
    match error.downcast_ref::<io::Error>().map(io::Error::kind) {
        Some(kind) if is_of_the_disk(kind) => Exit::Output,
        _ => Exit::Internal,
    }
}

/// All that the demonstration writes is in its folder.
fn is_of_the_disk(kind: ErrorKind) -> bool {
    use ErrorKind as Kind;
    matches!(
        kind,
        Kind::StorageFull
            | Kind::QuotaExceeded
            | Kind::ReadOnlyFilesystem
            | Kind::PermissionDenied
            | Kind::NotADirectory
            | Kind::AlreadyExists
    )
}

/// As somebody reads it who wanted to see the demonstration.
pub(crate) fn told(error: &anyhow::Error) -> String {
    match error.downcast_ref::<StoreError>() {
        Some(error) => shown_error(error),
        None => format!("{error:#}"),
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn it_ends_with_what_is_behind_it() {
        let full: anyhow::Result<()> = Err(io::Error::from(ErrorKind::StorageFull)).context("x");
        let away = StoreError::SchemaMismatch {
            found: 1,
            supported: 2,
        };
        let away: anyhow::Result<()> = Err(away).context("the database's schema");
        for (error, code) in [
            (full.unwrap_err(), 74),
            (away.unwrap_err(), 76),
            (Refusal::new(Exit::Refused, "not now").into(), 4),
            (anyhow::anyhow!("anything else"), 70),
        ] {
            assert_eq!(exit(&error).code(), code, "{error:#}");
        }
    }
}
