use async_trait::async_trait;

use super::MemoryStore;
use super::state::State;
use crate::{
    Act, AuditEntry, QueueName, Retention, RetentionRule, RetentionSort, RetentionStore, Seal,
    Sealed, StoreError, Timestamp,
};

impl State {
    fn set_retention(&mut self, now: Timestamp, rule: &RetentionRule, act: &Act) -> bool {
        let before = self.retention.rule(rule.sort(), rule.queue());
        if before == Some(rule.kept()) {
            return false;
        }
        self.retention = std::mem::take(&mut self.retention).with(rule.clone());
        self.record(now, AuditEntry::set_retention(act, rule, before));
        true
    }

    fn clear_retention(
        &mut self,
        now: Timestamp,
        sort: RetentionSort,
        queue: Option<&QueueName>,
        act: &Act,
    ) -> bool {
        let Some(before) = self.retention.rule(sort, queue) else {
            return false;
        };
        self.retention = std::mem::take(&mut self.retention).without(sort, queue);
        self.record(now, AuditEntry::clear_retention(act, sort, queue, before));
        true
    }

    fn seal_audit(&mut self, now: Timestamp, seal: &Seal, act: &Act) -> Sealed {
        let checkpoint = seal.checkpoint();
        let sealed = self.seals.last().map_or(0, |seal| seal.checkpoint().seq);
        if checkpoint.seq <= sealed {
            return Sealed::Behind;
        }
        let is_it = |record: &crate::AuditRecord| {
            record.seq == checkpoint.seq && record.hash == checkpoint.hash
        };
        if !self.audit.iter().any(is_it) {
            return Sealed::Unknown;
        }
        self.seals.push(seal.clone());
        self.record(now, AuditEntry::seal_audit(act, seal));
        Sealed::Sealed
    }

    fn shorten_audit(&mut self, limit: u32) -> u64 {
        let sealed = self.seals.last().map_or(0, |seal| seal.checkpoint().seq);
        let gone = self.audit.iter().take_while(|record| record.seq <= sealed);
        let gone = gone.take(limit as usize).count();
        self.audit.drain(..gone);
        gone as u64
    }
}

#[async_trait]
impl RetentionStore for MemoryStore {
    async fn retention(&self) -> Result<Retention, StoreError> {
        Ok(self.lock().retention.clone())
    }

    async fn set_retention(&self, rule: &RetentionRule, act: &Act) -> Result<bool, StoreError> {
        Ok(self.lock().set_retention(self.time(), rule, act))
    }

    async fn clear_retention(
        &self,
        sort: RetentionSort,
        queue: Option<&QueueName>,
        act: &Act,
    ) -> Result<bool, StoreError> {
        Ok(self.lock().clear_retention(self.time(), sort, queue, act))
    }

    async fn audit_seal(&self) -> Result<Option<Seal>, StoreError> {
        Ok(self.lock().seals.last().cloned())
    }

    async fn seal_audit(&self, seal: &Seal, act: &Act) -> Result<Sealed, StoreError> {
        seal.check(self.id)?;
        Ok(self.lock().seal_audit(self.time(), seal, act))
    }

    async fn shorten_audit(&self, limit: u32) -> Result<u64, StoreError> {
        Ok(self.lock().shorten_audit(limit))
    }
}
