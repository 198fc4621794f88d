//! Sharing the write lock with other processes.
//!
//! SQLite's lock has no queue: who waits looks again after a while, and who commits one transaction
//! after the other leaves it free for microseconds only. By SQLite's own waits, up to 100 ms between
//! two looks, a process can starve beside a busy one until its leases run out. So waiting is short and
//! irregular here, and a writer that has neighbours pauses after each commit. Four busy processes on two
//! cores: the longest wait was 990 ms, and is 140 ms.

use std::cell::Cell;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::fault::Result;
use crate::sql::sql;

/// Between two looks at a lock that another process has: a random share of this.
const LOOK_EVERY: Duration = Duration::from_micros(500);
/// After a commit, so that whoever waits finds the lock free.
const PAUSE: Duration = Duration::from_micros(600);
/// Who has committed twice in this time is a neighbour. Once is an occasional transaction, or a checkpoint.
const RECENT: Duration = Duration::from_millis(100);

thread_local! {
    /// A busy handler has no state of its own, but each connection has its thread.
    static WAITING: Cell<(Duration, Option<Instant>)> = const { Cell::new((Duration::ZERO, None)) };
}

/// Makes the connections of this thread wait for a lock for so long, and not longer.
pub(crate) fn be_patient(conn: &mut Connection, patience: Duration) -> Result<()> {
    WAITING.set((patience, None));
    conn.busy_handler(Some(look_again))?;
    Ok(())
}

fn look_again(looks: i32) -> bool {
    let (patience, since) = WAITING.get();
    let since = since.filter(|_| looks > 0).unwrap_or_else(Instant::now);
    WAITING.set((patience, Some(since)));
    if since.elapsed() >= patience {
        return false;
    }
    std::thread::sleep(LOOK_EVERY.mul_f64(rand::random()));
    true
}

/// What a writer knows of the others.
#[derive(Debug, Default)]
pub(crate) struct Neighbours {
    version: i64,
    commits: Commits,
}

/// What it has seen them do.
#[derive(Debug, Default)]
struct Commits {
    last: Option<Instant>,
    /// The last that came soon after another.
    busy: Option<Instant>,
}

impl Commits {
    fn add(&mut self, now: Instant) {
        if self.last.is_some_and(|last| now - last < RECENT) {
            self.busy = Some(now);
        }
        self.last = Some(now);
    }

    fn are_busy(&self, now: Instant) -> bool {
        self.busy.is_some_and(|busy| now - busy < RECENT)
    }
}

impl Neighbours {
    /// After a commit: lets the others have a turn, if there are any.
    pub(crate) fn make_room(&mut self, conn: &Connection) {
        // It changes when another connection has committed. If it cannot be read, the next
        // transaction tells why.
        let version = conn
            .prepare_cached(sql!("watch", "watch_version"))
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)));
        if let Ok(version) = version
            && version != self.version
        {
            if self.version != 0 {
                self.commits.add(Instant::now());
            }
            self.version = version;
        }
        if self.commits.are_busy(Instant::now()) {
            std::thread::sleep(PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_commits_once_in_a_while_is_no_neighbour() {
        let (start, mut commits) = (Instant::now(), Commits::default());
        for n in 0..3 {
            let now = start + RECENT * n;
            commits.add(now);
            assert!(!commits.are_busy(now));
        }
    }

    #[test]
    fn who_commits_again_is_one_until_it_stops() {
        let (start, mut commits) = (Instant::now(), Commits::default());
        commits.add(start);
        let again = start + RECENT / 2;
        commits.add(again);
        assert!(commits.are_busy(again));
        assert!(commits.are_busy(again + RECENT / 2));
        assert!(!commits.are_busy(again + RECENT));
    }
}
