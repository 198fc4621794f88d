//! Notifications on their way: leased, followed, read.

use std::collections::HashMap;

use queue_core::{
    DeliveryLease, DeliveryRequest, Intent, JobId, Notification, NotificationId, NotificationState,
    Page, PhaseBatch, PhaseNoted, Recipient, UnreadableNotification, codes, digest,
};
use sqlx::postgres::PgRow;

use crate::fault::Result;
use crate::micros::micros;
use crate::ops::enqueue::of;
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
    let mut leased: Vec<_> = rows
        .iter()
        .filter_map(|row| readable(&mut Columns::of(row)))
        .collect();
    leased.sort_by_key(|row| (row.run_at, row.id));
    Ok(leased)
}

/// A row that begins with its number, if it can be read; that it cannot is reported, and nobody else's concern.
pub(crate) fn readable(row: &mut Columns<'_>) -> Option<Notification> {
    let mut number = row.clone();
    let read = read_from(row);
    if read.is_err() {
        let id = NotificationId::new(number.value().unwrap_or_default());
        let column = row.last();
        UnreadableNotification { id, column }.report();
    }
    read.ok()
}

fn read(row: &PgRow) -> Result<Notification> {
    read_from(&mut Columns::of(row))
}

/// A whole row, from left to right.
pub(crate) fn read_from(row: &mut Columns<'_>) -> Result<Notification> {
    let id = NotificationId::new(row.value()?);
    let job = row.value::<Option<i64>>()?.map(JobId::new);
    let intent = Intent {
        channel: row.name()?,
        purpose: row.name()?,
        subject: row.name()?,
        recipient: row.name()?,
        revision: queue_core::Revision::new(row.value()?),
    };
    let redirected_to: Option<Recipient> = row.maybe_name()?;
    let state = codes::notification_state(row.value()?)?;
    let message = row.payload()?;
    let stored = row.text()?.map(str::to_owned);
    Ok(Notification {
        id,
        job,
        provider_key: provider_key(&intent, redirected_to.as_ref()),
        intent,
        redirected_to,
        state,
        // Rows that were settled before there was the column have none.
        digest: stored.unwrap_or_else(|| digest(&message)),
        message,
        fence: row.fence()?,
        attempt: row.count()?,
        run_at: row.time()?,
        phase: codes::phase(row.value()?)?,
        lease_expires_at: row.maybe_time()?,
        provider_id: row.maybe_name()?,
        notified_at: row.maybe_time()?,
        failure: row.class_and_text()?,
        created_at: row.time()?,
        first_attempt_at: row.maybe_time()?,
        perhaps_taken: row.value()?,
        doubted_at: row.maybe_time()?,
        look_at: row.maybe_time()?,
        looks: row.count()?,
    })
}

/// The intent's, with the recipient it was redirected to.
fn provider_key(intent: &Intent, redirected_to: Option<&Recipient>) -> String {
    match redirected_to {
        None => intent.provider_key(),
        Some(to) => {
            let mut intent = intent.clone();
            intent.recipient = to.clone();
            intent.provider_key()
        }
    }
}

/// Writes down how far attempts are, and lets their leases go on, where those are current.
pub(crate) async fn note_phases(
    session: &mut Session<'_>,
    batch: &PhaseBatch,
) -> Result<Vec<PhaseNoted>> {
    let mut notes: Vec<_> = batch.notes().iter().collect();
    notes.sort_unstable_by_key(|(lease, _)| lease.id);
    let statement = session
        .statement(sql!("outbox", "outbox_phases"))
        .bind(session.time())
        .bind(of(&notes, |(lease, _)| lease.id.get()))
        .bind(of(&notes, |(lease, _)| lease.fence.get()))
        .bind(of(&notes, |(_, phase)| codes::phase_code(*phase)))
        .bind(micros(batch.lease()))
        .bind(micros(batch.enough()));
    let mut noted = HashMap::new();
    for row in &session.rows(statement).await? {
        let mut row = Columns::of(row);
        let id = NotificationId::new(row.value()?);
        let expires_at = row.time()?;
        noted.insert(id, PhaseNoted::Noted { expires_at });
    }
    let answer = |(lease, _): &(DeliveryLease, _)| {
        let noted = noted.get(&lease.id).copied();
        noted.unwrap_or(PhaseNoted::LeaseLost)
    };
    Ok(batch.notes().iter().map(answer).collect())
}

/// Rows in one state, by number.
pub(crate) async fn page(
    session: &mut Session<'_>,
    state: NotificationState,
    page: Page,
) -> Result<Vec<Notification>> {
    let mut after = page.cursor().unwrap_or(i64::MIN);
    let mut found = Vec::new();
    loop {
        let left = page.limit() as usize - found.len();
        let statement = session
            .statement(sql!("outbox", "outbox_page"))
            .bind(codes::notification_code(state))
            .bind(after)
            .bind(i64::try_from(left).unwrap_or(i64::MAX));
        let (rows, kept) = (session.rows(statement).await?, found.len());
        if let Some(last) = rows.last() {
            after = Columns::of(last).value()?;
        }
        let readable = |row| readable(&mut Columns::of(row));
        found.extend(rows.iter().filter_map(readable));
        // In the place of those that cannot be read come others: a page that is not full is the last.
        if rows.len() < left || found.len() - kept == rows.len() {
            return Ok(found);
        }
    }
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
