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
