//! The folder in which everything is: made anew each time, and never out of one that is somebody else's.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::roles::Role;

/// The file that says that a folder is one of ours.
const MARK: &str = ".leasehold-demo";
const MARK_SAYS: &str =
    "Made by `cargo demo`, which removes this folder with all that is in it and makes it anew.\n";

/// The folder, and what is where in it.
#[derive(Debug, Clone)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Empty, but for the links to this executable.
    pub(crate) fn afresh(path: &Path) -> Result<Self> {
        let path = std::path::absolute(path)?;
        match fs::read_dir(&path) {
            Ok(mut entries) => {
                if !path.join(MARK).is_file() && entries.next().is_some() {
                    bail!(
                        "{} is there and not of a demonstration: move it away, or name another by --folder",
                        path.display()
                    );
                }
                fs::remove_dir_all(&path)
                    .with_context(|| format!("{} cannot be removed", path.display()))?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(error).with_context(|| format!("{} cannot be used", path.display()));
            }
        }
        let folder = Self(path);
        for part in [folder.bin(), folder.logs(), folder.mail(), folder.depot()] {
            fs::create_dir_all(&part)
                .with_context(|| format!("{} cannot be made", part.display()))?;
        }
        fs::write(folder.file(MARK), MARK_SAYS)?;
        let executable = std::env::current_exe()?;
        for role in Role::ALL {
            std::os::unix::fs::symlink(&executable, folder.program(role))?;
        }
        Ok(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
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
}
