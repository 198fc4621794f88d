//! Outbox rows: storing, leasing, marking.

use queue_core::{
    ChannelName, Delivery, DeliveryBatch, DeliveryLease, DeliveryPhase, DeliveryRequest, Failure,
    Intent, JobId, Marked, NewNotification, Notification, NotificationId, NotificationState, Page,
    ProviderId, PublishBatch, Published, Revision, Timestamp, codes,
};
use rusqlite::{OptionalExtension, params};

use crate::fault::{Fault, Result};
use crate::ops::finish::{self, Ending};
use crate::row::{Columns, stored_type};
use crate::session::Session;
use crate::sql::sql;

/// What became of a message, and whether its row needs no sending any more.
pub(crate) struct PublishedRow {
    pub(crate) published: Published,
    pub(crate) settled: bool,
}

/// Stores messages that no job brought.
pub(crate) fn publish(session: &Session<'_>, batch: &PublishBatch) -> Result<Vec<Published>> {
    let rows = publish_for(session, None, batch.notifications())?;
    Ok(rows.into_iter().map(|row| row.published).collect())
}

/// Stores messages, each intent once.
pub(crate) fn publish_for(
    session: &Session<'_>,
    job: Option<JobId>,
    notifications: &[NewNotification],
) -> Result<Vec<PublishedRow>> {
    let mut rows = Vec::with_capacity(notifications.len());
    for wanted in notifications {
        let intent = &wanted.intent;
        if let Some((id, state)) = same_intent(session, intent)? {
            rows.push(PublishedRow {
                published: Published::Duplicate(id),
                settled: state.is_settled(),
            });
            continue;
        }
        let id = session.draw_notification();
        session.execute(
            sql!("outbox", "outbox_insert"),
            params![
                id.get(),
                job.map(JobId::get),
                wanted.run_at.resolve(session.now()).as_micros(),
                session.micros(),
                intent.channel.as_str(),
                intent.purpose.as_str(),
                intent.subject.as_str(),
                intent.recipient.as_str(),
                intent.revision.get(),
                intent.provider_key(),
                wanted.message.schema_version(),
                stored_type(&wanted.message),
                wanted.message.bytes().as_ref(),
            ],
        )?;
        rows.push(PublishedRow {
            published: Published::Stored(id),
            settled: false,
        });
    }
    Ok(rows)
}

fn same_intent(
    session: &Session<'_>,
    intent: &Intent,
) -> Result<Option<(NotificationId, NotificationState)>> {
    let found: Option<(i64, i16)> = session
        .prepare(sql!("outbox", "outbox_same_intent"))?
        .query_row(
            params![
                intent.channel.as_str(),
                intent.purpose.as_str(),
                intent.subject.as_str(),
                intent.recipient.as_str(),
                intent.revision.get()
            ],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    found
        .map(|(id, state)| Ok((NotificationId::new(id), codes::notification_state(state)?)))
        .transpose()
}

/// Hands out rows that are due, those due first.
pub(crate) fn lease(session: &Session<'_>, request: &DeliveryRequest) -> Result<Vec<Notification>> {
    let channels = match request.only_channels() {
        Some(channels) => {
            let mut channels = channels.to_vec();
            channels.sort();
            channels.dedup();
            channels
        }
        None => pending_channels(session)?,
    };
    let mut due: Vec<(i64, i64)> = Vec::new();
    let mut statement = session.prepare(sql!("outbox", "outbox_due"))?;
    for channel in channels {
        let mut rows =
            statement.query(params![channel.as_str(), session.micros(), request.limit()])?;
        while let Some(row) = rows.next()? {
            due.push((row.get(0)?, row.get(1)?));
        }
    }
    due.sort_unstable();
    due.truncate(request.limit() as usize);
    let until = session.now() + request.lease();
    let mut leased = Vec::with_capacity(due.len());
    for (_, id) in due {
        session.execute(
            sql!("outbox", "outbox_lease"),
            params![id, until.as_micros(), request.worker().as_str()],
        )?;
        let row = one(session, NotificationId::new(id))?;
        leased.push(row.ok_or_else(|| Fault::corrupt("a notification is only in an index"))?);
    }
    Ok(leased)
}

fn pending_channels(session: &Session<'_>) -> Result<Vec<ChannelName>> {
    let mut statement = session.prepare(sql!("outbox", "outbox_next_channel"))?;
    let mut channels: Vec<ChannelName> = Vec::new();
    loop {
        let last = channels.last().map_or("", ChannelName::as_str);
        let next: Option<String> = statement.query_row([last], |row| row.get(0)).optional()?;
        match next {
            Some(channel) => channels.push(ChannelName::new(channel)?),
            None => return Ok(channels),
        }
    }
}

/// Writes down how far an attempt is, if its lease is current.
pub(crate) fn note_phase(
    session: &Session<'_>,
    lease: &DeliveryLease,
    phase: DeliveryPhase,
) -> Result<bool> {
    let changed = session.execute(
        sql!("outbox", "outbox_note_phase"),
        params![
            lease.id.get(),
            lease.fence.get(),
            codes::phase_code(phase),
            session.micros()
        ],
    )?;
    Ok(changed == 1)
}

/// Marks how attempts or verdicts ended.
pub(crate) fn mark(session: &Session<'_>, batch: &DeliveryBatch) -> Result<Vec<Marked>> {
    let from = codes::notification_code(batch.from());
    let mut current = session.prepare(sql!("outbox", "outbox_current"))?;
    let mut answers = Vec::with_capacity(batch.deliveries().len());
    for (lease, delivery) in batch.deliveries() {
        let id = lease.id.get();
        if !current.exists(params![id, lease.fence.get(), from, session.micros()])? {
            answers.push(Marked::LeaseLost);
            continue;
        }
        let finished_jobs = match delivery {
            Delivery::Sent { provider_id } => {
                session.execute(
                    sql!("outbox", "outbox_sent"),
                    params![
                        id,
                        session.micros(),
                        provider_id.as_ref().map(ProviderId::as_str)
                    ],
                )?;
                finish_waiting(session, id)?
            }
            Delivery::Retry { run_at, failure } => {
                let run_at = Some(run_at.resolve(session.now()));
                not_sent(session, id, delivery, run_at, failure)?
            }
            Delivery::Failed { failure } | Delivery::InDoubt { failure } => {
                not_sent(session, id, delivery, None, failure)?
            }
        };
        answers.push(Marked::Applied {
            state: delivery.target(),
            finished_jobs,
        });
    }
    Ok(answers)
}

fn not_sent(
    session: &Session<'_>,
    id: i64,
    delivery: &Delivery,
    run_at: Option<Timestamp>,
    failure: &Failure,
) -> Result<Vec<JobId>> {
    session.execute(
        sql!("outbox", "outbox_not_sent"),
        params![
            id,
            codes::notification_code(delivery.target()),
            run_at.map(Timestamp::as_micros),
            failure.class.as_str(),
            failure.message
        ],
    )?;
    Ok(Vec::new())
}

/// Finishes the jobs that waited for this row last.
fn finish_waiting(session: &Session<'_>, notification: i64) -> Result<Vec<JobId>> {
    let mut jobs: Vec<i64> = session
        .prepare(sql!("outbox", "outbox_settle"))?
        .query_map([notification], |row| row.get(0))?
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

/// Puts rows whose lease ran out while sending into doubt.
pub(crate) fn doubt_expired(session: &Session<'_>, limit: u32) -> Result<Vec<NotificationId>> {
    let expired: Vec<i64> = session
        .prepare(sql!("outbox", "outbox_expired"))?
        .query_map(params![session.micros(), limit], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for id in &expired {
        session.execute(sql!("outbox", "outbox_doubt"), [id])?;
    }
    Ok(expired.into_iter().map(NotificationId::new).collect())
}

/// One row.
pub(crate) fn one(session: &Session<'_>, id: NotificationId) -> Result<Option<Notification>> {
    let mut statement = session.prepare(sql!("outbox", "outbox_one"))?;
    let mut rows = statement.query([id.get()])?;
    rows.next()?.map(|row| decode(Columns::of(row))).transpose()
}

/// Rows in one state, by id.
pub(crate) fn page(
    session: &Session<'_>,
    state: NotificationState,
    page: Page,
) -> Result<Vec<Notification>> {
    let mut statement = session.prepare(sql!("outbox", "outbox_page"))?;
    let after = page.cursor().unwrap_or(i64::MIN);
    let mut rows = statement.query(params![
        codes::notification_code(state),
        after,
        page.limit()
    ])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(decode(Columns::of(row))?);
    }
    Ok(found)
}

fn decode(mut columns: Columns<'_, '_>) -> Result<Notification> {
    Ok(Notification {
        id: NotificationId::new(columns.value()?),
        job: columns.value::<Option<i64>>()?.map(JobId::new),
        intent: Intent {
            channel: columns.name()?,
            purpose: columns.name()?,
            subject: columns.name()?,
            recipient: columns.name()?,
            revision: Revision::new(columns.value()?),
        },
        state: codes::notification_state(columns.value()?)?,
        message: columns.payload()?,
        provider_key: columns.value()?,
        fence: columns.fence()?,
        attempt: columns.count()?,
        run_at: columns.time()?,
        phase: codes::phase(columns.value()?)?,
        lease_expires_at: columns.maybe_time()?,
        provider_id: columns.maybe_name()?,
        notified_at: columns.maybe_time()?,
        failure: {
            let class = columns.maybe_name()?;
            let text: Option<String> = columns.value()?;
            class.zip(text)
        },
        created_at: columns.time()?,
    })
}
