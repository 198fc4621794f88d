//! Packages of PyPI, in a virtual environment of their own.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::super::program::Program;
use super::{finish, sources, target, version};

/// The variable that chooses an interpreter.
const VARIABLE: &str = "PEERS_PYTHON";
/// What the peers want at least.
const LEAST: (u32, u32) = (3, 12);

/// Installs what requirements.txt names, unless that was done.
pub(super) fn install(program: &str, package: &str) -> Result<Program> {
    let (from, environment) = (sources().join("python"), target().join("python"));
    let lock = fs::read_to_string(from.join("requirements.txt"))?;
    let python = environment.join("bin/python");
    let stamp = environment.join("installed.txt");
    if fs::read_to_string(&stamp).ok().as_ref() != Some(&lock) {
        let mut venv = Command::new(interpreter()?);
        venv.args(["-m", "venv", "--clear"]).arg(&environment);
        finish("making an environment for Python", &mut venv)?;
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet"])
            .args([
                "--disable-pip-version-check",
                "--root-user-action",
                "ignore",
            ])
            .args(["--no-deps", "--requirement"])
            .arg(from.join("requirements.txt"));
        finish("installing Python's packages", &mut pip)?;
        fs::write(&stamp, &lock)?;
    }
    Ok(Program {
        file: python,
        // Without folders of compiled files among the sources.
        arguments: vec!["-B".into(), from.join(format!("{program}.py")).into()],
        version: version::in_requirements(&lock, package).context("its lock file lacks it")?,
    })
}

/// The first that is new enough.
fn interpreter() -> Result<PathBuf> {
    if let Some(chosen) = env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
        let chosen = PathBuf::from(chosen);
        if version_of(&chosen).is_some_and(|version| version >= LEAST) {
            return Ok(chosen);
        }
        bail!(
            "{VARIABLE} is {}, which is no Python {}.{} or newer",
            chosen.display(),
            LEAST.0,
            LEAST.1
        );
    }
    let found = candidates()
        .into_iter()
        .find(|candidate| version_of(candidate).is_some_and(|version| version >= LEAST));
    found.with_context(|| {
        format!(
            "no Python {}.{} or newer was found: install one, or set {VARIABLE} to one",
            LEAST.0, LEAST.1
        )
    })
}

/// By name, and where pyenv keeps those that it does not show.
fn candidates() -> Vec<PathBuf> {
    let named = ["python3", "python3.14", "python3.13", "python3.12"];
    let mut candidates: Vec<PathBuf> = named.map(PathBuf::from).to_vec();
    let pyenv = env::home_dir().unwrap_or_default().join(".pyenv/versions");
    let mut kept: Vec<PathBuf> = fs::read_dir(pyenv)
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin/python3"))
        .collect();
    kept.sort();
    candidates.extend(kept.into_iter().rev());
    candidates
}

fn version_of(python: &PathBuf) -> Option<(u32, u32)> {
    let say = "import sys, ensurepip, venv; print(*sys.version_info[:2])";
    let output = Command::new(python).args(["-c", say]).output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    let (major, minor) = said.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
