//! Claiming: as many jobs as can be begun, or will be in a moment, and no more.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::worker::backoff::Backoff;
use crate::worker::core::{Core, Source};
use crate::worker::execute;
use crate::worker::holding::Holding;
use crate::worker::pace::Measured;
use crate::{ClaimRequest, Jitter, MAX_BATCH, StoreError};

/// For how long a job may be expected to wait for a slot.
const MOST_WAIT: Duration = Duration::from_millis(500);

/// Claims until it is told to stop. Only a store that is closed ends it otherwise.
pub(crate) async fn fetch<S: Send + Sync + 'static>(
    core: Arc<Core<S>>,
    stop: CancellationToken,
) -> Result<(), StoreError> {
    let mut hints = core.store().wakeups().listen();
    let (mut idle, mut trouble) = (Backoff::idle(), Backoff::trouble());
    let mut measured = Measured::default();
    let mut turn = 0;
    let mut down = false;
    loop {
        let room = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            room = room(&core, &mut measured) => room,
        };
        // A claim that is under way is waited for: what it brings has to be given back.
        match claim(&core, turn, room, &mut measured).await {
            Ok(claimed) => {
                if std::mem::take(&mut down) {
                    tracing::info!("the database answers again");
                }
                trouble.reset();
                turn = turn.wrapping_add(1);
                if claimed > 0 {
                    idle.reset();
                }
                // Where so many came there will be more.
                if claimed >= room.div_ceil(2) {
                    continue;
                }
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = hints.woken() => {}
                    () = core.due.come() => {}
                    () = tokio::time::sleep(idle.next(Jitter::random())) => {}
                }
            }
            Err(error @ StoreError::Closed { .. }) => return Err(error),
            Err(error) => {
                if !std::mem::replace(&mut down, true) {
                    tracing::warn!(%error, "cannot claim jobs; trying again until it works");
                }
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = tokio::time::sleep(trouble.next(Jitter::random())) => {}
                }
            }
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
    let most = settings.concurrency + ahead;
    // What is claimed ahead comes in large pieces; a slot that is free is filled at once.
    let piece = (ahead / 2).max(1);
    let count = core.hands.at_most(most - piece).await;
    (most - count).min(MAX_BATCH)
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
    let limit = u32::try_from(limit.min(MAX_BATCH)).unwrap_or(u32::MAX);
    let request = ClaimRequest::new(core.name.clone(), source.queues.clone(), limit)?
        .kinds(source.kinds.clone())?
        .lease_for(source.lease)?;
    let asked = Instant::now();
    let jobs = core.store().claim(request).await?;
    let held = jobs.into_iter().map(|job| {
        if let Some(known) = core.known(&job.kind) {
            let meters = known.meters(&job.queue);
            meters.claimed.increment(1);
            // Both by the database's clock.
            let claimed_at = job.lease.expires_at() - source.lease;
            meters.picked_up(claimed_at.since(job.run_at));
        }
        Arc::new(Holding::new(job, asked, source.lease))
    });
    Ok(held.collect())
}

fn start<S: Send + Sync + 'static>(core: &Arc<Core<S>>, jobs: Vec<Arc<Holding>>) {
    let slots = core.hands.take(jobs, core.settings.concurrency);
    core.with_slots(|running| {
        // Those that ended are forgotten.
        while running.try_join_next().is_some() {}
        for _ in 0..slots {
            running.spawn(execute::slot(Arc::clone(core)));
        }
    });
}
