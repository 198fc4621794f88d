//! Running one command of the suite.

use std::io::{BufReader, Write};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use std::{error::Error, fmt, fs};

use anyhow::{Context, Result, bail};

use crate::tally::Tally;

/// How long output may stay open after its command has ended.
const LINGER: Duration = Duration::from_secs(10);
/// How often a command is asked whether it has ended.
const LOOK: Duration = Duration::from_millis(50);

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

/// Runs `command` to its end and gives what it printed; its errors are ours.
pub(crate) fn capture(step: &'static str, command: &mut Command) -> Result<Vec<u8>> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| cannot_start(step, command))?;
    check(step, output.status)?;
    Ok(output.stdout)
}

/// Runs `command`, passing its standard output on to `to` and counting the tests it reports.
///
/// The counts go into `tally` also when tests fail, which is when they are wanted most. A command that
/// takes longer than `limit` is ended: a test that hangs is a failure with a name, the last one printed,
/// not a run that never tells.
pub(crate) fn count(
    step: &'static str,
    command: &mut Command,
    to: impl Write + Send + 'static,
    tally: &mut Tally,
    limit: Duration,
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

    let deadline = Instant::now() + limit;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if Instant::now() > deadline {
            end(&child);
            child.wait()?;
            bail!(
                "step `{step}` did not end within {limit:?}; what it printed last did not either"
            );
        }
        thread::sleep(LOOK);
    };
    // A server that a test started and never stopped inherits the pipe, which then never ends.
    // Waiting for it would hang; ignoring it would hide the leak.
    let Ok(counted) = receiver.recv_timeout(LINGER) else {
        bail!("step `{step}` left a process behind that still holds its output open");
    };
    *tally += counted.context("cannot pass test output through")?;
    check(step, status)
}

/// Kills a process and all that descend from it. Not by process group: one of its own would not hear
/// the Ctrl-C of whoever runs the suite.
fn end(child: &Child) {
    let mut found = vec![child.id()];
    let mut next = 0;
    while let Some(&pid) = found.get(next) {
        // Each thread has children of its own.
        let threads = fs::read_dir(format!("/proc/{pid}/task"));
        for thread in threads.into_iter().flatten().flatten() {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            let children = children.split_whitespace();
            found.extend(children.filter_map(|child| child.parse::<u32>().ok()));
        }
        next += 1;
    }
    // Those that ended meanwhile are not there any more, which is what we want.
    let _ = Command::new("kill")
        .arg("-KILL")
        .args(found.iter().map(ToString::to_string))
        .stderr(Stdio::null())
        .status();
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
        let error = count("tests", &mut shell(script), io::sink(), &mut tally, LINGER).unwrap_err();
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
    fn what_hangs_is_ended_with_all_that_it_started() {
        let mut hanging = shell("sleep 1000 & echo $! >&2; sleep 1000");
        let mut tally = Tally::default();
        let (mut said, says) = io::pipe().unwrap();
        hanging.stderr(says);
        let limit = Duration::from_millis(300);
        let error = count("tests", &mut hanging, io::sink(), &mut tally, limit).unwrap_err();
        assert!(error.to_string().contains("did not end within 300ms"));
        drop(hanging);
        let mut started = String::new();
        // Ends once nobody is left that could write.
        io::Read::read_to_string(&mut said, &mut started).unwrap();
        assert!(!started.trim().is_empty());
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
