//! Copies that are made while other processes write.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Lines, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Arc;

use queue_core::{EnqueueBatch, JobId, JobStore, KindName, NewJob, Page, Payload, QueueName};
use queue_sqlite::{BackupError, BackupProgress, SqliteOptions, SqliteStore};

/// Names the file to a child.
const FILE: &str = "LEASEHOLD_BACKUP_FILE";
/// Names the child, in its jobs.
const NAME: &str = "LEASEHOLD_BACKUP_NAME";
/// How many jobs are there before the first copy.
const BEFORE: u64 = 1_500;
const AT_ONCE: u64 = 5;

fn job(name: &str, number: u64) -> NewJob {
    let payload = Payload::json(&(name, number, "x".repeat(500))).unwrap();
    let queue = QueueName::new("q").unwrap();
    NewJob::new(queue, KindName::new("k").unwrap(), payload)
}

/// The process that writes until its standard input ends; by itself it does nothing.
#[test]
fn child() {
    let (Ok(file), Ok(name)) = (std::env::var(FILE), std::env::var(NAME)) else {
        return;
    };
    std::thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = SqliteStore::open(file).await.unwrap();
        let mut number = 0;
        loop {
            let jobs = (1..=AT_ONCE)
                .map(|more| job(&name, number + more))
                .collect();
            store
                .enqueue(EnqueueBatch::new(jobs).unwrap())
                .await
                .unwrap();
            number += AT_ONCE;
            eprintln!("stored {number}");
        }
    });
}

struct Writer {
    child: Child,
    lines: Lines<BufReader<ChildStderr>>,
    acknowledged: u64,
}

impl Writer {
    fn start(file: &Path, name: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--nocapture"])
            .env(FILE, file)
            .env(NAME, name)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        Self {
            child,
            lines,
            acknowledged: 0,
        }
    }

    /// Listens until the child has this many.
    fn until(&mut self, wanted: u64) {
        while self.acknowledged < wanted {
            let line = self.lines.next().unwrap().unwrap();
            if let Some(number) = line.strip_prefix("stored ") {
                self.acknowledged = number.parse().unwrap();
            }
        }
    }

    fn end(mut self) {
        drop(self.child.stdin.take());
        // It may be in the middle of a line that nobody reads.
        self.lines.by_ref().for_each(drop);
        self.child.wait().unwrap();
    }
}

fn page_after(job: JobId) -> Page {
    Page::first(1_000).unwrap().after(job.get())
}

/// The numbers of each child's jobs.
async fn stored(file: &Path) -> BTreeMap<String, Vec<u64>> {
    let options = SqliteOptions::new(file).migrate_on_open(false);
    let store = options.open().await.unwrap();
    let mut found = BTreeMap::<String, Vec<u64>>::new();
    let mut after = JobId::new(0);
    loop {
        let page = store.live(page_after(after)).await.unwrap();
        let Some(last) = page.last() else {
            return found;
        };
        after = last.id;
        for job in page {
            let payload = store.job(job.id).await.unwrap().unwrap().payload;
            let (name, number, _): (String, u64, String) = payload.read().unwrap();
            found.entry(name).or_default().push(number);
        }
    }
}

#[tokio::test]
async fn a_copy_has_all_that_was_acknowledged_before_it_and_no_more_than_a_moment() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jobs.db");
    let options = SqliteOptions::new(&file);
    options.migrate().await.unwrap();
    let mut writers = ["a", "b"].map(|name| Writer::start(&file, name));
    for round in 1..=3 {
        for writer in &mut writers {
            writer.until(BEFORE * round);
        }
        let before: Vec<u64> = writers.iter().map(|it| it.acknowledged).collect();
        let copy = dir.path().join(format!("copy-{round}.db"));
        let progress = Arc::new(BackupProgress::default());
        options.backup(&copy, Arc::clone(&progress)).await.unwrap();
        let (done, pages) = progress.pages();
        assert!(done == pages && pages > 100, "{done} of {pages}");
        // They went on meanwhile, or do so now.
        for writer in &mut writers {
            writer.until(writer.acknowledged + AT_ONCE);
        }
        let facts = SqliteOptions::new(&copy).facts(true).await.unwrap();
        assert!(facts.content.unwrap().damage.is_empty());
        let found = stored(&copy).await;
        for (name, before) in ["a", "b"].into_iter().zip(before) {
            let numbers = found.get(name).unwrap();
            let prefix: Vec<u64> = (1..=numbers.len() as u64).collect();
            assert_eq!(*numbers, prefix, "{name}: nothing is missing in between");
            assert!(
                numbers.len() as u64 >= before,
                "{name}: {} of {before}",
                numbers.len()
            );
            assert_eq!(
                numbers.len() as u64 % AT_ONCE,
                0,
                "{name}: half a transaction"
            );
        }
    }
    writers.into_iter().for_each(Writer::end);
}

#[tokio::test]
async fn a_backup_that_is_stopped_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let options = SqliteOptions::new(dir.path().join("jobs.db"));
    options.migrate().await.unwrap();
    let progress = Arc::new(BackupProgress::default());
    progress.stop();
    let copy = dir.path().join("copy.db");
    let error = options.backup(&copy, progress).await.unwrap_err();
    assert!(matches!(error, BackupError::Stopped), "{error}");
}

#[tokio::test]
async fn a_copy_that_cannot_be_written_is_told_from_a_file_that_cannot_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jobs.db");
    let options = SqliteOptions::new(&path);
    let nowhere = dir.path().join("nowhere/copy.db");
    let error = options.backup(&nowhere, Arc::default()).await.unwrap_err();
    assert!(matches!(error, BackupError::Source(_)), "{error}");
    options.migrate().await.unwrap();
    let error = options.backup(&nowhere, Arc::default()).await.unwrap_err();
    assert!(matches!(error, BackupError::Target(_)), "{error}");
}
