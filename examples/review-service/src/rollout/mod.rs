//! Brings a new prompt, or a new contract, to the reviews step by step, and back again by itself.
//!
//! What is new is accepted first: a `RolloutPlan` refuses an edition whose answers nobody would read. Then a slice of
//! the changes is reviewed by it, always the same ones. Meanwhile the answers of both editions are counted: where too
//! many are rejected for too long, somebody is told, and where too few findings come of the new one, it is not used
//! any more. All of it is decided from counts and the time that is handed in.

mod counts;
mod percent;
mod plan;
mod watch;

pub use counts::{Counts, History};
pub use percent::{InvalidPercent, Percent};
pub use plan::{Candidate, InvalidRollout, RolloutConfig, RolloutPlan};
pub use watch::{Event, Rollout};
