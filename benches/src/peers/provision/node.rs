//! Packages of npm, one of which is Node itself: the peers want a newer one than machines have.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use super::super::program::Program;
use super::{finish, sources, target, version};

/// Installs what package-lock.json names, unless that was done, beside copies of the programs: Node
/// looks for packages from where a program is.
pub(super) fn install(program: &str, package: &str) -> Result<Program> {
    let (from, to) = (sources().join("node"), target().join("node"));
    fs::create_dir_all(&to)?;
    let lock = fs::read_to_string(from.join("package-lock.json"))?;
    for file in fs::read_dir(&from)? {
        let file = file?.path();
        if let (true, Some(name)) = (file.is_file(), file.file_name()) {
            fs::copy(&file, to.join(name)).with_context(|| format!("{}", file.display()))?;
        }
    }
    let stamp = to.join("installed.json");
    if fs::read_to_string(&stamp).ok().as_ref() != Some(&lock) {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund", "--prefix"])
            .arg(&to)
            .current_dir(&to);
        finish("installing npm's packages", &mut npm)
            .context("npm installs these peers (Debian: `apt-get install npm`)")?;
        fs::write(&stamp, &lock)?;
    }
    Ok(Program {
        file: to.join("node_modules/node/bin/node"),
        arguments: vec![to.join(format!("{program}.mjs")).into()],
        version: version::in_package_lock(&lock, package).context("its lock file lacks it")?,
    })
}
