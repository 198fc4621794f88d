//! The daemon `leasehold-sweeper`: repairs what crashed processes left, and says how it is.
//!
//! It holds no rule. A loop of [`loops`](LoopName) calls what `queue-core` decides with, page after page, and
//! reports; any number of daemons may do so at once, and one that leads spares the others what one can do alone.
//!
//! - [`run`]: the whole program.
//! - [`Daemon`]: its life, with delivery beside the loops.
//! - [`Sweeper`]: its loops, driven by hand, on any store and clock.
//! - [`METRICS`]: everything that is measured, in one table.

mod archive;
mod arguments;
mod configuration;
mod daemon;
mod delivery;
mod drive;
mod figures;
mod health;
mod http;
mod leadership;
mod loops;
mod metrics;
mod notify;
mod once;
mod program;
mod running;
mod scene;
mod settings;
mod signals;
mod state;
mod traces;

pub use configuration::{Loaded, Source, Unusable};
pub use daemon::Daemon;
pub use loops::{LoopName, Passed};
pub use metrics::{METRICS, Metric, MetricKind, metrics_page};
pub use once::{Round, Sweeper};
pub use program::run;
pub use settings::Settings;
