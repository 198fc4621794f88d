//! The deliverer: what takes messages out of the outbox, through channels, to whom they are for.
//!
//! Small loops that share what the deliverer holds, like the worker's:
//!
//! ```text
//!   serve ──▶ send ──▶ gate ──▶ phases ──▶ store
//!     ▲         └────────────▶ settle ──▶ store
//!     └── breaker, pace           reconcile, incidents, gauges
//! ```
//!
//! `serve` leases rows of one channel and keeps its sends going. A send passes its gate when `phases` has
//! written down that it does. What follows from how it ended is a `ruling`, which `settle` marks together
//! with others. `reconcile` takes up what is in doubt: a `judgement` says what becomes of it. Rulings and
//! judgements are pure.

mod beat;
mod breaker;
mod builder;
mod core;
mod gauges;
mod hands;
mod held;
mod incidents;
mod judgement;
mod lane;
mod outage;
mod phases;
mod policy;
mod reconcile;
mod report;
mod ruling;
mod run;
mod send;
mod serve;
mod settle;
mod watch;

pub use builder::{DelivererBuilder, DelivererError};
pub use incidents::{IncidentSweep, resolve_incidents};
pub use policy::{BreakerPolicy, ChannelPolicy, DoubtPolicy};
pub use report::DeliveryReport;
pub use run::Deliverer;
pub use watch::{ChannelHealth, DelivererWatch};
