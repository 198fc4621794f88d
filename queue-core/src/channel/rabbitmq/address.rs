//! Where a broker is: an address that may hold a password.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::channel::{SecretSource, SendError, mask};

/// Where a broker is.
#[derive(Clone)]
pub(super) enum Address {
    /// As it was given.
    Given(SecretString),
    /// Read anew for each connection: it may be changed meanwhile.
    Kept(SecretSource),
}

impl Address {
    pub(super) fn read(&self) -> Result<SecretString, SendError> {
        match self {
            Self::Given(text) => Ok(text.clone()),
            // Ours to put right, and no message's fault.
            Self::Kept(source) => source
                .read()
                .map_err(|error| SendError::not_ready(error.to_string())),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(text) => f.write_str(&mask(text.expose_secret())),
            Self::Kept(source) => write!(f, "{source}"),
        }
    }
}
