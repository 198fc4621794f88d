//! What the maker of a plan knows of kinds.

use std::collections::{BTreeMap, BTreeSet};

use queue_core::contract::{Contract, ReadContext};
use queue_core::{CORRELATION_ID, JobView, KindName, PayloadCheck};

/// The kinds that services work on today, and the contracts of some.
///
/// ```
/// use queue_core::{KindName, PayloadCheck};
/// use queue_ops::replay::Kinds;
/// let charge = KindName::new("charge").unwrap();
/// assert_eq!(Kinds::default().of_kind(&charge), PayloadCheck::Unchecked);
/// let kinds = Kinds::default().known([KindName::new("refund").unwrap()]);
/// assert_eq!(kinds.of_kind(&charge), PayloadCheck::UnknownKind);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Kinds {
    known: Option<BTreeSet<KindName>>,
    contracts: BTreeMap<KindName, Contract>,
}

impl Kinds {
    /// No other kinds are worked on than these, and those that have a contract here.
    #[must_use]
    pub fn known(mut self, kinds: impl IntoIterator<Item = KindName>) -> Self {
        self.known.get_or_insert_default().extend(kinds);
        self
    }

    /// What the payloads of a kind must keep.
    #[must_use]
    pub fn contract(mut self, kind: KindName, contract: Contract) -> Self {
        self.contracts.insert(kind, contract);
        self
    }

    /// Whether payloads of the kind are to be read.
    #[must_use]
    pub fn has_contract(&self, kind: &KindName) -> bool {
        self.contracts.contains_key(kind)
    }

    /// What is known by the name of the kind alone.
    #[must_use]
    pub fn of_kind(&self, kind: &KindName) -> PayloadCheck {
        match &self.known {
            None => PayloadCheck::Unchecked,
            Some(known) if known.contains(kind) || self.has_contract(kind) => PayloadCheck::Valid,
            Some(_) => PayloadCheck::UnknownKind,
        }
    }

    /// What is known by the payload too.
    #[must_use]
    pub fn of_job(&self, job: &JobView) -> PayloadCheck {
        let Some(contract) = self.contracts.get(&job.kind) else {
            return self.of_kind(&job.kind);
        };
        let mut context = ReadContext::new();
        if let Some(id) = job.headers.get(CORRELATION_ID) {
            context = context.correlation_id(id);
        }
        if contract
            .read(job.payload.bytes().clone(), &context)
            .is_accepted()
        {
            PayloadCheck::Valid
        } else {
            PayloadCheck::Invalid
        }
    }
}
