//! From the command line to an exit code.

use std::io::{self, Write};

use queue_ops::archive::check_archive;
use queue_ops::{Exit, telemetry};

use crate::arguments::Arguments;
use crate::configuration::{Source, Unusable};
use crate::daemon::Daemon;
use crate::notify;
use crate::traces;

/// Runs the program by this process's arguments and environment, and returns what to end with.
#[must_use]
pub fn run() -> Exit {
    let arguments = match Arguments::read() {
        Ok(arguments) => arguments,
        Err(exit) => return exit,
    };
    match act(&arguments) {
        Ok(exit) => exit,
        Err(Unusable { exit, problem }) => {
            // Nowhere else to say it.
            drop(writeln!(io::stderr(), "error: {problem}"));
            exit
        }
    }
}

fn act(arguments: &Arguments) -> Result<Exit, Unusable> {
    if arguments.man {
        return Ok(print(&Arguments::manual()));
    }
    let source = Source {
        file: arguments.config.clone(),
        database: arguments.database.clone(),
    };
    if arguments.print_config {
        return Ok(print(&source.config()?.to_string()));
    }
    let loaded = source.load()?;
    let archive = check_archive(&loaded.config.sweeper);
    if arguments.check_config {
        archive?;
        for finding in loaded.config.delivery.findings() {
            drop(writeln!(io::stderr(), "finding: {finding}"));
        }
        return Ok(print("the configuration is valid\n"));
    }
    let log = &loaded.config.log;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Unusable {
        exit: Exit::Internal,
        problem: format!("the runtime cannot be started: {error}"),
    })?;
    let traces = log
        .traces
        .as_deref()
        .map(|to| traces::begin(to, runtime.handle()));
    let traces = traces.transpose().map_err(|problem| Unusable {
        exit: Exit::Config,
        problem,
    })?;
    let (traces, listener) = traces.unzip();
    let others = listener.into_iter().collect();
    let levels = telemetry::start_adjustable(log.format, &log.level, true, others);
    for (name, nearest) in loaded.config.strangers() {
        tracing::warn!(name, nearest, "a variable of the environment is no setting");
    }
    for finding in loaded.config.delivery.findings() {
        tracing::warn!(finding, "this may be a mistake in the configuration");
    }
    // No reason to leave all else undone: the folder may be mounted later.
    if let Err(problem) = archive {
        tracing::warn!(%problem, "the audit trail cannot be archived so");
    }
    let daemon = Daemon::new(source, loaded, levels);
    let ended = if arguments.once {
        let (said, exit) = runtime.block_on(daemon.once())?;
        match print(&said) {
            Exit::Done => Ok(exit),
            failed => Ok(failed),
        }
    } else {
        runtime.block_on(daemon.run())
    };
    notify::last_words();
    if let Some(traces) = traces {
        traces.end();
    }
    // What hangs in a driver keeps nobody here.
    runtime.shutdown_background();
    ended
}

/// To stdout; a closed pipe is no error.
fn print(text: &str) -> Exit {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            drop(writeln!(
                io::stderr(),
                "error: the output cannot be written: {error}"
            ));
            Exit::Output
        }
        _ => Exit::Done,
    }
}
