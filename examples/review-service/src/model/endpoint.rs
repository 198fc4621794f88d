//! Where the model is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// The URL of a model's chat completions: https, or http on this machine. It has no name and no password in it: a
/// credential has a place of its own.
///
/// ```
/// use review_service::model::Endpoint;
/// assert!("https://models.example.com/v1/chat/completions".parse::<Endpoint>().is_ok());
/// assert!("http://127.0.0.1:8080/v1/chat/completions".parse::<Endpoint>().is_ok());
/// let error = "http://models.example.com/v1".parse::<Endpoint>().unwrap_err();
/// assert!(error.to_string().ends_with("write https"), "{error}");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Endpoint(Url);

/// What was given is no endpoint. The text is not repeated: it may have a key in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the endpoint of the model {0}")]
pub struct InvalidEndpoint(&'static str);

impl Endpoint {
    /// The URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }
}

impl FromStr for Endpoint {
    type Err = InvalidEndpoint;

    fn from_str(text: &str) -> Result<Self, InvalidEndpoint> {
        let url: Url = text.parse().map_err(|_| {
            InvalidEndpoint(
                "is no URL: write one like https://models.example.com/v1/chat/completions",
            )
        })?;
        match url.scheme() {
            "https" => {}
            "http" if is_here(&url) => {}
            "http" => {
                return Err(InvalidEndpoint(
                    "is not encrypted, and not on this machine: write https",
                ));
            }
            _ => return Err(InvalidEndpoint("is of another scheme: write https")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidEndpoint(
                "has a name or a password in it: leave them out, and name the key by `credential`",
            ));
        }
        if url.query().is_some_and(holds_a_key) {
            return Err(InvalidEndpoint(
                "has a key in its query: leave it out, and name the key by `credential`",
            ));
        }
        Ok(Self(url))
    }
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Some servers want a version in the query, which is no secret; others take the key there, which ends in logs.
fn holds_a_key(query: &str) -> bool {
    let query = query.to_ascii_lowercase();
    ["key=", "token=", "secret="]
        .iter()
        .any(|name| query.contains(name))
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for Endpoint {
    type Error = InvalidEndpoint;

    fn try_from(text: String) -> Result<Self, InvalidEndpoint> {
        text.parse()
    }
}

impl From<Endpoint> for String {
    fn from(endpoint: Endpoint) -> Self {
        endpoint.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_says_what_to_write_and_repeats_nothing() {
        for (text, says) in [
            ("models.example.com", "is no URL"),
            ("ftp://models.example.com", "write https"),
            ("http://10.0.0.1/v1", "write https"),
            ("http://127.0.0.1.example.com/v1", "write https"),
            ("https://me:hunter2@models.example.com/v1", "`credential`"),
            (
                "https://models.example.com/v1?api_key=hunter2",
                "`credential`",
            ),
        ] {
            let error = text.parse::<Endpoint>().unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn this_machine_needs_no_encryption() {
        for text in [
            "http://localhost:1/v1",
            "http://[::1]:1/v1",
            "http://127.9.9.9/v1",
        ] {
            assert!(text.parse::<Endpoint>().is_ok(), "{text}");
        }
        let versioned = "https://models.example.com/v1?api-version=2026-01-01";
        assert_eq!(
            versioned.parse::<Endpoint>().unwrap().to_string(),
            versioned
        );
    }
}
