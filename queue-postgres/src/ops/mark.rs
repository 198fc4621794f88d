//! How attempts and verdicts ended.

use std::collections::{BTreeMap, HashMap, HashSet};

use queue_core::{
    ChannelName, Delivery, DeliveryBatch, Fence, JobId, JobState, Marked, Marking, NewSuppression,
    NotificationId, NotificationState, ProviderId, Raise, Recipient, Timestamp, codes,
};
use sqlx::Row;

use crate::fault::Result;
use crate::micros::Micros;
use crate::ops::enqueue::of;
use crate::ops::{finish, incident, suppression};
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// Marks how deliveries ended, with what follows from each, and finishes the jobs that had waited for
/// them.
pub(crate) async fn mark(session: &mut Session<'_>, batch: &DeliveryBatch) -> Result<Vec<Marked>> {
    let now = session.now()?;
    let ids = of(batch.markings(), |marking| marking.lease.id.get());
    lock_jobs(session, &ids).await?;
    let rows = lock(session, &ids).await?;
    let holds = |marking: &&Marking| {
        rows.get(&marking.lease.id).is_some_and(|row| {
            row.fence == marking.lease.fence
                && row.state == batch.from()
                && row.lease_expires_at.is_none_or(|until| until > now)
        })
    };
    let applied: Vec<_> = batch.markings().iter().filter(holds).collect();
    write(session, batch.from(), &applied, now).await?;
    let settled: Vec<_> = applied
        .iter()
        .filter(|marking| marking.delivery.target().is_settled())
        .map(|marking| marking.lease.id.get())
        .collect();
    let mut finished = finish_awaiting(session, &settled).await?;
    suppress(session, &applied).await?;
    let raises: Vec<&Raise> = applied.iter().flat_map(|one| &one.raises).collect();
    incident::raise(session, &raises).await?;
    let held: HashSet<_> = applied.iter().map(|marking| marking.lease.id).collect();
    let answer = |marking: &Marking| {
        let id = marking.lease.id;
        if held.contains(&id) {
            Marked::Applied {
                state: marking.delivery.target(),
                finished_jobs: finished.remove(&id).unwrap_or_default(),
            }
        } else {
            Marked::LeaseLost
        }
    };
    Ok(batch.markings().iter().map(answer).collect())
}

/// Locks the jobs that wait for these rows, before the rows themselves.
pub(crate) async fn lock_jobs(session: &mut Session<'_>, ids: &[i64]) -> Result<()> {
    let jobs = session.statement(sql!("outbox", "outbox_jobs")).bind(ids);
    session.rows(jobs).await.map(drop)
}

/// What is decided by, of a row that is locked.
#[derive(Debug)]
pub(crate) struct LockedRow {
    pub(crate) fence: Fence,
    pub(crate) state: NotificationState,
    lease_expires_at: Option<Timestamp>,
}

/// Locks rows by number.
pub(crate) async fn lock(
    session: &mut Session<'_>,
    ids: &[i64],
) -> Result<HashMap<NotificationId, LockedRow>> {
    let lock = session.statement(sql!("outbox", "outbox_lock")).bind(ids);
    let read = |row| {
        let mut row = Columns::of(row);
        let id = NotificationId::new(row.value()?);
        let row = LockedRow {
            fence: row.fence()?,
            state: codes::notification_state(row.value()?)?,
            lease_expires_at: row.maybe_time()?,
        };
        Ok((id, row))
    };
    session.rows(lock).await?.iter().map(read).collect()
}

async fn write(
    session: &mut Session<'_>,
    from: NotificationState,
    applied: &[&Marking],
    now: Timestamp,
) -> Result<()> {
    if applied.is_empty() {
        return Ok(());
    }
    let failures = of(applied, |one| one.delivery.failure());
    let statement = session
        .statement(sql!("outbox", "outbox_mark"))
        .bind(Micros(now))
        .bind(of(applied, |one| one.lease.id.get()))
        .bind(of(applied, |one| {
            codes::notification_code(one.delivery.target())
        }))
        .bind(of(applied, |one| one.reached.map(codes::phase_code)))
        .bind(of(applied, |one| {
            let run_at = one.delivery.run_at();
            run_at.map(|at| Micros(at.resolve(now)))
        }))
        .bind(of(applied, |one| one.look_at(from, now).map(Micros)))
        .bind(of(applied, |one| match &one.delivery {
            Delivery::Sent { provider_id } => provider_id.as_ref().map(ProviderId::as_str),
            _ => None,
        }))
        .bind(of(&failures, |failure| failure.map(|f| f.class.as_str())))
        .bind(of(&failures, |failure| failure.map(|f| f.message.as_str())))
        .bind(of(applied, |one| one.leaves_event(from)))
        .bind(of(applied, |one| one.perhaps_taken))
        .bind(of(applied, |one| one.delivery.is_refunded()));
    session.execute(statement).await.map(drop)
}

/// Puts the recipients on the list that failed for good.
async fn suppress(session: &mut Session<'_>, applied: &[&Marking]) -> Result<()> {
    let wanted = |one: &&Marking| one.suppress.is_some() && one.delivery.failure().is_some();
    let wanted: Vec<_> = applied.iter().copied().filter(wanted).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let ids = of(&wanted, |one| one.lease.id.get());
    let statement = session
        .statement(sql!("outbox", "outbox_recipients"))
        .bind(ids);
    let mut recipients: HashMap<NotificationId, (ChannelName, Recipient)> = HashMap::new();
    for row in &session.rows(statement).await? {
        let mut row = Columns::of(row);
        let id = NotificationId::new(row.value()?);
        recipients.insert(id, (row.name()?, row.name()?));
    }
    let suppression = |one: &&Marking| {
        let (channel, recipient) = recipients.remove(&one.lease.id)?;
        let failure = one.delivery.failure()?;
        let new = NewSuppression::new(
            channel,
            recipient,
            failure.class.clone(),
            failure.message.clone(),
            one.suppress?,
        );
        Some((new, format!("notification:{}", one.lease.id)))
    };
    let new = wanted.iter().filter_map(suppression).collect();
    suppression::put(session, new).await
}

/// Finishes the jobs that waited for these rows last; each under the row that came last in order.
pub(crate) async fn finish_awaiting(
    session: &mut Session<'_>,
    sent: &[i64],
) -> Result<HashMap<NotificationId, Vec<JobId>>> {
    let mut finished: HashMap<NotificationId, Vec<JobId>> = HashMap::new();
    if sent.is_empty() {
        return Ok(finished);
    }
    let settle = session
        .statement(sql!("outbox", "outbox_settle"))
        .bind(sent);
    let mut last: BTreeMap<i64, usize> = BTreeMap::new();
    for row in &session.rows(settle).await? {
        let mut row = Columns::of(row);
        let (job, notification): (i64, i64) = (row.value()?, row.value()?);
        let place = sent.iter().position(|id| *id == notification).unwrap_or(0);
        let latest = last.entry(job).or_insert(place);
        *latest = place.max(*latest);
    }
    if last.is_empty() {
        return Ok(finished);
    }
    let ids: Vec<_> = last.keys().copied().collect();
    // A link that came since we looked: its job is locked only now, before asking what it waits for.
    let jobs = finish::lock(session, &ids).await?;
    let waiting = session
        .statement(sql!("outbox", "outbox_waiting"))
        .bind(ids);
    let mut outstanding = HashSet::new();
    for row in &session.rows(waiting).await? {
        outstanding.insert(row.try_get_unchecked::<i64, _>(0)?);
    }
    for (id, place) in last {
        let Some(job) = jobs.get(&JobId::new(id)) else {
            continue;
        };
        if outstanding.contains(&id) || job.state != codes::AWAITING {
            continue;
        }
        finish::finish(session, job, JobState::Succeeded, None).await?;
        if let Some(notification) = sent.get(place) {
            let jobs = finished
                .entry(NotificationId::new(*notification))
                .or_default();
            jobs.push(job.id);
        }
    }
    Ok(finished)
}
