//! Listing leases that have run out.

use queue_core::{ExpiredLease, JobId, Lease, Page};
use rusqlite::{OptionalExtension, params};

use crate::fault::Result;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// Expired leases, those that ran out first coming first.
pub(crate) fn expired(session: &Session<'_>, page: Page) -> Result<Vec<ExpiredLease>> {
    let mut statement = session.prepare(sql!("sweep", "sweep_expired"))?;
    let mut found = Vec::new();
    for queue in running_queues(session)? {
        let mut rows = statement.query(params![queue, session.micros(), page.limit()])?;
        while let Some(row) = rows.next()? {
            let mut columns = Columns::of(row);
            let expires_at = columns.time()?;
            let id = JobId::new(columns.value()?);
            found.push(ExpiredLease {
                lease: Lease::granted(session.store(), id, columns.fence()?, expires_at),
                queue: columns.name()?,
                kind: columns.name()?,
                progress: columns.progress()?,
                max_attempts: columns.count()?,
            });
        }
    }
    found.sort_by_key(|expired| (expired.lease.expires_at(), expired.lease.job()));
    found.truncate(page.limit() as usize);
    Ok(found)
}

/// The queues that have jobs under a lease.
pub(crate) fn running_queues(session: &Session<'_>) -> Result<Vec<String>> {
    let mut statement = session.prepare(sql!("sweep", "sweep_next_queue"))?;
    let mut queues: Vec<String> = Vec::new();
    loop {
        let last = queues.last().map_or("", String::as_str);
        let next = statement.query_row([last], |row| row.get(0)).optional()?;
        match next {
            Some(queue) => queues.push(queue),
            None => return Ok(queues),
        }
    }
}
