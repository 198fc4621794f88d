//! What variables of the environment say of channels.

use queue_core::channel::SecretSource;

use super::channel::ChannelConfig;
use super::key::ChannelKey;
use super::problem::DeliveryProblem;
use super::value::Value;
use super::values::Given;
use crate::config::Origin;

/// A variable that says a value of a channel: `LEASEHOLD_CHANNELS_MAIL_HOST`.
fn variable(channel: &str, key: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        }
    };
    let name: String = channel.chars().map(plain).collect();
    format!("LEASEHOLD_CHANNELS_{name}_{}", key.to_ascii_uppercase())
}

/// The variables of a channel, each with its key and how that goes on.
fn of(
    channel: &ChannelConfig,
) -> impl Iterator<Item = (String, &'static ChannelKey, &'static str)> {
    let keys = channel.of.keys().filter(|key| key.is_scalar());
    keys.flat_map(move |key| {
        key.written().into_iter().filter_map(move |written| {
            let ending = key.ending(&written)?;
            Some((variable(channel.name.as_str(), &written), key, ending))
        })
    })
}

/// All variables that these channels have.
pub(super) fn names(channels: &[ChannelConfig]) -> impl Iterator<Item = String> {
    channels.iter().flat_map(of).map(|(name, _, _)| name)
}

/// Whether secrets are in this variable: then it is none of ours, whatever it is called.
pub(super) fn is_secret(channels: &[ChannelConfig], variable: &str) -> bool {
    let sources = channels
        .iter()
        .flat_map(|channel| channel.values.iter())
        .flat_map(|(_, given)| given.value.sources());
    sources
        .into_iter()
        .any(|source| matches!(source, SecretSource::Environment(name) if name == variable))
}

/// Lets a variable say what it says. `false` if it is none of any channel.
pub(super) fn apply(
    channels: &mut [ChannelConfig],
    name: &str,
    text: &str,
    problems: &mut Vec<DeliveryProblem>,
) -> bool {
    let mut told = |problem: String| {
        problems.push(DeliveryProblem {
            place: format!("the variable {name} of the environment"),
            problem,
        });
    };
    let mut found: Vec<_> = Vec::new();
    for (n, channel) in channels.iter().enumerate() {
        for (variable, key, ending) in of(channel) {
            if variable == name {
                found.push((n, key, ending));
            }
        }
    }
    match found.as_slice() {
        [] => return false,
        [(n, key, ending)] => match key.shape.of_variable(ending, text) {
            Err(problem) => told(problem),
            Ok(value) => {
                let given = Given {
                    value,
                    origin: Origin::Environment,
                    place: format!("the variable {name} of the environment"),
                };
                if let Some(channel) = channels.get_mut(*n)
                    && let Some(before) = channel.values.put(key.name, given)
                    && before.origin == Origin::Environment
                    && matches!(before.value, Value::Source(_))
                {
                    told(format!(
                        "a secret is in one place, and {} names another: set one of them",
                        before.place
                    ));
                }
            }
        },
        several => {
            let of = several.iter().filter_map(|(n, key, ending)| {
                let channel = channels.get(*n)?;
                Some(format!("`{}.{}{ending}`", channel.shown(), key.name))
            });
            told(format!(
                "it may mean {}: write the value into the file, or give a channel another name",
                of.collect::<Vec<_>>().join(" or ")
            ));
        }
    }
    true
}
