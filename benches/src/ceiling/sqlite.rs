//! SQLite on one thread: nobody to wait for, every statement prepared, the WAL set up as ours is.

use std::time::Instant;

use anyhow::{Result, ensure};
use async_trait::async_trait;
use rusqlite::{Connection, params};

use crate::ceiling::Ending;
use crate::contestant::Contestant;
use crate::record::{Latency, Sample};
use crate::venue::Place;
use crate::workload::load;
use crate::workload::pickup::{lull, sample};

const SCHEMA: &str = "
CREATE TABLE raw_job (id INTEGER PRIMARY KEY, state INTEGER NOT NULL DEFAULT 0,
  run_at INTEGER NOT NULL, payload BLOB NOT NULL);
CREATE INDEX raw_ready ON raw_job (run_at) WHERE state = 0;
CREATE TABLE raw_history (id INTEGER PRIMARY KEY, run_at INTEGER NOT NULL, payload BLOB NOT NULL);";

const INSERT: &str = "INSERT INTO raw_job (run_at, payload) VALUES (?1, ?2)";
const CLAIM: &str = "
UPDATE raw_job SET state = 1 WHERE id IN (
  SELECT id FROM raw_job WHERE state = 0 AND run_at <= ?1 ORDER BY run_at, id LIMIT ?2)
RETURNING id, payload";
const FINISH: &str = "UPDATE raw_job SET state = 2 WHERE id = ?1";
const KEEP: &str =
    "INSERT INTO raw_history SELECT id, run_at, payload FROM raw_job WHERE id = ?1 AND state = 1";
const REMOVE: &str = "DELETE FROM raw_job WHERE id = ?1";

/// What a commit survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// The loss of power.
    Full,
    /// The death of the process.
    Normal,
}

fn open(place: &str, durability: Durability) -> Result<Connection> {
    let conn = Connection::open(place)?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
    };
    conn.pragma_update(None, "synchronous", synchronous)?;
    conn.pragma_update(None, "wal_autocheckpoint", 4000)?;
    conn.execute_batch(SCHEMA)?;
    Ok(conn)
}

fn empty_wal(conn: &Connection) -> Result<()> {
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

/// Whatever the clock: jobs are due from 1 on.
const NOW: i64 = 1;

fn insert(conn: &mut Connection, jobs: u64, per_transaction: u64) -> Result<Vec<u64>> {
    let payload = load::payload();
    let mut micros = Vec::new();
    let mut left = jobs;
    while left > 0 {
        let begun = Instant::now();
        let transaction = conn.transaction()?;
        let mut insert = transaction.prepare_cached(INSERT)?;
        for _ in 0..left.min(per_transaction) {
            insert.execute(params![NOW, payload])?;
            // What RETURNING gives costs a temporary table for each row; this costs nothing.
            let _id: i64 = transaction.last_insert_rowid();
        }
        drop(insert);
        transaction.commit()?;
        micros.push(u64::try_from(begun.elapsed().as_micros())?);
        left -= left.min(per_transaction);
    }
    Ok(micros)
}

/// Inserts whose ids are known, so many per transaction.
#[derive(Debug, Clone)]
pub(crate) struct Insert {
    pub(crate) durability: Durability,
    pub(crate) per_transaction: u64,
    pub(crate) jobs: u64,
}

#[async_trait]
impl Contestant for Insert {
    async fn run(&self, place: &Place) -> Result<Sample> {
        let (options, path) = (self.clone(), place.address.clone());
        tokio::task::spawn_blocking(move || options.measure(&path)).await?
    }
}

impl Insert {
    /// One per transaction.
    pub(crate) fn singly(durability: Durability, jobs: u64) -> Self {
        Self {
            durability,
            per_transaction: 1,
            jobs,
        }
    }

    fn measure(&self, path: &str) -> Result<Sample> {
        let mut conn = open(path, self.durability)?;
        empty_wal(&conn)?;
        let started = Instant::now();
        let micros = insert(&mut conn, self.jobs, self.per_transaction)?;
        let took = started.elapsed();
        let stored: i64 = conn.query_row("SELECT count(*) FROM raw_job", [], |row| row.get(0))?;
        ensure!(
            stored == i64::try_from(self.jobs)?,
            "{stored} rows are stored"
        );
        let latency = (self.per_transaction == 1).then(|| Latency::of(micros));
        Ok(Sample {
            latency: latency.flatten(),
            ..Sample::new(self.jobs, took)
        })
    }
}

/// Each job is inserted, and then claimed, by one thread that needs nobody to tell it.
#[derive(Debug, Clone)]
pub(crate) struct Handover {
    pub(crate) jobs: usize,
}

#[async_trait]
impl Contestant for Handover {
    async fn run(&self, place: &Place) -> Result<Sample> {
        let (jobs, path) = (self.jobs, place.address.clone());
        let measure = move || {
            let mut conn = open(&path, Durability::Full)?;
            let mut micros = Vec::with_capacity(jobs);
            for n in 0..jobs {
                std::thread::sleep(lull(n));
                let begun = Instant::now();
                insert(&mut conn, 1, 1)?;
                let claimed = conn
                    .prepare_cached(CLAIM)?
                    .query_map(params![NOW, 10], |row| row.get::<_, i64>(0))?
                    .collect::<Result<Vec<_>, _>>()?;
                micros.push(u64::try_from(begun.elapsed().as_micros())?);
                ensure!(claimed.len() == 1, "{} jobs were claimed", claimed.len());
                conn.prepare_cached(FINISH)?
                    .execute(claimed.as_slice().first().map_or([0], |id| [*id]))?;
            }
            anyhow::Ok(sample(micros))
        };
        tokio::task::spawn_blocking(measure).await?
    }
}

/// Each transaction finishes the last batch and claims the next.
#[derive(Debug, Clone)]
pub(crate) struct Drain {
    pub(crate) jobs: u64,
    pub(crate) batch: u32,
    pub(crate) ending: Ending,
}

#[async_trait]
impl Contestant for Drain {
    async fn run(&self, place: &Place) -> Result<Sample> {
        let (options, path) = (self.clone(), place.address.clone());
        tokio::task::spawn_blocking(move || options.measure(&path)).await?
    }
}

impl Drain {
    fn measure(&self, path: &str) -> Result<Sample> {
        let mut conn = open(path, Durability::Full)?;
        insert(&mut conn, self.jobs, 10_000)?;
        empty_wal(&conn)?;
        let started = Instant::now();
        let drained = self.drain(&mut conn)?;
        let took = started.elapsed();
        ensure!(drained == self.jobs, "{drained} jobs were drained");
        self.verify(&conn)?;
        Ok(Sample::new(self.jobs, took))
    }

    fn drain(&self, conn: &mut Connection) -> Result<u64> {
        let mut drained = 0;
        let mut held: Vec<(i64, Vec<u8>)> = Vec::new();
        loop {
            let transaction = conn.transaction()?;
            self.finish(&transaction, &held)?;
            drained += held.len() as u64;
            let mut claim = transaction.prepare_cached(CLAIM)?;
            held = claim
                .query_map(params![NOW, self.batch], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?
                .collect::<rusqlite::Result<_>>()?;
            drop(claim);
            transaction.commit()?;
            if held.is_empty() {
                return Ok(drained);
            }
        }
    }

    fn finish(&self, conn: &Connection, held: &[(i64, Vec<u8>)]) -> Result<()> {
        let steps: &[&str] = match self.ending {
            Ending::Update => &[FINISH],
            Ending::Delete => &[REMOVE],
            Ending::Move => &[KEEP, REMOVE],
        };
        let mut steps = steps
            .iter()
            .map(|sql| conn.prepare_cached(sql))
            .collect::<rusqlite::Result<Vec<_>>>()?;
        for (id, _) in held {
            for step in &mut steps {
                ensure!(step.execute([id])? == 1, "job {id} is gone");
            }
        }
        Ok(())
    }

    fn verify(&self, conn: &Connection) -> Result<()> {
        let count = |sql| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
        let done = count("SELECT count(*) FROM raw_job WHERE state = 2")?;
        let left = count("SELECT count(*) FROM raw_job WHERE state < 2")?;
        let moved = count("SELECT count(*) FROM raw_history")?;
        let jobs = i64::try_from(self.jobs)?;
        let expected = match self.ending {
            Ending::Update => (jobs, 0, 0),
            Ending::Delete => (0, 0, 0),
            Ending::Move => (0, 0, jobs),
        };
        ensure!(
            (done, left, moved) == expected,
            "done, left and moved are {done}, {left}, {moved}"
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_drains_everything() {
        let directory = tempfile::tempdir().unwrap();
        for (name, ending) in [
            ("update", Ending::Update),
            ("delete", Ending::Delete),
            ("move", Ending::Move),
        ] {
            let path = directory.path().join(name);
            let drain = Drain {
                jobs: 250,
                batch: 100,
                ending,
            };
            assert_eq!(drain.measure(path.to_str().unwrap()).unwrap().jobs, 250);
        }
    }

    #[test]
    fn the_last_transaction_takes_what_is_left() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("jobs.db");
        let insert = Insert {
            durability: Durability::Normal,
            per_transaction: 100,
            jobs: 250,
        };
        assert_eq!(insert.measure(path.to_str().unwrap()).unwrap().jobs, 250);
    }
}
