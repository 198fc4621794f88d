//! How far a running job is, in its own words.

use serde::{Deserialize, Serialize};

use crate::Code;

/// The most bytes of a report's note.
pub const MAX_NOTE_BYTES: usize = 1000;

/// Why a report was refused, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidReport {
    /// It says nothing.
    #[error("the report says nothing: give it a percentage or a note")]
    Empty,
    /// More than all of it.
    #[error("{0} percent is not possible: choose from 0 to 100")]
    Percent(u8),
    /// The note is too long.
    #[error(
        "the note has {0} bytes, the limit is {MAX_NOTE_BYTES}: say where the job is, and put what it \
         found into its result"
    )]
    TooLong(usize),
    /// The note has a NUL, which Postgres cannot store as text.
    #[error("the note has a NUL character: leave it out")]
    Nul,
}

impl InvalidReport {
    /// A stable reason code: what is wrong with the report.
    ///
    /// ```
    /// use queue_core::ProgressReport;
    /// assert_eq!(ProgressReport::new(Some(101), None).unwrap_err().code(), "percent");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => Code::Empty.as_str(),
            Self::Percent(_) => Code::ReportPercent.as_str(),
            Self::TooLong(_) => Code::NoteTooLong.as_str(),
            Self::Nul => Code::NoteNul.as_str(),
        }
    }
}

/// How far a running job is: a percentage, a note, or both. It travels with the next renewal of the
/// job's lease, replaces the one before, and is shown while the job is live; a new attempt shows what
/// the last one reported until it reports itself.
///
/// ```
/// use queue_core::ProgressReport;
/// let report = ProgressReport::new(Some(40), Some("page 12 of 30".to_owned())).unwrap();
/// assert_eq!((report.percent(), report.note()), (Some(40), Some("page 12 of 30")));
/// let error = ProgressReport::new(Some(140), None).unwrap_err();
/// assert_eq!(error.to_string(), "140 percent is not possible: choose from 0 to 100");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Said", into = "Said")]
pub struct ProgressReport {
    percent: Option<u8>,
    note: Option<String>,
}

impl ProgressReport {
    /// A percentage from 0 to 100, a note of at most [`MAX_NOTE_BYTES`], or both.
    pub fn new(percent: Option<u8>, note: Option<String>) -> Result<Self, InvalidReport> {
        if percent.is_none() && note.is_none() {
            return Err(InvalidReport::Empty);
        }
        if let Some(percent) = percent.filter(|percent| *percent > 100) {
            return Err(InvalidReport::Percent(percent));
        }
        if let Some(note) = &note {
            if note.len() > MAX_NOTE_BYTES {
                return Err(InvalidReport::TooLong(note.len()));
            }
            if note.contains('\0') {
                return Err(InvalidReport::Nul);
            }
        }
        Ok(Self { percent, note })
    }

    /// What a store read back, if there was anything. It was checked when it came in and is not
    /// checked again, so that a lowered limit cannot make a job unreadable.
    #[must_use]
    pub fn stored(percent: Option<u8>, note: Option<String>) -> Option<Self> {
        (percent.is_some() || note.is_some()).then_some(Self { percent, note })
    }

    /// From 0 to 100.
    #[must_use]
    pub fn percent(&self) -> Option<u8> {
        self.percent
    }

    /// Where it is, in words.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }
}

/// As it is written.
#[derive(Serialize, Deserialize)]
struct Said {
    percent: Option<u8>,
    note: Option<String>,
}

impl TryFrom<Said> for ProgressReport {
    type Error = InvalidReport;
    fn try_from(said: Said) -> Result<Self, InvalidReport> {
        Self::new(said.percent, said.note)
    }
}

impl From<ProgressReport> for Said {
    fn from(ProgressReport { percent, note }: ProgressReport) -> Self {
        Self { percent, note }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_backend_or_a_bar_could_not_show_is_refused() {
        let noted = |note: &str| ProgressReport::new(None, Some(note.to_owned()));
        assert_eq!(ProgressReport::new(None, None), Err(InvalidReport::Empty));
        assert_eq!(noted("a\0b"), Err(InvalidReport::Nul));
        assert_eq!(noted(&"x".repeat(1001)), Err(InvalidReport::TooLong(1001)));
        noted(&"x".repeat(1000)).unwrap();
        noted("two\nlines ü").unwrap();
        for percent in [0, 100] {
            ProgressReport::new(Some(percent), None).unwrap();
        }
    }

    #[test]
    fn a_report_is_checked_when_it_is_deserialized_too() {
        let report = ProgressReport::new(Some(7), None).unwrap();
        let text = serde_json::to_string(&report).unwrap();
        assert_eq!(
            serde_json::from_str::<ProgressReport>(&text).unwrap(),
            report
        );
        assert!(serde_json::from_str::<ProgressReport>(r#"{"percent":101,"note":null}"#).is_err());
    }
}
