//! What operators decide on notifications.

use queue_core::{
    Act, AuditEntry, Fence, Intent, NotificationChange, NotificationId, NotificationVerb,
    VerbBatch, codes,
};
use rusqlite::params;

use crate::fault::Result;
use crate::ops::{audit, mark, outbox};
use crate::session::Session;
use crate::sql::sql;

/// Decides on notifications as they were seen, each on its own, on record.
pub(crate) fn decide(
    session: &Session<'_>,
    batch: &VerbBatch,
    act: &Act,
) -> Result<Vec<NotificationChange>> {
    let targets = batch.targets().iter();
    targets
        .map(|(id, fence)| decide_one(session, *id, *fence, batch.verb(), act))
        .collect()
}

fn decide_one(
    session: &Session<'_>,
    id: NotificationId,
    fence: Fence,
    verb: &NotificationVerb,
    act: &Act,
) -> Result<NotificationChange> {
    let Some(row) = outbox::one(session, id)? else {
        return Ok(NotificationChange::NotFound);
    };
    if row.fence != fence {
        return Ok(NotificationChange::Changed);
    }
    if row.state != verb.from() {
        return Ok(NotificationChange::Refused { state: row.state });
    }
    let state = verb.target();
    session.execute(
        sql!("outbox", "outbox_decide"),
        params![
            id.get(),
            codes::notification_code(state),
            session.micros(),
            verb.starts_over(),
            verb.keeps_doubt(),
        ],
    )?;
    if let NotificationVerb::Redirect(to) = verb {
        let redirected = Intent {
            recipient: to.clone(),
            ..row.intent
        };
        session.execute(
            sql!("outbox", "outbox_redirect"),
            params![id.get(), to.as_str(), redirected.provider_key()],
        )?;
    }
    let found = verb.finding();
    mark::event(
        session,
        id,
        found.as_ref().map(|(class, text)| (class, text.as_str())),
    )?;
    audit::record(session, AuditEntry::decide(act, id, verb))?;
    Ok(NotificationChange::Applied {
        state,
        finished_jobs: mark::settled(session, id, state)?,
    })
}
