//! Many jobs by the fastest call.

use std::time::Instant;

use anyhow::{Context, Result};

use crate::answer::Answer;
use crate::lines::Incoming;
use crate::order::Order;
use crate::peer::Peer;

/// So many are given to [`Peer::enqueue_many`] at a time, to bound memory. W2 is one call.
const PER_CALL: u64 = 50_000;

pub(crate) async fn fill<P: Peer>(peer: &P, order: &Order) -> Result<Answer> {
    let begun = Instant::now();
    let (mut left, mut ids) = (order.jobs, 0);
    while left > 0 {
        let taken = left.min(PER_CALL);
        let given = peer.enqueue_many(usize::try_from(taken)?).await;
        ids += given.context("enqueueing many")? as u64;
        left -= taken;
    }
    Ok(Answer {
        ids: Some(ids),
        ..Answer::new(order.jobs, begun.elapsed())
    })
}

pub(crate) async fn run<P: Peer>(peer: &P, order: &Order) -> Result<Answer> {
    peer.enqueue().await.context("the first job")?;
    Incoming::ready().await?;
    fill(peer, order).await
}
