//! Webhooks: a deliverer, beside `wrk`, both to a server in a process of its own.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use fixtures::sending::SecretFile;
use queue_core::channel::{HttpOptions, Webhook};
use queue_core::{ChannelPolicy, NewNotification, Payload};
use tokio::process::Command;

use super::delivery::{WARM, deliver, intent};
use super::receiver::Receiver;
use crate::case::{Case, OURS};
use crate::contestant::Contestant;
use crate::record::Sample;
use crate::target::Target;
use crate::venue::{Engine, Place};

const WRK: &str = "wrk";
const INSTALL: &str = "install wrk (Debian: apt-get install wrk), or set WRK to the program";
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
            let seconds = if quick { 2 } else { 4 };
            Case::new(engine, "webhooks", title, WRK)
                .with(OURS, Some(target), ours)
                .with(
                    WRK,
                    None,
                    Wrk {
                        connections,
                        seconds,
                    },
                )
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
        let channel = Webhook::builder()
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

/// The same body again and again, from a program that only sends it.
#[derive(Debug)]
struct Wrk {
    connections: usize,
    seconds: u64,
}

#[async_trait]
impl Contestant for Wrk {
    async fn run(&self, _: &Place) -> Result<Sample> {
        let program = program()?;
        let receiver = Receiver::start()?;
        let directory = tempfile::tempdir()?;
        let script = directory.path().join("post.lua");
        std::fs::write(&script, lua())?;
        let mut wrk = Command::new(&program);
        wrk.args(["--threads", "1"])
            .args(["--connections", &self.connections.to_string()])
            .args(["--duration", &format!("{}s", self.seconds)])
            .arg("--script")
            .arg(&script)
            .arg(receiver.url());
        let output = wrk
            .output()
            .await
            .with_context(|| format!("starting {}; {INSTALL}", program.display()))?;
        let said = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "wrk failed: {said}");
        let (requests, took) = read(&said)?;
        let taken = receiver.end()?;
        ensure!(
            taken.requests >= requests,
            "wrk counts {requests} requests, {taken:?} arrived"
        );
        Ok(Sample::new(requests, took))
    }
}

/// With headers as long as ours.
fn lua() -> String {
    format!(
        r#"wrk.method = "POST"
wrk.body = [[{}]]
wrk.headers["content-type"] = "application/json"
wrk.headers["webhook-id"] = "msg_{id}"
wrk.headers["webhook-timestamp"] = "1614265330"
wrk.headers["webhook-signature"] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
"#,
        body(0),
        id = "0".repeat(64),
    )
}

/// The one that WRK names, else the first in PATH.
fn program() -> Result<PathBuf> {
    let chosen = std::env::var_os("WRK").filter(|value| !value.is_empty());
    if let Some(chosen) = chosen.map(PathBuf::from) {
        let shown = chosen.display();
        ensure!(chosen.is_file(), "WRK is {shown}, no program; {INSTALL}");
        return Ok(chosen);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join(WRK))
        .find(|program| program.is_file())
        .with_context(|| format!("there is no wrk in PATH: {INSTALL}"))
}

/// `  53211 requests in 4.00s, 2.18MB read`, if nothing went wrong.
fn read(said: &str) -> Result<(u64, Duration)> {
    let wrong = ["Socket errors", "Non-2xx"];
    ensure!(
        !wrong.iter().any(|words| said.contains(words)),
        "not every request was answered as it should be: {said}"
    );
    let parsed = said.lines().find_map(|line| {
        let (requests, rest) = line.split_once(" requests in ")?;
        let (seconds, _) = rest.split_once("s,")?;
        let requests = requests.trim().parse().ok()?;
        Some((
            requests,
            Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?,
        ))
    });
    parsed.with_context(|| format!("wrk does not say how many requests there were: {said}"))
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

    #[test]
    fn what_wrk_says_counts_only_without_errors() {
        let said = "Running 2s test\n  53211 requests in 2.10s, 2.18MB read\nRequests/sec: 25338\n";
        assert_eq!(read(said).unwrap(), (53_211, Duration::from_millis(2_100)));
        let failed = format!("{said}  Non-2xx or 3xx responses: 3\n");
        assert!(read(&failed).is_err());
        assert!(read("unable to connect").is_err());
    }
}
