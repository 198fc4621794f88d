//! What grows while nothing may be tidied up.

use anyhow::Result;

use crate::census::count;
use crate::venue::{Engine, Place};

const MIB: f64 = 1024.0 * 1024.0;

/// What it has come to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Swell {
    pub(super) dead_rows: Option<i64>,
    pub(super) mib: f64,
}

impl Swell {
    pub(super) async fn of(place: &Place) -> Result<Self> {
        match place.engine {
            Engine::Sqlite => {
                let log = tokio::fs::metadata(format!("{}-wal", place.address)).await?;
                Ok(Self {
                    dead_rows: None,
                    mib: log.len() as f64 / MIB,
                })
            }
            Engine::Postgres => {
                let dead = "SELECT coalesce(sum(n_dead_tup), 0)::bigint FROM pg_stat_user_tables \
                            WHERE schemaname = 'leasehold'";
                let size = "SELECT pg_total_relation_size('leasehold.job')";
                Ok(Self {
                    dead_rows: Some(count(place, dead.to_owned()).await?),
                    mib: count(place, size.to_owned()).await? as f64 / MIB,
                })
            }
        }
    }
}
