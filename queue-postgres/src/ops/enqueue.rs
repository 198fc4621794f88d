//! Taking jobs in.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use queue_core::{
    Enqueued, JobId, KindName, NewJob, OrderingKey, QueueName, Revision, RunAt, Subject, Timestamp,
    admission,
    codes::{self, flag},
};
use sqlx::Row;

use crate::fault::Result;
use crate::micros::{Micros, micros};
use crate::ops::keys::Keys;
use crate::ops::turn::{self, Turns};
use crate::row::{Columns, stored_headers, stored_type, stored_version};
use crate::session::Session;
use crate::sql::sql;

/// From so many jobs on they are copied: one more round trip, and less to do for each. 10,000 at a
/// time reach 0.61 of a bare COPY, by arrays in a statement 0.37.
const COPIED: usize = 64;

/// What the server can still add to a time.
const FAR: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// How a batch can be taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Road {
    /// One statement: nothing to look up.
    Plain,
    /// One statement, unless the key is known.
    Keyed,
    /// Look, decide, write.
    Careful,
}

/// The shortest way for these jobs.
pub(crate) fn road(jobs: &[NewJob]) -> Road {
    let far = |run_at| matches!(run_at, RunAt::In(delay) if delay > FAR);
    let plain =
        |job: &NewJob| job.subject.is_none() && job.ordering_key.is_none() && !far(job.run_at);
    if !jobs.iter().all(plain) {
        return Road::Careful;
    }
    match jobs {
        [one] => match &one.idempotency {
            None => Road::Plain,
            Some(key) if key.retention <= FAR => Road::Keyed,
            Some(_) => Road::Careful,
        },
        many if many.iter().all(|job| job.idempotency.is_none()) => Road::Plain,
        _ => Road::Careful,
    }
}

/// A time as the statements add it up: not before, and how long from now.
fn wire(run_at: RunAt) -> (Option<Micros>, i64) {
    match run_at {
        RunAt::Now => (None, 0),
        RunAt::In(delay) => (None, micros(delay)),
        RunAt::At(moment) => (Some(Micros(moment)), 0),
    }
}

fn text<T: AsRef<str>>(name: Option<&T>) -> Option<&str> {
    name.map(AsRef::as_ref)
}

fn attempts(job: &NewJob) -> i32 {
    i32::from(job.max_attempts.max(1))
}

/// Whether somebody may want to know of the job at once.
fn rings(session: &mut Session<'_>, run_at: RunAt) {
    match run_at {
        RunAt::In(delay) if !delay.is_zero() => {}
        RunAt::At(moment) => session.became_claimable(moment),
        _ => session.wake(),
    }
}

/// Stores jobs that [`road`] found plain.
pub(crate) async fn enqueue_plain(
    session: &mut Session<'_>,
    jobs: &[NewJob],
) -> Result<Vec<Enqueued>> {
    let ids = match jobs {
        [job] => {
            let (at, delay) = wire(job.run_at);
            let statement = session
                .statement(sql!("enqueue", "enqueue_one"))
                .bind(session.time())
                .bind(at)
                .bind(delay)
                .bind(stored_version(&job.payload))
                .bind(attempts(job))
                .bind(job.priority.get())
                .bind(job.queue.as_str())
                .bind(job.kind.as_str())
                .bind(stored_type(&job.payload))
                .bind(text(job.tenant.as_ref()))
                .bind(stored_headers(&job.headers)?)
                .bind(job.payload.bytes().as_ref());
            vec![
                session
                    .one(statement)
                    .await?
                    .try_get_unchecked::<i64, _>(0)?,
            ]
        }
        jobs if jobs.len() < COPIED => insert_plain(session, jobs).await?,
        jobs => copy_plain(session, jobs).await?,
    };
    for job in jobs {
        rings(session, job.run_at);
    }
    Ok(ids
        .into_iter()
        .map(|id| Enqueued::Created(JobId::new(id)))
        .collect())
}

async fn insert_plain(session: &mut Session<'_>, jobs: &[NewJob]) -> Result<Vec<i64>> {
    let (at, delay): (Vec<_>, Vec<_>) = jobs.iter().map(|job| wire(job.run_at)).unzip();
    let headers = jobs
        .iter()
        .map(|job| stored_headers(&job.headers))
        .collect::<Result<Vec<_>>>()?;
    let statement = session
        .statement(sql!("enqueue", "enqueue_many"))
        .bind(session.time())
        .bind(at)
        .bind(delay)
        .bind(of(jobs, |job| stored_version(&job.payload)))
        .bind(of(jobs, attempts))
        .bind(of(jobs, |job| job.priority.get()))
        .bind(of(jobs, |job| job.queue.as_str()))
        .bind(of(jobs, |job| job.kind.as_str()))
        .bind(of(jobs, |job| stored_type(&job.payload)))
        .bind(of(jobs, |job| text(job.tenant.as_ref())))
        .bind(headers)
        .bind(of(jobs, |job| job.payload.bytes().as_ref()));
    let rows = session.rows(statement).await?;
    let mut ids = rows
        .iter()
        .map(|row| Ok(row.try_get_unchecked::<i64, _>(0)?))
        .collect::<Result<Vec<_>>>()?;
    // RETURNING promises no order; the numbers were drawn in the order of the input.
    ids.sort_unstable();
    Ok(ids)
}

async fn copy_plain(session: &mut Session<'_>, jobs: &[NewJob]) -> Result<Vec<i64>> {
    let statement = session
        .statement(sql!("enqueue", "enqueue_block"))
        .bind(session.time())
        .bind(i64::try_from(jobs.len()).unwrap_or(i64::MAX));
    let row = session.one(statement).await?;
    let Micros(now) = row.try_get_unchecked(0)?;
    let ids: Vec<i64> = row.try_get_unchecked(1)?;
    let entries: Vec<_> = jobs
        .iter()
        .zip(&ids)
        .map(|(job, &id)| Entry {
            id,
            job,
            run_at: job.run_at.resolve(now),
            state: codes::READY,
        })
        .collect();
    copy(session, now, &entries).await?;
    Ok(ids)
}

async fn copy(session: &mut Session<'_>, now: Timestamp, entries: &[Entry<'_>]) -> Result<()> {
    let mut entries = entries.iter();
    session
        .copy(sql!("enqueue", "enqueue_copy"), |rows| {
            let Some(entry) = entries.next() else {
                return Ok(false);
            };
            let job = entry.job;
            let about = job.subject.as_ref();
            rows.row(17)
                .big(Some(entry.id))
                .time(Micros(entry.run_at))
                .time(Micros(now))
                .big(about.map(|about| about.revision.get()))
                .big(stored_version(&job.payload))
                .int(attempts(job))
                .small(entry.state)
                .small(job.priority.get())
                .small(flags(job))
                .text(Some(job.queue.as_str()))
                .text(Some(job.kind.as_str()))
                .text(stored_type(&job.payload))
                .text(text(job.tenant.as_ref()))
                .text(text(job.ordering_key.as_ref()))
                .text(about.map(|about| about.subject.as_str()))
                .text(stored_headers(&job.headers)?.as_deref())
                .bytes(Some(job.payload.bytes()));
            Ok(true)
        })
        .await
}

/// One column of a batch.
pub(crate) fn of<'a, I, T>(items: &'a [I], column: impl Fn(&'a I) -> T) -> Vec<T> {
    items.iter().map(column).collect()
}

/// Stores a plain job with a key; none if the key is there already.
pub(crate) async fn enqueue_keyed(
    session: &mut Session<'_>,
    job: &NewJob,
) -> Result<Option<Enqueued>> {
    let Some(idempotency) = &job.idempotency else {
        return Ok(None);
    };
    let (at, delay) = wire(job.run_at);
    let statement = session
        .statement(sql!("enqueue", "enqueue_keyed"))
        .bind(session.time())
        .bind(at)
        .bind(delay)
        .bind(stored_version(&job.payload))
        .bind(attempts(job))
        .bind(job.priority.get())
        .bind(job.queue.as_str())
        .bind(job.kind.as_str())
        .bind(stored_type(&job.payload))
        .bind(text(job.tenant.as_ref()))
        .bind(stored_headers(&job.headers)?)
        .bind(job.payload.bytes().as_ref())
        .bind(idempotency.key.as_str())
        .bind(micros(idempotency.retention));
    let Some(row) = session.maybe(statement).await? else {
        return Ok(None);
    };
    rings(session, job.run_at);
    Ok(Some(Enqueued::Created(JobId::new(
        row.try_get_unchecked(0)?,
    ))))
}

/// A job that was let in, with what was decided about it.
struct Entry<'a> {
    id: i64,
    job: &'a NewJob,
    run_at: Timestamp,
    state: i16,
}

/// Stores jobs as if they came one after the other, by all rules.
pub(crate) async fn enqueue(session: &mut Session<'_>, jobs: &[NewJob]) -> Result<Vec<Enqueued>> {
    let now = session.now()?;
    let turns: BTreeSet<_> = jobs.iter().filter_map(turn_key).collect();
    // Before the number is drawn: among jobs of one key, numbers are the order of enqueueing.
    turn::lock(session, &turns).await?;
    let mut keys = Keys::hold(session, jobs).await?;
    let succeeded = succeeded(session, jobs).await?;
    let mut turns = Turns::load(session, turns).await?;
    let ids = draw(session, jobs.len()).await?;
    let mut entries: Vec<Entry<'_>> = Vec::with_capacity(jobs.len());
    let mut overtaken = Vec::new();
    let mut answers = Vec::with_capacity(jobs.len());
    for (job, id) in jobs.iter().zip(ids) {
        if let Some(first) = keys.first(job) {
            answers.push(Enqueued::Duplicate(first));
            continue;
        }
        if let Some(about) = &job.subject {
            let last = succeeded.get(&(job.kind.clone(), about.subject.clone()));
            if let Some(refused) = admission::judge(about, last.copied()) {
                answers.push(refused);
                continue;
            }
        }
        keys.take(job, JobId::new(id), now);
        let run_at = job.run_at.resolve(now);
        let mut state = codes::READY;
        if let Some(key) = turn_key(job) {
            let place = turns.join(key, id, run_at);
            state = place.state;
            if let Some(other) = place.overtaken {
                match entries.iter_mut().rev().find(|entry| entry.id == other) {
                    Some(entry) => entry.state = codes::WAITING,
                    None => overtaken.push(other),
                }
            }
        }
        entries.push(Entry {
            id,
            job,
            run_at,
            state,
        });
        answers.push(Enqueued::Created(JobId::new(id)));
    }
    turn::set(session, &overtaken, codes::WAITING).await?;
    insert(session, now, &entries).await?;
    keys.write(session).await?;
    for entry in entries.iter().filter(|entry| entry.state == codes::READY) {
        session.became_claimable(entry.run_at);
    }
    Ok(answers)
}

/// The turn that a job takes part in.
pub(crate) fn turn_key(job: &NewJob) -> Option<(QueueName, OrderingKey)> {
    Some((job.queue.clone(), job.ordering_key.clone()?))
}

async fn draw(session: &mut Session<'_>, count: usize) -> Result<Vec<i64>> {
    let statement = session
        .statement(sql!("enqueue", "enqueue_ids"))
        .bind(i64::try_from(count).unwrap_or(i64::MAX));
    let rows = session.rows(statement).await?;
    rows.iter()
        .map(|row| Ok(row.try_get_unchecked(0)?))
        .collect()
}

async fn insert(session: &mut Session<'_>, now: Timestamp, entries: &[Entry<'_>]) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    if entries.len() >= COPIED {
        return copy(session, now, entries).await;
    }
    let headers = entries
        .iter()
        .map(|entry| stored_headers(&entry.job.headers))
        .collect::<Result<Vec<_>>>()?;
    let statement = session
        .statement(sql!("enqueue", "enqueue_numbered"))
        .bind(Micros(now))
        .bind(of(entries, |entry| entry.id))
        .bind(of(entries, |entry| Micros(entry.run_at)))
        .bind(of(entries, |entry| {
            entry.job.subject.as_ref().map(|about| about.revision.get())
        }))
        .bind(of(entries, |entry| stored_version(&entry.job.payload)))
        .bind(of(entries, |entry| attempts(entry.job)))
        .bind(of(entries, |entry| entry.state))
        .bind(of(entries, |entry| entry.job.priority.get()))
        .bind(of(entries, |entry| flags(entry.job)))
        .bind(of(entries, |entry| entry.job.queue.as_str()))
        .bind(of(entries, |entry| entry.job.kind.as_str()))
        .bind(of(entries, |entry| stored_type(&entry.job.payload)))
        .bind(of(entries, |entry| text(entry.job.tenant.as_ref())))
        .bind(of(entries, |entry| text(entry.job.ordering_key.as_ref())))
        .bind(of(entries, |entry| {
            entry
                .job
                .subject
                .as_ref()
                .map(|about| about.subject.as_str())
        }))
        .bind(headers)
        .bind(of(entries, |entry| entry.job.payload.bytes().as_ref()));
    session.execute(statement).await?;
    Ok(())
}

fn flags(job: &NewJob) -> i16 {
    let ordered = if job.ordering_key.is_some() {
        flag::ORDERED
    } else {
        0
    };
    let subject = if job.subject.is_some() {
        flag::SUBJECT
    } else {
        0
    };
    ordered | subject
}

async fn succeeded(
    session: &mut Session<'_>,
    jobs: &[NewJob],
) -> Result<BTreeMap<(KindName, Subject), (JobId, Revision)>> {
    let about = |job: &NewJob| Some((job.kind.clone(), job.subject.as_ref()?.subject.clone()));
    let wanted: BTreeSet<_> = jobs.iter().filter_map(about).collect();
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let wanted: Vec<_> = wanted.into_iter().collect();
    last_successes(session, &wanted).await
}

/// The last successes on subjects.
pub(crate) async fn last_successes(
    session: &mut Session<'_>,
    wanted: &[(KindName, Subject)],
) -> Result<BTreeMap<(KindName, Subject), (JobId, Revision)>> {
    let statement = session
        .statement(sql!("enqueue", "enqueue_succeeded"))
        .bind(of(wanted, |(kind, _)| kind.as_str()))
        .bind(of(wanted, |(_, subject)| subject.as_str()));
    let rows = session.rows(statement).await?;
    let read = |row| {
        let mut row = Columns::of(row);
        let scope = (row.name()?, row.name()?);
        Ok((scope, (row.job()?, Revision::new(row.value()?))))
    };
    rows.iter().map(read).collect()
}
