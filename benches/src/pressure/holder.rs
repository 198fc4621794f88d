//! The session that looks at the jobs once, and then neither goes on nor goes away: a report that takes long, a forgotten
//! console, a backup.

use anyhow::Result;
use rusqlite::{Connection as Sqlite, OpenFlags};
use sqlx::{Connection as _, PgConnection};

use crate::venue::{Engine, Place};

/// Lets go when it is dropped.
#[derive(Debug)]
pub(super) enum Holder {
    Sqlite { _held: Sqlite },
    Postgres { _held: PgConnection },
}

impl Holder {
    /// What it sees from now on is what is there now.
    pub(super) async fn look(place: &Place) -> Result<Self> {
        match place.engine {
            Engine::Sqlite => {
                let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let held = Sqlite::open_with_flags(&place.address, flags)?;
                held.execute_batch("BEGIN; SELECT count(*) FROM leasehold_job;")?;
                Ok(Self::Sqlite { _held: held })
            }
            Engine::Postgres => {
                let mut held = PgConnection::connect(&place.address).await?;
                let look =
                    "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM leasehold.job;";
                sqlx::raw_sql(look).execute(&mut held).await?;
                Ok(Self::Postgres { _held: held })
            }
        }
    }
}
