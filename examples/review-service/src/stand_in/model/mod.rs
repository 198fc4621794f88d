//! A server that answers as a model would: a review of what it is shown, and now and then anything else.
//!
//! It reads the prompt as a model does, for the number of the change, its files and the versions to write. What it
//! then does hangs on its seed and on the change, and on how often it was asked about that change before.

mod asked;
mod server;
mod trouble;

pub use asked::Asked;
pub use server::{StandInModel, serve, serve_well};
