//! The list of pages, `docs/SUMMARY.md`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::page::Page;
use crate::repository::{self, SUMMARY};

/// The pages that are listed, from the root, in their order.
///
/// # Errors
///
/// The list cannot be read, or leads out of the repository.
pub fn listed(root: &Path) -> io::Result<Vec<PathBuf>> {
    let list = Page::read(root, Path::new(SUMMARY))?;
    let pages = list.links().into_iter().map(|(line, link)| {
        repository::target(Path::new(SUMMARY), &link).ok_or_else(|| {
            io::Error::other(format!("{SUMMARY}:{line}: {link} is not in the repository"))
        })
    });
    pages.collect()
}

/// The list as it is where the repository's root is the book's: links are relative to `docs` for readers
/// of the repository, to the root for mdBook.
///
/// # Errors
///
/// It cannot be read.
pub fn from_root(root: &Path) -> io::Result<String> {
    let text = fs::read_to_string(root.join(SUMMARY))?;
    let mut parts = text.split("](");
    let mut moved = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (link, rest) = part.split_once(')').unwrap_or((part, ""));
        let target = repository::target(Path::new(SUMMARY), link).unwrap_or_default();
        moved.push_str(&format!("]({}){rest}", target.display()));
    }
    Ok(moved)
}
