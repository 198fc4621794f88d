//! Runbooks that are tried out: each page of `docs/runbooks` has a drill, which makes the incident happen in private
//! instances and then carries out the page's commands as they are written, up to the page's own check.
//!
//! - [`Drill`]: all of them, by the names of their pages.
//! - [`Page`]: a page as a drill reads it; the convention is in `docs/runbooks/README.md`.
//! - [`Role`]: the programs that one finds at a drill's prompt.
//!
//! This is test code that lives in a library so that `cargo xtask drill` and the tests run the same; a panic here is how
//! a drill reports.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a drill that panics is a drill that failed"
)]

mod drill;
mod incidents;
mod measured;
mod page;
mod role;
mod scene;
mod walk;

pub use drill::{Drill, Measured};
pub use page::{Block, Mark, Page, Step, Unreadable};
pub use role::Role;
