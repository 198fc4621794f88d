//! Finding the Postgres binaries that private test clusters are made of.

use std::env;
use std::fmt;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::wheel;

/// What a folder must hold to be of use.
const BINARIES: [&str; 4] = ["initdb", "postgres", "pg_ctl", "psql"];

/// Who told us about a folder, in the order in which they are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    PgBin,
    PgConfig,
    Debian,
    Wheel,
}

/// A complete set of binaries.
#[derive(Debug)]
pub(crate) struct Postgres {
    pub(crate) bin: PathBuf,
    origin: Origin,
    version: String,
}

impl Postgres {
    /// The first complete set, if there is one. An error if what there is does not run.
    pub(crate) fn find() -> Result<Option<Self>> {
        let Some((origin, bin)) = Places::of_this_machine().first()? else {
            return Ok(None);
        };
        let postgres = bin.join("postgres");
        let output = Command::new(&postgres)
            .arg("--version")
            .output()
            .with_context(|| format!("cannot run {}", postgres.display()))?;
        if !output.status.success() {
            bail!(
                "{} --version failed, {}: {}",
                postgres.display(),
                output.status,
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        let version = String::from_utf8_lossy(&output.stdout);
        let version = version
            .trim()
            .trim_start_matches("postgres (PostgreSQL) ")
            .to_owned();
        Ok(Some(Self {
            bin,
            origin,
            version,
        }))
    }
}

impl fmt::Display for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = match self.origin {
            Origin::PgBin => "from PG_BIN",
            Origin::PgConfig => "from pg_config",
            Origin::Debian => "a Debian package",
            Origin::Wheel => "a Python wheel",
        };
        write!(f, "{} in {}, {origin}", self.version, self.bin.display())
    }
}

/// Where to look.
#[derive(Debug)]
struct Places {
    pg_bin: Option<PathBuf>,
    pg_config: Option<PathBuf>,
    debian: PathBuf,
    wheel: PathBuf,
}

impl Places {
    fn of_this_machine() -> Self {
        Self {
            pg_bin: env::var_os("PG_BIN")
                .filter(|value| !value.is_empty())
                .map(PathBuf::from),
            pg_config: pg_config(),
            debian: PathBuf::from("/usr/lib/postgresql"),
            wheel: wheel::bin(),
        }
    }

    fn first(&self) -> Result<Option<(Origin, PathBuf)>> {
        if let Some(bin) = &self.pg_bin {
            // Someone chose this folder. Quietly testing against another server would be a lie.
            if let Some(lacking) = lacking(bin) {
                bail!("PG_BIN is {}, which has no {lacking}", bin.display());
            }
            return Ok(Some((Origin::PgBin, bin.clone())));
        }
        // pg_config also comes with the client library alone; then its folder is incomplete.
        let pg_config = self
            .pg_config
            .iter()
            .map(|bin| (Origin::PgConfig, bin.clone()));
        let debian = newest_first(&self.debian)
            .into_iter()
            .map(|bin| (Origin::Debian, bin));
        let wheel = [(Origin::Wheel, self.wheel.clone())];
        Ok(pg_config
            .chain(debian)
            .chain(wheel)
            .find(|(_, bin)| lacking(bin).is_none()))
    }
}

fn pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let folder = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !folder.trim().is_empty()).then(|| PathBuf::from(folder.trim()))
}

/// `<folder>/<version>/bin`, newest version first.
fn newest_first(folder: &Path) -> Vec<PathBuf> {
    let mut versions: Vec<(Vec<u32>, PathBuf)> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = parse_version(entry.file_name().to_str()?)?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort_by(|a, b| b.cmp(a));
    versions.into_iter().map(|(_, bin)| bin).collect()
}

/// Numbers, since 9.6 is older than 15.
fn parse_version(name: &str) -> Option<Vec<u32>> {
    name.split('.').map(|part| part.parse().ok()).collect()
}

/// The first binary that `bin` lacks.
fn lacking(bin: &Path) -> Option<&'static str> {
    let runs = |name: &str| {
        fs::metadata(bin.join(name))
            .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    };
    BINARIES.into_iter().find(|name| !runs(name))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn put(bin: &Path, names: &[&str]) -> PathBuf {
        fs::create_dir_all(bin).unwrap();
        for name in names {
            let file = bin.join(name);
            fs::write(&file, "").unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        bin.to_owned()
    }

    fn nowhere(root: &TempDir) -> Places {
        Places {
            pg_bin: None,
            pg_config: None,
            debian: root.path().join("debian"),
            wheel: root.path().join("wheel"),
        }
    }

    #[test]
    fn asks_in_order() {
        let root = TempDir::new().unwrap();
        let mut places = nowhere(&root);
        assert_eq!(places.first().unwrap(), None);

        let wheel = put(&places.wheel, &BINARIES);
        assert_eq!(places.first().unwrap(), Some((Origin::Wheel, wheel)));

        let debian = put(&places.debian.join("15/bin"), &BINARIES);
        assert_eq!(places.first().unwrap(), Some((Origin::Debian, debian)));

        let pg_config = put(&root.path().join("pg_config"), &BINARIES);
        places.pg_config = Some(pg_config.clone());
        assert_eq!(places.first().unwrap(), Some((Origin::PgConfig, pg_config)));

        let pg_bin = put(&root.path().join("pg_bin"), &BINARIES);
        places.pg_bin = Some(pg_bin.clone());
        assert_eq!(places.first().unwrap(), Some((Origin::PgBin, pg_bin)));
    }

    #[test]
    fn newest_debian_version_wins_by_number() {
        let root = TempDir::new().unwrap();
        let places = nowhere(&root);
        for version in ["9.6", "15", "17", "latest"] {
            put(&places.debian.join(version).join("bin"), &BINARIES);
        }
        // The newest, but a client alone.
        put(&places.debian.join("18/bin"), &["psql"]);
        let newest = places.debian.join("17/bin");
        assert_eq!(places.first().unwrap(), Some((Origin::Debian, newest)));
    }

    #[test]
    fn an_incomplete_pg_config_folder_is_passed_over() {
        let root = TempDir::new().unwrap();
        let mut places = nowhere(&root);
        places.pg_config = Some(put(&root.path().join("client"), &["psql"]));
        let debian = put(&places.debian.join("15/bin"), &BINARIES);
        assert_eq!(places.first().unwrap(), Some((Origin::Debian, debian)));
    }

    #[test]
    fn a_wrong_pg_bin_is_an_error_and_not_a_fallback() {
        let root = TempDir::new().unwrap();
        let mut places = nowhere(&root);
        put(&places.debian.join("15/bin"), &BINARIES);
        let bin = put(&root.path().join("chosen"), &["initdb", "postgres", "psql"]);
        places.pg_bin = Some(bin.clone());
        let error = places.first().unwrap_err().to_string();
        assert_eq!(
            error,
            format!("PG_BIN is {}, which has no pg_ctl", bin.display())
        );
    }

    #[test]
    fn a_file_that_cannot_be_executed_does_not_count() {
        let root = TempDir::new().unwrap();
        let bin = put(root.path(), &BINARIES);
        assert_eq!(lacking(&bin), None);
        fs::set_permissions(bin.join("psql"), fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(lacking(&bin), Some("psql"));
    }
}
