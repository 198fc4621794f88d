//! What is to be replayed, as somebody reviews it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::batch::{check_size, check_unique};
use crate::{
    Actor, ErrorClass, InvalidBatch, JobId, KindName, LetterFilter, LetterSummary, PlanDigest,
    StoreId, Timestamp,
};

use super::file::{self, PlanError};
use super::risk::Risk;

/// The most letters that one plan has.
pub const MAX_PLAN: usize = 1_000_000;

/// A letter of a plan, as it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedLetter {
    /// The job.
    pub job: JobId,
    /// The letter's version: if it has another one when the plan is applied, it is left out.
    pub version: i64,
    /// Its kind.
    pub kind: KindName,
    /// What it died of.
    pub error_class: ErrorClass,
    /// What is unsafe about it.
    pub risks: BTreeSet<Risk>,
}

impl PlannedLetter {
    /// A letter and its risks.
    #[must_use]
    pub fn new(letter: &LetterSummary, risks: BTreeSet<Risk>) -> Self {
        Self {
            job: letter.job,
            version: letter.version,
            kind: letter.kind.clone(),
            error_class: letter.error_class.clone(),
            risks,
        }
    }

    /// Whether it can be replayed without somebody taking a risk on themselves. That evidence is missing is
    /// no risk, but nothing is replayed without.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        self.risks.iter().all(|risk| *risk == Risk::EvidenceMissing)
    }
}

/// What is to be replayed: made, read by somebody, and applied as it is or not at all.
///
/// ```
/// use std::collections::BTreeSet;
/// use queue_core::{
///     Actor, ErrorClass, JobId, KindName, LetterFilter, PlanError, PlannedLetter, ReplayPlan, Risk,
///     StoreId, Timestamp,
/// };
/// let letter = PlannedLetter {
///     job: JobId::new(7),
///     version: 2,
///     kind: KindName::new("charge").unwrap(),
///     error_class: ErrorClass::network_timeout(),
///     risks: BTreeSet::from([Risk::NoIdempotencyKey]),
/// };
/// let (database, ada) = (StoreId::new(1), Actor::new("ada").unwrap());
/// let (filter, now) = (LetterFilter::default(), Timestamp::from_micros(0));
/// let plan = ReplayPlan::new(database, &filter, ada, now, false, vec![letter]).unwrap();
///
/// let text = plan.to_text();
/// assert_eq!(ReplayPlan::read(&text).unwrap(), plan);
/// assert!(matches!(ReplayPlan::read(&text.replace("charge", "refund")), Err(PlanError::Edited)));
/// assert!(plan.check_database(StoreId::new(2)).is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayPlan {
    pub(super) database: StoreId,
    pub(super) filter: String,
    pub(super) made_by: Actor,
    pub(super) made_at: Timestamp,
    pub(super) from_start: bool,
    pub(super) letters: Vec<PlannedLetter>,
    pub(super) digest: PlanDigest,
}

impl ReplayPlan {
    /// A plan for a database, of 1 to [`MAX_PLAN`] letters, each once. `from_start` discards the outputs
    /// of finished stages.
    pub fn new(
        database: StoreId,
        filter: &LetterFilter,
        made_by: Actor,
        made_at: Timestamp,
        from_start: bool,
        letters: Vec<PlannedLetter>,
    ) -> Result<Self, InvalidBatch> {
        check_size(letters.len(), MAX_PLAN)?;
        check_unique("job", &letters, |letter| letter.job)?;
        Ok(file::sealed(Self {
            database,
            filter: filter.to_string(),
            made_by,
            made_at,
            from_start,
            letters,
            digest: PlanDigest::of_nothing(),
        }))
    }

    /// The plan in a file's text. Any other byte in it, and it is refused.
    pub fn read(text: &str) -> Result<Self, PlanError> {
        file::read(text)
    }

    /// The text of its file.
    #[must_use]
    pub fn to_text(&self) -> String {
        file::text(self)
    }

    /// Refuses a plan that was made for another database: the same numbers are other jobs there.
    pub fn check_database(&self, database: StoreId) -> Result<(), PlanError> {
        if self.database == database {
            Ok(())
        } else {
            Err(PlanError::OtherDatabase {
                plan: self.database,
                database,
            })
        }
    }

    /// The database that it was made for.
    #[must_use]
    pub fn database(&self) -> StoreId {
        self.database
    }

    /// By what the letters were chosen.
    #[must_use]
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// Who made it.
    #[must_use]
    pub fn made_by(&self) -> &Actor {
        &self.made_by
    }

    /// When, by the database's clock.
    #[must_use]
    pub fn made_at(&self) -> Timestamp {
        self.made_at
    }

    /// Whether finished stages run again.
    #[must_use]
    pub fn discards_stages(&self) -> bool {
        self.from_start
    }

    /// The letters, in the order in which they are replayed.
    #[must_use]
    pub fn letters(&self) -> &[PlannedLetter] {
        &self.letters
    }

    /// What identifies the plan: a hash over all of it.
    #[must_use]
    pub fn digest(&self) -> &PlanDigest {
        &self.digest
    }

    /// How many letters have which risk; one letter may have several.
    #[must_use]
    pub fn risks(&self) -> BTreeMap<Risk, u32> {
        let mut counts = BTreeMap::new();
        for risk in self.letters.iter().flat_map(|letter| &letter.risks) {
            *counts.entry(*risk).or_default() += 1;
        }
        counts
    }

    /// The letters that are to be replayed: all, or without those that are unsafe.
    pub fn chosen(&self, include_unsafe: bool) -> impl Iterator<Item = &PlannedLetter> {
        let wanted = move |letter: &&PlannedLetter| include_unsafe || letter.is_safe();
        self.letters.iter().filter(wanted)
    }
}
