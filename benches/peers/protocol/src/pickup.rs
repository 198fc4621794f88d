//! One job at a time for a worker that has nothing else to do.

use std::time::Duration;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use tokio::sync::mpsc;

use crate::answer::Answer;
use crate::lines::Incoming;
use crate::order::Order;
use crate::peer::Peer;
use crate::runs;

/// So many come first and are not measured.
pub const WARM: u64 = 20;
/// Who waits longer for a job to run waits in vain.
const PATIENCE: Duration = Duration::from_secs(120);

/// Before the next job: long enough for everyone to fall asleep, and never in step with a timer.
#[must_use]
pub fn lull(n: u64) -> Duration {
    Duration::from_micros(4_000 + (n * 7_919) % 6_000)
}

pub(crate) async fn run<P: Peer>(peer: &P, order: &Order) -> Result<Answer> {
    let mut moments = runs::listen();
    let worker = peer.start().await.context("starting the worker")?;
    let limit = Duration::from_secs_f64(order.seconds);
    pick_up(peer, WARM, &mut moments, limit).await?;
    Incoming::ready().await?;
    let times = pick_up(peer, order.jobs, &mut moments, limit).await?;
    peer.stop(worker).await.context("stopping the worker")?;
    let took = times.iter().sum();
    Ok(Answer::new(times.len() as u64, took).with_times(times))
}

async fn pick_up<P: Peer>(
    peer: &P,
    jobs: u64,
    moments: &mut mpsc::UnboundedReceiver<Instant>,
    limit: Duration,
) -> Result<Vec<Duration>> {
    let begun = Instant::now();
    let mut times = Vec::new();
    for n in 0..jobs {
        if begun.elapsed() >= limit {
            break;
        }
        tokio::time::sleep(lull(n)).await;
        let asked = Instant::now();
        // The worker may well be there before the answer is.
        peer.enqueue().await?;
        let Ok(moment) = tokio::time::timeout(PATIENCE, moments.recv()).await else {
            bail!("job {n} did not run within {PATIENCE:?}");
        };
        let ran = moment.context("nothing runs any more")?;
        times.push(ran.saturating_duration_since(asked));
    }
    Ok(times)
}
