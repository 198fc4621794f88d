//! Getting the peers' programs: what is missing is installed into target/peers, and nothing else on
//! the machine changes.

mod node;
mod python;
mod rust;
mod version;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::catalogue::Origin;
use super::program::Program;
use crate::plan::workspace;

/// A peer's program, built or installed, or why that cannot be.
pub(super) fn provide(origin: Origin) -> Result<Program> {
    match origin {
        Origin::Ours => Program::ours(),
        Origin::Rust(folder) => rust::build(folder),
        Origin::Node(program, package) => node::install(program, package),
        Origin::Python(program, package) => python::install(program, package),
    }
}

/// What is under version control.
fn sources() -> PathBuf {
    workspace().join("benches/peers")
}

/// What is made of it.
fn target() -> PathBuf {
    workspace().join("target/peers")
}

/// Runs a step and shows what it says only if it fails.
fn finish(what: &str, command: &mut Command) -> Result<()> {
    eprintln!("peers: {what}");
    let output = command
        .output()
        .with_context(|| format!("{what}: cannot start {:?}", command.get_program()))?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        let lines: Vec<&str> = said.trim().lines().collect();
        let last = lines.len().saturating_sub(15);
        bail!(
            "{what} failed, {}:\n{}",
            output.status,
            lines.get(last..).unwrap_or_default().join("\n")
        );
    }
    Ok(())
}
