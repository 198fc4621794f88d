//! Recipients that get nothing.

use std::collections::BTreeMap;

use queue_core::{Act, AuditEntry, ChannelName, NewSuppression, Page, Recipient, Suppression};
use sqlx::postgres::PgRow;

use crate::fault::Result;
use crate::micros::Micros;
use crate::ops::audit;
use crate::ops::enqueue::of;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// Puts recipients on the lists of channels with who says so, in the place of what is there; of several
/// on one recipient the last counts.
pub(crate) async fn put(
    session: &mut Session<'_>,
    new: Vec<(NewSuppression, String)>,
) -> Result<()> {
    let now = session.now()?;
    let by_recipient: BTreeMap<_, _> = new
        .iter()
        .map(|(new, origin)| ((&new.channel, &new.recipient), (new, origin)))
        .collect();
    let new: Vec<_> = by_recipient.into_values().collect();
    let statement = session
        .statement(sql!("suppression", "suppression_put"))
        .bind(Micros(now))
        .bind(of(&new, |(new, _)| new.channel.as_str()))
        .bind(of(&new, |(new, _)| new.recipient.as_str()))
        .bind(of(&new, |(new, _)| new.reason.as_str()))
        .bind(of(&new, |(_, origin)| origin.as_str()))
        .bind(of(&new, |(new, _)| new.evidence.as_str()))
        .bind(of(&new, |(new, _)| new.lasts.until(now).map(Micros)));
    session.execute(statement).await.map(drop)
}

/// The same by an operator, on record.
pub(crate) async fn add(session: &mut Session<'_>, new: &NewSuppression, act: &Act) -> Result<()> {
    put(session, vec![(new.clone(), act.actor.as_str().to_owned())]).await?;
    audit::record(session, AuditEntry::suppress(act, new)).await
}

/// Takes a recipient off the list, on record; `false` if it was not on it.
pub(crate) async fn remove(
    session: &mut Session<'_>,
    channel: &ChannelName,
    recipient: &Recipient,
    act: &Act,
) -> Result<bool> {
    let statement = session
        .statement(sql!("suppression", "suppression_remove"))
        .bind(channel.as_str())
        .bind(recipient.as_str());
    if session.execute(statement).await? == 0 {
        return Ok(false);
    }
    audit::record(session, AuditEntry::unsuppress(act, channel, recipient)).await?;
    Ok(true)
}

/// Which of these get nothing through a channel now, by number.
pub(crate) async fn among(
    session: &mut Session<'_>,
    channel: &ChannelName,
    recipients: &[Recipient],
) -> Result<Vec<Suppression>> {
    let statement = session
        .statement(sql!("suppression", "suppression_of"))
        .bind(channel.as_str())
        .bind(of(recipients, Recipient::as_str))
        .bind(session.time());
    let rows = session.rows(statement).await?;
    let mut found = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    found.sort_by_key(|there| there.id);
    Ok(found)
}

/// All that are listed, of one channel or of all, by number.
pub(crate) async fn page(
    session: &mut Session<'_>,
    channel: Option<&ChannelName>,
    page: Page,
) -> Result<Vec<Suppression>> {
    let statement = session
        .statement(sql!("suppression", "suppression_page"))
        .bind(page.cursor().unwrap_or(i64::MIN))
        .bind(channel.map(ChannelName::as_str))
        .bind(i64::from(page.limit()));
    session.rows(statement).await?.iter().map(read).collect()
}

fn read(row: &PgRow) -> Result<Suppression> {
    let mut row = Columns::of(row);
    Ok(Suppression {
        id: row.value()?,
        channel: row.name()?,
        recipient: row.name()?,
        reason: row.name()?,
        origin: row.value()?,
        evidence: row.value()?,
        created_at: row.time()?,
        expires_at: row.maybe_time()?,
    })
}
