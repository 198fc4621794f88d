//! What is taken out besides secrets.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Changes whenever the rules do: what was redacted by older ones is redacted anew.
const RULES: &str = "review-service redaction 1";

/// Secrets are always taken out; what is personal or internal where this says so.
///
/// ```
/// use review_service::redaction::RedactionPolicy;
/// let policy: RedactionPolicy = toml::from_str("internal_hosts = ['corp.example.com']").unwrap();
/// assert!(policy.emails);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RedactionPolicy {
    /// Whether addresses of e-mail are taken out. They are, unless this says no.
    pub emails: bool,
    /// The ends of names of machines that are taken out: `corp.example.com` means it and all names below.
    pub internal_hosts: Vec<String>,
}

impl Default for RedactionPolicy {
    fn default() -> Self {
        Self {
            emails: true,
            internal_hosts: Vec::new(),
        }
    }
}

/// An end of names that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{host}` is not the end of a name of machines: {problem}; write it like corp.example.com")]
pub struct InvalidPolicy {
    /// What was refused, shortened and escaped.
    pub host: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl RedactionPolicy {
    /// In one form: small letters, no dots around, in order, each once.
    pub(super) fn checked(mut self) -> Result<Self, InvalidPolicy> {
        for host in &mut self.internal_hosts {
            let bare = host.trim_matches('.').to_ascii_lowercase();
            let problem = if bare.is_empty() {
                "it is empty"
            } else if !bare.bytes().all(super::word::is_host) {
                "it has characters that names of machines have not"
            } else if bare.contains("..") {
                "it has an empty label"
            } else {
                *host = bare;
                continue;
            };
            return Err(InvalidPolicy {
                host: host.chars().take(60).flat_map(char::escape_debug).collect(),
                problem,
            });
        }
        self.internal_hosts.sort();
        self.internal_hosts.dedup();
        Ok(self)
    }

    /// SHA-256 of the rules and of what the policy says.
    pub(super) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(RULES);
        hash.update([u8::from(self.emails)]);
        for host in &self.internal_hosts {
            hash.update(host);
            hash.update(b"\n");
        }
        crate::hexadecimal(&hash.finalize())
    }
}
