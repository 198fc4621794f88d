//! The file of a plan.

use std::io;
use std::path::Path;

use queue_core::ReplayPlan;
use queue_ops::archive::folder_of;
use queue_ops::{Draft, DraftError, Exit};

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
    Err(taken(path))
}

/// Refuses a folder that takes no file, before anything is done for what is to be written there.
pub(super) fn check_folder(path: &Path) -> Result<(), Failure> {
    match tempfile::tempfile_in(folder_of(path)) {
        Ok(_) => Ok(()),
        Err(error) => {
            // Its own words name a file that nobody has heard of.
            let error = io::Error::from(error.kind());
            Err(DraftError::of(path, error).into())
        }
    }
}

/// Writes all of it or nothing.
pub(super) fn write(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let written = Draft::begin_over(path, force).and_then(|mut draft| {
        draft.write(text)?;
        draft.finish()
    });
    written.map_err(|error| match error {
        DraftError::Taken(_) => taken(path),
        error => error.into(),
    })
}

fn taken(path: &Path) -> Failure {
    let message = format!(
        "{} is there already: give another name, or --force",
        path.display()
    );
    Failure::new(Exit::Refused, message)
}

#[cfg(test)]
mod tests {
    use std::fs;

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
