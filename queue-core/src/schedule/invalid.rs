use std::time::Duration;

use crate::{Code, InvalidHeader};

/// Why a schedule was refused, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSchedule {
    /// The expression is none.
    #[error(
        "`{expression}` is not a cron expression: {problem}; write minute, hour, day of month, month \
         and day of week, like `0 3 * * *` or `*/15 8-18 * * MON-FRI`"
    )]
    Expression {
        /// What was given, shortened.
        expression: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The expression names days that no year has.
    #[error(
        "`{0}` names no day that ever comes: write a day of the month that one of its months has"
    )]
    Never(String),
    /// The zone is none.
    #[error(
        "`{0}` is not a time zone: write a name of the IANA database, like Europe/Berlin or UTC"
    )]
    Zone(String),
    /// The interval makes no sense.
    #[error("an interval of {0:?} is not possible: choose from 1s to 366 days")]
    Interval(Duration),
    /// The job has something that a schedule cannot repeat.
    #[error("the job of a schedule has {what}: {instead}")]
    Template {
        /// What it has.
        what: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// The job's headers leave no room for the tick's.
    #[error("the job of a schedule needs room for one more header: {0}")]
    Headers(#[source] InvalidHeader),
}

impl InvalidSchedule {
    /// A stable reason code: what is wrong with the schedule.
    ///
    /// ```
    /// use queue_core::Cadence;
    /// let error = Cadence::cron("0 0 30 2 *", "UTC").unwrap_err();
    /// assert_eq!(error.code(), "never");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Expression { .. } => Code::ScheduleExpression.as_str(),
            Self::Never(_) => Code::ScheduleNever.as_str(),
            Self::Zone(_) => Code::ScheduleZone.as_str(),
            Self::Interval(_) => Code::ScheduleInterval.as_str(),
            Self::Template { .. } => Code::ScheduleTemplate.as_str(),
            Self::Headers(_) => Code::ScheduleHeaders.as_str(),
        }
    }
}
