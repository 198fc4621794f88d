//! Counting what is stored, past the store: a run whose counts are wrong does not count.

use anyhow::{Context, Result, ensure};
use rusqlite::OpenFlags;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::venue::{Engine, Place};

/// How many jobs there are of each sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Census {
    pub(crate) ready: i64,
    pub(crate) running: i64,
    pub(crate) succeeded: i64,
}

impl Census {
    /// Counts a store's jobs.
    pub(crate) async fn take(place: &Place) -> Result<Self> {
        let (job, history) = match place.engine {
            Engine::Sqlite => ("leasehold_job", "leasehold_history"),
            Engine::Postgres => ("leasehold.job", "leasehold.history"),
        };
        Ok(Self {
            ready: count(place, format!("SELECT count(*) FROM {job} WHERE state = 0")).await?,
            running: count(place, format!("SELECT count(*) FROM {job} WHERE state = 1")).await?,
            succeeded: count(
                place,
                format!("SELECT count(*) FROM {history} WHERE state = 4"),
            )
            .await?,
        })
    }

    /// Fails unless there is exactly this.
    pub(crate) async fn expect(self, place: &Place) -> Result<()> {
        let found = Self::take(place).await.context("counting")?;
        ensure!(
            found == self,
            "the counts are wrong: {self:?} was to be, {found:?} is"
        );
        Ok(())
    }
}

/// The number that a query gives.
pub(crate) async fn count(place: &Place, sql: String) -> Result<i64> {
    match place.engine {
        Engine::Sqlite => {
            let path = place.address.clone();
            tokio::task::spawn_blocking(move || {
                let conn = rusqlite::Connection::open_with_flags(
                    path,
                    OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
                )?;
                Ok(conn.query_row(&sql, [], |row| row.get(0))?)
            })
            .await?
        }
        Engine::Postgres => {
            let mut conn = PgConnection::connect(&place.address).await?;
            let found = sqlx::query_scalar(AssertSqlSafe(sql))
                .fetch_one(&mut conn)
                .await?;
            conn.close().await?;
            Ok(found)
        }
    }
}

/// Puts what was written into its place, so that no part of a preparation falls into the time that
/// is measured.
pub(crate) async fn checkpoint(place: &Place) -> Result<()> {
    match place.engine {
        Engine::Sqlite => {
            let busy = count(place, "PRAGMA wal_checkpoint(TRUNCATE)".to_owned()).await?;
            ensure!(busy == 0, "someone reads while the WAL is to be emptied");
        }
        Engine::Postgres => {
            let mut conn = PgConnection::connect(&place.address).await?;
            sqlx::query("CHECKPOINT").execute(&mut conn).await?;
            conn.close().await?;
        }
    }
    Ok(())
}
