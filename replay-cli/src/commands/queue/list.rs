//! `leasehold queue list`

use std::collections::BTreeMap;

use queue_core::{Count, OrderingMode, QueueName, QueueSettings, QueueStats};
use queue_ops::rate;
use serde::Serialize;

use crate::answer::{Answer, Failure};
use crate::commands::stats::CountItem;
use crate::desk::Desk;
use crate::report::{self, Row};
use crate::style::Tone;
use crate::table::Cell;

#[derive(Debug, Serialize)]
struct QueueItem {
    #[serde(flatten)]
    limits: LimitsItem,
    ready: CountItem,
    scheduled: CountItem,
    waiting: CountItem,
    running: CountItem,
    oldest_ready_seconds: Option<f64>,
    #[serde(skip)]
    stats: Option<QueueStats>,
}

/// A queue's settings.
#[derive(Debug, Serialize)]
pub(super) struct LimitsItem {
    pub(super) queue: String,
    pub(super) paused: bool,
    pub(super) max_running: Option<u32>,
    /// As it is given: `10/s`.
    pub(super) rate: Option<String>,
    pub(super) burst: Option<u32>,
    pub(super) fair: bool,
    pub(super) ordering: &'static str,
}

impl From<&QueueSettings> for LimitsItem {
    fn from(settings: &QueueSettings) -> Self {
        Self {
            queue: settings.queue.to_string(),
            paused: settings.paused,
            max_running: settings.max_running,
            rate: settings.rate.as_ref().map(rate::written),
            burst: settings.rate.as_ref().map(queue_core::RateLimit::burst),
            fair: settings.fair,
            ordering: match settings.ordering {
                OrderingMode::Strict => "strict",
                OrderingMode::Loose => "loose",
            },
        }
    }
}

impl QueueItem {
    fn new(settings: &QueueSettings, stats: Option<QueueStats>) -> Self {
        let count =
            |of: fn(&QueueStats) -> Count| stats.as_ref().map(of).unwrap_or_default().into();
        Self {
            limits: settings.into(),
            ready: count(|stats| stats.ready),
            scheduled: count(|stats| stats.scheduled),
            waiting: count(|stats| stats.waiting),
            running: count(|stats| stats.running),
            oldest_ready_seconds: stats
                .as_ref()
                .and_then(|stats| stats.oldest_ready)
                .map(|age| age.as_secs_f64()),
            stats,
        }
    }
}

impl Row for QueueItem {
    const COLUMNS: &'static [&'static str] = &[
        "queue",
        "paused",
        "ready",
        "scheduled",
        "waiting",
        "running",
        "oldest",
        "at most",
        "rate",
        "fair",
        "ordering",
    ];

    fn cells(&self) -> Vec<Cell> {
        let count = |of: fn(&QueueStats) -> Count| {
            Cell::from(self.stats.as_ref().map(of).unwrap_or_default())
        };
        let limits = &self.limits;
        vec![
            Cell::text(&limits.queue),
            if limits.paused {
                Cell::toned("paused", Tone::Wait)
            } else {
                Cell::Empty
            },
            count(|stats| stats.ready),
            count(|stats| stats.scheduled),
            count(|stats| stats.waiting),
            count(|stats| stats.running),
            Cell::maybe(
                self.stats.as_ref().and_then(|stats| stats.oldest_ready),
                Cell::Span,
            ),
            Cell::maybe(limits.max_running, Cell::number),
            Cell::maybe(limits.rate.as_ref(), Cell::word),
            if limits.fair {
                Cell::word("fair")
            } else {
                Cell::Empty
            },
            Cell::word(limits.ordering),
        ]
    }
}

pub(super) async fn run(desk: &Desk) -> Result<Answer, Failure> {
    let (store, style) = desk.store_and_style().await?;
    let stats = store.stats().await?.queues.into_iter();
    let mut stats: BTreeMap<QueueName, QueueStats> =
        stats.map(|stats| (stats.queue.clone(), stats)).collect();
    let mut settings: BTreeMap<QueueName, QueueSettings> = stats
        .keys()
        .map(|queue| (queue.clone(), QueueSettings::new(queue.clone())))
        .collect();
    for known in store.queues().await? {
        settings.insert(known.queue.clone(), known);
    }
    let items: Vec<_> = settings
        .iter()
        .map(|(queue, settings)| QueueItem::new(settings, stats.remove(queue)))
        .collect();
    report::list(desk, style, "queue list", &items, None::<String>)
}
