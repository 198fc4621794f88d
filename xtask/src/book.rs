//! `cargo xtask book`: the pages as a book, and whether its links lead anywhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::{mermaid, step, workspace};

/// Pinned: what a page becomes changes by a commit, not by a release elsewhere. As a program and not as
/// a library, since its licence is none that the workspace's crates are under.
const MDBOOK: &str = "mdbook";
const VERSION: &str = "0.5.4";

/// What is installed for the book, in no place of the machine.
pub(crate) fn tools() -> PathBuf {
    workspace::root().join("target/tools")
}

fn program() -> PathBuf {
    tools().join("bin").join(MDBOOK)
}

/// Whether mdBook is there, in the version that is wanted.
pub(crate) fn is_installed() -> bool {
    let said = Command::new(program()).arg("--version").output();
    let wanted = format!("{MDBOOK} v{VERSION}");
    said.is_ok_and(|said| String::from_utf8_lossy(&said.stdout).trim() == wanted)
}

/// Gets mdBook if it is not there, makes the book and checks its links.
pub(crate) fn run() -> Result<()> {
    if !is_installed() {
        install()?;
    }
    let folder = workspace::root().join("target/book");
    step::finish("book", ours("stage").arg(&folder))?;
    let mut build = Command::new(program());
    build.arg("build").arg(&folder);
    if let Some(scripts) = diagrams(&folder)? {
        build.env("MDBOOK_OUTPUT__HTML__ADDITIONAL_JS", scripts);
    }
    step::finish("book", &mut build)?;
    step::finish("book", ours("check").arg(folder.join("html")))?;
    println!("{}", folder.join("html/index.html").display());
    Ok(())
}

/// Puts what draws the diagrams beside the pages, and says so as mdBook wants to hear it.
fn diagrams(folder: &Path) -> Result<Option<String>> {
    let Some(library) = mermaid::get(&tools()) else {
        return Ok(None);
    };
    let names = ["mermaid.min.js", "draw.js"];
    fs::copy(&library, folder.join(names[0]))
        .with_context(|| format!("cannot copy {}", library.display()))?;
    fs::write(folder.join(names[1]), mermaid::DRAW)?;
    Ok(Some(format!("{names:?}")))
}

/// Without its server and its search, which are most of what it is built of, and not optimized: it is built
/// more often than it takes a second.
fn install() -> Result<()> {
    println!("installing {MDBOOK} {VERSION} into {}", tools().display());
    let mut install = workspace::cargo();
    install
        .args([
            "install",
            "--quiet",
            "--debug",
            "--locked",
            "--no-default-features",
        ])
        .args(["--version", VERSION, MDBOOK, "--root"])
        .arg(tools());
    step::finish("book", &mut install)
}

/// We depend on no crate of the workspace, so that we build where one of them does not.
fn ours(command: &str) -> Command {
    let mut cargo = workspace::cargo();
    cargo.args(["run", "--quiet", "--package", "book", "--", command]);
    cargo
}
