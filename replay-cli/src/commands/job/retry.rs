//! `leasehold job retry`

use clap::Args;
use queue_core::{Hastened, JobId, JobState, Store, Timestamp};

use super::targets::Targets;
use crate::act::Why;
use crate::answer::{Answer, Failure};
use crate::bulk;
use crate::desk::Desk;
use crate::report::{Change, ChangeKind};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold job retry 1042 --reason 'the provider is back, OPS-17'
  leasehold job retry --all-matching --queue mail --state queued \\
      --reason 'the provider is back, OPS-17' --yes

The attempt counts as it would have later. A job of an ordering key keeps its place. Dead jobs
are not retried but replayed, with evidence.")]
pub(crate) struct Retry {
    #[command(flatten)]
    targets: Targets,
    #[command(flatten)]
    why: Why,
}

pub(super) async fn run(desk: &Desk, options: &Retry) -> Result<Answer, Failure> {
    let store = desk.store().await?;
    let jobs = options.targets.find(store).await?;
    let act = &options.why.act()?;
    let dry_run = options.targets.is_dry(jobs.len());
    let now = store.now().await?;
    bulk::each(desk, "job retry", &jobs, dry_run, |job| {
        let job = *job;
        async move {
            if dry_run {
                return would(store, job, now).await;
            }
            desk.will_change(format!("leasehold job show {job}"));
            Ok(told(job, store.hasten(job, act).await?))
        }
    })
    .await
}

async fn would(store: &dyn Store, job: JobId, now: Timestamp) -> Result<Change, Failure> {
    Ok(match store.job(job).await? {
        None => told(job, Hastened::NotFound),
        Some(view) if view.state != JobState::Queued => {
            let state = view.state;
            told(job, Hastened::Refused { state })
        }
        Some(view) if view.run_at <= now => told(job, Hastened::Due { changed: false }),
        Some(view) => {
            let detail = format!("it is due at {}", view.run_at);
            let target = format!("job:{job}");
            Change::new(target, ChangeKind::Planned, "would_apply", detail)
        }
    })
}

fn told(job: JobId, hastened: Hastened) -> Change {
    let (kind, outcome, detail) = match hastened {
        Hastened::Due { changed: true } => (ChangeKind::Made, hastened.code(), String::new()),
        Hastened::Due { changed: false } => (
            ChangeKind::Made,
            "unchanged",
            "it is due already".to_owned(),
        ),
        Hastened::Refused { state } => (ChangeKind::Refused, hastened.code(), refusal(state)),
        Hastened::NotFound => {
            let detail = "there is no such job".to_owned();
            (ChangeKind::NotFound, hastened.code(), detail)
        }
    };
    Change::new(format!("job:{job}"), kind, outcome, detail)
}

fn refusal(state: JobState) -> String {
    match state {
        JobState::Dead => "it is dead: attach evidence, and replay it".to_owned(),
        state => format!("it is {state}"),
    }
}
