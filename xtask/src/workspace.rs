//! Where the workspace is, and cargo as a step runs it.

use std::env;
use std::path::PathBuf;
use std::process::Command;

/// The workspace's root, as `cargo run` tells us.
///
/// Not `env!`: worktrees that share a target folder also share this binary, and one of them would
/// test the other.
pub(crate) fn root() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR")
        .and_then(|package| Some(PathBuf::from(package).parent()?.to_owned()))
        .unwrap_or_else(|| PathBuf::from("."))
}

/// The cargo that started us, in the workspace's root.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    forget_package(&mut cargo);
    cargo
}

/// `cargo run` describes xtask's own package in the environment. Build scripts that watch those
/// variables would see them change between `cargo xtask test` and `cargo test`, and rebuild each
/// time, so they are not passed on.
pub(crate) fn forget_package(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let describes_package = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        });
        if describes_package {
            command.env_remove(name);
        }
    }
}
