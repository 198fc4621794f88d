//! Moving the older part of the audit trail into a file.
//!
//! In this order, so that it may end anywhere: the file is written, signed and on the disk; it is read
//! again and verified; its checkpoint is stored, on record; the records go, page by page. Who does the
//! same once more goes on where it ended.

mod draft;
mod fault;
mod file;
mod place;
pub mod trail;

use std::path::Path;

use queue_core::{Act, Checkpoint, Seal, Sealed, Store, StoreError, Timestamp};

pub use draft::{Draft, DraftError, folder_of, put};
pub use fault::ArchiveError;
pub(crate) use fault::told;
pub use place::check_archive;

use crate::AuditKey;

/// How many records go in one transaction.
const STEP: u32 = 1_000;

/// What was archived, and what is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Archived {
    /// The numbers of the first and the last record in the file, if there was something to archive.
    pub records: Option<(i64, i64)>,
    /// How many records were removed, those of an earlier archive that were left included.
    pub removed: u64,
    /// It was told to stop before all that is archived was removed.
    pub stopped: bool,
}

/// Archives all records that are older than `before` into a file that is not there yet, or that an earlier
/// try left, and removes them. Between two transactions it asks whether to go on.
///
/// ```
/// use queue_core::{Act, Actor, RetentionStore};
/// use queue_ops::{AuditKey, archive::archive_audit};
/// # use queue_core::{JobStore, QueueChange, QueueName, memory::MemoryStore};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = MemoryStore::default();
/// # let dir = tempfile::tempdir()?;
/// # let file = dir.path().join("audit-2026.jsonl");
/// # let change = QueueChange { paused: Some(true), ..QueueChange::default() };
/// let act = Act::new(Actor::new("ada")?, "a year is enough here");
/// # store.configure(&QueueName::new("mail")?, change, &act).await?;
/// let key = AuditKey::generate(); // AuditKey::read(…)
/// let now = store.now().await? + std::time::Duration::from_secs(1);
/// let archived = archive_audit(&store, now, &file, &key, &act, || true).await?;
/// assert_eq!((archived.records, archived.removed), (Some((1, 1)), 1));
/// assert_eq!(store.audit_seal().await?.ok_or("it is sealed")?.checkpoint().seq, 1);
/// # Ok(())
/// # }
/// ```
pub async fn archive_audit(
    store: &dyn Store,
    before: Timestamp,
    file: &Path,
    key: &AuditKey,
    act: &Act,
    mut go_on: impl FnMut() -> bool,
) -> Result<Archived, ArchiveError> {
    let seal = store.audit_seal().await?;
    let (mut removed, mut stopped) = shorten(store, &mut go_on).await?;
    let nothing_new = |removed, stopped| Archived {
        records: None,
        removed,
        stopped,
    };
    if stopped {
        return Ok(nothing_new(removed, stopped));
    }
    let first = Seal::begins(seal.as_ref());
    let written = if file.exists() {
        match begun(store, seal.as_ref(), file, key)? {
            Some(checkpoint) => checkpoint,
            None => return Ok(nothing_new(removed, stopped)),
        }
    } else {
        let made = file::write(store, (first, seal.as_ref()), before, file, key).await?;
        let Some(made) = made else {
            return Ok(nothing_new(removed, stopped));
        };
        let database = store.id().to_string();
        let unverified = |why: String| ArchiveError::Unverified {
            path: file.to_owned(),
            why,
        };
        let found = file::read(file, &database, &key.public()).map_err(unverified)?;
        if found != (first, made.clone()) {
            return Err(unverified("it is not what was written".to_owned()));
        }
        made
    };
    let last = written.seq;
    let new = Seal::new(written, name(file));
    match store.seal_audit(&new, act).await? {
        Sealed::Sealed => {}
        Sealed::Behind => return Err(ArchiveError::Overtaken(file.to_owned())),
        Sealed::Unknown => {
            return Err(ArchiveError::Other {
                path: file.to_owned(),
                why: format!("the trail has no such record {last}"),
            });
        }
    }
    let (more, ended) = shorten(store, &mut go_on).await?;
    removed += more;
    stopped |= ended;
    Ok(Archived {
        records: Some((first, last)),
        removed,
        stopped,
    })
}

/// Removes what is sealed, and says how much that was and whether it was told to stop.
pub async fn shorten(
    store: &dyn Store,
    go_on: &mut impl FnMut() -> bool,
) -> Result<(u64, bool), StoreError> {
    let mut removed = 0;
    loop {
        if !go_on() {
            return Ok((removed, true));
        }
        let gone = store.shorten_audit(STEP).await?;
        removed += gone;
        if gone < u64::from(STEP) {
            return Ok((removed, false));
        }
    }
}

/// The checkpoint of an archive that an earlier try wrote and did not come to store; `None` if it did.
fn begun(
    store: &dyn Store,
    seal: Option<&Seal>,
    path: &Path,
    key: &AuditKey,
) -> Result<Option<Checkpoint>, ArchiveError> {
    let other = |why: String| ArchiveError::Other {
        path: path.to_owned(),
        why,
    };
    let database = store.id().to_string();
    let (first, checkpoint) = file::read(path, &database, &key.public()).map_err(other)?;
    if seal.is_some_and(|seal| *seal.checkpoint() == checkpoint) {
        return Ok(None);
    }
    let wanted = Seal::begins(seal);
    if first != wanted {
        return Err(other(format!(
            "it begins with record {first}, and what is left of the trail with {wanted}"
        )));
    }
    Ok(Some(checkpoint))
}

/// With the folder: whoever looks for it later works in another one.
fn name(file: &Path) -> String {
    let whole = std::path::absolute(file);
    let name = whole.as_deref().unwrap_or(file);
    name.to_string_lossy().into_owned()
}
