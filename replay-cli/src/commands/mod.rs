//! What the commands do. They decide nothing: queue-core does.

mod contract;
mod explain;

use std::io::IsTerminal;

use clap::{CommandFactory, Parser};
use clap_complete::Shell;

use crate::arguments::{Arguments, Command};
use crate::exit::{Answer, Exit, Failure};
use crate::output;

/// Parses the command line and does what it asks for.
pub(crate) fn run() -> Exit {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(said) => return instead(&said),
    };
    let answer = match arguments.command {
        Command::Contract(command) => contract::run(command),
        Command::Explain(options) => explain::run(&options),
        Command::Completions { shell } => completions(shell),
    };
    match answer {
        Ok(answer) => output::give(&answer),
        Err(failure) => output::tell(&failure),
    }
}

/// What clap has to say: help that was asked for, or what is wrong with the command line. The code that
/// it would end with then, 2, is that of a rejected document.
fn instead(said: &clap::Error) -> Exit {
    if said.use_stderr() {
        let _ = said.print();
        return Exit::Usage;
    }
    let text = said.render();
    let text = if std::io::stdout().is_terminal() {
        text.ansi().to_string()
    } else {
        text.to_string()
    };
    output::give(&Answer::done(text))
}

fn completions(shell: Shell) -> Result<Answer, Failure> {
    let mut script = Vec::new();
    let mut command = Arguments::command();
    clap_complete::generate(shell, &mut command, "leasehold", &mut script);
    Ok(Answer::done(script))
}
