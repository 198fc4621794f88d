//! Files that are there whole or not at all, and that nobody else reads.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DraftError {
    /// Another one has its name.
    #[error("{} is there already; give another name", .0.display())]
    Taken(PathBuf),
    /// The system refuses.
    #[error("{} cannot be written: {error}", path.display())]
    Unwritable {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// A file on its way, beside where it will be. The system gives it to its owner only (0600).
///
/// ```
/// use queue_ops::Draft;
/// let dir = tempfile::tempdir().unwrap();
/// let path = dir.path().join("audit.jsonl");
/// let mut draft = Draft::begin(&path).unwrap();
/// draft.write("{}\n").unwrap();
/// assert!(!path.exists(), "whole or not at all");
/// draft.finish().unwrap();
/// assert!(path.exists() && Draft::begin(&path).is_err());
/// ```
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    folder: PathBuf,
    file: io::BufWriter<NamedTempFile>,
}

impl Draft {
    /// Begins one, unless there is such a file.
    pub fn begin(path: &Path) -> Result<Self, DraftError> {
        if path.exists() {
            return Err(DraftError::Taken(path.to_owned()));
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let file = NamedTempFile::new_in(folder) // Its own words name a file that nobody has heard of.
            .map_err(|error| unwritable(path, error.kind().into()))?;
        Ok(Self {
            path: path.to_owned(),
            folder: folder.to_owned(),
            file: io::BufWriter::new(file),
        })
    }

    /// Adds text.
    pub fn write(&mut self, text: &str) -> Result<(), DraftError> {
        let written = self.file.write_all(text.as_bytes());
        written.map_err(|error| unwritable(&self.path, error))
    }

    /// Gives it its name once it is on the disk; the name is there, too, after a power loss.
    pub fn finish(self) -> Result<(), DraftError> {
        let path = self.path;
        let file = self
            .file
            .into_inner()
            .map_err(|error| unwritable(&path, error.into_error()))?;
        let synced = file.as_file().sync_all();
        synced.map_err(|error| unwritable(&path, error))?;
        match file.persist_noclobber(&path) {
            Ok(_) => {}
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(DraftError::Taken(path));
            }
            Err(error) => return Err(unwritable(&path, error.error)),
        }
        let folder = File::open(&self.folder).and_then(|folder| folder.sync_all());
        folder.map_err(|error| unwritable(&path, error))
    }
}

fn unwritable(path: &Path, error: io::Error) -> DraftError {
    DraftError::Unwritable {
        path: path.to_owned(),
        error,
    }
}
