//! Secrets that webhooks are signed with.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

/// What such a secret begins with.
const PREFIX: &str = "whsec_";

/// A text is no signing secret. It is not repeated here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a signing secret {0}: write whsec_ and 24 to 64 random bytes in base64, like whsec_$(openssl rand -base64 32)"
)]
pub struct InvalidSigningSecret(&'static str);

/// A secret that webhooks are signed with: `whsec_` and 24 to 64 bytes in base64.
///
/// ```
/// use queue_core::channel::SigningSecret;
/// let secret: SigningSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
/// assert!(!format!("{secret:?}").contains("MfKQ"));
/// let error = "hunter2".parse::<SigningSecret>().unwrap_err().to_string();
/// assert!(error.contains("write whsec_") && !error.contains("hunter2"));
/// ```
#[derive(Clone)]
pub struct SigningSecret(Arc<Parts>);

struct Parts {
    /// As it is written, with and without what it begins with.
    texts: [SecretString; 2],
    bytes: SecretSlice<u8>,
}

impl SigningSecret {
    pub(super) fn bytes(&self) -> &[u8] {
        self.0.bytes.expose_secret()
    }

    /// What must not be read anywhere.
    pub(super) fn texts(&self) -> &[SecretString] {
        &self.0.texts
    }
}

impl FromStr for SigningSecret {
    type Err = InvalidSigningSecret;

    fn from_str(text: &str) -> Result<Self, InvalidSigningSecret> {
        let text = text.trim();
        let encoded = text
            .strip_prefix(PREFIX)
            .ok_or(InvalidSigningSecret("does not begin with whsec_"))?;
        let bytes = STANDARD
            .decode(encoded)
            .map_err(|_| InvalidSigningSecret("is not in base64"))?;
        if !(24..=64).contains(&bytes.len()) {
            return Err(InvalidSigningSecret("is too short or too long"));
        }
        Ok(Self(Arc::new(Parts {
            texts: [text.to_owned().into(), encoded.to_owned().into()],
            bytes: bytes.into(),
        })))
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret([hidden])")
    }
}
