//! What operators do, on record: rows that each carry the hash of the one before.

mod act;
mod entry;
mod filter;
mod list;
mod record;

pub use act::Act;
pub use entry::AuditEntry;
pub use filter::{AuditFilter, AuditLead};
pub use list::{AUDIT_WALK, AuditList, AuditPage};
pub use record::{AuditRecord, GENESIS};
