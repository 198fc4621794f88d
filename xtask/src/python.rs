//! Packages of Python, each in a folder of its own: nothing else on the machine changes.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Result;

use crate::step;

/// Whether there is a Python that can install packages.
pub(crate) fn can_install() -> bool {
    Command::new("python3")
        .args(["-m", "pip", "--version"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Installs a package, without what it depends on.
pub(crate) fn install(requirement: &str, folder: &Path) -> Result<()> {
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ])
    .args(["--root-user-action", "ignore"])
    .args([
        "--no-deps",
        "--only-binary",
        ":all:",
        "--upgrade",
        "--target",
    ])
    .arg(folder)
    .arg(requirement);
    step::finish("needs", &mut pip)
}
