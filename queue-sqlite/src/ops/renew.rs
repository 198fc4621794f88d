//! Extending leases.

use queue_core::{Lease, RenewBatch, Renewed};
use rusqlite::{CachedStatement, OptionalExtension};

use crate::fault::Result;
use crate::ops::progress;
use crate::session::Session;
use crate::sql::sql;

/// Extends the leases that are current, and stores what is reported under them.
pub(crate) fn renew(session: &Session<'_>, batch: &RenewBatch) -> Result<Vec<Renewed>> {
    let expires_at = session.now() + batch.lease();
    let mut extend = session.prepare(sql!("renew", "renew_extend"))?;
    let ask = |statement: &mut CachedStatement<'_>, lease: &Lease| {
        let parameters = [
            lease.job().get(),
            lease.fence().get(),
            session.micros(),
            expires_at.as_micros(),
        ];
        statement
            .query_row(parameters, |row| row.get::<_, bool>(0))
            .optional()
    };
    let mut answers = Vec::with_capacity(batch.leases().len());
    for lease in batch.leases() {
        let current = match batch.report(lease.job()) {
            None => ask(&mut extend, lease)?,
            Some(report) => {
                let mut reporting = session.prepare(sql!("renew", "renew_reporting"))?;
                let current = ask(&mut reporting, lease)?;
                if current.is_some() {
                    progress::report(session, lease.job().get(), report)?;
                }
                current
            }
        };
        answers.push(
            current.map_or(Renewed::LeaseLost, |cancel_requested| Renewed::Extended {
                expires_at,
                cancel_requested,
            }),
        );
    }
    Ok(answers)
}
