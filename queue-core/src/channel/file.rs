//! Messages into a file or onto standard output: for development.

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;

use async_trait::async_trait;
use serde::Serialize;
use tokio::sync::Mutex;

use super::{Capabilities, Channel, Gate, Outgoing, Receipt, SendError};

/// Writes each message as a line of JSON. Recipients are masked; bodies are not.
///
/// ```
/// use queue_core::channel::FileChannel;
/// let log = FileChannel::append_to("/tmp/outbox.jsonl");
/// ```
#[derive(Debug)]
pub struct FileChannel {
    target: Target,
    /// One line at a time.
    turn: Mutex<()>,
}

enum Target {
    File(PathBuf),
    Stdout,
}

#[derive(Serialize)]
struct Line<'a> {
    key: &'a str,
    channel: &'a str,
    purpose: &'a str,
    subject: &'a str,
    recipient: String,
    content_type: &'a str,
    body: std::borrow::Cow<'a, str>,
}

impl FileChannel {
    /// At the end of a file, which is made if it is not there.
    #[must_use]
    pub fn append_to(path: impl Into<PathBuf>) -> Self {
        Self::to(Target::File(path.into()))
    }

    /// On standard output.
    #[must_use]
    pub fn stdout() -> Self {
        Self::to(Target::Stdout)
    }

    fn to(target: Target) -> Self {
        Self {
            target,
            turn: Mutex::default(),
        }
    }
}

#[async_trait]
impl Channel for FileChannel {
    fn capabilities(&self) -> Capabilities {
        Capabilities::none().accepted_is_delivered()
    }

    async fn send(&self, message: &Outgoing, gate: &mut Gate) -> Result<Receipt, SendError> {
        let intent = message.intent();
        let mut line = serde_json::to_vec(&Line {
            key: message.key(),
            channel: intent.channel.as_str(),
            purpose: intent.purpose.as_str(),
            subject: intent.subject.as_str(),
            recipient: intent.recipient.to_string(),
            content_type: message.payload().content_type(),
            body: String::from_utf8_lossy(message.body()),
        })
        .map_err(|error| SendError::message_unsupported(error.to_string()))?;
        line.push(b'\n');

        let _turn = self.turn.lock().await;
        let mut out = self.target.open().map_err(|error| {
            SendError::unreachable(format!("the file cannot be opened: {error}"))
        })?;
        // From here on a part of the line may be there.
        gate.commit().await?;
        let written = out.write_all(&line).and_then(|()| out.flush());
        written.map_err(|error| SendError::reply_lost(error.to_string()))?;
        Ok(Receipt::none())
    }
}

impl Target {
    fn open(&self) -> io::Result<Box<dyn Write + Send>> {
        Ok(match self {
            Self::Stdout => Box::new(io::stdout()),
            Self::File(path) => {
                let mut options = std::fs::OpenOptions::new();
                Box::new(options.create(true).append(true).open(path)?)
            }
        })
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.fmt(f),
            Self::Stdout => f.write_str("stdout"),
        }
    }
}
