//! Finding the PgBouncer that private test clusters are reached through.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Debian puts it where not every user's PATH leads.
const DEBIAN: &str = "/usr/sbin/pgbouncer";

/// A PgBouncer that runs.
#[derive(Debug)]
pub(crate) struct PgBouncer {
    pub(crate) program: PathBuf,
    version: String,
}

impl PgBouncer {
    /// The first one, if there is one. An error if it does not run.
    pub(crate) fn find() -> Result<Option<Self>> {
        let places = Places {
            chosen: env::var_os("PGBOUNCER").filter(|value| !value.is_empty()),
            path: env::var_os("PATH").unwrap_or_default(),
            debian: PathBuf::from(DEBIAN),
        };
        let Some(program) = places.first()? else {
            return Ok(None);
        };
        let output = Command::new(&program)
            .arg("--version")
            .output()
            .with_context(|| format!("cannot run {}", program.display()))?;
        if !output.status.success() {
            bail!(
                "{} --version failed, {}: {}",
                program.display(),
                output.status,
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        let said = String::from_utf8_lossy(&output.stdout);
        let first = said.lines().next().unwrap_or_default();
        let version = first.trim_start_matches("PgBouncer ").to_owned();
        Ok(Some(Self { program, version }))
    }
}

impl fmt::Display for PgBouncer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.version, self.program.display())
    }
}

/// Where to look.
#[derive(Debug)]
struct Places {
    chosen: Option<OsString>,
    path: OsString,
    debian: PathBuf,
}

impl Places {
    fn first(&self) -> Result<Option<PathBuf>> {
        if let Some(chosen) = &self.chosen {
            // Someone chose this one. Quietly testing another would be a lie.
            let chosen = PathBuf::from(chosen);
            if !runs(&chosen) {
                bail!("PGBOUNCER is {}, no program", chosen.display());
            }
            return Ok(Some(chosen));
        }
        Ok(env::split_paths(&self.path)
            .map(|folder| folder.join(OsStr::new("pgbouncer")))
            .chain([self.debian.clone()])
            .find(|program| runs(program)))
    }
}

fn runs(program: &Path) -> bool {
    fs::metadata(program).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn put(folder: &Path) -> PathBuf {
        fs::create_dir_all(folder).unwrap();
        let program = folder.join("pgbouncer");
        fs::write(&program, "").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        program
    }

    #[test]
    fn asks_in_order() {
        let root = TempDir::new().unwrap();
        let folder = root.path().join("bin");
        let mut places = Places {
            chosen: None,
            path: env::join_paths([root.path().join("empty"), folder.clone()]).unwrap(),
            debian: root.path().join("sbin/pgbouncer"),
        };
        assert_eq!(places.first().unwrap(), None);

        let debian = put(&root.path().join("sbin"));
        assert_eq!(places.first().unwrap(), Some(debian));

        let program = put(&folder);
        assert_eq!(places.first().unwrap(), Some(program));

        let chosen = put(&root.path().join("chosen"));
        places.chosen = Some(chosen.clone().into());
        assert_eq!(places.first().unwrap(), Some(chosen.clone()));

        fs::set_permissions(&chosen, fs::Permissions::from_mode(0o644)).unwrap();
        let error = places.first().unwrap_err().to_string();
        assert_eq!(
            error,
            format!("PGBOUNCER is {}, no program", chosen.display())
        );
    }
}
