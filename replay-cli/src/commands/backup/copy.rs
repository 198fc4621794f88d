//! A copy of a SQLite file.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use queue_ops::archive::{folder_of, put};
use queue_ops::{BackupError, BackupProgress, DraftError, Exit, SqliteOptions};
use serde::Serialize;
use tempfile::TempPath;

use super::Backup;
use crate::answer::{Answer, Failure};
use crate::commands::replay::Progress;
use crate::desk::Desk;
use crate::report::{self, Sheet};

/// How often it is looked how far the copy is, and whether to stop.
const LOOK: Duration = Duration::from_millis(50);

/// A copy that is there, and was checked.
#[derive(Debug, Serialize)]
struct CopyItem {
    file: String,
    bytes: u64,
}

pub(super) async fn run(
    desk: &Desk,
    options: &Backup,
    file: &SqliteOptions,
) -> Result<Answer, Failure> {
    let out = options.out.as_path();
    if !options.force && out.exists() {
        return Err(taken(out));
    }
    if same(out, file.path()) {
        let message = format!(
            "{} is the database itself; give another name",
            out.display()
        );
        return Err(Failure::new(Exit::Refused, message));
    }
    if out.exists() && !out.is_file() {
        let message = format!("{} is not a regular file; give another name", out.display());
        return Err(Failure::new(Exit::Refused, message));
    }
    if is_part_of(out, file.path()) {
        let message = format!(
            "{} is a part of the database itself; give another name",
            out.display()
        );
        return Err(Failure::new(Exit::Refused, message));
    }
    // SQLite would take it for the copy's own, and damage that by it.
    for ending in ["-wal", "-journal"] {
        let mut beside = out.as_os_str().to_owned();
        beside.push(ending);
        let beside = PathBuf::from(beside);
        if beside.exists() {
            let message = format!(
                "{} is there, the log of another database of that name; give another name, or move it away",
                beside.display()
            );
            return Err(Failure::new(Exit::Refused, message));
        }
    }
    // SQLite makes files beside a database: all of them are in a folder that goes as a whole.
    let folder = folder_of(out);
    let unwritable = |error: io::Error| DraftError::of(out, error.kind().into());
    let draft = tempfile::Builder::new()
        .prefix(".leasehold-backup-")
        .tempdir_in(folder)
        .map_err(unwritable)?;
    let copy = draft.path().join("copy");
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&copy);
    made.map_err(unwritable)?;
    filled(desk, file, &copy, out).await?;
    let copy = TempPath::try_from_path(copy).map_err(unwritable)?;
    put(copy, out, options.force).map_err(|error| match error {
        DraftError::Taken(_) => taken(out),
        error => error.into(),
    })?;
    let bytes = fs::metadata(out).map_or(0, |about| about.len());
    let item = CopyItem {
        file: out.display().to_string(),
        bytes,
    };
    let answer = report::show(desk, desk.style, "backup", &item, &Sheet::default())?;
    Ok(answer.note(format!("{} has {bytes} bytes, checked", item.file)))
}

/// Copies, says how far it is, and stops when it is told to.
async fn filled(desk: &Desk, file: &SqliteOptions, copy: &Path, out: &Path) -> Result<(), Failure> {
    desk.stop.be_careful();
    let state = Arc::new(BackupProgress::default());
    let mut shown = Progress::new(desk);
    let mut work = pin!(file.backup(copy, Arc::clone(&state)));
    let ended = loop {
        if let Ok(ended) = tokio::time::timeout(LOOK, &mut work).await {
            break ended;
        }
        if desk.stop.asked().is_some() {
            state.stop();
        }
        let (done, pages) = state.pages();
        let checking = pages > 0 && done == pages;
        let line = match checking {
            true => format!("{pages} pages are copied: checking them"),
            false => format!("{done} of {pages} pages are copied"),
        };
        shown.say(&line, checking);
    };
    shown.end();
    ended.map_err(|error| match (error, desk.stop.asked()) {
        (BackupError::Stopped, Some(signal)) => {
            Failure::new(signal.exit(), format!("{signal}; there is no backup"))
        }
        (BackupError::Source(error), _) => Failure::from(error),
        (BackupError::Target(detail), _) => {
            let message = format!("{} cannot be written: {detail}", out.display());
            Failure::new(Exit::Output, message)
        }
        (error, _) => {
            let message = format!("{error}: see `leasehold doctor --deep`, and restore a backup");
            Failure::new(Exit::Data, message)
        }
    })
}

/// Whether two paths lead to one file.
fn same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// Whether SQLite keeps something of the database under this name, now or at times.
fn is_part_of(out: &Path, database: &Path) -> bool {
    let folder = folder_of(out);
    let (Ok(folder), Ok(database), Some(name)) = (
        folder.canonicalize(),
        database.canonicalize(),
        out.file_name(),
    ) else {
        return false;
    };
    ["-wal", "-shm", "-journal"].iter().any(|ending| {
        let mut part = database.as_os_str().to_owned();
        part.push(ending);
        folder.join(name) == Path::new(&part)
    })
}

fn taken(path: &Path) -> Failure {
    let message = format!(
        "{} is there already; give another name, or --force",
        path.display()
    );
    Failure::new(Exit::Refused, message)
}
