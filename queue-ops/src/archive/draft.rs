//! Files that are there whole or not at all, and that nobody else reads unless it is said.

use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

/// A file could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DraftError {
    /// Another one has its name.
    #[error("{} is there already; give another name", .0.display())]
    Taken(PathBuf),
    /// The folder that it is to be in is not there; said as a store says it of its own file.
    #[error("{}: there is no directory {}; create it, or correct the path", .0.display(), folder_of(.0).display())]
    NoFolder(PathBuf),
    /// The system refuses.
    #[error("{} cannot be written: {error}", path.display())]
    Unwritable {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

impl DraftError {
    /// What an error of the system says of a file that was to be made.
    ///
    /// ```
    /// use queue_ops::DraftError;
    /// let path = std::path::Path::new("/nowhere/audit.jsonl");
    /// let error = tempfile::NamedTempFile::new_in("/nowhere").unwrap_err();
    /// assert_eq!(
    ///     DraftError::of(path, error).to_string(),
    ///     "/nowhere/audit.jsonl: there is no directory /nowhere; create it, or correct the path"
    /// );
    /// ```
    #[must_use]
    pub fn of(path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        if error.kind() == io::ErrorKind::NotFound && !folder_of(&path).is_dir() {
            return Self::NoFolder(path);
        }
        Self::Unwritable { path, error }
    }
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
    over: bool,
    file: io::BufWriter<NamedTempFile>,
}

impl Draft {
    /// Begins one, unless there is such a file.
    pub fn begin(path: &Path) -> Result<Self, DraftError> {
        Self::begin_over(path, false)
    }

    /// Begins one; with `over` it takes the place of a file that is there.
    pub fn begin_over(path: &Path, over: bool) -> Result<Self, DraftError> {
        if !over && path.exists() {
            return Err(DraftError::Taken(path.to_owned()));
        }
        let file = NamedTempFile::new_in(folder_of(path)) // Its own words name a file that nobody has heard of.
            .map_err(|error| DraftError::of(path, error.kind().into()))?;
        Ok(Self {
            path: path.to_owned(),
            over,
            file: io::BufWriter::new(file),
        })
    }

    /// Lets everybody read it (0644).
    pub fn public(self) -> Result<Self, DraftError> {
        let mode = Permissions::from_mode(0o644);
        let set = self.file.get_ref().as_file().set_permissions(mode);
        set.map_err(|error| DraftError::of(&self.path, error))?;
        Ok(self)
    }

    /// Adds text.
    pub fn write(&mut self, text: &str) -> Result<(), DraftError> {
        let written = self.file.write_all(text.as_bytes());
        written.map_err(|error| DraftError::of(&self.path, error))
    }

    /// Gives it its name once it is on the disk; the name is there, too, after a power loss.
    pub fn finish(self) -> Result<(), DraftError> {
        let path = self.path;
        let file = self
            .file
            .into_inner()
            .map_err(|error| DraftError::of(&path, error.into_error()))?;
        let synced = file.as_file().sync_all();
        synced.map_err(|error| DraftError::of(&path, error))?;
        put(file.into_temp_path(), &path, self.over)
    }
}

/// Gives a file that is on the disk its name; the name is there, too, after a power loss. With `over` it takes the place
/// of another one.
///
/// ```
/// use queue_ops::archive::{folder_of, put};
/// let dir = tempfile::tempdir().unwrap();
/// let path = dir.path().join("copy.db");
/// let file = || tempfile::NamedTempFile::new_in(folder_of(&path)).unwrap().into_temp_path();
/// put(file(), &path, false).unwrap();
/// assert!(put(file(), &path, false).is_err());
/// put(file(), &path, true).unwrap();
/// ```
pub fn put(file: TempPath, path: &Path, over: bool) -> Result<(), DraftError> {
    let moved = match over {
        true => file.persist(path),
        false => file.persist_noclobber(path),
    };
    moved.map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => DraftError::Taken(path.to_owned()),
        _ => DraftError::of(path, error.error),
    })?;
    let synced = File::open(folder_of(path)).and_then(|folder| folder.sync_all());
    synced.map_err(|error| DraftError::of(path, error))
}

/// The folder that a file is in.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
