//! One job after the other, by many producers.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures::future::try_join_all;

use crate::answer::Answer;
use crate::lines::Incoming;
use crate::order::Order;
use crate::peer::Peer;

/// So many per producer make connections and prepare statements before anything is measured.
pub const WARM: u64 = 10;

pub(crate) async fn run<P: Peer>(peer: &P, order: &Order) -> Result<Answer> {
    let long = Duration::from_secs(3600);
    produce(peer, order.producers, WARM * order.producers as u64, long)
        .await
        .context("warming up")?;
    Incoming::ready().await?;
    let limit = Duration::from_secs_f64(order.seconds);
    produce(peer, order.producers, order.jobs, limit).await
}

async fn produce<P: Peer>(
    peer: &P,
    producers: usize,
    jobs: u64,
    limit: Duration,
) -> Result<Answer> {
    let each = jobs / producers as u64;
    let begun = Instant::now();
    let tasks = (0..producers).map(|_| {
        let peer = peer.clone();
        tokio::spawn(async move {
            let mut times = Vec::new();
            while (times.len() as u64) < each && begun.elapsed() < limit {
                let asked = Instant::now();
                peer.enqueue().await?;
                times.push(asked.elapsed());
            }
            anyhow::Ok(times)
        })
    });
    let ended = try_join_all(tasks).await?;
    let took = begun.elapsed();
    let times = ended.into_iter().collect::<Result<Vec<_>>>()?.concat();
    Ok(Answer::new(times.len() as u64, took).with_times(times))
}
