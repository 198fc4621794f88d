//! What channels and rules say, as it may be shown.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use queue_core::channel::SecretSource;

use super::value::Value;
use super::values::Given;
use super::{DeliveryConfig, quoted_key};
use crate::config::{Origin, Setting};

pub(super) fn settings(of: &DeliveryConfig) -> impl Iterator<Item = Setting> {
    let channels = of.channels.iter().flat_map(|channel| {
        let table = channel.shown();
        let of = Setting {
            key: format!("{table}.type").into(),
            value: Some(toml::Value::String(channel.of.to_string()).to_string()),
            origin: Origin::File,
        };
        let values = channel.values.iter();
        let values = values.map(move |(name, given)| setting(&table, name, given));
        std::iter::once(of).chain(values.collect::<Vec<_>>())
    });
    let rules = of.written_rules.iter().flat_map(|rule| {
        let name = rule.text("name").unwrap_or_default();
        let table = format!("escalations.{}", quoted_key(name));
        let values = rule.iter();
        values.map(move |(name, given)| setting(&table, name, given))
    });
    channels.chain(rules)
}

fn setting(table: &str, name: &str, given: &Given) -> Setting {
    Setting {
        key: format!("{table}.{name}{}", given.value.ending()).into(),
        value: Some(given.value.shown()),
        origin: given.origin,
    }
}

pub(super) fn findings(of: &DeliveryConfig) -> Vec<String> {
    let mut findings = Vec::new();
    for channel in &of.channels {
        let sources = channel
            .values
            .iter()
            .flat_map(|(_, given)| given.value.sources());
        for source in sources {
            if let Some(path) = read_by_all(source) {
                findings.push(format!(
                    "{}: every user of this machine can read {}: take that away, as by chmod 600",
                    channel.shown(),
                    path.display()
                ));
            }
        }
    }
    for rule in &of.written_rules {
        let Some(Value::Targets(to)) = rule.any("to") else {
            continue;
        };
        for (channel, _) in to {
            if !of.channels.iter().any(|one| one.name == *channel) {
                findings.push(format!(
                    "the rule {} tells somebody through the channel {channel}, which is not one of [channels]: \
                     nobody is told unless another process serves it",
                    rule.text("name").unwrap_or_default()
                ));
            }
        }
    }
    findings
}

/// The file of a secret that anybody may read.
fn read_by_all(source: &SecretSource) -> Option<&PathBuf> {
    let SecretSource::File(path) = source else {
        return None;
    };
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    (mode & 0o004 != 0).then_some(path)
}
