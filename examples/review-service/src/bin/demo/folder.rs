//! The folder in which everything is: made anew each time, never out of one that is somebody else's, and for one
//! demonstration at a time.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use queue_ops::Exit;

use crate::failure::Refusal;
use crate::roles::Role;

/// The file that says that a folder is one of ours. Whoever has it locked is who uses the folder.
const MARK: &str = ".leasehold-demo";
const MARK_SAYS: &str =
    "Made by `cargo demo`, which removes all that is in this folder and makes it anew.\n";

/// The folder, and what is where in it. It is ours until the last clone goes.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    path: PathBuf,
    _lock: Arc<File>,
}

impl Folder {
    /// For us alone. What is in it stays as it is.
    pub(crate) fn claim(path: &Path) -> Result<Self> {
        let path = std::path::absolute(path)?;
        match fs::read_dir(&path) {
            Ok(mut entries) => {
                if !path.join(MARK).is_file() && entries.next().is_some() {
                    return Err(Refusal::new(
                        Exit::Refused,
                        format_args!(
                            "{} is there and not of a demonstration: move it away, or name another by --folder",
                            path.display()
                        ),
                    )
                    .into());
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(&path)
                    .with_context(|| format!("{} cannot be made", path.display()))?;
            }
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be used", path.display()));
            }
        }
        Self::lock(path)
    }

    /// As an earlier demonstration left it.
    pub(crate) fn left(path: &Path) -> Result<Self> {
        let path = std::path::absolute(path)?;
        if path.join(MARK).is_file() {
            return Self::lock(path);
        }
        let problem = format!(
            "there is no demonstration in {}: run one first, or name its folder by --folder",
            path.display()
        );
        Err(Refusal::new(Exit::NotFound, problem).into())
    }

    fn lock(path: PathBuf) -> Result<Self> {
        let mark = path.join(MARK);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&mark)
            .with_context(|| format!("{} cannot be written", mark.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self {
                path,
                _lock: Arc::new(file),
            }),
            Err(TryLockError::WouldBlock) => Err(Refusal::new(
                Exit::Refused,
                format_args!(
                    "another demonstration runs in {}: wait for its end or stop it, or name another folder by --folder",
                    path.display()
                ),
            )
            .into()),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("{} cannot be locked", mark.display()))
            }
        }
    }

    /// Removes what is in it, but for the file that is locked, and makes what every demonstration has.
    pub(crate) fn clear(&self) -> Result<()> {
        for entry in fs::read_dir(&self.path)? {
            let path = entry?.path();
            if path.ends_with(MARK) {
                continue;
            }
            // A link is removed, and not what it leads to.
            let removed = if path.is_dir() && !path.is_symlink() {
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            };
            removed.with_context(|| format!("{} cannot be removed", path.display()))?;
        }
        let parts = [
            self.bin(),
            self.logs(),
            self.mail(),
            self.depot(),
            self.model(),
        ];
        for part in parts {
            fs::create_dir(&part).with_context(|| format!("{} cannot be made", part.display()))?;
        }
        self.write(MARK, MARK_SAYS)?;
        let executable = std::env::current_exe()?;
        for role in Role::ALL {
            std::os::unix::fs::symlink(&executable, self.program(role))?;
        }
        Ok(())
    }

    /// Writes a file that others may read.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.file(name);
        fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))
    }

    /// Writes a file that nobody else may read.
    pub(crate) fn write_private(&self, name: &str, text: &str) -> Result<()> {
        let path = self.file(name);
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(&path);
        file.and_then(|mut file| file.write_all(text.as_bytes()))
            .with_context(|| format!("{} cannot be written", path.display()))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn bin(&self) -> PathBuf {
        self.file("bin")
    }

    /// This executable, by the name of a role.
    pub(crate) fn program(&self, role: Role) -> PathBuf {
        self.bin().join(role.name())
    }

    /// What the processes log.
    pub(crate) fn logs(&self) -> PathBuf {
        self.file("logs")
    }

    /// What the mail server took.
    pub(crate) fn mail(&self) -> PathBuf {
        self.file("mail")
    }

    /// What the depot's client counts.
    pub(crate) fn depot(&self) -> PathBuf {
        self.file("depot")
    }

    /// What the model's server counts.
    pub(crate) fn model(&self) -> PathBuf {
        self.file("model")
    }
}
