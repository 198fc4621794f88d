//! How often something is done, and how long something may take.

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
    /// So many seconds; a program's own defaults are written so.
    ///
    /// ```
    /// assert_eq!(queue_ops::Span::secs(90).to_string(), "1m 30s");
    /// ```
    #[must_use]
    pub const fn secs(secs: u64) -> Self {
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

/// How often something is done, or `off`.
///
/// ```
/// use queue_ops::Every;
/// assert_eq!("off".parse::<Every>().unwrap().get(), None);
/// assert_eq!("10m".parse::<Every>().unwrap().to_string(), "10m");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Every(Option<Span>);

impl Every {
    pub(super) const fn secs(secs: u64) -> Self {
        Self(Some(Span::secs(secs)))
    }

    /// The time from one to the next; none if it is off.
    #[must_use]
    pub fn get(self) -> Option<Duration> {
        self.0.map(Span::get)
    }
}

impl FromStr for Every {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(Self(None)),
            _ => match text.parse() {
                Ok(span) => Ok(Self(Some(span))),
                Err(problem) => Err(format!("{problem}, or off")),
            },
        }
    }
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(span) => span.fmt(f),
            None => f.pad("off"),
        }
    }
}

/// More would hold locks for longer than others care to wait.
const MOST: u32 = 1000;

/// How many rows a transaction is for: 1 to 1000.
///
/// ```
/// use queue_ops::PageSize;
/// assert_eq!("500".parse::<PageSize>().unwrap().get(), 500);
/// assert_eq!("0".parse::<PageSize>().unwrap_err(), "`0` is no number of rows: write 1 to 1000");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Rows", into = "u32")]
pub struct PageSize(u32);

impl PageSize {
    pub(super) const fn of(rows: u32) -> Self {
        Self(rows)
    }

    /// How many.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl FromStr for PageSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rows = text.parse().ok();
        let rows = rows.filter(|rows| (1..=MOST).contains(rows));
        let shown: String = text.chars().take(40).flat_map(char::escape_debug).collect();
        rows.map(Self)
            .ok_or_else(|| format!("`{shown}` is no number of rows: write 1 to {MOST}"))
    }
}

impl From<PageSize> for u32 {
    fn from(size: PageSize) -> Self {
        size.0
    }
}

/// In a file it is a number, in a variable a text.
#[derive(Deserialize)]
#[serde(untagged, expecting = "this is no number of rows: write 1 to 1000")]
enum Rows {
    Number(i64),
    Text(String),
}

impl TryFrom<Rows> for PageSize {
    type Error = String;

    fn try_from(rows: Rows) -> Result<Self, String> {
        match rows {
            Rows::Number(number) => number.to_string().parse(),
            Rows::Text(text) => text.parse(),
        }
    }
}

macro_rules! text {
    ($($type:ident),+) => {
        $(
            impl TryFrom<String> for $type {
                type Error = String;
                fn try_from(text: String) -> Result<Self, String> {
                    text.parse()
                }
            }
            impl From<$type> for String {
                fn from(it: $type) -> Self {
                    it.to_string()
                }
            }
        )+
    };
}

text!(Span, Every);
