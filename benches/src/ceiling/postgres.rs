//! Postgres by prepared statements on connections of their own.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use futures::future::try_join_all;
use sqlx::postgres::PgListener;
use sqlx::{Connection, PgConnection, Row};
use tokio::sync::mpsc;

use crate::ceiling::Ending;
use crate::contestant::Contestant;
use crate::record::{Latency, Sample};
use crate::venue::Place;
use crate::workload::load;
use crate::workload::pickup::{lull, sample};

const SCHEMA: &str = "
CREATE SEQUENCE raw_id AS bigint;
CREATE TABLE raw_job (id bigint PRIMARY KEY DEFAULT nextval('raw_id'),
    run_at timestamptz NOT NULL DEFAULT statement_timestamp(), state smallint NOT NULL DEFAULT 0,
    payload bytea NOT NULL);
CREATE INDEX raw_ready ON raw_job (run_at, id) WHERE state = 0;
CREATE TABLE raw_history (id bigint NOT NULL, run_at timestamptz NOT NULL, payload bytea NOT NULL);";

const INSERT: &str = "INSERT INTO raw_job (payload) VALUES ($1) RETURNING id";
const INSERT_AND_TELL: &str =
    "WITH job AS (INSERT INTO raw_job (payload) VALUES ($1)) SELECT pg_notify('raw', '')";
const INSERT_MANY: &str =
    "INSERT INTO raw_job (payload) SELECT * FROM unnest($1::bytea[]) RETURNING id";
const COPY: &str = "COPY raw_job (id, payload) FROM STDIN WITH (FORMAT binary)";
const CLAIM: &str = "
UPDATE raw_job SET state = 1 WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM raw_job WHERE state = 0 AND run_at <= statement_timestamp()
    ORDER BY run_at, id LIMIT $1 FOR UPDATE SKIP LOCKED))
RETURNING id, payload";
const FINISH: &str = "UPDATE raw_job SET state = 2 WHERE id = ANY ($1)";
const REMOVE: &str = "DELETE FROM raw_job WHERE id = ANY ($1)";
const MOVE: &str = "
WITH done AS (DELETE FROM raw_job WHERE id = ANY ($1) RETURNING id, run_at, payload)
INSERT INTO raw_history SELECT * FROM done";

async fn connect(place: &Place) -> Result<PgConnection> {
    Ok(PgConnection::connect(&place.address).await?)
}

async fn create(place: &Place) -> Result<PgConnection> {
    let mut conn = connect(place).await?;
    sqlx::raw_sql(SCHEMA).execute(&mut conn).await?;
    Ok(conn)
}

/// Statistics are fresh and everything is written: the ceiling is to be as high as it gets.
async fn prepare(conn: &mut PgConnection) -> Result<()> {
    sqlx::raw_sql("VACUUM ANALYZE raw_job")
        .execute(&mut *conn)
        .await?;
    sqlx::raw_sql("CHECKPOINT").execute(conn).await?;
    Ok(())
}

async fn count(conn: &mut PgConnection, sql: &'static str) -> Result<u64> {
    let count: i64 = sqlx::query_scalar(sql).fetch_one(conn).await?;
    Ok(u64::try_from(count)?)
}

/// One insert per transaction on each connection.
#[derive(Debug)]
pub(crate) struct Insert {
    pub(crate) producers: usize,
    pub(crate) jobs: u64,
}

#[async_trait]
impl Contestant for Insert {
    async fn run(&self, place: &Place) -> Result<Sample> {
        let mut owner = create(place).await?;
        let warm = 10;
        let mut producers = Vec::new();
        for _ in 0..self.producers {
            let mut conn = connect(place).await?;
            insert(&mut conn, warm).await?;
            producers.push(conn);
        }
        prepare(&mut owner).await?;
        let each = self.jobs / self.producers as u64;
        let started = Instant::now();
        let tasks = producers
            .into_iter()
            .map(|mut conn| tokio::spawn(async move { insert(&mut conn, each).await }));
        let ended = try_join_all(tasks).await?;
        let took = started.elapsed();
        let micros: Vec<Vec<u64>> = ended.into_iter().collect::<Result<_>>()?;
        let stored = count(&mut owner, "SELECT count(*) FROM raw_job").await?;
        ensure!(
            stored == (each + warm) * self.producers as u64,
            "{stored} rows are stored"
        );
        Ok(Sample {
            latency: Latency::of(micros.concat()),
            ..Sample::new(each * self.producers as u64, took)
        })
    }
}

async fn insert(conn: &mut PgConnection, jobs: u64) -> Result<Vec<u64>> {
    let payload = load::payload();
    let mut micros = Vec::with_capacity(usize::try_from(jobs)?);
    for _ in 0..jobs {
        let begun = Instant::now();
        let _id: i64 = sqlx::query_scalar(INSERT)
            .bind(&payload)
            .fetch_one(&mut *conn)
            .await?;
        micros.push(u64::try_from(begun.elapsed().as_micros())?);
    }
    Ok(micros)
}

/// Each job is inserted with a notification in the same transaction; who listens claims it.
#[derive(Debug)]
pub(crate) struct Notified {
    pub(crate) jobs: usize,
}

#[async_trait]
impl Contestant for Notified {
    async fn run(&self, place: &Place) -> Result<Sample> {
        let mut producer = create(place).await?;
        let mut listener = PgListener::connect(&place.address).await?;
        listener.listen("raw").await?;
        let mut conn = connect(place).await?;
        let (told, mut hands) = mpsc::unbounded_channel();
        let worker = tokio::spawn(async move {
            loop {
                listener.recv().await?;
                let claimed = sqlx::query(CLAIM).bind(10_i64).fetch_all(&mut conn).await?;
                let ids: Vec<i64> = claimed.iter().map(|row| row.get(0)).collect();
                told.send((Instant::now(), ids.len()))?;
                sqlx::query(FINISH).bind(&ids).execute(&mut conn).await?;
            }
            #[expect(unreachable_code, reason = "it gives the block its type")]
            anyhow::Ok(())
        });
        let payload = load::payload();
        let mut micros = Vec::with_capacity(self.jobs);
        for n in 0..self.jobs {
            tokio::time::sleep(lull(n)).await;
            let begun = Instant::now();
            sqlx::query(INSERT_AND_TELL)
                .bind(&payload)
                .execute(&mut producer)
                .await?;
            let (picked, jobs): (Instant, usize) =
                hands.recv().await.context("the worker ended")?;
            ensure!(jobs == 1, "{jobs} jobs were claimed");
            micros.push(u64::try_from(picked.duration_since(begun).as_micros())?);
        }
        worker.abort();
        Ok(sample(micros))
    }
}

/// Many rows per statement.
#[derive(Debug)]
pub(crate) struct BulkInsert {
    pub(crate) jobs: u64,
    pub(crate) per_transaction: u64,
}

#[async_trait]
impl Contestant for BulkInsert {
    async fn run(&self, place: &Place) -> Result<Sample> {
        let mut conn = create(place).await?;
        prepare(&mut conn).await?;
        let took = self.insert(&mut conn).await?;
        let stored = count(&mut conn, "SELECT count(*) FROM raw_job").await?;
        ensure!(stored == self.jobs, "{stored} rows are stored");
        Ok(Sample::new(self.jobs, took))
    }
}

impl BulkInsert {
    async fn insert(&self, conn: &mut PgConnection) -> Result<Duration> {
        let payload = load::payload();
        let started = Instant::now();
        let mut left = self.jobs;
        while left > 0 {
            let taken = left.min(self.per_transaction);
            let payloads = vec![payload.as_slice(); usize::try_from(taken)?];
            let ids: Vec<i64> = sqlx::query_scalar(INSERT_MANY)
                .bind(payloads)
                .fetch_all(&mut *conn)
                .await?;
            ensure!(ids.len() as u64 == taken, "{} ids came back", ids.len());
            left -= taken;
        }
        Ok(started.elapsed())
    }
}

/// One `COPY` of everything, under ids that the client chose.
#[derive(Debug)]
pub(crate) struct Copy {
    pub(crate) jobs: u64,
}

#[async_trait]
impl Contestant for Copy {
    async fn run(&self, place: &Place) -> Result<Sample> {
        let mut conn = create(place).await?;
        prepare(&mut conn).await?;
        let payload = load::payload();
        let started = Instant::now();
        let mut copy = conn.copy_in_raw(COPY).await?;
        let mut buffer = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0".to_vec();
        for id in 1..=i64::try_from(self.jobs)? {
            buffer.extend(2i16.to_be_bytes());
            buffer.extend(8i32.to_be_bytes());
            buffer.extend(id.to_be_bytes());
            buffer.extend(i32::try_from(payload.len())?.to_be_bytes());
            buffer.extend(&payload);
            if buffer.len() > 64 * 1024 {
                copy.send(buffer.as_slice()).await?;
                buffer.clear();
            }
        }
        buffer.extend((-1i16).to_be_bytes());
        copy.send(buffer.as_slice()).await?;
        let copied = copy.finish().await?;
        let took = started.elapsed();
        ensure!(copied == self.jobs, "{copied} rows were copied");
        let stored = count(&mut conn, "SELECT count(*) FROM raw_job").await?;
        ensure!(stored == self.jobs, "{stored} rows are stored");
        Ok(Sample::new(self.jobs, took))
    }
}

/// Each connection claims a batch, finishes it, and goes on until nothing is left.
#[derive(Debug)]
pub(crate) struct Drain {
    pub(crate) jobs: u64,
    pub(crate) batch: u64,
    pub(crate) connections: usize,
    pub(crate) ending: Ending,
}

#[async_trait]
impl Contestant for Drain {
    async fn run(&self, place: &Place) -> Result<Sample> {
        let mut owner = create(place).await?;
        let fill = BulkInsert {
            jobs: self.jobs,
            per_transaction: 10_000,
        };
        fill.insert(&mut owner).await?;
        prepare(&mut owner).await?;
        let finish = match self.ending {
            Ending::Update => FINISH,
            Ending::Delete => REMOVE,
            Ending::Move => MOVE,
        };
        let batch = i64::try_from(self.batch)?;
        let mut workers = Vec::new();
        for _ in 0..self.connections {
            workers.push(connect(place).await?);
        }
        let started = Instant::now();
        let tasks = workers
            .into_iter()
            .map(|conn| tokio::spawn(drain(conn, batch, finish)));
        let ended = try_join_all(tasks).await?;
        let took = started.elapsed();
        let drained: u64 = ended.into_iter().sum::<Result<u64>>()?;
        ensure!(drained == self.jobs, "{drained} jobs were drained");
        self.verify(&mut owner).await?;
        Ok(Sample::new(self.jobs, took))
    }
}

async fn drain(mut conn: PgConnection, batch: i64, finish: &'static str) -> Result<u64> {
    let mut drained = 0;
    loop {
        let claimed: Vec<(i64, Vec<u8>)> = sqlx::query_as(CLAIM)
            .bind(batch)
            .fetch_all(&mut conn)
            .await?;
        if claimed.is_empty() {
            return Ok(drained);
        }
        let mut ids: Vec<i64> = claimed.into_iter().map(|(id, _)| id).collect();
        ids.sort_unstable();
        let done = sqlx::query(finish).bind(&ids).execute(&mut conn).await?;
        ensure!(
            done.rows_affected() == ids.len() as u64,
            "{} of {} jobs were finished",
            done.rows_affected(),
            ids.len()
        );
        drained += ids.len() as u64;
    }
}

impl Drain {
    async fn verify(&self, conn: &mut PgConnection) -> Result<()> {
        let done = count(conn, "SELECT count(*) FROM raw_job WHERE state = 2").await?;
        let left = count(conn, "SELECT count(*) FROM raw_job WHERE state < 2").await?;
        let moved = count(conn, "SELECT count(*) FROM raw_history").await?;
        let expected = match self.ending {
            Ending::Update => (self.jobs, 0, 0),
            Ending::Delete => (0, 0, 0),
            Ending::Move => (0, 0, self.jobs),
        };
        ensure!(
            (done, left, moved) == expected,
            "done, left and moved are {done}, {left}, {moved}"
        );
        Ok(())
    }
}
