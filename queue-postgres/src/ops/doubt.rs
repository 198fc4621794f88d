//! Rows in doubt, and those that the provider is to be asked about.

use queue_core::{
    ChannelName, Delivery, DeliveryEvent, LookRequest, Notification, NotificationId, codes,
};
use sqlx::postgres::PgRow;

use crate::fault::Result;
use crate::micros::micros;
use crate::ops::enqueue::of;
use crate::ops::outbox;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// Names rows whose lease ran out while sending.
pub(crate) async fn interrupted(
    session: &mut Session<'_>,
    limit: u32,
) -> Result<Vec<NotificationId>> {
    let statement = session
        .statement(sql!("outbox", "outbox_interrupted"))
        .bind(session.time())
        .bind(i64::from(limit));
    let rows = session.rows(statement).await?;
    let read = |row| Ok(NotificationId::new(Columns::of(row).value()?));
    rows.iter().map(read).collect()
}

/// Puts rows into doubt whose lease ran out: all, or those that are named.
pub(crate) async fn expired(
    session: &mut Session<'_>,
    limit: u32,
    named: Option<&[NotificationId]>,
) -> Result<Vec<NotificationId>> {
    let why = Delivery::interrupted();
    let named = named.map(|rows| rows.iter().map(|id| id.get()).collect::<Vec<_>>());
    let statement = session
        .statement(sql!("outbox", "outbox_doubt"))
        .bind(session.time())
        .bind(i64::from(limit))
        .bind(why.class.as_str())
        .bind(why.message)
        .bind(named);
    let mut doubted = Vec::new();
    for row in &session.rows(statement).await? {
        let mut row = Columns::of(row);
        let id = NotificationId::new(row.value()?);
        doubted.push((row.time()?, id));
    }
    doubted.sort_unstable();
    Ok(doubted.into_iter().map(|(_, id)| id).collect())
}

/// Hands out rows that the provider is to be asked about, those due first, and puts them off.
pub(crate) async fn look(
    session: &mut Session<'_>,
    request: &LookRequest,
) -> Result<Vec<Notification>> {
    let statement = session
        .statement(sql!("outbox", "outbox_look"))
        .bind(session.time())
        .bind(of(request.channels(), ChannelName::as_str))
        .bind(i64::from(request.limit()))
        .bind(micros(request.again_in()));
    let read = |row| {
        let mut row = Columns::of(row);
        let notification = outbox::readable(&mut row)?;
        Some(row.time().map(|at| (at, notification)))
    };
    let rows = session.rows(statement).await?;
    let mut due = rows.iter().filter_map(read).collect::<Result<Vec<_>>>()?;
    due.sort_by_key(|(at, row)| (*at, row.id));
    Ok(due.into_iter().map(|(_, row)| row).collect())
}

/// What happened to a row on its way, oldest first.
pub(crate) async fn events(
    session: &mut Session<'_>,
    id: NotificationId,
) -> Result<Vec<DeliveryEvent>> {
    let statement = session
        .statement(sql!("outbox", "outbox_events"))
        .bind(id.get());
    session.rows(statement).await?.iter().map(event).collect()
}

fn event(row: &PgRow) -> Result<DeliveryEvent> {
    let mut row = Columns::of(row);
    Ok(DeliveryEvent {
        at: row.time()?,
        attempt: row.count()?,
        phase: codes::phase(row.value()?)?,
        state: codes::notification_state(row.value()?)?,
        failure: row.class_and_text()?,
    })
}
