//! A link of the chain.

use sha2::{Digest, Sha256};

use super::AuditEntry;
use crate::Timestamp;

/// A record of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its number, from 1 without gaps.
    pub seq: i64,
    /// When, by the database's clock.
    pub at: Timestamp,
    /// Who did what to what, and why.
    pub entry: AuditEntry,
    /// The hash of the record before; 64 zeros for the first.
    pub previous: String,
    /// The hash over all of the above.
    pub hash: String,
}

/// What stands before the first record.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

impl AuditRecord {
    /// The next record of a chain.
    #[must_use]
    pub fn next(previous: Option<(i64, &str)>, at: Timestamp, entry: AuditEntry) -> Self {
        let (last, previous) = previous.unwrap_or((0, GENESIS));
        let mut record = Self {
            seq: last + 1,
            at,
            entry,
            previous: previous.to_owned(),
            hash: String::new(),
        };
        record.hash = record.compute_hash();
        record
    }

    /// The hash that the record should have.
    #[must_use]
    pub fn compute_hash(&self) -> String {
        let mut hash = Sha256::new();
        let (seq, at) = (self.seq.to_string(), self.at.as_micros().to_string());
        for part in [
            "leasehold/audit/1",
            &seq,
            &at,
            self.entry.act.actor.as_str(),
            &self.entry.act.reason,
            &self.entry.action,
            &self.entry.target,
            &self.entry.detail,
            &self.previous,
        ] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        crate::hex(&hash.finalize())
    }

    /// Whether it is whole and follows `previous`.
    #[must_use]
    pub fn follows(&self, previous: Option<&Self>) -> bool {
        let (seq, hash) = previous.map_or((0, GENESIS), |record| (record.seq, &record.hash));
        self.seq == seq + 1 && self.previous == hash && self.hash == self.compute_hash()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Act, Actor};

    fn entry(action: &str) -> AuditEntry {
        AuditEntry {
            act: Act::new(Actor::new("ada").unwrap(), "why"),
            action: action.to_owned(),
            target: "job:1".to_owned(),
            detail: "{}".to_owned(),
        }
    }

    #[test]
    fn a_change_of_any_field_breaks_the_chain() {
        let at = Timestamp::from_micros(5);
        let first = AuditRecord::next(None, at, entry("a"));
        let second = AuditRecord::next(Some((first.seq, &first.hash)), at, entry("b"));
        assert!(first.follows(None) && second.follows(Some(&first)) && !second.follows(None));
        let edits: [fn(&mut AuditRecord); 7] = [
            |r| r.seq += 1,
            |r| r.at = Timestamp::from_micros(6),
            |r| r.entry.act.reason.push('x'),
            |r| r.entry.action.push('x'),
            |r| r.entry.target.push('x'),
            |r| r.entry.detail.push('x'),
            |r| r.previous.replace_range(0..1, "f"),
        ];
        for edit in edits {
            let mut edited = second.clone();
            edit(&mut edited);
            assert!(!edited.follows(Some(&first)));
        }
    }
}
