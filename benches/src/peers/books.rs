//! Counting what is stored, past whoever stored it, on one connection that stays open.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rusqlite::OpenFlags;
use sqlx::{Connection, PgConnection};

use super::catalogue::Books;
use crate::venue::{Engine, Place};

/// Who writes at the moment is waited for that long.
const PATIENCE: Duration = Duration::from_secs(20);

/// A peer's books in one place.
#[derive(Debug)]
pub(super) struct OpenBooks {
    books: &'static Books,
    conn: Conn,
}

#[derive(Debug)]
enum Conn {
    Postgres(PgConnection),
    Sqlite(rusqlite::Connection),
}

impl OpenBooks {
    /// When the schema is there.
    pub(super) async fn open(place: &Place, books: &'static Books) -> Result<Self> {
        let conn = match place.engine {
            Engine::Postgres => Conn::Postgres(PgConnection::connect(&place.address).await?),
            Engine::Sqlite => {
                let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let conn = rusqlite::Connection::open_with_flags(&place.address, flags)?;
                conn.busy_timeout(PATIENCE)?;
                Conn::Sqlite(conn)
            }
        };
        Ok(Self { books, conn })
    }

    /// How many jobs are not done.
    pub(super) async fn left(&mut self) -> Result<u64> {
        self.count(self.books.left).await
    }

    /// How many are; nothing where nobody knows any more.
    pub(super) async fn done(&mut self) -> Result<Option<u64>> {
        match self.books.done {
            Some(sql) => self.count(sql).await.map(Some),
            None => Ok(None),
        }
    }

    async fn count(&mut self, sql: &'static str) -> Result<u64> {
        let count: i64 = match &mut self.conn {
            Conn::Postgres(conn) => sqlx::query_scalar(sql).fetch_one(conn).await?,
            Conn::Sqlite(conn) => conn.query_row(sql, [], |row| row.get(0))?,
        };
        Ok(u64::try_from(count)?)
    }

    /// Statistics are as they would be in a service, and what was prepared is written before anything
    /// is measured.
    pub(super) async fn settle(&mut self) -> Result<()> {
        match &mut self.conn {
            Conn::Postgres(conn) => {
                sqlx::raw_sql("VACUUM ANALYZE").execute(&mut *conn).await?;
                sqlx::raw_sql("CHECKPOINT").execute(conn).await?;
            }
            Conn::Sqlite(conn) => {
                let begun = Instant::now();
                while conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
                    row.get::<_, i64>(0)
                })? != 0
                {
                    ensure!(
                        begun.elapsed() < PATIENCE,
                        "someone keeps the WAL from being emptied"
                    );
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        }
        Ok(())
    }

    /// Fails unless so many are left: what was acknowledged is stored.
    pub(super) async fn expect_left(&mut self, wanted: u64) -> Result<()> {
        let left = self.left().await.context("counting")?;
        ensure!(
            left == wanted,
            "the counts are wrong: {wanted} jobs were to be left, {left} are"
        );
        Ok(())
    }

    /// Waits until none is left; that may follow the last handler after a while.
    pub(super) async fn expect_none(&mut self) -> Result<()> {
        let begun = Instant::now();
        loop {
            let left = self.left().await.context("counting")?;
            if left == 0 {
                return Ok(());
            }
            ensure!(
                begun.elapsed() < PATIENCE,
                "the counts are wrong: all jobs ran, and {left} are not done"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Fails unless all of so many are accounted for: done, or still to be done. Both are counted in one snapshot: what
    /// a peer left under way as it ended may be committed between two.
    pub(super) async fn balance(&mut self, jobs: u64) -> Result<()> {
        self.command(match self.conn {
            Conn::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ",
            Conn::Sqlite(_) => "BEGIN",
        })
        .await?;
        let done = self.done().await?;
        let left = self.left().await?;
        self.command("COMMIT").await?;
        if let Some(done) = done {
            ensure!(
                done + left == jobs,
                "the counts are wrong: of {jobs} jobs {done} are done and {left} are left"
            );
        }
        Ok(())
    }

    async fn command(&mut self, sql: &'static str) -> Result<()> {
        match &mut self.conn {
            Conn::Postgres(conn) => {
                sqlx::raw_sql(sql).execute(conn).await?;
            }
            Conn::Sqlite(conn) => conn.execute_batch(sql)?,
        }
        Ok(())
    }
}
