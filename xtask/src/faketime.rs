//! Finding the program that shows others another clock.

use std::process::{Command, Stdio};

/// Its version, if it is there and runs.
pub(crate) fn find() -> Option<String> {
    let output = Command::new("faketime")
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let version = said.lines().find(|line| !line.trim().is_empty())?.trim();
    output.status.success().then(|| version.to_owned())
}
