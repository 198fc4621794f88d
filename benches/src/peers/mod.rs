//! The same work by other queues: each in a program of its own that speaks the protocol of
//! benches/peers/README.md, ours among them.

mod books;
mod catalogue;
mod conversation;
mod ours;
mod program;
mod provision;
mod table;
mod turn;
mod workloads;

pub(crate) use ours::serve;
pub(crate) use program::{Absence, Programs};
pub(crate) use table::{absences, table};
pub(crate) use workloads::cases;
