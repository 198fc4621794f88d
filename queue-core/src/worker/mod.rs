//! The worker: small loops that share what the worker holds.
//!
//! - `fetch` claims as many jobs as can be begun, or will be in a moment;
//! - `execute` runs handlers, and makes of whatever they come to an outcome;
//! - `settle` writes outcomes, as many at a time as there are;
//! - `renew` keeps the leases of long-running jobs alive;
//! - `sweep` puts jobs back whose worker died;
//! - `schedules` fires what is due by the clock.

mod builder;
mod cancellation;
mod context;
mod core;
mod crew;
mod done;
mod error;
mod execute;
mod fetch;
mod handler;
mod hands;
mod holding;
mod inline;
mod pace;
mod renew;
mod report;
mod run;
mod schedules;
mod settle;
mod signal;
mod stage;
mod sweep;

pub use builder::WorkerBuilder;
pub(crate) use builder::default_name;
pub use cancellation::Cancellation;
pub use context::Context;
pub use done::Done;
pub use error::JobError;
pub use handler::Kind;
pub use report::{Report, WorkerError};
pub use run::Worker;
pub use signal::shutdown_signal;
