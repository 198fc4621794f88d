//! Where a database may lie: on a local disk, in a file that this process may write.

use std::path::{Path, PathBuf};

use queue_core::StoreError;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::fault;

/// File systems over a network: their locks and shared memory do not hold what SQLite's WAL needs.
const NETWORK: &[&str] = &[
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "lustre",
    "gpfs",
    "ncpfs",
    "gfs",
    "gfs2",
    "ocfs2",
    "glusterfs",
    "beegfs",
];

/// FUSE file systems that lead to another machine.
const NETWORK_FUSE: &[&str] = &[
    "sshfs",
    "glusterfs",
    "s3fs",
    "rclone",
    "gcsfuse",
    "ceph",
    "curlftpfs",
    "davfs",
    "goofys",
    "blobfuse",
    "juicefs",
    "seaweedfs",
    "mfs",
    "smbnetfs",
];

/// Refuses what cannot work; says whether the file is there already.
pub(crate) fn check(path: &Path, may_create: bool) -> Result<bool, StoreError> {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo");
    check_among(&mounts.unwrap_or_default(), path, may_create)
}

fn check_among(mounts: &str, path: &Path, may_create: bool) -> Result<bool, StoreError> {
    let shown = path.display().to_string();
    if shown.is_empty() || shown == ":memory:" || shown.starts_with("file:") {
        return Err(StoreError::refused(
            format!("`{shown}` as a database"),
            "a durable queue needs a file, by its plain path",
            "give a path like /var/lib/app/jobs.db; in tests, one in a temporary directory",
        ));
    }
    if path.is_dir() {
        return Err(StoreError::refused(
            shown,
            "it is a directory",
            "give the path of a file in it, like jobs.db",
        ));
    }
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    if !directory.is_dir() {
        return Err(StoreError::refused(
            shown,
            format!("there is no directory {}", directory.display()),
            "create it, or correct the path",
        ));
    }
    let existed = path.exists();
    if existed && !path.is_file() {
        return Err(StoreError::refused(
            shown,
            "it is not a regular file",
            "give the path of a file on a local disk",
        ));
    }
    if !existed && !may_create {
        return Err(StoreError::refused(
            shown,
            "there is no such file",
            "correct the path, or give create=true in the URL",
        ));
    }
    check_file_system(mounts, path, &directory)?;
    if existed {
        check_header(path)?;
    }
    Ok(existed)
}

/// An existing file must be a SQLite database or empty. SQLite itself looks: who opens the file past it and
/// closes it again, takes the locks away that connections of this process hold on it, and with them what
/// keeps other processes from removing the log.
fn check_header(path: &Path) -> Result<(), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn =
        Connection::open_with_flags(path, flags).map_err(|error| unwritable(path, true, &error))?;
    let head = conn.query_row("PRAGMA schema_version", [], |row| row.get::<_, i64>(0));
    match head.map_err(|error| error.sqlite_error_code()) {
        Err(Some(ErrorCode::NotADatabase)) => Err(StoreError::refused(
            path.display().to_string(),
            "it is not a SQLite database",
            "give another path; if it was one, restore a backup",
        )),
        // Whatever else is in the way is told by those who work with it.
        _ => Ok(()),
    }
}

fn check_file_system(mounts: &str, path: &Path, directory: &Path) -> Result<(), StoreError> {
    // A file that is a link lies where it leads to.
    let place = path.canonicalize().or_else(|_| directory.canonicalize());
    let Ok(place) = place else {
        return Ok(());
    };
    match file_system(mounts, &place) {
        Some(kind) if is_network(kind) => Err(StoreError::refused(
            path.display().to_string(),
            format!("it lies on a network file system ({kind}), where SQLite's locks do not hold"),
            "put it on a local disk, or use Postgres for a queue that many machines share",
        )),
        _ => Ok(()),
    }
}

/// The file system type that a file lies on, if the system says.
pub(crate) fn kind_of(path: &Path) -> Option<String> {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    file_system(&mounts, &path.canonicalize().ok()?).map(str::to_owned)
}

/// Whether what lies there is gone after a restart of the machine.
pub(crate) fn is_volatile(kind: &str) -> bool {
    matches!(kind, "tmpfs" | "ramfs")
}

pub(crate) fn is_network(kind: &str) -> bool {
    NETWORK.contains(&kind)
        || kind
            .strip_prefix("fuse.")
            .is_some_and(|kind| NETWORK_FUSE.contains(&kind))
}

/// The file system type of the mount that a path lies on: the longest mount point that leads to it,
/// the last one mounted there.
fn file_system<'m>(mounts: &'m str, path: &Path) -> Option<&'m str> {
    let mut best: Option<(usize, &str)> = None;
    for line in mounts.lines() {
        let (Some((before, after)), Some(point)) = (line.split_once(" - "), line.split(' ').nth(4))
        else {
            continue;
        };
        debug_assert!(before.contains(point));
        let (point, Some(kind)) = (unescape(point), after.split(' ').next()) else {
            continue;
        };
        let length = point.len();
        if path.starts_with(&point) && best.is_none_or(|(longest, _)| length >= longest) {
            best = Some((length, kind));
        }
    }
    best.map(|(_, kind)| kind)
}

/// Blanks and the like stand as three octal digits.
fn unescape(point: &str) -> String {
    ["\\040", "\\011", "\\012", "\\134"]
        .into_iter()
        .zip([" ", "\t", "\n", "\\"])
        .fold(point.to_owned(), |text, (code, plain)| {
            text.replace(code, plain)
        })
}

/// Whether an error is about the file's place rather than its content.
pub(crate) fn is_place_problem(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::SystemIoFailure
        )
    )
}

/// The file could not be opened or created.
pub(crate) fn unwritable(path: &Path, existed: bool, error: &rusqlite::Error) -> StoreError {
    // Nobody has to be given a right for that, and somebody may make room.
    if fault::is_out_of_room(error) {
        return StoreError::Unavailable {
            operation: "opening",
            detail: format!("{}: {}", path.display(), fault::no_room(error)),
            cause: None,
        };
    }
    let problem = if existed {
        "opened for writing"
    } else {
        "created"
    };
    StoreError::refused(
        path.display().to_string(),
        format!("it cannot be {problem}: {error}"),
        "make the file and its directory writable for this process (SQLite also creates -wal and \
         -shm files beside it)",
    )
}

/// The file opened, but not for writing.
pub(crate) fn read_only(path: &Path) -> StoreError {
    StoreError::refused(
        path.display().to_string(),
        "it is read-only",
        "make the file and its directory writable for this process",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /mnt/my\\040share rw shared:5 - cifs //host/share rw
31 22 0:41 / /mnt rw - tmpfs tmpfs rw
32 22 0:42 / /home/a rw - fuse.sshfs host:/ rw
33 22 0:43 / /over rw - nfs4 host:/ rw
34 22 0:44 / /over rw - ext4 /dev/vdb rw
";

    #[test]
    fn the_mount_nearest_to_the_file_counts() {
        let kind = |path: &str| file_system(MOUNTS, Path::new(path)).unwrap();
        assert_eq!(kind("/var/lib/jobs.db"), "ext4");
        assert_eq!(kind("/mnt/my share/jobs.db"), "cifs");
        assert_eq!(kind("/mnt/other/jobs.db"), "tmpfs");
        assert_eq!(kind("/home/ab/jobs.db"), "ext4", "not a part of a name");
        assert_eq!(
            kind("/over/jobs.db"),
            "ext4",
            "what was mounted last is seen"
        );
    }

    #[test]
    fn a_file_on_a_network_is_refused_with_a_remedy() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("jobs.db");
        let local = "22 1 254:0 / / rw - ext4 /dev/vda rw\n";
        assert!(!check_among(local, &path, true).unwrap());
        let remote = "22 1 0:43 / / rw - nfs4 host:/ rw\n";
        let told = check_among(remote, &path, true).unwrap_err().to_string();
        assert!(told.contains("on a network file system (nfs4)"), "{told}");
        assert!(told.contains("put it on a local disk, or use Postgres"));
    }

    #[test]
    fn network_file_systems_are_known_by_name() {
        for kind in ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs"] {
            assert!(is_network(kind), "{kind}");
        }
        for kind in [
            "ext4",
            "xfs",
            "btrfs",
            "tmpfs",
            "overlay",
            "fuse.fuse-overlayfs",
        ] {
            assert!(!is_network(kind), "{kind}");
        }
    }
}
