//! Patterns of texts.

use std::fmt;
use std::str::FromStr;

use regex_lite::Regex;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A regular expression, checked when it is made and matched in linear time.
///
/// It means what it means in JSON Schema: it is looked for anywhere in the text, and `\d` is 0 to 9.
///
/// ```
/// use queue_core::contract::Pattern;
/// let ticket: Pattern = "^[A-Z]+-[0-9]+$".parse().unwrap();
/// assert!(ticket.is_found_in("OPS-17"));
/// assert!("(".parse::<Pattern>().is_err());
/// ```
#[derive(Clone)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

/// What was given is no regular expression.
#[derive(Debug, Clone, thiserror::Error)]
#[error(
    "`{text}` is no pattern: {why}; write a regular expression without look-around and back-references"
)]
pub struct InvalidPattern {
    text: String,
    why: String,
}

impl Pattern {
    /// Whether a text has it.
    #[must_use]
    pub fn is_found_in(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for Pattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, InvalidPattern> {
        let regex = Regex::new(text).map_err(|error| InvalidPattern {
            text: text.to_owned(),
            why: error.to_string(),
        })?;
        Ok(Self {
            text: text.to_owned(),
            regex,
        })
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.text).finish()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
