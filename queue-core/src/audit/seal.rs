//! Up to where the trail may be shortened.

use super::Checkpoint;
use crate::{StoreError, StoreId, Timestamp};

/// A signed checkpoint up to which all records are in an archive. What a store has such a seal for it may
/// remove, and what is left begins with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    checkpoint: Checkpoint,
    archive: String,
}

impl Seal {
    /// Of a checkpoint that stands at the end of an archive of this name. Whether it is signed is for
    /// those who have the key.
    ///
    /// ```
    /// use queue_core::{Checkpoint, Seal, Timestamp};
    /// let checkpoint = Checkpoint {
    ///     database: "7".to_owned(),
    ///     seq: 2,
    ///     hash: "ab".to_owned(),
    ///     at_micros: Timestamp::from_micros(5),
    ///     key: "k".to_owned(),
    ///     signature: "00".to_owned(),
    /// };
    /// let seal = Seal::new(checkpoint, "audit-2.jsonl");
    /// assert_eq!((seal.checkpoint().seq, seal.archive()), (2, "audit-2.jsonl"));
    /// ```
    pub fn new(checkpoint: Checkpoint, archive: impl Into<String>) -> Self {
        Self {
            checkpoint,
            archive: archive.into().replace('\0', "\u{fffd}"),
        }
    }

    /// As a store has it.
    #[must_use]
    pub fn stored(
        store: StoreId,
        (seq, hash): (i64, String),
        at: Timestamp,
        (key, signature): (String, String),
        archive: String,
    ) -> Self {
        let checkpoint = Checkpoint {
            database: store.to_string(),
            seq,
            hash,
            at_micros: at,
            key,
            signature,
        };
        Self {
            checkpoint,
            archive,
        }
    }

    /// The number of the first record that is not archived; of all there are, the first.
    #[must_use]
    pub fn begins(seal: Option<&Self>) -> i64 {
        seal.map_or(1, |seal| seal.checkpoint.seq + 1)
    }

    /// The checkpoint.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// What the archive is called.
    #[must_use]
    pub fn archive(&self) -> &str {
        &self.archive
    }

    /// Refuses one of another database.
    pub fn check(&self, store: StoreId) -> Result<(), StoreError> {
        if self.checkpoint.database == store.to_string() {
            return Ok(());
        }
        Err(StoreError::refused(
            "the checkpoint",
            "it is of another database",
            "archive the trail of this one",
        ))
    }
}

/// What became of a seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealed {
    /// It is stored: what is up to it may go.
    Sealed,
    /// The trail is sealed up to there or further already: somebody else archived it.
    Behind,
    /// The trail has no such record: what was archived is not this trail.
    Unknown,
}
