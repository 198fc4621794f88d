//! Channels that rest.

use queue_core::{Act, AuditEntry, ChannelName, ChannelState};
use sqlx::postgres::PgRow;

use crate::fault::Result;
use crate::micros::Micros;
use crate::ops::audit;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// The channels that were ever paused, by name.
pub(crate) async fn all(session: &mut Session<'_>) -> Result<Vec<ChannelState>> {
    let statement = session.statement(sql!("channel", "channel_all"));
    session.rows(statement).await?.iter().map(read).collect()
}

fn read(row: &PgRow) -> Result<ChannelState> {
    let mut row = Columns::of(row);
    Ok(ChannelState {
        channel: row.name()?,
        paused: row.value()?,
        by: row.name()?,
        reason: row.value()?,
        since: row.time()?,
    })
}

/// Pauses a channel or lets it go on, on record; `false` if it was so already.
pub(crate) async fn pause(
    session: &mut Session<'_>,
    channel: &ChannelName,
    paused: bool,
    act: &Act,
) -> Result<bool> {
    let text = if paused {
        sql!("channel", "channel_pause")
    } else {
        sql!("channel", "channel_resume")
    };
    let statement = session
        .statement(text)
        .bind(channel.as_str())
        .bind(act.actor.as_str())
        .bind(&act.reason)
        .bind(Micros(session.now()?));
    if session.execute(statement).await? == 0 {
        return Ok(false);
    }
    audit::record(session, AuditEntry::pause_channel(act, channel, paused)).await?;
    Ok(true)
}
