//! The trail in pages, from either end.

use super::{AuditFilter, AuditRecord};
use crate::{InvalidBatch, Page};

/// How many records a page looks at, at most, for those that a filter wants.
pub const AUDIT_WALK: u32 = 5_000;

/// A part of the audit trail, in the order of the chain or against it.
///
/// ```
/// use queue_core::AuditPage;
/// let newest = AuditPage::newest(50).unwrap();
/// assert!(newest.is_newest_first() && newest.cursor() == i64::MAX);
/// assert_eq!(AuditPage::oldest(50).unwrap().behind(17).cursor(), 17);
/// assert!(AuditPage::oldest(0).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditPage {
    limit: u32,
    newest_first: bool,
    behind: Option<i64>,
}

impl AuditPage {
    /// From the first record on, with 1 to [`MAX_PAGE`](crate::MAX_PAGE) rows.
    pub fn oldest(limit: u32) -> Result<Self, InvalidBatch> {
        Page::first(limit)?;
        Ok(Self {
            limit,
            newest_first: false,
            behind: None,
        })
    }

    /// From the last record back.
    pub fn newest(limit: u32) -> Result<Self, InvalidBatch> {
        Ok(Self {
            newest_first: true,
            ..Self::oldest(limit)?
        })
    }

    /// What comes behind the record of this number.
    #[must_use]
    pub fn behind(self, seq: i64) -> Self {
        Self {
            behind: Some(seq),
            ..self
        }
    }

    /// How many records at most.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// Whether it goes against the order of the chain.
    #[must_use]
    pub fn is_newest_first(&self) -> bool {
        self.newest_first
    }

    /// The number that all its records are behind.
    #[must_use]
    pub fn cursor(&self) -> i64 {
        let start = if self.newest_first { i64::MAX } else { 0 };
        self.behind.unwrap_or(start)
    }

    /// How many records a store reads for it along the filter's lead: one more than is looked at, which tells
    /// whether there is more.
    #[must_use]
    pub fn walk(&self, filter: &AuditFilter) -> u32 {
        let looked_at = if filter.is_its_lead() {
            self.limit
        } else {
            AUDIT_WALK.max(self.limit)
        };
        looked_at + 1
    }
}

/// Records of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditList {
    /// Those that are wanted. There may be more, also where these are few or none.
    pub records: Vec<AuditRecord>,
    /// Where to go on, by [`AuditPage::behind`]; `None` where there is no more.
    pub next: Option<i64>,
}

impl AuditList {
    /// What is wanted of the records that a store has read along the filter's lead,
    /// [`AuditPage::walk`] of them at most.
    #[must_use]
    pub fn of(filter: &AuditFilter, page: AuditPage, mut walked: Vec<AuditRecord>) -> Self {
        let looked_at = page.walk(filter) as usize - 1;
        let mut more = walked.len() > looked_at;
        walked.truncate(looked_at);
        let mut next = walked.last().map(|record| record.seq);
        let mut records = Vec::new();
        for record in walked {
            if !filter.takes(&record) {
                continue;
            }
            if records.len() == page.limit as usize {
                next = records.last().map(|record: &AuditRecord| record.seq);
                more = true;
                break;
            }
            records.push(record);
        }
        Self {
            records,
            next: next.filter(|_| more),
        }
    }
}
