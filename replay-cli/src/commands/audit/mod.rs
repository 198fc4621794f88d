//! `leasehold audit`: what was done, by whom and why, and whether that record is whole.

mod archive;
mod chain;
mod checkpoint;
mod export;
mod file;
mod keygen;
mod list;
mod verify;

use clap::Subcommand;

use crate::answer::{Answer, Failure};
use crate::desk::Desk;

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// List what was done, newest first
    List(list::List),
    /// Write the trail to a file that can be verified without the database
    Export(export::Export),
    /// Move the older part of the trail into a file, signed
    Archive(archive::Archive),
    /// Verify an export, or the trail of the database
    Verify(verify::Verify),
    /// Sign the end of the trail, to be kept elsewhere
    Checkpoint(checkpoint::Mark),
    /// Make a key that signs checkpoints
    Keygen(keygen::Keygen),
}

pub(crate) async fn run(desk: &Desk, command: Audit) -> Result<Answer, Failure> {
    match command {
        Audit::List(options) => list::run(desk, &options).await,
        Audit::Export(options) => export::run(desk, &options).await,
        Audit::Archive(options) => archive::run(desk, &options).await,
        Audit::Verify(options) => verify::run(desk, &options).await,
        Audit::Checkpoint(options) => checkpoint::run(desk, &options).await,
        Audit::Keygen(options) => keygen::run(desk, &options),
    }
}
