//! `leasehold retention set` and `clear`

use clap::Args;
use queue_core::{Kept, QueueName, RetentionRule, RetentionSort};

use crate::act::Why;
use crate::answer::{Answer, Failure};
use crate::commands::queue::{self, Fresh};
use crate::desk::Desk;
use crate::report::{self, Change, ChangeKind};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold retention set history 7d --queue mail --reason 'the disk fills, OPS-17'
  leasehold retention set resolved-letters 180d --reason 'the auditors ask for half a year'
  leasehold retention set history forever --queue billing --reason OPS-18
  leasehold retention set keys 2d --reason 'no caller repeats after two days'

Sorts: history, resolved-letters, discarded-letters, notifications, keys, subjects, replays, suppressions,
audit. Spans from 1m to 100 years, or forever. A rule of a queue comes before one of all queues. A cap on
keys breaks what callers were promised: a job that comes again later is a new one. Of audit nothing goes
but what `leasehold audit archive` has archived.")]
pub(crate) struct Set {
    /// What is kept
    sort: RetentionSort,
    /// How long after its end: a span such as 30d, or forever
    #[arg(value_name = "DURATION", value_parser = Kept::parse)]
    kept: Kept,
    /// Only in this queue
    #[arg(long, value_name = "QUEUE")]
    queue: Option<QueueName>,
    #[command(flatten)]
    fresh: Fresh,
    #[command(flatten)]
    why: Why,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold retention clear history --queue mail --reason 'the disk is larger now, OPS-17'
  leasehold retention clear keys --reason OPS-18

What was removed under the rule does not come back.")]
pub(crate) struct Clear {
    /// What is kept
    sort: RetentionSort,
    /// The rule of this queue
    #[arg(long, value_name = "QUEUE")]
    queue: Option<QueueName>,
    #[command(flatten)]
    why: Why,
}

pub(super) async fn set(desk: &Desk, options: &Set) -> Result<Answer, Failure> {
    let rule = RetentionRule::new(options.sort, options.queue.clone(), options.kept)
        .map_err(|error| Failure::usage(error.to_string()))?;
    let store = desk.store().await?;
    if let Some(queue) = &options.queue {
        queue::check(store, queue, Some(options.fresh)).await?;
    }
    let act = options.why.act()?;
    desk.will_change("leasehold retention list");
    let changed = store.set_retention(&rule, &act).await?;
    let outcome = if changed { "set" } else { "unchanged" };
    answer(
        desk,
        "retention set",
        rule.sort(),
        rule.queue(),
        outcome,
        &options.kept.to_string(),
    )
}

pub(super) async fn clear(desk: &Desk, options: &Clear) -> Result<Answer, Failure> {
    let (sort, queue) = (options.sort, options.queue.as_ref());
    let store = desk.store().await?;
    let act = options.why.act()?;
    desk.will_change("leasehold retention list");
    let changed = store.clear_retention(sort, queue, &act).await?;
    let (outcome, detail) = if changed {
        let kept = store.retention().await?.kept(sort, queue);
        ("cleared", format!("now kept {kept}"))
    } else {
        ("unchanged", "there is no such rule".to_owned())
    };
    answer(desk, "retention clear", sort, queue, outcome, &detail)
}

fn answer(
    desk: &Desk,
    command: &str,
    sort: RetentionSort,
    queue: Option<&QueueName>,
    outcome: &str,
    detail: &str,
) -> Result<Answer, Failure> {
    let of = queue.map(|queue| format!("/{queue}")).unwrap_or_default();
    let target = format!("retention:{sort}{of}");
    let change = Change::new(target, ChangeKind::Made, outcome, detail);
    report::changes(desk, command, &[change], false)
}
