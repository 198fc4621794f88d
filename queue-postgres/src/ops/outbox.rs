//! Notifications on their way: leased, marked, doubted.

use std::collections::{BTreeMap, HashMap, HashSet};

use queue_core::{
    Delivery, DeliveryBatch, DeliveryLease, DeliveryPhase, DeliveryRequest, ErrorClass, Failure,
    Intent, JobId, JobState, Marked, Notification, NotificationId, NotificationState, Page,
    ProviderId, Timestamp, codes,
};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::fault::Result;
use crate::micros::{Micros, micros};
use crate::ops::finish;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// Leases rows that are due, those due first coming first.
pub(crate) async fn lease(
    session: &mut Session<'_>,
    request: &DeliveryRequest,
) -> Result<Vec<Notification>> {
    let channels = request.only_channels().map(|channels| {
        let names: Vec<_> = channels
            .iter()
            .map(queue_core::ChannelName::as_str)
            .collect();
        names
    });
    let text = match channels {
        None => sql!("outbox", "outbox_lease"),
        Some(_) => sql!("outbox", "outbox_lease_channels"),
    };
    let mut statement = session
        .statement(text)
        .bind(session.time())
        .bind(request.worker().as_str())
        .bind(micros(request.lease()))
        .bind(i64::from(request.limit()));
    if let Some(channels) = channels {
        statement = statement.bind(channels);
    }
    let rows = session.rows(statement).await?;
    let mut leased = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    leased.sort_by_key(|row| (row.run_at, row.id));
    Ok(leased)
}

fn read(row: &PgRow) -> Result<Notification> {
    let mut row = Columns::of(row);
    let id = NotificationId::new(row.value()?);
    let job = row.value::<Option<i64>>()?.map(JobId::new);
    let intent = Intent {
        channel: row.name()?,
        purpose: row.name()?,
        subject: row.name()?,
        recipient: row.name()?,
        revision: queue_core::Revision::new(row.value()?),
    };
    Ok(Notification {
        id,
        job,
        provider_key: intent.provider_key(),
        intent,
        state: codes::notification_state(row.value()?)?,
        message: row.payload()?,
        fence: row.fence()?,
        attempt: row.count()?,
        run_at: row.time()?,
        phase: codes::phase(row.value()?)?,
        lease_expires_at: row.maybe_time()?,
        provider_id: row.maybe_name()?,
        notified_at: row.maybe_time()?,
        failure: row
            .maybe_name::<ErrorClass>()?
            .zip(row.value::<Option<String>>()?),
        created_at: row.time()?,
    })
}

/// Writes down how far an attempt is.
pub(crate) async fn note_phase(
    session: &mut Session<'_>,
    lease: &DeliveryLease,
    phase: DeliveryPhase,
) -> Result<bool> {
    let statement = session
        .statement(sql!("outbox", "outbox_phase"))
        .bind(lease.id.get())
        .bind(lease.fence.get())
        .bind(codes::phase_code(phase))
        .bind(session.time());
    Ok(session.execute(statement).await? > 0)
}

/// Marks how deliveries ended, and finishes the jobs that had waited for them.
pub(crate) async fn mark(session: &mut Session<'_>, batch: &DeliveryBatch) -> Result<Vec<Marked>> {
    let now = session.now()?;
    let ids: Vec<i64> = batch
        .deliveries()
        .iter()
        .map(|(lease, _)| lease.id.get())
        .collect();
    let jobs = session
        .statement(sql!("outbox", "outbox_jobs"))
        .bind(ids.clone());
    session.rows(jobs).await?;
    let held = held(session, batch, &ids, now).await?;
    let applied: Vec<_> = batch
        .deliveries()
        .iter()
        .filter(|(lease, _)| held.contains(&lease.id))
        .collect();
    write(session, &applied, now).await?;
    let sent: Vec<_> = applied
        .iter()
        .filter(|(_, delivery)| delivery.target().is_settled())
        .map(|(lease, _)| lease.id.get())
        .collect();
    let mut finished = finish_awaiting(session, &sent).await?;
    let answer = |(lease, delivery): &(DeliveryLease, Delivery)| {
        if held.contains(&lease.id) {
            Marked::Applied {
                state: delivery.target(),
                finished_jobs: finished.remove(&lease.id).unwrap_or_default(),
            }
        } else {
            Marked::LeaseLost
        }
    };
    Ok(batch.deliveries().iter().map(answer).collect())
}

/// Locks the rows and says which of them are in the state, under the fence, in time.
async fn held(
    session: &mut Session<'_>,
    batch: &DeliveryBatch,
    ids: &[i64],
    now: Timestamp,
) -> Result<HashSet<NotificationId>> {
    let lock = session.statement(sql!("outbox", "outbox_lock")).bind(ids);
    let mut rows = HashMap::new();
    for row in &session.rows(lock).await? {
        let mut row = Columns::of(row);
        let id = NotificationId::new(row.value()?);
        let fence = row.fence()?;
        let state = codes::notification_state(row.value()?)?;
        rows.insert(id, (fence, state, row.maybe_time()?));
    }
    let holds = |lease: &DeliveryLease| {
        rows.get(&lease.id).is_some_and(|(fence, state, until)| {
            *fence == lease.fence && *state == batch.from() && until.is_none_or(|until| until > now)
        })
    };
    let leases = batch.deliveries().iter().map(|(lease, _)| lease);
    Ok(leases
        .filter(|lease| holds(lease))
        .map(|lease| lease.id)
        .collect())
}

fn failure(delivery: &Delivery) -> Option<&Failure> {
    match delivery {
        Delivery::Sent { .. } => None,
        Delivery::Retry { failure, .. }
        | Delivery::Failed { failure }
        | Delivery::InDoubt { failure } => Some(failure),
    }
}

async fn write(
    session: &mut Session<'_>,
    applied: &[&(DeliveryLease, Delivery)],
    now: Timestamp,
) -> Result<()> {
    fn of<'a, T>(
        applied: &[&'a (DeliveryLease, Delivery)],
        column: impl Fn(&'a Delivery) -> T,
    ) -> Vec<T> {
        applied
            .iter()
            .map(|(_, delivery)| column(delivery))
            .collect()
    }
    if applied.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = applied.iter().map(|(lease, _)| lease.id.get()).collect();
    let statement = session
        .statement(sql!("outbox", "outbox_mark"))
        .bind(Micros(now))
        .bind(ids)
        .bind(of(applied, |delivery| {
            codes::notification_code(delivery.target())
        }))
        .bind(of(applied, |delivery| match delivery {
            Delivery::Retry { run_at, .. } => Some(Micros(run_at.resolve(now))),
            _ => None,
        }))
        .bind(of(applied, |delivery| match delivery {
            Delivery::Sent { provider_id } => provider_id.as_ref().map(ProviderId::as_str),
            _ => None,
        }))
        .bind(of(applied, |delivery| {
            failure(delivery).map(|f| f.class.as_str())
        }))
        .bind(of(applied, |delivery| {
            failure(delivery).map(|f| f.message.as_str())
        }));
    session.execute(statement).await.map(drop)
}

/// Finishes the jobs that waited for these rows last; each under the row that came last in order.
async fn finish_awaiting(
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

/// Puts rows into doubt whose lease ran out.
pub(crate) async fn doubt_expired(
    session: &mut Session<'_>,
    limit: u32,
) -> Result<Vec<NotificationId>> {
    let statement = session
        .statement(sql!("outbox", "outbox_doubt"))
        .bind(session.time())
        .bind(i64::from(limit));
    let mut doubted = Vec::new();
    for row in &session.rows(statement).await? {
        let mut row = Columns::of(row);
        let id = NotificationId::new(row.value()?);
        doubted.push((row.time()?, id));
    }
    doubted.sort_unstable();
    Ok(doubted.into_iter().map(|(_, id)| id).collect())
}

/// Rows in one state, by number.
pub(crate) async fn page(
    session: &mut Session<'_>,
    state: NotificationState,
    page: Page,
) -> Result<Vec<Notification>> {
    let statement = session
        .statement(sql!("outbox", "outbox_page"))
        .bind(codes::notification_code(state))
        .bind(page.cursor().unwrap_or(i64::MIN))
        .bind(i64::from(page.limit()));
    session.rows(statement).await?.iter().map(read).collect()
}

/// One row.
pub(crate) async fn one(
    session: &mut Session<'_>,
    id: NotificationId,
) -> Result<Option<Notification>> {
    let statement = session
        .statement(sql!("outbox", "outbox_one"))
        .bind(id.get());
    session
        .maybe(statement)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}
