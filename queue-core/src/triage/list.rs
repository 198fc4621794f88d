//! A page of letters as a list shows them.

use crate::{
    ErrorClass, JobId, KindName, LetterCursor, LetterPage, LetterState, QueueName, ReasonCode,
    StageName, TenantName, Timestamp,
};

/// So many letters are looked at for one page. A filter that few letters meet, along an index that has
/// many more, gives a short page then, or an empty one, and the place to go on from.
pub const LETTER_SCAN: u32 = 10_000;

/// A dead letter in a list: what it died of, without what it has to work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterSummary {
    /// The job.
    pub job: JobId,
    /// Where the letter is.
    pub state: LetterState,
    /// Grows with every change: what a plan is made on.
    pub version: i64,
    /// How often the job died.
    pub deaths: u32,
    /// How often it was replayed.
    pub replays: u32,
    /// When it last died.
    pub died_at: Timestamp,
    /// Its queue.
    pub queue: QueueName,
    /// Its kind.
    pub kind: KindName,
    /// Its tenant.
    pub tenant: Option<TenantName>,
    /// The stage that it died in.
    pub stage: StageName,
    /// What it died of.
    pub error_class: ErrorClass,
    /// Why its payload or result was refused, if that was it.
    pub reason: Option<ReasonCode>,
    /// The text of the error.
    pub message: String,
    /// Whether there is evidence about its last death: without, it is not replayed.
    pub has_evidence: bool,
}

impl LetterSummary {
    /// Its place in the list.
    #[must_use]
    pub fn cursor(&self) -> LetterCursor {
        LetterCursor {
            died_at: self.died_at,
            job: self.job,
        }
    }
}

/// A page of letters, newest death first, and where the next one begins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LetterList {
    /// The letters.
    pub letters: Vec<LetterSummary>,
    /// Behind this there may be more; `None` at the end. A page can be short and have a next one, see
    /// [`LETTER_SCAN`].
    pub next: Option<LetterCursor>,
}

/// What a store came by on its way along an index.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The letter.
    pub letter: LetterSummary,
    /// Whether the filter takes it.
    pub fits: bool,
    /// Its place on the way, from 1.
    pub place: u32,
}

impl LetterList {
    /// The page, from what a store came by: those that fit, one more than the page has, and the letter in
    /// place [`LETTER_SCAN`], whether it fits or not.
    #[must_use]
    pub fn of(page: LetterPage, seen: impl IntoIterator<Item = Seen>) -> Self {
        let mut list = Self::default();
        for Seen {
            letter,
            fits,
            place,
        } in seen
        {
            if fits && list.letters.len() == page.limit() as usize {
                list.next = list.letters.last().map(LetterSummary::cursor);
                break;
            }
            if place == LETTER_SCAN {
                list.next = Some(letter.cursor());
            }
            if fits {
                list.letters.push(letter);
            }
        }
        list
    }
}
