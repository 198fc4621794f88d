//! queue-postgres
