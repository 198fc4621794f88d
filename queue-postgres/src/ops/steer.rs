//! Stopping jobs.

use std::collections::BTreeSet;

use queue_core::{Act, AuditEntry, Cancelled, JobId, JobState, Payload, codes};
use sqlx::Row;

use crate::fault::Result;
use crate::ops::{audit, finish, turn};
use crate::session::Session;
use crate::sql::sql;

/// Cancels a queued job, asks a running one to stop, on record.
pub(crate) async fn cancel(session: &mut Session<'_>, id: JobId, act: &Act) -> Result<Cancelled> {
    let turns: BTreeSet<_> = turn::keys(session, &[id.get()]).await?;
    turn::lock(session, &turns).await?;
    let Some(job) = finish::lock(session, &[id.get()]).await?.remove(&id) else {
        return elsewhere(session, id).await;
    };
    match codes::job_state(job.state)? {
        JobState::Running => {
            if !job.is_asked_to_stop() {
                let request = session
                    .statement(sql!("steer", "steer_request"))
                    .bind(id.get());
                session.execute(request).await?;
                audit::record(session, AuditEntry::cancel(act, id, true)).await?;
            }
            Ok(Cancelled::Requested)
        }
        JobState::Queued => {
            let why = Payload::of_cancellation(&act.reason);
            finish::finish(session, &job, JobState::Cancelled, Some(&why)).await?;
            audit::record(session, AuditEntry::cancel(act, id, false)).await?;
            Ok(Cancelled::Cancelled)
        }
        other => Ok(Cancelled::TooLate(other)),
    }
}

async fn elsewhere(session: &mut Session<'_>, id: JobId) -> Result<Cancelled> {
    let statement = session
        .statement(sql!("steer", "steer_elsewhere"))
        .bind(id.get());
    match session.maybe(statement).await? {
        None => Ok(Cancelled::NotFound),
        Some(row) => {
            let code: i16 = row.try_get_unchecked(0)?;
            Ok(Cancelled::TooLate(codes::job_state(code)?))
        }
    }
}
