//! What sorts of secrets there are.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The class of something that was taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Class {
    /// A line of a private key in PEM.
    PemBlock,
    /// A key that tells its maker by how it begins.
    KnownKey,
    /// What stands after `Bearer`, `Basic` or `Token`.
    Authorization,
    /// Who and by which password, in a URI.
    UriUserinfo,
    /// What a password, token or key is set to.
    AssignedValue,
    /// Something that looks as if it was drawn by lot.
    HighEntropy,
    /// An address of a person.
    EmailAddress,
    /// The name of a machine that is nobody's business outside.
    InternalHost,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::PemBlock,
        Self::KnownKey,
        Self::Authorization,
        Self::UriUserinfo,
        Self::AssignedValue,
        Self::HighEntropy,
        Self::EmailAddress,
        Self::InternalHost,
    ];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PemBlock => "pem_block",
            Self::KnownKey => "known_key",
            Self::Authorization => "authorization",
            Self::UriUserinfo => "uri_userinfo",
            Self::AssignedValue => "assigned_value",
            Self::HighEntropy => "high_entropy",
            Self::EmailAddress => "email_address",
            Self::InternalHost => "internal_host",
        }
    }

    /// What stands in a text for what was taken.
    #[must_use]
    pub fn placeholder(self) -> &'static str {
        match self {
            Self::PemBlock => "[REDACTED:pem_block]",
            Self::KnownKey => "[REDACTED:known_key]",
            Self::Authorization => "[REDACTED:authorization]",
            Self::UriUserinfo => "[REDACTED:uri_userinfo]",
            Self::AssignedValue => "[REDACTED:assigned_value]",
            Self::HighEntropy => "[REDACTED:high_entropy]",
            Self::EmailAddress => "[REDACTED:email_address]",
            Self::InternalHost => "[REDACTED:internal_host]",
        }
    }

    /// The placeholder at the beginning of a text, if there is one of ours.
    pub(super) fn placeholder_at(text: &str) -> Option<&'static str> {
        let mut ours = Self::ALL.into_iter().map(Self::placeholder);
        text.starts_with("[REDACTED:")
            .then(|| ours.find(|placeholder| text.starts_with(placeholder)))
            .flatten()
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
