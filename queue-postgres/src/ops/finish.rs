//! One live job that is locked, and the ways it can go.

use std::collections::HashMap;

use queue_core::{
    Burial, ErrorClass, Fence, Ground, JobId, JobState, KindName, Lease, LetterState, Payload,
    ReasonCode, Requeue, Revision, StageName, Subject, Timestamp,
    codes::{self, flag},
};
use sqlx::postgres::PgRow;

use crate::fault::Result;
use crate::micros::Micros;
use crate::ops::runs;
use crate::ops::turn::{self, TurnKey};
use crate::row::{Columns, stored_type, stored_version};
use crate::session::Session;
use crate::sql::sql;

/// What is decided by, of a live job whose row is locked.
#[derive(Debug)]
pub(crate) struct LiveJob {
    pub(crate) id: JobId,
    pub(crate) state: i16,
    fence: Fence,
    flags: i16,
    lease_expires_at: Option<Timestamp>,
    kind: KindName,
    pub(crate) turn: Option<TurnKey>,
    subject: Option<(Subject, Revision)>,
}

/// Locks live jobs by number.
pub(crate) async fn lock(
    session: &mut Session<'_>,
    jobs: &[i64],
) -> Result<HashMap<JobId, LiveJob>> {
    let statement = session.statement(sql!("settle", "settle_lock")).bind(jobs);
    read_locked(&session.rows(statement).await?)
}

/// Locks the jobs that run under these leases, which come by number. On expired ones a job that
/// another has locked is passed by.
pub(crate) async fn lock_leased(
    session: &mut Session<'_>,
    leases: &[&Lease],
    ground: Ground,
) -> Result<HashMap<JobId, LiveJob>> {
    let (ids, fences): (Vec<_>, Vec<_>) = leases
        .iter()
        .map(|lease| (lease.job().get(), lease.fence().get()))
        .unzip();
    let text = match ground {
        Ground::Held => sql!("settle", "settle_lock_held"),
        Ground::Expired => sql!("settle", "settle_lock_expired"),
    };
    let statement = session.statement(text).bind(ids).bind(fences);
    read_locked(&session.rows(statement).await?)
}

fn read_locked(rows: &[PgRow]) -> Result<HashMap<JobId, LiveJob>> {
    let read = |row| {
        let mut row = Columns::of(row);
        let id = row.job()?;
        let (fence, state, flags) = (row.fence()?, row.value()?, row.value()?);
        let lease_expires_at = row.maybe_time()?;
        let (queue, kind) = (row.name()?, row.name()?);
        let job = LiveJob {
            id,
            state,
            fence,
            flags,
            lease_expires_at,
            kind,
            turn: row.maybe_name()?.map(|key| (queue, key)),
            subject: row.subject()?,
        };
        Ok((id, job))
    };
    rows.iter().map(read).collect()
}

impl LiveJob {
    /// Whether the lease is the one that the ground asks for.
    pub(crate) fn is_held(&self, lease: &Lease, ground: Ground, now: Timestamp) -> bool {
        self.state == codes::RUNNING
            && self.fence == lease.fence()
            && self.lease_expires_at.is_some_and(|until| match ground {
                Ground::Held => until > now,
                Ground::Expired => until <= now,
            })
    }

    /// Whether someone asked it to stop.
    pub(crate) fn is_asked_to_stop(&self) -> bool {
        self.flags & flag::CANCEL != 0
    }

    /// The turn that its leaving passes on.
    fn passed_on(&self) -> Option<&TurnKey> {
        let admitted = matches!(self.state, codes::READY | codes::RUNNING);
        self.turn.as_ref().filter(|_| admitted)
    }
}

/// To history, with all that goes with it.
pub(crate) async fn finish(
    session: &mut Session<'_>,
    job: &LiveJob,
    state: JobState,
    result: Option<&Payload>,
) -> Result<()> {
    let now = session.now()?;
    let succeeded = state == JobState::Succeeded;
    let archive = session
        .statement(sql!("settle", "settle_archive"))
        .bind(job.id.get())
        .bind(Micros(now))
        .bind(if succeeded {
            codes::SUCCEEDED
        } else {
            codes::CANCELLED
        })
        .bind(result.and_then(stored_version))
        .bind(result.and_then(stored_type))
        .bind(result.map(|payload| payload.bytes().as_ref()));
    session.execute(archive).await?;
    if job.flags & flag::STAGES != 0 {
        let drop_stages = session
            .statement(sql!("settle", "settle_drop_stages"))
            .bind(vec![job.id.get()]);
        session.execute(drop_stages).await?;
    }
    drop_report(session, job).await?;
    if job.flags & flag::REPLAYED != 0 {
        let closed = if succeeded {
            LetterState::Resolved
        } else {
            LetterState::Discarded
        };
        let close = session
            .statement(sql!("settle", "settle_close_letter"))
            .bind(job.id.get())
            .bind(codes::letter_code(closed))
            .bind(Micros(now))
            .bind(closed.note_of_replay());
        session.execute(close).await?;
        runs::note(session, job.id, closed).await?;
    }
    if let (true, Some((subject, revision))) = (succeeded, &job.subject) {
        let remember = session
            .statement(sql!("settle", "settle_succeeded"))
            .bind(job.kind.as_str())
            .bind(subject.as_str())
            .bind(job.id.get())
            .bind(revision.get())
            .bind(Micros(now));
        session.execute(remember).await?;
    }
    match job.passed_on() {
        Some(turn) => turn::admit_next(session, turn).await,
        None => Ok(()),
    }
}

/// What it reported ends with it.
async fn drop_report(session: &mut Session<'_>, job: &LiveJob) -> Result<()> {
    if job.flags & flag::PROGRESS == 0 {
        return Ok(());
    }
    let drop_report = session
        .statement(sql!("settle", "settle_drop_report"))
        .bind(job.id.get());
    session.execute(drop_report).await.map(drop)
}

/// Done, and waiting for what must be delivered.
pub(crate) async fn await_delivery(
    session: &mut Session<'_>,
    job: &LiveJob,
    result: Option<&Payload>,
    outstanding: Vec<i64>,
) -> Result<()> {
    let wait = session
        .statement(sql!("settle", "settle_await"))
        .bind(job.id.get())
        .bind(result.and_then(stored_version))
        .bind(result.and_then(stored_type))
        .bind(result.map(|payload| payload.bytes().as_ref()));
    session.execute(wait).await?;
    let require = session
        .statement(sql!("settle", "settle_require"))
        .bind(job.id.get())
        .bind(outstanding);
    session.execute(require).await?;
    match job.passed_on() {
        Some(turn) => turn::admit_next(session, turn).await,
        None => Ok(()),
    }
}

/// Back to the queue.
pub(crate) async fn requeue(
    session: &mut Session<'_>,
    job: &LiveJob,
    requeue: &Requeue,
) -> Result<()> {
    let run_at = requeue.run_at.resolve(session.now()?);
    let failure = requeue.failure.as_ref();
    let statement = session
        .statement(sql!("settle", "settle_requeue_one"))
        .bind(job.id.get())
        .bind(session.time())
        .bind(Micros(run_at))
        .bind(requeue.progress.stage.as_ref().map(StageName::as_str))
        .bind(i32::from(requeue.progress.attempt))
        .bind(requeue.progress.ledger.to_stored())
        .bind(failure.map(|failure| failure.class.as_str()))
        .bind(failure.map(|failure| failure.message.as_str()));
    session.execute(statement).await?;
    session.became_claimable(run_at);
    match &job.turn {
        Some(turn) => turn::choose_again(session, turn, job.id).await,
        None => Ok(()),
    }
}

/// To the dead letters. Says what the letter is now.
pub(crate) async fn bury(
    session: &mut Session<'_>,
    job: &LiveJob,
    burial: &Burial,
) -> Result<LetterState> {
    let letter = session
        .statement(sql!("settle", "settle_letter"))
        .bind(job.id.get());
    let state = match session.maybe(letter).await? {
        None => LetterState::Open,
        Some(row) => {
            let prior: Option<ErrorClass> = Columns::of(&row).maybe_name()?;
            LetterState::on_death(prior.as_ref(), &burial.failure.class)
        }
    };
    let bury = session
        .statement(sql!("settle", "settle_bury"))
        .bind(job.id.get())
        .bind(session.time())
        .bind(codes::letter_code(state))
        .bind(i32::from(burial.progress.attempt))
        .bind(burial.progress.stage.as_ref().map(StageName::as_str))
        .bind(burial.progress.ledger.to_stored())
        .bind(burial.failure.class.as_str())
        .bind(burial.failure.message.as_str())
        .bind(burial.failure.reason.as_ref().map(ReasonCode::as_str));
    session.execute(bury).await?;
    drop_report(session, job).await?;
    if job.flags & flag::REPLAYED != 0 {
        runs::note(session, job.id, state).await?;
    }
    if let Some(turn) = job.passed_on() {
        turn::admit_next(session, turn).await?;
    }
    Ok(state)
}
