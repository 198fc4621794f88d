//! Opening a store of each kind.

use std::sync::Arc;

use anyhow::{Context, Result};
use queue_core::Store;
use queue_postgres::PostgresStore;
use queue_sqlite::SqliteStore;

use crate::venue::{Engine, Place};

/// A store in this place, with its schema, and with what a user has who sets nothing.
pub(crate) async fn open(place: &Place) -> Result<Arc<dyn Store>> {
    open_with(place, None).await
}

/// A store with a parameter in its URL.
pub(crate) async fn open_with(place: &Place, parameter: Option<&str>) -> Result<Arc<dyn Store>> {
    open_url(&url(place, parameter)).await
}

/// What a user would write to open it.
pub(crate) fn url(place: &Place, parameter: Option<&str>) -> String {
    let mut url = match place.engine {
        Engine::Sqlite => format!("sqlite:{}?migrate=true", place.address),
        Engine::Postgres => format!("{}&migrate=true", place.address),
    };
    if let Some(parameter) = parameter {
        url.push('&');
        url.push_str(parameter);
    }
    url
}

/// A store by its URL.
pub(crate) async fn open_url(url: &str) -> Result<Arc<dyn Store>> {
    if url.starts_with("sqlite:") {
        let store = SqliteStore::connect(url).await;
        Ok(Arc::new(store.context("opening a SQLite store")?))
    } else {
        let store = PostgresStore::connect(url).await;
        Ok(Arc::new(store.context("opening a Postgres store")?))
    }
}
