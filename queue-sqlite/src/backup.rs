//! A copy of the whole file, made while others write to it.

use std::error::Error;
use std::fmt;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use queue_core::StoreError;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::fault::Fault;
use crate::ops::facts::check;

/// So many pages are copied before it is looked whether to go on.
const STEP: i32 = 1_024;
/// The check looks as often, in steps of SQLite's machine.
const LOOK: i32 = 100_000;

/// How far a backup is, and a way to stop it.
#[derive(Debug, Default)]
pub struct BackupProgress {
    done: AtomicU64,
    pages: AtomicU64,
    stopped: AtomicBool,
}

/// Why there is no backup.
#[derive(Debug)]
#[non_exhaustive]
pub enum BackupError {
    /// The database cannot be read.
    Source(StoreError),
    /// The copy cannot be written.
    Target(String),
    /// The copy is not sound, and so most likely neither is the database: what SQLite says of it.
    Damaged(Vec<String>),
    /// Somebody stopped it.
    Stopped,
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(error) => error.fmt(f),
            Self::Target(detail) => write!(f, "the copy cannot be written: {detail}"),
            Self::Damaged(lines) => write!(f, "the copy is damaged: {}", lines.join("; ")),
            Self::Stopped => f.write_str("the backup was stopped"),
        }
    }
}

impl Error for BackupError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Source(error) => Some(error),
            _ => None,
        }
    }
}

impl BackupProgress {
    /// How many pages are copied, and of how many.
    ///
    /// ```
    /// assert_eq!(queue_sqlite::BackupProgress::default().pages(), (0, 0));
    /// ```
    #[must_use]
    pub fn pages(&self) -> (u64, u64) {
        let done = self.done.load(Ordering::Relaxed);
        (done, self.pages.load(Ordering::Relaxed))
    }

    /// Ends the backup soon, without a copy.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

pub(crate) fn copy(
    source: &Connection,
    to: &Path,
    progress: &Arc<BackupProgress>,
) -> Result<(), BackupError> {
    hold(source)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut target = Connection::open_with_flags(to, flags).map_err(write)?;
    // Nobody needs half a copy: it is brought to the disk at once, at the end.
    let lazy = target.pragma_update(None, "synchronous", "OFF");
    lazy.map_err(write)?;
    fill(source, &mut target, progress, || {})?;
    sound(&mut target, progress)?;
    target.close().map_err(|(_, error)| write(error))?;
    let file = File::open(to).and_then(|file| file.sync_all());
    file.map_err(|error| BackupError::Target(error.to_string()))
}

/// One snapshot from the first page to the last: without, each commit of somebody else would make the
/// copy begin anew.
fn hold(source: &Connection) -> Result<(), BackupError> {
    let held = source.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema");
    held.map_err(read)
}

/// Copies step by step, and lets others do something in between.
fn fill(
    source: &Connection,
    target: &mut Connection,
    progress: &BackupProgress,
    mut between: impl FnMut(),
) -> Result<(), BackupError> {
    let backup = Backup::new(source, target).map_err(write)?;
    loop {
        if progress.is_stopped() {
            return Err(BackupError::Stopped);
        }
        let step = backup.step(STEP).map_err(write)?;
        let now = backup.progress();
        let count = |pages: std::ffi::c_int| u64::try_from(pages).unwrap_or(0);
        let pages = count(now.pagecount);
        progress.pages.store(pages, Ordering::Relaxed);
        let done = pages.saturating_sub(count(now.remaining));
        progress.done.store(done, Ordering::Relaxed);
        match step {
            StepResult::Done => return Ok(()),
            StepResult::More => between(),
            // Nobody else knows the copy, and the snapshot is held: it does not last.
            _ => std::thread::sleep(Duration::from_millis(1)),
        }
    }
}

/// The copy itself is looked at, not what it was made of.
fn sound(target: &mut Connection, progress: &Arc<BackupProgress>) -> Result<(), BackupError> {
    let watch = Arc::clone(progress);
    let hooked = target.progress_handler(LOOK, Some(move || watch.is_stopped()));
    hooked.map_err(write)?;
    match check(target, true) {
        _ if progress.is_stopped() => Err(BackupError::Stopped),
        Ok(damage) if damage.is_empty() => Ok(()),
        Ok(damage) => Err(BackupError::Damaged(damage)),
        Err(fault) => Err(read_back(fault)),
    }
}

fn read(error: rusqlite::Error) -> BackupError {
    BackupError::Source(Fault::from(error).named("backup", Duration::ZERO))
}

/// Whatever goes wrong once it runs is told of the target, except damage, which was read.
fn write(error: rusqlite::Error) -> BackupError {
    match Fault::from(error).named("backup", Duration::ZERO) {
        error @ StoreError::Corrupt { .. } => BackupError::Source(error),
        error => BackupError::Target(error.to_string()),
    }
}

fn read_back(fault: Fault) -> BackupError {
    match fault.named("backup", Duration::ZERO) {
        StoreError::Corrupt { detail } => BackupError::Damaged(vec![detail]),
        error => BackupError::Target(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_of_others_do_not_make_it_begin_anew() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("jobs.db");
        let writer = Connection::open(&path).unwrap();
        let large =
            "PRAGMA journal_mode = WAL; CREATE TABLE large AS SELECT zeroblob(20 << 20) AS x;
                     CREATE TABLE small (x)";
        writer.execute_batch(large).unwrap();
        let source = Connection::open(&path).unwrap();
        hold(&source).unwrap();
        let mut target = Connection::open(dir.path().join("copy.db")).unwrap();
        let mut steps = 0;
        let progress = BackupProgress::default();
        fill(&source, &mut target, &progress, || {
            writer
                .execute_batch("INSERT INTO small VALUES (1)")
                .unwrap();
            steps += 1;
            assert!(steps < 20, "it does not come to an end");
        })
        .unwrap();
        let (done, pages) = progress.pages();
        assert_eq!(done, pages);
        assert_eq!(steps, pages / u64::from(STEP.unsigned_abs()));
        let copied = target.query_row("SELECT count(*) FROM small", [], |row| row.get(0));
        assert_eq!(copied, Ok(0), "it is of the moment at which it began");
    }
}
