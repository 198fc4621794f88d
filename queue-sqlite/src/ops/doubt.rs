//! Rows in doubt, and those that the provider is to be asked about.

use queue_core::{Delivery, DeliveryEvent, LookRequest, Notification, NotificationId, codes};
use rusqlite::params;

use crate::fault::Result;
use crate::ops::{mark, outbox};
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// Names rows whose lease ran out while sending.
pub(crate) fn interrupted(session: &Session<'_>, limit: u32) -> Result<Vec<NotificationId>> {
    let expired: Vec<i64> = session
        .prepare(sql!("outbox", "outbox_expired"))?
        .query_map(params![session.micros(), limit], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(expired.into_iter().map(NotificationId::new).collect())
}

/// Puts rows whose lease ran out while sending into doubt.
pub(crate) fn expired(session: &Session<'_>, limit: u32) -> Result<Vec<NotificationId>> {
    let expired = interrupted(session, limit)?;
    doubt(session, &expired)
}

/// Puts these rows into doubt, as far as their lease ran out while sending.
pub(crate) fn doubt(session: &Session<'_>, rows: &[NotificationId]) -> Result<Vec<NotificationId>> {
    let why = Delivery::interrupted();
    let mut doubted = Vec::new();
    for id in rows {
        let changed = session.execute(
            sql!("outbox", "outbox_doubt"),
            params![id.get(), session.micros(), why.class.as_str(), why.message],
        )?;
        if changed == 1 {
            mark::event(session, *id, Some((&why.class, &why.message)))?;
            doubted.push(*id);
        }
    }
    Ok(doubted)
}

/// Hands out rows that the provider is to be asked about, those due first, and puts them off.
pub(crate) fn look(session: &Session<'_>, request: &LookRequest) -> Result<Vec<Notification>> {
    let mut due: Vec<(i64, i64)> = Vec::new();
    let mut statement = session.prepare(sql!("outbox", "outbox_look_due"))?;
    for channel in outbox::distinct(request.channels()) {
        let mut rows =
            statement.query(params![channel.as_str(), session.micros(), request.limit()])?;
        while let Some(row) = rows.next()? {
            due.push((row.get(0)?, row.get(1)?));
        }
    }
    due.sort_unstable();
    due.truncate(request.limit() as usize);
    let again = (session.now() + request.again_in()).as_micros();
    let look = |(_, id): (i64, i64)| {
        session.execute(sql!("outbox", "outbox_look"), [id, again])?;
        outbox::readable(session, id)
    };
    due.into_iter()
        .filter_map(|row| look(row).transpose())
        .collect()
}

/// What happened to a row on its way, oldest first.
pub(crate) fn events(session: &Session<'_>, id: NotificationId) -> Result<Vec<DeliveryEvent>> {
    let mut statement = session.prepare(sql!("outbox", "outbox_events"))?;
    let mut rows = statement.query([id.get()])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let mut columns = Columns::of(row);
        events.push(DeliveryEvent {
            at: columns.time()?,
            attempt: columns.count()?,
            phase: codes::phase(columns.value()?)?,
            state: codes::notification_state(columns.value()?)?,
            failure: columns.class_and_text()?,
        });
    }
    Ok(events)
}
