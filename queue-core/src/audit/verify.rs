//! Whether a chain is what was written, record by record, without a database.

use std::collections::BTreeMap;

use super::{AuditFault, AuditFlaw, AuditRecord, Checkpoint, CheckpointKeys, ExportItem, GENESIS};

/// Goes along a chain, and finds the first that is wrong.
///
/// ```
/// use queue_core::{Act, Actor, AuditEntry, AuditRecord, AuditVerifier, Timestamp};
/// # fn entry() -> AuditEntry {
/// #     let act = Act::new(Actor::new("ada").unwrap(), "OPS-17");
/// #     AuditEntry { act, action: "queue.configure".into(), target: "queue:q".into(), detail: "{}".into() }
/// # }
/// let at = Timestamp::from_micros(5);
/// let first = AuditRecord::next(None, at, entry());
/// let mut second = AuditRecord::next(Some((first.seq, &first.hash)), at, entry());
/// second.entry.act.reason = "nobody asked".to_owned();
///
/// let mut verifier = AuditVerifier::new("7", 1);
/// verifier.record(&first).unwrap();
/// let fault = verifier.record(&second).unwrap_err();
/// assert_eq!((fault.seq, fault.code()), (2, "audit_edited"));
/// ```
#[derive(Debug)]
pub struct AuditVerifier<'k> {
    database: String,
    first: i64,
    last: i64,
    /// The hash of the last record; unknown before the first one of a chain without its beginning.
    hash: Option<String>,
    keys: Option<Keys<'k>>,
    apart: BTreeMap<i64, Vec<Checkpoint>>,
    vouched: Option<i64>,
    checkpoints: u64,
}

struct Keys<'k>(&'k dyn CheckpointKeys);

impl std::fmt::Debug for Keys<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

/// What was found in a chain with which nothing is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// The number of its first record; where there is none, the one that it would have.
    pub first: i64,
    /// The number of its last record.
    pub last: i64,
    /// The hash of its last record, if there is one.
    pub hash: Option<String>,
    /// How many checkpoints agree with it.
    pub checkpoints: u64,
    /// Whether their signatures were checked.
    pub signed: bool,
    /// Up to which record a checkpoint vouches for it. What is behind may have been cut off or written anew.
    pub vouched: Option<i64>,
}

impl<'k> AuditVerifier<'k> {
    /// For the chain of a database from this record on; 1 is its beginning.
    #[must_use]
    pub fn new(database: impl Into<String>, first: i64) -> Self {
        Self {
            database: database.into(),
            first,
            last: first - 1,
            hash: (first == 1).then(|| GENESIS.to_owned()),
            keys: None,
            apart: BTreeMap::new(),
            vouched: None,
            checkpoints: 0,
        }
    }

    /// Only checkpoints that these keys have signed count, and one there must be.
    #[must_use]
    pub fn with_keys(mut self, keys: &'k dyn CheckpointKeys) -> Self {
        self.keys = Some(Keys(keys));
        self
    }

    /// A checkpoint that was kept elsewhere, given before the records.
    pub fn expect(&mut self, checkpoint: Checkpoint) -> Result<(), AuditFault> {
        self.trust(&checkpoint)?;
        if checkpoint.seq < self.first - 1 {
            let why = format!(
                "that of record {} is from before the first one here; verify an export from the beginning",
                checkpoint.seq
            );
            return Err(fault(self.first, AuditFlaw::NoCheckpoint(why)));
        }
        if checkpoint.seq == self.first - 1 {
            self.compare(&checkpoint)?;
        }
        self.apart
            .entry(checkpoint.seq)
            .or_default()
            .push(checkpoint);
        Ok(())
    }

    /// The next of an export.
    pub fn item(&mut self, item: &ExportItem) -> Result<(), AuditFault> {
        match item {
            ExportItem::Record(record) => self.record(record),
            ExportItem::Checkpoint(checkpoint) => self.checkpoint(checkpoint),
        }
    }

    /// The next record.
    pub fn record(&mut self, record: &AuditRecord) -> Result<(), AuditFault> {
        let next = self.last + 1;
        if record.seq > next {
            let found = record.seq;
            return Err(fault(next, AuditFlaw::Missing { found }));
        }
        if record.seq < next {
            let after = self.last;
            return Err(fault(record.seq, AuditFlaw::Disordered { after }));
        }
        if record.hash != record.compute_hash() {
            return Err(fault(next, AuditFlaw::Edited));
        }
        if self.hash.as_ref().is_some_and(|it| *it != record.previous) {
            return Err(fault(next, AuditFlaw::Unlinked));
        }
        if self.hash.is_none() {
            // What it says of the one before is all that is known of that.
            self.hash = Some(record.previous.clone());
            self.compare_expected()?;
        }
        self.last = next;
        self.hash = Some(record.hash.clone());
        self.compare_expected()
    }

    /// A checkpoint that stands behind the record which it is of; of a chain without its beginning also
    /// before the first record, which must follow from it then.
    pub fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), AuditFault> {
        self.trust(checkpoint)?;
        if checkpoint.seq > self.last {
            let checkpoint = checkpoint.seq;
            return Err(fault(self.last + 1, AuditFlaw::Truncated { checkpoint }));
        }
        if checkpoint.seq < self.last {
            let after = checkpoint.seq;
            return Err(fault(after + 1, AuditFlaw::Disordered { after: self.last }));
        }
        if self.hash.is_none() {
            // Compared with what the first record says of the one before it.
            let apart = self.apart.entry(checkpoint.seq).or_default();
            apart.push(checkpoint.clone());
            return Ok(());
        }
        self.compare(checkpoint)
    }

    /// The end of the chain.
    pub fn finish(self) -> Result<AuditReport, AuditFault> {
        if let Some((&checkpoint, _)) = self.apart.range(self.last + 1..).next_back() {
            return Err(fault(self.last + 1, AuditFlaw::Truncated { checkpoint }));
        }
        if self.keys.is_some() && self.checkpoints == 0 {
            let why = "there is no signed one in the export, and none was given".to_owned();
            return Err(fault(self.first, AuditFlaw::NoCheckpoint(why)));
        }
        Ok(AuditReport {
            first: self.first,
            last: self.last,
            hash: self.hash,
            checkpoints: self.checkpoints,
            signed: self.keys.is_some(),
            vouched: self.vouched,
        })
    }

    fn trust(&self, checkpoint: &Checkpoint) -> Result<(), AuditFault> {
        let keys = self.keys.as_ref();
        if keys.is_some_and(|keys| !checkpoint.is_signed_by(keys.0)) {
            let key = checkpoint.key.clone();
            return Err(fault(checkpoint.seq, AuditFlaw::Unsigned { key }));
        }
        if checkpoint.database != self.database {
            let flaw = AuditFlaw::Foreign {
                checkpoint: checkpoint.database.clone(),
                database: self.database.clone(),
            };
            return Err(fault(checkpoint.seq, flaw));
        }
        Ok(())
    }

    fn compare_expected(&mut self) -> Result<(), AuditFault> {
        for checkpoint in self.apart.get(&self.last).cloned().unwrap_or_default() {
            self.compare(&checkpoint)?;
        }
        Ok(())
    }

    fn compare(&mut self, checkpoint: &Checkpoint) -> Result<(), AuditFault> {
        let Some(hash) = &self.hash else {
            return Ok(());
        };
        if *hash != checkpoint.hash {
            let from = self.vouched.map_or(self.first, |vouched| vouched + 1);
            let flaw = AuditFlaw::Rewritten {
                from: from.min(checkpoint.seq),
            };
            return Err(fault(checkpoint.seq, flaw));
        }
        self.vouched = Some(checkpoint.seq);
        self.checkpoints += 1;
        Ok(())
    }
}

fn fault(seq: i64, flaw: AuditFlaw) -> AuditFault {
    AuditFault { seq, flaw }
}
