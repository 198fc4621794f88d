//! Lines for the journal, where standard error leads there: systemd says by `JOURNAL_STREAM` which socket that is.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use crate::harness::{PATIENCE, Place};

/// The first lines of a run to its end, with standard error on a socket and what is said of that.
fn said(mut program: Command, stream: impl FnOnce(u64, u64) -> String) -> Vec<String> {
    let (ours, theirs) = UnixStream::pair().unwrap();
    ours.set_read_timeout(Some(PATIENCE)).unwrap();
    let theirs = File::from(OwnedFd::from(theirs));
    let about = theirs.metadata().unwrap();
    program
        .arg("--once")
        .env("JOURNAL_STREAM", stream(about.dev(), about.ino()))
        .stdout(Stdio::null())
        .stderr(theirs);
    let mut child = program.spawn().unwrap();
    // With it goes the last end that writes.
    drop(program);
    let lines = BufReader::new(ours).lines().map(Result::unwrap).collect();
    assert!(child.wait().unwrap().success());
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_gets_priorities_and_no_time() {
    let place = Place::sqlite().await;
    let lines = said(place.program(), |device, inode| format!("{device}:{inode}"));
    assert!(!lines.is_empty());
    for line in &lines {
        let (priority, rest) = line.split_once('>').unwrap();
        assert!(["<3", "<4", "<6"].contains(&priority), "{line}");
        assert!(!rest.contains("INFO") && !rest.starts_with("20"), "{line}");
    }
}

/// Somebody else's standard error was the journal: what is written to now is a file, say.
#[tokio::test(flavor = "multi_thread")]
async fn what_leads_elsewhere_is_for_people() {
    let place = Place::sqlite().await;
    let another = |device, inode: u64| format!("{device}:{}", inode + 1);
    for lines in [
        said(place.program(), another),
        said(place.program(), |_, _| String::new()),
        said(place.program(), |_, _| "nonsense".to_owned()),
    ] {
        assert!(!lines.is_empty());
        assert!(lines.iter().all(|line| !line.starts_with('<')), "{lines:?}");
        assert!(lines[0].contains(" INFO "), "{lines:?}");
    }
}
