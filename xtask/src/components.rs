//! The parts of the Rust toolchain that a minimal installation leaves out.

use std::process::{Command, Stdio};

use anyhow::Result;

use crate::{step, workspace};

/// Component and the cargo subcommand it brings.
const COMPONENTS: [(&str, &str); 2] = [("rustfmt", "fmt"), ("clippy", "clippy")];

/// The components that are not installed.
pub(crate) fn missing() -> Vec<&'static str> {
    COMPONENTS
        .iter()
        .filter(|(_, subcommand)| !has_subcommand(subcommand))
        .map(|(component, _)| *component)
        .collect()
}

/// Whether `cargo <subcommand>` is there to be run.
pub(crate) fn has_subcommand(subcommand: &str) -> bool {
    workspace::cargo()
        .args([subcommand, "--version"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Adds `components` to the toolchain in use.
pub(crate) fn install(components: &[&str]) -> Result<()> {
    let mut rustup = Command::new("rustup");
    rustup
        .current_dir(workspace::root())
        .args(["component", "add"])
        .args(components);
    step::finish("needs", &mut rustup)
}
