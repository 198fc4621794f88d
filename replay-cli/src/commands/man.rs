//! `leasehold man`: the manual, as far as the help has it.

use std::path::PathBuf;

use clap::Args;
use queue_ops::Exit;

use crate::answer::{Answer, Failure};
use crate::arguments;

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  leasehold man ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// The directory; it must be there
    directory: PathBuf,
}

pub(crate) fn run(options: &Man) -> Result<Answer, Failure> {
    clap_mangen::generate_to(arguments::line(), &options.directory).map_err(|error| {
        let place = options.directory.display();
        Failure::new(
            Exit::Output,
            format!("{place} cannot be written to: {error}"),
        )
    })?;
    Ok(Answer::done(""))
}
