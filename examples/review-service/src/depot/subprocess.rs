//! Runs one program within limits, and leaves nothing of it behind.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

use super::DepotError;

/// What a program may take.
#[derive(Debug)]
pub(super) struct Limits {
    /// How long it may run.
    pub(super) time: Duration,
    /// How long it may take to be gone when it was killed.
    pub(super) gone: Duration,
    /// How much is read of what it answers.
    pub(super) out: usize,
    /// How much is kept of what it says of errors.
    pub(super) said: usize,
}

/// How it ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// By itself.
    Exited {
        out: Vec<u8>,
        said: Vec<u8>,
        code: Option<i32>,
    },
    /// It was ended, since it had more to say than is read.
    Full { out: Vec<u8> },
}

/// Runs it in a process group of its own. However this ends, also if it is not waited for any more, the group does.
pub(super) async fn run(mut command: Command, limits: &Limits) -> Result<Ended, DepotError> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| not_started(&error))?;
    let mut group = Group::of(&child);
    match tokio::time::timeout(limits.time, talk(&mut child, &group, limits)).await {
        Ok(ended) => {
            let ended = ended.map_err(|error| DepotError::NotStarted(error.kind()))?;
            group.let_go();
            Ok(ended)
        }
        Err(_) => {
            group.kill();
            // So that no zombie stays; what does not die at once is left to the runtime.
            let _ = tokio::time::timeout(limits.gone, child.wait()).await;
            group.let_go();
            Err(DepotError::TimedOut { after: limits.time })
        }
    }
}

/// Reads both its voices to their ends, and waits for its own.
async fn talk(child: &mut Child, group: &Group, limits: &Limits) -> io::Result<Ended> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let answer = async {
        let answered = read(stdout, limits.out).await?;
        if answered.full {
            // It would wait for a reader that does not come.
            group.kill();
        }
        Ok::<_, io::Error>(answered)
    };
    let (answered, said) = tokio::join!(answer, read_all(stderr, limits.said));
    let (answered, said) = (answered?, said?);
    let status = child.wait().await?;
    Ok(if answered.full {
        Ended::Full {
            out: answered.bytes,
        }
    } else {
        Ended::Exited {
            out: answered.bytes,
            said,
            code: status.code(),
        }
    })
}

struct Answered {
    bytes: Vec<u8>,
    full: bool,
}

/// No more than that many bytes, and whether there are more.
async fn read(from: Option<impl AsyncRead + Unpin>, most: usize) -> io::Result<Answered> {
    let mut bytes = Vec::new();
    let one_more = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    if let Some(from) = from {
        from.take(one_more).read_to_end(&mut bytes).await?;
    }
    let full = bytes.len() > most;
    bytes.truncate(most);
    Ok(Answered { bytes, full })
}

/// To its end, so that nobody waits for a reader; the first bytes are kept.
async fn read_all(from: Option<impl AsyncRead + Unpin>, most: usize) -> io::Result<Vec<u8>> {
    let Some(mut from) = from else {
        return Ok(Vec::new());
    };
    let mut kept = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let got = from.read(&mut buffer).await?;
        if got == 0 {
            return Ok(kept);
        }
        let room = most.saturating_sub(kept.len()).min(got);
        kept.extend(buffer.iter().take(room));
    }
}

fn not_started(error: &io::Error) -> DepotError {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::NotFound | Kind::PermissionDenied | Kind::NotADirectory | Kind::InvalidInput => {
            DepotError::NoClient(error.kind())
        }
        // Too many processes or files, too little memory, a client that is being replaced.
        other => DepotError::NotStarted(other),
    }
}

/// A process group that ends with this, unless it is let go of.
struct Group(Option<Pid>);

impl Group {
    fn of(leader: &Child) -> Self {
        let id = leader.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }

    fn kill(&self) {
        if let Some(id) = self.0 {
            // One that is gone already is what was wanted.
            let _ = kill_process_group(id, Signal::KILL);
        }
    }

    /// Its leader has been waited for: its number may be another's soon.
    fn let_go(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}
