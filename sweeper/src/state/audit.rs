//! What is known of the audit chain.

use queue_core::AuditFault;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct AuditState {
    /// The number of the last record that was verified.
    pub(crate) verified: i64,
    pub(crate) fault: Option<AuditFault>,
}

impl AuditState {
    /// It is said once, until it is over or another.
    pub(super) fn audited(&mut self, verified: i64, fault: Option<&AuditFault>) {
        self.verified = verified;
        if self.fault.as_ref() == fault {
            return;
        }
        match fault {
            Some(fault) => {
                tracing::error!(
                    code = fault.code(),
                    record = fault.seq,
                    "the audit chain is broken: {fault}; look at it with `leasehold audit verify`"
                );
            }
            None => tracing::warn!(verified, "the audit chain is whole again"),
        }
        self.fault = fault.cloned();
    }
}
