//! Delivery by configuration: channels, what holds for all of them, and who is told of what.
//!
//! ```toml
//! [channels.mail]
//! type = "smtp"
//! host = "relay.example.org"
//! sender = "bounces@example.org"
//! user = "queue"
//! password_credential = "smtp-password"
//!
//! [[escalations]]
//! name = "outbox"
//! events = ["notification_failed", "channel_paused"]
//! to = [{ channel = "mail", recipient = "ops@example.org" }]
//! ```
//!
//! Reading a configuration opens nothing. [`DeliveryConfig::deliverer`] reads the secrets and builds the
//! channels; they connect when there is something to send.

mod auth;
mod channel;
mod channel_type;
mod channels;
mod fingerprint;
mod http;
mod key;
mod lines;
mod policy;
mod problem;
mod rules;
mod search;
mod settings;
mod shape;
mod table;
#[cfg(test)]
mod tests;
mod value;
mod values;
mod variables;

use std::sync::Arc;

use queue_core::channel::Channel;
use queue_core::{ChannelName, ChannelPolicy, Deliverer, DelivererBuilder, Escalations, Store};
use serde::Deserialize;
use toml::Table;

use self::lines::Lines;
use self::table::{Reading, Which};
use self::values::Values;
use crate::config::{DeliverySection, Setting};

pub use channel::ChannelConfig;
pub use channel_type::ChannelType;
pub use fingerprint::Fingerprint;
pub use key::ChannelKey;
pub use problem::{DeliveryProblem, InvalidDelivery};
pub use rules::RULE_KEYS;

/// The tables of a configuration that are about delivery, besides `[delivery]`.
pub(crate) const TABLES: [&str; 2] = ["channels", "escalations"];

/// A channel that is ready, with its name and what it may do.
type Built = (ChannelName, Arc<dyn Channel>, ChannelPolicy);

/// What is delivered, how, and who is told of what goes wrong. Two are equal if they say the same; see
/// also [`Self::fingerprint`].
///
/// ```
/// use std::sync::Arc;
/// use queue_core::memory::MemoryStore;
/// use queue_ops::Config;
///
/// let config = Config::from_toml("[channels.log]\ntype = \"file\"\npath = \"-\"").unwrap();
/// let deliverer = config.delivery.deliverer(Arc::new(MemoryStore::default())).unwrap();
/// assert!(deliverer.is_some());
///
/// let nothing = Config::from_toml("").unwrap();
/// assert!(nothing.delivery.deliverer(Arc::new(MemoryStore::default())).unwrap().is_none());
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "DeliverySection")]
pub struct DeliveryConfig {
    section: DeliverySection,
    channels: Vec<ChannelConfig>,
    rules: Escalations,
    /// What the tables of the rules say, in their order.
    written_rules: Vec<Values>,
}

/// The tables of the rules say what the rules are.
impl PartialEq for DeliveryConfig {
    fn eq(&self, other: &Self) -> bool {
        (&self.section, &self.channels, &self.rules)
            == (&other.section, &other.channels, &other.rules)
    }
}

impl Eq for DeliveryConfig {}

impl From<DeliverySection> for DeliveryConfig {
    fn from(section: DeliverySection) -> Self {
        Self {
            section,
            ..Self::default()
        }
    }
}

impl DeliveryConfig {
    /// What holds for all channels together: `[delivery]`.
    #[must_use]
    pub fn section(&self) -> &DeliverySection {
        &self.section
    }

    /// The channels: `[channels.NAME]`. None are none to deliver by.
    #[must_use]
    pub fn channels(&self) -> &[ChannelConfig] {
        &self.channels
    }

    /// The rules: `[[escalations]]`. Whoever sweeps gives them to its sweeps, too.
    #[must_use]
    pub fn escalations(&self) -> &Escalations {
        &self.rules
    }

    /// A deliverer of the channels, or nothing where there are none. Secrets and files are read now;
    /// nothing is connected to.
    pub fn deliverer(
        &self,
        store: Arc<dyn Store>,
    ) -> Result<Option<DelivererBuilder>, InvalidDelivery> {
        let built = self.build()?;
        if built.is_empty() {
            return Ok(None);
        }
        let mut deliverer = Deliverer::builder(store)
            .escalate(self.rules.clone())
            .grace(self.section.grace.get())
            .reconcile_every(self.section.reconcile_every.get())
            .resolve_every(self.section.resolve_every.get());
        if let Some(name) = &self.section.name {
            deliverer = deliverer.name(name.as_str());
        }
        for (name, channel, policy) in built {
            deliverer = deliverer.channel_with(name.as_str(), channel, policy);
        }
        Ok(Some(deliverer))
    }

    /// Finds everything that would keep a deliverer from being built: a secret that is not there, a file
    /// that cannot be read, settings that do not go together.
    pub fn check(&self) -> Result<(), InvalidDelivery> {
        self.build().map(drop)
    }

    /// What may be meant and may be a mistake: somebody is to be told through a channel that is not here,
    /// a file with a secret can be read by every user of the machine.
    #[must_use]
    pub fn findings(&self) -> Vec<String> {
        settings::findings(self)
    }

    /// What a deliverer would be built of now, the contents of secrets and files included.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let said = format!("{:?}", self.section);
        let channels = self.channels.iter().flat_map(|channel| {
            let table = format!("{} {}", channel.of, channel.name);
            std::iter::once(Some(table.into_bytes()))
                .chain(channel.values.exact())
                .chain(channel.values.contents())
        });
        let rules = self
            .written_rules
            .iter()
            .flat_map(|rule| std::iter::once(Some(b"a rule".to_vec())).chain(rule.exact()));
        let said = std::iter::once(Some(said.into_bytes()));
        Fingerprint::of(said.chain(channels).chain(rules))
    }

    fn build(&self) -> Result<Vec<Built>, InvalidDelivery> {
        let (mut built, mut problems) = (Vec::new(), Vec::new());
        for channel in &self.channels {
            match channel.build() {
                Ok(one) => built.push(one),
                Err(wrong) => problems.extend(wrong),
            }
        }
        InvalidDelivery::unless_none(problems)?;
        Ok(built)
    }

    /// Reads the tables of a file, and over them what variables say. It takes those variables that it knows.
    pub(crate) fn read(
        &mut self,
        file: &str,
        text: &str,
        table: &Table,
        variables: &mut Vec<(String, String)>,
    ) -> Result<(), InvalidDelivery> {
        let lines = Lines::of(file, text);
        let mut reading = Reading {
            lines: &lines,
            problems: Vec::new(),
        };
        match table.get("channels") {
            None => {}
            Some(toml::Value::Table(tables)) => {
                let channels = tables.iter();
                self.channels = channels
                    .filter_map(|(name, table)| ChannelConfig::read(&mut reading, name, table))
                    .collect();
            }
            Some(_) => reading.wrong(
                &["channels"],
                "`channels` is a table of channels: write [channels.NAME] before each".to_owned(),
            ),
        }
        variables.retain(|(name, value)| {
            !variables::apply(&mut self.channels, name, value, &mut reading.problems)
        });
        variables.retain(|(name, _)| !variables::is_secret(&self.channels, name));
        for channel in &self.channels {
            let name = channel.name.as_str();
            let what = format!("a channel of the type {}", channel.of);
            let which = Which {
                shown: &channel.shown(),
                path: &["channels", name],
                what: &what,
            };
            let written = table
                .get("channels")
                .and_then(|all| all.get(name)?.as_table());
            let keys: Vec<_> = channel
                .of
                .keys()
                .filter(|key| !channel.values.has(key.name))
                .collect();
            reading.missing(&which, &keys, written.unwrap_or(&Table::new()));
        }
        if let Some(written) = table.get("escalations") {
            (self.rules, self.written_rules) = rules::read(&mut reading, written);
        }
        InvalidDelivery::unless_none(reading.problems)
    }

    /// What is said, and where; without secrets.
    pub(crate) fn settings(&self) -> impl Iterator<Item = Setting> {
        settings::settings(self)
    }

    /// The variables that the channels have.
    pub(crate) fn variables(&self) -> impl Iterator<Item = String> {
        variables::names(&self.channels)
    }
}

/// A part of a dotted key, in quotes where TOML wants them.
fn quoted_key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !name.is_empty() && name.chars().all(bare) {
        return name.to_owned();
    }
    let shown: String = name.chars().take(80).collect();
    format!("{shown:?}")
}
