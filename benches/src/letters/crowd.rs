//! A database with very many dead letters.

use std::sync::Arc;

use anyhow::{Result, ensure};
use fixtures::crowded_letters::{fill_postgres, fill_sqlite};
use queue_core::Store;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::backend;
use crate::census::{checkpoint, count};
use crate::venue::{Engine, Place};

/// Makes the letters, by SQL past the store: each by its own death would take hours.
pub(super) async fn fill(place: &Place, letters: u32) -> Result<Arc<dyn Store>> {
    let store = backend::open(place).await?;
    match place.engine {
        Engine::Sqlite => {
            let (path, sql) = (place.address.clone(), fill_sqlite(letters));
            tokio::task::spawn_blocking(move || {
                rusqlite::Connection::open(path)?.execute_batch(&sql)
            })
            .await??;
        }
        Engine::Postgres => {
            let mut conn = PgConnection::connect(&place.address).await?;
            conn.execute(AssertSqlSafe(fill_postgres(letters))).await?;
            // As autovacuum would have done it since the letters came one by one.
            conn.execute("VACUUM ANALYZE leasehold.dead_letter").await?;
            conn.close().await?;
        }
    }
    checkpoint(place).await?;
    Ok(store)
}

/// Fails unless so many letters are in this state, by its number.
pub(super) async fn expect(place: &Place, state: i16, letters: u32) -> Result<()> {
    let table = match place.engine {
        Engine::Sqlite => "leasehold_dead_letter",
        Engine::Postgres => "leasehold.dead_letter",
    };
    let sql = format!("SELECT count(*) FROM {table} WHERE letter_state = {state}");
    let found = count(place, sql).await?;
    ensure!(
        found == i64::from(letters),
        "{letters} letters were to be in state {state}, {found} are"
    );
    Ok(())
}
