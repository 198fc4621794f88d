//! Which paths of the depot may be read: what is not allowed by name is denied.
//!
//! It is asked twice, with what a caller requests and with what the depot answers. Only whole segments match, only
//! the letters as they stand: nothing is decoded, folded or resolved, so there is no second way to write a path.

mod denied;
mod difference;
mod entry;
mod invalid;
mod path;

use sha2::{Digest, Sha256};

pub use denied::{DenialCode, Denied};
pub use difference::Difference;
pub use invalid::{Fault, InvalidAllowList};

use entry::Entry;

/// Prefixes such as `//depot/project/...`, checked when they were loaded.
///
/// ```
/// use review_service::allow_list::AllowList;
/// let list = AllowList::new(["//depot/app/...", "//depot/shared/readme.md"]).unwrap();
/// assert!(list.permits("//depot/app/src/main.rs").is_ok());
/// let denied = list.permits("//depot/application/main.rs").unwrap_err();
/// assert_eq!(denied.code().as_str(), "path_outside_allow_list");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowList {
    /// In order, each once: the order in a file means nothing.
    entries: Vec<Entry>,
}

impl AllowList {
    /// Reads a list; what is wrong with it is told all at once, each fault with its entry.
    pub fn new<E: AsRef<str>>(
        entries: impl IntoIterator<Item = E>,
    ) -> Result<Self, InvalidAllowList> {
        let (mut good, mut faults) = (Vec::new(), Vec::new());
        for (at, text) in entries.into_iter().enumerate() {
            match Entry::parse(text.as_ref()) {
                Ok(entry) => good.push(entry),
                Err(problem) => faults.push(Fault::at(at, text.as_ref(), problem)),
            }
        }
        if good.is_empty() && faults.is_empty() {
            faults.push(Fault::of_nothing());
        }
        if !faults.is_empty() {
            return Err(InvalidAllowList::new(faults));
        }
        good.sort();
        good.dedup();
        Ok(Self { entries: good })
    }

    /// Whether this one file may be read; if not, why.
    pub fn permits(&self, path: &str) -> Result<(), Denied> {
        path::check(path).map_err(|code| Denied::new(code, path))?;
        if self.entries.iter().any(|entry| entry.covers(path)) {
            Ok(())
        } else {
            Err(Denied::new(DenialCode::OutsideAllowList, path))
        }
    }

    /// Its entries, in order and each once.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &str> {
        self.entries.iter().map(Entry::as_str)
    }

    /// SHA-256 of its entries, in hexadecimal: lists that allow the same by the same entries have the same.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for entry in self.entries() {
            hash.update(entry);
            // No entry has a line feed in it.
            hash.update(b"\n");
        }
        crate::hexadecimal(&hash.finalize())
    }

    /// What was added to and removed from the list that was in force before.
    #[must_use]
    pub fn difference(&self, before: &[String]) -> Difference {
        Difference::between(before, self.entries())
    }
}
