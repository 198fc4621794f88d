//! Taking up what is in doubt, and what was marked and is to be confirmed.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream;
use tokio_util::sync::CancellationToken;

use super::core::Core;
use super::hands::Hands;
use super::judgement::{Judgement, Known, judge, must_ask};
use super::lane::Lane;
use super::report::Outcome;
use super::settle::DOUBTS;
use crate::channel::Outgoing;
use crate::{
    Delivery, DeliveryBatch, DeliveryLease, ErrorClass, Event, Failure, Jitter, LookRequest,
    Marked, Marking, Notification, NotificationState, RunAt, StoreError, Timestamp,
};

/// How many lookups are under way at a time.
const LOOKUPS: u32 = 8;
/// How long one lookup may take.
const LONGEST_LOOKUP: Duration = Duration::from_secs(30);

/// What one pass takes up. Nobody else gets its rows meanwhile, also where whoever looks at them dies: so it is no
/// more than can be judged soon.
#[derive(Debug, Clone, Copy)]
struct Glance {
    rows: u32,
    /// When a row is looked at again that was not judged.
    again_in: Duration,
}

impl Glance {
    fn of(lane: &Lane) -> Self {
        match lane.capabilities.lookup {
            // Twice what two lookups one after the other may take.
            Some(_) => Self {
                rows: 2 * LOOKUPS,
                again_in: 4 * LONGEST_LOOKUP,
            },
            // There is nobody to wait for, and a dead looker is found out about like a dead sender.
            None => Self {
                rows: 64,
                again_in: lane.policy.lease,
            },
        }
    }
}

/// Reconciles a channel until it is told to stop: each by itself, so that a provider that does not answer
/// keeps nobody else waiting.
pub(crate) async fn reconcile(
    core: Arc<Core>,
    lane: Arc<Lane>,
    hands: Arc<Hands>,
    every: Duration,
    stop: CancellationToken,
) {
    let name = format!("doubts of {}", lane.name);
    loop {
        let busy = match pass(&core, &lane, &hands).await {
            Ok(looked) => {
                lane.reconciling.worked(looked);
                core.outage.works(&name);
                looked >= Glance::of(&lane).rows as usize
            }
            Err(error) => {
                lane.reconciling.failed(&error);
                core.outage
                    .failed(&name, &error, "doubts are not reconciled");
                false
            }
        };
        // Half the interval at least; several processes do not come together.
        let wait = if busy {
            Duration::ZERO
        } else {
            every / 2 + Jitter::random().of(every)
        };
        lane.reconciling.sleeps(wait);
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Puts what was interrupted into doubt and looks at what is due; how many rows that were.
pub(crate) async fn pass(core: &Core, lane: &Lane, hands: &Hands) -> Result<usize, StoreError> {
    loop {
        lane.reconciling.asks();
        // Each lane for all: nobody waits for another's provider.
        let doubted = core.doubts.lock().await.pass(&*core.store, DOUBTS).await?;
        if doubted.rows > 0 {
            tracing::warn!(
                notifications = doubted.rows,
                "interrupted while they were being sent: in doubt"
            );
        }
        if !doubted.more {
            break;
        }
    }
    let glance = Glance::of(lane);
    let request = LookRequest::new(vec![lane.name.clone()], glance.rows, glance.again_in)?;
    lane.reconciling.asks();
    let rows = core.store.look(request).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let looked = rows.len();
    let now = core.store.now().await?;
    // Each answer of the provider is a sign of life, and so is that it gave none in time.
    lane.reconciling.sleeps(LONGEST_LOOKUP);
    let judged: Vec<_> = stream::iter(rows)
        // Its answer may still come to this process, and is better than any guess.
        .filter(|row| std::future::ready(!hands.has(row)))
        .map(|row| async move {
            let known = ask(lane, &row).await;
            let jitter = Jitter::random();
            let judgement = judge(&row, lane.capabilities, &lane.policy, known, now, jitter);
            (row, judgement)
        })
        .buffer_unordered(LOOKUPS as usize)
        .inspect(|_| lane.reconciling.sleeps(LONGEST_LOOKUP))
        .collect()
        .await;
    lane.reconciling.asks();
    let (marked, doubtful): (Vec<_>, Vec<_>) = judged
        .into_iter()
        .partition(|(row, _)| row.state == NotificationState::Sent);
    write(core, doubtful, now).await?;
    write(core, marked, now).await?;
    Ok(looked)
}

async fn ask(lane: &Lane, row: &Notification) -> Known {
    if !must_ask(row, lane.capabilities) {
        return Known::NotAsked;
    }
    let message = Outgoing::of(row);
    match tokio::time::timeout(LONGEST_LOOKUP, lane.channel.lookup(&message)).await {
        Ok(Ok(lookup)) => Known::Answer(lookup),
        Ok(Err(error)) => {
            tracing::warn!(notification = %row.id, channel = %lane.name, %error, "the provider cannot be asked");
            Known::Unreachable
        }
        Err(_) => Known::Unreachable,
    }
}

/// Writes judgements on rows of one state.
async fn write(
    core: &Core,
    judged: Vec<(Notification, Judgement)>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some((first, _)) = judged.first() else {
        return Ok(());
    };
    let sent = first.state == NotificationState::Sent;
    let markings = judged
        .iter()
        .map(|(row, judgement)| marking(core, row, judgement, now));
    let markings: Vec<Marking> = markings.collect();
    let batch = if sent {
        DeliveryBatch::of_sent(markings)?
    } else {
        DeliveryBatch::of_doubtful(markings)?
    };
    let answers = core.store.mark(batch).await?;
    for ((row, judgement), marked) in judged.iter().zip(answers) {
        // Somebody else was faster: an operator, say.
        if matches!(marked, Marked::Applied { .. }) {
            told(core, row, judgement);
        }
    }
    Ok(())
}

fn marking(core: &Core, row: &Notification, judgement: &Judgement, now: Timestamp) -> Marking {
    let lease = DeliveryLease {
        store: core.store.id(),
        id: row.id,
        fence: row.fence,
        expires_at: now,
    };
    let marked = row.state == NotificationState::Sent;
    let stays = || match (&row.failure, marked) {
        (_, true) => Delivery::Sent { provider_id: None },
        (Some((class, text)), false) => Delivery::InDoubt {
            failure: Failure::retryable(class.clone(), text.clone()),
        },
        (None, false) => Delivery::InDoubt {
            failure: Delivery::interrupted(),
        },
    };
    let (delivery, look_in, event) = match judgement {
        Judgement::Delivered(provider_id) => {
            let provider_id = provider_id.clone();
            (Delivery::Sent { provider_id }, None, None)
        }
        Judgement::SendAgain { failure, wait, .. } => {
            let failure = failure.clone();
            let run_at = RunAt::In(*wait);
            (Delivery::Retry { run_at, failure }, None, None)
        }
        Judgement::Wait(wait) => (stays(), Some(*wait), None),
        Judgement::Hold => (stays(), None, Some(Event::DoubtHeld)),
        Judgement::Violated(failure) => {
            let failure = failure.clone();
            let event = Some(Event::OrderingViolated);
            (Delivery::InDoubt { failure }, None, event)
        }
    };
    let class = delivery.failure().map(|failure| failure.class.clone());
    let raises = event.map_or_else(Vec::new, |event| {
        core.raises(row, event, class.unwrap_or_else(ErrorClass::unclassified))
    });
    let perhaps_taken = match judgement {
        Judgement::SendAgain { perhaps_taken, .. } => Some(*perhaps_taken),
        Judgement::Delivered(_) => Some(false),
        // Somebody said that it was sent: how far our own attempt got proves nothing then.
        Judgement::Violated(_) => Some(true),
        Judgement::Wait(_) | Judgement::Hold => None,
    };
    Marking {
        look_in,
        perhaps_taken,
        raises,
        ..Marking::from((lease, delivery))
    }
}

fn told(core: &Core, row: &Notification, judgement: &Judgement) {
    let channel = &row.intent.channel;
    let outcome = match judgement {
        // A confirmation is what was expected.
        Judgement::Delivered(_) if row.state == NotificationState::Sent => return,
        Judgement::Wait(_) => return,
        Judgement::Delivered(_) => Outcome::FoundDelivered,
        Judgement::SendAgain { failure, .. } => {
            tracing::warn!(notification = %row.id, %channel, why = %failure.message, "in doubt, and sent again");
            Outcome::SentAgain
        }
        Judgement::Hold => {
            tracing::error!(notification = %row.id, %channel, "in doubt: only an operator can tell");
            Outcome::Held
        }
        Judgement::Violated(_) => {
            tracing::error!(
                notification = %row.id, %channel,
                "marked as sent, and the provider has not got it: the mark is taken back"
            );
            Outcome::Violated
        }
    };
    core.tally.count(channel, outcome);
}
