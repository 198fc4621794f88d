//! Webhooks: a deliverer, beside a bare client, both to a server in a process of its own.

use std::time::Duration;

use anyhow::{Result, ensure};
use async_trait::async_trait;
use fixtures::sending::SecretFile;
use queue_core::channel::{HttpOptions, WebhookChannel};
use queue_core::{ChannelPolicy, NewNotification, Payload};

use super::bare;
use super::delivery::{WARM, deliver, intent};
use super::receiver::Receiver;
use crate::case::{Case, OURS};
use crate::contestant::Contestant;
use crate::record::Sample;
use crate::target::Target;
use crate::venue::{Engine, Place};

const BARE: &str = "bare client";
/// Bytes of each body.
const SIZE: usize = 1024;

/// All cases of one database.
pub(super) fn cases(engine: Engine, quick: bool) -> Vec<Case> {
    let webhooks = if quick { 4_000 } else { 20_000 };
    let target = Target {
        rate: Some(5_000.0),
        ..Target::ratio(0.6)
    };
    let default = ChannelPolicy::default().concurrency;
    [default, 64]
        .into_iter()
        .map(|connections| {
            let title = format!(
                "{} k of 1 KiB, {connections} connections{}",
                webhooks / 1000,
                if connections == default {
                    " (the default)"
                } else {
                    ""
                },
            );
            let ours = Delivered {
                webhooks,
                connections,
            };
            let bare = Bare {
                connections,
                lasts: Duration::from_secs(if quick { 2 } else { 4 }),
            };
            Case::new(engine, "webhooks", title, BARE)
                .with(OURS, Some(target), ours)
                .with(BARE, None, bare)
        })
        .collect()
}

/// JSON of exactly that size.
fn body(n: u64) -> String {
    let head = format!(r#"{{"order":{n},"text":""#);
    let text = "x".repeat(SIZE - head.len() - 2);
    format!(r#"{head}{text}"}}"#)
}

/// Webhooks from the outbox.
#[derive(Debug)]
struct Delivered {
    webhooks: u64,
    connections: usize,
}

#[async_trait]
impl Contestant for Delivered {
    async fn run(&self, place: &Place) -> Result<Sample> {
        let receiver = Receiver::start()?;
        let url = receiver.url();
        let secret = SecretFile::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let http = HttpOptions::new()
            .allow_cleartext()
            .allow("127.0.0.1".parse()?);
        let channel = WebhookChannel::builder()
            .http(http)
            .secret(secret.source())
            .build()?;
        let policy = ChannelPolicy {
            concurrency: self.connections,
            ..ChannelPolicy::default()
        };
        let all = WARM + self.webhooks;
        let webhook = |n| {
            let payload = Payload::new(body(n), queue_core::JSON)?;
            Ok(NewNotification::new(intent(n, &url)?, payload))
        };
        let webhooks: Result<Vec<_>> = (0..all).map(webhook).collect();
        let sample = deliver(place, channel, policy, webhooks?).await?;
        let taken = receiver.end()?;
        ensure!(
            (taken.requests, taken.ids) == (all, all),
            "{all} webhooks were sent, {taken:?} arrived"
        );
        Ok(sample)
    }
}

/// One request again and again, by a program that only sends it.
#[derive(Debug)]
struct Bare {
    connections: usize,
    lasts: Duration,
}

#[async_trait]
impl Contestant for Bare {
    async fn run(&self, _: &Place) -> Result<Sample> {
        let receiver = Receiver::start()?;
        let sent = bare::send(receiver.port(), &request(), self.connections, self.lasts).await?;
        let taken = receiver.end()?;
        ensure!(
            taken.requests == sent.requests,
            "{} requests were answered, {taken:?} arrived",
            sent.requests
        );
        Ok(Sample::new(sent.requests, sent.took))
    }
}

/// With headers as long as ours.
fn request() -> Vec<u8> {
    let (id, body) = ("0".repeat(64), body(0));
    format!(
        "POST /orders HTTP/1.1\r\n\
         host: 127.0.0.1\r\n\
         content-type: application/json\r\n\
         webhook-id: msg_{id}\r\n\
         webhook-timestamp: 1614265330\r\n\
         webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=\r\n\
         content-length: {SIZE}\r\n\
         \r\n\
         {body}"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_of_one_size() {
        for n in [0, 7, 20_000] {
            let body = body(n);
            assert_eq!(body.len(), SIZE);
            serde_json::from_str::<serde_json::Value>(&body).unwrap();
        }
    }
}
