//! Running one command of the suite.

use std::io::{BufReader, Write};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use std::{error::Error, fmt};

use anyhow::{Context, Result, bail};

use crate::tally::Tally;

/// How long output may stay open after its command has ended.
const LINGER: Duration = Duration::from_secs(10);

/// A step's command ended without success.
#[derive(Debug)]
struct StepFailed {
    step: &'static str,
    status: ExitStatus,
}

impl fmt::Display for StepFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // ExitStatus says "exit status: 101", or which signal it was.
        write!(f, "step `{}` failed, {}", self.step, self.status)
    }
}

impl Error for StepFailed {}

/// Our own exit code for `error`: that of the command that failed, where it is one.
pub(crate) fn exit_code(error: &anyhow::Error) -> ExitCode {
    error
        .downcast_ref::<StepFailed>()
        .and_then(|failed| failed.status.code())
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Runs `command` to its end with our own input and output.
pub(crate) fn finish(step: &'static str, command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| cannot_start(step, command))?;
    check(step, status)
}

/// Runs `command`, passing its standard output on to `to` and counting the tests it reports.
///
/// The counts go into `tally` also when tests fail, which is when they are wanted most.
pub(crate) fn count(
    step: &'static str,
    command: &mut Command,
    to: impl Write + Send + 'static,
    tally: &mut Tally,
) -> Result<()> {
    command.stdout(Stdio::piped());
    let mut child = command
        .spawn()
        .with_context(|| cannot_start(step, command))?;
    let output = child
        .stdout
        .take()
        .context("standard output was not piped")?;

    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        // The receiver is gone only if we gave up waiting; then nobody wants the count.
        let _ = sender.send(Tally::copy(BufReader::new(output), to));
    });

    let status = child.wait()?;
    // A server that a test started and never stopped inherits the pipe, which then never ends.
    // Waiting for it would hang; ignoring it would hide the leak.
    let Ok(counted) = receiver.recv_timeout(LINGER) else {
        bail!("step `{step}` left a process behind that still holds its output open");
    };
    *tally += counted.context("cannot pass test output through")?;
    check(step, status)
}

fn check(step: &'static str, status: ExitStatus) -> Result<()> {
    if status.success() {
        Ok(())
    } else {
        Err(StepFailed { step, status }.into())
    }
}

fn cannot_start(step: &str, command: &Command) -> String {
    format!(
        "step `{step}` cannot start {}",
        command.get_program().display()
    )
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn failure_names_the_step_and_its_exit_code() {
        let error = finish("lint", &mut shell("exit 101")).unwrap_err();
        assert_eq!(error.to_string(), "step `lint` failed, exit status: 101");
        assert_eq!(exit_code(&error), ExitCode::from(101));
    }

    #[test]
    fn counts_survive_a_failure() {
        let script =
            "echo 'test result: FAILED. 4 passed; 1 failed; 0 ignored; 0 measured'; exit 3";
        let mut tally = Tally::default();
        let error = count("tests", &mut shell(script), io::sink(), &mut tally).unwrap_err();
        assert_eq!(exit_code(&error), ExitCode::from(3));
        assert_eq!(
            tally,
            Tally {
                passed: 4,
                failed: 1,
                ignored: 0
            }
        );
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = finish("format", &mut Command::new("/nonexistent/cargo")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "step `format` cannot start /nonexistent/cargo"
        );
        assert_eq!(exit_code(&error), ExitCode::FAILURE);
    }
}
