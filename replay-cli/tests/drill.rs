//! The runbook for replays, run line by line after a real outage, on both databases.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test reports"
)]

#[path = "drill/service.rs"]
mod service;

use std::path::Path;
use std::process::{Child, Command, Stdio};

use fixtures::postgres::PostgresCluster;
use queue_core::{JobState, Page, Store};
use queue_ops::Database;
use tempfile::TempDir;

use service::Service;

const PAGE: &str = include_str!("../../docs/runbooks/replay.md");
const JOBS: usize = 5_000;
const VICTIMS: usize = 800;

/// The lines of the page, in its order.
const LINES: [&str; 19] = [
    "leasehold stats",
    "leasehold dead groups --since 1h",
    "leasehold dead list --error-class PROVIDER_TIMEOUT --since 1h --limit 5",
    "leasehold replay plan --since 1h --out outage.json --attach-evidence OPS-17 --note 'the provider says that it is back' --reason 'to replay what the outage killed'",
    "leasehold replay show outage.json",
    "leasehold replay apply outage.json --reason 'the provider says that it is back, OPS-17' --rate 100/s --canary 20 --stop-at-failure-rate 20%",
    "leasehold replay status outage.json --outcome died_again",
    "leasehold replay plan --since 1h --out fixed.json --attach-evidence OPS-17 --note 'the new certificate is deployed' --reason 'to replay what the outage killed'",
    "leasehold replay show fixed.json",
    "leasehold replay apply fixed.json --reason 'the new certificate is deployed, OPS-17' --include-unsafe --rate 100/s --canary 20 --stop-at-failure-rate 20% --lease 5s",
    "leasehold replay status fixed.json",
    "leasehold replay apply fixed.json --reason 'the new certificate is deployed, OPS-17' --include-unsafe --when-free --wait",
    "leasehold replay status fixed.json --outcome died_again --outcome changed",
    "leasehold dead list --state open",
    "leasehold dead list --state escalated",
    "leasehold stats",
    "leasehold audit keygen --out audit.pem",
    "leasehold audit export --out outage.jsonl --sign-key file:audit.pem",
    "leasehold audit verify outage.jsonl --public-key audit.pem.pub",
];

#[test]
fn the_page_has_the_commands_of_the_drill() {
    let joined = PAGE.replace("\\\n", " ");
    let lines = joined.lines().filter(|line| line.starts_with("leasehold "));
    let lines: Vec<String> = lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(lines, LINES);
}

/// Somebody at a prompt.
struct Prompt {
    dir: TempDir,
    url: String,
}

impl Prompt {
    fn start(&self, line: &str) -> Child {
        let bin = Path::new(env!("CARGO_BIN_EXE_leasehold")).parent().unwrap();
        let path = std::env::var("PATH").unwrap();
        // In the shell's own process: who kills it kills the command.
        let mut shell = Command::new("sh");
        shell
            .arg("-c")
            .arg(format!("exec {line}"))
            .current_dir(self.dir.path())
            .env("PATH", format!("{}:{path}", bin.display()))
            .env("LEASEHOLD_DATABASE_URL", &self.url)
            .env("LEASEHOLD_ACTOR", "ada")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        shell.spawn().unwrap()
    }

    /// What it wrote, if it ended with this code.
    fn run(&self, line: &str, code: i32) -> String {
        let output = self.start(line).wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(code), "{line}\n{text}{said}");
        text
    }
}

/// The value of a field of a sheet.
fn field(sheet: &str, name: &str) -> String {
    let mut fields = sheet.lines().filter_map(|line| line.split_once('\t'));
    let found = fields.find(|(field, _)| *field == name);
    found.map(|(_, value)| value.to_owned()).unwrap_or_default()
}

/// When so many letters of a run were seen, and not all.
async fn half_way(store: &dyn Store, run: i64) {
    loop {
        let page = Page::first(1).unwrap().after(run - 1);
        let runs = store.runs(page).await.unwrap();
        if runs.first().is_some_and(|run| run.counts.seen() >= 100) {
            return;
        }
        tokio::task::yield_now().await;
    }
}

async fn drill(prompt: Prompt) {
    let database = Database::parse(&prompt.url).unwrap();
    database.migrate().await.unwrap();
    let store = database.open().await.unwrap().store;
    let service = Service::start(&prompt.url, &store, JOBS, VICTIMS).await;
    service.is_idle().await;
    let run = |line: usize, code| prompt.run(LINES[line], code);

    run(0, 0);
    let groups = run(1, 0);
    let counts = groups
        .lines()
        .map(|line| line.split('\t').nth(1).unwrap().parse::<usize>().unwrap());
    assert_eq!((groups.lines().count(), counts.sum()), (3, VICTIMS));
    assert_eq!(run(2, 0).lines().count(), 5);
    assert_eq!(field(&run(3, 0), "letters"), "800");
    assert_eq!(field(&run(4, 0), "replayed"), "800");
    let stopped = run(5, 5);
    assert_eq!(field(&stopped, "state"), "stopped");
    // It need not wait for all twenty to know.
    let canary = field(&stopped, "replayed");
    assert!(
        (5..=20).contains(&canary.parse::<usize>().unwrap()),
        "{stopped}"
    );
    service.is_idle().await;
    let died = run(6, 0);
    assert_eq!(field(&died, "died again"), canary);
    let listed = died.matches("\tdied_again\t").count();
    assert_eq!(listed.to_string(), canary);

    service.fix();
    assert_eq!(field(&run(7, 0), "letters"), "800");
    assert_eq!(field(&run(8, 0), "only with --include-unsafe"), canary);
    let mut child = prompt.start(LINES[9]);
    half_way(&*store, 2).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let held = run(10, 0);
    assert_eq!(field(&held, "state"), "running");
    assert_ne!(field(&held, "replayed"), "800");
    let ended = run(11, 0);
    assert_eq!(field(&ended, "state"), "finished");
    assert_eq!(field(&ended, "succeeded"), "800");
    assert_eq!(run(12, 0).matches("\nseen\t").count(), 0);
    assert_eq!(run(13, 0) + &run(14, 0), "");
    run(15, 0);

    run(16, 0);
    run(17, 0);
    let verified = run(18, 0);
    assert_eq!(field(&verified, "result"), "whole");
    // Each letter got its evidence and was replayed; those of the canary both twice.
    let records = field(&verified, "last").parse::<usize>().unwrap();
    assert!(records > 2 * VICTIMS, "{verified}");

    let ends = service.stop();
    assert_eq!(ends.len(), JOBS);
    for (job, successes) in ends {
        assert_eq!(successes, 1, "job {job}");
        let view = store.job(job).await.unwrap().unwrap();
        assert_eq!(view.state, JobState::Succeeded, "job {job}");
    }
}

fn in_a_runtime(prompt: Prompt) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(drill(prompt));
}

#[test]
fn the_drill_on_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("jobs.db").display());
    in_a_runtime(Prompt { dir, url });
}

#[test]
fn the_drill_on_postgres() {
    in_a_runtime(Prompt {
        dir: tempfile::tempdir().unwrap(),
        url: PostgresCluster::shared().create_database(),
    });
}
