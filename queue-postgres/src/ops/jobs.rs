//! Live jobs as operators filter them, and letting one run sooner.

use std::collections::BTreeSet;

use queue_core::{Act, AuditEntry, Hastened, JOB_WALK, JobFilter, JobId, JobPage, Page, codes};
use sqlx::Row;

use crate::fault::Result;
use crate::micros::Micros;
use crate::ops::turn::{self, Turns};
use crate::ops::{audit, finish};
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// Live jobs that are wanted, by id.
pub(crate) async fn page(
    session: &mut Session<'_>,
    filter: &JobFilter,
    page: Page,
) -> Result<JobPage> {
    let after = page.cursor().unwrap_or(i64::MIN);
    let walk = session
        .statement(sql!("jobs", "jobs_end"))
        .bind(after)
        .bind(i64::from(JOB_WALK));
    let (end, walked): (Option<i64>, i64) = match session.maybe(walk).await? {
        None => (None, 0),
        Some(row) => (row.try_get_unchecked(0)?, row.try_get_unchecked(1)?),
    };
    let mut jobs = Vec::new();
    if let Some(end) = end {
        let wanted = session
            .statement(sql!("jobs", "jobs_page"))
            .bind(after)
            .bind(end)
            .bind(filter.state_bits())
            .bind(filter.queue.as_ref().map(queue_core::QueueName::as_str))
            .bind(filter.kind.as_ref().map(queue_core::KindName::as_str))
            .bind(filter.tenant.as_ref().map(queue_core::TenantName::as_str))
            .bind(i64::from(page.limit()))
            .bind(filter.since.map(Micros))
            .bind(filter.until.map(Micros))
            .bind(filter.sought());
        for row in &session.rows(wanted).await? {
            jobs.push(Columns::of(row).view()?);
        }
    }
    let walked = u32::try_from(walked).unwrap_or(JOB_WALK);
    Ok(JobPage::of(jobs, page, end.map(JobId::new), walked))
}

/// Makes a queued job due.
pub(crate) async fn hasten(session: &mut Session<'_>, id: JobId, act: &Act) -> Result<Hastened> {
    let keys: BTreeSet<_> = turn::keys(session, &[id.get()]).await?;
    turn::lock(session, &keys).await?;
    let Some(job) = finish::lock(session, &[id.get()]).await?.remove(&id) else {
        let elsewhere = session
            .statement(sql!("steer", "steer_elsewhere"))
            .bind(id.get());
        return match session.maybe(elsewhere).await? {
            None => Ok(Hastened::NotFound),
            Some(row) => Ok(Hastened::Refused {
                state: codes::job_state(row.try_get_unchecked(0)?)?,
            }),
        };
    };
    if !matches!(job.state, codes::READY | codes::WAITING) {
        let state = codes::job_state(job.state)?;
        return Ok(Hastened::Refused { state });
    }
    let now = session.now()?;
    let due = session
        .statement(sql!("jobs", "jobs_run_at"))
        .bind(id.get());
    let row = session.maybe(due).await?;
    let due = row.map(|row| Columns::of(&row).time()).transpose()?;
    if due.is_some_and(|due| due <= now) {
        return Ok(Hastened::Due { changed: false });
    }
    let mut state = job.state;
    if let Some(key) = job.turn.filter(|_| state == codes::WAITING) {
        let mut turns = Turns::load(session, keys).await?;
        let place = turns.join(key, id.get(), now);
        let overtaken: Vec<_> = place.overtaken.into_iter().collect();
        turn::set(session, &overtaken, codes::WAITING).await?;
        state = place.state;
    }
    let hasten = session
        .statement(sql!("jobs", "jobs_hasten"))
        .bind(id.get())
        .bind(Micros(now))
        .bind(state);
    session.execute(hasten).await?;
    if state == codes::READY {
        session.became_claimable(now);
    }
    audit::record(session, AuditEntry::hasten(act, id)).await?;
    Ok(Hastened::Due { changed: true })
}
