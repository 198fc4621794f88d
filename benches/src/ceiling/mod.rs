//! What the databases do at most: the least SQL that could serve as a queue, without fences, retries,
//! settings or history, and with the same durability.

pub(crate) mod postgres;
pub(crate) mod sqlite;

/// What becomes of a finished job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Its row stays, marked as done.
    Update,
    /// Its row goes.
    Delete,
    /// Its row goes to another table.
    Move,
}
