//! What the loops share.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

use super::beat::Beat;
use super::hands::Hands;
use super::lane::Lane;
use super::outage::Outage;
use super::phases::Pass;
use super::report::Tally;
use super::settle::Done;
use crate::{
    DoubtSweep, ErrorClass, Escalations, Event, Notification, Purpose, Raise, Signal, Store,
    WorkerName,
};

pub(crate) struct Core {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) name: WorkerName,
    pub(crate) lanes: Vec<Arc<Lane>>,
    pub(crate) escalations: Escalations,
    pub(crate) tally: Tally,
    pub(crate) doubts: Mutex<DoubtSweep>,
    /// Of the loops that serve all lanes: phases, marks, incidents and figures.
    pub(crate) writing: Beat,
    pub(crate) marking: Beat,
    pub(crate) resolving: Beat,
    pub(crate) measuring: Beat,
    pub(crate) outage: Outage,
}

/// How long a row is left alone that makes its page fail.
pub(crate) const SET_ASIDE_FOR: Duration = Duration::from_secs(600);

/// What a send hands on.
#[derive(Debug, Clone)]
pub(crate) struct Outlets {
    pub(crate) passes: mpsc::UnboundedSender<Pass>,
    pub(crate) done: mpsc::UnboundedSender<Done>,
    /// What this run holds.
    pub(crate) hands: Arc<Hands>,
    /// Sends are to be dropped.
    pub(crate) drop: CancellationToken,
}

impl Core {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        name: WorkerName,
        lanes: Vec<Arc<Lane>>,
        escalations: Escalations,
    ) -> Self {
        Self {
            store,
            name,
            lanes,
            escalations,
            tally: Tally::default(),
            doubts: Mutex::new(DoubtSweep::new(SET_ASIDE_FOR)),
            writing: Beat::default(),
            marking: Beat::default(),
            resolving: Beat::default(),
            measuring: Beat::default(),
            outage: Outage::new(true),
        }
    }

    /// Leaves it to others to say that the store is not there.
    pub(crate) fn saying_outages(mut self, says: bool) -> Self {
        self.outage = Outage::new(says);
        self
    }

    /// What a happening to a row raises.
    pub(crate) fn raises(&self, row: &Notification, event: Event, class: ErrorClass) -> Vec<Raise> {
        let purpose = &row.intent.purpose;
        let channel = &row.intent.channel;
        let signal = Signal::on_channel(event, channel.clone(), class);
        let mut raises = self.escalations.raises(&signal);
        if *purpose == Purpose::escalation() || *purpose == Purpose::resolution() {
            tracing::error!(notification = %row.id, %signal, "an escalation itself is not delivered");
            // Those are told who hear of it another way.
            for raise in &mut raises {
                raise.to.retain(|(other, _)| other != channel);
            }
            raises.retain(|raise| !raise.to.is_empty());
        }
        raises
    }
}
