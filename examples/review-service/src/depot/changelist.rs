//! The number of a change.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The depot counts in 31 bits.
const HIGHEST: u64 = 2_147_483_647;

/// A number from 1 on. It is all that reaches the arguments of the depot's client, so that there is nothing in it for
/// a shell, and no option.
///
/// ```
/// use review_service::depot::Changelist;
/// assert_eq!("4711".parse::<Changelist>().unwrap().get(), 4711);
/// assert!("4711; rm -rf /".parse::<Changelist>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Changelist(u64);

/// What is no number of a change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{shown}` is no changelist; write its number, 1 to 2147483647, in digits alone")]
pub struct InvalidChangelist {
    /// What was refused, shortened and escaped.
    pub shown: String,
}

impl InvalidChangelist {
    fn new(text: &str) -> Self {
        Self {
            shown: text.chars().take(40).flat_map(char::escape_debug).collect(),
        }
    }
}

impl Changelist {
    /// Of that number.
    pub fn new(number: u64) -> Result<Self, InvalidChangelist> {
        if (1..=HIGHEST).contains(&number) {
            Ok(Self(number))
        } else {
            Err(InvalidChangelist::new(&number.to_string()))
        }
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }
}

impl FromStr for Changelist {
    type Err = InvalidChangelist;

    /// Digits alone: no sign, no space, no zeros before it, no digits of other scripts.
    fn from_str(text: &str) -> Result<Self, InvalidChangelist> {
        let invalid = || InvalidChangelist::new(text);
        if text.starts_with('0') || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(invalid());
        }
        let number = text.parse().map_err(|_| invalid())?;
        Self::new(number).map_err(|_| invalid())
    }
}

impl TryFrom<u64> for Changelist {
    type Error = InvalidChangelist;

    fn try_from(number: u64) -> Result<Self, InvalidChangelist> {
        Self::new(number)
    }
}

impl From<Changelist> for u64 {
    fn from(changelist: Changelist) -> u64 {
        changelist.0
    }
}

impl fmt::Display for Changelist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
