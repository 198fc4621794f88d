//! Codes as text, both ways.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Code, UnknownCode};

impl Code {
    /// Whether `reason` is one of the finer reasons under this code. A code that stands for others
    /// takes each code as its reason.
    ///
    /// ```
    /// use queue_core::Code;
    /// assert!(Code::InvalidJson.permits("syntax"));
    /// assert!(!Code::InvalidJson.permits("too_deep"));
    /// assert!(Code::ItemDropped.permits("invalid_enum_value"));
    /// ```
    #[must_use]
    pub fn permits(self, reason: &str) -> bool {
        let entry = self.entry();
        entry.reasons.iter().any(|known| known.name == reason)
            || entry.summary && reason.parse::<Self>().is_ok()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl AsRef<str> for Code {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let all = || Self::all().iter().copied();
        // A short name may be the whole name of another code: that one is meant then.
        all()
            .find(|code| code.as_str() == text)
            .or_else(|| all().find(|code| code.short() == text))
            .ok_or_else(|| UnknownCode::new(text))
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl de::Visitor<'_> for Text {
            type Value = Code;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a code of the catalogue")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Code, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_read_back_as_itself() {
        for code in Code::all() {
            assert_eq!(code.to_string().parse(), Ok(*code));
            let json = serde_json::to_string(code).unwrap();
            assert_eq!(serde_json::from_str::<Code>(&json).unwrap(), *code);
        }
        assert!(serde_json::from_str::<Code>("\"no_code\"").is_err());
    }

    #[test]
    fn only_a_summary_takes_codes_as_reasons() {
        for summary in Code::all().iter().filter(|code| code.entry().summary) {
            assert!(
                Code::all()
                    .iter()
                    .all(|code| summary.permits(code.as_str()))
            );
            assert!(!summary.permits("no_code"));
        }
        assert!(!Code::SchemaMismatch.permits("invalid_json"));
    }
}
