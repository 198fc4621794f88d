//! Taking jobs in.

use queue_core::{
    EnqueueBatch, Enqueued, JobId, KindName, NewJob, Revision, Subject, admission,
    codes::{self, flag},
};
use rusqlite::{OptionalExtension, params};

use crate::fault::Result;
use crate::ops::turn::{self, Place};
use crate::row::{stored_headers, stored_type};
use crate::session::Session;
use crate::sql::sql;

/// Stores jobs one after the other, as the rules on keys and subjects let them in.
pub(crate) fn enqueue(session: &Session<'_>, batch: &EnqueueBatch) -> Result<Vec<Enqueued>> {
    enqueue_jobs(session, batch.jobs())
}

/// As [`enqueue`], for jobs that follow from another.
pub(crate) fn enqueue_jobs(session: &Session<'_>, jobs: &[NewJob]) -> Result<Vec<Enqueued>> {
    let mut body = session.prepare(sql!("enqueue", "enqueue_body"))?;
    let mut answers = Vec::with_capacity(jobs.len());
    let mut run: Option<Run> = None;
    for job in jobs {
        if let Some(answer) = refused(session, job)? {
            answers.push(answer);
            continue;
        }
        let run_at = job.run_at.resolve(session.now()).as_micros();
        let id = session.draw_job();
        let mut flags = 0;
        let state = match &job.ordering_key {
            None => codes::READY,
            Some(key) => {
                flags |= flag::ORDERED;
                let place = Place {
                    job: id.get(),
                    queue: job.queue.as_str(),
                    key: key.as_str(),
                    priority: job.priority.get().into(),
                    run_at,
                };
                turn::join(session, &place)?
            }
        };
        if job.subject.is_some() {
            flags |= flag::SUBJECT;
        }
        body.execute(params![
            id.get(),
            job.priority.get(),
            job.max_attempts.max(1),
            session.micros(),
            job.queue.as_str(),
            job.kind.as_str(),
            job.tenant.as_ref().map(AsRef::<str>::as_ref),
            job.ordering_key.as_ref().map(AsRef::<str>::as_ref),
            job.subject.as_ref().map(|about| about.subject.as_str()),
            job.subject.as_ref().map(|about| about.revision.get()),
            stored_headers(&job.headers)?,
            job.payload.schema_version(),
            stored_type(&job.payload),
            job.payload.bytes().as_ref(),
        ])?;
        remember(session, job, id)?;
        if state == codes::READY {
            session.became_claimable(run_at);
        }
        answers.push(Enqueued::Created(id));

        match &mut run {
            Some(run) if (run.state, run.flags, run.run_at) == (state, flags, run_at) => {
                run.last = id;
            }
            before => make_live(session, before.replace(Run::of(id, state, flags, run_at)))?,
        }
        // What has a key or a rule may be looked for by the next job.
        if flags != 0 || job.idempotency.is_some() {
            make_live(session, run.take())?;
        }
    }
    make_live(session, run)?;
    Ok(answers)
}

/// Bodies that were written one after the other and whose jobs start out alike.
struct Run {
    first: JobId,
    last: JobId,
    state: i16,
    flags: i16,
    run_at: i64,
}

impl Run {
    fn of(job: JobId, state: i16, flags: i16, run_at: i64) -> Self {
        Self {
            first: job,
            last: job,
            state,
            flags,
            run_at,
        }
    }
}

/// One statement for the whole run takes a third of the time that one for each job would.
fn make_live(session: &Session<'_>, run: Option<Run>) -> Result<()> {
    if let Some(run) = run {
        session.execute(
            sql!("enqueue", "enqueue_jobs"),
            params![
                run.first.get(),
                run.last.get(),
                run.state,
                run.flags,
                run.run_at
            ],
        )?;
    }
    Ok(())
}

/// What the job is answered with instead of being stored: first its key is asked, then its subject.
fn refused(session: &Session<'_>, job: &NewJob) -> Result<Option<Enqueued>> {
    if let Some(idempotency) = &job.idempotency {
        let known: Option<i64> = session
            .prepare(sql!("enqueue", "enqueue_key"))?
            .query_row(
                params![
                    job.kind.as_str(),
                    idempotency.key.as_str(),
                    session.micros()
                ],
                |row| row.get(0),
            )
            .optional()?;
        if let Some(first) = known {
            return Ok(Some(Enqueued::Duplicate(JobId::new(first))));
        }
    }
    let Some(about) = &job.subject else {
        return Ok(None);
    };
    let succeeded = succeeded(session, &job.kind, &about.subject)?;
    Ok(admission::judge(about, succeeded))
}

/// The last success on a subject.
pub(crate) fn succeeded(
    session: &Session<'_>,
    kind: &KindName,
    subject: &Subject,
) -> Result<Option<(JobId, Revision)>> {
    let found = session
        .prepare(sql!("enqueue", "enqueue_succeeded"))?
        .query_row(params![kind.as_str(), subject.as_str()], |row| {
            Ok((JobId::new(row.get(0)?), Revision::new(row.get(1)?)))
        })
        .optional()?;
    Ok(found)
}

fn remember(session: &Session<'_>, job: &NewJob, id: JobId) -> Result<()> {
    if let Some(idempotency) = &job.idempotency {
        let until = session.now() + idempotency.retention;
        session.execute(
            sql!("enqueue", "enqueue_remember"),
            params![
                job.kind.as_str(),
                idempotency.key.as_str(),
                id.get(),
                until.as_micros()
            ],
        )?;
    }
    Ok(())
}
