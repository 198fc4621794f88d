//! Saying what a deliverer does, before it does it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::core::Core;
use super::lane::Lane;
use super::policy::ChannelPolicy;
use super::report::DeliveryReport;
use super::run::{Deliverer, Settings};
use crate::channel::Channel;
use crate::worker::default_name;
use crate::{
    ChannelName, DeliveryRequest, Escalations, InvalidBatch, InvalidName, Store, WorkerName,
};

/// Why a deliverer cannot be, or ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DelivererError {
    /// It would do nothing.
    #[error("the deliverer has no channels: add one with .channel(name, channel)")]
    NoChannels,
    /// Two channels under one name.
    #[error("there are two channels with the name `{0}`: give one of them another name")]
    TwoChannels(ChannelName),
    /// A number that makes no sense.
    #[error("{what} of the channel `{channel}` must be at least 1")]
    Zero {
        /// Which.
        what: &'static str,
        /// Of which channel.
        channel: ChannelName,
    },
    /// A name that is none.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// A lease that is none.
    #[error(transparent)]
    Lease(#[from] InvalidBatch),
    /// A loop ended by a panic: a bug.
    #[error("a loop of the deliverer panicked: {0}")]
    Panicked(String),
    /// The store refused what a deliverer needs.
    #[error(transparent)]
    Store(#[from] crate::StoreError),
}

/// What a deliverer is to do.
#[must_use = "a builder does nothing until it is built or run"]
pub struct DelivererBuilder {
    store: Arc<dyn Store>,
    name: Option<WorkerName>,
    channels: Vec<(ChannelName, Arc<dyn Channel>, ChannelPolicy)>,
    escalations: Escalations,
    settings: Settings,
    says_outages: bool,
    wrong: Option<DelivererError>,
}

impl DelivererBuilder {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            name: None,
            channels: Vec::new(),
            escalations: Escalations::default(),
            settings: Settings::default(),
            says_outages: true,
            wrong: None,
        }
    }

    /// Serves a channel with the default policy.
    pub fn channel(self, name: impl AsRef<str>, channel: impl Channel) -> Self {
        self.channel_with(name, channel, ChannelPolicy::default())
    }

    /// Serves a channel.
    pub fn channel_with(
        mut self,
        name: impl AsRef<str>,
        channel: impl Channel,
        policy: ChannelPolicy,
    ) -> Self {
        match ChannelName::new(name) {
            Ok(name) => self.channels.push((name, Arc::new(channel), policy)),
            Err(error) => {
                self.wrong.get_or_insert(error.into());
            }
        }
        self
    }

    /// Escalates what stops by these rules.
    pub fn escalate(mut self, rules: Escalations) -> Self {
        self.escalations = rules;
        self
    }

    /// How it is known to the store and to operators; host, process and a number unless it is said.
    pub fn name(mut self, name: impl AsRef<str>) -> Self {
        match WorkerName::new(name) {
            Ok(name) => self.name = Some(name),
            Err(error) => {
                self.wrong.get_or_insert(error.into());
            }
        }
        self
    }

    /// How often doubts are taken up; 5 s unless it is said.
    pub fn reconcile_every(mut self, every: Duration) -> Self {
        self.settings.reconcile_every = every;
        self
    }

    /// How often incidents are looked at whose cause may be gone; 15 s unless it is said.
    pub fn resolve_every(mut self, every: Duration) -> Self {
        self.settings.resolve_every = every;
        self
    }

    /// How long sends may go on after the shutdown began; 30 s unless it is said. Those that still wait
    /// for an answer then are in doubt.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.settings.grace = grace;
        self
    }

    /// Whether it is logged that the database does not answer, and that it answers again; it is, unless a process
    /// leaves that to another part of it.
    pub fn says_outages(mut self, says: bool) -> Self {
        self.says_outages = says;
        self
    }

    /// Checks what was said.
    pub fn build(mut self) -> Result<Deliverer, DelivererError> {
        if let Some(wrong) = self.wrong.take() {
            return Err(wrong);
        }
        if self.channels.is_empty() {
            return Err(DelivererError::NoChannels);
        }
        let name = match self.name {
            Some(name) => name,
            None => default_name()?,
        };
        let mut lanes: Vec<Arc<Lane>> = Vec::with_capacity(self.channels.len());
        for (channel, adapter, policy) in self.channels {
            if lanes.iter().any(|lane| lane.name == channel) {
                return Err(DelivererError::TwoChannels(channel));
            }
            let zero = |what| DelivererError::Zero {
                what,
                channel: channel.clone(),
            };
            if policy.concurrency == 0 {
                return Err(zero("the concurrency"));
            }
            if policy.max_attempts == 0 {
                return Err(zero("the number of attempts"));
            }
            if policy.breaker.failures == 0 {
                return Err(zero("the breaker's number of failures"));
            }
            if policy.longest_send.is_zero() {
                return Err(zero("the longest send, in seconds,"));
            }
            DeliveryRequest::new(name.clone(), 1, policy.lease)?;
            lanes.push(Arc::new(Lane::new(channel, adapter, policy)));
        }
        let core = Core::new(self.store, name, lanes, self.escalations);
        let core = core.saying_outages(self.says_outages);
        Ok(Deliverer::new(core, self.settings))
    }

    /// Builds the deliverer and runs it, see [`Deliverer::run`].
    pub async fn run(
        self,
        shutdown: impl Future<Output = ()>,
    ) -> Result<DeliveryReport, DelivererError> {
        self.build()?.run(shutdown).await
    }
}

impl fmt::Debug for DelivererBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let channels = self.channels.iter().map(|(name, ..)| name.as_str());
        f.debug_struct("DelivererBuilder")
            .field("channels", &channels.collect::<Vec<_>>())
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
