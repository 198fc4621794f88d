//! Jobs as operators see them.

use queue_core::{JobId, JobView, Page};
use rusqlite::params;

use crate::fault::Result;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// One job, wherever it is.
pub(crate) fn job(session: &Session<'_>, id: JobId) -> Result<Option<JobView>> {
    for statement in [
        sql!("view", "view_live"),
        sql!("view", "view_history"),
        sql!("view", "view_dead"),
    ] {
        let mut statement = session.prepare(statement)?;
        let mut rows = statement.query([id.get()])?;
        if let Some(row) = rows.next()? {
            return Columns::of(row).view().map(Some);
        }
    }
    Ok(None)
}

/// Live jobs by id.
pub(crate) fn live(session: &Session<'_>, page: Page) -> Result<Vec<JobView>> {
    let mut statement = session.prepare(sql!("view", "view_live_page"))?;
    let mut rows = statement.query(params![page.cursor().unwrap_or(i64::MIN), page.limit()])?;
    let mut jobs = Vec::new();
    while let Some(row) = rows.next()? {
        jobs.push(Columns::of(row).view()?);
    }
    Ok(jobs)
}
