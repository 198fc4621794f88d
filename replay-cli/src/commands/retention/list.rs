//! `leasehold retention list`

use clap::Args;
use queue_core::{QueueName, Retention, RetentionSort};
use serde::Serialize;

use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::report::{self, Row};
use crate::table::Cell;

#[derive(Debug, Args)]
#[command(
    visible_alias = "show",
    after_help = "\
Examples:
  leasehold retention list
  leasehold retention list --queue mail
  leasehold retention list --json | jq '.items[] | select(.from != \"default\")'

Columns: sort, queue, kept, from (queue: a rule of the queue's; all: the rule for all queues; default: no
rule), about. Without a queue each sort is listed once, and besides every queue that has a rule of its own.
Jobs that wait or run, letters that are open, notifications that are not settled are kept until they end."
)]
pub(crate) struct List {
    /// What holds in this queue
    #[arg(long, value_name = "QUEUE")]
    queue: Option<QueueName>,
    /// Only of this sort
    #[arg(value_name = "SORT")]
    sort: Option<RetentionSort>,
}

#[derive(Debug, Serialize)]
struct KeptItem {
    sort: &'static str,
    queue: Option<String>,
    kept: String,
    /// None is for ever.
    kept_seconds: Option<u64>,
    from: &'static str,
    about: &'static str,
}

impl KeptItem {
    fn of(retention: &Retention, sort: RetentionSort, queue: Option<&QueueName>) -> Self {
        let queue = queue.filter(|_| sort.is_by_queue());
        let (kept, origin) = retention.resolve(sort, queue);
        Self {
            sort: sort.as_str(),
            queue: queue.map(ToString::to_string),
            kept: kept.to_string(),
            kept_seconds: kept.seconds(),
            from: origin.as_str(),
            about: sort.about(),
        }
    }
}

impl Row for KeptItem {
    const COLUMNS: &'static [&'static str] = &["sort", "queue", "kept", "from", "about"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::text(self.sort),
            self.queue.as_ref().map_or(Cell::Empty, Cell::text),
            Cell::text(&self.kept),
            Cell::text(self.from),
            Cell::text(self.about),
        ]
    }
}

pub(super) async fn run(desk: &Desk, options: &List) -> Result<Answer, Failure> {
    let (store, style) = desk.store_and_style().await?;
    let retention = store.retention().await?;
    let wanted = |sort: &RetentionSort| options.sort.is_none_or(|only| only == *sort);
    let mut items = Vec::new();
    for sort in RetentionSort::ALL.into_iter().filter(wanted) {
        items.push(KeptItem::of(&retention, sort, options.queue.as_ref()));
        if options.queue.is_none() {
            let own = retention.rules().filter(|(of, ..)| *of == sort);
            let own = own.filter_map(|(_, queue, _)| queue);
            items.extend(own.map(|queue| KeptItem::of(&retention, sort, Some(queue))));
        }
    }
    report::list(desk, style, "retention list", &items, None::<String>)
}
