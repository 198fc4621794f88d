//! `leasehold stats`: how much there is of what.

use clap::Args;
use queue_core::{Count, QueueStats};
use serde::Serialize;

use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::report::{self, Sheet};
use crate::table::Cell;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold stats
  leasehold stats --json | jq .item.dead.counted

Counting stops at 10,000 of a sort, which then has a + behind it: so it costs little, however
much there is.")]
pub(crate) struct Stats {}

#[derive(Debug, Serialize)]
struct StatsItem {
    queues: Vec<QueueItem>,
    awaiting_delivery: CountItem,
    dead: CountItem,
    notifications: OutboxItem,
}

#[derive(Debug, Serialize)]
struct QueueItem {
    queue: String,
    ready: CountItem,
    scheduled: CountItem,
    waiting: CountItem,
    running: CountItem,
    oldest_ready_seconds: Option<f64>,
    kinds: Vec<KindItem>,
}

#[derive(Debug, Serialize)]
struct KindItem {
    kind: String,
    ready: CountItem,
}

#[derive(Debug, Serialize)]
struct OutboxItem {
    pending: CountItem,
    sending: CountItem,
    in_doubt: CountItem,
    failed: CountItem,
    lag_seconds: Option<f64>,
    oldest_doubt_seconds: Option<f64>,
}

/// A count, and whether there may be more.
#[derive(Debug, Serialize)]
pub(crate) struct CountItem {
    counted: u32,
    capped: bool,
}

impl From<Count> for CountItem {
    fn from(count: Count) -> Self {
        Self {
            counted: count.counted,
            capped: count.capped,
        }
    }
}

impl From<&QueueStats> for QueueItem {
    fn from(stats: &QueueStats) -> Self {
        Self {
            queue: stats.queue.to_string(),
            ready: stats.ready.into(),
            scheduled: stats.scheduled.into(),
            waiting: stats.waiting.into(),
            running: stats.running.into(),
            oldest_ready_seconds: stats.oldest_ready.map(|age| age.as_secs_f64()),
            kinds: stats
                .kinds
                .iter()
                .map(|(kind, ready)| KindItem {
                    kind: kind.to_string(),
                    ready: (*ready).into(),
                })
                .collect(),
        }
    }
}

pub(crate) async fn run(desk: &Desk) -> Result<Answer, Failure> {
    let (store, style) = desk.store_and_style().await?;
    let stats = store.stats().await?;
    let outbox = store.outbox_stats().await?;
    let item = StatsItem {
        queues: stats.queues.iter().map(QueueItem::from).collect(),
        awaiting_delivery: stats.awaiting_delivery.into(),
        dead: stats.dead.into(),
        notifications: OutboxItem {
            pending: outbox.pending.into(),
            sending: outbox.sending.into(),
            in_doubt: outbox.in_doubt.into(),
            failed: outbox.failed.into(),
            lag_seconds: outbox.lag.map(|lag| lag.as_secs_f64()),
            oldest_doubt_seconds: outbox.oldest_doubt.map(|age| age.as_secs_f64()),
        },
    };
    let queues = stats.queues.iter().map(|queue| {
        vec![
            Cell::text(&queue.queue),
            queue.ready.into(),
            queue.scheduled.into(),
            queue.waiting.into(),
            queue.running.into(),
            Cell::maybe(queue.oldest_ready, Cell::Span),
        ]
    });
    let kinds = stats.queues.iter().flat_map(|queue| {
        let kinds = queue.kinds.iter();
        kinds.map(|(kind, ready)| vec![Cell::text(&queue.queue), Cell::text(kind), (*ready).into()])
    });
    let sheet = Sheet::default()
        .field("dead letters", stats.dead.into())
        .field("awaiting delivery", stats.awaiting_delivery.into())
        .field("notifications pending", outbox.pending.into())
        .field("notifications sending", outbox.sending.into())
        .field("notifications in doubt", outbox.in_doubt.into())
        .field("notifications failed", outbox.failed.into())
        .maybe("outbox lag", outbox.lag, Cell::Span)
        .maybe("oldest doubt", outbox.oldest_doubt, Cell::Span)
        .table(
            "queues",
            &[
                "queue",
                "ready",
                "scheduled",
                "waiting",
                "running",
                "oldest",
            ],
            queues.collect(),
        )
        .table("kinds", &["queue", "kind", "ready"], kinds.collect());
    report::show(desk, style, "stats", &item, &sheet)
}
