//! `leasehold queue`: queues, their pauses and limits.

mod limits;
mod list;

use std::collections::BTreeSet;

use clap::{Args, Subcommand};
use queue_core::catalogue::{near, nearest_is};
use queue_core::{
    GroupBy, JobFilter, JobState, LetterFilter, Page, QueueChange, QueueName, QueueSettings, Store,
    StoreError,
};
use queue_ops::letters;

use crate::act::Why;
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::report::{self, Change, ChangeKind};

#[derive(Debug, Subcommand)]
pub(crate) enum Queue {
    /// List the queues whose jobs wait or run, or that have settings
    #[command(after_help = "\
Examples:
  leasehold queue list
  leasehold queue list --json | jq '.items[] | select(.paused).queue'

Columns: queue, paused, ready, scheduled, waiting, running, age of the oldest ready job, at most
running, rate, fair, ordering. Jobs that are done but for their messages are in `leasehold job list
--state awaiting_delivery`, and dead ones in `leasehold dead groups --by queue`: a queue that has
nothing else is not listed.")]
    List,
    /// Let a queue accept jobs and hand none out
    #[command(after_help = "\
Example:
  leasehold queue pause mail --reason 'the relay is down, OPS-17'

Jobs that run go on. A queue that is paused already is left as it is, without a record.")]
    Pause(Pause),
    /// Let a paused queue go on
    #[command(after_help = "\
Example:
  leasehold queue resume mail --reason 'the relay is back, OPS-17'

A queue that is not paused is left as it is, without a record.")]
    Resume(Target),
    /// Show the limits of a queue, or change them
    Limits(limits::Limits),
}

/// How many jobs are looked at for the names of their queues.
const LOOKED_AT: u32 = 1000;

/// Which queue, and why.
#[derive(Debug, Args)]
pub(crate) struct Pause {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    fresh: Fresh,
}

/// Which queue, and why.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// The queue
    queue: QueueName,
    #[command(flatten)]
    why: Why,
}

/// Settings for a queue that is not there yet.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct Fresh {
    /// Set it up before its first job: also where no queue of this name has jobs or settings
    #[arg(long)]
    new: bool,
}

pub(crate) async fn run(desk: &Desk, command: Queue) -> Result<Answer, Failure> {
    match command {
        Queue::List => list::run(desk).await,
        Queue::Pause(options) => pause(desk, &options.target, Some(options.fresh), true).await,
        Queue::Resume(target) => pause(desk, &target, None, false).await,
        Queue::Limits(options) => limits::run(desk, &options).await,
    }
}

async fn pause(
    desk: &Desk,
    target: &Target,
    fresh: Option<Fresh>,
    paused: bool,
) -> Result<Answer, Failure> {
    let (command, outcome) = if paused {
        ("queue pause", "paused")
    } else {
        ("queue resume", "resumed")
    };
    let store = desk.store().await?;
    let settings = settings(store, &target.queue, fresh).await?;
    let name = format!("queue:{}", target.queue);
    let change = if settings.paused == paused {
        let detail = if paused {
            "it is paused"
        } else {
            "it is not paused"
        };
        Change::new(name, ChangeKind::Made, "unchanged", detail)
    } else {
        let act = target.why.act()?;
        let change = QueueChange {
            paused: Some(paused),
            ..QueueChange::default()
        };
        desk.will_change("leasehold queue list");
        store.configure(&target.queue, change, &act).await?;
        Change::new(name, ChangeKind::Made, outcome, "")
    };
    report::changes(desk, command, &[change], false)
}

/// The settings of a queue. One that nobody ever heard of is likely to be a mistake.
async fn settings(
    store: &dyn Store,
    queue: &QueueName,
    fresh: Option<Fresh>,
) -> Result<QueueSettings, Failure> {
    let known = store.queues().await?;
    if let Some(settings) = known.iter().find(|settings| settings.queue == *queue) {
        return Ok(settings.clone());
    }
    check(store, queue, fresh).await?;
    Ok(QueueSettings::new(queue.clone()))
}

/// Refuses a queue in which nothing is and for which nothing is set, unless that is meant: `--new`, where
/// the command takes it.
pub(crate) async fn check(
    store: &dyn Store,
    queue: &QueueName,
    fresh: Option<Fresh>,
) -> Result<(), Failure> {
    if fresh.is_some_and(|fresh| fresh.new) {
        return Ok(());
    }
    let mut names = named(store).await?;
    if names.contains(queue) || has_jobs(store, queue).await? || has_letters(store, queue).await? {
        return Ok(());
    }
    names.extend(ended(store).await?);
    let near = near(queue.as_str(), &names, |name| name.as_str());
    let hint = nearest_is(near.map(QueueName::as_str));
    let instead = fresh.map_or("", |_| "; where it is meant so, give --new");
    Err(Failure::not_found(format!(
        "no queue `{queue}` has jobs or settings{hint}{instead}"
    )))
}

/// Queues whose jobs wait or run, and those that something is set for.
async fn named(store: &dyn Store) -> Result<BTreeSet<QueueName>, Failure> {
    let stats = store.stats().await?.queues.into_iter();
    let mut names: BTreeSet<_> = stats.map(|stats| stats.queue).collect();
    let settings = store.queues().await?.into_iter();
    names.extend(settings.map(|settings| settings.queue));
    let rules = store.retention().await?;
    names.extend(rules.rules().filter_map(|(_, queue, _)| queue.cloned()));
    Ok(names)
}

/// Queues whose jobs died, or are done but for their messages: of very many, those that a bounded look finds. That is
/// enough to tell what may have been meant.
async fn ended(store: &dyn Store) -> Result<BTreeSet<QueueName>, Failure> {
    let filter = JobFilter {
        state: Some(JobState::AwaitingDelivery),
        ..JobFilter::default()
    };
    let page = Page::first(LOOKED_AT).map_err(StoreError::from)?;
    let jobs = store.jobs(&filter, page).await?.jobs.into_iter();
    let mut names: BTreeSet<_> = jobs.map(|job| job.queue).collect();
    let dead = store
        .letter_groups(&LetterFilter::default(), GroupBy::Queue)
        .await?;
    let dead = dead.groups.into_iter();
    names.extend(dead.filter_map(|group| QueueName::new(group.value).ok()));
    Ok(names)
}

/// A queue may have nothing but jobs that are done but for their messages.
async fn has_jobs(store: &dyn Store, queue: &QueueName) -> Result<bool, Failure> {
    let filter = JobFilter {
        queue: Some(queue.clone()),
        ..JobFilter::default()
    };
    let mut page = Page::first(1).map_err(StoreError::from)?;
    loop {
        let found = store.jobs(&filter, page).await?;
        match found.next {
            _ if !found.jobs.is_empty() => return Ok(true),
            Some(next) => page = page.after(next.get()),
            None => return Ok(false),
        }
    }
}

/// A queue may have nothing but jobs that died.
async fn has_letters(store: &dyn Store, queue: &QueueName) -> Result<bool, Failure> {
    let filter = LetterFilter {
        queue: Some(queue.clone()),
        ..LetterFilter::default()
    };
    let found = letters::page(store, &filter, 1, None).await?;
    Ok(!found.letters.is_empty())
}
