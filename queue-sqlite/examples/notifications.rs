//! Three messages. The process that sends them is killed when the far side has taken the first and has not
//! said so yet; the next one knows what it does not know.
//!
//! `cargo run --example notifications`

use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use async_trait::async_trait;
use queue_core::channel::{Capabilities, Channel, Gate, Outgoing, Receipt, SendError};
use queue_core::{
    Act, Actor, ChannelName, ChannelPolicy, Deliverer, Evidence, Intent, NewNotification,
    NotificationState, NotificationVerb, OperatorStore, OutboxStore, Page, Payload, PublishBatch,
    Purpose, Recipient, Revision, Subject, VerbBatch,
};
use queue_sqlite::SqliteStore;

/// A far side that keeps what it takes in a file. It can do nothing else for us.
#[derive(Debug)]
struct Postbox {
    file: PathBuf,
    slowly: bool,
}

#[async_trait]
impl Channel for Postbox {
    fn capabilities(&self) -> Capabilities {
        Capabilities::none()
    }

    async fn send(&self, message: &Outgoing, gate: &mut Gate) -> Result<Receipt, SendError> {
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.file)
            .map_err(|error| SendError::unreachable(error.to_string()))?;
        gate.commit().await?;
        let line = format!("{}\n", message.intent().subject);
        file.write_all(line.as_bytes())
            .map_err(|error| SendError::reply_lost(error.to_string()))?;
        println!("  taken: {}", message.intent().subject);
        if self.slowly {
            // It does not say so: the process is killed meanwhile.
            std::future::pending::<()>().await;
        }
        Ok(Receipt::none())
    }
}

fn deliverer(store: &SqliteStore, file: PathBuf, slowly: bool) -> Result<Deliverer> {
    let policy = ChannelPolicy {
        concurrency: 1,
        // Short, so that the wait for the killed process's lease is.
        lease: Duration::from_secs(1),
        ..ChannelPolicy::default()
    };
    let postbox = Postbox { file, slowly };
    Ok(Deliverer::builder(Arc::new(store.clone()))
        .channel_with("postbox", postbox, policy)
        .build()?)
}

#[tokio::main]
async fn main() -> Result<()> {
    if let Some(folder) = std::env::args().nth(1) {
        let folder = Path::new(&folder);
        let store = SqliteStore::open(folder.join("app.db")).await?;
        // Until it is killed.
        let deliverer = deliverer(&store, folder.join("postbox"), true)?;
        deliverer.run(std::future::pending()).await?;
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let postbox = folder.path().join("postbox");
    let store = SqliteStore::open(folder.path().join("app.db")).await?;
    let messages = (1..=3).map(message).collect::<Result<Vec<_>>>()?;
    store.publish(PublishBatch::new(messages)?).await?;

    println!("a process begins to send:");
    let mut child = start(folder.path())?;
    wait_for(&mut child, "taken: message 1")?;
    child.kill()?;
    child.wait()?;
    println!("it is killed before it hears that the message was taken; the next one:");

    let deliverer = deliverer(&store, postbox.clone(), false)?;
    let page = || Page::first(10);
    // Until the killed process's lease has run out, and the rest has come.
    while store
        .notifications(NotificationState::InDoubt, page()?)
        .await?
        .is_empty()
        || store
            .notifications(NotificationState::Sent, page()?)
            .await?
            .len()
            < 2
    {
        deliverer.drain().await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let doubts = store
        .notifications(NotificationState::InDoubt, page()?)
        .await?;
    ensure!(doubts.len() == 1, "one message is in doubt");
    for row in &doubts {
        println!(
            "  in doubt: {}, it had come to `{}`",
            row.intent.subject,
            row.phase.as_str()
        );
    }

    println!("an operator looks into the postbox, and says what is there:");
    let there = std::fs::read_to_string(&postbox)?;
    for row in doubts {
        ensure!(there.contains(row.intent.subject.as_str()), "it was taken");
        let seen = Evidence::new("postbox", "it is in there")?;
        let verdict = VerbBatch::new(NotificationVerb::Delivered(seen), vec![(row.id, row.fence)])?;
        let act = Act::new(Actor::new("ada")?, "asked by the support");
        store.decide_notifications(verdict, &act).await?;
    }
    let sent = store
        .notifications(NotificationState::Sent, page()?)
        .await?;
    println!(
        "  sent: {} of 3, and the postbox holds {} lines",
        sent.len(),
        there.lines().count()
    );
    ensure!(
        sent.len() == 3 && there.lines().count() == 3,
        "each came once"
    );
    Ok(())
}

fn message(number: u32) -> Result<NewNotification> {
    let intent = Intent {
        channel: ChannelName::new("postbox")?,
        purpose: Purpose::new("example")?,
        subject: Subject::new(format!("message {number}"))?,
        recipient: Recipient::new("ada@example.org")?,
        revision: Revision::new(1),
    };
    Ok(NewNotification::new(
        intent,
        Payload::new("Dear Ada, …", "text/plain")?,
    ))
}

fn start(folder: &Path) -> Result<Child> {
    let child = Command::new(std::env::current_exe()?)
        .arg(folder)
        .stdout(Stdio::piped())
        .spawn()?;
    Ok(child)
}

/// Passes on what the child says, until it says that.
fn wait_for(child: &mut Child, text: &str) -> Result<()> {
    let output = child.stdout.take().context("its output is piped")?;
    for line in BufReader::new(output).lines() {
        let line = line?;
        println!("{line}");
        if line.contains(text) {
            return Ok(());
        }
    }
    anyhow::bail!("the process ended by itself")
}
