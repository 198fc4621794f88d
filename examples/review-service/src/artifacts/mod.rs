//! What is kept of each review: raw, which is as others wrote it, and redacted, apart from each other.
//!
//! Files in a folder that nobody else may enter: `raw/JOB/diff`, `redacted/JOB/answer`. How long they are kept is
//! bounded by the configuration and, above that, here.

mod removal;
mod show;

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use queue_core::JobId;

use crate::config::ArtifactsSection;

pub(crate) use removal::tell;
pub use removal::{LAST_REMOVAL, RemoveArtifacts, Removed, remove_artifacts};
pub use show::{READ, Show, ShowError, show};

/// A part of a review that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Artifact {
    /// The differences, as the depot gave them.
    RawDiff,
    /// What the model was shown and told.
    RawPrompt,
    /// What it answered.
    RawAnswer,
    /// The differences without secrets.
    RedactedDiff,
    /// The answer without secrets.
    RedactedAnswer,
}

impl Artifact {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::RawDiff,
        Self::RawPrompt,
        Self::RawAnswer,
        Self::RedactedDiff,
        Self::RedactedAnswer,
    ];

    /// Whether it is as others wrote it: then whoever reads it is on record.
    #[must_use]
    pub fn is_raw(self) -> bool {
        matches!(self, Self::RawDiff | Self::RawPrompt | Self::RawAnswer)
    }

    /// Its name: `raw/diff`, …
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RawDiff => "raw/diff",
            Self::RawPrompt => "raw/prompt",
            Self::RawAnswer => "raw/answer",
            Self::RedactedDiff => "redacted/diff",
            Self::RedactedAnswer => "redacted/answer",
        }
    }
}

impl fmt::Display for Artifact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Artifact {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL
            .into_iter()
            .find(|artifact| artifact.as_str() == text);
        found.ok_or_else(|| {
            let shown: String = text.chars().take(40).flat_map(char::escape_debug).collect();
            let all = Self::ALL.map(Self::as_str).join(", ");
            format!("`{shown}` is no artifact: write one of {all}")
        })
    }
}

/// Where artifacts are, and for how long.
///
/// ```
/// use queue_core::JobId;
/// use review_service::artifacts::{Artifact, Artifacts};
/// use review_service::config::ArtifactsSection;
/// # let dir = tempfile::tempdir().unwrap();
/// # let folder = dir.path().join("artifacts");
/// let artifacts = Artifacts::open(&ArtifactsSection { folder, ..ArtifactsSection::default() }).unwrap();
/// artifacts.keep(JobId::new(17), Artifact::RawDiff, "+secret = 1").unwrap();
/// assert_eq!(artifacts.get(JobId::new(17), Artifact::RawDiff).unwrap().unwrap(), b"+secret = 1");
/// assert!(artifacts.get(JobId::new(18), Artifact::RawDiff).unwrap().is_none());
/// ```
#[derive(Debug, Clone)]
pub struct Artifacts {
    folder: PathBuf,
    raw_for: Duration,
    redacted_for: Duration,
}

impl Artifacts {
    /// Makes the folder if it is not there. One that others may enter is closed to them.
    pub fn open(settings: &ArtifactsSection) -> io::Result<Self> {
        let artifacts = Self {
            folder: settings.folder.clone(),
            raw_for: settings.raw_for.get(),
            redacted_for: settings.redacted_for.get(),
        };
        for folder in [
            artifacts.folder.clone(),
            artifacts.sort("raw"),
            artifacts.sort("redacted"),
        ] {
            make_private(&folder)?;
        }
        Ok(artifacts)
    }

    fn sort(&self, sort: &str) -> PathBuf {
        self.folder.join(sort)
    }

    /// Names come from numbers and from [`Artifact`]: nothing that others wrote is in a path.
    fn path(&self, job: JobId, artifact: Artifact) -> PathBuf {
        let (sort, name) = artifact
            .as_str()
            .split_once('/')
            .unwrap_or(("raw", "unknown"));
        self.sort(sort).join(job.to_string()).join(name)
    }

    /// Keeps a text, in the place of what an earlier attempt left: all of it or nothing.
    pub fn keep(&self, job: JobId, artifact: Artifact, text: &str) -> io::Result<()> {
        let path = self.path(job, artifact);
        let folder = path.parent().unwrap_or(&self.folder);
        make_private(folder)?;
        // Two attempts may overlap for a moment: each writes a file of its own.
        let draft = folder.join(format!(".{:016x}", rand::random::<u64>()));
        let written = create(&draft)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .and_then(|()| fs::rename(&draft, &path));
        if written.is_err() {
            drop(fs::remove_file(&draft));
        }
        written
    }

    /// What is kept, if it is still there.
    pub fn get(&self, job: JobId, artifact: Artifact) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.path(job, artifact)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes what was kept for long enough at that time, and says how much.
    pub fn remove_until(&self, now: SystemTime) -> io::Result<Removed> {
        let mut removed = Removed::default();
        for (sort, kept) in [("raw", self.raw_for), ("redacted", self.redacted_for)] {
            let folder = self.sort(sort);
            for job in fs::read_dir(&folder)? {
                let job = job?.path();
                removal::remove_from(&job, now, kept, &mut removed)?;
            }
        }
        mark(&self.folder.join(LAST_REMOVAL), now)?;
        Ok(removed)
    }

    /// When a removal last went through.
    #[must_use]
    pub fn last_removal(&self) -> Option<SystemTime> {
        fs::metadata(self.folder.join(LAST_REMOVAL))
            .ok()?
            .modified()
            .ok()
    }
}

fn mark(path: &Path, now: SystemTime) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    private(&mut options);
    options.open(path)?.set_modified(now)
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    private(&mut options);
    options.open(path)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn private(_: &mut OpenOptions) {}

#[cfg(unix)]
fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let found = fs::metadata(folder)?.permissions();
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).create(folder)
}

#[cfg(test)]
mod tests;
