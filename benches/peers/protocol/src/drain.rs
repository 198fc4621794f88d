//! A worker that runs what is there.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::answer::Answer;
use crate::lines::{Incoming, say};
use crate::order::Order;
use crate::peer::Peer;
use crate::runs;

/// How often the runs are told.
const TICK: Duration = Duration::from_millis(1);
/// A worker that takes longer to warm up is slow, and is measured all the same.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) async fn run<P: Peer>(peer: &P, order: &Order) -> Result<Answer> {
    warm_up(peer, order.warm).await.context("warming up")?;
    let before = runs::count();
    let mut incoming = Incoming::ready().await?;
    let begun = Instant::now();
    let _worker = peer.start().await.context("starting the worker")?;
    let mut ticks = tokio::time::interval(TICK);
    let mut told = 0;
    loop {
        tokio::select! {
            stop = incoming.stop() => {
                stop?;
                return Ok(Answer::new(runs::count() - before, begun.elapsed()));
            }
            _ = ticks.tick() => {
                let runs = runs::count() - before;
                if runs != told {
                    say(&format!("runs {runs}"))?;
                    told = runs;
                }
            }
        }
    }
}

/// A whole life of a worker: connections, statements and code are as in a service that has run for a
/// while.
async fn warm_up<P: Peer>(peer: &P, jobs: u64) -> Result<()> {
    let worker = peer.start().await?;
    let begun = Instant::now();
    while runs::count() < jobs && begun.elapsed() < PATIENCE {
        tokio::time::sleep(TICK).await;
    }
    peer.stop(worker).await
}
