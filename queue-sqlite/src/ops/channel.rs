//! Channels that rest.

use queue_core::{Act, AuditEntry, ChannelName, ChannelState};
use rusqlite::params;

use crate::fault::Result;
use crate::ops::audit;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// The channels that were ever paused, by name.
pub(crate) fn all(session: &Session<'_>) -> Result<Vec<ChannelState>> {
    let mut statement = session.prepare(sql!("channel", "channel_all"))?;
    let mut rows = statement.query([])?;
    let mut channels = Vec::new();
    while let Some(row) = rows.next()? {
        let mut columns = Columns::of(row);
        channels.push(ChannelState {
            channel: columns.name()?,
            paused: columns.value()?,
            by: columns.name()?,
            reason: columns.value()?,
            since: columns.time()?,
        });
    }
    Ok(channels)
}

pub(crate) fn is_paused(session: &Session<'_>, channel: &ChannelName) -> Result<bool> {
    let mut statement = session.prepare(sql!("channel", "channel_is_paused"))?;
    Ok(statement.exists([channel.as_str()])?)
}

/// Pauses a channel or lets it go on, on record; `false` if it was so already.
pub(crate) fn pause(
    session: &Session<'_>,
    channel: &ChannelName,
    paused: bool,
    act: &Act,
) -> Result<bool> {
    let text = if paused {
        sql!("channel", "channel_pause")
    } else {
        sql!("channel", "channel_resume")
    };
    let changed = session.execute(
        text,
        params![
            channel.as_str(),
            act.actor.as_str(),
            act.reason,
            session.micros()
        ],
    )?;
    if changed == 0 {
        return Ok(false);
    }
    audit::record(session, AuditEntry::pause_channel(act, channel, paused))?;
    Ok(true)
}
