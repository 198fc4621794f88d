//! Writing down how far sends are: what passes the gate, and who still lives.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};
use tokio::time::MissedTickBehavior;

use super::core::Core;
use super::hands::Hands;
use super::held::Held;
use crate::channel::{GateShut, Noting};
use crate::{DeliveryPhase, NotificationId, PhaseBatch, PhaseNoted, StoreError, telemetry};

/// A send that stands before its gate.
#[derive(Debug)]
pub(crate) struct Pass {
    held: Arc<Held>,
    answer: oneshot::Sender<Result<(), GateShut>>,
}

/// A gate whose passages are written down by the loop.
pub(crate) struct Gatekeeper {
    pub(crate) held: Arc<Held>,
    pub(crate) passes: mpsc::UnboundedSender<Pass>,
}

#[async_trait]
impl Noting for Gatekeeper {
    async fn commit(&self) -> Result<(), GateShut> {
        let (answer, answered) = oneshot::channel();
        let pass = Pass {
            held: Arc::clone(&self.held),
            answer,
        };
        let stopped = || GateShut::NotWritten("the deliverer has stopped".to_owned());
        self.passes.send(pass).map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }
}

/// The most of one batch.
const MOST: usize = 1000;

/// Writes phases until nobody can pass any more. One task, so that a sign of life never overwrites a
/// passage.
pub(crate) async fn write(
    core: Arc<Core>,
    hands: Arc<Hands>,
    mut passes: mpsc::UnboundedReceiver<Pass>,
) {
    let shortest = core.lanes.iter().map(|lane| lane.policy.lease).min();
    let every = shortest.unwrap_or(Duration::from_secs(60)) / 3;
    let mut tick = tokio::time::interval(every);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tick.tick().await;
    let mut batch = Vec::with_capacity(MOST);
    loop {
        tokio::select! {
            biased;
            _ = tick.tick() => {
                // A lease has half of its time left at the least: see `PhaseBatch::enough`.
                for (lease, held) in by_lease(hands.all()) {
                    live(&core, lease, &held).await;
                }
            }
            count = passes.recv_many(&mut batch, MOST) => {
                if count == 0 {
                    return;
                }
                gather(&mut passes, &mut batch).await;
                pass(&core, &mut batch).await;
            }
        }
    }
}

/// Lets those come along that are about to come to their gate: as long as others that could run bring some.
async fn gather(passes: &mut mpsc::UnboundedReceiver<Pass>, batch: &mut Vec<Pass>) {
    let mut before = 0;
    while before < batch.len() && batch.len() < MOST {
        before = batch.len();
        tokio::task::yield_now().await;
        while batch.len() < MOST
            && let Ok(pass) = passes.try_recv()
        {
            batch.push(pass);
        }
    }
}

/// A batch lets all its leases go on for the same time.
fn by_lease(held: Vec<Arc<Held>>) -> HashMap<Duration, Vec<Arc<Held>>> {
    let mut groups: HashMap<Duration, Vec<Arc<Held>>> = HashMap::new();
    for held in held {
        groups.entry(held.lane.policy.lease).or_default().push(held);
    }
    groups
}

async fn live(core: &Core, lease: Duration, held: &[Arc<Held>]) {
    for some in held.chunks(MOST) {
        let notes = some.iter().map(|held| (held.lease(), held.noted()));
        match note(core, notes.collect(), lease).await {
            // One whose lease is lost goes on all the same: its answer is evidence, also when it comes late.
            Ok(_) => core.outage.works("leases"),
            Err(error) => {
                core.outage
                    .failed("leases", &error, "leases on notifications are not renewed");
            }
        }
    }
}

async fn pass(core: &Core, batch: &mut Vec<Pass>) {
    let mut groups: HashMap<Duration, Vec<Pass>> = HashMap::new();
    let mut newest: HashMap<NotificationId, Pass> = HashMap::new();
    for pass in batch.drain(..) {
        // Of a row that was let go and leased again meanwhile only the later lease can be current.
        let other = match newest.remove(&pass.held.row.id) {
            Some(other) if other.held.row.fence > pass.held.row.fence => {
                newest.insert(other.held.row.id, other);
                Some(pass)
            }
            other => {
                newest.insert(pass.held.row.id, pass);
                other
            }
        };
        if let Some(older) = other {
            let _ = older.answer.send(Err(GateShut::LeaseLost));
        }
    }
    for pass in newest.into_values() {
        let lease = pass.held.lane.policy.lease;
        groups.entry(lease).or_default().push(pass);
    }
    for (lease, passes) in groups {
        let commit = |pass: &Pass| (pass.held.lease(), DeliveryPhase::Committing);
        let answers = note(core, passes.iter().map(commit).collect(), lease).await;
        let mut answers = answers.map(Vec::into_iter).map_err(|e| e.to_string());
        for pass in passes {
            let answer = match &mut answers {
                Ok(answers) => match answers.next() {
                    Some(PhaseNoted::Noted { .. }) => {
                        pass.held.note(DeliveryPhase::Committing);
                        Ok(())
                    }
                    Some(PhaseNoted::LeaseLost) => {
                        telemetry::fence_rejected("note_phases", 1);
                        Err(GateShut::LeaseLost)
                    }
                    None => Err(GateShut::NotWritten("the store gave no answer".to_owned())),
                },
                Err(error) => Err(GateShut::NotWritten(error.clone())),
            };
            // Nobody waits for it if the send was dropped meanwhile; then nothing is sent either.
            let _ = pass.answer.send(answer);
        }
    }
}

async fn note(
    core: &Core,
    notes: Vec<(crate::DeliveryLease, DeliveryPhase)>,
    lease: Duration,
) -> Result<Vec<PhaseNoted>, StoreError> {
    let batch = PhaseBatch::new(notes, lease)?;
    core.writing.asks();
    let noted = core.store.note_phases(batch).await;
    core.writing.waits();
    noted
}
