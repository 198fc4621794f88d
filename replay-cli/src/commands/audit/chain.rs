//! The whole trail of a database, record by record.

use std::path::{Path, PathBuf};

use queue_core::channel::{SecretSource, SecretUnavailable};
use queue_core::{
    AuditFault, AuditRecord, AuditReport, AuditVerifier, Checkpoint, Code, Seal, Store,
};
use queue_ops::archive::{ArchiveError, trail};
use queue_ops::{AuditKey, AuditKeyring, AuditPublicKey, Exit, InvalidAuditKey};

use crate::answer::Failure;
use crate::input;

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

/// What is said where a trail begins with an archive and no key was given.
pub(super) const UNCHECKED: &str = "the signature of the seal was not checked, and whoever writes to the database \
     can make one up and remove what is before it: give --public-key";

/// The keys whose signatures count: the one that signs now, and those that were given; none if there are none.
pub(super) fn keyring(
    signs: Option<&AuditKey>,
    given: &[PathBuf],
) -> Result<Option<AuditKeyring>, Failure> {
    let given = given.iter().map(|path| public_key(path));
    let mut keys = given.collect::<Result<Vec<_>, _>>()?;
    keys.extend(signs.map(AuditKey::public));
    Ok((!keys.is_empty()).then_some(AuditKeyring(keys)))
}

fn public_key(path: &Path) -> Result<AuditPublicKey, Failure> {
    AuditPublicKey::parse(&input::text(path)?).map_err(|error| {
        let message = format!("{}: {error}", path.display());
        Failure::new(Exit::Data, message)
    })
}

/// Nothing is built on a seal that nobody has signed whose key counts: what is signed behind it would vouch for
/// what it hides. Where there is no key, what is to be said of it.
pub(super) fn check_seal(
    seal: Option<&Seal>,
    keys: Option<&AuditKeyring>,
) -> Result<Option<&'static str>, Failure> {
    let Some(checkpoint) = seal.map(Seal::checkpoint) else {
        return Ok(None);
    };
    let Some(keys) = keys else {
        return Ok(Some(UNCHECKED));
    };
    if checkpoint.is_signed_by(keys) {
        return Ok(None);
    }
    let code = Code::AuditUnsigned.as_str();
    Err(Failure::new(
        Exit::Findings,
        format!(
            "the trail is sealed up to record {}, and none of the keys that were given has signed that; it says key \
             {}: give the public key of that time by --public-key, and if there is none the seal was made up \
             ({code}); see `leasehold explain {code}`",
            checkpoint.seq, checkpoint.key
        ),
    ))
}

/// Verifies what is left of the trail while something else is done with the records.
pub(super) fn verifier<'k>(
    store: &dyn Store,
    seal: Option<&Seal>,
) -> Result<AuditVerifier<'k>, Failure> {
    trail::verifier(store, seal).map_err(|fault| broken(&fault))
}
