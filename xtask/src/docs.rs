//! `cargo xtask docs`: the pages that are written from the code.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, bail};

use crate::arguments::DocsOptions;
use crate::{step, workspace};

/// The version of a release: three numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version(String);

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<_> = text.split('.').collect();
        // Spelled in one way only: it becomes the name of a file.
        let is_number = |part: &&str| {
            part.parse::<u32>()
                .is_ok_and(|number| number.to_string() == **part)
        };
        if parts.len() == 3 && parts.iter().all(is_number) {
            Ok(Self(text.to_owned()))
        } else {
            Err("write three numbers, like 0.2.0".to_owned())
        }
    }
}

/// Writes the pages, and with them what a release promises.
pub(crate) fn run(options: &DocsOptions) -> Result<()> {
    let reference = workspace::root().join("docs/reference");
    let release = options
        .release
        .as_ref()
        .map(|version| release_path(&reference, version));
    // Before the page is written: who is refused finds everything as it was.
    if let Some(path) = &release
        && path.exists()
    {
        return refuse(path);
    }
    fs::create_dir_all(&reference)
        .with_context(|| format!("cannot make {}", reference.display()))?;
    let page = reference.join("reason-codes.md");
    fs::write(&page, catalogue(&[])?)
        .with_context(|| format!("cannot write {}", page.display()))?;
    println!("{}", page.display());
    if let Some(path) = release {
        keep(&path, &catalogue(&["--release"])?)?;
        println!("{}", path.display());
    }
    Ok(())
}

fn release_path(reference: &Path, Version(version): &Version) -> PathBuf {
    reference.join(format!("releases/reason-codes-{version}.json"))
}

/// Writes the file of a release, which must not be there yet.
fn keep(path: &Path, text: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => file
            .write_all(text)
            .with_context(|| format!("cannot write {}", path.display())),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => refuse(path),
        Err(error) => Err(error).with_context(|| format!("cannot make {}", path.display())),
    }
}

fn refuse(path: &Path) -> Result<()> {
    bail!(
        "{} is there already: what a release has promised stays; give the version of the next one",
        path.display()
    )
}

/// What the catalogue says of itself, by an example of queue-core: we depend on no crate of the
/// workspace, so that we build where one of them does not.
fn catalogue(arguments: &[&str]) -> Result<Vec<u8>> {
    let mut example = workspace::cargo();
    example
        .args(["run", "--quiet", "--package", "queue-core"])
        .args(["--example", "reason_codes", "--"])
        .args(arguments);
    step::capture("docs", &mut example)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_three_numbers_spelled_in_one_way() {
        assert!("0.10.2".parse::<Version>().is_ok());
        for bad in [
            "", "1", "1.2", "1.2.3.4", "1.02.3", "v1.2.3", "1.2.x", "+1.2.3", "../1.2",
        ] {
            assert!(bad.parse::<Version>().is_err(), "{bad}");
        }
    }

    #[test]
    fn what_a_release_has_promised_is_not_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = release_path(dir.path(), &"0.1.0".parse().unwrap());
        keep(&path, b"first").unwrap();
        let error = keep(&path, b"second").unwrap_err().to_string();
        assert!(error.contains("is there already"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"first");
    }
}
