//! What is wrong with a chain, and where.

use crate::Code;

/// The first that is wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("record {seq}: {flaw}")]
pub struct AuditFault {
    /// The number of the first bad record.
    pub seq: i64,
    /// In what way.
    pub flaw: AuditFlaw,
}

/// In what way a chain is not what was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuditFlaw {
    /// Its hash is not that of what it says.
    #[error("it was changed: its hash is not that of what it says")]
    Edited,
    /// Another one comes first.
    #[error("it is missing: record {found} stands in its place")]
    Missing {
        /// What stands there.
        found: i64,
    },
    /// It comes a second time, or too late.
    #[error("it stands behind record {after}: it was put there, or moved")]
    Disordered {
        /// What it comes after.
        after: i64,
    },
    /// It does not follow from the one before it.
    #[error(
        "it does not continue the one before it, which was replaced, or this one was put there"
    )]
    Unlinked,
    /// The chain ends before it, and did not at the checkpoint.
    #[error(
        "it is missing, and all behind it: the chain went on to {checkpoint} at the checkpoint"
    )]
    Truncated {
        /// The number that the checkpoint has.
        checkpoint: i64,
    },
    /// It is another one than at the checkpoint.
    #[error(
        "it is not the one that was signed: what stands from record {from} on was written anew, in part or all"
    )]
    Rewritten {
        /// The first record that no checkpoint before vouches for.
        from: i64,
    },
    /// Its checkpoint is not signed by the key that counts.
    #[error("its checkpoint is not signed by the key that was given, but says key {key}")]
    Unsigned {
        /// The key that it names.
        key: String,
    },
    /// There is none that could vouch for the chain.
    #[error("no checkpoint vouches for it: {0}")]
    NoCheckpoint(String),
    /// A checkpoint is of another database.
    #[error("its checkpoint is of database {checkpoint}, the chain of database {database}")]
    Foreign {
        /// That of the checkpoint.
        checkpoint: String,
        /// That of the chain.
        database: String,
    },
    /// It cannot be read.
    #[error("line {line} cannot be read: {problem}")]
    Unreadable {
        /// The line of the file, from 1 on.
        line: u64,
        /// Why.
        problem: String,
    },
}

impl AuditFault {
    /// A stable reason code: what is wrong.
    ///
    /// ```
    /// use queue_core::{AuditFault, AuditFlaw};
    /// let fault = AuditFault { seq: 17, flaw: AuditFlaw::Edited };
    /// assert_eq!(fault.code(), "audit_edited");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.flaw {
            AuditFlaw::Edited => Code::AuditEdited,
            AuditFlaw::Missing { .. } => Code::AuditMissing,
            AuditFlaw::Disordered { .. } => Code::AuditDisordered,
            AuditFlaw::Unlinked => Code::AuditUnlinked,
            AuditFlaw::Truncated { .. } => Code::AuditTruncated,
            AuditFlaw::Rewritten { .. } => Code::AuditRewritten,
            AuditFlaw::Unsigned { .. } => Code::AuditUnsigned,
            AuditFlaw::NoCheckpoint(_) => Code::AuditNoCheckpoint,
            AuditFlaw::Foreign { .. } => Code::AuditForeign,
            AuditFlaw::Unreadable { .. } => Code::AuditUnreadable,
        }
        .as_str()
    }
}
