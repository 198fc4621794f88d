//! Where the pages are.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// The pages of the book outside of `docs`.
pub const OUTSIDE: [&str; 7] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "examples/review-service/README.md",
    "packaging/systemd/README.md",
    "benches/peers/README.md",
];

/// The list of pages: no page itself.
pub const SUMMARY: &str = "docs/SUMMARY.md";

/// The repository that this was built in.
#[must_use]
pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}

/// Every page that there is, as a path from the root, in the order of names.
///
/// # Errors
///
/// A folder of pages cannot be read.
pub fn pages(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut pages: Vec<PathBuf> = OUTSIDE.iter().map(PathBuf::from).collect();
    let mut folders = vec![PathBuf::from("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "md") && path != Path::new(SUMMARY)
            {
                pages.push(path);
            }
        }
    }
    pages.sort();
    Ok(pages)
}

/// What a relative link in a file leads to, from the root; nothing if it leads out of the repository.
#[must_use]
pub fn target(file: &Path, link: &str) -> Option<PathBuf> {
    let mut path = file.parent()?.to_owned();
    for part in Path::new(link).components() {
        match part {
            Component::Normal(name) => path.push(name),
            Component::ParentDir if path.pop() => {}
            Component::CurDir => {}
            _ => return None,
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_followed_inside_of_the_repository_only() {
        let from = |link| target(Path::new("docs/guides/deploy.md"), link);
        assert_eq!(from("../adr/README.md"), Some("docs/adr/README.md".into()));
        assert_eq!(from("../../README.md"), Some("README.md".into()));
        assert_eq!(from("../../../elsewhere.md"), None);
        assert_eq!(from("/etc/passwd"), None);
    }
}
