//! A full outbox, and a deliverer that empties it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use fixtures::delivery::Hooked;
use queue_core::channel::Channel;
use queue_core::{
    ChannelName, ChannelPolicy, Deliverer, Intent, NewNotification, NotificationState,
    PublishBatch, Published, Purpose, Recipient, Revision, Store, Subject, codes,
};

use super::books::Books;
use super::counted::{Counted, Goal};
use crate::backend;
use crate::census::{checkpoint, count};
use crate::record::Sample;
use crate::venue::{Engine, Place};

/// The one channel.
const CHANNEL: &str = "way-out";
/// How many are sent before, so that connections and statements are there.
pub(super) const WARM: u64 = 200;
/// How many are stored at a time: of 4 KiB, they fit into a batch.
const STORED_AT_ONCE: usize = 5_000;
/// After so long a run has failed.
const PATIENCE: Duration = Duration::from_secs(300);

/// What the nth message is for, and to whom.
pub(super) fn intent(n: u64, recipient: &str) -> Result<Intent> {
    Ok(Intent {
        channel: ChannelName::new(CHANNEL)?,
        purpose: Purpose::new("order")?,
        subject: Subject::new(format!("order:{n}"))?,
        recipient: Recipient::new(recipient)?,
        revision: Revision::new(1),
    })
}

/// Stores the messages, delivers them all, and says how long it took until the last was marked. The
/// first [`WARM`] of them are delivered before.
pub(super) async fn deliver(
    place: &Place,
    channel: impl Channel,
    policy: ChannelPolicy,
    mut messages: Vec<NewNotification>,
) -> Result<Sample> {
    let all = messages.len() as u64;
    let measured = messages.split_off(usize::try_from(WARM)?);
    let books = Books::default();
    let store: Arc<dyn Store> = Arc::new(Hooked::new(backend::open(place).await?, books.clone()));
    let goal = Goal::new(all);
    let deliverer = Deliverer::builder(Arc::clone(&store))
        .channel_with(CHANNEL, Counted::new(channel, &goal), policy)
        .build()?;
    publish(&store, messages).await?;
    deliverer.drain().await.context("warming up")?;
    publish(&store, measured).await?;
    checkpoint(place).await?;
    books.take();

    let started = Instant::now();
    let running = deliverer.run(goal.reached());
    let report = tokio::time::timeout(PATIENCE, running)
        .await
        .with_context(|| format!("not all was sent within {PATIENCE:?}"))??;
    let took = started.elapsed();
    let calls = books.take();
    ensure!(report.sent == all, "{all} were to be sent: {report:?}");
    drop(store);
    marked(place, all).await?;
    Ok(Sample {
        calls: Some(calls),
        ..Sample::new(all - WARM, took)
    })
}

async fn publish(store: &Arc<dyn Store>, messages: Vec<NewNotification>) -> Result<()> {
    let mut messages = messages.into_iter().peekable();
    while messages.peek().is_some() {
        let some = messages.by_ref().take(STORED_AT_ONCE).collect();
        let answers = store.publish(PublishBatch::new(some)?).await?;
        let new = |answer: &Published| matches!(answer, Published::Stored(_));
        ensure!(answers.iter().all(new), "two messages have one intent");
    }
    Ok(())
}

/// Fails unless so many rows are marked as sent, and there are no others.
async fn marked(place: &Place, wanted: u64) -> Result<()> {
    let table = match place.engine {
        Engine::Sqlite => "leasehold_notification",
        Engine::Postgres => "leasehold.notification",
    };
    let sent = codes::notification_code(NotificationState::Sent);
    let all = count(place, format!("SELECT count(*) FROM {table}")).await?;
    let sent = format!("SELECT count(*) FROM {table} WHERE state = {sent}");
    let sent = count(place, sent).await?;
    let wanted = i64::try_from(wanted)?;
    ensure!(
        (all, sent) == (wanted, wanted),
        "{wanted} were to be marked as sent, {sent} of {all} are"
    );
    Ok(())
}
