//! How fast a run goes.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

/// So many letters in so much time.
///
/// ```
/// use std::time::Duration;
/// use queue_core::{Due, Pace};
/// let pace: Pace = "10/s".parse().unwrap();
/// assert_eq!(pace.due(Duration::ZERO, 0), Due::Now(1));
/// assert_eq!(pace.due(Duration::from_secs(1), 1), Due::Now(10));
/// assert_eq!(pace.due(Duration::from_secs(1), 11), Due::In(Duration::from_millis(100)));
/// let error = "fast".parse::<Pace>().unwrap_err();
/// assert_eq!(error.to_string(), "`fast` is no pace: write a count and a unit, like 10/s, 300/m or 5000/h");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    letters: NonZeroU32,
    unit: char,
}

/// Why a text is no pace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no pace: write a count and a unit, like 10/s, 300/m or 5000/h")]
pub struct InvalidPace(String);

/// How many letters are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// So many now.
    Now(u64),
    /// The next one after this long.
    In(Duration),
}

impl Pace {
    fn micros(self) -> u128 {
        match self.unit {
            's' => 1_000_000,
            'm' => 60_000_000,
            _ => 3_600_000_000,
        }
    }

    /// What is due so long after the run began (or went on), when so many letters have been replayed since.
    #[must_use]
    pub fn due(self, elapsed: Duration, replayed: u64) -> Due {
        let (letters, unit) = (u128::from(self.letters.get()), self.micros());
        let allowed = elapsed.as_micros() * letters / unit + 1;
        let replayed = u128::from(replayed);
        if allowed > replayed {
            return Due::Now(u64::try_from(allowed - replayed).unwrap_or(u64::MAX));
        }
        let at = (replayed * unit).div_ceil(letters);
        let wait = at.saturating_sub(elapsed.as_micros());
        Due::In(Duration::from_micros(
            u64::try_from(wait).unwrap_or(u64::MAX),
        ))
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.letters, self.unit)
    }
}

impl FromStr for Pace {
    type Err = InvalidPace;

    fn from_str(text: &str) -> Result<Self, InvalidPace> {
        let parsed = text.split_once('/').and_then(|(letters, unit)| {
            let letters = letters.parse().ok()?;
            let unit = match unit {
                "s" => 's',
                "m" => 'm',
                "h" => 'h',
                _ => return None,
            };
            Some(Self { letters, unit })
        });
        parsed.ok_or_else(|| {
            let shown = text.chars().take(40).flat_map(char::escape_debug);
            InvalidPace(shown.collect())
        })
    }
}
