//! How long something may take.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

const RULE: &str = "write a number and a unit, like 500ms, 5s, 10m or 1h 30m";

/// A time span as it is written: `5s`, `10m`, `1h 30m`. None is shorter than a millisecond.
///
/// ```
/// use std::time::Duration;
/// use queue_ops::Span;
/// let span: Span = "1h 30m".parse().unwrap();
/// assert_eq!(span.get(), Duration::from_secs(5400));
/// assert_eq!(
///     "5".parse::<Span>().unwrap_err(),
///     "`5` is no time span: write a number and a unit, like 500ms, 5s, 10m or 1h 30m"
/// );
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(Duration);

impl Span {
    /// So many seconds.
    pub(super) const fn secs(secs: u64) -> Self {
        Self(Duration::from_secs(secs))
    }

    /// How long it is.
    #[must_use]
    pub const fn get(self) -> Duration {
        self.0
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shown = || {
            text.chars()
                .take(40)
                .flat_map(char::escape_debug)
                .collect::<String>()
        };
        match humantime::parse_duration(text) {
            Ok(span) if span >= Duration::from_millis(1) => Ok(Self(span)),
            Ok(_) => Err(format!("`{}` is too short: write 1ms or more", shown())),
            Err(_) => Err(format!("`{}` is no time span: {RULE}", shown())),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_duration(self.0).fmt(f)
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}
