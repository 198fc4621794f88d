//! queue-postgres

mod bell;
mod codes;
mod fault;
mod micros;
mod migrations;
mod ops;
mod options;
mod pool;
mod row;
mod session;
mod sql;
mod store;

pub use options::PostgresOptions;
pub use store::PostgresStore;
