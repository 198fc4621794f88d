//! What operators decide on notifications.

use queue_core::{
    Act, AuditEntry, Fence, NotificationChange, NotificationId, NotificationVerb, Recipient,
    VerbBatch, codes,
};

use crate::fault::Result;
use crate::micros::Micros;
use crate::ops::enqueue::of;
use crate::ops::{audit, mark};
use crate::session::Session;
use crate::sql::sql;

/// Decides on notifications as they were seen, each on its own, on record.
pub(crate) async fn decide(
    session: &mut Session<'_>,
    batch: &VerbBatch,
    act: &Act,
) -> Result<Vec<NotificationChange>> {
    let verb = batch.verb();
    let ids = of(batch.targets(), |(id, _)| id.get());
    if verb.target().is_settled() {
        mark::lock_jobs(session, &ids).await?;
    }
    let rows = mark::lock(session, &ids).await?;
    let answer = |(id, fence): &(NotificationId, Fence)| match rows.get(id) {
        None => NotificationChange::NotFound,
        Some(row) if row.fence != *fence => NotificationChange::Changed,
        Some(row) if row.state != verb.from() => NotificationChange::Refused { state: row.state },
        Some(_) => NotificationChange::Applied {
            state: verb.target(),
            finished_jobs: Vec::new(),
        },
    };
    let mut answers: Vec<_> = batch.targets().iter().map(answer).collect();
    let applied: Vec<_> = batch
        .targets()
        .iter()
        .zip(&answers)
        .filter(|(_, answer)| matches!(answer, NotificationChange::Applied { .. }))
        .map(|((id, _), _)| *id)
        .collect();
    if applied.is_empty() {
        return Ok(answers);
    }
    write(session, verb, &applied).await?;
    if verb.target().is_settled() {
        let settled = of(&applied, |id| id.get());
        let mut finished = mark::finish_awaiting(session, &settled).await?;
        for ((id, _), answer) in batch.targets().iter().zip(&mut answers) {
            if let NotificationChange::Applied { finished_jobs, .. } = answer {
                *finished_jobs = finished.remove(id).unwrap_or_default();
            }
        }
    }
    let records = applied.iter().map(|id| AuditEntry::decide(act, *id, verb));
    audit::record_all(session, records.collect()).await?;
    Ok(answers)
}

async fn write(
    session: &mut Session<'_>,
    verb: &NotificationVerb,
    applied: &[NotificationId],
) -> Result<()> {
    let redirected_to = match verb {
        NotificationVerb::Redirect(to) => Some(to),
        _ => None,
    };
    let found = verb.finding();
    let statement = session
        .statement(sql!("outbox", "outbox_decide"))
        .bind(Micros(session.now()?))
        .bind(of(applied, |id| id.get()))
        .bind(codes::notification_code(verb.target()))
        .bind(verb.starts_over())
        .bind(redirected_to.map(Recipient::as_str))
        .bind(found.as_ref().map(|(class, _)| class.as_str()))
        .bind(found.as_ref().map(|(_, text)| text.as_str()))
        .bind(verb.keeps_doubt());
    session.execute(statement).await.map(drop)
}
