//! The types of channels.

use std::fmt;
use std::str::FromStr;

use queue_core::catalogue::nearest;

use super::channels::{email_api, file, nats, pagerduty, rabbitmq, smtp, ticket, webhook};
use super::key::ChannelKey;
use super::{auth, http, policy, search};

/// What a channel sends to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ChannelType {
    /// Mail, by a relay.
    Smtp,
    /// Webhooks.
    Webhook,
    /// A file or standard output.
    File,
    /// Mail, by a provider's HTTP API.
    EmailApi,
    /// Tickets, by a tracker's HTTP API.
    Ticket,
    /// `PagerDuty`.
    PagerDuty,
    /// NATS with `JetStream`.
    Nats,
    /// `RabbitMQ`.
    RabbitMq,
}

impl ChannelType {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Smtp,
        Self::Webhook,
        Self::File,
        Self::EmailApi,
        Self::Ticket,
        Self::PagerDuty,
        Self::Nats,
        Self::RabbitMq,
    ];

    /// As it is written: `type = "smtp"`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Webhook => "webhook",
            Self::File => "file",
            Self::EmailApi => "email_api",
            Self::Ticket => "ticket",
            Self::PagerDuty => "pagerduty",
            Self::Nats => "nats",
            Self::RabbitMq => "rabbitmq",
        }
    }

    /// The cargo feature of `queue-ops` that brings it, if this build goes without. Its tables are read all the
    /// same, and refused when a deliverer is built of them.
    #[must_use]
    pub const fn missing_feature(self) -> Option<&'static str> {
        match self {
            Self::Smtp if !cfg!(feature = "smtp") => Some("smtp"),
            Self::Webhook if !cfg!(feature = "webhook") => Some("webhook"),
            Self::EmailApi if !cfg!(feature = "email-api") => Some("email-api"),
            Self::Ticket if !cfg!(feature = "ticket") => Some("ticket"),
            Self::PagerDuty if !cfg!(feature = "pagerduty") => Some("pagerduty"),
            Self::Nats if !cfg!(feature = "nats") => Some("nats"),
            Self::RabbitMq if !cfg!(feature = "rabbitmq") => Some("rabbitmq"),
            _ => None,
        }
    }

    /// The keys of such a channel besides `type`: its own, those of its kind, those that all have.
    pub fn keys(self) -> impl Iterator<Item = &'static ChannelKey> {
        let groups: &'static [&'static [ChannelKey]] = match self {
            Self::Smtp => &[smtp::KEYS, policy::KEYS],
            Self::Webhook => &[webhook::KEYS, http::KEYS, policy::KEYS],
            Self::File => &[file::KEYS, policy::KEYS],
            Self::EmailApi => &[
                email_api::KEYS,
                auth::KEYS,
                search::KEYS,
                http::KEYS,
                policy::KEYS,
            ],
            Self::Ticket => &[
                ticket::KEYS,
                auth::KEYS,
                search::KEYS,
                http::KEYS,
                policy::KEYS,
            ],
            Self::PagerDuty => &[pagerduty::KEYS, http::KEYS, policy::KEYS],
            Self::Nats => &[nats::KEYS, policy::KEYS],
            Self::RabbitMq => &[rabbitmq::KEYS, policy::KEYS],
        };
        groups.iter().copied().flatten()
    }

    /// The types that have a key of that name.
    pub(super) fn with_key(written: &str) -> Option<String> {
        let has = |of: &&Self| of.keys().any(|key| key.ending(written).is_some());
        let types: Vec<_> = Self::ALL.iter().filter(has).map(|of| of.as_str()).collect();
        (!types.is_empty()).then(|| types.join(", "))
    }
}

impl fmt::Display for ChannelType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ChannelType {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|one| one.as_str() == text);
        found.copied().ok_or_else(|| {
            let all: Vec<_> = Self::ALL.iter().map(|one| one.as_str()).collect();
            let meant = nearest(text, Self::ALL, |one| one.as_str());
            format!(
                "there is no such type of channels; the nearest is `{}`, all are {}",
                meant.map_or("", |one| one.as_str()),
                all.join(", ")
            )
        })
    }
}
