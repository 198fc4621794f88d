//! Signals, and databases that go away, in the middle.

use std::process::Child;

use fixtures::bed::{Bed, job};
use fixtures::postgres::PostgresCluster;
use queue_postgres::sqlx::{AssertSqlSafe, Connection as _, Executor, PgConnection, Row};
use queue_sqlite::rusqlite::Connection;

use super::Site;
use crate::Ran;

async fn three(bed: &Bed) {
    for _ in 0..3 {
        bed.dead(job(), "BROKEN").await;
    }
}

/// A transaction that makes others wait, and a look at who waits.
pub(super) struct Lock {
    holder: PgConnection,
    watcher: PgConnection,
}

impl Lock {
    pub(super) async fn on(url: &str, statement: &str) -> Self {
        let mut holder = PgConnection::connect(url).await.unwrap();
        holder.execute("BEGIN").await.unwrap();
        let statement = AssertSqlSafe(statement.to_owned());
        holder.execute(statement).await.unwrap();
        let watcher = PgConnection::connect(url).await.unwrap();
        Self { holder, watcher }
    }

    /// Until somebody waits for the lock.
    pub(super) async fn is_waited_for(&mut self) {
        let look = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                    AND wait_event_type = 'Lock'";
        for _ in 0..1_000_000 {
            let row = self.watcher.fetch_one(look).await.unwrap();
            if row.get::<i64, _>(0) > 0 {
                return;
            }
        }
        panic!("nobody waits for the lock");
    }

    async fn let_go(mut self) {
        self.holder.execute("ROLLBACK").await.unwrap();
    }
}

pub(super) fn tell(child: &Child, signal: &str) {
    let mut kill = std::process::Command::new("kill");
    assert!(
        kill.arg(signal)
            .arg(child.id().to_string())
            .status()
            .unwrap()
            .success()
    );
}

const PAUSE: &str = "channel pause email --new --reason OPS-17";
const CHANNELS: &str = "LOCK TABLE leasehold.channel IN ACCESS EXCLUSIVE MODE";

#[test]
fn a_signal_ends_a_change_and_says_what_to_look_at() {
    for (signal, code, word) in [("-INT", 130, "interrupted"), ("-TERM", 143, "terminated")] {
        let site = Site::empty_postgres().migrated();
        let ran = site.block_on(async {
            let mut lock = Lock::on(&site.url, CHANNELS).await;
            let child = site.command(PAUSE).spawn().unwrap();
            lock.is_waited_for().await;
            tell(&child, signal);
            let ran = Ran::of(&child.wait_with_output().unwrap());
            lock.let_go().await;
            ran
        });
        let wanted = format!(
            "error: {word}; what was asked for may or may not be done: `leasehold channel list` shows it\n"
        );
        assert_eq!(ran.error(code), wanted);
    }
}

/// Whether the process has a handler for SIGINT, by what the kernel says of it.
pub(super) fn listens(child: &Child) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    u64::from_str_radix(caught.unwrap().trim(), 16).unwrap() & 0b10 != 0
}

/// However long another process holds the file.
#[test]
fn a_signal_ends_waiting_for_a_file() {
    let mut site = Site::empty_sqlite().migrated();
    let holder = Connection::open(site.desk.0.path().join("jobs.db")).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    site.url += "?busy_timeout=1h";
    let child = site.command(PAUSE).spawn().unwrap();
    while !listens(&child) {
        std::thread::yield_now();
    }
    tell(&child, "-INT");
    let ran = Ran::of(&child.wait_with_output().unwrap());
    assert!(
        ran.error(130).starts_with("error: interrupted; "),
        "{ran:?}"
    );
    holder.execute_batch("ROLLBACK").unwrap();
    assert_eq!(site.run("channel list").data(), "");
}

#[test]
fn a_signal_while_something_is_looked_at_changes_nothing() {
    let site = Site::empty_postgres().migrated();
    let ran = site.block_on(async {
        let mut lock = Lock::on(&site.url, CHANNELS).await;
        let child = site.command("channel list").spawn().unwrap();
        lock.is_waited_for().await;
        tell(&child, "-INT");
        let ran = Ran::of(&child.wait_with_output().unwrap());
        lock.let_go().await;
        ran
    });
    assert_eq!(ran.error(130), "error: interrupted; nothing was changed\n");
}

/// The one that is under way is finished; the same line again goes on with the rest.
#[test]
fn a_signal_between_many_changes_leaves_the_rest() {
    let site = Site::empty_postgres().migrated();
    site.seed(three);
    let line = "dead discard --all-matching --state open --reason OPS-17 --yes";
    let ran = site.block_on(async {
        let second = "SELECT FROM leasehold.dead_letter WHERE id = 2 FOR UPDATE";
        let mut lock = Lock::on(&site.url, second).await;
        let child = site.command(line).spawn().unwrap();
        lock.is_waited_for().await;
        tell(&child, "-INT");
        // It is told before it can go on: a process acts on a signal that was sent before.
        lock.let_go().await;
        Ran::of(&child.wait_with_output().unwrap())
    });
    assert_eq!(ran.code, 130, "{ran:?}");
    assert_eq!(ran.stdout.lines().count(), 2, "{ran:?}");
    assert!(
        ran.stderr
            .starts_with("interrupted after 2 of 3, of which 2 were made"),
        "{ran:?}"
    );
    let rest = site.run(line).data();
    assert_eq!(rest.lines().count(), 1, "{rest}");
}

#[test]
fn a_database_that_goes_away_is_said_with_what_to_look_at() {
    let cluster = PostgresCluster::start();
    let mut site = Site::empty_postgres();
    site.url = cluster.create_database();
    let site = site.migrated();
    let ran = site.block_on(async {
        let mut lock = Lock::on(&site.url, CHANNELS).await;
        let child = site.command(PAUSE).spawn().unwrap();
        lock.is_waited_for().await;
        cluster.stop_immediate();
        Ran::of(&child.wait_with_output().unwrap())
    });
    let said = ran.error(69);
    assert!(
        said.starts_with("error: the database is not available for "),
        "{said}"
    );
    assert!(
        said.contains("`leasehold channel list` shows whether it was made"),
        "{said}"
    );
    let ran = site.run("stats");
    assert!(ran.error(69).contains("is not available"), "{ran:?}");
    cluster.restart();
    site.run(PAUSE).data();
}
