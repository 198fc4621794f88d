//! The Python library that the signatures of webhooks are verified by.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf, absolute};
use std::process::Command;

use anyhow::{Result, bail};

use crate::{python, workspace};

/// Pinned: what the tests run against changes by a commit, not by a release elsewhere.
pub(crate) const REQUIREMENT: &str = "standardwebhooks==1.1.0";

/// The variable that chooses the folder, and tells the tests which one was found.
pub(crate) const VARIABLE: &str = "STANDARDWEBHOOKS";

/// Prints the version of what can be imported.
const IMPORT: &str = "from standardwebhooks.webhooks import Webhook; import standardwebhooks; \
                      print(standardwebhooks.__version__)";

/// The library in a folder, and a Python that can import it.
#[derive(Debug)]
pub(crate) struct Webhooks {
    pub(crate) folder: PathBuf,
    version: String,
}

impl Webhooks {
    /// The one that `STANDARDWEBHOOKS` leads to, which must then be one, else the one that was installed.
    pub(crate) fn find() -> Result<Option<Self>> {
        match env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
            Some(chosen) => Self::chosen(absolute(PathBuf::from(chosen))?).map(Some),
            None => Ok(Self::at(folder())),
        }
    }

    fn chosen(folder: PathBuf) -> Result<Self> {
        let shown = folder.display().to_string();
        match Self::at(folder) {
            Some(found) => Ok(found),
            None => bail!("{VARIABLE} is {shown}, from which python3 imports no standardwebhooks"),
        }
    }

    fn at(folder: PathBuf) -> Option<Self> {
        // Python itself may have another version; that would be found without the folder.
        if !folder.join("standardwebhooks").is_dir() {
            return None;
        }
        let version = import(&folder)?;
        Some(Self { folder, version })
    }
}

impl fmt::Display for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.version, self.folder.display())
    }
}

/// Installs it where [`Webhooks::find`] finds it.
pub(crate) fn install() -> Result<()> {
    python::install(REQUIREMENT, &folder())
}

fn folder() -> PathBuf {
    let folder = workspace::root().join("target/standardwebhooks");
    // Tests run in other directories.
    absolute(&folder).unwrap_or(folder)
}

fn import(folder: &Path) -> Option<String> {
    let output = Command::new("python3")
        .args(["-c", IMPORT])
        .env("PYTHONPATH", folder)
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stdout);
    output.status.success().then(|| said.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn it_counts_when_it_can_be_imported() {
        let root = TempDir::new().unwrap();
        let folder = root.path().to_owned();
        let error = Webhooks::chosen(folder.clone()).unwrap_err().to_string();
        assert!(error.starts_with("STANDARDWEBHOOKS is /"), "{error}");

        let library = folder.join("standardwebhooks");
        fs::create_dir(&library).unwrap();
        fs::write(library.join("__init__.py"), "__version__ = '1.2.3'\n").unwrap();
        assert!(Webhooks::at(folder.clone()).is_none());
        fs::write(library.join("webhooks.py"), "Webhook = None\n").unwrap();
        let found = Webhooks::chosen(folder.clone()).unwrap();
        assert_eq!(found.to_string(), format!("1.2.3, {}", folder.display()));
    }
}
