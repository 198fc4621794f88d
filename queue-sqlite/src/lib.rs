//! queue-sqlite
