//! queue-core
