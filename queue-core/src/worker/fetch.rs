//! Claiming: as many jobs as can be begun, or will be in a moment, and no more.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::backoff::Backoff;
use crate::trouble::Trouble;
use crate::worker::core::{Core, Source};
use crate::worker::execute;
use crate::worker::holding::Holding;
use crate::worker::pace::{Measured, Portions};
use crate::{ClaimRequest, Claimed, InvalidBatch, Jitter, MAX_BATCH, StoreError};

/// For how long a job may be expected to wait for a slot.
const MOST_WAIT: Duration = Duration::from_millis(500);

/// Claims until it is told to stop. Only a store that is closed ends it otherwise.
pub(crate) async fn fetch<S: Send + Sync + 'static>(
    core: Arc<Core<S>>,
    stop: CancellationToken,
) -> Result<(), StoreError> {
    let mut hints = core.store().wakeups().listen();
    let mut idle = Backoff::idle();
    let mut trouble = Trouble::default();
    let mut measured = Measured::default();
    let mut turn = 0;
    // Whether there was nothing more at the last look, and no sign of anything since.
    let mut drained = false;
    loop {
        let mut room = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            room = room(&core, &mut measured) => room,
        };
        if !drained {
            // A claim that is under way is waited for: what it brings has to be given back.
            match claim(&core, turn, room, &mut measured).await {
                Ok(claimed) => {
                    trouble.is_over();
                    turn = turn.wrapping_add(1);
                    if claimed > 0 {
                        idle.reset();
                    }
                    // Where so many came there will be more.
                    if claimed >= room.div_ceil(2) {
                        continue;
                    }
                    drained = true;
                    room -= claimed;
                }
                Err(error) => {
                    let pause = trouble.with(error, "cannot claim jobs")?;
                    tokio::select! {
                        () = stop.cancelled() => break,
                        () = tokio::time::sleep(pause) => continue,
                    }
                }
            }
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            fresh = fresh(&core, room) => match fresh {
                Ok(jobs) => {
                    idle.reset();
                    start(&core, jobs);
                }
                Err(error) => {
                    drained = false;
                    tokio::time::sleep(trouble.with(error, "cannot claim jobs")?).await;
                }
            },
            () = hints.woken() => drained = false,
            () = core.due.come() => drained = false,
            () = tokio::time::sleep(idle.next(Jitter::random())) => drained = false,
        }
    }
    Ok(())
}

/// Waits until it is worth claiming, and says for how many jobs there is room.
async fn room<S>(core: &Core<S>, measured: &mut Measured) -> usize {
    let settings = &core.settings;
    let shortest = core.sources.iter().map(|source| source.lease).min();
    let wait = (shortest.unwrap_or_default() / 6).min(MOST_WAIT);
    let ahead = measured.ahead(&core.pace, settings.concurrency, settings.most_ahead, wait);
    let portions = Portions::new(settings.concurrency, ahead);
    let held = core.hands.at_most(portions.most - portions.least).await;
    (portions.most - held).min(portions.claim)
}

/// One claim from each source, as long as there is room; the first one to be asked changes.
async fn claim<S: Send + Sync + 'static>(
    core: &Arc<Core<S>>,
    turn: usize,
    room: usize,
    measured: &mut Measured,
) -> Result<usize, StoreError> {
    let mut claimed = 0;
    for n in 0..core.sources.len() {
        let Some(source) = core.sources.get((turn + n) % core.sources.len()) else {
            continue;
        };
        if claimed < room {
            let asked = Instant::now();
            let jobs = claim_from(core, source, room - claimed).await?;
            measured.claimed(asked.elapsed());
            claimed += jobs.len();
            start(core, jobs);
        }
    }
    Ok(claimed)
}

pub(crate) async fn claim_from<S>(
    core: &Core<S>,
    source: &Source,
    limit: usize,
) -> Result<Vec<Arc<Holding>>, StoreError> {
    let asked = Instant::now();
    let jobs = core.store().claim(request(core, source, limit)?).await?;
    Ok(hold(core, source, jobs, asked))
}

/// What is enqueued in this process while the worker waits, if it looks for one sort only.
async fn fresh<S>(core: &Core<S>, limit: usize) -> Result<Vec<Arc<Holding>>, StoreError> {
    let [source] = core.sources.as_slice() else {
        return std::future::pending().await;
    };
    let jobs = core.store().claim_fresh(request(core, source, limit)?);
    let jobs = jobs.await?;
    // Given this moment, as far as this process can tell.
    let asked = Instant::now();
    Ok(hold(core, source, jobs, asked))
}

fn request<S>(core: &Core<S>, source: &Source, limit: usize) -> Result<ClaimRequest, InvalidBatch> {
    let limit = u32::try_from(limit.clamp(1, MAX_BATCH)).unwrap_or(u32::MAX);
    ClaimRequest::new(core.name.clone(), source.queues.clone(), limit)?
        .kinds(source.kinds.clone())?
        .lease_for(source.lease)
}

fn hold<S>(
    core: &Core<S>,
    source: &Source,
    jobs: Vec<Claimed>,
    asked: Instant,
) -> Vec<Arc<Holding>> {
    let hold = |job: Claimed| {
        if let Some(known) = core.known(&job.kind) {
            let meters = known.meters(&job.queue);
            meters.claimed.increment(1);
            // Both by the database's clock.
            let claimed_at = job.lease.expires_at() - source.lease;
            meters.picked_up(claimed_at.since(job.run_at));
        }
        Arc::new(Holding::new(
            job,
            asked,
            source.lease,
            Arc::clone(&core.settings.escalations),
        ))
    };
    jobs.into_iter().map(hold).collect()
}

fn start<S: Send + Sync + 'static>(core: &Arc<Core<S>>, jobs: Vec<Arc<Holding>>) {
    let slots = core.hands.take(jobs, core.settings.concurrency);
    core.crew.spawn(slots, || execute::slot(Arc::clone(core)));
}
