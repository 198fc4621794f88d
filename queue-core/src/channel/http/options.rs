//! How a channel speaks HTTP.

use std::sync::Arc;
use std::time::Duration;

use super::guard::Guard;
use super::names::HostNames;
use super::{Names, Network};

/// How a channel speaks HTTP: to whom, for how long, and what it trusts.
///
/// It speaks https to public addresses, follows no redirect, asks no proxy and reads little of an answer.
///
/// ```
/// use std::time::Duration;
/// use queue_core::channel::HttpOptions;
/// // An endpoint of our own, inside.
/// let inside = HttpOptions::new()
///     .allow("10.1.0.0/16".parse().unwrap())
///     .timeout(Duration::from_secs(10));
/// ```
#[derive(Debug, Clone)]
pub struct HttpOptions {
    pub(super) guard: Guard,
    pub(super) names: Arc<dyn Names>,
    pub(super) connect_timeout: Duration,
    pub(super) timeout: Duration,
    pub(super) reply_limit: usize,
    pub(super) user_agent: String,
    pub(super) roots: Vec<Vec<u8>>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            guard: Guard::default(),
            names: Arc::new(HostNames),
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(20),
            reply_limit: 64 * 1024,
            user_agent: concat!("leasehold/", env!("CARGO_PKG_VERSION")).to_owned(),
            roots: Vec::new(),
        }
    }
}

impl HttpOptions {
    /// As they are by default.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows the addresses of a network, public or not.
    #[must_use]
    pub fn allow(mut self, network: Network) -> Self {
        self.guard.allowed.push(network);
        self
    }

    /// Allows http, which everybody on the way can read and change.
    #[must_use]
    pub fn allow_cleartext(mut self) -> Self {
        self.guard.cleartext = true;
        self
    }

    /// How long connecting may take, TLS included: 5 seconds by default. What has not connected has not
    /// been sent.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// How long a request may take with its answer, connecting included: 20 seconds by default. What was
    /// not answered by then may have been taken.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// How much of an answer is read: 64 KiB by default.
    #[must_use]
    pub fn reply_limit(mut self, bytes: usize) -> Self {
        self.reply_limit = bytes;
        self
    }

    /// What it calls itself: `leasehold/` and the version by default.
    #[must_use]
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.user_agent = name.into();
        self
    }

    /// Trusts these root certificates as well, in PEM: for a CA of one's own.
    #[must_use]
    pub fn root(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(pem.into());
        self
    }

    /// Resolves names in another way than the host does.
    #[must_use]
    pub fn names(mut self, names: Arc<dyn Names>) -> Self {
        self.names = names;
        self
    }
}
