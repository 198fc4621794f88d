//! Finding dead letters: which are wanted, page by page, and how many there are of what.

mod cursor;
mod filter;
mod group;
mod lead;
mod list;

pub use cursor::{InvalidCursor, LetterCursor, LetterPage};
pub use filter::{JobSet, LetterFilter};
pub use group::{GroupBy, LETTER_COUNT_CAP, LetterGroup, LetterGroups};
pub use lead::LetterLead;
pub use list::{LETTER_SCAN, LetterList, LetterSummary, Seen};
