//! How attempts and verdicts ended.

use queue_core::{
    Delivery, DeliveryBatch, ErrorClass, Failure, JobId, Marked, Marking, NewSuppression,
    NotificationId, NotificationState, ProviderId, Timestamp, codes,
};
use rusqlite::params;

use crate::fault::Result;
use crate::ops::finish::{self, Ending};
use crate::ops::{incident, outbox, suppression};
use crate::session::Session;
use crate::sql::sql;

/// Marks how attempts or verdicts ended, each with what follows from it.
pub(crate) fn mark(session: &Session<'_>, batch: &DeliveryBatch) -> Result<Vec<Marked>> {
    let from = codes::notification_code(batch.from());
    let mut current = session.prepare(sql!("outbox", "outbox_current"))?;
    let mut answers = Vec::with_capacity(batch.markings().len());
    for marking in batch.markings() {
        let (id, fence) = (marking.lease.id.get(), marking.lease.fence.get());
        answers.push(
            if current.exists(params![id, fence, from, session.micros()])? {
                apply(session, batch.from(), marking)?
            } else {
                Marked::LeaseLost
            },
        );
    }
    Ok(answers)
}

fn apply(session: &Session<'_>, from: NotificationState, marking: &Marking) -> Result<Marked> {
    let id = marking.lease.id;
    let delivery = &marking.delivery;
    let failure = delivery.failure();
    let run_at = delivery.run_at().map(|at| at.resolve(session.now()));
    let provider_id = match delivery {
        Delivery::Sent { provider_id } => provider_id.as_ref(),
        _ => None,
    };
    session.execute(
        sql!("outbox", "outbox_mark"),
        params![
            id.get(),
            codes::notification_code(delivery.target()),
            session.micros(),
            marking.reached.map(codes::phase_code),
            run_at.map(Timestamp::as_micros),
            marking
                .look_at(from, session.now())
                .map(Timestamp::as_micros),
            provider_id.map(ProviderId::as_str),
            failure.map(|failure| failure.class.as_str()),
            failure.map(|failure| failure.message.as_str()),
            marking.perhaps_taken,
            delivery.is_refunded(),
        ],
    )?;
    if marking.leaves_event(from) {
        event(session, id, failure.map(|f| (&f.class, f.message.as_str())))?;
    }
    if let (Some(lasts), Some(failure)) = (marking.suppress, failure) {
        let row = outbox::indexed(session, id.get())?;
        let Failure { class, message, .. } = failure;
        let to = row.goes_to().clone();
        let channel = row.intent.channel;
        let new = NewSuppression::new(channel, to, class.clone(), message.as_str(), lasts);
        suppression::put(session, &new, &format!("notification:{id}"))?;
    }
    incident::raise(session, &marking.raises)?;
    Ok(Marked::Applied {
        state: delivery.target(),
        finished_jobs: settled(session, id, delivery.target())?,
    })
}

/// Writes into a row's history where it is now.
pub(crate) fn event(
    session: &Session<'_>,
    id: NotificationId,
    failure: Option<(&ErrorClass, &str)>,
) -> Result<()> {
    session.execute(
        sql!("outbox", "outbox_event"),
        params![
            id.get(),
            session.micros(),
            failure.map(|(class, _)| class.as_str()),
            failure.map(|(_, text)| text),
        ],
    )?;
    Ok(())
}

/// Finishes the jobs that waited for this row last, if it is one that needs no sending any more.
pub(crate) fn settled(
    session: &Session<'_>,
    id: NotificationId,
    state: NotificationState,
) -> Result<Vec<JobId>> {
    if !state.is_settled() {
        return Ok(Vec::new());
    }
    let mut jobs: Vec<i64> = session
        .prepare(sql!("outbox", "outbox_settle"))?
        .query_map([id.get()], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    jobs.sort_unstable();
    let mut finished = Vec::with_capacity(jobs.len());
    let mut waiting = session.prepare(sql!("outbox", "outbox_waiting"))?;
    for id in jobs {
        if waiting.exists([id])? {
            continue;
        }
        let id = JobId::new(id);
        if let Some(job) = finish::look(session, id)?
            && job.state == codes::AWAITING
        {
            let result = finish::awaited_result(session, id)?;
            finish::finish(session, &job, &Ending::succeeded(result))?;
            finished.push(id);
        }
    }
    Ok(finished)
}
