//! A URL as it was configured, which does not show what may be a token.

use std::fmt;

use crate::channel::mask;

/// A URL, of which no more than the host is printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct UrlText(pub(crate) String);

impl fmt::Debug for UrlText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask(&self.0))
    }
}
