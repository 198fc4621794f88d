//! URLs with places to fill.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::InvalidHttp;
use super::placeholder::fill;
use super::url_text::UrlText;

/// All but RFC 3986's unreserved characters.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A URL with places to fill, which are in its path or query.
#[derive(Debug, Clone)]
pub(crate) struct UrlTemplate(UrlText);

impl UrlTemplate {
    /// Checks that it is a URL with these places at most, none of which decides whom it leads to.
    pub(crate) fn new(template: &UrlText, places: &[&str]) -> Result<Self, InvalidHttp> {
        let example = |filling: &str| {
            let filled = fill(&template.0, |name| {
                places.contains(&name).then(|| filling.to_owned())
            });
            let filled = filled.map_err(|name| {
                let places = places.join("}, {");
                InvalidHttp::new(format!(
                    "a URL has no place {{{name}}}: it may have {{{places}}}"
                ))
            })?;
            Url::parse(&filled).map_err(|_| {
                InvalidHttp::new("an endpoint is no URL: write one, like https://host/path")
            })
        };
        let (one, other) = (example("1")?, example("2")?);
        if one.origin() != other.origin() {
            return Err(InvalidHttp::new(
                "a URL has a place in its host: only what comes after may have one",
            ));
        }
        Ok(Self(template.clone()))
    }

    /// Filled, each value percent-encoded. `None` if a value is missing, or would climb in the path.
    pub(crate) fn fill(&self, value: impl Fn(&str) -> Option<String>) -> Option<Url> {
        let filled = fill(&self.0.0, |name| {
            let value = value(name).filter(|value| value != "." && value != "..")?;
            Some(utf8_percent_encode(&value, ENCODED).to_string())
        });
        Url::parse(&filled.ok()?).ok()
    }
}
