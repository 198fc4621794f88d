//! queue-sqlite

mod clock;
mod codes;
mod connection;
mod fault;
mod handout;
mod migrations;
mod ops;
mod options;
mod place;
mod ports;
mod reader;
mod request;
mod row;
mod session;
mod shared;
mod sql;
mod store;
mod transaction;
mod url;
mod watcher;
mod writer;

pub use migrations::{MIGRATIONS, Migrated};
pub use options::{SqliteOptions, Synchronous};
pub use store::SqliteStore;
