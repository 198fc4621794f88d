//! The file that was opened, and whether it still lies where its path leads.
//!
//! A file that was moved, replaced or removed under a running service goes on taking commits, by its
//! open descriptor, that nobody who opens the path will ever see.

use std::path::{Path, PathBuf};

use queue_core::StoreError;

/// What a path led to when it was opened.
#[derive(Debug)]
pub(crate) struct Anchor {
    path: PathBuf,
    identity: Option<Identity>,
}

type Identity = (u64, u64);

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

/// Elsewhere an open file cannot be moved away.
#[cfg(not(unix))]
fn identity(_path: &Path) -> Option<Identity> {
    None
}

impl Anchor {
    /// Remembers the file that was just opened. The path is made absolute: a process may change its
    /// directory.
    pub(crate) fn at(path: &Path) -> Self {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let identity = identity(&path);
        Self { path, identity }
    }

    /// Refuses to go on with a file that the path does not lead to any more: one look at the
    /// directory, beside a commit.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        if self.identity.is_some() && identity(&self.path) != self.identity {
            return Err(StoreError::refused(
                self.path.display().to_string(),
                "the file was moved, replaced or removed while this store had it open",
                "stop the service, put the file back with its -wal and -shm files, and open it again",
            ));
        }
        Ok(())
    }
}
