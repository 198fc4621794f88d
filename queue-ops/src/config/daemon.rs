//! What the daemon is told.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use queue_core::WorkerName;
use serde::{Deserialize, Serialize};

use super::{Every, PageSize, Span};

/// What the loops of the daemon are told.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SweeperSection {
    /// Its name in logs, and as a leader.
    pub name: Option<WorkerName>,
    /// How often expired leases are swept.
    pub leases_every: Every,
    /// How many in a transaction.
    pub leases_page: PageSize,
    /// How long a row is left alone that makes its page fail.
    pub set_aside_for: Span,
    /// How often interrupted notifications are looked for.
    pub doubts_every: Every,
    /// How many in a transaction.
    pub doubts_page: PageSize,
    /// How often schedules are looked at, beside their ticks.
    pub schedules_every: Every,
    /// How often what is over is removed.
    pub retention_every: Every,
    /// How many rows of a sort in a transaction.
    pub retention_page: PageSize,
    /// Where the part of the audit trail goes that is kept no longer; without it all of it stays.
    pub audit_archive: Option<PathBuf>,
    /// The key that archives are signed with.
    pub audit_key_file: Option<PathBuf>,
    /// How often gauges are measured.
    pub statistics_every: Every,
    /// How often a line of figures is logged.
    pub log_every: Every,
    /// How often incidents are looked at.
    pub escalations_every: Every,
    /// How often the audit chain is verified.
    pub audit_every: Every,
    /// How many records at a time.
    pub audit_page: PageSize,
    /// How long a lost leader holds its roles.
    pub leader_lease: Span,
    /// How long a loop may go without an answer.
    pub stuck_after: Span,
    /// How long loops may finish when the process is to stop.
    pub stop_timeout: Span,
}

impl Default for SweeperSection {
    fn default() -> Self {
        Self {
            name: None,
            leases_every: Every::secs(5),
            leases_page: PageSize::of(500),
            set_aside_for: Span::secs(600),
            doubts_every: Every::secs(5),
            doubts_page: PageSize::of(500),
            schedules_every: Every::secs(10),
            retention_every: Every::secs(600),
            retention_page: PageSize::of(1000),
            audit_archive: None,
            audit_key_file: None,
            statistics_every: Every::secs(15),
            log_every: Every::secs(60),
            escalations_every: Every::secs(15),
            audit_every: Every::secs(60),
            audit_page: PageSize::of(1000),
            leader_lease: Span::secs(10),
            stuck_after: Span::secs(60),
            stop_timeout: Span::secs(20),
        }
    }
}

/// Where health and metrics are served.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct HttpSection {
    /// On what.
    pub listen: Listen,
}

/// What a server listens on.
///
/// ```
/// use queue_ops::Listen;
/// assert!(matches!("127.0.0.1:9464".parse(), Ok(Listen::Tcp(_))));
/// assert!(matches!("unix:/run/leasehold/sweeper.sock".parse(), Ok(Listen::Unix(_))));
/// assert_eq!(
///     "9464".parse::<Listen>().unwrap_err(),
///     "`9464` is nothing to listen on: write an address with a port like 127.0.0.1:9464, \
///      unix:/path/to/a.sock, or off"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum Listen {
    /// On a port of an address.
    Tcp(SocketAddr),
    /// On a socket of this machine.
    Unix(PathBuf),
    /// Nothing is served.
    Off,
}

impl Default for Listen {
    fn default() -> Self {
        Self::Tcp(SocketAddr::from(([127, 0, 0, 1], 9464)))
    }
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::Off);
        }
        if let Some(path) = text.strip_prefix("unix:")
            && path.starts_with('/')
        {
            return Ok(Self::Unix(path.into()));
        }
        let shown: String = text.chars().take(60).flat_map(char::escape_debug).collect();
        text.parse().map(Self::Tcp).map_err(|_| {
            format!(
                "`{shown}` is nothing to listen on: write an address with a port like \
                 127.0.0.1:9464, unix:/path/to/a.sock, or off"
            )
        })
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Off => f.pad("off"),
        }
    }
}

impl TryFrom<String> for Listen {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Listen> for String {
    fn from(listen: Listen) -> Self {
        listen.to_string()
    }
}
