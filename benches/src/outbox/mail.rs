//! Mail: a deliverer over SMTP, beside Postfix's own `smtp-source`, both to a private `smtp-sink`.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use fixtures::postfix;
use fixtures::smtp_sink::SmtpSink;
use queue_core::channel::{Mail, SmtpChannel, SmtpTls};
use queue_core::{ChannelPolicy, NewNotification};
use tokio::process::Command;

use super::delivery::{WARM, deliver, intent};
use crate::case::{Case, OURS};
use crate::contestant::Contestant;
use crate::record::Sample;
use crate::target::Target;
use crate::venue::{Engine, Place};

const SOURCE: &str = "smtp-source";
const SENDER: &str = "bounces@example.org";
const INSTALL: &str =
    "install Postfix (Debian: apt-get install postfix), or set POSTFIX to its program";

/// All cases of one database.
pub(super) fn cases(engine: Engine, quick: bool) -> Vec<Case> {
    let mails = if quick { 2_000 } else { 10_000 };
    [None, Some(32), Some(128)]
        .into_iter()
        .map(|set| {
            let ours = Delivered {
                mails,
                connections: set,
            };
            let connections = set.unwrap_or(16);
            let title = format!(
                "{} k of 2 KiB, {connections} connections{}",
                mails / 1000,
                if set.is_none() { " (the default)" } else { "" },
            );
            Case::new(engine, "mail", title, SOURCE)
                .with(OURS, Some(Target::ratio(0.5)), ours)
                .with(SOURCE, None, Source { mails, connections })
        })
        .collect()
}

/// A mail of about 2 KiB.
fn mail(n: u64) -> Result<NewNotification> {
    let text = "Thank you for your order. It is on its way to you, and will arrive in time.\n";
    let intent = intent(n, &format!("customer{n}@example.org"))?;
    let mail = Mail::new("The shop <shop@example.org>", format!("Your order {n}"));
    let payload = mail.text(text.repeat(22)).render(&intent)?;
    Ok(NewNotification::new(intent, payload))
}

fn sink() -> Result<SmtpSink> {
    SmtpSink::try_counting().with_context(|| format!("starting smtp-sink; {INSTALL}"))
}

/// Mails from the outbox.
#[derive(Debug)]
struct Delivered {
    mails: u64,
    /// The channel's own number, unless another is set.
    connections: Option<usize>,
}

#[async_trait]
impl Contestant for Delivered {
    async fn run(&self, place: &Place) -> Result<Sample> {
        let sink = sink()?;
        let mut channel = SmtpChannel::builder("127.0.0.1", sink.port())
            .hello("bench.example.org")
            .sender(SENDER)
            .tls(SmtpTls::None);
        let mut policy = ChannelPolicy::default();
        if let Some(connections) = self.connections {
            channel = channel.max_connections(connections);
            policy.concurrency = 2 * connections;
        }
        let mails: Result<Vec<_>> = (0..WARM + self.mails).map(mail).collect();
        let sample = deliver(place, channel.build()?, policy, mails?).await?;
        taken(&sink, WARM + self.mails)?;
        Ok(sample)
    }
}

/// As many mails of the same size, from a program that only sends them.
#[derive(Debug)]
struct Source {
    mails: u64,
    connections: usize,
}

#[async_trait]
impl Contestant for Source {
    async fn run(&self, _: &Place) -> Result<Sample> {
        let program = postfix::tool(SOURCE).context(INSTALL)?;
        let sink = sink()?;
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("mail");
        // It ends lines with CRLF itself.
        let mail = mail(0)?.message;
        std::fs::write(
            &file,
            String::from_utf8_lossy(mail.bytes()).replace('\r', ""),
        )?;
        let mut source = Command::new(&program);
        source
            // One session sends one mail after the other.
            .args(["-d", "-M", "bench.example.org", "-f", SENDER])
            .args(["-t", "customer@example.org", "-F"])
            .arg(&file)
            .args(["-s", &self.connections.to_string()])
            .args(["-m", &self.mails.to_string()])
            .arg(sink.address());
        let started = Instant::now();
        let ended = source
            .status()
            .await
            .with_context(|| format!("starting {}; {INSTALL}", program.display()))?;
        let took = started.elapsed();
        ensure!(ended.success(), "{SOURCE} ended with {ended}");
        taken(&sink, self.mails)?;
        Ok(Sample::new(self.mails, took))
    }
}

/// Fails unless the far side counted as many.
fn taken(sink: &SmtpSink, wanted: u64) -> Result<()> {
    let count = sink.count();
    ensure!(count == wanted, "{wanted} mails were sent, {count} arrived");
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn mails_are_of_the_size_that_the_title_says() {
        let size = super::mail(1_000).unwrap().message.bytes().len();
        assert!((1_900..=2_200).contains(&size), "{size}");
    }
}
