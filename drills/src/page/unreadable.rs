//! What is wrong with a page.

use std::{error, fmt};

/// A page has something on it that no drill knows what to do with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable(String);

impl Unreadable {
    pub(super) fn new(page: &str, line: usize, what: &str) -> Self {
        Self(format!("docs/runbooks/{page}.md:{line}: {what}"))
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl error::Error for Unreadable {}
