//! Handing jobs out.

use queue_core::{
    ClaimRequest, Claimed, Fence, JobId, KindName, Lease, QueueName, StageOutput, TenantName,
    codes::flag, turns,
};
use rusqlite::params;

use crate::fault::{Fault, Result};
use crate::ops::progress;
use crate::ops::queues::{self, QueueRow};
use crate::ops::walk::{self, Candidate, Lane, Walk};
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// Takes up to the limit, queue by queue, in claim order.
pub(crate) fn claim(session: &Session<'_>, request: &ClaimRequest) -> Result<Vec<Claimed>> {
    let mut claimed = Vec::new();
    for queue in request.queues() {
        let taken = u32::try_from(claimed.len()).unwrap_or(u32::MAX);
        let room = request.limit().saturating_sub(taken);
        if room == 0 {
            break;
        }
        let candidates = match queues::load(session, queue.as_str())? {
            Some(row) if row.settings.limits_claims() => limited(session, request, &row, room)?,
            _ => {
                let kinds = wanted_kinds(session, request, queue)?;
                let mut walk = Walk::new(session, queue.as_str(), &kinds, &Lane::All, room)?;
                first(&mut walk, room)?
            }
        };
        take(session, request, queue, &candidates, &mut claimed)?;
    }
    Ok(claimed)
}

fn wanted_kinds(
    session: &Session<'_>,
    request: &ClaimRequest,
    queue: &QueueName,
) -> Result<Vec<KindName>> {
    match request.only_kinds() {
        Some(kinds) => {
            let mut kinds = kinds.to_vec();
            kinds.sort();
            kinds.dedup();
            Ok(kinds)
        }
        None => walk::kinds(session, queue.as_str()),
    }
}

fn first(walk: &mut Walk<'_, '_>, limit: u32) -> Result<Vec<Candidate>> {
    let mut candidates = Vec::new();
    for _ in 0..limit {
        match walk.next()? {
            Some(candidate) => candidates.push(candidate),
            None => break,
        }
    }
    Ok(candidates)
}

/// The careful way: a queue that is paused, bounded, rated or fair.
fn limited(
    session: &Session<'_>,
    request: &ClaimRequest,
    row: &QueueRow,
    room: u32,
) -> Result<Vec<Candidate>> {
    let settings = &row.settings;
    let queue = settings.queue.as_str();
    let running = match settings.max_running {
        Some(max) if !settings.paused => queues::running(session, queue, session.now(), max)?,
        _ => 0,
    };
    let bucket = settings
        .rate
        .map(|rate| row.bucket.refilled(&rate, session.now()));
    let allowance = settings.allowance(room, running, bucket);
    if allowance == 0 {
        return Ok(Vec::new());
    }
    let kinds = wanted_kinds(session, request, &settings.queue)?;
    let (candidates, last_served) = if settings.fair {
        in_turn(session, row, &kinds, allowance)?
    } else {
        let mut walk = Walk::new(session, queue, &kinds, &Lane::All, allowance)?;
        (first(&mut walk, allowance)?, row.last_served.clone())
    };
    if !candidates.is_empty() {
        let count = u32::try_from(candidates.len()).unwrap_or(u32::MAX);
        let bucket = bucket.map_or(row.bucket, |bucket| bucket.less(count));
        queues::taken(session, queue, bucket, last_served.as_ref())?;
    }
    Ok(candidates)
}

/// One job of each lane in turn, beginning after the lane served last, until the limit is reached or
/// all are empty. Says which lane was served last.
fn in_turn(
    session: &Session<'_>,
    row: &QueueRow,
    kinds: &[KindName],
    limit: u32,
) -> Result<(Vec<Candidate>, Option<Option<TenantName>>)> {
    let queue = row.settings.queue.as_str();
    let mut open = Vec::new();
    for lane in lanes_ahead(session, row, kinds, limit)? {
        let scope = lane.clone().map_or(Lane::Nobodys, Lane::Tenant);
        open.push((lane, Walk::new(session, queue, kinds, &scope, limit)?));
    }
    let mut last_served = row.last_served.clone();
    let mut candidates = Vec::new();
    while !open.is_empty() && candidates.len() < limit as usize {
        let mut still_open = Vec::with_capacity(open.len());
        for (lane, mut walk) in open {
            if candidates.len() == limit as usize {
                break;
            }
            if let Some(candidate) = walk.next()? {
                candidates.push(candidate);
                last_served = Some(lane.clone());
                still_open.push((lane, walk));
            }
        }
        open = still_open;
    }
    Ok((candidates, last_served))
}

/// The lanes that have a job to give, in the order of their turns. No more of them are looked for
/// than can be served: a queue of many tenants costs a claim only those whose turn it is.
fn lanes_ahead(
    session: &Session<'_>,
    row: &QueueRow,
    kinds: &[KindName],
    limit: u32,
) -> Result<Vec<Option<TenantName>>> {
    let queue = row.settings.queue.as_str();
    let last = row.last_served.as_ref();
    let last_tenant = last.and_then(Option::as_ref);
    let has_work = |lane: &Lane| -> Result<bool> {
        Ok(Walk::new(session, queue, kinds, lane, 1)?.next()?.is_some())
    };
    let mut lanes = Vec::new();
    let mut cursor = last_tenant.cloned();
    while lanes.len() < limit as usize
        && let Some(tenant) = walk::next_tenant(session, queue, cursor.as_ref())?
    {
        if has_work(&Lane::Tenant(tenant.clone()))? {
            lanes.push(Some(tenant.clone()));
        }
        cursor = Some(tenant);
    }
    // Where nobody's lane comes first, the search above may have gone one lane too far; `turns` and
    // the limit sort that out.
    if has_work(&Lane::Nobodys)? {
        lanes.push(None);
    }
    let mut cursor = None;
    while lanes.len() < limit as usize
        && let Some(last) = last_tenant
        && let Some(tenant) = walk::next_tenant(session, queue, cursor.as_ref())?
        && tenant <= *last
    {
        if has_work(&Lane::Tenant(tenant.clone()))? {
            lanes.push(Some(tenant.clone()));
        }
        cursor = Some(tenant);
    }
    Ok(turns(lanes, last))
}

/// Puts the candidates under leases.
fn take(
    session: &Session<'_>,
    request: &ClaimRequest,
    queue: &QueueName,
    candidates: &[Candidate],
    claimed: &mut Vec<Claimed>,
) -> Result<()> {
    let mut read = session.prepare(sql!("claim", "claim_read"))?;
    let mut take = session.prepare(sql!("claim", "claim_take"))?;
    claimed.reserve(candidates.len());
    for candidate in candidates {
        let id = candidate.id;
        let job = {
            let mut rows = read.query([id])?;
            let row = rows
                .next()?
                .ok_or_else(|| Fault::corrupt(format!("job {id} is only in an index")))?;
            decode(session, request, queue, candidate, Columns::of(row))?
        };
        take.execute(params![
            id,
            job.lease.fence().get(),
            job.progress.attempt,
            job.lease.expires_at().as_micros(),
            request.worker().as_str()
        ])?;
        claimed.push(job);
    }
    Ok(())
}

/// A job as it will be once it is taken.
fn decode(
    session: &Session<'_>,
    request: &ClaimRequest,
    queue: &QueueName,
    candidate: &Candidate,
    mut columns: Columns<'_, '_>,
) -> Result<Claimed> {
    let id = candidate.id;
    let fence = Fence::new(columns.fence()?.get() + 1);
    let until = session.now() + request.lease();
    let flags: i16 = columns.value()?;
    let attempt = columns.count::<u16>()?.saturating_add(1);
    let (run_at, priority) = (columns.time()?, columns.priority()?);
    let (created_at, max_attempts) = (columns.time()?, columns.count()?);
    let (progress, first_failure_at) = progress::load(session, id, flags, attempt)?;
    Ok(Claimed {
        lease: Lease::granted(session.store(), JobId::new(id), fence, until),
        queue: queue.clone(),
        kind: candidate.kind.clone(),
        payload: columns.payload()?,
        priority,
        run_at,
        created_at,
        progress,
        max_attempts,
        tenant: columns.maybe_name()?,
        ordering_key: columns.maybe_name()?,
        subject: columns.subject()?,
        headers: columns.headers()?,
        first_failure_at,
        stages: if flags & flag::STAGES == 0 {
            Vec::new()
        } else {
            stages(session, id)?
        },
    })
}

/// Outputs of finished stages, by name.
pub(crate) fn stages(session: &Session<'_>, job: i64) -> Result<Vec<StageOutput>> {
    let mut statement = session.prepare(sql!("claim", "claim_stages"))?;
    let mut rows = statement.query([job])?;
    let mut stages = Vec::new();
    while let Some(row) = rows.next()? {
        stages.push(Columns::of(row).stage_output()?);
    }
    Ok(stages)
}
