//! Making a replay plan, and applying one: what a process does around the port of replays.
//!
//! A [`Draft`] finds the letters and what is unsafe about them; the plan that it becomes is a file. A
//! [`Driver`] applies a plan in steps, each of which [`Settings`] decide on by what the run has come to.

mod draft;
mod driver;
mod kinds;
mod settings;
mod telemetry;

pub use draft::Draft;
pub use driver::{Driver, Ended, Watch};
pub use kinds::Kinds;
pub use settings::{Settings, Standing, Step};
