//! A channel of each type: its keys, and how it is built of them.
//!
//! The keys are there in every build: a channel that this build has not is told of as that.

use std::sync::Arc;

use queue_core::channel::Channel;

use super::channel_type::ChannelType;
use super::values::Values;

pub(super) mod email_api;
pub(super) mod file;
pub(super) mod nats;
pub(super) mod pagerduty;
pub(super) mod rabbitmq;
pub(super) mod smtp;
pub(super) mod ticket;
pub(super) mod webhook;

/// The channel, which has connected to nothing yet.
pub(super) fn build(of: ChannelType, values: &Values) -> Result<Arc<dyn Channel>, String> {
    match of {
        #[cfg(feature = "smtp")]
        ChannelType::Smtp => smtp::build(values),
        #[cfg(feature = "webhook")]
        ChannelType::Webhook => webhook::build(values),
        ChannelType::File => Ok(file::build(values)),
        #[cfg(feature = "email-api")]
        ChannelType::EmailApi => email_api::build(values),
        #[cfg(feature = "ticket")]
        ChannelType::Ticket => ticket::build(values),
        #[cfg(feature = "pagerduty")]
        ChannelType::PagerDuty => pagerduty::build(values),
        #[cfg(feature = "nats")]
        ChannelType::Nats => nats::build(values),
        #[cfg(feature = "rabbitmq")]
        ChannelType::RabbitMq => rabbitmq::build(values),
        #[cfg(not(all(
            feature = "smtp",
            feature = "webhook",
            feature = "email-api",
            feature = "ticket",
            feature = "pagerduty",
            feature = "nats",
            feature = "rabbitmq"
        )))]
        other => Err(lacking(other)),
    }
}

/// What is said of a type that this build has not.
#[cfg(not(all(
    feature = "smtp",
    feature = "webhook",
    feature = "email-api",
    feature = "ticket",
    feature = "pagerduty",
    feature = "nats",
    feature = "rabbitmq"
)))]
fn lacking(of: ChannelType) -> String {
    let feature = of.missing_feature().unwrap_or_default();
    format!(
        "this build has no channels of the type {of}: build it with the feature `{feature}`, or leave the channel out"
    )
}
