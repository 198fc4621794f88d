//! Marking how sends ended: as many at a time as have ended meanwhile, or end in a moment.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::core::Core;
use super::hands::Hands;
use super::held::Held;
use super::report::Outcome;
use super::ruling::Ruling;
use crate::backoff::Backoff;
use crate::{
    Act, Actor, Delivery, DeliveryBatch, Jitter, Marked, Marking, NotificationState, RunAt,
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

/// For how long one mark is tried that the store does not take: a full disk is emptied, but a mark that no store
/// takes must not hold others back for ever.
const LONGEST_MARK: Duration = Duration::from_secs(300);

/// How many expired leases are put into doubt at a time.
pub(crate) const DOUBTS: u32 = 1000;

/// Marks until no send can end any more, and what has ended by then is marked.
pub(crate) async fn settle(
    core: Arc<Core>,
    hands: Arc<Hands>,
    mut done: mpsc::UnboundedReceiver<Done>,
) {
    let mut batch = Vec::with_capacity(MOST);
    while done.recv_many(&mut batch, MOST).await > 0 {
        gather(&core, &hands, &mut done, &mut batch).await;
        // While one batch is being written the next one gathers.
        let ended = std::mem::take(&mut batch);
        let held: Vec<_> = ended.iter().map(|done| Arc::clone(&done.held)).collect();
        pause(&core, &ended).await;
        mark(&core, ended).await;
        core.marking.waits();
        hands.let_go(&held);
    }
}

/// Lets more come while others are under way: until as many have ended as are sent at a time, so that a
/// process that dies leaves no more doubts besides than that.
async fn gather(
    core: &Core,
    hands: &Hands,
    done: &mut mpsc::UnboundedReceiver<Done>,
    batch: &mut Vec<Done>,
) {
    let at_a_time = core.lanes.iter().map(|lane| lane.policy.concurrency);
    let enough = at_a_time.fold(0, usize::saturating_add).min(MOST);
    let until = tokio::time::Instant::now() + GATHERING;
    while batch.len() < enough.min(hands.count()) {
        let more = done.recv_many(batch, MOST - batch.len());
        if !matches!(tokio::time::timeout_at(until, more).await, Ok(1..)) {
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
        lane.refuse();
        let why = format!("{}: {}", failure.class, failure.message);
        let act = Act::new(Actor::deliverer(), why);
        core.marking.asks();
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
        for lost in some.extract_if(.., |done| done.ruling.delivery.is_none()) {
            core.tally.count(&lost.held.lane.name, Outcome::LeaseLost);
        }
        if some.is_empty() {
            continue;
        }
        let markings = some.iter().filter_map(|done| marking(core, done));
        match attempt(core, &some, markings.collect()).await {
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
                    let came_to = done
                        .ruling
                        .delivery
                        .as_ref()
                        .map_or("nothing", Delivery::code);
                    tracing::error!(
                        notification = %done.held.row.id, came_to, %error,
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
    let begun = Instant::now();
    let mut trouble = Backoff::trouble();
    let mut again = false;
    loop {
        core.marking.asks();
        let result = core.store.mark(DeliveryBatch::new(markings.clone())?).await;
        match result {
            Err(error)
                if error.is_transient() || batch.len() == 1 && begun.elapsed() < LONGEST_MARK =>
            {
                core.outage
                    .failed("marks", &error, "what was sent is not marked yet");
                tokio::time::sleep(trouble.next(Jitter::random())).await;
                again = true;
            }
            Ok(mut answers) => {
                core.outage.works("marks");
                for ((done, answer), marking) in batch.iter().zip(&mut answers).zip(&markings) {
                    if *answer == Marked::LeaseLost {
                        // A try whose answer was lost may have been written.
                        *answer = late(core, done, marking, again).await;
                    }
                }
                return Ok(answers);
            }
            Err(error) => return Err(error),
        }
    }
}

/// What becomes of an answer that came when the lease had run out: it is the best evidence there is. Tried
/// until the store answers.
async fn late(core: &Core, done: &Done, marking: &Marking, again: bool) -> Marked {
    let mut trouble = Backoff::trouble();
    loop {
        core.marking.asks();
        match verdict(core, done, marking, again).await {
            Ok(Some(marked)) => return marked,
            // Somebody else is just putting it into doubt.
            Ok(None) => {}
            Err(error) if error.is_transient() => {
                core.outage
                    .failed("marks", &error, "a late answer is not marked yet");
            }
            Err(error) => {
                tracing::error!(%error, notification = %done.held.row.id, "a late answer is not marked");
                return Marked::LeaseLost;
            }
        }
        tokio::time::sleep(trouble.next(Jitter::random())).await;
    }
}

/// One try: `None` if the row is not in doubt yet.
async fn verdict(
    core: &Core,
    done: &Done,
    marking: &Marking,
    again: bool,
) -> Result<Option<Marked>, StoreError> {
    let id = done.held.row.id;
    let lost = Ok(Some(Marked::LeaseLost));
    let Some(mut row) = core.store.notification(id).await? else {
        return lost;
    };
    if row.state == NotificationState::Sending && row.fence == done.held.row.fence {
        core.store.doubt_interrupted(&[id]).await?;
        let Some(now) = core.store.notification(id).await? else {
            return lost;
        };
        row = now;
    }
    if row.fence != done.held.row.fence {
        return lost;
    }
    if again && row.state == marking.delivery.target() {
        return Ok(Some(Marked::Applied {
            state: row.state,
            finished_jobs: Vec::new(),
        }));
    }
    match row.state {
        NotificationState::Sending => Ok(None),
        NotificationState::InDoubt => {
            let Some(verdict) = as_verdict(marking) else {
                return lost;
            };
            let marked = core
                .store
                .mark(DeliveryBatch::of_doubtful(vec![verdict])?)
                .await?;
            Ok(Some(marked.into_iter().next().unwrap_or(Marked::LeaseLost)))
        }
        _ => lost,
    }
}

/// What an answer says of a doubt. A refusal says that it was not taken: the next attempt hears it again.
fn as_verdict(marking: &Marking) -> Option<Marking> {
    let delivery = match &marking.delivery {
        Delivery::Sent { .. } | Delivery::Retry { .. } => marking.delivery.clone(),
        Delivery::Failed { failure } => Delivery::Retry {
            run_at: RunAt::Now,
            failure: failure.clone(),
        },
        Delivery::InDoubt { .. } | Delivery::Released { .. } => return None,
    };
    Some(Marking {
        delivery,
        suppress: None,
        raises: Vec::new(),
        ..marking.clone()
    })
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
