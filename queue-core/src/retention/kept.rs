//! For how long.

use std::fmt;
use std::time::Duration;

use super::InvalidRetention;
use crate::Timestamp;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: u64 = 24 * 3600;
/// A hundred years.
const LONGEST: Duration = Duration::from_secs(36_525 * DAY);

/// For how long something is kept after its end.
///
/// ```
/// use std::time::Duration;
/// use queue_core::{Kept, Timestamp};
/// let week = Kept::days(7);
/// assert!(week < Kept::Forever);
/// assert_eq!((week.to_string().as_str(), Kept::Forever.to_string().as_str()), ("7d", "forever"));
/// let now = Timestamp::from_micros(1_800_000_000_000_000);
/// assert_eq!(week.before(now), Some(now - Duration::from_secs(7 * 24 * 3600)));
/// assert_eq!(Kept::Forever.before(now), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kept {
    /// This long.
    For(Duration),
    /// It is never removed.
    Forever,
}

impl Kept {
    /// This many days.
    #[must_use]
    pub const fn days(days: u64) -> Self {
        Self::For(Duration::from_secs(days * DAY))
    }

    /// Reads `forever`, or a span as operators write it.
    ///
    /// ```
    /// use queue_core::Kept;
    /// assert_eq!(Kept::parse("30d"), Ok(Kept::days(30)));
    /// assert_eq!(Kept::parse("forever"), Ok(Kept::Forever));
    /// let error = Kept::parse("a while").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "a while: it is no span of time; write one such as 30d or 12h, or forever"
    /// );
    /// ```
    pub fn parse(text: &str) -> Result<Self, InvalidRetention> {
        if text == "forever" {
            return Ok(Self::Forever);
        }
        let span = humantime::parse_duration(text).map_err(|_| {
            InvalidRetention::new(
                text,
                "it is no span of time",
                "write one such as 30d or 12h, or forever",
            )
        })?;
        Self::For(span).checked()
    }

    /// Refuses what nobody can mean: less than a minute, more than a hundred years.
    pub fn checked(self) -> Result<Self, InvalidRetention> {
        let Self::For(span) = self else {
            return Ok(self);
        };
        if span < MINUTE {
            return Err(InvalidRetention::new(
                &humantime::format_duration(span).to_string(),
                "it is less than a minute",
                "write 1m or more: what just ended is still looked at",
            ));
        }
        if span > LONGEST {
            return Err(InvalidRetention::new(
                &format!("{} days", span.as_secs() / DAY),
                "it is more than a hundred years",
                "write forever",
            ));
        }
        Ok(self)
    }

    /// What ended at this time or before is not kept any more; `None` where all is kept.
    #[must_use]
    pub fn before(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::For(span) => Some(now - span),
            Self::Forever => None,
        }
    }

    /// In whole seconds; `None` is for ever.
    #[must_use]
    pub fn seconds(self) -> Option<u64> {
        match self {
            Self::For(span) => Some(span.as_secs()),
            Self::Forever => None,
        }
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::For(span) = self else {
            return f.write_str("forever");
        };
        let seconds = span.as_secs();
        if span.subsec_nanos() > 0 || seconds == 0 {
            return write!(f, "{span:?}");
        }
        let units = [(DAY, "d"), (3600, "h"), (60, "m"), (1, "s")];
        let mut rest = seconds;
        let mut parts = Vec::new();
        for (length, unit) in units {
            if rest >= length {
                parts.push(format!("{}{unit}", rest / length));
                rest %= length;
            }
        }
        f.write_str(&parts.join(" "))
    }
}
