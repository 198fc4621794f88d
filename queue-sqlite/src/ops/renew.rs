//! Extending leases.

use queue_core::{RenewBatch, Renewed};
use rusqlite::OptionalExtension;

use crate::fault::Result;
use crate::session::Session;
use crate::sql::sql;

/// Extends the leases that are current.
pub(crate) fn renew(session: &Session<'_>, batch: &RenewBatch) -> Result<Vec<Renewed>> {
    let expires_at = session.now() + batch.lease();
    let mut statement = session.prepare(sql!("renew", "renew_extend"))?;
    let mut answers = Vec::with_capacity(batch.leases().len());
    for lease in batch.leases() {
        let current: Option<bool> = statement
            .query_row(
                [
                    lease.job().get(),
                    lease.fence().get(),
                    session.micros(),
                    expires_at.as_micros(),
                ],
                |row| row.get(0),
            )
            .optional()?;
        answers.push(
            current.map_or(Renewed::LeaseLost, |cancel_requested| Renewed::Extended {
                expires_at,
                cancel_requested,
            }),
        );
    }
    Ok(answers)
}
