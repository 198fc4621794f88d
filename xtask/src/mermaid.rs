//! What draws the diagrams in the book: Mermaid, from npm. Without it they are shown as their text.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Pinned, like mdBook.
const VERSION: &str = "12.3.0";

/// Draws each block of Mermaid in its place.
pub(crate) const DRAW: &str = "\
for (const code of document.querySelectorAll('code.language-mermaid')) {
    const drawn = document.createElement('pre');
    drawn.className = 'mermaid';
    drawn.textContent = code.textContent;
    code.parentElement.replaceWith(drawn);
}
mermaid.initialize({ startOnLoad: true, securityLevel: 'strict' });
";

/// The library, fetched once. The book is whole without it, so what goes wrong is only told.
pub(crate) fn get(tools: &Path) -> Option<PathBuf> {
    let library = tools.join(format!("mermaid-{VERSION}.min.js"));
    if library.is_file() {
        return Some(library);
    }
    match fetch(tools, &library) {
        Ok(()) => Some(library),
        Err(error) => {
            println!("diagrams are shown as text: {error:#}");
            None
        }
    }
}

fn fetch(tools: &Path, library: &Path) -> Result<()> {
    fs::create_dir_all(tools)?;
    let mut pack = Command::new("npm");
    pack.args([
        "pack",
        "--silent",
        &format!("mermaid@{VERSION}"),
        "--pack-destination",
    ])
    .arg(tools)
    .stdout(Stdio::null());
    finish(&mut pack)?;
    let archive = tools.join(format!("mermaid-{VERSION}.tgz"));
    let mut unpack = Command::new("tar");
    unpack
        .arg("--extract")
        .arg("--file")
        .arg(&archive)
        .arg("--directory")
        .arg(tools)
        .args(["--strip-components=2", "package/dist/mermaid.min.js"]);
    finish(&mut unpack)?;
    fs::rename(tools.join("mermaid.min.js"), library)?;
    fs::remove_file(&archive).with_context(|| format!("cannot remove {}", archive.display()))
}

fn finish(command: &mut Command) -> Result<()> {
    let name = command.get_program().display().to_string();
    let status = command
        .status()
        .with_context(|| format!("cannot start {name}"))?;
    if !status.success() {
        bail!("{name} failed, {status}");
    }
    Ok(())
}
