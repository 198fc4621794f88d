//! How often a stand-in was asked for each change, so that one that was killed goes on where it was.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

/// Counts by a byte that is appended to a file of the change: no process is in the way of another, and what was
/// counted stays counted when a process is killed.
///
/// ```
/// use review_service::stand_in::tally::Tally;
/// # let home = tempfile::tempdir().unwrap();
/// let tally = Tally::new(home.path());
/// assert_eq!(tally.count(1000).unwrap(), 1);
/// assert_eq!(tally.count(1000).unwrap(), 2);
/// assert_eq!(Tally::new(home.path()).asked(1000).unwrap(), 2);
/// ```
#[derive(Debug, Clone)]
pub struct Tally {
    folder: PathBuf,
}

impl Tally {
    /// In a folder that is there.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// How often it was asked for that change.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn asked(&self, changelist: u64) -> io::Result<u64> {
        match fs::metadata(self.file(changelist)) {
            Ok(counter) => Ok(counter.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Counts once more, and tells how often it was asked by now.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn count(&self, changelist: u64) -> io::Result<u64> {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.file(changelist))?;
        file.write_all(b".")?;
        self.asked(changelist)
    }

    fn file(&self, changelist: u64) -> PathBuf {
        self.folder.join(format!("{changelist}.asked"))
    }
}
