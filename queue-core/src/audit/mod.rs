//! What operators do, on record: rows that each carry the hash of the one before.

mod act;
mod checkpoint;
mod csv;
mod entry;
mod export;
mod fault;
mod filter;
mod list;
mod read;
mod record;
mod seal;
mod service;
mod verify;
mod watch;

pub use act::Act;
pub use checkpoint::{Checkpoint, CheckpointKeys, CheckpointSigner};
pub use entry::AuditEntry;
pub use export::{ExportFormat, ExportHeader, ExportItem};
pub use fault::{AuditFault, AuditFlaw};
pub use filter::{AuditFilter, AuditLead};
pub use list::{AUDIT_WALK, AuditList, AuditPage};
pub use read::{ExportError, ExportReader};
pub use record::{AuditRecord, GENESIS};
pub use seal::{Seal, Sealed};
pub use service::{MAX_ACT_DETAIL, ServiceAct};
pub use verify::{AuditReport, AuditVerifier};
pub use watch::{AuditWatch, Watched};
