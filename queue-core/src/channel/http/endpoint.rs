//! Where a provider's API is.

use std::fmt;

use url::Url;

use super::InvalidHttp;
use super::url_text::UrlText;
use crate::channel::mask;

/// Where a provider's API is. Some have a token in the path: no more than the host is printed.
pub(crate) struct Endpoint(Url);

impl Endpoint {
    pub(crate) fn new(text: &UrlText) -> Result<Self, InvalidHttp> {
        let url = Url::parse(&text.0).map_err(|_| {
            InvalidHttp::new("an endpoint is no URL: write one, like https://host/path")
        })?;
        if url.username().is_empty() && url.password().is_none() {
            return Ok(Self(url));
        }
        Err(InvalidHttp::new(
            "an endpoint has a name or a password before its host: give them elsewhere, as a Credential",
        ))
    }

    pub(crate) fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask(self.0.as_str()))
    }
}
