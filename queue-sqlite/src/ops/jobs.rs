//! Live jobs as operators filter them, and letting one run sooner.

use queue_core::{
    Act, AuditEntry, Hastened, JOB_WALK, JobFilter, JobId, JobPage, Page, Timestamp, codes,
};
use rusqlite::{OptionalExtension, params};

use crate::fault::Result;
use crate::ops::{audit, finish, turn};
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// Live jobs that are wanted, by id.
pub(crate) fn page(session: &Session<'_>, filter: &JobFilter, page: Page) -> Result<JobPage> {
    let after = page.cursor().unwrap_or(i64::MIN);
    let (end, walked): (Option<i64>, u32) = session
        .prepare(sql!("jobs", "jobs_end"))?
        .query_row(params![after, JOB_WALK], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let mut jobs = Vec::new();
    if let Some(end) = end {
        let mut statement = session.prepare(sql!("jobs", "jobs_page"))?;
        let mut rows = statement.query(params![
            after,
            end,
            filter.state_bits(),
            filter.queue.as_ref().map(queue_core::QueueName::as_str),
            filter.kind.as_ref().map(queue_core::KindName::as_str),
            filter.tenant.as_ref().map(queue_core::TenantName::as_str),
            page.limit(),
            filter.since.map(Timestamp::as_micros),
            filter.until.map(Timestamp::as_micros),
            filter.sought(),
        ])?;
        while let Some(row) = rows.next()? {
            jobs.push(Columns::of(row).view()?);
        }
    }
    Ok(JobPage::of(jobs, page, end.map(JobId::new), walked))
}

/// Makes a queued job due.
pub(crate) fn hasten(session: &Session<'_>, id: JobId, act: &Act) -> Result<Hastened> {
    let Some(job) = finish::look(session, id)? else {
        let state: Option<i16> = session
            .prepare(sql!("steer", "steer_elsewhere"))?
            .query_row([id.get()], |row| row.get(0))
            .optional()?;
        return state.map_or(Ok(Hastened::NotFound), |code| {
            let state = codes::job_state(code)?;
            Ok(Hastened::Refused { state })
        });
    };
    if !matches!(job.state, codes::READY | codes::WAITING) {
        let state = codes::job_state(job.state)?;
        return Ok(Hastened::Refused { state });
    }
    let now = session.micros();
    if job.run_at <= now {
        return Ok(Hastened::Due { changed: false });
    }
    let mut state = job.state;
    if let Some(key) = &job.ordering_key {
        let priority = session
            .prepare(sql!("jobs", "jobs_priority"))?
            .query_row([id.get()], |row| row.get(0))?;
        // It lines up anew, without letting the next one in meanwhile.
        turn::leave(session, id.get(), false, &job.queue, key)?;
        let place = turn::Place {
            job: id.get(),
            queue: &job.queue,
            key,
            priority,
            run_at: now,
        };
        state = turn::join(session, &place)?;
    }
    session.execute(sql!("jobs", "jobs_hasten"), params![id.get(), now, state])?;
    if state == codes::READY {
        session.became_claimable(now);
    }
    audit::record(session, AuditEntry::hasten(act, id))?;
    Ok(Hastened::Due { changed: true })
}
