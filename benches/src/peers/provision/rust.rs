//! Packages of Rust, each with a lock file of its own, built into one folder.

use std::env;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use super::super::program::Program;
use super::{finish, sources, target, version};

/// Builds the package of a folder, whose name is the peer's.
pub(super) fn build(folder: &str) -> Result<Program> {
    let package = sources().join(folder);
    let lock = fs::read_to_string(package.join("Cargo.lock")).context("reading its lock file")?;
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--release", "--locked", "--manifest-path"])
        .arg(package.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(target());
    // Whoever started us is described by these, and build scripts that watch them would run again.
    for (name, _) in env::vars_os() {
        let describes_us = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        });
        if describes_us {
            cargo.env_remove(name);
        }
    }
    finish(&format!("building {folder}"), &mut cargo)?;
    Ok(Program {
        file: target()
            .join("release")
            .join(format!("peer-{}", folder.replace('_', "-"))),
        arguments: Vec::new(),
        version: version::in_cargo_lock(&lock, folder).context("its lock file lacks it")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::catalogue::{Origin, peers};
    use super::*;
    use crate::venue::Engine;

    /// They are no members of the workspace, so that its own steps pass them by.
    #[test]
    fn the_packages_are_formatted_and_can_be_read() {
        for peer in Engine::ALL.into_iter().flat_map(peers) {
            let Origin::Rust(folder) = peer.origin else {
                continue;
            };
            let package = sources().join(folder);
            let formatted = Command::new("rustfmt")
                .args(["--check", "--edition", "2024", "--config-path"])
                .arg(crate::plan::workspace())
                .arg(package.join("src/main.rs"))
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&formatted.stdout);
            assert!(formatted.status.success(), "{folder}:\n{said}");

            let read = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
                .args(["metadata", "--no-deps", "--format-version", "1"])
                .arg("--manifest-path")
                .arg(package.join("Cargo.toml"))
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&read.stderr);
            assert!(read.status.success(), "{folder}: {said}");
        }
    }
}
