//! Events as PagerDuty takes them.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::channel::Outgoing;
use crate::{Alert, AlertAction};

/// The longest key that it takes.
const LONGEST_KEY: usize = 255;
/// The longest summary that it takes.
const LONGEST_SUMMARY: usize = 1024;

#[derive(Serialize)]
struct Event<'a> {
    routing_key: &'a str,
    event_action: AlertAction,
    dedup_key: &'a str,
    client: &'static str,
    payload: Payload<'a>,
}

#[derive(Serialize)]
struct Payload<'a> {
    summary: String,
    source: &'a str,
    severity: &'static str,
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    class: &'a str,
    custom_details: Details<'a>,
}

#[derive(Serialize)]
struct Details<'a> {
    incident: &'a str,
    episode: i64,
    rule: &'a str,
    event: &'static str,
    count: usize,
    notification: &'a str,
}

/// What is one incident at PagerDuty.
pub(super) fn dedup_key(alert: &Alert) -> String {
    let key = format!("{}#{}", alert.key, alert.episode);
    if key.len() <= LONGEST_KEY {
        return key;
    }
    crate::hex(&Sha256::digest(key.as_bytes()))
}

/// The event: the same bytes for the same message.
pub(super) fn body(
    alert: &Alert,
    routing_key: &str,
    dedup_key: &str,
    source: &str,
    message: &Outgoing,
) -> Vec<u8> {
    let signal = &alert.signal;
    let (queue, kind) = (signal.queue.as_ref(), signal.kind.as_ref());
    let channel = signal.channel.as_ref().map(crate::ChannelName::as_str);
    let event = Event {
        routing_key,
        event_action: alert.action,
        dedup_key,
        client: "Leasehold",
        payload: Payload {
            summary: alert.summary.chars().take(LONGEST_SUMMARY).collect(),
            source,
            // PagerDuty's four have the same names.
            severity: alert.severity.as_str(),
            timestamp: alert.at.to_string(),
            component: kind.map(crate::KindName::as_str).or(channel),
            group: queue.map(crate::QueueName::as_str),
            class: signal.class.as_str(),
            custom_details: Details {
                incident: &alert.key,
                episode: alert.episode,
                rule: &alert.rule,
                event: signal.event.as_str(),
                count: alert.count,
                notification: message.key(),
            },
        },
    };
    // Texts and numbers only: all of it can be written.
    serde_json::to_vec(&event).unwrap_or_default()
}
