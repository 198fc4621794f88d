//! Jobs as operators see them, wherever they are.

use std::collections::HashMap;

use queue_core::{JobId, JobView, Page};

use crate::fault::Result;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// One job: live, in history or dead.
pub(crate) async fn job(session: &mut Session<'_>, job: JobId) -> Result<Option<JobView>> {
    let mut found = shown(session, &[job.get()]).await?;
    if let Some(view) = found.remove(&job) {
        return Ok(Some(view));
    }
    Ok(dead(session, &[job.get()]).await?.remove(&job))
}

/// Jobs that are live or in history.
pub(crate) async fn shown(
    session: &mut Session<'_>,
    jobs: &[i64],
) -> Result<HashMap<JobId, JobView>> {
    let live = session.statement(sql!("view", "view_live")).bind(jobs);
    let mut found = read(&session.rows(live).await?)?;
    let rest: Vec<i64> = jobs
        .iter()
        .copied()
        .filter(|id| !found.contains_key(&JobId::new(*id)))
        .collect();
    if !rest.is_empty() {
        let history = session.statement(sql!("view", "view_history")).bind(rest);
        found.extend(read(&session.rows(history).await?)?);
    }
    Ok(found)
}

/// Jobs as they died.
pub(crate) async fn dead(
    session: &mut Session<'_>,
    jobs: &[i64],
) -> Result<HashMap<JobId, JobView>> {
    let dead = session.statement(sql!("view", "view_dead")).bind(jobs);
    read(&session.rows(dead).await?)
}

fn read(rows: &[sqlx::postgres::PgRow]) -> Result<HashMap<JobId, JobView>> {
    rows.iter()
        .map(|row| Columns::of(row).view().map(|view| (view.id, view)))
        .collect()
}

/// Live jobs by id.
pub(crate) async fn live(session: &mut Session<'_>, page: Page) -> Result<Vec<JobView>> {
    let statement = session
        .statement(sql!("view", "view_live_page"))
        .bind(page.cursor().unwrap_or(i64::MIN))
        .bind(i64::from(page.limit()));
    let rows = session.rows(statement).await?;
    rows.iter().map(|row| Columns::of(row).view()).collect()
}
