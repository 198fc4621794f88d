//! Files that are there whole or not at all, and that nobody else reads.

use std::io::{self, Write};
use std::path::Path;

use queue_ops::Exit;
use tempfile::NamedTempFile;

use crate::answer::Failure;

/// A file on its way, beside where it will be. The system gives it to its owner only (0600).
pub(super) struct Draft<'p> {
    path: &'p Path,
    file: io::BufWriter<NamedTempFile>,
}

impl<'p> Draft<'p> {
    pub(super) fn begin(path: &'p Path) -> Result<Self, Failure> {
        if path.exists() {
            return Err(taken(path));
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let file = NamedTempFile::new_in(folder) // Its own words name a file that nobody has heard of.
            .map_err(|error| unwritable(path, &error.kind().into()))?;
        Ok(Self {
            path,
            file: io::BufWriter::new(file),
        })
    }

    pub(super) fn write(&mut self, text: &str) -> Result<(), Failure> {
        let written = self.file.write_all(text.as_bytes());
        written.map_err(|error| unwritable(self.path, &error))
    }

    pub(super) fn finish(self) -> Result<(), Failure> {
        let path = self.path;
        let failed = |error: &io::Error| unwritable(path, error);
        let file = self.file.into_inner().map_err(|it| failed(it.error()))?;
        file.as_file().sync_all().map_err(|error| failed(&error))?;
        file.persist_noclobber(path)
            .map(drop)
            .map_err(|error| match error.error.kind() {
                io::ErrorKind::AlreadyExists => taken(path),
                _ => failed(&error.error),
            })
    }
}

fn taken(path: &Path) -> Failure {
    let message = format!("{} is there already; give another name", path.display());
    Failure::new(Exit::Refused, message)
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let message = format!("{} cannot be written: {error}", path.display());
    Failure::new(Exit::Output, message)
}
