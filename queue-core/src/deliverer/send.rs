//! One attempt to send.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures::FutureExt;
use metrics::histogram;

use super::core::Outlets;
use super::held::Held;
use super::phases::Gatekeeper;
use super::ruling::{Attempt, Ended, may_send, rule};
use super::settle::Done;
use crate::Jitter;
use crate::channel::{Gate, Outgoing, SendError};

/// Sends one row, and hands on what follows from how that ended.
pub(crate) async fn send(held: Arc<Held>, outlets: Outlets) {
    let begun = Instant::now();
    let ended = attempt(&held, &outlets).await;
    let lane = &held.lane;
    if let Ended::Answered(Err(error)) = &ended {
        tracing::debug!(notification = %held.row.id, channel = %lane.name, %error, "not sent");
    }
    histogram!("leasehold_delivery_duration_seconds", "channel" => lane.name.to_string())
        .record(begun.elapsed().as_secs_f64());
    let ruling = rule(
        ended,
        Attempt {
            capabilities: lane.capabilities,
            policy: &lane.policy,
            reached: held.reached(),
            perhaps_taken: held.row.perhaps_taken,
            number: held.row.attempt,
            age: held.age(),
            jitter: Jitter::random(),
        },
    );
    lane.note(ruling.health);
    // The loop that marks it outlives every send.
    let _ = outlets.done.send(Done { held, ruling });
}

async fn attempt(held: &Arc<Held>, outlets: &Outlets) -> Ended {
    let row = &held.row;
    if !row.is_intact() {
        let text = "the stored message is not the one that was stored: its digest differs";
        return Ended::Answered(Err(SendError::message_unsupported(text)));
    }
    let lane = &held.lane;
    if !may_send(
        row.perhaps_taken,
        lane.capabilities,
        &lane.policy,
        held.age(),
    ) {
        return Ended::KeyForgotten;
    }
    let keeper = Gatekeeper {
        held: Arc::clone(held),
        passes: outlets.passes.clone(),
    };
    let mut gate = Gate::noted(Box::new(keeper), Arc::clone(&held.reached));
    let message = Outgoing::of(row);
    let call = AssertUnwindSafe(held.lane.channel.send(&message, &mut gate)).catch_unwind();
    tokio::select! {
        biased;
        answer = call => match answer {
            Ok(answer) => Ended::Answered(answer),
            Err(_) => Ended::Panicked,
        },
        () = outlets.drop.cancelled() => Ended::Dropped,
        () = tokio::time::sleep(held.lane.policy.longest_send) => Ended::TooLong,
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::channel::FileChannel;
    use crate::deliverer::lane::Lane;
    use crate::memory::MemoryStore;
    use crate::{
        ChannelName, ChannelPolicy, Delivery, DeliveryRequest, ErrorClass, Intent, JobStore,
        NewNotification, OutboxStore, Payload, PublishBatch, Purpose, Recipient, Revision, Subject,
        WorkerName,
    };

    fn payload(text: &str) -> Payload {
        Payload::new(text.to_owned(), "text/plain").unwrap()
    }

    #[tokio::test]
    async fn what_is_not_what_was_stored_is_not_sent() {
        let store = MemoryStore::default();
        let email = ChannelName::new("email").unwrap();
        let intent = Intent {
            channel: email.clone(),
            purpose: Purpose::new("p").unwrap(),
            subject: Subject::new("s").unwrap(),
            recipient: Recipient::new("r").unwrap(),
            revision: Revision::new(1),
        };
        let new = NewNotification::new(intent, payload("as it was"));
        store
            .publish(PublishBatch::new(vec![new]).unwrap())
            .await
            .unwrap();
        let policy = ChannelPolicy::default();
        let worker = WorkerName::new("w").unwrap();
        let request = DeliveryRequest::new(worker, 1, policy.lease).unwrap();
        let row = store.lease_notifications(request).await.unwrap().remove(0);

        for (text, code) in [("as it was", "sent"), ("other words", "failed")] {
            let mut row = row.clone();
            row.message = payload(text);
            // Nobody keeps the gate: what is sent at all would wait before it.
            let (passes, mut at_gate) = mpsc::unbounded_channel();
            let (done, mut ended) = mpsc::unbounded_channel();
            let outlets = Outlets {
                passes,
                done,
                hands: Arc::default(),
                drop: CancellationToken::new(),
            };
            let channel = Arc::new(FileChannel::stdout());
            let lane = Arc::new(Lane::new(email.clone(), channel, policy.clone()));
            let held = Arc::new(Held::new(store.id(), lane, row).unwrap());
            let sending = tokio::spawn(send(held, outlets));
            if code == "sent" {
                assert!(at_gate.recv().await.is_some(), "it comes to the gate");
                sending.abort();
                continue;
            }
            // One that came to the gate would be given back.
            drop(at_gate);
            sending.await.unwrap();
            let delivery = ended.recv().await.unwrap().ruling.delivery.unwrap();
            assert_eq!(delivery.code(), code);
            let Delivery::Failed { failure } = delivery else {
                unreachable!("its code says so");
            };
            assert_eq!(failure.class, ErrorClass::message_unsupported());
        }
    }
}
