//! Decisions on messages, one or many.

use queue_core::{
    Act, NotificationChange, NotificationId, NotificationVerb, Store, StoreError, VerbBatch,
};

use crate::answer::{Answer, Failure};
use crate::bulk;
use crate::desk::Desk;
use crate::report::{Change, ChangeKind};

/// Each as it is when its turn comes; one that is taken up by a deliverer in between is left alone.
pub(super) async fn run(
    desk: &Desk,
    command: &str,
    ids: &[NotificationId],
    verb: &NotificationVerb,
    act: &Act,
    dry_run: bool,
) -> Result<Answer, Failure> {
    let store = desk.store().await?;
    bulk::each(desk, command, ids, dry_run, |id| {
        let id = *id;
        async move {
            if !dry_run {
                desk.will_change(format!("leasehold notification show {id}"));
            }
            decide(store, id, verb, act, dry_run).await
        }
    })
    .await
}

async fn decide(
    store: &dyn Store,
    id: NotificationId,
    verb: &NotificationVerb,
    act: &Act,
    dry_run: bool,
) -> Result<Change, Failure> {
    let Some(row) = store.notification(id).await? else {
        return Ok(told(id, &NotificationChange::NotFound));
    };
    if row.state != verb.from() {
        return Ok(told(id, &NotificationChange::Refused { state: row.state }));
    }
    if dry_run {
        let detail = format!("it is {}", row.state.as_str());
        let target = format!("notification:{id}");
        return Ok(Change::new(
            target,
            ChangeKind::Planned,
            "would_apply",
            detail,
        ));
    }
    let batch = VerbBatch::new(verb.clone(), vec![(id, row.fence)]).map_err(StoreError::from)?;
    let changes = store.decide_notifications(batch, act).await?;
    Ok(told(
        id,
        changes.first().unwrap_or(&NotificationChange::NotFound),
    ))
}

fn told(id: NotificationId, change: &NotificationChange) -> Change {
    let (kind, detail) = match change {
        NotificationChange::Applied {
            state,
            finished_jobs,
        } => {
            let finished = finished_jobs
                .iter()
                .map(|job| format!(", job {job} is done"));
            let detail = format!("it is {}{}", state.as_str(), finished.collect::<String>());
            (ChangeKind::Made, detail)
        }
        NotificationChange::NotFound => {
            let detail = "there is no such notification".to_owned();
            (ChangeKind::NotFound, detail)
        }
        NotificationChange::Changed => {
            let detail = "it was taken up meanwhile: look again".to_owned();
            (ChangeKind::Refused, detail)
        }
        NotificationChange::Refused { state } => {
            (ChangeKind::Refused, format!("it is {}", state.as_str()))
        }
    };
    Change::new(format!("notification:{id}"), kind, change.code(), detail)
}
