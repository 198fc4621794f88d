//! Where a page of letters begins.

use std::fmt;
use std::str::FromStr;

use crate::batch::{MAX_PAGE, check_range};
use crate::{InvalidBatch, JobId, LetterFilter, Timestamp};

/// Before every death: the first day of year 1, which every store can say.
const BEGINNING: Timestamp = Timestamp::from_micros(-62_135_596_800_000_000);
/// After every death: the last second of year 9999.
const END: Timestamp = Timestamp::from_micros(253_402_300_799_000_000);

/// A letter's place in the list: when its job died, and which it is.
///
/// ```
/// use queue_core::{JobId, LetterCursor, Timestamp};
/// let cursor = LetterCursor { died_at: Timestamp::from_micros(1_000), job: JobId::new(7) };
/// assert_eq!(cursor.to_string(), "1000.7");
/// assert_eq!("1000.7".parse(), Ok(cursor));
/// let error = "7".parse::<LetterCursor>().unwrap_err();
/// assert!(error.to_string().contains("as the page before ended with it"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LetterCursor {
    /// When its job last died.
    pub died_at: Timestamp,
    /// The job.
    pub job: JobId,
}

impl fmt::Display for LetterCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.died_at.as_micros(), self.job)
    }
}

/// Why a text is not a cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a place in a list of dead letters: write it as the page before ended with it"
)]
pub struct InvalidCursor(String);

impl FromStr for LetterCursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let parsed = text.split_once('.').and_then(|(died_at, job)| {
            Some(Self {
                died_at: Timestamp::from_micros(died_at.parse().ok()?),
                job: JobId::new(job.parse().ok()?),
            })
        });
        parsed.ok_or_else(|| {
            let shown = text.chars().take(40).flat_map(char::escape_debug);
            InvalidCursor(shown.collect())
        })
    }
}

/// A page of letters: how many, and behind which.
///
/// The newest death comes first: that is what an operator asks for at night, and a span of time is then
/// a span of the list, whatever else is filtered by. A letter whose job dies again while somebody turns
/// pages moves to the front; no other is shown twice or left out for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LetterPage {
    limit: u32,
    after: Option<LetterCursor>,
}

impl LetterPage {
    /// The first page, with 1 to [`MAX_PAGE`] letters.
    pub fn first(limit: u32) -> Result<Self, InvalidBatch> {
        check_range("the page size", limit.into(), 1, MAX_PAGE.into())?;
        Ok(Self { limit, after: None })
    }

    /// The page behind this place.
    #[must_use]
    pub fn after(self, cursor: LetterCursor) -> Self {
        Self {
            after: Some(cursor),
            ..self
        }
    }

    /// How many letters at most.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// Everything of the page is behind this place: the cursor, or the filter's `until`.
    #[must_use]
    pub fn behind(&self, filter: &LetterFilter) -> LetterCursor {
        let until = before(filter);
        self.after.map_or(until, |after| after.min(until))
    }
}

/// The filter's `until` as a place.
pub(super) fn before(filter: &LetterFilter) -> LetterCursor {
    LetterCursor {
        died_at: filter.until.unwrap_or(END),
        job: JobId::new(i64::MIN),
    }
}

/// The filter's `since`, or a time before all deaths.
pub(super) fn since(filter: &LetterFilter) -> Timestamp {
    filter.since.unwrap_or(BEGINNING)
}
