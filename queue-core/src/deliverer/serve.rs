//! Serving one channel: leasing its rows, and keeping its sends going.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::core::{Core, Outlets};
use super::held::Held;
use super::lane::{Lane, Room};
use super::ruling::{Health, Ruling};
use super::send::send;
use super::settle::Done;
use crate::backoff::Backoff;
use crate::trouble::Trouble;
use crate::{
    Delivery, DeliveryRequest, ErrorClass, Event, Failure, Jitter, MAX_BATCH, RunAt, StoreError,
    Suppression,
};

/// Serves a channel until it is told to stop, and then waits for the sends that are under way.
pub(crate) async fn serve(
    core: Arc<Core>,
    lane: Arc<Lane>,
    outlets: Outlets,
    stop: CancellationToken,
) -> Result<(), StoreError> {
    let mut hopeless = None;
    let mut sends = JoinSet::new();
    let mut ahead: VecDeque<Arc<Held>> = VecDeque::new();
    let mut wakeups = core.store.wakeups().listen();
    let (mut idle, mut trouble) = (Backoff::idle(), Trouble::quiet());
    let name = format!("delivery by {}", lane.name);
    while !stop.is_cancelled() {
        while sends.try_join_next().is_some() {}
        if lane.was_refused() {
            // It is paused: none of them would be taken.
            give_back(&outlets, ahead.drain(..));
        }
        let wait = match lane.room(sends.len()) {
            Room::Break(wait) => {
                // Others may have them meanwhile.
                give_back(&outlets, ahead.drain(..));
                wait
            }
            Room::Later(wait) => wait,
            Room::For(0) => Duration::MAX,
            Room::For(room) => {
                for held in ahead.drain(..room.min(ahead.len())) {
                    lane.begin();
                    sends.spawn(send(held, outlets.clone()));
                }
                if ahead.is_empty() {
                    lane.serving.asks();
                    let fetched = fetch(&core, &lane, room + lane.ahead(), &outlets).await;
                    match &fetched {
                        Ok(fetched) => {
                            lane.serving.worked(fetched.leased);
                            core.outage.works(&name);
                        }
                        Err(error) => {
                            lane.serving.failed(error);
                            core.outage
                                .failed(&name, error, "cannot lease notifications");
                        }
                    }
                    match fetched {
                        Ok(fetched) if fetched.leased == 0 => {
                            trouble.is_over();
                            idle.next(Jitter::random())
                        }
                        Ok(fetched) => {
                            idle.reset();
                            trouble.is_over();
                            ahead.extend(fetched.free);
                            continue;
                        }
                        Err(error) => match trouble.with(error, "cannot lease notifications") {
                            Ok(wait) => wait,
                            // What no try can mend: whoever watches over the process hears of it.
                            Err(error) => {
                                hopeless = Some(error);
                                break;
                            }
                        },
                    }
                } else {
                    Duration::MAX
                }
            }
        };
        let wait = wait.min(Duration::from_secs(3600));
        lane.serving.sleeps(wait);
        tokio::select! {
            () = stop.cancelled() => {}
            Some(_) = sends.join_next() => {}
            () = wakeups.woken() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
    lane.serving.waits();
    give_back(&outlets, ahead.drain(..));
    while sends.join_next().await.is_some() {}
    hopeless.map_or(Ok(()), Err)
}

/// Sends what is due on a channel now, once; how many rows there were.
pub(crate) async fn pass(
    core: &Arc<Core>,
    lane: &Arc<Lane>,
    outlets: &Outlets,
) -> Result<usize, StoreError> {
    let room = match lane.room(0) {
        Room::Break(_) => return Ok(0),
        Room::Later(wait) => {
            tokio::time::sleep(wait).await;
            // There may be some: it is asked again.
            return Ok(1);
        }
        Room::For(room) => room,
    };
    let fetched = fetch(core, lane, room, outlets).await?;
    let mut sends = JoinSet::new();
    for held in fetched.free {
        lane.begin();
        sends.spawn(send(held, outlets.clone()));
    }
    while sends.join_next().await.is_some() {}
    Ok(fetched.leased)
}

/// Rows that were leased.
struct Fetched {
    /// How many.
    leased: usize,
    /// Those that are to be sent.
    free: Vec<Arc<Held>>,
}

/// Leases rows. Those whose recipient is suppressed are marked at once.
async fn fetch(
    core: &Arc<Core>,
    lane: &Arc<Lane>,
    limit: usize,
    outlets: &Outlets,
) -> Result<Fetched, StoreError> {
    let limit = u32::try_from(limit.min(MAX_BATCH)).unwrap_or(u32::MAX);
    let request = DeliveryRequest::new(core.name.clone(), limit, lane.policy.lease)?;
    let request = request.channels(vec![lane.name.clone()])?;
    let rows = core.store.lease_notifications(request).await?;
    let leased = rows.len();
    if leased == 0 {
        let free = Vec::new();
        return Ok(Fetched { leased, free });
    }
    let store = core.store.id();
    let held = rows
        .into_iter()
        .filter_map(|row| Held::new(store, Arc::clone(lane), row).map(Arc::new));
    let held: Vec<_> = held.collect();
    outlets.hands.hold(&held);
    let recipients: Vec<_> = held.iter().map(|held| held.row.goes_to().clone()).collect();
    // If it cannot be told, nothing is sent: the rows go back.
    let suppressed = match core.store.suppressed(&lane.name, &recipients).await {
        Ok(suppressed) => suppressed,
        Err(error) => {
            give_back(outlets, held);
            return Err(error);
        }
    };
    let suppressed: HashMap<_, _> = suppressed
        .into_iter()
        .map(|suppression| (suppression.recipient.clone(), suppression))
        .collect();
    let mut free = Vec::with_capacity(held.len());
    for held in held {
        match suppressed.get(held.row.goes_to()) {
            None => free.push(held),
            Some(suppression) => {
                let ruling = refuse(suppression, held.row.perhaps_taken);
                let _ = outlets.done.send(Done { held, ruling });
            }
        }
    }
    Ok(Fetched { leased, free })
}

fn refuse(suppression: &Suppression, perhaps_taken: bool) -> Ruling {
    let text = format!(
        "the recipient is suppressed since {} by {}: {}",
        suppression.created_at, suppression.origin, suppression.reason
    );
    let failure = Failure::permanent(ErrorClass::recipient_suppressed(), text);
    // Of one that may have been taken before nobody can say that it failed.
    let (delivery, event) = if perhaps_taken {
        (Delivery::InDoubt { failure }, None)
    } else {
        let failed = Delivery::Failed { failure };
        (failed, Some(Event::NotificationFailed))
    };
    Ruling {
        delivery: Some(delivery),
        look_in: None,
        perhaps_taken: None,
        suppress: None,
        pause: None,
        event,
        health: Health::Unknown,
    }
}

/// Gives rows back that were leased ahead.
fn give_back(outlets: &Outlets, rows: impl IntoIterator<Item = Arc<Held>>) {
    for held in rows {
        let ruling = Ruling {
            delivery: Some(Delivery::Released { run_at: RunAt::Now }),
            look_in: None,
            perhaps_taken: None,
            suppress: None,
            pause: None,
            event: None,
            health: Health::Unknown,
        };
        let _ = outlets.done.send(Done { held, ruling });
    }
}
