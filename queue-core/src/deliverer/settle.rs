//! Marking how sends ended: as many at a time as have ended meanwhile, or end in a moment.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::core::Core;
use super::held::Held;
use super::report::Outcome;
use super::ruling::Ruling;
use crate::backoff::Backoff;
use crate::{
    Act, Actor, Delivery, DeliveryBatch, Jitter, Marked, Marking, Notification, NotificationState,
    StoreError, telemetry,
};

/// A send that has ended.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) held: Arc<Held>,
    pub(crate) ruling: Ruling,
}

/// The most of one batch, so that no commit takes long.
const MOST: usize = 1000;

/// For so long what has ended waits for more. Nobody waits for a mark, but every send waits at its gate for
/// a commit, and stores have one log for both: each mark less lets sends leave earlier. A process that dies
/// leaves what is not marked in doubt, which is why this is short.
const GATHERING: Duration = Duration::from_millis(2);

/// How many expired leases are put into doubt at a time.
pub(crate) const DOUBTS: u32 = 1000;

/// Marks until no send can end any more, and what has ended by then is marked.
pub(crate) async fn settle(core: Arc<Core>, mut done: mpsc::UnboundedReceiver<Done>) {
    let mut batch = Vec::with_capacity(MOST);
    while done.recv_many(&mut batch, MOST).await > 0 {
        gather(&core, &mut done, &mut batch).await;
        // While one batch is being written the next one gathers.
        let ended = std::mem::take(&mut batch);
        let ids: Vec<_> = ended.iter().map(|done| done.held.row.id).collect();
        pause(&core, &ended).await;
        mark(&core, ended).await;
        core.let_go(&ids);
    }
}

/// Lets more come while others are under way: until as many have ended as are sent at a time, so that a
/// process that dies leaves no more doubts besides than that.
async fn gather(core: &Core, done: &mut mpsc::UnboundedReceiver<Done>, batch: &mut Vec<Done>) {
    let at_a_time = core.lanes.iter().map(|lane| lane.policy.concurrency);
    let enough = at_a_time.fold(0, usize::saturating_add).min(MOST);
    let until = Instant::now() + GATHERING;
    while batch.len() < enough.min(core.held_count()) {
        let more = done.recv_many(batch, MOST - batch.len());
        if !matches!(timeout_at(until, more).await, Ok(1..)) {
            return;
        }
    }
}

/// Pauses the channels whose provider takes nothing from us, before their rows go back.
async fn pause(core: &Core, batch: &[Done]) {
    for lane in &core.lanes {
        let of_lane = batch.iter().filter(|done| done.held.lane.name == lane.name);
        let mut refusals = of_lane.filter_map(|done| done.ruling.pause.as_ref());
        let Some(failure) = refusals.next() else {
            continue;
        };
        let why = format!("{}: {}", failure.class, failure.message);
        let act = Act::new(Actor::deliverer(), why);
        match core.store.pause_channel(&lane.name, true, &act).await {
            Ok(true) => tracing::error!(
                channel = %lane.name, error_class = %failure.class, error = %failure.message,
                "the provider takes nothing from us: the channel is paused until an operator resumes it"
            ),
            Ok(false) => {}
            // The next refusal pauses it.
            Err(error) => tracing::warn!(channel = %lane.name, %error, "the channel is not paused"),
        }
    }
}

fn marking(core: &Core, done: &Done) -> Option<Marking> {
    let ruling = &done.ruling;
    let delivery = ruling.delivery.clone()?;
    let class = delivery.failure().map(|failure| failure.class.clone());
    let raises = match (ruling.event, class) {
        (Some(event), Some(class)) => core.raises(&done.held.row, event, class),
        _ => Vec::new(),
    };
    Some(Marking {
        lease: done.held.lease(),
        delivery,
        reached: Some(done.held.reached()),
        look_in: ruling.look_in,
        perhaps_taken: ruling.perhaps_taken,
        suppress: ruling.suppress,
        raises,
    })
}

/// Marks a batch, or as much of it as can be marked.
async fn mark(core: &Core, batch: Vec<Done>) {
    let mut work = vec![batch];
    while let Some(mut some) = work.pop() {
        let (markings, lost): (Vec<_>, Vec<_>) = some
            .iter()
            .map(|done| marking(core, done))
            .partition(Option::is_some);
        if !lost.is_empty() {
            some.retain(|done| {
                let stays = done.ruling.delivery.is_some();
                if !stays {
                    core.tally.count(&done.held.lane.name, Outcome::LeaseLost);
                }
                stays
            });
        }
        if some.is_empty() {
            continue;
        }
        match attempt(core, &some, markings.into_iter().flatten().collect()).await {
            Ok(answers) => {
                for (done, marked) in some.iter().zip(answers) {
                    answered(core, done, &marked);
                }
            }
            // One of them is what the store did not take: it is found by halves.
            Err(_) if some.len() > 1 => {
                let rest = some.split_off(some.len() / 2);
                work.push(rest);
                work.push(some);
            }
            Err(error) => {
                for done in &some {
                    tracing::error!(
                        notification = %done.held.row.id, %error,
                        "not marked: its lease will run out, and it is reconciled"
                    );
                    core.tally.count(&done.held.lane.name, Outcome::LeaseLost);
                }
            }
        }
    }
}

/// Tries until the store answers. The leases are kept alive meanwhile; where they cannot be, the rows
/// fall into doubt, and what is known of them comes as a verdict.
async fn attempt(
    core: &Core,
    batch: &[Done],
    markings: Vec<Marking>,
) -> Result<Vec<Marked>, StoreError> {
    let mut trouble = Backoff::trouble();
    let mut again = false;
    loop {
        let result = core.store.mark(DeliveryBatch::new(markings.clone())?).await;
        match result {
            Err(error) if error.is_transient() => {
                tracing::warn!(%error, notifications = batch.len(), "not marked yet; trying again");
                tokio::time::sleep(trouble.next(Jitter::random())).await;
                again = true;
            }
            Ok(mut answers) => {
                for ((done, answer), marking) in batch.iter().zip(&mut answers).zip(&markings) {
                    if *answer == Marked::LeaseLost {
                        // A try whose answer was lost may have been written.
                        *answer = late(core, done, marking, again).await?;
                    }
                }
                return Ok(answers);
            }
            Err(error) => return Err(error),
        }
    }
}

/// What becomes of an answer that came when the lease had run out: it is the best evidence there is.
async fn late(
    core: &Core,
    done: &Done,
    marking: &Marking,
    again: bool,
) -> Result<Marked, StoreError> {
    let id = done.held.row.id;
    let Some(mut row) = core.store.notification(id).await? else {
        return Ok(Marked::LeaseLost);
    };
    if row.fence != done.held.row.fence {
        return Ok(Marked::LeaseLost);
    }
    if again && row.state == marking.delivery.target() {
        return Ok(Marked::Applied {
            state: row.state,
            finished_jobs: Vec::new(),
        });
    }
    if !matches!(
        marking.delivery,
        Delivery::Sent { .. } | Delivery::Retry { .. }
    ) {
        return Ok(Marked::LeaseLost);
    }
    if row.state == NotificationState::Sending {
        row = doubted(core, row).await?;
    }
    if row.state != NotificationState::InDoubt {
        return Ok(Marked::LeaseLost);
    }
    let verdict = DeliveryBatch::of_doubtful(vec![marking.clone()])?;
    let marked = core.store.mark(verdict).await?;
    Ok(marked.into_iter().next().unwrap_or(Marked::LeaseLost))
}

/// Puts a row whose lease ran out into doubt, and all others with it.
async fn doubted(core: &Core, row: Notification) -> Result<Notification, StoreError> {
    loop {
        let expired = core.store.doubt_expired(DOUBTS).await?;
        if expired.contains(&row.id) || expired.len() < DOUBTS as usize {
            let now = core.store.notification(row.id).await?;
            return Ok(now.unwrap_or(row));
        }
    }
}

fn answered(core: &Core, done: &Done, marked: &Marked) {
    let (row, lane) = (&done.held.row, &done.held.lane);
    let (Marked::Applied { .. }, Some(delivery)) = (marked, &done.ruling.delivery) else {
        telemetry::fence_rejected("mark", 1);
        tracing::warn!(
            notification = %row.id, channel = %lane.name,
            "the lease was lost: what the attempt came to was refused"
        );
        core.tally.count(&lane.name, Outcome::LeaseLost);
        return;
    };
    let outcome = match delivery {
        Delivery::Sent { .. } => Outcome::Sent,
        Delivery::Retry { .. } => Outcome::Retry,
        Delivery::Failed { .. } => Outcome::Failed,
        Delivery::InDoubt { .. } => Outcome::InDoubt,
        Delivery::Released { .. } => Outcome::PutBack,
    };
    core.tally.count(&lane.name, outcome);
    if let Some(failure) = delivery.failure() {
        tracing::warn!(
            notification = %row.id, channel = %lane.name, attempt = row.attempt,
            error_class = %failure.class, error = %failure.message,
            "{}", delivery.code()
        );
    }
}
