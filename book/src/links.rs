//! Whether the links of the book as it was made lead anywhere. Those that leave it are only listed: a
//! check that needs the network tells of the network.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::html::{self, Anchored};
use crate::page::leaves;
use crate::repository;

/// What was found.
#[derive(Debug, Default)]
pub struct Checked {
    /// Links that were followed.
    pub followed: usize,
    /// Links that lead nowhere, with the page.
    pub dead: Vec<String>,
    /// Where links leave the book for.
    pub outside: BTreeSet<String>,
}

/// What mdBook makes besides the pages: all pages once more in one, and a page for what is not found,
/// which has its links from the root of a server.
const NOT_PAGES: [&str; 3] = ["print.html", "404.html", "toc.html"];

/// Checks a folder of HTML.
///
/// # Errors
///
/// It cannot be read.
pub fn check(folder: &Path) -> Result<Checked> {
    let mut pages = BTreeMap::new();
    let mut files = BTreeSet::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inner) = folders.pop() {
        let there = folder.join(&inner);
        let entries =
            fs::read_dir(&there).with_context(|| format!("cannot read {}", there.display()))?;
        for entry in entries {
            let entry = entry?;
            let path = inner.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
                continue;
            }
            let is_page = path.extension().is_some_and(|end| end == "html");
            if is_page && !NOT_PAGES.iter().any(|other| path == Path::new(other)) {
                let text = fs::read_to_string(folder.join(&path))?;
                pages.insert(path.clone(), html::read(&text));
            }
            files.insert(path);
        }
    }
    Ok(follow(&pages, &files))
}

fn follow(pages: &BTreeMap<PathBuf, Anchored>, files: &BTreeSet<PathBuf>) -> Checked {
    let mut checked = Checked::default();
    for (page, anchored) in pages {
        for link in &anchored.links {
            if leaves(link) {
                checked.outside.insert(link.clone());
                continue;
            }
            if link.starts_with("data:") || NOT_PAGES.iter().any(|other| link.ends_with(other)) {
                continue;
            }
            checked.followed += 1;
            let (file, name) = link.split_once('#').unwrap_or((link, ""));
            let mut target = if file.is_empty() {
                Some(page.clone())
            } else {
                repository::target(page, file)
            };
            if file.ends_with('/') || file == "." {
                target = target.map(|folder| folder.join("index.html"));
            }
            let lead = target.as_ref().filter(|target| files.contains(*target));
            let whole = match lead {
                None => false,
                Some(_) if name.is_empty() => true,
                Some(target) => pages
                    .get(target)
                    .is_some_and(|there| there.names.contains(name)),
            };
            if !whole {
                checked.dead.push(format!("{}: {link}", page.display()));
            }
        }
    }
    checked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dead_links_and_dead_anchors_are_told() {
        let page = |html: &str| html::read(html);
        let pages = BTreeMap::from([
            (
                PathBuf::from("a.html"),
                page("<i id=x></i><a href='#x'></a><a href='#y'></a><a href='in/b.html#z'></a>"),
            ),
            (
                PathBuf::from("in/b.html"),
                page(
                    "<i id=z></i><a href='../a.html#z'></a><a href='gone.html'></a><a href='../f.txt'></a>\
                     <a href='https://example.org'></a>",
                ),
            ),
        ]);
        let files = pages.keys().cloned().chain([PathBuf::from("f.txt")]);
        let checked = follow(&pages, &files.collect());
        assert_eq!(
            checked.dead,
            [
                "a.html: #y",
                "in/b.html: ../a.html#z",
                "in/b.html: gone.html"
            ]
        );
        assert_eq!(checked.followed, 6);
        assert_eq!(checked.outside.len(), 1);
    }
}
