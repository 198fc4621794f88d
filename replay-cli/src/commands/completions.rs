//! `leasehold completions`

use clap::Args;
use clap_complete::Shell;

use crate::answer::{Answer, Failure};
use crate::arguments;

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  leasehold completions bash > ~/.local/share/bash-completion/completions/leasehold")]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(options: &Completions) -> Result<Answer, Failure> {
    let mut script = Vec::new();
    let mut line = arguments::line();
    clap_complete::generate(options.shell, &mut line, "leasehold", &mut script);
    Ok(Answer::done(script))
}
