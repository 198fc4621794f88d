//! `leasehold job cancel`

use clap::Args;
use queue_core::{Cancelled, JobId, JobState, Store};

use super::targets::Targets;
use crate::act::Why;
use crate::answer::{Answer, Failure};
use crate::bulk;
use crate::desk::Desk;
use crate::report::{Change, ChangeKind};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold job cancel 1042 --reason 'ordered twice, OPS-17'
  leasehold job cancel --all-matching --kind load_test --reason 'test data, OPS-17' --yes

A running job is told at its worker's next renewal, and whatever it comes to is refused then.")]
pub(crate) struct Cancel {
    #[command(flatten)]
    targets: Targets,
    #[command(flatten)]
    why: Why,
}

pub(super) async fn run(desk: &Desk, options: &Cancel) -> Result<Answer, Failure> {
    let store = desk.store().await?;
    let jobs = options.targets.find(store).await?;
    let act = &options.why.act()?;
    let dry_run = options.targets.is_dry(jobs.len());
    bulk::each(desk, "job cancel", &jobs, dry_run, |job| {
        let job = *job;
        async move {
            if dry_run {
                return would(store, job).await;
            }
            desk.will_change(format!("leasehold job show {job}"));
            Ok(told(job, store.cancel(job, act).await?))
        }
    })
    .await
}

async fn would(store: &dyn Store, job: JobId) -> Result<Change, Failure> {
    let state = store.job(job).await?.map(|view| view.state);
    let planned = |detail| {
        let target = format!("job:{job}");
        Change::new(target, ChangeKind::Planned, "would_apply", detail)
    };
    Ok(match state {
        None => told(job, Cancelled::NotFound),
        Some(JobState::Queued) => planned("it is queued"),
        Some(JobState::Running) => planned("it runs, and would be asked to stop"),
        Some(state) => told(job, Cancelled::TooLate(state)),
    })
}

fn told(job: JobId, cancelled: Cancelled) -> Change {
    let (kind, detail) = match cancelled {
        Cancelled::Cancelled => (ChangeKind::Made, String::new()),
        Cancelled::Requested => (ChangeKind::Made, "it runs, and is asked to stop".to_owned()),
        Cancelled::TooLate(state) => (ChangeKind::Refused, format!("it is {state}")),
        Cancelled::NotFound => (ChangeKind::NotFound, "there is no such job".to_owned()),
    };
    Change::new(format!("job:{job}"), kind, cancelled.code(), detail)
}
