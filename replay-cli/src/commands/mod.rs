//! What the commands do. They decide nothing: queue-core does.

pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod channel;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod contract;
pub(crate) mod dead;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod job;
pub(crate) mod man;
pub(crate) mod migrate;
pub(crate) mod notification;
pub(crate) mod queue;
pub(crate) mod replay;
pub(crate) mod retention;
pub(crate) mod schedule;
pub(crate) mod stats;
pub(crate) mod suppression;

use std::io::IsTerminal;
use std::pin::pin;

use clap::FromArgMatches;
use clap::error::{ContextKind, ContextValue};
use queue_ops::{Exit, Signals};

use crate::answer::{Answer, Failure};
use crate::arguments::{self, Arguments, Command, Global};
use crate::desk::Desk;
use crate::output;
use crate::style::Style;

/// Parses the command line and does what it asks for.
#[must_use]
pub fn run() -> Exit {
    let matches = arguments::line().try_get_matches();
    let arguments = match matches.and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(arguments) => arguments,
        Err(said) => return instead(said),
    };
    let global = arguments.global;
    let answer = match arguments.command {
        Command::Contract(command) => contract::run(command),
        Command::Explain(options) => explain::run(&options, global.json),
        Command::Completions(options) => completions::run(&options),
        Command::Man(options) => man::run(&options),
        command => at_desk(global, command),
    };
    match answer {
        Ok(answer) => output::give(&answer),
        Err(failure) => output::tell(&failure),
    }
}

/// What clap has to say: help that was asked for, or what is wrong with the command line. The code that
/// it would end with then, 2, is that of a rejected document.
fn instead(said: clap::Error) -> Exit {
    if said.use_stderr() {
        let _ = not_as_values(said).print();
        return Exit::Usage;
    }
    let text = said.render();
    let coloured = std::io::stdout().is_terminal() && Style::of_stdout(false).colour;
    let text = if coloured && !arguments::is_plain() {
        text.ansi().to_string()
    } else {
        text.to_string()
    };
    output::give(&Answer::done(text))
}

/// Without the advice to pass an option that there is not as a value, behind `--`: no id and no name begins with a hyphen.
fn not_as_values(mut said: clap::Error) -> clap::Error {
    if let Some(ContextValue::StyledStrs(mut tips)) = said.remove(ContextKind::Suggested) {
        tips.retain(|tip| !tip.to_string().starts_with("to pass '"));
        if !tips.is_empty() {
            said.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
        }
    }
    said
}

/// Commands that need a database: in a runtime, and until a signal comes.
fn at_desk(global: Global, command: Command) -> Result<Answer, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Internal, format!("no runtime: {error}")))?;
    let desk = Desk::new(global)?;
    runtime.block_on(async {
        let mut signals = Signals::listen()
            .map_err(|error| Failure::new(Exit::Internal, format!("no signals: {error}")))?;
        let answer = {
            let mut work = pin!(dispatch(&desk, command));
            loop {
                tokio::select! {
                    // A signal that came first is seen first.
                    biased;
                    signal = signals.next() => {
                        if !desk.stop.ask(signal) {
                            break Err(desk.ended_by(signal));
                        }
                    }
                    answer = &mut work => break answer,
                }
            }
        };
        let answer = answer.map_err(|failure| desk.explained(failure));
        if desk.stop.asked().is_some() {
            // Whoever was told to stop waits for nobody: what is under way in the database ends as if
            // this process had died, whole or not at all.
            std::mem::forget(desk);
        } else {
            desk.close().await;
        }
        answer
    })
}

async fn dispatch(desk: &Desk, command: Command) -> Result<Answer, Failure> {
    match command {
        Command::Doctor(options) => doctor::run(desk, &options).await,
        Command::Backup(options) => backup::run(desk, &options).await,
        Command::Stats(_) => stats::run(desk).await,
        Command::Queue(command) => queue::run(desk, command).await,
        Command::Migrate(command) => migrate::run(desk, command).await,
        Command::Job(command) => job::run(desk, command).await,
        Command::Dead(command) => dead::run(desk, command).await,
        Command::Replay(command) => replay::run(desk, command).await,
        Command::Notification(command) => notification::run(desk, command).await,
        Command::Suppression(command) => suppression::run(desk, command).await,
        Command::Channel(command) => channel::run(desk, command).await,
        Command::Schedule(command) => schedule::run(desk, command).await,
        Command::Retention(command) => retention::run(desk, command).await,
        Command::Audit(command) => audit::run(desk, command).await,
        Command::Config(config::Config::Check(_)) => config::run(desk),
        Command::Contract(_) | Command::Explain(_) | Command::Completions(_) | Command::Man(_) => {
            Err(Failure::new(Exit::Internal, "it needs no database"))
        }
    }
}
