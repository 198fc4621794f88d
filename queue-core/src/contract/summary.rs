//! The codes that stand for other problems.

use serde::{Deserialize, Serialize};

use crate::catalogue::Code;

/// Which codes say that an item, all items or the whole document was not taken.
///
/// ```
/// use queue_core::contract::SummaryCodes;
/// use queue_core::Code;
/// assert_eq!(SummaryCodes::default().document, Code::DocumentRejected);
/// assert_eq!(SummaryCodes::REVIEW.document, Code::ResponseRejected);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SummaryCodes {
    /// One item of a list was dropped.
    pub item: Code,
    /// Every item of a list was.
    pub all_items: Code,
    /// The document was rejected.
    pub document: Code,
}

impl SummaryCodes {
    /// Those of documents of any kind.
    pub const DOCUMENT: Self = Self {
        item: Code::ItemDropped,
        all_items: Code::AllItemsDropped,
        document: Code::DocumentRejected,
    };

    /// Those of a provider's response with findings.
    pub const REVIEW: Self = Self {
        item: Code::FindingDropped,
        all_items: Code::AllFindingsDropped,
        document: Code::ResponseRejected,
    };
}

impl Default for SummaryCodes {
    fn default() -> Self {
        Self::DOCUMENT
    }
}
