//! A review as the contract lets it through.

use serde::{Deserialize, Serialize};

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$each])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// All of them, as they are written.
            pub const ALL: [&str; [$($text),+].len()] = [$($text),+];

            /// As it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

choice! {
    /// How bad a finding is; the worst comes first.
    Severity {
        /// Must not go out.
        Critical = "critical",
        /// Will hurt.
        High = "high",
        /// May hurt.
        Medium = "medium",
        /// Could be better.
        Low = "low",
        /// Worth knowing.
        Info = "info",
    }
}

choice! {
    /// What a finding concerns.
    Category {
        /// It does something wrong.
        Correctness = "correctness",
        /// It lets somebody do what they must not.
        Security = "security",
        /// It is slower than it needs to be.
        Performance = "performance",
        /// It does not stand what goes wrong around it.
        Reliability = "reliability",
        /// It is hard to change.
        Maintainability = "maintainability",
        /// It looks different from the rest.
        Style = "style",
        /// It is not tested, or a test of it is not one.
        Test = "test",
    }
}

choice! {
    /// How sure the model says it is.
    Confidence {
        /// Very.
        High = "high",
        /// Somewhat.
        Medium = "medium",
        /// Not very.
        Low = "low",
    }
}

/// A review: every finding is in a file of the change. Its texts are the model's: whoever shows them escapes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The version of the contract that it was written by.
    pub schema_version: String,
    /// The version of the prompt that was answered.
    pub prompt_version: String,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// The change in a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Tells findings of one answer apart.
    pub id: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it concerns.
    pub category: Category,
    /// One line that says what is wrong.
    pub title: String,
    /// The path of the file, as the change names it.
    pub file: String,
    /// The first line that it concerns.
    pub line: u64,
    /// What is wrong, and why.
    pub message: String,
    /// The last line that it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_line: Option<u64>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// How sure it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// The rule that it breaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_id: Option<String>,
}
