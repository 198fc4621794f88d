//! The file of a plan.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use queue_core::ReplayPlan;
use queue_ops::Exit;

use crate::answer::Failure;
use crate::input;

/// A plan of a million letters is smaller.
const LARGEST: usize = 1024 * 1024 * 1024;

pub(super) fn read(path: &Path) -> Result<ReplayPlan, Failure> {
    let text = input::text_within(path, LARGEST)?;
    ReplayPlan::read(&text).map_err(|error| refused(path, &error))
}

/// A plan that is not to be applied here.
pub(super) fn refused(path: &Path, error: &queue_core::PlanError) -> Failure {
    Failure::new(Exit::Data, format!("{}: {error}", path.display()))
}

/// Refuses to write over what is there.
pub(super) fn check_free(path: &Path, force: bool) -> Result<(), Failure> {
    if force || !path.exists() {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Refused,
        format!(
            "{} is there already: give another name, or --force",
            path.display()
        ),
    ))
}

/// Refuses a folder that takes no file, before anything is done for what is to be written there.
pub(super) fn check_folder(path: &Path) -> Result<(), Failure> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    match tempfile::tempfile_in(folder) {
        Ok(_) => Ok(()),
        Err(error) => {
            let error = io::Error::from(error.kind());
            let message = format!("{} cannot be written: {error}", path.display());
            Err(Failure::new(Exit::Output, message))
        }
    }
}

/// Writes all of it or nothing: beside it first, and under its name when it is on the disk.
pub(super) fn write(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let beside = beside(path);
    let written = write_new(&beside, text).and_then(|()| {
        if force {
            return fs::rename(&beside, path);
        }
        // Unlike a renaming this never takes the place of a file that has come meanwhile.
        fs::hard_link(&beside, path)
    });
    // After a renaming it is not there any more.
    let _ = fs::remove_file(&beside);
    written.map_err(|error| {
        if error.kind() == ErrorKind::AlreadyExists
            && let Err(failure) = check_free(path, force)
        {
            return failure;
        }
        let message = format!("{} cannot be written: {error}", path.display());
        Failure::new(Exit::Output, message)
    })
}

fn beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}", std::process::id()));
    path.with_file_name(name)
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_and_over_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plan.json");
        write(&path, "one", false).unwrap();
        assert_eq!(write(&path, "two", false).unwrap_err().exit, Exit::Refused);
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        write(&path, "three", true).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "three");
        let nowhere = dir.path().join("nowhere/plan.json");
        assert_eq!(write(&nowhere, "", false).unwrap_err().exit, Exit::Output);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
