//! Handing out jobs under fresh leases.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Instant;

use queue_core::{
    Bucket, ClaimRequest, Claimed, JobId, KindName, Lease, Priority, QueueName, QueueSettings,
    StageOutput, StoreId, TenantName, codes::flag, turns,
};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{Postgres, Row};

use crate::fault::Result;
use crate::floors::{Floors, Place, Start};
use crate::micros::{Micros, micros};
use crate::ops::queues::{self, QueueRow};
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// What one look at the queues gave.
pub(crate) enum Look {
    /// These jobs.
    Taken(Vec<Claimed>),
    /// Nothing: one of the queues has limits, and they must be seen to first.
    Limited,
}

/// All priorities, the highest first.
pub(crate) fn levels() -> Vec<i16> {
    Priority::descending().map(Priority::get).collect()
}

fn kinds(request: &ClaimRequest) -> Option<Vec<&str>> {
    let kinds = request.only_kinds()?;
    Some(kinds.iter().map(KindName::as_str).collect())
}

/// Claims from queues without limits, in one statement; notices when there are some.
pub(crate) async fn claim_free(
    session: &mut Session<'_>,
    request: &ClaimRequest,
    floors: &Floors,
) -> Result<Look> {
    let start = floors.start(request, &levels());
    let begun = Instant::now();
    let (queues, limit) = (request.queues(), request.limit());
    let claimed = take(session, request, queues, limit, Some(&start)).await?;
    // Not with a clock that is set by hand, which stands still: what is put back would never be later than what
    // was claimed. A pooler's transactions have a time of their own as well.
    if session.time().is_none() {
        floors.learn(start, begun.elapsed(), &claimed);
    }
    if claimed.is_empty() && limits(session, request).await? {
        return Ok(Look::Limited);
    }
    Ok(Look::Taken(claimed))
}

async fn limits(session: &mut Session<'_>, request: &ClaimRequest) -> Result<bool> {
    let queues: Vec<_> = request.queues().iter().map(QueueName::as_str).collect();
    let statement = session
        .statement(sql!("claim", "claim_limits"))
        .bind(queues);
    Ok(session.one(statement).await?.try_get_unchecked(0)?)
}

/// Claims from queues of which some have limits: claims of those take turns on their settings.
/// Says which had any.
pub(crate) async fn claim_limited(
    session: &mut Session<'_>,
    request: &ClaimRequest,
) -> Result<(Vec<Claimed>, HashSet<QueueName>)> {
    let mut rows: HashMap<_, _> = queues::lock(session, request.queues())
        .await?
        .into_iter()
        .map(|row| (row.settings.queue.clone(), row))
        .collect();
    let limited = rows.keys().cloned().collect();
    let mut claimed = Vec::new();
    for queue in request.queues() {
        let room = request.limit().saturating_sub(count(claimed.len()));
        if room == 0 {
            break;
        }
        let taken = match rows.remove(queue) {
            None => take(session, request, std::slice::from_ref(queue), room, None).await?,
            Some(row) => take_within_limits(session, request, row, room).await?,
        };
        claimed.extend(taken);
    }
    Ok((claimed, limited))
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

async fn take_within_limits(
    session: &mut Session<'_>,
    request: &ClaimRequest,
    mut row: QueueRow,
    wanted: u32,
) -> Result<Vec<Claimed>> {
    let now = session.now()?;
    let settings = row.settings.clone();
    let running = running(session, &settings).await?;
    row.bucket = match (&settings.rate, row.bucket) {
        (Some(rate), Some(bucket)) => Some(bucket.refilled(rate, now)),
        _ => None,
    };
    let allowed = settings.allowance(wanted, running, row.bucket);
    if allowed == 0 {
        return Ok(Vec::new());
    }
    let queue = &settings.queue;
    let taken = if settings.fair {
        take_turns(session, request, &row, allowed).await?
    } else {
        take(session, request, std::slice::from_ref(queue), allowed, None).await?
    };
    if let Some(last) = taken.last() {
        row.bucket = row
            .bucket
            .map(|bucket: Bucket| bucket.less(count(taken.len())));
        if settings.fair {
            row.last_served = Some(last.tenant.clone());
        }
        if settings.fair || row.bucket.is_some() {
            queues::taken(session, &row).await?;
        }
    }
    Ok(taken)
}

async fn running(session: &mut Session<'_>, settings: &QueueSettings) -> Result<u64> {
    let Some(max) = settings.max_running else {
        return Ok(0);
    };
    let statement = session
        .statement(sql!("queues", "queues_running"))
        .bind(settings.queue.as_str())
        .bind(session.time())
        .bind(i64::from(max));
    let count: i64 = session.one(statement).await?.try_get_unchecked(0)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Without a `start`, limits were seen to, and it takes from the beginning.
async fn take(
    session: &mut Session<'_>,
    request: &ClaimRequest,
    queues: &[QueueName],
    limit: u32,
    start: Option<&Start>,
) -> Result<Vec<Claimed>> {
    let (names, priorities): (Vec<_>, Vec<_>) = queues
        .iter()
        .flat_map(|queue| levels().into_iter().map(|level| (queue.as_str(), level)))
        .unzip();
    let late = start.and_then(Start::places);
    let text = match late {
        Some(_) => sql!("claim", "claim_late"),
        None => sql!("claim", "claim_ready"),
    };
    let mut statement = session
        .statement(text)
        .bind(session.time())
        .bind(names)
        .bind(priorities)
        .bind(kinds(request))
        .bind(i64::from(limit))
        .bind(micros(request.lease()))
        .bind(request.worker().as_str())
        .bind(start.is_none());
    if let Some(places) = late {
        let place = |&(run_at, id): &Place| (Micros(run_at), id);
        let (times, ids): (Vec<_>, Vec<_>) = places.iter().map(place).unzip();
        statement = statement.bind(times).bind(ids);
    }
    let mut claimed = claimed(session, statement).await?;
    let place = |wanted: &QueueName| queues.iter().position(|queue| queue == wanted);
    claimed.sort_by_cached_key(|job| (place(&job.queue), in_queue(job)));
    Ok(claimed)
}

fn in_queue(job: &Claimed) -> (Reverse<Priority>, queue_core::Timestamp, JobId) {
    (Reverse(job.priority), job.run_at, job.id())
}

/// Runs a claim and reads what it took.
async fn claimed(
    session: &mut Session<'_>,
    claim: Query<'_, Postgres, PgArguments>,
) -> Result<Vec<Claimed>> {
    let store = session.store();
    let mut staged = Vec::new();
    let mut names = (None, None);
    let read = |row: &PgRow| {
        let (job, flags) = read_one(store, row, &mut names)?;
        if flags & flag::STAGES != 0 {
            staged.push(job.id().get());
        }
        Ok(job)
    };
    let mut claimed = session.each(claim, read).await?;
    if staged.is_empty() {
        return Ok(claimed);
    }
    let statement = session
        .statement(sql!("claim", "claim_stages"))
        .bind(staged);
    let mut outputs: HashMap<JobId, Vec<StageOutput>> = HashMap::new();
    for row in &session.rows(statement).await? {
        let mut row = Columns::of(row);
        outputs
            .entry(row.job()?)
            .or_default()
            .push(row.stage_output()?);
    }
    for job in &mut claimed {
        job.stages = outputs.remove(&job.id()).unwrap_or_default();
    }
    Ok(claimed)
}

/// Queue and kind of the row before.
type Names = (Option<QueueName>, Option<KindName>);

fn read_one(store: StoreId, row: &PgRow, names: &mut Names) -> Result<(Claimed, i16)> {
    let mut row = Columns::of(row);
    let job = Claimed {
        lease: Lease::granted(store, row.job()?, row.fence()?, row.time()?),
        queue: row.name_like(&mut names.0)?,
        kind: row.name_like(&mut names.1)?,
        priority: row.priority()?,
        payload: row.payload()?,
        run_at: row.time()?,
        created_at: row.time()?,
        progress: row.progress()?,
        max_attempts: row.count()?,
        tenant: row.maybe_name()?,
        ordering_key: row.maybe_name()?,
        subject: row.subject()?,
        headers: row.headers()?,
        first_failure_at: row.maybe_time()?,
        stages: Vec::new(),
    };
    Ok((job, row.value()?))
}

/// One job of each lane in turn. Lanes are asked for as many as each would give if all had enough;
/// those that had fewer are done, the others go on where the round ended.
async fn take_turns(
    session: &mut Session<'_>,
    request: &ClaimRequest,
    row: &QueueRow,
    limit: u32,
) -> Result<Vec<Claimed>> {
    let queue = &row.settings.queue;
    let lanes = lanes(session, request, row, limit).await?;
    let mut waiting: VecDeque<_> = turns(lanes, row.last_served.as_ref()).into();
    let mut taken: Vec<Claimed> = Vec::new();
    loop {
        let room = limit.saturating_sub(count(taken.len())) as usize;
        let served = waiting.len().min(room);
        if served == 0 {
            return Ok(taken);
        }
        let each = room / served;
        let round: Vec<_> = waiting.drain(..served).collect();
        let mut jobs = take_lanes(session, request, queue, &round, each).await?;
        let place = |job: &Claimed| round.iter().position(|lane| *lane == job.tenant);
        jobs.sort_by_cached_key(|job| (place(job), in_queue(job)));
        let mut given: HashMap<Option<TenantName>, usize> = HashMap::new();
        let mut ordered: Vec<_> = jobs
            .into_iter()
            .map(|job| {
                let nth = given.entry(job.tenant.clone()).or_default();
                *nth += 1;
                (*nth, place(&job), job)
            })
            .collect();
        ordered.sort_by_key(|(nth, place, _)| (*nth, *place));
        taken.extend(ordered.into_iter().map(|(_, _, job)| job));
        let gave_all = |lane: &Option<TenantName>| given.get(lane) == Some(&each);
        waiting.extend(round.into_iter().filter(gave_all));
    }
}

/// The lanes that can come to their turn: of tenants at most `limit` after the one served last and
/// `limit` from the beginning, since the turns end there.
async fn lanes(
    session: &mut Session<'_>,
    request: &ClaimRequest,
    row: &QueueRow,
    limit: u32,
) -> Result<Vec<Option<TenantName>>> {
    let mut lanes = vec![None];
    let last = row.last_served.clone().flatten();
    let mut starts = vec![None];
    if last.is_some() {
        starts.push(last);
    }
    for after in starts {
        let statement = session
            .statement(sql!("claim", "claim_lanes"))
            .bind(row.settings.queue.as_str())
            .bind(after.as_ref().map(TenantName::as_str))
            .bind(session.time())
            .bind(kinds(request))
            .bind(levels())
            .bind(i64::from(limit));
        for row in &session.rows(statement).await? {
            lanes.push(Columns::of(row).maybe_name()?);
        }
    }
    Ok(lanes)
}

async fn take_lanes(
    session: &mut Session<'_>,
    request: &ClaimRequest,
    queue: &QueueName,
    lanes: &[Option<TenantName>],
    each: usize,
) -> Result<Vec<Claimed>> {
    let each = i64::try_from(each).unwrap_or(i64::MAX);
    let tenants: Vec<_> = lanes.iter().flatten().map(TenantName::as_str).collect();
    let mut jobs = Vec::new();
    if !tenants.is_empty() {
        let statement = session
            .statement(sql!("claim", "claim_lane"))
            .bind(session.time())
            .bind(queue.as_str())
            .bind(tenants)
            .bind(levels())
            .bind(kinds(request))
            .bind(each)
            .bind(micros(request.lease()))
            .bind(request.worker().as_str());
        jobs.extend(claimed(session, statement).await?);
    }
    if lanes.contains(&None) {
        let statement = session
            .statement(sql!("claim", "claim_untenanted"))
            .bind(session.time())
            .bind(queue.as_str())
            .bind(levels())
            .bind(kinds(request))
            .bind(each)
            .bind(micros(request.lease()))
            .bind(request.worker().as_str());
        jobs.extend(claimed(session, statement).await?);
    }
    Ok(jobs)
}
