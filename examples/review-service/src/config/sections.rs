//! The parts of the configuration that are the service's own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use queue_core::channel::Mail;
use queue_core::{ChannelName, Intent, Purpose, Recipient, Revision, Subject};
use queue_ops::Span;
use serde::Deserialize;

use super::value;

const DAY: u64 = 24 * 3600;
/// What somebody else's code says is not kept for longer, whatever the file says.
const RAW_AT_MOST: u64 = 7 * DAY;
/// Nor what was made of it.
const REDACTED_AT_MOST: u64 = 30 * DAY;

/// Where requests come in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IngestSection {
    /// Address and port. Nobody is asked who they are: whatever lets requests through stands before it.
    #[serde(deserialize_with = "value::address")]
    pub listen: SocketAddr,
    /// The longest body, in bytes.
    #[serde(deserialize_with = "value::count")]
    pub max_body: usize,
    /// So many requests at a time; the others are told to come again.
    #[serde(deserialize_with = "value::count")]
    pub max_in_flight: usize,
    /// How long a body may take to come.
    pub body_timeout: Span,
    /// When those who were sent away are to come again.
    pub retry_after: Span,
}

impl Default for IngestSection {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            max_body: 64 * 1024,
            max_in_flight: 64,
            body_timeout: Span::secs(10),
            retry_after: Span::secs(1),
        }
    }
}

impl IngestSection {
    pub(super) fn check(&self) -> Result<(), String> {
        // The numbers that tokio's semaphores and the contract's limits stand.
        within("ingest.max_in_flight", self.max_in_flight, 1, 10_000)?;
        within("ingest.max_body", self.max_body, 256, 16 * 1024 * 1024)
    }
}

/// What may be read of the depot.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllowListSection {
    /// Prefixes like `//depot/shop/...`. Read again at SIGHUP.
    pub prefixes: Vec<String>,
}

/// How people are told.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeSection {
    /// From whom the mails are.
    pub from: String,
    /// The channel of the library's file that sends them.
    #[serde(default = "mail")]
    pub channel: ChannelName,
}

fn mail() -> ChannelName {
    #[expect(
        clippy::unwrap_used,
        reason = "it is a name, as every test that reads a file shows"
    )]
    ChannelName::new("mail").unwrap()
}

impl NoticeSection {
    /// By writing a mail: nobody else knows what can stand there.
    pub(super) fn check(&self) -> Result<(), String> {
        let intent = || {
            Ok::<_, queue_core::InvalidName>(Intent {
                channel: self.channel.clone(),
                purpose: Purpose::new("check")?,
                subject: Subject::new("check")?,
                recipient: Recipient::new("nobody@example.org")?,
                revision: Revision::new(1),
            })
        };
        let intent = intent().map_err(|error| error.to_string())?;
        let mail = Mail::new(&self.from, "check").text("check");
        let rendered = mail.render(&intent);
        rendered
            .map(drop)
            .map_err(|error| format!("notice.from: {error}"))
    }
}

/// What is kept of each review, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ArtifactsSection {
    /// Where; a path that does not begin with `/` is beside the configuration.
    pub folder: PathBuf,
    /// How long what has somebody's code in it as it is: at most a week.
    pub raw_for: Span,
    /// How long the rest: at most thirty days.
    pub redacted_for: Span,
    /// How often what is over is removed.
    pub remove_every: Span,
}

impl Default for ArtifactsSection {
    fn default() -> Self {
        Self {
            folder: PathBuf::from("artifacts"),
            raw_for: Span::secs(RAW_AT_MOST),
            redacted_for: Span::secs(REDACTED_AT_MOST),
            remove_every: Span::secs(3600),
        }
    }
}

impl ArtifactsSection {
    pub(super) fn check(&self) -> Result<(), String> {
        for (key, span, most) in [
            ("artifacts.raw_for", self.raw_for, RAW_AT_MOST),
            (
                "artifacts.redacted_for",
                self.redacted_for,
                REDACTED_AT_MOST,
            ),
            ("artifacts.remove_every", self.remove_every, DAY),
        ] {
            if span.get() > Duration::from_secs(most) {
                let days = most / DAY;
                let given = value::days(span);
                return Err(format!("{key}: {given} is too long; write {days}d or less"));
            }
        }
        Ok(())
    }
}

/// How much is done at a time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorkerSection {
    /// So many reviews.
    #[serde(deserialize_with = "value::count")]
    pub concurrency: usize,
    /// Where the worker's own health and numbers are told, if anywhere.
    #[serde(deserialize_with = "value::address_if_any")]
    pub listen: Option<SocketAddr>,
    /// How long reviews may go on once the process is to stop.
    pub soft_stop: Span,
}

impl Default for WorkerSection {
    fn default() -> Self {
        Self {
            concurrency: 8,
            listen: None,
            soft_stop: Span::secs(30),
        }
    }
}

impl WorkerSection {
    pub(super) fn check(&self) -> Result<(), String> {
        within("worker.concurrency", self.concurrency, 1, 1000)
    }
}

fn within(key: &str, value: usize, least: usize, most: usize) -> Result<(), String> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(format!(
        "{key}: {value} is out of range; write {least} to {most}"
    ))
}
