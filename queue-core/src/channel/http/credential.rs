//! How a provider knows us.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::{Hidden, InvalidHttp};
use crate::channel::SecretSource;

/// How a provider knows us: by a header of each request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credential {
    /// `Authorization: Bearer …`
    Bearer(SecretSource),
    /// `Authorization: Basic …`
    Basic {
        /// The user's name.
        user: String,
        /// The password, or a token in its place.
        password: SecretSource,
    },
    /// The secret in a header of the provider's own.
    Header {
        /// The header's name, like `X-Api-Key`.
        name: String,
        /// What it has.
        value: SecretSource,
    },
}

impl Credential {
    /// The header. What it has is hidden from then on.
    pub(super) fn header(
        &self,
        hidden: &mut Hidden,
    ) -> Result<(HeaderName, HeaderValue), InvalidHttp> {
        let (name, secret, text): (_, SecretString, SecretString) = match self {
            Self::Bearer(source) => {
                let secret = source.read()?;
                let text = format!("Bearer {}", secret.expose_secret());
                (AUTHORIZATION, secret, text.into())
            }
            Self::Basic { user, password } => {
                let secret = password.read()?;
                let both = STANDARD.encode(format!("{user}:{}", secret.expose_secret()));
                hidden.add(&both);
                (AUTHORIZATION, secret, format!("Basic {both}").into())
            }
            Self::Header { name, value } => {
                let secret = value.read()?;
                (header_name(name)?, secret.clone(), secret)
            }
        };
        hidden.add(secret.expose_secret());
        let mut value = HeaderValue::from_str(text.expose_secret()).map_err(|_| {
            InvalidHttp::new(format!("what the header {name} is to have is no header value: it must be one line of printable ASCII"))
        })?;
        // Keeps it out of the logs of libraries, and out of HTTP/2's tables.
        value.set_sensitive(true);
        Ok((name, value))
    }
}

/// A header's name, as it was configured.
pub(crate) fn header_name(name: &str) -> Result<HeaderName, InvalidHttp> {
    name.parse().map_err(|_| {
        InvalidHttp::new(format!(
            "`{}` is no name of a header: write one like X-Api-Key",
            name.escape_default()
        ))
    })
}
