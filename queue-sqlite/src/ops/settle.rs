//! Ending attempts.

use queue_core::{
    Applied, Burial, Completion, Failure, Ground, JobState, Payload, Progress, Requeue,
    SettleBatch, Settled, Settlement, Transition, codes, overruled_by_cancel,
};
use rusqlite::{OptionalExtension, params};

use crate::fault::Result;
use crate::ops::finish::{self, Ending, Look};
use crate::ops::{enqueue, incident, outbox, progress, turn};
use crate::row::stored_type;
use crate::session::Session;
use crate::sql::sql;

/// Applies each settlement on its own.
pub(crate) fn settle(session: &Session<'_>, batch: &SettleBatch) -> Result<Vec<Settled>> {
    let mut plain = session.prepare(sql!("settle", "settle_plain"))?;
    let mut archive = session.prepare(sql!("settle", "settle_archive"))?;
    let mut remove = session.prepare(sql!("settle", "settle_remove"))?;
    let mut answers = Vec::with_capacity(batch.settlements().len());
    for settlement in batch.settlements() {
        let (id, fence) = (settlement.lease.job().get(), settlement.lease.fence().get());
        if let Some(result) = plain_result(batch.ground(), &settlement.transition)
            && let Some((run_at, attempt)) = plain
                .query_row([id, fence, session.micros()], |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
                })
                .optional()?
        {
            archive.execute(params![
                id,
                codes::SUCCEEDED,
                session.micros(),
                run_at,
                fence,
                attempt,
                result.map(Payload::schema_version),
                result.and_then(stored_type),
                result.map(|payload| payload.bytes().as_ref()),
            ])?;
            remove.execute([id])?;
            session.made_room();
            answers.push(Settled::to(JobState::Succeeded));
            continue;
        }
        answers.push(carefully(session, batch.ground(), settlement)?);
    }
    Ok(answers)
}

/// Whether there is something to be sent when this is settled.
pub(crate) fn publishes(batch: &SettleBatch) -> bool {
    let publishes = |settlement: &Settlement| match &settlement.transition {
        Transition::Finish(done) => !done.notifications.is_empty(),
        Transition::Bury(burial) => !burial.notifications.is_empty() || !burial.raises.is_empty(),
        Transition::Requeue(_) | Transition::Cancel { .. } => false,
    };
    batch.settlements().iter().any(publishes)
}

/// The result of a success that nothing follows from, by the holder of the lease.
fn plain_result(ground: Ground, transition: &Transition) -> Option<Option<&Payload>> {
    match transition {
        Transition::Finish(done)
            if ground == Ground::Held
                && done.follow_ups.is_empty()
                && done.notifications.is_empty() =>
        {
            Some(done.result.as_ref())
        }
        _ => None,
    }
}

fn carefully(session: &Session<'_>, ground: Ground, settlement: &Settlement) -> Result<Settled> {
    let lease = &settlement.lease;
    let Some(job) = finish::look(session, lease.job())? else {
        return Ok(Settled::LeaseLost);
    };
    let in_time = match (ground, job.lease_expires_at) {
        (Ground::Held, Some(until)) => until > session.micros(),
        (Ground::Expired, Some(until)) => until <= session.micros(),
        (_, None) => false,
    };
    if job.fence != lease.fence() || job.state != codes::RUNNING || !in_time {
        return Ok(Settled::LeaseLost);
    }
    session.made_room();
    if job.cancel_requested() && overruled_by_cancel(&settlement.transition) {
        finish::finish(session, &job, &Ending::cancelled("cancel requested"))?;
        return Ok(Settled::CancelRequested);
    }
    match &settlement.transition {
        Transition::Finish(done) => complete(session, &job, done),
        Transition::Requeue(requeue) => put_back(session, &job, requeue),
        Transition::Bury(burial) => bury(session, &job, burial),
        Transition::Cancel { reason } => {
            finish::finish(session, &job, &Ending::cancelled(reason))?;
            Ok(Settled::to(JobState::Cancelled))
        }
    }
}

fn complete(session: &Session<'_>, job: &Look, done: &Completion) -> Result<Settled> {
    let published = outbox::publish_for(session, Some(job.id), &done.notifications)?;
    let outstanding: Vec<_> = done
        .notifications
        .iter()
        .zip(&published)
        .filter(|(wanted, row)| wanted.required && !row.settled)
        .map(|(_, row)| row.published.id())
        .collect();
    let state = if outstanding.is_empty() {
        finish::finish(session, job, &Ending::succeeded(done.result.clone()))?;
        JobState::Succeeded
    } else {
        let id = job.id.get();
        for row in outstanding {
            session.execute(sql!("settle", "settle_require"), [id, row.get()])?;
        }
        session.execute(sql!("settle", "settle_await"), [id])?;
        if let Some(result) = &done.result {
            session.execute(
                sql!("settle", "settle_result"),
                params![
                    id,
                    result.schema_version(),
                    stored_type(result),
                    result.bytes().as_ref()
                ],
            )?;
        }
        job.pass_turn(session)?;
        JobState::AwaitingDelivery
    };
    let follow_ups = enqueue::enqueue_jobs(session, &done.follow_ups)?;
    Ok(Settled::Applied(Applied {
        state,
        follow_ups,
        notifications: published.into_iter().map(|row| row.published).collect(),
    }))
}

fn put_back(session: &Session<'_>, job: &Look, requeue: &Requeue) -> Result<Settled> {
    let id = job.id.get();
    let flags = record(session, job, requeue.failure.as_ref(), &requeue.progress)?;
    let run_at = requeue.run_at.resolve(session.now()).as_micros();
    session.execute(
        sql!("settle", "settle_requeue"),
        params![id, run_at, requeue.progress.attempt, flags],
    )?;
    if let Some(key) = &job.ordering_key {
        turn::rejoin(session, id, run_at, &job.queue, key)?;
    }
    session.became_claimable(run_at);
    Ok(Settled::to(JobState::Queued))
}

fn bury(session: &Session<'_>, job: &Look, burial: &Burial) -> Result<Settled> {
    let flags = record(session, job, Some(&burial.failure), &burial.progress)?;
    session.execute(
        sql!("settle", "settle_attempt"),
        params![job.id.get(), burial.progress.attempt, flags],
    )?;
    let letter = finish::bury(session, job, burial)?;
    let published = outbox::publish_for(session, Some(job.id), &burial.notifications)?;
    incident::raise(session, burial.raised(letter))?;
    Ok(Settled::Applied(Applied {
        state: JobState::Dead,
        follow_ups: Vec::new(),
        notifications: published.into_iter().map(|row| row.published).collect(),
    }))
}

/// Stores the failure, if it was one, and stage and ledger; returns the job's new flags.
fn record(
    session: &Session<'_>,
    job: &Look,
    failure: Option<&Failure>,
    progress: &Progress,
) -> Result<i16> {
    let id = job.id.get();
    let flags = match failure {
        Some(failure) => progress::fail(session, id, job.flags, failure)?,
        None => job.flags,
    };
    progress::put(session, id, flags, progress)
}
