//! Opening a store of each kind.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use queue_core::Store;
use queue_sqlite::SqliteStore;

use crate::venue::{Engine, Place};

/// What a commit survives, where it can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Durability {
    /// The loss of power.
    #[default]
    Full,
    /// The death of the process (SQLite's `synchronous=NORMAL`).
    Normal,
}

/// A store in this place, with its schema.
pub(crate) async fn open(place: &Place, durability: Durability) -> Result<Arc<dyn Store>> {
    open_url(&url(place, durability)).await
}

/// What a user would write to open it.
pub(crate) fn url(place: &Place, durability: Durability) -> String {
    match (place.engine, durability) {
        (Engine::Sqlite, Durability::Full) => format!("sqlite:{}", place.address),
        (Engine::Sqlite, Durability::Normal) => {
            format!("sqlite:{}?synchronous=normal", place.address)
        }
        (Engine::Postgres, _) => format!("{}&migrate=true", place.address),
    }
}

/// A store by its URL.
pub(crate) async fn open_url(url: &str) -> Result<Arc<dyn Store>> {
    if url.starts_with("sqlite:") {
        let store = SqliteStore::connect(url).await;
        Ok(Arc::new(store.context("opening SQLite")?))
    } else {
        bail!("no backend yet for {url}")
    }
}
