//! The folder that mdBook works in: the pages at the paths that they have in the repository, and with
//! them every file that they lead to. So a link that works in the repository works in the book.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::page::{Page, leaves};
use crate::{repository, summary};

/// Writes it anew.
///
/// # Errors
///
/// Something cannot be read or written.
pub fn stage(root: &Path, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    let source = folder.join("src");
    let mut files: BTreeSet<PathBuf> = BTreeSet::new();
    for path in summary::listed(root)? {
        let page = Page::read(root, &path).with_context(|| path.display().to_string())?;
        let links = page.links().into_iter().filter(|(_, link)| !leaves(link));
        for (_, link) in links {
            let file = link.split('#').next().unwrap_or_default();
            let Some(target) = repository::target(&path, file) else {
                continue; // told when links are checked
            };
            if root.join(&target).is_file() {
                files.insert(target);
            }
        }
        files.insert(path);
    }
    for file in &files {
        copy(&root.join(file), &source.join(file))?;
    }
    copy(&root.join("docs/book.toml"), &folder.join("book.toml"))?;
    let list = source.join("SUMMARY.md");
    fs::write(&list, summary::from_root(root)?)
        .with_context(|| format!("cannot write {}", list.display()))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to)
        .map(drop)
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}
