//! Going along a chain that grows, from where it was left.

use super::verify::AuditVerifier;
use super::{AuditFault, AuditFilter, AuditFlaw, AuditPage, AuditRecord};
use crate::{MAX_PAGE, OperatorStore, RetentionStore, Seal, StoreError};

/// Verifies the audit chain of a database piece by piece: each call goes on where the last one ended. What was
/// verified already is not read again, but for its last record, which must still be there, unless it was archived:
/// then the chain goes on from its seal.
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
    pub async fn go_on<S: OperatorStore + RetentionStore + ?Sized>(
        &mut self,
        store: &S,
        limit: u32,
    ) -> Result<Watched, StoreError> {
        let seal = store.audit_seal().await?;
        let begins = Seal::begins(seal.as_ref());
        if self.last.as_ref().is_some_and(|(seq, _)| *seq < begins) {
            // What was verified is archived.
            (self.chain, self.last) = (None, None);
        }
        let page = match &self.last {
            None => AuditPage::oldest(limit)?.behind(begins - 1),
            Some((seq, _)) => {
                AuditPage::oldest(limit.saturating_add(1).min(MAX_PAGE))?.behind(seq - 1)
            }
        };
        let list = store.audit(&AuditFilter::default(), page).await?;
        let mut watched = Watched {
            records: 0,
            more: list.next.is_some(),
        };
        match self.verify(seal.as_ref(), &list.records) {
            Ok(records) => watched.records = records,
            // Somebody archives just now: what is not there any more is not missing.
            Err(_) if store.audit_seal().await? != seal => watched.more = true,
            Err(fault) => {
                *self = Self {
                    fault: Some(fault),
                    ..Self::default()
                };
                return Ok(Watched::default());
            }
        }
        if !watched.more {
            self.fault = None;
        }
        Ok(watched)
    }

    /// Goes over records of which the first is the last one that was verified, if there was one.
    fn verify(&mut self, seal: Option<&Seal>, records: &[AuditRecord]) -> Result<u64, AuditFault> {
        let mut records = records.iter();
        if let Some((seq, hash)) = &self.last {
            let flaw = match records.next() {
                Some(first) if first.seq == *seq && first.hash == *hash => None,
                Some(first) if first.seq == *seq => Some(AuditFlaw::Rewritten { from: *seq }),
                Some(first) => Some(AuditFlaw::Missing { found: first.seq }),
                None => Some(AuditFlaw::Truncated { checkpoint: *seq }),
            };
            if let Some(flaw) = flaw {
                return Err(AuditFault { seq: *seq, flaw });
            }
        }
        let chain = match &mut self.chain {
            Some(chain) => chain,
            none => {
                // Without a seal no checkpoint is compared.
                let database = seal.map(|seal| seal.checkpoint().database.clone());
                let mut chain =
                    AuditVerifier::new(database.unwrap_or_default(), Seal::begins(seal));
                if let Some(seal) = seal {
                    chain.expect(seal.checkpoint().clone())?;
                }
                none.insert(chain)
            }
        };
        let mut verified = 0;
        for record in records {
            chain.record(record)?;
            verified += 1;
            self.last = Some((record.seq, record.hash.clone()));
        }
        Ok(verified)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryStore;
    use crate::{Act, Actor, ChannelName, Checkpoint, JobStore};

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

    /// What is archived is not missing, however far the chain was verified before.
    #[tokio::test]
    async fn an_archived_chain_is_gone_on_with_from_its_seal() {
        let act = Act::new(Actor::new("ada").unwrap(), "OPS-17");
        for (verified, sealed) in [(0, 3), (2, 3), (3, 3), (5, 3), (5, 5)] {
            let store = store(5).await;
            let mut watch = AuditWatch::default();
            if verified > 0 {
                watch.go_on(&store, verified).await.unwrap();
            }
            let (all, page) = (AuditFilter::default(), AuditPage::oldest(9).unwrap());
            let mut list = store.audit(&all, page).await.unwrap();
            let last = list.records.swap_remove(sealed - 1);
            let checkpoint = Checkpoint {
                database: store.id().to_string(),
                seq: last.seq,
                hash: last.hash,
                at_micros: last.at,
                key: "key".to_owned(),
                signature: "signature".to_owned(),
            };
            let seal = Seal::new(checkpoint, "audit.jsonl");
            store.seal_audit(&seal, &act).await.unwrap();
            store.shorten_audit(9).await.unwrap();
            while watch.go_on(&store, 2).await.unwrap().more {}
            assert_eq!(
                (watch.fault(), watch.verified()),
                (None, 6),
                "{verified}, {sealed}"
            );
        }
    }
}
