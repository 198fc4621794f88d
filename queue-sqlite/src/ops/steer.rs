//! What operators do to jobs and queues.

use queue_core::{Act, AuditEntry, Cancelled, JobId, QueueChange, QueueName, QueueSettings, codes};
use rusqlite::OptionalExtension;

use crate::fault::Result;
use crate::ops::finish::{self, Ending};
use crate::ops::{audit, queues};
use crate::session::Session;
use crate::sql::sql;

/// Cancels a queued job and asks a running one to stop.
pub(crate) fn cancel(session: &Session<'_>, id: JobId, act: &Act) -> Result<Cancelled> {
    let Some(job) = finish::look(session, id)? else {
        let state: Option<i16> = session
            .prepare(sql!("steer", "steer_elsewhere"))?
            .query_row([id.get()], |row| row.get(0))
            .optional()?;
        return state.map_or(Ok(Cancelled::NotFound), |code| {
            Ok(Cancelled::TooLate(codes::job_state(code)?))
        });
    };
    let (done, requested) = match job.state {
        codes::READY | codes::WAITING => {
            finish::finish(session, &job, &Ending::cancelled(&act.reason))?;
            (Cancelled::Cancelled, false)
        }
        codes::RUNNING if job.cancel_requested() => return Ok(Cancelled::Requested),
        codes::RUNNING => {
            session.execute(sql!("steer", "steer_request_cancel"), [id.get()])?;
            (Cancelled::Requested, true)
        }
        code => return Ok(Cancelled::TooLate(codes::job_state(code)?)),
    };
    audit::record(session, AuditEntry::cancel(act, id, requested))?;
    Ok(done)
}

/// Changes a queue's settings.
pub(crate) fn configure(
    session: &Session<'_>,
    queue: &QueueName,
    change: &QueueChange,
    act: &Act,
) -> Result<QueueSettings> {
    let settings = queues::change(session, queue, change)?;
    audit::record(session, AuditEntry::configure(act, &settings))?;
    session.wake();
    Ok(settings)
}
