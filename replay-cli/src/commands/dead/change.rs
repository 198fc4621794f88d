//! Changes to dead letters, one or many.

use queue_core::{Act, Closure, Evidence, JobId, LetterChange, LetterState, Store};

use super::targets::Targets;
use crate::act::Why;
use crate::answer::{Answer, Failure};
use crate::bulk;
use crate::desk::Desk;
use crate::report::{Change, ChangeKind};

/// What is done.
#[derive(Debug, Clone)]
pub(super) enum Verb {
    Attach(Evidence),
    Close(Closure),
}

impl Verb {
    fn command(&self) -> &'static str {
        match self {
            Self::Attach(_) => "dead evidence",
            Self::Close(Closure::Resolve) => "dead resolve",
            Self::Close(Closure::Discard) => "dead discard",
        }
    }

    /// Whether it would be possible, by the table of transitions.
    fn suits(&self, state: LetterState) -> bool {
        match self {
            Self::Attach(_) => matches!(state, LetterState::Open | LetterState::Escalated),
            Self::Close(closure) => state.may_become(closure.target()),
        }
    }

    async fn apply(
        &self,
        store: &dyn Store,
        job: JobId,
        act: &Act,
    ) -> Result<LetterChange, Failure> {
        Ok(match self {
            Self::Attach(evidence) => store.attach_evidence(job, evidence.clone(), act).await?,
            Self::Close(closure) => store.close(job, *closure, act).await?,
        })
    }
}

pub(super) async fn run(
    desk: &Desk,
    targets: &Targets,
    verb: &Verb,
    why: &Why,
) -> Result<Answer, Failure> {
    let store = desk.store().await?;
    let jobs = targets.find(store).await?;
    let act = &why.act()?;
    let dry_run = targets.is_dry(jobs.len());
    bulk::each(desk, verb.command(), &jobs, dry_run, |job| {
        let job = *job;
        async move {
            if dry_run {
                return would(store, job, verb).await;
            }
            desk.will_change(format!("leasehold dead show {job}"));
            Ok(told(job, verb.apply(store, job, act).await?))
        }
    })
    .await
}

async fn would(store: &dyn Store, job: JobId, verb: &Verb) -> Result<Change, Failure> {
    let target = format!("job:{job}");
    Ok(match store.dead_letter(job).await? {
        None => told(job, LetterChange::NotFound),
        Some(letter) if verb.suits(letter.state) => {
            let detail = format!("it is {}", letter.state);
            Change::new(target, ChangeKind::Planned, "would_apply", detail)
        }
        Some(letter) => told(
            job,
            LetterChange::Refused {
                state: letter.state,
            },
        ),
    })
}

fn told(job: JobId, change: LetterChange) -> Change {
    let (kind, detail) = match change {
        LetterChange::Applied { version } => (ChangeKind::Made, format!("version {version}")),
        LetterChange::Refused { state } => (ChangeKind::Refused, format!("it is {state}")),
        LetterChange::NotFound => (ChangeKind::NotFound, "it is no dead letter".to_owned()),
    };
    Change::new(format!("job:{job}"), kind, change.code(), detail)
}
