//! Outbox rows: storing, leasing, reading.

use queue_core::{
    ChannelName, DeliveryRequest, Intent, JobId, NewNotification, Notification, NotificationId,
    NotificationState, Page, PhaseBatch, PhaseNoted, PublishBatch, Published, Revision, Timestamp,
    UnreadableNotification, codes, digest,
};
use rusqlite::{OptionalExtension, params};

use crate::fault::{Fault, Result};
use crate::ops::channel;
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
                digest(&wanted.message),
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

/// Hands out rows that are due, those due first; none of channels that are paused.
pub(crate) fn lease(session: &Session<'_>, request: &DeliveryRequest) -> Result<Vec<Notification>> {
    let channels = match request.only_channels() {
        Some(channels) => distinct(channels),
        None => pending_channels(session)?,
    };
    let mut due: Vec<(i64, i64)> = Vec::new();
    let mut statement = session.prepare(sql!("outbox", "outbox_due"))?;
    for channel in channels {
        if channel::is_paused(session, &channel)? {
            continue;
        }
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
            params![
                id,
                until.as_micros(),
                request.worker().as_str(),
                session.micros()
            ],
        )?;
        leased.extend(readable(session, id)?);
    }
    Ok(leased)
}

/// Each of these once.
pub(crate) fn distinct(channels: &[ChannelName]) -> Vec<ChannelName> {
    let mut channels = channels.to_vec();
    channels.sort();
    channels.dedup();
    channels
}

/// A row that an index has.
pub(crate) fn indexed(session: &Session<'_>, id: i64) -> Result<Notification> {
    let row = one(session, NotificationId::new(id))?;
    row.ok_or_else(|| Fault::corrupt("a notification is only in an index"))
}

/// A row that an index has, if it can be read; that it cannot is reported, and nobody else's concern.
pub(crate) fn readable(session: &Session<'_>, id: i64) -> Result<Option<Notification>> {
    let mut statement = session.prepare(sql!("outbox", "outbox_one"))?;
    let mut rows = statement.query([id])?;
    let row = rows.next()?;
    let row = row.ok_or_else(|| Fault::corrupt("a notification is only in an index"))?;
    Ok(read(row, id))
}

/// The channels that have something to be sent, by name.
pub(crate) fn pending_channels(session: &Session<'_>) -> Result<Vec<ChannelName>> {
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

/// Writes down how far attempts are, and lets their leases go on, where those are current.
pub(crate) fn note_phases(session: &Session<'_>, batch: &PhaseBatch) -> Result<Vec<PhaseNoted>> {
    let (expires_at, enough) = (
        session.now() + batch.lease(),
        session.now() + batch.enough(),
    );
    let mut note = session.prepare(sql!("outbox", "outbox_note_phase"))?;
    let mut answers = Vec::with_capacity(batch.notes().len());
    for (lease, phase) in batch.notes() {
        let noted: Option<i64> = note
            .query_row(
                params![
                    lease.id.get(),
                    lease.fence.get(),
                    codes::phase_code(*phase),
                    session.micros(),
                    expires_at.as_micros(),
                    enough.as_micros(),
                ],
                |row| row.get(0),
            )
            .optional()?;
        answers.push(
            noted.map_or(PhaseNoted::LeaseLost, |until| PhaseNoted::Noted {
                expires_at: Timestamp::from_micros(until),
            }),
        );
    }
    Ok(answers)
}

/// One row.
pub(crate) fn one(session: &Session<'_>, id: NotificationId) -> Result<Option<Notification>> {
    let mut statement = session.prepare(sql!("outbox", "outbox_one"))?;
    let mut rows = statement.query([id.get()])?;
    rows.next()?
        .map(|row| decode(&mut Columns::of(row)))
        .transpose()
}

/// Rows in one state, by id.
pub(crate) fn page(
    session: &Session<'_>,
    state: NotificationState,
    page: Page,
) -> Result<Vec<Notification>> {
    let mut statement = session.prepare(sql!("outbox", "outbox_page"))?;
    let mut after = page.cursor().unwrap_or(i64::MIN);
    let mut found = Vec::new();
    loop {
        let left = page.limit() as usize - found.len();
        let limit = i64::try_from(left).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![codes::notification_code(state), after, limit])?;
        let (mut walked, kept) = (0, found.len());
        while let Some(row) = rows.next()? {
            walked += 1;
            after = row.get(0)?;
            found.extend(read(row, after));
        }
        // In the place of those that cannot be read come others: a page that is not full is the last.
        if walked < left || found.len() - kept == walked {
            return Ok(found);
        }
    }
}

/// A row, if it can be read; that it cannot is reported, and nobody else's concern.
fn read(row: &rusqlite::Row<'_>, id: i64) -> Option<Notification> {
    let mut columns = Columns::of(row);
    let read = decode(&mut columns);
    if read.is_err() {
        let (id, column) = (NotificationId::new(id), columns.last());
        UnreadableNotification { id, column }.report();
    }
    read.ok()
}

fn decode(columns: &mut Columns<'_, '_>) -> Result<Notification> {
    let id = NotificationId::new(columns.value()?);
    let job = columns.value::<Option<i64>>()?.map(JobId::new);
    let intent = Intent {
        channel: columns.name()?,
        purpose: columns.name()?,
        subject: columns.name()?,
        recipient: columns.name()?,
        revision: Revision::new(columns.value()?),
    };
    let redirected_to = columns.maybe_name()?;
    let state = codes::notification_state(columns.value()?)?;
    let message = columns.payload()?;
    let stored: Option<String> = columns.value()?;
    Ok(Notification {
        id,
        job,
        intent,
        redirected_to,
        state,
        // Rows of before the column have none.
        digest: stored.unwrap_or_else(|| digest(&message)),
        message,
        provider_key: columns.value()?,
        fence: columns.fence()?,
        attempt: columns.count()?,
        run_at: columns.time()?,
        phase: codes::phase(columns.value()?)?,
        lease_expires_at: columns.maybe_time()?,
        provider_id: columns.maybe_name()?,
        notified_at: columns.maybe_time()?,
        failure: columns.class_and_text()?,
        created_at: columns.time()?,
        first_attempt_at: columns.maybe_time()?,
        perhaps_taken: columns.value()?,
        doubted_at: columns.maybe_time()?,
        look_at: columns.maybe_time()?,
        looks: columns.count()?,
    })
}
