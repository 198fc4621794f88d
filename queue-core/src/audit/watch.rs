//! Going along a chain that grows, from where it was left.

use super::verify::AuditVerifier;
use super::{AuditFault, AuditFilter, AuditFlaw, AuditPage};
use crate::{MAX_PAGE, OperatorStore, StoreError};

/// Verifies the audit chain of a database piece by piece: each call goes on where the last one ended. What was
/// verified already is not read again, but for its last record, which must still be there.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use queue_core::memory::MemoryStore;
/// use queue_core::{Act, Actor, AuditWatch, JobStore, OperatorStore, ChannelName};
///
/// let store = MemoryStore::default();
/// let act = Act::new(Actor::new("ada")?, "the relay is down, OPS-17");
/// store.pause_channel(&ChannelName::new("email")?, true, &act).await?;
///
/// let mut watch = AuditWatch::default();
/// let watched = watch.go_on(&store, 1000).await?;
/// assert_eq!((watched.records, watched.more), (1, false));
/// assert!(watch.fault().is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct AuditWatch {
    chain: Option<AuditVerifier<'static>>,
    /// The hash and the number of the last record that was verified.
    last: Option<(i64, String)>,
    fault: Option<AuditFault>,
}

/// What one call looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Watched {
    /// Records that were verified.
    pub records: u64,
    /// Whether there is more.
    pub more: bool,
}

impl AuditWatch {
    /// What is wrong with the chain, if anything was found. After that the chain is verified from its
    /// beginning, and the fault holds until that comes to the end without one.
    #[must_use]
    pub fn fault(&self) -> Option<&AuditFault> {
        self.fault.as_ref()
    }

    /// The number of the last record that was verified.
    #[must_use]
    pub fn verified(&self) -> i64 {
        self.last.as_ref().map_or(0, |(seq, _)| *seq)
    }

    /// Verifies the next records, at most about `limit`.
    pub async fn go_on<S: OperatorStore + ?Sized>(
        &mut self,
        store: &S,
        limit: u32,
    ) -> Result<Watched, StoreError> {
        let page = match &self.last {
            None => AuditPage::oldest(limit)?,
            Some((seq, _)) => {
                AuditPage::oldest(limit.saturating_add(1).min(MAX_PAGE))?.behind(seq - 1)
            }
        };
        let list = store.audit(&AuditFilter::default(), page).await?;
        let mut records = list.records.iter();
        if let Some((seq, hash)) = &self.last {
            let flaw = match records.next() {
                Some(first) if first.seq == *seq && first.hash == *hash => None,
                Some(first) if first.seq == *seq => Some(AuditFlaw::Rewritten { from: *seq }),
                Some(first) => Some(AuditFlaw::Missing { found: first.seq }),
                None => Some(AuditFlaw::Truncated { checkpoint: *seq }),
            };
            if let Some(flaw) = flaw {
                let seq = *seq;
                return Ok(self.broken(AuditFault { seq, flaw }));
            }
        }
        // Of which database it is does not matter: no checkpoint is compared.
        let chain = self.chain.get_or_insert_with(|| AuditVerifier::new("", 1));
        let mut watched = Watched {
            records: 0,
            more: list.next.is_some(),
        };
        for record in records {
            if let Err(fault) = chain.record(record) {
                return Ok(self.broken(fault));
            }
            watched.records += 1;
            self.last = Some((record.seq, record.hash.clone()));
        }
        if !watched.more {
            self.fault = None;
        }
        Ok(watched)
    }

    fn broken(&mut self, fault: AuditFault) -> Watched {
        *self = Self {
            fault: Some(fault),
            ..Self::default()
        };
        Watched::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryStore;
    use crate::{Act, Actor, ChannelName};

    /// A store with so many records.
    async fn store(records: usize) -> MemoryStore {
        let store = MemoryStore::default();
        let act = Act::new(Actor::new("ada").unwrap(), "OPS-17");
        let channel = ChannelName::new("email").unwrap();
        for n in 0..records {
            store
                .pause_channel(&channel, n % 2 == 0, &act)
                .await
                .unwrap();
        }
        store
    }

    #[tokio::test]
    async fn what_was_verified_is_not_read_again() {
        let store = store(7).await;
        let mut watch = AuditWatch::default();
        let mut read = Vec::new();
        loop {
            let watched = watch.go_on(&store, 3).await.unwrap();
            read.push(watched.records);
            if !watched.more {
                break;
            }
        }
        assert_eq!(read, [3, 3, 1]);
        assert_eq!(watch.verified(), 7);
        assert_eq!(watch.go_on(&store, 3).await.unwrap(), Watched::default());
    }

    /// Whatever is done to what was verified before, down to its last record.
    #[tokio::test]
    async fn a_chain_that_is_another_than_before_is_broken_until_it_is_whole() {
        let whole = store(5).await;
        let shorter = store(4).await;
        for (then, wanted) in [
            (&shorter, "audit_truncated"),
            (&store(9).await, "audit_rewritten"),
        ] {
            let mut watch = AuditWatch::default();
            watch.go_on(&whole, 100).await.unwrap();
            assert!(watch.fault().is_none());
            watch.go_on(then, 100).await.unwrap();
            let fault = watch.fault().unwrap();
            assert_eq!((fault.seq, fault.code()), (5, wanted));
            // From the beginning it is what somebody wrote, if not what was there.
            watch.go_on(then, 2).await.unwrap();
            assert!(watch.fault().is_some(), "not at its end yet");
            while watch.go_on(then, 100).await.unwrap().more {}
            assert!(watch.fault().is_none());
        }
    }
}
