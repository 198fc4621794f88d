//! The whole trail of a database, record by record.

use queue_core::channel::{SecretSource, SecretUnavailable};
use queue_core::{AuditFault, AuditRecord, AuditReport, AuditVerifier, Checkpoint, Seal, Store};
use queue_ops::archive::{ArchiveError, trail};
use queue_ops::{AuditKey, Exit, InvalidAuditKey};

use crate::answer::Failure;

/// Goes along the trail from a record on to its end.
pub(super) async fn each(
    store: &dyn Store,
    first: i64,
    mut take: impl FnMut(AuditRecord) -> Result<(), Failure>,
) -> Result<(), Failure> {
    trail::each(store, first, |record| take(record).map(|()| true)).await
}

/// A trail in which something is wrong is neither exported as if it were whole nor signed.
pub(super) fn broken(fault: &AuditFault) -> Failure {
    ArchiveError::Broken(fault.clone()).into()
}

/// The end of a chain that was verified, signed.
pub(super) async fn signed(
    store: &dyn Store,
    report: &AuditReport,
    key: &AuditKey,
) -> Result<Checkpoint, Failure> {
    let hash = report.hash.clone().ok_or_else(|| {
        Failure::new(
            Exit::Refused,
            format!(
                "there is no record from {} on: there is nothing to sign",
                report.first
            ),
        )
    })?;
    let now = store.now().await?;
    Ok(Checkpoint::sign(store.id(), report.last, hash, now, key))
}

/// The key that a source has. Parsed here, since the parser of the command line would repeat what it
/// refuses, and that may be the key itself.
pub(super) fn key(source: &str) -> Result<AuditKey, Failure> {
    let source: SecretSource = source
        .parse()
        .map_err(|error: SecretUnavailable| Failure::usage(error.to_string()))?;
    AuditKey::read(&source).map_err(|error| {
        let exit = match (&error, &source) {
            (InvalidAuditKey::Unavailable(_), SecretSource::Environment(_)) => Exit::Usage,
            (InvalidAuditKey::Unavailable(_), _) => Exit::Input,
            _ => Exit::Data,
        };
        Failure::new(exit, error.to_string())
    })
}

/// Verifies what is left of the trail while something else is done with the records.
pub(super) fn verifier<'k>(
    store: &dyn Store,
    seal: Option<&Seal>,
) -> Result<AuditVerifier<'k>, Failure> {
    trail::verifier(store, seal).map_err(|fault| broken(&fault))
}
