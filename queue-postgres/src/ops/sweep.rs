//! Leases that ran out.

use queue_core::{ExpiredLease, Lease, Page};

use crate::fault::Result;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// Lists leases that ran out, first come first.
pub(crate) async fn expired(session: &mut Session<'_>, page: Page) -> Result<Vec<ExpiredLease>> {
    let statement = session
        .statement(sql!("sweep", "sweep_expired"))
        .bind(session.time())
        .bind(i64::from(page.limit()));
    let store = session.store();
    let rows = session.rows(statement).await?;
    let read = |row| {
        let mut row = Columns::of(row);
        Ok(ExpiredLease {
            lease: Lease::granted(store, row.job()?, row.fence()?, row.time()?),
            queue: row.name()?,
            kind: row.name()?,
            progress: row.progress()?,
            max_attempts: row.count()?,
        })
    };
    rows.iter().map(read).collect()
}
