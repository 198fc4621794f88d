//! Stand-ins for what the service talks to, for the demonstration and for tests: the same changes every time, and
//! everything that goes wrong in real life among them.

mod answers;
pub mod behaviour;
pub mod changes;
mod diffs;
mod draw;
pub mod mail;
pub mod model;
pub mod p4;
pub mod tally;
